//! Web pages: a topic, a story, the list of topics, and the stub that stands at an alias.
//!
//! In come compositions, out go whole documents in one file: no scripts, no fonts, nothing loaded but pictures of
//! articles. The one style sheet stands inline; [`STYLE_HASH`] lets a content security policy allow it and nothing
//! else, and every page states that policy itself, so that static files have it too.

use askama::Template;

use super::summary::counted;
use super::{FORMATS, Site, TopicLine, clean};
use crate::model::{CoverageView, Edition, StoryView};

/// The style sheet of every page, byte for byte as it stands between `<style>` and `</style>`.
pub const STYLE: &str = include_str!("../../templates/style.css");

/// Source expression of [`STYLE`] for `style-src` of a Content-Security-Policy (SHA-256, base 64; CSP 3 section 2.3.1),
/// quotes included.
pub const STYLE_HASH: &str = "'sha256-no9ovDzYCFVtzi3o0jw70EO3PzlegNjucZza3lli8sM='";

/// Coverage shown at once on a topic page; the rest unfolds. Five lines let three stories stand on one screen.
const UNFOLDED: usize = 4;

/// Coverage on a topic page; a story of more shows it on its own page.
const ON_TOPIC_PAGE: usize = 50;

/// Characters of a title, as in the feeds themselves.
const MAX_TITLE: usize = 500;

/// What stands around every page.
struct Frame<'a> {
    title: String,
    site_title: &'a str,
    home_url: &'a str,
    canonical: &'a str,
    feeds: Vec<Alternate>,
    style: &'static str,
    style_hash: &'static str,
}

/// A feed that a page offers.
struct Alternate {
    label: &'static str,
    media_type: &'static str,
    title: String,
    url: String,
}

#[derive(Template)]
#[template(path = "topic.html")]
struct TopicPage<'a> {
    frame: Frame<'a>,
    edition: &'a Edition,
    stories: Vec<Card<'a>>,
}

/// One story on a topic page.
struct Card<'a> {
    story: &'a StoryView,
    counted: String,
    shown: &'a [CoverageView],
    folded: &'a [CoverageView],
    beyond: usize,
}

#[derive(Template)]
#[template(path = "story.html")]
struct StoryPage<'a> {
    frame: Frame<'a>,
    story: &'a StoryView,
    counted: String,
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage<'a> {
    frame: Frame<'a>,
    lines: Vec<Line>,
    opml: bool,
}

/// One topic on the index page.
struct Line {
    title: String,
    url: String,
    stories: usize,
    updated: Option<jiff::Timestamp>,
    feeds: Vec<Alternate>,
}

#[derive(Template)]
#[template(path = "moved.html")]
struct MovedPage<'a> {
    url: &'a str,
}

/// The page of a topic, offering the feeds among `formats` (names of [`FORMATS`]).
#[must_use]
pub fn topic_page(edition: &Edition, formats: &[&str]) -> String {
    let edition = &clean::edition(edition);
    let page = TopicPage {
        frame: Frame {
            title: edition.title.clone(),
            feeds: alternates(&edition.page_url, &edition.title, formats),
            ..frame(&edition.site_title, &edition.home_url, &edition.page_url)
        },
        edition,
        stories: edition.stories.iter().map(card).collect(),
    };
    written(&page)
}

/// The page of one story with all its coverage.
#[must_use]
pub fn story(site: &Site<'_>, story: &StoryView) -> String {
    let story = &clean::story(story);
    let (title, home) = site_of(site);
    let frame = Frame { title: story.title.clone(), ..frame(&title, &home, &story.page_url) };
    written(&StoryPage { frame, story, counted: counted(story) })
}

/// The site's first page: its topics in the order given, which the caller makes, and all stories.
#[must_use]
pub fn index(site: &Site<'_>, topics: &[TopicLine]) -> String {
    let (title, home) = site_of(site);
    let lines = topics.iter().filter_map(|topic| {
        let url = clean::address(&topic.page_url)?;
        let title = clean::text(&topic.title, MAX_TITLE);
        let feeds = alternates(&url, &title, site.formats);
        Some(Line { feeds, title, stories: topic.stories, updated: topic.updated.map(clean::time), url })
    });
    let feeds = alternates(&format!("{home}all/"), "All stories", site.formats);
    let opml = !feeds.is_empty();
    let frame = Frame { title: title.clone(), feeds, ..frame(&title, &home, &home) };
    written(&IndexPage { frame, lines: lines.collect(), opml })
}

/// What stands at the address of a merged story where no server can redirect: a page that points to `to_url`. An
/// address that is not http(s) gives a page that points nowhere.
#[must_use]
pub fn alias_stub(to_url: &str) -> String {
    written(&MovedPage { url: &clean::address(to_url).unwrap_or_default() })
}

fn site_of(site: &Site<'_>) -> (String, String) {
    (clean::text(site.title, MAX_TITLE), clean::address(site.home_url).unwrap_or_default())
}

fn frame<'a>(site_title: &'a str, home_url: &'a str, canonical: &'a str) -> Frame<'a> {
    let feeds = Vec::new();
    Frame { title: String::new(), site_title, home_url, canonical, feeds, style: STYLE, style_hash: STYLE_HASH }
}

fn card(story: &StoryView) -> Card<'_> {
    let listed = story.coverage.get(..ON_TOPIC_PAGE).unwrap_or(&story.coverage);
    // Folding one line away saves nothing.
    let at = if listed.len() <= UNFOLDED + 1 { listed.len() } else { UNFOLDED };
    let (shown, folded) = listed.split_at_checked(at).unwrap_or((listed, &[]));
    Card { story, counted: counted(story), shown, folded, beyond: story.coverage.len() - listed.len() }
}

fn alternates(page_url: &str, title: &str, formats: &[&str]) -> Vec<Alternate> {
    let published = FORMATS.iter().filter(|format| !format.file.is_empty() && formats.contains(&format.name));
    let alternate = |format: &super::Format| Alternate {
        label: format.label,
        media_type: format.media_type.split(';').next().unwrap_or_default(),
        title: format!("{title} ({})", format.label),
        url: format!("{page_url}{}", format.file),
    };
    published.map(alternate).collect()
}

fn written(page: &impl Template) -> String {
    // Rendering into a string fails only where a value of the template does, and those are all plain.
    let mut document = page.render().unwrap_or_default();
    document.push('\n');
    document
}
