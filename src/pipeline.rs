//! The five stages: reload, poll, enrich, group, release. Two more bring entries beside polling: `websub` takes what
//! hubs deliver, `backfill` reads the past of a new source. One more follows `release`: `hub` tells who subscribed.
//!
//! Each stage is one method, `step(limit)`: take rows that wait, do the work, commit the new state, say how many.
//! The store is the queue between them: a crash at any instruction loses nothing that was committed, and a test
//! calls `step` by hand. A [`driver`] repeats a stage until it returns 0, then waits to be woken.

mod arrivals;
pub mod backfill;
mod copies;
mod discovery;
pub mod driver;
pub mod enrich;
pub mod follow;
pub mod group;
pub mod hub;
pub mod images;
pub mod intake;
mod pictures;
pub mod poll;
pub mod problems;
pub mod release;
pub mod reload;
mod round;
pub mod setback;
pub mod story;
pub mod vigil;
pub mod websub;

use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// What every stage holds: the store and the time.
#[derive(Clone)]
pub struct Wire {
    /// Memory and queue.
    pub store: Store,
    /// Now.
    pub clock: Clock,
}

/// Why a stage could not go on. The step is repeated later; nothing it had not committed is kept.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step panicked: a bug; its transaction was rolled back.
    #[error("a step panicked: {0}")]
    Panic(String),
    /// The output folder says no.
    #[error("output {path}: {cause}")]
    Output {
        /// The file or folder.
        path: std::path::PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}

/// What a stage returns: how many rows it took.
pub type StageResult = Result<usize, StageError>;
