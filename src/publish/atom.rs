//! Atom 1.0 (RFC 4287): a clean edition in, the document out.
//!
//! Titles and summaries are `text`, the body is `html`: never `xhtml`, which the crate writes unescaped. An entry's
//! `alternate` is its lead's page; the story's own page and every other coverage are `related`, the one relation of
//! RFC 4287 section 4.2.7.2 that fits them. Pictures are Media RSS, as in the RSS form.

use std::collections::BTreeMap;

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text, WriteConfig};
use jiff::Timestamp;

use super::{FORMATS, LISTED, archive, feed_description, feed_lang, feed_title, summary};
use crate::model::{CoverageView, Edition, Image, StoryView};

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
        namespaces: BTreeMap::from([("media".to_owned(), "http://search.yahoo.com/mrss/".to_owned())]),
        lang: feed_lang(edition).map(str::to_owned),
        ..Feed::default()
    };
    let feed = archive::marked(feed, edition);
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
    vec![
        Link { mime_type: Some("application/atom+xml".to_owned()), ..link("self", &own) },
        Link { mime_type: Some("text/html".to_owned()), ..link("alternate", &edition.page_url) },
    ]
}

fn entry(story: &StoryView) -> Entry {
    let text = |value: &str| Text { lang: story.lang.clone(), ..Text::plain(value) };
    Entry {
        title: text(&story.title),
        id: story.entry_id.clone(),
        updated: date(story.updated),
        authors: authors(story),
        categories: story.categories.iter().map(|name| category(name)).collect(),
        links: entry_links(story),
        published: Some(date(story.published)),
        summary: story.excerpt.as_deref().map(text),
        content: Some(Content {
            value: Some(summary::content(story)),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        extensions: story.image.as_ref().map(media).unwrap_or_default(),
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

fn entry_links(story: &StoryView) -> Vec<Link> {
    let page = Link { title: Some("All coverage".to_owned()), ..link("related", &story.page_url) };
    let others = story.coverage.iter().take(LISTED).filter(|item| !item.url.is_empty() && item.url != story.url);
    [link("alternate", &story.url), page].into_iter().chain(others.map(related)).collect()
}

fn related(coverage: &CoverageView) -> Link {
    Link {
        title: Some(format!("{}: {}", coverage.publisher, coverage.title)),
        hreflang: coverage.lang.clone(),
        ..link("related", &coverage.url)
    }
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
    // Unlike everything else, the crate (0.12.10) writes attributes of extensions as they are: we escape this one.
    let mut attrs = BTreeMap::from([("url".to_owned(), quick_xml::escape::escape(&image.url).into_owned())]);
    attrs.extend(image.width.map(|width| ("width".to_owned(), width.to_string())));
    attrs.extend(image.height.map(|height| ("height".to_owned(), height.to_string())));
    let element = |name: &str, attrs| Extension { name: format!("media:{name}"), attrs, ..Extension::default() };
    let thumbnail = element("thumbnail", attrs.clone());
    attrs.insert("medium".to_owned(), "image".to_owned());
    let elements = [("content", element("content", attrs)), ("thumbnail", thumbnail)];
    let by_name = elements.into_iter().map(|(name, element)| (name.to_owned(), vec![element])).collect();
    ExtensionMap::from([("media".to_owned(), by_name)])
}

/// The crate's type for a time; `clean` saw to it that it fits.
fn date(time: Timestamp) -> FixedDateTime {
    chrono::DateTime::from_timestamp(time.as_second(), 0).unwrap_or_default().fixed_offset()
}
