//! To be built.

pub mod init;
pub mod schema;
