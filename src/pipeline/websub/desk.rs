//! The desk at the call-back addresses: what a hub says comes in, what it is answered goes out.
//!
//! A delivery with the right signature is committed to the store before it is acknowledged and taken in later. One
//! with a wrong signature is acknowledged all the same and forgotten, so that nobody learns by trying.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::Wire;
use super::super::driver::Bell;
use super::signature;
use crate::model::{HubAnswer, HubWord, Phase};
use crate::schedule::subscription;
use crate::store::{Queued, Result, SubscriptionRow};

/// Characters of a hub's reason for its denial.
const MOST_REASON: usize = 200;

/// What hubs said since the process started.
#[derive(Debug, Default)]
pub struct Tally {
    taken: AtomicU64,
    repeated: AtomicU64,
    forged: AtomicU64,
    put_off: AtomicU64,
    unknown: AtomicU64,
}

impl Tally {
    /// Each outcome by name.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, u64); 5] {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        [
            ("taken", read(&self.taken)),
            ("repeated", read(&self.repeated)),
            ("forged", read(&self.forged)),
            ("put_off", read(&self.put_off)),
            ("unknown", read(&self.unknown)),
        ]
    }
}

/// Answers hubs. Clones share one desk.
#[derive(Clone)]
pub struct Desk {
    wire: Wire,
    bell: Bell,
    tally: Arc<Tally>,
}

impl Desk {
    /// A desk that rings `bell` when a delivery waits.
    #[must_use]
    pub fn new(wire: Wire, bell: Bell) -> Self {
        Self { wire, bell, tally: Arc::default() }
    }

    /// What hubs said so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Answers `word`, said at the call-back address that ends in `path`. It may block.
    #[must_use]
    pub fn answer(&self, path: &str, word: HubWord) -> HubAnswer {
        let heard = match word {
            HubWord::Knock => self.row(path).map(|row| row.map_or(HubAnswer::Unknown, |row| whether_wanted(&row))),
            HubWord::Verify { is_leaving, topic, challenge, lease_s } => self
                .verify(path, is_leaving, &topic, lease_s)
                .map(|yes| if yes { HubAnswer::Yes(challenge) } else { HubAnswer::Unknown }),
            HubWord::Denied { topic, reason } => self.denied(path, &topic, reason.as_deref()),
            HubWord::Delivery { signature, charset, body } => {
                self.deliver(path, signature.as_deref(), charset.as_deref(), &body)
            }
        };
        let answer = heard.unwrap_or_else(|error| {
            tracing::error!(%error, "a hub could not be heard");
            HubAnswer::Later
        });
        if answer == HubAnswer::Unknown {
            self.tally.unknown.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }

    fn row(&self, path: &str) -> Result<Option<SubscriptionRow>> {
        self.wire.store.read(|view| view.subscription_at(path))
    }

    /// Whether we asked for that: then it is so from now on.
    fn verify(&self, path: &str, is_leaving: bool, topic: &str, lease_s: Option<u64>) -> Result<bool> {
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            let Some(row) = batch.subscription_at(path)? else { return Ok(false) };
            let next = if is_leaving {
                let asked = matches!(row.state.phase, Phase::Leaving | Phase::Left) && row.state.topic == topic;
                asked.then(|| subscription::left(&row.state, now))
            } else {
                subscription::is_wanted(&row.state, topic).then(|| subscription::verified(&row.state, lease_s, now))
            };
            let Some(next) = next else { return Ok(false) };
            batch.note_subscription(row.no, &next)?;
            Ok(true)
        })
    }

    fn denied(&self, path: &str, topic: &str, reason: Option<&str>) -> Result<HubAnswer> {
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            let Some(row) = batch.subscription_at(path)? else { return Ok(HubAnswer::Unknown) };
            if row.state.topic != topic {
                return Ok(HubAnswer::Unknown);
            }
            if !matches!(row.state.phase, Phase::Leaving | Phase::Left) {
                let reason: Option<String> = reason
                    .map(|reason| reason.chars().filter(|letter| !letter.is_control()).take(MOST_REASON).collect());
                batch.note_subscription(row.no, &subscription::denied(&row.state, reason.as_deref(), now))?;
            }
            Ok(HubAnswer::Heard)
        })
    }

    fn deliver(&self, path: &str, signature: Option<&str>, charset: Option<&str>, body: &[u8]) -> Result<HubAnswer> {
        let Some(row) = self.row(path)? else { return Ok(HubAnswer::Unknown) };
        let answer = whether_wanted(&row);
        if answer != HubAnswer::Heard {
            return Ok(answer);
        }
        let key = row.secrets.as_ref().map(|secrets| secrets.key.as_str()).unwrap_or_default();
        if key.is_empty() || !signature::is_right(signature, key, body) {
            self.tally.forged.fetch_add(1, Ordering::Relaxed);
            tracing::debug!("a delivery without the right signature was ignored");
            return Ok(HubAnswer::Heard);
        }
        let now = self.wire.clock.now();
        let queued = self.wire.store.write(|batch| batch.queue_delivery(row.no, charset, body, now))?;
        let (count, answer) = match queued {
            Queued::New => (&self.tally.taken, HubAnswer::Heard),
            Queued::Known => (&self.tally.repeated, HubAnswer::Heard),
            Queued::Full => (&self.tally.put_off, HubAnswer::Later),
        };
        count.fetch_add(1, Ordering::Relaxed);
        if queued == Queued::New {
            self.bell.ring();
        }
        Ok(answer)
    }
}

/// Whether a delivery for `row` is welcome.
fn whether_wanted(row: &SubscriptionRow) -> HubAnswer {
    match row.state.phase {
        Phase::Leaving | Phase::Left => HubAnswer::Gone,
        Phase::Offered | Phase::Active | Phase::Denied => HubAnswer::Heard,
    }
}
