//! Intake: entries become articles, and articles are kept merged as what is known of them changes.
//!
//! Used by every stage that learns something: `reload` and `poll` bring entries, `enrich` brings pages.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{copies, pictures};
use crate::article::{self, Root};
use crate::model::{Article, ArticleId, Entry, Field, PageMetadata, Stated, Statement, StoryId};
use crate::store::{ArticleRow, Batch, NewArticle, NewStory, Result, RowNo, Shown, View};
use crate::url;

/// Whose article pages are worth a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Every one.
    All,
    /// Those whose article lacks image or excerpt and lies inside the grouping window.
    Missing,
    /// None.
    Nobody,
}

/// What intake needs to know of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntakeRules {
    /// Pages of articles that seeds list.
    pub seeds: Wanted,
    /// Pages of articles that only sources brought.
    pub sources: Wanted,
    /// How far from now an article may lie for [`Wanted::Missing`], in seconds.
    pub window_s: i64,
    /// Nothing is linked, and the operator ties nothing: an article that nobody knew is a story of its own at once,
    /// without waiting for the grouping stage.
    pub founds: bool,
}

/// The article that `entry` is about, made if need be; `None` where the entry has no usable address.
///
/// All addresses of the entry lead to the article from now on. Where two articles turn out to be one by the
/// entry's word, they are merged, unless a seed states the other one's address as its own.
///
/// # Errors
/// When the store fails.
pub fn resolve(batch: &Batch<'_>, entry: &Entry, now: Timestamp) -> Result<Option<RowNo>> {
    let Some(address) = Address::of(entry) else {
        return Ok(None);
    };
    let article = match address.find(batch)? {
        Some(article) => article,
        None => batch.make_article(&NewArticle { id: address.id, url: &address.url, first_seen: now, shown: None })?,
    };
    address.claim(batch, article)?;
    Ok(Some(article))
}

/// What `resolve` and then `refresh` come to for an entry that a source states for the first time: its article, kept
/// merged. `keep` stores the entry. An article that nobody knew needs no second look: most of what comes is of this kind.
///
/// # Errors
/// When the store fails.
pub fn take_in(
    batch: &Batch<'_>,
    statement: &Statement,
    rules: IntakeRules,
    now: Timestamp,
    keep: impl FnOnce(RowNo) -> Result<()>,
) -> Result<Option<RowNo>> {
    let Some(address) = Address::of(&statement.entry) else {
        return Ok(None);
    };
    if let Some(article) = address.find(batch)? {
        address.claim(batch, article)?;
        keep(article)?;
        refresh(batch, article, rules, now)?;
        return Ok(Some(article));
    }
    let root = Root { id: address.id, url: &address.url, first_seen: now };
    let statements = std::slice::from_ref(statement);
    let merged = article::merge(root, statements, None);
    let (face, text) = (article::face(&merged), article::text(&merged));
    let founded = NewStory { id: StoryId::founded_by(address.id, 0), founder: address.id };
    let story = if rules.founds { batch.make_new_story(founded)? } else { None };
    let shown = Some(Shown { published: merged.published, face, text, story });
    let article = batch.make_article(&NewArticle { id: address.id, url: &merged.url, first_seen: now, shown })?;
    address.others.iter().try_for_each(|other| claim(batch, article, *other))?;
    keep(article)?;
    plan(batch, article, &merged, wants_page(&merged, statements, rules, now), now)?;
    Ok(Some(article))
}

/// The addresses of an entry: its own, in canonical form, and the ids of all.
struct Address {
    url: String,
    id: ArticleId,
    others: Vec<ArticleId>,
}

impl Address {
    fn of(entry: &Entry) -> Option<Self> {
        let url = url::canonical(&entry.url).ok()?;
        let id = ArticleId::of(&url::key(&url));
        Some(Self { url, id, others: entry.aliases.iter().filter_map(|alias| alias_id(alias)).collect() })
    }

    /// The article that any of the addresses leads to, the own one first.
    fn find(&self, view: &View<'_>) -> Result<Option<RowNo>> {
        for id in [&self.id].into_iter().chain(&self.others) {
            if let Some(article) = view.article_by_alias(*id)? {
                return Ok(Some(article));
            }
        }
        Ok(None)
    }

    /// All addresses lead to `article` from now on, as far as nobody else has a right to them.
    fn claim(&self, batch: &Batch<'_>, article: RowNo) -> Result<()> {
        batch.know_article_as(article, self.id)?;
        self.others.iter().try_for_each(|other| claim(batch, article, *other))
    }
}

/// The article that the entry's own address leads to, if any.
///
/// # Errors
/// When the store fails.
pub fn known(view: &View<'_>, entry: &Entry) -> Result<Option<RowNo>> {
    alias_id(&entry.url).map_or(Ok(None), |id| view.article_by_alias(id))
}

/// The page of `article` says that it is also known as `address`; says which article that is from now on.
///
/// Where another article is known by that address the two are one: under the other's name if a seed states it, else
/// under this one's. Two articles that seeds state stay two.
///
/// # Errors
/// When the store fails.
pub fn know_as(batch: &Batch<'_>, article: RowNo, address: &str) -> Result<RowNo> {
    let Some(id) = alias_id(address) else { return Ok(article) };
    match batch.article_by_alias(id)? {
        Some(other) if other != article && batch.stated_by(other)?.1 && !batch.stated_by(article)?.1 => {
            batch.merge_articles(article, other)?;
            batch.queue_article(other)?;
            Ok(other)
        }
        _ => claim(batch, article, id).map(|()| article),
    }
}

/// Merges what is known of `article` anew, queues what follows from a change, and says what it is now.
/// An article that nobody states any more is retired.
///
/// # Errors
/// When the store fails.
pub fn refresh(batch: &Batch<'_>, article: RowNo, rules: IntakeRules, now: Timestamp) -> Result<()> {
    let mut row = batch.article(article)?;
    let (statements, page) = told(batch, article)?;
    if statements.is_empty() {
        return if row.live { batch.retire_article(article) } else { Ok(()) };
    }
    let merged = article::merge(root(&row), &statements, page.as_ref());
    // Without a page the two are the same, and most articles have none yet.
    let stated = page.as_ref().map(|page| article::stated(root(&row), &statements, Some(page)));
    let stated = stated.as_ref().unwrap_or(&merged);
    let (face, text) = (article::face(&merged), article::text(stated));
    let changed_in = row.story.filter(|_| row.face != face);
    row.waiting |= row.text != text || !row.live;
    (row.face, row.text, row.live) = (face, text, true);
    row.url.clone_from(&merged.url);
    row.published = stated.published;
    batch.note_article(&row)?;
    if let Some(story) = changed_in {
        batch.queue_story(story)?;
        if merged.canonical_elsewhere.is_some() {
            copies::note(batch, story, &mut BTreeMap::new())?;
        }
    }
    plan(batch, article, &merged, wants_page(&merged, &statements, rules, now), now)
}

/// Wants the page of `article`, if the rules do.
///
/// # Errors
/// When the store fails.
pub fn plan_page(batch: &Batch<'_>, article: RowNo, rules: IntakeRules, now: Timestamp) -> Result<()> {
    let (statements, page) = told(batch, article)?;
    let row = batch.article(article)?;
    let merged = article::merge(root(&row), &statements, page.as_ref());
    plan(batch, article, &merged, wants_page(&merged, &statements, rules, now), now)
}

fn plan(batch: &Batch<'_>, article: RowNo, merged: &Article, is_wanted: bool, now: Timestamp) -> Result<()> {
    if !is_wanted {
        return Ok(());
    }
    let domain = url::registrable_domain(&merged.url).unwrap_or_default();
    batch.want_page(article, &domain, now)
}

/// The article as it is known now, and whether a seed states it.
///
/// # Errors
/// When the store fails.
pub fn article(view: &View<'_>, row: &ArticleRow) -> Result<(Article, bool)> {
    let (statements, page) = told(view, row.no)?;
    let article = article::merge(root(row), &statements, page.as_ref());
    Ok((article, statements.iter().any(|statement| matches!(statement.by, Stated::Seed { .. }))))
}

/// The article as grouping looks at it.
///
/// # Errors
/// When the store fails.
pub fn stated(view: &View<'_>, row: &ArticleRow) -> Result<Article> {
    Ok(article::stated(root(row), &view.statements(row.no)?, page_of(view, row.no)?.as_ref()))
}

/// Where each field of the article as it is known now comes from.
///
/// # Errors
/// When the store fails.
pub fn provenance(view: &View<'_>, row: &ArticleRow) -> Result<BTreeMap<Field, String>> {
    let (statements, page) = told(view, row.no)?;
    Ok(article::provenance(root(row), &statements, page.as_ref()))
}

fn root(row: &ArticleRow) -> Root<'_> {
    Root { id: row.id, url: &row.url, first_seen: row.first_seen }
}

/// All that was told of an article, with what is known of its pictures. Grouping looks at none, and spares itself that.
fn told(view: &View<'_>, article: RowNo) -> Result<(Vec<Statement>, Option<PageMetadata>)> {
    let (mut statements, mut page) = (view.statements(article)?, page_of(view, article)?);
    pictures::complete(view, &mut statements, page.as_mut())?;
    Ok((statements, page))
}

fn page_of(view: &View<'_>, article: RowNo) -> Result<Option<PageMetadata>> {
    Ok(view.page(article)?.and_then(|page| page.metadata))
}

fn alias_id(address: &str) -> Option<ArticleId> {
    url::canonical(address).ok().map(|address| ArticleId::of(&url::key(&address)))
}

fn claim(batch: &Batch<'_>, article: RowNo, id: ArticleId) -> Result<()> {
    match batch.article_by_alias(id)? {
        None => batch.know_article_as(article, id),
        Some(other) if other == article => Ok(()),
        Some(other) if batch.stated_by(other)?.1 => Ok(()),
        Some(other) => {
            batch.merge_articles(other, article)?;
            batch.queue_article(article)
        }
    }
}

fn wants_page(article: &Article, statements: &[Statement], rules: IntakeRules, now: Timestamp) -> bool {
    let by_seed = statements.iter().any(|statement| matches!(statement.by, Stated::Seed { .. }));
    match if by_seed { rules.seeds } else { rules.sources } {
        Wanted::All => true,
        Wanted::Nobody => false,
        Wanted::Missing => {
            let away = (now.as_second() - article.published.as_second()).abs();
            article::lacks_metadata(article) && away <= rules.window_s
        }
    }
}
