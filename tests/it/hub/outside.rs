//! An outside hub: it is told what changed, once, and again when it did not listen.

use newswire::model::{Failure, FailureKind, Posted};

use crate::support::world::*;

const OUTSIDE: &str = "publish: { websub: 'https://hub.example/', formats: [rss, atom, html] }\ntopics: [{ id: ai, labels: [AI] }]\ngrouping: { window: 0s }";

fn story(world: &mut World, title: &str) {
    world.seed("one.md", seed(&["AI"], art("one.example/a", title), &[]));
}

#[tokio::test]
async fn a_hub_is_told_what_changed() {
    let mut world = World::new(OUTSIDE);
    story(&mut world, "Ferry service resumes");
    world.settle().await;
    let sent = world.fetch.posts();
    assert_eq!(
        (sent.len(), sent[0].url.as_str(), sent[0].form["hub.mode"].as_str()),
        (1, "https://hub.example/", "publish")
    );
    assert_eq!(world.fetch.named(), ["all/atom.xml", "all/rss.xml", "t/ai/atom.xml", "t/ai/rss.xml"]);
    world.advance("1h").settle().await;
    assert_eq!(world.fetch.posts().len(), 1);
    story(&mut world, "Another title");
    world.settle().await;
    assert_eq!(world.fetch.posts().len(), 2);
    assert!(world.document("t/ai/rss.xml").contains("https://hub.example/"));
    // Ten seconds at least lie between two forms.
    story(&mut world, "Third title");
    world.settle().await;
    assert_eq!(world.fetch.posts().len(), 2);
    world.advance("10s").settle().await;
    assert_eq!(world.fetch.posts().len(), 3);
}

#[tokio::test]
async fn a_hub_that_does_not_listen_is_told_again_ever_later() {
    let mut world = World::new(OUTSIDE);
    let failure = Failure { kind: FailureKind::Connect, status: None, detail: "nobody".to_owned() };
    *world.fetch.hub.lock().unwrap() = Posted::Failed(failure);
    story(&mut world, "Ferry service resumes");
    for _ in 0..1440 {
        world.settle().await.advance("1m");
    }
    let times: Vec<i64> = world.fetch.posts().iter().map(|sent| sent.at.as_second()).collect();
    assert!((9..=14).contains(&times.len()), "{times:?}");
    assert!(times.windows(3).take(6).all(|at| at[2] - at[1] > at[1] - at[0]), "{times:?}");
    *world.fetch.hub.lock().unwrap() =
        Posted::Throttled { retry_after: Some(world.clock.now() + jiff::SignedDuration::from_hours(30)) };
    world.advance("7h").settle().await;
    let before = world.fetch.posts().len();
    *world.fetch.hub.lock().unwrap() = Posted::Accepted;
    world.advance("12h").settle().await;
    assert_eq!(world.fetch.posts().len(), before);
    world.advance("24h").settle().await;
    assert_eq!(world.fetch.posts().len(), before + 1);
    assert_eq!(world.fetch.named().len(), 4);
    world.advance("24h").settle().await;
    assert_eq!(world.fetch.posts().len(), before + 1);
}

#[tokio::test]
async fn without_a_hub_nothing_is_kept_for_one() {
    let mut world = World::new("");
    story(&mut world, "Ferry service resumes");
    world.settle().await;
    assert_eq!((world.fetch.posts().len(), world.count("SELECT count(*) FROM announcements")), (0, 0));
}
