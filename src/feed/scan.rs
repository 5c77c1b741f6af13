//! Markup that may be broken → tags, and what stands inside them.
//!
//! In comes any text; out come start tags, end tags and the insides of elements, all of them slices of that text.
//! Comments, processing instructions and document types are stepped over, so no entity is ever declared. It moves
//! forward; where it must go back (an element that is never closed) the bytes gone back over are counted and bounded,
//! so that the work is linear in the text whatever the text is.

mod look;

use look::{begins, ends, ends_entry, is_name_start, runs_on};
use memchr::{memchr, memchr2, memchr3, memmem};

use super::tag::Tag;
use super::value::{Shape, Value};

/// The least that may be gone back over, in bytes: a small document may be broken all over.
const LEAST_BACK: usize = 64 * 1024;

#[derive(Debug)]
pub(super) enum Token<'t> {
    Start(Tag<'t>),
    End(&'t str),
}

/// What a search looks for.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Data = 0,
    Comment = 1,
    Subset = 2,
    /// `>` or `[`.
    Declaration = 3,
}

#[derive(Debug)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// From here on there is no such ending: nobody looks twice.
    none_from: [usize; 4],
    finders: [memmem::Finder<'static>; 3],
    /// Bytes that may still be gone back over.
    back: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let finders = [memmem::Finder::new("]]>"), memmem::Finder::new("-->"), memmem::Finder::new("]>")];
        Self { text, at: 0, none_from: [usize::MAX; 4], finders, back: (text.len() * 2).max(LEAST_BACK) }
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn bytes(&self, from: usize) -> &'t [u8] {
        self.text.as_bytes().get(from..).unwrap_or_default()
    }

    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// The next tag; the text before it is passed over.
    pub(super) fn next(&mut self) -> Option<Token<'t>> {
        loop {
            let Some(found) = memchr(b'<', self.bytes(self.at)) else {
                self.at = self.text.len();
                return None;
            };
            let here = self.at + found;
            match self.bytes(here + 1).first() {
                Some(b'/') => return Some(Token::End(self.end_tag(here))),
                Some(b'!') => self.at = self.after_declaration(here),
                // The first `>` ends it: many a declaration lacks its `?`.
                Some(b'?') => {
                    self.at = memchr(b'>', self.bytes(here)).map_or(self.text.len(), |end| here + end + 1);
                }
                Some(byte) if is_name_start(*byte) => return self.start_tag(here).map(Token::Start),
                // A lone `<` is text.
                _ => self.at = here + 1,
            }
        }
    }

    fn end_tag(&mut self, here: usize) -> &'t str {
        let start = here + 2;
        match memchr2(b'>', b'<', self.bytes(start)) {
            None => {
                self.at = self.text.len();
                self.slice(start, self.text.len()).trim()
            }
            Some(length) => {
                let end = start + length;
                self.at = end + usize::from(self.bytes(end).first() == Some(&b'>'));
                self.slice(start, end).trim_ascii()
            }
        }
    }

    fn find(&mut self, ending: Ending, from: usize) -> Option<usize> {
        let none_from = self.none_from.get_mut(ending as usize)?;
        if from >= *none_from {
            return None;
        }
        let bytes = self.text.as_bytes().get(from..).unwrap_or_default();
        let found = match self.finders.get(ending as usize) {
            Some(finder) => finder.find(bytes),
            None => memchr2(b'>', b'[', bytes),
        };
        let found = found.map(|at| from + at);
        if found.is_none() {
            *none_from = from;
        }
        found
    }

    /// The place after `<!…` at `here`: a comment, CDATA where none is expected, or a document type, which ends at
    /// `>`, or at `]>` when it declares something.
    fn after_declaration(&mut self, here: usize) -> usize {
        let bytes = self.bytes(here);
        if bytes.starts_with(b"<!--") {
            return self.find(Ending::Comment, here + 4).map_or(here + 4, |end| end + 3);
        }
        if bytes.starts_with(b"<![CDATA[") {
            return self.find(Ending::Data, here + 9).map_or(here + 9, |end| end + 3);
        }
        let Some(end) = self.find(Ending::Declaration, here) else { return here + 2 };
        if self.bytes(end).first() == Some(&b'[') {
            return self.find(Ending::Subset, end).map_or(end + 1, |end| end + 2);
        }
        end + 1
    }

    /// The start tag at `here`; `None` when the text ends inside it.
    fn start_tag(&mut self, here: usize) -> Option<Tag<'t>> {
        let start = here + 1;
        let bytes = self.bytes(start);
        let length = bytes.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<'));
        let name_end = start + length.unwrap_or(bytes.len());
        let name = self.slice(start, name_end);
        let end = match self.bytes(name_end).first() {
            Some(b'>') => name_end,
            Some(_) => self.tag_end(name_end),
            None => self.text.len(),
        };
        let Some(last) = self.bytes(end).first() else {
            self.at = self.text.len();
            return None;
        };
        self.at = end + usize::from(*last == b'>');
        let inside = self.slice(name_end, end);
        let (attributes, is_empty) = match inside.strip_suffix('/') {
            Some(attributes) => (attributes, *last == b'>'),
            None => (inside, false),
        };
        Some(Tag { name, attributes, is_empty })
    }

    /// Where the tag ends whose attributes start at `from`: at its `>`, or at the `<` of the next one.
    fn tag_end(&self, from: usize) -> usize {
        let (mut at, mut next) = (from, from);
        loop {
            // No further than to the next tag, which is looked for once: a text may be full of tags without end.
            if next <= at {
                next = memchr(b'<', self.bytes(at)).map_or(self.text.len(), |next| at + next);
            }
            let between = self.text.as_bytes().get(at..next).unwrap_or_default();
            let Some(found) = memchr3(b'>', b'"', b'\'', between) else { return next };
            let here = at + found;
            let Some(quote @ (b'"' | b'\'')) = self.bytes(here).first() else { return here };
            let before = self.text.as_bytes().get(from..here).unwrap_or_default();
            at = here + 1;
            if before.iter().rev().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'=') {
                continue;
            }
            let length = memchr(*quote, self.bytes(at));
            let value = length.and_then(|length| self.bytes(at).get(..length));
            match value {
                Some(value) if !runs_on(value) => at += value.len() + 1,
                // The quote is never closed: the value ends with its tag.
                _ => return memchr2(b'>', b'<', self.bytes(at)).map_or(self.text.len(), |end| at + end),
            }
        }
    }

    /// All that stands inside `tag`, whose end tag is stepped over. `nests` when an element of that name may stand
    /// inside. Where the end tag is missing the inside ends at the first tag that `knows` knows, else with the entry.
    pub(super) fn inside(&mut self, tag: &Tag<'t>, nests: bool, knows: impl Fn(&str) -> bool) -> Value<'t> {
        if tag.is_empty {
            return Value::default();
        }
        let start = self.at;
        match self.closed(tag, nests) {
            Ok(value) => value,
            Err(stop) => self.unclosed(start, stop, &knows),
        }
    }

    /// What stands before the end tag of `tag`, or where at the latest it ends when there is none.
    fn closed(&mut self, tag: &Tag<'t>, nests: bool) -> Result<Value<'t>, usize> {
        let start = self.at;
        let (mut at, mut depth) = (start, 0usize);
        let mut seen = Seen::default();
        while let Some(found) = memchr(b'<', self.bytes(at)) {
            let here = at + found;
            let after = self.bytes(here + 1);
            match after.first() {
                Some(b'/') if ends(after, tag.name) => {
                    if depth == 0 {
                        self.at = memchr(b'>', after).map_or(self.text.len(), |end| here + end + 2);
                        return Ok(seen.value(self.slice(start, here)));
                    }
                    depth -= 1;
                    at = here + 2;
                }
                Some(b'/') if ends_entry(after) => return Err(here),
                Some(b'/') => at = here + 2,
                Some(b'!') => {
                    let next = self.after_declaration(here);
                    seen.declaration(here - start, next - start, after.starts_with(b"![CDATA["));
                    at = next;
                }
                Some(byte) if is_name_start(*byte) => {
                    if (*byte == b'i' && begins(after, "item")) || (*byte == b'e' && begins(after, "entry")) {
                        return Err(here);
                    }
                    depth += usize::from(nests && begins(after, tag.name));
                    seen.has_tags = true;
                    at = here + 1;
                }
                _ => {
                    seen.has_more = true;
                    at = here + 1;
                }
            }
        }
        Err(self.text.len())
    }

    /// The inside of an element without an end tag, of which `stop` is the latest end.
    fn unclosed(&mut self, start: usize, stop: usize, knows: &impl Fn(&str) -> bool) -> Value<'t> {
        let known = memchr::memchr_iter(b'<', self.slice(start, stop).as_bytes()).find(|at| {
            let name = self.slice(start + at + 1, stop);
            let end = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '<')).unwrap_or(0);
            name.get(..end).is_some_and(|name| !name.is_empty() && knows(name))
        });
        let end = match known {
            Some(at) if stop - start <= self.back => {
                self.back -= stop - start;
                start + at
            }
            _ => stop,
        };
        self.at = end;
        Value { raw: self.slice(start, end), shape: Shape::Mixed { has_tags: false } }
    }

    /// Steps over all that is inside `tag`, if it ever ends.
    pub(super) fn skip(&mut self, tag: &Tag<'t>) {
        if tag.is_empty {
            return;
        }
        let start = self.at;
        if let Err(stop) = self.closed(tag, true) {
            let gone = stop - start;
            self.at = if gone <= self.back { start } else { stop };
            self.back = self.back.saturating_sub(gone);
        }
    }

    /// How many start tags of `name` there are from here on, and how many end tags.
    pub(super) fn count(text: &str, name: &str) -> (usize, usize) {
        let mut counts = (0, 0);
        for at in memchr::memchr_iter(b'<', text.as_bytes()) {
            let after = text.as_bytes().get(at + 1..).unwrap_or_default();
            if begins(after, name) {
                counts.0 += 1;
            } else if ends(after, name) {
                counts.1 += 1;
            }
        }
        counts
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }
}

/// What an inside holds besides text.
#[derive(Default)]
struct Seen {
    has_tags: bool,
    has_more: bool,
    /// Where the only CDATA section starts and ends.
    data: Option<(usize, usize)>,
}

impl Seen {
    fn declaration(&mut self, from: usize, to: usize, is_data: bool) {
        self.has_more |= !is_data || self.data.is_some();
        self.data = self.data.or(is_data.then_some((from, to)));
    }

    fn value<'t>(&self, raw: &'t str) -> Value<'t> {
        if let (Some((from, to)), false, false) = (self.data, self.has_tags, self.has_more) {
            let around = (raw.get(..from).unwrap_or_default(), raw.get(to..).unwrap_or_default());
            let data = raw.get(from + 9..to).and_then(|data| data.strip_suffix("]]>"));
            if let (Some(data), true, true) = (data, around.0.trim_ascii().is_empty(), around.1.trim_ascii().is_empty())
            {
                return Value { raw: data, shape: Shape::Data };
            }
        }
        let is_plain = !self.has_tags && !self.has_more && self.data.is_none();
        let has_tags = self.has_tags && self.data.is_none();
        Value { raw, shape: if is_plain { Shape::Text } else { Shape::Mixed { has_tags } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tags as `name`, `/name` and `name.` (empty), with their attributes.
    fn check(text: &str, expect: &[&str]) {
        let mut scanner = Scanner::new(text);
        let found: Vec<String> = std::iter::from_fn(|| scanner.next())
            .map(|token| match token {
                Token::Start(tag) => format!("{}{}{}", tag.name, if tag.is_empty { "." } else { "" }, tag.attributes),
                Token::End(name) => format!("/{name}"),
            })
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn tags() {
        check("<a>text</a>", &["a", "/a"]);
        check("<?xml version='1.0'><!-- <x> --><!DOCTYPE a [<!ENTITY b 'c>']><a/>", &["a."]);
        check("<!DOCTYPE a SYSTEM 'x'><a><![CDATA[<b>]]></a >", &["a", "/a"]);
        check("<a b='1>2' c=\"<x>\"/>", &["a. b='1>2' c=\"<x>\""]);
        check("<a b='1<c d='2'>", &["a b='1", "c d='2'"]);
        check("<a b='1></a><c/>", &["a b='1", "/a", "c."]);
        check("<a it's>1 < 2 <3 <b>", &["a it's", "b"]);
        check("<a <b></b", &["a ", "b", "/b"]);
        check("<a b", &[]);
        check("<", &[]);
        check("<é:ü>", &["é:ü"]);
        check("<!-- open <a>", &["a"]);
    }

    /// The inside of the first tag, its shape, and what is read next.
    fn inside(text: &str, raw: &str, shape: Shape, rest: &str) {
        let mut scanner = Scanner::new(text);
        let Some(Token::Start(tag)) = scanner.next() else { panic!("{text}") };
        let value = scanner.inside(&tag, false, |name| name == "link");
        assert_eq!((value.raw, value.shape, scanner.rest()), (raw, shape, rest), "{text}");
    }

    #[test]
    fn insides() {
        let mixed = |has_tags| Shape::Mixed { has_tags };
        inside("<t>a &amp; b</t>c", "a &amp; b", Shape::Text, "c");
        inside("<t> <![CDATA[a</t>b]]> </t >c", "a</t>b", Shape::Data, "c");
        inside("<t>a <b>b</b></t>", "a <b>b</b>", mixed(true), "");
        inside("<t>a<![CDATA[b]]></t>", "a<![CDATA[b]]>", mixed(false), "");
        inside("<t>1 < 2</t>", "1 < 2", mixed(false), "");
        inside("<t/>a", "", Shape::Text, "a");
        inside("<t>a<link>b</link></item>", "a", mixed(false), "<link>b</link></item>");
        inside("<t>a</item>", "a", mixed(false), "</item>");
        inside("<t>a<b>c<item>", "a<b>c", mixed(false), "<item>");
        inside("<t>a<![CDATA[b</t>c", "a<![CDATA[b", mixed(false), "c");
        inside("<t>a", "a", mixed(false), "");
    }

    #[test]
    fn broken_in_a_million_places_is_read_in_linear_time() {
        for part in
            ["<!", "<![CDATA[", "<!--", "<!x [", "<t><link>", "<a b='</x>", "<a b=\"<'", "<t>", "</", "<?", "<a "]
        {
            let text = format!("<title>{}", part.repeat(1 << 18));
            let mut scanner = Scanner::new(&text);
            let mut count = 0;
            while let Some(token) = scanner.next() {
                count += 1;
                if let Token::Start(tag) = token {
                    scanner.inside(&tag, true, |name| name == "link");
                    scanner.skip(&tag);
                }
            }
            assert!(count <= text.len());
        }
    }
}
