//! What hosts said in their robots.txt, remembered: an origin comes in, its verdict goes out.
//!
//! Each origin is asked by one task at a time and at most once a day. Bounded by origins and by bytes, oldest out.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Robots;
use crate::clock::Clock;
use crate::fetch::Early;
use crate::model::{Failure, FailureKind, Refusal};

/// RFC 9309 §2.4: no copy should be used for longer.
const KEEP: Duration = Duration::from_hours(24);

/// A host whose robots.txt fails is closed for that long; then it is asked again.
const KEEP_CLOSED: Duration = Duration::from_hours(1);

/// Where nobody answered, asking again costs nobody anything; this only spares us the waiting for each page.
const KEEP_UNREACHED: Duration = Duration::from_mins(5);

/// Origins remembered.
const MAX_ORIGINS: usize = 4096;

/// Bytes of rules remembered, all origins together: a hostile file weighs at most half a megabyte.
const MAX_WEIGHT: usize = 32 << 20;

/// A longer set of rules is a mistake; its host is asked again after a restart.
const MAX_KEPT_BYTES: usize = 128 << 10;

/// What a host said in its robots.txt, fit to be kept across restarts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotsState {
    /// Scheme, host and port.
    pub origin: String,
    /// It is not asked again before.
    pub until: Timestamp,
    /// The verdict as JSON, readable by this module alone.
    pub verdict: String,
}

/// A verdict as it is kept. That nobody answered is not worth it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Open(String),
    Closed(String),
    Throttled(u16, Timestamp),
}

/// What the asking for a robots.txt came to.
pub(in crate::fetch) struct Answer {
    pub status: u16,
    pub retry_after: Option<Timestamp>,
    pub bytes: Vec<u8>,
}

/// What follows from it.
#[derive(Debug, Clone)]
pub(in crate::fetch) enum Verdict {
    /// These rules apply.
    Open(Arc<Robots>),
    /// Nothing of this origin may be asked; this is what came of it instead.
    Closed(Early),
}

/// A verdict and when it ends.
#[derive(Debug, Clone)]
pub(in crate::fetch) struct Known {
    verdict: Verdict,
    until: Timestamp,
}

impl Known {
    /// RFC 9309 §2.3.1: 4xx and too many redirects mean "no rules", 5xx and no answer mean "nothing is allowed".
    /// 429 is the server's own trouble, so it counts with 5xx; it and 503 stand as `Throttled`.
    pub(in crate::fetch) fn of(asked: Result<Answer, Early>, now: Timestamp) -> Self {
        let open = |robots: Robots| (Verdict::Open(Arc::new(robots)), KEEP);
        let (verdict, keep) = match asked {
            Ok(Answer { status: 200..=299, bytes, .. }) => open(Robots::parse(&bytes)),
            Ok(Answer { status: status @ (429 | 503), retry_after, .. }) => {
                let until = retry_after.unwrap_or_else(|| later(now, KEEP_CLOSED));
                let rest = Duration::try_from(until.duration_since(now)).unwrap_or_default();
                (Verdict::Closed(Early::Throttled { status, retry_after: Some(until) }), rest.clamp(KEEP_CLOSED, KEEP))
            }
            Ok(Answer { status, .. }) if status >= 500 => {
                let why = format!("robots.txt answered {status}");
                (Verdict::Closed(Early::Refused(Refusal::Robots(why))), KEEP_CLOSED)
            }
            Ok(_) | Err(Early::Failed(Failure { kind: FailureKind::Redirects, .. })) => open(Robots::default()),
            Err(Early::Failed(failure)) => {
                let detail = format!("robots.txt: {}", failure.detail);
                (Verdict::Closed(Early::Failed(Failure { detail, ..failure })), KEEP_UNREACHED)
            }
            // The host rests: nothing was learnt about its rules.
            Err(early @ Early::Refused(Refusal::Resting(_))) => (Verdict::Closed(early), Duration::ZERO),
            Err(Early::Refused(why)) => (Verdict::Closed(Early::Refused(why)), KEEP_CLOSED),
            Err(outcome) => (Verdict::Closed(outcome), Duration::ZERO),
        };
        Self { verdict, until: later(now, keep) }
    }

    fn to_state(&self, origin: &str) -> Option<RobotsState> {
        let kept = match &self.verdict {
            Verdict::Open(robots) => Kept::Open(robots.to_text()),
            Verdict::Closed(Early::Refused(Refusal::Robots(why))) => Kept::Closed(why.clone()),
            Verdict::Closed(Early::Throttled { status, retry_after }) => Kept::Throttled(*status, (*retry_after)?),
            Verdict::Closed(_) => return None,
        };
        let verdict = serde_json::to_string(&kept).ok().filter(|text| text.len() <= MAX_KEPT_BYTES)?;
        Some(RobotsState { origin: origin.to_owned(), until: self.until, verdict })
    }

    fn of_state(state: &RobotsState) -> Option<Self> {
        let verdict = match serde_json::from_str(&state.verdict).ok()? {
            Kept::Open(text) => Verdict::Open(Arc::new(Robots::of(&text))),
            Kept::Closed(why) => Verdict::Closed(Early::Refused(Refusal::Robots(why))),
            Kept::Throttled(status, until) => Verdict::Closed(Early::Throttled { status, retry_after: Some(until) }),
        };
        Some(Self { verdict, until: state.until })
    }
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The verdicts of all origins.
#[derive(Default)]
pub(in crate::fetch) struct RobotsCache {
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    origins: BTreeMap<String, Origin>,
    /// Of all origins together.
    weight: usize,
    /// Learnt since it was last asked for.
    learnt: Vec<RobotsState>,
}

type Slot = Arc<tokio::sync::Mutex<Option<Known>>>;

struct Origin {
    slot: Slot,
    since: Timestamp,
    weight: usize,
}

impl RobotsCache {
    /// The verdict on `origin`; `ask` is awaited when none is known or the known one has ended. Who comes while it
    /// is asked waits for the same answer.
    pub(in crate::fetch) async fn verdict(
        &self,
        origin: &str,
        clock: &Clock,
        ask: impl Future<Output = Known> + Send,
    ) -> Verdict {
        let slot = self.slot(origin, clock.now());
        let mut known = slot.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.until > clock.now()) {
            return known.verdict.clone();
        }
        let fresh = ask.await;
        let (verdict, state) = (fresh.verdict.clone(), fresh.to_state(origin));
        *known = Some(fresh);
        drop(known);
        self.settle(origin, &verdict, clock.now());
        self.lock().learnt.extend(state);
        verdict
    }

    /// Loads what an earlier run was told, as far as it has not ended.
    pub(in crate::fetch) fn seed(&self, states: &[RobotsState], now: Timestamp) {
        for state in states.iter().filter(|state| state.until > now) {
            let Some(known) = Known::of_state(state) else { continue };
            let verdict = known.verdict.clone();
            if let Ok(mut slot) = self.slot(&state.origin, now).try_lock() {
                *slot = Some(known);
            }
            self.settle(&state.origin, &verdict, now);
        }
    }

    /// What was learnt since the last call.
    pub(in crate::fetch) fn learnt(&self) -> Vec<RobotsState> {
        std::mem::take(&mut self.lock().learnt)
    }

    fn slot(&self, origin: &str, now: Timestamp) -> Slot {
        let mut shelf = self.lock();
        let entry = shelf.origins.entry(origin.to_owned());
        Arc::clone(&entry.or_insert_with(|| Origin { slot: Slot::default(), since: now, weight: 0 }).slot)
    }

    /// Notes what the answer weighs, and lets the oldest go where it is too much. An origin that goes while it is
    /// asked is only asked again.
    fn settle(&self, origin: &str, verdict: &Verdict, now: Timestamp) {
        let mut guard = self.lock();
        let shelf = &mut *guard;
        if let Some(entry) = shelf.origins.get_mut(origin) {
            let weight = if let Verdict::Open(robots) = verdict { robots.weight() } else { 0 };
            shelf.weight = shelf.weight.saturating_sub(entry.weight).saturating_add(weight);
            (entry.since, entry.weight) = (now, weight);
        }
        while shelf.origins.len() > MAX_ORIGINS || shelf.weight > MAX_WEIGHT {
            let oldest = shelf.origins.iter().min_by_key(|(_, entry)| entry.since).map(|(origin, _)| origin.clone());
            let Some(gone) = oldest.and_then(|oldest| shelf.origins.remove(&oldest)) else { return };
            shelf.weight = shelf.weight.saturating_sub(gone.weight);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    fn now() -> Timestamp {
        "2026-01-02T00:00:00Z".parse().unwrap()
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, retry_after: None, bytes: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_status_is_a_verdict_and_a_time() {
        let check = |asked: Result<Answer, Early>, is_open: bool, hours: f64| {
            let known = Known::of(asked, now());
            assert_eq!(matches!(known.verdict, Verdict::Open(_)), is_open, "{known:?}");
            let seconds = known.until.duration_since(now()).as_secs_f64();
            assert!((seconds - hours * 3600.0).abs() < 0.1, "{known:?}");
        };
        let failed = |kind| Err(crate::fetch::failed(kind, "x"));
        check(Ok(answer(200, "")), true, 24.0);
        check(Ok(answer(404, "")), true, 24.0);
        check(Ok(answer(403, "")), true, 24.0);
        check(Ok(answer(500, "")), false, 1.0);
        check(Ok(answer(503, "")), false, 1.0);
        check(Ok(answer(429, "")), false, 1.0);
        let retry_after = Some(later(now(), Duration::from_hours(2)));
        check(Ok(Answer { status: 503, retry_after, bytes: Vec::new() }), false, 2.0);
        check(failed(FailureKind::Redirects), true, 24.0);
        check(failed(FailureKind::Dns), false, 1.0 / 12.0);
        check(failed(FailureKind::Timeout), false, 1.0 / 12.0);
        check(Err(crate::fetch::refused("x")), false, 1.0);
        check(Err(Early::Throttled { status: 429, retry_after: None }), false, 0.0);
    }

    #[tokio::test]
    async fn an_origin_is_asked_once_a_day() {
        let clock = Clock::manual(now());
        let cache = RobotsCache::default();
        let asked = Mutex::new(0);
        let ask = async || {
            let work = async {
                *asked.lock().unwrap() += 1;
                Known::of(Ok(answer(200, "")), clock.now())
            };
            cache.verdict("http://a.test", &clock, work).await;
            *asked.lock().unwrap()
        };
        assert_eq!(ask().await, 1);
        clock.advance(24 * 3600 - 1);
        assert_eq!(ask().await, 1);
        clock.advance(1);
        assert_eq!(ask().await, 2);
        assert_eq!(ask().await, 2);
    }

    #[tokio::test]
    async fn what_was_told_outlives_a_restart() {
        let clock = Clock::manual(now());
        let cache = RobotsCache::default();
        let retry_after = Some(later(now(), Duration::from_hours(2)));
        let rules = "User-agent: *\nDisallow: /a$\nAllow: /*b\n";
        let said = [
            ("http://open.test", Ok(answer(200, rules))),
            ("http://none.test", Ok(answer(404, ""))),
            ("http://shut.test", Ok(answer(500, ""))),
            ("http://busy.test", Ok(Answer { status: 503, retry_after, bytes: Vec::new() })),
            ("http://dead.test", Err(crate::fetch::failed(FailureKind::Dns, "x"))),
        ];
        let mut before = Vec::new();
        for (origin, said) in said {
            before.push((origin, cache.verdict(origin, &clock, ready(Known::of(said, now()))).await));
        }
        let kept = cache.learnt();
        assert_eq!((kept.len(), cache.learnt().len()), (4, 0));
        let restarted = RobotsCache::default();
        restarted.seed(&kept, clock.now());
        for (origin, verdict) in before.into_iter().filter(|(origin, _)| *origin != "http://dead.test") {
            let ask = async { panic!("{origin} is asked again") };
            assert_eq!(format!("{:?}", restarted.verdict(origin, &clock, ask).await), format!("{verdict:?}"));
        }
        assert!(restarted.learnt().is_empty());
        clock.advance(24 * 3600);
        let late = RobotsCache::default();
        late.seed(&kept, clock.now());
        assert!(late.lock().origins.is_empty());
    }

    #[tokio::test]
    async fn the_oldest_goes_when_it_is_too_much() {
        let clock = Clock::manual(now());
        let cache = RobotsCache::default();
        let none = Known::of(Ok(answer(404, "")), now());
        for n in 0..=MAX_ORIGINS {
            clock.advance(1);
            cache.verdict(&format!("http://{n}.test"), &clock, ready(none.clone())).await;
        }
        assert_eq!(cache.lock().origins.len(), MAX_ORIGINS);
        assert!(!cache.lock().origins.contains_key("http://0.test"));
        let heavy = Known::of(Ok(answer(200, &format!("User-agent: *\nDisallow: /{}", "x".repeat(400 << 10)))), now());
        for n in 0..100 {
            clock.advance(1);
            cache.verdict(&format!("http://h{n}.test"), &clock, ready(heavy.clone())).await;
        }
        let shelf = cache.lock();
        assert!(shelf.weight <= MAX_WEIGHT && shelf.weight > MAX_WEIGHT / 2);
        assert_eq!(shelf.weight, shelf.origins.values().map(|entry| entry.weight).sum::<usize>());
        assert!(shelf.origins.contains_key("http://h99.test"));
    }
}
