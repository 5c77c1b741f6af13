//! Independent readers read what we write to the same ids, links and times: feed-rs, feedparser and feedsmith.

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use newswire::model::Edition;
use serde_json::Value;

use super::corpus::{cases, editions, random};
use super::{format, times};
use crate::support::process::{finish, is_there};
use crate::support::tools::node_modules;

/// An entry as readers tell it: id, link, seconds of publication and of the last change.
type Told = (String, String, Option<i64>, Option<i64>);

/// Years before this are read by nobody but us: Python's and JavaScript's dates have their own ideas.
const READABLE_FROM: i64 = -2_208_988_800;

/// What each entry states, by our own reading.
fn expected(name: &str, document: &str) -> Vec<Told> {
    // Down to the second also before 1970, as the readers do it.
    let second = |time: &str| time.parse::<Timestamp>().unwrap().as_millisecond().div_euclid(1_000);
    let readable = |time: &str| Some(second(time)).filter(|second| *second >= READABLE_FROM);
    let stated = times::stated(name, document).into_iter();
    stated.map(|[id, link, published, updated]| (id, link, readable(&published), readable(&updated))).collect()
}

#[test]
fn feed_rs() {
    for edition in editions().into_iter().chain(random(cases())) {
        for name in ["rss", "atom", "json"] {
            let document = (format(name).render)(&edition);
            let feed =
                feed_rs::parser::parse(document.as_bytes()).unwrap_or_else(|error| panic!("{error}: {document}"));
            let expected = expected(name, &document);
            assert_eq!(feed.entries.len(), expected.len(), "{name}");
            for (entry, (id, link, published, updated)) in feed.entries.iter().zip(expected) {
                assert_eq!(entry.id, id, "{name}");
                assert!(entry.links.iter().any(|found| found.href == link), "{name}: {link} in {:?}", entry.links);
                let same = |found: Option<i64>, stated: Option<i64>| stated.is_none() || found == stated;
                assert!(same(entry.published.map(|time| time.timestamp()), published), "{name} {id}");
                // It does not know Atom's `updated` inside RSS.
                assert!(name == "rss" || same(entry.updated.map(|time| time.timestamp()), updated), "{name} {id}");
            }
        }
    }
}

/// Writes the documents of `part` in the formats `names`, lets `reader` read the folder, and compares.
fn compare(part: &[Edition], names: &[&str], reader: impl Fn(&Path) -> Command) {
    let folder = tempfile::tempdir().unwrap();
    let mut written = Vec::new();
    for (number, edition) in part.iter().enumerate() {
        for name in names {
            let (file, document) = (format!("{number}.{name}"), (format(name).render)(edition));
            fs::write(folder.path().join(&file), &document).unwrap();
            written.push((file, expected(name, &document), document));
        }
    }
    let told = finish(&mut reader(folder.path())).with_code(0).json();
    for (file, expected, document) in written {
        let Value::Object(told) = &told[&file] else { panic!("{file} was not read") };
        assert_eq!(told["broken"], Value::Null, "{file}\n{document}");
        let entries = told["entries"].as_array().unwrap();
        assert_eq!(entries.len(), expected.len(), "{file}\n{document}");
        for (entry, (id, link, published, updated)) in entries.iter().zip(expected) {
            assert_eq!((entry[0].as_str(), entry[1].as_str()), (Some(id.as_str()), Some(link.as_str())), "{file}");
            for (found, stated) in [(&entry[2], published), (&entry[3], updated)] {
                assert!(stated.is_none() || found.as_i64() == stated, "{file}: {found} for {stated:?}\n{document}");
            }
        }
    }
}

/// All editions, a folder at a time.
fn parts() -> Vec<Vec<Edition>> {
    let all: Vec<Edition> = editions().into_iter().chain(random(cases())).collect();
    all.chunks(500).map(<[Edition]>::to_vec).collect()
}

fn script(name: &str) -> String {
    format!("{}/tests/it/publish/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn feedparser() {
    if !is_there("feedparser", &["python3", "-c", "import feedparser"]) {
        return;
    }
    for part in parts() {
        compare(&part, &["rss", "atom"], |folder| {
            let mut python = Command::new("python3");
            python.arg(script("reread.py")).arg(folder);
            python
        });
    }
}

#[test]
fn feedsmith() {
    let Some(modules) = node_modules("feedsmith") else { return };
    for part in parts() {
        compare(&part, &["rss", "atom", "json"], |folder| {
            let mut node = Command::new("node");
            node.arg(script("reread.mjs")).arg(&modules).arg(folder);
            node
        });
    }
}
