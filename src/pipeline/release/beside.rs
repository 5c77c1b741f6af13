//! Beside the editions: what is made when somebody asks for it, and kept nowhere.
//!
//! In comes the path and query of a request below the site's address, out goes a document or why there is none. What
//! it costs is bounded by caps, named where they apply. A path within a private topic begins with `p/` and what
//! stands for its token (`Token::key`), never with the token.

use jiff::Timestamp;

use super::{Plan, ReleaseRules, StoryPage, cut, page, search, topics, volumes};
use crate::model::{Document, StoryId};
use crate::store::{Result, Store, StoryState, View};

/// What there is at an address beside the editions.
#[derive(Debug, Clone, PartialEq)]
pub enum Beside {
    /// This.
    Document(Document),
    /// A story's page, or what has become of it.
    Story(StoryPage),
    /// The question cannot be answered, for this reason.
    Refused(&'static str),
    /// Nothing.
    Unknown,
}

/// What `path` means with `query`, for somebody who asks at `now`: an archive, a search, a feed cut to measure, or a
/// story's page within a private topic.
///
/// # Errors
/// When the store fails.
pub fn beside(store: &Store, rules: &ReleaseRules, now: Timestamp, path: &str, query: Option<&str>) -> Result<Beside> {
    store.read(|view| match path {
        "search" => search::page(view, rules, query),
        "search/atom.xml" => search::feed(view, rules, query),
        _ => within(view, rules, now, path, query),
    })
}

/// What stands below a topic.
fn within(view: &View<'_>, rules: &ReleaseRules, now: Timestamp, path: &str, query: Option<&str>) -> Result<Beside> {
    let plans = Plan::all(rules, topics(view, &rules.topics)?);
    let found = plans.iter().find_map(|plan| Some((plan, path.strip_prefix(plan.folder().as_str())?)));
    let Some((plan, rest)) = found else { return Ok(Beside::Unknown) };
    if let Some(file) = rest.strip_prefix("archive/") {
        let volume = volumes::find(view, rules, plan, file)?;
        return Ok(volume.map_or(Beside::Unknown, Beside::Document));
    }
    if let Some(id) = rest.strip_prefix("s/").filter(|_| plan.private.is_some()) {
        return story(view, rules, plan, (id, query));
    }
    match query {
        Some(query) => cut::feed(view, rules, (plan, rest), query, now),
        None => Ok(Beside::Unknown),
    }
}

/// A story's page within a private topic, as long as the topic holds it.
fn story(view: &View<'_>, rules: &ReleaseRules, plan: &Plan, (id, query): (&str, Option<&str>)) -> Result<Beside> {
    let Ok(id) = id.parse::<StoryId>() else { return Ok(Beside::Unknown) };
    let Some(row) = view.story_by_id(id)? else { return Ok(Beside::Unknown) };
    let row = view.final_story(row)?;
    if row.state != StoryState::Live || !view.is_in_topic(row.no, &plan.slug)? {
        return Ok(Beside::Unknown);
    }
    if row.id != id {
        return Ok(Beside::Story(StoryPage::MovedTo(row.id)));
    }
    Ok(Beside::Story(page::live(view, &row, Some(page::part(query)), (rules, Some(plan)))?))
}
