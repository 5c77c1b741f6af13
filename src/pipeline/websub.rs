//! WebSub: hubs that sources name are asked to deliver, and what they deliver is taken in.
//!
//! `follow` notes which hub a feed offers; this stage asks hubs, [`Desk`] answers what they say at the call-back
//! addresses, and deliveries wait in the store until they are taken in. A hub is one more way for entries to come,
//! never the only one: the source is polled in any case.

mod desk;
mod discover;
pub(super) mod signature;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::url::form_urlencoded;

pub use desk::{Desk, Tally};
pub(super) use discover::discover;

use super::arrivals::{self, Age};
use super::enrich::note_hosts;
use super::intake::IntakeRules;
use super::round::{Bounds, Busy, OfHost, round};
use super::{StageError, StageResult, Wire};
use crate::fetch::Fetch;
use crate::model::{Phase, Posted};
use crate::schedule::subscription;
use crate::store::{Batch, DeliveryRow, Result, Secrets, SubscriptionRow};
use crate::{feed, url};

/// Bytes of a call-back address that nobody guesses: 128 bits.
const PATH_BYTES: usize = 16;

/// Bytes of a key for signatures: those of the strongest method that hubs commonly use.
const KEY_BYTES: usize = 32;

/// Due hubs looked at when busy ones are passed over.
const LOOK_AHEAD: usize = 1024;

/// Deliveries in memory at a time.
const DELIVERIES: usize = 8;

/// Fills the bytes with randomness; `false` when the machine has none.
pub type Random = Arc<dyn Fn(&mut [u8]) -> bool + Send + Sync>;

/// What the stage needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct SubscriberRules {
    /// What call-back addresses begin with, ending in `/`; `None`: no hub is asked, and those that were are told so.
    pub callbacks: Option<String>,
    /// Hubs asked at a time.
    pub concurrency: usize,
    /// For the articles that come of it.
    pub intake: IntakeRules,
}

/// The stage.
pub struct Subscriber<F> {
    wire: Wire,
    fetch: Arc<F>,
    rules: SubscriberRules,
    random: Random,
}

impl<F: Fetch + 'static> Subscriber<F> {
    /// A stage that asks through `fetch` and draws secrets from `random`.
    pub fn new(wire: Wire, fetch: Arc<F>, rules: SubscriberRules, random: Random) -> Self {
        Self { wire, fetch, rules, random }
    }

    /// Brings what is subscribed in line with the sources and rules of now: what is no longer listed is left, and what
    /// was told another call-back address is left and subscribed anew.
    ///
    /// # Errors
    /// When the store fails.
    pub fn list(&self) -> Result<(), StageError> {
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            for row in batch.wanted_subscriptions(true)? {
                leave(batch, &row, now)?;
            }
            for row in batch.wanted_subscriptions(false)? {
                let told = row.state.callback.as_deref();
                let is_ours = self.rules.callbacks.as_deref().is_some_and(|ours| {
                    let path = row.secrets.as_ref().map(|secrets| secrets.path.as_str());
                    told.is_none_or(|told| told.strip_prefix(ours).is_some_and(|rest| Some(rest) == path))
                });
                if told.is_some() && !is_ours {
                    leave(batch, &row, now)?;
                }
                if self.rules.callbacks.is_some() && (!is_ours || row.state.next_at.is_none()) {
                    let offer = subscription::offer(&row.state.hub, &row.state.topic, now);
                    match told {
                        Some(_) => batch.add_subscription(row.source, &row.domain, &offer).map(drop)?,
                        None => batch.note_subscription(row.no, &offer)?,
                    }
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Asks at most `limit` hubs that are due, a host at most one at a time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn step(&self, limit: usize) -> StageResult {
        let bounds = Bounds { limit, concurrency: self.rules.concurrency, per_host: 1 };
        let ask = |errand: Errand| {
            let fetch = Arc::clone(&self.fetch);
            async move {
                let posted = fetch.post_form(&errand.row.state.hub, &errand.form).await;
                Asked { row: errand.row, posted }
            }
        };
        let settle = |answers: Vec<Asked>| answers.iter().try_for_each(|asked| self.settle(asked));
        round(bounds, |free, busy| self.claim(free, busy), ask, settle).await
    }

    /// Takes in at most `limit` deliveries that wait.
    ///
    /// # Errors
    /// When the store fails.
    pub fn take(&self, limit: usize) -> StageResult {
        let waiting = self.wire.store.read(|view| view.waiting_deliveries(limit.min(DELIVERIES)))?;
        for delivery in &waiting {
            self.take_in(delivery)?;
        }
        Ok(waiting.len())
    }

    fn take_in(&self, delivery: &DeliveryRow) -> Result<()> {
        let now = self.wire.clock.now();
        // Whatever a reader stumbles over must not stand in the way of all that waits behind it: a poll brings it again.
        let read = || feed::read(&delivery.body, delivery.charset.as_deref(), &delivery.topic);
        let feed = catch_unwind(AssertUnwindSafe(read)).unwrap_or_default();
        let (is_feed, entries) = (feed.format.is_some(), feed.entries.len());
        let new = self.wire.store.write(|batch| {
            batch.delivery_taken(delivery.no)?;
            if is_feed && let Some(row) = batch.subscription_of(delivery.source)? {
                let state = crate::model::Subscription { delivered_at: Some(now), ..row.state };
                batch.note_subscription(row.no, &state)?;
            }
            arrivals::take_in(batch, delivery.source, feed.entries, Age::Latest, self.rules.intake, now)
        })?;
        let topic = url::mask(&delivery.topic);
        if is_feed {
            tracing::info!(url = %topic, entries, new, "a hub has delivered");
        } else {
            tracing::warn!(url = %topic, "a hub has delivered what is no feed");
        }
        Ok(())
    }

    fn claim(&self, free: usize, busy: &mut Busy) -> Result<Vec<Errand>, StageError> {
        let now = self.wire.clock.now();
        let due = self.wire.store.read(|view| view.due_subscriptions(now, LOOK_AHEAD))?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.wire.store.write(|batch| {
            let mut errands = Vec::new();
            for row in due {
                let is_over = row.state.phase == Phase::Left;
                if errands.len() >= free || !(is_over || busy.has_room(&row.domain)) {
                    continue;
                }
                if let Some(errand) = self.claim_one(batch, row)? {
                    busy.enter(&errand.row.domain);
                    errands.push(errand);
                }
            }
            Ok(errands)
        })?)
    }

    fn claim_one(&self, batch: &Batch<'_>, mut row: SubscriptionRow) -> Result<Option<Errand>> {
        let now = self.wire.clock.now();
        if row.state.phase == Phase::Left {
            return batch.forget_subscription(row.no).map(|()| None);
        }
        let leaving = row.state.phase == Phase::Leaving;
        let callback = match (&row.state.callback, &self.rules.callbacks) {
            // What the hub was told is what it must be told again.
            (Some(told), _) if leaving || self.rules.callbacks.is_some() => told.clone(),
            (None, Some(ours)) => match self.secrets() {
                Some(secrets) => {
                    batch.give_secrets(row.no, &secrets)?;
                    format!("{ours}{}", row.secrets.insert(secrets).path)
                }
                None => return Ok(None),
            },
            // Hubs are off: it waits for the configuration.
            _ => {
                row.state.next_at = None;
                return batch.note_subscription(row.no, &row.state).map(|()| None);
            }
        };
        row.state = subscription::claim(&row.state, &callback, now);
        batch.note_subscription(row.no, &row.state)?;
        batch.touch_host(&row.domain, now)?;
        Ok(Some(Errand { form: form(&row, &callback), row }))
    }

    fn settle(&self, asked: &Asked) -> Result<(), StageError> {
        let Asked { row, posted } = asked;
        let now = self.wire.clock.now();
        let hub = url::mask(&row.state.hub);
        match posted {
            Posted::Accepted => tracing::info!(%hub, phase = %row.state.phase, "hub asked"),
            Posted::Throttled { .. } => tracing::info!(%hub, "a hub asks us to slow down"),
            Posted::Failed(failure) => tracing::warn!(%hub, problem = %failure, "a hub could not be asked"),
        }
        self.wire.store.write(|batch| {
            note_hosts(batch, self.fetch.as_ref(), now)?;
            // As it stands now: the hub may have verified before it answered.
            match batch.subscription(row.no)? {
                Some(row) => batch.note_subscription(row.no, &subscription::posted(&row.state, posted, now)),
                None => Ok(()),
            }
        })?;
        Ok(())
    }

    fn secrets(&self) -> Option<Secrets> {
        let draw = |count: usize| {
            let mut bytes = vec![0; count];
            let drawn = (self.random)(&mut bytes);
            drawn.then(|| {
                bytes.iter().fold(String::new(), |mut text, byte| {
                    let _ = write!(text, "{byte:02x}");
                    text
                })
            })
        };
        let secrets = draw(PATH_BYTES).zip(draw(KEY_BYTES)).map(|(path, key)| Secrets { path, key });
        if secrets.is_none() {
            tracing::error!("the machine gives no random numbers: no hub is asked");
        }
        secrets
    }
}

/// Ends `row`: the hub is told if it ever heard of us.
///
/// # Errors
/// When the store fails.
pub(super) fn leave(batch: &Batch<'_>, row: &SubscriptionRow, now: jiff::Timestamp) -> Result<()> {
    match subscription::leave(&row.state, now) {
        Some(leaving) => batch.note_subscription(row.no, &leaving),
        None => batch.forget_subscription(row.no),
    }
}

/// The form of a request to a hub (W3C WebSub section 5.1).
fn form(row: &SubscriptionRow, callback: &str) -> String {
    let leaving = row.state.phase == Phase::Leaving;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("hub.mode", if leaving { "unsubscribe" } else { "subscribe" });
    form.append_pair("hub.topic", &row.state.topic);
    form.append_pair("hub.callback", callback);
    if let Some(secrets) = row.secrets.as_ref().filter(|_| !leaving) {
        form.append_pair("hub.secret", &secrets.key);
        form.append_pair("hub.lease_seconds", &subscription::LEASE_S.to_string());
    }
    form.finish()
}

struct Errand {
    row: SubscriptionRow,
    form: String,
}

struct Asked {
    row: SubscriptionRow,
    posted: Posted,
}

impl OfHost for Asked {
    fn domain(&self) -> &str {
        &self.row.domain
    }
}
