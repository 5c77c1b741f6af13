//! When a source is asked again: its state and what was seen go in, its next state comes out.
//!
//! The manners are those by which publishers judge feed readers: floors between two polls, `max-age` and
//! `Expires` (RFC 9111), `Retry-After` (RFC 9110 §10.2.3) in full, the feed's own `ttl`, `skipHours` and
//! `skipDays`, validators as received (RFC 9110 §13). Each is a [`Wish`] that can be told from the state alone; the
//! latest of them counts, so whatever a server says only ever lengthens a wait, and what it said before a failure
//! still stands after it. Spread is always towards later and by the source's address, so that no herd comes and no
//! floor is cut short.
//!
//! A source that *rests* is not asked any more: its `next_check_at` is [`RESTS`]. The operator can revive it.

mod count;
mod event;
mod moves;
mod rhythm;
mod setback;
mod skip;
mod wish;

use jiff::Timestamp;

pub use event::{Answer, PollEvent};
pub use setback::set_back;
pub use wish::{Rule, Wish, wishes};

use super::{DAY_S, HOUR_S, MINUTE_S, backoff, in_a_row, in_words, later};
use crate::model::{PollState, Purpose, Request, Trouble, Validators};

/// `next_check_at` of a source that rests: the first instant of the year 9000, which no server's wish means.
pub const RESTS: Timestamp = Timestamp::constant(221_845_392_000, 0);

/// Failures in a row after which a source rests: about a month of them.
const FAILURES_TO_REST: u32 = 12;

/// The same for 401, 403, 404 and the like: about three weeks of them.
const DENIALS_TO_REST: u32 = 6;

/// How long after the first 410 the confirming look is.
const CONFIRM_GONE_S: i64 = 3 * DAY_S;

/// Answers in a row from ever new addresses after which validators are seen not to help. One is an ordinary move.
const ROAMS: u32 = 2;

/// What we refuse to ask depends on names and settings: looked at daily, without a request.
const REFUSED_S: i64 = DAY_S;

/// A quiet feed is read within that time of its news: POLITE.md S11 is kept, and a morning's paper is not a day old.
const QUIET_S: i64 = 6 * HOUR_S;

/// The floors that the operator sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollRules {
    /// Seconds between two polls of a source that gives validators. Default 1 h.
    pub min_interval_s: i64,
    /// Seconds between two polls of a source that gives none. Default 24 h.
    pub min_interval_unconditional_s: i64,
    /// The longest that a source waits only because it posts rarely, in seconds. Default 6 h; 0 lets none wait.
    pub quiet_interval_s: i64,
}

impl Default for PollRules {
    fn default() -> Self {
        Self { min_interval_s: HOUR_S, min_interval_unconditional_s: DAY_S, quiet_interval_s: QUIET_S }
    }
}

/// The state of a source that was never asked: due at once.
#[must_use]
pub fn start(now: Timestamp) -> PollState {
    PollState { next_check_at: now, reason: "a new source is asked at once".to_owned(), ..PollState::default() }
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

/// A source that the operator wakes: its failures are forgotten, its validators kept. Due at once, but not before
/// what its server was promised: `Retry-After`, `max-age` or `Expires`, and its floor after the last request (see [`floor_s`]).
#[must_use]
pub fn revive(state: &PollState, now: Timestamp, floor_s: i64) -> PollState {
    let mut revived = PollState {
        next_check_at: now,
        failures: 0,
        gone: false,
        refused: false,
        reason: "revived by the operator".to_owned(),
        ..state.clone()
    };
    for promise in [state.retry_after, wish::fresh_until(state).map(|(until, _)| until)].into_iter().flatten() {
        revived.next_check_at = revived.next_check_at.max(promise);
    }
    if let Some(asked) = state.checked_at {
        revived.next_check_at = revived.next_check_at.max(later(asked, floor_s));
    }
    revived
}

/// Whether the source is not asked any more, unless it is revived.
#[must_use]
pub fn rests(state: &PollState) -> bool {
    state.next_check_at >= RESTS
}

/// The address that is asked for the source configured as `url`.
#[must_use]
pub fn address<'a>(state: &'a PollState, url: &'a str) -> &'a str {
    state.moved.as_ref().filter(|moved| !moved.looks_back).map_or(url, |moved| &moved.to)
}

/// What to ask for the source configured as `url`: with the validators it has, for the address that gave them.
#[must_use]
pub fn request(state: &PollState, url: &str) -> Request {
    Request {
        url: address(state, url).to_owned(),
        purpose: Purpose::Feed,
        validators: state.validators.clone(),
        validators_of: state.validators_of.clone(),
        enough: None,
    }
}

/// The least seconds between two polls of a source: the long floor where the server answers but gives no
/// validators that could be sent back. One that was never reached has the short one.
#[must_use]
pub fn floor_s(state: &PollState, rules: &PollRules) -> i64 {
    if has_short_floor(state) { rules.min_interval_s.max(0) } else { rules.min_interval_unconditional_s.max(0) }
}

fn has_short_floor(state: &PollState) -> bool {
    let is_conditional = has_validators(state) && state.roams < ROAMS;
    is_conditional || state.answered_at.is_none() || state.trouble == Some(Trouble::Unreached)
}

fn has_validators(state: &PollState) -> bool {
    state.validators_of.is_some() && state.validators != Validators::default()
}

/// The state after `event` was seen at `now`. `url` is the source's address as configured.
#[must_use]
pub fn next(state: &PollState, event: &PollEvent, now: Timestamp, rules: &PollRules, url: &str) -> PollState {
    let mut next = state.clone();
    count::take(&mut next.tally, state, event, now, rules);
    next.refused = matches!(event, PollEvent::Refused(_) | PollEvent::Resting(_));
    if !next.refused {
        next.checked_at = Some(now);
    }
    match event {
        PollEvent::Answered(answer) => answered(&mut next, answer, now),
        PollEvent::Unchanged { validators, freshness, .. } => {
            super::take_from_304(&mut next.validators, validators);
            next.freshness.max_age_s = freshness.max_age_s.or(next.freshness.max_age_s);
            next.freshness.expires = freshness.expires.or(next.freshness.expires);
            next.roams = 0;
            // What could not be read has not become readable by staying as it is. A feed that was read before has.
            if state.trouble == Some(Trouble::Unreadable) && !state.was_read {
                next.failures = state.failures.saturating_add(1);
                next.answered_at = Some(now);
            } else {
                settled(&mut next, now);
            }
        }
        PollEvent::Throttled { status, retry_after } => {
            let problem = format!("the server asks us to slow down ({status})");
            failed(&mut next, Trouble::Throttled, problem);
            // A request that was forced must not shorten what an earlier answer asked for.
            next.retry_after = next.retry_after.filter(|until| *until > now).max(*retry_after);
        }
        PollEvent::Gone => {
            failed(&mut next, Trouble::Denied, "gone for good (410)".to_owned());
        }
        PollEvent::Refused(why) => next.problem = Some(why.clone()),
        PollEvent::Resting(until) => next.problem = Some(format!("its host rests until {until:.0}")),
        PollEvent::Failed { status, detail } => failed(&mut next, trouble(*status), detail.clone()),
    }
    moves::follow(&mut next, state, event, now, url);
    let is_gone = *event == PollEvent::Gone && address(state, url) == url && next.moved.is_none();
    plan(&mut next, event, is_gone, now, rules, url);
    next
}

/// After a 200 or 226.
fn answered(next: &mut PollState, answer: &Answer, now: Timestamp) {
    if let Some(why) = &answer.unreadable
        && next.was_read
    {
        // A page in place of the feed, for once: what we hold is the feed as it was, and so are its validators.
        next.answered_at = Some(now);
        next.freshness = answer.freshness;
        failed(next, Trouble::Unreadable, why.clone());
        return;
    }
    let roams = has_validators(next) && next.validators_of.as_ref() != Some(&answer.validators_of);
    next.roams = if roams { next.roams.saturating_add(1) } else { 0 };
    if answer.is_whole {
        // Each validator is replaced on its own, and one that is missing is forgotten.
        next.validators = answer.validators.clone();
        next.rhythm = answer.rhythm;
    } else if answer.is_delta {
        // RFC 3229 §10.4.1: the entity tag of a 226 names the instance that we now hold.
        super::take_from_304(&mut next.validators, &answer.validators);
    }
    if answer.is_whole || answer.is_delta {
        next.validators_of = Some(answer.validators_of.clone());
    }
    next.freshness = answer.freshness;
    next.hints = answer.hints.clone();
    let failures = next.failures;
    settled(next, now);
    if let Some(why) = &answer.unreadable {
        next.failures = failures;
        failed(next, Trouble::Unreadable, why.clone());
    } else {
        next.was_read = true;
    }
}

/// All is well.
fn settled(next: &mut PollState, now: Timestamp) {
    next.answered_at = Some(now);
    next.failures = 0;
    next.trouble = None;
    next.problem = None;
    next.gone = false;
    next.retry_after = None;
}

fn failed(next: &mut PollState, trouble: Trouble, problem: String) {
    next.failures = next.failures.saturating_add(1);
    next.trouble = Some(trouble);
    next.problem = Some(problem);
}

/// 408 asks to try again; every other 4xx says that this request will not do.
fn trouble(status: Option<u16>) -> Trouble {
    match status {
        None => Trouble::Unreached,
        Some(408) => Trouble::Failed,
        Some(400..=499) => Trouble::Denied,
        Some(_) => Trouble::Failed,
    }
}

/// Sets the time of the next poll and says which rule did. `is_gone`: the configured address answered 410.
fn plan(next: &mut PollState, event: &PollEvent, is_gone: bool, now: Timestamp, rules: &PollRules, url: &str) {
    let given_up = match event {
        PollEvent::Gone if is_gone && next.gone => Some("gone, confirmed by a second 410: rests".to_owned()),
        PollEvent::Failed { .. } => {
            let limit = if next.trouble == Some(Trouble::Denied) { DENIALS_TO_REST } else { FAILURES_TO_REST };
            (next.failures >= limit).then(|| format!("failed {}: rests", in_a_row(next.failures)))
        }
        _ => None,
    };
    if let Some(reason) = given_up {
        (next.next_check_at, next.reason) = (RESTS, reason);
        return;
    }
    next.gone |= is_gone;
    let latest = wish::latest(next, rules, url);
    (next.next_check_at, next.reason) = match event {
        PollEvent::Gone if is_gone => {
            (later(now, CONFIRM_GONE_S), "gone (410): one confirming look after 3 days".to_owned())
        }
        PollEvent::Refused(_) => {
            let at = later(now, REFUSED_S + wish::spread(REFUSED_S, url));
            (at, "not asked; looked at again in a day".to_owned())
        }
        PollEvent::Resting(until) => (wish::back_after(*until, url), format!("its host rests until {until:.0}")),
        _ => (now, String::new()),
    };
    if let Some(latest) = latest.filter(|latest| latest.until > next.next_check_at) {
        next.next_check_at = latest.until;
        next.reason = latest.rule.to_string();
    }
    if let Some(open) = skip::next_open_hour(&next.hints, next.next_check_at) {
        next.next_check_at = wish::into_open_hour(open, url);
        "the feed's skipHours or skipDays".clone_into(&mut next.reason);
    }
}

#[cfg(test)]
mod tests;
