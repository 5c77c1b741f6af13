//! The search page: a form, and the stories that were found.

use askama::Template;

use super::{AROUND, Alternate, Brief, Frame, MAX_TITLE, PAGE, brief, clean, frame, site_of, weight, written};
use crate::model::Edition;
use crate::publish::Site;

/// Bytes of markup around the texts of a story that was found.
const FOUND: usize = 360;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    frame: Frame<'a>,
    query: &'a str,
    found: Vec<Brief<'a>>,
}

/// The page for what was asked, `query`, and what was found. Without a query it is the form alone. Once the page is
/// full, stories are told by their titles alone.
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
    let frame = Frame {
        title: heading,
        feeds: feed.into_iter().collect(),
        ..frame(&title, &home, &edition.page_url, site.pages)
    };
    let light = |found: &Brief<'_>| FOUND + weight(found.title) + weight(found.url);
    let mut found: Vec<Brief<'_>> = edition.stories.iter().map(|story| brief(story, &home, true)).collect();
    let mut left = (PAGE - AROUND).saturating_sub(found.iter().map(light).sum());
    for brief in &mut found {
        let heavy = brief.excerpt.as_deref().map_or(0, weight);
        match left.checked_sub(heavy) {
            Some(after) => left = after,
            None => brief.excerpt = None,
        }
    }
    written(&SearchPage { frame, query, found })
}
