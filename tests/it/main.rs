//! Tests through the public interface: one crate, a file a subject.

mod config;
mod serve;
// `cfg(test)` lets Clippy know that these are tests: their small functions may unwrap.
#[cfg(test)]
mod publish;
