//! Adding sources: lists of subscriptions in and out, pages that lead to their feed, sources that are one feed.

use std::fs;

use newswire::clock::Clock;
use newswire::model::{Outcome, Page, Purpose};
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::support::examples;
use crate::support::playhouse::{Asked, Playhouse, Reply};
use crate::support::process::{Desk, Said};
use crate::support::world::{World, fresh, html, item, robots, rss, status, unchanged};

const LIST: &str = "<?xml version='1.0'?><opml version='1.1'><head><title>Mine</title></head><body>
    <outline text='News'><outline text='Tech &amp; more'>
      <outline type='rss' text='A' xmlUrl='https://a.example/feed' htmlUrl='https://a.example/'/></outline>
      <outline title='B' xmlurl='https://b.example/feed?key=0123456789abcdef0123&amp;x=1'/></outline>
    <outline text='page' htmlUrl='https://c.example/'/>
    <outline text='${HOME}' xmlUrl='https://d.example/${HOME}' category='${file:/etc/passwd}'/>
  </body></opml>";

/// No request is made and no seed is read.
fn desk() -> Desk {
    Desk::new("enrich: { seeds: none }\n")
}

fn import(desk: &Desk, list: &str) -> Said {
    fs::write(desk.path("My list.opml"), list).unwrap();
    desk.run(&["import", "opml", "My list.opml"])
}

#[test]
fn a_list_becomes_sources() {
    let desk = desk();
    let said = import(&desk, LIST).with_code(0).has("3 added, 1 skipped").has("conf.d/my-list.yaml");
    let said = said.has("added https://a.example/feed [News, Tech & more]  A").has("page: it names a page and no feed");
    said.lacks("0123456789abcdef0123");
    desk.run(&["check"]).with_code(0).has("all is well");
    let written = desk.read("conf.d/my-list.yaml");
    for text in
        ["# A\n  - url: \"https://a.example/feed\"\n    topics: [\"News\", \"Tech & more\"]", "$${HOME}", "$${file:"]
    {
        assert!(written.contains(text), "no {text} in {written}");
    }
    let status = desk.run(&["status"]).with_code(0).has("sources   0");
    status.lacks("passwd");
}

#[test]
fn a_list_may_be_imported_again() {
    let desk = desk();
    import(&desk, LIST).with_code(0);
    let before = desk.read("conf.d/my-list.yaml");
    import(&desk, LIST).with_code(0).has("nothing to add, 4 skipped").has("https://a.example/feed: listed already");
    let more = LIST.replace("https://a.example/feed", "http://www.a.example/feed/").replace(
        "</body>",
        "<outline text='E' xmlUrl='https://e.example/'/><outline text='E' xmlUrl='http://e.example'/></body>",
    );
    let said = import(&desk, &more).with_code(0).has("1 added, 5 skipped").has("conf.d/my-list-2.yaml");
    said.has("listed already as https://a.example/feed").has("in this list already as https://e.example/");
    assert_eq!(desk.read("conf.d/my-list.yaml"), before, "what is there is not touched");
    desk.run(&["check"]).with_code(0).has("all is well");
    let two = "<opml><outline text='X'><outline xmlUrl='https://x.example/'/></outline>\
               <outline text='Y'><outline xmlUrl='http://x.example'/></outline></opml>";
    import(&desk, two).with_code(0).has("added https://x.example/ [X, Y]");
    let moved = LIST.replace("text='News'", "text='Other'");
    import(&desk, &moved).with_code(0).has("https://a.example/feed: listed already, without the labels Other");
}

#[test]
fn what_is_imported_is_told_to_machines_too() {
    let desk = desk();
    fs::write(desk.path("l.opml"), LIST).unwrap();
    let said = desk.run(&["import", "opml", "l.opml", "--json"]).with_code(0).json();
    assert_eq!(said["added"][0]["labels"][1], "Tech & more", "{said:#}");
    assert_eq!((said["added"].as_array().unwrap().len(), said["skipped"].as_array().unwrap().len()), (3, 1));
    assert!(said["files"][0].as_str().unwrap().ends_with("conf.d/l.yaml"));
}

#[test]
fn what_cannot_be_imported_changes_nothing() {
    let desk = desk();
    import(&desk, "<rss/>").with_code(1).has("is no OPML");
    import(&desk, "<opml><body><outline text='x'/></body></opml>")
        .with_code(1)
        .has("names no feed: x: it names no feed");
    desk.run(&["import", "opml", "nowhere.opml"]).with_code(1).has("nowhere.opml: No such file");
    desk.run(&["import"]).with_code(2);
    desk.configure("store: postgres\n");
    import(&desk, LIST).with_code(3).has("sqlite:PATH");
    assert!(!desk.path("conf.d").exists());
}

#[test]
fn a_long_list_becomes_several_files() {
    let desk = desk();
    let feed = |n: usize| {
        format!(
            "<outline text='Label {}'><outline text='Feed number {n}' xmlUrl='https://host{n}.example/a/long/path/to/the/feed.xml?n={n}'/></outline>",
            n % 50
        )
    };
    let list: String = (0..6_000).map(feed).collect();
    import(&desk, &format!("<opml><body>{list}</body></opml>")).with_code(0).has("6000 added").has("my-list-2.yaml");
    desk.run(&["check", "--config-only"]).with_code(0).has("all is well");
    let exported = desk.run(&["export", "opml"]).with_code(0).out;
    assert_eq!(exported.matches("xmlUrl=").count(), 6_000);
}

#[test]
fn what_is_exported_is_imported_again() {
    let one = Desk::new(
        "sources:\n  - { url: 'https://b.example/?token=0123456789abcdef', topics: [Z, A] }\n  - url: https://a.example/\n",
    );
    let list = one.run(&["export", "opml"]).with_code(0).out;
    assert!(list.contains("?token=0123456789abcdef") && list.contains("Sources of Test wire"), "{list}");
    let other = desk();
    import(&other, &list).with_code(0).has("2 added");
    let again = other.run(&["export", "opml"]).with_code(0).out;
    assert_eq!(again, list);
    one.run(&["export", "--help"]).with_code(0);
    one.run(&["export", "opml", "--help"]).with_code(0).has("tokens");
}

#[test]
fn articles_are_exported_as_cluster_reads_them() {
    let desk = desk();
    desk.seed("a.md", "---\ntitle: Harbour opens\nwebUrl: https://a.example/harbour\nexcerpt: Soon.\npublishedDateTime: 2021-03-04T19:00:00Z\nprovider: { name: A, domain: a.example }\ntopics: [Sea]\n---\n");
    assert!(desk.run(&["export", "articles"]).with_code(0).out.is_empty());
    desk.run(&["once"]).with_code(0);
    let line = desk.run(&["export", "articles"]).with_code(0).json();
    for (key, value) in [
        ("url", "https://a.example/harbour"),
        ("title", "Harbour opens"),
        ("excerpt", "Soon."),
        ("publisher", "A"),
        ("domain", "a.example"),
        ("published", "2021-03-04T19:00:00Z"),
    ] {
        assert_eq!(line[key], value, "{line:#}");
    }
}

/// A server with the runtime it plays on, and a desk whose `blog.example` leads there.
struct Blog {
    house: Playhouse,
    desk: Desk,
    _runtime: Runtime,
}

impl Blog {
    fn open(more: &str, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let house = runtime.block_on(Playhouse::open(Clock::system(), script));
        let config = format!(
            "fetch: {{ timeout: 2s, gap: 0s, allow_private: [127.0.0.0/8], connect_to: {{ blog.example: \"{}\" }}{more} }}\n\
             sources: [{{ url: 'http://blog.example/', topics: [Blog] }}]\nenrich: {{ sources: none }}\n",
            house.address()
        );
        Self { house, desk: Desk::new(&config), _runtime: runtime }
    }

    fn paths(&self) -> Vec<String> {
        self.house.log().into_iter().map(|asked| asked.path).collect()
    }
}

const PAGE: &str = "<!doctype html><html><head><title>Blog</title>\
    <link rel=alternate type=application/rss+xml title=Comments href=/comments/feed>\
    <link rel=alternate type=application/rss+xml title=Posts href=/feed></head><body>Hello</body></html>";

fn feed_reply() -> Reply {
    let items = item("a.example/1", "A post", "2026-01-01T12:00:00Z");
    let body = format!("<rss version='2.0'><channel><title>The blog</title>{items}</channel></rss>");
    Reply::ok(body).header("Content-Type", "application/rss+xml").header("ETag", "\"1\"")
}

#[test]
fn a_page_leads_to_its_feed_over_http() {
    let blog = Blog::open("", |asked| match asked.path.as_str() {
        "/" => Reply::ok(PAGE).header("Content-Type", "text/html"),
        "/feed" => feed_reply(),
        _ => Reply::status(404),
    });
    blog.desk.run(&["once"]).with_code(0);
    assert_eq!(blog.paths(), ["/", "/robots.txt", "/feed"], "one request for the page, and nobody else is asked");
    assert!(blog.desk.read("public/all/rss.xml").contains("A post"));
    let status =
        blog.desk.run(&["status"]).with_code(0).has("The blog").has("its feed http://blog.example/feed is asked");
    status.has("also names http://blog.example/comments/feed");
    // What was found is kept: the page is not asked again, and the feed by its validators.
    blog.desk.run(&["once", "--force"]).with_code(0);
    let log = blog.house.log();
    let again: Vec<_> = log.iter().skip(3).filter(|asked| asked.path != "/robots.txt").collect();
    assert_eq!(again.len(), 1);
    assert_eq!(
        (again[0].path.as_str(), again[0].headers.get("if-none-match").map(String::as_str)),
        ("/feed", Some("\"1\""))
    );
    let accept = again[0].headers.get("accept").unwrap();
    assert!(accept.contains("application/rss+xml"), "{accept}");
}

#[test]
fn robots_txt_governs_what_a_page_leads_to() {
    let blog = Blog::open("", |asked| match asked.path.as_str() {
        "/" => Reply::ok(PAGE).header("Content-Type", "text/html"),
        "/robots.txt" => Reply::ok("User-agent: *\nDisallow: /\n"),
        _ => panic!("forbidden: {}", asked.path),
    });
    blog.desk.run(&["once"]).with_code(0);
    let status = blog.desk.run(&["status"]).with_code(0).has("names the feed http://blog.example/feed");
    status.has("robots.txt").has("list the feed itself");
}

#[test]
fn usual_places_are_tried_only_where_configured() {
    let script = |asked: &Asked| match asked.path.as_str() {
        "/" => Reply::ok("<!doctype html><html><title>Bare</title>").header("Content-Type", "text/html"),
        "/atom.xml" => feed_reply(),
        _ => Reply::status(404),
    };
    let bare = Blog::open("", script);
    bare.desk.run(&["once"]).with_code(0);
    assert_eq!(bare.paths(), ["/"]);
    bare.desk.run(&["status"]).with_code(0).has("it is a page that names no feed");
    let tried =
        Blog::open(", discover_paths: [/feed, /atom.xml, /index.xml, 'https://elsewhere.example/feed']", script);
    tried.desk.run(&["once"]).with_code(0);
    assert_eq!(tried.paths(), ["/", "/robots.txt", "/feed", "/atom.xml"]);
    tried.desk.run(&["status"]).with_code(0).has("/atom.xml is asked").lacks("also names").lacks("index.xml");
}

#[test]
fn inspect_tells_what_a_page_names() {
    let blog = Blog::open("", |_| {
        Reply::ok("<html>x")
            .header("Content-Type", "text/html")
            .header("Link", "</f>; rel=alternate; type=\"application/atom+xml\"")
    });
    let seen = blog.desk.run(&["inspect", "feed", "--json", "http://blog.example/"]).with_code(0).json();
    assert_eq!(seen["ok"], false);
    let notes = seen["notes"].to_string();
    assert!(notes.contains("the page names the feed http://blog.example/f"), "{notes}");
    fs::write(blog.desk.path("p.html"), PAGE).unwrap();
    let said = blog.desk.run(&["inspect", "feed", "p.html", "--base", "https://b.example/x"]).with_code(0);
    said.has("https://b.example/feed (Posts)").has("https://b.example/comments/feed (Comments)");
    fs::write(blog.desk.path("q.html"), "<html><p>").unwrap();
    blog.desk.run(&["inspect", "feed", "q.html"]).with_code(0).has("it is a page that names no feed");
}

const SITE: &str = "https://site.example/";
const ONE: &str = "https://site.example/one.xml";
const TWO: &str = "https://site.example/two.xml";
const SOURCES: &str = "sources: [{ url: 'https://site.example/', topics: [AI] }]\ntopics: [{ id: ai, labels: [AI] }]";

fn page() -> Outcome {
    let link = |href: &str| format!("<link rel=alternate type=application/atom+xml href={href}>");
    html(SITE, &(link("one.xml") + &link("two.xml")))
}

fn one_item() -> String {
    item("a.example/1", "A headline of one", "2024-03-01T12:00:00Z")
}

#[tokio::test]
async fn what_was_found_outlives_a_restart_and_is_given_up_when_it_is_gone() {
    let mut world = World::new(SOURCES);
    world.answer(SITE, page()).answer(ONE, rss(ONE, &one_item())).answer(ONE, unchanged());
    world.settle().await;
    assert_eq!(world.asked(), [SITE, ONE]);
    assert_eq!(world.asked_for(ONE)[0].purpose, Purpose::Discovery);
    let found = world.status().sources[0].discovered.clone().unwrap();
    assert!(found.is_proven && found.others == [TWO]);
    world.reopen().advance("26h").settle().await;
    assert_eq!(world.asked(), [SITE.to_owned(), ONE.to_owned(), format!("{ONE}?")]);
    world.answer_now(ONE, status(404)).answer(TWO, rss(TWO, &one_item())).advance("26h").settle().await;
    let problem = world.status().sources[0].problem.clone().unwrap();
    assert!(problem.contains("one.xml") && problem.contains("404"), "{problem}");
    // The page is asked again, in its time, and says the same; this time the first is known to be no feed.
    world.advance("3d").settle().await;
    assert_eq!(world.asked()[4..].iter().map(String::as_str).collect::<Vec<_>>(), [SITE, ONE, TWO]);
    assert!(world.status().sources[0].problem.is_none());
    assert_eq!(world.shape(), ["a.example/1"]);
}

#[tokio::test]
async fn a_page_that_leads_nowhere_is_asked_ever_more_seldom() {
    let mut world = World::new(SOURCES);
    world.answer(SITE, page()).answer(ONE, html(ONE, "")).answer(TWO, status(410));
    world.settle().await;
    assert_eq!(world.asked(), [SITE, ONE, TWO]);
    for _ in 0..200 {
        world.advance("12h").settle().await;
    }
    let asked = world.asked().len();
    assert!(asked <= 3 * 20, "{asked} requests in 100 days");
    assert!(!world.asked().contains(&format!("{SITE}?")), "a 304 would say nothing about feeds");
    assert!(world.status().sources[0].failures > 3);
}

#[tokio::test]
async fn forbidden_feeds_are_not_asked_in_their_stead() {
    let mut world = World::new(SOURCES);
    world.answer(SITE, page()).answer(ONE, robots()).settle().await;
    assert_eq!(world.asked(), [SITE, ONE]);
    let source = world.status().sources[0].clone();
    assert!(source.problem.unwrap().contains("list the feed itself"));
}

#[tokio::test]
async fn a_link_field_names_a_feed_too() {
    let mut world = World::new(SOURCES);
    let links = vec![format!("<{TWO}>; rel=\"alternate\"; type=\"application/rss+xml\"")];
    world.answer(SITE, Outcome::Fresh(Page { links, ..fresh(SITE, "text/html", "<html>") }));
    world.answer(TWO, rss(TWO, &one_item())).settle().await;
    assert_eq!(world.asked(), [SITE, TWO]);
}

fn items(from: usize, to: usize) -> String {
    let one = |n: usize| item(&format!("a.example/{n}"), &format!("Headline number {n}"), "2024-03-01T12:00:00Z");
    (from..to).map(one).collect()
}

#[tokio::test]
async fn sources_that_are_one_feed_are_told() {
    let urls = ["a.example/rss", "b.example/x", "c.example/cat", "d.example/self", "e.example/moved", "f.example/own"];
    let list: Vec<String> = urls.iter().map(|url| format!("{{ url: 'https://{url}' }}")).collect();
    let mut world = World::new(&format!("sources: [{}]\ngrouping: {{ window: 0s }}", list.join(", ")));
    let url = |at: usize| format!("https://{}", urls[at]);
    let titled = |url: &str, title: &str, items: &str, more: &str| {
        let body = format!(
            "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>{title}</title>{more}{items}</channel></rss>"
        );
        Outcome::Fresh(fresh(url, "application/rss+xml", &body))
    };
    world.answer(&url(0), titled(&url(0), "A", &items(0, 20), ""));
    // The same entries at another address; a part of them, which is a category of the site.
    world.answer(&url(1), titled(&url(1), "B", &items(2, 20), ""));
    world.answer(&url(2), titled(&url(2), "C", &items(0, 5), ""));
    // Says that it is the first, with an entry of it; leads to it; says nothing.
    let own = "<atom:link rel='self' href='http://a.example/rss'/>";
    world.answer(&url(3), titled(&url(3), "D", &items(18, 60), own));
    world.answer(&url(4), titled("https://f.example/own", "E", "", ""));
    world.answer(&url(5), titled(&url(5), "F", &items(70, 80), ""));
    world.settle().await;
    let told: Vec<String> = world
        .status()
        .duplicates
        .iter()
        .map(|double| format!("{} = {}: {}", &double.url[8..], &double.other[8..], double.why))
        .collect();
    assert_eq!(
        told,
        [
            "b.example/x = a.example/rss: 18 of their latest 20 entries are the same",
            "d.example/self = a.example/rss: the feeds say that they are a.example/rss",
            "f.example/own = e.example/moved: both lead to f.example/own",
        ]
    );
}

#[test]
fn two_spellings_of_one_source_are_warned_of() {
    let desk = Desk::new(
        "sources:\n  - url: https://a.example/feed\n  - url: http://www.a.example/feed/\n  - url: https://u:p@a.example/feed\n",
    );
    let said = desk.run(&["check"]).with_code(0).has("warning").has("this is the same feed as another source");
    assert_eq!(said.err.matches("the same feed").count(), 1, "{}", said.err);
    assert!(said.err.contains("newswire.yaml:8:") && said.err.contains("on line 7"), "{}", said.err);
}

proptest! {
    #![proptest_config(examples(24))]

    /// Export, import, export: through the configuration and its YAML.
    #[test]
    fn any_label_survives_the_round_trip(labels in prop::collection::btree_set("[^\\s\\p{C}][\\PC]{0,12}[^\\s\\p{C}]", 1..5)) {
        let feed = newswire::feed::opml::Subscription {
            url: "https://a.example/".to_owned(),
            title: labels.first().cloned(),
            labels: labels.into_iter().collect(),
        };
        let desk = desk();
        let list = newswire::feed::opml::write("Sources of Test wire", std::slice::from_ref(&feed));
        import(&desk, &list).with_code(0);
        let again = newswire::feed::opml::read(desk.run(&["export", "opml"]).with_code(0).out.as_bytes(), None);
        prop_assert_eq!(&again.feeds[0].labels, &feed.labels);
    }
}
