//! JSON Feed 1.1 (<https://jsonfeed.org/version/1.1>): a clean edition in, the document out.
//!
//! What the format has no word for stands in `_newswire`: the story's own page, what changed last, its coverage and
//! related stories. `docs/json-feed.md` documents that extension for those who read it.

use serde::Serialize;

use super::{FORMATS, LISTED, feed_description, feed_lang, feed_title, summary};
use crate::model::{Cause, CoverageView, Edition, RelatedView, StoryView};

#[derive(Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: String,
    home_page_url: &'a str,
    #[serde(rename = "feed_url")]
    own_url: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Hub<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    content_html: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(rename = "_newswire")]
    newswire: Newswire<'a>,
}

#[derive(Serialize)]
struct Newswire<'a> {
    /// The story's own page.
    page_url: &'a str,
    /// How much coverage there is; `coverage` lists at most 200.
    articles: usize,
    /// Distinct publishers of that.
    publishers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<&'a Cause>,
    coverage: Vec<Coverage<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    date_published: String,
}

#[derive(Serialize)]
struct Coverage<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'a str,
    title: &'a str,
    publisher: &'a str,
    domain: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<&'a str>,
    date_published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_of: Option<&'a str>,
}

/// The document of a clean edition.
pub fn render(edition: &Edition) -> String {
    let file = FORMATS.iter().find(|format| format.name == "json").map_or("", |format| format.file);
    let site = Some(edition.site_title.as_str()).filter(|name| !name.is_empty());
    let feed = Feed {
        version: "https://jsonfeed.org/version/1.1",
        title: feed_title(edition),
        home_page_url: &edition.page_url,
        own_url: edition.links.own.clone().unwrap_or_else(|| format!("{}{file}", edition.page_url)),
        description: feed_description(edition),
        authors: site.map(|name| Author { name }).into_iter().collect(),
        language: feed_lang(edition),
        hubs: edition.hub.iter().map(|url| Hub { kind: "WebSub", url }).collect(),
        items: edition.stories.iter().map(item).collect(),
    };
    // Serialising into memory fails only for maps with keys that are no text; there are none.
    let mut document = serde_json::to_string_pretty(&feed).unwrap_or_default();
    document.push('\n');
    document
}

fn item(story: &StoryView) -> Item<'_> {
    Item {
        id: &story.entry_id,
        url: &story.url,
        title: &story.title,
        content_html: summary::content(story),
        summary: story.excerpt.as_deref(),
        image: story.image.as_ref().map(|image| image.url.as_str()),
        date_published: story.published.to_string(),
        date_modified: story.updated.to_string(),
        authors: authors(story),
        tags: &story.categories,
        language: story.lang.as_deref(),
        newswire: Newswire {
            page_url: &story.page_url,
            articles: story.coverage.len(),
            publishers: summary::publishers(story),
            changed: Some(&story.cause).filter(|cause| **cause != Cause::default()),
            coverage: story.coverage.iter().take(LISTED).map(coverage).collect(),
            related: story.related.iter().map(related).collect(),
        },
    }
}

/// The lead's authors, else its publisher, as in the other formats.
fn authors(story: &StoryView) -> Vec<Author<'_>> {
    if story.authors.is_empty() {
        return story.coverage.first().map(|lead| Author { name: &lead.publisher }).into_iter().collect();
    }
    story.authors.iter().map(|name| Author { name }).collect()
}

fn coverage(item: &CoverageView) -> Coverage<'_> {
    Coverage {
        url: &item.url,
        title: &item.title,
        publisher: &item.publisher,
        domain: &item.domain,
        excerpt: item.excerpt.as_deref(),
        date_published: item.published.to_string(),
        language: item.lang.as_deref(),
        copy_of: item.copy_of.as_deref(),
    }
}

fn related(other: &RelatedView) -> Related<'_> {
    Related {
        id: &other.entry_id,
        url: &other.page_url,
        title: &other.title,
        date_published: other.published.to_string(),
    }
}
