//! What speaks against asking a source again just now: a state goes in, each rule with its time comes out.

use std::fmt;

use jiff::Timestamp;

use super::{DAY_S, HOUR_S, MINUTE_S, PollRules, backoff, floor_s, has_short_floor, in_a_row, in_words, later, rhythm};
use crate::model::{PollState, Trouble};

/// A server may ask us to stay away for a week; beyond that it is more likely a mistake.
const FRESHNESS_CAP_S: i64 = 7 * DAY_S;

/// The longest period that feeds state in earnest is a month.
const HINT_CAP_S: i64 = 31 * DAY_S;

/// The first wait after a failure, or after a 429 or 503 without `Retry-After`: what broke for a moment is whole
/// again in an hour.
const FAILURE_BASE_S: i64 = HOUR_S;

/// The first wait after a 401, 403, 404 or the like: such answers last.
const DENIED_BASE_S: i64 = DAY_S;

/// However often it fails, a source that does not rest is looked at weekly.
const FAILURE_CAP_S: i64 = 7 * DAY_S;

/// Polls are spread over a tenth of their floor, and at most over half an hour.
const SPREAD_DIVISOR: i64 = 10;
const SPREAD_CAP_S: i64 = HOUR_S / 2;

/// A poll moved out of a skipped hour falls into the first quarter of the next one.
const SKIP_SPREAD_S: i64 = HOUR_S / 4;

/// Sources of one host that were sent away together come back spread over five minutes.
const RETRY_SPREAD_S: i64 = 5 * MINUTE_S;

/// One rule, and until when it speaks against asking. Its text is what `explain` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Not before then, spread included.
    pub until: Timestamp,
    /// Seconds of `until` that are our own spread.
    pub spread_s: i64,
    /// Which rule, with its value.
    pub rule: Rule,
}

/// The rules, each with the value it was given. Waits are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The operator's floor between two polls.
    Floor {
        /// So long.
        wait_s: i64,
        /// The server gives validators.
        has_validators: bool,
    },
    /// `Cache-Control: max-age` less `Age`.
    MaxAge(i64),
    /// The `Expires` field, by our clock.
    Expires(Timestamp),
    /// The feed's `ttl` or `sy:updatePeriod`.
    Ttl(i64),
    /// The feed posts rarely: once in `every_s` seconds.
    Rhythm {
        /// Between two entries.
        every_s: i64,
        /// Between two polls.
        wait_s: i64,
    },
    /// What a 429 or 503 asked for.
    RetryAfter(Timestamp),
    /// Failures in a row, of that kind.
    Backoff(Trouble, u32),
}

impl Rule {
    /// The rule's name: a header, an element of the feed, or ours.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Floor { has_validators: true, .. } => "fetch.min_interval",
            Self::Floor { has_validators: false, .. } => "fetch.min_interval_unconditional",
            Self::MaxAge(_) => "Cache-Control: max-age",
            Self::Expires(_) => "Expires",
            Self::Ttl(_) => "ttl",
            Self::Rhythm { .. } => "posting rate",
            Self::RetryAfter(_) => "Retry-After",
            Self::Backoff(..) => "backoff",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Floor { wait_s, has_validators: true } => {
                write!(f, "the floor of {} between two polls", in_words(wait_s))
            }
            Self::Floor { wait_s, has_validators: false } => write!(
                f,
                "the floor of {} between two polls, as the server gives no validators that help",
                in_words(wait_s)
            ),
            Self::MaxAge(wait_s) => write!(f, "Cache-Control: max-age says {}", in_words(wait_s)),
            Self::Expires(at) => write!(f, "Expires says {at:.0}"),
            Self::Ttl(wait_s) => write!(f, "the feed asks for {} between polls", in_words(wait_s)),
            Self::Rhythm { every_s, wait_s } => {
                write!(f, "the feed posts about once in {}: asked every {}", in_words(every_s), in_words(wait_s))
            }
            Self::RetryAfter(until) => write!(f, "Retry-After says {until:.0}"),
            Self::Backoff(Trouble::Throttled, times) => {
                write!(f, "asked to slow down {}, without Retry-After", in_a_row(times))
            }
            Self::Backoff(Trouble::Unreadable, times) => write!(f, "unreadable {}", in_a_row(times)),
            Self::Backoff(_, times) => write!(f, "failed {}: waits longer each time", in_a_row(times)),
        }
    }
}

/// Every rule that has a say about the source at `url`, spread included, in no order of time.
#[must_use]
pub fn wishes(state: &PollState, rules: &PollRules, url: &str) -> Vec<Wish> {
    each(state, rules, url).into_iter().flatten().collect()
}

/// The rule that holds longest.
pub(super) fn latest(state: &PollState, rules: &PollRules, url: &str) -> Option<Wish> {
    // Of two that end together the one that stands first tells most plainly.
    each(state, rules, url).into_iter().flatten().reduce(|best, wish| if wish.until > best.until { wish } else { best })
}

fn each(state: &PollState, rules: &PollRules, url: &str) -> [Option<Wish>; 6] {
    let floor = floor_s(state, rules);
    let spread_s = spread(floor, url);
    let spread_out = |until: Timestamp, rule: Rule| Wish { until: later(until, spread_s), spread_s, rule };
    let answered = state.answered_at;
    let floor = state.checked_at.map(|asked| {
        spread_out(later(asked, floor), Rule::Floor { wait_s: floor, has_validators: has_short_floor(state) })
    });
    let fresh = fresh_until(state).map(|(until, rule)| spread_out(until, rule));
    let ttl = state.hints.ttl_s.zip(answered).map(|(ttl, answered)| {
        let wait = capped(ttl, HINT_CAP_S);
        spread_out(later(answered, wait), Rule::Ttl(wait))
    });
    let rhythm = state.rhythm.zip(answered).and_then(|(rhythm, answered)| {
        let (every_s, wait_s) = rhythm::waits(rhythm, answered, rules)?;
        Some(spread_out(later(answered, wait_s), Rule::Rhythm { every_s, wait_s }))
    });
    let retry_after = state.retry_after.map(|until| Wish {
        until: back_after(until, url),
        spread_s: backoff::spread(url, RETRY_SPREAD_S),
        rule: Rule::RetryAfter(until),
    });
    [floor, fresh, ttl, rhythm, retry_after, backing_off(state, url)]
}

/// What servers and publishers count on, without spread: a request before any of them is early.
pub(super) fn promises(state: &PollState, rules: &PollRules) -> impl Iterator<Item = Timestamp> {
    let floor = state.checked_at.map(|asked| later(asked, floor_s(state, rules)));
    let ttl = state.hints.ttl_s.zip(state.answered_at).map(|(ttl, answered)| later(answered, capped(ttl, HINT_CAP_S)));
    [floor, fresh_until(state).map(|(until, _)| until), ttl, state.retry_after].into_iter().flatten()
}

/// Until when the last answer is good, as its server says; `no-cache` and the like say nothing.
pub(super) fn fresh_until(state: &PollState) -> Option<(Timestamp, Rule)> {
    let answered = state.answered_at?;
    if let Some(max_age) = state.freshness.max_age_s {
        let wait = capped(max_age, FRESHNESS_CAP_S);
        return Some((later(answered, wait), Rule::MaxAge(wait)));
    }
    let expires = state.freshness.expires?.min(later(answered, FRESHNESS_CAP_S));
    Some((expires, Rule::Expires(expires)))
}

fn backing_off(state: &PollState, url: &str) -> Option<Wish> {
    let (trouble, asked) = state.trouble.zip(state.checked_at)?;
    // It was said when to come again; how often it was said does not matter.
    if trouble == Trouble::Throttled && state.retry_after.is_some() {
        return None;
    }
    let base = if trouble == Trouble::Denied { DENIED_BASE_S } else { FAILURE_BASE_S };
    let wait = backoff::after(state.failures, base, FAILURE_CAP_S, url).max(FAILURE_BASE_S);
    Some(Wish { until: later(asked, wait), spread_s: 0, rule: Rule::Backoff(trouble, state.failures) })
}

/// A time shortly after `until`, by `url`.
pub(super) fn back_after(until: Timestamp, url: &str) -> Timestamp {
    later(until, backoff::spread(url, RETRY_SPREAD_S))
}

/// A time early in the hour that begins at `open`, by `url`.
pub(super) fn into_open_hour(open: Timestamp, url: &str) -> Timestamp {
    later(open, backoff::spread(url, SKIP_SPREAD_S))
}

/// Seconds by which a wait of `wait_s` is lengthened, by `url`.
pub(super) fn spread(wait_s: i64, url: &str) -> i64 {
    backoff::spread(url, (wait_s / SPREAD_DIVISOR).min(SPREAD_CAP_S))
}

fn capped(seconds: u64, cap: i64) -> i64 {
    i64::try_from(seconds).unwrap_or(cap).min(cap)
}
