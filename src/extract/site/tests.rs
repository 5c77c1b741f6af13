//! What pages teach, and what the next page gains from it.

use super::*;
use crate::extract::{Reading, read_with};

const URL: &str = "https://wire.example/news/rain";

fn taught(pages: &[&str]) -> Site {
    pages.iter().fold(Site::default(), |site, html| learn(&site, &read(html, &Site::default()).lesson))
}

fn read(html: &str, site: &Site) -> Reading {
    read_with(html.as_bytes(), None, URL, site, jiff::Timestamp::MAX)
}

/// A page whose data are `json`, with `head` beside them.
fn data(json: &str, head: &str) -> String {
    format!(r#"<head>{head}<script type="application/ld+json">{{"@type":"NewsArticle",{json}}}</script></head>"#)
}

#[test]
fn the_site_s_part_of_titles() {
    let page = |title: &str| format!("<title>{title} ~ Nachtwache</title><h1>{title}</h1>");
    let named = |titles: &[&str]| {
        taught(
            &titles.iter().map(|title| page(title)).collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>(),
        )
    };
    let site = Site { pages: 3, names: vec![NameSeen { name: "Nachtwache".to_owned(), pages: 3 }], ..Site::default() };
    let next = read("<title>Volcano wakes | Nachtwache</title>", &site).page;
    assert_eq!(next.title.unwrap().value, "Volcano wakes");
    assert_eq!(next.site_name.unwrap().from, "site:name");
    assert_eq!(next.notes, ["site memory: “Nachtwache” is the site's part of titles"]);
    // What is no part of the title is not taken off, and nothing is known of a site before two pages agree.
    assert_eq!(read("<title>Volcano wakes</title>", &site).page.title.unwrap().value, "Volcano wakes");
    assert_eq!(name_of(&named(&["Rain stops play"])), None);
}

#[test]
fn titles_teach_where_the_headline_is_known() {
    let page = |headline: &str| format!("<title>{headline} | Nachtwache</title><h1>{headline}</h1>");
    let pages = ["Rain stops the game of the year", "Volcano wakes after long decades"].map(page);
    let site = taught(&pages.each_ref().map(String::as_str));
    assert_eq!((site.pages, name_of(&site)), (2, Some("Nachtwache")));
    for (stated, headline, expect) in [
        ("Rain | The Wire", "Rain", Some("The Wire")),
        ("Rain - Sport - The Wire", "Rain", Some("The Wire")),
        ("The Wire: Rain", "Rain", Some("The Wire")),
        ("Rainbow", "Rain", None),
        ("Rain", "Rain", None),
        ("Rain | ", "Rain", None),
        ("Something else | The Wire", "Rain", None),
    ] {
        assert_eq!(rest_of_title(stated, headline).as_deref(), expect, "{stated}");
    }
}

#[test]
fn a_zone_for_times_without_one() {
    let berlin = data(r#""headline":"A","datePublished":"2024-01-05T12:00:00+01:00""#, "");
    let site = taught(&[berlin.as_str(); 3]);
    assert_eq!(site.zones, [ZoneSeen { minutes: 60, month: 1, pages: 3 }]);
    let published = |date: &str, site: &Site| {
        let page = read(&data(&format!(r#""headline":"A","datePublished":"{date}""#), ""), site).page;
        let found = page.published.unwrap();
        (found.value.to_string(), found.from)
    };
    let memory = |date: &str| published(date, &site);
    assert_eq!(memory("2024-02-01T09:30:00"), ("2024-02-01T09:30:00+01:00".to_owned(), "site:zone".to_owned()));
    // Another season, a day alone, and a time that says its zone itself.
    assert_eq!(memory("2024-07-01T09:30:00").0, "2024-07-01T09:30:00");
    assert_eq!(memory("2024-02-01").0, "2024-02-01");
    assert_eq!(memory("2024-02-01T09:30:00Z").0, "2024-02-01T09:30:00Z");
    assert_eq!(published("2024-02-01T09:30:00", &taught(&[berlin.as_str(); 2])).0, "2024-02-01T09:30:00");
}

#[test]
fn where_clocks_change_nothing_is_sure() {
    let zones = [(60, 2), (60, 3), (120, 3), (120, 4), (120, 5)];
    let zones = zones.map(|(minutes, month)| ZoneSeen { minutes, month, pages: 9 }).to_vec();
    let site = Site { zones, ..Site::default() };
    let offsets: Vec<Option<i32>> = (1..=12).map(|month| offset_in(&site, month)).collect();
    let mut expect = vec![None; 12];
    (expect[0], expect[4], expect[5]) = (Some(60), Some(120), Some(120));
    assert_eq!(offsets, expect);
}

#[test]
fn the_same_time_with_and_without_a_zone() {
    let check = |dates: &[&str], expect: Option<(i32, i8)>| {
        let candidates: Vec<Sourced> =
            dates.iter().map(|date| ("html", Candidate::text(Field::Published, *date, "time"))).collect();
        assert_eq!(zone(&candidates), expect, "{dates:?}");
    };
    check(&["2024-07-05T10:00:00Z", "2024-07-05 12:00"], Some((120, 7)));
    check(&["2024-07-05T10:00:00Z", "2024-07-05 10:00"], Some((0, 7)));
    check(&["2024-07-05T10:00:00-04:00"], Some((-240, 7)));
    check(&["2024-07-05T10:00:00Z"], None);
    check(&["2024-07-05T10:00:00Z", "2024-07-05 12:07"], None);
    check(&["2024-07-05T10:00:00Z", "2024-07-09 12:00"], None);
    check(&["2024-07-05"], None);
}

#[test]
fn the_place_that_names_authors() {
    let person = |name: &str| format!(r#""headline":"A","author":{{"@type":"Person","name":"{name}"}}"#);
    let page = |name: &str| {
        data(
            &person(name),
            &format!("<meta name='author' content='Web Desk'><meta name='parsely-author' content='{name}'>"),
        )
    };
    let pages = ["Ann Lee", "Bo Ek", "Cy Orr"].map(page);
    let site = taught(&pages.each_ref().map(String::as_str));
    let trusted: Vec<&str> =
        site.places.iter().filter(|seen| is_trusted(seen)).map(|seen| seen.place.as_str()).collect();
    assert_eq!(trusted, ["meta:parsely-author"]);
    let next = "<meta name='author' content='Web Desk'><meta name='parsely-author' content='Dora Fox'>";
    let names = |site: &Site| read(next, site).page.author.into_iter().map(|name| name.value).collect::<Vec<_>>();
    assert_eq!(names(&site), ["Dora Fox"]);
    assert!(read(next, &site).page.notes[0].contains("parsely-author"));
}

#[test]
fn memory_is_bounded_and_forgets() {
    let lesson = |number: i32| Lesson {
        name: Some(format!("Name {number}")),
        zone: Some((number * 15, 1)),
        places: vec![(format!("byline:{number}"), true)],
    };
    let site = (0..500).fold(Site::default(), |site, number| learn(&site, &lesson(number)));
    assert!(site.pages < HALVED_AT);
    assert!(site.names.len() <= MOST_ENTRIES && site.places.len() <= MOST_ENTRIES);
    assert!(site.zones.len() <= 2 * MOST_ENTRIES);
    let steady = (0..500).fold(site, |site, _| learn(&site, &lesson(7)));
    assert_eq!(name_of(&steady), Some("Name 7"));
    assert_eq!(steady.names.len(), 1);
    assert_eq!(serde_json::from_str::<Site>(&serde_json::to_string(&steady).unwrap()).unwrap(), steady);
}

#[test]
fn what_is_known_is_told() {
    let site = Site {
        pages: 4,
        names: vec![NameSeen { name: "The Wire".to_owned(), pages: 4 }],
        zones: vec![ZoneSeen { minutes: -300, month: 1, pages: 3 }],
        places: vec![PlaceSeen { place: "byline:byline".to_owned(), agreed: 4, differed: 1 }],
    };
    let told = told(&site).join("; ");
    assert_eq!(told, "its titles carry “The Wire”; its times of month 1 are in -05; byline:byline names authors");
    assert_eq!(super::told(&Site::default()), Vec::<String>::new());
}
