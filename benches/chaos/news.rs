//! What happens in the world: seeds are written and rewritten, feeds get news, pages stand behind them.
//!
//! The internet is our own (`chaos/server.rs`) or a program that plays a larger one. Either way seeds are ours.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::ground::Ground;
use super::internet::{Answer, Internet, fetch};
use super::server::Server;
use super::world::invent::{self, Document, Shape, Told};
use super::world::markup;

/// Feeds of our own internet.
const FEEDS: u64 = 12;

/// Seeds are written until there are so many; later ones are rewritten.
const SEEDS: u64 = 150;

/// Feeds tell of events from this number on.
const OWN_EVENTS: u64 = 1_000;

/// How many events feeds may tell of: after that they only revise.
const EVENTS: u64 = 300;

/// Publishers of seeds and of our own feeds.
const PUBLISHERS: u64 = 20;

/// Feeds of the other internet, and their hosts.
const FOREIGN_FEEDS: usize = 200;
const FOREIGN_HOSTS: &str = "50";

/// What is wrong with it.
const FAULTS: &str = "e500=.02,e503=.02,r429=.04,gone=.01,notfound=.01,slow=.01,trunc=.02,cut=.02,redir301=.02,redir302=.02,\
    loop=.01,huge=.005,html=.01,badxml=.01,reset=.02,stall=.005";

pub struct News {
    server: Server,
    foreign: Option<Internet>,
    /// Events that our own feeds tell of.
    events: u64,
    revision: u64,
    seeds: BTreeMap<u64, Document>,
}

fn shape() -> Shape {
    Shape { related: 4, days: 2_000, publishers: PUBLISHERS, seeds: 2_000 }
}

impl News {
    /// A world with a few seeds and news; tells the ground how it is reached.
    pub fn open(ground: &mut Ground, worldserver: Option<&str>) -> Self {
        let server = Server::open();
        let mut hosts: Vec<String> = (0..PUBLISHERS).map(|number| format!("www.{}", invent::host(number))).collect();
        hosts.extend((0..FEEDS).map(feed_host));
        let mut fetch = "  gap: 5ms\n  per_host: 4\n  allow_private: [127.0.0.0/8]\n  connect_to:\n".to_owned();
        for host in &hosts {
            let _ = writeln!(fetch, "    {host}: \"{}\"", server.address);
        }
        ground.fetch = fetch;
        let foreign = worldserver.map(|program| {
            let bad_day = ["--hosts", FOREIGN_HOSTS, "--ip-mode", "--latency-ms", "5..50", "--fault", FAULTS];
            let manners = ["--robots-disallow", ".1", "--retry-after", "5", "--change", ".2", "--slow-secs", "4"];
            Internet::start(Path::new(program), FOREIGN_FEEDS, &[&bad_day[..], &manners].concat())
        });
        let own = (0..FEEDS).map(|number| format!("http://{}/feed.xml", feed_host(number)));
        let others = foreign.iter().flat_map(|internet| internet.feeds(FOREIGN_FEEDS));
        for (number, url) in own.chain(others).enumerate() {
            let labels = if number % 3 == 0 { "[Space]" } else { "[]" };
            let _ = writeln!(ground.sources, "  - {{ url: \"{url}\", topics: {labels} }}");
        }
        let mut news = Self { server, foreign, events: 20, revision: 0, seeds: BTreeMap::new() };
        for number in 0..10 {
            news.write_seed(ground, number);
        }
        news.show();
        news
    }

    /// Something happens: a seed is written, or feeds tell of another event.
    pub fn happen(&mut self, ground: &Ground, dice: u64) {
        if dice.is_multiple_of(2) && (self.seeds.len() as u64) < SEEDS {
            self.write_seed(ground, self.seeds.len() as u64);
        } else if self.events < EVENTS {
            self.events += 1;
            self.show();
        } else {
            self.revise(ground, dice);
        }
        if let Some(internet) = self.foreign.as_ref().filter(|_| dice.is_multiple_of(8)) {
            internet.tick();
        }
    }

    /// Nothing new, but other words: as much work for as many articles.
    pub fn revise(&mut self, ground: &Ground, dice: u64) {
        self.revision += 1;
        self.write_seed(ground, dice % (self.seeds.len() as u64).max(1));
        self.show();
    }

    /// From now on every server of ours answers as it should.
    pub fn calm(&self) {
        self.server.calm.store(true, Ordering::SeqCst);
    }

    /// Every article that seeds and healthy feeds tell of now.
    pub fn told(&self) -> Vec<String> {
        let seeds = self.seeds.values().flat_map(|document| &document.articles).map(|told| told.url.clone());
        let feeds = (0..FEEDS).flat_map(|feed| self.items(feed)).map(|told| told.url);
        let own = seeds.chain(feeds).map(|url| url.replace("https://", "http://"));
        own.chain(self.foreign.iter().flat_map(foreign_items)).collect()
    }

    fn write_seed(&mut self, ground: &Ground, number: u64) {
        let mut document = Document::invent(number, shape());
        if self.revision > 0 {
            let _ = write!(document.articles[0].excerpt, " Revision {}.", self.revision);
        }
        ground.seed(&format!("{number:03}.md"), &document.text().replace("https://www.", "http://www."));
        self.seeds.insert(number, document);
        self.show();
    }

    /// Three of a hundred feeds tell of each event.
    fn items(&self, feed: u64) -> Vec<Told> {
        let mut items = Vec::new();
        for event in 0..self.events {
            let document = Document::invent(OWN_EVENTS + event, shape());
            let place = (feed + FEEDS - event % FEEDS) % FEEDS;
            items.extend(document.articles.get(place as usize).filter(|_| place < 3).cloned());
        }
        items
    }

    /// Puts feeds and pages onto the servers.
    fn show(&mut self) {
        let mut shown = self.server.shown.lock().expect("nobody panics");
        for document in self.seeds.values() {
            for told in &document.articles {
                shown.entry(markup::path_of(told)).or_insert_with(|| ("text/html; charset=utf-8", markup::page(told)));
            }
        }
        for feed in 0..FEEDS {
            let mut items = self.items(feed);
            for told in &items {
                shown.entry(markup::path_of(told)).or_insert_with(|| ("text/html; charset=utf-8", markup::page(told)));
            }
            let revised = (self.revision % items.len().max(1) as u64) as usize;
            if let Some(told) = items.get_mut(revised).filter(|_| self.revision > 0) {
                let _ = write!(told.excerpt, " Revision {}.", self.revision);
            }
            shown.insert(format!("{}/feed.xml", feed_host(feed)), ("application/rss+xml", markup::rss(&items)));
        }
    }
}

fn feed_host(number: u64) -> String {
    format!("feed-{number}.example")
}

/// What feeds without a fault show.
fn foreign_items(internet: &Internet) -> Vec<String> {
    let feeds = internet.feeds(FOREIGN_FEEDS);
    let is_whole = |answer: &Answer| {
        let closes = ["</rss>", "</feed>", "}"].iter().any(|end| answer.body.trim_end().ends_with(end));
        answer.status == 200 && closes && !answer.head.contains("content-encoding")
    };
    let healthy: Vec<bool> =
        feeds.iter().map(|url| fetch(url, false).is_some_and(|answer| is_whole(&answer))).collect();
    let items = internet.items(FOREIGN_FEEDS);
    let shown = items
        .iter()
        .filter(|item| item["feed"].as_u64().and_then(|feed| healthy.get(feed as usize)).copied().unwrap_or(false));
    shown.filter_map(|item| item["url"].as_str().map(str::to_owned)).collect()
}
