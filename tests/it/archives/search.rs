//! Search: words find stories, nothing a reader types is syntax, and the index follows the stories.

use newswire::pipeline::release::Beside;

use crate::support::world::*;

async fn wire() -> World {
    let mut world = World::new("grouping: { window: 0s }");
    let lead = art("a.example/1", "Ferry strike ends after C++ bug")
        .excerpt("The port of Zürich reopens <b>today</b>")
        .quality(9);
    world.seed("a.md", seed(&["AI"], lead, &[art("b.example/1", "Boats sail again")]));
    world.seed("b.md", seed(&["Chips"], art("c.example/1", "人工智能芯片 for AT&T"), &[]));
    world.settle().await;
    world
}

/// How many entries a search finds.
fn found(world: &World, q: &str) -> usize {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
    let document = world.made("search/atom.xml", &query);
    let entries = feed_rs::parser::parse(&*document.bytes).unwrap().entries.len();
    let page = String::from_utf8(world.made("search", &query).bytes).unwrap();
    assert_eq!(page.matches("<li class=\"brief\">").count(), entries, "{page}");
    entries
}

#[tokio::test]
async fn words_find_stories() {
    let world = wire().await;
    let check = |q: &str, expect| assert_eq!(found(&world, q), expect, "{q}");
    check("ferry", 1);
    check("FERRY Strike", 1);
    check("\"ferry strike\"", 1);
    check("\"strike ferry\"", 0);
    check("fer*", 1);
    check("zurich", 1);
    check("boats", 1);
    check("a.example", 1);
    check("chips", 1);
    check("c++", 1);
    check("at&t", 1);
    check("人工", 1);
    check("智能芯片", 1);
    check("芯能", 0);
    check("ferry -strike", 0);
    check("ferry -bank", 1);
    check("ferry OR 人工", 0);
    check("words:ferry", 0);
    check("ferry*\" OR \"1", 0);
    check("' ; DROP TABLE found; --", 0);
}

#[tokio::test]
async fn what_cannot_be_asked() {
    let world = wire().await;
    let long = format!("q={}", "a".repeat(1 << 20));
    for query in ["", "q=", "q=+", "q=-ferry", &long] {
        assert!(matches!(world.ask("search/atom.xml", query), Beside::Refused(_)), "{}", query.len());
    }
    let form = String::from_utf8(world.made("search", "").bytes).unwrap();
    assert!(form.contains("<form") && !form.contains("Nothing found"), "{form}");
    let odd = String::from_utf8(world.made("search", "q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").bytes).unwrap();
    assert!(!odd.contains("<script"), "{odd}");
}

#[tokio::test]
async fn the_index_follows_the_stories() {
    let mut world = wire().await;
    let first = world.made("search/atom.xml", "q=ferry");
    world.advance("1h").settle().await;
    assert_eq!(world.made("search/atom.xml", "q=ferry"), first);
    world.seed("a.md", seed(&["AI"], art("a.example/1", "Trains run again"), &[])).settle().await;
    assert_eq!((found(&world, "ferry"), found(&world, "boats"), found(&world, "trains")), (0, 0, 1));
    assert_eq!(world.made("search/atom.xml", "q=trains").last_modified, world.clock.now());
    world.remove("a.md").settle().await;
    assert_eq!(found(&world, "trains"), 0);
    world.seed("a.md", seed(&["AI"], art("a.example/1", "Trains run again"), &[])).settle().await;
    assert_eq!(found(&world, "trains"), 1);
}

#[tokio::test]
async fn a_search_feed_names_itself() {
    let world = wire().await;
    let text = String::from_utf8(world.made("search/atom.xml", "q=ferry+strike").bytes).unwrap();
    let feed = feed_rs::parser::parse(text.as_bytes()).unwrap();
    let own = feed.links.iter().find(|link| link.rel.as_deref() == Some("self")).unwrap();
    assert_eq!(own.href, "https://wire.example.org/search/atom.xml?q=ferry+strike");
    assert_eq!(feed.id, "tag:wire.example.org,2026:search?q=ferry+strike");
}
