//! Incidents: opened when trouble begins, closed when it is over, told by `/health.atom`; sources that rest are revived.

#![cfg(test)]

use std::fs;

use jiff::Timestamp;
use newswire::app::health::health;
use newswire::app::revive::{Revived, revive};
use newswire::model::{Incident, IncidentKind, Outcome};

use super::support::process::{Desk, finish, is_there};
use super::support::tools::GRAMMAR;
use super::support::world::*;

const FEED: &str = "https://feed.example/rss";
const SOURCES: &str = "sources: [{ url: 'https://feed.example/rss' }]";

fn well() -> Outcome {
    rss(FEED, &item("a.example/1", "Ferry service resumes", "2026-01-09T12:00:00Z"))
}

fn incidents(world: &World) -> Vec<Incident> {
    world.home.wire.store.read(|view| view.incidents(100)).unwrap()
}

/// `kind open` or `kind over` of every incident, open ones first.
fn told(world: &World) -> Vec<String> {
    let state = |incident: &Incident| if incident.closed.is_some() { "over" } else { "open" };
    incidents(world).iter().map(|incident| format!("{} {}", incident.kind, state(incident))).collect()
}

fn feed(world: &World) -> String {
    health(&world.home, &world.config).unwrap()
}

fn parsed(text: &str) -> feed_rs::model::Feed {
    feed_rs::parser::parse(text.as_bytes()).unwrap()
}

async fn pass(world: &mut World, by: &str, outcome: Outcome) {
    world.answer_now(FEED, outcome).advance(by).settle().await;
}

#[tokio::test]
async fn an_incident_is_one_entry_from_beginning_to_end() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, well()).settle().await;
    assert!(parsed(&feed(&world)).entries.is_empty());
    pass(&mut world, "2h", status(500)).await;
    let first = parsed(&feed(&world));
    assert_eq!(told(&world), ["broken open"]);
    assert_eq!(first.entries[0].title.as_ref().unwrap().content, "open: The feed: cannot be read");
    let began = first.entries[0].updated;
    pass(&mut world, "3h", status(500)).await;
    let second = parsed(&feed(&world));
    assert_eq!((second.entries.len(), second.entries[0].updated), (1, began), "nothing new to tell");
    assert!(feed(&world).contains("seen 2 times"));
    pass(&mut world, "12h", well()).await;
    let third = parsed(&feed(&world));
    assert_eq!(told(&world), ["broken over"]);
    assert_eq!(third.entries[0].id, first.entries[0].id);
    assert_eq!(third.entries[0].title.as_ref().unwrap().content, "over: The feed: cannot be read");
    assert!(third.entries[0].updated > began);
    pass(&mut world, "2h", status(500)).await;
    let again = parsed(&feed(&world));
    assert_eq!(told(&world), ["broken open", "broken over"]);
    assert_ne!(again.entries[0].id, first.entries[0].id, "another incident is another entry");
    world.reopen().settle().await;
    assert_eq!(parsed(&feed(&world)).entries.len(), 2);
    assert_eq!(world.stories().len(), 1, "its last good entries stay");
}

#[tokio::test]
async fn kinds_follow_what_happens() {
    let moved = |to: &str| {
        let Outcome::Fresh(mut page) = rss(to, "") else { unreachable!() };
        page.moved_to = Some(to.to_owned());
        Outcome::Fresh(page)
    };
    for (outcome, expect) in [
        (status(404), "broken open"),
        (slow_down(None), "throttled open"),
        (Outcome::Gone, "gone open"),
        (robots(), "broken open"),
        (rss("https://login.example/", "").clone(), ""),
        (moved("https://new.example/rss?token=0123456789abcdef0"), "moved open"),
    ] {
        let mut world = World::new(SOURCES);
        world.answer(FEED, outcome.clone()).settle().await;
        let expect: Vec<&str> = Some(expect).into_iter().filter(|expect| !expect.is_empty()).collect();
        assert_eq!(told(&world), expect, "{outcome:?}");
        assert!(!feed(&world).contains("0123456789abcdef0"));
        pass(&mut world, "200h", well()).await;
        assert!(told(&world).iter().all(|line| line.ends_with("over")), "{outcome:?}: {:?}", told(&world));
    }
}

#[tokio::test]
async fn an_incident_becomes_another_kind_and_closes_when_the_source_is_unlisted() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, slow_down(None)).settle().await;
    let opened = incidents(&world)[0].updated;
    pass(&mut world, "24h", status(500)).await;
    assert_eq!(told(&world), ["broken open"]);
    assert!(incidents(&world)[0].updated > opened);
    world.configure("").settle().await;
    assert_eq!(told(&world), ["broken over"]);
    assert_eq!(incidents(&world)[0].closed.as_ref().unwrap().1, "it is no longer listed");
}

#[tokio::test]
async fn addresses_are_masked() {
    let url = "https://feed.example/9f86d081884c7d659a2feaa0c55ad015/rss?token=hunter2";
    let mut world = World::new(&format!("sources: [{{ url: '{url}' }}]"));
    world.answer(url, status(500)).settle().await;
    let text = feed(&world);
    assert!(!text.contains("hunter2") && !text.contains("9f86d081"), "{text}");
    assert!(text.contains("feed.example/…/rss"), "{text}");
}

#[tokio::test]
async fn they_are_bounded_in_number_and_age() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, well()).settle().await;
    let source = 1;
    let store = world.home.wire.store.clone();
    let at = |second: i64| Timestamp::from_second(1_760_000_000 + second).unwrap();
    store
        .write(|batch| {
            for second in 0..600 {
                batch.note_incident(source, IncidentKind::Broken, "broken", at(second))?;
                batch.close_incident(source, false, "well", at(second))?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(world.count("SELECT count(*) FROM incidents"), 500);
    let last = world.count("SELECT max(no) FROM incidents");
    store
        .write(|batch| {
            batch.note_incident(source, IncidentKind::Broken, &"long ".repeat(1000), at(90 * 86_400 + 700))?;
            batch.close_incident(source, false, "well", at(90 * 86_400 + 700))
        })
        .unwrap();
    assert_eq!(world.count("SELECT count(*) FROM incidents"), 1);
    assert_eq!(world.count("SELECT max(no) FROM incidents"), last + 1, "numbers are never used again");
    assert!(incidents(&world)[0].detail.len() <= 500);
}

#[tokio::test]
async fn a_source_that_rests_is_revived() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, well()).settle().await;
    let revived = |world: &World, what: &str| revive(&world.home, &world.config, what).unwrap();
    assert!(matches!(revived(&world, FEED), Revived::Well { .. }));
    assert_eq!(revived(&world, "https://feed.example/other"), Revived::Unknown);
    pass(&mut world, "2h", status(404)).await;
    for _ in 0..6 {
        world.advance("240h").settle().await;
    }
    assert_eq!(told(&world), ["resting open"]);
    let text = parsed(&feed(&world)).entries.remove(0).content.unwrap().body.unwrap();
    assert!(text.contains("To revive it: `newswire status --revive 'https://feed.example/rss'`"), "{text}");
    let before = world.asked().len();
    world.answer_now(FEED, well()).advance("2400h").settle().await;
    assert_eq!(world.asked().len(), before, "it rests");
    let now = world.clock.now();
    assert_eq!(revived(&world, FEED), Revived::Asked { url: FEED.to_owned(), at: now });
    world.settle().await;
    assert_eq!(world.asked().len(), before + 1);
    assert_eq!(told(&world), ["resting over"]);
}

#[tokio::test]
async fn reviving_breaks_no_floor_and_no_retry_after() {
    let mut world = World::new(SOURCES);
    let start = world.clock.now();
    world.answer(FEED, status(404)).settle().await;
    world.advance("10m");
    let revived = revive(&world.home, &world.config, FEED).unwrap();
    assert_eq!(revived, Revived::Asked { url: FEED.to_owned(), at: start + jiff::SignedDuration::from_hours(1) });
    world.settle().await;
    assert_eq!(world.asked().len(), 1);
    world.answer_now(FEED, slow_down(Some(start + jiff::SignedDuration::from_hours(100)))).advance("2h").settle().await;
    assert_eq!(world.asked().len(), 2);
    world.advance("50h");
    assert!(matches!(revive(&world.home, &world.config, FEED).unwrap(), Revived::Throttled { .. }));
    world.settle().await;
    assert_eq!(world.asked().len(), 2);
}

#[tokio::test]
async fn two_sources_that_look_alike_are_told_apart() {
    let one = "https://feed.example/rss?token=one";
    let mut world =
        World::new(&format!("sources: [{{ url: '{one}' }}, {{ url: 'https://feed.example/rss?token=two' }}]"));
    world.settle().await;
    let masked = "https://feed.example/rss?token=…";
    assert_eq!(revive(&world.home, &world.config, masked).unwrap(), Revived::Several);
    assert!(matches!(revive(&world.home, &world.config, one).unwrap(), Revived::Asked { .. }));
}

/// The health feed of a bad day.
async fn bad_day() -> (World, String) {
    let source = |number| format!("  - url: 'https://feed.example/{number}?a=1&b=<x>\"'");
    let sources: Vec<String> = (0..6).map(source).collect();
    let mut world = World::new(&format!("sources:\n{}\n", sources.join("\n")));
    for (number, outcome) in
        [status(500), slow_down(None), Outcome::Gone, robots(), rss(FEED, ""), status(404)].into_iter().enumerate()
    {
        world.answer(&format!("https://feed.example/{number}?a=1&b=<x>\""), outcome);
    }
    world.settle().await;
    let text = feed(&world);
    (world, text)
}

#[tokio::test]
async fn the_health_feed_is_valid_atom() {
    let (_world, text) = bad_day().await;
    let feed = parsed(&text);
    assert_eq!(feed.entries.len(), 5, "{text}");
    assert!(feed.entries.iter().all(|entry| entry.id.starts_with("tag:wire.example.org,2026:incident/")));
    if !is_there("xmllint", &["xmllint", "--version"]) {
        return;
    }
    let desk = Desk::new("");
    fs::write(desk.path("health.atom"), &text).unwrap();
    finish(std::process::Command::new("xmllint").args(["--noout", "--nonet"]).arg(desk.path("health.atom")))
        .with_code(0);
    let mut lint = std::process::Command::new("xmllint");
    finish(lint.args(["--noout", "--nonet", "--relaxng", GRAMMAR]).arg(desk.path("health.atom"))).with_code(0);
}
