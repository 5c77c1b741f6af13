//! Formats: whatever a story holds, every document is well-formed, says what it was given once, and parses again.

mod corpus;
mod dom;
mod pages;
mod reread;
mod rules;
mod times;
mod valid;

use newswire::model::{Edition, PageRules, StoryView};
use newswire::publish::{self, FORMATS, Format, Headline, Site, TopicLine};
use quick_xml::events::Event;

use corpus::{MARK, addressed, at, coverage, edition, editions, filled, plain};

pub fn format(name: &str) -> &'static Format {
    FORMATS.iter().find(|format| format.name == name).unwrap()
}

/// Every element with its attributes, and every text, in order; panics where `xml` is not well-formed.
fn read_xml(xml: &str) -> (Vec<(String, String, String)>, String) {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut attributes, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return (attributes, text),
            Event::Start(element) | Event::Empty(element) => {
                let name = element.name().as_ref().to_owned();
                for attribute in element.attributes() {
                    let attribute = attribute.unwrap();
                    let key = attribute.key.as_ref().to_owned();
                    attributes.push((
                        name.clone(),
                        key,
                        quick_xml::escape::unescape(&attribute.value).unwrap().into_owned(),
                    ));
                }
            }
            Event::Text(part) => text.push_str(&part),
            Event::CData(part) => text.push_str(&part),
            _ => {}
        }
    }
}

fn forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn the_same_edition_gives_the_same_bytes() {
    for edition in editions() {
        for format in FORMATS {
            assert_eq!((format.render)(&edition), (format.render)(&edition.clone()), "{}", format.name);
        }
    }
}

#[test]
fn formats_are_told_apart() {
    for (place, format) in FORMATS.iter().enumerate() {
        assert!(format.media_type.ends_with("; charset=utf-8"), "{}", format.name);
        for other in &FORMATS[place + 1..] {
            assert!(format.name != other.name && format.file != other.file);
        }
    }
}

#[test]
fn no_forbidden_character_leaves() {
    for edition in editions() {
        for format in FORMATS {
            let document = (format.render)(&edition);
            assert_eq!(document.chars().find(|c| forbidden(*c)), None, "{}", format.name);
            assert!(!document.contains("secret"), "{}", format.name);
        }
    }
}

#[test]
fn feeds_parse_again() {
    for edition in editions() {
        let mut ids: Vec<_> = edition.stories.iter().map(|story| story.entry_id.clone()).collect();
        ids.dedup();
        for format in FORMATS.iter().filter(|format| !format.file.is_empty()) {
            let document = (format.render)(&edition);
            let feed = feed_rs::parser::parse(document.as_bytes())
                .unwrap_or_else(|error| panic!("{}: {error}\n{document:.2000}", format.name));
            let read: Vec<_> = feed.entries.iter().map(|entry| entry.id.clone()).collect();
            assert_eq!(read, ids, "{}", format.name);
            for entry in &feed.entries {
                assert!(entry.title.as_ref().is_some_and(|title| !title.content.is_empty()), "{}", format.name);
                assert!(!entry.links.is_empty(), "{}: {}", format.name, entry.id);
                assert!(entry.links.iter().all(|link| web(&link.href)), "{}: {:?}", format.name, entry.links);
                assert!(entry.published.is_some(), "{}", format.name);
            }
        }
    }
}

/// An ASCII http(s) address without anything a URI may not hold.
pub fn web(url: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&byte);
    (url.starts_with("https://") || url.starts_with("http://")) && url.bytes().all(fits)
}

#[test]
fn only_web_addresses_leave() {
    for edition in editions() {
        for format in ["rss", "atom"].map(format) {
            let (attributes, _) = read_xml(&(format.render)(&edition));
            for (element, key, value) in attributes {
                if matches!(key.as_str(), "href" | "url" | "src") {
                    assert!(web(&value), "{} {element} {key}={value}", format.name);
                }
            }
        }
        for format in FORMATS {
            let document = (format.render)(&edition);
            assert!(!document.contains("href=\"javascript") && !document.contains("href=\"\""), "{}", format.name);
            assert!(!document.contains("src=\"data") && !document.contains("src=\"\""), "{}", format.name);
        }
    }
}

#[test]
fn text_is_escaped_exactly_once() {
    let edition = edition(vec![filled("mark", MARK)]);
    let rss = rss::Channel::read_from((format("rss").render)(&edition).as_bytes()).unwrap();
    let atom = atom_syndication::Feed::read_from((format("atom").render)(&edition).as_bytes()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&(format("json").render)(&edition)).unwrap();
    let (item, entry, record) = (&rss.items()[0], &atom.entries()[0], &json["items"][0]);
    for title in [item.title().unwrap(), entry.title().as_str(), record["title"].as_str().unwrap()] {
        assert_eq!(title, MARK);
    }
    for name in [item.categories()[0].name(), entry.categories()[0].term(), record["tags"][0].as_str().unwrap()] {
        assert_eq!(name, MARK);
    }
    assert_eq!(item.dublin_core_ext().unwrap().creators()[0], MARK);
    assert_eq!(entry.authors()[0].name(), MARK);
    assert_eq!(entry.summary().unwrap().as_str(), MARK);
    assert_eq!(record["_newswire"]["coverage"][8]["title"], MARK);
    assert_eq!(item.description().unwrap(), "&lt;x-mark a=\"1\"&gt;'&amp;amp;&amp;");
    let bodies = [item.content().unwrap(), entry.content().unwrap().value().unwrap()];
    for body in bodies.into_iter().chain(record["content_html"].as_str()) {
        assert_eq!(shown(body).matches(MARK).count(), 28, "{body}");
        assert!(!body.contains("<x-mark"));
    }
    let page = (format("html").render)(&edition);
    assert!(!page.contains("<x-mark"));
    assert_eq!(shown(&page).matches(MARK).count(), 27, "{page}");
}

/// The text a browser shows: tags removed, references decoded once.
fn shown(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    htmlize::unescape(text).into_owned()
}

#[test]
fn addresses_are_escaped_exactly_once() {
    let url = "https://p.example/i?a=1&amp=2&lt;=3";
    let edition = edition(vec![addressed("one", url)]);
    for format in ["rss", "atom"].map(format) {
        let (attributes, _) = read_xml(&(format.render)(&edition));
        let of = |wanted: &str| attributes.iter().filter(|(element, ..)| element == wanted).collect::<Vec<_>>();
        for element in ["media:content", "media:thumbnail"] {
            let found = of(element);
            assert!(found.iter().any(|(_, key, value)| key == "url" && value == url), "{}: {found:?}", format.name);
        }
    }
}

#[test]
fn every_coverage_is_listed_with_publisher_headline_time_and_link() {
    let edition = edition(vec![StoryView { title: "Headline 0".to_owned(), ..plain("one") }]);
    for format in FORMATS {
        let document = (format.render)(&edition);
        for item in &edition.stories[0].coverage {
            for part in [&item.title, &item.url, &item.publisher, &"2020-11-12T22:40:00Z".to_owned()] {
                assert!(document.contains(part.as_str()), "{}: {part}", format.name);
            }
        }
        assert!(document.contains("https://p0.example/i.jpg"), "{}", format.name);
    }
}

#[test]
fn a_huge_story_lists_a_part_and_says_how_much_is_left() {
    let edition = edition(vec![StoryView { coverage: (0..10_000).map(coverage).collect(), ..plain("huge") }]);
    for format in FORMATS {
        let document = (format.render)(&edition);
        assert!(document.len() < 400_000, "{}: {}", format.name, document.len());
        let left = if format.name == "html" { "and 9987 more: all 10000 articles" } else { "and 9800 more" };
        assert!(document.contains(left), "{}", format.name);
    }
    let site = Site {
        title: "My wire",
        home_url: "https://wire.example.org/",
        formats: &["rss"],
        pages: PageRules::default(),
    };
    assert!(publish::story(&site, &edition.stories[0], None).contains("Headline 9999"));
}

#[test]
fn times_and_ids_are_as_given() {
    let document = (format("rss").render)(&edition(vec![plain("one")]));
    let id = plain("one").entry_id;
    for part in [
        "<pubDate>Thu, 12 Nov 2020 19:00:00 GMT</pubDate>",
        "<lastBuildDate>Fri, 13 Nov 2020 08:59:00 GMT</lastBuildDate>",
        "<atom:updated>2020-11-13T08:59:00.",
        "<language>en</language>",
        "<title>AWS AI · My wire</title>",
        &format!("<guid isPermaLink=\"false\">{id}</guid>"),
    ] {
        assert!(document.contains(part), "{part}\n{document}");
    }
    let document = (format("atom").render)(&edition(vec![plain("one")]));
    for part in [
        "<updated>2020-11-13T08:59:00.",
        "<published>2020-11-12T19:00:00+00:00</published>",
        "xml:lang=\"en\"",
        &format!("<id>{id}</id>"),
    ] {
        assert!(document.contains(part), "{part}\n{document}");
    }
}

pub fn topics() -> Vec<TopicLine> {
    ["AWS AI", MARK, "\u{3}人工智能"]
        .into_iter()
        .map(|title| TopicLine {
            title: title.to_owned(),
            page_url: format!("https://wire.example.org/t/{}/", title.len()),
            stories: 1,
            updated: Some(at("2020-11-13T08:59:00Z")),
            headlines: vec![Headline {
                title: format!("{MARK} leads"),
                url: "https://wire.example.org/s/x".to_owned(),
                lang: Some("en\"".to_owned()),
            }],
        })
        .collect()
}

#[test]
fn pages_offer_the_published_formats_and_no_others() {
    let site = Site {
        title: MARK,
        home_url: "https://wire.example.org/",
        formats: &["atom", "html"],
        pages: PageRules::default(),
    };
    let edition = Edition { formats: site.formats.to_vec(), ..edition(vec![plain("one")]) };
    let pages = [publish::index(&site, &topics()), publish::topic_page(&edition)];
    for page in &pages {
        assert!(page.contains("rel=\"alternate\" type=\"application/atom+xml\""), "{page}");
        assert!(page.contains("atom.xml") && !page.contains("rss.xml") && !page.contains("feed.json"), "{page}");
    }
    let story = publish::story(&site, &edition.stories[0], None);
    for page in pages.iter().chain([&story]) {
        assert!(!page.contains("<x-mark") && !page.contains("<script") && !page.contains(" style="), "{page}");
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "{page:.80}");
        assert!(page.contains(&format!("<style>{}</style>", publish::STYLE)));
    }
}

#[test]
fn the_opml_lists_what_is_published() {
    let site = Site {
        title: MARK,
        home_url: "https://wire.example.org/",
        formats: &["atom", "rss"],
        pages: PageRules::default(),
    };
    let (attributes, _) = read_xml(&publish::opml(&site, &topics()));
    let of = |key: &str| {
        let values = attributes.iter().filter(|(element, name, _)| element == "outline" && name == key);
        values.map(|(.., value)| value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("text"), ["AWS AI", MARK, "人工智能"]);
    assert_eq!(of("xmlUrl")[0], "https://wire.example.org/t/6/rss.xml");
    assert_eq!(of("htmlUrl")[0], "https://wire.example.org/t/6/");
    let none = Site { formats: &["html"], ..site };
    assert!(!publish::opml(&none, &topics()).contains("outline"));
}

#[test]
fn an_alias_points_to_its_story_and_nowhere_else() {
    let stub = publish::alias_stub("https://wire.example.org/s/0?a=1&b=\"");
    assert!(stub.contains("<link rel=\"canonical\" href=\"https://wire.example.org/s/0?a=1&#38;b=%22\">"), "{stub}");
    assert!(!publish::alias_stub("javascript:alert(1)").contains("javascript"));
}
