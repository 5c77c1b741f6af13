//! A page as it comes: gathered once, judged on the way, and read at the end.
//!
//! In come the bytes so far, as often as there are more; out goes whether they are enough, and at last what they say. What
//! was gathered and parsed for the judgement is what the reading is made of. Texts are decoded where they are kept, so
//! that the charset must be known before the first letter that is not ASCII; where the rest of the page tells another one,
//! the page is gathered again.

use encoding_rs::UTF_8;
use jiff::Timestamp;

use super::gather::Gatherer;
use super::stop::Stop;
use super::{Candidate, EXTRACTORS, Extractor, Gathered, Judged, MOST_BYTES, Reading, jsonld, merge, picture, site};
use crate::charset::{self, Syntax};
use crate::model::{Judge, Site};

/// Bytes between two questions, as a fetch asks them.
const STEP: usize = 4 * 1024;

/// A page that is on its way.
#[derive(Debug)]
pub struct Pass {
    url: String,
    gatherer: Gatherer,
    /// Bytes that were gathered.
    length: usize,
    /// All of them were ASCII: any charset will do.
    is_ascii: bool,
    stop: Stop,
    linked: Linked,
}

/// Candidates of JSON-LD, parsed once for as many blocks as there were.
#[derive(Debug, Default)]
struct Linked {
    blocks: usize,
    candidates: Vec<Candidate>,
}

impl Pass {
    /// A pass over the page at `url`, which is the address that answered and may be empty.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            gatherer: Gatherer::new(url, UTF_8),
            length: 0,
            is_ascii: true,
            stop: Stop::default(),
            linked: Linked::default(),
        }
    }

    /// Whether `bytes`, those of the last call and perhaps more, hold what can be had, or more does not pay.
    pub fn is_enough(&mut self, bytes: &[u8]) -> bool {
        self.gather(bytes);
        let Self { gatherer, stop, linked, .. } = self;
        stop.is_enough(bytes, gatherer, || {
            let found = gatherer.found();
            merge::grades(linked.with_others(found), found, Timestamp::MAX)
        })
    }

    /// What `bytes`, those of the last call and perhaps more, say. `charset` is the parameter of the `Content-Type`
    /// field, `site` what is remembered of the page's site; a date well after `now` is a mistake.
    #[must_use]
    pub fn read(self, bytes: &[u8], charset: Option<&str>, site: &Site, now: Timestamp) -> Reading {
        let url = self.url.clone();
        let (candidates, gathered, lesson) = self.remembered(bytes, charset, site);
        lesson.reading(merge::merge(candidates, &gathered, now), gathered.title.as_deref(), site, &url)
    }

    /// The same with what became of every candidate: for people who ask why.
    #[must_use]
    pub fn examine(self, bytes: &[u8], charset: Option<&str>, site: &Site, now: Timestamp) -> (Reading, Vec<Judged>) {
        let url = self.url.clone();
        let (candidates, gathered, lesson) = self.remembered(bytes, charset, site);
        let (page, judged) = merge::examine(candidates, &gathered, now);
        (lesson.reading(page, gathered.title.as_deref(), site, &url), judged)
    }

    /// The candidates of the page with those of its site, and what the page's own teach.
    fn remembered(
        self,
        bytes: &[u8],
        charset: Option<&str>,
        site: &Site,
    ) -> (Vec<site::Sourced>, Gathered, site::Lesson) {
        let (mut gathered, mut linked) = self.finish(bytes, charset);
        let mut candidates = linked.with_others(&gathered);
        picture::sift(&mut candidates);
        let lesson = site::Lesson::of(&candidates);
        gathered.notes.extend(site::remember(site, &mut candidates));
        (candidates, gathered, lesson)
    }

    /// Gathers what came, in the charset that the first letter beyond ASCII makes necessary to know.
    fn gather(&mut self, bytes: &[u8]) {
        if self.is_ascii && !bytes.get(self.length..).unwrap_or_default().is_ascii() {
            self.is_ascii = false;
            self.gatherer.set_encoding(charset::sense(bytes, None, Syntax::Html).encoding);
        }
        self.length = bytes.len();
        self.gatherer.read(bytes, false);
    }

    /// All that stands in the part of `bytes` that is read.
    fn finish(self, bytes: &[u8], charset: Option<&str>) -> (Gathered, Linked) {
        let window = bytes.get(..MOST_BYTES).unwrap_or(bytes);
        let sensed = charset::sense(window, charset, Syntax::Html);
        let Self { url, mut gatherer, length, is_ascii, mut linked, .. } = self;
        let is_going_on = length <= window.len() && (is_ascii || gatherer.encoding() == sensed.encoding);
        if !is_going_on || !sensed.is_scannable() {
            (gatherer, linked) = (Gatherer::new(&url, UTF_8), Linked::default());
        }
        if sensed.is_scannable() {
            gatherer.set_encoding(sensed.encoding);
            gatherer.read(window, true);
        } else {
            gatherer.read(charset::decode(window, charset, Syntax::Html).text.as_bytes(), true);
        }
        let mut gathered = gatherer.finish();
        gathered.notes.extend(sensed.note);
        if window.len() < bytes.len() {
            gathered.notes.push(format!("only the first {MOST_BYTES} bytes were read"));
        }
        (gathered, linked)
    }
}

impl Linked {
    /// The candidates of all extractors.
    fn with_others(&mut self, found: &Gathered) -> Vec<site::Sourced> {
        if self.blocks != found.blocks.len() {
            *self = Self { blocks: found.blocks.len(), candidates: jsonld::read(found) };
        }
        let read = |extractor: &'static Extractor| {
            let found = if extractor.name == "jsonld" { self.candidates.clone() } else { (extractor.read)(found) };
            found.into_iter().map(|candidate| (extractor.name, candidate))
        };
        EXTRACTORS.iter().flat_map(read).collect()
    }
}

/// A judge of the page at `url`: `true` when the bytes so far hold what can be had, or when more does not pay. Every
/// call must see the bytes of the one before, and perhaps more.
#[must_use]
pub fn judge(url: &str) -> Judge {
    let mut pass = Pass::new(url);
    Box::new(move |bytes| pass.is_enough(bytes))
}

/// As much of `bytes` as would have been fetched, judged by `pass`.
#[must_use]
pub fn needed<'b>(bytes: &'b [u8], pass: &mut Pass) -> &'b [u8] {
    let mut end: usize = 0;
    while end < bytes.len() {
        end = end.saturating_add(STEP).min(bytes.len());
        let come = bytes.get(..end).unwrap_or(bytes);
        if pass.is_enough(come) {
            return come;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://wire.example/rain";

    /// A page's data, with `author` and `more` members in it.
    fn data(author: &str, more: &str) -> String {
        format!(
            r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Rain stops play again",
            "datePublished":"2026-11-23T10:00:00Z","author":{author}{more}}}</script>"#
        )
    }

    fn person() -> String {
        data(r#"{"@type":"Person","name":"Ann Lee"}"#, "")
    }

    fn check(page: &str, expect: bool) {
        assert_eq!(judge(URL)(page.as_bytes()), expect, "{page:.80}");
        let mut stepwise = judge(URL);
        let is_enough = (1..=page.len()).any(|end| stepwise(page.as_bytes().get(..end).unwrap_or_default()));
        assert_eq!(is_enough, expect, "{page:.80} byte by byte");
    }

    #[test]
    fn what_is_sure_ends_with_the_head() {
        let data = person();
        check("", false);
        check("<head><title>x</title>", false);
        check(&format!("<head>{data}"), false);
        check(&format!("<head>{data}</head><body>"), true);
        check(&format!("<head></head><body><h1>Rain</h1>{data}<p>"), true);
        check("<head></head><body><h1>Rain</h1>", false);
        check(&format!("<head>{data}<script>'<body><h1>Rain</h1>'</script>"), false);
        check(&format!("<head>{data}<!-- </head><h1>Rain</h1> -->"), false);
    }

    #[test]
    fn titles_that_differ_wait_for_the_headline() {
        let head = format!("<head><title>Wet</title>{}</head><body>", person());
        check(&head, false);
        check(&format!("{head}<h1>Rain stops play</h1><p>and more of it"), true);
    }

    #[test]
    fn organisations_wait_for_people() {
        let head = format!("<head>{}</head><body>", data(r#"{"@type":"Organization","name":"Wire Desk"}"#, ""));
        check(&format!("{head}<h1>Rain stops play</h1>"), false);
        check(&format!("{head}<h1>Rain stops play</h1><p>{}<p>and more of it", "word ".repeat(200)), true);
        check(&format!("{head}<h1>Rain stops play</h1><p class=byline>By Ann Lee</p><p>and more of it"), true);
    }

    #[test]
    fn blogs_wait_for_tags() {
        let blog = "<link rel=x href=/wp-content/a.css>";
        let head =
            |more: &str| format!("<head>{blog}{}</head><body>", data(r#"{"@type":"Person","name":"Ann Lee"}"#, more));
        check(&head(r#","keywords":["Rain"]"#), true);
        check(&head(""), false);
        let end = "<p>x".repeat(10);
        check(&format!("{}<h1>Rain</h1><a rel='category tag'>News</a>{end}", head("")), false);
        let mut pass = judge(URL);
        let page = format!("{}<h1>Rain</h1><a rel=tag>Weather</a>{end}", head(""));
        // A list of tags has come to an end where none came with the last bytes.
        assert!(!pass(page.as_bytes()) && pass(page.as_bytes()));
    }

    #[test]
    fn what_is_missing_is_looked_for_to_the_end_of_the_article() {
        let prose = "<p>".to_owned() + &"word ".repeat(200);
        let more = "<p>more</p>".repeat(1_000);
        check(&format!("<body><article><h1>Rain</h1>{prose}{more}"), false);
        check(&format!("<body><article><h1>Rain</h1>{prose}</article>{more}"), true);
        check(&format!("<body><div><h1>Rain</h1>{prose}<div id=comments>{more}"), true);
        check(&format!("<body><article>Teaser</article><h1>Rain</h1>{more}"), false);
        check(&format!("<body><h1>Rain</h1>{}", prose.repeat(10)), true);
        check(&format!("<body>{}", prose.repeat(10)), true);
    }

    #[test]
    fn the_far_end() {
        assert!(judge(URL)("x".repeat(MOST_BYTES).as_bytes()));
        assert!(!judge(URL)("<".repeat(MOST_BYTES - 1).as_bytes()));
        assert_eq!(needed("x".repeat(MOST_BYTES * 2).as_bytes(), &mut Pass::new(URL)).len(), MOST_BYTES);
        assert_eq!(needed(b"<p>short", &mut Pass::new(URL)), b"<p>short");
    }

    #[test]
    fn what_was_judged_reads_as_what_was_not() {
        let check = |page: &[u8], charset: Option<&str>| {
            let whole = Pass::new(URL).read(page, charset, &Site::default(), Timestamp::MAX).page;
            for step in [1, 7, 100] {
                let mut pass = Pass::new(URL);
                for end in (0..page.len()).step_by(step) {
                    let _ = pass.is_enough(page.get(..end).unwrap_or_default());
                }
                let page = pass.read(page, charset, &Site::default(), Timestamp::MAX).page;
                assert_eq!(page, whole, "by {step}");
            }
        };
        let body = format!("<head><title>Café</title>{}</head><body><h1>Café</h1><p>By Zoë Orr<p>23.11.2026", person());
        check(body.as_bytes(), None);
        check(body.as_bytes(), Some("iso-8859-1"));
        let latin: Vec<u8> = body.chars().map(|c| u8::try_from(c).unwrap()).collect();
        check(&latin, None);
        check(&latin, Some("iso-8859-1"));
        let wide: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&wide, None);
        check(&[b"\xEF\xBB\xBF", body.as_bytes()].concat(), None);
    }
}
