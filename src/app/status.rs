//! The state of the wire: sources, pages, queues, and what is wrong with them.

mod manners;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::duplicates::{self, Duplicate};
use crate::model::{Discovery, Place};
use crate::pipeline::backfill;
use crate::schedule::{poll, subscription};
use crate::store::{Counts, HostRow, Result, SeedRow, SourceRow, Trouble, View};
use crate::url;

pub use manners::{Manners, MannersReport, SourceManners, manners};

/// Troubles listed in a status; the rest is counted.
const TROUBLES: usize = 200;

/// The state of the wire.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// How much there is, and how much waits.
    pub counts: Counts,
    /// Why the daemon's last reload was refused, if it was: the configuration in force is an older one.
    pub refused_reload: Option<String>,
    /// Listed sources, next poll first.
    pub sources: Vec<SourceStatus>,
    /// Sources that are the same feed as another.
    pub duplicates: Vec<Duplicate>,
    /// Pages whose last visit went wrong, next try first.
    pub troubles: Vec<Trouble>,
    /// Hosts that rest as a whole.
    pub resting_hosts: Vec<HostStatus>,
    /// When the next page is due.
    pub next_page_at: Option<Timestamp>,
    /// Seed files that cannot be used, or are excluded as unpublished.
    pub seeds: Vec<SeedStatus>,
}

/// One source.
#[derive(Debug, Clone, Serialize)]
pub struct SourceStatus {
    /// Its address, tokens masked.
    pub url: String,
    /// The feed's own title.
    pub title: Option<String>,
    /// Last answer.
    pub answered_at: Option<Timestamp>,
    /// Next poll; `None`: it rests.
    pub next_check_at: Option<Timestamp>,
    /// Which rule set the next poll.
    pub reason: String,
    /// Failures in a row.
    pub failures: u32,
    /// The last failure.
    pub problem: Option<String>,
    /// Where it moved to for good, tokens masked: that address is asked instead.
    pub moved_to: Option<String>,
    /// Its address is a page: the feed it led to.
    pub discovered: Option<DiscoveredFeed>,
    /// Where its subscription at a hub stands, if its feed names one.
    pub hub: Option<String>,
    /// How far its past was read, if its feed links to it.
    pub past: Option<String>,
}

/// The feed that is asked in place of a listed page.
#[derive(Debug, Clone, Serialize)]
pub struct DiscoveredFeed {
    /// Its address, tokens masked.
    pub feed: String,
    /// The page names none: this is one of `fetch.discover_paths`.
    pub is_guess: bool,
    /// It has answered with a feed.
    pub is_proven: bool,
    /// Other feeds that the page names, best first, tokens masked.
    pub others: Vec<String>,
}

/// One host that rests.
#[derive(Debug, Clone, Serialize)]
pub struct HostStatus {
    /// Registrable domain.
    pub domain: String,
    /// It rests until then.
    pub not_before: Timestamp,
}

/// One seed file that brings nothing.
#[derive(Debug, Clone, Serialize)]
pub struct SeedStatus {
    /// The file.
    pub file: String,
    /// Why.
    pub problem: String,
}

/// The state of the wire at `now`.
///
/// # Errors
/// When the store fails.
pub fn status(view: &View<'_>, now: Timestamp) -> Result<Status> {
    let rows = view.sources()?;
    let duplicates = duplicates::find(view, &rows)?;
    Ok(Status { duplicates, ..of(view, rows, now)? })
}

/// The same without a look for duplicates, which compares what all sources say: for who looks again and again.
///
/// # Errors
/// When the store fails.
pub fn glance(view: &View<'_>, now: Timestamp) -> Result<Status> {
    of(view, view.sources()?, now)
}

fn of(view: &View<'_>, rows: Vec<SourceRow>, now: Timestamp) -> Result<Status> {
    let hubs: BTreeMap<_, _> = view
        .wanted_subscriptions(false)?
        .into_iter()
        .map(|row| (row.source, subscription::line(&row.state, now)))
        .collect();
    let pasts: BTreeMap<_, _> = view.archives()?.iter().map(|row| (row.source, backfill::line(row))).collect();
    let mut sources: Vec<SourceStatus> = rows
        .into_iter()
        .filter(|row| row.listed)
        .map(|row| SourceStatus {
            url: url::mask(&row.source.url),
            title: row.title,
            answered_at: row.poll.answered_at,
            next_check_at: (!poll::rests(&row.poll)).then_some(row.poll.next_check_at),
            reason: row.poll.reason,
            failures: row.poll.failures,
            problem: row.poll.problem,
            moved_to: row.poll.moved.map(|moved| url::mask(&moved.to)),
            discovered: row.poll.discovery.as_ref().map(DiscoveredFeed::from),
            hub: hubs.get(&row.no).cloned(),
            past: pasts.get(&row.no).cloned(),
        })
        .collect();
    sources.sort_by_key(|source| (source.next_check_at.is_none(), source.next_check_at));
    let resting = |host: HostRow| {
        let not_before = host.not_before.filter(|until| *until > now)?;
        Some(HostStatus { domain: host.domain, not_before })
    };
    Ok(Status {
        counts: view.counts()?,
        refused_reload: view.meta(super::REFUSED_RELOAD)?.filter(|why| !why.is_empty()),
        sources,
        duplicates: Vec::new(),
        troubles: view.troubles(TROUBLES)?,
        resting_hosts: view.hosts(now)?.into_iter().filter_map(resting).collect(),
        next_page_at: view.next_page_at()?,
        seeds: view.seeds()?.into_iter().filter_map(seed_status).collect(),
    })
}

impl From<&Discovery> for DiscoveredFeed {
    fn from(found: &Discovery) -> Self {
        Self {
            feed: url::mask(&found.feed),
            is_guess: found.is_guess,
            is_proven: found.is_proven,
            others: found.others.iter().map(|other| url::mask(other)).collect(),
        }
    }
}

/// What is kept of a finding about a seed file.
#[derive(Deserialize)]
struct Kept {
    severity: String,
    place: Option<Place>,
    message: String,
}

fn seed_status(row: SeedRow) -> Option<SeedStatus> {
    if row.broken {
        let findings: Vec<Kept> = serde_json::from_str(&row.findings).unwrap_or_default();
        let first = findings.into_iter().find(|finding| finding.severity == "error")?;
        let line = first.place.map(|place| format!("line {}: ", place.line)).unwrap_or_default();
        return Some(SeedStatus { file: row.path, problem: format!("{line}{}", first.message) });
    }
    let excluded = "excluded: it says `published: false` and `seeds.unpublished` is `exclude`";
    (!row.active).then(|| SeedStatus { file: row.path, problem: excluded.to_owned() })
}
