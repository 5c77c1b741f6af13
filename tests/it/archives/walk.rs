//! Archives (RFC 5005): a walk from the newest document reaches every story once, and closed months stand still.

use std::collections::{BTreeMap, BTreeSet};

use newswire::pipeline::release::Beside;

use crate::support::world::*;

const BASE: &str = "https://wire.example.org/";

/// The address that `document` links to by this relation.
fn link(document: &str, relation: &str) -> Option<String> {
    let feed = feed_rs::parser::parse(document.as_bytes()).unwrap();
    let link = feed.links.iter().find(|link| link.rel.as_deref() == Some(relation))?;
    Some(link.href.strip_prefix(BASE).unwrap().to_owned())
}

fn ids(document: &str) -> Vec<String> {
    feed_rs::parser::parse(document.as_bytes()).unwrap().entries.into_iter().map(|entry| entry.id).collect()
}

fn text(world: &World, path: &str) -> String {
    String::from_utf8(world.made(path, "").bytes).unwrap()
}

/// The paths and documents of the archive of the live feed at `path`, newest first.
fn archive(world: &World, path: &str) -> Vec<(String, String)> {
    let live = world.document(path);
    let mut found: Vec<(String, String)> = Vec::new();
    let mut next = link(&live, "prev-archive");
    while let Some(path) = next {
        let document = text(world, &path);
        assert_eq!(link(&document, "self").as_deref(), Some(path.as_str()));
        let after = found.last().map(|(path, _)| path.clone());
        assert_eq!(link(&document, "next-archive"), after, "{path}");
        assert!(document.contains("<fh:archive"), "{document}");
        next = link(&document, "prev-archive");
        found.push((path, document));
        assert!(found.len() < 1000, "the walk never ends");
    }
    found
}

/// The ids that a walk reaches.
fn walked(world: &World, path: &str) -> Vec<String> {
    archive(world, path).iter().flat_map(|(_, document)| ids(document)).collect()
}

fn story(world: &mut World, number: usize) {
    let name = format!("s{number}");
    let titled = format!("{} {} {}", name, "abcdefgh".repeat(1 + number % 3), number * 7919);
    world.seed(&format!("{name}.md"), seed(&["AI"], art(&format!("{name}.example/a"), &titled), &[]));
}

fn published(world: &World) -> BTreeSet<String> {
    world.stories().iter().map(|seen| format!("tag:wire.example.org,2026:s/{}", seen.id)).collect()
}

#[tokio::test]
async fn a_walk_reaches_every_story_ever_published_once() {
    let mut world = World::new("topics: [{ id: ai, labels: [AI], limit: 5 }]\ngrouping: { window: 0s }");
    let mut ever = BTreeSet::new();
    for month in 0..4 {
        // The first month is a backlog of more than one document.
        for number in 0..if month == 0 { 230 } else { 7 } {
            story(&mut world, month * 1000 + number);
        }
        world.settle().await;
        ever.extend(published(&world));
        world.advance("744h");
    }
    assert_eq!(ever.len(), 251);
    for path in ["t/ai/atom.xml", "all/atom.xml"] {
        let walk = walked(&world, path);
        assert_eq!((walk.len(), &walk.iter().cloned().collect::<BTreeSet<_>>()), (251, &ever), "{path}");
    }
    let paths: Vec<String> = archive(&world, "t/ai/atom.xml").into_iter().map(|(path, _)| path).collect();
    let names = ["2026-04", "2026-03", "2026-02", "2026-01-3", "2026-01-2", "2026-01"];
    assert_eq!(paths, names.map(|name| format!("t/ai/archive/{name}.xml")));
    assert_eq!(link(&text(&world, &paths[3]), "current").as_deref(), Some("t/ai/atom.xml"));
    // RSS and the page lead there too, as far as they can.
    assert!(world.document("t/ai/rss.xml").contains("rel=\"prev-archive\""));
    // Nothing of it moves by a restart.
    let before: Vec<_> = paths.iter().map(|path| world.made(path, "")).collect();
    world.reopen().settle().await;
    assert_eq!(paths.iter().map(|path| world.made(path, "")).collect::<Vec<_>>(), before);
}

#[tokio::test]
async fn a_closed_month_changes_by_withdrawal_only() {
    let mut world = World::new("topics: [{ id: ai, labels: [AI] }]\ngrouping: { window: 0s }");
    (0..3).for_each(|number| story(&mut world, number));
    world.settle().await.advance("744h");
    (1000..1003).for_each(|number| story(&mut world, number));
    world.settle().await;
    let closed = world.made("t/ai/archive/2026-01.xml", "");
    let later = seed(&["AI"], art("s1.example/a", "Another title"), &[art("more.example/b", "More on it")]);
    world.seed("s1.md", later).advance("1h").settle().await;
    // The live feed tells of it, the closed month does not.
    assert!(world.document("t/ai/atom.xml").contains("Another title"));
    assert_eq!(world.made("t/ai/archive/2026-01.xml", ""), closed);
    // What came this month is as it is now.
    world.seed("s1001.md", seed(&["AI"], art("s1001.example/a", "Third title"), &[])).advance("1h").settle().await;
    assert!(text(&world, "t/ai/archive/2026-02.xml").contains("Third title"));
    // A withdrawal is one everywhere, and undone when the story comes back.
    let withdrawn = std::fs::read_to_string(world.path("s0.md")).unwrap();
    world.remove("s0.md").advance("1h").settle().await;
    let without = world.made("t/ai/archive/2026-01.xml", "");
    assert_eq!(ids(std::str::from_utf8(&without.bytes).unwrap()).len(), 2);
    assert_eq!(without.last_modified, world.clock.now());
    world.seed("s0.md", withdrawn).advance("1h").settle().await;
    assert_eq!(world.made("t/ai/archive/2026-01.xml", "").bytes, closed.bytes);
}

#[tokio::test]
async fn a_merged_story_leaves_the_archive() {
    let mut world = World::new("topics: [{ id: ai, labels: [AI] }]");
    world.seed("a.md", seed(&["AI"], art("a.example/1", "Ferry service resumes in the north"), &[]));
    world.seed("b.md", seed(&["AI"], art("b.example/2", "Quarterly report of a bank"), &[])).settle().await;
    assert_eq!(walked(&world, "t/ai/atom.xml").len(), 2);
    let both = seed(
        &["AI"],
        art("a.example/1", "Ferry service resumes in the north"),
        &[art("b.example/2", "Quarterly report of a bank")],
    );
    world.seed("a.md", both).remove("b.md").advance("744h").settle().await;
    assert_eq!(walked(&world, "t/ai/atom.xml").len(), published(&world).len());
}

#[tokio::test]
async fn a_topic_of_an_archive_is_one_that_has_one() {
    let mut world = World::new("topics: [{ id: ai, labels: [AI] }, { id: empty, labels: [None] }]");
    story(&mut world, 1);
    world.settle().await;
    assert_eq!(link(&world.document("t/empty/atom.xml"), "prev-archive"), None);
    for path in [
        "t/empty/archive/2026-01.xml",
        "t/ai/archive/2026-02.xml",
        "t/ai/archive/2026-01-2.xml",
        "t/no/archive/2026-01.xml",
        "t/ai/archive/../x",
        "archive/2026-01.xml",
    ] {
        assert_eq!(world.ask(path, ""), Beside::Unknown, "{path}");
    }
}

#[tokio::test]
async fn archives_are_static_files_too() {
    let mut world = World::new("output: { dir: public }\ntopics: [{ id: ai, labels: [AI] }]\ngrouping: { window: 0s }");
    (0..3).for_each(|number| story(&mut world, number));
    world.settle().await;
    let folder = world.config.output.dir.clone().unwrap();
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).unwrap();
    for path in ["t/ai/archive/2026-01.xml", "all/archive/2026-01.xml"] {
        assert_eq!(read(path), text(&world, path));
    }
    let before: BTreeMap<_, _> = [("t/ai/archive/2026-01.xml", read("t/ai/archive/2026-01.xml"))].into();
    story(&mut world, 9);
    world.settle().await;
    assert_ne!(read("t/ai/archive/2026-01.xml"), before["t/ai/archive/2026-01.xml"]);
    world
        .configure("output: { dir: public }\ntopics: [{ id: other, labels: [AI] }]\ngrouping: { window: 0s }")
        .settle()
        .await;
    assert!(!folder.join("t/ai/archive/2026-01.xml").exists());
    assert_eq!(read("t/other/archive/2026-01.xml"), text(&world, "t/other/archive/2026-01.xml"));
}
