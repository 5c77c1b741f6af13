//! Rounds of SIGKILL: a wire is killed at random moments and must end up where an undisturbed one ends up.
//!
//! One world has seeds, feeds and pages. The undisturbed wire runs once, over everything. The other one is started,
//! killed at a random moment, started again on the same store, and so on, every second time as a daemon, while seeds
//! are still coming in; then it is left to finish. Seeds that come later tell of later events, as news does, so that
//! both wires take everything in the same order whatever the moments of the kills.
//!
//! A page that was asked when the kill came is asked again only after five minutes. Nobody waits here: the store's
//! plan is moved instead, a few times in a world, and between two of these moves no page may be asked twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::world::invent::{self, Dice, Document, Shape, Told};
use super::world::markup::{page, path_of, rss};
use super::world::pages::{Counts, Pages};
use super::world::process;

/// The least number of seeds in a world: the first half of them is entangled.
pub const LEAST: u64 = 28;

/// Publishers, each with a server of its own.
const PUBLISHERS: u64 = 20;

/// Kills between two moves of the plan.
const EPOCH: u64 = 8;

/// Passes that a wire may need to finish once nobody kills it.
const PASSES: usize = 3;

/// How much earlier than seeds the events lie that only feeds tell of, in seconds: a hundred days.
const LONG_BEFORE_S: u64 = 8_640_000;

/// How far apart those events lie, in seconds: more than the window of 72 hours.
const APART_S: u64 = 400_000;

/// What came of a world.
#[derive(Debug, Default)]
pub struct Report {
    /// Processes that were killed.
    pub kills: u64,
    /// Processes that ended before their time had come.
    pub survived: u64,
    /// How the wires differ, and what else went wrong; empty is right.
    pub wrong: Vec<String>,
    /// Requests for pages and feeds, and how many of them were repeats.
    pub requests: u64,
    pub repeats: u64,
    /// The most often one page was asked.
    pub most: u64,
    /// Requests for robots.txt: one a host and process.
    pub robots: u64,
    /// Kills that left something half done, by stage: load, fetch, group, release.
    pub struck: [u64; 4],
    /// What is compared: articles, stories, documents.
    pub compared: [usize; 3],
}

/// What a world is made of.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The moments of the kills follow from this.
    pub number: u64,
    pub kills: u64,
    /// Half of them are there from the start, the others come in between kills. At least [`LEAST`].
    pub seeds: u64,
    /// Related articles of each seed, on average; at least 4.
    pub related: u64,
}

impl Plan {
    fn shape(self) -> Shape {
        Shape { related: self.related, days: 2 * self.seeds, publishers: PUBLISHERS, seeds: self.seeds }
    }

    fn first(self) -> u64 {
        self.seeds / 2
    }
}

/// Plays one world in `root`.
pub fn play(program: &str, root: &Path, plan: Plan) -> Report {
    let mut world = World::open(program, root, plan);
    let mut report = Report::default();
    let undisturbed = world.home("undisturbed");
    world.add_seeds(&undisturbed, plan.seeds);
    let length = world.finish(&undisturbed, &mut report.wrong);
    world.pages.take_log();
    let killed = world.home("killed");
    world.add_seeds(&killed, plan.first());
    world.disturb(&killed, length, &mut report);
    world.add_seeds(&killed, plan.seeds);
    world.let_time_pass(&killed, &mut report);
    world.finish(&killed, &mut report.wrong);
    world.let_time_pass(&killed, &mut report);
    compare(&undisturbed, &killed, &mut report);
    report
}

struct World<'a> {
    program: &'a str,
    root: &'a Path,
    plan: Plan,
    dice: Dice,
    pages: Pages,
    documents: Vec<Document>,
    /// Seeds written so far, by wire.
    added: BTreeMap<PathBuf, u64>,
    port: u16,
    admin: u16,
    /// How often each page was asked before the plan was last moved.
    asked: Counts,
}

impl<'a> World<'a> {
    fn open(program: &'a str, root: &'a Path, plan: Plan) -> Self {
        let invent = |number| Document::invent(number, plan.shape());
        let mut documents: Vec<Document> = (0..plan.seeds).map(invent).collect();
        entangle(&mut documents);
        let feeds = [("feeds-a.example", feed(&documents, plan, 0)), ("feeds-b.example", feed(&documents, plan, 1))];
        let mut played = BTreeMap::new();
        let told = documents.iter().flat_map(|document| &document.articles);
        for article in told.chain(feeds.iter().flat_map(|(_, articles)| articles)) {
            played.insert(path_of(article), ("text/html; charset=utf-8", page(article)));
        }
        let mut hosts: Vec<String> =
            (0..PUBLISHERS).map(|publisher| format!("www.{}", invent::host(publisher))).collect();
        for (host, articles) in &feeds {
            hosts.push((*host).to_owned());
            played.insert(format!("{host}/feed.xml"), ("application/rss+xml", rss(articles)));
        }
        Self {
            program,
            root,
            plan,
            dice: Dice(plan.number),
            pages: Pages::open(&hosts, played),
            documents,
            added: BTreeMap::new(),
            port: process::free_port(),
            admin: process::free_port(),
            asked: Counts::new(),
        }
    }

    fn home(&self, name: &str) -> PathBuf {
        let home = self.root.join(name);
        fs::create_dir_all(home.join("seeds")).expect("a folder");
        let Self { port, admin, .. } = self;
        let mut config = format!(
            "site: {{ title: Kills, base_url: http://127.0.0.1:{port}/, contact: bench@wire.example }}\n\
             server: {{ listen: \"127.0.6.1:{port}\", admin: \"127.0.6.1:{admin}\" }}\n\
             output: {{ dir: public }}\nenrich: {{ seeds: all, sources: all }}\n\
             sources:\n  - url: http://feeds-a.example/feed.xml\n  - url: http://feeds-b.example/feed.xml\n    topics: [Space]\n\
             fetch:\n  gap: 5ms\n  allow_private: [127.0.0.0/8]\n  connect_to:\n"
        );
        for (host, address) in &self.pages.hosts {
            let _ = writeln!(config, "    {host}: \"{address}\"");
        }
        fs::write(home.join("newswire.yaml"), config).expect("a configuration");
        home
    }

    /// Writes the seeds up to the number `until`; each appears whole, as editors save.
    fn add_seeds(&mut self, home: &Path, until: u64) {
        let until = until.min(self.plan.seeds);
        let added = self.added.entry(home.to_owned()).or_default();
        for number in *added..until {
            let Some(document) = self.documents.get(usize::try_from(number).unwrap_or(0)) else { continue };
            let draft = home.join("draft");
            fs::write(&draft, document.text().replace("https://www.", "http://www.")).expect("a draft");
            fs::rename(draft, home.join(format!("seeds/{number:03}.md"))).expect("the draft moves into place");
        }
        *added = until.max(*added);
    }

    /// Starts and kills.
    fn disturb(&mut self, home: &Path, length: Duration, report: &mut Report) {
        let Plan { kills, seeds, .. } = self.plan;
        let first = self.plan.first();
        let full_ms = u64::try_from(length.as_millis()).unwrap_or(1000).max(2);
        let mut longest_ms = full_ms;
        while report.kills < kills && report.survived < 10 * kills {
            let is_daemon = (report.kills + report.survived) % 2 == 1;
            let moment = Duration::from_millis(1 + self.dice.below(if is_daemon { full_ms } else { longest_ms }));
            let newcomers = first + (seeds - first) * report.kills / kills.max(1);
            let arrival = moment.mul_f64(self.dice.below(100) as f64 / 100.0);
            let verb = if is_daemon { "run" } else { "once" };
            let log = fs::OpenOptions::new().create(true).append(true).open(home.join("log")).expect("a log");
            let mut command = process::newswire(self.program, home, verb);
            let mut child = command.stderr(log).stdin(Stdio::null()).spawn().expect("the program starts");
            let started = Instant::now();
            let mut status = None;
            let mut has_arrived = false;
            while status.is_none() && started.elapsed() < moment {
                if !has_arrived && started.elapsed() >= arrival {
                    self.add_seeds(home, newcomers);
                    has_arrived = true;
                }
                std::thread::park_timeout(Duration::from_millis(1));
                status = child.try_wait().expect("a child");
            }
            child.kill().expect("a child");
            let status = status.unwrap_or_else(|| child.wait().expect("a child"));
            if status.code().is_some_and(|code| code != 0) {
                let log = fs::read_to_string(home.join("log")).unwrap_or_default();
                let last = log.lines().last().unwrap_or_default();
                report.wrong.push(format!("`{verb}` ended by itself, with {status}: {last}"));
                return;
            }
            if status.success() {
                report.survived += 1;
                longest_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(1).max(2);
                self.add_seeds(home, newcomers + 1);
                continue;
            }
            report.kills += 1;
            longest_ms = full_ms;
            if let Err(problem) = integrity(home) {
                report.wrong.push(format!("after kill {}: {problem}", report.kills));
            }
            let added = self.added.get(home).copied().unwrap_or(0);
            for (count, is_half_done) in report.struck.iter_mut().zip(half_done(home, added)) {
                *count += u64::from(is_half_done);
            }
            if report.kills.is_multiple_of(EPOCH) {
                self.let_time_pass(home, report);
            }
        }
    }

    /// Five minutes pass: what was asked and never answered is due. Before that, nothing may have been asked twice.
    fn let_time_pass(&mut self, home: &Path, report: &mut Report) {
        for (path, times) in self.pages.take_log() {
            if path.ends_with("/robots.txt") {
                report.robots += times;
                continue;
            }
            if times > 1 {
                report.wrong.push(format!("{path} was asked {times} times within its floor"));
            }
            let before = self.asked.entry(path).or_default();
            report.requests += times;
            report.repeats += if *before > 0 { times } else { times - 1 };
            *before += times;
            report.most = report.most.max(*before);
        }
        let store = Connection::open(home.join("newswire.db")).expect("the store opens");
        store.busy_timeout(Duration::from_secs(5)).expect("a timeout");
        let due = "UPDATE pages SET next_at = 1 WHERE metadata IS NULL AND next_at IS NOT NULL;
                   UPDATE pictures SET next_at = 1 WHERE next_at IS NOT NULL;
                   UPDATE sources SET next_at = 1 WHERE no NOT IN (SELECT source FROM entries WHERE source IS NOT NULL);";
        store.execute_batch(due).expect("the plan moves");
    }

    /// Undisturbed passes until nothing is left to do; says how long the first took. A last pass must change nothing.
    fn finish(&self, home: &Path, wrong: &mut Vec<String>) -> Duration {
        let pass = || {
            let started = Instant::now();
            let log = fs::OpenOptions::new().create(true).append(true).open(home.join("log")).expect("a log");
            let status = process::newswire(self.program, home, "once").stderr(log).status();
            (status.is_ok_and(|status| status.success()), started.elapsed())
        };
        let (mut is_well, length) = pass();
        for _ in 1..PASSES {
            is_well &= pass().0;
        }
        if !is_well {
            wrong.push(format!("`once` failed: see {}", home.join("log").display()));
        }
        let before = files(&home.join("public"));
        pass();
        if files(&home.join("public")) != before {
            wrong.push(format!("a pass without any news changed files in {}", home.display()));
        }
        length
    }
}

/// Seeds that have to do with each other: a shared article, a shared lead, articles without excerpt.
fn entangle(documents: &mut [Document]) {
    let shared = documents[10].articles[1].clone();
    documents[11].articles.push(shared);
    let lead = documents[12].articles[0].clone();
    documents[13].articles[0] = lead;
    for document in documents {
        for article in document.articles.iter_mut().skip(1).step_by(3) {
            article.excerpt.clear();
        }
    }
}

/// The articles of a feed: events of its own, several articles each; some that seeds list; some that tell of events
/// that seeds tell of too. Only seeds that are there from the start are met, and later than they are.
fn feed(documents: &[Document], plan: Plan, number: u64) -> Vec<Told> {
    let mut articles = Vec::new();
    for event in 0..4 {
        let shape = Shape { seeds: 20_000, ..plan.shape() };
        let own = Document::invent(10_000 + 100 * number + event, shape);
        // Long before all seeds and days from each other, so that no other event is near: how rare a word is depends on
        // what came first, and a close call may then go either way.
        let earlier = LONG_BEFORE_S + (4 * number + event) * APART_S;
        articles.extend(own.articles.into_iter().take(4).map(|told| Told { at_s: told.at_s - earlier, ..told }));
    }
    let first = usize::try_from(number * 4).unwrap_or(0);
    for document in documents.iter().skip(first).take(2) {
        articles.push(document.articles[2].clone());
    }
    for document in documents.iter().skip(first + 2).take(2) {
        let (lead, last) = (&document.articles[0], &document.articles[document.articles.len() - 1]);
        let mut late = lead.clone();
        late.publisher = (lead.publisher + 7) % PUBLISHERS;
        late.url = format!("https://www.{}/late/{}", invent::host(late.publisher), last.at_s);
        late.title = format!("Late word: {}", lead.title);
        late.amp = None;
        late.at_s = last.at_s + 3_600;
        articles.push(late);
    }
    articles
}

fn integrity(home: &Path) -> Result<(), String> {
    let store = Connection::open(home.join("newswire.db")).map_err(|error| error.to_string())?;
    let answer: rusqlite::Result<String> = store.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    match answer {
        Ok(answer) if answer == "ok" => Ok(()),
        Ok(answer) => Err(answer),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether load, fetch, group and release have something under way or waiting.
fn half_done(home: &Path, added: u64) -> [bool; 4] {
    let Ok(store) = Connection::open(home.join("newswire.db")) else { return [true, false, false, false] };
    let count = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or(0);
    let added = i64::try_from(added).unwrap_or(0);
    [
        count("SELECT count(*) FROM seeds") < added,
        count("SELECT count(*) FROM pages WHERE metadata IS NULL AND visit LIKE '%answer is not in yet%'") > 0,
        count("SELECT count(*) FROM articles WHERE waiting") > 0,
        count("SELECT count(*) FROM stories WHERE waiting") + count("SELECT count(*) FROM editions WHERE stale") > 0,
    ]
}

/// What must be the same in both stores, a query each.
const FACTS: &[(&str, &str)] = &[
    (
        "stories",
        "SELECT hex(s.id), s.state, hex(t.id), s.published, s.waiting FROM stories s LEFT JOIN stories t ON t.no = s.alias_of",
    ),
    (
        "articles",
        "SELECT hex(a.id), a.url, a.live, hex(s.id), hex(a.copy_of), a.published, hex(a.face), hex(a.text), a.waiting,
         a.placed IS NULL FROM articles a LEFT JOIN stories s ON s.no = a.story",
    ),
    ("aliases", "SELECT hex(l.id), hex(a.id) FROM aliases l JOIN articles a ON a.no = l.article"),
    (
        "entries",
        "SELECT s.path, f.url, e.rank, hex(a.id), e.entry FROM entries e JOIN articles a ON a.no = e.article
         LEFT JOIN seeds s ON s.no = e.seed LEFT JOIN sources f ON f.no = e.source",
    ),
    ("pages", "SELECT hex(a.id), p.domain, p.metadata FROM pages p JOIN articles a ON a.no = p.article"),
    ("seeds", "SELECT path, hex(digest), published, active, labels, heat, note, findings, broken FROM seeds"),
    (
        "related",
        "SELECT hex(a.id), hex(l.id) FROM related r JOIN articles a ON a.no = r.article JOIN articles l ON l.no = r.lead",
    ),
    ("topics", "SELECT t.topic, hex(s.id), t.rank FROM story_topics t JOIN stories s ON s.no = t.story"),
    ("editions", "SELECT topic, stale FROM editions"),
    ("documents", "SELECT path FROM documents"),
];

fn compare(undisturbed: &Path, killed: &Path, report: &mut Report) {
    if let Err(problem) = integrity(killed) {
        report.wrong.push(problem);
    }
    for (what, sql) in FACTS {
        let (expect, found) = (facts(undisturbed, sql), facts(killed, sql));
        match *what {
            "articles" => report.compared[0] = expect.len(),
            "stories" => report.compared[1] = expect.len(),
            _ => {}
        }
        let mut seen = BTreeSet::new();
        for doubled in found.iter().filter(|row| !seen.insert(*row)) {
            report.wrong.push(format!("{what}: doubled {doubled}"));
        }
        let (expect, found): (BTreeSet<_>, BTreeSet<_>) = (expect.into_iter().collect(), found.into_iter().collect());
        report.wrong.extend(expect.difference(&found).map(|row| format!("{what}: lost {row}")));
        report.wrong.extend(found.difference(&expect).map(|row| format!("{what}: not expected {row}")));
    }
    let (expect, found) = (files(&undisturbed.join("public")), files(&killed.join("public")));
    report.compared[2] = expect.len();
    for path in expect.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        match (expect.get(path), found.get(path)) {
            (Some(expect), Some(found)) => {
                let (expect, found) = (timeless(expect), timeless(found));
                if expect != found {
                    let differs = expect.lines().zip(found.lines()).find(|(a, b)| a != b);
                    report.wrong.push(format!("{path} differs: {differs:?}"));
                }
            }
            (expect, _) => {
                report.wrong.push(format!("{path} is {}", if expect.is_some() { "lost" } else { "left over" }));
            }
        }
    }
}

fn facts(home: &Path, sql: &str) -> Vec<String> {
    let store = Connection::open(home.join("newswire.db")).expect("the store opens");
    let mut find = store.prepare(sql).expect("the query is right");
    let columns = find.column_count();
    let here = home.display().to_string();
    let rows = find.query_map([], |row| {
        let mut text = String::new();
        for column in 0..columns {
            let _ = match row.get_ref(column)? {
                ValueRef::Text(value) => write!(text, "{} | ", String::from_utf8_lossy(value).replace(&here, "")),
                ValueRef::Integer(value) => write!(text, "{value} | "),
                ValueRef::Real(value) => write!(text, "{value:.6} | "),
                ValueRef::Null | ValueRef::Blob(_) => write!(text, "- | "),
            };
        }
        Ok(text)
    });
    rows.expect("the query works").map(|row| row.expect("a row")).collect()
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(here) = folders.pop() {
        for entry in fs::read_dir(here).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            found.insert(name, fs::read_to_string(&path).unwrap_or_default());
        }
    }
    found
}

/// The text without the moments of this very run, which are all later than those of the invented events.
fn timeless(text: &str) -> String {
    let year = |text: &str| text.get(..4).and_then(|year| year.parse::<u32>().ok()).is_some_and(|year| year >= 2025);
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let iso = rest.get(4..11).is_some_and(|date| date.starts_with('-') && date.ends_with('T')) && year(rest);
        let rfc = rest.get(3..4) == Some(" ") && rest.get(7..8) == Some(" ") && rest.get(8..).is_some_and(year);
        let skip = if iso {
            20
        } else if rfc {
            23
        } else {
            0
        };
        if skip > 0 {
            let end = rest.char_indices().nth(skip).map_or(rest.len(), |(end, _)| end);
            out.push_str("(now)");
            rest = rest.get(end..).unwrap_or_default();
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}
