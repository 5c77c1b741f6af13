//! Our own hub by hand: a world, a clock that is moved, and followers that say what the test says.

use std::sync::atomic::Ordering;

use newswire::app::settings;
use newswire::model::{Delivery, Failure, FailureKind, FollowAnswer, FollowWord, Posted};
use newswire::pipeline::driver::Bell;
use newswire::pipeline::hub::FollowDesk;

use crate::support::world::*;
use crate::websub::flow::sign;

const OWN: &str = "publish: { websub: own }\ntopics: [{ id: ai, labels: [AI] }]\ngrouping: { window: 0s }";
const TOPIC: &str = "https://wire.example.org/t/ai/atom.xml";
const CALLBACK: &str = "https://reader.example/call?x=1";

async fn wire() -> World {
    let mut world = World::new(OWN);
    story(&mut world, "one", "Ferry service resumes");
    world.settle().await;
    world
}

fn story(world: &mut World, name: &str, title: &str) {
    world.seed(&format!("{name}.md"), seed(&["AI"], art(&format!("{name}.example/a"), title), &[]));
}

fn subscribe(topic: &str, callback: &str) -> FollowWord {
    FollowWord {
        mode: "subscribe".to_owned(),
        topic: topic.to_owned(),
        callback: callback.to_owned(),
        secret: Some("s3cret".to_owned()),
        lease_s: Some("86400".to_owned()),
    }
}

fn say(world: &World, word: &FollowWord) -> FollowAnswer {
    let desk = FollowDesk::new(world.home.wire.clone(), world.released.clone(), Bell::default());
    desk.answer(&settings::hub(&world.config), word)
}

fn followers(world: &World) -> i64 {
    world.count("SELECT count(*) FROM followers")
}

/// A world with one follower.
async fn followed() -> World {
    let mut world = wire().await;
    assert_eq!(say(&world, &subscribe(TOPIC, CALLBACK)), FollowAnswer::Accepted);
    world.settle().await;
    assert_eq!(followers(&world), 1);
    world
}

fn last(world: &World) -> Delivery {
    world.fetch.deliveries().pop().expect("a delivery").1
}

#[tokio::test]
async fn a_change_is_delivered_signed() {
    let mut world = followed().await;
    // Nothing has changed since, so nothing is owed.
    assert_eq!(world.fetch.deliveries().len(), 0);
    story(&mut world, "two", "Second story");
    world.advance("1h").settle().await;
    let delivery = last(&world);
    assert_eq!(world.fetch.deliveries().len(), 1);
    let body = world.document("t/ai/atom.xml");
    assert_eq!((delivery.url.as_str(), &*delivery.body), (CALLBACK, body.as_bytes()));
    assert_eq!(delivery.media_type, "application/atom+xml; charset=utf-8");
    assert_eq!(delivery.links, format!("<https://wire.example.org/hub>; rel=\"hub\", <{TOPIC}>; rel=\"self\""));
    assert_eq!(delivery.signature, Some(sign("s3cret", body.as_bytes())));
    assert!(body.contains("<link href=\"https://wire.example.org/hub\" rel=\"hub\""), "{body}");
    world.advance("1h").settle().await;
    assert_eq!(world.fetch.deliveries().len(), 1);
}

#[tokio::test]
async fn who_does_not_answer_the_challenge_follows_nothing() {
    let mut world = wire().await;
    world.fetch.follows.store(false, Ordering::Relaxed);
    assert_eq!(say(&world, &subscribe(TOPIC, CALLBACK)), FollowAnswer::Accepted);
    world.settle().await.advance("24h").settle().await;
    let asked = world.asked();
    let challenges = asked.iter().filter(|asked| asked.contains("hub.challenge")).count();
    assert_eq!((followers(&world), challenges), (0, 1), "{asked:?}");
    assert!(asked[0].starts_with("https://reader.example/call?x=1&hub.mode=subscribe&hub.topic="), "{asked:?}");
    assert!(asked[0].contains("&hub.lease_seconds=86400"), "{asked:?}");
}

#[tokio::test]
async fn requests_that_are_refused() {
    let world = wire().await;
    let refused = |word: FollowWord| matches!(say(&world, &word), FollowAnswer::Refused(_));
    let topics = [
        "https://wire.example.org/t/ai/",
        "https://wire.example.org/t/no/atom.xml",
        "https://wire.example.org/opml.xml",
        "https://wire.example.org/t/ai/atom.xml?limit=1",
        "https://wire.example.org/t/ai/archive/2026-01.xml",
        "https://elsewhere.example/t/ai/atom.xml",
        "t/ai/atom.xml",
        "",
    ];
    for topic in topics {
        assert!(refused(subscribe(topic, CALLBACK)), "{topic}");
    }
    for callback in [
        "",
        "ftp://a.example/",
        "https://u:p@a.example/",
        "javascript:alert(1)",
        &format!("https://a.example/{}", "x".repeat(3000)),
    ] {
        assert!(refused(subscribe(TOPIC, callback)), "{callback}");
    }
    assert!(refused(FollowWord { mode: "publish".to_owned(), ..subscribe(TOPIC, CALLBACK) }));
    assert!(refused(FollowWord { secret: Some("x".repeat(200)), ..subscribe(TOPIC, CALLBACK) }));
    assert!(refused(FollowWord { lease_s: Some("soon".to_owned()), ..subscribe(TOPIC, CALLBACK) }));
    assert_eq!(say(&World::new(""), &subscribe(TOPIC, CALLBACK)), FollowAnswer::NoHub);
}

#[tokio::test]
async fn a_lease_ends_unless_it_is_renewed() {
    let mut world = followed().await;
    world.advance("23h").settle().await;
    say(&world, &subscribe(TOPIC, CALLBACK));
    world.settle().await.advance("2h");
    story(&mut world, "two", "Second story");
    world.settle().await;
    assert_eq!((followers(&world), world.fetch.deliveries().len()), (1, 1));
    world.advance("24h");
    story(&mut world, "three", "Third story");
    world.settle().await;
    assert_eq!((followers(&world), world.fetch.deliveries().len()), (0, 1));
    // Leases are neither shorter than an hour nor longer than thirty days.
    for (asked, granted) in [("1", 3600), ("99999999", 2_592_000), ("", 864_000)] {
        say(&world, &FollowWord { lease_s: Some(asked.to_owned()), ..subscribe(TOPIC, CALLBACK) });
        let now = world.clock.now().as_millisecond();
        world.settle().await;
        assert_eq!(world.count("SELECT lease_ends_at FROM followers"), now + granted * 1000, "{asked}");
    }
}

#[tokio::test]
async fn who_leaves_is_verified_too() {
    let mut world = followed().await;
    let leave = FollowWord { mode: "unsubscribe".to_owned(), ..subscribe(TOPIC, CALLBACK) };
    world.fetch.follows.store(false, Ordering::Relaxed);
    say(&world, &leave);
    world.settle().await;
    assert_eq!(followers(&world), 1);
    world.fetch.follows.store(true, Ordering::Relaxed);
    say(&world, &leave);
    world.settle().await;
    assert_eq!(followers(&world), 0);
}

#[tokio::test]
async fn a_dead_follower_costs_six_tries() {
    let mut world = followed().await;
    let detail = "nobody".to_owned();
    *world.fetch.follower.lock().unwrap() =
        Posted::Failed(Failure { kind: FailureKind::Connect, status: None, detail });
    for hour in 0..48 {
        // News goes on, and makes nobody impatient.
        story(&mut world, "two", &format!("Story of hour {hour}"));
        world.settle().await;
        for _ in 0..4 {
            world.advance("15m").settle().await;
        }
    }
    assert_eq!((followers(&world), world.fetch.deliveries().len()), (0, 6));
    let times: Vec<i64> = world.fetch.deliveries().iter().map(|(at, _)| at.as_second()).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 54), "{times:?}");
}

#[tokio::test]
async fn one_that_is_gone_is_dropped_and_one_that_comes_back_gets_the_latest() {
    let mut world = followed().await;
    let failed =
        |status| Posted::Failed(Failure { kind: FailureKind::Status, status: Some(status), detail: String::new() });
    *world.fetch.follower.lock().unwrap() = failed(500);
    story(&mut world, "two", "Second story");
    world.settle().await;
    story(&mut world, "three", "Third story");
    world.settle().await.reopen();
    *world.fetch.follower.lock().unwrap() = Posted::Accepted;
    world.settle().await.advance("5m").settle().await;
    assert_eq!(world.fetch.deliveries().len(), 2);
    assert!(String::from_utf8_lossy(&last(&world).body).contains("Third story"));
    world.advance("1h").settle().await;
    assert_eq!(world.fetch.deliveries().len(), 2);
    *world.fetch.follower.lock().unwrap() = failed(410);
    story(&mut world, "four", "Fourth story");
    world.settle().await;
    assert_eq!((followers(&world), world.fetch.deliveries().len()), (0, 3));
}

#[tokio::test]
async fn floods_are_put_off() {
    let mut world = wire().await;
    let mut accepted = 0;
    for number in 0..60 {
        let answer = say(&world, &subscribe(TOPIC, &format!("https://victim.example/{number}")));
        accepted += i32::from(answer == FollowAnswer::Accepted);
    }
    assert_eq!(accepted, 20);
    // Another host is heard all the same, until too much waits in all.
    let mut others = 0;
    for number in 0..2_000 {
        let answer = say(&world, &subscribe(TOPIC, &format!("https://h{number}.example/")));
        others += i32::from(answer == FollowAnswer::Accepted);
    }
    assert_eq!(others, 980);
    world.settle().await;
    assert_eq!(followers(&world), 1000);
    for number in 100..400 {
        say(&world, &subscribe(TOPIC, &format!("https://victim.example/{number}")));
        world.step("hub").await;
    }
    let here = world.count("SELECT count(*) FROM followers WHERE domain = 'victim.example'");
    assert_eq!(here, 200);
}

#[tokio::test]
async fn nothing_is_lost_by_a_restart() {
    let mut world = followed().await;
    story(&mut world, "two", "Second story");
    world.stages.reload.request();
    for stage in ["reload", "group", "release"] {
        while world.step(stage).await > 0 {}
    }
    assert_eq!(world.fetch.deliveries().len(), 0);
    world.reopen().settle().await;
    assert_eq!(world.fetch.deliveries().len(), 1);
    assert!(String::from_utf8_lossy(&last(&world).body).contains("Second story"));
}
