//! Readers of npm: feedsmith, which reads every format, and rss-parser.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{GAINED, GAINS, TITLES, desk, expected, gain, shown, start, tool};
use crate::support::process::finish;
use crate::support::tools::node_modules;

/// Asks twice, the second time with the validator of the first; prints statuses and entries as `reader` reads them.
const SCRIPT: &str = r#"
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");
const [modules, reader, url] = process.argv.slice(1);
const seconds = (date) => Math.floor(Date.parse(date) / 1000);
const readers = {
  feedsmith: async (text) => {
    const { parseFeed } = await import(pathToFileURL(createRequire(`${modules}/`).resolve("feedsmith")));
    const { format, feed } = parseFeed(text);
    if (format === "rss") return feed.items.map((item) => ({
      id: item.guid.value, title: item.title, second: seconds(item.pubDate), text: item.content.encoded }));
    if (format === "atom") return feed.entries.map((entry) => ({
      id: entry.id, title: entry.title.value ?? entry.title, second: seconds(entry.published),
      text: entry.content.value ?? entry.content }));
    return feed.items.map((item) => ({
      id: item.id, title: item.title, second: seconds(item.date_published), text: item.content_html }));
  },
  "rss-parser": async (text) => {
    const Parser = createRequire(`${modules}/`)("rss-parser");
    const feed = await new Parser().parseString(text);
    return feed.items.map((item) => ({
      id: item.guid ?? item.id, title: item.title, second: seconds(item.isoDate),
      text: item["content:encoded"] ?? item.content }));
  },
};
(async () => {
  const first = await fetch(url);
  const second = await fetch(url, { headers: { "If-None-Match": first.headers.get("etag") } });
  const entries = await readers[reader](await first.text());
  console.log(JSON.stringify({ statuses: [first.status, second.status], entries }));
})();
"#;

fn reads(reader: &str, paths: &[&str]) {
    let Some(modules) = node_modules(reader) else { return };
    let desk = desk();
    let daemon = start(&desk);
    let read = |path: &str| -> Vec<Value> {
        let mut node = tool(&desk, "node");
        node.args(["-e", SCRIPT]).arg(&modules).args([reader, &format!("http://{}/{path}", desk.public)]);
        let told = finish(&mut node).with_code(0).json();
        assert_eq!(told["statuses"], serde_json::json!([200, 304]), "{path}");
        told["entries"].as_array().unwrap().clone()
    };
    for path in paths {
        let entries = read(path);
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_else(|| panic!("{entry:#}")).to_owned();
        let by_id: BTreeMap<_, _> = entries
            .iter()
            .map(|entry| (text(entry, "id"), (text(entry, "title"), entry["second"].as_i64().unwrap())))
            .collect();
        assert_eq!((entries.len(), by_id), (4, expected(&daemon)), "{path}");
        let best = entries.iter().find(|entry| entry["title"] == TITLES[0]).unwrap();
        assert!(shown(&text(best, "text")).contains("Northern Ferries Ltd <NFL.O> on Thursday"), "{path}: {best:#}");
    }
    gain(&desk, &daemon);
    for path in paths {
        let entries = read(path);
        assert_eq!(entries.len(), 4);
        let gained = entries.iter().find(|entry| entry["title"] == TITLES[GAINS]).unwrap();
        assert!(shown(gained["text"].as_str().unwrap()).contains(GAINED), "{path}: {gained:#}");
    }
}

#[test]
fn feedsmith() {
    reads("feedsmith", &["all/rss.xml", "all/atom.xml", "all/feed.json"]);
}

#[test]
fn rss_parser() {
    reads("rss-parser", &["all/rss.xml"]);
}
