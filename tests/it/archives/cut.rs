//! Feeds cut to measure, and the thresholds of topics, end to end.

use newswire::pipeline::release::Beside;

use crate::support::world::*;

async fn wire() -> World {
    let mut world = World::new("topics: [{ id: ai, labels: [AI], rank: newest, limit: 4 }]\ngrouping: { window: 0s }");
    for number in 0..6 {
        let name = format!("s{number}");
        let lang = if number % 2 == 0 {
            "A ferry for the people of the north and the south of the island"
        } else {
            "Eine Fähre für die Menschen im Norden und im Süden der Insel und der Stadt"
        };
        let lead = art(&format!("{name}.example/a"), &format!("{lang} {number}"))
            .quality(9)
            .at(&format!("2024-03-0{}T12:00:00Z", number + 1));
        let more = art(&format!("other{number}.example/b"), "More on it").at("2024-03-01T12:00:00Z");
        let related = if number < 3 { vec![more] } else { Vec::new() };
        world.seed(&format!("{name}.md"), seed(&["AI"], lead, &related));
    }
    world.settle().await;
    world
}

fn shown(world: &World, query: &str) -> Vec<String> {
    let document = world.made("t/ai/atom.xml", query);
    let feed = feed_rs::parser::parse(&*document.bytes).unwrap();
    let title = |title: Option<feed_rs::model::Text>| title.unwrap().content.rsplit(' ').next().unwrap().to_owned();
    feed.entries.into_iter().map(|entry| title(entry.title)).collect()
}

#[tokio::test]
async fn parameters_cut_a_feed() {
    let world = wire().await;
    let check = |query: &str, expect: &str| assert_eq!(shown(&world, query).join(""), expect, "{query}");
    check("limit=2", "54");
    // More than the topic shows, since a reader asks for it; never more than it holds.
    check("limit=100", "543210");
    check("min_publishers=2", "210");
    check("min_publishers=2&limit=1", "2");
    check("min_publishers=9", "");
    check("lang=en", "420");
    check("lang=de&limit=2", "53");
    check("lang=fr", "");
}

#[tokio::test]
async fn a_cut_feed_has_its_own_name_and_validators() {
    let mut world = wire().await;
    let first = world.made("t/ai/atom.xml", "limit=2&utm=x");
    let text = String::from_utf8(first.bytes.clone()).unwrap();
    assert!(text.contains("https://wire.example.org/t/ai/atom.xml?limit=2\""), "{text}");
    assert_ne!(first.digest, world.made("t/ai/atom.xml", "limit=3").digest);
    world.advance("1h").settle().await;
    assert_eq!(world.made("t/ai/atom.xml", "limit=2"), first);
    world.remove("s5.md").settle().await;
    let second = world.made("t/ai/atom.xml", "limit=2");
    assert_ne!(second.digest, first.digest);
    assert_eq!(second.last_modified, world.clock.now());
}

#[tokio::test]
async fn what_cuts_nothing() {
    let world = wire().await;
    let unknown = [
        ("t/ai/atom.xml", "x=1"),
        ("t/ai/", "limit=1"),
        ("t/ai/x", "limit=1"),
        ("t/no/atom.xml", "limit=1"),
        ("opml.xml", "limit=1"),
    ];
    for (path, query) in unknown {
        assert_eq!(world.ask(path, query), Beside::Unknown, "{path}?{query}");
    }
    assert!(matches!(world.ask("t/ai/rss.xml", "limit=ten"), Beside::Refused(_)));
}
