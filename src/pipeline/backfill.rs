//! Back-fill: the past of a source, read once when it is new (RFC 5005).
//!
//! A feed that links to its past (`prev-archive`, else `next` of a paged feed) when it is first read has at most
//! [`MOST_PAGES`] pages of it read, one an hour, no further back than is of use. How far it came is in the store, so a
//! restart goes on where it was, and no page is asked twice. What is known wins over what an archive says.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::arrivals::{self, Age};
use super::enrich::note_hosts;
use super::intake::IntakeRules;
use super::round::{Bounds, Busy, OfHost, round};
use super::{StageError, StageResult, Wire};
use crate::fetch::Fetch;
use crate::model::{Feed, FeedHints, Outcome, Page, Purpose, Request, Validators};
use crate::schedule::backoff;
use crate::store::{ArchiveRow, ArchiveState, Batch, DueSource, Result, RowNo};
use crate::{feed, url};

/// Pages of the past of one source: a few hundred entries, and never a burden to its host.
pub const MOST_PAGES: usize = 10;

/// Seconds between two of them, as between two polls.
const GAP_S: i64 = 3600;

/// Sources that were added together are spread over half of that.
const SPREAD_S: i64 = GAP_S / 2;

/// Failures in a row of one page after which the past is left alone.
const MOST_FAILURES: u32 = 3;

/// Seconds to the first try after a failure, and at most.
const RETRY_S: i64 = 6 * 3600;
const RETRY_CAP_S: i64 = 48 * 3600;

/// Sources looked at when those of busy hosts are passed over.
const LOOK_AHEAD: usize = 1024;

/// What back-fill needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct BackFillRules {
    /// Entries older than that, in seconds, are of no use. Default 400 days, after which articles leave the store.
    pub horizon_s: i64,
    /// Pages asked at a time.
    pub concurrency: usize,
    /// For the articles that come of it.
    pub intake: IntakeRules,
}

/// The stage.
pub struct BackFill<F> {
    wire: Wire,
    fetch: Arc<F>,
    rules: BackFillRules,
}

/// Starts to read the past of `source` if `feed`, which is in `page`, links to it and is the first that is read of it.
///
/// # Errors
/// When the store fails.
pub(super) fn start(batch: &Batch<'_>, source: &DueSource, page: &Page, feed: &Feed, now: Timestamp) -> Result<()> {
    let Some(link) = past_of(&feed.hints, &page.final_url) else { return Ok(()) };
    if link == page.final_url || batch.has_brought_entries(source.no)? {
        return Ok(());
    }
    let wait = GAP_S + backoff::spread(&link, SPREAD_S);
    let is_found = source.poll.discovery.is_some();
    let state = ArchiveState { read: vec![page.final_url.clone()], is_found, ..ArchiveState::default() };
    batch.note_archive(&row_of(source.no, link, Some(later(now, wait)), state), true)
}

/// One line for people.
#[must_use]
pub fn line(row: &ArchiveRow) -> String {
    // The first address read is the feed itself.
    let pages = row.state.read.len().saturating_sub(1);
    let note = row.state.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    let entries = row.state.entries;
    match row.next_at {
        Some(at) => format!("{pages} of at most {MOST_PAGES} pages read, {entries} entries, next page {at:.0}{note}"),
        None => format!("{pages} pages read, {entries} entries, finished{note}"),
    }
}

impl<F: Fetch + 'static> BackFill<F> {
    /// A stage that asks through `fetch`.
    pub fn new(wire: Wire, fetch: Arc<F>, rules: BackFillRules) -> Self {
        Self { wire, fetch, rules }
    }

    /// Reads at most `limit` pages that are due, a host at most one at a time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn step(&self, limit: usize) -> StageResult {
        let bounds = Bounds { limit, concurrency: self.rules.concurrency, per_host: 1 };
        let ask = |row: ArchiveRow| {
            let fetch = Arc::clone(&self.fetch);
            async move { ask(fetch.as_ref(), row).await }
        };
        let settle = |answers: Vec<Asked>| answers.iter().try_for_each(|asked| self.settle(asked));
        round(bounds, |free, busy| self.claim(free, busy), ask, settle).await
    }

    fn claim(&self, free: usize, busy: &mut Busy) -> Result<Vec<ArchiveRow>, StageError> {
        let now = self.wire.clock.now();
        let found = self.wire.store.read(|view| view.due_archives(now, LOOK_AHEAD))?;
        let mut due = Vec::new();
        for row in found {
            if due.len() < free && busy.has_room(&row.domain) {
                if row.state.failures < MOST_FAILURES {
                    busy.enter(&row.domain);
                }
                due.push(row);
            }
        }
        if due.is_empty() {
            return Ok(due);
        }
        self.wire.store.write(|batch| {
            for row in &due {
                // Should no answer ever be settled, be it that its reading fails each time, it counts as a failure.
                let mut claimed = row.clone();
                claimed.state.failures = row.state.failures.saturating_add(1);
                let is_hopeless = row.state.failures >= MOST_FAILURES;
                if is_hopeless {
                    claimed.state.note = Some("given up: its answer could never be settled".to_owned());
                }
                claimed.next_at = (!is_hopeless).then(|| later(now, GAP_S));
                batch.note_archive(&claimed, false)?;
                batch.touch_host(&row.domain, now)?;
            }
            Ok(())
        })?;
        due.retain(|row| row.state.failures < MOST_FAILURES);
        Ok(due)
    }

    fn settle(&self, asked: &Asked) -> Result<(), StageError> {
        let Asked { row, outcome, feed } = asked;
        let now = self.wire.clock.now();
        let next = self.wire.store.write(|batch| {
            note_hosts(batch, self.fetch.as_ref(), now)?;
            let new = match feed {
                Some(feed) => {
                    let entries: Vec<_> =
                        feed.entries.iter().filter(|entry| self.is_of_use(entry, now)).cloned().collect();
                    arrivals::take_in(batch, row.source, entries, Age::Past, self.rules.intake, now)?
                }
                None => 0,
            };
            let next = self.next(row, outcome, feed.as_ref(), new, now);
            batch.note_archive(&next, false)?;
            Ok(next)
        })?;
        let address = url::mask(&row.url);
        tracing::info!(url = %address, outcome = outcome.name(), past = line(&next), "archive page asked");
        Ok(())
    }

    fn is_of_use(&self, entry: &crate::model::Entry, now: Timestamp) -> bool {
        let oldest = now.saturating_sub(SignedDuration::from_secs(self.rules.horizon_s)).unwrap_or(Timestamp::MIN);
        entry.published.or(entry.updated).is_none_or(|at| at >= oldest)
    }

    /// How far the past is read after `outcome`, which brought `new` entries that were not known.
    fn next(&self, row: &ArchiveRow, outcome: &Outcome, feed: Option<&Feed>, new: u64, now: Timestamp) -> ArchiveRow {
        let mut state = row.state.clone();
        let feed = match (outcome, feed) {
            (Outcome::Fresh(page), Some(feed)) if feed.format.is_some() => (page, feed),
            _ => return failed(row, outcome, now),
        };
        let (page, feed) = feed;
        state.read.push(row.url.clone());
        state.entries += new;
        state.failures = 0;
        state.note = None;
        let older = past_of(&feed.hints, &page.final_url);
        let end = if state.read.len() > MOST_PAGES {
            Some("enough of it")
        } else if !feed.entries.iter().any(|entry| self.is_of_use(entry, now)) {
            Some("what is left is too old to be of use")
        } else {
            match &older {
                None => Some("there is no more"),
                Some(older) if state.read.contains(older) || *older == page.final_url => Some("it goes in a circle"),
                Some(_) => None,
            }
        };
        match (end, older) {
            (None, Some(older)) => {
                let wait = GAP_S + backoff::spread(&older, SPREAD_S);
                row_of(row.source, older, Some(later(now, wait)), state)
            }
            (end, _) => {
                state.note = end.map(str::to_owned);
                ArchiveRow { next_at: None, state, ..row.clone() }
            }
        }
    }
}

/// After a page that brought nothing: it is tried again, later and not often.
fn failed(row: &ArchiveRow, outcome: &Outcome, now: Timestamp) -> ArchiveRow {
    let mut state = row.state.clone();
    state.failures = state.failures.saturating_add(1);
    let wait = backoff::after(state.failures, RETRY_S, RETRY_CAP_S, &row.url);
    let (note, again, not_before) = match outcome {
        Outcome::Throttled { status, retry_after } => {
            (format!("the server asks us to slow down ({status})"), true, *retry_after)
        }
        Outcome::Failed(failure) => {
            let denied = failure.status.is_some_and(|status| (400..500).contains(&status) && status != 408);
            (failure.to_string(), !denied, None)
        }
        Outcome::Refused(refusal) => (refusal.to_string(), false, None),
        Outcome::Gone => ("gone (410)".to_owned(), false, None),
        Outcome::Fresh(_) | Outcome::Unchanged { .. } => ("the answer is no feed".to_owned(), false, None),
    };
    state.note = Some(note);
    let again = again && state.failures < MOST_FAILURES;
    let at = later(now, wait).max(not_before.unwrap_or(now));
    ArchiveRow { next_at: again.then_some(at), state, ..row.clone() }
}

/// Where `hints` say that the past is: archives before pages (RFC 5005 sections 4 and 3).
fn past_of(hints: &FeedHints, base: &str) -> Option<String> {
    let link = hints.prev_archive.as_ref().or(hints.next.as_ref())?;
    url::resolve(base, link)
}

fn row_of(source: RowNo, link: String, next_at: Option<Timestamp>, state: ArchiveState) -> ArchiveRow {
    let domain = url::registrable_domain(&link).or_else(|| url::host(&link)).unwrap_or_default();
    ArchiveRow { source, domain, url: link, next_at, state }
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

struct Asked {
    row: ArchiveRow,
    outcome: Outcome,
    feed: Option<Feed>,
}

impl OfHost for Asked {
    fn domain(&self) -> &str {
        &self.row.domain
    }
}

async fn ask(fetch: &impl Fetch, row: ArchiveRow) -> Asked {
    let purpose = if row.state.is_found { Purpose::Discovery } else { Purpose::Feed };
    let request =
        Request { url: row.url.clone(), purpose, validators: Validators::default(), validators_of: None, enough: None };
    let outcome = fetch.fetch(&request).await;
    let feed = match &outcome {
        Outcome::Fresh(page) => Some(feed::read(&page.bytes, page.charset.as_deref(), &page.final_url)),
        _ => None,
    };
    Asked { row, outcome, feed }
}
