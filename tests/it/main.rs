//! Tests through the public interface: one crate, a file a subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; clippy exempts only the test functions themselves"
)]

mod archives;
mod attacks;
mod backfill;
mod bad_days;
mod binary;
mod browser;
mod cluster;
mod config;
mod docs;
mod extract;
mod extract_pages;
mod feed;
mod fetch;
mod fuzz;
mod hub;
mod incidents;
mod kill;
mod logs;
mod manners;
mod monitoring;
mod nine;
mod pipeline;
mod publish;
mod readers;
mod seeds;
mod serve;
mod sources;
mod support;
mod tidy;
mod topics;
mod websub;
