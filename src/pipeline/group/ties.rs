//! Who stands together by somebody's word: the seeds around the articles of a step, and the operator's overrides.

use std::collections::{BTreeMap, BTreeSet};

use super::GroupRules;
use crate::cluster::tie::Tie;
use crate::model::ArticleId;
use crate::store::{Batch, Result, RowNo};

/// The operator's word on the articles that are there.
pub(super) struct Named {
    /// Groups that stand together.
    pub(super) same: Vec<BTreeSet<ArticleId>>,
    /// Groups no two of which stand together.
    pub(super) different: Vec<Vec<ArticleId>>,
    /// By which closings these are bound.
    pub(super) closings: BTreeMap<ArticleId, ArticleId>,
}

impl Named {
    pub(super) fn read(batch: &Batch<'_>, rules: &GroupRules) -> Result<Self> {
        let mut closings = BTreeMap::new();
        let mut known = |ids: &Vec<ArticleId>| -> Result<BTreeSet<ArticleId>> {
            let mut live = BTreeSet::new();
            for id in ids {
                if let Some(no) = batch.article_by_alias(*id)? {
                    let row = batch.article(no)?;
                    live.extend(row.live.then_some(row.id));
                    closings.extend(row.closed.map(|closing| (row.id, closing)));
                }
            }
            Ok(live)
        };
        let same = rules.same.iter().map(&mut known).collect::<Result<_>>()?;
        let different = rules.different.iter().map(|ids| Ok(known(ids)?.into_iter().collect()));
        let different = different.collect::<Result<_>>()?;
        Ok(Self { same, different, closings })
    }

    /// Whether the operator calls the article the same as another.
    pub(super) fn joins(&self, article: ArticleId) -> bool {
        self.same.iter().any(|group| group.contains(&article))
    }

    /// Whether the operator parts the article from another.
    pub(super) fn parts(&self, article: ArticleId) -> bool {
        self.different.iter().any(|group| group.contains(&article))
    }

    pub(super) fn are_different(&self, one: ArticleId, other: ArticleId) -> bool {
        one != other && self.different.iter().any(|group| group.contains(&one) && group.contains(&other))
    }
}

/// The seeds around the articles of a step.
pub(super) struct Ties {
    /// What they tie together.
    pub(super) all: Vec<Tie>,
    /// Their files, by their numbers.
    pub(super) paths: BTreeMap<u64, String>,
    /// The articles of the step, those that the operator calls the same, and all that their seeds list. With whom each
    /// of these is tied is known for sure.
    pub(super) listed: BTreeSet<RowNo>,
}

/// Seeds that are found from article to article.
struct Walk<'a, 'b> {
    batch: &'a Batch<'b>,
    /// Path and articles, lead first.
    seeds: BTreeMap<RowNo, (String, Vec<RowNo>)>,
    looked: BTreeSet<RowNo>,
}

impl Walk<'_, '_> {
    /// Finds the seeds that list any of `articles`, and those that share a lead with one of them.
    fn widen(&mut self, articles: &BTreeSet<RowNo>) -> Result<()> {
        let leads = self.look(articles)?;
        self.look(&leads).map(|_| ())
    }

    /// Finds the seeds that list any of `articles`; says the leads of new ones.
    fn look(&mut self, articles: &BTreeSet<RowNo>) -> Result<BTreeSet<RowNo>> {
        let mut leads = BTreeSet::new();
        for article in articles {
            if !self.looked.insert(*article) {
                continue;
            }
            for (seed, path) in self.batch.seeds_listing(*article)? {
                if !self.seeds.contains_key(&seed) {
                    let listed = self.batch.seed_articles(seed)?;
                    leads.extend(listed.first().copied());
                    self.seeds.insert(seed, (path, listed));
                }
            }
        }
        Ok(leads)
    }

    fn listed(&self) -> BTreeSet<RowNo> {
        self.seeds.values().flat_map(|(_, listed)| listed.iter().copied()).collect()
    }
}

/// The ties around `affected`.
///
/// Where an article stands is decided by every seed that lists it, and by how it fits what stands there for sure,
/// which is a question of who else lists those. Three circles of seeds around an article therefore decide, whatever
/// else waits: a step of one article comes to the same as a step of all.
pub(super) fn read_ties(batch: &Batch<'_>, named: &Named, affected: &BTreeSet<RowNo>) -> Result<Ties> {
    let mut walk = Walk { batch, seeds: BTreeMap::new(), looked: BTreeSet::new() };
    let rows = |ids: &BTreeSet<ArticleId>| ids.iter().map(|id| Ok(batch.article_by_id(*id)?.no)).collect();
    let same: Vec<BTreeSet<RowNo>> = named.same.iter().map(rows).collect::<Result<_>>()?;
    let mut wanted = affected.clone();
    let mut listed;
    loop {
        walk.widen(&wanted)?;
        listed = &walk.listed() | &wanted;
        let before = wanted.len();
        for same in same.iter().filter(|same| !same.is_disjoint(&listed)) {
            wanted.extend(same);
        }
        if wanted.len() == before {
            break;
        }
    }
    walk.widen(&listed)?;
    let circle = walk.listed();
    walk.widen(&circle)?;
    let mut ties = Vec::new();
    let mut paths = BTreeMap::new();
    for (no, (path, articles)) in &walk.seeds {
        let articles = articles.iter().map(|no| batch.article_id(*no)).collect::<Result<Vec<_>>>()?;
        if let Some((lead, members)) = articles.split_first() {
            let seed = u64::try_from(*no).unwrap_or(0);
            ties.push(Tie { seed, path: path.clone(), lead: *lead, members: members.to_vec() });
            paths.insert(seed, path.clone());
        }
    }
    Ok(Ties { all: ties, paths, listed })
}
