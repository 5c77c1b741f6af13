//! What a step has to place: waiting articles as units, together with what seeds tie to them.

use std::collections::{BTreeMap, BTreeSet};

use super::ties::{Named, Ties, read_ties};
use super::{GroupRules, story_of};
use jiff::Timestamp;

use crate::cluster::Window;
use crate::cluster::tie::{Bundle, Related, Tie, bundles};
use crate::model::{Article, ArticleId, Via};
use crate::pipeline::intake;
use crate::similarity::Profile;
use crate::store::{ArticleRow, Batch, Result, RowNo};

/// Articles that stand together: one, or those of a seed.
pub(super) struct Unit {
    /// Lead first.
    pub(super) members: Vec<Member>,
    /// Seeds tie them.
    pub(super) is_bundle: bool,
}

/// What comes first: what waits, then what was published earlier.
pub(super) type Order = (bool, Timestamp, ArticleId);

impl Unit {
    /// By what waits: that is the order in which steps of one article would take them.
    pub(super) fn order(&self) -> Option<Order> {
        self.members.iter().map(|member| order(&member.row)).min()
    }

    /// One article that nobody ties to others.
    pub(super) fn single(batch: &Batch<'_>, row: ArticleRow) -> Result<Self> {
        Ok(Self { members: vec![Member::of(batch, row)?], is_bundle: false })
    }
}

/// The place of an article in the order of a step.
pub(super) fn order(row: &ArticleRow) -> Order {
    (!row.waiting, row.published, row.id)
}

/// One article of a unit.
pub(super) struct Member {
    pub(super) row: ArticleRow,
    pub(super) article: Article,
    pub(super) profile: Profile,
    /// Why it stands with the lead; `None` for the lead itself.
    pub(super) tie: Option<Via>,
    /// Stories it brings along beside its own: those of articles that turned out to be this one.
    pub(super) claims: Vec<RowNo>,
}

/// What a step has to place.
pub(super) struct Gathered {
    /// Articles that stood nowhere yet and that nobody ties to others, in the order of publication.
    pub(super) fresh: Vec<ArticleRow>,
    /// All others, in the order of publication of what waits.
    pub(super) units: Vec<Unit>,
    /// Seed listings that stand elsewhere.
    pub(super) related: Vec<Related>,
    /// Stories that lost an article.
    pub(super) left: BTreeSet<RowNo>,
}

/// Takes retired articles out, and makes units of the rest.
pub(super) fn gather(
    batch: &Batch<'_>,
    window: &mut Window,
    rules: &GroupRules,
    waiting: Vec<ArticleRow>,
) -> Result<Gathered> {
    let mut affected = BTreeSet::new();
    let mut left = BTreeSet::new();
    let mut fresh = Vec::new();
    let named = Named::read(batch, rules)?;
    for row in waiting {
        if !row.live {
            left.extend(row.story);
            retire(batch, window, &row)?;
        } else if row.story.is_none() && !named.names(&row) && !batch.has_ties(row.no)? {
            fresh.push(row);
        } else {
            affected.insert(row.no);
        }
    }
    let mut members = BTreeMap::new();
    loop {
        let ties = read_ties(batch, &named, &affected)?;
        let bundled = bundled(batch, rules, &named, &ties, &mut members)?;
        let moved = moved(&ties, &bundled.bundles, &members);
        if moved.is_subset(&ties.wanted) {
            let units = units(batch, &named, &ties, bundled.bundles, members)?;
            let placed: BTreeSet<ArticleId> =
                units.iter().flat_map(|unit| unit.members.iter().map(|member| member.row.id)).collect();
            let concerns = |related: &Related| placed.contains(&related.article) || placed.contains(&related.listed_by);
            let related = bundled.related.into_iter().filter(concerns).collect();
            return Ok(Gathered { fresh, units, related, left });
        }
        affected.extend(moved);
    }
}

/// What the ties come to: bundles without those whom the operator parts, and listings that stand elsewhere.
struct Bundled {
    bundles: Vec<Bundle>,
    related: Vec<Related>,
}

/// Where an article stands that several seeds list depends on those seeds alone, not on what the window holds now:
/// else the size of a step would decide.
fn bundled(
    batch: &Batch<'_>,
    rules: &GroupRules,
    named: &Named,
    ties: &Ties,
    members: &mut BTreeMap<ArticleId, Member>,
) -> Result<Bundled> {
    let tied = ties.all.iter().flat_map(articles_of);
    for id in tied.collect::<BTreeSet<_>>() {
        if let Some(no) = batch.article_by_alias(id)?.filter(|_| !members.contains_key(&id)) {
            members.insert(id, member(batch, no)?);
        }
    }
    let profiles = contested(&ties.all, members);
    let plain = Window::new(rules.window.clone());
    let found = bundles(&ties.all, &profiles, |a, b| plain.likeness(a, b));
    let part = |mut bundle: Bundle| {
        let mut kept: Vec<(ArticleId, u64)> = Vec::new();
        for (article, seed) in bundle.articles {
            if !kept.iter().any(|(other, _)| named.are_different(article, *other)) {
                kept.push((article, seed));
            }
        }
        bundle.articles = kept;
        bundle
    };
    Ok(Bundled { bundles: found.bundles.into_iter().map(part).collect(), related: found.related })
}

/// Profiles of the articles of those seeds that list an article which another seed lists too: only they are compared.
fn contested(ties: &[Tie], members: &BTreeMap<ArticleId, Member>) -> BTreeMap<ArticleId, Profile> {
    let mut listings: BTreeMap<ArticleId, usize> = BTreeMap::new();
    for article in ties.iter().flat_map(articles_of) {
        *listings.entry(article).or_default() += 1;
    }
    let shares = |tie: &&Tie| articles_of(tie).any(|article| listings.get(&article).is_some_and(|count| *count > 1));
    let known = |article: ArticleId| Some((article, members.get(&article)?.profile.clone()));
    ties.iter().filter(shares).flat_map(articles_of).filter_map(known).collect()
}

fn articles_of(tie: &Tie) -> impl Iterator<Item = ArticleId> {
    [tie.lead].into_iter().chain(tie.members.iter().copied())
}

/// Articles of the seeds in question that stand in another story than the lead of their bundle.
fn moved(ties: &Ties, bundles: &[Bundle], members: &BTreeMap<ArticleId, Member>) -> BTreeSet<RowNo> {
    let mut moved = BTreeSet::new();
    for bundle in bundles {
        let story = members.get(&bundle.lead).and_then(|lead| lead.row.story.filter(|_| lead.row.placed.is_some()));
        let Some(story) = story else { continue };
        for (article, _) in &bundle.articles {
            let Some(member) = members.get(article).filter(|member| ties.listed.contains(&member.row.no)) else {
                continue;
            };
            if member.row.placed.is_some() && member.row.story != Some(story) {
                moved.insert(member.row.no);
            }
        }
    }
    moved
}

/// Bundles and single articles of which something is wanted, joined where the operator says so.
fn units(
    batch: &Batch<'_>,
    named: &Named,
    ties: &Ties,
    bundles: Vec<Bundle>,
    mut members: BTreeMap<ArticleId, Member>,
) -> Result<Vec<Unit>> {
    let mut units = Vec::new();
    let mut seated = BTreeSet::new();
    for bundle in bundles {
        let is_wanted = |(id, _): &(ArticleId, u64)| {
            members.get(id).is_some_and(|member: &Member| ties.wanted.contains(&member.row.no))
        };
        if !bundle.articles.iter().any(is_wanted) {
            continue;
        }
        let of = |(id, seed): (ArticleId, u64)| {
            let mut member = members.remove(&id)?;
            member.tie =
                ties.paths.get(&seed).filter(|_| id != bundle.lead).map(|path| Via::Seed { path: path.clone() });
            Some(member)
        };
        let members: Vec<Member> = bundle.articles.into_iter().filter_map(of).collect();
        seated.extend(members.iter().map(|member| member.row.no));
        units.push(Unit { members, is_bundle: true });
    }
    for no in ties.wanted.difference(&seated) {
        let known = members.remove(&batch.article_id(*no)?);
        let member = known.map_or_else(|| member(batch, *no), Ok)?;
        units.push(Unit { members: vec![member], is_bundle: false });
    }
    units.sort_by_key(Unit::order);
    let mut units = joined(units, named);
    units.sort_by_key(Unit::order);
    Ok(units)
}

/// Units that the operator calls the same become one, led by the one that was published first.
fn joined(mut units: Vec<Unit>, named: &Named) -> Vec<Unit> {
    for same in &named.same {
        let holds = |unit: &Unit| unit.members.iter().any(|member| same.contains(&member.row.no));
        let (held, others): (Vec<Unit>, Vec<Unit>) = units.into_iter().partition(holds);
        units = others;
        let mut held = held.into_iter();
        if let Some(mut first) = held.next() {
            for unit in held {
                first.is_bundle = true;
                first.members.extend(unit.members.into_iter().map(|mut member| {
                    member.tie.get_or_insert(Via::Override);
                    member
                }));
            }
            units.push(first);
        }
    }
    units
}

/// Takes an article that nobody states any more out of its story.
fn retire(batch: &Batch<'_>, window: &mut Window, row: &ArticleRow) -> Result<()> {
    window.take(row.id);
    batch.unplace_article(row.no)?;
    row.story.map_or(Ok(()), |story| batch.queue_story(story))
}

fn member(batch: &Batch<'_>, no: RowNo) -> Result<Member> {
    Member::of(batch, batch.article(no)?)
}

impl Member {
    fn of(batch: &Batch<'_>, row: ArticleRow) -> Result<Self> {
        let article = intake::stated(batch, &row)?;
        let profile = Profile::of(&article);
        Ok(Self { row, article, profile, tie: None, claims: Vec::new() })
    }

    /// Where the article stands now, and which stories it brings along: units of the same step may have moved it.
    pub(super) fn look_again(&mut self, batch: &Batch<'_>) -> Result<()> {
        let no = self.row.no;
        self.row = batch.article(no)?;
        let mut own = batch.stories_of_merged(no)?;
        own.extend(self.row.story);
        self.claims.clear();
        for story in own {
            let story = story_of(batch, story)?;
            // Who was away has a claim on a story only if nobody else kept it.
            if self.row.placed.is_some() && self.row.story == Some(story.no)
                || batch.members(story.no)?.iter().all(|other| other.no == no)
            {
                self.claims.push(story.no);
            }
        }
        self.claims.sort_unstable();
        self.claims.dedup();
        Ok(())
    }
}
