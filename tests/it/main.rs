//! Tests through the public interface: one crate, a file a subject.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets the unexpected should stop there"
)]

mod config;
mod publish;
mod serve;
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; clippy exempts only the test functions themselves"
)]

mod fetch;
mod support;
mod seeds;
