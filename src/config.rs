//! The operator's word: YAML in, a checked [`Config`] out, or every mistake at once with its place.
//!
//! In come one file and the `conf.d` beside it ([`load()`]). They are read as trees, laid over each other, checked
//! against one table of keys, and built into plain values. No value from outside `${…}` ever reaches a message.
//! Nothing here starts anything; only `app` and `cli` know this module.

mod build;
mod check;
mod cross;
mod environment;
mod expand;
pub mod kind;
mod load;
mod node;
mod report;
mod scalar;
pub mod schema;
pub mod table;
mod topic_tests;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

pub use environment::Environment;
pub use load::{Loaded, load, locate, read};
pub use report::render;

use crate::model::{ImageRule, LeadRule, Source, Token, Topic};
use crate::schedule::cron::Cron;

/// The whole configuration, checked: bounds hold, paths are resolved, rules and expressions are parsed.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who publishes.
    pub site: Site,
    /// Where to listen.
    pub server: Server,
    /// The database file.
    pub store: PathBuf,
    /// Static files.
    pub output: Output,
    /// Story documents.
    pub seeds: Seeds,
    /// When to wake up.
    pub schedule: Schedule,
    /// Manners and limits.
    pub fetch: Fetch,
    /// Reading article pages.
    pub enrich: Enrich,
    /// Feeds to poll, each address once.
    pub sources: Vec<Source>,
    /// Topics to publish, each id once. Empty: every label of a seed is one.
    pub topics: Vec<Topic>,
    /// `private` of topics, by id.
    pub private: BTreeMap<String, Token>,
    /// `digest` of topics, by id.
    pub digests: BTreeMap<String, Cron>,
    /// What is one story.
    pub grouping: Grouping,
    /// How topics are published.
    pub publish: Publish,
}

/// `site:`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Not empty.
    pub title: String,
    /// Absolute, http or https, ends in `/`.
    pub base_url: String,
    /// Email or web address, visible ASCII without parentheses.
    pub contact: String,
    /// Authority of `tag:` URIs: a domain or email address.
    pub id: Option<String>,
}

/// `server:`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// For readers. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// For operators; another address than `listen`.
    pub admin: SocketAddr,
}

/// `output:`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Folder of static files.
    pub dir: Option<PathBuf>,
}

/// `seeds:`
#[derive(Debug, Clone)]
pub struct Seeds {
    /// Folders, searched recursively.
    pub paths: Vec<PathBuf>,
    /// When the folders are read in any case.
    pub reload: Cron,
    /// Whether file changes are watched.
    pub watch: bool,
    /// Whether seeds with `published: false` are taken.
    pub include_unpublished: bool,
}

/// `schedule:`
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Zone of both crontab expressions.
    pub timezone: TimeZone,
    /// When to look for sources that are due.
    pub poll: Cron,
}

/// `fetch:`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Floor between polls of a source with validators.
    pub min_interval: Duration,
    /// Floor between polls of a source without.
    pub min_interval_unconditional: Duration,
    /// The longest that a source waits only because it posts rarely.
    pub quiet_interval: Duration,
    /// Between two requests to one host.
    pub gap: Duration,
    /// 1 to 64.
    pub per_host: usize,
    /// 1 to 1,024.
    pub concurrency: usize,
    /// 1 s to 10 min.
    pub timeout: Duration,
    /// In bytes, 64 KiB to 256 MiB.
    pub max_body: usize,
    /// Whether robots.txt governs article pages.
    pub robots: bool,
    /// Tried on the host of a listed page that names no feed.
    pub discover_paths: Vec<String>,
    /// Whether hubs are asked to deliver.
    pub websub: WebSub,
    /// 1 or more, each from 1.
    pub ports: Vec<u16>,
    /// Networks: address and length of the prefix.
    pub allow_private: Vec<(IpAddr, u8)>,
    /// `host` or `host:port`, in lower case, to where it is dialled.
    pub connect_to: BTreeMap<String, SocketAddr>,
    /// Extra certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// The content of `ca_file`.
    pub ca_pem: Option<Vec<u8>>,
    /// `hosts.<domain>.gap`.
    pub host_gaps: BTreeMap<String, Duration>,
}

/// Whether hubs that sources name are asked to deliver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WebSub {
    /// Where `site.base_url` looks like an address that hubs reach.
    #[default]
    Auto,
    /// In any case: hub and wire share an intranet.
    Always,
    /// Not at all.
    Never,
}

/// `enrich:`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrich {
    /// For articles of seeds.
    pub seeds: Enriched,
    /// For articles of sources.
    pub sources: Enriched,
    /// Each from 1 min; ascending.
    pub revisit: Vec<Duration>,
}

/// Which articles have their page read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enriched {
    /// Every one.
    All,
    /// Those without image or excerpt, inside the window.
    Missing,
    /// Not one.
    None,
}

/// `grouping:`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// Farthest apart; zero means only must-links and identical articles.
    pub window: Duration,
    /// Articles that new ones are compared with at most: about 2 kB of memory each.
    pub max_articles: usize,
    /// Groups of two or more article addresses, each with a canonical form.
    pub same: Vec<Vec<String>>,
    /// Groups of two or more article addresses, no two of which stand together.
    pub different: Vec<Vec<String>>,
    /// Article addresses.
    pub pin: Vec<String>,
    /// Domains, in lower case.
    pub drop_publishers: Vec<String>,
}

/// `publish:`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// Names of formats, each once.
    pub formats: Vec<String>,
    /// Who leads a story.
    pub lead: LeadRule,
    /// What counts as an update.
    pub updated_on: UpdatedOn,
    /// Who tells subscribers of changes.
    pub websub: Hub,
    /// Where readers get pictures.
    pub images: ImageRule,
}

/// The hub of our own feeds (W3C WebSub).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Hub {
    /// There is none.
    #[default]
    None,
    /// We are our own hub.
    Own,
    /// This one is told of changes.
    Outside(String),
}

/// Which change of a story moves its `updated`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UpdatedOn {
    /// A new publisher, or an editor's change to a seed's title, excerpt or note.
    #[default]
    NewSource,
    /// Another lead, or another title or excerpt of it.
    LeadChanged,
    /// No change.
    Never,
}
