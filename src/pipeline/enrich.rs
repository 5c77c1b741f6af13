//! Enrich: the pages of articles are read for what they say about themselves.
//!
//! A page is claimed in the store before it is asked, so that a crash repeats the request only after its floor.
//! Nothing waits for a page: a slow or broken one delays nobody but its own host. A page that is not the article
//! (`extract::kind::wall`) is not taken in.

mod page;
mod picture;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::driver::Bell;
use super::intake::{self, IntakeRules};
use super::round::{Bounds, Busy, OfHost, round};
use super::{StageError, StageResult, Wire};
use crate::fetch::{Fetch, RobotsState, Suspicion};
use crate::model::{Outcome, Site};
use crate::schedule::visit::{self, VisitRules};
use crate::store::{Batch, DuePage, DuePicture, Result, RobotsRow};

/// What enrich needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct EnrichRules {
    /// When a page is looked at again.
    pub visits: VisitRules,
    /// Pages asked at a time.
    pub concurrency: usize,
    /// Pages of one host asked at a time.
    pub per_host: usize,
    /// For the articles that change.
    pub intake: IntakeRules,
}

/// The stage.
pub struct Enrich<F> {
    wire: Wire,
    fetch: Arc<F>,
    rules: EnrichRules,
    settled: Bell,
    /// The rules were compared with those of the last process.
    compared: AtomicBool,
}

impl<F: Fetch + 'static> Enrich<F> {
    /// A stage that asks through `fetch`.
    pub fn new(wire: Wire, fetch: Arc<F>, rules: EnrichRules) -> Self {
        Self { wire, fetch, rules, settled: Bell::default(), compared: AtomicBool::new(false) }
    }

    /// Rings whenever answers were taken in, also in the middle of a step.
    pub fn settled(&self) -> Bell {
        self.settled.clone()
    }

    /// Asks at most `limit` pages that are due, a host at most one at a time, and takes in what they say.
    /// Each page is taken in when it comes, whatever the others do.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn step(&self, limit: usize) -> StageResult {
        if !self.compared.load(Ordering::Relaxed) {
            self.compare_rules()?;
            self.compared.store(true, Ordering::Relaxed);
        }
        let bounds = Bounds { limit, concurrency: self.rules.concurrency, per_host: self.rules.per_host };
        let ask = |due: Due| {
            let (fetch, now) = (Arc::clone(&self.fetch), self.wire.clock.now());
            async move { ask(fetch.as_ref(), due, now).await }
        };
        round(bounds, |free, busy| self.claim(free, busy), ask, |asked| self.settle(&asked)).await
    }

    /// Under other rules than those of the last process, pages of what is there already are wanted or not.
    fn compare_rules(&self) -> Result<()> {
        let IntakeRules { seeds, sources, window_s, .. } = self.rules.intake;
        let rules = format!("{:?}", (seeds, sources, window_s));
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            let before = batch.meta("intake_rules")?;
            if before.as_deref() == Some(rules.as_str()) {
                return Ok(());
            }
            if before.is_some() {
                batch.live_articles()?.into_iter().try_for_each(|article| {
                    batch.unwant_page(article)?;
                    intake::plan_page(batch, article, self.rules.intake, now)
                })?;
            }
            batch.set_meta("intake_rules", &rules)
        })
    }

    /// Pages first, at most one a host; pictures have the room that is left.
    fn claim(&self, free: usize, busy: &mut Busy) -> Result<Vec<Due>, StageError> {
        let now = self.wire.clock.now();
        let mut due = self.wire.store.read(|view| {
            let pages = view.due_pages(now, free, |domain| busy.has_room(domain))?;
            let with_site = |page: DuePage| view.site(&page.domain).map(|site| Due::Page(Box::new((page, site))));
            pages.into_iter().map(with_site).collect::<Result<Vec<Due>>>()
        })?;
        for due in &due {
            busy.enter(due.domain());
        }
        let room = free.saturating_sub(due.len());
        if room > 0 {
            let pictures = self.wire.store.read(|view| view.due_pictures(now, room, |domain| busy.has_room(domain)))?;
            for picture in &pictures {
                busy.enter(&picture.domain);
            }
            due.extend(pictures.into_iter().map(Due::Picture));
        }
        if due.is_empty() {
            return Ok(due);
        }
        let repeated = now.saturating_add(SignedDuration::from_secs(visit::CLAIM_FLOOR_S)).unwrap_or(Timestamp::MAX);
        self.wire.store.write(|batch| {
            due.iter().try_for_each(|due| {
                batch.touch_host(due.domain(), now)?;
                match due {
                    Due::Page(due) => {
                        batch.note_visit(due.0.article, &visit::claim(&due.0.visit, now, visit::CLAIM_FLOOR_S))
                    }
                    Due::Picture(picture) => batch.put_off_picture(picture.article, repeated),
                }
            })
        })?;
        Ok(due)
    }

    fn settle(&self, answers: &[Asked]) -> Result<(), StageError> {
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            note_hosts(batch, self.fetch.as_ref(), now)?;
            answers.iter().try_for_each(|asked| match asked {
                Asked::Page(asked) => page::settle(batch, asked, &self.rules, now),
                Asked::Picture(asked) => picture::settle(batch, &asked.0, &asked.1, self.rules.intake, now),
            })
        })?;
        self.settled.ring();
        Ok(())
    }
}

/// What is to be asked.
enum Due {
    Page(Box<(DuePage, Site)>),
    Picture(DuePicture),
}

/// What came of it.
enum Asked {
    Page(Box<page::Asked>),
    Picture(Box<(DuePicture, Outcome)>),
}

impl Due {
    fn domain(&self) -> &str {
        match self {
            Self::Page(page) => &page.0.domain,
            Self::Picture(picture) => &picture.domain,
        }
    }
}

impl OfHost for Asked {
    fn domain(&self) -> &str {
        match self {
            Self::Page(asked) => &asked.page.domain,
            Self::Picture(asked) => &asked.0.domain,
        }
    }
}

async fn ask(fetch: &impl Fetch, due: Due, now: Timestamp) -> Asked {
    match due {
        Due::Page(due) => {
            let (page, site) = *due;
            Asked::Page(Box::new(page::ask(fetch, page, &site, now).await))
        }
        Due::Picture(picture) => {
            let outcome = picture::ask(fetch, &picture).await;
            Asked::Picture(Box::new((picture, outcome)))
        }
    }
}

/// Keeps what `fetch` has learnt of hosts: when each was asked, until when it rests, what its robots.txt says.
pub(super) fn note_hosts(batch: &Batch<'_>, fetch: &impl Fetch, now: Timestamp) -> Result<()> {
    for host in fetch.host_changes() {
        batch.note_host(&host.host, host.last_asked_at, host.not_before)?;
        match host.suspicion {
            Suspicion::AsBefore => {}
            Suspicion::Over => batch.note_suspect(&host.host, None)?,
            Suspicion::Of(url, until) => batch.note_suspect(&host.host, Some((url, until)))?,
        }
    }
    for RobotsState { origin, until, verdict } in fetch.robots_changes() {
        batch.note_robots(&RobotsRow { origin, until, verdict }, now)?;
    }
    Ok(())
}
