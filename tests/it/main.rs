//! Tests through the public interface: one crate, a file a subject.

// `cfg(test)` lets Clippy know that these are tests: their small functions may unwrap.
#[cfg(test)]
mod publish;
