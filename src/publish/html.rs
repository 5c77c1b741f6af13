//! Web pages: a topic, a story, the list of topics, a search, the sources' health, and the stub that stands at an alias.
//!
//! In come compositions, out go whole documents in one file: no fonts, nothing loaded but pictures of articles and,
//! where the daemon serves them, the one script that says when there is news. The one style sheet stands inline;
//! [`STYLE_HASH`] lets a content security policy allow it and nothing else, and every page states that policy itself,
//! so that static files have it too. A page stays below [`PAGE`] bytes wherever what it must list allows it.

mod health;
mod index;
mod search;
mod story;
mod topic;

use askama::Template;
pub use health::{Fact, HealthPage, SourceLine, health_page};
pub use index::index;
pub use search::search_page;
pub use story::story;
pub use topic::topic_page;

use super::{FORMATS, Site, clean};
use crate::model::{ImageRule, PageRules, StoryView};
use jiff::Timestamp;

/// The style sheet of every page, byte for byte as it stands between `<style>` and `</style>`.
pub const STYLE: &str = include_str!("../../templates/style.css");

/// Source expression of [`STYLE`] for `style-src` of a Content-Security-Policy (SHA-256, base 64; CSP 3 section 2.3.1),
/// quotes included.
pub const STYLE_HASH: &str = "'sha256-41uQdxAB4UuS5GciMcMrt44D9K8zntvFhM9vsj7skr4='";

/// The script of served pages: it listens for news and offers to show them. It stands at `live.js` below the site.
pub const SCRIPT: &str = include_str!("../../templates/live.js");

/// Bytes of a page: what a slow phone loads in a second or two. Pictures are not counted.
const PAGE: usize = 48_000;

/// Bytes of a page without any story: style, head, heading, addresses.
const AROUND: usize = 10_500;

/// Characters of a title, as in the feeds themselves.
const MAX_TITLE: usize = 500;

/// Characters of the excerpt of a story among others: three lines.
const STANDFIRST: usize = 280;

/// What stands around every page.
struct Frame<'a> {
    title: String,
    site_title: &'a str,
    /// The site's first page, from the root of its host.
    home: &'a str,
    canonical: &'a str,
    feeds: Vec<Alternate>,
    has_search: bool,
    /// Where the news of this page are told, from the root of its host.
    events: Option<String>,
    policy: String,
    style: &'static str,
}

/// A feed that a page offers.
struct Alternate {
    label: &'static str,
    media_type: &'static str,
    title: String,
    url: String,
}

/// A story in a list of many.
struct Brief<'a> {
    title: &'a str,
    url: &'a str,
    lang: Option<&'a str>,
    excerpt: Option<String>,
    publisher: Option<&'a str>,
    at: Timestamp,
    counted: String,
}

#[derive(Template)]
#[template(path = "moved.html")]
struct MovedPage<'a> {
    url: &'a str,
}

/// What stands at the address of a merged story where no server can redirect: a page that points to `to_url`. An
/// address that is not http(s) gives a page that points nowhere.
#[must_use]
pub fn alias_stub(to_url: &str) -> String {
    written(&MovedPage { url: &clean::address(to_url).unwrap_or_default() })
}

/// The Content-Security-Policy of pages under `rules`: nothing but their own style, pictures from where they may come,
/// and our own script where the daemon serves. `frame-ancestors` works in a header only, which adds it.
#[must_use]
pub fn policy(rules: PageRules) -> String {
    let images = match rules.images {
        ImageRule::Link => "http: https: data:",
        ImageRule::Proxy => "'self' data:",
        ImageRule::None => "data:",
    };
    let live = if rules.is_served { "; script-src 'self'; connect-src 'self'" } else { "" };
    let style = STYLE_HASH;
    format!("default-src 'none'; style-src {style}; img-src {images}{live}; base-uri 'none'; form-action 'self'")
}

fn site_of(site: &Site<'_>) -> (String, String) {
    (clean::text(site.title, MAX_TITLE), clean::address(site.home_url).unwrap_or_default())
}

fn frame<'a>(site_title: &'a str, home_url: &'a str, canonical: &'a str, rules: PageRules) -> Frame<'a> {
    Frame {
        title: String::new(),
        site_title,
        home: rooted(home_url, home_url),
        canonical,
        feeds: Vec::new(),
        has_search: rules.is_served,
        events: None,
        policy: policy(rules),
        style: STYLE,
    }
}

/// `url` from the root of its host where that is the host of `home_url`: it is shorter, and it holds too where a reader
/// comes by another name of the host.
fn rooted<'a>(url: &'a str, home_url: &str) -> &'a str {
    let end = |url: &str| url.find("://").and_then(|at| Some(at + 3 + url.get(at + 3..)?.find('/')?));
    match (end(url), end(home_url)) {
        (Some(end), Some(home)) if url.get(..end) == home_url.get(..home) => url.get(end..).unwrap_or(url),
        _ => url,
    }
}

/// Where the news of the page at `page_url` are told, if the daemon serves it.
fn events(page_url: &str, home_url: &str, rules: PageRules) -> Option<String> {
    let (page, home) = (rooted(page_url, home_url), rooted(home_url, home_url));
    let path = page.strip_prefix(home).filter(|_| rules.is_served)?;
    // A private page has its own stream, since its address is told to nobody.
    Some(if path.starts_with("p/") { format!("{page}events") } else { format!("{home}events?of={path}") })
}

fn alternates(page_url: &str, title: &str, formats: &[&str]) -> Vec<Alternate> {
    let published = FORMATS.iter().filter(|format| !format.file.is_empty() && formats.contains(&format.name));
    let alternate = |format: &super::Format| Alternate {
        label: format.label,
        media_type: format.media_type.split(';').next().unwrap_or_default(),
        title: format!("{title} ({})", format.label),
        url: format!("{page_url}{}", format.file),
    };
    published.map(alternate).collect()
}

/// `story` in a list of many; `says` more than its title.
fn brief<'a>(story: &'a StoryView, home_url: &str, says: bool) -> Brief<'a> {
    let lead = story.coverage.first();
    Brief {
        title: &story.title,
        url: rooted(&story.page_url, home_url),
        lang: story.lang.as_deref(),
        excerpt: standfirst(story).filter(|_| says),
        publisher: lead.map(|lead| lead.publisher.as_str()),
        at: lead.map_or(story.published, |lead| lead.published),
        counted: if story.coverage.len() > 1 { super::summary::counted(story) } else { String::new() },
    }
}

/// The beginning of what a story says of itself.
fn standfirst(story: &StoryView) -> Option<String> {
    story.excerpt.as_deref().map(|excerpt| clean::text(excerpt, STANDFIRST))
}

/// Bytes of `text` once it is escaped.
fn weight(text: &str) -> usize {
    text.len() + 4 * text.bytes().filter(|byte| matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'')).count()
}

fn written(page: &impl Template) -> String {
    // Rendering into a string fails only where a value of the template does, and those are all plain.
    let mut document = page.render().unwrap_or_default();
    document.push('\n');
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first 64 bits of the fractional parts of the square or cube root of `prime`, cut to 32 (FIPS 180-4).
    fn root_bits(prime: u32, root: f64) -> u32 {
        let fraction = f64::from(prime).powf(1.0 / root).fract();
        format!("{:.0}", (fraction * 4_294_967_296.0).floor()).parse().unwrap()
    }

    /// SHA-256 by the book: the tests need it once, so that it is no dependency.
    fn sha256(message: &[u8]) -> Vec<u8> {
        let primes: Vec<u32> = (2_u32..).filter(|n| (2..*n).all(|d| n % d != 0)).take(64).collect();
        let mut state: Vec<u32> = primes[..8].iter().map(|prime| root_bits(*prime, 2.0)).collect();
        let mut padded = message.to_vec();
        padded.push(0x80);
        padded.resize(padded.len().next_multiple_of(64) + if padded.len() % 64 > 56 { 64 } else { 0 } - 8, 0);
        padded.extend((message.len() as u64 * 8).to_be_bytes());
        for block in padded.chunks(64) {
            let mut w: Vec<u32> = block.chunks(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())).collect();
            for t in 16..64 {
                let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
                let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
                w.push(w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1));
            }
            let mut v = state.clone();
            for t in 0..64 {
                let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
                let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
                let k = root_bits(primes[t], 3.0);
                let one = v[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(k).wrapping_add(w[t]);
                let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
                let two = s0.wrapping_add((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
                v.rotate_right(1);
                v[4] = v[4].wrapping_add(one);
                v[0] = one.wrapping_add(two);
            }
            state.iter_mut().zip(v).for_each(|(sum, value)| *sum = sum.wrapping_add(value));
        }
        state.into_iter().flat_map(u32::to_be_bytes).collect()
    }

    fn base64(bytes: &[u8]) -> String {
        let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
        let quad = |three: &[u8]| {
            let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(*three.get(at).unwrap_or(&0)));
            (0..4)
                .map(|at| if at > three.len() { '=' } else { alphabet[bits >> (18 - 6 * at) & 63] })
                .collect::<String>()
        };
        bytes.chunks(3).map(quad).collect()
    }

    #[test]
    fn the_hash_is_that_of_the_style() {
        assert_eq!(base64(&sha256(b"abc")), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(STYLE_HASH, format!("'sha256-{}'", base64(&sha256(STYLE.as_bytes()))));
        assert!(!STYLE.contains("</") && !STYLE.contains('\r'));
    }

    #[test]
    fn addresses_from_the_root() {
        let check = |url: &str, home: &str, expect: &str| assert_eq!(rooted(url, home), expect, "{url} {home}");
        check("https://a.example/s/1", "https://a.example/", "/s/1");
        check("https://a.example/wire/s/1?q=x", "https://a.example/wire/", "/wire/s/1?q=x");
        check("https://a.example.org/s/1", "https://a.example/", "https://a.example.org/s/1");
        check("http://a.example/s/1", "https://a.example/", "http://a.example/s/1");
        check("https://b.example/", "https://a.example/", "https://b.example/");
        check("https://a.example/", "https://a.example/", "/");
        check("", "https://a.example/", "");
    }

    #[test]
    fn streams_of_pages() {
        let served = PageRules { is_served: true, ..PageRules::default() };
        let check = |page: &str, rules, expect: Option<&str>| {
            assert_eq!(events(page, "https://a.example/wire/", rules).as_deref(), expect, "{page}");
        };
        check("https://a.example/wire/t/ai/", served, Some("/wire/events?of=t/ai/"));
        check("https://a.example/wire/t/c%2B%2B/", served, Some("/wire/events?of=t/c%2B%2B/"));
        check("https://a.example/wire/", served, Some("/wire/events?of="));
        check("https://a.example/wire/p/token/", served, Some("/wire/p/token/events"));
        check("https://a.example/wire/t/ai/", PageRules::default(), None);
    }
}
