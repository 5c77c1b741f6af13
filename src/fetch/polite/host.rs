//! One host's budget: a registrable domain's or an address's line, gap, rest, and what it is suspected of.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::Digest;

/// A host that throttles two URLs and names no time rests that long (POLITE.md S14).
const DEFAULT_REST: Duration = Duration::from_hours(1);

/// What is worth keeping about a host across restarts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostState {
    /// Registrable domain.
    pub host: String,
    /// When the last request to it started.
    pub last_asked_at: Option<Timestamp>,
    /// Nothing of it is asked before.
    pub not_before: Option<Timestamp>,
    /// Whether one URL of it was throttled.
    pub suspicion: Suspicion,
}

/// One URL was throttled: a second one would speak for the whole host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// Nothing new since it was last told.
    AsBefore,
    /// None any more.
    Over,
    /// This URL, and until when it counts.
    Of(Digest, Timestamp),
}

/// A budget. The lock is held for a few moves of memory only.
pub(super) struct Host {
    /// The registrable domain; an address's budget is not worth keeping.
    name: Option<String>,
    turns: Arc<Semaphore>,
    gap: Duration,
    facts: Mutex<Facts>,
}

struct Facts {
    next_at: Timestamp,
    last_asked_at: Option<Timestamp>,
    not_before: Option<Timestamp>,
    suspect: Option<(Digest, Timestamp)>,
    is_suspicion_new: bool,
    /// It waits to be told.
    is_changed: bool,
}

impl Facts {
    /// Where the clock was set back since the host was asked, what counts from then counts from `now`.
    fn set_back(&mut self, now: Timestamp) {
        let Some(by) = self.last_asked_at.map(|asked| asked.duration_since(now)).filter(|by| by.is_positive()) else {
            return;
        };
        let back = |at: Timestamp| at.checked_sub(by).unwrap_or(now);
        self.last_asked_at = Some(now);
        self.not_before = self.not_before.map(back);
        self.suspect = self.suspect.map(|(url, until)| (url, back(until)));
    }
}

impl Host {
    pub(super) fn new(name: Option<String>, gap: Duration, per_host: usize, now: Timestamp) -> Self {
        let facts = Facts {
            next_at: now,
            last_asked_at: None,
            not_before: None,
            suspect: None,
            is_suspicion_new: false,
            is_changed: false,
        };
        Self { name, turns: Arc::new(Semaphore::new(per_host)), gap, facts: Mutex::new(facts) }
    }

    pub(super) fn seed(&self, known: &HostState) {
        let mut facts = self.facts();
        facts.last_asked_at = known.last_asked_at;
        facts.not_before = known.not_before;
        if let Suspicion::Of(url, until) = known.suspicion {
            facts.suspect = Some((url, until));
        }
        if let Some(at) = known.last_asked_at {
            facts.next_at = facts.next_at.max(later(at, self.gap));
        }
    }

    /// What changed, for the store.
    pub(super) fn told(&self) -> HostState {
        let mut facts = self.facts();
        facts.is_changed = false;
        let suspicion = match (std::mem::take(&mut facts.is_suspicion_new), facts.suspect) {
            (false, _) => Suspicion::AsBefore,
            (true, None) => Suspicion::Over,
            (true, Some((url, until))) => Suspicion::Of(url, until),
        };
        HostState {
            host: self.name.clone().unwrap_or_default(),
            last_asked_at: facts.last_asked_at,
            not_before: facts.not_before,
            suspicion,
        }
    }

    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    pub(super) fn resting(&self, now: Timestamp) -> Option<Timestamp> {
        let mut facts = self.facts();
        facts.set_back(now);
        facts.not_before.filter(|until| *until > now)
    }

    /// How long the next request must wait.
    pub(super) fn wait(&self, now: Timestamp, per_host: usize) -> Duration {
        let due = Duration::try_from(self.facts().next_at.duration_since(now)).unwrap_or_default();
        // No more than those in the line before us can have taken: a clock set back must not stop a host.
        due.min(self.gap.saturating_mul(u32::try_from(per_host).unwrap_or(u32::MAX)))
    }

    pub(super) fn take_start(&self, start: Timestamp) {
        self.facts().next_at = later(start, self.gap);
    }

    /// Says whether it must be told from now on.
    pub(super) fn mark(&self, now: Timestamp, is_start: bool) -> bool {
        let mut facts = self.facts();
        facts.next_at = facts.next_at.max(later(now, self.gap));
        if is_start {
            facts.last_asked_at = Some(now);
            return self.must_tell(&mut facts);
        }
        false
    }

    /// Says whether it must be told from now on.
    pub(super) fn throttled(&self, url: Digest, retry_after: Option<Timestamp>, now: Timestamp) -> bool {
        let until = retry_after.unwrap_or_else(|| later(now, DEFAULT_REST));
        let mut facts = self.facts();
        match facts.suspect {
            Some((first, still)) if first != url && still > now => {
                facts.not_before = Some(facts.not_before.map_or(until, |known| known.max(until)));
            }
            _ => {
                facts.suspect = Some((url, until));
                facts.is_suspicion_new = true;
            }
        }
        self.must_tell(&mut facts)
    }

    /// Says whether it must be told from now on.
    pub(super) fn answered(&self) -> bool {
        let mut facts = self.facts();
        if facts.suspect.take().is_none() {
            return false;
        }
        facts.is_suspicion_new = true;
        self.must_tell(&mut facts)
    }

    fn must_tell(&self, facts: &mut Facts) -> bool {
        self.name.is_some() && !std::mem::replace(&mut facts.is_changed, true)
    }

    /// Nobody stands in its line, and nothing of it waits to be told.
    pub(super) fn is_idle(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) == 1
    }

    /// When the last thing known about it is over.
    pub(super) fn over_at(&self) -> Timestamp {
        let facts = self.facts();
        let suspected = facts.suspect.map_or(Timestamp::MIN, |(_, until)| until);
        facts.next_at.max(facts.not_before.unwrap_or(Timestamp::MIN)).max(suspected)
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        super::lock(&self.facts)
    }
}

pub(super) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
