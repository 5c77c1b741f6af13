//! S1, S3 to S10 and S30: validators go back as they came, to whom they came from.

use newswire::model::Validators;

use super::wire::{Wire, feed, hours, is_conditional, item, tagged};
use crate::support::playhouse::Reply;

const FEED: &str = "http://a.test/feed";
const ODD_TAG: &str = "W/\"a, b  c\"";
const ODD_DATE: &str = "Sat, 1 jan 2026 1:2:3 +0100 (late)";

pub async fn s1() {
    let mut wire = Wire::of(&[FEED], |asked| {
        tagged(asked, "\"1\"", &feed(&item("http://a.test/1"))).header("Last-Modified", ODD_DATE)
    })
    .await;
    wire.run(5).await;
    wire.restart();
    wire.run(5).await;
    wire.age_states();
    wire.run(5).await;
    wire.move_store();
    wire.run(5).await;
    let asked = wire.asked("a.test/feed");
    assert!(asked.len() >= 16, "{}", asked.len());
    assert_eq!(asked.iter().filter(|asked| !is_conditional(asked)).count(), 1);
    assert!(!is_conditional(&asked[0]));
}

pub async fn s1_killed() {
    let mut wire = Wire::of(&[FEED], |asked| match hours(asked.at) {
        0 => Reply::raw("").then_silence(),
        _ => tagged(asked, "\"1\"", &feed("")),
    })
    .await;
    tokio::select! {
        _ = wire.stages.poll.step(1) => panic!("it answered"),
        () = wire.house.asked(1) => {}
    }
    for _ in 0..5 {
        wire.restart();
        wire.poll().await;
        wire.clock.advance(600);
    }
    assert_eq!(wire.asked("a.test/feed").len(), 1, "asked again before its floor");
    wire.run(1).await;
    assert_eq!(wire.gaps("a.test/feed").len(), 1);
    assert!(wire.gaps("a.test/feed")[0] >= 3600);
    wire.run(3).await;
    assert!(wire.asked("a.test/feed")[2..].iter().all(is_conditional));
}

/// The validators of each request for the feed, by a server that says `said` at each hour.
async fn sent(said: fn(i64) -> Reply, polls: i64) -> Vec<(Option<String>, Option<String>)> {
    let mut wire = Wire::of(&[FEED], move |asked| said(hours(asked.at))).await;
    wire.run(polls).await;
    let of = |asked: &crate::support::playhouse::Asked, name: &str| asked.headers.get(name).cloned();
    let asked = wire.asked("a.test/feed");
    asked.iter().map(|asked| (of(asked, "if-none-match"), of(asked, "if-modified-since"))).collect()
}

fn both(etag: &str, date: &str) -> (Option<String>, Option<String>) {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    (some(etag), some(date))
}

fn page(etag: &str, date: &str) -> Reply {
    let mut reply = Reply::ok(feed(""));
    for (name, value) in [("ETag", etag), ("Last-Modified", date)] {
        reply = if value.is_empty() { reply } else { reply.header(name, value) };
    }
    reply
}

pub async fn s3() {
    assert_eq!(sent(|_| page("\"1\"", "Fri, 09 Jan 2026 12:00:00 GMT"), 2).await[1], {
        both("\"1\"", "Fri, 09 Jan 2026 12:00:00 GMT")
    });
}

pub async fn s4() {
    assert_eq!(sent(|_| page(ODD_TAG, ODD_DATE), 2).await[1], both(ODD_TAG, ODD_DATE));
    assert_eq!(sent(|_| page("unquoted", "0"), 2).await[1], both("unquoted", "0"));
}

pub async fn s5() {
    let dated = |_| {
        let body = "<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><id>urn:f</id><updated>2026-01-01T00:00:00Z</updated></feed>";
        Reply::ok(body).header("Date", "Sat, 10 Jan 2026 12:00:00 GMT")
    };
    let sent = sent(dated, 60).await;
    assert!(sent.len() >= 2 && sent.iter().all(|sent| *sent == both("", "")), "{sent:?}");
}

pub async fn s6() {
    let said = |hour| match hour {
        0 => page("\"1\"", "Thu, 01 Jan 2026 00:00:00 GMT"),
        1 => page("\"2\"", "Thu, 01 Jan 2026 00:00:00 GMT"),
        _ => page("\"2\"", "Fri, 02 Jan 2026 00:00:00 GMT"),
    };
    let sent = sent(said, 4).await;
    assert_eq!(sent[2], both("\"2\"", "Thu, 01 Jan 2026 00:00:00 GMT"));
    assert_eq!(sent[3], both("\"2\"", "Fri, 02 Jan 2026 00:00:00 GMT"));
}

pub async fn s7() {
    let said = |hour| match hour {
        0 => page("\"1\"", "Thu, 01 Jan 2026 00:00:00 GMT"),
        1 => page("\"1\"", ""),
        _ => page("", "Fri, 02 Jan 2026 00:00:00 GMT"),
    };
    let sent = sent(said, 4).await;
    assert_eq!(sent[2], both("\"1\"", ""));
    assert_eq!(sent[3], both("", "Fri, 02 Jan 2026 00:00:00 GMT"));
}

pub async fn s8() {
    let said = |hour| match hour {
        0 => page("\"1\"", "Thu, 01 Jan 2026 00:00:00 GMT"),
        1 => Reply::status(304).header("ETag", "\"2\"").header("Cache-Control", "max-age=18000"),
        _ => Reply::status(304),
    };
    let mut wire = Wire::of(&[FEED], move |asked| said(hours(asked.at))).await;
    wire.run(12).await;
    let asked = wire.asked("a.test/feed");
    assert_eq!(asked[2].headers["if-none-match"], "\"2\"");
    assert_eq!(asked[2].headers["if-modified-since"], "Thu, 01 Jan 2026 00:00:00 GMT");
    assert!(wire.gaps("a.test/feed")[1] >= 18_000);
}

pub async fn s9() {
    let mut wire = Wire::of(&[FEED], |asked| match (asked.host.as_str(), hours(asked.at)) {
        ("a.test", 0..=3) => Reply::redirect(302, "http://b.test/feed").header("ETag", "\"a\""),
        ("a.test", _) => Reply::redirect(302, "http://c.test/feed").header("ETag", "\"a\""),
        ("b.test", _) => tagged(asked, "\"b\"", &feed("")),
        _ => tagged(asked, "\"c\"", &feed("")),
    })
    .await;
    wire.run(8).await;
    assert!(wire.asked("a.test/feed").iter().all(|asked| !is_conditional(asked)));
    let tags = |visit: &str| -> Vec<Option<String>> {
        wire.asked(visit).iter().map(|asked| asked.headers.get("if-none-match").cloned()).collect()
    };
    let (b, c) = (tags("b.test/feed"), tags("c.test/feed"));
    assert!(b.len() >= 3 && b[0].is_none() && b[1..].iter().all(|tag| tag.as_deref() == Some("\"b\"")), "{b:?}");
    assert!(c.len() >= 2 && c[0].is_none() && c[1..].iter().all(|tag| tag.as_deref() == Some("\"c\"")), "{c:?}");
    let state = wire.state(FEED);
    assert_eq!((state.validators_of.as_deref(), state.trouble), (Some("http://c.test/feed"), None));
    assert_eq!(wire.manners().unconditional_repeats, 0);
}

pub async fn s10() {
    let source = "http://a.test/feed?x=1";
    let mut wire = Wire::of(&[source], |asked| tagged(asked, "\"1\"", &feed(""))).await;
    wire.run(24 * 9).await;
    let log = wire.house.log();
    assert!(log.iter().all(|asked| asked.path == "/feed?x=1"));
    assert!(log.len() > 100 && log[1..].iter().all(is_conditional));
    assert!(
        log.iter().all(|asked| !asked.headers.contains_key("pragma") && !asked.headers.contains_key("cache-control"))
    );
}

pub async fn s30() {
    let news = |n: u32| item(&format!("http://a.test/{n}"));
    let mut wire = Wire::of(&[FEED], move |asked| match hours(asked.at) {
        0 => Reply::ok(feed(&(news(1) + &news(2)))).header("ETag", "\"1\""),
        1 => Reply::status(226).header("IM", "feed").header("ETag", "\"2\"").body(feed(&news(3))),
        2 => Reply::status(226).header("ETag", "\"9\"").body(feed(&news(4))),
        3 => Reply::status(226).header("IM", "feed").body(feed(&news(5))),
        4 => Reply::ok(feed(&news(6))).header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
        _ => Reply::status(304),
    })
    .await;
    wire.run(6).await;
    let asked = wire.asked("a.test/feed");
    let sent = |n: usize| (asked[n].headers.get("if-none-match").cloned(), asked[n].headers.get("a-im").cloned());
    let with = |tag: &str| (Some(tag.to_owned()), Some("feed".to_owned()));
    assert_eq!(sent(0), (None, None));
    assert_eq!((sent(1), sent(2)), (with("\"1\""), with("\"2\"")));
    // A 226 that nobody asked for holds news, but says nothing about what we hold; one without a tag leaves the old one.
    assert_eq!((sent(3), sent(4)), (with("\"2\""), with("\"2\"")));
    assert_eq!(sent(5), (None, None), "a date names no instance");
    assert_eq!(
        wire.state(FEED).validators,
        Validators { etag: None, last_modified: Some("Thu, 01 Jan 2026 00:00:00 GMT".to_owned()) }
    );
    assert_eq!(wire.count("SELECT count(*) FROM articles"), 6);
    assert_eq!(wire.manners().deltas, 2);
}
