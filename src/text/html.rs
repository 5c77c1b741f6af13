//! Plain text of an HTML fragment: markup goes in, what a reader would see comes out.
//!
//! It reads tags as a browser's tokenizer does (WHATWG HTML 13.2.5), so `<AMZN.O>` in HTML is a tag and
//! vanishes, and `a < b` is text. It never runs or fetches anything and builds no tree.

use memchr::{memchr, memchr2, memchr3};

use super::cleaning::Squashed;
use super::reference;

/// How much of a fragment is read, in bytes: an article body of any newspaper fits many times.
pub const MAX_HTML: usize = 1 << 20;

/// Elements whose content is no text for readers.
const SILENT: &[&str] = &["script", "style", "template", "iframe", "noembed", "noframes", "svg", "math", "object"];

/// Elements that stand on lines of their own, so that their text must not run into its neighbour's: by their first
/// letter, since every tag of every feed is looked up here.
const BLOCKS: &[(u8, &[&str])] = &[
    (b'a', &["address", "article", "aside", "audio"]),
    (b'b', &["br", "blockquote", "body", "button"]),
    (b'c', &["caption"]),
    (b'd', &["div", "dd", "details", "dialog", "dl", "dt"]),
    (b'f', &["figure", "figcaption", "footer", "form", "fieldset"]),
    (b'h', &["h1", "h2", "h3", "h4", "h5", "h6", "hr", "head", "header", "html"]),
    (b'l', &["li"]),
    (b'm', &["main", "menu"]),
    (b'n', &["nav"]),
    (b'o', &["ol", "option", "optgroup"]),
    (b'p', &["p", "pre"]),
    (b's', &["section", "select", "summary"]),
    (b't', &["td", "tr", "th", "table", "tbody", "thead", "tfoot", "title", "textarea"]),
    (b'u', &["ul"]),
    (b'v', &["video"]),
];

/// Plain text of an HTML fragment: tags removed (block tags and `<br>` part words), references decoded
/// once, squashed. `script`, `style` and their like, and comments, vanish with their content.
#[must_use]
pub fn from_html(html: &str) -> String {
    head_of_html(html, usize::MAX)
}

/// The same, read only until there are `most` characters or a few more: the work is that of the head.
#[must_use]
pub fn head_of_html(html: &str, most: usize) -> String {
    let mut rest = html;
    if rest.len() > MAX_HTML {
        rest = rest.get(..rest.floor_char_boundary(MAX_HTML)).unwrap_or_default();
    }
    let mut text = Squashed::new(rest.len(), most);
    let mut decoded = String::new();
    while let Some(start) = memchr2(b'<', b'&', rest.as_bytes()) {
        let (before, markup) = rest.split_at_checked(start).unwrap_or((rest, ""));
        text.push(before);
        if text.is_full() {
            return text.text;
        }
        rest = if markup.starts_with('<') {
            after_markup(markup, &mut text)
        } else {
            decoded.clear();
            let taken = reference::take_html(markup, &mut decoded);
            text.push(&decoded);
            markup.get(taken..).unwrap_or_default()
        };
    }
    text.push(rest);
    text.text
}

/// Skips the markup at the start of `rest`, which starts with `<`; what remains after it.
fn after_markup<'a>(rest: &'a str, text: &mut Squashed) -> &'a str {
    let inside = rest.get(1..).unwrap_or_default();
    if let Some(comment) = inside.strip_prefix("!--") {
        return after_comment(comment);
    }
    let (name_start, is_end) = match inside.strip_prefix('/') {
        Some(name) => (name, true),
        None => (inside, false),
    };
    match name_start.chars().next() {
        Some(letter) if letter.is_ascii_alphabetic() => {}
        // `<!`, `<?` and `</` before anything else open a bogus comment; any other `<` is text.
        Some('>') if is_end => return name_start.get(1..).unwrap_or_default(),
        Some(_) if is_end || inside.starts_with(['!', '?']) => {
            return inside.split_once('>').map_or("", |(_, rest)| rest);
        }
        _ => {
            text.push("<");
            return inside;
        }
    }
    let name_end = name_start.bytes().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
    let (name, attributes) =
        name_start.split_at_checked(name_end.unwrap_or(name_start.len())).unwrap_or((name_start, ""));
    let rest = after_attributes(attributes);
    if is_block(name) {
        text.blank();
    }
    if !is_end && is_one_of(name, SILENT) && !attributes_close(attributes, rest) {
        return after_element(rest, name);
    }
    rest
}

fn is_block(name: &str) -> bool {
    let initial = name.as_bytes().first().map(u8::to_ascii_lowercase);
    BLOCKS.iter().find(|(letter, _)| Some(*letter) == initial).is_some_and(|(_, names)| is_one_of(name, names))
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// What follows a comment; all of the rest belongs to one that is never closed.
fn after_comment(comment: &str) -> &str {
    // `<!-->` and `<!--->` are comments too.
    for empty in [">", "->"] {
        if let Some(rest) = comment.strip_prefix(empty) {
            return rest;
        }
    }
    let mut rest = comment;
    while let Some(at) = rest.find("--") {
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix("->").or_else(|| rest.strip_prefix("-!>")) {
            return after;
        }
    }
    ""
}

/// What follows the `>` of a tag; a `>` in a quoted value does not count. A tag without end takes all.
fn after_attributes(attributes: &str) -> &str {
    let bytes = attributes.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr3(b'>', b'"', b'\'', bytes.get(at..).unwrap_or_default()) {
        let here = at + found;
        let Some(quote @ (b'"' | b'\'')) = bytes.get(here) else {
            return attributes.get(here + 1..).unwrap_or_default();
        };
        let before = bytes.get(at..here).unwrap_or_default();
        at = here + 1;
        if before.iter().rev().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'=') {
            let Some(length) = memchr(*quote, bytes.get(at..).unwrap_or_default()) else { return "" };
            at += length + 1;
        }
    }
    ""
}

/// Whether the tag whose attributes are followed by `rest` closes itself, as `<svg/>` does.
fn attributes_close(attributes: &str, rest: &str) -> bool {
    let tag = attributes.get(..attributes.len().saturating_sub(rest.len())).unwrap_or_default();
    tag.ends_with("/>")
}

/// What follows the end tag of the element `name`; an element that is never closed takes all.
fn after_element<'a>(content: &'a str, name: &str) -> &'a str {
    let mut rest = content;
    while let Some(at) = rest.find("</") {
        rest = rest.get(at + 2..).unwrap_or_default();
        let is_end = rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
        let tail = rest.get(name.len()..).unwrap_or_default();
        if is_end && !tail.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
            return after_attributes(tail);
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(html: &str, expect: &str) {
        assert_eq!(from_html(html), expect, "{html}");
    }

    #[test]
    fn tags_go() {
        check("a <b>bold</b> word", "a bold word");
        check("in<i>si</i>de", "inside");
        check("<p>one</p><p>two</p>three<br>four<BR/>five", "one two three four five");
        check("Amazon.com Inc <AMZN.O> on", "Amazon.com Inc on");
        check("<a href=\"x>y\" title='a>b'>link</a>", "link");
        check("<a title=it's>link</a>", "link");
        check("x</>y</ z>w", "xyw");
    }

    #[test]
    fn what_only_looks_like_a_tag_stays() {
        check("a < b and c > d", "a < b and c > d");
        check("5 <6 && 7> 2", "5 <6 && 7> 2");
        check("i <3 you", "i <3 you");
        check("end <", "end <");
    }

    #[test]
    fn silent_elements_go_with_their_content() {
        check("a<script>if (1 < 2) { '<b>' }</script>b", "ab");
        check("a<STYLE type=x>p > a {}</style >b", "ab");
        check("a<!-- b > -->c<!-->d<!--->e<!-- f --!>g", "acdeg");
        check("a<?php b ?>c<!DOCTYPE html>d<![CDATA[e]]>f", "acdf");
        check("a<script>b</scripts>c</script>d", "ad");
        check("a<svg/>b<svg><text>c</text></svg>d", "abd");
    }

    #[test]
    fn references_are_decoded_once() {
        check("AT&amp;T &lt;b&gt; &#8217; &nbsp; &eacute;", "AT&T <b> ’ é");
        check("&amp;lt;b&amp;gt;", "&lt;b&gt;");
        check("a &unknown; b & c", "a &unknown; b & c");
        check("&am<b>p;</b>", "&amp;");
    }

    #[test]
    fn broken_ends_cost_nothing() {
        check("text <a href=\"http", "text");
        check("text <!-- open", "text");
        check("text <script> open", "text");
        let many = "<".repeat(MAX_HTML + 5);
        assert_eq!(from_html(&many).len(), MAX_HTML);
        let open = "<script>".repeat(100_000);
        check(&open, "");
        let comments = "<!--".repeat(200_000);
        check(&comments, "");
        let closed = "<!---->".repeat(100_000);
        check(&closed, "");
    }

    proptest! {
        #[test]
        fn nothing_panics(html in "[<>/!\\-&;a-z\"'= é人]{0,80}") {
            let _ = from_html(&html);
        }
    }
}
