//! `cargo bench --bench release`: what a release costs once the wire is large, against the marks it has to meet.
//!
//! Loads invented seeds into a store (100,000 articles by default) under a thousand topics with rules, then changes one
//! story at a time and takes the CPU time of the steps that follow. In one process, so that it is the stages alone that
//! are measured. `--seeds N` and `--topics N` set the size.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    missing_docs,
    reason = "a bench is a program for one occasion: it stops where something is wrong"
)]

mod harness;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use newswire::app::{Home, Stages};
use newswire::clock::Clock;
use newswire::config::{self, Config, Environment};
use newswire::fetch::Fetch;
use newswire::model::{Failure, FailureKind, Outcome, Request};
use newswire::pipeline::release::{Beside, beside};
use newswire::released::Released;
use newswire::store::Store;
use world::invent::{Dice, Document, Shape};

use harness::{cpu_s, figure, number};

/// Changes of which the median is taken.
const CHANGES: u64 = 11;

/// Nobody is asked anything.
struct Nobody;

impl Fetch for Nobody {
    async fn fetch(&self, _: &Request) -> Outcome {
        Outcome::Failed(Failure { kind: FailureKind::Dns, status: None, detail: "nobody".to_owned() })
    }
}

/// A wire in one hand.
struct Wire {
    folder: PathBuf,
    home: Home,
    stages: Stages<Nobody>,
    released: Released,
    config: Config,
}

fn main() {
    let seeds = number("--seeds").unwrap_or(11_200);
    let topics = number("--topics").unwrap_or(1_000);
    let folder = tempfile::tempdir().expect("a folder");
    println!("{:62} {:>9} {:>9}", format!("{seeds} seeds, {topics} topics"), "figure", "mark");
    small(&folder.path().join("small"));
    large(&folder.path().join("large"), seeds, topics);
}

/// One topic of 50 entries in all formats.
fn small(folder: &Path) {
    let shape = Shape { related: 8, days: 30, publishers: 80, seeds: 60 };
    let topic = "topics: [{ id: one, labels: [One], limit: 50, rank: newest }]\n";
    let wire = Wire::open(folder, topic, shape, "One");
    wire.settle();
    let size = wire.released.get("t/one/atom.xml").map_or(0, |packed| packed.identity().bytes.len());
    figure("one topic: its Atom document, KB", size as f64 / 1000.0, None);
    let spent = wire.changes(shape, "One", false);
    figure("one topic, a story changed: render all formats of two editions, ms", spent, None);
    figure("  one edition of 50 entries in all formats, CPU ms", spent / 2.0, Some(20.0));
    idle(&wire, "one topic");
}

/// A thousand topics over a hundred thousand articles.
fn large(folder: &Path, seeds: u64, topics: u64) {
    let shape = Shape { related: 8, days: 365, publishers: 800, seeds };
    let started = Instant::now();
    let wire = Wire::open(folder, &rules(topics), shape, "");
    wire.stages.reload.request();
    let read = cpu(|| while wire.stages.reload.step(256).expect("a reload") > 0 {});
    let grouped = cpu(|| while wire.stages.group.step(2048).expect("a grouping") > 0 {});
    let released = cpu(|| while wire.stages.release.step(2048).expect("a release") > 0 {});
    let count = |sql: &str| wire.count(sql);
    figure("articles", count("SELECT count(*) FROM articles WHERE live"), None);
    figure("stories", count("SELECT count(*) FROM stories WHERE state = 'live'"), None);
    figure("stories in topics", count("SELECT count(*) FROM story_topics"), None);
    figure("volumes of archives", count("SELECT count(*) FROM volumes"), None);
    figure("documents", wire.released.count() as f64, None);
    figure("first load: reload, CPU s", read / 1000.0, None);
    figure("first load: group, CPU s", grouped / 1000.0, None);
    figure("first load: release (search and archives included), CPU s", released / 1000.0, None);
    figure("first load: wall s (noisy)", started.elapsed().as_secs_f64(), None);
    idle(&wire, "all topics");
    let spent = wire.changes(shape, "", true);
    figure("a step with one new article, CPU ms", spent, Some(100.0));
    asked(&wire);
}

/// Rules that hold for one story in some hundreds each, as an operator's would.
fn rules(topics: u64) -> String {
    let mut dice = Dice(7);
    let mut text = String::from("topics:\n");
    let words = |dice: &mut Dice, text: &[&str]| dice.one(text).to_owned();
    for number in 0..topics {
        let (a, b) = (
            words(
                &mut dice,
                &[
                    "tunnel",
                    "train",
                    "roof",
                    "wheat",
                    "battery",
                    "tram",
                    "pension",
                    "coastal",
                    "satellite",
                    "quota",
                    "wind",
                    "copper",
                    "library",
                    "lottery",
                    "glass",
                    "seed",
                    "cable",
                    "dock",
                    "orchard",
                    "paper",
                    "toll",
                ],
            ),
            words(
                &mut dice,
                &[
                    "ferry",
                    "chip",
                    "council",
                    "club",
                    "hospital",
                    "bank",
                    "rail",
                    "museum",
                    "brewery",
                    "film",
                    "grain",
                    "mine",
                    "court",
                    "airport",
                    "insurer",
                    "theatre",
                    "drug",
                    "vineyard",
                    "weather",
                    "orchestra",
                ],
            ),
        );
        let _ = writeln!(text, "  - {{ id: topic-{number}, match: 'title:{a} AND {b} AND NOT word{number}' }}");
    }
    text
}

/// A release with nothing to do.
fn idle(wire: &Wire, what: &str) {
    let before = wire.documents();
    let changes = wire.count("SELECT total_changes()");
    let spent = (0..5).map(|_| cpu(|| drop(wire.stages.release.step(2048)))).fold(f64::MAX, f64::min);
    assert_eq!(wire.documents(), before, "a release with nothing to do changed something");
    let _ = changes;
    figure(&format!("{what}: a release with nothing changed, CPU ms"), spent, Some(1.0));
}

/// What is made when somebody asks.
fn asked(wire: &Wire) {
    let rules = wire.home.release_rules(&wire.config);
    let now = wire.home.wire.clock.now();
    let last = wire.home.wire.store.read(|view| view.last_volume("")).expect("a store").expect("an archive");
    let volume = format!("all/archive/{}.xml", last.month);
    for (what, path, query) in [
        ("the archive of all stories, first part", volume.as_str(), ""),
        ("a search of one word", "search/atom.xml", "q=ferry"),
        ("a search of three words", "search/atom.xml", "q=harbour+tunnel+%22ferry+company%22"),
        ("a search of a beginning", "search/atom.xml", "q=fer*"),
        ("a feed cut to measure", "all/atom.xml", "min_publishers=5"),
    ] {
        let query = Some(query).filter(|query| !query.is_empty());
        let ask = || beside(&wire.home.wire.store, &rules, now, path, query).expect("an answer");
        assert!(matches!(ask(), Beside::Document(_)), "{path} {query:?}");
        let spent = (0..5).map(|_| cpu(|| drop(ask()))).fold(f64::MAX, f64::min);
        figure(&format!("asked for: {what}, CPU ms"), spent, None);
    }
}

impl Wire {
    fn open(folder: &Path, topics: &str, shape: Shape, label: &'static str) -> Self {
        fs::create_dir_all(folder.join("seeds")).expect("a folder");
        for number in 0..shape.seeds {
            put(folder, number, shape, label, "");
        }
        let text = format!(
            "site: {{ title: Bench, base_url: 'https://wire.example.org/', contact: me@example.org }}\n\
             store: sqlite:wire.db\nenrich: {{ seeds: none, sources: none }}\n{topics}"
        );
        let file = folder.join("newswire.yaml");
        fs::write(&file, text).expect("a configuration");
        let config = config::load(&file, &Environment::new([], folder)).config.expect("a configuration");
        let clock = Clock::system();
        let released = Released::new();
        let home = Home::of(Store::open(&config.store).expect("a store"), clock, &config).expect("a home");
        let stages = home.stages(&config, |_| Arc::new(Nobody), released.clone()).expect("stages");
        Self { folder: folder.to_owned(), home, stages, released, config }
    }

    fn settle(&self) {
        self.stages.reload.request();
        while self.stages.reload.step(256).expect("a reload") > 0 {}
        while self.stages.group.step(2048).expect("a grouping") > 0 {}
        while self.stages.release.step(2048).expect("a release") > 0 {}
    }

    /// Changes one seed at a time, or adds one; the median of what the steps after it take, in CPU milliseconds: the
    /// release alone for a change, grouping and release for a new one.
    fn changes(&self, shape: Shape, label: &'static str, is_new: bool) -> f64 {
        let mut spent = Vec::new();
        for change in 0..CHANGES {
            let number = if is_new { shape.seeds + change } else { shape.seeds - 1 };
            put(&self.folder, number, shape, label, &format!("Marker {change}"));
            self.stages.reload.request();
            while self.stages.reload.step(256).expect("a reload") > 0 {}
            if !is_new {
                while self.stages.group.step(2048).expect("a grouping") > 0 {}
            }
            let before = self.documents();
            spent.push(cpu(|| {
                while self.stages.group.step(2048).expect("a grouping") > 0 {}
                while self.stages.release.step(2048).expect("a release") > 0 {}
            }));
            let after = self.documents();
            let changed: Vec<&String> =
                after.iter().filter(|(path, at)| before.get(*path) != Some(at)).map(|(path, _)| path).collect();
            if change == 0 {
                figure("  documents that a change touched", changed.len() as f64, None);
            }
            assert!(!changed.is_empty(), "the change is not to be seen");
        }
        spent.sort_by(f64::total_cmp);
        spent[spent.len() / 2]
    }

    /// Each document with its digest and time.
    fn documents(&self) -> BTreeMap<String, (String, i64)> {
        let of = |path: &Arc<str>| {
            let packed = self.released.get(path).expect("a document");
            (path.to_string(), (packed.digest().to_string(), packed.last_modified_second()))
        };
        self.released.paths().iter().map(of).collect()
    }

    fn count(&self, sql: &str) -> f64 {
        let store = rusqlite::Connection::open(self.folder.join("wire.db")).expect("the store opens");
        store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or(0) as f64
    }
}

/// Writes a seed. Its lead's title begins with `marker`; with `label` it has that label alone.
fn put(folder: &Path, number: u64, shape: Shape, label: &'static str, marker: &str) {
    let mut seed = Document::invent(number, shape);
    if !label.is_empty() {
        seed.labels = vec![label];
    }
    if !marker.is_empty() {
        seed.articles[0].title = format!("{marker} {}", seed.articles[0].title);
        seed.articles[0].quality = 1_000;
        seed.heat = 1_000_000.0;
    }
    let file = folder.join(format!("seeds/{:02}/{number:05}.md", number % 50));
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, seed.text()).expect("a seed");
}

/// CPU time of this thread in milliseconds, as the scheduler counts it.
fn cpu(work: impl FnOnce()) -> f64 {
    let before = cpu_s();
    work();
    (cpu_s() - before) * 1e3
}
