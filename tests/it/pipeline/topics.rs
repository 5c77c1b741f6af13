//! Topics: which stories they hold, and in what order.

use super::*;

fn arts(titles: &[&str]) -> Vec<Art> {
    titles.iter().enumerate().map(|(number, title)| art(&format!("p{number}.example/1"), title)).collect()
}

#[tokio::test]
async fn without_topics_every_label_is_one() {
    let mut world = World::new("");
    world.seed("a.md", seed(&["AWS AI", "C++", "C#", "人工智能"], art("a.example/1", APART[0]), &[])).settle().await;
    assert_eq!(world.story().topics.len(), 4);
    for slug in &world.story().topics {
        assert!(world.find(&format!("t/{slug}/atom.xml")).is_some(), "{slug}");
    }
    assert!(world.story().topics.contains(&"aws-ai".to_owned()));
    assert!(world.story().topics.contains(&"人工智能".to_owned()));
}

#[tokio::test]
async fn documents_of_a_topic_go_with_it() {
    let mut world = World::new("topics: [{ id: one, labels: [AI] }, { id: two, labels: [AI] }]");
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]), &[])).settle().await;
    assert!(world.find("t/two/rss.xml").is_some());
    world.configure("topics: [{ id: one, labels: [AI] }]\npublish: { formats: [atom] }").settle().await;
    let paths: Vec<String> = world.documents().into_keys().collect();
    assert_eq!(paths, ["", "all/atom.xml", "opml.xml", "t/one/atom.xml"]);
    world.configure("topics: [{ id: two, labels: [AI] }]").settle().await;
    assert_eq!(world.in_topic("two").len(), 1);
}

/// Whether a story of articles with these titles, in a seed labelled `AI`, is in the only topic.
async fn holds(topic: &str, titles: &[&str], expect: bool) {
    let mut world = World::new(&format!("topics: [{{ id: t, {topic} }}]"));
    let arts = arts(titles);
    world.seed("a.md", seed(&["AI"], arts[0].clone().quality(9), &arts[1..])).settle().await;
    assert_eq!(world.in_topic("t").len() == 1, expect, "{topic} {titles:?}");
    assert_eq!(world.document("t/t/atom.xml").contains("<entry>"), expect);
}

#[tokio::test]
async fn labels_and_rules() {
    holds("labels: [ai]", &["One"], true).await;
    holds("labels: [robots]", &["One"], false).await;
    holds("match: volcano", &["A volcano wakes"], true).await;
    holds("match: volcano", &["One", "A volcano wakes"], true).await;
    holds("match: volcano", &["One", "Two", "A volcano wakes"], false).await;
    holds("match: volcano", &["One", "Two", "A volcano", "The volcano"], true).await;
    holds("match: volcano", &["The volcano", "One", "Two", "Three"], true).await;
    holds("labels: [AI], min_publishers: 2", &["One"], false).await;
    holds("labels: [AI], min_publishers: 2", &["One", "Two"], true).await;
}

#[tokio::test]
async fn labels_of_sources_count_for_half_of_the_articles() {
    let mut world =
        World::new("topics: [{ id: ai, labels: [AI] }]\nsources: [{ url: 'https://feed.example/rss', topics: [ai] }]");
    let items: String = APART
        .iter()
        .zip(["a", "b"])
        .map(|(title, host)| item(&format!("{host}.example/1"), title, "2024-03-01T12:00:00Z"))
        .collect();
    world.answer("https://feed.example/rss", rss("https://feed.example/rss", &items)).settle().await;
    assert_eq!(world.in_topic("ai").len(), 2);
    world
        .configure(
            "topics: [{ id: ai, labels: [AI] }]\nsources: [{ url: 'https://feed.example/rss', topics: [other] }]",
        )
        .settle()
        .await;
    assert_eq!(world.in_topic("ai").len(), 0);
}

#[tokio::test]
async fn a_new_label_is_a_topic_for_what_was_there() {
    let mut world = World::new("sources: [{ url: 'https://feed.example/rss', topics: [ai] }]");
    world
        .answer(
            "https://feed.example/rss",
            rss("https://feed.example/rss", &item("b.example/1", APART[1], "2024-03-01T12:00:00Z")),
        )
        .settle()
        .await;
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]), &[])).settle().await;
    assert_eq!(world.in_topic("ai").len(), 2);
}

#[tokio::test]
async fn age_and_limit() {
    let mut world =
        World::new("topics: [{ id: fresh, labels: [AI], max_age: 2d }, { id: few, labels: [AI], limit: 1 }]");
    // The clock stands at 2026-01-10, noon: the age counts from publication.
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]).at("2026-01-10T12:00:00Z"), &[]));
    world.seed("b.md", seed(&["AI"], art("b.example/1", APART[1]).at("2026-01-11T12:00:00Z"), &[]));
    world.seed("old.md", seed(&["AI"], art("old.example/1", APART[2]), &[])).advance("24h").settle().await;
    let entries = |world: &World, slug: &str| world.document(&format!("t/{slug}/atom.xml")).matches("<entry>").count();
    assert_eq!((entries(&world, "fresh"), entries(&world, "few")), (2, 1));
    world.advance("25h").settle().await;
    assert_eq!((entries(&world, "fresh"), entries(&world, "few")), (1, 1));
    world.advance("24h").settle().await;
    assert_eq!(entries(&world, "fresh"), 0);
    assert!(world.document("t/few/atom.xml").contains("b.example"));
}

#[tokio::test]
async fn ranks() {
    let mut world = World::new(
        "topics: [{ id: heat, labels: [AI] }, { id: newest, labels: [AI], rank: newest }, { id: quality, labels: [AI], rank: quality }]",
    );
    world.seed("hot.md", seed(&["AI"], art("hot.example/1", APART[0]).with("heat", 900), &[]));
    world.seed("new.md", seed(&["AI"], art("new.example/1", APART[1]).at("2024-03-05"), &[]));
    world.seed("good.md", seed(&["AI"], art("good.example/1", APART[2]).quality(50), &[])).settle().await;
    let first = |slug: &str| {
        let rss = world.document(&format!("t/{slug}/rss.xml"));
        rss.split("<item>")
            .nth(1)
            .unwrap()
            .split("<link>https://")
            .nth(1)
            .unwrap()
            .split('.')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(["heat", "newest", "quality"].map(first), ["hot", "new", "good"]);
}
