//! A story, put together from the store as readers will see it.

use std::collections::BTreeSet;

use super::intake;
use crate::compose;
use crate::model::{ArticleId, Coverage, LeadRule, Story, Via};
use crate::store::{Result, RowNo, SeedText, View};

/// How a story is put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoryRules {
    /// Who leads.
    pub lead: LeadRule,
    /// Articles that the operator pinned as leads.
    pub pins: Vec<ArticleId>,
    /// Publishers, by domain, that the operator left out.
    pub drop_publishers: BTreeSet<String>,
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
    let row = view.story(no)?;
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
    let given = seeds.iter().filter_map(|seed| seed.heat).max_by(f64::total_cmp);
    let mut labels: Vec<String> = Vec::new();
    for label in seeds.iter().flat_map(|seed| &seed.labels) {
        if !labels.contains(label) {
            labels.push(label.clone());
        }
    }
    let related = view.related_stories(no)?.into_iter().map(|other| view.story_id(other));
    let story = Story {
        id: row.id,
        published: row.published.unwrap_or_default(),
        updated: row.updated.unwrap_or_default(),
        heat: compose::heat(&coverage, given),
        coverage,
        labels,
        notes: seeds.iter().filter_map(|seed| seed.note.clone()).collect(),
        related: related.collect::<Result<_>>()?,
    };
    Ok(Told { story, seeds })
}
