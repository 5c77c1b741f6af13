//! The attributes of one tag, as WHATWG HTML 13.2.5.32 to 40 reads them.
//!
//! In come bytes after a tag's name; out go names and values as slices of them, with references still encoded, and the
//! place after the tag. Nothing is copied, and what the bytes do not end is no tag yet.

use memchr::memchr;

use super::name::Name;

/// Attributes kept of one tag; real ones have a dozen.
const MOST: usize = 64;

/// A list that is filled anew for every tag.
#[derive(Debug, Default)]
pub(crate) struct Attributes<'b>(Vec<(Name, &'b [u8])>);

/// Where a tag ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// The place after its `>`.
    pub after: usize,
    /// It ends with `/>`.
    pub is_closed: bool,
}

impl<'b> Attributes<'b> {
    /// The value of the first attribute called `name`: later ones do not count.
    #[inline]
    pub(crate) fn get(&self, name: Name) -> Option<&'b [u8]> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Name, &'b [u8])> {
        self.0.iter().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the attributes that start at `from`; `None` when `bytes` end before the tag does.
    pub(super) fn read(&mut self, bytes: &'b [u8], from: usize) -> Option<End> {
        self.0.clear();
        let mut at = from;
        loop {
            let mut is_closed = false;
            let first = loop {
                let byte = *bytes.get(at)?;
                if byte != b'/' && !is_space(byte) {
                    break byte;
                }
                is_closed = byte == b'/';
                at += 1;
            };
            if first == b'>' {
                return Some(End { after: at + 1, is_closed });
            }
            // A name may start with `=`, and with nothing else that ends it.
            let name_end =
                at + 1 + position(bytes, at + 1, |byte| matches!(byte, b'/' | b'>' | b'=') || is_space(byte))?;
            let name = bytes.get(at..name_end)?;
            let (value, after) = value(bytes, name_end)?;
            if self.0.len() < MOST {
                self.0.push((Name::of(name), value));
            }
            at = after;
        }
    }
}

/// The value that may follow a name which ends at `from`, and the place after it.
fn value(bytes: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let at = from + position(bytes, from, |byte| !is_space(byte))?;
    if *bytes.get(at)? != b'=' {
        return Some((&[], from));
    }
    let at = at + 1;
    let at = at + position(bytes, at, |byte| !is_space(byte))?;
    if let quote @ (b'"' | b'\'') = *bytes.get(at)? {
        let inside = bytes.get(at + 1..)?;
        let length = memchr(quote, inside)?;
        return Some((inside.get(..length)?, at + length + 2));
    }
    let end = at + position(bytes, at, |byte| byte == b'>' || is_space(byte))?;
    Some((bytes.get(at..end)?, end))
}

#[inline]
fn position(bytes: &[u8], from: usize, is_it: impl Fn(u8) -> bool) -> Option<usize> {
    bytes.get(from..)?.iter().position(|byte| is_it(*byte))
}

/// White space of HTML: what `u8::is_ascii_whitespace` says.
#[inline]
pub(super) const fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let check = |tag: &str, expect: &[(&str, &str)], is_closed: bool| {
            let mut attributes = Attributes::default();
            let end = attributes.read(tag.as_bytes(), 0);
            assert_eq!(end, Some(End { after: tag.len(), is_closed }), "{tag}");
            let expect: Vec<(Name, &[u8])> =
                expect.iter().map(|(name, value)| (Name::of(name.as_bytes()), value.as_bytes())).collect();
            assert_eq!(attributes.0, expect, "{tag}");
        };
        check(">", &[], false);
        check("/>", &[], true);
        check(" / >", &[], false);
        check(" a=1 b='2' c=\"3\">", &[("a", "1"), ("b", "2"), ("c", "3")], false);
        check(" a = 1 b=\n'2 > 1'c>", &[("a", "1"), ("b", "2 > 1"), ("c", "")], false);
        check(" A=x/>", &[("a", "x/")], false);
        check(" a='x'/>", &[("a", "x")], true);
        check(" a=>", &[("a", "")], false);
        check(" =\"x>", &[("=\"x", "")], false);
        check(" a==\"x\">", &[("a", "=\"x\"")], false);
        check(" a=y=\"z>", &[("a", "y=\"z")], false);
        check(" \"a\">", &[("\"a\"", "")], false);
        check("/a/b>", &[("a", ""), ("b", "")], false);
        check(" a=1 a=2>", &[("a", "1"), ("a", "2")], false);
    }

    #[test]
    fn what_does_not_end_is_none() {
        for tag in ["", " ", " a", " a=", " a ", " a='x", " a=x", " a='x'", "/"] {
            assert_eq!(Attributes::default().read(tag.as_bytes(), 0), None, "{tag}");
        }
    }

    #[test]
    fn the_first_of_a_name_counts_and_the_list_is_bounded() {
        let tag = format!("{}>", " a=1 A=2".repeat(1_000));
        let mut attributes = Attributes::default();
        assert!(attributes.read(tag.as_bytes(), 0).is_some());
        assert_eq!(attributes.get(Name::of(b"a")), Some(&b"1"[..]));
        assert_eq!(attributes.iter().count(), MOST);
    }
}
