//! The objects of `inspect`, and the same for people.
//!
//! In come a read feed or page; out goes the JSON object that the interface fixes (an absent value is `null`), or
//! a block of lines made from that object. It shows plain text only.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use crate::extract::Judged;
use crate::model::{Entry, Feed, FeedHints, Found, PageMetadata, When};

/// The object of one feed.
pub(super) fn feed(input: &str, feed: &Feed) -> Json {
    json!({
        "input": input,
        // A feed that states neither title nor entries is read all the same.
        "ok": feed.format.is_some(),
        "format": feed.format,
        "title": feed.title,
        "link": feed.link,
        "lang": feed.lang,
        "entries": feed.entries.iter().map(entry).collect::<Vec<_>>(),
        "hints": hints(&feed.hints),
        "notes": feed.notes,
    })
}

/// All of them, the absent ones too.
fn hints(hints: &FeedHints) -> Json {
    json!({
        "ttl_s": hints.ttl_s,
        "skip_hours": hints.skip_hours,
        "skip_days": hints.skip_days,
        "hub": hints.hub,
        "self": hints.self_url,
        "next": hints.next,
        "prev_archive": hints.prev_archive,
    })
}

fn entry(entry: &Entry) -> Json {
    let image = |image: &crate::model::Image| json!({"url": image.url, "width": image.width, "height": image.height});
    json!({
        "id": entry.guid,
        "title": entry.title,
        "url": (!entry.url.is_empty()).then_some(&entry.url),
        "summary": entry.excerpt,
        "published": entry.published,
        "updated": entry.updated,
        "authors": entry.authors,
        "categories": entry.tags,
        "images": entry.images.iter().map(image).collect::<Vec<_>>(),
    })
}

/// The object of one page.
pub(super) fn page(id: &str, page: &PageMetadata) -> Json {
    let mut object = json!({
        "id": id,
        "title": value(page.title.as_ref()),
        "description": value(page.description.as_ref()),
        "author": page.author.iter().map(|author| &author.value).collect::<Vec<_>>(),
        "site_name": value(page.site_name.as_ref()),
        "published": page.published.as_ref().map(|when| moment(when.value)),
        "modified": page.modified.as_ref().map(|when| moment(when.value)),
        "image": page.image.as_ref().map(|image| &image.value.url),
        "image_width": page.image.as_ref().and_then(|image| image.value.width),
        "image_height": page.image.as_ref().and_then(|image| image.value.height),
        "canonical": value(page.canonical.as_ref()),
        "amp": value(page.amp.as_ref()),
        "lang": value(page.lang.as_ref()),
        "section": value(page.section.as_ref()),
        "tags": page.tags.iter().map(|tag| &tag.value).collect::<Vec<_>>(),
        "kind": value(page.kind.as_ref()),
        "paywalled": page.paywalled.as_ref().map(|paywalled| paywalled.value),
    });
    if let Some(object) = object.as_object_mut() {
        object.insert("found_in".to_owned(), Json::Object(found_in(page)));
        object.insert("notes".to_owned(), json!(page.notes));
    }
    object
}

/// Adds what became of every candidate.
pub(super) fn candidates(object: &mut Json, judged: &[Judged]) {
    let list = judged
        .iter()
        .map(|one| json!({"field": one.field, "from": one.from, "value": one.value, "verdict": one.verdict}));
    if let Some(object) = object.as_object_mut() {
        object.insert("candidates".to_owned(), list.collect());
    }
}

fn value(found: Option<&Found<String>>) -> Option<&str> {
    found.map(|found| found.value.as_str())
}

/// RFC 3339, or the day alone where no instant is known.
fn moment(when: When) -> String {
    match when {
        When::Instant(..) => when.to_string(),
        When::Local(_) | When::Day(_) => when.day().to_string(),
    }
}

fn found_in(page: &PageMetadata) -> Map<String, Json> {
    let places = [
        ("title", page.title.as_ref().map(|found| &found.from)),
        ("description", page.description.as_ref().map(|found| &found.from)),
        ("author", page.author.first().map(|found| &found.from)),
        ("site_name", page.site_name.as_ref().map(|found| &found.from)),
        ("published", page.published.as_ref().map(|found| &found.from)),
        ("modified", page.modified.as_ref().map(|found| &found.from)),
        ("image", page.image.as_ref().map(|found| &found.from)),
        ("canonical", page.canonical.as_ref().map(|found| &found.from)),
        ("amp", page.amp.as_ref().map(|found| &found.from)),
        ("lang", page.lang.as_ref().map(|found| &found.from)),
        ("section", page.section.as_ref().map(|found| &found.from)),
        ("tags", page.tags.first().map(|found| &found.from)),
        ("kind", page.kind.as_ref().map(|found| &found.from)),
        ("paywalled", page.paywalled.as_ref().map(|found| &found.from)),
    ];
    let known = places.into_iter().filter_map(|(field, from)| Some((field.to_owned(), Json::from(from?.as_str()))));
    known.collect()
}

/// The object for people: a heading, then a line a value with where it was found, then entries and notes.
pub(super) fn people(out: &mut impl Write, object: &Json) -> io::Result<()> {
    let Some(object) = object.as_object() else { return Ok(()) };
    let name = object.get("input").or_else(|| object.get("id")).and_then(Json::as_str).unwrap_or_default();
    writeln!(out, "{name}")?;
    for (key, value) in object {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Bool(_) | Json::Number(_) => value.to_string(),
            Json::Array(values) if values.iter().all(Json::is_string) => {
                values.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", ")
            }
            _ => continue,
        };
        if text.is_empty() || matches!(key.as_str(), "input" | "id" | "notes") {
            continue;
        }
        match object.get("found_in").and_then(|found| found.get(key)).and_then(Json::as_str) {
            Some(from) => writeln!(out, "  {key:12} {text}  [{from}]")?,
            None => writeln!(out, "  {key:12} {text}")?,
        }
    }
    let hints = object.get("hints").and_then(Json::as_object).into_iter().flatten();
    for (key, value) in
        hints.filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))
    {
        writeln!(out, "  hint {key:12} {value}")?;
    }
    for entry in object.get("entries").and_then(Json::as_array).into_iter().flatten() {
        let text = |key: &str| entry.get(key).and_then(Json::as_str).unwrap_or("-");
        writeln!(out, "  * {} | {} | {}", text("published"), text("title"), text("url"))?;
    }
    for one in object.get("candidates").and_then(Json::as_array).into_iter().flatten() {
        let text = |key: &str| one.get(key).and_then(Json::as_str).unwrap_or_default();
        writeln!(out, "  ? {:12} {}  [{}] {}", text("field"), text("value"), text("from"), text("verdict"))?;
    }
    for note in object.get("notes").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
        writeln!(out, "  note: {note}")?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_is_null() {
        let object = page("x", &PageMetadata::default());
        let keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
        let fixed = "id title description author site_name published modified image image_width image_height canonical \
                     amp lang section tags kind paywalled found_in notes";
        assert_eq!(keys, fixed.split_whitespace().collect::<Vec<_>>());
        assert!(object["title"].is_null() && object["paywalled"].is_null());
        let object = feed("x", &Feed::default());
        let keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["input", "ok", "format", "title", "link", "lang", "entries", "hints", "notes"]);
        let hints: Vec<&str> = object["hints"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(hints, ["ttl_s", "skip_hours", "skip_days", "hub", "self", "next", "prev_archive"]);
        assert_eq!(object["ok"], false);
    }

    #[test]
    fn people_see_where_it_was_found() {
        let title = Found { value: "A & B".to_owned(), from: "opengraph:og:title".to_owned() };
        let object = page("x.html", &PageMetadata { title: Some(title), ..PageMetadata::default() });
        let mut out = Vec::new();
        people(&mut out, &object).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "x.html\n  title        A & B  [opengraph:og:title]\n\n");
    }
}
