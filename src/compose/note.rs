//! An editor's note: Markdown in, sanitised HTML out.
//!
//! Never lets out scripts, styles, relative addresses, or any scheme but `http` and `https`.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, html};

/// A note longer than this many bytes is cut: an entry should stay a page, and sanitising costs the square of its length
/// where a text is nothing but `&` or stars. So it is some milliseconds.
const MAX_NOTE: usize = 16 * 1024;

/// Sanitising costs the square of the nesting: 30,000 quotes in quotes take seconds. People nest three.
const MAX_NESTING: usize = 32;

/// Tags that a note brings along as HTML: their nesting costs the square, too. A piece of HTML behind so many goes.
const MAX_TAGS: usize = 1_000;

/// The same without pictures.
static PLAIN: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder.url_schemes(HashSet::from(["http", "https"])).url_relative(UrlRelative::Deny).rm_tags(["img"]);
    builder
});

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder.url_schemes(HashSet::from(["http", "https"])).url_relative(UrlRelative::Deny);
    builder
});

/// The notes of a story's seeds as one HTML fragment, in their order; `None` when nothing is left of them.
#[must_use]
pub fn note_html(notes: &[String]) -> Option<String> {
    let parts: Vec<String> = notes.iter().map(|note| one(note)).filter(|html| !html.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// A note without its pictures, for readers who get none from elsewhere.
#[must_use]
pub fn without_pictures(note: &str) -> Option<String> {
    let html = if note.contains("<img") { PLAIN.clean(note).to_string() } else { note.to_owned() };
    Some(html.trim().to_owned()).filter(|html| !html.is_empty())
}

fn one(note: &str) -> String {
    let note = note.trim();
    if note.is_empty() {
        return String::new();
    }
    let mut raw = String::new();
    let parser = Parser::new_ext(
        note.get(..note.floor_char_boundary(MAX_NOTE)).unwrap_or_default(),
        Options::ENABLE_STRIKETHROUGH,
    );
    html::push_html(&mut raw, shallow(parser));
    SANITISER.clean(&raw).to_string().trim().to_owned()
}

/// Without the elements that lie deeper than [`MAX_NESTING`], what they hold stays; and without the HTML behind
/// [`MAX_TAGS`].
fn shallow<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let (mut depth, mut tags) = (0_usize, 0_usize);
    events.filter(move |event| match event {
        Event::Html(html) | Event::InlineHtml(html) => {
            tags += html.matches('<').count();
            tags <= MAX_TAGS
        }
        Event::Start(_) => {
            depth += 1;
            depth <= MAX_NESTING
        }
        Event::End(_) => {
            depth = depth.saturating_sub(1);
            depth < MAX_NESTING
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(notes: &[&str], expect: Option<&str>) {
        let notes: Vec<String> = notes.iter().map(|note| (*note).to_owned()).collect();
        assert_eq!(note_html(&notes).as_deref(), expect);
    }

    #[test]
    fn notes() {
        check(&[], None);
        check(&["", "  \n"], None);
        check(&["One *two*"], Some("<p>One <em>two</em></p>"));
        check(&["One", "Two"], Some("<p>One</p>\n<p>Two</p>"));
        check(&["a < b & c"], Some("<p>a &lt; b &amp; c</p>"));
        check(&["x<script>alert(1)</script>y"], Some("<p>xy</p>"));
        check(&["<p onclick=x>y</p>"], Some("<p>y</p>"));
        check(&["<script>alert(1)</script>"], None);
        check(&["<b>open"], Some("<p><b>open</b></p><b>\n</b>"));
        check(&["[a](javascript:alert)"], Some("<p><a rel=\"noopener noreferrer\">a</a></p>"));
        check(&["[a](/b)"], Some("<p><a rel=\"noopener noreferrer\">a</a></p>"));
        check(
            &["[a](https://b.example/)"],
            Some("<p><a href=\"https://b.example/\" rel=\"noopener noreferrer\">a</a></p>"),
        );
    }

    #[test]
    fn a_huge_note_is_cut_between_characters() {
        let html = note_html(&["é".repeat(MAX_NOTE)]).unwrap();
        assert!(html.len() <= MAX_NOTE + 20);
        assert!(note_html(&["> ".repeat(30_000)]).is_none_or(|html| html.len() < 2_000_000));
        // Found by `cargo bench --bench fuzz -- note`: half a second each time that the story is rendered.
        let deep = note_html(&["<b><i>".repeat(10_000)]).unwrap();
        assert!(deep.matches('<').count() < 3 * MAX_TAGS, "{}", deep.len());
        let kept = note_html(&[format!("{}x", "<b>y</b>\n".repeat(400))]).unwrap();
        assert_eq!(kept.matches("<b>").count(), 400);
    }
}
