//! Settling: what the groups of a step are called, and which articles outside the window belong to them.
//!
//! In come the groups that have changed and a [`Ledger`] of what stood where, out go parts with ids. The store and
//! [`super::stream::Stream`] keep ledgers; both settle here, so that a stream is grouped as the daemon would. Loses
//! nobody: what a story holds that is in no changed group is a part of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{Naming, Old, Part, name};
use super::open::{Bound, Open};
use crate::model::{ArticleId, StoryId};

/// Who knows where each article stands.
pub trait Ledger {
    /// Why it could not be asked.
    type Error;

    /// The stories that `article` is in or has a claim on.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn stories_of(&self, article: ArticleId) -> Result<Vec<StoryId>, Self::Error>;

    /// The articles of `story`, the one that was placed first before the others.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn members(&self, story: StoryId) -> Result<Vec<ArticleId>, Self::Error>;

    /// The story as it was; `None` where nobody was told of it: its id binds nobody.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn old(&self, story: StoryId) -> Result<Option<Old>, Self::Error>;

    /// Whether `story` lives, or leads to another.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn is_taken(&self, story: StoryId) -> Result<bool, Self::Error>;

    /// By which closing `article` is bound.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn closing_of(&self, article: ArticleId) -> Result<Option<ArticleId>, Self::Error>;

    /// The articles that are bound by `closing`.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn bound_by(&self, closing: ArticleId) -> Result<Vec<ArticleId>, Self::Error>;
}

/// What a step comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Whole stories, each article with the stories that it was in. Who founds a story stands first.
    pub parts: Vec<Part>,
    /// What they are called.
    pub naming: Naming,
    /// Stories of which nobody was told and that are no more.
    pub forgotten: Vec<StoryId>,
}

/// Names `groups` of `open`.
///
/// # Errors
/// When the ledger cannot be read.
pub fn settle<L: Ledger>(ledger: &L, open: &Open, groups: Vec<Vec<ArticleId>>) -> Result<Settled, L::Error> {
    let mut seated: BTreeSet<ArticleId> = groups.iter().flatten().copied().collect();
    let mut stories = BTreeSet::new();
    let mut parts = Vec::with_capacity(groups.len());
    for mut group in groups {
        for closing in open.closings_of(&group) {
            let bound = ledger.bound_by(closing)?;
            group.extend(bound.into_iter().filter(|id| !open.holds(*id) && seated.insert(*id)));
        }
        parts.extend(part(ledger, group, &mut stories)?);
    }
    for story in stories.clone() {
        let rest: Vec<ArticleId> = ledger.members(story)?.into_iter().filter(|id| seated.insert(*id)).collect();
        let own = rest_of(ledger, open, story, rest, &mut parts)?;
        parts.extend(own);
    }
    let (mut old, mut untold) = (Vec::new(), BTreeSet::new());
    for story in stories {
        match ledger.old(story)? {
            Some(known) => old.push(known),
            None => drop(untold.insert(story)),
        }
    }
    // A ledger that has answered so far and fails now will fail again when the names are noted.
    let naming = name(&parts, &old, |id| !untold.contains(&id) && ledger.is_taken(id).unwrap_or(false));
    for id in &naming.ids {
        untold.remove(id);
    }
    Ok(Settled { parts, naming, forgotten: untold.into_iter().collect() })
}

/// Who of `story` is in no changed group. Who is outside a window that was larger once, and not bound, goes with the first
/// part of the story that the operator does not part it from; the others are a part.
fn rest_of<L: Ledger>(
    ledger: &L,
    open: &Open,
    story: StoryId,
    rest: Vec<ArticleId>,
    parts: &mut [Part],
) -> Result<Option<Part>, L::Error> {
    let is_of = |part: &Part| part.articles.iter().any(|(_, of)| *of == Some(story));
    let mut own = Vec::new();
    for id in rest {
        let is_loose = !open.is_closed() && !open.holds(id) && ledger.closing_of(id)?.is_none();
        let takes = |part: &&mut Part| is_of(part) && !open.is_apart(id, part.articles.iter().map(|(other, _)| *other));
        match parts.iter_mut().find(takes).filter(|_| is_loose) {
            Some(part) => part.articles.push((id, Some(story))),
            None => own.push(id),
        }
    }
    let founder = own.first().copied();
    let articles = own.into_iter().map(|id| (id, Some(story))).collect();
    Ok(founder.map(|founder| Part { articles, founder }))
}

fn part<L: Ledger>(
    ledger: &L,
    articles: Vec<ArticleId>,
    stories: &mut BTreeSet<StoryId>,
) -> Result<Option<Part>, L::Error> {
    let Some(founder) = articles.first().copied() else { return Ok(None) };
    let mut part = Part { articles: Vec::with_capacity(articles.len()), founder };
    for id in articles {
        let of = ledger.stories_of(id)?;
        stories.extend(&of);
        part.articles.extend(of.iter().map(|story| (id, Some(*story))));
        part.articles.extend(of.is_empty().then_some((id, None)));
    }
    Ok(Some(part))
}

/// What binds `article`, which arrives (again) as the number `number`, to those of its story that the window no longer
/// holds; `None` where it has none or is new. What is bound by that is to be noted before it arrives. Whoever of them
/// arrives first binds them all, so that it does not matter how many arrive at once.
///
/// # Errors
/// When the ledger cannot be read.
pub fn rebound<L: Ledger>(
    ledger: &L,
    open: &mut Open,
    article: ArticleId,
    number: u32,
) -> Result<Option<Bound>, L::Error> {
    let own = ledger.closing_of(article)?;
    if open.holds(article) {
        return Ok(own.map(|key| Bound { key, articles: Vec::new(), before: Vec::new() }));
    }
    let mut outside = BTreeMap::new();
    for story in ledger.stories_of(article)? {
        for other in ledger.members(story)? {
            if other != article && !open.holds(other) {
                outside.insert(other, ledger.closing_of(other)?);
            }
        }
    }
    let bound = own.or(outside.values().flatten().min().copied());
    let Some(key) = bound.or((!outside.is_empty()).then(|| Bound::key(number))) else { return Ok(None) };
    let unbound = outside.into_iter().chain([(article, own)]).filter(|(_, closing)| closing.is_none());
    let bound = Bound { key, articles: unbound.map(|(id, _)| id).collect(), before: Vec::new() };
    open.note(&bound);
    Ok(Some(bound))
}
