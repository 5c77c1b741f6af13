//! A feed document → entries and wishes about polling.
//!
//! In come bytes, the charset that HTTP declared and the address they came from; out goes [`Feed`]. The bytes are
//! decoded; `xml` reads what is XML, whatever its vocabulary and however broken, and `json` reads JSON Feed. Where `xml`
//! finds no entry, feed-rs is asked for a second opinion. The same bytes give the same ids. It never fails: what is no
//! feed has no format, no title and no entries, and a note says why. Bytes, entries, values and depth are bounded, and
//! the work is linear in the bytes.

mod address;
pub mod discover;
mod draft;
mod fields;
mod hints;
mod json;
mod opinion;
pub mod opml;
mod person;
mod scan;
mod scope;
mod tag;
mod value;
mod vocabulary;
mod xml;

use crate::charset::{self, Syntax};
use crate::model::Feed;

/// What is read of a feed: `fetch.max_body` by default.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Entries read of a feed: what follows is older, and comes back as an archive page if it is wanted.
pub const MOST_ENTRIES: usize = 2_000;

/// Characters of an excerpt: a paragraph, not the article.
const EXCERPT: usize = 500;

/// Values of one kind (authors, tags, pictures) kept of one entry.
const MOST_VALUES: usize = 50;

/// The feed in `bytes`. `charset` is the parameter of the `Content-Type` field; `base` is the address that answered,
/// against which relative addresses are resolved.
#[must_use]
pub fn read(bytes: &[u8], charset: Option<&str>, base: &str) -> Feed {
    let window = bytes.get(..MOST_BYTES).unwrap_or(bytes);
    let decoded = charset::decode(window, charset, Syntax::Xml);
    let mut notes: Vec<String> = decoded.note.into_iter().collect();
    if window.len() < bytes.len() {
        notes.push(format!("only the first {MOST_BYTES} bytes were read"));
    }
    let text = decoded.text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace() || c.is_control());
    let mended = charset::mend(text);
    if mended.is_some() {
        notes.push("the text was encoded twice: read as it was meant".to_owned());
    }
    let mut feed = document(mended.as_deref().unwrap_or(text), base);
    notes.append(&mut feed.notes);
    feed.notes = notes;
    feed
}

fn document(text: &str, base: &str) -> Feed {
    if text.starts_with('{') {
        return json::read(text, base);
    }
    let feed = xml::read(text, base);
    if !feed.entries.is_empty() {
        return feed;
    }
    match opinion::ask(text, base) {
        Some(mut other) => {
            // What was found beside the entries holds.
            other.hints = feed.hints;
            other
        }
        None => feed,
    }
}
