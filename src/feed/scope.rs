//! What holds inside an element: namespaces, language, base.
//!
//! In come start tags; out goes what their names mean where they stand. An element's declarations end with it: callers
//! take a mark before and give it back after.

use super::address::Addresses;
use super::tag::Tag;
use super::vocabulary::{self, Field, Space};

/// Declarations in force at one time.
const MOST_PREFIXES: usize = 256;

/// Letters of a language tag; RFC 5646, section 4.4.1, finds 35 enough.
const LANGUAGE: usize = 35;

/// Which of the two families a document belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// RSS 0.9x, 1.0, 2.0, CDF.
    Rss,
    /// Atom 0.3 and 1.0.
    Atom,
}

#[derive(Debug)]
pub(super) struct Scope<'t> {
    pub(super) family: Family,
    prefixes: Vec<(&'t str, Space)>,
    now: Mark<'t>,
}

/// What held at one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark<'t> {
    prefixes: usize,
    /// The space of names without a prefix.
    default: Space,
    lang: Option<&'t str>,
    base: usize,
}

impl<'t> Scope<'t> {
    /// Inside of `root`, whose own namespace counts as the family's whatever it is.
    pub(super) fn new(family: Family, root: &Tag<'t>, addresses: &mut Addresses) -> Self {
        let now = Mark { prefixes: 0, default: Space::Own, lang: None, base: 0 };
        let mut scope = Self { family, prefixes: Vec::new(), now };
        scope.declare(root, addresses);
        scope.now.default = Space::Own;
        let prefix = root.prefix_and_local().0.filter(|_| !root.name.ends_with("RDF"));
        if let Some(prefix) = prefix {
            scope.prefixes.push((prefix, Space::Own));
            scope.now.prefixes = scope.prefixes.len();
        }
        scope
    }

    pub(super) fn mark(&self) -> Mark<'t> {
        self.now
    }

    pub(super) fn restore(&mut self, mark: Mark<'t>) {
        self.prefixes.truncate(mark.prefixes);
        self.now = mark;
    }

    /// Takes what `tag` declares.
    pub(super) fn declare(&mut self, tag: &Tag<'t>, addresses: &mut Addresses) {
        // Most tags declare nothing.
        let bytes = tag.attributes.as_bytes();
        if bytes.len() < 8 || !memchr::memchr_iter(b'x', bytes).any(|at| bytes.get(at + 1..at + 3) == Some(b"ml")) {
            return;
        }
        for (name, value) in tag.each() {
            match name.split_once(':') {
                None if name == "xmlns" => self.now.default = self.space_named(value),
                Some(("xmlns", prefix)) if self.prefixes.len() < MOST_PREFIXES => {
                    let space = self.space_named(value);
                    self.prefixes.push((prefix, space));
                }
                Some(("xml", "lang")) => self.now.lang = Some(value.trim()).filter(|lang| !lang.is_empty()),
                Some(("xml", "base")) => {
                    self.now.base = addresses.base(self.now.base, &crate::text::decode_references(value));
                }
                _ => {}
            }
        }
        self.now.prefixes = self.prefixes.len();
    }

    fn space_named(&self, namespace: &str) -> Space {
        if namespace.trim().is_empty() {
            return Space::Own;
        }
        match (vocabulary::space(namespace), self.family) {
            (Space::Atom, Family::Atom) => Space::Own,
            (space, _) => space,
        }
    }

    /// The vocabulary of the element `name`, and what it states.
    pub(super) fn field(&self, tag: &Tag<'t>) -> (Space, Option<Field>) {
        let (prefix, local) = tag.prefix_and_local();
        let space = match prefix {
            None => self.now.default,
            Some(prefix) => match self.prefixes.iter().rev().find(|(known, _)| *known == prefix) {
                Some((_, space)) => *space,
                None => match (vocabulary::usual(prefix), self.family) {
                    (Space::Atom, Family::Atom) => Space::Own,
                    (space, _) => space,
                },
            },
        };
        (space, vocabulary::field(space, local))
    }

    pub(super) fn base(&self) -> usize {
        self.now.base
    }

    /// The language in force, as a tag.
    pub(super) fn lang(&self) -> Option<String> {
        self.now.lang.and_then(language)
    }
}

/// A language as feeds write it → a BCP 47 tag.
pub(super) fn language(stated: &str) -> Option<String> {
    let tag = stated.trim();
    let is_tag = !tag.is_empty()
        && tag.len() <= LANGUAGE
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_tag.then(|| tag.replace('_', "-"))
}
