//! What tests stand on.

pub mod playhouse;
pub mod process;
pub mod tools;
pub mod world;
