//! Ids that stay, times that are honest.

use newswire::pipeline::release::StoryPage;

use super::*;

fn of(leads: &[&str]) -> String {
    let arts: Vec<Art> = leads.iter().zip(APART).map(|(url, title)| art(url, title)).collect();
    seed(&["AI"], arts[0].clone(), &arts[1..])
}

/// A seed becomes another one, in the same file unless renamed: the story keeps its id.
async fn keeps(before: &str, after: &str, file: &str) {
    let mut world = World::new("");
    world.seed("a.md", before).settle().await;
    let id = world.story().id;
    if file != "a.md" {
        world.remove("a.md");
    }
    world.seed(file, after).advance("1h").settle().await;
    assert_eq!(world.story().id, id, "{before} {after} {file}");
}

#[tokio::test]
async fn ids_stay() {
    let plain = of(&["a.example/1", "b.example/1", "c.example/1"]);
    keeps(&plain, &plain, "a.md").await;
    keeps(&plain, &plain, "b.md").await;
    keeps(&plain, &plain.replace("Ferry", "Boat"), "a.md").await;
    keeps(&plain, &of(&["d.example/1", "b.example/1", "c.example/1"]), "a.md").await;
    keeps(&plain, &of(&["b.example/1", "a.example/1", "c.example/1"]), "a.md").await;
    keeps(&plain, &of(&["a.example/1", "b.example/1", "c.example/1", "d.example/1"]), "a.md").await;
    keeps(&plain, &of(&["a.example/1"]), "a.md").await;
    keeps(&plain, &of(&["d.example/1", "b.example/1", "e.example/1"]), "z.md").await;
    keeps(&plain, &of(&["a.example/1", "x.example/1", "y.example/1"]), "z.md").await;
}

#[tokio::test]
async fn a_renamed_seed_changes_nothing_readers_see() {
    let mut world = World::new("");
    world.seed("a.md", of(&["a.example/1", "b.example/1"])).settle().await;
    let before = world.documents();
    world.rename("a.md", "deep.md").advance("1h").settle().await;
    assert_eq!(world.documents(), before);
}

#[tokio::test]
async fn a_merge_keeps_the_oldest_id_and_leaves_an_alias() {
    let mut world = World::new("");
    world.seed("a.md", of(&["a.example/1", "b.example/1"])).settle().await;
    world.seed("c.md", seed(&["AI"], art("c.example/1", APART[2]), &[])).settle().await;
    let (old, young) = (world.story_with("a.example/1"), world.story_with("c.example/1"));
    world
        .advance("1h")
        .configure("grouping: { same: [['https://c.example/1', 'https://b.example/1']] }")
        .settle()
        .await;
    let merged = world.story();
    assert_eq!((merged.id.as_str(), merged.urls.len()), (old.id.as_str(), 3));
    assert_eq!(world.page_of(&young.id), StoryPage::MovedTo(old.id.parse().unwrap()));
    assert_eq!(world.document("t/ai/atom.xml").matches("<entry>").count(), 1);
    assert_eq!(world.explain(&young.id)["story"], old.id);
}

#[tokio::test]
async fn published_is_fixed_at_first_release() {
    let mut world = World::new("");
    world.seed("a.md", of(&["a.example/1"])).settle().await;
    let first = world.story().published;
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]), &[art("b.example/1", APART[1]).at("2023-01-01")]));
    world.advance("1h").settle().await;
    assert_eq!((first.to_string().as_str(), world.story().published), ("2024-03-01T12:00:00Z", first));
}

#[tokio::test]
async fn published_is_the_earliest_of_the_coverage() {
    let mut world = World::new("");
    let early = art("b.example/1", APART[1]).at("2024-02-01T08:00:00Z");
    world.seed("a.md", seed(&[], art("a.example/1", APART[0]), &[early])).settle().await;
    assert_eq!(world.story().published.to_string(), "2024-02-01T08:00:00Z");
}

/// Whether a change of the seed an hour later moves the story's `updated`.
async fn moves(config: &str, before: &str, after: &str, expect: bool) {
    let mut world = World::new(config);
    world.seed("a.md", before).settle().await;
    let first = world.story().updated;
    assert_eq!(first.to_string(), START);
    world.seed("a.md", after).advance("1h").settle().await;
    assert_eq!(world.story().updated != first, expect, "{config} {before} {after}");
    if expect {
        assert_eq!(world.story().updated, world.clock.now());
    }
}

const TEXT: &str = "The crew of the ferry went back to work on Friday after nine days, the harbour office said in a note to travellers and shops.";

#[tokio::test]
async fn updated() {
    let one = of(&["a.example/1"]);
    let lead = || art("a.example/1", APART[0]);
    moves("", &one, &of(&["a.example/1", "b.example/1"]), true).await;
    moves(
        "",
        &one,
        &of(&["a.example/1", "www.a.example/2"]).replace("\"domain\":\"www.a.example\"", "\"domain\":\"a.example\""),
        false,
    )
    .await;
    moves("", &of(&["a.example/1", "b.example/1"]), &one, false).await;
    moves("", &one, &one.replace("Ferry", "Boat"), true).await;
    moves("", &one, &seed(&["AI"], lead().excerpt("New words."), &[]), true).await;
    moves("", &one, &noted(&["AI"], lead(), &[], "A note."), true).await;
    moves(
        "",
        &one,
        &seed(&["AI"], lead().with("images", serde_json::json!([{"url": "https://a.example/p.jpg"}])), &[]),
        false,
    )
    .await;
    moves("", &one, &seed(&["Robots"], lead().quality(9).with("category", "x"), &[]), false).await;
    let copied = |arts: &[Art]| seed(&["AI"], lead().excerpt(TEXT), arts);
    let copy = art("b.example/1", APART[0]).excerpt(TEXT).at("2024-03-02");
    moves("", &copied(&[]), &copied(&[copy]), false).await;
    let two = of(&["a.example/1", "b.example/1"]);
    let never = "publish: { updated_on: never }";
    moves(never, &one, &two, false).await;
    moves(never, &one, &one.replace("Ferry", "Boat"), false).await;
    let lead_changed = "publish: { updated_on: lead-changed }";
    moves(lead_changed, &one, &two.replacen("\"type\"", "\"quality\":1,\"type\"", 1), false).await;
    moves(lead_changed, &one, &seed(&["AI"], lead(), &[art("b.example/1", APART[1]).quality(9)]), true).await;
}

#[tokio::test]
async fn what_readers_were_told_is_no_news_twice() {
    let mut world = World::new("sources: [{ url: 'https://feed.example/rss' }]");
    world.answer(
        "https://feed.example/rss",
        rss("https://feed.example/rss", &item("a.example/1", APART[0], "2024-03-01T12:00:00Z")),
    );
    let two = of(&["a.example/1", "b.example/1"]);
    world.seed("a.md", &two).settle().await;
    world.remove("a.md").advance("1h").settle().await;
    world.seed("a.md", &two).advance("1h").settle().await;
    assert_eq!(world.story().updated.to_string(), START);
}

#[tokio::test]
async fn either_of_two_seeds_with_one_lead_may_be_edited() {
    let mut world = World::new("");
    world
        .seed("a.md", noted(&[], art("a.example/1", APART[0]), &[], "One."))
        .seed("b.md", noted(&[], art("a.example/1", APART[0]), &[], "Two."))
        .settle()
        .await;
    world.seed("a.md", noted(&[], art("a.example/1", APART[0]), &[], "Another.")).advance("1h").settle().await;
    assert_eq!(world.story().updated, world.clock.now());
}

#[tokio::test]
async fn ids_do_not_follow_the_address_of_the_site() {
    let ids = |world: &World| world.document("all/atom.xml").matches("tag:wire.example.org,2026:").count();
    let mut world = World::new("");
    world.seed("a.md", of(&["a.example/1"])).settle().await;
    let before = ids(&world);
    world.configure("site: { base_url: 'https://other.example/' }").settle().await;
    assert_eq!((before, ids(&world)), (2, 2));
    assert!(world.document("all/atom.xml").contains("https://other.example/"));
    world.configure("site: { id: news.example }").settle().await;
    assert!(world.document("all/atom.xml").contains("tag:news.example,2026:s/"));
}
