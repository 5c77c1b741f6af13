//! By hand: a world with a clock that is moved, and a hub that says what the test says.

use std::fmt::Write as _;

use newswire::model::{Failure, FailureKind, HubAnswer, HubWord, Outcome, Posted};
use newswire::pipeline::driver::Bell;
use newswire::pipeline::websub::Desk;
use ring::hmac;

use crate::support::world::*;

const FEED: &str = "https://feed.example/rss";
const HUB: &str = "https://hub.example/";
const SITE: &str = "site: { base_url: 'https://wire.publisher.org/' }\n";
const SOURCES: &str =
    "site: { base_url: 'https://wire.publisher.org/' }\nsources: [{ url: 'https://feed.example/rss' }]";

/// The feed with these items, naming a hub and itself in `Link` fields.
fn offering(hub: &str, items: &str) -> Outcome {
    let Outcome::Fresh(mut page) = rss(FEED, items) else { unreachable!() };
    page.links = vec![format!("<{hub}>; rel=\"hub\""), format!("<{FEED}>; rel=\"self\"")];
    Outcome::Fresh(page)
}

fn one() -> String {
    item("a.example/1", "Ferry service resumes", "2026-01-09T12:00:00Z")
}

fn delivered(title: &str) -> String {
    let entry = item("a.example/2", title, "2026-01-10T11:00:00Z");
    format!("<rss version='2.0'><channel><title>The feed</title>{entry}</channel></rss>")
}

fn desk(world: &World) -> Desk {
    Desk::new(world.home.wire.clone(), Bell::default())
}

/// What the last form said.
fn last(world: &World) -> Sent {
    world.fetch.posts().pop().expect("a form")
}

fn field(sent: &Sent, name: &str) -> String {
    sent.form.get(name).cloned().unwrap_or_default()
}

/// The secret part of the call-back address in `sent`.
fn path(sent: &Sent) -> String {
    field(sent, "hub.callback").rsplit('/').next().unwrap().to_owned()
}

fn verify(topic: &str, lease_s: Option<u64>) -> HubWord {
    HubWord::Verify { is_leaving: false, topic: topic.to_owned(), challenge: "xyz".to_owned(), lease_s }
}

fn unsubscribe(topic: &str) -> HubWord {
    HubWord::Verify { is_leaving: true, topic: topic.to_owned(), challenge: "xyz".to_owned(), lease_s: None }
}

fn yes() -> HubAnswer {
    HubAnswer::Yes("xyz".to_owned())
}

pub fn sign(key: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), body);
    tag.as_ref().iter().fold("sha256=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn delivery(key: &str, body: &str) -> HubWord {
    HubWord::Delivery { signature: Some(sign(key, body.as_bytes())), charset: None, body: body.as_bytes().to_vec() }
}

/// A world that is subscribed, with a lease of ten days.
async fn subscribed() -> (World, Sent) {
    let mut world = World::new(SOURCES);
    world.answer(FEED, offering(HUB, &one())).answer(FEED, unchanged()).settle().await;
    let sent = last(&world);
    assert_eq!(desk(&world).answer(&path(&sent), verify(FEED, Some(864_000))), yes());
    (world, sent)
}

fn phase(world: &World, phase: &str) -> i64 {
    world.count(&format!("SELECT count(*) FROM subscriptions WHERE phase = '{phase}'"))
}

#[tokio::test]
async fn a_hub_is_asked_with_all_that_it_needs() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, offering(HUB, &one())).settle().await;
    let sent = last(&world);
    assert_eq!((sent.url.as_str(), world.fetch.posts().len()), (HUB, 1));
    assert_eq!(field(&sent, "hub.mode"), "subscribe");
    assert_eq!(field(&sent, "hub.topic"), FEED);
    assert_eq!(field(&sent, "hub.lease_seconds"), "864000");
    let secret = field(&sent, "hub.secret");
    assert!(secret.len() == 64 && secret != "0".repeat(64), "{secret}");
    let callback = field(&sent, "hub.callback");
    let path = callback.strip_prefix("https://wire.publisher.org/websub/").unwrap();
    assert!(path.len() == 32 && path.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}");
    assert_eq!(world.explain(FEED)["hub"], "hub.example was asked and has not verified yet");
    // Neither secret is ever shown.
    let shown = format!("{:?} {}", world.status(), world.explain(FEED));
    assert!(!shown.contains(&secret) && !shown.contains(path), "{shown}");
}

#[tokio::test]
async fn the_hub_of_the_document_is_found_too() {
    let mut world = World::new(SOURCES);
    let body = "<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><id>urn:f</id>\
                <updated>2026-01-01T00:00:00Z</updated><link rel='hub' href='https://hub.example/'/>\
                <link rel='self' href='https://feed.example/other'/></feed>";
    world.answer(FEED, Outcome::Fresh(fresh(FEED, "application/atom+xml", body))).settle().await;
    assert_eq!(field(&last(&world), "hub.topic"), "https://feed.example/other");
}

#[tokio::test]
async fn no_hub_is_asked_where_none_could_answer() {
    for site in [
        "site: { base_url: 'http://127.0.0.1:8080/' }\n",
        "site: { base_url: 'https://wire.publisher.org/' }\nfetch: { websub: never }\n",
        "",
    ] {
        let mut world = World::new(&format!("{site}sources: [{{ url: '{FEED}' }}]"));
        world.answer(FEED, offering(HUB, &one())).settle().await;
        assert_eq!(world.fetch.posts(), [], "{site}");
        // Once the site has an address, the hub is asked, though the feed never says its name again.
        world.answer_now(FEED, unchanged()).configure(SOURCES).settle().await;
        assert_eq!(world.fetch.posts().len(), 1);
    }
}

#[tokio::test]
async fn only_what_we_asked_is_verified() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, offering(HUB, &one())).settle().await;
    let sent = last(&world);
    let (desk, path) = (desk(&world), path(&sent));
    assert_eq!(desk.answer(&path, verify("https://feed.example/rss2", Some(1000))), HubAnswer::Unknown);
    assert_eq!(desk.answer(&"0".repeat(32), verify(FEED, Some(1000))), HubAnswer::Unknown);
    assert_eq!(desk.answer(&path, unsubscribe(FEED)), HubAnswer::Unknown, "we did not ask for that");
    assert_eq!(phase(&world, "active"), 0);
    assert_eq!(desk.answer(&path, verify(FEED, Some(864_000))), yes());
    assert_eq!(phase(&world, "active"), 1);
    let line = world.explain(FEED)["hub"].to_string();
    assert!(line.contains("subscribed at hub.example until 2026-01-20"), "{line}");
    // Said again, much later, it gives no longer lease.
    world.advance("48h");
    assert_eq!(desk.answer(&path, verify(FEED, Some(864_000))), yes());
    assert_eq!(world.explain(FEED)["hub"].to_string(), line);
}

#[tokio::test]
async fn what_is_delivered_is_taken_in_and_polling_becomes_a_net() {
    let (mut world, sent) = subscribed().await;
    let key = field(&sent, "hub.secret");
    assert_eq!(desk(&world).answer(&path(&sent), HubWord::Knock), HubAnswer::Heard);
    assert_eq!(desk(&world).answer(&path(&sent), delivery(&key, &delivered("Museum returns masks"))), HubAnswer::Heard);
    assert_eq!(world.stories().len(), 1, "work comes later");
    world.settle().await;
    assert_eq!(world.shape(), ["a.example/1", "a.example/2"]);
    // The next poll is an hour after the first; from then on once a day, while the hub delivers.
    world.advance("2h").settle().await;
    assert_eq!(world.asked_for(FEED).len(), 2);
    assert!(world.explain(FEED)["why"].to_string().contains("its hub delivers"), "{}", world.explain(FEED));
    world.advance("22h").settle().await;
    assert_eq!(world.asked_for(FEED).len(), 2);
    world.advance("3h").settle().await;
    assert_eq!(world.asked_for(FEED).len(), 3);
    // A week of silence, and it is polled as any other.
    world.advance("240h").settle().await;
    let before = world.asked_for(FEED).len();
    world.advance("2h").settle().await;
    assert_eq!(world.asked_for(FEED).len(), before + 1);
}

#[tokio::test]
async fn a_delivery_survives_a_restart() {
    let (mut world, sent) = subscribed().await;
    let key = field(&sent, "hub.secret");
    let _ = desk(&world).answer(&path(&sent), delivery(&key, &delivered("Museum returns masks")));
    world.reopen().settle().await;
    assert_eq!(world.stories().len(), 2);
    assert_eq!(world.fetch.posts().len(), 1, "a restart asks no hub anew");
    assert_eq!(desk(&world).answer(&path(&sent), HubWord::Knock), HubAnswer::Heard);
}

#[tokio::test]
async fn what_is_not_signed_by_our_key_is_ignored() {
    let (mut world, sent) = subscribed().await;
    let key = field(&sent, "hub.secret");
    let body = delivered("Forged");
    let bare = |signature| HubWord::Delivery { signature, charset: None, body: body.clone().into_bytes() };
    let other = sign(&key, b"another body");
    for word in [delivery("another key", &body), bare(None), bare(Some(String::new())), bare(Some(other))] {
        assert_eq!(desk(&world).answer(&path(&sent), word), HubAnswer::Heard, "nobody learns by trying");
    }
    world.settle().await;
    assert_eq!(world.shape(), ["a.example/1"]);
    assert_eq!(world.count("SELECT count(*) FROM deliveries"), 0);
}

#[tokio::test]
async fn a_replay_changes_nothing() {
    let (mut world, sent) = subscribed().await;
    let (key, desk) = (field(&sent, "hub.secret"), desk(&world));
    for title in ["Old title", "New title", "Old title"] {
        assert_eq!(desk.answer(&path(&sent), delivery(&key, &delivered(title))), HubAnswer::Heard);
        world.settle().await;
    }
    assert_eq!(world.story_with("a.example/2").title, "New title");
    assert_eq!(desk.tally().counts()[..2], [("taken", 2), ("repeated", 1)]);
    assert_eq!(world.count("SELECT sum(size) FROM deliveries"), 0, "bodies are not kept");
}

#[tokio::test]
async fn a_flood_is_put_off() {
    let (mut world, sent) = subscribed().await;
    let (key, desk) = (field(&sent, "hub.secret"), desk(&world));
    for number in 0..32 {
        let word = delivery(&key, &delivered(&format!("Number {number}")));
        assert_eq!(desk.answer(&path(&sent), word), HubAnswer::Heard);
    }
    assert_eq!(desk.answer(&path(&sent), delivery(&key, &delivered("One more"))), HubAnswer::Later);
    world.settle().await;
    assert_eq!(desk.answer(&path(&sent), delivery(&key, &delivered("One more"))), HubAnswer::Heard);
    world.settle().await;
    assert_eq!(world.story_with("a.example/2").title, "One more");
    assert!(world.count("SELECT count(*) FROM deliveries") <= 64);
}

#[tokio::test]
async fn rubbish_does_no_harm_and_earns_no_trust() {
    let (mut world, sent) = subscribed().await;
    let key = field(&sent, "hub.secret");
    assert_eq!(desk(&world).answer(&path(&sent), delivery(&key, "no feed at all")), HubAnswer::Heard);
    world.settle().await.advance("2h").settle().await;
    assert!(!world.explain(FEED)["why"].to_string().contains("hub"));
    assert_eq!(world.shape(), ["a.example/1"]);
}

/// A lease is renewed before it ends, also by another process than that which got it.
pub async fn renewal() {
    let (mut world, first) = subscribed().await;
    world.advance("119h").settle().await;
    assert_eq!(world.fetch.posts().len(), 1, "not before half of it");
    world.reopen();
    for _ in 0..74 {
        world.advance("1h").settle().await;
    }
    // By four fifths of it, and then hourly until the hub verifies.
    let renewal = world.fetch.posts()[1].clone();
    let day = renewal.at.duration_since(first.at).as_hours();
    assert!((120..=193).contains(&day), "{day}");
    assert_eq!(renewal.form, first.form, "the same address and key, so that nothing is lost between");
    assert_eq!(phase(&world, "active"), 1, "the old lease runs");
    let before = world.fetch.posts().len();
    assert_eq!(desk(&world).answer(&path(&first), verify(FEED, Some(864_000))), yes());
    world.advance("100h").settle().await;
    assert_eq!(world.fetch.posts().len(), before);
}

#[tokio::test]
async fn a_hub_that_fails_is_asked_ever_less_often() {
    let mut world = World::new(SOURCES);
    let detail = "500 from hub.example".to_owned();
    *world.fetch.hub.lock().unwrap() = Posted::Failed(Failure { kind: FailureKind::Status, status: Some(500), detail });
    world.answer(FEED, offering(HUB, &one())).answer(FEED, unchanged()).settle().await;
    for _ in 0..240 {
        world.advance("1h").settle().await;
    }
    let posts = world.fetch.posts();
    let waits: Vec<i64> = posts.windows(2).map(|two| two[1].at.duration_since(two[0].at).as_hours()).collect();
    assert!(waits.is_sorted() && waits.len() < 9, "{waits:?}");
    assert!(world.explain(FEED)["hub"].to_string().contains("500 from hub.example"));
    assert!(world.asked_for(FEED).len() > 100, "polling does not depend on it");
}

#[tokio::test]
async fn a_hub_that_denies_is_left_alone_for_days() {
    let (mut world, sent) = subscribed().await;
    let denied = |topic: &str| HubWord::Denied { topic: topic.to_owned(), reason: Some("not\nyou".to_owned()) };
    assert_eq!(desk(&world).answer(&path(&sent), denied("https://else.example/")), HubAnswer::Unknown);
    assert_eq!(desk(&world).answer(&path(&sent), denied(FEED)), HubAnswer::Heard);
    assert_eq!(desk(&world).answer(&path(&sent), verify(FEED, Some(9))), HubAnswer::Unknown, "we have not asked again");
    assert!(world.explain(FEED)["hub"].to_string().contains("not subscribed at hub.example (the hub denies"));
    world.advance("120h").settle().await;
    assert_eq!(world.fetch.posts().len(), 1);
    world.advance("120h").settle().await;
    assert_eq!(world.fetch.posts().len(), 2);
}

#[tokio::test]
async fn an_unlisted_source_is_unsubscribed() {
    let (mut world, sent) = subscribed().await;
    world.configure(SITE).settle().await;
    let goodbye = last(&world);
    assert_eq!(field(&goodbye, "hub.mode"), "unsubscribe");
    assert_eq!((field(&goodbye, "hub.topic"), path(&goodbye)), (FEED.to_owned(), path(&sent)));
    assert!(!goodbye.form.contains_key("hub.secret"));
    let key = field(&sent, "hub.secret");
    assert_eq!(desk(&world).answer(&path(&sent), delivery(&key, &delivered("Late"))), HubAnswer::Gone);
    assert_eq!(desk(&world).answer(&path(&sent), unsubscribe("https://else.example/")), HubAnswer::Unknown);
    assert_eq!(desk(&world).answer(&path(&sent), unsubscribe(FEED)), yes());
    world.advance("24h").settle().await;
    assert_eq!(world.fetch.posts().len(), 2, "that was it");
    world.advance("720h").settle().await;
    assert_eq!(world.count("SELECT count(*) FROM subscriptions"), 0);
    assert_eq!(desk(&world).answer(&path(&sent), HubWord::Knock), HubAnswer::Unknown);
}

#[tokio::test]
async fn another_hub_and_another_base_url_are_other_subscriptions() {
    let (mut world, first) = subscribed().await;
    world.answer_now(FEED, offering("https://new.example/hub", &one())).advance("2h").settle().await;
    let posts = world.fetch.posts();
    let (leaving, joining) =
        (posts.iter().find(|sent| field(sent, "hub.mode") == "unsubscribe").unwrap(), last(&world));
    assert_eq!((leaving.url.as_str(), path(leaving)), (HUB, path(&first)));
    assert_eq!(field(&joining, "hub.mode"), "subscribe");
    assert_eq!(joining.url, "https://new.example/hub");
    assert_ne!(path(&joining), path(&first));
    world.configure(&SOURCES.replace("wire.publisher", "news.publisher")).settle().await;
    assert!(field(&last(&world), "hub.callback").starts_with("https://news.publisher.org/websub/"));
    assert_ne!(path(&last(&world)), path(&joining));
    // A feed that names no hub any more has none.
    world.answer_now(FEED, rss(FEED, &one())).advance("2h").settle().await;
    assert_eq!(phase(&world, "offered") + phase(&world, "active"), 0);
    // What failed says nothing about hubs.
    let (mut world, _) = subscribed().await;
    world.answer_now(FEED, status(500)).advance("2h").settle().await;
    world.answer_now(FEED, rss("https://login.example/", "").clone()).advance("24h");
    assert_eq!(phase(&world, "active"), 1);
}
