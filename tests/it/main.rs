//! Tests through the public interface: one crate, a file a subject.

mod config;
mod publish;
mod serve;
