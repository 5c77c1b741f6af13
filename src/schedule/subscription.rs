//! When a hub is asked for a subscription (W3C WebSub): its state and what happened go in, its next state comes out.
//!
//! A lease is renewed when half to four fifths of it are over, spread by hub and topic. A hub that fails is asked
//! ever less often; meanwhile and beside it the source is polled, so nothing depends on a hub.

use jiff::Timestamp;

use super::{DAY_S, HOUR_S, MINUTE_S, backoff, in_words, later};
use crate::model::{Phase, PollState, Posted, Subscription};

/// `hub.lease_seconds` we ask for: what large hubs grant at most.
pub const LEASE_S: i64 = 10 * DAY_S;

/// A lease whose length the hub does not say.
const UNSAID_LEASE_S: i64 = DAY_S;

/// No hub is believed for longer.
const LEASE_CAP_S: i64 = 30 * DAY_S;

/// A hub whose leases are shorter than this lapses between two requests rather than being asked all the time.
const RENEWAL_FLOOR_S: i64 = 10 * MINUTE_S;

/// A hub that accepted a request verifies within seconds; after this it has forgotten.
const VERIFY_S: i64 = HOUR_S;

/// Waits after failures: from an hour to a week, or to six hours while a lease still runs.
const FAILURE_BASE_S: i64 = HOUR_S;
const FAILURE_CAP_S: i64 = 7 * DAY_S;
const RENEWAL_CAP_S: i64 = 6 * HOUR_S;

/// Waits after a hub has denied us: from a week to a month.
const DENIED_BASE_S: i64 = 7 * DAY_S;
const DENIED_CAP_S: i64 = 30 * DAY_S;

/// Attempts to say good-bye: a lease ends by itself.
const GOODBYES: u32 = 3;

/// How long a call-back address still says that it is gone.
const LEFT_S: i64 = 14 * DAY_S;

/// Between two polls of a source whose hub delivers: the net under it.
pub const NET_S: i64 = DAY_S;

/// A hub that has delivered within this time is trusted to deliver.
const TRUST_S: i64 = 7 * DAY_S;

/// A subscription that a feed offers: its hub is asked at once.
#[must_use]
pub fn offer(hub: &str, topic: &str, now: Timestamp) -> Subscription {
    Subscription {
        hub: hub.to_owned(),
        topic: topic.to_owned(),
        callback: None,
        phase: Phase::Offered,
        is_pending: false,
        next_at: Some(now),
        asked_at: None,
        lease_ends_at: None,
        delivered_at: None,
        failures: 0,
        problem: None,
    }
}

/// The state to commit before the hub is asked, with the call-back address it is told.
#[must_use]
pub fn claim(state: &Subscription, callback: &str, now: Timestamp) -> Subscription {
    let mut next = state.clone();
    if state.is_pending {
        next.failures = state.failures.saturating_add(1);
        next.problem = Some("the hub accepted the request and did not verify it".to_owned());
    }
    next.callback = Some(callback.to_owned());
    next.is_pending = true;
    next.asked_at = Some(now);
    next.next_at = Some(later(now, VERIFY_S));
    next
}

/// The state after the hub was asked. It may have verified in the meantime.
#[must_use]
pub fn posted(state: &Subscription, posted: &Posted, now: Timestamp) -> Subscription {
    let mut next = state.clone();
    if !state.is_pending {
        return next;
    }
    let retry_after = match posted {
        Posted::Accepted => {
            let wait = backoff::after(next.failures, FAILURE_BASE_S, cap_s(state, now), &key(state)).max(VERIFY_S);
            next.next_at = Some(later(now, wait));
            return next;
        }
        Posted::Throttled { retry_after } => {
            next.problem = Some("the hub asks us to slow down".to_owned());
            *retry_after
        }
        Posted::Failed(failure) => {
            next.problem = Some(failure.to_string());
            None
        }
    };
    next.is_pending = false;
    next.failures = next.failures.saturating_add(1);
    if state.phase == Phase::Leaving && next.failures >= GOODBYES {
        return left(&next, now);
    }
    let wait = backoff::after(next.failures, FAILURE_BASE_S, cap_s(state, now), &key(state));
    next.next_at = Some(later(now, wait).max(retry_after.unwrap_or(now)));
    next
}

/// Whether we asked `topic` of that hub and want it, so that its challenge is answered.
#[must_use]
pub fn is_wanted(state: &Subscription, topic: &str) -> bool {
    let asked = state.is_pending || state.phase == Phase::Active;
    asked && !matches!(state.phase, Phase::Leaving | Phase::Left) && state.topic == topic
}

/// The hub has verified. To hear that again without having asked again changes nothing.
#[must_use]
pub fn verified(state: &Subscription, lease_s: Option<u64>, now: Timestamp) -> Subscription {
    let mut next = state.clone();
    if !state.is_pending {
        return next;
    }
    let lease = lease_s.map_or(UNSAID_LEASE_S, |lease| i64::try_from(lease).unwrap_or(LEASE_CAP_S).min(LEASE_CAP_S));
    let renewal = (lease / 2).saturating_add(backoff::spread(&key(state), lease / 10 * 3));
    next.phase = Phase::Active;
    next.is_pending = false;
    next.failures = 0;
    next.problem = None;
    next.lease_ends_at = Some(later(now, lease));
    next.next_at = Some(later(now, renewal.max(RENEWAL_FLOOR_S)));
    next
}

/// The hub will not, or no longer.
#[must_use]
pub fn denied(state: &Subscription, reason: Option<&str>, now: Timestamp) -> Subscription {
    let mut next = state.clone();
    next.phase = Phase::Denied;
    next.is_pending = false;
    next.lease_ends_at = None;
    next.failures = next.failures.saturating_add(1);
    next.problem = Some(reason.map_or_else(
        || "the hub denies the subscription".to_owned(),
        |reason| format!("the hub denies the subscription: {reason}"),
    ));
    next.next_at = Some(later(now, backoff::after(next.failures, DENIED_BASE_S, DENIED_CAP_S, &key(state))));
    next
}

/// We want no more of it: the hub is told at once. One that never heard of us is not.
#[must_use]
pub fn leave(state: &Subscription, now: Timestamp) -> Option<Subscription> {
    state.callback.as_ref()?;
    Some(Subscription {
        phase: Phase::Leaving,
        is_pending: false,
        next_at: Some(now),
        failures: 0,
        problem: None,
        ..state.clone()
    })
}

/// It is over. `next_at` is when it may be forgotten.
#[must_use]
pub fn left(state: &Subscription, now: Timestamp) -> Subscription {
    Subscription { phase: Phase::Left, is_pending: false, next_at: Some(later(now, LEFT_S)), ..state.clone() }
}

/// The hub delivers, as far as it has said.
#[must_use]
pub fn is_live(state: &Subscription, now: Timestamp) -> bool {
    state.phase == Phase::Active && state.lease_ends_at.is_some_and(|end| end > now)
}

/// The polling of a source whose hub has delivered lately goes on as a net, a day apart: never sooner than it would.
#[must_use]
pub fn net(poll: PollState, state: &Subscription, now: Timestamp, url: &str) -> PollState {
    let trusted = state.delivered_at.is_some_and(|at| later(at, TRUST_S) > now);
    let at = later(now, NET_S + backoff::spread(url, HOUR_S));
    if !is_live(state, now) || !trusted || poll.problem.is_some() || poll.next_check_at >= at {
        return poll;
    }
    let reason = format!("its hub delivers; polled every {} as a net", in_words(NET_S));
    PollState { next_check_at: at, reason, ..poll }
}

/// One line for people.
#[must_use]
pub fn line(state: &Subscription, now: Timestamp) -> String {
    let hub = crate::url::host(&state.hub).unwrap_or_default();
    let problem = state.problem.as_ref().map(|problem| format!(" ({problem})")).unwrap_or_default();
    match (state.phase, state.lease_ends_at) {
        (Phase::Active, Some(end)) if end > now => {
            let last = state
                .delivered_at
                .map_or_else(|| "nothing delivered yet".to_owned(), |at| format!("last delivery {at:.0}"));
            format!("subscribed at {hub} until {end:.0}, {last}{problem}")
        }
        (Phase::Active, _) => format!("the lease at {hub} has ended{problem}"),
        (Phase::Denied, _) => format!("not subscribed at {hub}{problem}"),
        (Phase::Leaving | Phase::Left, _) => format!("no longer subscribed at {hub}{problem}"),
        (Phase::Offered, _) if state.is_pending => format!("{hub} was asked and has not verified yet{problem}"),
        (Phase::Offered, _) => {
            format!("offered by {hub}, not subscribed (see fetch.websub and site.base_url){problem}")
        }
    }
}

fn cap_s(state: &Subscription, now: Timestamp) -> i64 {
    if is_live(state, now) { RENEWAL_CAP_S } else { FAILURE_CAP_S }
}

fn key(state: &Subscription) -> String {
    format!("{} {}", state.hub, state.topic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Failure, FailureKind};
    use crate::schedule::poll;

    const TOPIC: &str = "https://a.example/feed";

    fn now() -> Timestamp {
        "2026-01-10T12:00:00Z".parse().unwrap()
    }

    fn after(seconds: i64) -> Timestamp {
        later(now(), seconds)
    }

    fn asked() -> Subscription {
        claim(&offer("https://hub.example/", TOPIC, now()), "https://wire.example.org/websub/x", now())
    }

    fn active() -> Subscription {
        verified(&asked(), Some(864_000), now())
    }

    fn broken() -> Posted {
        Posted::Failed(Failure { kind: FailureKind::Status, status: Some(500), detail: "500".to_owned() })
    }

    #[test]
    fn a_lease_is_renewed_between_half_and_four_fifths() {
        let check = |lease: u64| {
            let state = verified(&asked(), Some(lease), now());
            let lease = i64::try_from(lease).unwrap();
            let renewal = state.next_at.unwrap().as_second() - now().as_second();
            assert!(renewal >= lease / 2 && renewal <= lease / 10 * 8, "{renewal} of {lease}");
            assert_eq!(state.lease_ends_at, Some(after(lease)));
            assert!(is_live(&state, after(lease - 1)) && !is_live(&state, after(lease)));
        };
        check(3600);
        check(86_400);
        check(864_000);
        assert_eq!(verified(&asked(), Some(1), now()).next_at, Some(after(RENEWAL_FLOOR_S)));
        assert_eq!(verified(&asked(), Some(u64::MAX), now()).lease_ends_at, Some(after(LEASE_CAP_S)));
        assert_eq!(verified(&asked(), None, now()).lease_ends_at, Some(after(UNSAID_LEASE_S)));
    }

    #[test]
    fn a_challenge_is_answered_only_where_we_asked() {
        let check = |state: &Subscription, topic, expect| assert_eq!(is_wanted(state, topic), expect, "{state:?}");
        check(&offer("https://hub.example/", TOPIC, now()), TOPIC, false);
        check(&asked(), TOPIC, true);
        check(&asked(), "https://a.example/feed/", false);
        check(&active(), TOPIC, true);
        check(&leave(&active(), now()).unwrap(), TOPIC, false);
        check(&left(&active(), now()), TOPIC, false);
        check(&denied(&asked(), None, now()), TOPIC, false);
    }

    #[test]
    fn a_verification_that_is_repeated_changes_nothing() {
        assert_eq!(verified(&active(), Some(1), after(60)), active());
        assert_eq!(posted(&active(), &broken(), after(1)), active(), "it verified before it answered");
    }

    #[test]
    fn a_hub_that_fails_is_asked_ever_less_often() {
        let mut state = offer("https://hub.example/", TOPIC, now());
        let mut waits = Vec::new();
        for _ in 0..12 {
            state = posted(&claim(&state, "x", now()), &broken(), now());
            waits.push(state.next_at.unwrap().as_second() - now().as_second());
        }
        assert!(waits.is_sorted(), "{waits:?}");
        assert!(waits[0] >= FAILURE_BASE_S * 9 / 10 && waits[11] >= FAILURE_CAP_S * 9 / 10, "{waits:?}");
        assert_eq!((state.failures, state.problem.as_deref()), (12, Some("500")));
        let throttled = posted(&asked(), &Posted::Throttled { retry_after: Some(after(50_000)) }, now());
        assert_eq!(throttled.next_at, Some(after(50_000)));
    }

    #[test]
    fn silence_after_an_accepted_request_is_a_failure() {
        let accepted = posted(&asked(), &Posted::Accepted, now());
        assert_eq!((accepted.failures, accepted.next_at), (0, Some(after(VERIFY_S))));
        let again = posted(&claim(&accepted, "x", after(VERIFY_S)), &Posted::Accepted, after(VERIFY_S));
        assert_eq!(again.failures, 1);
        assert!(again.problem.is_some());
        let renewing = claim(&active(), "x", after(5 * DAY_S));
        assert!(is_live(&renewing, after(5 * DAY_S)), "the old lease still runs");
    }

    #[test]
    fn good_byes_end() {
        assert_eq!(leave(&offer("https://hub.example/", TOPIC, now()), now()), None);
        let mut state = leave(&active(), now()).unwrap();
        for _ in 0..GOODBYES {
            assert_eq!(state.phase, Phase::Leaving);
            state = posted(&claim(&state, "x", now()), &broken(), now());
        }
        assert_eq!((state.phase, state.next_at), (Phase::Left, Some(after(LEFT_S))));
    }

    #[test]
    fn the_net_only_widens_and_only_where_a_hub_delivers() {
        let poll = poll::start(now());
        let delivering = Subscription { delivered_at: Some(now()), ..active() };
        let check = |state: &Subscription, at, widened| {
            let next = net(poll.clone(), state, at, "https://a.example/feed");
            assert_eq!(next.next_check_at >= later(at, NET_S), widened, "{state:?}");
        };
        check(&delivering, now(), true);
        check(&active(), now(), false);
        check(&delivering, after(TRUST_S), false);
        check(&Subscription { lease_ends_at: Some(now()), ..delivering.clone() }, now(), false);
        check(&denied(&delivering, None, now()), now(), false);
        let far = PollState { next_check_at: after(90 * DAY_S), ..poll.clone() };
        assert_eq!(net(far.clone(), &delivering, now(), ""), far);
        let failing = PollState { problem: Some("500".to_owned()), ..poll.clone() };
        assert_eq!(net(failing.clone(), &delivering, now(), ""), failing);
    }
}
