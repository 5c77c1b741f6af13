//! A story's own page, rendered when somebody asks for it or when static files are written.

use jiff::Timestamp;

use super::editions::{document, enclose, full_second};
use super::{ALL, Plan, ReleaseRules};
use crate::compose;
use crate::model::{Document, StoryId};
use crate::pipeline::story;
use crate::publish;
use crate::store::{Result, RowNo, Store, StoryRow, StoryState, View};

/// What stands at a story's address.
#[derive(Debug, Clone, PartialEq)]
pub enum StoryPage {
    /// Its page.
    Page(Document),
    /// It was merged into this one.
    MovedTo(StoryId),
    /// It was withdrawn.
    Gone,
    /// There never was one.
    Unknown,
}

/// The page of the story with this id, or that part of it which `query` asks for.
///
/// # Errors
/// When the store fails.
pub fn story_page(store: &Store, id: StoryId, query: Option<&str>, rules: &ReleaseRules) -> Result<StoryPage> {
    store.read(|view| match view.story_by_id(id)? {
        None => Ok(StoryPage::Unknown),
        Some(row) => of(view, row.no, Some(part(query)), rules),
    })
}

/// Which part of a page `page=` asks for; the first where it says nothing that can be understood.
pub(super) fn part(query: Option<&str>) -> usize {
    let number = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("page=")));
    number.and_then(|number| number.parse().ok()).unwrap_or(1)
}

/// The page of the story with this row number: one part of it, or all.
pub(super) fn of(view: &View<'_>, no: RowNo, part: Option<usize>, rules: &ReleaseRules) -> Result<StoryPage> {
    let row = view.story(no)?;
    match row.state {
        StoryState::Alias(_) => Ok(StoryPage::MovedTo(view.final_story(row)?.id)),
        StoryState::Withdrawn => Ok(StoryPage::Gone),
        // Before its first release a story is in no topic, and nobody knows yet whether all may see it.
        StoryState::Live if !rules.private.is_empty() && !view.is_in_topic(no, ALL)? => Ok(StoryPage::Unknown),
        StoryState::Live => live(view, &row, part, (rules, None)),
    }
}

/// The page of a live story, for all or within one private topic.
pub(super) fn live(
    view: &View<'_>,
    row: &StoryRow,
    part: Option<usize>,
    (rules, within): (&ReleaseRules, Option<&Plan>),
) -> Result<StoryPage> {
    let told = story::load_row(view, row, &rules.story)?;
    if told.story.coverage.is_empty() {
        return Ok(StoryPage::Gone);
    }
    let mut seen = compose::story_view(&rules.site, &told.story);
    let mut path = format!("s/{}", row.id);
    if let Some(plan) = within {
        enclose(&mut seen, &rules.site.base_url, &plan.page_url(&rules.site));
        path = format!("{}{path}", plan.folder());
    }
    let site = rules.shown();
    let mut page = document(path, publish::HTML_MEDIA_TYPE, &publish::story(&site, &seen, part));
    // What waits for release already looks otherwise than it did when it was last dated.
    let changed = if row.is_waiting { Document::UNDATED } else { row.changed.unwrap_or(Timestamp::UNIX_EPOCH) };
    page.last_modified = full_second(changed);
    Ok(StoryPage::Page(page))
}
