//! What tests stand on.

pub mod playhouse;
pub mod world;
