//! Article pages: what is read, from where, and what hostile ones cost.

use jiff::Timestamp;
use newswire::extract::{self, EXTRACTORS};
use newswire::model::{PageMetadata, When};
use proptest::prelude::*;

use crate::support::examples;

const URL: &str = "https://www.wire.example/2026/11/rain";

/// A day after all dates of these pages.
fn now() -> Timestamp {
    "2026-12-31T00:00:00Z".parse().unwrap()
}

fn read(html: &str) -> PageMetadata {
    extract::read(html.as_bytes(), Some("utf-8"), URL, now())
}

/// `title [from]`
fn title(html: &str) -> String {
    read(html).title.map(|title| format!("{} [{}]", title.value, title.from)).unwrap_or_default()
}

const FULL: &str = r##"<!doctype html><html lang="en_GB"><head>
<title>Rain stops play &amp; all | The Wire</title>
<meta property="og:title" content="Rain stops play &amp; all - The Wire">
<meta property="og:site_name" content="The Wire">
<meta property="og:image" content="/i/rain.jpg"><meta property="og:image:width" content="1200">
<meta property="og:image:height" content="630">
<meta name="description" content="It rained &quot;a lot&quot;.">
<meta property="article:section" content="Sport">
<meta property="article:tag" content="Cricket"><meta property="article:tag" content="Weather">
<link rel="canonical" href="/2026/11/rain"><link rel=amphtml href="https://amp.wire.example/rain">
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[
 {"@type":"NewsArticle","headline":"Rain stops play & all","datePublished":"2026-11-20T10:00:00+01:00",
  "dateModified":"2026-11-21","author":[{"@type":"Organization","name":"The Wire"},{"@id":"#ann"}],
  "isAccessibleForFree":false},
 {"@type":"Person","@id":"#ann","name":"Ann Lee"}]}</script></head><body><h1>Rain stops play &amp; all</h1></body></html>"##;

#[test]
fn a_full_page() {
    let page = read(FULL);
    assert_eq!(page.title.as_ref().unwrap().value, "Rain stops play & all");
    assert_eq!(page.title.unwrap().from, "jsonld:NewsArticle.headline");
    assert_eq!(page.description.as_ref().unwrap().value, "It rained \"a lot\".");
    assert_eq!(page.description.unwrap().from, "meta:description");
    assert_eq!(page.author.iter().map(|author| author.value.as_str()).collect::<Vec<_>>(), ["Ann Lee"]);
    assert_eq!(page.site_name.unwrap().from, "opengraph:og:site_name");
    assert_eq!(page.published.unwrap().value, "2026-11-20T10:00:00+01:00".parse::<When>().unwrap());
    assert_eq!(page.modified.unwrap().value, When::Day("2026-11-21".parse().unwrap()));
    let image = page.image.unwrap();
    assert_eq!(image.value.url, "https://www.wire.example/i/rain.jpg");
    assert_eq!((image.value.width, image.value.height), (Some(1200), Some(630)));
    assert_eq!(page.canonical.unwrap().value, URL);
    assert_eq!(page.amp.unwrap().value, "https://amp.wire.example/rain");
    assert_eq!(page.lang.unwrap().value, "en-GB");
    assert_eq!(page.section.unwrap().value, "Sport");
    assert_eq!(page.tags.len(), 2);
    assert_eq!(page.kind.unwrap().value, "article");
    assert!(page.paywalled.unwrap().value);
    assert!(page.notes.is_empty(), "{:?}", page.notes);
}

#[test]
fn titles_and_where_they_stand() {
    let check = |html: &str, expect: &str| assert_eq!(title(html), expect, "{html}");
    check("<title>Rain</title>", "Rain [html:title]");
    check("<title>Rain | wire.example</title>", "Rain [html:title]");
    check("<meta property=og:title content='A &#8211; B'>", "A – B [opengraph:og:title]");
    check("<meta name=twitter:title content=T><title>Rain</title>", "T [twitter:twitter:title]");
    check("<svg><title>Icon</title></svg><title>Rain</title>", "Rain [html:title]");
    check("<meta property=og:title content='<b>Rain</b> &amp;amp; snow'>", "Rain & snow [opengraph:og:title]");
    check("<h1>Rain</h1>", "Rain [html:h1]");
    // The one visible headline says it in full; a slogan that shares nothing does not count.
    let cut = "<meta property=og:title content='Rain stops play in…'><h1>Rain stops play in Leeds</h1>";
    check(cut, "Rain stops play in Leeds [html:h1]");
    check("<title>Rain stops play</title><h1>News you can use</h1>", "Rain stops play [html:title]");
    check("<meta property=og:title content='  '>", "");
    check("", "");
}

#[test]
fn addresses_are_absolute_and_of_the_web() {
    let canonical = |html: &str| read(html).canonical.map(|found| found.value);
    assert_eq!(canonical("<link rel=canonical href='javascript:alert(1)'>"), None);
    assert_eq!(canonical("<link rel=canonical href='/'>"), None);
    assert_eq!(canonical("<link rel=canonical href='https://other.example/x#f'>").unwrap(), "https://other.example/x");
    assert_eq!(canonical("<base href='/b/'><link rel=canonical href='c'>").unwrap(), "https://www.wire.example/b/c");
    let image = |html: &str| read(html).image.map(|found| found.value.url);
    assert_eq!(image("<meta property=og:image content='data:image/png;base64,AAAA'>"), None);
    let second = "<meta property=og:image content='data:x'><meta name=twitter:image content='//i.example/a.jpg'>";
    assert_eq!(image(second).unwrap(), "https://i.example/a.jpg");
}

#[test]
fn nothing_dangerous_leaves() {
    let page = read("<meta property=og:title content='a&#0;b&#x1b;c&lt;script&gt;x&lt;/script&gt;'>");
    let title = page.title.unwrap().value;
    assert!(!title.chars().any(char::is_control) && !title.contains("script"), "{title:?}");
}

#[test]
fn shift_jis_without_saying_so() {
    let html =
        "<html><head><title>東京で新しい図書館が開館しました</title></head><body>ニュースの本文です。</body></html>";
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(html);
    let page = extract::read(&bytes, None, URL, now());
    assert_eq!(page.title.unwrap().value, "東京で新しい図書館が開館しました");
    assert!(!page.notes.is_empty());
}

#[test]
fn hostile_pages_cost_bounded_work() {
    let metas = "<meta property=article:tag content=x>".repeat(10_000);
    assert!(read(&format!("<title>T</title>{metas}")).notes.iter().any(|note| note.contains("metas")));
    let block = format!(
        "<script type=application/ld+json>{{\"headline\":\"{}\"}}</script><title>T</title>",
        "x".repeat(5_000_000)
    );
    let _ = read(&block);
    assert_eq!(title(&format!("<title>T</title>{}", "<div>".repeat(100_000))), "T [html:title]");
    assert_eq!(title(&format!("<title>T</title>{}", "<h1>".repeat(50_000))), "T [html:title]");
    let long = format!("<title>T</title>{}", "x ".repeat(5_000_000));
    assert!(read(&long).notes.iter().any(|note| note.contains("first")));
}

/// Every extractor answers an empty page with nothing, and its name is fit for provenance.
#[test]
fn every_extractor_keeps_the_contract() {
    let mut names: Vec<&str> = EXTRACTORS.iter().map(|extractor| extractor.name).collect();
    for extractor in EXTRACTORS {
        assert!((extractor.read)(&extract::Gathered::default()).is_empty(), "{}", extractor.name);
        assert!(extractor.name.bytes().all(|byte| byte.is_ascii_lowercase()));
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), EXTRACTORS.len());
}

proptest! {
    #![proptest_config(examples(200))]

    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = extract::read(&bytes, None, URL, now());
        let _ = extract::judge(URL)(&bytes);
    }

    #[test]
    fn never_panics_on_mutations(edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..12)) {
        let mut bytes = FULL.as_bytes().to_vec();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        let page = extract::read(&bytes, None, URL, now());
        let title = page.title.map(|title| title.value).unwrap_or_default();
        prop_assert!(!title.chars().any(char::is_control));
        let _ = extract::judge(URL)(&bytes);
    }
}
