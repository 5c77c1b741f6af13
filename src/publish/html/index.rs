//! The site's first page: its topics, each with the stories that lead it.

use askama::Template;
use jiff::Timestamp;

use super::{Frame, MAX_TITLE, alternates, clean, events, frame, rooted, site_of, written};
use crate::publish::{Headline, Site, TopicLine};

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage<'a> {
    frame: Frame<'a>,
    /// All stories, where they have headlines.
    first: Option<Line>,
    lines: Vec<Line>,
    /// There is at least one.
    has_stories: bool,
    /// Address of the list of all feeds; empty where no feed is published.
    opml: String,
}

/// One topic.
struct Line {
    title: String,
    url: String,
    counted: String,
    updated: Option<Timestamp>,
    headlines: Vec<Headline>,
}

/// The site's first page: its topics in the order given, which the caller makes.
#[must_use]
pub fn index(site: &Site<'_>, topics: &[TopicLine]) -> String {
    let (title, home) = site_of(site);
    let lines = topics.iter().filter_map(|topic| {
        let url = clean::address(&topic.page_url)?;
        Some(Line {
            title: clean::text(&topic.title, MAX_TITLE),
            counted: counted(topic.stories),
            updated: topic.updated.map(clean::time),
            headlines: topic.headlines.iter().filter_map(|head| headline(head, &home)).collect(),
            url: rooted(&url, &home).to_owned(),
        })
    });
    let feeds = alternates(&format!("{home}all/"), "All stories", site.formats);
    let opml = if feeds.is_empty() { String::new() } else { format!("{home}opml.xml") };
    let events = events(&home, &home, site.pages);
    let frame = Frame { title: title.clone(), feeds, events, ..frame(&title, &home, &home, site.pages) };
    let mut lines: Vec<Line> = lines.collect();
    let has_stories = topics.iter().any(|topic| topic.stories > 0);
    // That of all stories comes first, and says what is in the others.
    let is_first = lines.len() > 1 && lines.first().is_some_and(|line| !line.headlines.is_empty());
    let first = is_first.then(|| lines.remove(0));
    written(&IndexPage { frame, first, lines, has_stories, opml })
}

fn counted(stories: usize) -> String {
    if stories == 1 { "1 story".to_owned() } else { format!("{stories} stories") }
}

fn headline(head: &Headline, home: &str) -> Option<Headline> {
    let url = clean::address(&head.url)?;
    Some(Headline {
        title: clean::name(&head.title, &url),
        url: rooted(&url, home).to_owned(),
        lang: head.lang.as_deref().and_then(clean::lang),
    })
}
