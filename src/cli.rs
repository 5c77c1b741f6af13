//! To be built.

pub mod healthcheck;
