//! Where a source has moved to: permanent redirects that agree over days are believed, and left again when they fail.
//!
//! One answer proves nothing: sites under repair and hotel networks redirect for good what they do not own. So 301
//! and 308 are stored after [`AGREEING`] answers over [`OVER_S`], 302, 303 and 307 never. The configured address
//! stays the source's identity, and is looked at again every [`LOOK_BACK_S`].

use jiff::Timestamp;

use super::{DAY_S, HOUR_S, PollEvent, address, later};
use crate::model::{Moved, Moving, PollState, Trouble};

/// Answers that must agree (POLITE.md S23).
const AGREEING: u32 = 3;

/// From the first to the last of them: longer than a mistake that somebody notices.
const OVER_S: i64 = 48 * HOUR_S;

/// How often the configured address is asked whether it still redirects: one request more a month.
const LOOK_BACK_S: i64 = 30 * DAY_S;

/// Failures in a row at the new address after which it has failed for good.
const FAILURES_TO_RETURN: u32 = 3;

/// Keeps `next.moving` and `next.moved` after `event`. `before` is the state that the request was made of.
pub(super) fn follow(next: &mut PollState, before: &PollState, event: &PollEvent, now: Timestamp, url: &str) {
    let asked_new = address(before, url) != url;
    match event.moved_to() {
        to if event.is_answer() && next.trouble.is_none() => {
            // The new address leads back for good.
            if asked_new && to == Some(url) {
                (next.moved, next.moving) = (None, None);
                return;
            }
            agree(next, to, now);
            if asked_new {
                look_back_in_time(next, now);
            } else {
                confirm(next, before, to, now);
            }
        }
        // An answer that is no feed proves nothing either way, but where it was the new address that gave it.
        _ if next.refused => {}
        _ if asked_new => leave_if_dead(next, event),
        _ => return_to_new(next, before, now),
    }
}

/// Counts one more answer that leads to `to`; one that leads nowhere, or elsewhere, starts anew.
fn agree(next: &mut PollState, to: Option<&str>, now: Timestamp) {
    let Some(to) = to else {
        next.moving = None;
        return;
    };
    match &mut next.moving {
        Some(moving) if moving.to == to => moving.times = moving.times.saturating_add(1),
        other => *other = Some(Moving { to: to.to_owned(), since: now, times: 1 }),
    }
    let is_proven = |moving: &Moving| moving.times >= AGREEING && now >= later(moving.since, OVER_S);
    if let Some(proven) = next.moving.take_if(|moving| is_proven(moving)) {
        next.moved = Some(Moved { to: proven.to, since: now, looked_at: now, looks_back: false });
        next.tally.moves = next.tally.moves.saturating_add(1);
    }
}

/// The configured address was asked and answered: does it still say what was believed?
fn confirm(next: &mut PollState, before: &PollState, to: Option<&str>, now: Timestamp) {
    let Some(believed) = &before.moved else { return };
    if to == Some(believed.to.as_str()) {
        next.moved = Some(Moved { looked_at: now, looks_back: false, ..believed.clone() });
        next.moving = None;
    } else if next.moved == before.moved {
        next.moved = None;
    }
}

fn look_back_in_time(next: &mut PollState, now: Timestamp) {
    if let Some(moved) = &mut next.moved {
        moved.looks_back = now >= later(moved.looked_at, LOOK_BACK_S);
    }
}

/// The new address was asked and failed: if it does so for good, the configured one is asked again.
fn leave_if_dead(next: &mut PollState, event: &PollEvent) {
    let is_throttled = next.trouble == Some(Trouble::Throttled);
    if matches!(event, PollEvent::Gone) || (next.failures >= FAILURES_TO_RETURN && !is_throttled) {
        next.moved = None;
        next.moving = None;
        // What is to be confirmed or given up is the configured address, which was not asked.
        next.failures = next.failures.min(1);
    }
}

/// The configured address was looked at again and failed: old addresses die, and the new one still stands. It is asked
/// next, as if nothing had happened.
fn return_to_new(next: &mut PollState, before: &PollState, now: Timestamp) {
    if let Some(moved) = &mut next.moved {
        moved.looked_at = now;
        moved.looks_back = false;
        next.failures = before.failures;
        next.trouble = before.trouble;
        next.problem.clone_from(&before.problem);
    }
}
