//! What tests stand on.

pub mod playhouse;
