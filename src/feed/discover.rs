//! A page → the feeds it names.
//!
//! In come a page's bytes with its charset and address, or the `Link` fields of its answer; out come the feeds, best
//! first: what readers of the page would subscribe to, then what might be a feed, then feeds of comments. Only what
//! the page itself says counts: nothing is guessed, and nobody else is asked. It never fails; bytes, links and lengths
//! are bounded.

use std::cell::RefCell;
use std::rc::Rc;

use lol_html::html_content::Element;
use lol_html::{HtmlRewriter, MemorySettings, Settings, element};

use crate::charset::{self, Syntax};
use crate::{text, url};

/// Bytes of a page that are looked at: the head of the largest pages known ends before.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// Feeds kept of one page: a page with more is a directory of feeds, and its owner has to choose.
const MOST_FEEDS: usize = 20;

/// Links looked at, feeds or not, so that a page of links alone costs no more.
const MOST_LINKS: usize = 2_000;

/// Bytes of a `Link` field that are looked at.
const LONGEST_FIELD: usize = 16 * 1024;

/// Characters of a feed's title.
const LONGEST_TITLE: usize = 200;

/// What `lol_html` may hold for its open elements and its buffer.
const PARSER_MEMORY: usize = 4 * 1024 * 1024;

/// Media types that are feeds and nothing else.
const FEED_TYPES: &[&str] = &[
    "application/atom+xml",
    "application/rss+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/x.atom+xml",
    "application/x-atom+xml",
    "application/x-rss+xml",
    "text/rss+xml",
    "text/atom+xml",
    "text/rss",
];

/// Media types that may be a feed (JSON Feed 1.0 named `application/json`), and may be anything.
const VAGUE_TYPES: &[&str] = &["application/json", "application/xml", "text/xml"];

/// Parts of an address that tell of an interface for programs, which is named with a vague type and is no feed.
const NO_FEEDS: &[&str] = &["/wp-json/", "oembed", "/wp/v2/", "sitemap", "opensearch"];

/// Beginnings of words for comments, in lower case, as the titles of such feeds have them.
const COMMENT_WORDS: &[&str] = &[
    "comment",
    "kommentar",
    "comentario",
    "comentári",
    "comentari",
    "commenti",
    "reacties",
    "комментар",
    "コメント",
    "评论",
];

/// A feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// Absolute, http or https.
    pub url: String,
    /// What the page calls it.
    pub title: Option<String>,
    /// The media type as the page states it, in lower case, without parameters; empty where it states none.
    pub media_type: String,
}

/// A link as it stands in the page.
#[derive(Default)]
struct Named {
    rel: String,
    href: String,
    title: Option<String>,
    media_type: String,
}

#[derive(Default)]
struct Head {
    base: Option<String>,
    links: Vec<Named>,
}

/// The feeds that the page `html` names in `<link rel=alternate>` (RFC 4287 autodiscovery, HTML 4.6.7), best first.
/// `charset` is the parameter of its `Content-Type`, `base` its own address.
#[must_use]
pub fn discover(html: &[u8], charset: Option<&str>, base: &str) -> Vec<Discovered> {
    let window = html.get(..MOST_BYTES).unwrap_or(html);
    let decoded = charset::decode(window, charset, Syntax::Html);
    let head = Rc::new(RefCell::new(Head::default()));
    // What was seen before markup that cannot be read counts.
    let _ = run(&decoded.text, &head);
    let Head { base: stated, links } = head.take();
    let base = stated.and_then(|stated| url::resolve(base, &stated)).unwrap_or_else(|| base.to_owned());
    chosen(links, &base)
}

/// The feeds that `Link` header fields name (RFC 8288), best first. `base` is the address that answered.
#[must_use]
pub fn discover_in_fields(fields: &[String], base: &str) -> Vec<Discovered> {
    let mut links = Vec::new();
    for field in fields {
        let end = field.char_indices().map(|(at, _)| at).find(|at| *at > LONGEST_FIELD).unwrap_or(field.len());
        let mut rest = field.get(..end).unwrap_or_default();
        while let Some((_, from)) = rest.split_once('<') {
            let Some((target, after)) = from.split_once('>') else { break };
            let (link, after) = parameters(after);
            rest = after;
            if links.len() < MOST_LINKS {
                links.push(Named { href: target.to_owned(), ..link });
            }
        }
    }
    chosen(links, base)
}

/// Whether an answer is a page in which feeds may be named: by its media type, or by what it looks like.
#[must_use]
pub fn is_page(bytes: &[u8], media_type: Option<&str>) -> bool {
    if matches!(media_type, Some("text/html" | "application/xhtml+xml")) {
        return true;
    }
    let start = bytes.iter().position(|byte| byte.is_ascii_graphic()).unwrap_or(0);
    let head = bytes.get(start..).unwrap_or_default();
    let head = String::from_utf8_lossy(head.get(..1024).unwrap_or(head)).to_ascii_lowercase();
    let first = |signs: &[&str]| signs.iter().filter_map(|sign| head.find(sign)).min();
    // A feed may hold a page, and is none.
    let (page, feed) = (first(&["<!doctype html", "<html", "<head"]), first(&["<rss", "<feed", "<rdf:rdf"]));
    page.is_some_and(|page| feed.is_none_or(|feed| page < feed))
}

fn run(html: &str, head: &Rc<RefCell<Head>>) -> Result<(), lol_html::errors::RewritingError> {
    let memory =
        MemorySettings::new().with_preallocated_parsing_buffer_size(1024).with_max_allowed_memory_usage(PARSER_MEMORY);
    let (bases, links) = (Rc::clone(head), Rc::clone(head));
    let settings = Settings::new()
        .with_memory_settings(memory)
        .with_strict(false)
        .append_element_content_handler(element!("base[href]", move |element: &mut Element| {
            let mut head = bases.borrow_mut();
            head.base = head.base.take().or_else(|| attribute(element, "href"));
            Ok(())
        }))
        .append_element_content_handler(element!("link[href][rel]", move |element: &mut Element| {
            note(&mut links.borrow_mut().links, element);
            Ok(())
        }));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    rewriter.write(html.as_bytes())?;
    rewriter.end()
}

fn note(links: &mut Vec<Named>, element: &Element) {
    let value = |name| attribute(element, name).unwrap_or_default();
    let rel = value("rel");
    // Style sheets, icons and preloads are most of the links of a page.
    if links.len() >= MOST_LINKS || !is_alternate(&rel) {
        return;
    }
    let title = Some(value("title"));
    links.push(Named { rel, href: value("href"), title, media_type: value("type") });
}

fn attribute(element: &Element, name: &str) -> Option<String> {
    let raw = element.get_attribute(name).filter(|raw| raw.len() <= LONGEST_FIELD)?;
    Some(htmlize::unescape_attribute(&raw).into_owned())
}

/// `rel` holds `alternate` (and not `stylesheet`), or the older `feed`.
fn is_alternate(rel: &str) -> bool {
    let has = |word: &str| rel.split_ascii_whitespace().any(|found| found.eq_ignore_ascii_case(word));
    (has("alternate") && !has("stylesheet")) || has("feed")
}

/// The parameters of one link of a `Link` field, and what follows its comma.
fn parameters(text: &str) -> (Named, &str) {
    let mut link = Named::default();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(next) = rest.strip_prefix(';') else { break };
        let end = next.find(['=', ';', ',']).unwrap_or(next.len());
        let (name, after) = next.split_at_checked(end).unwrap_or((next, ""));
        let (value, after) = match after.strip_prefix('=') {
            Some(value) => parameter_value(value.trim_start()),
            None => (String::new(), after),
        };
        rest = after;
        // The first of each counts (RFC 8288 §3.3).
        match name.trim().to_ascii_lowercase().as_str() {
            "rel" if link.rel.is_empty() => link.rel = value,
            "type" if link.media_type.is_empty() => link.media_type = value,
            "title" if link.title.is_none() => link.title = Some(value),
            _ => {}
        }
    }
    (link, rest.strip_prefix(',').unwrap_or(rest))
}

/// A value in quotes or without, and what follows it.
fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (value, after) = text.split_at_checked(end).unwrap_or((text, ""));
        return (value.trim().to_owned(), after);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter => value.push(letter),
        }
    }
    (value, "")
}

/// Those of `links` that are feeds, each address once, best first, else in the page's order.
fn chosen(links: Vec<Named>, base: &str) -> Vec<Discovered> {
    let mut found: Vec<(u8, Discovered)> = Vec::new();
    for link in links {
        let Some((rank, feed)) = judged(&link, base) else { continue };
        match found.iter_mut().find(|(_, known)| known.url == feed.url) {
            Some(known) if rank < known.0 => *known = (rank, feed),
            Some(_) => {}
            None => found.push((rank, feed)),
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.truncate(MOST_FEEDS);
    found.into_iter().map(|(_, feed)| feed).collect()
}

/// The feed that a link names, and its rank: 0 a feed, 1 perhaps a feed, 2 a feed of comments.
fn judged(link: &Named, base: &str) -> Option<(u8, Discovered)> {
    let is_old_feed = link.rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("feed"));
    let media_type = link.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !is_alternate(&link.rel) {
        return None;
    }
    // `feed:` is a way to say "subscribe", with or without the scheme proper behind it.
    let href = link.href.trim();
    let href = match strip_feed_scheme(href) {
        Some(rest) if url::is_http(rest) => rest.to_owned(),
        Some(rest) => format!("http://{}", rest.trim_start_matches('/')),
        None => href.to_owned(),
    };
    let mut url = url::resolve(base, &href)?;
    if let Some(end) = url.find('#') {
        url.truncate(end);
    }
    let lower = url.to_ascii_lowercase();
    let rank = if FEED_TYPES.contains(&media_type.as_str()) || (is_old_feed && media_type.is_empty()) {
        0
    } else if VAGUE_TYPES.contains(&media_type.as_str()) && !NO_FEEDS.iter().any(|sign| lower.contains(sign)) {
        1
    } else {
        return None;
    };
    let title = link.title.as_deref().map(text::squash).filter(|title| !title.is_empty());
    let title = title.map(|title| text::shorten(&title, LONGEST_TITLE));
    let rank = if is_of_comments(&lower, title.as_deref()) { 2 } else { rank };
    Some((rank, Discovered { url, title, media_type }))
}

/// What follows `feed:` or `feed://`.
pub(super) fn strip_feed_scheme(href: &str) -> Option<&str> {
    let scheme = href.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("feed:"))?;
    let rest = href.get(scheme.len()..)?;
    Some(rest.strip_prefix("//").unwrap_or(rest))
}

fn is_of_comments(url: &str, title: Option<&str>) -> bool {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    let in_path = path.split(['/', '?', '&', '=', '.', '-', '_']).any(|part| matches!(part, "comments" | "comment"));
    let title = title.unwrap_or_default().to_lowercase();
    in_path || COMMENT_WORDS.iter().any(|word| title.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(found: &[Discovered]) -> Vec<&str> {
        found.iter().map(|feed| feed.url.as_str()).collect()
    }

    #[track_caller]
    fn check(html: &str, expect: &[&str]) {
        assert_eq!(shown(&discover(html.as_bytes(), None, "https://a.example/blog/")), expect, "{html}");
    }

    const RSS: &str = "type='application/rss+xml'";

    #[test]
    fn feeds_are_named_in_links() {
        check(&format!("<link rel=alternate {RSS} href=/feed>"), &["https://a.example/feed"]);
        check(&format!("<LINK REL='Home ALTERNATE' {RSS} HREF='rss.xml#x'>"), &["https://a.example/blog/rss.xml"]);
        check(
            "<link rel=alternate type='Application/Feed+JSON; charset=utf-8' href=//b.example/f>",
            &["https://b.example/f"],
        );
        check(
            &format!("<body><p><link rel=alternate {RSS} href='?a=1&amp;b=2'>"),
            &["https://a.example/blog/?a=1&b=2"],
        );
        check("<link rel=feed href=f>", &["https://a.example/blog/f"]);
        check(&format!("<link rel=alternate {RSS} href='feed://b.example/f'>"), &["http://b.example/f"]);
        check(&format!("<link rel=alternate {RSS} href='feed:https://b.example/f'>"), &["https://b.example/f"]);
        check(&format!("<link rel=alternate {RSS} href='https://b.example/ä b'>"), &["https://b.example/%C3%A4%20b"]);
    }

    #[test]
    fn what_is_no_feed_is_left_out() {
        check("<link rel=alternate hreflang=de href=/de>", &[]);
        check("<link rel=alternate type=text/html href=/m>", &[]);
        check("<link rel=alternate type=application/json+oembed href=/o>", &[]);
        check("<link rel=alternate type=application/json href=/wp-json/wp/v2/posts/1>", &[]);
        check(&format!("<link rel='alternate stylesheet' {RSS} href=/s>"), &[]);
        check(&format!("<link rel=next {RSS} href=/s>"), &[]);
        check(&format!("<link rel=alternate {RSS} href='javascript:x'>"), &[]);
        check(&format!("<link rel=alternate {RSS} href=''>"), &[]);
        check(&format!("<!-- <link rel=alternate {RSS} href=/old> -->"), &[]);
        check(&format!("<script>'<link rel=alternate {RSS} href=/x>'</script>"), &[]);
    }

    #[test]
    fn the_base_counts_wherever_it_stands() {
        let link = format!("<link rel=alternate {RSS} href=f>");
        check(&format!("{link}<base href='/x/'><base href=/y/>"), &["https://a.example/x/f"]);
        check(&format!("<base href='https://b.example'>{link}"), &["https://b.example/f"]);
        check(&format!("<base href='mailto:x'>{link}"), &["https://a.example/blog/f"]);
    }

    #[test]
    fn the_best_comes_first_and_each_once() {
        let link = |kind: &str, href: &str, title: &str| {
            format!("<link rel=alternate type={kind} href={href} title='{title}'>")
        };
        let page = [
            link("text/xml", "/maybe", ""),
            link("application/rss+xml", "/comments/feed/", "A"),
            link("application/atom+xml", "/k", "A » Kommentar-Feed"),
            link("application/atom+xml", "/atom", "Atom"),
            link("application/rss+xml", "/rss", "RSS"),
            link("application/rss+xml", "/atom", "again"),
        ]
        .concat();
        let base = "https://a.example/";
        let found = discover(page.as_bytes(), None, base);
        let paths: Vec<&str> = shown(&found).iter().map(|url| &url[base.len()..]).collect();
        assert_eq!(paths, ["atom", "rss", "maybe", "comments/feed/", "k"]);
        assert_eq!((found[0].title.as_deref(), found[0].media_type.as_str()), (Some("Atom"), "application/atom+xml"));
        let many: String = (0..5_000).map(|n| link("application/rss+xml", &format!("/{n}"), "")).collect();
        assert_eq!(discover(many.as_bytes(), None, base).len(), MOST_FEEDS);
    }

    #[test]
    fn titles_are_text_in_the_charset_of_the_page() {
        let page = b"<link rel=alternate type=application/rss+xml href=/f title='Caf\xe9 &amp;\n Co'>";
        assert_eq!(discover(page, Some("iso-8859-1"), "https://a.example/")[0].title.as_deref(), Some("Café & Co"));
    }

    #[test]
    fn link_fields() {
        let check = |fields: &[&str], expect: &[&str]| {
            let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
            assert_eq!(shown(&discover_in_fields(&fields, "https://a.example/x/")), expect, "{fields:?}");
        };
        check(&["<f>; rel=alternate; type=application/rss+xml"], &["https://a.example/x/f"]);
        check(
            &[
                "<https://a.example/wp-json/>; rel=\"https://api.w.org/\", </f,1>; REL=\"alternate\"; title=\"a, \\\"b\\\"; c\"; type=\"application/atom+xml\"",
                "</g>; rel=alternate;type=application/feed+json",
            ],
            &["https://a.example/f,1", "https://a.example/g"],
        );
        check(&["</f>; rel=hub, </g>; rel=self; rel=alternate; type=application/rss+xml"], &[]);
        check(&["<f", "", "f>; rel=alternate", "<f>; rel=\"alternate; type=application/rss+xml"], &[]);
    }

    #[test]
    fn pages_look_like_pages() {
        assert!(is_page(b"", Some("text/html")) && is_page(b"\xef\xbb\xbf <!DOCTYPE HTML>", None));
        assert!(is_page(b"<?xml version='1.0'?><html xmlns='x'>", Some("text/plain")));
        assert!(!is_page(b"<rss version='2.0'>", Some("text/xml")) && !is_page(b"", None));
        assert!(!is_page(b"<rss><channel><description><html>", Some("text/xml")));
    }
}
