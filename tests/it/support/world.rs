//! `World`: the whole pipeline on a store, seed files and a clock of its own, with scripted answers for the network.
//!
//! A test writes seeds, scripts answers, moves the clock and looks at what is published. Nothing sleeps and nothing
//! leaves the process. Whenever a world has settled, and when it is dropped, it checks what must always hold.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use jiff::{Span, Timestamp};
use newswire::app::explain::explain;
use newswire::app::status::{self, Status};
use newswire::app::{Home, Stages};
use newswire::clock::Clock;
use newswire::config::{Config, Environment, load};
use newswire::fetch::{Fetch, HostState, Suspicion};
use newswire::model::{
    Delivery, Document, Failure, FailureKind, Freshness, Outcome, Page, Posted, Purpose, Refusal, Request, Story,
    StoryId, Validators,
};
use newswire::pipeline::release::{Beside, StoryPage, beside, story_page};
use newswire::pipeline::story;
use newswire::released::Released;
use newswire::store::{Store, StoryState};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;

/// When every world begins.
pub const START: &str = "2026-01-10T12:00:00Z";

/// What every world is configured with; a test's own words are laid over it.
const BASE: &str = "
site: { title: My wire, base_url: 'https://wire.example.org/', contact: me@example.org }
store: sqlite:wire.db
seeds: { paths: [seeds], watch: false }
enrich: { seeds: none, sources: none }
";

/// More steps than this is a stage that never comes to rest.
const STEPS: usize = 10_000;

/// The pipeline with everything around it.
pub struct World {
    folder: TempDir,
    pub clock: Clock,
    pub fetch: Arc<FixtureFetch>,
    pub config: Config,
    pub home: Home,
    pub stages: Stages<FixtureFetch>,
    pub released: Released,
    /// Rows that one step takes.
    pub limit: usize,
    /// Every step is followed by a restart.
    pub shaky: bool,
    /// What a test says of `grouping.max_articles`.
    pub memory: usize,
    writes: u64,
}

/// A published story.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub id: String,
    pub title: String,
    /// Addresses of the coverage without their scheme, lead first.
    pub urls: Vec<String>,
    pub published: Timestamp,
    pub updated: Timestamp,
    pub topics: Vec<String>,
    pub story: Story,
}

impl World {
    /// A settled world without seeds.
    pub fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("seeds")).unwrap();
        fs::create_dir_all(folder.path().join("conf.d")).unwrap();
        fs::write(folder.path().join("newswire.yaml"), BASE).unwrap();
        let clock = Clock::manual(START.parse().unwrap());
        let fetch = Arc::new(FixtureFetch::new(clock.clone()));
        let config = configured(&folder, config);
        let (home, stages, released) = opened(&config, &clock, &fetch);
        Self {
            folder,
            clock,
            fetch,
            config,
            home,
            stages,
            released,
            limit: 256,
            shaky: false,
            memory: 100_000,
            writes: 0,
        }
    }

    /// The folder of all this.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The path of a seed file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("seeds").join(name)
    }

    /// Writes a seed file. Each write is a second later than the one before it, and all are before the world began.
    pub fn seed(&mut self, name: &str, text: impl AsRef<str>) -> &mut Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.as_ref()).unwrap();
        self.writes += 1;
        let began: Timestamp = START.parse().unwrap();
        let written = SystemTime::from(began) - Duration::from_hours(24) + Duration::from_secs(self.writes);
        fs::File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
        self
    }

    /// Deletes a seed file.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        fs::remove_file(self.path(name)).unwrap();
        self
    }

    /// Renames a seed file.
    pub fn rename(&mut self, from: &str, to: &str) -> &mut Self {
        fs::rename(self.path(from), self.path(to)).unwrap();
        self
    }

    /// Scripts the next answer of an address; the last one scripted is given for ever.
    pub fn answer(&mut self, url: &str, outcome: Outcome) -> &mut Self {
        self.fetch.script.lock().unwrap().entry(url.to_owned()).or_default().push_back(outcome);
        self
    }

    /// Forgets what was scripted for an address and scripts this.
    pub fn answer_now(&mut self, url: &str, outcome: Outcome) -> &mut Self {
        self.fetch.script.lock().unwrap().insert(url.to_owned(), VecDeque::from([outcome]));
        self
    }

    /// Moves the clock: `1h`, `24h 1m`.
    pub fn advance(&mut self, by: &str) -> &mut Self {
        let span: Span = by.parse().unwrap();
        let start = self.clock.now();
        let seconds = (start + span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).unwrap()).as_second();
        self.clock.advance(seconds - start.as_second());
        self
    }

    /// Another configuration on the same store: what SIGHUP does.
    pub fn configure(&mut self, config: &str) -> &mut Self {
        self.config = configured(&self.folder, config);
        self.reopen()
    }

    /// A restart on the same store.
    pub fn reopen(&mut self) -> &mut Self {
        let (home, stages, released) = opened(&self.config, &self.clock, &self.fetch);
        (self.home, self.stages, self.released) = (home, stages, released);
        self
    }

    /// Runs every stage until none has anything left.
    pub async fn settle(&mut self) -> &mut Self {
        self.stages.reload.request();
        let mut steps = 0;
        loop {
            let mut taken = 0;
            for stage in ["reload", "poll", "websub", "deliver", "backfill", "enrich", "group", "release", "hub"] {
                while let rows @ 1.. = self.step(stage).await {
                    taken += rows;
                    steps += 1;
                    assert!(steps < STEPS, "{stage} never comes to rest");
                }
            }
            if taken == 0 {
                break;
            }
        }
        self.check();
        self
    }

    /// One step of a stage.
    pub async fn step(&mut self, stage: &str) -> usize {
        let limit = self.limit;
        let rows = match stage {
            "reload" => self.stages.reload.step(limit),
            "poll" => self.stages.poll.step(limit).await,
            "websub" => self.stages.websub.step(limit).await,
            "deliver" => self.stages.websub.take(limit),
            "backfill" => self.stages.backfill.step(limit).await,
            "enrich" => self.stages.enrich.step(limit).await,
            "group" => self.stages.group.step(limit),
            "release" => self.stages.release.step(limit),
            "hub" => self.stages.hub.step(limit).await,
            _ => panic!("no stage {stage}"),
        };
        let rows = rows.unwrap();
        // A restarted release renders everything once, so it is only restarted while stories wait.
        let more = !matches!(stage, "release" | "hub") || self.count("SELECT count(*) FROM stories WHERE waiting") > 0;
        if self.shaky && rows > 0 && more {
            self.reopen();
        }
        rows
    }

    /// A published document.
    pub fn document(&self, path: &str) -> String {
        self.find(path).unwrap_or_else(|| panic!("no {path}; there are {:?}", self.released.paths()))
    }

    /// A published document, if there is one.
    pub fn find(&self, path: &str) -> Option<String> {
        self.released.get(path).map(|packed| String::from_utf8(packed.identity().bytes.to_vec()).unwrap())
    }

    /// Every document with its time of change.
    pub fn documents(&self) -> BTreeMap<String, (String, i64)> {
        let of = |path: &Arc<str>| {
            let packed = self.released.get(path).unwrap();
            let text = String::from_utf8(packed.identity().bytes.to_vec()).unwrap();
            (path.to_string(), (text, packed.last_modified_second()))
        };
        self.released.paths().iter().map(of).collect()
    }

    /// What is made for a request of `path` with `query`.
    pub fn ask(&self, path: &str, query: &str) -> Beside {
        let rules = self.home.release_rules(&self.config);
        let query = Some(query).filter(|query| !query.is_empty());
        beside(&self.home.wire.store, &rules, self.clock.now(), path, query).unwrap()
    }

    /// The document that is made for it.
    pub fn made(&self, path: &str, query: &str) -> Document {
        match self.ask(path, query) {
            Beside::Document(document) => document,
            other => panic!("{path}?{query}: {other:?}"),
        }
    }

    /// Stories on `/all/`, oldest id first.
    pub fn stories(&self) -> Vec<Seen> {
        self.in_topic("")
    }

    /// Stories of a topic, oldest id first.
    pub fn in_topic(&self, topic: &str) -> Vec<Seen> {
        let rules = self.home.release_rules(&self.config).story;
        let read = self.home.wire.store.read(|view| {
            let mut rows = view.topic_stories(topic, None, usize::MAX)?;
            rows.sort_unstable();
            let mut seen = Vec::new();
            for no in rows {
                let told = story::load(view, no, &rules)?;
                let topics = view.topics_of(no)?.into_iter().map(|(slug, _)| slug).filter(|slug| !slug.is_empty());
                seen.push(Seen {
                    id: told.story.id.to_string(),
                    title: told.story.coverage[0].article.title.clone(),
                    urls: told.story.coverage.iter().map(|member| bare(&member.article.url)).collect(),
                    published: told.story.published,
                    updated: told.story.updated,
                    topics: topics.collect(),
                    story: told.story,
                });
            }
            Ok(seen)
        });
        read.unwrap()
    }

    /// The only story there is.
    pub fn story(&self) -> Seen {
        let mut stories = self.stories();
        assert_eq!(stories.len(), 1, "{:?}", self.shape());
        stories.remove(0)
    }

    /// The story with this lead or member.
    pub fn story_with(&self, url: &str) -> Seen {
        let with = |seen: &Seen| seen.urls.iter().any(|known| known == url);
        self.stories().into_iter().find(with).unwrap_or_else(|| panic!("no {url} in {:?}", self.shape()))
    }

    /// Each story as its sorted addresses, sorted.
    pub fn shape(&self) -> Vec<String> {
        let mut shape: Vec<String> = self
            .stories()
            .into_iter()
            .map(|mut seen| {
                seen.urls.sort();
                seen.urls.join(" ")
            })
            .collect();
        shape.sort();
        shape
    }

    /// What stands at a story's address.
    pub fn page_of(&self, id: &str) -> StoryPage {
        let rules = self.home.release_rules(&self.config);
        story_page(&self.home.wire.store, id.parse::<StoryId>().unwrap(), None, &rules).unwrap()
    }

    /// The state of the wire, as `status` tells it.
    pub fn status(&self) -> Status {
        self.home.wire.store.read(|view| status::status(view, self.clock.now())).unwrap()
    }

    /// Why a story is what it is, as `explain` tells it.
    pub fn explain(&self, what: &str) -> Value {
        let explanation = explain(&self.home, &self.config, what, None).unwrap().unwrap();
        serde_json::to_value(explanation).unwrap()
    }

    /// The member at this address, as `explain` tells it.
    pub fn member(&self, url: &str) -> Value {
        let told = self.explain(url);
        let members = told["articles"].as_array().unwrap();
        members.iter().find(|member| member["url"] == url).unwrap_or_else(|| panic!("{told:#}")).clone()
    }

    /// Addresses asked so far, in order, with `?` behind those asked conditionally.
    pub fn asked(&self) -> Vec<String> {
        let of = |asked: &Asked| {
            format!("{}{}", asked.url, if asked.validators == Validators::default() { "" } else { "?" })
        };
        self.fetch.log.lock().unwrap().iter().map(of).collect()
    }

    /// Requests for an address.
    pub fn asked_for(&self, url: &str) -> Vec<Asked> {
        self.fetch.log.lock().unwrap().iter().filter(|asked| asked.url == url).cloned().collect()
    }

    /// Every byte of the store's files.
    pub fn store_bytes(&self) -> Vec<u8> {
        self.home.wire.store.close().unwrap();
        ["wire.db", "wire.db-wal"]
            .iter()
            .flat_map(|name| fs::read(self.folder.path().join(name)).unwrap_or_default())
            .collect()
    }

    /// One number out of the store.
    pub fn count(&self, sql: &str) -> i64 {
        self.connection().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn connection(&self) -> Connection {
        Connection::open_with_flags(self.folder.path().join("wire.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }

    /// What must hold whenever nothing waits.
    fn check(&self) {
        let none = |what: &str, sql: &str| {
            let text = format!("SELECT count(*), min(no) FROM ({sql})");
            let (count, first): (i64, Option<i64>) =
                self.connection().query_row(&text, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            assert_eq!(count, 0, "{what}: row {first:?}");
        };
        none("articles wait", "SELECT no FROM articles WHERE waiting");
        none("stories wait", "SELECT no FROM stories WHERE waiting");
        none("editions are stale", "SELECT 1 AS no FROM editions WHERE stale");
        none(
            "a stated article is not live",
            "SELECT article AS no FROM entries WHERE article IN (SELECT no FROM articles WHERE NOT live)",
        );
        none(
            "a live article is not stated",
            "SELECT no FROM articles WHERE live AND no NOT IN (SELECT article FROM entries)",
        );
        none(
            "a live article is in no story",
            "SELECT no FROM articles WHERE live AND (story IS NULL OR placed IS NULL)",
        );
        none(
            "a live article is in a story that is not",
            "SELECT a.no FROM articles a JOIN stories s ON s.no = a.story WHERE a.live AND s.state <> 'live'",
        );
        none(
            "a live story is empty",
            "SELECT no FROM stories WHERE state = 'live' AND no NOT IN (SELECT story FROM articles WHERE live)",
        );
        none("a dead article stands in a row", "SELECT no FROM articles WHERE NOT live AND placed IS NOT NULL");
        none(
            "an alias leads to an alias",
            "SELECT s.no FROM stories s JOIN stories t ON t.no = s.alias_of WHERE s.state = 'alias' AND t.state = 'alias'",
        );
        none("an alias leads nowhere", "SELECT no FROM stories WHERE state = 'alias' AND alias_of IS NULL");
        none(
            "a story that is not live is in a topic",
            "SELECT s.no FROM stories s JOIN story_topics t ON t.story = s.no WHERE s.state <> 'live'",
        );
        none(
            "a live article's id leads elsewhere",
            "SELECT a.no FROM articles a JOIN aliases l ON l.id = a.id WHERE a.live AND l.article <> a.no",
        );
        none(
            "a copy has no original beside it",
            "SELECT c.no FROM articles c WHERE c.live AND c.copy_of IS NOT NULL AND NOT EXISTS (SELECT 1 FROM articles o WHERE o.id = c.copy_of AND o.live AND o.story = c.story)",
        );
        self.check_documents();
        let mut keys = BTreeSet::new();
        for seen in self.stories() {
            for url in &seen.urls {
                assert!(keys.insert(url.clone()), "{url} is published twice");
            }
        }
    }

    /// What is served is what the store says.
    fn check_documents(&self) {
        let mut stored = BTreeMap::new();
        let connection = self.connection();
        let mut find = connection.prepare("SELECT path, digest, modified / 1000 FROM documents").unwrap();
        let mut rows = find.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let digest: Vec<u8> = row.get(1).unwrap();
            stored.insert(row.get::<_, String>(0).unwrap(), (digest, row.get::<_, i64>(2).unwrap()));
        }
        let served: BTreeMap<String, (Vec<u8>, i64)> = self
            .released
            .paths()
            .iter()
            .map(|path| {
                let packed = self.released.get(path).unwrap();
                (path.to_string(), (packed.digest().as_bytes().to_vec(), packed.last_modified_second()))
            })
            .collect();
        assert_eq!(served, stored, "what is served is not what the store says");
    }

    /// State of the story with this id.
    pub fn state(&self, id: &str) -> StoryState {
        self.home.wire.store.read(|view| view.story_by_id(id.parse().unwrap())).unwrap().unwrap().state
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A test that stops between two stages leaves rows waiting, and says so by what it asks for last.
        if !std::thread::panicking()
            && self.count(
                "SELECT (SELECT count(*) FROM articles WHERE waiting) + (SELECT count(*) FROM stories WHERE waiting)",
            ) == 0
        {
            self.check();
        }
    }
}

fn configured(folder: &TempDir, config: &str) -> Config {
    fs::write(folder.path().join("conf.d/test.yaml"), config).unwrap();
    let loaded = load(&folder.path().join("newswire.yaml"), &Environment::new([], folder.path()));
    let report = loaded.report(false);
    loaded.config.unwrap_or_else(|| panic!("{report}"))
}

fn opened(config: &Config, clock: &Clock, fetch: &Arc<FixtureFetch>) -> (Home, Stages<FixtureFetch>, Released) {
    let released = Released::new();
    let home = Home::of(Store::open(&config.store).unwrap(), clock.clone(), config).unwrap();
    let stages = home.stages(config, Arc::clone(fetch), released.clone()).unwrap();
    (home, stages, released)
}

fn bare(url: &str) -> String {
    url.split_once("://").map_or(url, |(_, rest)| rest).to_owned()
}

/// Answers by a script and remembers who asked.
pub struct FixtureFetch {
    clock: Clock,
    script: Mutex<BTreeMap<String, VecDeque<Outcome>>>,
    log: Mutex<Vec<Asked>>,
    hosts: Mutex<Vec<HostState>>,
    posts: Mutex<Vec<Sent>>,
    /// What hubs answer to a form.
    pub hub: Mutex<Posted>,
    deliveries: Mutex<Vec<(Timestamp, Delivery)>>,
    /// What followers answer to a delivery.
    pub follower: Mutex<Posted>,
    /// Whether followers answer a challenge.
    pub follows: AtomicBool,
}

/// One form that was sent to a hub.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub url: String,
    pub at: Timestamp,
    /// Its fields, decoded.
    pub form: BTreeMap<String, String>,
    /// Every `hub.url` below the site, sorted.
    pub named: Vec<String>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub url: String,
    pub at: Timestamp,
    pub purpose: Purpose,
    pub validators: Validators,
}

impl FixtureFetch {
    fn new(clock: Clock) -> Self {
        let hub = Mutex::new(Posted::Accepted);
        let (script, log, hosts, posts) = (Mutex::default(), Mutex::default(), Mutex::default(), Mutex::default());
        let (deliveries, follower) = (Mutex::default(), Mutex::new(Posted::Accepted));
        let follows = AtomicBool::new(true);
        Self { clock, script, log, hosts, posts, hub, deliveries, follower, follows }
    }

    /// Paths that the last form named to a hub.
    pub fn named(&self) -> Vec<String> {
        self.posts.lock().unwrap().last().map(|sent| sent.named.clone()).unwrap_or_default()
    }

    /// What was delivered so far.
    pub fn deliveries(&self) -> Vec<(Timestamp, Delivery)> {
        self.deliveries.lock().unwrap().clone()
    }

    /// A follower's answer to a challenge.
    fn echo(&self, url: &str) -> Option<Outcome> {
        let url = url::Url::parse(url).ok()?;
        let (_, challenge) = url.query_pairs().find(|(name, _)| name == "hub.challenge")?;
        let body = if self.follows.load(Ordering::Relaxed) { challenge.into_owned() } else { "no".to_owned() };
        Some(Outcome::Fresh(fresh(url.as_str(), "text/plain", &body)))
    }

    /// Forms that were sent so far.
    pub fn posts(&self) -> Vec<Sent> {
        self.posts.lock().unwrap().clone()
    }

    /// The next answer also tells this of its host.
    pub fn rest(&self, host: &str, until: Timestamp) {
        let state = HostState {
            host: host.to_owned(),
            last_asked_at: Some(self.clock.now()),
            not_before: Some(until),
            suspicion: Suspicion::AsBefore,
        };
        self.hosts.lock().unwrap().push(state);
    }
}

impl Fetch for FixtureFetch {
    async fn fetch(&self, request: &Request) -> Outcome {
        let Request { url, purpose, validators, validators_of, .. } = request.clone();
        self.log.lock().unwrap().push(Asked { url, at: self.clock.now(), purpose, validators });
        if let Some(echo) = self.echo(&request.url) {
            return echo;
        }
        let mut script = self.script.lock().unwrap();
        let mut outcome = match script.get_mut(&request.url) {
            Some(queue) if queue.len() > 1 => queue.pop_front().unwrap(),
            Some(queue) => queue.front().cloned().unwrap_or_else(nowhere),
            None => nowhere(),
        };
        if let Outcome::Fresh(page) = &mut outcome {
            let was_sent = request.validators != Validators::default();
            page.is_conditional = was_sent && validators_of.as_ref() == Some(&page.final_url);
        }
        outcome
    }

    async fn post_form(&self, url: &str, form: &str) -> Posted {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let named = fields.iter().filter(|(name, _)| name == "hub.url");
        let mut named: Vec<String> =
            named.map(|(_, url)| url.trim_start_matches("https://wire.example.org/").to_owned()).collect();
        named.sort();
        let form = fields.into_iter().collect();
        self.posts.lock().unwrap().push(Sent { url: url.to_owned(), at: self.clock.now(), form, named });
        self.hub.lock().unwrap().clone()
    }

    async fn deliver(&self, delivery: &Delivery) -> Posted {
        self.deliveries.lock().unwrap().push((self.clock.now(), delivery.clone()));
        self.follower.lock().unwrap().clone()
    }

    fn host_changes(&self) -> Vec<HostState> {
        std::mem::take(&mut self.hosts.lock().unwrap())
    }
}

fn nowhere() -> Outcome {
    Outcome::Failed(Failure { kind: FailureKind::Dns, status: None, detail: "no such host".to_owned() })
}

/// 200 with this body.
pub fn fresh(url: &str, media_type: &str, body: &str) -> Page {
    Page {
        final_url: url.to_owned(),
        status: 200,
        media_type: Some(media_type.to_owned()),
        bytes: body.as_bytes().to_vec(),
        validators: Validators { etag: Some("\"1\"".to_owned()), last_modified: None },
        ..Page::default()
    }
}

/// 200 with an article's page, of which `head` is the inside of its head.
pub fn html(url: &str, head: &str) -> Outcome {
    let body = format!("<!doctype html><html><head>{head}</head><body><p>Text.</p></body></html>");
    Outcome::Fresh(fresh(url, "text/html", &body))
}

/// 200 with an RSS feed, of which `items` are the items.
pub fn rss(url: &str, items: &str) -> Outcome {
    let body = format!(
        "<rss version=\"2.0\"><channel><title>The feed</title><link>https://feed.example/</link>{items}</channel></rss>"
    );
    Outcome::Fresh(fresh(url, "application/rss+xml", &body))
}

/// One item of an RSS feed.
pub fn item(url: &str, title: &str, at: &str) -> String {
    let at: Timestamp = at.parse().unwrap();
    let date = jiff::fmt::rfc2822::to_string(&at.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
    format!(
        "<item><title>{title}</title><link>https://{url}</link><guid>https://{url}</guid><pubDate>{date}</pubDate></item>"
    )
}

/// 304.
pub fn unchanged() -> Outcome {
    Outcome::Unchanged { validators: Validators::default(), freshness: Freshness::default(), moved_to: None }
}

/// A status of 4xx or 5xx.
pub fn status(status: u16) -> Outcome {
    let detail = format!("status {status}");
    Outcome::Failed(Failure { kind: FailureKind::Status, status: Some(status), detail })
}

/// robots.txt says no.
pub fn robots() -> Outcome {
    Outcome::Refused(Refusal::Robots("Disallow: /".to_owned()))
}

/// 429 with this `Retry-After`.
pub fn slow_down(until: Option<Timestamp>) -> Outcome {
    Outcome::Throttled { status: 429, retry_after: until }
}

/// One article of a seed, as its keys.
#[derive(Clone)]
pub struct Art(Value);

/// An article at `url` (without scheme), published on 2024-03-01 at noon by the publisher that the host names.
pub fn art(url: &str, title: &str) -> Art {
    let host = url.split('/').next().unwrap_or_default();
    Art(json!({
        "title": title,
        "webUrl": format!("https://{url}"),
        "publishedDateTime": "2024-03-01T12:00:00Z",
        "type": "article",
        "provider": { "name": host, "domain": host },
    }))
}

impl Art {
    /// With another key.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0[key] = value.into();
        self
    }

    pub fn at(self, time: &str) -> Self {
        self.with("publishedDateTime", time)
    }

    pub fn quality(self, quality: i64) -> Self {
        self.with("quality", quality)
    }

    pub fn excerpt(self, excerpt: &str) -> Self {
        self.with("excerpt", excerpt)
    }
}

/// A seed led by `lead`, with labels, as the text of its file.
pub fn seed(labels: &[&str], lead: Art, related: &[Art]) -> String {
    noted(labels, lead, related, "")
}

/// As [`seed`], with an editor's note.
pub fn noted(labels: &[&str], lead: Art, related: &[Art], note: &str) -> String {
    let mut keys = lead.0;
    if !labels.is_empty() {
        keys["topics"] = json!(labels);
    }
    if !related.is_empty() {
        keys["related"] = related.iter().map(|art| art.0.clone()).collect();
    }
    format!("---\n{keys}\n---\n{note}")
}
