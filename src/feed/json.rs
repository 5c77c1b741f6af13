//! JSON Feed 1 and 1.1 (<https://www.jsonfeed.org/version/1.1/>), read leniently.
//!
//! In comes decoded text that starts with `{`; out goes [`Feed`]. Ids may be numbers, titles may be missing, and a
//! member of the wrong type is as good as absent. feed-rs refuses all of that, so it has no part here.

use serde_json::{Map, Value as Json};

use super::address::absolute;
use super::value::{Kind, Shape, Typed, Value};
use super::{MOST_ENTRIES, MOST_VALUES, draft};
use crate::model::{Entry, Feed, FeedHints, Image};
use crate::{dates, text};

type Object = Map<String, Json>;

/// The feed in `text`, which came from `base`.
pub(super) fn read(text: &str, base: &str) -> Feed {
    let nothing = |note: String| Feed { notes: vec![note], ..Feed::default() };
    // A stream deserialiser stops after the first document: what follows it does no harm.
    let document = serde_json::Deserializer::from_str(text).into_iter::<Object>().next();
    let document = match document {
        Some(Ok(document)) => document,
        Some(Err(error)) => return nothing(format!("cannot be read: {error}")),
        None => return nothing("this is no feed".to_owned()),
    };
    let is_feed = string(&document, "version").is_some_and(|version| version.contains("jsonfeed.org"));
    let items = document.get("items").and_then(Json::as_array);
    if !is_feed && items.is_none() {
        return nothing("this is JSON, but no feed".to_owned());
    }
    let mut notes = Vec::new();
    if items.is_some_and(|items| items.len() > MOST_ENTRIES) {
        notes.push(format!("only the first {MOST_ENTRIES} entries were read"));
    }
    let lang = line(&document, "language");
    let authors = authors(&document);
    let objects = items.into_iter().flatten().take(MOST_ENTRIES).filter_map(Json::as_object);
    Feed {
        format: Some("json".to_owned()),
        title: line(&document, "title"),
        link: address(&document, "home_page_url", base),
        entries: objects.map(|item| entry(item, &authors, base)).collect(),
        lang,
        hints: FeedHints {
            hub: hub(&document, base),
            self_url: address(&document, "feed_url", base),
            next: address(&document, "next_url", base),
            ..FeedHints::default()
        },
        notes,
    }
}

fn entry(item: &Object, feed_authors: &[String], base: &str) -> Entry {
    let guid = match item.get("id") {
        Some(Json::String(id)) => Some(text::squash(id)),
        Some(Json::Number(id)) => Some(id.to_string()),
        _ => None,
    };
    let guid = guid.filter(|id| !id.is_empty());
    let is_address = |id: &&str| id.starts_with("http://") || id.starts_with("https://");
    let permalink = guid.as_deref().filter(is_address).and_then(|id| absolute(base, id));
    let link = address(item, "url", base).or_else(|| address(item, "external_url", base)).or(permalink);
    let time = |key: &str| dates::read(string(item, key)?)?.utc();
    let mut authors = authors(item);
    if authors.is_empty() {
        authors = draft::inherited(feed_authors);
    }
    let shortened = |key: &str| line(item, key).map(|plain| text::shorten(&plain, super::EXCERPT));
    Entry {
        url: link.unwrap_or_default(),
        // Titles and summaries are plain text by the specification.
        title: line(item, "title"),
        excerpt: shortened("summary")
            .or_else(|| string(item, "content_html").and_then(excerpt))
            .or_else(|| shortened("content_text")),
        published: time("date_published"),
        updated: time("date_modified"),
        authors,
        images: images(item, base),
        tags: tags(item),
        lang: line(item, "language"),
        guid,
        ..Entry::default()
    }
}

fn string<'j>(object: &'j Object, key: &str) -> Option<&'j str> {
    object.get(key)?.as_str()
}

fn line(object: &Object, key: &str) -> Option<String> {
    string(object, key).map(text::squash).filter(|line| !line.is_empty())
}

fn address(object: &Object, key: &str, base: &str) -> Option<String> {
    absolute(base, string(object, key)?)
}

/// At most 500 characters of plain text of `markup`.
fn excerpt(markup: &str) -> Option<String> {
    Typed::new(Value { raw: markup, shape: Shape::Data }, Kind::Html).excerpt()
}

/// `authors`, and version 1's `author`.
fn authors(object: &Object) -> Vec<String> {
    let listed = object.get("authors").and_then(Json::as_array).into_iter().flatten();
    let all = object.get("author").into_iter().chain(listed).filter_map(Json::as_object);
    let mut names: Vec<String> = Vec::new();
    for name in all.filter_map(|author| line(author, "name")).take(MOST_VALUES) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn tags(item: &Object) -> Vec<String> {
    let listed = item.get("tags").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    listed.map(text::squash).filter(|tag| !tag.is_empty()).take(MOST_VALUES).collect()
}

fn images(item: &Object, base: &str) -> Vec<Image> {
    let stated = ["image", "banner_image"].iter().filter_map(|key| address(item, key, base));
    let attached = item.get("attachments").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object);
    let attached = attached
        .filter(|file| string(file, "mime_type").is_some_and(|kind| kind.starts_with("image/")))
        .filter_map(|file| address(file, "url", base));
    let mut images: Vec<Image> = Vec::new();
    for url in stated.chain(attached).take(MOST_VALUES) {
        if images.iter().all(|known| known.url != url) {
            images.push(Image { url, ..Image::default() });
        }
    }
    images
}

fn hub(document: &Object, base: &str) -> Option<String> {
    let hubs = document.get("hubs").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object);
    hubs.filter(|hub| string(hub, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("websub")))
        .find_map(|hub| address(hub, "url", base))
}
