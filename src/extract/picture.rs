//! Pictures: which are no article's, and what the first bytes of one say of its size.
//!
//! In come an address with the size that a page states, or the beginning of a file; out goes a yes or no, or pixels.
//! Reads PNG, GIF, JPEG, WebP and AVIF heads alone, decodes nothing, and never reads past [`MOST_BYTES`].

mod header;

use super::Value;
use super::site::Sourced;

pub use header::size;

/// A size stands before this in every picture but the odd one with a large colour profile before it.
pub const MOST_BYTES: usize = 64 * 1024;

/// Fewer pixels on a side are a counter, a spacer or a button.
const LEAST_SIDE: u32 = 48;

/// A logo this wide was made to be shown in an article's place: a card for sharing.
const CARD_WIDTH: u32 = 600;

/// A longer side is a mistake of who stated it.
const MOST_SIDE: u32 = 20_000;

/// Sides further apart than this are a banner or a rule.
const MOST_RATIO: u32 = 8;

const SITE_S_OWN: &str = "it is the site's own";

/// Hosts that count readers, as they end.
const COUNTERS: &[&str] = &[
    "doubleclick.net",
    "scorecardresearch.com",
    "pixel.wp.com",
    "stats.wordpress.com",
    "google-analytics.com",
    "quantserve.com",
    "chartbeat.net",
    "feeds.feedburner.com",
    "feedsportal.com",
    "vgwort.de",
    "ioam.de",
    "mf.feeds.reuters.com",
];

/// Words of a file's name that no article's picture has.
const NO_PICTURES: &[&str] = &[
    "pixel",
    "spacer",
    "blank",
    "transparent",
    "1x1",
    "tracking",
    "tracker",
    "beacon",
    "sprite",
    "favicon",
    "loading",
];

/// Words of a file's name that a site's own picture has.
const OWN: &[&str] = &["logo", "logos", "logotype", "icon", "apple-touch-icon", "gravatar", "avatar", "placeholder"];

/// Whether the reading of a picture may stop: its size is known, or will not be.
#[must_use]
pub fn enough(bytes: &[u8]) -> bool {
    bytes.len() >= MOST_BYTES || size(bytes).is_some()
}

/// Why the picture at `address` is no article's, by its address and, where known, its size.
#[must_use]
pub fn refuse(address: &str, size: Option<(u32, u32)>) -> Option<&'static str> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest).to_ascii_lowercase();
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if COUNTERS.iter().any(|counter| host.strip_suffix(counter).is_some_and(|sub| sub.is_empty() || sub.ends_with('.')))
    {
        return Some("it counts readers");
    }
    let size = size.filter(|(width, height)| *width.max(height) <= MOST_SIDE);
    if let Some((width, height)) = size {
        if width < LEAST_SIDE || height < LEAST_SIDE {
            return Some("it is too small");
        }
        if width / height.max(1) >= MOST_RATIO || height / width.max(1) >= MOST_RATIO {
            return Some("it is a banner");
        }
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    let has =
        |words: &[&str]| words.contains(&name) || name.split(['-', '_', '.', '+']).any(|word| words.contains(&word));
    if has(NO_PICTURES) {
        return Some("it is no picture");
    }
    let is_card = size.is_some_and(|(width, _)| width >= CARD_WIDTH);
    (has(OWN) && !is_card).then_some(SITE_S_OWN)
}

/// Takes candidates for pictures that are none out, where a page has others. A site's own picture stays: it is all
/// that some pages give, and whether it is shown is for others to say.
pub(super) fn sift(candidates: &mut Vec<Sourced>) {
    let is_none = |(_, candidate): &Sourced| match &candidate.value {
        Value::Image(address, width, height) => {
            refuse(address, width.zip(*height)).is_some_and(|why| why != SITE_S_OWN)
        }
        _ => false,
    };
    // A picture of the body is a guess: it takes the place of no stated one, whose size may be stated wrongly.
    let is_guess = |(_, candidate): &Sourced| candidate.place == "img";
    let is_picture = |(_, candidate): &Sourced| matches!(candidate.value, Value::Image(..));
    let mut stated = candidates.iter().filter(|sourced| is_picture(sourced) && !is_guess(sourced));
    let has_stated = stated.any(|picture| !is_none(picture));
    candidates.retain(|sourced| !is_none(sourced) || !(has_stated || is_guess(sourced)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, size: Option<(u32, u32)>, expect: Option<&str>) {
        assert_eq!(refuse(address, size), expect, "{address} {size:?}");
    }

    #[test]
    fn pictures_of_articles_are_kept() {
        check("https://a.example/i/ferry.jpg", None, None);
        check("https://a.example/i/ferry.jpg", Some((1200, 630)), None);
        check("https://a.example/logos/ferry.jpg", None, None);
        check("https://a.example/i/iconic-ferry.jpg", None, None);
        check("https://a.example/i/og-logo.png", Some((1200, 630)), None);
        check("https://a.example/i/pixelated.jpg", None, None);
        check("https://a.example/i?name=logo", None, None);
    }

    #[test]
    fn logos_counters_and_specks_are_refused() {
        check("https://a.example/i/logo.png", None, Some("it is the site's own"));
        check("https://a.example/i/site_logo-2.svg", Some((512, 512)), Some("it is the site's own"));
        check("https://a.example/favicon-32x32.png", Some((512, 512)), Some("it is no picture"));
        check("https://a.example/i/ferry.gif", Some((1, 1)), Some("it is too small"));
        check("https://a.example/i/ferry.gif", Some((1600, 60)), Some("it is a banner"));
        check("https://ad.doubleclick.net/x.jpg", None, Some("it counts readers"));
        check("https://notdoubleclick.net/x.jpg", None, None);
    }

    #[test]
    fn nothings_make_room_for_other_pictures() {
        let read = |html: &str| {
            let page = crate::extract::read(html.as_bytes(), None, "https://a.example/x", jiff::Timestamp::MAX);
            page.image.map(|image| image.value.url)
        };
        let (og, twitter) =
            ("<meta property='og:image' content='/i/blank.gif'>", "<meta name='twitter:image' content='/i/ferry.jpg'>");
        assert_eq!(read(&format!("{og}{twitter}")).as_deref(), Some("https://a.example/i/ferry.jpg"));
    }

    #[test]
    fn reading_stops_at_the_size_or_at_the_cap() {
        assert!(!enough(b"\x89PNG"));
        assert!(enough(b"GIF89a\x02\x00\x03\x00"));
        assert!(enough(&vec![0; MOST_BYTES]));
    }
}
