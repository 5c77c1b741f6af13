//! The difference that another configuration would make: which stories enter or leave each topic, and why.
//!
//! Both configurations are tried on copies of the first one's store (`Trial`); nothing is fetched, written or
//! published.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::check::Trial;
use super::{AppError, Ground};
use crate::config::Config;
use crate::model::{StoryId, Topic};
use crate::pipeline::{release, story};
use crate::store::{Result, View};
use crate::topic::{Selector, Subject};

/// What would change.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// Topics of either configuration, by slug; those that nothing happens to as well.
    pub topics: Vec<TopicDifference>,
}

/// What would change in one topic.
#[derive(Debug, Serialize)]
pub struct TopicDifference {
    /// Its slug.
    pub topic: String,
    /// Its title, the new one where there are two.
    pub title: String,
    /// `new`, `gone` or `kept`.
    pub is: &'static str,
    /// Stories that would enter, in the new order.
    pub enter: Vec<Moved>,
    /// Stories that would leave, in the old order.
    pub leave: Vec<Moved>,
    /// How many would stay.
    pub stay: usize,
}

/// A story that would enter or leave.
#[derive(Debug, Serialize)]
pub struct Moved {
    /// Its id.
    pub story: StoryId,
    /// Its lead's title.
    pub title: String,
    /// Why the new topic holds it, or does not.
    pub why: String,
}

impl Difference {
    /// Whether no topic comes, goes, or holds other stories.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.topics.iter().all(|topic| topic.is == "kept" && topic.enter.is_empty() && topic.leave.is_empty())
    }
}

/// What would change if `new` replaced `old`, whose ground is `ground`, on the store of `old`.
///
/// # Errors
/// When the store fails.
pub fn diff(ground: &Ground, old: &Config, new: &Config) -> Result<Difference, AppError> {
    // One after the other: a copy lies in memory.
    let before = holdings(&Trial::of(ground, old, &old.store)?, ground)?;
    let trial = Trial::of(ground, new, &old.store)?;
    let after = holdings(&trial, ground)?;
    let slugs: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let compared = slugs.into_iter().map(|slug| compare(&trial, slug, before.get(slug), after.get(slug)));
    Ok(Difference { topics: compared.collect::<Result<_, _>>()? })
}

/// A topic and all that it holds, in its order: its `limit` only says how much of that is shown.
struct Holding {
    topic: Topic,
    stories: Vec<(StoryId, String)>,
}

fn holdings(trial: &Trial, ground: &Ground) -> Result<BTreeMap<String, Holding>, AppError> {
    let now = ground.clock.now();
    Ok(trial.home.wire.store.read(|view| {
        let topics = release::topics(view, &trial.rules.topics)?;
        topics.into_iter().map(|topic| Ok((topic.id.clone(), holding(view, trial, topic, now)?))).collect()
    })?)
}

fn holding(view: &View<'_>, trial: &Trial, topic: Topic, now: Timestamp) -> Result<Holding> {
    let oldest = |age: i64| now.saturating_sub(SignedDuration::from_secs(age)).unwrap_or(Timestamp::MIN);
    let rows = view.topic_stories(&topic.id, topic.max_age_s.map(oldest), usize::MAX)?;
    let named = rows.into_iter().map(|no| {
        let story = story::load(view, no, &trial.rules.story)?.story;
        let title = story.coverage.into_iter().next().map(|lead| lead.article.title);
        Ok((story.id, title.unwrap_or_default()))
    });
    Ok(Holding { stories: named.collect::<Result<_>>()?, topic })
}

fn compare(
    trial: &Trial,
    slug: &str,
    before: Option<&Holding>,
    after: Option<&Holding>,
) -> Result<TopicDifference, AppError> {
    let stories = |of: Option<&Holding>| of.map(|holding| holding.stories.clone()).unwrap_or_default();
    let ids = |of: &[(StoryId, String)]| of.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>();
    let (old, new) = (stories(before), stories(after));
    let (had, has) = (ids(&old), ids(&new));
    let stay = had.intersection(&has).count();
    let told = |moved: Vec<(StoryId, String)>| -> Result<Vec<Moved>, AppError> {
        moved.into_iter().map(|(story, title)| Ok(Moved { why: why(trial, story, after)?, story, title })).collect()
    };
    Ok(TopicDifference {
        topic: slug.to_owned(),
        title: after.or(before).map(|holding| holding.topic.title.clone()).unwrap_or_default(),
        is: match (before, after) {
            (None, _) => "new",
            (_, None) => "gone",
            _ => "kept",
        },
        enter: told(new.into_iter().filter(|(id, _)| !had.contains(id)).collect())?,
        leave: told(old.into_iter().filter(|(id, _)| !has.contains(id)).collect())?,
        stay,
    })
}

/// Why the new topic holds the story, or does not.
fn why(trial: &Trial, id: StoryId, after: Option<&Holding>) -> Result<String, AppError> {
    let Some(Holding { topic, .. }) = after else { return Ok("the topic is gone".to_owned()) };
    Ok(trial.home.wire.store.read(|view| {
        let Some(row) = view.story_by_id(id)? else { return Ok("there is no such story any more".to_owned()) };
        let final_row = view.final_story(row)?;
        if final_row.id != id {
            return Ok(format!("it is a part of story {}", final_row.id));
        }
        let story = story::load(view, final_row.no, &trial.rules.story)?.story;
        let belonging = Selector::of(topic).explain(&Subject::of(&story));
        let is_too_old = belonging.is_in && topic.max_age_s.is_some();
        Ok(if is_too_old { format!("{}; `max_age` also counts", belonging.why) } else { belonging.why })
    })?)
}
