//! A story, put together from the store as readers will see it.

use std::collections::BTreeSet;

use super::{intake, release};
use crate::compose;
use crate::model::{ArticleId, Coverage, LeadRule, Related, Story, Via};
use crate::store::{Result, RowNo, SeedText, StoryRow, StoryState, View};

/// Related stories that one story names: each is put together for its title, and a reader follows no more.
const MAX_RELATED: usize = 10;

/// How a story is put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoryRules {
    /// Who leads.
    pub lead: LeadRule,
    /// Articles that the operator pinned as leads.
    pub pins: Vec<ArticleId>,
    /// Publishers, by domain, that the operator left out.
    pub drop_publishers: BTreeSet<String>,
    /// Some topics are private: what was never released may turn out to be in none but those.
    pub has_private: bool,
}

/// A story and what its seeds say.
#[derive(Debug, Clone)]
pub struct Told {
    /// Lead first.
    pub story: Story,
    /// Its seeds, by path.
    pub seeds: Vec<SeedText>,
}

/// The story with this row number, live or not; without coverage where none is left to show.
/// `published` and `updated` are those of the last release, the epoch before the first.
///
/// # Errors
/// When the store fails.
pub fn load(view: &View<'_>, no: RowNo, rules: &StoryRules) -> Result<Told> {
    load_row(view, &view.story(no)?, rules)
}

/// The same for a row that was read already.
///
/// # Errors
/// When the store fails.
pub fn load_row(view: &View<'_>, row: &StoryRow, rules: &StoryRules) -> Result<Told> {
    let no = row.no;
    let (coverage, seeds) = covered(view, no, rules)?;
    let given = seeds.iter().filter_map(|seed| seed.heat).max_by(f64::total_cmp);
    let mut labels: Vec<String> = Vec::new();
    for label in seeds.iter().flat_map(|seed| &seed.labels) {
        if !labels.contains(label) {
            labels.push(label.clone());
        }
    }
    let story = Story {
        id: row.id,
        published: row.published.unwrap_or_default(),
        updated: row.updated.unwrap_or_default(),
        cause: release::cause(row.told.as_deref()),
        heat: compose::heat(&coverage, given),
        coverage,
        labels,
        notes: seeds.iter().filter_map(|seed| seed.note.clone()).collect(),
        related: related(view, no, rules)?,
    };
    Ok(Told { story, seeds })
}

/// The coverage of a story, its lead first, and its seeds.
fn covered(view: &View<'_>, no: RowNo, rules: &StoryRules) -> Result<(Vec<Coverage>, Vec<SeedText>)> {
    let mut coverage = Vec::new();
    let mut has_seeds = false;
    for member in view.members(no)? {
        let (article, is_of_seed) = intake::article(view, &member)?;
        has_seeds |= is_of_seed;
        if !rules.drop_publishers.contains(&article.publisher.domain) {
            coverage.push(Coverage { article, via: member.via.unwrap_or(Via::Founder), copy_of: member.copy_of });
        }
    }
    let seeds = if has_seeds { view.seed_texts(no)? } else { Vec::new() };
    let leads: Vec<ArticleId> = seeds.iter().filter_map(|seed| seed.lead).collect();
    compose::order_coverage(&mut coverage, rules.lead, &rules.pins, &leads);
    Ok((coverage, seeds))
}

/// Stories that share an article with this one. One that changes its title shows it here when this story is settled
/// again. One that waits for its first release counts as released, since the order of releases must not matter; but not
/// where some topics are private: there its release makes this story wait again (`release::settle`).
fn related(view: &View<'_>, no: RowNo, rules: &StoryRules) -> Result<Vec<Related>> {
    let mut found = Vec::new();
    for other in view.related_stories(no)?.into_iter().take(MAX_RELATED) {
        let row = view.story(other)?;
        if rules.has_private && row.published.is_none() {
            continue;
        }
        let coverage = covered(view, other, rules)?.0;
        let earliest = coverage.iter().map(|member| member.article.published).min();
        if let (StoryState::Live, Some(lead), Some(earliest)) = (&row.state, coverage.first(), earliest) {
            let title = lead.article.title.clone();
            found.push(Related { id: row.id, title, published: row.published.unwrap_or(earliest) });
        }
    }
    Ok(found)
}
