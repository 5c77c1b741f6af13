//! Web pages: small, of known elements only, and without an address that runs anything, whatever stories hold.

use std::collections::BTreeSet;

use newswire::model::{CoverageView, Edition, ImageRule, PageRules, StoryView};
use newswire::publish::{self, Site};

use super::corpus::{cases, coverage, edition, editions, lively, plain, random};
use super::{format, topics, web};

/// Bytes of a page.
const PAGE: usize = 50_000;

/// Attributes of our templates and of sanitised notes.
const ATTRIBUTES: &str = "lang charset name content rel type title href data-events src defer class dir id alt loading \
    decoding referrerpolicy width height datetime role aria-label aria-labelledby aria-live for tabindex action method \
    maxlength value placeholder http-equiv align start cite span colspan rowspan hreflang scope summary char charoff";

const SITE: Site<'_> = Site {
    title: "My wire",
    home_url: "https://wire.example.org/",
    formats: &["rss", "atom", "json"],
    pages: PageRules { is_served: true, images: ImageRule::Link },
};

/// Every start tag of `page`: its name and its attributes.
fn tags(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, tag)) = rest.split_once('<') {
        let (name, mut inside) = tag.split_at(tag.find(|c: char| c.is_whitespace() || c == '>').unwrap());
        rest = inside;
        if name == "style" {
            rest = inside.split_once("</style>").unwrap().1;
        } else if !name.starts_with(['/', '!']) {
            let mut attributes = Vec::new();
            loop {
                inside = inside.trim_start();
                if let Some(after) = inside.strip_prefix('>') {
                    rest = after;
                    break;
                }
                let (key, after) = inside.split_at(inside.find(['=', '>', ' ']).unwrap());
                let value = after.strip_prefix("=\"").map(|value| value.split_once('"').unwrap());
                attributes.push((key.to_owned(), value.map_or_else(String::new, |(value, _)| unescaped(value))));
                inside = value.map_or(after, |(_, after)| after);
            }
            tags.push((name.to_owned(), attributes));
        }
    }
    tags
}

fn unescaped(value: &str) -> String {
    htmlize::unescape_attribute(value).into_owned()
}

#[track_caller]
fn is_harmless(page: &str) {
    let known: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
    let mut ids = BTreeSet::new();
    for (name, attributes) in tags(page) {
        let value = |key: &str| attributes.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
        match name.as_str() {
            "script" => assert_eq!(value("src"), Some("/live.js")),
            "iframe" | "object" | "embed" | "base" | "svg" | "math" | "x-mark" => panic!("<{name}>"),
            _ => {}
        }
        for (key, value) in &attributes {
            assert!(known.contains(key.as_str()), "<{name} {key}={value}>");
            if matches!(key.as_str(), "href" | "src" | "action" | "data-events")
                && (&*name, &**value) != ("link", "data:,")
            {
                let is_ours = value.starts_with('/') && !value.starts_with("//");
                assert!(is_ours || web(value) || value == "#main", "<{name} {key}={value}>");
            }
            assert!(key != "id" || ids.insert(value.clone()), "the id {value} twice");
        }
    }
}

#[test]
fn pages_hold_known_elements_only() {
    for edition in editions().into_iter().chain(random(cases())) {
        let edition = Edition { pages: SITE.pages, ..edition };
        is_harmless(&(format("html").render)(&edition));
        is_harmless(&publish::search_page(&SITE, &edition.title, &edition));
        edition.stories.iter().for_each(|story| is_harmless(&publish::story(&SITE, story, None)));
    }
    is_harmless(&publish::index(&SITE, &topics()));
}

#[test]
fn pages_are_small() {
    let long = "It is a long sentence with <marks> & \"quotes\" that goes on and on. ".repeat(40);
    let mut heavy = lively();
    heavy.excerpt = Some(long.clone());
    heavy.coverage.iter_mut().for_each(|item| item.excerpt = Some(long.clone()));
    let named = |number: usize| StoryView { excerpt: heavy.excerpt.clone(), ..plain(&number.to_string()) };
    let whole = |story: StoryView| StoryView { coverage: (0..60).map(coverage).collect(), ..story };
    for stories in [
        (0..50).map(named).collect(),
        (0..50).map(|number| whole(named(number))).collect(),
        (0..300).map(named).collect(),
        vec![heavy.clone()],
        editions().into_iter().flat_map(|edition| edition.stories).collect::<Vec<_>>(),
    ] {
        let edition = Edition { pages: SITE.pages, ..edition(stories) };
        let page = (format("html").render)(&edition);
        assert!(page.len() < PAGE, "{} stories: {} bytes", edition.stories.len(), page.len());
        let found = Edition { stories: edition.stories.into_iter().take(50).collect(), ..edition };
        let page = publish::search_page(&SITE, "words", &found);
        assert!(page.len() < PAGE, "found {}: {} bytes", found.stories.len(), page.len());
    }
    let page = publish::story(&SITE, &whole(heavy), None);
    assert!(page.len() < PAGE, "{} bytes", page.len());
}

#[test]
fn a_story_of_very_much_coverage_goes_on_over_pages() {
    let check = |story: StoryView, least: usize| {
        let first = publish::story(&SITE, &story, Some(1));
        let (_, count) = first.split_once("Page 1 of ").unwrap_or_else(|| panic!("{first}"));
        let count: usize = count.split('<').next().unwrap().parse().unwrap();
        assert!(count >= least, "{count}");
        let mut told = Vec::new();
        for part in 1..=count {
            let page = publish::story(&SITE, &story, Some(part));
            assert!(page.len() < PAGE, "{part} of {count}: {} bytes", page.len());
            assert_eq!(page.contains("Earlier coverage"), part > 1);
            assert_eq!(page.contains("Later coverage"), part < count);
            let links = page.match_indices("href=\"https://p").map(|(at, _)| page[at + 6..].split('"').next().unwrap());
            told.extend(links.map(str::to_owned));
        }
        told.sort();
        told.dedup();
        let urls: BTreeSet<String> = story.coverage.iter().map(|item| item.url.clone()).collect();
        let missing: Vec<&String> = urls.iter().filter(|url| told.binary_search(url).is_err()).collect();
        assert!(missing.is_empty(), "{} of {}: {missing:?}", missing.len(), urls.len());
        assert_eq!(publish::story(&SITE, &story, Some(count + 9)), publish::story(&SITE, &story, Some(count)));
    };
    check(StoryView { coverage: (0..3_000).map(coverage).collect(), ..plain("huge") }, 30);
    let copy = |number| CoverageView { copy_of: (number > 0).then(|| "Publisher 0".to_owned()), ..coverage(number) };
    check(StoryView { coverage: (0..1_000).map(copy).collect(), ..lively() }, 8);
    assert!(!publish::story(&SITE, &lively(), Some(1)).contains("Page 1"));
}

#[test]
fn a_page_uses_the_room_there_is() {
    let stories = (0..50).map(|number| plain(&number.to_string())).collect();
    let page = (format("html").render)(&edition(stories));
    assert!(page.len() > PAGE * 4 / 5, "{} bytes", page.len());
    // Every story stands on it, the first ones with their coverage.
    assert_eq!(
        page.matches("/s/").count(),
        page.matches("<article").count() * 2 + page.matches("class=\"brief\"").count()
    );
    assert_eq!(page.matches("<article").count() + page.matches("class=\"brief\"").count(), 50);
}

#[test]
fn a_story_is_told_in_the_order_of_time() {
    let page = publish::story(&SITE, &lively(), None);
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
    assert!(place("Coverage</h2>") < place("<ol class=\"timeline\">"));
    let times: Vec<_> = page
        .match_indices("<li><p class=\"kicker\"><time datetime=\"")
        .map(|(at, part)| &page[at + part.len()..at + part.len() + 20])
        .collect();
    assert!(times.is_sorted() && times.len() > 4, "{times:?}");
    assert!(place("Repeated by 2 others") < place("Publisher 3</b>: "));
    assert!(page.contains("New on 13 Nov 2020, 08:59 UTC: coverage by Publisher 3"), "{page}");
    assert!(place("Related stories") < place("Other story 1"));
    assert!(page.contains("leads this story"));
}

#[test]
fn pictures_come_from_where_the_rules_say() {
    let policy = |images| publish::policy(PageRules { is_served: false, images });
    assert!(policy(ImageRule::Link).contains("img-src http: https: data:;"));
    assert!(policy(ImageRule::Proxy).contains("img-src 'self' data:;"));
    assert!(policy(ImageRule::None).contains("img-src data:;"));
    assert!(!policy(ImageRule::Link).contains("script-src"));
}

#[test]
fn a_site_below_a_path_links_below_it() {
    let site = Site { home_url: "https://example.org/wire/", ..SITE };
    let page = publish::index(&site, &[]);
    for part in
        ["href=\"/wire/all/\"", "action=\"/wire/search\"", "src=\"/wire/live.js\"", "data-events=\"/wire/events?of=\""]
    {
        assert!(page.contains(part), "no {part} in {page}");
    }
}
