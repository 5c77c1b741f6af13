//! Feed XML as it is found → well-formed XML in the names that feed-rs knows.
//!
//! One pass over the text. It drops what XML forbids, escapes bare `&`, turns HTML references into characters, closes
//! what is left open, ignores end tags without a start, and stops at a cut or at the cap of entries with everything
//! closed. All RSS comes out as RSS 2.0 and all Atom as Atom 1.0; titles and bodies come out as text, whatever tags
//! they hold. It never fails: what has no feed root comes out empty.

mod scan;
mod write;

use std::collections::BTreeMap;

use super::MOST_ENTRIES;
use super::vocabulary::{self, DECLARATIONS, Family, Treat};
use scan::{Scanner, Tag, Token};
use write::attribute;

/// Elements open at one time; a feed needs eight or so, and deeper ones are left out.
const DEEPEST: usize = 48;

/// A repaired document.
#[derive(Debug, Default)]
pub(super) struct Repaired {
    /// Well-formed XML, or nothing when there is no feed root.
    pub(super) xml: String,
    /// `rss2`, `rss1`, `rss0`, `atom`.
    pub(super) format: Option<&'static str>,
    /// What was wrong.
    pub(super) notes: Vec<String>,
}

/// `text` in good order. `base` is where it came from.
pub(super) fn repair(text: &str, base: &str) -> Repaired {
    let mut scanner = Scanner::new(text);
    let Some(root) = scanner.root() else { return Repaired::default() };
    let Some((family, format)) = family(&root) else { return Repaired::default() };
    let out =
        Repaired { xml: String::with_capacity(text.len() + text.len() / 8), format: Some(format), notes: Vec::new() };
    let mut writer = Writer {
        out,
        family,
        namespaces: BTreeMap::new(),
        own: String::new(),
        open: Vec::new(),
        entries: 0,
        nests: nests(text),
        base,
    };
    writer.begin(&root);
    writer.run(&mut scanner);
    writer.out
}

fn nests(text: &str) -> bool {
    ["item", "entry"].iter().all(|name| {
        let starts = text.matches(&format!("<{name}>")).count() + text.matches(&format!("<{name} ")).count();
        starts == text.matches(&format!("</{name}>")).count()
    })
}

/// The family and format of a document with this root.
fn family(root: &Tag) -> Option<(Family, &'static str)> {
    let version = root.attribute("version").unwrap_or_default();
    match root.local().to_ascii_lowercase().as_str() {
        "rss" if version.trim().starts_with('0') => Some((Family::Rss, "rss0")),
        "rss" => Some((Family::Rss, "rss2")),
        "channel" => Some((Family::Rss, "rss0")),
        "rdf" => {
            let is_old = root.attributes.iter().any(|(_, value)| value.contains("netscape.com"));
            Some((Family::Rss, if is_old { "rss0" } else { "rss1" }))
        }
        "feed" | "entry" => Some((Family::Atom, "atom")),
        _ => None,
    }
}

struct Open<'t> {
    /// As the document writes it, for its end tag.
    raw: &'t str,
    /// As it was written, unless its tags are left out.
    written: Option<String>,
    /// The default namespace before it.
    outer: String,
}

struct Writer<'t> {
    out: Repaired,
    family: Family,
    namespaces: BTreeMap<String, String>,
    /// The default namespace in force; the root's own counts as the family's whatever it is.
    own: String,
    open: Vec<Open<'t>>,
    entries: usize,
    /// Every entry has its end tag, so an entry inside an entry is what the document means.
    nests: bool,
    base: &'t str,
}

impl<'t> Writer<'t> {
    fn begin(&mut self, root: &Tag<'t>) {
        self.declare(root);
        self.own.clear();
        let lang = root.attribute("xml:lang").map(|lang| attribute("xml:lang", &lang)).unwrap_or_default();
        let (start, written) = match (self.family, root.local()) {
            (Family::Rss, _) => ("<rss version=\"2.0\"", "rss"),
            (Family::Atom, "entry") => ("<entry xmlns=\"http://www.w3.org/2005/Atom\"", "entry"),
            (Family::Atom, _) => ("<feed xmlns=\"http://www.w3.org/2005/Atom\"", "feed"),
        };
        for part in [start, DECLARATIONS, &lang, &self.xml_base(root)] {
            self.out.xml.push_str(part);
        }
        self.out.xml.push('>');
        self.open.push(Open { raw: root.name, written: Some(written.to_owned()), outer: String::new() });
        if self.family == Family::Rss {
            self.out.xml.push_str("<channel>");
        }
    }

    fn run(&mut self, scanner: &mut Scanner<'t>) {
        while let Some(token) = scanner.next() {
            match token {
                Token::Text(text) => self.text(text),
                Token::CData(text) => scan::escape(text, &mut self.out.xml),
                Token::Start(tag) => {
                    if !self.start(&tag, scanner) {
                        break;
                    }
                }
                Token::End(name) => {
                    if !self.end(name) {
                        break;
                    }
                }
            }
        }
        if self.open.len() > 1 {
            self.note("the document ends early");
        }
        while self.open.len() > 1 {
            self.close();
        }
        let end = match (self.family, self.open.pop().and_then(|root| root.written)) {
            (Family::Rss, _) => "</channel></rss>".to_owned(),
            (Family::Atom, root) => format!("</{}>", root.unwrap_or_default()),
        };
        self.out.xml.push_str(&end);
    }

    fn note(&mut self, note: &str) {
        if !self.out.notes.iter().any(|known| known == note) {
            self.out.notes.push(note.to_owned());
        }
    }

    fn declare(&mut self, tag: &Tag) {
        for (name, value) in &tag.attributes {
            if let Some(prefix) = name.strip_prefix("xmlns:") {
                self.namespaces.insert(prefix.to_owned(), value.clone().into_owned());
            } else if *name == "xmlns" {
                value.as_ref().clone_into(&mut self.own);
            }
        }
    }

    /// The name to write for an element as the document writes it.
    fn name(&self, tag: &Tag) -> String {
        let prefix = match tag.name.split_once(':') {
            Some((prefix, _)) => match self.namespaces.get(prefix) {
                Some(namespace) => vocabulary::prefix(namespace, self.family),
                None => vocabulary::undeclared(prefix, self.family),
            },
            None if self.own.is_empty() => "",
            None => vocabulary::prefix(&self.own, self.family),
        };
        vocabulary::name(prefix, tag.local(), self.family)
    }

    /// Takes a start tag; `false` ends the reading.
    fn start(&mut self, tag: &Tag<'t>, scanner: &mut Scanner<'t>) -> bool {
        let outer = self.own.clone();
        self.declare(tag);
        let name = self.name(tag);
        if matches!((self.family, name.as_str()), (Family::Rss, "item") | (Family::Atom, "entry")) {
            if self.nests && self.open.iter().any(|open| open.written.as_deref() == Some(name.as_str())) {
                scanner.skip(tag);
                self.own = outer;
                return true;
            }
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                self.note(&format!("only the first {MOST_ENTRIES} entries were read"));
                return false;
            }
            self.close_entry(&name);
        }
        match vocabulary::treat(&name, self.family) {
            _ if self.open.len() >= DEEPEST => scanner.skip(tag),
            Treat::Skip => scanner.skip(tag),
            Treat::Opaque => self.opaque(&name, tag, scanner),
            Treat::Bare if tag.is_empty => {}
            Treat::Bare => {
                self.open.push(Open { raw: tag.name, written: None, outer });
                return true;
            }
            Treat::Open => {
                self.tag(&name, tag);
                if tag.is_empty {
                    self.push(&["</", &name, ">"]);
                } else {
                    self.open.push(Open { raw: tag.name, written: Some(name), outer });
                    return true;
                }
            }
        }
        self.own = outer;
        true
    }

    /// An entry inside an entry means that the first was not closed.
    fn close_entry(&mut self, name: &str) {
        if let Some(at) = self.open.iter().skip(1).position(|open| open.written.as_deref() == Some(name)) {
            self.note("an entry was not closed");
            while self.open.len() > at + 1 {
                self.close();
            }
        }
    }

    /// Takes an end tag; `false` when it ends the document.
    fn end(&mut self, raw: &str) -> bool {
        let Some(at) = self.open.iter().rposition(|open| open.raw == raw) else {
            self.note("an end tag has no start");
            return true;
        };
        if at == 0 {
            if self.open.len() > 1 {
                self.note("tags are not closed");
            }
            while self.open.len() > 1 {
                self.close();
            }
            return false;
        }
        if at + 1 < self.open.len() {
            self.note("tags are not closed");
        }
        while self.open.len() > at {
            self.close();
        }
        true
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.own = open.outer;
            if let Some(written) = open.written {
                self.push(&["</", &written, ">"]);
            }
        }
    }
}
