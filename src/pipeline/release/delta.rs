//! Deltas (RFC 3229 with the manipulation `feed`): a feed of those stories alone that are new since a version that a
//! reader holds, or look otherwise. What has left the feed since is not told: feeds know no word for it.

use super::editions::{composed, document, stories};
use super::{Plan, ReleaseRules, topics};
use crate::model::{Digest, Document, StoryView};
use crate::publish;
use crate::released::Shown;
use crate::store::{Result, Store};

/// How a story looks.
pub(super) fn looks(story: &StoryView) -> Digest {
    Digest::of(format!("{story:?}").as_bytes())
}

/// What is new in the feed at `path` since it showed `past`; `None` where there is no such feed.
///
/// # Errors
/// When the store fails.
pub fn delta(
    store: &Store,
    rules: &ReleaseRules,
    now: jiff::Timestamp,
    path: &str,
    past: &Shown,
) -> Result<Option<Document>> {
    store.read(|view| {
        let plans = Plan::all(rules, topics(view, &rules.topics)?);
        let found = plans.iter().find_map(|plan| Some((plan, path.strip_prefix(plan.folder().as_str())?)));
        let Some((plan, file)) = found else { return Ok(None) };
        let Some(format) = publish::FORMATS.iter().find(|format| !file.is_empty() && format.file == file) else {
            return Ok(None);
        };
        let mut edition = composed(rules, plan, &stories(view, rules, plan, now)?);
        edition.stories.retain(|story| !past.has(story.id, looks(story)));
        Ok(Some(document(path.to_owned(), format.media_type, &(format.render)(&edition))))
    })
}
