//! Asking the outside world, politely and safely.
//!
//! In comes a [`Request`], out comes an [`Outcome`]: expected results are variants, never errors. [`guard`] says
//! what may be dialled, [`polite`] says when, [`robots`] says what a host wants, [`http`] does the asking,
//! and [`tally`] counts.
//! Nothing here retries, keeps cookies, knows a stage or the store, or dials an address that was not checked.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Delivery, Failure, FailureKind, Outcome, Posted, Refusal, Request};

pub use polite::{HostState, Suspicion};
pub use robots::RobotsState;

mod body;
pub mod dial;
pub mod guard;
pub mod head;
pub mod http;
pub mod polite;
pub mod robots;
pub mod tally;

/// One who can be asked for an address: the network, or a test's twin of it.
pub trait Fetch: Send + Sync {
    /// Makes one GET, with its redirects, and says what came of it. Never retries.
    fn fetch(&self, request: &Request) -> impl Future<Output = Outcome> + Send;

    /// Sends `form` (`application/x-www-form-urlencoded`) to a hub and says what came of it. Never retries.
    fn post_form(&self, url: &str, form: &str) -> impl Future<Output = Posted> + Send {
        let _ = (url, form);
        let detail = "nothing is posted here".to_owned();
        std::future::ready(Posted::Failed(Failure { kind: FailureKind::Connect, status: None, detail }))
    }

    /// Sends content to one who follows it through our hub and says what came of it. Never retries, follows no
    /// redirect.
    fn deliver(&self, delivery: &Delivery) -> impl Future<Output = Posted> + Send {
        let _ = delivery;
        let detail = "nothing is delivered here".to_owned();
        std::future::ready(Posted::Failed(Failure { kind: FailureKind::Connect, status: None, detail }))
    }

    /// The hosts whose standing changed since the last call: what a stage stores after an answer.
    fn host_changes(&self) -> Vec<HostState> {
        Vec::new()
    }

    /// What hosts said in their robots.txt since the last call: what a stage stores after an answer.
    fn robots_changes(&self) -> Vec<RobotsState> {
        Vec::new()
    }
}

impl<F: Fetch> Fetch for Arc<F> {
    fn fetch(&self, request: &Request) -> impl Future<Output = Outcome> + Send {
        F::fetch(self, request)
    }

    fn post_form(&self, url: &str, form: &str) -> impl Future<Output = Posted> + Send {
        F::post_form(self, url, form)
    }

    fn deliver(&self, delivery: &Delivery) -> impl Future<Output = Posted> + Send {
        F::deliver(self, delivery)
    }

    fn host_changes(&self) -> Vec<HostState> {
        F::host_changes(self)
    }

    fn robots_changes(&self) -> Vec<RobotsState> {
        F::robots_changes(self)
    }
}

/// The operator's word on fetching (`fetch:` in the configuration).
#[derive(Debug, Clone)]
pub struct FetchRules {
    /// For the work of one fetch, all its hops together; waiting for one's turn does not count. Default 20 s.
    pub timeout: Duration,
    /// Bytes of a body, decoded. Default 5 MiB.
    pub max_body: usize,
    /// Requests at a time, to all hosts together. Default 64, at least 1.
    pub concurrency: usize,
    /// Between the end of one request to a host and the start of the next. Default 1 s.
    pub gap: Duration,
    /// Requests at a time to one registrable domain, and to one address. Default 1, at least 1.
    pub per_host: usize,
    /// Longer (or shorter) gaps, by registrable domain.
    pub host_gaps: BTreeMap<String, Duration>,
    /// After that an idle connection is closed. Default 15 s: long enough for the next page of the same host after a
    /// gap, short enough to hold no server's socket.
    pub idle: Duration,
    /// Whether robots.txt governs article pages. Default yes.
    pub robots: bool,
    /// Ports that may be dialled. Default 80 and 443.
    pub ports: Vec<u16>,
    /// Networks that may be dialled although they are not public, on any port. Default none.
    pub allow_private: Vec<guard::Network>,
    /// `host` or `host:port` → where to connect instead; TLS name and `Host` stay. Default empty.
    pub connect_to: BTreeMap<String, SocketAddr>,
    /// More certificate authorities to trust, as PEM. Default none.
    pub ca_pem: Option<Vec<u8>>,
    /// The `User-Agent` field: name, version, contact. The same for every request.
    pub user_agent: String,
}

impl Default for FetchRules {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(20),
            max_body: 5 << 20,
            concurrency: 64,
            gap: Duration::from_secs(1),
            per_host: 1,
            host_gaps: BTreeMap::new(),
            idle: Duration::from_secs(15),
            robots: true,
            ports: vec![80, 443],
            allow_private: Vec::new(),
            connect_to: BTreeMap::new(),
            ca_pem: None,
            user_agent: concat!("newswire/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Work that ended before there was an answer to read: the outcomes that need none.
#[derive(Debug, Clone, PartialEq)]
enum Early {
    Throttled { status: u16, retry_after: Option<Timestamp> },
    Refused(Refusal),
    Failed(Failure),
}

impl From<Early> for Outcome {
    fn from(early: Early) -> Self {
        match early {
            Early::Throttled { status, retry_after } => Self::Throttled { status, retry_after },
            Early::Refused(why) => Self::Refused(why),
            Early::Failed(failure) => Self::Failed(failure),
        }
    }
}

fn failed(kind: FailureKind, detail: impl Into<String>) -> Early {
    Early::Failed(Failure { kind, status: None, detail: detail.into() })
}

fn refused(why: impl Into<String>) -> Early {
    Early::Refused(Refusal::Guard(why.into()))
}
