//! Formats: whatever a story holds, every document is well-formed, says what it was given once, and parses again.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use newswire::model::{ArticleId, Cause, CoverageView, Edition, FeedLinks, Image, StoryId, StoryView};
use newswire::publish::{self, FORMATS, Format, Site, TopicLine};
use quick_xml::events::Event;

/// The schema of Atom lies beside the project (or beside the folder of its work trees), and is not part of it.
const ATOM_SCHEMAS: [&str; 2] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tools/atom-rfc4287.rng"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/tools/atom-rfc4287.rng"),
];

/// Holds all that markup could trip over, and a name to find it by.
const MARK: &str = "<x-mark a=\"1\">'&amp;&";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn coverage(number: usize) -> CoverageView {
    CoverageView {
        title: format!("Headline {number}"),
        url: format!("https://p{number}.example/a"),
        publisher: format!("Publisher {number}"),
        domain: format!("p{number}.example"),
        excerpt: Some("Amazon.com Inc <AMZN.O> on Thursday said".to_owned()),
        published: at("2020-11-12T22:40:00Z"),
        lang: Some("en".to_owned()),
        copy_of: None,
    }
}

fn plain(name: &str) -> StoryView {
    let id = StoryId::founded_by(ArticleId::of(name), 0);
    StoryView {
        id,
        entry_id: format!("tag:wire.example.org,2026:s/{id}"),
        page_url: format!("https://wire.example.org/s/{id}"),
        title: format!("Story {name}"),
        url: "https://p0.example/a".to_owned(),
        excerpt: Some("Amazon.com Inc <AMZN.O> on Thursday said".to_owned()),
        note_html: None,
        image: Some(Image { url: "https://p0.example/i.jpg".to_owned(), width: Some(1200), height: Some(600) }),
        lang: Some("en".to_owned()),
        authors: vec!["Jane Doe".to_owned()],
        published: at("2020-11-12T19:00:00Z"),
        updated: at("2020-11-13T08:59:00Z"),
        categories: vec!["AWS AI".to_owned(), "news".to_owned()],
        cause: Cause::default(),
        coverage: (0..9).map(coverage).collect(),
        related: Vec::new(),
    }
}

fn edition(stories: Vec<StoryView>) -> Edition {
    Edition {
        title: "AWS AI".to_owned(),
        site_title: "My wire".to_owned(),
        page_url: "https://wire.example.org/t/aws-ai/".to_owned(),
        home_url: "https://wire.example.org/".to_owned(),
        feed_id: "tag:wire.example.org,2026:t/aws-ai".to_owned(),
        updated: stories.iter().map(|story| story.updated).max().unwrap_or(at("2026-01-01T00:00:00Z")),
        formats: vec!["rss", "atom", "json", "html"],
        links: FeedLinks::default(),
        hub: None,
        stories,
    }
}

/// A story with `text` in every field of text.
fn filled(name: &str, text: &str) -> StoryView {
    let mut story = plain(name);
    text.clone_into(&mut story.title);
    story.excerpt = Some(text.to_owned());
    story.authors = vec![text.to_owned()];
    story.categories = vec![text.to_owned()];
    for item in &mut story.coverage {
        text.clone_into(&mut item.title);
        item.excerpt = Some(text.to_owned());
        text.clone_into(&mut item.publisher);
        item.copy_of = Some(text.to_owned());
    }
    story
}

/// A story with `url` in every field of an address but those of this site.
fn addressed(name: &str, url: &str) -> StoryView {
    let mut story = plain(name);
    url.clone_into(&mut story.url);
    story.image = Some(Image { url: url.to_owned(), width: Some(0), height: None });
    for item in &mut story.coverage {
        url.clone_into(&mut item.url);
    }
    story
}

fn spoken(name: &str, lang: &str) -> StoryView {
    let mut story = plain(name);
    story.lang = Some(lang.to_owned());
    for item in &mut story.coverage {
        item.lang = Some(lang.to_owned());
    }
    story
}

fn dated(name: &str, published: &str, updated: &str) -> StoryView {
    StoryView { published: at(published), updated: at(updated), ..plain(name) }
}

fn bare(name: &str) -> StoryView {
    StoryView {
        excerpt: None,
        image: None,
        lang: None,
        authors: Vec::new(),
        categories: Vec::new(),
        coverage: Vec::new(),
        ..plain(name)
    }
}

fn nasty() -> Vec<StoryView> {
    let long = "Ten kilobytes & <more>. ".repeat(450);
    let mut stories = vec![plain("plain"), bare("bare")];
    for (number, text) in [
        MARK,
        "Amazon.com Inc <AMZN.O> rose",
        "a]]>b<![CDATA[c]]>",
        "\u{0}\u{1}\u{3}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{85}\u{9f}\u{fffe}\u{ffff}x",
        "\u{3}",
        "",
        "&nbsp; &amp;lt; &#0; &copy; AT&T",
        "😀 👩‍👩‍👧 🇩🇪",
        "שלום \u{202e}abc\u{202c} \u{2067}عربي",
        "<!-- --> <?xml?> <!DOCTYPE x>",
        "</title></item></channel></feed></style></script><script>alert(1)</script>",
        "line\r\nline\ttab\u{2028}x",
        "e\u{301}\u{200d}\u{feff}",
        long.as_str(),
    ]
    .into_iter()
    .enumerate()
    {
        stories.push(filled(&format!("text {number}"), text));
    }
    for (number, url) in [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "//x.example/",
        "/relative",
        "",
        "https://ü.example/ü?q=a b|{}&x=<\">'#é",
        "https://u:secret@x.example/",
        "http://[::1]/a[b]",
        "https://x.example/a?b=%zz&c=\u{3}",
        "not a url",
    ]
    .into_iter()
    .enumerate()
    {
        stories.push(addressed(&format!("address {number}"), url));
    }
    for lang in ["en_US", "english text", "", "x", "zh-Hans-CN", "日本語"] {
        stories.push(spoken(&format!("lang {lang}"), lang));
    }
    stories.push(dated("old", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.25Z"));
    stories.push(dated("new", "2099-12-31T23:59:59Z", "2099-12-31T23:59:59.999Z"));
    stories.push(dated("ancient", "-000500-01-01T00:00:00Z", "0001-01-01T00:00:00Z"));
    stories.push(dated("last", "9999-12-30T00:00:00Z", "9999-12-30T22:00:00Z"));
    stories
        .push(StoryView { note_html: Some("<p>An <em>editor</em> &amp; \u{3}a note</p>".to_owned()), ..plain("note") });
    stories.push(StoryView { coverage: (0..300).map(coverage).collect(), ..plain("large") });
    stories
}

/// Each nasty story alone, all together, none, and a nasty heading.
fn editions() -> Vec<Edition> {
    let mut all: Vec<_> = nasty().into_iter().map(|story| edition(vec![story])).collect();
    all.push(edition(nasty()));
    all.push(edition(Vec::new()));
    all.push(edition(vec![plain("twice"), plain("twice")]));
    let odd = "https://wire.example.org/t/人工智能/".to_owned();
    for text in [MARK, "\u{3}", "", "]]>\u{202e}人工智能"] {
        let title = text.to_owned();
        all.push(Edition { site_title: title.clone(), title, page_url: odd.clone(), ..edition(vec![plain("one")]) });
    }
    all
}

fn format(name: &str) -> &'static Format {
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
fn web(url: &str) -> bool {
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
    assert_eq!(shown(&page).matches(MARK).count(), 36, "{page}");
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
        let left = if format.name == "html" { "and 9949 more" } else { "and 9800 more" };
        assert!(document.contains(left), "{}", format.name);
    }
    let site = Site { title: "My wire", home_url: "https://wire.example.org/", formats: &["rss"] };
    assert!(publish::story(&site, &edition.stories[0]).contains("Headline 9999"));
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

#[test]
fn json_feed_has_what_its_version_asks_for() {
    for edition in editions() {
        let feed: serde_json::Value = serde_json::from_str(&(format("json").render)(&edition)).unwrap();
        assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
        assert!(feed["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert!(web(feed["feed_url"].as_str().unwrap()) && web(feed["home_page_url"].as_str().unwrap()));
        for item in feed["items"].as_array().unwrap() {
            assert!(item["id"].is_string() && item["content_html"].is_string() && web(item["url"].as_str().unwrap()));
            assert!(item["date_published"].as_str().unwrap().parse::<Timestamp>().is_ok());
            assert!(item["date_modified"].as_str().unwrap().parse::<Timestamp>().is_ok());
            assert!(item["image"].as_str().is_none_or(web));
        }
    }
}

fn topics() -> Vec<TopicLine> {
    ["AWS AI", MARK, "\u{3}人工智能"]
        .into_iter()
        .map(|title| TopicLine {
            title: title.to_owned(),
            page_url: format!("https://wire.example.org/t/{}/", title.len()),
            stories: 1,
            updated: Some(at("2020-11-13T08:59:00Z")),
        })
        .collect()
}

#[test]
fn pages_offer_the_published_formats_and_no_others() {
    let site = Site { title: MARK, home_url: "https://wire.example.org/", formats: &["atom", "html"] };
    let edition = Edition { formats: site.formats.to_vec(), ..edition(vec![plain("one")]) };
    let pages = [publish::index(&site, &topics()), publish::topic_page(&edition)];
    for page in &pages {
        assert!(page.contains("rel=\"alternate\" type=\"application/atom+xml\""), "{page}");
        assert!(page.contains("atom.xml") && !page.contains("rss.xml") && !page.contains("feed.json"), "{page}");
    }
    let story = publish::story(&site, &edition.stories[0]);
    for page in pages.iter().chain([&story]) {
        assert!(!page.contains("<x-mark") && !page.contains("<script") && !page.contains(" style="), "{page}");
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "{page:.80}");
        assert!(page.contains(&format!("<style>{}</style>", publish::STYLE)));
    }
}

#[test]
fn the_opml_lists_what_is_published() {
    let site = Site { title: MARK, home_url: "https://wire.example.org/", formats: &["atom", "rss"] };
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

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_a_text_or_address_holds_feeds_parse(text in any_text(), url in any_text()) {
        let mut story = filled("any", &text);
        story.url.clone_from(&url);
        story.lang = Some(text.clone());
        story.coverage.truncate(2);
        story.coverage[1].url = format!("https://x.example/{url}");
        let edition = Edition { title: text.clone(), feed_id: text, ..edition(vec![story]) };
        for format in FORMATS {
            let document = (format.render)(&edition);
            assert_eq!(document.chars().find(|c| forbidden(*c)), None, "{}", format.name);
            if !format.file.is_empty() {
                let feed = feed_rs::parser::parse(document.as_bytes());
                let feed = feed.unwrap_or_else(|error| panic!("{}: {error}\n{document}", format.name));
                assert_eq!(feed.entries.len(), 1, "{}", format.name);
                let strange = feed.entries[0].links.iter().find(|link| !web(&link.href));
                assert_eq!(strange, None, "{}", format.name);
            }
            if matches!(format.name, "rss" | "atom") {
                read_xml(&document);
            }
        }
    }
}

/// Any characters, those that markup is made of more often than others.
fn any_text() -> impl proptest::strategy::Strategy<Value = String> {
    "([\\PC\\x00-\\x1f]|[<>&;\"'\\[\\]!?#x=/:. -]|https://|]]>|<!\\[CDATA\\[|&#){0,30}"
}

/// Runs xmllint over every document, when it is installed; on CI it must be.
#[test]
fn xmllint_agrees() {
    let folder = tempfile::tempdir().unwrap();
    for (number, edition) in editions().iter().enumerate() {
        for format in ["rss", "atom"].map(format) {
            fs::write(folder.path().join(format!("{number}.{}", format.name)), (format.render)(edition)).unwrap();
        }
    }
    let site = Site { title: MARK, home_url: "https://wire.example.org/", formats: &["atom"] };
    fs::write(folder.path().join("list.opml"), publish::opml(&site, &topics())).unwrap();
    lint(folder.path(), &["rss", "atom", "opml"], &[]);
    if let Some(schema) = ATOM_SCHEMAS.into_iter().find(|schema| Path::new(schema).exists()) {
        lint(folder.path(), &["atom"], &["--relaxng", schema]);
    }
}

fn lint(folder: &Path, kinds: &[&str], options: &[&str]) {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let of_kind = |file: &std::path::PathBuf| kinds.iter().any(|kind| file.extension().is_some_and(|is| is == *kind));
    match Command::new("xmllint").args(["--noout", "--nonet"]).args(options).args(files.filter(of_kind)).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI needs xmllint (libxml2-utils)");
        }
        Err(error) => panic!("xmllint: {error}"),
    }
}
