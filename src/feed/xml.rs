//! XML feeds of any vocabulary and in any order → `Feed`.
//!
//! In comes decoded text; out goes the feed. One pass, forward: tags come from `scan`, their meaning from `vocabulary`,
//! and an entry is made when its end is met, or where the next one starts, or where the document is cut. Nothing that
//! is wrong ends the reading; what was wrong is noted.

use super::address::Addresses;
use super::draft::Draft;
use super::hints::Channel;
use super::scan::{Scanner, Token};
use super::scope::{Family, Mark, Scope};
use super::tag::Tag;
use super::value::Value;
use super::vocabulary::{Field, Space};
use super::{MOST_ENTRIES, fields};
use crate::model::{Entry, Feed};
use crate::url;

/// Elements open at one time; a feed needs eight or so, and deeper ones are passed over.
const DEEPEST: usize = 48;

/// Start tags among which a feed's root is looked for: some feeds are wrapped in something.
const MOST_BEFORE_ROOT: usize = 32;

/// Domains that carry the feeds of others.
const FEED_SERVICES: &[&str] = &["feedburner.com", "feedblitz.com", "google.com"];

/// The feed in `text`, which came from `base`; without a format when it is none.
pub(super) fn read(text: &str, base: &str) -> Feed {
    let mut scanner = Scanner::new(text);
    let Some((root, family, format)) = root(&mut scanner) else {
        return Feed { notes: vec!["this is no feed".to_owned()], ..Feed::default() };
    };
    let mut addresses = Addresses::new(base, text.len());
    let scope = Scope::new(family, &root, &mut addresses);
    let mut reader = Reader {
        scanner,
        scope,
        addresses,
        open: Vec::with_capacity(8),
        channel: Channel::default(),
        draft: None,
        entries: Vec::new(),
        nests: None,
        notes: Vec::new(),
    };
    reader.channel.lang = reader.scope.lang();
    let is_entry = root.prefix_and_local().1.eq_ignore_ascii_case("entry");
    if is_entry {
        reader.draft = Some(Draft::default());
    }
    reader.open.push(Open { name: root.name, is_entry, mark: reader.scope.mark() });
    if !root.is_empty {
        reader.run();
    }
    reader.finish(format)
}

/// The root of the feed, its family and its format.
fn root<'t>(scanner: &mut Scanner<'t>) -> Option<(Tag<'t>, Family, &'static str)> {
    let mut before = 0;
    while before < MOST_BEFORE_ROOT {
        let Token::Start(tag) = scanner.next()? else { continue };
        let local = tag.prefix_and_local().1.to_ascii_lowercase();
        let version = tag.attribute("version").unwrap_or_default();
        match local.as_str() {
            "rss" if version.starts_with('0') => return Some((tag, Family::Rss, "rss0")),
            "rss" => return Some((tag, Family::Rss, "rss2")),
            "rdf" => {
                let is_old = tag.attributes.contains("netscape.com");
                return Some((tag, Family::Rss, if is_old { "rss0" } else { "rss1" }));
            }
            "channel" => return Some((tag, Family::Rss, "rss0")),
            "feed" => return Some((tag, Family::Atom, "atom")),
            "entry" if before == 0 => return Some((tag, Family::Atom, "atom")),
            "html" => return None,
            _ => before += 1,
        }
    }
    None
}

struct Open<'t> {
    /// As the document writes it, for its end tag.
    name: &'t str,
    is_entry: bool,
    /// What held outside of it.
    mark: Mark<'t>,
}

pub(super) struct Reader<'t> {
    scanner: Scanner<'t>,
    pub(super) scope: Scope<'t>,
    pub(super) addresses: Addresses,
    open: Vec<Open<'t>>,
    pub(super) channel: Channel,
    pub(super) draft: Option<Draft<'t>>,
    entries: Vec<Entry>,
    /// Whether every entry has its end tag, so that an entry inside of another is meant. Counted when it is asked.
    nests: Option<bool>,
    notes: Vec<String>,
}

impl<'t> Reader<'t> {
    fn run(&mut self) {
        while let Some(token) = self.scanner.next() {
            let goes_on = match token {
                Token::Start(tag) => self.start(&tag),
                Token::End(name) => self.end(name),
            };
            if !goes_on {
                return;
            }
        }
        self.note("the document ends early");
    }

    fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }

    /// Takes a start tag; `false` ends the reading.
    fn start(&mut self, tag: &Tag<'t>) -> bool {
        let mark = self.scope.mark();
        self.scope.declare(tag, &mut self.addresses);
        let (space, field) = self.scope.field(tag);
        match field {
            Some(Field::Entry) => return self.start_entry(tag, mark),
            Some(Field::Bare) => {
                self.push(tag, mark, false);
                return true;
            }
            Some(Field::MediaContent) => {
                fields::media(self, tag);
                self.push(tag, mark, false);
                return true;
            }
            Some(Field::Other) => self.scanner.skip(tag),
            Some(field) => fields::take(self, tag, space, field),
            // A word of no vocabulary may hold the feed's entries, but not an entry's fields.
            None if self.draft.is_none() && space == Space::Own => {
                self.push(tag, mark, false);
                return true;
            }
            None => self.scanner.skip(tag),
        }
        self.scope.restore(mark);
        true
    }

    fn push(&mut self, tag: &Tag<'t>, mark: Mark<'t>, is_entry: bool) {
        if tag.is_empty || self.open.len() >= DEEPEST {
            if !tag.is_empty {
                self.scanner.skip(tag);
            }
            self.scope.restore(mark);
        } else {
            self.open.push(Open { name: tag.name, is_entry, mark });
        }
    }

    fn start_entry(&mut self, tag: &Tag<'t>, mark: Mark<'t>) -> bool {
        let is_begun = self.draft.as_ref().map(|draft| draft.is_begun);
        match is_begun {
            // One that has said nothing yet is the same one, started twice.
            Some(false) => {
                self.note("an entry starts twice");
                self.push(tag, mark, false);
                return true;
            }
            // `<item/>` inside of an entry says nothing.
            Some(_) if tag.is_empty || self.nests(tag.name) => {
                self.scanner.skip(tag);
                self.scope.restore(mark);
                return true;
            }
            Some(_) => {
                self.note("an entry was not closed");
                while self.draft.is_some() && self.open.len() > 1 {
                    self.close();
                }
                // What it declares was given back with the one before it.
                let outer = self.scope.mark();
                self.scope.declare(tag, &mut self.addresses);
                return self.begin(tag, outer);
            }
            None => {}
        }
        self.begin(tag, mark)
    }

    fn begin(&mut self, tag: &Tag<'t>, mark: Mark<'t>) -> bool {
        if self.entries.len() >= MOST_ENTRIES {
            let more = 1 + Scanner::count(self.scanner.rest(), tag.name).0;
            self.note(&format!("only the first {MOST_ENTRIES} entries were read, of {}", MOST_ENTRIES + more));
            return false;
        }
        let mut draft = Draft { lang: self.scope.lang(), ..Draft::default() };
        fields::entry(self, &mut draft, tag);
        self.draft = Some(draft);
        if tag.is_empty || self.open.len() >= DEEPEST {
            self.end_entry();
        }
        self.push(tag, mark, true);
        true
    }

    fn end_entry(&mut self) {
        if let Some(draft) = self.draft.take() {
            let mut entry = draft.entry(self.channel.people());
            // An entry taken from a feed service's feed was published where it stands.
            if let Some(publisher) = &mut entry.publisher
                && FEED_SERVICES.contains(&publisher.domain.as_str())
            {
                publisher.domain = url::registrable_domain(&entry.url).unwrap_or_default();
            }
            entry.publisher = entry.publisher.filter(|publisher| !publisher.domain.is_empty());
            self.entries.push(entry);
        }
    }

    fn nests(&mut self, name: &str) -> bool {
        let text = self.scanner.text();
        *self.nests.get_or_insert_with(|| {
            let (starts, ends) = Scanner::count(text, name);
            starts == ends
        })
    }

    /// Takes an end tag; `false` when it ends the document.
    fn end(&mut self, name: &str) -> bool {
        let found = self.open.iter().rposition(|open| open.name == name);
        let Some(at) = found.or_else(|| self.open.iter().rposition(|open| open.name.eq_ignore_ascii_case(name))) else {
            self.note("an end tag has no start");
            return true;
        };
        if at + 1 < self.open.len() {
            self.note("tags are not closed");
        }
        while self.open.len() > at {
            self.close();
        }
        at > 0
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            if open.is_entry {
                self.end_entry();
            }
            self.scope.restore(open.mark);
        }
    }

    /// All that stands inside `tag`.
    pub(super) fn inside(&mut self, tag: &Tag<'t>, nests: bool) -> Value<'t> {
        let Self { scanner, scope, .. } = self;
        let knows = |name: &str| {
            // Only the name counts here.
            let (_, field) = scope.field(&Tag { name, attributes: "", is_empty: true });
            field.is_some_and(|field| field != Field::Content)
        };
        scanner.inside(tag, nests, knows)
    }

    fn finish(mut self, format: &str) -> Feed {
        while !self.open.is_empty() {
            self.close();
        }
        if self.addresses.is_spent() {
            self.note("relative addresses were left out: they grow too much");
        }
        self.entries.shrink_to_fit();
        let mut feed = self.channel.feed(&mut self.addresses);
        feed.format = Some(format.to_owned());
        feed.entries = self.entries;
        feed.notes = self.notes;
        feed
    }
}
