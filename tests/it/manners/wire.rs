//! A wire with real stages and a real client, against a playhouse that plays every host, by a clock that is moved.

use std::future::{Future, ready};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use newswire::app::explain::{Explanation, explain};
use newswire::app::status::{self, Manners, Status};
use newswire::app::{Home, Stages};
use newswire::clock::Clock;
use newswire::config::{Config, Environment, load};
use newswire::fetch::http::HttpFetch;
use newswire::fetch::polite::Pause;
use newswire::model::PollState;
use newswire::released::Released;
use newswire::store::Store;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::support::playhouse::{Asked, Playhouse, Reply};

/// A Saturday, at noon.
pub const START: &str = "2026-01-10T12:00:00Z";

/// Who can be asked.
const HOSTS: [&str; 4] = ["a.test", "www.a.test", "b.test", "c.test"];

/// How often the schedule wakes the poll.
const WAKE_S: i64 = 300;

/// Waits by moving the clock.
pub struct Step(pub Clock);

impl Pause for Step {
    fn pause(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.advance(i64::try_from(wait.as_millis().div_ceil(1000)).unwrap());
        Box::pin(ready(()))
    }
}

/// The wire.
pub struct Wire {
    folder: TempDir,
    text: String,
    pub clock: Clock,
    pub house: Playhouse,
    config: Config,
    home: Home,
    pub stages: Stages<HttpFetch>,
}

impl Wire {
    /// A wire of `sources` that has not asked anybody yet.
    pub async fn of(sources: &[&str], script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::with("", sources, script).await
    }

    /// The same with more configuration.
    pub async fn with(more: &str, sources: &[&str], script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("seeds")).unwrap();
        let clock = Clock::manual(START.parse().unwrap());
        let house = Playhouse::open(clock.clone(), script).await;
        let port = house.address().port();
        let hosts = HOSTS.map(|host| format!("{host}: '127.0.0.1:{port}'")).join(", ");
        let listed = sources.iter().map(|url| format!("  - {{ url: '{url}' }}")).collect::<Vec<_>>().join("\n");
        let enrich = if more.contains("enrich:") { "" } else { "enrich: { seeds: none, sources: none }\n" };
        let text = format!(
            "site: {{ title: My wire, base_url: 'https://wire.example.org/', contact: me@example.org }}\n\
             store: sqlite:wire.db\nseeds: {{ paths: [seeds], watch: false }}\n{enrich}{more}\n\
             fetch: {{ allow_private: [127.0.0.0/8], connect_to: {{ {hosts} }} }}\nsources:\n{listed}"
        );
        let config = configured(&folder, &text);
        let (home, stages) = opened(&config, &clock);
        Self { folder, text, clock, house, config, home, stages }
    }

    /// Stops everything and starts it on the same store.
    pub fn restart(&mut self) {
        let (home, stages) = opened(&self.config, &self.clock);
        (self.home, self.stages) = (home, stages);
    }

    /// Stops everything and starts it on a copy of the store elsewhere.
    pub fn move_store(&mut self) {
        self.home.wire.store.close().unwrap();
        std::fs::copy(self.db(), self.folder.path().join("moved.db")).unwrap();
        self.text = self.text.replace("sqlite:wire.db", "sqlite:moved.db");
        self.config = configured(&self.folder, &self.text);
        self.restart();
    }

    /// Rewrites every state of polling as the first version wrote it.
    pub fn age_states(&mut self) {
        let connection = Connection::open(self.db()).unwrap();
        let states = self.home.wire.store.read(|view| view.sources()).unwrap();
        for row in states {
            let PollState { next_check_at, checked_at, answered_at, validators, validators_of, .. } = row.poll;
            let old = serde_json::json!({
                "next_check_at": next_check_at, "checked_at": checked_at, "answered_at": answered_at,
                "validators": validators, "validators_of": validators_of, "failures": 0, "problem": null,
                "reason": "the floor", "gone": false, "freshness": { "max_age_s": null, "expires": null },
                "hints": { "ttl_s": null, "skip_hours": [], "skip_days": [], "hub": null, "self": null, "next": null,
                           "prev_archive": null },
            });
            let sql = "UPDATE sources SET poll = ?2 WHERE no = ?1";
            connection.execute(sql, (row.no, old.to_string())).unwrap();
        }
        drop(connection);
        self.restart();
    }

    /// Starts anew with another configuration.
    pub fn reconfigure(&mut self, from: &str, to: &str) {
        self.text = self.text.replace(from, to);
        self.config = configured(&self.folder, &self.text);
        self.restart();
    }

    fn db(&self) -> PathBuf {
        self.config.store.clone()
    }

    /// Asks what is due.
    pub async fn poll(&mut self) {
        while self.stages.poll.step(64).await.unwrap() > 0 {}
    }

    /// Asks the pages that are due.
    pub async fn enrich(&mut self) {
        while self.stages.enrich.step(64).await.unwrap() > 0 {}
    }

    /// Lets `hours` pass, woken as the schedule does.
    pub async fn run(&mut self, hours: i64) {
        let end = self.clock.now() + SignedDuration::from_hours(hours);
        while self.clock.now() < end {
            self.poll().await;
            self.clock.advance(WAKE_S);
        }
        self.poll().await;
    }

    /// All requests for `host/path`, in order.
    pub fn asked(&self, visit: &str) -> Vec<Asked> {
        self.house.log().into_iter().filter(|asked| format!("{}{}", asked.host, asked.path) == visit).collect()
    }

    /// Seconds between the requests for `host/path`.
    pub fn gaps(&self, visit: &str) -> Vec<i64> {
        let asked = self.asked(visit);
        asked.windows(2).map(|two| two[1].at.as_second() - two[0].at.as_second()).collect()
    }

    /// Where the polling of a source stands.
    pub fn state(&self, url: &str) -> PollState {
        let rows = self.home.wire.store.read(|view| view.sources()).unwrap();
        rows.into_iter().find(|row| row.source.url == url).unwrap().poll
    }

    /// Changes where the polling of a source stands, as an operator's verb does.
    pub fn change(&self, url: &str, change: impl Fn(&PollState, Timestamp) -> PollState) {
        let now = self.clock.now();
        let write = |batch: &newswire::store::Batch<'_>| {
            let row = batch.sources()?.into_iter().find(|row| row.source.url == url).unwrap();
            batch.note_poll(row.no, &change(&row.poll, now))
        };
        self.home.wire.store.write(write).unwrap();
    }

    /// What `explain` says of a source.
    pub fn explain(&self, what: &str) -> newswire::app::explain::SourceExplained {
        match explain(&self.home, &self.config, what, None).unwrap() {
            Some(Explanation::Source(source)) => *source,
            other => panic!("no source: {other:?}"),
        }
    }

    /// What `status` says.
    pub fn status(&self) -> Status {
        self.home.wire.store.read(|view| status::status(view, self.clock.now())).unwrap()
    }

    /// What `status --manners` says of all sources together.
    pub fn manners(&self) -> Manners {
        self.home.wire.store.read(status::manners).unwrap().total
    }

    /// One number out of the store.
    pub fn count(&self, sql: &str) -> i64 {
        Connection::open(self.db()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// Hours from the start to `at`, rounded down.
pub fn hours(at: Timestamp) -> i64 {
    (at.as_second() - START.parse::<Timestamp>().unwrap().as_second()).div_euclid(3600)
}

fn configured(folder: &TempDir, text: &str) -> Config {
    let file = folder.path().join("newswire.yaml");
    std::fs::write(&file, text).unwrap();
    let loaded = load(&file, &Environment::new([], folder.path()));
    let report = loaded.report(false);
    loaded.config.unwrap_or_else(|| panic!("{report}"))
}

fn opened(config: &Config, clock: &Clock) -> (Home, Stages<HttpFetch>) {
    let home = Home::of(Store::open(&config.store).unwrap(), clock.clone(), config).unwrap();
    let fetch = home.fetch_waiting(config, Arc::new(Step(clock.clone()))).unwrap();
    let stages = home.stages(config, |_| Arc::clone(&fetch), Released::unread()).unwrap();
    (home, stages)
}

/// A feed with these items, and more inside its channel.
pub fn feed(inside: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>The feed</title><link>https://feed.example/</link>{inside}</channel></rss>"
    )
}

/// One item, published a day before the start.
pub fn item(url: &str) -> String {
    format!(
        "<item><title>News of {url}</title><link>{url}</link><guid>{url}</guid><pubDate>Fri, 09 Jan 2026 12:00:00 GMT</pubDate></item>"
    )
}

/// 304 to who has `etag`, else the feed with it.
pub fn tagged(asked: &Asked, etag: &str, body: &str) -> Reply {
    let has = asked.headers.get("if-none-match").is_some_and(|sent| sent == etag);
    let reply = if has { Reply::status(304) } else { Reply::ok(body).header("Content-Type", "application/rss+xml") };
    reply.header("ETag", etag)
}

/// Whether a request has any validator.
pub fn is_conditional(asked: &Asked) -> bool {
    asked.headers.contains_key("if-none-match") || asked.headers.contains_key("if-modified-since")
}
