//! S23: where a feed has moved to is believed after days, and not for ever.

use super::wire::{Wire, feed, hours, is_conditional, tagged};
use crate::support::playhouse::{Asked, Reply};

const FEED: &str = "http://a.test/feed";

/// Requests at an address from the hour `from` on.
fn asked_since(wire: &Wire, visit: &str, from: i64) -> Vec<Asked> {
    wire.asked(visit).into_iter().filter(|asked| hours(asked.at) >= from).collect()
}

fn new_home(asked: &Asked) -> Reply {
    tagged(asked, "\"b\"", &feed(""))
}

pub async fn s23() {
    for status in [301, 308] {
        let mut wire = Wire::of(&[FEED], move |asked| match asked.host.as_str() {
            "a.test" => Reply::redirect(status, "http://b.test/new"),
            _ => new_home(asked),
        })
        .await;
        wire.run(47).await;
        assert!(wire.asked("a.test/feed").len() > 40, "believed too soon");
        let seeming = wire.explain(FEED).redirect.unwrap();
        assert!(!seeming.stored && seeming.times.unwrap() > 40);
        wire.restart();
        wire.run(3).await;
        assert!(asked_since(&wire, "a.test/feed", 50).is_empty());
        wire.run(24).await;
        assert!(asked_since(&wire, "a.test/feed", 50).is_empty(), "the old address is asked all the same");
        let new = asked_since(&wire, "b.test/new", 50);
        assert!(new.len() > 20 && new.iter().all(is_conditional));
        assert!(wire.gaps("b.test/new").iter().all(|gap| *gap >= 3600));
        let told = wire.explain(FEED);
        assert_eq!((told.source.as_str(), told.redirect.unwrap().to.as_str()), (FEED, "http://b.test/new"));
        assert_eq!(wire.explain("http://b.test/new").source, FEED);
        assert_eq!(wire.status().sources[0].moved_to.as_deref(), Some("http://b.test/new"));
        assert_eq!(wire.manners().redirects_stored, 1);
    }
}

pub async fn s23_back() {
    // The new address fails for good.
    let mut wire = Wire::of(&[FEED], |asked| match (asked.host.as_str(), hours(asked.at)) {
        ("a.test", 0..60) => Reply::redirect(301, "http://b.test/new"),
        ("b.test", 0..60) => new_home(asked),
        ("b.test", _) => Reply::status(404),
        _ => tagged(asked, "\"a\"", &feed("")),
    })
    .await;
    wire.run(59).await;
    assert!(wire.state(FEED).moved.is_some());
    wire.run(24 * 10).await;
    assert_eq!((wire.state(FEED).moved, wire.state(FEED).failures), (None, 0));
    assert!(!asked_since(&wire, "a.test/feed", 60).is_empty());
    // The old address takes it back: it is looked at once a month.
    let mut wire = Wire::of(&[FEED], |asked| match (asked.host.as_str(), hours(asked.at)) {
        ("a.test", 0..100) => Reply::redirect(308, "http://b.test/new"),
        ("b.test", _) => new_home(asked).header("Cache-Control", "max-age=86400"),
        _ => tagged(asked, "\"a\"", &feed("")).header("Cache-Control", "max-age=86400"),
    })
    .await;
    wire.run(24 * 29).await;
    assert!(asked_since(&wire, "a.test/feed", 100).is_empty());
    assert!(wire.state(FEED).moved.is_some());
    wire.run(24 * 6).await;
    assert!(wire.state(FEED).moved.is_none() && !asked_since(&wire, "a.test/feed", 100).is_empty());
    // The old address dies: the new one stands.
    let mut wire = Wire::of(&[FEED], |asked| match (asked.host.as_str(), hours(asked.at)) {
        ("a.test", 0..200) => Reply::redirect(301, "http://b.test/new"),
        ("a.test", _) => Reply::status(404),
        _ => new_home(asked).header("Cache-Control", "max-age=86400"),
    })
    .await;
    wire.run(24 * 40).await;
    assert_eq!(asked_since(&wire, "a.test/feed", 200).len(), 1);
    let state = wire.state(FEED);
    assert!(state.moved.is_some() && state.trouble.is_none());
}

pub async fn s23_never() {
    for status in [302, 303, 307] {
        let mut wire = Wire::of(&[FEED], move |asked| match asked.host.as_str() {
            "a.test" => Reply::redirect(status, "http://b.test/new"),
            _ => new_home(asked).header("Cache-Control", "max-age=21600"),
        })
        .await;
        wire.run(24 * 5).await;
        let state = wire.state(FEED);
        assert_eq!((state.moved, state.moving), (None, None));
        assert_eq!(wire.asked("a.test/feed").len(), wire.asked("b.test/new").len());
    }
    // Answers that do not agree prove nothing.
    let mut wire = Wire::of(&[FEED], |asked| match (asked.host.as_str(), hours(asked.at) % 20) {
        ("a.test", 0..10) => Reply::redirect(301, "http://b.test/new"),
        ("a.test", _) => Reply::redirect(301, "http://c.test/new"),
        _ => new_home(asked),
    })
    .await;
    wire.run(24 * 4).await;
    assert_eq!(wire.state(FEED).moved, None);
}
