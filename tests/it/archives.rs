//! What stands beside the live feeds: archives, digests, search, feeds cut to measure, private topics.

#![cfg(test)]

mod cut;
mod digests;
mod private;
mod search;
mod thresholds;
mod walk;
