//! How alike two articles are: in come two [`Profile`]s, out goes a [`Similarity`] in 0 to 1 with reasons for people.
//!
//! Never looks at a story, at the clock or at anything outside its arguments, and never depends on the order of a
//! hash table: the same two profiles under the same document frequencies give the same bits.
//!
//! A profile holds what comparing needs and no text: hashed word stems with a few flags, and a [`Sketch`] for copies.
//! [`evidence::EVIDENCE`] is the closed table of what is looked at in a pair; [`Model`] weighs it.

pub mod evidence;
mod model;
mod profile;
pub mod rarity;
mod reason;
mod segment;
mod sketch;
mod stop;
mod tongue;
mod usual;
pub mod weighed;

pub use model::{Model, Node, Similarity};
pub use profile::{Profile, Term};
pub use reason::{parts, reasons};
pub use sketch::{Likeness, Sketch};
pub use tongue::likely;

/// What stands for a stem in terms and tables.
#[must_use]
pub fn stem_key(stem: &str) -> u32 {
    profile::hash(stem)
}
