//! The rows of the score card of polite polling, as far as they are arithmetic.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::model::{FeedHints, Freshness, Outcome};

const URL: &str = "https://example.org/feed.xml";
const ETAG: &str = "W/\"abc\"";
const DATE: &str = "Sun, 22 Nov 2026 15:00:00 GMT";

/// Sunday 2026-11-22 15:00 GMT plus `hours`.
fn at(hours: i64) -> Timestamp {
    let start: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
    later(start, hours * HOUR_S)
}

fn validators(etag: Option<&str>, date: Option<&str>) -> Validators {
    Validators { etag: etag.map(str::to_owned), last_modified: date.map(str::to_owned) }
}

fn ok(etag: Option<&str>, date: Option<&str>) -> PollEvent {
    with(etag, date, Freshness::default(), FeedHints::default())
}

fn with(etag: Option<&str>, date: Option<&str>, freshness: Freshness, hints: FeedHints) -> PollEvent {
    let validators = validators(etag, date);
    let of = URL.to_owned();
    let answer = Answer {
        validators,
        validators_of: of,
        is_whole: true,
        is_conditional: true,
        freshness,
        hints,
        ..Answer::default()
    };
    PollEvent::Answered(answer)
}

fn unchanged() -> PollEvent {
    PollEvent::Unchanged { validators: Validators::default(), freshness: Freshness::default(), moved_to: None }
}

fn failed(status: Option<u16>) -> PollEvent {
    PollEvent::Failed { status, detail: "it broke".to_owned() }
}

fn throttled(retry_after: Option<Timestamp>) -> PollEvent {
    PollEvent::Throttled { status: 429, retry_after }
}

fn step(state: &PollState, event: &PollEvent, now: Timestamp) -> PollState {
    next(state, event, now, &PollRules::default(), URL)
}

/// The state after `events`, each seen when the one before said so; and when the last was seen.
fn run(events: &[PollEvent]) -> (PollState, Timestamp) {
    let mut state = start(at(0));
    let mut now = at(0);
    for event in events {
        now = state.next_check_at;
        state = step(&claim(&state, now, floor_s(&state, &PollRules::default())), event, now);
    }
    (state, now)
}

/// After `events`, the wait is `hours` to a tenth more, and the reason holds `why`.
#[track_caller]
fn check(events: &[PollEvent], hours: i64, why: &str) -> PollState {
    let (state, now) = run(events);
    let wait = state.next_check_at.as_second() - now.as_second();
    let low = hours * HOUR_S;
    assert!((low..=low + low / 10).contains(&wait), "{wait} s, expected {low} s: {}", state.reason);
    assert!(state.reason.contains(why), "{}", state.reason);
    state
}

/// The same with a tenth either way, as failures have it.
#[track_caller]
fn check_about(events: &[PollEvent], hours: i64, why: &str) {
    let (state, now) = run(events);
    let wait = state.next_check_at.as_second() - now.as_second();
    assert!((wait - hours * HOUR_S).abs() <= hours * HOUR_S / 10, "{wait} s: {}", state.reason);
    assert!(wait >= HOUR_S, "{wait} s");
    assert!(state.reason.contains(why), "{}", state.reason);
}

#[test]
fn s1_s3_s4_validators_are_kept_verbatim_and_sent_together() {
    let (state, _) = run(&[ok(Some(ETAG), Some(DATE)), unchanged(), failed(Some(500)), throttled(None)]);
    assert_eq!(request(&state, URL).validators, validators(Some(ETAG), Some(DATE)));
    let stored = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<PollState>(&stored).unwrap(), state);
}

#[test]
fn s5_s6_s7_validators_are_replaced_each_on_its_own_and_never_invented() {
    let kept = |events: &[PollEvent]| run(events).0.validators;
    assert_eq!(kept(&[ok(None, None)]), Validators::default());
    assert_eq!(kept(&[ok(Some("a"), Some(DATE)), ok(Some("b"), Some(DATE))]), validators(Some("b"), Some(DATE)));
    assert_eq!(kept(&[ok(Some("a"), Some(DATE)), ok(Some("a"), None)]), validators(Some("a"), None));
    assert_eq!(kept(&[ok(Some("a"), Some(DATE)), ok(None, None)]), Validators::default());
}

#[test]
fn s8_a_304_may_carry_new_validators_and_freshness() {
    let event = PollEvent::Unchanged {
        validators: validators(Some("new"), None),
        freshness: Freshness { max_age_s: Some(7200), expires: None },
        moved_to: None,
    };
    let state = check(&[ok(Some("old"), Some(DATE)), event], 2, "max-age says 2 hours");
    assert_eq!(state.validators, validators(Some("new"), Some(DATE)));
}

/// A 200 from another address than the source's.
fn from(url: &str, moved_to: Option<&str>) -> PollEvent {
    let PollEvent::Answered(answer) = ok(Some(url), None) else { panic!("no answer") };
    PollEvent::Answered(Answer { validators_of: url.to_owned(), moved_to: moved_to.map(str::to_owned), ..answer })
}

#[test]
fn s9_validators_stay_with_the_address_that_gave_them() {
    let state = check(&[from("https://cdn.example.net/feed.xml", None)], 1, "floor of 60 minutes");
    let asked = request(&state, URL);
    assert_eq!((asked.url.as_str(), asked.validators_of.as_deref()), (URL, Some("https://cdn.example.net/feed.xml")));
    // Where each answer comes from another address, validators do not help: then the long floor holds.
    check(&[from("https://a.example/1", None), from("https://a.example/2", None)], 1, "floor of 60 minutes");
    let roaming = ["https://a.example/1", "https://a.example/2", "https://a.example/3"];
    check(&roaming.map(|url| from(url, None)), 24, "no validators that help");
}

#[test]
fn s11_floors() {
    check(&[ok(Some(ETAG), None)], 1, "floor of 60 minutes");
    check(&[ok(None, Some(DATE)), unchanged()], 1, "floor of 60 minutes");
    check(&[ok(None, None)], 24, "no validators");
    let rules = PollRules { min_interval_s: 600, min_interval_unconditional_s: 7200, ..PollRules::default() };
    let state = next(&start(at(0)), &ok(None, None), at(0), &rules, URL);
    assert!(state.next_check_at >= at(2) && state.next_check_at < at(3));
    let state = next(&state, &ok(Some(ETAG), None), at(2), &rules, URL);
    assert!(state.next_check_at < at(3));
}

#[test]
fn s12_s13_freshness_lengthens_up_to_a_week() {
    let fresh = |max_age_s, expires: Option<Timestamp>| {
        with(Some(ETAG), None, Freshness { max_age_s, expires }, FeedHints::default())
    };
    check(&[fresh(Some(60), None)], 1, "floor");
    check(&[fresh(Some(36_000), None)], 10, "max-age");
    check(&[fresh(Some(3 * 86_400), Some(at(200)))], 72, "max-age");
    check(&[fresh(Some(u64::MAX), None)], 168, "max-age says 7 days");
    check(&[fresh(None, Some(at(5)))], 5, "Expires says 2026-11-22T20:00:00Z");
    check(&[fresh(None, Some(at(-5)))], 1, "floor");
    check(&[fresh(None, Some(Timestamp::MAX))], 168, "Expires");
    check(&[fresh(Some(36_000), None), unchanged()], 10, "max-age");
    check(&[with(None, None, Freshness { max_age_s: Some(3600), expires: None }, FeedHints::default())], 24, "floor");
}

#[test]
fn s14_retry_after_is_obeyed_in_full_else_waits_grow() {
    check(&[ok(Some(ETAG), None), throttled(Some(at(500)))], 498, "Retry-After says");
    check(&[throttled(Some(at(24 * 400)))], 24 * 400, "Retry-After");
    check(&[throttled(Some(later(at(0), 30)))], 1, "floor");
    check(&[throttled(Some(at(-9)))], 1, "floor");
    check(&[ok(None, None), throttled(Some(at(25)))], 24, "floor");
    let (state, now) = run(&[throttled(Some(Timestamp::MAX))]);
    assert!(state.next_check_at > now && rests(&state));
    check_about(&[throttled(None)], 1, "");
    check_about(&[throttled(None), throttled(None)], 2, "2 times in a row");
    check_about(&vec![throttled(None); 5], 16, "5 times in a row");
    check_about(&vec![throttled(None); 50], 168, "50 times in a row");
}

#[test]
fn s15_s24_failures_back_off_and_then_rest() {
    check_about(&[failed(None)], 1, "");
    check_about(&[failed(Some(500)), failed(Some(502)), failed(None)], 4, "failed 3 times in a row");
    check_about(&vec![failed(None); 11], 168, "failed 11 times");
    check_about(&[failed(Some(404))], 24, "");
    check_about(&vec![failed(Some(403)); 3], 96, "failed 3 times");
    check_about(&[ok(Some(ETAG), None), failed(None), ok(Some(ETAG), None), failed(None)], 1, "");
    check(&[ok(None, None), failed(Some(500))], 24, "floor");
    for (event, count) in [(failed(None), 12), (failed(Some(404)), 6)] {
        assert!(!rests(&run(&vec![event.clone(); count - 1]).0));
        let (state, _) = run(&vec![event; count]);
        assert!(rests(&state) && state.reason.contains("rests"), "{}", state.reason);
        let long_after = later(state.checked_at.unwrap(), 9 * HOUR_S);
        let state = revive(&state, long_after, HOUR_S);
        assert!(!rests(&state) && state.next_check_at == long_after && state.failures == 0);
    }
}

#[test]
fn s24_410_is_confirmed_once_then_rests() {
    let state = check(&[PollEvent::Gone], 72, "one confirming look");
    assert!(state.gone && !rests(&state));
    let (state, _) = run(&[PollEvent::Gone, PollEvent::Gone]);
    assert!(rests(&state) && state.reason.contains("confirmed"), "{}", state.reason);
    let (state, _) = run(&[PollEvent::Gone, failed(None), PollEvent::Gone]);
    assert!(rests(&state));
    let (state, _) = run(&[PollEvent::Gone, ok(Some(ETAG), None), PollEvent::Gone]);
    assert!(!rests(&state) && state.gone);
}

#[test]
fn s16_a_claim_holds_the_floor_and_never_hurries() {
    let (state, _) = run(&[ok(Some(ETAG), None)]);
    let claimed = claim(&state, at(9), 3600);
    assert_eq!((claimed.next_check_at, claimed.checked_at), (at(10), Some(at(9))));
    assert_eq!(claim(&step(&state, &throttled(Some(at(90))), at(9)), at(10), 3600).next_check_at.as_second() / 3600, {
        at(90).as_second() / 3600
    });
    assert_eq!(floor_s(&start(at(0)), &PollRules::default()), 3600);
    assert_eq!(floor_s(&run(&[ok(None, None)]).0, &PollRules::default()), 86_400);
}

#[test]
fn s17_what_the_feed_asks_for_only_lengthens() {
    let ttl = |seconds| {
        with(Some(ETAG), None, Freshness::default(), FeedHints { ttl_s: Some(seconds), ..FeedHints::default() })
    };
    check(&[ttl(60)], 1, "floor");
    check(&[ttl(43_200)], 12, "the feed asks for 12 hours");
    check(&[ttl(u64::MAX)], 31 * 24, "31 days");
    check(&[ttl(43_200), unchanged()], 12, "the feed asks");
    check(&[ttl(43_200), ok(Some(ETAG), None)], 1, "floor");
}

#[test]
fn s17_skipped_hours_and_days_are_left_out() {
    let skip = |hours: &[u8], days: &[&str]| {
        let skip_days = days.iter().map(|day| (*day).to_owned()).collect();
        let hints = FeedHints { skip_hours: hours.to_vec(), skip_days, ..FeedHints::default() };
        run(&[with(Some(ETAG), None, Freshness::default(), hints)]).0
    };
    // Sunday 15:00 plus one hour and a bit is 16:00 to 16:06.
    let check = |hours: &[u8], days: &[&str], expect: &str| {
        let state = skip(hours, days);
        let shown = state.next_check_at.to_string();
        assert!(shown.starts_with(expect), "{hours:?} {days:?}: {shown}, {}", state.reason);
        assert!(state.next_check_at.as_second() % 3600 <= 900);
    };
    check(&[], &[], "2026-11-22T16:0");
    check(&[15, 17], &["Monday"], "2026-11-22T16:0");
    check(&[16, 17], &[], "2026-11-22T18:");
    check(&[16, 17, 18, 19, 20, 21, 22, 23, 24], &[], "2026-11-23T01:");
    check(&[], &["Sunday"], "2026-11-23T00:");
    check(&[0, 1], &[" sunday", "MONDAY"], "2026-11-24T02:");
    let all: Vec<u8> = (0..24).collect();
    check(&all, &[], "2026-11-22T16:0");
    check(&[255, 99], &["Someday"], "2026-11-22T16:0");
    assert!(skip(&[16], &[]).reason.contains("skipHours"));
}

#[test]
fn s22_sources_do_not_come_in_herds() {
    let second = |n: i64| {
        let url = format!("https://example.org/{n}.xml");
        let state = next(&start(at(0)), &ok(None, None), at(0), &PollRules::default(), &url);
        assert_eq!(state, next(&start(at(0)), &ok(None, None), at(0), &PollRules::default(), &url));
        state.next_check_at.as_second()
    };
    let seconds: std::collections::BTreeSet<i64> = (0..100).map(second).collect();
    assert!(seconds.len() > 90, "only {} different times", seconds.len());
}

fn unreadable() -> PollEvent {
    let PollEvent::Answered(answer) = ok(Some(ETAG), None) else { panic!("no answer") };
    PollEvent::Answered(Answer { unreadable: Some("an HTML page, no feed".to_owned()), ..answer })
}

#[test]
fn an_answer_that_is_no_feed_is_a_failure_with_validators() {
    let (state, _) = run(&[unreadable(), unreadable(), unreadable()]);
    assert_eq!((state.failures, state.problem.as_deref()), (3, Some("an HTML page, no feed")));
    assert_eq!(state.validators, validators(Some(ETAG), None));
    assert!(state.reason.contains("unreadable 3 times"), "{}", state.reason);
}

#[test]
fn a_page_in_place_of_a_feed_that_was_read_costs_no_validator() {
    let (state, _) = run(&[ok(None, Some("Mon")), unreadable()]);
    assert_eq!((state.failures, state.validators), (1, validators(None, Some("Mon"))));
    let (state, _) = run(&[ok(Some(ETAG), None), unreadable(), unchanged()]);
    assert_eq!((state.failures, state.problem), (0, None), "what we hold is the feed as it is");
}

#[test]
fn outcomes_become_events() {
    let of = |outcome: &Outcome| PollEvent::of(outcome, None, at(0));
    assert_eq!(of(&Outcome::Gone), PollEvent::Gone);
    let state = step(&start(at(0)), &of(&Outcome::Refused(crate::model::Refusal::Guard("loopback".to_owned()))), at(0));
    assert_eq!(state.problem.as_deref(), Some("not allowed: loopback"));
    assert!(state.next_check_at >= at(24) && state.failures == 0);
}

fn any_event() -> impl Strategy<Value = PollEvent> {
    let times = proptest::option::of(any::<i64>().prop_map(|s| later(Timestamp::UNIX_EPOCH, s % 400_000_000_000)));
    let etag = proptest::option::of("[a-z]{1,3}");
    let hints = (proptest::option::of(any::<u64>()), proptest::collection::vec(any::<u8>(), 0..24))
        .prop_map(|(ttl_s, skip_hours)| FeedHints { ttl_s, skip_hours, ..FeedHints::default() });
    let freshness = (proptest::option::of(any::<u64>()), times.clone())
        .prop_map(|(max_age_s, expires)| Freshness { max_age_s, expires });
    prop_oneof![
        (etag.clone(), freshness.clone(), hints).prop_map(|(etag, f, h)| with(etag.as_deref(), None, f, h)),
        (etag, freshness).prop_map(|(etag, freshness)| PollEvent::Unchanged {
            validators: validators(etag.as_deref(), None),
            freshness,
            moved_to: None
        }),
        times.prop_map(throttled),
        Just(PollEvent::Gone),
        Just(PollEvent::Refused("no".to_owned())),
        proptest::option::of(100..600_u16).prop_map(failed),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_answers_breaks_the_floor(events in proptest::collection::vec(any_event(), 1..12)) {
        let mut state = start(at(0));
        for event in &events {
            let now = state.next_check_at;
            if rests(&state) {
                break;
            }
            state = step(&state, event, now);
            let wait = state.next_check_at.as_second() - now.as_second();
            prop_assert!(wait >= HOUR_S, "{wait} s after {event:?}");
            prop_assert!(!state.reason.is_empty());
            prop_assert_eq!((state.tally.early, state.tally.hasty), (0, 0), "{:?}", event);
            let latest = wishes(&state, &PollRules::default(), URL).into_iter().map(|wish| wish.until).max();
            prop_assert!(latest.is_none_or(|until| state.next_check_at >= until), "a wish is cut short by {event:?}");
            if matches!(event, PollEvent::Answered(answer) if answer.validators.etag.is_none()) {
                prop_assert!(wait >= DAY_S, "{wait} s after {event:?}");
            }
            if let PollEvent::Throttled { retry_after: Some(until), .. } = event {
                prop_assert!(state.next_check_at >= *until);
            }
        }
    }
}
