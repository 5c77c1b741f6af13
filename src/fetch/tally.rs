//! What was asked of the outside world since the process started, counted for the operator.
//!
//! In comes what became of each request, out go counts. Kept apart are the purpose, the class of the host and the
//! outcome, never the host itself: the number of rows has a bound that the world cannot move.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use url::Url;

use super::FetchRules;
use crate::model::{Outcome, Purpose};
use crate::url::registrable_domain_of;

/// What a host is to the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostClass {
    /// Nothing special.
    Public,
    /// It has a gap of its own in `fetch.hosts`.
    Tuned,
    /// `fetch.connect_to` leads elsewhere.
    Rerouted,
}

impl HostClass {
    /// The class of the host of `address`.
    #[must_use]
    pub fn of(address: &str, rules: &FetchRules) -> Self {
        let Ok(url) = Url::parse(address) else { return Self::Public };
        let host = url.host_str().unwrap_or_default();
        let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        if [host, with_port.as_str()].iter().any(|name| rules.connect_to.contains_key(*name)) {
            return Self::Rerouted;
        }
        let is_tuned = registrable_domain_of(&url).is_some_and(|domain| rules.host_gaps.contains_key(&domain));
        if is_tuned { Self::Tuned } else { Self::Public }
    }

    /// One word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Tuned => "tuned",
            Self::Rerouted => "rerouted",
        }
    }
}

/// What tells one row from another: purpose, class of the host, outcome.
pub type Row = (&'static str, &'static str, &'static str);

/// What a row counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Requests, each with its redirects.
    pub requests: u64,
    /// Bytes of bodies as they came over the wire, of answers that were read to their end.
    pub bytes: u64,
}

/// The counts. All who fetch for a process share one, so that a reload loses nothing.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<Row, Count>>);

impl Tally {
    /// One request came to this.
    pub fn note(&self, purpose: Purpose, class: HostClass, outcome: &Outcome) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = rows.entry((purpose.name(), class.name(), outcome.name())).or_default();
        count.requests += 1;
        if let Outcome::Fresh(page) = outcome {
            count.bytes = count.bytes.saturating_add(page.wire_bytes);
        }
    }

    /// All rows, in order.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Row, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::Page;

    #[test]
    fn hosts_are_what_the_configuration_says() {
        let check = |address: &str, expect| {
            let at = "127.0.0.1:80".parse().unwrap();
            let rules = FetchRules {
                host_gaps: [("slow.example".to_owned(), Duration::from_mins(1))].into(),
                connect_to: [("inside.example".to_owned(), at), ("port.example:8443".to_owned(), at)].into(),
                ..FetchRules::default()
            };
            assert_eq!(HostClass::of(address, &rules), expect, "{address}");
        };
        check("https://a.example/feed", HostClass::Public);
        check("https://www.slow.example/feed", HostClass::Tuned);
        check("https://inside.example/feed", HostClass::Rerouted);
        check("https://port.example:8443/feed", HostClass::Rerouted);
        check("https://port.example/feed", HostClass::Public);
        check("nonsense", HostClass::Public);
    }

    #[test]
    fn rows_are_told_apart_by_what_is_bounded() {
        let tally = Tally::default();
        let page = |wire_bytes| Outcome::Fresh(Page { wire_bytes, ..Page::default() });
        tally.note(Purpose::Feed, HostClass::Public, &page(10));
        tally.note(Purpose::Feed, HostClass::Public, &page(5));
        tally.note(Purpose::Article, HostClass::Tuned, &Outcome::Gone);
        let counts: Vec<_> = tally.counts().into_iter().collect();
        assert_eq!(
            counts,
            [
                (("feed", "public", "fresh"), Count { requests: 2, bytes: 15 }),
                (("page", "tuned", "gone"), Count { requests: 1, bytes: 0 }),
            ]
        );
    }
}
