//! S11 to S17, S22 and S24: when a source is asked again.

use jiff::{SignedDuration, Timestamp};
use newswire::model::Validators;
use newswire::schedule::poll::{self, Answer, PollEvent, PollRules};

use super::wire::{START, Wire, feed, hours, item, tagged};
use crate::support::playhouse::{Asked, Reply};

const FEED: &str = "http://a.test/feed";
const HOUR: i64 = 3600;

/// Seconds between the first polls of a feed that answers so for `run` hours.
async fn gaps(run: i64, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Vec<i64> {
    let mut wire = Wire::of(&[FEED], script).await;
    wire.run(run).await;
    wire.gaps("a.test/feed")
}

/// All gaps lie between so many hours and an hour more.
#[track_caller]
fn about(gaps: &[i64], least_h: i64) {
    let fits = |gap: &i64| (least_h * HOUR..=(least_h + 1) * HOUR).contains(gap);
    assert!(!gaps.is_empty() && gaps.iter().all(fits), "{gaps:?} instead of {least_h} h");
}

pub async fn s11() {
    about(&gaps(24, |asked| tagged(asked, "\"1\"", &feed(""))).await, 1);
    about(&gaps(24 * 4, |_| Reply::ok(feed(""))).await, 24);
    // Validators that never fit help nobody: each answer comes from another address.
    let roaming = |asked: &Asked| match asked.path.as_str() {
        "/feed" => Reply::redirect(302, &format!("/feed/{}", asked.at.as_second())),
        _ => tagged(asked, "\"1\"", &feed("")),
    };
    about(&gaps(24 * 4, roaming).await[2..], 24);
}

pub async fn s12() {
    let fresh = |cache: &'static str, age: &'static str| {
        move |asked: &Asked| tagged(asked, "\"1\"", &feed("")).header("Cache-Control", cache).header("Age", age)
    };
    about(&gaps(40, fresh("public, max-age=36000", "0")).await, 10);
    about(&gaps(40, fresh("max-age=36000", "10800")).await, 7);
    about(&gaps(24 * 16, fresh("max-age=31536000", "")).await, 7 * 24);
    about(&gaps(5, fresh("max-age=60", "")).await, 1);
    about(&gaps(5, fresh("s-maxage=86400", "")).await, 1);
}

pub async fn s13() {
    let expires = |hours_ahead: i64, clock_wrong_h: i64, cache: &'static str| {
        move |asked: &Asked| {
            let date = |hours: i64| {
                let at = asked.at + SignedDuration::from_hours(hours);
                jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap()
            };
            tagged(asked, "\"1\"", &feed(""))
                .header("Date", &date(clock_wrong_h))
                .header("Expires", &date(hours_ahead + clock_wrong_h))
                .header("Cache-Control", cache)
        }
    };
    about(&gaps(20, expires(5, 0, "public")).await, 5);
    about(&gaps(20, expires(5, -48, "public")).await, 5);
    about(&gaps(20, expires(5, 48, "public")).await, 5);
    about(&gaps(20, expires(5, 0, "max-age=7200")).await, 2);
    about(&gaps(24 * 16, expires(999, 0, "public")).await, 7 * 24);
    about(&gaps(5, expires(-5, 0, "no-cache, no-store, max-age=0, must-revalidate")).await, 1);
    about(&gaps(24 * 3, |_| Reply::ok(feed("")).header("Cache-Control", "no-store")).await, 24);
}

pub async fn s14() {
    let busy = |status: u16, retry_after: &'static str| {
        move |asked: &Asked| match hours(asked.at) {
            1..=2 if retry_after.is_empty() => Reply::status(status),
            1..=2 => Reply::status(status).header("Retry-After", retry_after),
            _ => tagged(asked, "\"1\"", &feed("")),
        }
    };
    about(&gaps(12, busy(429, "28800")).await[1..2], 8);
    let gap = gaps(24, busy(503, "Sun, 11 Jan 2026 06:00:00 GMT")).await[1];
    assert!((16 * HOUR..=17 * HOUR).contains(&gap), "{gap}");
    about(&gaps(6, busy(429, "5")).await[1..2], 1);
    let growing = gaps(72, |_| Reply::status(503)).await;
    assert!(growing.len() >= 4 && growing.iter().all(|gap| *gap >= HOUR), "{growing:?}");
    assert!(growing.windows(2).all(|two| two[1] > two[0] * 3 / 2), "{growing:?}");
    // Forced while the promise holds, and failing: the promise stands.
    let mut wire = Wire::of(&[FEED], |asked| match hours(asked.at) {
        0 => Reply::status(429).header("Retry-After", "36000"),
        _ if asked.at.as_second() < START.parse::<Timestamp>().unwrap().as_second() + 10 * HOUR => Reply::status(500),
        _ => tagged(asked, "\"1\"", &feed("")),
    })
    .await;
    wire.run(2).await;
    wire.stages.poll.force().unwrap();
    wire.run(12).await;
    let asked = wire.asked("a.test/feed");
    assert_eq!((hours(asked[1].at), hours(asked[2].at)), (2, 10));
    assert_eq!((wire.manners().early, wire.manners().before_retry_after), (1, 1), "forced, and told so");
    // Unforced, nobody is early.
    let mut wire = Wire::of(&[FEED], busy(429, "28800")).await;
    wire.run(24).await;
    let manners = wire.manners();
    assert!(manners.polite && manners.throttled == 1, "{manners:?}");
}

pub async fn s14_host() {
    let sources = ["http://a.test/1", "http://www.a.test/2", "http://a.test/3", "http://b.test/4"];
    let mut wire = Wire::of(&sources, |asked| match (asked.host.as_str(), hours(asked.at)) {
        ("b.test", _) | (_, 0..=1 | 9..) => tagged(asked, "\"1\"", &feed("")),
        _ => Reply::status(429).header("Retry-After", "18000"),
    })
    .await;
    wire.run(1).await;
    wire.clock.advance(2 * HOUR);
    assert!(wire.stages.poll.step(2).await.unwrap() > 0);
    wire.restart();
    wire.run(4).await;
    let rested = |visits: &[&str]| -> usize {
        visits.iter().map(|visit| wire.asked(visit).iter().filter(|asked| hours(asked.at) >= 3).count()).sum()
    };
    assert_eq!(rested(&["a.test/1", "www.a.test/2", "a.test/3"]), 2, "{:?}", wire.house.visits());
    assert!(rested(&["b.test/4"]) >= 3);
    let told: Vec<String> = sources.iter().map(|url| wire.explain(url).standing).collect();
    assert!(told.iter().any(|standing| standing.contains("host rests")), "{told:?}");
    assert!(wire.manners().polite);
}

pub async fn s15() {
    let mut wire = Wire::of(&[FEED], |_| Reply::status(500)).await;
    wire.run(24).await;
    let gaps = wire.gaps("a.test/feed");
    assert!(gaps.iter().all(|gap| *gap >= HOUR) && gaps.windows(2).all(|two| two[1] > two[0]), "{gaps:?}");
    let agents: std::collections::BTreeSet<String> =
        wire.house.log().iter().map(|asked| asked.headers["user-agent"].clone()).collect();
    assert_eq!(agents.len(), 1);
    // A connection that ends without an answer is not tried again either.
    let mut wire = Wire::of(&[FEED], |_| Reply::raw("")).await;
    wire.poll().await;
    assert_eq!(wire.house.log().len(), 1);
}

pub async fn s16() {
    let mut wire = Wire::of(&[FEED], |asked| match hours(asked.at) {
        0..4 => tagged(asked, "\"1\"", &feed("")).header("Cache-Control", "max-age=14400"),
        _ => Reply::status(503).header("Retry-After", "14400"),
    })
    .await;
    wire.poll().await;
    for _ in 0..11 {
        wire.clock.advance(1200);
        wire.restart();
        wire.change(FEED, |state, now| poll::revive(state, now, 3600));
        wire.poll().await;
    }
    assert_eq!(wire.house.log().len(), 1, "max-age");
    wire.run(1).await;
    assert_eq!(wire.house.log().len(), 2);
    wire.change(FEED, |state, now| poll::revive(state, now, 3600));
    wire.restart();
    wire.run(3).await;
    assert_eq!(wire.house.log().len(), 2, "Retry-After");
    assert!(wire.manners().polite);
    // By force it is asked, conditionally, and told.
    wire.stages.poll.force().unwrap();
    wire.poll().await;
    assert_eq!((wire.house.log().len(), wire.manners().before_retry_after), (3, 1));
    assert!(super::wire::is_conditional(&wire.house.log()[2]));
}

pub async fn s17() {
    let says = |inside: &'static str| move |asked: &Asked| tagged(asked, "\"1\"", &feed(inside));
    about(&gaps(40, says("<ttl>720</ttl>")).await, 12);
    about(&gaps(5, says("<ttl>5</ttl>")).await, 1);
    let period = |_: &Asked| {
        Reply::ok(
            "<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><title>F</title>\
             <sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>3</sy:updateFrequency>\
             <sy:updateBase>2000-01-01T12:00+00:00</sy:updateBase></channel></rss>",
        )
        .header("ETag", "\"1\"")
    };
    about(&gaps(30, period).await, 8);
    let skips =
        "<skipHours><hour>14</hour><hour>15</hour><hour>16</hour></skipHours><skipDays><day>Sunday</day></skipDays>";
    let mut wire = Wire::of(&[FEED], says(skips)).await;
    wire.run(48).await;
    let asked = wire.asked("a.test/feed");
    let is_skipped = |asked: &Asked| (2..5).contains(&(hours(asked.at) % 24)) || (12..36).contains(&hours(asked.at));
    assert!(asked.len() > 10 && !asked.iter().any(is_skipped), "{:?}", asked.iter().map(|a| a.at).collect::<Vec<_>>());
}

pub async fn s17_rhythm() {
    /// Twelve entries, one every so many days before the start.
    fn posts(every_days: i64) -> String {
        let start: Timestamp = START.parse().unwrap();
        let post = |n: i64| {
            let at = start - SignedDuration::from_hours(24 * every_days * n + 1);
            let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap();
            format!("<item><title>News {n}</title><link>http://a.test/{n}</link><pubDate>{date}</pubDate></item>")
        };
        feed(&(0..12).map(post).collect::<String>())
    }
    about(&gaps(30, |asked| tagged(asked, "\"1\"", &posts(7))).await, 6);
    about(&gaps(30, |asked| tagged(asked, "\"1\"", &posts(1))).await[..3], 2);
    about(&gaps(5, |asked| tagged(asked, "\"1\"", &feed(&item("http://a.test/1")))).await, 1);
    // It composes with what the server says by the longer of both.
    about(&gaps(40, |asked| tagged(asked, "\"1\"", &posts(7)).header("Cache-Control", "max-age=36000")).await, 10);
    about(&gaps(24 * 3, |_| Reply::ok(posts(7))).await, 24);
}

pub async fn s22() {
    let start: Timestamp = START.parse().unwrap();
    let answer = Answer {
        validators: Validators { etag: Some("\"1\"".to_owned()), last_modified: None },
        is_whole: true,
        ..Answer::default()
    };
    let rules = PollRules::default();
    let mut minutes = [0; 60];
    for n in 0..1000 {
        let url = format!("http://a.test/{n}");
        let event = PollEvent::Answered(Answer { validators_of: url.clone(), ..answer.clone() });
        let mut state = poll::start(start);
        for _ in 0..24 {
            let now = state.next_check_at;
            let next = poll::next(&state, &event, now, &rules, &url);
            assert_eq!(next, poll::next(&state, &event, now, &rules, &url), "the same after a restart");
            state = next;
            minutes[usize::try_from(state.next_check_at.as_second() / 60 % 60).unwrap()] += 1;
        }
    }
    // After a day of hourly polls no minute of the hour has three times its share, the first one included.
    assert!(minutes.iter().all(|count| *count < 3 * 24_000 / 60), "{minutes:?}");
}

pub async fn s24() {
    let mut wire = Wire::of(&[FEED], |_| Reply::status(410)).await;
    wire.run(24 * 14).await;
    assert_eq!(wire.asked("a.test/feed").len(), 2);
    assert!(wire.gaps("a.test/feed")[0] >= 3 * 24 * HOUR);
    assert_eq!(wire.status().sources[0].next_check_at, None);
    let mut wire = Wire::of(&[FEED], |asked| match hours(asked.at) {
        0..1500 => Reply::status(404),
        _ => tagged(asked, "\"1\"", &feed("")),
    })
    .await;
    wire.run(24 * 30).await;
    let gaps = wire.gaps("a.test/feed");
    assert!(gaps.len() == 5 && gaps[0] >= 21 * HOUR && gaps[4] > 3 * gaps[0], "{gaps:?}");
    assert_eq!(wire.status().sources[0].next_check_at, None, "it rests");
    assert!(wire.explain(FEED).standing.contains("rests"));
    wire.clock.advance(1000 * HOUR);
    wire.restart();
    wire.poll().await;
    assert_eq!(wire.asked("a.test/feed").len(), 6);
    wire.change(FEED, |state, now| poll::revive(state, now, 3600));
    wire.run(2).await;
    assert!(wire.asked("a.test/feed").len() > 6 && wire.state(FEED).problem.is_none());
}

pub async fn told() {
    let url = "http://a.test/feed?token=hunter-twelve";
    let mut wire = Wire::of(&[url], |asked| match hours(asked.at) {
        0 => tagged(asked, "\"1\"", &feed("<ttl>120</ttl><skipHours><hour>3</hour></skipHours>"))
            .header("Cache-Control", "max-age=10800"),
        _ => Reply::ok("<title>Sign in</title>").header("ETag", "\"x\""),
    })
    .await;
    wire.run(1).await;
    let told = wire.explain(url);
    assert_eq!(told.standing, "not due yet");
    let rules: Vec<&str> = told.rules.iter().map(|rule| rule.rule).collect();
    assert_eq!(rules, ["Cache-Control: max-age", "ttl", "fetch.min_interval"]);
    assert_eq!(Some(told.rules[0].until), told.next_check_at);
    assert_eq!((told.why.as_str(), told.rules[0].says.as_str()), {
        ("Cache-Control: max-age says 3 hours", "Cache-Control: max-age says 3 hours")
    });
    assert_eq!((told.validators, told.skips), (vec!["ETag"], vec!["03:00 GMT".to_owned()]));
    // By its masked address too, and a token is shown nowhere.
    let masked = wire.explain(&told.source);
    assert!(!serde_json::to_string(&masked).unwrap().contains("hunter-twelve"));
    // A 304 to what could not be read does not make it readable.
    let mut wire = Wire::of(&[FEED], |asked| tagged(asked, "\"x\"", "<title>Sign in</title>")).await;
    wire.run(4).await;
    assert!(wire.asked("a.test/feed").len() >= 2);
    let told = wire.explain(FEED);
    assert!(told.problem.is_some_and(|problem| problem.contains("no feed")) && told.failures >= 2);
    assert!(told.rules.iter().any(|rule| rule.rule == "backoff"));
}
