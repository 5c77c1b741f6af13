//! The search page: a form, and the stories that were found.

use askama::Template;

use super::{Alternate, Frame, MAX_TITLE, clean, frame, site_of, written};
use crate::model::{Edition, StoryView};
use crate::publish::Site;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    frame: Frame<'a>,
    query: &'a str,
    stories: &'a [StoryView],
}

/// The page for what was asked, `query`, and what was found. Without a query it is the form alone.
#[must_use]
pub fn search_page(site: &Site<'_>, query: &str, found: &Edition) -> String {
    let (edition, query) = (&clean::edition(found), &clean::text(query, MAX_TITLE));
    let (title, home) = site_of(site);
    let feed = edition.links.own.clone().filter(|_| !query.is_empty()).map(|url| Alternate {
        label: "Atom",
        media_type: "application/atom+xml",
        title: edition.title.clone(),
        url,
    });
    let heading = if query.is_empty() { "Search".to_owned() } else { edition.title.clone() };
    let frame = Frame { title: heading, feeds: feed.into_iter().collect(), ..frame(&title, &home, &edition.page_url) };
    written(&SearchPage { frame, query, stories: &edition.stories })
}
