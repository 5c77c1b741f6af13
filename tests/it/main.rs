//! Tests through the public interface: one crate, a file a subject.

mod cluster;
