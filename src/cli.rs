//! To be built.

<<<<<<< HEAD
pub mod healthcheck;
=======
pub mod init;
pub mod schema;
>>>>>>> config
