//! The pipeline: what DESIGN calls "Meaning", one behaviour a test.

mod dedup;
mod determinism;
mod documents;
mod enrich;
mod identity;
mod linking;
mod poll;
mod regroup;
mod reload;
mod topics;
mod visits;

use super::support::examples;
use super::support::world::*;

const APART: [&str; 4] = [
    "Ferry service resumes after the harbour strike",
    "Chip maker doubles its output of memory",
    "Museum returns bronze masks to Benin",
    "Volcano on the island wakes after decades",
];
