//! The hub of our own feeds (W3C WebSub): an outside one is told what changed, or we are our own.
//!
//! `release` notes which feeds changed (announcements), in the transaction that dates them. Here they become one form
//! to an outside hub, or one delivery a follower. What is delivered is the document as it is when it is sent, so a
//! follower that was away gets one delivery, not ten. Everything goes through `fetch`, with its guard and its manners.

mod desk;
mod follower;
mod ping;

use std::sync::Arc;
use std::time::Duration;

pub use desk::FollowDesk;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::enrich::note_hosts;
use super::round::{Busy, OfHost};
use super::websub::Random;
use super::{StageError, StageResult, Wire};
use crate::fetch::Fetch;
use crate::released::Released;
use follower::{Asked, Errand};

/// Due followers looked at when busy hosts are passed over.
const LOOK_AHEAD: usize = 1024;

/// How long a delivery may hang before what else changed is looked for: a change is delivered within a second.
const LOOK: Duration = Duration::from_millis(200);

/// Announcements taken at a time.
const CHANGES: usize = 10_000;

/// Who tells subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubMode {
    /// Nobody.
    None,
    /// We do.
    Own,
    /// The hub at this address does, once it is told.
    Outside(String),
}

/// What the stage needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct HubRules {
    /// Who tells subscribers.
    pub hub: HubMode,
    /// Absolute address of the site, ending in `/`.
    pub base_url: String,
    /// Followers sent to at a time.
    pub concurrency: usize,
}

impl HubRules {
    /// The address of our own hub.
    fn own_hub(&self) -> String {
        format!("{}hub", self.base_url)
    }

    /// The address of the document at `path`.
    fn address(&self, path: &str) -> String {
        match ::url::Url::parse(&self.base_url).and_then(|base| base.join(path)) {
            Ok(address) => address.to_string(),
            Err(_) => format!("{}{path}", self.base_url),
        }
    }
}

/// The stage.
pub struct Hub<F> {
    wire: Wire,
    fetch: Arc<F>,
    rules: HubRules,
    released: Released,
    random: Random,
}

impl<F: Fetch + 'static> Hub<F> {
    /// A stage that sends what is in `released` through `fetch`, and draws challenges from `random`.
    pub fn new(wire: Wire, fetch: Arc<F>, rules: HubRules, released: Released, random: Random) -> Self {
        Self { wire, fetch, rules, released, random }
    }

    /// Tells an outside hub what changed; or verifies and sends to at most `limit` followers, a host at most one at a
    /// time. Counts requests.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn step(&self, limit: usize) -> StageResult {
        match &self.rules.hub {
            HubMode::None => Ok(0),
            HubMode::Outside(hub) => self.ping(hub).await,
            // What nobody reads cannot be sent: the daemon does it.
            HubMode::Own if self.released.is_unread() => Ok(0),
            HubMode::Own => self.serve(limit).await,
        }
    }

    /// Not a `round` as of other stages: what changes while a follower hangs must not wait for it.
    async fn serve(&self, limit: usize) -> StageResult {
        let mut under_way = JoinSet::new();
        let mut busy = Busy::new(1);
        let mut taken = 0;
        loop {
            let free = self.rules.concurrency.max(1).saturating_sub(under_way.len()).min(limit - taken);
            for errand in if free > 0 { self.claim(free, &mut busy)? } else { Vec::new() } {
                taken += 1;
                let fetch = Arc::clone(&self.fetch);
                under_way.spawn(async move { follower::ask(fetch.as_ref(), errand).await });
            }
            match timeout(LOOK, under_way.join_next()).await {
                Ok(None) => return Ok(taken),
                Ok(Some(Ok(asked))) => {
                    busy.leave(asked.domain());
                    self.settle(asked)?;
                }
                Ok(Some(Err(error))) => tracing::error!(%error, "sending to a follower failed"),
                // Somebody hangs: what has changed meanwhile is looked for.
                Err(_) => {}
            }
        }
    }

    /// What changed is owed to those who follow it. A document that is not released yet, since a release is under way,
    /// waits for that.
    fn owe(&self) -> Result<(), StageError> {
        let now = self.wire.clock.now();
        let changes = self.wire.store.read(|view| view.announcements(CHANGES))?;
        if changes.is_empty() {
            return Ok(());
        }
        Ok(self.wire.store.write(|batch| {
            batch.end_leases(now)?;
            for (path, at) in &changes {
                let shown = self.released.get(path).map(|packed| packed.digest());
                let stored = batch.document(path)?.map(|row| row.digest);
                if shown == stored {
                    batch.owe(path, now)?;
                    batch.announced(path, *at)?;
                }
            }
            Ok(())
        })?)
    }

    fn claim(&self, free: usize, busy: &mut Busy) -> Result<Vec<Errand>, StageError> {
        self.owe()?;
        let now = self.wire.clock.now();
        let (requests, due) = self
            .wire
            .store
            .read(|view| Ok((view.follow_requests(LOOK_AHEAD)?, view.due_followers(now, LOOK_AHEAD)?)))?;
        if requests.is_empty() && due.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.wire.store.write(|batch| {
            let mut errands: Vec<Errand> = Vec::new();
            for row in due {
                if errands.len() < free
                    && busy.has_room(&row.domain)
                    && let Some(errand) = self.delivery(batch, row, now)?
                {
                    batch.touch_host(errand.domain(), now)?;
                    busy.enter(errand.domain());
                    errands.push(errand);
                }
            }
            for (no, request) in requests {
                if errands.len() < free && busy.has_room(&request.domain) {
                    batch.take_follow_request(no)?;
                    if let Some(errand) = self.verification(request) {
                        batch.touch_host(errand.domain(), now)?;
                        busy.enter(errand.domain());
                        errands.push(errand);
                    }
                }
            }
            Ok(errands)
        })?)
    }

    fn settle(&self, asked: Asked) -> Result<(), StageError> {
        let now = self.wire.clock.now();
        Ok(self.wire.store.write(|batch| {
            note_hosts(batch, self.fetch.as_ref(), now)?;
            follower::settle(batch, asked, now)
        })?)
    }
}

impl OfHost for Asked {
    fn domain(&self) -> &str {
        match self {
            Self::Verified(request, _) => &request.domain,
            Self::Sent(row, _) => &row.domain,
        }
    }
}
