//! A second opinion, by feed-rs, on what our own reader finds no entry in.
//!
//! In comes decoded text; out goes a feed with entries, or nothing. feed-rs knows fewer feeds than `xml` does and reads
//! only what is well formed, but it was written by others, from other feeds: a document that both find empty is empty.
//! It is asked about small documents alone, since an empty feed is polled as often as a full one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model as raw;
use feed_rs::parser;
use jiff::Timestamp;

use super::address::absolute;
use super::value::{Kind, Typed, Value};
use super::{MOST_ENTRIES, MOST_VALUES, draft};
use crate::dates;
use crate::model::{Entry, Feed};

/// Bytes of a document that it is asked about: one with entries that our reader does not see would be news to us.
const LARGEST: usize = 256 * 1024;

/// `xml:base` attributes that it may meet: it keeps an address for each that is open, and each may be the longer for
/// the one around it. A feed has one.
const MOST_BASES: usize = 16;

/// What feed-rs finds in `text`, which came from `base`, when it finds any entry.
pub(super) fn ask(text: &str, base: &str) -> Option<Feed> {
    // This is UTF-8, whatever is declared.
    let text = text.trim_start();
    let text = if text.starts_with("<?xml") { text.split_once('>').map_or("", |(_, rest)| rest) } else { text };
    if text.len() > LARGEST || !text.trim_start().starts_with('<') || breaks_it(text) {
        return None;
    }
    let parser = parser::Builder::new()
        .base_uri(absolute(base, base).as_ref())
        .sanitize_content(false)
        .timestamp_parser(timestamp)
        // An id that the feed does not state is absent: nothing random, nothing invented.
        .id_generator(|_, _, _| String::new())
        .build();
    // The two inputs known to make it panic are kept from it above; a third must not end the daemon. The parser is
    // ours alone and is dropped after a panic, so no broken state is seen again.
    let parsed = catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes()))).ok()?.ok()?;
    (!parsed.entries.is_empty()).then(|| convert(parsed, base))
}

/// Whether feed-rs must not see `text`. feed-rs 3.0.0 panics where a character that is not ASCII touches an e-mail address in an author, and at a declaration
/// past the first bytes.
fn breaks_it(text: &str) -> bool {
    let has_many_bases = text.matches("xml:base").nth(MOST_BASES).is_some();
    has_many_bases || (text.contains('@') && (!text.is_ascii() || text.contains("&#"))) || declares(text)
}

/// Whether there is an XML declaration somewhere; `<?xml-stylesheet` is none.
fn declares(text: &str) -> bool {
    text.split("<?xml").skip(1).any(|after| !after.starts_with('-'))
}

fn timestamp(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let instant = dates::read(text)?.utc()?;
    chrono::DateTime::from_timestamp(instant.as_second(), 0)
}

fn instant(time: chrono::DateTime<chrono::Utc>) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

fn convert(feed: raw::Feed, base: &str) -> Feed {
    let format = match feed.feed_type {
        raw::FeedType::Atom => "atom",
        raw::FeedType::RSS0 => "rss0",
        raw::FeedType::RSS1 => "rss1",
        _ => "rss2",
    };
    Feed {
        format: Some(format.to_owned()),
        title: feed.title.as_ref().and_then(|title| typed(&title.content, title.content_type.as_str()).line()),
        link: alternate(&feed.links, base),
        lang: feed.language.as_deref().and_then(super::scope::language),
        entries: feed.entries.into_iter().take(MOST_ENTRIES).map(|item| entry(&item, base)).collect(),
        notes: vec!["read by feed-rs: our own reader found no entry".to_owned()],
        ..Feed::default()
    }
}

fn entry(item: &raw::Entry, base: &str) -> Entry {
    let line = |text: &raw::Text| typed(&text.content, text.content_type.as_str()).line();
    let summary = item.summary.as_ref().map(|text| typed(&text.content, text.content_type.as_str()));
    let content = item.content.as_ref().and_then(|content| {
        let body = content.body.as_deref()?;
        Some(typed(body, content.content_type.as_str()))
    });
    let mut authors = Vec::new();
    for person in item.authors.iter().take(MOST_VALUES) {
        draft::name(&mut authors, data(&person.name.clone().unwrap_or_default()));
    }
    Entry {
        url: alternate(&item.links, base).unwrap_or_default(),
        guid: data(&item.id).word(),
        title: item.title.as_ref().and_then(line),
        excerpt: summary.and_then(|text| text.excerpt()).or_else(|| content.and_then(|text| text.excerpt())),
        published: item.published.and_then(instant),
        updated: item.updated.and_then(instant),
        authors,
        ..Entry::default()
    }
}

fn alternate(links: &[raw::Link], base: &str) -> Option<String> {
    let is_alternate = |link: &&raw::Link| link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    links.iter().find(is_alternate).and_then(|link| absolute(base, &link.href))
}

/// Text that is decoded already.
fn data(text: &str) -> Value<'_> {
    Value { raw: text, shape: super::value::Shape::Data }
}

fn typed<'t>(text: &'t str, kind: &str) -> Typed<'t> {
    Typed::new(data(text), if kind.contains("html") { Kind::Html } else { Kind::Undeclared })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opinions() {
        let check = |text: &str, expect: Option<usize>| {
            assert_eq!(ask(text, "https://wire.example/f").map(|feed| feed.entries.len()), expect, "{text}");
        };
        let item = "<item><title>T &amp; U</title><link>/1</link><pubDate>2026-11-23 04:05</pubDate></item>";
        check(
            &format!("<?xml version='1.0' encoding='x'?><rss version='2.0'><channel>{item}</channel></rss>"),
            Some(1),
        );
        check("<rss version='2.0'><channel/></rss>", None);
        check("<rss version='2.0'><channel><item>", None);
        // What makes feed-rs panic is kept from it.
        let author = "<author>山田（yamada@wire.example）</author>";
        check(&format!("<rss version='2.0'><channel><item>{author}</item></channel></rss>"), None);
        let author = "<author>&#x5C71;yamada@wire.example</author>";
        check(&format!("<rss version='2.0'><channel><item>{author}</item></channel></rss>"), None);
        let late = format!("<!--{}--><?xml version='1.0' encoding='utf-16be'?><rss version='2.0'/>", "x".repeat(80));
        check(&late, None);
        check("<rss version='2.0'><channel/><?xml\tversion='1.0'?></rss>", None);
    }
}
