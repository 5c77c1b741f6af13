//! A clock that was set back: the state of a source that was asked by the clock ahead.

use jiff::Timestamp;

use super::rests;
use crate::model::PollState;

/// The state of a source after the clock was set back to `now`: if it was asked later than that, all that counts from
/// then on counts from now, and no wait is shortened.
#[must_use]
pub fn set_back(state: &PollState, now: Timestamp) -> PollState {
    let Some(by) = state.checked_at.map(|asked| asked.duration_since(now)).filter(|by| by.is_positive()) else {
        return state.clone();
    };
    let back = |at: Timestamp| at.checked_sub(by).unwrap_or(now);
    let mut state = state.clone();
    if !rests(&state) {
        state.next_check_at = back(state.next_check_at);
    }
    state.retry_after = state.retry_after.map(back);
    for known in [&mut state.checked_at, &mut state.answered_at] {
        *known = known.map(|at| at.min(now));
    }
    if let Some(moving) = &mut state.moving {
        moving.since = moving.since.min(now);
    }
    if let Some(moved) = &mut state.moved {
        (moved.since, moved.looked_at) = (moved.since.min(now), moved.looked_at.min(now));
    }
    state
}

#[cfg(test)]
mod tests {
    use super::super::RESTS;
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3_600).unwrap()
    }

    #[test]
    fn a_clock_that_was_set_back_shortens_no_wait_and_puts_none_off() {
        let early = PollState {
            next_check_at: at(1_002),
            checked_at: Some(at(1_000)),
            answered_at: Some(at(1_000)),
            retry_after: Some(at(1_003)),
            ..PollState::default()
        };
        let state = set_back(&early, at(0));
        assert_eq!((state.next_check_at, state.retry_after), (at(2), Some(at(3))));
        assert_eq!((state.checked_at, state.answered_at), (Some(at(0)), Some(at(0))));
        // Asked by a clock that was right, or not to be asked at all.
        assert_eq!(set_back(&early, at(1_001)), early);
        let new = PollState { next_check_at: at(9), ..PollState::default() };
        assert_eq!(set_back(&new, at(0)), new);
        assert!(rests(&set_back(&PollState { next_check_at: RESTS, ..early }, at(0))));
    }
}
