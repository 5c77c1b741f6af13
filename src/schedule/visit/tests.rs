//! The plan of visits, by table.

use jiff::Timestamp;

use super::*;
use crate::model::Failure;

const KEY: &str = "https://example.org/article";

const AMP: &str = "https://example.org/article/amp";

const ABOUT: About<'static> = About { url: KEY, published: None, amp: None };

fn fetched() -> VisitEvent {
    VisitEvent::Fetched { validators: etag(Some("a")), validators_of: KEY.to_owned() }
}

fn unchanged() -> VisitEvent {
    VisitEvent::Unchanged { validators: etag(None) }
}

fn failed(permanent: bool) -> VisitEvent {
    VisitEvent::Failed { permanent, detail: "it broke".to_owned() }
}

fn refused() -> VisitEvent {
    VisitEvent::Refused("robots.txt forbids it".to_owned())
}

fn throttled(minutes: Option<i64>) -> VisitEvent {
    VisitEvent::Throttled { retry_after: minutes.map(|minutes| later(Timestamp::UNIX_EPOCH, minutes * 60)) }
}

fn etag(etag: Option<&str>) -> Validators {
    Validators { etag: etag.map(str::to_owned), last_modified: None }
}

fn run(events: &[VisitEvent]) -> (Vec<i64>, VisitState) {
    run_about(events, &ABOUT)
}

/// When each of `events` is seen, in minutes, to the tenth that jitter may take; the last is the next visit.
fn run_about(events: &[VisitEvent], about: &About<'_>) -> (Vec<i64>, VisitState) {
    let mut state = start(Timestamp::UNIX_EPOCH);
    let mut times = Vec::new();
    for event in events {
        let Some(now) = state.next_at else { break };
        times.push(now.as_second() / 60);
        state = next(&claim(&state, now, CLAIM_FLOOR_S), event, now, &VisitRules::default(), about);
    }
    (times, state)
}

/// After `events` comes a visit about `minutes` after the first one, or none; and the reason holds `why`.
#[track_caller]
fn check(events: &[VisitEvent], minutes: Option<i64>, why: &str) -> VisitState {
    check_about(events, &ABOUT, minutes, why)
}

#[track_caller]
fn check_about(events: &[VisitEvent], about: &About<'_>, minutes: Option<i64>, why: &str) -> VisitState {
    let (times, state) = run_about(events, about);
    assert_eq!(times.len(), events.len(), "rests too soon: {}", state.reason);
    let next = state.next_at.map(|at| at.as_second() / 60);
    let near = match (next, minutes) {
        (Some(next), Some(minutes)) => (next - minutes).abs() <= minutes / 10,
        (next, minutes) => next == minutes,
    };
    assert!(near, "{next:?}, not {minutes:?}: {}", state.reason);
    assert!(state.reason.contains(why), "{}", state.reason);
    state
}

#[test]
fn a_page_is_seen_again_by_plan_and_then_rests() {
    check(&[fetched()], Some(60), "60 minutes after the first answer");
    check(&[fetched(), unchanged()], Some(360), "6 hours");
    check(&[fetched(), fetched(), unchanged()], Some(1440), "24 hours");
    let state = check(&[fetched(), unchanged(), fetched(), unchanged()], None, "done");
    assert_eq!((state.visits, state.failures, state.problem), (4, 0, None));
    assert_eq!((state.fetched_at, state.validators), (Some(Timestamp::UNIX_EPOCH), etag(Some("a"))));
}

#[test]
fn old_articles_are_read_once() {
    let published = |days: i64| About { published: Some(later(Timestamp::UNIX_EPOCH, -days * DAY_S)), ..ABOUT };
    check_about(&[fetched()], &published(3), None, "read once");
    check_about(&[fetched()], &published(2), Some(60), "60 minutes");
    check_about(&[fetched()], &published(-1), Some(60), "60 minutes");
    check_about(&[failed(false), fetched()], &published(3), None, "read once");
    // Age counts at the first reading: a plan that was begun is kept.
    check_about(&[fetched(), fetched()], &published(1), Some(360), "6 hours");
}

#[test]
fn what_is_not_the_article_waits_longer_each_time() {
    let wall = || VisitEvent::NotTheArticle("a consent wall".to_owned());
    let state = check(&[wall()], Some(360), "failed once");
    assert_eq!((state.problem.as_deref(), state.visits, state.fetched_at), (Some("a consent wall"), 0, None));
    check(&[wall(), wall()], Some(360 + 720), "failed 2 times");
    check(&vec![wall(); 5], None, "rests");
    check(&[wall(), fetched()], Some(360 + 60), "60 minutes");
}

#[test]
fn an_amp_page_is_a_second_chance_and_only_one() {
    let about = About { amp: Some(AMP), ..ABOUT };
    let state = check_about(&[failed(true)], &about, Some(1), "AMP");
    assert_eq!((request(&state, KEY, None).url.as_str(), state.failures), (AMP, 1));
    let state = check_about(&[failed(true), fetched()], &about, Some(61), "60 minutes");
    assert_eq!((request(&state, KEY, None).url.as_str(), state.problem), (AMP, None));
    let state = check_about(&[failed(true), failed(true)], &about, Some(1 + 720), "failed 2 times");
    assert_eq!((request(&state, KEY, None).url.as_str(), state.second_failed), (KEY, true));
    check_about(&vec![failed(true); 3], &about, Some(1 + 720 + 1440), "failed 3 times");
    // Trouble that passes is no reason to go elsewhere, and what is gone is gone.
    check_about(&[failed(false)], &about, Some(15), "failed once");
    check_about(&[VisitEvent::Gone], &about, None, "410");
    let state = check_about(&[failed(true), failed(false)], &about, Some(1 + 30), "failed 2 times");
    assert_eq!(request(&state, KEY, None).url, AMP);
    check_about(&[failed(true)], &About { amp: Some(KEY), ..ABOUT }, Some(360), "failed once");
}

#[test]
fn missed_steps_are_not_made_up() {
    let state = next(&start(Timestamp::UNIX_EPOCH), &fetched(), Timestamp::UNIX_EPOCH, &VisitRules::default(), &ABOUT);
    let late = later(Timestamp::UNIX_EPOCH, 7 * HOUR_S);
    let state = next(&state, &unchanged(), late, &VisitRules::default(), &ABOUT);
    assert_eq!(state.next_at.unwrap().as_second(), DAY_S);
    let none = VisitRules { revisit_s: vec![0, -5] };
    assert_eq!(next(&state, &unchanged(), late, &none, &ABOUT).next_at, None);
}

#[test]
fn failures_back_off_and_rest() {
    check(&[failed(false)], Some(15), "failed once");
    check(&vec![failed(false); 3], Some(15 + 30 + 60), "failed 3 times");
    check(&vec![failed(false); 10], None, "failed 10 times in a row: rests");
    check(&[failed(true)], Some(360), "failed once");
    check(&vec![failed(true); 5], None, "rests");
    check(&[failed(true), fetched()], Some(360 + 60), "60 minutes");
    check(&[fetched(), failed(false)], Some(60 + 15), "failed once");
    let state = check(&[VisitEvent::Gone], None, "410");
    assert_eq!(state.problem.as_deref(), Some("gone for good (410)"));
}

#[test]
fn throttling_is_obeyed_in_full() {
    check(&[throttled(Some(7200))], Some(7200), "Retry-After says 1970-01-06");
    check(&[throttled(Some(1))], Some(15), "Retry-After");
    check(&[throttled(None)], Some(60), "without Retry-After");
    check(&[throttled(None), throttled(None)], Some(180), "without");
    check(&vec![throttled(None); 10], None, "rests");
    let (_, state) = run(&[throttled(Some(7200))]);
    assert!(state.next_at.unwrap().as_second() >= 7200 * 60);
    let (_, state) = run(&[throttled(None)]);
    assert!(state.next_at.unwrap().as_second() >= 3600);
}

#[test]
fn refusals_are_looked_at_again_three_times() {
    check(&[refused()], Some(1440), "in a day");
    check(&vec![refused(); 3], Some(3 * 1440), "in a day");
    check(&vec![refused(); 4], None, "rests");
    check(&[refused(), fetched()], Some(1440 + 60), "60 minutes");
}

#[test]
fn a_claim_holds_its_floor_and_wakes_nobody() {
    let now = later(Timestamp::UNIX_EPOCH, 1000);
    let claimed = claim(&start(Timestamp::UNIX_EPOCH), now, CLAIM_FLOOR_S);
    assert_eq!((claimed.next_at.unwrap().as_second(), claimed.asked_at), (1300, Some(now)));
    assert_eq!(claim(&VisitState::default(), now, CLAIM_FLOOR_S).next_at, None);
    assert_eq!(claim(&claimed, now, -5).next_at, claimed.next_at);
}

#[test]
fn validators_go_with_the_address_that_gave_them() {
    let (_, state) = run(&[fetched()]);
    let asked = request(&state, KEY, None);
    assert_eq!(
        (asked.url.as_str(), asked.validators, asked.validators_of),
        (KEY, etag(Some("a")), Some(KEY.to_owned()))
    );
    let first = request(&VisitState::default(), KEY, None);
    assert_eq!((first.validators, first.validators_of), (Validators::default(), None));
}

#[test]
fn states_survive_storage_and_older_versions() {
    let (_, state) = run(&[fetched(), failed(false)]);
    assert_eq!(serde_json::from_str::<VisitState>(&serde_json::to_string(&state).unwrap()).unwrap(), state);
    assert_eq!(serde_json::from_str::<VisitState>("{}").unwrap(), VisitState::default());
}

#[test]
fn outcomes_become_events() {
    let of = |kind, status| VisitEvent::of(&Outcome::Failed(Failure { kind, status, detail: "it broke".to_owned() }));
    assert_eq!(of(FailureKind::Status, Some(404)), failed(true));
    assert_eq!(of(FailureKind::Status, Some(408)), failed(false));
    assert_eq!(of(FailureKind::Status, Some(500)), failed(false));
    assert_eq!(of(FailureKind::Dns, None), failed(false));
    assert_eq!(of(FailureKind::TooLarge, None), failed(true));
    assert_eq!(VisitEvent::of(&Outcome::Gone), VisitEvent::Gone);
}

#[test]
fn a_clock_that_was_set_back_shortens_no_wait_and_puts_none_off() {
    let at = |seconds| later(Timestamp::UNIX_EPOCH, seconds);
    let state = |next, asked: Option<i64>| VisitState {
        next_at: Some(at(next)),
        asked_at: asked.map(at),
        fetched_at: asked.map(at),
        ..VisitState::default()
    };
    let check = |before: VisitState, expect: VisitState| assert_eq!(set_back(&before, at(100)), expect);
    check(state(1_050, Some(1_000)), state(150, Some(100)));
    check(state(1_050, None), state(100, None));
    check(state(150, Some(90)), state(150, Some(90)));
    check(state(90, None), state(90, None));
    check(VisitState::default(), VisitState::default());
}
