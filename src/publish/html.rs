//! Web pages: a topic, a story, the list of topics, and the stub that stands at an alias.
//!
//! In come compositions, out go whole documents in one file: no scripts, no fonts, nothing loaded but pictures of
//! articles. The one style sheet stands inline; [`STYLE_HASH`] lets a content security policy allow it and nothing
//! else, and every page states that policy itself, so that static files have it too.

mod search;

use askama::Template;
pub use search::search_page;

use super::summary::counted;
use super::{FORMATS, Site, TopicLine, clean};
use crate::model::{CoverageView, Edition, StoryView};

/// The style sheet of every page, byte for byte as it stands between `<style>` and `</style>`.
pub const STYLE: &str = include_str!("../../templates/style.css");

/// Source expression of [`STYLE`] for `style-src` of a Content-Security-Policy (SHA-256, base 64; CSP 3 section 2.3.1),
/// quotes included.
pub const STYLE_HASH: &str = "'sha256-nFeT84ms3De+6G4Wtaq2B+uXsNt71Y5ew165gcJvFL8='";

/// Coverage beside the lead shown at once on a topic page; the rest unfolds, so that a long story does not bury the next.
const UNFOLDED: usize = 4;

/// Coverage on a topic page; a story of more shows it on its own page.
const ON_TOPIC_PAGE: usize = 50;

/// Characters of a title, as in the feeds themselves.
const MAX_TITLE: usize = 500;

/// What stands around every page.
struct Frame<'a> {
    title: String,
    site_title: &'a str,
    home_url: &'a str,
    canonical: &'a str,
    feeds: Vec<Alternate>,
    style: &'static str,
    style_hash: &'static str,
}

/// A feed that a page offers.
struct Alternate {
    label: &'static str,
    media_type: &'static str,
    title: String,
    url: String,
}

#[derive(Template)]
#[template(path = "topic.html")]
struct TopicPage<'a> {
    frame: Frame<'a>,
    edition: &'a Edition,
    stories: Vec<Card<'a>>,
}

/// One story on a topic page.
struct Card<'a> {
    story: &'a StoryView,
    counted: String,
    shown: &'a [CoverageView],
    folded: &'a [CoverageView],
    beyond: usize,
}

#[derive(Template)]
#[template(path = "story.html")]
struct StoryPage<'a> {
    frame: Frame<'a>,
    story: &'a StoryView,
    counted: String,
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage<'a> {
    frame: Frame<'a>,
    lines: Vec<Line>,
    opml: bool,
}

/// One topic on the index page.
struct Line {
    title: String,
    url: String,
    stories: usize,
    updated: Option<jiff::Timestamp>,
    feeds: Vec<Alternate>,
}

#[derive(Template)]
#[template(path = "moved.html")]
struct MovedPage<'a> {
    url: &'a str,
}

/// The page of a topic, offering the feeds it is published in.
#[must_use]
pub fn topic_page(edition: &Edition) -> String {
    let edition = &clean::edition(edition);
    let page = TopicPage {
        frame: Frame {
            title: edition.title.clone(),
            feeds: alternates(&edition.page_url, &edition.title, &edition.formats),
            ..frame(&edition.site_title, &edition.home_url, &edition.page_url)
        },
        edition,
        stories: edition.stories.iter().map(card).collect(),
    };
    written(&page)
}

/// The page of one story with all its coverage.
#[must_use]
pub fn story(site: &Site<'_>, story: &StoryView) -> String {
    let story = &clean::story(story);
    let (title, home) = site_of(site);
    let frame = Frame { title: story.title.clone(), ..frame(&title, &home, &story.page_url) };
    written(&StoryPage { frame, story, counted: counted(story) })
}

/// The site's first page: its topics in the order given, which the caller makes, and all stories.
#[must_use]
pub fn index(site: &Site<'_>, topics: &[TopicLine]) -> String {
    let (title, home) = site_of(site);
    let lines = topics.iter().filter_map(|topic| {
        let url = clean::address(&topic.page_url)?;
        let title = clean::text(&topic.title, MAX_TITLE);
        let feeds = alternates(&url, &title, site.formats);
        Some(Line { feeds, title, stories: topic.stories, updated: topic.updated.map(clean::time), url })
    });
    let feeds = alternates(&format!("{home}all/"), "All stories", site.formats);
    let opml = !feeds.is_empty();
    let frame = Frame { title: title.clone(), feeds, ..frame(&title, &home, &home) };
    written(&IndexPage { frame, lines: lines.collect(), opml })
}

/// What stands at the address of a merged story where no server can redirect: a page that points to `to_url`. An
/// address that is not http(s) gives a page that points nowhere.
#[must_use]
pub fn alias_stub(to_url: &str) -> String {
    written(&MovedPage { url: &clean::address(to_url).unwrap_or_default() })
}

fn site_of(site: &Site<'_>) -> (String, String) {
    (clean::text(site.title, MAX_TITLE), clean::address(site.home_url).unwrap_or_default())
}

fn frame<'a>(site_title: &'a str, home_url: &'a str, canonical: &'a str) -> Frame<'a> {
    let feeds = Vec::new();
    Frame { title: String::new(), site_title, home_url, canonical, feeds, style: STYLE, style_hash: STYLE_HASH }
}

fn card(story: &StoryView) -> Card<'_> {
    // The lead stands in the heading.
    let others = story.coverage.get(1..).unwrap_or_default();
    let listed = others.get(..ON_TOPIC_PAGE).unwrap_or(others);
    // Folding one line away saves nothing.
    let at = if listed.len() <= UNFOLDED + 1 { listed.len() } else { UNFOLDED };
    let (shown, folded) = listed.split_at_checked(at).unwrap_or((listed, &[]));
    Card { story, counted: counted(story), shown, folded, beyond: others.len() - listed.len() }
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
    fn long_coverage_folds() {
        let check = |all: usize, expect: (usize, usize, usize)| {
            let item = CoverageView {
                title: "T".to_owned(),
                url: "https://a.example/".to_owned(),
                publisher: "P".to_owned(),
                domain: "a.example".to_owned(),
                excerpt: None,
                published: jiff::Timestamp::UNIX_EPOCH,
                lang: None,
                copy_of: None,
            };
            let settings = crate::compose::ComposeSettings {
                site_title: String::new(),
                base_url: "https://wire.example.org/".to_owned(),
                authority: "wire.example.org".to_owned(),
                year: 2026,
                birth: jiff::Timestamp::UNIX_EPOCH,
                formats: Vec::new(),
                hub: None,
            };
            let mut story = crate::compose::story_view(&settings, &crate::topic::tests::story(Vec::new()));
            story.coverage = vec![item; all];
            let card = card(&story);
            assert_eq!((card.shown.len(), card.folded.len(), card.beyond), expect, "{all}");
        };
        check(0, (0, 0, 0));
        check(1, (0, 0, 0));
        check(6, (5, 0, 0));
        check(7, (4, 2, 0));
        check(51, (4, 46, 0));
        check(61, (4, 46, 10));
    }
}
