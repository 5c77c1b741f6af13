//! Poll: sources are asked, and their feeds become entries.
//!
//! When a source is due is its own affair (`schedule::poll`); the stage only asks those that are. A source is
//! claimed in the store before it is asked, so that a crash repeats the request only after its floor.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::enrich::{note_hosts, outcome_name};
use super::follow::follow;
use super::intake::{self, IntakeRules};
use super::round::{Bounds, OfHost, round};
use super::{StageError, StageResult, Wire};
use crate::fetch::Fetch;
use crate::model::{Digest, Entry, Feed, FeedHints, Outcome, Purpose, Request, Source};
use crate::schedule::poll::{self, PollEvent, PollRules};
use crate::store::{Batch, DueSource, Result, RowNo};
use crate::{feed, url};

/// Due sources looked at when those of busy hosts are passed over.
const LOOK_AHEAD: usize = 4096;

/// A date further ahead than this is a mistake of the feed, in seconds: zones differ by less than a day.
const FUTURE_S: i64 = 86_400;

/// What poll needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Floors.
    pub polls: PollRules,
    /// Sources asked at a time.
    pub concurrency: usize,
    /// For the articles that come of it.
    pub intake: IntakeRules,
}

/// The stage.
pub struct Poll<F> {
    wire: Wire,
    fetch: Arc<F>,
    rules: Rules,
}

impl<F: Fetch + 'static> Poll<F> {
    /// A stage that asks through `fetch`.
    pub fn new(wire: Wire, fetch: Arc<F>, rules: Rules) -> Self {
        Self { wire, fetch, rules }
    }

    /// Brings the list of sources into the store: new ones are due at once, missing ones are no longer asked but
    /// what they brought stays.
    ///
    /// # Errors
    /// When the store fails.
    pub fn list(&self, sources: &[Source]) -> Result<(), StageError> {
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            batch.unlist_sources()?;
            // Whom our own rules forbade is looked at by the rules of now: that costs nobody a request.
            for row in batch.sources()?.iter().filter(|row| row.poll.refused) {
                batch.note_poll(row.no, &poll::revive(&row.poll, now))?;
            }
            for source in sources {
                let domain = url::registrable_domain(&source.url).unwrap_or_default();
                let (no, relabelled) = batch.list_source(source, &domain, &poll::start(now))?;
                if relabelled {
                    for article in batch.source_articles(no)? {
                        intake::refresh(batch, article, self.rules.intake, now)?;
                    }
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Makes every listed source due now, whatever its manners say (`once --force`).
    ///
    /// # Errors
    /// When the store fails.
    pub fn force(&self) -> Result<usize, StageError> {
        let now = self.wire.clock.now();
        Ok(self.wire.store.write(|batch| {
            let listed: Vec<_> = batch.sources()?.into_iter().filter(|row| row.listed).collect();
            for row in &listed {
                batch.note_poll(row.no, &poll::revive(&row.poll, now))?;
            }
            Ok(listed.len())
        })?)
    }

    /// Asks at most `limit` sources that are due, a host at most one at a time, and takes in their entries.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn step(&self, limit: usize) -> StageResult {
        let bounds = Bounds { limit, concurrency: self.rules.concurrency };
        let ask = |source: DueSource| {
            let fetch = Arc::clone(&self.fetch);
            async move { ask(fetch.as_ref(), source).await }
        };
        round(bounds, |free, busy| self.claim(free, busy), ask, |asked| self.settle(asked)).await
    }

    fn claim(&self, free: usize, busy: &BTreeSet<String>) -> Result<Vec<DueSource>, StageError> {
        if free == 0 {
            return Ok(Vec::new());
        }
        let now = self.wire.clock.now();
        let mut seen = busy.clone();
        let mut due = self.wire.store.read(|view| view.due_sources(now, LOOK_AHEAD))?;
        due.retain(|source| seen.insert(source.domain.clone()));
        due.truncate(free);
        if due.is_empty() {
            return Ok(due);
        }
        self.wire.store.write(|batch| {
            for source in &due {
                let floor_s = poll::floor_s(&source.poll, &self.rules.polls, &source.url);
                batch.note_poll(source.no, &poll::claim(&source.poll, now, floor_s))?;
                batch.touch_host(&source.domain, now)?;
            }
            Ok(())
        })?;
        Ok(due)
    }

    fn settle(&self, asked: &Asked) -> Result<(), StageError> {
        let Asked { source, outcome, feed } = asked;
        let now = self.wire.clock.now();
        let unreadable = feed.as_ref().filter(|feed| feed.format.is_none() && feed.entries.is_empty()).map(not_a_feed);
        let hints = feed.as_ref().map_or_else(FeedHints::default, |feed| feed.hints.clone());
        let event = PollEvent::of(outcome, hints, unreadable);
        let after = poll::next(&source.poll, &event, now, &self.rules.polls, &source.url);
        let (address, next) = (url::mask(&source.url), after.next_check_at);
        if let Some(problem) = &after.problem {
            tracing::warn!(url = %address, problem, %next, "a source is in trouble");
        } else {
            tracing::info!(url = %address, outcome = outcome_name(outcome), %next, "source asked");
        }
        self.wire.store.write(|batch| {
            batch.note_poll(source.no, &follow(batch, source, outcome, feed.as_ref(), after, now)?)?;
            note_hosts(batch, self.fetch.as_ref())?;
            match feed {
                Some(feed) => self.take_in(batch, source.no, feed, now),
                None => Ok(()),
            }
        })?;
        Ok(())
    }

    fn take_in(&self, batch: &Batch<'_>, source: RowNo, feed: &Feed, now: Timestamp) -> Result<()> {
        batch.note_feed(source, feed.title.as_deref(), feed.lang.as_deref())?;
        let latest = now.saturating_add(SignedDuration::from_secs(FUTURE_S)).unwrap_or(now);
        for entry in &feed.entries {
            let sane = |at: Option<Timestamp>| at.filter(|at| *at <= latest);
            let entry = Entry { published: sane(entry.published), updated: sane(entry.updated), ..entry.clone() };
            self.take_entry(batch, source, &entry, now)?;
        }
        Ok(())
    }

    fn take_entry(&self, batch: &Batch<'_>, source: RowNo, entry: &Entry, now: Timestamp) -> Result<()> {
        let key = Digest::of(entry.guid.as_ref().unwrap_or(&entry.url).as_bytes());
        let known = batch.source_entry(source, key)?;
        if let Some((_, before)) = &known
            && serde_json::to_string(entry).is_ok_and(|text| text == *before)
        {
            return Ok(());
        }
        let Some(article) = intake::resolve(batch, entry, now)? else {
            return Ok(());
        };
        batch.put_source_entry(source, key, article, entry)?;
        intake::refresh(batch, article, self.rules.intake, now)?;
        match known {
            Some((before, _)) if before != article => intake::refresh(batch, before, self.rules.intake, now),
            _ => Ok(()),
        }
    }
}

struct Asked {
    source: DueSource,
    outcome: Outcome,
    feed: Option<Feed>,
}

impl OfHost for DueSource {
    fn domain(&self) -> &str {
        &self.domain
    }
}

impl OfHost for Asked {
    fn domain(&self) -> &str {
        &self.source.domain
    }
}

async fn ask(fetch: &impl Fetch, source: DueSource) -> Asked {
    let request = Request {
        url: source.url.clone(),
        purpose: Purpose::Feed,
        validators: poll::validators_for(&source.poll, &source.url),
        enough: None,
    };
    let outcome = fetch.fetch(&request).await;
    let feed = match &outcome {
        Outcome::Fresh(page) => Some(feed::read(&page.bytes, page.charset.as_deref(), &page.final_url)),
        _ => None,
    };
    Asked { source, outcome, feed }
}

fn not_a_feed(feed: &Feed) -> String {
    feed.notes
        .first()
        .map_or_else(|| "the answer is no feed".to_owned(), |note| format!("the answer is no feed: {note}"))
}
