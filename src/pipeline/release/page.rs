//! A story's own page, rendered when somebody asks for it or when static files are written.

use jiff::Timestamp;

use super::ReleaseRules;
use super::editions::document;
use crate::compose;
use crate::model::{Document, StoryId};
use crate::pipeline::story;
use crate::publish::{self, Site};
use crate::store::{Result, RowNo, Store, StoryState, View};

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

/// The page of the story with this id.
///
/// # Errors
/// When the store fails.
pub fn story_page(store: &Store, id: StoryId, rules: &ReleaseRules) -> Result<StoryPage> {
    store.read(|view| match view.story_by_id(id)? {
        None => Ok(StoryPage::Unknown),
        Some(row) => of(view, row.no, rules),
    })
}

/// The page of the story with this row number.
pub(super) fn of(view: &View<'_>, no: RowNo, rules: &ReleaseRules) -> Result<StoryPage> {
    let row = view.story(no)?;
    match row.state {
        StoryState::Alias(_) => Ok(StoryPage::MovedTo(view.final_story(row)?.id)),
        StoryState::Withdrawn => Ok(StoryPage::Gone),
        StoryState::Live => {
            let told = story::load(view, no, &rules.story)?;
            if told.story.coverage.is_empty() {
                return Ok(StoryPage::Gone);
            }
            let seen = compose::story_view(&rules.site, &told.story);
            let site =
                Site { title: &rules.site.site_title, home_url: &rules.site.base_url, formats: &rules.site.formats };
            let text = publish::story(&site, &seen);
            let mut page = document(format!("s/{}", row.id), publish::HTML_MEDIA_TYPE, &text);
            page.last_modified = row.changed.unwrap_or(Timestamp::UNIX_EPOCH);
            Ok(StoryPage::Page(page))
        }
    }
}
