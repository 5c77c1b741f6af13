//! Markup that may be broken → tokens, and text → well-formed text.
//!
//! In comes any text; out come start tags, end tags, text and CDATA. Comments, processing instructions and document
//! types are stepped over (so no entity is ever declared). It always moves forward and looks at each byte a few times
//! at most.

use std::borrow::Cow;

/// Attributes read of one tag.
const MOST_ATTRIBUTES: usize = 64;

#[derive(Debug)]
pub(super) struct Tag<'t> {
    /// As written, with its prefix.
    pub(super) name: &'t str,
    /// Names as written, values decoded.
    pub(super) attributes: Vec<(&'t str, Cow<'t, str>)>,
    /// `<…/>`.
    pub(super) is_empty: bool,
}

impl<'t> Tag<'t> {
    pub(super) fn local(&self) -> &'t str {
        self.name.rsplit(':').next().unwrap_or(self.name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'t, str>> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }
}

#[derive(Debug)]
pub(super) enum Token<'t> {
    Start(Tag<'t>),
    End(&'t str),
    Text(&'t str),
    CData(&'t str),
}

pub(super) struct Scanner<'t> {
    rest: &'t str,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    /// The first start tag.
    pub(super) fn root(&mut self) -> Option<Tag<'t>> {
        loop {
            if let Token::Start(tag) = self.next()? {
                return Some(tag);
            }
        }
    }

    pub(super) fn next(&mut self) -> Option<Token<'t>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            if !self.rest.starts_with('<') {
                return Some(Token::Text(self.until(|rest| rest.find('<'))));
            }
            if let Some(inside) = self.rest.strip_prefix("<![CDATA[") {
                return Some(self.cdata(inside));
            }
            if self.rest.starts_with("<!--") {
                self.step_over("-->");
            } else if self.rest.starts_with("<?") {
                self.step_over("?>");
            } else if self.rest.starts_with("<!") {
                self.doctype();
            } else if let Some(after) = self.rest.strip_prefix("</") {
                let end = after.find(['>', '<']).unwrap_or(after.len());
                let (name, rest) = after.split_at(end);
                self.rest = rest.strip_prefix('>').unwrap_or(rest);
                return Some(Token::End(name.trim()));
            } else if self.rest.get(1..).is_some_and(|after| after.starts_with(is_name_start)) {
                return self.start().map(Token::Start);
            } else {
                // A lone `<` is text.
                let (lone, rest) = self.rest.split_at(1);
                self.rest = rest;
                return Some(Token::Text(lone));
            }
        }
    }

    fn until(&mut self, find: impl Fn(&str) -> Option<usize>) -> &'t str {
        let (head, rest) = self.rest.split_at(find(self.rest).unwrap_or(self.rest.len()));
        self.rest = rest;
        head
    }

    fn step_over(&mut self, end: &str) {
        self.rest = self.rest.split_once(end).map_or("", |(_, rest)| rest);
    }

    fn cdata(&mut self, inside: &'t str) -> Token<'t> {
        let (text, rest) = inside.split_once("]]>").unwrap_or_else(|| {
            // Never closed: it ends at the next end tag.
            inside.split_at(inside.find("</").unwrap_or(inside.len()))
        });
        self.rest = rest;
        Token::CData(text)
    }

    /// A document type ends at `>`, or at `]>` when it declares something.
    fn doctype(&mut self) {
        let end = self.rest.find('>').unwrap_or(self.rest.len());
        let declares = self.rest.get(..end).is_some_and(|head| head.contains('['));
        self.step_over(if declares { "]>" } else { ">" });
    }

    /// A start tag; `None` when the text ends inside it.
    fn start(&mut self) -> Option<Tag<'t>> {
        let rest = self.rest.get(1..)?;
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '<')).unwrap_or(rest.len());
        let (name, mut rest) = rest.split_at(end);
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('>') {
                self.rest = after;
                return Some(Tag { name, attributes, is_empty: false });
            }
            if let Some(after) = rest.strip_prefix("/>") {
                self.rest = after;
                return Some(Tag { name, attributes, is_empty: true });
            }
            // A tag that was not closed ends where the next one starts.
            if rest.is_empty() || rest.starts_with('<') {
                self.rest = rest;
                return (!rest.is_empty()).then_some(Tag { name, attributes, is_empty: false });
            }
            let end =
                rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '<' | '/')).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end.max(rest.chars().next().map_or(1, char::len_utf8)));
            rest = after.trim_start();
            if let Some(after) = rest.strip_prefix('=') {
                let (value, after) = value(after.trim_start());
                rest = after;
                if attributes.len() < MOST_ATTRIBUTES && !attributes.iter().any(|(known, _)| *known == key) {
                    attributes.push((key, htmlize::unescape_attribute(value)));
                }
            }
        }
    }

    /// Steps over all that is inside `tag`, and its end tag.
    pub(super) fn skip(&mut self, tag: &Tag) {
        if !tag.is_empty {
            self.inside(tag.name);
        }
    }

    /// All that stands before the end tag of `name`, which is stepped over. CDATA may hold an end tag of that name.
    pub(super) fn inside(&mut self, name: &str) -> &'t str {
        let whole = self.rest;
        let mut at = 0;
        // Looked for once only: a document may open CDATA a million times and close it never.
        let mut data_ends = true;
        while let Some(rest) = whole.get(at..) {
            let Some(next) = rest.find('<') else { break };
            let here = rest.get(next..).unwrap_or_default();
            if data_ends && here.starts_with("<![CDATA[") {
                let end = here.find("]]>");
                data_ends = end.is_some();
                at += next + end.unwrap_or(1);
                continue;
            }
            let is_end = here
                .strip_prefix("</")
                .and_then(|end| end.strip_prefix(name))
                .is_some_and(|end| end.trim_start().starts_with('>'));
            if is_end {
                let inside = whole.get(..at + next).unwrap_or_default();
                self.rest = here.split_once('>').map_or("", |(_, rest)| rest);
                return inside;
            }
            // The end tag is missing: what surrounds it closes it.
            if ["</item>", "</entry>", "</channel>", "</rss>", "</feed>"].iter().any(|end| here.starts_with(end)) {
                let inside = whole.get(..at + next).unwrap_or_default();
                self.rest = here;
                return inside;
            }
            at += next + 1;
        }
        self.rest = "";
        whole
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | ':')
}

fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or_else(|| {
                // Never closed: it ends with the tag.
                inside.split_at(inside.find(['>', '<']).unwrap_or(inside.len()))
            });
        }
    }
    text.split_at(text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len()))
}

/// What XML 1.0 allows (section 2.2).
fn is_legal(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Writes plain text as XML text.
pub(super) fn escape(text: &str, out: &mut String) {
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let written = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            _ if is_legal(c) => continue,
            _ => "",
        };
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(written);
        from = at + c.len_utf8();
    }
    out.push_str(text.get(from..).unwrap_or_default());
}

/// Writes XML text as found: references become characters, a bare `&` stays one.
pub(super) fn reference(text: &str, out: &mut String) {
    if text.contains('&') { escape(&htmlize::unescape(text), out) } else { escape(text, out) }
}

/// Writes the inside of an element as its text: references are decoded once, CDATA is taken literally, tags are
/// text, comments are dropped.
pub(super) fn opaque(inside: &str, out: &mut String) {
    let mut rest = inside.trim();
    while let Some((before, after)) = rest.split_once("<!") {
        reference(before, out);
        if let Some(data) = after.strip_prefix("[CDATA[") {
            let (data, left) = data.split_once("]]>").unwrap_or((data, ""));
            escape(data, out);
            rest = left;
        } else if after.starts_with("--") {
            rest = after.split_once("-->").map_or("", |(_, left)| left);
        } else {
            escape("<!", out);
            rest = after;
        }
    }
    reference(rest, out);
}
