//! A feed document → entries and wishes about polling.
//!
//! In come bytes, the charset that HTTP declared and the address they came from; out goes [`Feed`]. The bytes are
//! decoded, `repair` writes the XML anew, well formed and in the names that feed-rs knows, and feed-rs reads that;
//! JSON Feed is read by `json`. The same bytes give the same ids. It never fails: what is no feed has no format, no
//! title and no entries, and a note says why. Bytes, entries and depth are bounded.

pub mod discover;
mod json;
pub mod opml;
mod repair;
mod vocabulary;
mod xml;

use crate::charset::{self, Syntax};
use crate::model::Feed;
use crate::text;

/// What is read of a feed: `fetch.max_body` by default.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Entries read of a feed: what follows is older, and comes back as an archive page if it is wanted.
pub const MOST_ENTRIES: usize = 2_000;

/// Characters of an excerpt: a paragraph, not the article.
const EXCERPT: usize = 500;

/// Bytes of markup that are looked at for an excerpt: enough for 500 characters in any but absurd markup.
const EXCERPT_MARKUP: usize = 16 * 1024;

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
    let mut feed = if text.starts_with('{') { json::read(text, base) } else { xml::read(text, base) };
    notes.append(&mut feed.notes);
    feed.notes = notes;
    feed
}

/// At most 500 characters of plain text of `markup`.
fn excerpt(markup: &str) -> Option<String> {
    let end = markup.char_indices().map(|(at, _)| at).take_while(|at| *at <= EXCERPT_MARKUP).last().unwrap_or(0);
    let head = if markup.len() <= EXCERPT_MARKUP { markup } else { markup.get(..end).unwrap_or_default() };
    Some(text::shorten(&text::from_html(head), EXCERPT)).filter(|excerpt| !excerpt.is_empty())
}

/// Tags that a title holds when it is markup. A title like `Amazon <AMZN.O> on Thursday` is text.
const TITLE_TAGS: &[&str] = &[
    "a", "abbr", "b", "big", "br", "cite", "code", "del", "div", "em", "font", "i", "img", "ins", "mark", "p", "q",
    "s", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "wbr",
];

/// The text of a title whose type is not declared: markup where it looks like it, text else.
fn undeclared(title: &str) -> String {
    let has_reference = title.split('&').skip(1).any(|after| {
        let name = after.split(';').next().unwrap_or_default();
        name.len() < after.len()
            && (1..=10).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
    });
    let has_tag = title.split('<').skip(1).any(|after| {
        let name = after.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        after.contains('>') && TITLE_TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag))
    });
    if has_tag || has_reference { text::from_html(title) } else { text::squash(title) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_undeclared_type() {
        let check = |title: &str, expect: &str| assert_eq!(undeclared(title), expect);
        check("Amazon.com Inc <AMZN.O> on Thursday", "Amazon.com Inc <AMZN.O> on Thursday");
        check("AT&T buys it", "AT&T buys it");
        check("1 < 2 and 3 > 2", "1 < 2 and 3 > 2");
    }
}
