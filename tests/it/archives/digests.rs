//! Digests: one entry a period, which never changes again.

use crate::support::world::*;

const DAILY: &str = "topics: [{ id: ai, labels: [AI], digest: '0 7 * * *' }]\ngrouping: { window: 0s }";

fn issues(world: &World) -> Vec<(String, String)> {
    let feed = feed_rs::parser::parse(world.document("t/ai/digest.xml").as_bytes()).unwrap();
    let body = |entry: &feed_rs::model::Entry| entry.content.clone().unwrap().body.unwrap();
    feed.entries.iter().map(|entry| (entry.id.clone(), body(entry))).collect()
}

fn story(world: &mut World, name: &str) {
    world.seed(&format!("{name}.md"), seed(&["AI"], art(&format!("{name}.example/a"), &format!("On {name} <&>")), &[]));
}

#[tokio::test]
async fn one_entry_a_period() {
    // It is noon.
    let mut world = World::new(DAILY);
    story(&mut world, "backlog");
    world.settle().await;
    assert_eq!(issues(&world), []);
    world.advance("10h");
    story(&mut world, "one");
    world.settle().await.advance("8h 59m").settle().await;
    assert_eq!(issues(&world), []);
    world.advance("1m").settle().await;
    let first = issues(&world);
    let [(id, body)] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(id, "tag:wire.example.org,2026:t/ai/digest/2026-01-11T07:00:00Z");
    assert!(body.contains("https://one.example/a") && body.contains("On one &lt;&amp;&gt;"), "{body}");
    // A day without news has none, and the issue stands although its story changed.
    world.advance("24h").settle().await;
    world.seed("one.md", seed(&["AI"], art("one.example/a", "Another title"), &[])).advance("1h").settle().await;
    assert_eq!(issues(&world), first);
    let before = world.documents();
    world.advance("1h").settle().await;
    assert_eq!(world.documents(), before);
    world.advance("24h").settle().await;
    let both = issues(&world);
    assert_eq!((both.len(), &both[1]), (2, &first[0]));
    assert!(both[0].1.contains("Another title"));
    // A restart makes none again.
    world.reopen().settle().await;
    assert_eq!(issues(&world), both);
}

#[tokio::test]
async fn missed_periods_are_made_up_for() {
    let mut world = World::new(DAILY);
    world.settle().await;
    story(&mut world, "one");
    world.advance("1h").settle().await.advance("24h");
    // Nobody ran at seven, and again for three days.
    story(&mut world, "two");
    world.settle().await.advance("72h").settle().await;
    let ids: Vec<String> = issues(&world).into_iter().map(|(id, _)| id[id.len() - 20..].to_owned()).collect();
    assert_eq!(ids, ["2026-01-12T07:00:00Z", "2026-01-11T07:00:00Z"]);
    world.configure("topics: [{ id: ai, labels: [AI] }]\ngrouping: { window: 0s }").settle().await;
    assert_eq!(world.find("t/ai/digest.xml"), None);
}
