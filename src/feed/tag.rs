//! A start tag and its attributes.
//!
//! In comes the inside of a tag as written; out come names, and values with their references decoded. Nothing is
//! looked at before it is asked for.

use std::borrow::Cow;

use crate::text;

/// Attributes looked at in one tag.
const MOST_ATTRIBUTES: usize = 64;

#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'t> {
    /// As written, with its prefix.
    pub(super) name: &'t str,
    /// All attributes, as written.
    pub(super) attributes: &'t str,
    /// `<…/>`.
    pub(super) is_empty: bool,
}

impl<'t> Tag<'t> {
    pub(super) fn prefix_and_local(&self) -> (Option<&'t str>, &'t str) {
        let colon = self.name.bytes().position(|byte| byte == b':');
        match colon.and_then(|colon| self.name.split_at_checked(colon)) {
            Some((prefix, local)) => (Some(prefix), local.get(1..).unwrap_or_default()),
            None => (None, self.name),
        }
    }

    /// The decoded, trimmed value of an attribute that is there and not empty. Case does not count: feeds mix it.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'t, str>> {
        if self.attributes.is_empty() {
            return None;
        }
        let (_, value) = self.each().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let value = text::decode_references(value.trim());
        (!value.is_empty()).then_some(value)
    }

    /// A number of pixels, say; `100%` and `1.5` are none.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.attribute(name)?.trim_end_matches("px").parse().ok()
    }

    /// Names and values as written.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'t str, &'t str)> + use<'t> {
        Attributes { rest: self.attributes }.take(MOST_ATTRIBUTES)
    }
}

struct Attributes<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.rest.bytes().position(|byte| !byte.is_ascii_whitespace() && byte != b'/' && byte != b'=');
        let rest = self.rest.get(start?..).unwrap_or_default();
        let end = rest.bytes().position(|byte| byte == b'=' || byte.is_ascii_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let Some(after) = after.trim_ascii_start().strip_prefix('=') else {
            self.rest = after;
            return Some((name, ""));
        };
        let after = after.trim_ascii_start();
        let (value, rest) = match after.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => {
                let inside = after.get(1..).unwrap_or_default();
                let end = memchr::memchr(*quote, inside.as_bytes()).unwrap_or(inside.len());
                (inside.get(..end).unwrap_or_default(), inside.get(end + 1..).unwrap_or_default())
            }
            _ => after.split_at(after.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(after.len())),
        };
        self.rest = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes() {
        let check = |attributes: &str, name: &str, expect: Option<&str>| {
            let tag = Tag { name: "x", attributes, is_empty: false };
            assert_eq!(tag.attribute(name).as_deref(), expect, "{attributes}");
        };
        check(" a='1' b=\"2\"", "b", Some("2"));
        check(" a = '1' B =\"2\"", "b", Some("2"));
        check(" a=1 b=2/3", "b", Some("2/3"));
        check(" a b='x'", "b", Some("x"));
        check(" a='' ", "a", None);
        check(" a='x?p=1&amp;copy=2&b'", "a", Some("x?p=1&copy=2&b"));
        check(" a='open", "a", Some("open"));
        check(" /", "a", None);
    }
}
