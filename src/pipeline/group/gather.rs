//! What a step has to place: waiting articles as units, together with what seeds tie to them.

use std::collections::{BTreeMap, BTreeSet};

use super::{GroupRules, story_of};
use crate::cluster::Window;
use crate::cluster::tie::{Related, Tie, bundles};
use crate::model::{Article, Via};
use crate::pipeline::intake;
use crate::similarity::Profile;
use crate::store::{ArticleRow, Batch, Result, RowNo};

/// Numbers of ties that come from `grouping.same`: far above those of seeds.
const OVERRIDES: u64 = 1 << 62;

/// Articles that stand together: one, or those of a seed.
pub(super) struct Unit {
    /// Lead first.
    pub(super) members: Vec<Member>,
    /// Seeds tie them.
    pub(super) is_bundle: bool,
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
    /// In the order of publication.
    pub(super) units: Vec<Unit>,
    /// Seed listings that stand elsewhere.
    pub(super) related: Vec<Related>,
}

/// Takes retired articles out, and makes units of the rest.
pub(super) fn gather(
    batch: &Batch<'_>,
    window: &mut Window,
    rules: &GroupRules,
    waiting: &[RowNo],
) -> Result<Gathered> {
    let mut claims: BTreeMap<RowNo, Vec<RowNo>> = BTreeMap::new();
    let mut affected = BTreeSet::new();
    for no in waiting {
        let row = batch.article(*no)?;
        if row.live {
            affected.insert(*no);
            continue;
        }
        if let Some((successor, story)) = retire(batch, window, &row)? {
            affected.insert(successor);
            claims.entry(successor).or_default().push(story);
        }
    }
    let (ties, paths) = ties(batch, rules, &affected)?;
    let mut members = BTreeMap::new();
    let tied = ties.iter().flat_map(|tie| [tie.lead].into_iter().chain(tie.members.iter().copied()));
    for id in tied.collect::<BTreeSet<_>>() {
        if let Some(no) = batch.article_by_alias(id)? {
            members.insert(id, member(batch, no, &mut claims)?);
        }
    }
    let mut singles = Vec::new();
    for no in &affected {
        let id = batch.article_id(*no)?;
        if !members.contains_key(&id) {
            singles.push(Unit { members: vec![member(batch, *no, &mut claims)?], is_bundle: false });
        }
    }
    let profiles = members.iter().map(|(id, member)| (*id, member.profile.clone())).collect();
    let bundled = bundles(&ties, &profiles, |a, b| window.likeness(a, b));
    let mut units = singles;
    for bundle in bundled.bundles {
        let of = |(id, seed): (_, u64)| {
            let mut member: Member = members.remove(&id)?;
            member.tie = (id != bundle.lead).then(|| tie_of(seed, &paths));
            Some(member)
        };
        let members: Vec<Member> = bundle.articles.iter().copied().filter_map(of).collect();
        if members.iter().any(|member| affected.contains(&member.row.no)) {
            units.push(Unit { members, is_bundle: true });
        }
    }
    units.sort_by_key(|unit| unit.members.iter().map(|member| (member.row.published, member.row.id)).min());
    Ok(Gathered { units, related: bundled.related })
}

/// Takes an article that nobody states any more out of its story; says who brings that story along, if it was
/// merged into another article.
fn retire(batch: &Batch<'_>, window: &mut Window, row: &ArticleRow) -> Result<Option<(RowNo, RowNo)>> {
    window.take(row.id);
    batch.unplace_article(row.no)?;
    let Some(story) = row.story else { return Ok(None) };
    batch.queue_story(story)?;
    let successor = batch.article_by_alias(row.id)?.filter(|successor| *successor != row.no);
    Ok(successor.map(|successor| (successor, story)))
}

fn member(batch: &Batch<'_>, no: RowNo, claims: &mut BTreeMap<RowNo, Vec<RowNo>>) -> Result<Member> {
    let row = batch.article(no)?;
    let article = intake::article(batch, &row)?;
    let profile = Profile::of(&article);
    let mut own = claims.remove(&no).unwrap_or_default();
    if let Some(story) = row.story {
        own.push(story);
    }
    let mut claims = Vec::new();
    for story in own {
        let story = story_of(batch, story)?;
        // Who was away has a claim on a story only if nobody else kept it.
        if row.placed.is_some() && row.story == Some(story.no)
            || batch.members(story.no)?.iter().all(|other| other.no == no)
        {
            claims.push(story.no);
        }
    }
    claims.sort_unstable();
    claims.dedup();
    Ok(Member { row, article, profile, tie: None, claims })
}

/// The ties of all seeds that list an affected article or share a lead with one that does, and of the overrides
/// that name one; with the paths of the seeds.
fn ties(
    batch: &Batch<'_>,
    rules: &GroupRules,
    affected: &BTreeSet<RowNo>,
) -> Result<(Vec<Tie>, BTreeMap<u64, String>)> {
    let mut seeds: BTreeMap<RowNo, String> = BTreeMap::new();
    for article in affected {
        seeds.extend(batch.seeds_listing(*article)?);
    }
    let mut leads = BTreeSet::new();
    for seed in seeds.keys() {
        leads.extend(batch.seed_articles(*seed)?.first().copied());
    }
    for lead in leads {
        seeds.extend(batch.seeds_listing(lead)?);
    }
    let mut ties = Vec::new();
    for (seed, path) in &seeds {
        let articles =
            batch.seed_articles(*seed)?.into_iter().map(|no| batch.article_id(no)).collect::<Result<Vec<_>>>()?;
        if let Some((lead, members)) = articles.split_first() {
            let seed = u64::try_from(*seed).unwrap_or(0);
            ties.push(Tie { seed, path: path.clone(), lead: *lead, members: members.to_vec() });
        }
    }
    for (number, same) in rules.same.iter().enumerate() {
        let mut known = Vec::new();
        for id in same {
            if let Some(no) = batch.article_by_alias(*id)? {
                known.push((batch.article_id(no)?, affected.contains(&no)));
            }
        }
        if let Some(((lead, _), members)) = known.split_first()
            && known.iter().any(|(_, is_affected)| *is_affected)
        {
            let seed = OVERRIDES + u64::try_from(number).unwrap_or(0);
            let members = members.iter().map(|(id, _)| *id).collect();
            ties.push(Tie { seed, path: String::new(), lead: *lead, members });
        }
    }
    let paths = seeds.into_iter().map(|(no, path)| (u64::try_from(no).unwrap_or(0), path)).collect();
    Ok((ties, paths))
}

fn tie_of(seed: u64, paths: &BTreeMap<u64, String>) -> Via {
    paths.get(&seed).map_or(Via::Override, |path| Via::Seed { path: path.clone() })
}
