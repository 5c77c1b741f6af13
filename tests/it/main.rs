//! Tests through the public interface: one crate, a file a subject.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; clippy exempts only the test functions themselves"
)]

mod config;
mod fetch;
mod pipeline;
mod publish;
mod seeds;
mod serve;
mod support;
