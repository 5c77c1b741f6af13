//! OPML (<http://opml.org/spec2.opml>, and 1.0 as it is found) of subscriptions: read and written.
//!
//! In comes what a feed reader exported, as well formed or not as it is; out go the feeds with their folders as labels,
//! and what was passed over with the reason. The other way the sources become a document that any reader imports:
//! a source of several labels stands in several folders, so that reading gives back what was written. Reading never
//! fails; bytes, depth, outlines, labels and lengths are bounded.

mod tag;
mod write;

use std::collections::BTreeMap;

pub use write::write;

use self::tag::{Tag, tags};
use super::discover::strip_feed_scheme;
use crate::charset::{self, Syntax};
use crate::{text, url};

/// What is read of a document: 100,000 subscriptions with all their attributes need less.
pub const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Outlines read, folders and all: ten times the largest list anybody has shown.
pub const MOST_OUTLINES: usize = 100_000;

/// Folders inside one another that become labels; what is deeper has the labels of the first so many.
const MOST_DEPTH: usize = 64;

/// Labels of one source: as many as the configuration takes.
pub const MOST_LABELS: usize = 100;

/// Characters of a label or title.
const LONGEST_TEXT: usize = 200;

/// Passed-over outlines that are told one by one.
const MOST_SKIPPED: usize = 10_000;

/// One feed of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Absolute, http or https, as written.
    pub url: String,
    /// What the list calls it.
    pub title: Option<String>,
    /// The folders it stands in, outermost first, and its categories: each once.
    pub labels: Vec<String>,
}

/// An outline that is no subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its address, else its text.
    pub what: String,
    /// Why.
    pub why: String,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subscriptions {
    /// There is an outline at all: this is a list, if an empty one.
    pub is_opml: bool,
    /// In document order, each address once with the labels of all its places.
    pub feeds: Vec<Subscription>,
    /// Outlines that are no subscription.
    pub skipped: Vec<Skipped>,
    /// What was odd about the document.
    pub notes: Vec<String>,
}

/// The subscriptions in `bytes`. `charset` is what HTTP declared, if it came that way.
#[must_use]
pub fn read(bytes: &[u8], charset: Option<&str>) -> Subscriptions {
    let window = bytes.get(..MOST_BYTES).unwrap_or(bytes);
    let decoded = charset::decode(window, charset, Syntax::Xml);
    let mut reading = Reading {
        found: Subscriptions { notes: decoded.note.into_iter().collect(), ..Default::default() },
        ..Default::default()
    };
    if window.len() < bytes.len() {
        reading.found.notes.push(format!("only the first {MOST_BYTES} bytes were read"));
    }
    let (opened, closed) =
        tags(&decoded.text).filter(Tag::is_outline).fold((0_usize, 0_usize), |(opened, closed), tag| {
            (opened + usize::from(!tag.is_end && !tag.is_empty), closed + usize::from(tag.is_end))
        });
    reading.leaves_stay_open = opened > closed;
    if opened != closed {
        reading.found.notes.push(format!("{opened} outlines are opened and {closed} closed: folders are a guess"));
    }
    for (count, tag) in tags(&decoded.text).filter(Tag::is_outline).enumerate() {
        if count >= 2 * MOST_OUTLINES {
            reading.found.notes.push(format!("only the first {MOST_OUTLINES} outlines were read"));
            break;
        }
        reading.found.is_opml = true;
        reading.take(&tag);
    }
    reading.found.is_opml |= tags(&decoded.text).take(MOST_DEPTH).any(|tag| tag.is_named("opml"));
    reading.found
}

/// What an open outline means for those inside.
enum Level {
    Folder(String),
    Plain,
    /// `isComment="true"`: as if it were not there, with all it holds.
    Comment,
}

#[derive(Default)]
struct Reading {
    found: Subscriptions,
    places: BTreeMap<String, usize>,
    open: Vec<Level>,
    /// Levels beyond [`MOST_DEPTH`].
    deeper: usize,
    /// Feeds are written like `<br>`: opened and never closed.
    leaves_stay_open: bool,
}

impl Reading {
    fn take(&mut self, tag: &Tag<'_>) {
        if tag.is_end {
            if self.deeper > 0 {
                self.deeper -= 1;
            } else {
                self.open.pop();
            }
            return;
        }
        let outline = Outline::of(tag);
        let is_comment = outline.is_comment || self.open.iter().any(|level| matches!(level, Level::Comment));
        let is_feed = outline.address.is_some();
        if is_comment {
            self.skip(&outline, "is commented out");
        } else {
            self.subscribe(&outline, tag.is_empty);
        }
        if tag.is_empty || (is_feed && self.leaves_stay_open) {
            return;
        }
        if self.open.len() >= MOST_DEPTH {
            self.deeper += 1;
            return;
        }
        self.open.push(match outline.text {
            _ if is_comment => Level::Comment,
            Some(text) if !is_feed => Level::Folder(text),
            _ => Level::Plain,
        });
    }

    fn subscribe(&mut self, outline: &Outline, is_leaf: bool) {
        let Some(address) = &outline.address else {
            if let Some(why) = outline.why_no_feed(is_leaf) {
                self.skip(outline, why);
            }
            return;
        };
        let Some(url) = subscribable(address) else {
            self.skip(outline, "the address of its feed is no http(s) address");
            return;
        };
        let folders =
            self.open.iter().filter_map(|level| if let Level::Folder(name) = level { Some(name) } else { None });
        let labels: Vec<String> = folders.chain(&outline.categories).cloned().collect();
        let at = *self.places.entry(url.clone()).or_insert(self.found.feeds.len());
        if at == self.found.feeds.len() {
            if self.found.feeds.len() >= MOST_OUTLINES {
                return;
            }
            self.found.feeds.push(Subscription { url, title: outline.text.clone(), labels: Vec::new() });
        }
        for feed in self.found.feeds.iter_mut().skip(at).take(1) {
            for label in &labels {
                if feed.labels.len() < MOST_LABELS && !feed.labels.contains(label) {
                    feed.labels.push(label.clone());
                }
            }
        }
    }

    fn skip(&mut self, outline: &Outline, why: &str) {
        if self.found.skipped.len() >= MOST_SKIPPED {
            return;
        }
        let what = outline.address.as_ref().or(outline.text.as_ref()).or(outline.page.as_ref());
        let what = what.map_or("an outline without text", String::as_str);
        self.found.skipped.push(Skipped { what: text::shorten(what, LONGEST_TEXT), why: why.to_owned() });
    }
}

/// What an outline says that concerns us.
#[derive(Default)]
struct Outline {
    text: Option<String>,
    /// Of a feed.
    address: Option<String>,
    /// Of a page.
    page: Option<String>,
    kind: String,
    categories: Vec<String>,
    is_comment: bool,
}

impl Outline {
    fn of(tag: &Tag<'_>) -> Self {
        let mut outline = Self::default();
        let (mut title, mut plain_address) = (None, None);
        for (name, raw) in &tag.attributes {
            // XML takes a line break inside an attribute for a blank; one that is written as a reference stays.
            let value = htmlize::unescape_attribute(raw.replace(['\n', '\r', '\t'], " ")).trim().to_owned();
            if value.is_empty() {
                continue;
            }
            match name.to_ascii_lowercase().as_str() {
                "text" => outline.text = outline.text.take().or(Some(value)),
                "title" => title = Some(value),
                "xmlurl" => outline.address = outline.address.take().or(Some(value)),
                "htmlurl" => outline.page = Some(value),
                "url" => plain_address = Some(value),
                "type" => outline.kind = value.to_ascii_lowercase(),
                "category" => outline.categories = labels(&value),
                "iscomment" => outline.is_comment = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        // Readers differ in which of the two is the name and which the address again.
        outline.text = outline.text.or(title).map(|text| cut(&text)).filter(|text| !text.is_empty());
        match outline.kind.as_str() {
            "rss" | "atom" | "feed" | "json" => outline.address = outline.address.or(plain_address),
            _ => outline.page = outline.page.or(plain_address),
        }
        outline
    }

    /// Why an outline without a feed is none; `None` for a folder.
    fn why_no_feed(&self, is_leaf: bool) -> Option<&'static str> {
        match (self.kind.as_str(), &self.page) {
            ("include", _) => Some("it includes another list: import that one"),
            ("link", _) => Some("it is a link, not a feed"),
            (_, Some(_)) if is_leaf => Some("it names a page and no feed: list the page to have its feed found"),
            _ if is_leaf => Some("it names no feed"),
            _ => None,
        }
    }
}

/// `/Boston/Weather,/Harvard/Berkman` → each part, as if they were folders.
fn labels(category: &str) -> Vec<String> {
    let parts = category.split(['/', ',']).map(cut).filter(|label| !label.is_empty());
    parts.take(MOST_LABELS).collect()
}

/// At most [`LONGEST_TEXT`] characters, without blanks at the ends and without what XML cannot say.
fn cut(text: &str) -> String {
    let is_sayable = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t' | '\r');
    let kept: String = text.trim().chars().filter(is_sayable).take(LONGEST_TEXT).collect();
    kept.trim().to_owned()
}

/// The address to list for what a list states; `None` when nothing can be asked there.
fn subscribable(stated: &str) -> Option<String> {
    let address = match strip_feed_scheme(stated) {
        Some(rest) if url::is_http(rest) => rest.to_owned(),
        Some(rest) => format!("http://{}", rest.trim_start_matches('/')),
        None => stated.to_owned(),
    };
    let is_plain = !address.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    // A canonical form bounds the length and has a host; the address stays as it is, since it may hold a token.
    (is_plain && address.len() <= url::MAX_LENGTH && url::canonical(&address).is_ok()).then_some(address)
}

#[cfg(test)]
mod tests;
