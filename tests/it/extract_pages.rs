//! Whole pages of the kinds that extractors get wrong, each invented, each with the one value that matters.

use jiff::Timestamp;
use newswire::extract;
use newswire::model::PageMetadata;

const URL: &str = "https://www.wire.example/news/rain-stops-play";

fn read_at(url: &str, html: &str) -> PageMetadata {
    let now: Timestamp = "2026-12-31T00:00:00Z".parse().unwrap();
    let html = html.replacen("<h1", "<body><h1", 1);
    extract::read(html.as_bytes(), Some("utf-8"), url, now)
}

/// The names, and where the first was found.
fn check_author(html: &str, expect: &[&str], from: &str) {
    let page = read_at(URL, html);
    let names: Vec<&str> = page.author.iter().map(|author| author.value.as_str()).collect();
    assert_eq!(names, expect, "{html}");
    assert_eq!(page.author.first().map_or("", |author| author.from.as_str()), from, "{html}");
}

#[test]
fn authors_of_every_kind() {
    // Only in the body: a hashed class, a line, a line with the date.
    check_author("<h1>Rain stops play</h1><p class=author_x7f3>By Ann Lee</p>", &["Ann Lee"], "byline:class:author");
    check_author("<h1>Rain stops play</h1><p>Von Ann Lee und Bo Ek</p>", &["Ann Lee", "Bo Ek"], "byline:line:by");
    check_author("<h1>Rain stops play</h1><p>11.12.2025 - Ann Lee</p>", &["Ann Lee"], "byline:line:dated");
    // The data names the house, the byline a person.
    let house = r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"Rain stops play",
        "author":{"@type":"Organization","name":"Wire Media"}}</script><h1>Rain stops play</h1>"#;
    check_author(&format!("{house}<p>By Ann Lee</p>"), &["Ann Lee"], "byline:line:by");
    check_author(house, &["Wire Media"], "jsonld:NewsArticle.author");
    // Roles and affiliations.
    check_author("<meta name=author content='Wire-Experte Ann Lee'>", &["Ann Lee"], "meta:author");
    check_author("<meta name=author content='Ann Lee, Wire Staff Writer'>", &["Ann Lee"], "meta:author");
    // Who comments did not write it.
    check_author("<h1>Rain stops play</h1><div class=comments><p class=comment-author>Bo Ek</p></div>", &[], "");
    // A nickname in the data, the name in the byline.
    let nick = "<meta name=author content=annlee><h1>Rain stops play</h1><a rel=author href=/ann>Ann Lee</a>";
    check_author(nick, &["Ann Lee"], "byline:rel:author");
}

fn check_published(url: &str, html: &str, expect: &str) {
    let published = read_at(url, html).published.map(|found| found.value.to_string()).unwrap_or_default();
    assert_eq!(published, expect, "{html}");
}

#[test]
fn dates_of_every_kind() {
    let check = |html: &str, expect: &str| check_published(URL, html, expect);
    check("<h1>Rain stops play</h1><span>23. November 2026</span>", "2026-11-23");
    check("<h1>Rain stops play</h1><p class=d>23.11.26</p>", "2026-11-23");
    check("<h1>雨</h1><p>2026年11月23日</p>", "2026-11-23");
    check("<html lang=fr><h1>Rain stops play</h1><p>Publié le 3/5/2026</p>", "2026-05-03");
    // An instant keeps the clock it was written by.
    check("<meta property=article:published_time content=2026-11-23T00:30:00+02:00>", "2026-11-23T00:30:00+02:00");
    // Data in UTC, and the clock that readers see.
    let night = "<meta property=article:published_time content=2026-11-22T23:30:00Z><h1>Rain stops play</h1>";
    check(&format!("{night}<p>23.11.2026, 00:30 Uhr</p>"), "2026-11-23T00:30:00+01:00");
    check(&format!("{night}<p>23 November 2026</p>"), "2026-11-23T00:30:00+01:00");
    // The future and the time before the web are mistakes.
    check("<meta property=article:published_time content=2036-11-23T00:30:00Z>", "");
    check("<meta property=article:published_time content=1970-01-01T00:00:00Z><p>", "");
    // What changed is not what was published.
    check("<h1>Rain stops play</h1><p>Updated 23 November 2026</p>", "");
    check("<h1>Rain stops play</h1><p>Written 21 November 2026, updated 23 November 2026</p>", "2026-11-21");
    // A weak meta yields to a line near the headline that the address agrees with.
    let weak = "<meta name=date content=2026-11-25><h1>Rain stops play</h1><p>23 November 2026</p>";
    check_published("https://www.wire.example/2026/11/23/rain", weak, "2026-11-23");
    // A site's country tells its clock, and a language that is at home in one zone.
    let local = "<meta property=article:published_time content='2026-07-01 12:00'>";
    check_published("https://www.wire.jp/a", local, "2026-07-01T12:00:00+09:00");
    check_published(URL, local, "2026-07-01T12:00:00");
    check(&format!("<html lang=de-AT>{local}"), "2026-07-01T12:00:00+02:00");
    check(&format!("<html lang=en-AT>{local}"), "2026-07-01T12:00:00");
    // A day begins by that clock.
    check("<html lang=ja><h1>雨</h1><p>2026年11月23日</p>", "2026-11-23T00:00:00+09:00");
    // The hands of the clock on the wall, called UTC by mistake.
    let hands = "<meta property=article:published_time content=2026-11-22T20:00:00Z><h1>Rain stops play</h1>";
    check(&format!("{hands}<time datetime=2026-11-22T20:00:00+09:00>20:00</time>"), "2026-11-22T20:00:00+09:00");
}

#[test]
fn headlines_of_every_kind() {
    let check = |html: &str, expect: &str| {
        assert_eq!(read_at(URL, html).title.map(|title| title.value).unwrap_or_default(), expect, "{html}");
    };
    // A kicker grown together with the headline.
    let kicker = "<meta property=og:title content='Rain stops play in Leeds'><h1><span>Sport</span> Rain stops play in Leeds</h1>";
    check(kicker, "Rain stops play in Leeds");
    // The site's name is the h1, the address tells.
    check("<title>The Daily Wire » Rain stops play</title><h1>The Daily Wire</h1>", "Rain stops play");
    check(
        "<title>Rain, rain, rain | Best Rain Guide</title><h1>What to do when rain stops play</h1>",
        "What to do when rain stops play",
    );
}

#[test]
fn pictures_and_addresses() {
    let image = |html: &str| read_at(URL, html).image.map(|image| image.value.url).unwrap_or_default();
    let logo = "<meta property=og:image content=/i/logo.png>";
    assert_eq!(image(logo), "");
    assert_eq!(
        image(&format!("{logo}<h1>Rain</h1><article><img src=/i/rain.jpg></article>")),
        "https://www.wire.example/i/rain.jpg"
    );
    assert_eq!(image("<meta property=og:image content=/i/a.jpg><meta property=og:image:width content=1>"), "");
}

#[test]
fn broken_json_is_read() {
    let html = "<script type=application/ld+json>//<![CDATA[\n{\"@graph\":[{\"@type\":\"NewsArticle\",\"headline\":\"Rain\tstops play\",
        \"author\":{\"@id\":\"#a\"},},{\"@type\":\"Person\",\"@id\":\"#a\",\"name\":\"Ann Lee\"},]}\n//]]></script>";
    let page = read_at(URL, html);
    assert_eq!(page.title.unwrap().value, "Rain stops play");
    assert_eq!(page.author.first().unwrap().value, "Ann Lee");
}

#[test]
fn every_candidate_is_judged() {
    let html = "<meta property=og:title content='Rain stops play'><meta property=og:image content='data:x'>";
    let (page, judged) = extract::examine(html.as_bytes(), None, URL, Timestamp::UNIX_EPOCH);
    assert_eq!(page, extract::read(html.as_bytes(), None, URL, Timestamp::UNIX_EPOCH));
    let of = |field: &str| judged.iter().find(|one| one.field == field).map(|one| one.verdict).unwrap_or_default();
    assert!(of("title").starts_with("taken"));
    assert_eq!(of("image"), "refused: no web address");
}
