//! When an article's page is asked again: its state and what was seen go in, its next state comes out.
//!
//! After the first success at `t0` the page of a fresh article is looked at again at `t0` plus each step of the plan,
//! then it rests: articles change in their first day, hardly later. An old article is read once. Failures back off and
//! end in rest too; where the page itself cannot be had, its AMP page is given one chance. A page that rests has no
//! `next_at`; nothing here ever makes it due again.

use jiff::Timestamp;

use super::{DAY_S, HOUR_S, MINUTE_S, backoff, in_a_row, in_words, later};
use crate::model::{FailureKind, Judge, Outcome, Purpose, Refusal, Request, Validators, VisitState};

/// The least seconds until a request that was in flight when the process was killed is repeated.
pub const CLAIM_FLOOR_S: i64 = 5 * MINUTE_S;

/// The first wait after a failure: most are over in a quarter of an hour.
const FAILURE_BASE_S: i64 = 15 * MINUTE_S;

/// The first wait after a 404, 403 and the like: such answers last, but a page can be late.
const PERMANENT_BASE_S: i64 = 6 * HOUR_S;

/// The least wait after a 429 or 503 without `Retry-After`.
const THROTTLE_BASE_S: i64 = HOUR_S;

/// The longest wait.
const CAP_S: i64 = 7 * DAY_S;

/// Failures in a row after which a page rests: about five days of them.
const FAILURES_TO_REST: u32 = 10;

/// The same for 404, 403 and the like: about four days of them.
const PERMANENT_TO_REST: u32 = 5;

/// A robots.txt is good for a day (RFC 9309 §2.4): no use to look sooner.
const REFUSED_S: i64 = DAY_S;

/// Until an AMP page is asked in the place of the page that failed: soon, since it is another address, and no burst.
const SECOND_CHANCE_S: i64 = MINUTE_S;

/// An article that is older than this when its page is first read will not change any more. Twice the day that the
/// default plan covers, since a day without an hour and a zone may be off by one.
const FRESH_S: i64 = 2 * DAY_S;

/// How often a refusal is looked at again before the page rests.
const REFUSALS_TO_REST: u32 = 4;

/// The plan of visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRules {
    /// Seconds after the first success at which a page is looked at again, in any order. Default 1, 6 and 24 h.
    pub revisit_s: Vec<i64>,
}

impl Default for VisitRules {
    fn default() -> Self {
        Self { revisit_s: vec![HOUR_S, 6 * HOUR_S, DAY_S] }
    }
}

/// What is known of the article whose page was asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// Its address; spreads the waits.
    pub url: &'a str,
    /// First publication, if known: old articles are read once.
    pub published: Option<Timestamp>,
    /// The address of its AMP page, if known.
    pub amp: Option<&'a str>,
}

/// What came of asking a page.
#[derive(Debug, Clone, PartialEq)]
pub enum VisitEvent {
    /// 200.
    Fetched {
        /// As received with this answer.
        validators: Validators,
        /// The address that gave the answer, after redirects.
        validators_of: String,
    },
    /// 304.
    Unchanged {
        /// Those that the 304 carried.
        validators: Validators,
    },
    /// 429 or 503.
    Throttled {
        /// When the server says to come again.
        retry_after: Option<Timestamp>,
    },
    /// 410.
    Gone,
    /// No request was sent, as the whole host wants to be left alone until then.
    Resting(Timestamp),
    /// No request was sent: by robots.txt, or since the address may not be dialled. The text says why.
    Refused(String),
    /// 200, but what came is not the article: a wall before it, a soft 404, a front page. The text says which and why.
    NotTheArticle(String),
    /// Anything else.
    Failed {
        /// The answer will hardly change soon: 404, 403, too large.
        permanent: bool,
        /// For the operator.
        detail: String,
    },
}

impl VisitEvent {
    /// What `outcome` means for visits.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Fresh(page) => {
                Self::Fetched { validators: page.validators.clone(), validators_of: page.final_url.clone() }
            }
            Outcome::Unchanged { validators, .. } => Self::Unchanged { validators: validators.clone() },
            Outcome::Throttled { retry_after, .. } => Self::Throttled { retry_after: *retry_after },
            Outcome::Gone => Self::Gone,
            Outcome::Refused(Refusal::Resting(until)) => Self::Resting(*until),
            Outcome::Refused(refusal) => Self::Refused(refusal.to_string()),
            Outcome::Failed(failure) => {
                let denied = failure.status.is_some_and(|status| (400..500).contains(&status) && status != 408);
                let permanent = denied || matches!(failure.kind, FailureKind::TooLarge | FailureKind::Redirects);
                Self::Failed { permanent, detail: failure.to_string() }
            }
        }
    }
}

/// The state of a page that was never asked: due at once.
#[must_use]
pub fn start(now: Timestamp) -> VisitState {
    VisitState { next_at: Some(now), reason: "a new page is asked at once".to_owned(), ..VisitState::default() }
}

/// The state to commit before the request is sent: should we be killed while it is in flight, it is repeated
/// only after `floor_s` (say [`CLAIM_FLOOR_S`]). Never makes a page due sooner than it was.
#[must_use]
pub fn claim(state: &VisitState, now: Timestamp, floor_s: i64) -> VisitState {
    VisitState {
        next_at: state.next_at.map(|at| at.max(later(now, floor_s.max(0)))),
        asked_at: Some(now),
        reason: "asked, and the answer is not in yet".to_owned(),
        ..state.clone()
    }
}

/// A page that was refused under other rules than those of now: due at once, its refusals forgotten. Asking leave costs
/// nobody a request.
#[must_use]
pub fn look_again(state: &VisitState, now: Timestamp) -> VisitState {
    VisitState {
        next_at: Some(now),
        refusals: 0,
        reason: "the rules of asking have changed".to_owned(),
        ..state.clone()
    }
}

/// The state of a page after the clock was set back to `now`: if it was asked later than that, or planned later without
/// having been asked, its waits count from now.
#[must_use]
pub fn set_back(state: &VisitState, now: Timestamp) -> VisitState {
    let Some(planned_from) = state.asked_at.or(state.next_at) else { return state.clone() };
    let by = planned_from.duration_since(now);
    if !by.is_positive() {
        return state.clone();
    }
    VisitState {
        next_at: state.next_at.map(|at| at.checked_sub(by).unwrap_or(now)),
        asked_at: state.asked_at.map(|at| at.min(now)),
        fetched_at: state.fetched_at.map(|at| at.min(now)),
        ..state.clone()
    }
}

/// What to ask for the page at `url`: that or its AMP page, with the validators it has, for the address that gave them.
#[must_use]
pub fn request(state: &VisitState, url: &str, enough: Option<fn(&str) -> Judge>) -> Request {
    Request {
        url: state.second.as_deref().unwrap_or(url).to_owned(),
        purpose: Purpose::Article,
        validators: state.validators.clone(),
        validators_of: state.validators_of.clone(),
        enough,
    }
}

/// The state after `event` was seen at `now`.
#[must_use]
pub fn next(
    state: &VisitState,
    event: &VisitEvent,
    now: Timestamp,
    rules: &VisitRules,
    about: &About<'_>,
) -> VisitState {
    let key = about.url;
    let mut next = state.clone();
    next.asked_at = Some(now);
    match event {
        VisitEvent::Fetched { validators, validators_of } => {
            next.validators = validators.clone();
            next.validators_of = Some(validators_of.clone());
            visited(&mut next, now, rules, about);
        }
        VisitEvent::Unchanged { validators } => {
            super::take_from_304(&mut next.validators, validators);
            visited(&mut next, now, rules, about);
        }
        VisitEvent::Throttled { retry_after } => throttled(&mut next, *retry_after, now, key),
        VisitEvent::Resting(until) => {
            next.asked_at = state.asked_at;
            next.next_at = Some(later((*until).max(now), backoff::spread(key, 5 * MINUTE_S)));
            next.reason = format!("its host rests until {until:.0}");
        }
        VisitEvent::Gone => {
            next.failures = next.failures.saturating_add(1);
            next.problem = Some("gone for good (410)".to_owned());
            rest(&mut next, "gone (410): rests");
        }
        VisitEvent::Refused(why) => {
            next.problem = Some(why.clone());
            next.refusals = next.refusals.saturating_add(1);
            if next.refusals >= REFUSALS_TO_REST {
                rest(&mut next, "refused every time: rests");
            } else {
                wait(&mut next, now, REFUSED_S + backoff::spread(key, HOUR_S), "not asked; looked at again in a day");
            }
        }
        VisitEvent::NotTheArticle(why) => unreadable(&mut next, why, now, about),
        VisitEvent::Failed { permanent: true, detail } => unreadable(&mut next, detail, now, about),
        VisitEvent::Failed { permanent: false, detail } => failed(&mut next, false, detail, now, key),
    }
    next
}

/// After 200 and 304: the first step of the plan that is still ahead. Steps that were missed are not made up.
fn visited(next: &mut VisitState, now: Timestamp, rules: &VisitRules, about: &About<'_>) {
    next.visits = next.visits.saturating_add(1);
    next.failures = 0;
    next.refusals = 0;
    next.problem = None;
    next.second_failed = false;
    let first = *next.fetched_at.get_or_insert(now);
    if about.published.is_some_and(|published| later(published, FRESH_S) < first) {
        return rest(next, "the article was old when it was first read: read once");
    }
    let ahead = rules.revisit_s.iter().filter(|step| **step > 0 && later(first, **step) > now).min();
    if let Some(step) = ahead {
        next.next_at = Some(later(first, *step));
        next.reason = format!("looked at again {} after the first answer", in_words(*step));
    } else {
        rest(next, "the plan of visits is done: rests");
    }
}

fn throttled(next: &mut VisitState, retry_after: Option<Timestamp>, now: Timestamp, key: &str) {
    next.failures = next.failures.saturating_add(1);
    next.problem = Some("the server asks us to slow down".to_owned());
    if next.failures >= FAILURES_TO_REST {
        return rest(next, "asked to slow down every time: rests");
    }
    if let Some(until) = retry_after {
        // In full, and growing all the same: a short answer repeated must not become a rhythm.
        let grown = later(now, backoff::after(next.failures, FAILURE_BASE_S, CAP_S, key));
        next.next_at = Some(until.max(grown));
        next.reason = format!("Retry-After says {until:.0}");
    } else {
        let seconds = backoff::after(next.failures, THROTTLE_BASE_S, CAP_S, key).max(THROTTLE_BASE_S);
        wait(next, now, seconds, "asked to slow down, without Retry-After");
    }
}

/// A page that will hardly come: its AMP page is asked in its place, once; if that cannot be had either, both wait.
fn unreadable(next: &mut VisitState, detail: &str, now: Timestamp, about: &About<'_>) {
    let chance = about.amp.filter(|amp| next.second.is_none() && !next.second_failed && *amp != about.url);
    if let Some(amp) = chance {
        next.failures = next.failures.saturating_add(1);
        next.problem = Some(detail.to_owned());
        next.second = Some(amp.to_owned());
        return wait(next, now, SECOND_CHANCE_S, "its AMP page is given a chance");
    }
    next.second_failed |= next.second.take().is_some();
    failed(next, true, detail, now, about.url);
}

fn failed(next: &mut VisitState, permanent: bool, detail: &str, now: Timestamp, key: &str) {
    next.failures = next.failures.saturating_add(1);
    next.problem = Some(detail.to_owned());
    let (base, rest_after) =
        if permanent { (PERMANENT_BASE_S, PERMANENT_TO_REST) } else { (FAILURE_BASE_S, FAILURES_TO_REST) };
    let reason = format!("failed {}", in_a_row(next.failures));
    if next.failures >= rest_after {
        rest(next, &format!("{reason}: rests"));
    } else {
        wait(next, now, backoff::after(next.failures, base, CAP_S, key), &reason);
    }
}

fn wait(next: &mut VisitState, now: Timestamp, seconds: i64, reason: &str) {
    next.next_at = Some(later(now, seconds));
    reason.clone_into(&mut next.reason);
}

fn rest(next: &mut VisitState, reason: &str) {
    next.next_at = None;
    reason.clone_into(&mut next.reason);
}

#[cfg(test)]
mod tests;
