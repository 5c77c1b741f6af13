//! Plain text of an HTML fragment: markup goes in, what a reader would see comes out.
//!
//! It reads tags as a browser's tokenizer does (WHATWG HTML 13.2.5), so `<AMZN.O>` in HTML is a tag and
//! vanishes, and `a < b` is text. It never runs or fetches anything and builds no tree.

use super::squash;

/// How much of a fragment is read, in bytes: an article body of any newspaper fits many times.
pub const MAX_HTML: usize = 1 << 20;

/// Elements whose content is no text for readers.
const SILENT: &[&str] = &["script", "style", "template", "iframe", "noembed", "noframes", "svg", "math", "object"];

/// Elements that stand on lines of their own, so that their text must not run into its neighbour's.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "pre",
    "section",
    "select",
    "summary",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "video",
    "audio",
];

/// Plain text of an HTML fragment: tags removed (block tags and `<br>` part words), references decoded
/// once, squashed. `script`, `style` and their like, and comments, vanish with their content.
#[must_use]
pub fn from_html(html: &str) -> String {
    let mut html = html;
    if html.len() > MAX_HTML {
        html = html.get(..html.floor_char_boundary(MAX_HTML)).unwrap_or_default();
    }
    if !html.contains(['<', '&']) {
        return squash(html);
    }
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, markup) = rest.split_at_checked(start).unwrap_or((rest, ""));
        push_text(&mut text, before);
        rest = after_markup(markup, &mut text);
    }
    push_text(&mut text, rest);
    squash(&text)
}

fn push_text(out: &mut String, raw: &str) {
    if raw.contains('&') { out.push_str(&htmlize::unescape(raw)) } else { out.push_str(raw) }
}

/// Skips the markup at the start of `rest`, which starts with `<`; what remains after it.
fn after_markup<'a>(rest: &'a str, text: &mut String) -> &'a str {
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
            text.push('<');
            return inside;
        }
    }
    let name_end = name_start.find(|letter: char| letter.is_whitespace() || matches!(letter, '/' | '>'));
    let (name, attributes) =
        name_start.split_at_checked(name_end.unwrap_or(name_start.len())).unwrap_or((name_start, ""));
    let rest = after_attributes(attributes);
    if is_one_of(name, BLOCKS) {
        text.push(' ');
    }
    if !is_end && is_one_of(name, SILENT) && !attributes_close(attributes, rest) {
        return after_element(rest, name);
    }
    rest
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
    let mut quote = None;
    let mut before_value = false;
    for (index, byte) in attributes.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return attributes.get(index + 1..).unwrap_or_default(),
            (None, b'"' | b'\'') if before_value => quote = Some(byte),
            (None, b'=') => before_value = true,
            (None, byte) if byte.is_ascii_whitespace() => {}
            (None, _) => before_value = false,
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
