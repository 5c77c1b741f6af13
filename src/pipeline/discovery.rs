//! Discovery: a listed address that answers with a page leads to the feed that the page names.
//!
//! In come what was asked, what came of it and the state that the schedule makes of that; out goes the state with its
//! discovery begun, confirmed, moved on or given up. It asks nobody: the feed is asked by the next poll, in its own turn
//! and with the gap its host is due, and robots.txt governs it, since the operator listed the page and not the feed.

use jiff::Timestamp;

use crate::feed::discover;
use crate::model::{Discovery, FeedHints, Freshness, Outcome, Page, PollState, Purpose, Refusal, Validators};
use crate::store::DueSource;
use crate::url;

/// Others that are remembered: as many as a person would look at.
const MOST_OTHERS: usize = 10;

/// The address to ask for `source`: what is listed, or the feed that it led to.
pub(super) fn address(source: &DueSource) -> &str {
    source.poll.discovery.as_ref().map_or(&source.source.url, |found| &found.feed)
}

/// Why that address is asked.
pub(super) fn purpose(source: &DueSource) -> Purpose {
    if source.poll.discovery.is_some() { Purpose::Discovery } else { Purpose::Feed }
}

/// What becomes of the discovery of `source` after an answer that `is_feed` or is none. `after` is what the schedule
/// makes of it; `paths` are tried on the host of a page that names no feed.
pub(super) fn next(
    source: &DueSource,
    outcome: &Outcome,
    is_feed: bool,
    after: PollState,
    paths: &[String],
    now: Timestamp,
) -> PollState {
    match (&source.poll.discovery, outcome) {
        // An address that once gave a feed is no page: what stands there now is a mistake or a wall.
        (None, Outcome::Fresh(page)) if !is_feed && !source.poll.was_read => begin(source, page, after, paths, now),
        (None, _) => after,
        (Some(found), Outcome::Unchanged { .. }) => confirmed(found, after),
        (Some(found), Outcome::Fresh(_)) if is_feed => confirmed(found, after),
        (Some(found), Outcome::Fresh(_) | Outcome::Gone) => dead_end(source, found, after, now),
        (Some(found), Outcome::Failed(failure)) if matches!(failure.status, Some(404 | 410)) => {
            dead_end(source, found, after, now)
        }
        (Some(found), Outcome::Refused(Refusal::Robots(_))) => refused(found, after),
        (Some(found), _) => PollState { discovery: Some(found.clone()), ..after },
    }
}

fn begin(source: &DueSource, page: &Page, mut after: PollState, paths: &[String], now: Timestamp) -> PollState {
    let in_fields = discover::discover_in_fields(&page.links, &page.final_url);
    if !discover::is_page(&page.bytes, page.media_type.as_deref()) && in_fields.is_empty() {
        return after;
    }
    let mut named = discover::discover(&page.bytes, page.charset.as_deref(), &page.final_url);
    named.extend(in_fields);
    let is_guess = named.is_empty();
    let mut feeds: Vec<String> = Vec::new();
    let guesses = paths.iter().filter(|_| is_guess).filter_map(|path| guess(&page.final_url, path));
    for feed in named.into_iter().map(|feed| feed.url).chain(guesses) {
        // A page that names itself leads nowhere.
        if feed != page.final_url && feed != source.source.url && !feeds.contains(&feed) {
            feeds.push(feed);
        }
    }
    feeds.truncate(MOST_OTHERS + 1);
    let mut feeds = feeds.into_iter();
    if let Some(feed) = feeds.next() {
        let found = Discovery { feed, others: feeds.collect(), is_guess, is_proven: false };
        return turned(source, found, after, now);
    }
    after.problem = Some("it is a page that names no feed: list the feed itself".to_owned());
    unread(after)
}

/// The page is read again in full when its time comes: a 304 would say nothing about feeds.
fn unread(after: PollState) -> PollState {
    PollState { validators: Validators::default(), validators_of: None, was_read: false, discovery: None, ..after }
}

/// A path on the host of the page, and nowhere else.
fn guess(page: &str, path: &str) -> Option<String> {
    url::resolve(page, path).filter(|feed| url::host(feed) == url::host(page))
}

/// The next poll asks `found`, at once: its host has a gap of its own between two requests.
fn turned(source: &DueSource, found: Discovery, after: PollState, now: Timestamp) -> PollState {
    let what = if found.is_guess { "may be the feed of" } else { "is the feed of" };
    PollState {
        next_check_at: now,
        reason: format!("{} {what} the page that is listed: asked next", url::mask(&found.feed)),
        // Neither a failure nor a success yet: the waits after failures grow if it turns out to be one.
        failures: source.poll.failures,
        problem: None,
        // What the page's server said of the page holds for nothing else.
        checked_at: None,
        hints: FeedHints::default(),
        freshness: Freshness::default(),
        rhythm: None,
        trouble: None,
        moving: None,
        moved: None,
        discovery: Some(found),
        ..unread(after)
    }
}

fn confirmed(found: &Discovery, after: PollState) -> PollState {
    // Guesses that were not needed are no feeds anybody named.
    let others = if found.is_guess { Vec::new() } else { found.others.clone() };
    PollState { discovery: Some(Discovery { is_proven: true, others, ..found.clone() }), ..after }
}

/// What was found is not there: the next that the page names is asked, or, where there is none or it once worked, the
/// page itself after the wait that a failure brings.
fn dead_end(source: &DueSource, found: &Discovery, mut after: PollState, now: Timestamp) -> PollState {
    let mut others = found.others.iter().cloned();
    match others.next() {
        Some(feed) if !found.is_proven => {
            let found = Discovery { feed, others: others.collect(), ..*found };
            turned(source, found, after, now)
        }
        _ => {
            let why = after.problem.take().unwrap_or_else(|| "it is no feed".to_owned());
            let feed = if found.is_guess { "no feed at the usual places".to_owned() } else { url::mask(&found.feed) };
            after.problem = Some(format!("the feed of the listed page ({feed}): {why}"));
            // Where the feed had moved to says nothing of the page.
            PollState { gone: false, moving: None, moved: None, ..unread(after) }
        }
    }
}

fn refused(found: &Discovery, mut after: PollState) -> PollState {
    let why = after.problem.take().unwrap_or_default();
    let feed = url::mask(&found.feed);
    after.problem =
        Some(format!("the listed page names the feed {feed}: {why}; list the feed itself to have it asked"));
    after.discovery = Some(found.clone());
    after
}
