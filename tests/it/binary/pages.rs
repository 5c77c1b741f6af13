//! The story's pages played by a local server: metadata, manners, changes, and pages that behave badly.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use newswire::clock::Clock;
use tokio::runtime::Runtime;

use super::story::{self, ARTICLES};
use crate::support::playhouse::{Asked, Playhouse, Reply};
use crate::support::process::Desk;

/// A playhouse with the runtime that it plays on.
struct Theatre {
    house: Playhouse,
    _runtime: Runtime,
}

impl Theatre {
    fn open(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let house = runtime.block_on(Playhouse::open(Clock::system(), script));
        Self { house, _runtime: runtime }
    }

    /// A `fetch` key that leads the story's hosts and `more` here.
    fn fetch(&self, gap: &str, more: &[&str]) -> String {
        let hosts = story::hosts_at(self.house.address(), more);
        format!("fetch: {{ timeout: 2s, gap: {gap}, allow_private: [127.0.0.0/8], {hosts} }}\n")
    }

    /// Paths asked of `host`, in order.
    fn asked_of(&self, host: &str) -> Vec<Asked> {
        self.house.log().into_iter().filter(|asked| name(asked) == host).collect()
    }
}

/// The host without its port.
fn name(asked: &Asked) -> &str {
    asked.host.split(':').next().unwrap_or_default()
}

/// What a well-kept page says of itself.
fn page(title: &str, more: &str) -> Reply {
    let html = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>\
         <meta property=og:title content=\"{title}\">{more}</head><body><p>Text.</p></body></html>"
    );
    Reply::ok(html).header("Content-Type", "text/html; charset=utf-8")
}

/// The story with pages in plain HTTP.
fn desk(theatre: &Theatre, more: &str) -> Desk {
    let desk = Desk::new(&format!("{}{more}", theatre.fetch("100ms", &[])));
    desk.seed("cells.md", story::document("http://"));
    desk
}

#[test]
fn pages_make_the_story_better() {
    let theatre = Theatre::open(|asked| match (name(asked), asked.path.as_str()) {
        ("www.techdial.example", "/news/ferries-now-run-on-stronger-cells") => page(
            "Another headline, which the seed outranks",
            "<meta property=og:description content=\"What the seed lacked: boats that run till dawn.\">\
             <meta property=og:image content=\"http://www.techdial.example/i/boat.jpg\">\
             <meta property=og:image:width content=640><meta property=og:image:height content=480>\
             <link rel=canonical href=\"http://www.techdial.example/news/ferries-now-run-on-stronger-cells\">\
             <link rel=amphtml href=\"http://www.techdial.example/amp/news/ferries-now-run-on-stronger-cells\">",
        ),
        ("venture-sheet.example", "/2021/03/05/ferry-line-own-cells/") => {
            page("x", "<link rel=amphtml href=\"http://venture-sheet.example/2021/03/05/ferry-line-own-cells/amp/\">")
        }
        (_, "/robots.txt") => Reply::status(404),
        (_, path) if path.contains("amp") => panic!("nobody asks for AMP pages: {path}"),
        _ => page("x", ""),
    });
    let desk = desk(&theatre, "");
    desk.run(&["once"]).with_code(0).has("9 pages asked").has("1 stories of 9 articles").lacks("trouble");
    let feed = desk.read("public/all/atom.xml");
    story::is_told(feed.as_bytes(), story::BEST);
    assert!(feed.contains("What the seed lacked: boats that run till dawn."), "{feed}");
    assert!(feed.contains("Night boats now run on stronger cells"), "the seed's own title stays: {feed}");
    let explained = desk.run(&["explain", "http://www.techdial.example/amp/news/ferries-now-run-on-stronger-cells"]);
    explained.with_code(0).has("opengraph").has("seed:seeds/cells.md");
}

#[test]
fn a_page_gives_the_date_and_picture_that_a_seed_lacks() {
    let theatre = Theatre::open(|asked| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        _ => page(
            "Title of the page",
            "<meta property=article:published_time content=2021-03-06T10:11:12Z>\
             <meta property=og:description content=\"Said by the page.\">\
             <meta property=og:image content=/i/lead.jpg><meta property=og:image:width content=640>\
             <meta property=og:image:height content=480>",
        ),
    });
    let desk = Desk::new(&theatre.fetch("0s", &[]));
    let url = "http://ticker-post.example/bare";
    desk.seed("bare.yaml", format!("title: Title of the seed\nwebUrl: {url}\ntopics: [Sea]\n"));
    desk.run(&["once"]).with_code(0);
    let feed = desk.read("public/t/sea/rss.xml");
    for text in
        ["Title of the seed", "Said by the page.", "http://ticker-post.example/i/lead.jpg", "2021-03-06T10:11:12Z"]
    {
        assert!(feed.contains(text), "no {text} in {feed}");
    }
}

#[test]
fn robots_come_first_and_are_obeyed() {
    let theatre = Theatre::open(|asked| match (name(asked), asked.path.as_str()) {
        ("ars-machina.example", "/robots.txt") => Reply::ok("User-agent: *\nDisallow: /gadgets/\n"),
        ("copyweb.example", "/robots.txt") => Reply::ok("User-agent: newswire\nDisallow: /\n"),
        (_, "/robots.txt") => Reply::status(404),
        _ => page("x", ""),
    });
    let desk = desk(&theatre, "");
    desk.run(&["once"]).with_code(0).has("2 pages or sources are in trouble");
    for (_, host, path) in ARTICLES {
        let paths: Vec<String> = theatre.asked_of(host).into_iter().map(|asked| asked.path).collect();
        let is_shut = ["ars-machina.example", "copyweb.example"].contains(&host);
        let expect: &[&str] = if is_shut { &["/robots.txt"] } else { &["/robots.txt", path] };
        assert_eq!(paths, expect, "{host}");
    }
    desk.run(&["status"]).with_code(0).has("ars-machina.example").has("robots.txt").has("/gadgets/");
    story::is_told(desk.read("public/all/rss.xml").as_bytes(), story::BEST);
}

#[test]
fn a_host_is_asked_one_thing_at_a_time_and_left_in_peace_between() {
    let theatre = Theatre::open(|asked| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        _ => page("x", ""),
    });
    // All pages of one publisher: a single host, and a second one of the same registrable domain.
    let desk = Desk::new(&theatre.fetch("150ms", &["m.ticker-post.example"]));
    let related: Vec<String> = (0..5)
        .map(|number| {
            let host = if number % 2 == 0 { "ticker-post.example" } else { "m.ticker-post.example" };
            format!("  - {{ title: Part {number} of it, webUrl: \"http://{host}/part-{number}\" }}\n")
        })
        .collect();
    let lead = "title: The whole of it\nwebUrl: http://ticker-post.example/lead\n";
    desk.seed("parts.yaml", format!("{lead}related:\n{}", related.concat()));
    desk.run(&["once"]).with_code(0).has("6 pages asked");
    let log = theatre.house.log();
    assert_eq!(log.len(), 8, "6 pages and a robots.txt for each host: {:?}", theatre.house.visits());
    for pair in log.windows(2) {
        let gap = pair[1].at.as_millisecond() - pair[0].at.as_millisecond();
        assert!(gap >= 145, "{gap} ms between {} and {}", pair[0].path, pair[1].path);
    }
}

/// Lets time pass for the pages: every time of their plan is `seconds` earlier now.
fn age(desk: &Desk, seconds: i64) {
    let store = rusqlite::Connection::open(desk.path("newswire.db")).unwrap();
    let mut rows = store.prepare("SELECT article, visit FROM pages").unwrap();
    let rows: Vec<(i64, String)> =
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    for (article, visit) in rows {
        let mut visit: serde_json::Value = serde_json::from_str(&visit).unwrap();
        for key in ["next_at", "asked_at", "fetched_at"] {
            if let Some(at) = visit[key].as_str() {
                let at: jiff::Timestamp = at.parse().unwrap();
                visit[key] = (at - jiff::SignedDuration::from_secs(seconds)).to_string().into();
            }
        }
        let change = "UPDATE pages SET visit = ?2, next_at = next_at - ?3 WHERE article = ?1";
        store.execute(change, rusqlite::params![article, visit.to_string(), seconds * 1000]).unwrap();
    }
}

#[test]
fn a_changed_page_is_taken_up_on_a_revisit_and_an_unchanged_one_costs_a_304() {
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    let theatre = Theatre::open(move |asked| match (name(asked), asked.path.as_str()) {
        (_, "/robots.txt") => Reply::status(404),
        ("www.techdial.example", _) => {
            let visit = counted.fetch_add(1, Ordering::SeqCst);
            page("x", &format!("<meta property=og:description content=\"Said on visit {visit}.\">"))
        }
        _ if asked.headers.contains_key("if-none-match") => Reply::status(304).header("ETag", "\"1\""),
        _ => page("x", "<meta property=og:description content=kept>").header("ETag", "\"1\""),
    });
    // Old articles are read once.
    let today = Clock::system().now().strftime("%Y-%m-%d").to_string();
    let fresh = ["2021-03-04T", "2021-03-05T"]
        .into_iter()
        .fold(story::document("http://"), |document, day| document.replace(day, &format!("{today}T")));
    let desk = Desk::new(&format!("{}enrich: {{ revisit: [1m, 2m] }}\n", theatre.fetch("100ms", &[])));
    desk.seed("cells.md", fresh);
    for (visit, asked) in [(0, 9), (0, 0), (1, 9), (2, 9), (2, 0)] {
        let summary = desk.run(&["once", "--json"]).with_code(0).json();
        assert_eq!(summary["pages_asked"], asked, "{summary:#}");
        let feed = desk.read("public/all/atom.xml");
        assert!(feed.contains(&format!("Said on visit {visit}.")), "{feed}");
        assert_eq!(feed.matches("<entry>").count(), 1, "{feed}");
        // The second pass comes at once, every other one a minute after the one before.
        if (visit, asked) != (0, 9) {
            age(&desk, 60);
        }
    }
    let asked = theatre.asked_of("www.jester-money.example").into_iter().filter(|asked| asked.path != "/robots.txt");
    let sent: Vec<_> = asked.map(|asked| asked.headers.get("if-none-match").cloned()).collect();
    assert_eq!(sent, [None, Some("\"1\"".to_owned()), Some("\"1\"".to_owned())]);
}

/// Compresses a run of zeros beyond any cap.
fn bomb() -> Vec<u8> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 5, 22);
    let zeros = vec![0; 1 << 20];
    for _ in 0..64 {
        writer.write_all(&zeros).unwrap();
    }
    drop(writer);
    packed
}

#[test]
fn bad_pages_are_told_and_touch_nothing_else() {
    let packed = bomb();
    let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode(
        "<html><head><title>夜の船</title><meta name=description content=\"港の夜に船が自分の電池で静かに走り始めたと会社は木曜日に発表した。\"></head><body><p>港の夜に船が自分の電池で静かに走り始めた。</p></body>",
    );
    let japanese = japanese.into_owned();
    let theatre = Theatre::open(move |asked| match (name(asked), asked.path.as_str()) {
        (_, "/robots.txt") => Reply::status(404),
        ("venture-sheet.example", _) => page("x", "").dripping(Duration::from_millis(200)),
        ("www.jester-money.example", _) => {
            Reply::raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<title>cut")
        }
        ("www.wire-agency.example", _) => {
            Reply::ok(packed.clone()).header("Content-Type", "text/html").header("Content-Encoding", "br")
        }
        ("copyweb.example", "/circle") => Reply::redirect(302, "/ferry-line-moves-to-own-cells-copyweb/"),
        ("copyweb.example", _) => Reply::redirect(302, "/circle"),
        ("ars-machina.example", _) => Reply::redirect(301, "http://169.254.169.254/latest/meta-data/"),
        ("www.techdial.example", _) => Reply::ok(japanese.clone()).header("Content-Type", "text/html"),
        ("www.southern-it.example", _) => Reply::raw("this is not HTTP\r\n\r\n"),
        ("www.biometry-today.example", _) => page("x", "").then_silence(),
        _ => page("x", "<meta property=og:description content=fine>"),
    });
    let desk = desk(&theatre, "");
    desk.run(&["once"]).with_code(0).has("1 stories of 9 articles");
    let status = desk.run(&["status", "--json"]).with_code(0).json();
    let troubles = status["troubles"].as_array().unwrap();
    let told: BTreeMap<&str, &str> = troubles
        .iter()
        .map(|trouble| {
            let host = trouble["url"].as_str().unwrap().split('/').nth(2).unwrap();
            (host, trouble["problem"].as_str().unwrap())
        })
        .collect();
    for (host, problem) in [
        ("venture-sheet.example", "silent"),
        ("www.jester-money.example", "ended"),
        ("www.wire-agency.example", "inflates to more than 100 times"),
        ("copyweb.example", "circle"),
        ("ars-machina.example", "169.254.169.254"),
        ("www.southern-it.example", "HTTP"),
    ] {
        assert!(told.get(host).is_some_and(|told| told.contains(problem)), "{host}: {told:#?}");
    }
    assert!(troubles.iter().all(|trouble| trouble["next_at"].is_string()), "{troubles:#?}");
    assert!(!told.contains_key("ticker-post.example") && !told.contains_key("www.techdial.example"), "{told:#?}");
    let feed = desk.read("public/all/atom.xml");
    story::is_told(feed.as_bytes(), story::BEST);
    assert!(feed.contains("港の夜に船が自分の電池で静かに走り始めたと"), "{feed}");
    assert!(theatre.house.visits().iter().all(|visit| !visit.contains("169.254")));
}

#[test]
fn a_host_that_says_stop_is_left_alone() {
    let theatre = Theatre::open(|asked| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        _ => Reply::status(429).header("Retry-After", "3600"),
    });
    let desk = Desk::new(&theatre.fetch("0s", &[]));
    let part =
        |number| format!("  - {{ title: Part {number}, webUrl: \"http://ticker-post.example/part-{number}\" }}\n");
    let parts: String = (0..4).map(part).collect();
    let lead = "title: The whole of it\nwebUrl: http://ticker-post.example/lead\n";
    desk.seed("a.yaml", format!("{lead}related:\n{parts}"));
    desk.run(&["once"]).with_code(0);
    desk.run(&["once"]).with_code(0);
    // The second answer of that kind speaks for the whole host.
    let pages = theatre.house.visits().into_iter().filter(|visit| !visit.ends_with("/robots.txt"));
    assert_eq!(pages.count(), 2, "{:?}", theatre.house.visits());
    desk.run(&["status"]).with_code(0).has("host ticker-post.example rests until").has("slow down");
}
