//! Grouping: which articles are one story, and what that story is called.
//!
//! In come profiles, out go groups with ids. [`open`] is the memory that groups, by the pairs that it knows and with
//! [`linkage`]; [`settle`] and [`identity`] name what came of it; [`tie`] makes bundles of seeds, [`copy`] finds
//! syndicated text. [`stream`] does all of it in memory for a stream of [`mod@line`]s, [`measure`] judges that.
//! Pure and synchronous. Never reads a clock, never looks at the order of a hash table, and never decides for the
//! caller: a window that is put together anew from the same arrivals answers the same.

pub mod copy;
pub mod identity;
pub mod line;
pub mod linkage;
pub mod measure;
pub mod open;
pub mod settle;
pub mod stream;
pub mod tie;
