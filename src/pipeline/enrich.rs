//! Enrich: the pages of articles are read for what they say about themselves.
//!
//! A page is claimed in the store before it is asked, so that a crash repeats the request only after its floor.
//! Nothing waits for a page: a slow or broken one delays nobody but its own host.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::intake::{self, IntakeRules};
use super::{StageError, StageResult, Wire};
use crate::fetch::Fetch;
use crate::model::{Entry, Outcome, Page, PageMetadata, Purpose, Request, VisitState};
use crate::schedule::visit::{self, VisitEvent, VisitRules};
use crate::store::{Batch, DuePage, Result, RowNo};
use crate::{extract, text, url};

/// What enrich needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct EnrichRules {
    /// When a page is looked at again.
    pub visits: VisitRules,
    /// Pages asked at a time.
    pub concurrency: usize,
    /// For the articles that change.
    pub intake: IntakeRules,
}

/// The stage.
pub struct Enrich<F> {
    wire: Wire,
    fetch: Arc<F>,
    rules: EnrichRules,
}

impl<F: Fetch + 'static> Enrich<F> {
    /// A stage that asks through `fetch`.
    pub fn new(wire: Wire, fetch: Arc<F>, rules: EnrichRules) -> Self {
        Self { wire, fetch, rules }
    }

    /// Asks at most `limit` pages that are due, a host at most one at a time, and takes in what they say.
    /// Each page is taken in when it comes, whatever the others do.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn step(&self, limit: usize) -> StageResult {
        let mut under_way = JoinSet::new();
        let mut busy = BTreeSet::new();
        let mut taken = 0;
        loop {
            let free = self.rules.concurrency.max(1).saturating_sub(under_way.len()).min(limit - taken);
            for page in self.claim(free, &busy)? {
                busy.insert(page.domain.clone());
                taken += 1;
                let fetch = Arc::clone(&self.fetch);
                under_way.spawn(async move { ask(fetch.as_ref(), page).await });
            }
            match under_way.join_next().await {
                None => return Ok(taken),
                Some(Ok(asked)) => {
                    busy.remove(&asked.page.domain);
                    self.settle(&asked)?;
                }
                // A reader that panicked on a page: its claim stands, and it is asked again after its floor.
                Some(Err(error)) => tracing::error!(%error, "reading a page failed"),
            }
        }
    }

    fn claim(&self, free: usize, busy: &BTreeSet<String>) -> Result<Vec<DuePage>, StageError> {
        if free == 0 {
            return Ok(Vec::new());
        }
        let now = self.wire.clock.now();
        let due = self.wire.store.read(|view| view.due_pages(now, free, busy))?;
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
        Ok(due)
    }

    fn settle(&self, asked: &Asked) -> Result<(), StageError> {
        let Asked { page, outcome, metadata } = asked;
        let now = self.wire.clock.now();
        let before = VisitState { asked_at: Some(now), ..page.visit.clone() };
        let after = visit::next(&before, &VisitEvent::of(outcome), now, &self.rules.visits, &page.url);
        let (address, next) =
            (url::mask(&page.url), after.next_at.map_or_else(|| "never".to_owned(), |at| at.to_string()));
        if let Some(problem) = &after.problem {
            tracing::info!(url = %address, problem, next, "a page could not be read");
        } else {
            tracing::info!(url = %address, outcome = outcome_name(outcome), next, "page asked");
        }
        self.wire.store.write(|batch| {
            batch.note_visit(page.article, &after)?;
            note_hosts(batch, self.fetch.as_ref())?;
            if let (Outcome::Fresh(answer), Some(metadata)) = (outcome, metadata) {
                self.take_in(batch, page.article, answer, metadata, now)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn take_in(
        &self,
        batch: &Batch<'_>,
        article: RowNo,
        answer: &Page,
        metadata: &PageMetadata,
        now: Timestamp,
    ) -> Result<()> {
        batch.note_metadata(article, metadata)?;
        for address in own_addresses(answer, metadata) {
            if may_be_known_as(batch, article, &address)? {
                intake::know_as(batch, article, &address)?;
            }
        }
        intake::refresh(batch, article, self.rules.intake, now)
    }
}

struct Asked {
    page: DuePage,
    outcome: Outcome,
    metadata: Option<PageMetadata>,
}

async fn ask(fetch: &impl Fetch, page: DuePage) -> Asked {
    let request = Request {
        url: page.url.clone(),
        purpose: Purpose::Article,
        validators: visit::validators_for(&page.visit, &page.url),
        enough: Some(extract::enough),
    };
    let outcome = fetch.fetch(&request).await;
    let metadata = match &outcome {
        Outcome::Fresh(answer) => Some(extract::read(&answer.bytes, answer.charset.as_deref(), &answer.final_url)),
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

/// Keeps what `fetch` has learnt of hosts: when each was asked, and until when it rests.
pub(super) fn note_hosts(batch: &Batch<'_>, fetch: &impl Fetch) -> Result<()> {
    fetch.host_changes().iter().try_for_each(|host| batch.note_host(&host.host, host.last_asked_at, host.not_before))
}

/// The addresses a page gives for itself: where it answered, its canonical one at the same publisher, its AMP one.
fn own_addresses(answer: &Page, metadata: &PageMetadata) -> Vec<String> {
    let here = url::registrable_domain(&answer.final_url);
    let canonical = metadata.canonical.as_ref().map(|found| found.value.clone());
    let canonical = canonical.filter(|canonical| url::registrable_domain(canonical) == here);
    let amp = metadata.amp.as_ref().map(|found| found.value.clone());
    [Some(answer.final_url.clone()), canonical, amp].into_iter().flatten().filter(|address| !is_home(address)).collect()
}

/// A page that leads to a site's front door says nothing about its own address.
fn is_home(address: &str) -> bool {
    address.split_once("://").is_none_or(|(_, rest)| rest.split_once('/').is_none_or(|(_, path)| path.is_empty()))
}

/// Consent walls and logins make many articles answer at one address: two articles are only taken for one by a
/// page's word when their headlines agree.
fn may_be_known_as(batch: &Batch<'_>, article: RowNo, address: &str) -> Result<bool> {
    let entry = Entry { url: address.to_owned(), ..Entry::default() };
    let Some(other) = intake::known(batch, &entry)? else {
        return Ok(true);
    };
    if other == article {
        return Ok(false);
    }
    let words = |no| -> Result<Vec<String>> { Ok(text::words(&intake::article(batch, &batch.article(no)?)?.title)) };
    Ok(words(article)? == words(other)?)
}
