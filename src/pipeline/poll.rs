//! Poll: sources are asked, and their feeds become entries.
//!
//! When a source is due is its own affair (`schedule::poll`); the stage only asks those that are. A source is
//! claimed in the store before it is asked, so that a crash repeats the request only after its floor.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::arrivals::{self, Age};
use super::discovery;
use super::driver::Bell;
use super::enrich::note_hosts;
use super::follow::follow;
use super::intake::{self, IntakeRules};
use super::round::{Bounds, Busy, OfHost, round};
use super::{StageError, StageResult, Wire, setback};
use crate::fetch::Fetch;
use crate::model::{Digest, Feed, Outcome, Request, Source};
use crate::schedule::poll::{self, PollEvent, PollRules};
use crate::store::{Batch, DueSource, Result, RowNo};
use crate::{feed, url};

/// Due sources that a step knows of, so that those of busy hosts can be passed over: more than anybody lists.
const LOOK_AHEAD: usize = 100_000;

/// Where the store keeps the digest of the list of sources that it was last brought.
const LISTED: &str = "sources_listed";

/// What poll needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Floors.
    pub polls: PollRules,
    /// Sources asked at a time.
    pub concurrency: usize,
    /// Sources of one host asked at a time.
    pub per_host: usize,
    /// For the articles that come of it.
    pub intake: IntakeRules,
    /// Tried on the host of a listed page that names no feed.
    pub discover_paths: Vec<String>,
}

/// The stage.
pub struct Poll<F> {
    wire: Wire,
    fetch: Arc<F>,
    rules: Rules,
    settled: Bell,
}

impl<F: Fetch + 'static> Poll<F> {
    /// A stage that asks through `fetch`.
    pub fn new(wire: Wire, fetch: Arc<F>, rules: Rules) -> Self {
        Self { wire, fetch, rules, settled: Bell::default() }
    }

    /// Brings the list of sources into the store: new ones are due at once, missing ones are no longer asked but
    /// what they brought stays.
    ///
    /// # Errors
    /// When the store fails.
    pub fn list(&self, sources: &[Source]) -> Result<(), StageError> {
        let now = self.wire.clock.now();
        let text = format!("{sources:?}");
        let digest = Digest::of(text.as_bytes()).to_string();
        self.wire.store.write(|batch| {
            // Whom our own rules forbade is looked at by the rules of now: that costs nobody a request.
            batch.reconsider_refused_sources(now)?;
            if batch.meta(LISTED)?.as_deref() == Some(digest.as_str()) {
                return Ok(());
            }
            batch.unlist_sources()?;
            for source in sources {
                let domain = url::registrable_domain(&source.url).unwrap_or_default();
                let (no, relabelled) = batch.list_source(source, &domain, &poll::start(now))?;
                if relabelled {
                    for article in batch.source_articles(no)? {
                        intake::refresh(batch, article, self.rules.intake, now)?;
                    }
                }
            }
            batch.set_meta(LISTED, &digest)
        })?;
        Ok(())
    }

    /// Makes every listed source due now, whatever its manners say (`once --force`).
    ///
    /// # Errors
    /// When the store fails.
    pub fn force(&self) -> Result<usize, StageError> {
        let now = self.wire.clock.now();
        Ok(self.wire.store.write(|batch| batch.force_sources(now))?)
    }

    /// Rings whenever answers were taken in, also in the middle of a step.
    pub fn settled(&self) -> Bell {
        self.settled.clone()
    }

    /// Asks at most `limit` sources that are due and takes in their entries.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn step(&self, limit: usize) -> StageResult {
        if let Some(by) = setback::settle(&self.wire)? {
            tracing::warn!(by_s = by.as_secs(), "the clock was set back: what was planned ahead counts from now");
        }
        let now = self.wire.clock.now();
        let mut due = Line::of(self.wire.store.read(|view| view.due_sources(now, LOOK_AHEAD))?);
        let Rules { concurrency, per_host, .. } = self.rules;
        let bounds = Bounds { limit, concurrency, per_host };
        let ask = |source: DueSource| {
            let fetch = Arc::clone(&self.fetch);
            async move { ask(fetch.as_ref(), source).await }
        };
        let claim = |free, busy: &mut Busy| self.claim(&mut due, free, busy);
        round(bounds, claim, ask, |answers| self.settle(answers)).await
    }

    fn claim(&self, line: &mut Line, free: usize, busy: &mut Busy) -> Result<Vec<DueSource>, StageError> {
        let wanted = line.take(free, busy);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.wire.clock.now();
        Ok(self.wire.store.write(|batch| {
            let mut claimed = Vec::new();
            for (no, domain) in &wanted {
                let Some(source) = batch.due_source(*no, now)? else {
                    // Somebody else asked it meanwhile.
                    busy.leave(domain);
                    continue;
                };
                let floor_s = poll::floor_s(&source.poll, &self.rules.polls);
                batch.note_poll(*no, &poll::claim(&source.poll, now, floor_s))?;
                batch.touch_host(&source.domain, now)?;
                claimed.push(source);
            }
            Ok(claimed)
        })?)
    }

    fn settle(&self, answers: Vec<Asked>) -> Result<(), StageError> {
        self.wire.store.write(|batch| {
            note_hosts(batch, self.fetch.as_ref(), self.wire.clock.now())?;
            answers.into_iter().try_for_each(|asked| self.settle_one(batch, asked))
        })?;
        self.settled.ring();
        Ok(())
    }

    fn settle_one(&self, batch: &Batch<'_>, asked: Asked) -> Result<()> {
        let Asked { source, outcome, feed } = asked;
        let now = self.wire.clock.now();
        let event = PollEvent::of(&outcome, feed.as_ref(), now);
        let is_feed = matches!(&event, PollEvent::Answered(answer) if answer.unreadable.is_none());
        let after = poll::next(&source.poll, &event, now, &self.rules.polls, discovery::address(&source));
        let after = discovery::next(&source, &outcome, is_feed, after, &self.rules.discover_paths, now);
        if let Some(problem) = &after.problem {
            let (address, next) = (url::mask(&source.source.url), format!("{:.0}", after.next_check_at));
            tracing::warn!(url = %address, problem, next, "a source is in trouble");
        } else if tracing::enabled!(tracing::Level::INFO) {
            let (address, next) = (url::mask(&source.source.url), format!("{:.0}", after.next_check_at));
            tracing::info!(url = %address, outcome = outcome.name(), next, "source asked");
        }
        batch.note_poll(source.no, &follow(batch, &source, &outcome, feed.as_ref(), after, now)?)?;
        match feed {
            Some(feed) if feed.format.is_none() && feed.entries.is_empty() => Ok(()),
            Some(feed) => {
                batch.note_feed(source.no, feed.title.as_deref(), feed.lang.as_deref())?;
                arrivals::take_in(batch, source.no, feed.entries, Age::Latest, self.rules.intake, now).map(drop)
            }
            None => Ok(()),
        }
    }
}

/// Due sources by host, hosts in the order in which their first source became due.
struct Line {
    hosts: VecDeque<(String, VecDeque<RowNo>)>,
}

impl Line {
    fn of(due: Vec<(RowNo, String)>) -> Self {
        let mut hosts: VecDeque<(String, VecDeque<RowNo>)> = VecDeque::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (no, domain) in due {
            let place = *places.entry(domain).or_insert_with_key(|domain| {
                hosts.push_back((domain.clone(), VecDeque::new()));
                hosts.len() - 1
            });
            if let Some((_, sources)) = hosts.get_mut(place) {
                sources.push_back(no);
            }
        }
        Self { hosts }
    }

    /// At most `free` sources of hosts that have room, each host in its turn.
    fn take(&mut self, free: usize, busy: &mut Busy) -> Vec<(RowNo, String)> {
        let mut taken = Vec::new();
        let mut passed_over = 0;
        while taken.len() < free && passed_over < self.hosts.len() {
            let Some((domain, mut sources)) = self.hosts.pop_front() else { break };
            if !busy.has_room(&domain) {
                passed_over += 1;
                self.hosts.push_back((domain, sources));
            } else if let Some(no) = sources.pop_front() {
                passed_over = 0;
                busy.enter(&domain);
                taken.push((no, domain.clone()));
                if !sources.is_empty() {
                    self.hosts.push_back((domain, sources));
                }
            }
        }
        taken
    }
}

struct Asked {
    source: DueSource,
    outcome: Outcome,
    feed: Option<Feed>,
}

impl OfHost for Asked {
    fn domain(&self) -> &str {
        &self.source.domain
    }
}

async fn ask(fetch: &impl Fetch, source: DueSource) -> Asked {
    let request = poll::request(&source.poll, discovery::address(&source));
    let outcome = fetch.fetch(&Request { purpose: discovery::purpose(&source), ..request }).await;
    let feed = match &outcome {
        Outcome::Fresh(page) => Some(feed::read(&page.bytes, page.charset.as_deref(), &page.final_url)),
        _ => None,
    };
    Asked { source, outcome, feed }
}
