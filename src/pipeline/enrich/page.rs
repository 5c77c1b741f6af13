//! One article's page: asked at its own address or at its AMP page's, judged, and taken in if it is the article.

use jiff::Timestamp;

use super::super::intake::{self, IntakeRules};
use super::{EnrichRules, picture};
use crate::extract::kind::wall::{self, Answer, Verdict};
use crate::extract::{self, Reading, site};
use crate::fetch::Fetch;
use crate::model::{Entry, Outcome, Page, PageMetadata, Site, VisitState};
use crate::schedule::visit::{self, About, VisitEvent};
use crate::store::{Batch, DuePage, Result, RowNo};
use crate::{text, url};

/// What came of asking a page.
pub(super) struct Asked {
    pub(super) page: DuePage,
    outcome: Outcome,
    reading: Option<Reading>,
}

/// Asks for a page and reads it with what is remembered of its site.
pub(super) async fn ask(fetch: &impl Fetch, page: DuePage, site: &Site, now: Timestamp) -> Asked {
    let request = visit::request(&page.visit, &page.url, Some(extract::judge));
    let outcome = fetch.fetch(&request).await;
    let reading = match &outcome {
        Outcome::Fresh(answer) => {
            let stranger = Site::default();
            let site = if is_at(&page.domain, answer) { site } else { &stranger };
            Some(extract::read_with(&answer.bytes, answer.charset.as_deref(), &answer.final_url, site, now))
        }
        _ => None,
    };
    Asked { page, outcome, reading }
}

/// Whether the page is of the site under `domain`, and not of one that the request was led to.
fn is_at(domain: &str, answer: &Page) -> bool {
    site::is_one(domain) && url::registrable_domain(&answer.final_url).as_deref() == Some(domain)
}

/// Takes in what a page says, if it is the article's, and settles when it is asked next.
pub(super) fn settle(batch: &Batch<'_>, asked: &Asked, rules: &EnrichRules, now: Timestamp) -> Result<()> {
    let Asked { page, outcome, reading } = asked;
    let mut event = VisitEvent::of(outcome);
    if let (Outcome::Fresh(answer), Some(reading)) = (outcome, reading) {
        match stands_in_its_place(batch, page, answer, &reading.page)? {
            Some(why) => event = VisitEvent::NotTheArticle(why),
            None => take_in(batch, page, answer, reading, rules.intake, now)?,
        }
    }
    let before = VisitState { asked_at: Some(now), ..page.visit.clone() };
    let amp = if matches!(event, VisitEvent::Fetched { .. }) { None } else { amp_page(batch, page.article)? };
    let published = Some(batch.article(page.article)?.published);
    let about = About { url: &page.url, published, amp: amp.as_deref() };
    let after = visit::next(&before, &event, now, &rules.visits, &about);
    let next = after.next_at.map_or_else(|| "never".to_owned(), |at| format!("{at:.0}"));
    if let Some(problem) = &after.problem {
        tracing::info!(url = page.url, problem, next, "a page could not be read");
    } else {
        tracing::info!(url = page.url, outcome = outcome.name(), next, "page asked");
    }
    batch.note_visit(page.article, &after)
}

fn take_in(
    batch: &Batch<'_>,
    page: &DuePage,
    answer: &Page,
    reading: &Reading,
    rules: IntakeRules,
    now: Timestamp,
) -> Result<()> {
    let article = page.article;
    let mut metadata = reading.page.clone();
    if let Some(canonical) = own_canonical(answer, &metadata)
        && !may_be_known_as(batch, article, &canonical)?
    {
        metadata.canonical = None;
    }
    // An article teaches once: its second and third visit would count the same page again.
    if page.visit.visits == 0 && is_at(&page.domain, answer) {
        let site = site::learn(&batch.site(&page.domain)?, &reading.lesson);
        batch.note_site(&page.domain, &site, now)?;
    }
    batch.note_metadata(article, &metadata)?;
    let mut known = intake::know_as(batch, article, &answer.final_url)?;
    for address in own_addresses(answer, &metadata) {
        if may_be_known_as(batch, known, &address)? {
            known = intake::know_as(batch, known, &address)?;
        }
    }
    intake::refresh(batch, known, rules, now)?;
    picture::plan(batch, known, now)
}

/// The canonical address that a page gives for itself at the publisher that answered.
fn own_canonical(answer: &Page, metadata: &PageMetadata) -> Option<String> {
    let canonical = &metadata.canonical.as_ref()?.value;
    let is_own = url::registrable_domain(canonical) == url::registrable_domain(&answer.final_url);
    (is_own && !wall::is_home(canonical)).then(|| canonical.clone())
}

/// Other addresses that a page gives for itself: its canonical one at the same publisher, its AMP one.
fn own_addresses(answer: &Page, metadata: &PageMetadata) -> Vec<String> {
    let amp = metadata.amp.as_ref().map(|found| found.value.clone()).filter(|amp| !wall::is_home(amp));
    own_canonical(answer, metadata).into_iter().chain(amp).collect()
}

/// The address of the article's AMP page: as its page gave it, else as seeds or feeds state it.
fn amp_page(batch: &Batch<'_>, article: RowNo) -> Result<Option<String>> {
    let told = batch.page(article)?.and_then(|page| page.metadata?.amp).map(|found| found.value);
    if told.is_some() {
        return Ok(told);
    }
    let statements = batch.statements(article)?;
    let mut aliases = statements.iter().flat_map(|statement| &statement.entry.aliases);
    Ok(aliases.find(|alias| url::looks_amp(alias)).cloned())
}

/// What stands in the article's place, if the answer is not its page: a wall, a front page, another article.
fn stands_in_its_place(
    batch: &Batch<'_>,
    due: &DuePage,
    answer: &Page,
    metadata: &PageMetadata,
) -> Result<Option<String>> {
    let here = Entry { url: answer.final_url.clone(), ..Entry::default() };
    let known = intake::known(batch, &here)?;
    let mut asked = due.visit.second.as_deref().unwrap_or(&due.url);
    if let Some(other) = known {
        let states_it = |entry: &Entry| url::canonical(&entry.url).ok().map(|url| url::key(&url));
        let key = states_it(&here);
        // Somebody states that address as an article's own: then the redirect leads to an article.
        let is_stated = batch.statements(other)?.iter().any(|statement| states_it(&statement.entry) == key);
        if other != due.article && !is_stated && !may_be_known_as(batch, due.article, &answer.final_url)? {
            return Ok(Some("not the article but a page that others were led to as well".to_owned()));
        }
        if other == due.article || (is_stated && !wall::is_home(&answer.final_url)) {
            asked = &answer.final_url;
        }
    }
    let stated = stated_title(batch, due.article)?;
    let answer =
        Answer { asked, answered: &answer.final_url, stated: stated.as_deref(), page: metadata, bytes: &answer.bytes };
    Ok(wall::judge(&answer).as_ref().map(Verdict::to_string))
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
