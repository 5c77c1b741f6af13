//! What `status --manners` shows of a source, counted as it happens.

use jiff::Timestamp;

use super::{PollEvent, PollRules, has_validators, wish};
use crate::model::{PollState, Tally};

/// Counts `event`, which was seen at `now` after a request made of the state `before`.
pub(super) fn take(tally: &mut Tally, before: &PollState, event: &PollEvent, now: Timestamp, rules: &PollRules) {
    let one = |count: &mut u32| *count = count.saturating_add(1);
    if matches!(event, PollEvent::Refused(_) | PollEvent::Resting(_)) {
        return one(&mut tally.refused);
    }
    one(&mut tally.requests);
    if has_validators(before) {
        one(&mut tally.conditional);
    }
    if before.retry_after.is_some_and(|until| now < until) {
        one(&mut tally.hasty);
    }
    // Judged anew from what was promised, not by the time that was planned.
    if wish::promises(before, rules).any(|until| now < until) {
        one(&mut tally.early);
    }
    match event {
        PollEvent::Unchanged { .. } => one(&mut tally.unchanged),
        PollEvent::Answered(answer) => {
            if answer.is_delta {
                one(&mut tally.deltas);
            }
            let is_same = before.validators_of.as_ref() == Some(&answer.validators_of);
            if has_validators(before) && is_same && !answer.is_conditional {
                one(&mut tally.repeats);
            }
            if answer.unreadable.is_some() {
                one(&mut tally.failed);
            }
        }
        PollEvent::Throttled { .. } => one(&mut tally.throttled),
        _ => one(&mut tally.failed),
    }
}
