//! Atom 1.0 (RFC 4287): a clean edition in, the document out.
//!
//! Titles and summaries are `text`, the body is `html`: never `xhtml`, which the crate writes unescaped. An entry's
//! `alternate` is its lead's page; the story's own page and every other coverage are `related`, the one relation of
//! RFC 4287 section 4.2.7.2 that fits them. Their publishers are contributors, the lead's is the `source`. Pictures
//! are Media RSS, as in the RSS form; an older related story is what an entry replies to (RFC 4685).

use std::collections::{BTreeMap, BTreeSet};

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{
    Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Source, Text, WriteConfig,
};
use jiff::Timestamp;

use super::{FORMATS, LISTED, archive, clean, feed_description, feed_lang, feed_title, summary};
use crate::model::{CoverageView, Edition, Image, StoryView};

/// Media type of what links lead to.
const HTML: &str = "text/html";

/// The document of a clean edition.
pub fn render(edition: &Edition) -> String {
    let feed = Feed {
        title: Text::plain(feed_title(edition)),
        id: edition.feed_id.clone(),
        updated: date(edition.updated),
        authors: vec![person(if edition.site_title.is_empty() { &edition.title } else { &edition.site_title })],
        generator: Some(Generator { value: "Newswire".to_owned(), uri: None, version: None }),
        links: links(edition),
        subtitle: Some(Text::plain(feed_description(edition))),
        entries: edition.stories.iter().map(entry).collect(),
        namespaces: BTreeMap::from([
            ("media".to_owned(), "http://search.yahoo.com/mrss/".to_owned()),
            ("thr".to_owned(), "http://purl.org/syndication/thread/1.0".to_owned()),
        ]),
        lang: feed_lang(edition).map(str::to_owned),
        ..Feed::default()
    };
    let feed = archive::marked(feed, edition);
    written(&feed)
}

/// The text of an Atom document.
pub(super) fn written(feed: &Feed) -> String {
    let config = WriteConfig { write_document_declaration: true, indent_size: None };
    // Writing into memory cannot fail, and the crate writes UTF-8.
    let bytes = feed.write_with_config(Vec::new(), config).unwrap_or_default();
    let mut document = String::from_utf8(bytes).unwrap_or_default();
    document.push('\n');
    document
}

fn links(edition: &Edition) -> Vec<Link> {
    let file = FORMATS.iter().find(|format| format.name == "atom").map_or("", |format| format.file);
    let own = format!("{}{file}", edition.page_url);
    let hub = edition.hub.as_deref().map(|hub| link("hub", hub));
    let own = Link { mime_type: Some("application/atom+xml".to_owned()), ..link("self", &own) };
    let page = Link { mime_type: Some(HTML.to_owned()), ..link("alternate", &edition.page_url) };
    [own, page].into_iter().chain(hub).collect()
}

fn entry(story: &StoryView) -> Entry {
    let text = |value: &str| Text { lang: story.lang.clone(), ..Text::plain(value) };
    let mut extensions = story.image.as_ref().map(media).unwrap_or_default();
    extensions.extend(replies(story));
    Entry {
        title: text(&story.title),
        id: story.entry_id.clone(),
        updated: date(story.updated),
        authors: authors(story),
        contributors: contributors(story).map(person).collect(),
        categories: story.categories.iter().map(|name| category(name)).collect(),
        links: entry_links(story),
        published: Some(date(story.published)),
        source: source(story),
        summary: story.excerpt.as_deref().map(text),
        content: Some(Content {
            value: Some(summary::content(story)),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        extensions,
        ..Entry::default()
    }
}

/// The lead's authors, else its publisher: an entry must have one (RFC 4287 section 4.1.2).
fn authors(story: &StoryView) -> Vec<Person> {
    if story.authors.is_empty() {
        return story.coverage.first().map(|lead| person(&lead.publisher)).into_iter().collect();
    }
    story.authors.iter().map(|name| person(name)).collect()
}

/// Publishers with a text of their own besides the lead's, each once (RFC 4287 section 4.2.3).
fn contributors(story: &StoryView) -> impl Iterator<Item = &str> {
    let mut seen: BTreeSet<&str> = story.coverage.first().map(|lead| lead.publisher.as_str()).into_iter().collect();
    let own = story.coverage.iter().take(LISTED).skip(1).filter(|item| item.copy_of.is_none());
    own.map(|item| item.publisher.as_str()).filter(move |name| seen.insert(name))
}

/// The lead's publisher as the feed the entry came from (RFC 4287 section 4.2.11). What is known of it is its name
/// and its site, which is its id here; it was updated at least when it published the lead.
fn source(story: &StoryView) -> Option<Source> {
    let lead = story.coverage.first()?;
    let site = clean::address(&format!("https://{}/", lead.domain))?;
    Some(Source {
        title: Text::plain(&lead.publisher),
        id: site.clone(),
        updated: date(lead.published),
        links: vec![Link { mime_type: Some(HTML.to_owned()), ..link("alternate", &site) }],
        ..Source::default()
    })
}

fn entry_links(story: &StoryView) -> Vec<Link> {
    let page = Link { title: Some("All coverage".to_owned()), ..link("related", &story.page_url) };
    let others = story.coverage.iter().take(LISTED).filter(|item| !item.url.is_empty() && item.url != story.url);
    let stories = story
        .related
        .iter()
        .map(|other| Link { title: Some(format!("Related: {}", other.title)), ..link("related", &other.page_url) });
    [link("alternate", &story.url), page].into_iter().chain(others.map(related)).chain(stories).collect()
}

fn related(coverage: &CoverageView) -> Link {
    Link {
        title: Some(format!("{}: {}", coverage.publisher, coverage.title)),
        hreflang: coverage.lang.clone(),
        ..link("related", &coverage.url)
    }
}

/// A story goes on where an older one that is related to it ended: that is the one thread among stories
/// (RFC 4685 section 3). Coverage is no reply: it is the entry.
fn replies(story: &StoryView) -> ExtensionMap {
    let older = story.related.iter().filter(|other| other.published < story.published);
    let replies: Vec<Extension> = older
        .map(|other| {
            let attributes = [("ref", other.entry_id.as_str()), ("href", &other.page_url), ("type", HTML)];
            element("thr:in-reply-to", &attributes)
        })
        .collect();
    if replies.is_empty() {
        return ExtensionMap::new();
    }
    ExtensionMap::from([("thr".to_owned(), BTreeMap::from([("in-reply-to".to_owned(), replies)]))])
}

fn link(rel: &str, href: &str) -> Link {
    Link { href: href.to_owned(), rel: rel.to_owned(), ..Link::default() }
}

fn person(name: &str) -> Person {
    Person { name: name.to_owned(), ..Person::default() }
}

fn category(name: &str) -> Category {
    Category { term: name.to_owned(), ..Category::default() }
}

/// The picture twice: readers know either `media:content` or `media:thumbnail`.
fn media(image: &Image) -> ExtensionMap {
    let (width, height) = (image.width.map(|width| width.to_string()), image.height.map(|height| height.to_string()));
    let mut attributes = vec![("url", image.url.as_str())];
    attributes.extend(width.as_deref().map(|width| ("width", width)));
    attributes.extend(height.as_deref().map(|height| ("height", height)));
    let thumbnail = element("media:thumbnail", &attributes);
    attributes.push(("medium", "image"));
    let elements = [("content", element("media:content", &attributes)), ("thumbnail", thumbnail)];
    let by_name = elements.into_iter().map(|(name, element)| (name.to_owned(), vec![element])).collect();
    ExtensionMap::from([("media".to_owned(), by_name)])
}

/// Unlike everything else, the crate (0.12.10) writes attributes of extensions as they are: we escape these.
fn element(name: &str, attributes: &[(&str, &str)]) -> Extension {
    let escaped = |value: &str| quick_xml::escape::escape(value).into_owned();
    let attrs = attributes.iter().map(|(name, value)| ((*name).to_owned(), escaped(value))).collect();
    Extension { name: name.to_owned(), attrs, ..Extension::default() }
}

/// The crate's type for a time; `clean` saw to it that it fits.
fn date(time: Timestamp) -> FixedDateTime {
    chrono::DateTime::from_timestamp_micros(time.as_microsecond()).unwrap_or_default().fixed_offset()
}
