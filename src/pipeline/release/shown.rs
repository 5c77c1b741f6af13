//! Shown: where readers find a story now, and since when, told from the store for `explain`.

use jiff::Timestamp;
use serde::Serialize;

use super::editions::stories;
use super::{ALL, Plan, ReleaseRules, topics, volumes};
use crate::model::StoryId;
use crate::publish;
use crate::store::{Result, StoryRow, View};

/// A topic that holds a story, and the documents in which it shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownIn {
    /// The topic's slug; `all` is every story.
    pub topic: String,
    /// Its place in the topic, from 1; `None` where others fill it.
    pub place: Option<usize>,
    /// How many stories the topic shows.
    pub limit: usize,
    /// The documents that show it now, below the site's address, each with the time its bytes last changed.
    pub documents: Vec<(String, Timestamp)>,
    /// The volumes of the topic's archive that hold it.
    pub archive: Vec<String>,
}

/// Where the story of `row` is shown at `now`. A private topic's folder is named `p/…/`, since its address is a secret.
///
/// # Errors
/// When the store fails.
pub fn shown_in(view: &View<'_>, rules: &ReleaseRules, row: &StoryRow, now: Timestamp) -> Result<Vec<ShownIn>> {
    let held = view.topics_of(row.no)?;
    let plans = Plan::all(rules, topics(view, &rules.topics)?);
    let holds = plans.iter().filter(|plan| held.iter().any(|(slug, _)| *slug == plan.slug));
    holds.map(|plan| in_topic(view, rules, plan, row, now)).collect()
}

fn in_topic(view: &View<'_>, rules: &ReleaseRules, plan: &Plan, row: &StoryRow, now: Timestamp) -> Result<ShownIn> {
    let id: StoryId = row.id;
    let place = stories(view, rules, plan, now)?.iter().position(|story| story.id == id).map(|before| before + 1);
    let folder = plan.folder();
    let told = if plan.private.is_some() { "p/…/" } else { folder.as_str() };
    let mut documents = Vec::new();
    if place.is_some() {
        for format in publish::FORMATS.iter().filter(|format| rules.site.formats.contains(&format.name)) {
            if let Some(document) = view.document(&format!("{folder}{}", format.file))? {
                documents.push((format!("{told}{}", format.file), document.modified));
            }
        }
    }
    let of_topic = view.volumes_of(row.no)?.into_iter().filter(|volume| volume.topic == plan.slug);
    Ok(ShownIn {
        topic: if plan.slug == ALL { "all".to_owned() } else { plan.slug.clone() },
        place,
        limit: plan.topic.limit,
        documents,
        archive: of_topic.map(|volume| format!("{told}{}", volumes::file(&volume))).collect(),
    })
}
