//! Feed readers that people use, each subscribed to a feed of a running daemon.
//!
//! Each must show every entry once, titles as text and dates right; get a 304 where it can ask for one; and show a
//! story that gains coverage once, with its new text. A reader that is not installed is passed over and said so; with
//! `CI=true` that fails.

mod feedparser;
mod newsboat;
mod node;
mod rss2email;
mod sfeed;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::binary::story;
use crate::support::process::{Daemon, Desk, finish, is_there};
use crate::support::tools::GRAMMAR;

/// Entries of `/all/`: the story of nine articles and three small ones.
const TITLES: [&str; 4] =
    [story::BEST, "Harbour opens again", "Mountain rail closes for the winter", "Pumps & valves <sic> \"quoted\""];

/// What the second article of a story that gains one says.
const GAINED: &str = "A second voice was heard at the harbour";

/// The story that gains coverage.
const GAINS: usize = 1;

/// A desk with four stories, one topic and no page that answers.
fn desk() -> Desk {
    let desk = story::desk("");
    for number in 1..TITLES.len() {
        desk.seed(&format!("{number}.yaml"), seed(number));
    }
    desk
}

fn seed(number: usize) -> String {
    let title = TITLES[number];
    format!(
        "title: '{title}'\nwebUrl: https://www.techdial.example/{number}\n\
         publishedDateTime: 2021-0{number}-01T10:00:00Z\ntopics: [Power]\n\
         excerpt: Number {number} in a line of short notes.\nprovider: {{ name: Techdial, domain: techdial.example }}\n"
    )
}

fn start(desk: &Desk) -> Daemon<'_> {
    let daemon = desk.daemon();
    daemon.until("/all/atom.xml", |feed| story::parsed(&feed.body).entries.len() == 4);
    daemon.until("/t/power/rss.xml", |feed| story::parsed(&feed.body).entries.len() == 4);
    daemon
}

/// Lets a story gain an article of another publisher, and waits until readers can see it.
fn gain(desk: &Desk, daemon: &Daemon<'_>) {
    let more = format!(
        "related:\n  - {{ title: '{GAINED}', webUrl: https://second.example/1, publishedDateTime: 2021-01-01T12:00:00Z, \
         quality: -1, provider: {{ name: Second Voice, domain: second.example }} }}\n"
    );
    desk.seed(&format!("{GAINS}.yaml"), seed(GAINS) + &more);
    // An edition that is rendered while the story waits to be judged shows the article before the news of it.
    for path in ["/all/atom.xml", "/all/rss.xml", "/t/power/rss.xml", "/all/feed.json"] {
        daemon.until(path, |feed| String::from_utf8_lossy(&feed.body).contains(": coverage by Second Voice."));
    }
    let feed: serde_json::Value = serde_json::from_slice(&daemon.get("/all/feed.json").body).unwrap();
    let gained = feed["items"].as_array().unwrap().iter().find(|item| item["title"] == TITLES[GAINS]).unwrap();
    assert_eq!(gained["_newswire"]["changed"], serde_json::json!({ "joined": ["Second Voice"] }), "{feed:#}");
    assert!(gained["content_html"].as_str().unwrap().contains(GAINED), "{gained:#}");
}

/// Title and second of publication of every entry, by its id.
fn expected(daemon: &Daemon<'_>) -> BTreeMap<String, (String, i64)> {
    let feed: serde_json::Value = serde_json::from_slice(&daemon.get("/all/feed.json").body).unwrap();
    let items = feed["items"].as_array().unwrap().iter();
    let of = |item: &serde_json::Value, key: &str| item[key].as_str().unwrap().to_owned();
    let second = |item| of(item, "date_published").parse::<jiff::Timestamp>().unwrap().as_second();
    items.map(|item| (of(item, "id"), (of(item, "title"), second(item)))).collect()
}

/// How many answers were a 304 since the daemon started.
fn unchanged(daemon: &Daemon<'_>) -> u64 {
    let metrics = daemon.admin("/metrics");
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    let line = metrics.lines().find(|line| line.contains("http_answers") && line.contains("status=\"304\""));
    let count = line.and_then(|line| line.rsplit(' ').next()?.trim_end_matches(".0").parse().ok());
    count.unwrap_or_else(|| panic!("{metrics}"))
}

/// `tool` with a home of its own in the desk's folder.
fn tool(desk: &Desk, tool: &str) -> Command {
    let mut command = Command::new(tool);
    command.current_dir(desk.path("")).env("HOME", desk.path("")).env("LC_ALL", "C.UTF-8");
    command
}

/// The text a reader shows of HTML.
fn shown(html: &str) -> String {
    newswire::text::from_html(html)
}

#[test]
fn xmllint() {
    if !is_there("xmllint", &["xmllint", "--version"]) {
        return;
    }
    let desk = desk();
    let daemon = start(&desk);
    for topic in ["all", "t/power", "t/ferry-power", "t/sea-transport"] {
        for (file, options) in [("rss.xml", [].as_slice()), ("atom.xml", &["--relaxng", GRAMMAR])] {
            let name = format!("{}-{file}", topic.replace('/', "-"));
            fs::write(desk.path(&name), daemon.get(&format!("/{topic}/{file}")).body).unwrap();
            finish(tool(&desk, "xmllint").args(["--noout", "--nonet"]).args(options).arg(&name)).with_code(0);
        }
    }
    fs::write(desk.path("opml.xml"), daemon.get("/opml.xml").body).unwrap();
    finish(tool(&desk, "xmllint").args(["--noout", "--nonet", "opml.xml"])).with_code(0);
}
