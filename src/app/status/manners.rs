//! How politely each source was asked so far: the columns of the score card, for real sources.

use serde::Serialize;

use crate::model::Tally;
use crate::schedule::poll;
use crate::store::{Result, View};
use crate::url;

/// The manners of a wire.
#[derive(Debug, Clone, Serialize)]
pub struct MannersReport {
    /// Listed sources, in the order they were added.
    pub sources: Vec<SourceManners>,
    /// All of them together.
    pub total: Manners,
    /// Article pages that were not asked, as robots.txt of their host forbids it.
    pub pages_left_to_robots: u64,
}

/// The manners towards one source.
#[derive(Debug, Clone, Serialize)]
pub struct SourceManners {
    /// Its address, tokens masked.
    pub source: String,
    /// It is asked no more, unless it is revived.
    pub rests: bool,
    /// What was counted.
    #[serde(flatten)]
    pub manners: Manners,
}

/// What was counted, and whether it is as it should be.
#[derive(Debug, Clone, Serialize)]
pub struct Manners {
    /// Requests, redirects not counted (S2).
    pub requests: u32,
    /// Those for which there were validators to send (S1, S3).
    pub conditional: u32,
    /// Share of requests, 0 to 1.
    pub conditional_share: f64,
    /// 304 answers.
    pub unchanged: u32,
    /// Share of requests, 0 to 1.
    pub unchanged_share: f64,
    /// Unconditional requests although validators were held (S1, S10). Must be 0.
    pub unconditional_repeats: u32,
    /// Requests before a floor, `max-age`, `Expires` or `ttl` was over (S11 to S13, S17). Only `--force` may.
    pub early: u32,
    /// 429 and 503 answers.
    pub throttled: u32,
    /// Requests before a `Retry-After` was over (S14). Only `--force` may.
    pub before_retry_after: u32,
    /// Permanent redirects that were stored (S23).
    pub redirects_stored: u32,
    /// 226 answers (S30).
    pub deltas: u32,
    /// Other failures.
    pub failed: u32,
    /// Times that our own rules, or a resting host, kept us from asking.
    pub refused: u32,
    /// Nothing that must be 0 is more.
    pub polite: bool,
}

impl From<Tally> for Manners {
    fn from(tally: Tally) -> Self {
        let share = |count: u32| if tally.requests == 0 { 0.0 } else { f64::from(count) / f64::from(tally.requests) };
        Self {
            requests: tally.requests,
            conditional: tally.conditional,
            conditional_share: share(tally.conditional),
            unchanged: tally.unchanged,
            unchanged_share: share(tally.unchanged),
            unconditional_repeats: tally.repeats,
            early: tally.early,
            throttled: tally.throttled,
            before_retry_after: tally.hasty,
            redirects_stored: tally.moves,
            deltas: tally.deltas,
            failed: tally.failed,
            refused: tally.refused,
            polite: tally.repeats == 0 && tally.early == 0 && tally.hasty == 0,
        }
    }
}

/// The manners so far.
///
/// # Errors
/// When the store fails.
pub fn manners(view: &View<'_>) -> Result<MannersReport> {
    let rows: Vec<_> = view.sources()?.into_iter().filter(|row| row.listed).collect();
    let total = rows.iter().fold(Tally::default(), |sum, row| sum.plus(row.poll.tally));
    let sources = rows.iter().map(|row| SourceManners {
        source: url::mask(&row.source.url),
        rests: poll::rests(&row.poll),
        manners: row.poll.tally.into(),
    });
    Ok(MannersReport {
        sources: sources.collect(),
        total: total.into(),
        pages_left_to_robots: view.pages_left_to_robots()?,
    })
}
