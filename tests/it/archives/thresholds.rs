//! Thresholds of topics, end to end: `min_publishers`, `max_per_publisher`, `min_quality`, `rank`.

use crate::support::world::*;

/// The leads of a topic's feed, in its order, by their number.
async fn shown(rules: &str) -> String {
    let mut world = World::new(&format!("topics: [{{ id: ai, labels: [AI], {rules} }}]\ngrouping: {{ window: 0s }}"));
    // Number, publisher, quality, day, publishers beside the lead's.
    let stories = [(1, "a", 10, 5, 0), (2, "a", 20, 4, 2), (3, "b", 30, 3, 1), (4, "a", 40, 2, 0), (5, "c", 50, 1, 3)];
    for (number, publisher, quality, day, others) in stories {
        let at = format!("2024-03-0{day}T12:00:00Z");
        let lead = art(&format!("{publisher}.example/{number}"), &format!("Story {number}")).quality(quality).at(&at);
        let more: Vec<Art> =
            (0..others).map(|other| art(&format!("o{other}.example/{number}"), "More").at(&at)).collect();
        world.seed(&format!("{number}.md"), seed(&["AI"], lead, &more));
    }
    world.settle().await;
    let feed = feed_rs::parser::parse(world.document("t/ai/atom.xml").as_bytes()).unwrap();
    let line = feed.entries.len();
    let counted = format!("{line} stor{}", if line == 1 { "y" } else { "ies" });
    assert!(world.document("").contains(&counted), "the index says otherwise than {counted}");
    feed.entries.into_iter().map(|entry| entry.title.unwrap().content.replace("Story ", "")).collect()
}

#[tokio::test]
async fn thresholds() {
    for (rules, expect) in [
        ("rank: newest", "12345"),
        ("rank: quality", "54321"),
        ("rank: newest, min_publishers: 2", "235"),
        ("rank: newest, min_publishers: 4", "5"),
        ("rank: newest, min_quality: 30", "345"),
        ("rank: newest, max_per_publisher: 1", "135"),
        ("rank: quality, max_per_publisher: 1", "543"),
        ("rank: quality, max_per_publisher: 2", "5432"),
        ("rank: newest, max_per_publisher: 1, limit: 2", "13"),
        ("rank: newest, max_per_publisher: 1, min_publishers: 2, min_quality: 20", "235"),
    ] {
        assert_eq!(shown(rules).await, expect, "{rules}");
    }
}

#[tokio::test]
async fn why_a_story_is_out() {
    let mut world = World::new("topics: [{ id: ai, labels: [AI], min_quality: 50 }]");
    world.seed("a.md", seed(&["AI"], art("a.example/1", "Story").quality(49), &[])).settle().await;
    let told = world.explain("https://a.example/1").to_string();
    assert!(told.contains("its best article has quality 49 of the 50 needed"), "{told}");
}
