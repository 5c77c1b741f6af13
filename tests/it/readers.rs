//! Feed readers that people use, each subscribed to one feed of a running daemon.
//!
//! A reader that is not installed is passed over and said so; with `CI=true` that fails.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::binary::story;
use crate::support::process::{Daemon, Desk, Said, beside, finish, is_there};

/// Entries of `/all/`: the story of nine articles and three small ones.
const TITLES: [&str; 4] =
    [story::BEST, "Harbour opens again", "Mountain rail closes for the winter", "Pumps & valves <sic> \"quoted\""];

/// A desk with four stories, one topic and no page that answers.
fn desk() -> Desk {
    let desk = story::desk("");
    for (number, title) in TITLES.iter().enumerate().skip(1) {
        desk.seed(
            &format!("{number}.yaml"),
            format!(
                "title: '{title}'\nwebUrl: https://www.techdial.example/{number}\n\
                 publishedDateTime: 2021-0{number}-01T10:00:00Z\ntopics: [Power]\n\
                 excerpt: Number {number} in a line of short notes.\nprovider: {{ name: Techdial, domain: techdial.example }}\n"
            ),
        );
    }
    desk
}

fn start(desk: &Desk) -> Daemon<'_> {
    let daemon = desk.daemon();
    daemon.until("/all/atom.xml", |feed| story::parsed(&feed.body).entries.len() == 4);
    daemon.until("/t/power/rss.xml", |feed| story::parsed(&feed.body).entries.len() == 4);
    daemon
}

/// `tool` with a home of its own in the desk's folder.
fn tool(desk: &Desk, tool: &str) -> Command {
    let mut command = Command::new(tool);
    command.current_dir(desk.path("")).env("HOME", desk.path("")).env("LC_ALL", "C.UTF-8");
    command
}

#[test]
fn newsboat() {
    if !is_there("newsboat", &["newsboat", "--version"]) {
        return;
    }
    let desk = desk();
    let _daemon = start(&desk);
    fs::write(desk.path("urls"), format!("http://{}/all/atom.xml\n", desk.public)).unwrap();
    fs::write(desk.path("newsboat.config"), "").unwrap();
    let run = |action: &str| -> Said {
        let mut newsboat = tool(&desk, "newsboat");
        newsboat.args(["-u", "urls", "-c", "cache.db", "-C", "newsboat.config", "-x", action]);
        finish(&mut newsboat).with_code(0)
    };
    // A second reload must not show anything twice.
    for _ in 0..2 {
        run("reload");
        run("print-unread").has("4 unread articles");
    }
    let cache = rusqlite::Connection::open(desk.path("cache.db")).unwrap();
    let mut titles = column(&cache, "SELECT title FROM rss_item ORDER BY title");
    titles.dedup();
    let mut expect = TITLES.map(str::to_owned);
    expect.sort();
    assert_eq!(titles, expect);
    let told = column(&cache, "SELECT content FROM rss_item WHERE content LIKE '%Wire Agency%'");
    assert_eq!(told.len(), 1);
    // The reader keeps HTML: the brackets are text in it, once escaped.
    let text = newswire::text::from_html(&told[0]);
    assert!(text.contains("Northern Ferries Ltd <NFL.O> on Thursday"), "{text}");
}

fn column(cache: &rusqlite::Connection, query: &str) -> Vec<String> {
    let mut rows = cache.prepare(query).unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn sfeed() {
    if !is_there("sfeed", &["sh", "-c", "command -v sfeed_update"]) {
        return;
    }
    let desk = desk();
    let _daemon = start(&desk);
    let settings = format!(
        "sfeedpath=\"{}\"\nfeeds() {{\n  feed \"wire\" \"http://{}/t/power/rss.xml\"\n}}\n",
        desk.path("sfeed").display(),
        desk.public
    );
    fs::write(desk.path("sfeedrc"), settings).unwrap();
    for _ in 0..2 {
        finish(tool(&desk, "sfeed_update").arg(desk.path("sfeedrc"))).with_code(0);
    }
    let lines = desk.read("sfeed/wire");
    let fields: Vec<Vec<&str>> = lines.lines().map(|line| line.split('\t').collect()).collect();
    let mut titles: Vec<&str> = fields.iter().map(|fields| fields[1]).collect();
    titles.sort_unstable();
    let mut expect = TITLES;
    expect.sort_unstable();
    assert_eq!(titles, expect, "{lines}");
    assert!(fields.iter().all(|fields| !fields[0].is_empty() && fields[5].starts_with("tag:wire.example.org,")));
    let told = newswire::text::from_html(fields.iter().find(|fields| fields[1] == story::BEST).unwrap()[3]);
    assert!(told.contains("Northern Ferries Ltd <NFL.O> on Thursday"), "{told}");
}

const FEEDPARSER: &str = r#"
import feedparser, json, sys
first = feedparser.parse(sys.argv[1])
second = feedparser.parse(sys.argv[1], etag=first.get("etag"))
third = feedparser.parse(sys.argv[1], modified=first.get("modified"))
print(json.dumps({
    "bozo": bool(first.bozo), "statuses": [first.status, second.status, third.status], "version": first.version,
    "entries": [{
        "id": entry.id, "title": entry.title, "type": entry.title_detail.type, "text": entry.content[0].value if "content" in entry else "",
        "published": bool(entry.get("published_parsed")), "updated": bool(entry.get("updated_parsed")),
    } for entry in first.entries],
}))
"#;

#[test]
fn feedparser() {
    if !is_there("feedparser", &["python3", "-c", "import feedparser"]) {
        return;
    }
    let desk = desk();
    let _daemon = start(&desk);
    for (path, version) in [("all/atom.xml", "atom10"), ("all/rss.xml", "rss20")] {
        let mut parse = tool(&desk, "python3");
        parse.env_remove("HOME").args(["-c", FEEDPARSER, &format!("http://{}/{path}", desk.public)]);
        let told = finish(&mut parse).with_code(0).json();
        assert_eq!((&told["bozo"], &told["version"]), (&false.into(), &version.into()), "{told:#}");
        assert_eq!(told["statuses"], serde_json::json!([200, 304, 304]), "{path}");
        let entries = told["entries"].as_array().unwrap();
        let mut ids: Vec<_> = entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((entries.len(), ids.len()), (4, 4));
        assert!(entries.iter().all(|entry| entry["published"] == true && entry["updated"] == true), "{told:#}");
        let mut titles: Vec<&str> = entries.iter().map(|entry| entry["title"].as_str().unwrap()).collect();
        titles.sort_unstable();
        let mut expect = TITLES;
        expect.sort_unstable();
        assert_eq!(titles, expect, "{path}: {told:#}");
        let best = entries.iter().find(|entry| entry["title"] == story::BEST).unwrap();
        let text = newswire::text::from_html(best["text"].as_str().unwrap());
        assert!(text.contains("Northern Ferries Ltd <NFL.O> on Thursday"), "{text}");
    }
}

#[test]
fn xmllint() {
    if !is_there("xmllint", &["xmllint", "--version"]) {
        return;
    }
    let desk = desk();
    let daemon = start(&desk);
    let schema: Option<PathBuf> = beside("tools/atom-rfc4287.rng");
    if schema.is_none() {
        eprintln!("passed over: there is no schema of Atom beside the project");
    }
    for topic in ["all", "t/power", "t/ferry-power", "t/sea-transport"] {
        for file in ["rss.xml", "atom.xml"] {
            let name = format!("{}-{file}", topic.replace('/', "-"));
            fs::write(desk.path(&name), daemon.get(&format!("/{topic}/{file}")).body).unwrap();
            finish(tool(&desk, "xmllint").args(["--noout", "--nonet", &name])).with_code(0);
            if let (Some(schema), "atom.xml") = (&schema, file) {
                let mut lint = tool(&desk, "xmllint");
                lint.args(["--noout", "--nonet", "--relaxng"]).arg(schema.canonicalize().unwrap()).arg(&name);
                finish(&mut lint).with_code(0);
            }
        }
    }
    fs::write(desk.path("opml.xml"), daemon.get("/opml.xml").body).unwrap();
    finish(tool(&desk, "xmllint").args(["--noout", "--nonet", "opml.xml"])).with_code(0);
}
