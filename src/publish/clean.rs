//! What may leave: the one function all output passes, [`edition`], and its parts.
//!
//! In comes an edition as composed, out goes one whose texts hold no character that XML forbids and none that
//! reorders its surroundings, whose addresses are ASCII and `http` or `https` (else empty), whose language tags are
//! BCP 47, whose times a feed can state, and whose stories each stand once. It never escapes: that is the writers'
//! business, once.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ::url::Url;
use jiff::{SignedDuration, Timestamp};

use crate::model::{Cause, CoverageView, Edition, Image, RelatedView, StoryId, StoryView};
use crate::text::{shorten, squash};

/// Characters of a title: a headline of people has below 200.
const MAX_TITLE: usize = 500;

/// Characters of the lead's excerpt: a page of text; more is an article.
const MAX_EXCERPT: usize = 2_000;

/// Characters of the excerpt of one coverage, of which an entry lists many: two sentences.
const MAX_COVERAGE_EXCERPT: usize = 400;

/// Characters of a name: of a publisher, author or category.
const MAX_NAME: usize = 200;

/// Authors of one entry.
const MAX_AUTHORS: usize = 20;

/// The first second that RFC 3339 can state: 0001-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -62_135_596_800;

/// `edition`, fit to be written.
pub fn edition(edition: &Edition) -> Edition {
    let mut seen = BTreeSet::new();
    let title = name(&edition.title, "News");
    Edition {
        site_title: text(&edition.site_title, MAX_TITLE),
        page_url: address(&edition.page_url).unwrap_or_default(),
        home_url: address(&edition.home_url).unwrap_or_default(),
        feed_id: uri(&edition.feed_id),
        links: super::archive::clean(&edition.links),
        updated: time(edition.updated),
        formats: edition.formats.clone(),
        hub: edition.hub.as_deref().and_then(address),
        pages: edition.pages,
        stories: edition.stories.iter().filter(|story| seen.insert(story.id)).map(story).collect(),
        title,
    }
}

/// `story`, fit to be written. Its `url` is the story's own page where the lead's cannot be shown.
pub fn story(story: &StoryView) -> StoryView {
    let page_url = address(&story.page_url).unwrap_or_default();
    let url = address(&story.url).unwrap_or_else(|| page_url.clone());
    StoryView {
        id: story.id,
        entry_id: uri(&story.entry_id),
        title: name(&text(&story.title, MAX_TITLE), &url),
        excerpt: excerpt(story.excerpt.as_deref(), MAX_EXCERPT),
        note_html: story.note_html.as_deref().map(markup).filter(|note| !note.is_empty()),
        image: story.image.as_ref().and_then(image),
        lang: story.lang.as_deref().and_then(lang),
        authors: names(&story.authors).take(MAX_AUTHORS).collect(),
        published: time(story.published),
        updated: moment(story.updated, story.id),
        cause: Cause { joined: names(&story.cause.joined).collect(), ..story.cause.clone() },
        categories: names(&story.categories).collect(),
        coverage: story.coverage.iter().map(coverage).collect(),
        related: story.related.iter().filter_map(related).collect(),
        page_url,
        url,
    }
}

fn coverage(coverage: &CoverageView) -> CoverageView {
    let url = address(&coverage.url).unwrap_or_default();
    let domain = text(&coverage.domain, MAX_NAME);
    CoverageView {
        title: name(&text(&coverage.title, MAX_TITLE), &url),
        publisher: name(&text(&coverage.publisher, MAX_NAME), if domain.is_empty() { &url } else { &domain }),
        excerpt: excerpt(coverage.excerpt.as_deref(), MAX_COVERAGE_EXCERPT),
        published: time(coverage.published),
        lang: coverage.lang.as_deref().and_then(lang),
        copy_of: coverage.copy_of.as_deref().map(|name| text(name, MAX_NAME)).filter(|name| !name.is_empty()),
        domain,
        url,
    }
}

fn related(related: &RelatedView) -> Option<RelatedView> {
    let page_url = address(&related.page_url)?;
    let title = name(&text(&related.title, MAX_TITLE), &page_url);
    Some(RelatedView { entry_id: uri(&related.entry_id), title, published: time(related.published), page_url })
}

/// `text` squashed, without what [`leaves`] keeps back, cut to `limit` characters.
pub fn text(text: &str, limit: usize) -> String {
    if text.len() <= limit && is_tidy(text) {
        return text.to_owned();
    }
    let kept: String = text.chars().filter(|c| leaves(*c) && !reorders(*c)).collect();
    let squashed = squash(&kept);
    // Counting stops at the limit; only what is longer is cut.
    if squashed.chars().nth(limit).is_some() { shorten(&squashed, limit) } else { squashed }
}

/// Whether `text` is printable ASCII with single blanks between words, as most is: nothing is to be done to it.
fn is_tidy(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !bytes.windows(2).any(|pair| pair == b"  ")
        && bytes.first() != Some(&b' ')
        && bytes.last() != Some(&b' ')
}

/// Sanitised HTML without the characters XML forbids.
fn markup(html: &str) -> String {
    html.chars().filter(|c| leaves(*c)).collect::<String>().replace('\r', "").trim().to_owned()
}

/// `text`, or what it is about where nothing is left of it.
pub fn name(of: &str, else_of: &str) -> String {
    let of = text(of, MAX_TITLE);
    if !of.is_empty() {
        return of;
    }
    match else_of.split_once("://") {
        Some((_, rest)) if !rest.is_empty() => rest.trim_end_matches('/').to_owned(),
        _ if !else_of.is_empty() => else_of.to_owned(),
        _ => "Untitled".to_owned(),
    }
}

fn names(names: &[String]) -> impl Iterator<Item = String> {
    names.iter().map(|name| text(name, MAX_NAME)).filter(|name| !name.is_empty())
}

fn excerpt(excerpt: Option<&str>, limit: usize) -> Option<String> {
    excerpt.map(|excerpt| text(excerpt, limit)).filter(|excerpt| !excerpt.is_empty())
}

fn image(image: &Image) -> Option<Image> {
    let size = |size: Option<u32>| size.filter(|size| *size > 0);
    Some(Image { url: address(&image.url)?, width: size(image.width), height: size(image.height) })
}

/// XML 1.0 allows the character, and it is no control and no noncharacter, which validators frown upon.
fn leaves(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fdd0}'..='\u{fdef}')
        && u32::from(c) & 0xfffe != 0xfffe
}

/// Explicit embeddings, overrides and isolates: unclosed, they turn the text around a title (UAX 9 section 2).
fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `url` as an ASCII URI (RFC 3986) without user and password, if it is `http` or `https` and has a host.
pub fn address(url: &str) -> Option<String> {
    let mut url = Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.host_str().filter(|host| is_host(host))?;
    if !url.username().is_empty() || url.password().is_some() {
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    // The host of an IPv6 address is all that may hold brackets.
    let (origin, rest) = url.as_str().split_at_checked(url[..::url::Position::BeforePath].len())?;
    Some(format!("{origin}{}", percent(rest)))
}

/// A name or address that the DNS could know: the URL standard lets quotes and ampersands stand in a host.
fn is_host(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    v6.is_some() || (!host.is_empty() && host.bytes().all(fits))
}

/// `uri` with all that no URI may hold percent-encoded.
fn uri(uri: &str) -> String {
    percent(uri.trim())
}

fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    for (place, byte) in bytes.iter().enumerate() {
        let hex = |ahead: usize| bytes.get(place + ahead).is_some_and(u8::is_ascii_hexdigit);
        let fits = match byte {
            b'%' => hex(1) && hex(2),
            b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'?' | b'#' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')'
            | b'*' | b'+' | b',' | b';' | b'=' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if fits {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// `tag` as BCP 47 writes it, if it is a language with subtags: `en_us` is `en-US`; `x-mine` and `english text` are none.
pub fn lang(tag: &str) -> Option<String> {
    let mut parts = tag.trim().split(['-', '_']);
    let primary = parts.next().filter(|part| matches!(part.len(), 2 | 3) && is_alphabetic(part))?.to_ascii_lowercase();
    parts.try_fold(primary, |tag, part| {
        let subtag = match part.len() {
            2 if is_alphabetic(part) => part.to_ascii_uppercase(),
            4 if is_alphabetic(part) => {
                let lower = part.to_ascii_lowercase();
                let (first, rest) = lower.split_at_checked(1)?;
                format!("{}{rest}", first.to_ascii_uppercase())
            }
            3..=8 if part.bytes().all(|byte| byte.is_ascii_alphanumeric()) => part.to_ascii_lowercase(),
            _ => return None,
        };
        Some(format!("{tag}-{subtag}")).filter(|tag| tag.len() <= 35)
    })
}

fn is_alphabetic(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whole seconds from the year 1 on, which RFC 3339 and XML Schema can state.
pub fn time(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second().max(FIRST_SECOND)).unwrap_or(time)
}

/// When `story` was updated, to the second; the fraction is made of its id. All stories of a first load were updated
/// in one second, and validators warn of entries that share their `updated`, by which readers sort.
fn moment(updated: Timestamp, story: StoryId) -> Timestamp {
    let digits = story.as_bytes().iter().fold(0_i64, |sum, byte| (sum * 256 + i64::from(*byte)) % 1_000_000);
    time(updated).saturating_add(SignedDuration::from_micros(digits)).unwrap_or(updated)
}

/// For people, where it is known that times are UTC: `12 Nov 2020, 19:00`.
pub fn brief(time: Timestamp) -> String {
    time.strftime("%-d %b %Y, %H:%M").to_string()
}

/// For people: `12 Nov 2020, 19:00 UTC`.
pub fn readable(time: Timestamp) -> String {
    time.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |raw: &str, expect: Option<&str>| assert_eq!(address(raw).as_deref(), expect, "{raw}");
        check("https://a.example/b?c=d#e", Some("https://a.example/b?c=d#e"));
        check(" https://A.example ", Some("https://a.example/"));
        check("https://bücher.example/ü?ü#ü", Some("https://xn--bcher-kva.example/%C3%BC?%C3%BC#%C3%BC"));
        check(
            "https://a.example/x y|{}^[1]?q=|{}^[1]\\",
            Some("https://a.example/x%20y%7C%7B%7D%5E%5B1%5D?q=%7C%7B%7D%5E%5B1%5D%5C"),
        );
        check("https://a.example/100%/%41", Some("https://a.example/100%25/%41"));
        check("https://a.example/<\">", Some("https://a.example/%3C%22%3E"));
        check("https://u:p@a.example/", Some("https://a.example/"));
        check("http://[::1]:8080/x[", Some("http://[::1]:8080/x%5B"));
        check("https://a.example/a\nb\tc", Some("https://a.example/abc"));
        for none in [
            "",
            "/a",
            "//a.example/",
            "javascript:alert(1)",
            "JavaScript:x",
            "data:text/html,x",
            "https://\"&/",
            "https://a'b/",
            "ftp://a/",
            "a b",
            "https://",
        ] {
            check(none, None);
        }
    }

    #[test]
    fn texts() {
        let check = |raw: &str, expect: &str| assert_eq!(text(raw, 10), expect, "{raw:?}");
        check("a\u{0}\u{3}\u{b}\u{1f}b", "ab");
        check(" a\r\n\tb ", "a b");
        check("a\u{85}\u{9f}\u{7f}b", "ab");
        check("\u{fffe}\u{ffff}\u{1ffff}\u{fdd0}a", "a");
        check("a\u{202e}b\u{2066}c", "abc");
        check("<b>&amp;", "<b>&amp;");
        check("😀👩‍👩‍👧", "😀👩‍👩‍👧");
        check("שלום", "שלום");
        assert!(text(&"x ".repeat(5000), 500).chars().count() <= 501);
    }

    #[test]
    fn languages() {
        let check = |raw: &str, expect: Option<&str>| assert_eq!(lang(raw).as_deref(), expect, "{raw}");
        check("en", Some("en"));
        check("EN_us", Some("en-US"));
        check("zh-hans-cn", Some("zh-Hans-CN"));
        check("de-1996", Some("de-1996"));
        check("es-419", Some("es-419"));
        for none in ["", "e", "english", "x-mine", "en-", "en us", "en-a", "日本", "en-\u{e9}\u{e9}"] {
            check(none, None);
        }
    }

    #[test]
    fn times() {
        let check = |raw: &str, expect: &str| assert_eq!(time(raw.parse().unwrap()).to_string(), expect);
        check("2020-11-12T19:00:00.5Z", "2020-11-12T19:00:00Z");
        check("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z");
        check("-009000-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
        assert_eq!(readable("2020-11-02T09:05:00Z".parse().unwrap()), "2 Nov 2020, 09:05 UTC");
    }
}
