//! Enrich: the pages of articles are read for what they say about themselves.
//!
//! A page is claimed in the store before it is asked, so that a crash repeats the request only after its floor.
//! Nothing waits for a page: a slow or broken one delays nobody but its own host.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::driver::Bell;
use super::intake::{self, IntakeRules};
use super::round::{Bounds, Busy, OfHost, round};
use super::{StageError, StageResult, Wire};
use crate::article::Root;
use crate::fetch::{Fetch, RobotsState, Suspicion};
use crate::model::{ArticleId, Entry, Outcome, Page, PageMetadata, Stated, Statement, VisitState};
use crate::schedule::visit::{self, VisitEvent, VisitRules};
use crate::similarity::Profile;
use crate::store::{Batch, DuePage, Result, RobotsRow, RowNo};
use crate::{article, extract, text, url};

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
        let ask = |page: DuePage| {
            let (fetch, now) = (Arc::clone(&self.fetch), self.wire.clock.now());
            async move { ask(fetch.as_ref(), page, now).await }
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

    fn claim(&self, free: usize, busy: &mut Busy) -> Result<Vec<DuePage>, StageError> {
        let now = self.wire.clock.now();
        let due = self.wire.store.read(|view| view.due_pages(now, free, |domain| busy.has_room(domain)))?;
        if due.is_empty() {
            return Ok(due);
        }
        self.wire.store.write(|batch| {
            for page in &due {
                batch.note_visit(page.article, &visit::claim(&page.visit, now, visit::CLAIM_FLOOR_S))?;
                batch.touch_host(&page.domain, now)?;
            }
            Ok(())
        })?;
        for page in &due {
            busy.enter(&page.domain);
        }
        Ok(due)
    }

    fn settle(&self, answers: &[Asked]) -> Result<(), StageError> {
        self.wire.store.write(|batch| {
            note_hosts(batch, self.fetch.as_ref(), self.wire.clock.now())?;
            answers.iter().try_for_each(|asked| self.settle_one(batch, asked))
        })?;
        self.settled.ring();
        Ok(())
    }

    fn settle_one(&self, batch: &Batch<'_>, asked: &Asked) -> Result<()> {
        let Asked { page, outcome, metadata } = asked;
        let now = self.wire.clock.now();
        let before = VisitState { asked_at: Some(now), ..page.visit.clone() };
        let after = visit::next(&before, &VisitEvent::of(outcome), now, &self.rules.visits, &page.url);
        let (address, next) = (&page.url, after.next_at.map_or_else(|| "never".to_owned(), |at| at.to_string()));
        if let Some(problem) = &after.problem {
            tracing::info!(url = address, problem, next, "a page could not be read");
        } else {
            tracing::info!(url = address, outcome = outcome_name(outcome), next, "page asked");
        }
        batch.note_visit(page.article, &after)?;
        match (outcome, metadata) {
            (Outcome::Fresh(answer), Some(metadata)) => self.take_in(batch, page.article, answer, metadata, now),
            _ => Ok(()),
        }
    }

    fn take_in(
        &self,
        batch: &Batch<'_>,
        article: RowNo,
        answer: &Page,
        metadata: &PageMetadata,
        now: Timestamp,
    ) -> Result<()> {
        if is_wall(batch, article, answer, metadata)? {
            return Ok(());
        }
        let mut metadata = metadata.clone();
        if let Some(canonical) = own_canonical(answer, &metadata)
            && !may_be_known_as(batch, article, &canonical)?
        {
            metadata.canonical = None;
        }
        batch.note_metadata(article, &metadata)?;
        let mut known = intake::know_as(batch, article, &answer.final_url)?;
        for address in own_addresses(answer, &metadata) {
            if may_be_known_as(batch, known, &address)? {
                known = intake::know_as(batch, known, &address)?;
            }
        }
        intake::refresh(batch, known, self.rules.intake, now)
    }
}

struct Asked {
    page: DuePage,
    outcome: Outcome,
    metadata: Option<PageMetadata>,
}

impl OfHost for Asked {
    fn domain(&self) -> &str {
        &self.page.domain
    }
}

async fn ask(fetch: &impl Fetch, page: DuePage, now: Timestamp) -> Asked {
    let request = visit::request(&page.visit, &page.url, Some(extract::enough));
    let outcome = fetch.fetch(&request).await;
    let metadata = match &outcome {
        Outcome::Fresh(answer) => Some(extract::read(&answer.bytes, answer.charset.as_deref(), &answer.final_url, now)),
        _ => None,
    };
    Asked { page, outcome, metadata }
}

/// A short name of an outcome, for logs and metrics.
#[must_use]
pub fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Fresh(_) => "fresh",
        Outcome::Unchanged { .. } => "unchanged",
        Outcome::Throttled { .. } => "throttled",
        Outcome::Gone => "gone",
        Outcome::Refused(_) => "refused",
        Outcome::Failed(_) => "failed",
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

/// The canonical address that a page gives for itself at the publisher that answered.
fn own_canonical(answer: &Page, metadata: &PageMetadata) -> Option<String> {
    let canonical = &metadata.canonical.as_ref()?.value;
    let is_own = url::registrable_domain(canonical) == url::registrable_domain(&answer.final_url);
    (is_own && !is_home(canonical)).then(|| canonical.clone())
}

/// Other addresses that a page gives for itself: its canonical one at the same publisher, its AMP one.
fn own_addresses(answer: &Page, metadata: &PageMetadata) -> Vec<String> {
    let amp = metadata.amp.as_ref().map(|found| found.value.clone()).filter(|amp| !is_home(amp));
    own_canonical(answer, metadata).into_iter().chain(amp).collect()
}

/// A page that leads to a site's front door says nothing about its own address.
fn is_home(address: &str) -> bool {
    address.split_once("://").is_none_or(|(_, rest)| rest.split_once('/').is_none_or(|(_, path)| path.is_empty()))
}

/// Whether the answer is not the article's page but a consent wall, a login or a front door that stands before it:
/// the request was led to an address that is not the article's, and the page there has no word of the headline, or
/// other articles with other headlines were led there too.
fn is_wall(batch: &Batch<'_>, article: RowNo, answer: &Page, metadata: &PageMetadata) -> Result<bool> {
    let here = Entry { url: answer.final_url.clone(), ..Entry::default() };
    let known = intake::known(batch, &here)?;
    if known == Some(article) {
        return Ok(false);
    }
    if is_home(&answer.final_url) {
        return Ok(true);
    }
    if let Some(other) = known {
        let states_it = |entry: &Entry| url::canonical(&entry.url).ok().map(|url| url::key(&url));
        let key = states_it(&here);
        // Somebody states that address as an article's own: then the redirect leads to an article.
        let is_stated = batch.statements(other)?.iter().any(|statement| states_it(&statement.entry) == key);
        return Ok(!is_stated && !may_be_known_as(batch, article, &answer.final_url)?);
    }
    let (Some(stated), Some(found)) = (stated_title(batch, article)?, &metadata.title) else {
        return Ok(false);
    };
    Ok(shares_no_word(stated, found.value.clone()))
}

/// A page's word alone makes two articles one only when their headlines agree.
fn may_be_known_as(batch: &Batch<'_>, article: RowNo, address: &str) -> Result<bool> {
    let entry = Entry { url: address.to_owned(), ..Entry::default() };
    let Some(other) = intake::known(batch, &entry)?.filter(|other| *other != article) else {
        return Ok(true);
    };
    let (Some(one), Some(two)) = (stated_title(batch, article)?, stated_title(batch, other)?) else {
        return Ok(false);
    };
    Ok(text::words(&one) == text::words(&two))
}

/// The headline as seeds and feeds state it: a page must not vouch for itself.
fn stated_title(batch: &Batch<'_>, article: RowNo) -> Result<Option<String>> {
    Ok(batch.statements(article)?.into_iter().find_map(|statement| statement.entry.title))
}

/// Whether two headlines have no word in common that says something.
fn shares_no_word(one: String, other: String) -> bool {
    let words = |title: String| {
        let entry = Entry { title: Some(title), ..Entry::default() };
        let statement = Statement { by: Stated::Seed { path: String::new() }, entry };
        let root = Root { id: ArticleId::of(""), url: "", first_seen: Timestamp::UNIX_EPOCH };
        let profile = Profile::of(&article::merge(root, &[statement], None));
        profile.terms.iter().map(|term| term.hash).collect::<BTreeSet<_>>()
    };
    let (one, other) = (words(one), words(other));
    !one.is_empty() && !other.is_empty() && one.is_disjoint(&other)
}
