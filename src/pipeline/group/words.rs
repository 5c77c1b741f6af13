//! Words: with whom each article stands because somebody says so, a seed or the operator.
//!
//! A function of what seeds list and of what the operator writes alone, not of what the window holds now: else the size
//! of a step would decide.

use std::collections::{BTreeMap, BTreeSet};

use super::ties::{Named, Ties};
use crate::cluster::open::Rules;
use crate::cluster::tie::{Bundle, Bundles, Tie, bundles};
use crate::model::{ArticleId, Via};
use crate::pipeline::intake;
use crate::similarity::Profile;
use crate::store::{Batch, Result, RowNo};

/// What is said of an article.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Word {
    /// Who has the same stands with it.
    pub(super) tied: Option<ArticleId>,
    /// Who says so; `None` for the article that the others are tied to.
    pub(super) via: Option<Via>,
}

/// What is said of the articles around a step.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// By article; who is missing is not spoken of.
    pub(super) of: BTreeMap<ArticleId, Word>,
    /// Listings that stand elsewhere: article and the lead that lists it, each once.
    pub(super) related: BTreeSet<(ArticleId, ArticleId)>,
}

/// What `ties` and the operator come to.
pub(super) fn words(batch: &Batch<'_>, rules: &Rules, named: &Named, ties: &Ties) -> Result<Words> {
    let profiles = contested(batch, &ties.all)?;
    let Bundles { bundles, related } = bundles(&ties.all, &profiles, |a, b| rules.likeness(a, b));
    let mut units: Vec<Bundle> = bundles.into_iter().map(|bundle| parted(bundle, named)).collect();
    let seated: BTreeSet<ArticleId> = units.iter().flat_map(articles_of_bundle).collect();
    // Whom the operator names and no seed lists is a unit alone.
    for id in named.same.iter().flatten().filter(|id| !seated.contains(id)).collect::<BTreeSet<_>>() {
        units.push(Bundle { lead: *id, seeds: Vec::new(), articles: vec![(*id, 0)] });
    }
    let keys = joined(&units, named);
    part(&mut units, &keys, named);
    let mut of = BTreeMap::new();
    for (unit, key) in units.iter().zip(&keys) {
        let is_joined = keys.iter().filter(|other| *other == key).count() > 1;
        if !is_joined && unit.articles.len() < 2 {
            continue;
        }
        for (id, seed) in &unit.articles {
            let path = ties.paths.get(seed).filter(|_| *id != unit.lead);
            let by_operator = || (is_joined && unit.lead != *key).then_some(Via::Override);
            let via = path.map(|path| Via::Seed { path: path.clone() }).or_else(by_operator);
            of.insert(*id, Word { tied: Some(*key), via });
        }
    }
    let related = related.into_iter().map(|related| (related.article, related.listed_by)).collect();
    Ok(Words { of, related })
}

/// The bundle without those whom the operator parts from its lead, or from who stands before them.
fn parted(mut bundle: Bundle, named: &Named) -> Bundle {
    let mut kept: Vec<(ArticleId, u64)> = Vec::new();
    for (article, seed) in bundle.articles {
        if !kept.iter().any(|(other, _)| named.are_different(article, *other)) {
            kept.push((article, seed));
        }
    }
    bundle.articles = kept;
    bundle
}

/// Units that are joined lose whom the operator parts from another of them: no word holds two together who are different.
/// What the operator calls the same stays before what a seed lists.
fn part(units: &mut [Bundle], keys: &[ArticleId], named: &Named) {
    let mut kept: BTreeMap<ArticleId, BTreeSet<ArticleId>> = BTreeMap::new();
    for is_first in [true, false] {
        for (unit, key) in units.iter().zip(keys) {
            let kept = kept.entry(*key).or_default();
            for id in articles_of_bundle(unit).filter(|id| named.joins(*id) == is_first) {
                if !kept.iter().any(|other| named.are_different(id, *other)) {
                    kept.insert(id);
                }
            }
        }
    }
    for (unit, key) in units.iter_mut().zip(keys) {
        unit.articles.retain(|(id, _)| kept.get(key).is_some_and(|kept| kept.contains(id)));
    }
}

fn articles_of_bundle(bundle: &Bundle) -> impl Iterator<Item = ArticleId> {
    bundle.articles.iter().map(|(id, _)| *id)
}

/// The key of each unit: its lead, or the least lead of those that the operator calls the same.
fn joined(units: &[Bundle], named: &Named) -> Vec<ArticleId> {
    let mut keys: Vec<ArticleId> = units.iter().map(|unit| unit.lead).collect();
    for same in &named.same {
        let holds = |unit: &Bundle| articles_of_bundle(unit).any(|id| same.contains(&id));
        let held: BTreeSet<ArticleId> =
            units.iter().zip(&keys).filter(|(unit, _)| holds(unit)).map(|(_, key)| *key).collect();
        if let Some(least) = held.first() {
            keys.iter_mut().filter(|key| held.contains(key)).for_each(|key| *key = *least);
        }
    }
    keys
}

/// Profiles of the articles of those seeds that list an article which another seed lists too: only they are compared.
fn contested(batch: &Batch<'_>, ties: &[Tie]) -> Result<BTreeMap<ArticleId, Profile>> {
    let mut listings: BTreeMap<ArticleId, usize> = BTreeMap::new();
    for article in ties.iter().flat_map(articles_of) {
        *listings.entry(article).or_default() += 1;
    }
    let shares = |tie: &&Tie| articles_of(tie).any(|article| listings.get(&article).is_some_and(|count| *count > 1));
    let mut profiles = BTreeMap::new();
    for id in ties.iter().filter(shares).flat_map(articles_of).collect::<BTreeSet<_>>() {
        profiles.insert(id, Profile::of(&intake::stated(batch, &batch.article_by_id(id)?)?));
    }
    Ok(profiles)
}

fn articles_of(tie: &Tie) -> impl Iterator<Item = ArticleId> {
    [tie.lead].into_iter().chain(tie.members.iter().copied())
}

/// The rows of the leads in whose stories `article` is listed but does not stand, in order.
pub(super) fn leads_of(batch: &Batch<'_>, words: &Words, article: ArticleId) -> Result<Vec<RowNo>> {
    let listed = words.related.iter().filter(|(one, _)| *one == article);
    let mut leads = listed.map(|(_, lead)| Ok(batch.article_by_id(*lead)?.no)).collect::<Result<Vec<RowNo>>>()?;
    leads.sort_unstable();
    Ok(leads)
}
