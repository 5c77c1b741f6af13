//! When a source is asked again: its state and what was seen go in, its next state comes out.
//!
//! The manners are those by which publishers judge feed readers: floors between two polls, `max-age` and
//! `Expires` (RFC 9111), `Retry-After` (RFC 9110 §10.2.3) in full, the feed's own `ttl`, `skipHours` and
//! `skipDays`, validators as received (RFC 9110 §13). Whatever a server says only ever lengthens a wait. Spread
//! is always towards later and by the source's address, so that no herd comes and no floor is cut short.
//!
//! A source that *rests* is not asked any more: its `next_check_at` is [`RESTS`]. The operator can revive it.

mod event;
mod skip;

use jiff::Timestamp;

pub use event::PollEvent;

use super::{DAY_S, HOUR_S, MINUTE_S, backoff, in_a_row, in_words, later};
use crate::model::{FeedHints, Freshness, PollState, Validators};

/// `next_check_at` of a source that rests: the first instant of the year 9000, which no server's wish means.
pub const RESTS: Timestamp = Timestamp::constant(221_845_392_000, 0);

/// A server may ask us to stay away for a week; beyond that it is more likely a mistake.
const FRESHNESS_CAP_S: i64 = 7 * DAY_S;

/// The longest period that feeds state in earnest is a month.
const HINT_CAP_S: i64 = 31 * DAY_S;

/// The least wait after a 429 or 503 without `Retry-After`, and what it doubles from.
const THROTTLE_BASE_S: i64 = HOUR_S;

/// The first wait after a failure: what broke for a moment is whole again in an hour.
const FAILURE_BASE_S: i64 = HOUR_S;

/// The first wait after a 401, 403, 404 or the like: such answers last.
const DENIED_BASE_S: i64 = DAY_S;

/// However often it fails, a source that does not rest is looked at weekly.
const FAILURE_CAP_S: i64 = 7 * DAY_S;

/// Failures in a row after which a source rests: about a month of them.
const FAILURES_TO_REST: u32 = 12;

/// The same for 401, 403, 404 and the like: about three weeks of them.
const DENIALS_TO_REST: u32 = 6;

/// How long after the first 410 the confirming look is.
const CONFIRM_GONE_S: i64 = 3 * DAY_S;

/// What we refuse to ask depends on names and settings: looked at daily, without a request.
const REFUSED_S: i64 = DAY_S;

/// Polls are spread over a tenth of their floor, and at most over half an hour.
const SPREAD_DIVISOR: i64 = 10;
const SPREAD_CAP_S: i64 = HOUR_S / 2;

/// A poll moved out of a skipped hour falls into the first quarter of the next one.
const SKIP_SPREAD_S: i64 = HOUR_S / 4;

/// Sources of one host that were sent away together come back spread over five minutes.
const RETRY_SPREAD_S: i64 = 5 * MINUTE_S;

/// The floors that the operator sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollRules {
    /// Seconds between two polls of a source that gives validators. Default 1 h.
    pub min_interval_s: i64,
    /// Seconds between two polls of a source that gives none. Default 24 h.
    pub min_interval_unconditional_s: i64,
}

impl Default for PollRules {
    fn default() -> Self {
        Self { min_interval_s: HOUR_S, min_interval_unconditional_s: DAY_S }
    }
}

/// The state of a source that was never asked: due at once.
#[must_use]
pub fn start(now: Timestamp) -> PollState {
    PollState {
        next_check_at: now,
        checked_at: None,
        answered_at: None,
        validators: Validators::default(),
        validators_of: None,
        failures: 0,
        problem: None,
        reason: "a new source is asked at once".to_owned(),
        refused: false,
        gone: false,
        hints: FeedHints::default(),
        freshness: Freshness::default(),
        discovery: None,
    }
}

/// The state to commit before the request is sent: should we be killed while it is in flight, it is repeated
/// only after `floor_s` (see [`floor_s`]). Never makes a source due sooner than it was.
#[must_use]
pub fn claim(state: &PollState, now: Timestamp, floor_s: i64) -> PollState {
    PollState {
        next_check_at: state.next_check_at.max(later(now, floor_s.max(0))),
        checked_at: Some(now),
        reason: "asked, and the answer is not in yet".to_owned(),
        ..state.clone()
    }
}

/// A source that the operator wakes: due at once, its failures forgotten, its validators kept.
#[must_use]
pub fn revive(state: &PollState, now: Timestamp) -> PollState {
    PollState {
        next_check_at: now,
        failures: 0,
        gone: false,
        reason: "revived by the operator".to_owned(),
        ..state.clone()
    }
}

/// Whether the source is not asked any more, unless it is revived.
#[must_use]
pub fn rests(state: &PollState) -> bool {
    state.next_check_at >= RESTS
}

/// The validators to send to `url`: those it gave itself, and none that another address gave.
#[must_use]
pub fn validators_for(state: &PollState, url: &str) -> Validators {
    match &state.validators_of {
        Some(of) if super::same_address(of, url) => state.validators.clone(),
        _ => Validators::default(),
    }
}

/// The least seconds between two polls of the source at `url`: the long floor where the server answers but
/// gives no validators that could be sent back.
#[must_use]
pub fn floor_s(state: &PollState, rules: &PollRules, url: &str) -> i64 {
    let conditional = validators_for(state, url) != Validators::default();
    if conditional || state.answered_at.is_none() {
        rules.min_interval_s.max(0)
    } else {
        rules.min_interval_unconditional_s.max(0)
    }
}

/// The state after `event` was seen at `now`. `url` is the source's address as it is asked.
#[must_use]
pub fn next(state: &PollState, event: &PollEvent, now: Timestamp, rules: &PollRules, url: &str) -> PollState {
    let mut next = state.clone();
    next.checked_at = Some(now);
    next.refused = matches!(event, PollEvent::Refused(_));
    match event {
        PollEvent::Answered { validators, validators_of, freshness, hints, unreadable } => {
            // Each validator is replaced on its own, and one that is missing is forgotten.
            next.validators = validators.clone();
            next.validators_of = Some(validators_of.clone());
            next.freshness = *freshness;
            next.hints = hints.clone();
            answered(&mut next, now, rules, url);
            if let Some(why) = unreadable {
                next.failures = state.failures.saturating_add(1);
                next.problem = Some(why.clone());
                let wait = backoff::after(next.failures, FAILURE_BASE_S, FAILURE_CAP_S, url);
                postpone(&mut next, later(now, wait), || {
                    format!("unreadable {}", in_a_row(state.failures.saturating_add(1)))
                });
            }
        }
        PollEvent::Unchanged { validators, freshness } => {
            super::take_from_304(&mut next.validators, validators);
            next.freshness.max_age_s = freshness.max_age_s.or(next.freshness.max_age_s);
            next.freshness.expires = freshness.expires.or(next.freshness.expires);
            answered(&mut next, now, rules, url);
        }
        PollEvent::Throttled { status, retry_after } => throttled(&mut next, *status, *retry_after, now, url),
        PollEvent::Gone => gone(&mut next, now),
        PollEvent::Refused(why) => {
            next.problem = Some(why.clone());
            next.next_check_at = later(now, REFUSED_S + spread_of(REFUSED_S, url));
            "not asked; looked at again in a day".clone_into(&mut next.reason);
        }
        PollEvent::Failed { status, detail } => failed(&mut next, *status, detail, now, url),
    }
    // Every server that was reached has its floor; one that never answered has the short one.
    let reached = !matches!(event, PollEvent::Refused(_) | PollEvent::Failed { status: None, .. });
    let floor = if reached { floor_s(&next, rules, url) } else { rules.min_interval_s.max(0) };
    let not_before = later(now, floor + spread_of(floor, url));
    if not_before > next.next_check_at {
        next.next_check_at = not_before;
        next.reason = format!("{}; at least the floor of {} between two polls", next.reason, in_words(floor));
    }
    if !rests(&next)
        && let Some(open) = skip::next_open_hour(&next.hints, next.next_check_at)
    {
        let at = later(open, backoff::spread(url, SKIP_SPREAD_S));
        postpone(&mut next, at, || "the feed's skipHours or skipDays".to_owned());
    }
    next
}

/// After 200 and 304: the floor, lengthened by what the answer and the feed ask for.
fn answered(next: &mut PollState, now: Timestamp, rules: &PollRules, url: &str) {
    next.answered_at = Some(now);
    next.failures = 0;
    next.problem = None;
    next.gone = false;
    let floor = floor_s(next, rules, url);
    let spread = spread_of(floor, url);
    next.next_check_at = later(now, floor + spread);
    next.reason = if validators_for(next, url) == Validators::default() {
        format!("the floor of {} between two polls, as the server gives no validators", in_words(floor))
    } else {
        format!("the floor of {} between two polls", in_words(floor))
    };
    if let Some(max_age) = next.freshness.max_age_s {
        let wait = capped(max_age, FRESHNESS_CAP_S);
        postpone(next, later(now, wait + spread), || format!("Cache-Control: max-age says {}", in_words(wait)));
    } else if let Some(expires) = next.freshness.expires {
        let expires = expires.min(later(now, FRESHNESS_CAP_S));
        postpone(next, later(expires, spread), || format!("Expires says {expires:.0}"));
    }
    if let Some(ttl) = next.hints.ttl_s {
        let wait = capped(ttl, HINT_CAP_S);
        postpone(next, later(now, wait + spread), || format!("the feed asks for {} between polls", in_words(wait)));
    }
}

fn throttled(next: &mut PollState, status: u16, retry_after: Option<Timestamp>, now: Timestamp, url: &str) {
    next.failures = next.failures.saturating_add(1);
    next.problem = Some(format!("the server asks us to slow down ({status})"));
    if let Some(until) = retry_after {
        next.next_check_at = later(until.max(now), backoff::spread(url, RETRY_SPREAD_S));
        next.reason = format!("Retry-After says {until:.0}");
    } else {
        let wait = backoff::after(next.failures, THROTTLE_BASE_S, FAILURE_CAP_S, url).max(THROTTLE_BASE_S);
        next.next_check_at = later(now, wait);
        next.reason = format!("asked to slow down {}, without Retry-After", in_a_row(next.failures));
    }
}

fn gone(next: &mut PollState, now: Timestamp) {
    next.failures = next.failures.saturating_add(1);
    next.problem = Some("gone for good (410)".to_owned());
    if next.gone {
        next.next_check_at = RESTS;
        "gone, confirmed by a second 410: rests".clone_into(&mut next.reason);
    } else {
        next.gone = true;
        next.next_check_at = later(now, CONFIRM_GONE_S);
        "gone (410): one confirming look after 3 days".clone_into(&mut next.reason);
    }
}

fn failed(next: &mut PollState, status: Option<u16>, detail: &str, now: Timestamp, url: &str) {
    next.failures = next.failures.saturating_add(1);
    next.problem = Some(detail.to_owned());
    // 408 asks to try again; every other 4xx says that this request will not do.
    let denied = status.is_some_and(|status| (400..500).contains(&status) && status != 408);
    let (base, rest_after) = if denied { (DENIED_BASE_S, DENIALS_TO_REST) } else { (FAILURE_BASE_S, FAILURES_TO_REST) };
    if next.failures >= rest_after {
        next.next_check_at = RESTS;
        next.reason = format!("failed {}: rests", in_a_row(next.failures));
    } else {
        next.next_check_at = later(now, backoff::after(next.failures, base, FAILURE_CAP_S, url));
        next.reason = format!("failed {}: waits longer each time", in_a_row(next.failures));
    }
}

/// Moves the next poll to `at` if that is later, and then says why.
fn postpone(next: &mut PollState, at: Timestamp, reason: impl FnOnce() -> String) {
    if at > next.next_check_at {
        next.next_check_at = at;
        next.reason = reason();
    }
}

fn capped(seconds: u64, cap: i64) -> i64 {
    i64::try_from(seconds).unwrap_or(cap).min(cap)
}

fn spread_of(floor: i64, url: &str) -> i64 {
    backoff::spread(url, (floor / SPREAD_DIVISOR).min(SPREAD_CAP_S))
}

#[cfg(test)]
mod tests;
