//! Which picture stands at an address of this site: the one that a released story shows, and no other.

use super::{ALL, Plan, ReleaseRules, topics};
use crate::compose;
use crate::model::{ImageRule, StoryId};
use crate::pipeline::story;
use crate::store::{Result, Store, StoryState};

/// Where the picture at `path` is from; `None` where no story that may be seen there shows one. A path within a private
/// topic begins with `p/` and what stands for its token.
///
/// # Errors
/// When the store fails.
pub fn picture(store: &Store, rules: &ReleaseRules, path: &str) -> Result<Option<String>> {
    if rules.site.pages.images != ImageRule::Proxy {
        return Ok(None);
    }
    let (folder, name) = path.rsplit_once("img/").unwrap_or(("", ""));
    let Some(id) = name.split('-').next().and_then(|id| id.parse::<StoryId>().ok()) else { return Ok(None) };
    store.read(|view| {
        let slug = if folder.is_empty() {
            ALL.to_owned()
        } else {
            let plans = Plan::all(rules, topics(view, &rules.topics)?);
            let found = plans.into_iter().find(|plan| plan.private.is_some() && plan.folder() == folder);
            let Some(plan) = found else { return Ok(None) };
            plan.slug
        };
        let Some(row) = view.story_by_id(id)? else { return Ok(None) };
        let row = view.final_story(row)?;
        if row.state != StoryState::Live || !view.is_in_topic(row.no, &slug)? {
            return Ok(None);
        }
        let told = story::load(view, row.no, &rules.story)?;
        Ok(compose::image(&told.story).map(|image| image.url))
    })
}
