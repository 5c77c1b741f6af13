//! Has enough of a page been read?
//!
//! In come the bytes so far, again and again as they grow; out goes yes or no. The same pass that gathers for the
//! extractors goes on where it stopped, and the extractors themselves say what is still missing, so that reading stops
//! for the reasons that count. How often they are asked is bounded.

use encoding_rs::UTF_8;
use jiff::Timestamp;

use super::gather::Gatherer;
use super::{candidates, merge};
use crate::model::{Judge, PageMetadata, When};

/// Where nothing else ends it, a page is read up to here: what stands later is not about the article.
const FAR_ENOUGH: usize = 512 * 1024;

/// How often the extractors are asked; after that, what is missing is taken to be missing for good.
const MOST_LOOKS: usize = 10;

/// Bytes after the head within which the visible headline is waited for, when all else is there.
const HEADING_WITHIN: usize = 96 * 1024;

/// Bytes of prose after the headline within which a clock time is waited for, when the day is there.
const PROSE: usize = 3_000;

/// Bytes read on after the end of the article: signatures and tags stand there.
const AFTER_END: usize = 4 * 1024;

/// Bytes between two questions, as a fetch asks them.
const STEP: usize = 4 * 1024;

/// A judge of the page at `url`: `true` when the bytes so far hold what can be had, or when more does not pay.
///
/// Every call must see the bytes of the one before, and perhaps more. Texts are taken for UTF-8: what is missing shows
/// in any charset in which ASCII is ASCII, and a page in another one is read up to 512 KiB.
#[must_use]
pub fn judge(url: &str) -> Judge {
    let mut stop = Stop::new(url);
    Box::new(move |bytes| stop.is_enough(bytes))
}

/// As much of `bytes`, the page at `url`, as would have been fetched.
#[must_use]
pub fn needed<'b>(bytes: &'b [u8], url: &str) -> &'b [u8] {
    let mut stop = Stop::new(url);
    let mut end: usize = 0;
    while end < bytes.len() {
        end = end.saturating_add(STEP).min(bytes.len());
        let come = bytes.get(..end).unwrap_or(bytes);
        if stop.is_enough(come) {
            return come;
        }
    }
    bytes
}

/// What the extractors did not find yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Nothing,
    /// The time of the day, which stands beside the headline or nowhere.
    Clock,
    /// Title, author, day or tags, some of which stand below the article.
    More,
}

struct Stop {
    gatherer: Gatherer,
    /// Where the head was seen to end.
    body_from: Option<usize>,
    /// What there was when the extractors were asked last.
    weight: Option<usize>,
    looks: usize,
    missing: Missing,
}

impl Stop {
    fn new(url: &str) -> Self {
        let gatherer = Gatherer::new(url, UTF_8);
        Self { gatherer, body_from: None, weight: None, looks: 0, missing: Missing::More }
    }

    fn is_enough(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() >= FAR_ENOUGH {
            return true;
        }
        self.gatherer.read(bytes, false);
        if !self.gatherer.head_ended() {
            return false;
        }
        let body_from = *self.body_from.get_or_insert(bytes.len());
        self.look();
        match self.missing {
            Missing::Nothing => self.gatherer.has_heading() || bytes.len() >= body_from.saturating_add(HEADING_WITHIN),
            Missing::Clock => self.gatherer.prose() >= PROSE,
            Missing::More => {
                let end = self.gatherer.past_from();
                end.is_some_and(|end| bytes.len() >= end.saturating_add(AFTER_END))
            }
        }
    }

    /// Asks the extractors, when there is something new.
    fn look(&mut self) {
        let weight = Some(self.gatherer.weight());
        if self.missing == Missing::Nothing || weight == self.weight || self.looks >= MOST_LOOKS {
            return;
        }
        self.weight = weight;
        self.looks += 1;
        let found = self.gatherer.found().clone();
        self.missing = missing(&merge::merge(candidates(&found), found, Timestamp::MAX));
    }
}

/// What the body may still bring. Descriptions and pictures are stated in the head or nowhere.
fn missing(page: &PageMetadata) -> Missing {
    let published = page.published.as_ref().map(|found| found.value);
    if page.title.is_none() || page.author.is_empty() || page.tags.is_empty() {
        return Missing::More;
    }
    match published {
        Some(When::Instant(..)) => Missing::Nothing,
        Some(When::Local(_) | When::Day(_)) => Missing::Clock,
        None => Missing::More,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://wire.example/rain";

    const DATA: &str = r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"Rain stops play again",
        "datePublished":"2026-11-23T10:00:00Z","author":{"@type":"Person","name":"Ann Lee"},"keywords":["Rain"]}</script>"#;

    fn check(page: &str, expect: bool) {
        assert_eq!(judge(URL)(page.as_bytes()), expect, "{page:.80}");
        let mut stepwise = judge(URL);
        let is_enough = (1..=page.len()).any(|end| stepwise(page.as_bytes().get(..end).unwrap_or_default()));
        assert_eq!(is_enough, expect, "{page:.80} byte by byte");
    }

    #[test]
    fn head_and_body() {
        check("", false);
        check("<head><title>x</title>", false);
        check(&format!("<head>{DATA}"), false);
        check(&format!("<head>{DATA}</head><body>"), false);
        check(&format!("<head>{DATA}</head><body><h1>Rain</h1><p>"), true);
        check(&format!("<head></head><body><h1>Rain</h1>{DATA}<p>"), true);
        check("<head></head><body><h1>Rain</h1>", false);
    }

    #[test]
    fn what_is_missing_is_looked_for_to_the_end_of_the_article() {
        let prose = "<p>".to_owned() + &"word ".repeat(200);
        let more = "<p>more</p>".repeat(500);
        check(&format!("<body><article><h1>Rain</h1>{prose}{more}"), false);
        check(&format!("<body><article><h1>Rain</h1>{prose}</article>{more}"), true);
        check(&format!("<body><div><h1>Rain</h1>{prose}<div id=comments>{more}"), true);
        check(&format!("<body><article>Teaser</article><h1>Rain</h1>{more}"), false);
    }

    #[test]
    fn scripts_and_comments_do_not_count() {
        check(&format!("<head>{DATA}<script>'<body><h1>Rain</h1>'</script>"), false);
        check(&format!("<head>{DATA}<!-- </head><h1>Rain</h1> -->"), false);
    }

    #[test]
    fn the_far_end() {
        assert!(judge(URL)("x".repeat(FAR_ENOUGH).as_bytes()));
        assert!(!judge(URL)("<".repeat(FAR_ENOUGH - 1).as_bytes()));
        assert_eq!(needed("x".repeat(FAR_ENOUGH * 2).as_bytes(), URL).len(), FAR_ENOUGH);
        assert_eq!(needed(b"<p>short", URL), b"<p>short");
    }
}
