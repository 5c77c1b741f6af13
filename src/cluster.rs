//! Grouping: which story an article belongs to, given the open window of stories.
//!
//! In come profiles with the stories they were put into, out goes a [`Link`] for each unit that asks. [`Window`] is
//! the memory; [`tie`] makes units of seeds, [`copy`] finds syndicated text, [`identity`] names what a grouping made.
//! Pure and synchronous. Never reads a clock, never looks at the order of a hash table, and never decides for the
//! caller: a window that is put together anew from the same articles in the same order answers the same.

pub mod copy;
pub mod identity;
pub mod line;
pub mod linkage;
pub mod measure;
pub mod open;
mod place;
mod postings;
mod resident;
pub mod stream;
pub mod tie;
mod window;

pub use window::{Link, Rules, Window};
