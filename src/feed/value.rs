//! What stands inside an element → one line of text, or an excerpt.
//!
//! In comes a slice of the document, with what it holds (text, one CDATA section, a mixture) and the type that was
//! declared; out goes plain text. References are decoded once as XML, and once more where the type says HTML. Nothing
//! is decoded before it is asked for, and of a long body only as much as the excerpt needs.

use std::borrow::Cow;

use super::EXCERPT;
use crate::text;

/// Bytes of a body that are looked at first: a paragraph with its markup.
const FIRST_LOOK: usize = 2 * 1024;

/// Bytes of a body that are looked at for an excerpt at all: enough for 500 characters in any but absurd markup.
const LAST_LOOK: usize = 16 * 1024;

/// Characters of a line. The longest headlines have 300; what has more is no line.
const LINE: usize = 2_000;

/// What an inside holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// Text and references.
    #[default]
    Text,
    /// The inside of one CDATA section.
    Data,
    /// Anything.
    Mixed {
        /// Tags, and no CDATA.
        has_tags: bool,
    },
}

/// The inside of an element.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Value<'t> {
    pub(super) raw: &'t str,
    pub(super) shape: Shape,
}

impl<'t> Value<'t> {
    /// Its text: references decoded once, CDATA taken as it is, tags left in.
    pub(super) fn text(self) -> Cow<'t, str> {
        match self.shape {
            Shape::Text => text::decode_references(self.raw.trim()),
            Shape::Data => Cow::Borrowed(self.raw.trim()),
            Shape::Mixed { .. } => Cow::Owned(mixed(self.raw.trim())),
        }
    }

    /// A word, a number, an address, an id: text on one line.
    pub(super) fn word(self) -> Option<String> {
        Some(tidy(&self.text())).filter(|word| !word.is_empty())
    }

    /// At most `most` bytes of it.
    fn head(self, most: usize) -> Self {
        let raw = self.raw.trim_start();
        if raw.len() <= most {
            return Self { raw, ..self };
        }
        let head = raw.get(..raw.floor_char_boundary(most)).unwrap_or_default();
        // Not in the middle of a reference, nor of a tag.
        let cut = head.rfind(['&', '<']).filter(|cut| head.len() - cut < 32).unwrap_or(head.len());
        Self { raw: head.get(..cut).unwrap_or_default(), ..self }
    }
}

/// How a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing is declared, as ever in RSS: markup where it looks like it.
    Undeclared,
    /// Text.
    Text,
    /// Markup, escaped.
    Html,
    /// Markup as it stands in the document.
    Inline,
}

/// A text of a feed with its type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed<'t> {
    pub(super) value: Value<'t>,
    pub(super) kind: Kind,
    /// Written in base64.
    pub(super) is_base64: bool,
}

impl<'t> Typed<'t> {
    pub(super) fn new(value: Value<'t>, kind: Kind) -> Self {
        Self { value, kind, is_base64: false }
    }

    fn text(&self, value: Value<'t>) -> Cow<'t, str> {
        let text = if self.kind == Kind::Inline { Cow::Borrowed(value.raw) } else { value.text() };
        if self.is_base64 { base64(&text).map_or(text, Cow::Owned) } else { text }
    }

    /// All of it on one line, a title say.
    pub(super) fn line(&self) -> Option<String> {
        let text = self.text(self.value);
        let has_tags = self.value.shape == Shape::Mixed { has_tags: true };
        let line = match self.kind {
            Kind::Html | Kind::Inline => text::head_of_html(&text, LINE),
            Kind::Undeclared => undeclared(&text),
            // Text holds no elements; where it does it means markup.
            Kind::Text if has_tags => undeclared(&text),
            Kind::Text => tidy(&text),
        };
        let line = if line.len() > LINE { text::shorten(&line, LINE) } else { line };
        (!line.is_empty()).then_some(line)
    }

    /// At most 500 characters of it.
    pub(super) fn excerpt(&self) -> Option<String> {
        let value = Value { raw: self.value.raw.trim(), ..self.value };
        let mut look = if self.is_base64 { usize::MAX } else { FIRST_LOOK };
        loop {
            let head = value.head(look);
            let is_all = head.raw.len() == value.raw.len();
            let text = self.plain(head);
            // One byte a character at least, so what is not longer than this is not too long.
            if is_all || look >= LAST_LOOK || text.chars().nth(EXCERPT).is_some() {
                let short = if text.len() > EXCERPT { text::shorten(&text, EXCERPT) } else { text };
                return (!short.is_empty()).then_some(short);
            }
            look = LAST_LOOK;
        }
    }

    fn plain(&self, value: Value<'t>) -> String {
        let is_markup = self.kind != Kind::Text && value.shape == Shape::Mixed { has_tags: true };
        if is_markup {
            // Markup that was not escaped: its references are decoded as those of markup.
            return text::head_of_html(value.raw, EXCERPT + 1);
        }
        let text = self.text(value);
        if self.kind == Kind::Text { tidy(&text) } else { text::head_of_html(&text, EXCERPT + 1) }
    }
}

fn tidy(text: &str) -> String {
    text::squash(text)
}

/// Text with CDATA sections, tags and comments in it → its text, tags left in, comments dropped.
fn mixed(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once("<!") {
        out.push_str(&text::decode_references(before));
        if let Some(data) = after.strip_prefix("[CDATA[") {
            let (data, left) = data.split_once("]]>").unwrap_or((data, ""));
            out.push_str(data);
            rest = left;
        } else if after.starts_with("--") {
            rest = after.split_once("-->").map_or("", |(_, left)| left);
        } else {
            out.push_str("<!");
            rest = after;
        }
    }
    out.push_str(&text::decode_references(rest));
    out
}

/// The text that base64 stands for (RFC 4648, section 4), blanks and a missing end aside.
fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ if byte.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xFF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Tags that a title holds when it is markup. A title like `Amazon <AMZN.O> on Thursday` is text.
const TITLE_TAGS: &[&str] = &[
    "a", "abbr", "b", "big", "br", "cite", "code", "del", "div", "em", "font", "i", "img", "ins", "mark", "p", "q",
    "s", "script", "small", "span", "strike", "strong", "style", "sub", "sup", "tt", "u", "wbr",
];

/// The text of a title whose type is not declared: markup where it looks like it, text else.
fn undeclared(title: &str) -> String {
    if memchr::memchr2(b'<', b'&', title.as_bytes()).is_none() {
        return tidy(title);
    }
    let has_reference = title.split('&').skip(1).any(|after| {
        let name = after.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').take(11).count();
        (1..=10).contains(&name) && after.as_bytes().get(name) == Some(&b';')
    });
    let mut tags = title.split('<').skip(1);
    let has_tag = title.contains('>')
        && tags.any(|after| {
            let name = after.trim_start_matches('/');
            let end = name.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(name.len());
            let name = name.get(..end).unwrap_or_default();
            name.len() < 8 && TITLE_TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag))
        });
    if has_tag || has_reference { text::head_of_html(title, LINE) } else { tidy(title) }
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
        check("Caf&eacute; <i>Noir</i>", "Café Noir");
    }

    #[test]
    fn base64_texts() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(base64(text).as_deref(), expect);
        check("R3LDvMOfZQ==", Some("Grüße"));
        check("R3LD vMOf\nZQ", Some("Grüße"));
        check("no base64!", None);
        check("/w==", None);
        check("", Some(""));
    }

    #[test]
    fn lines_and_excerpts() {
        let check = |raw: &str, shape: Shape, kind: Kind, line: &str, excerpt: &str| {
            let typed = Typed::new(Value { raw, shape }, kind);
            assert_eq!(typed.line().unwrap_or_default(), line, "{raw}");
            assert_eq!(typed.excerpt().unwrap_or_default(), excerpt, "{raw}");
        };
        let mixed = |has_tags| Shape::Mixed { has_tags };
        check("a &lt;b&gt; &amp;amp;", Shape::Text, Kind::Text, "a <b> &amp;", "a <b> &amp;");
        check("a &lt;b&gt;c&lt;/b&gt; &amp;amp;", Shape::Text, Kind::Html, "a c &", "a c &");
        check(" <p>a</p> ", Shape::Data, Kind::Undeclared, "a", "a");
        check("<p>a &amp; b</p>", mixed(true), Kind::Undeclared, "a & b", "a & b");
        check("a <![CDATA[<b>b</b>]]> c", mixed(false), Kind::Html, "a b c", "a b c");
        check("<div>a <b>b</b></div>", mixed(true), Kind::Inline, "a b", "a b");
        check(" ", Shape::Text, Kind::Text, "", "");
    }

    #[test]
    fn an_excerpt_is_cut_at_a_word_and_costs_its_head() {
        let body = "<i></i>".repeat(500) + &"word ".repeat(200_000);
        let typed = Typed::new(Value { raw: &body, shape: Shape::Data }, Kind::Html);
        let excerpt = typed.excerpt().unwrap();
        assert!(excerpt.chars().count() <= 500 && excerpt.ends_with("word…"), "{excerpt}");
        let markup = "<i></i>".repeat(100_000) + "never reached";
        assert_eq!(Typed::new(Value { raw: &markup, shape: Shape::Data }, Kind::Html).excerpt(), None);
    }
}
