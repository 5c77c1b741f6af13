//! To be built.
pub mod inspect;
