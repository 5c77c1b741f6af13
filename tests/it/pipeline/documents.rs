//! Documents: the same edition is the same bytes; times are those of the change.

use std::fs;

use newswire::model::Document;
use newswire::pipeline::release::StoryPage;

use super::*;

fn small() -> String {
    let lead = art("a.example/1", "Ferry <A1> & bridge")
        .excerpt("The strike is over.")
        .quality(10)
        .with("category", "transport");
    let picture = serde_json::json!([{ "url": "https://b.example/p.jpg?a=1&b=2", "width": 640, "height": 360 }]);
    let other = art("b.example/1", "Boats sail again").quality(90).at("2024-03-02T08:00:00Z").with("images", picture);
    noted(&["Sea & Coast"], lead, &[other], "*Seen* by the editor.")
}

#[tokio::test]
async fn an_atom_and_an_rss_document() {
    let mut world = World::new("");
    world.seed("a.md", small()).settle().await;
    insta::assert_snapshot!("atom", world.document("t/sea-and-coast/atom.xml").replace("><", ">\n<"));
    insta::assert_snapshot!("rss", world.document("t/sea-and-coast/rss.xml").replace("><", ">\n<"));
}

#[tokio::test]
async fn nothing_changes_when_nothing_changed() {
    let mut world = World::new("");
    world.seed("a.md", small()).settle().await;
    let before = world.documents();
    world.advance("30h").settle().await;
    assert_eq!(world.documents(), before);
    world.advance("1h").reopen().settle().await;
    assert_eq!(world.documents(), before);
    world.seed("a.md", small()).advance("1h").settle().await;
    assert_eq!(world.documents(), before);
}

#[tokio::test]
async fn last_modified_moves_for_what_changed_only() {
    let mut world = World::new("");
    world.seed("a.md", small()).seed("b.md", seed(&["Chips"], art("c.example/1", APART[1]), &[])).settle().await;
    world.advance("1h").seed("b.md", seed(&["Chips"], art("c.example/1", APART[2]), &[])).settle().await;
    let changed = |path: &str| world.documents()[path].1 == world.clock.now().as_second();
    assert!(changed("t/chips/atom.xml") && changed("all/rss.xml"));
    assert!(!changed("t/sea-and-coast/atom.xml"));
}

fn page(world: &World, id: &str) -> Document {
    match world.page_of(id) {
        StoryPage::Page(document) => document,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_page_of_a_story_is_dated_by_its_change() {
    let mut world = World::new("");
    world.seed("a.md", small()).settle().await;
    let id = world.story().id;
    let before = page(&world, &id);
    assert_eq!(before.last_modified.to_string(), START);
    world.advance("1h").reopen().settle().await;
    assert_eq!(page(&world, &id), before);
    world.seed("a.md", small().replace("Boats", "Ships")).settle().await;
    assert_eq!(page(&world, &id).last_modified, world.clock.now());
}

#[tokio::test]
async fn the_output_folder_holds_the_same_and_is_not_touched_without_need() {
    let mut world = World::new("output: { dir: public }");
    world.seed("a.md", small()).settle().await;
    let folder = world.folder().join("public");
    let read = |path: &str| fs::read_to_string(folder.join(path)).unwrap();
    assert_eq!(read("t/sea-and-coast/atom.xml"), world.document("t/sea-and-coast/atom.xml"));
    let file = read("t/sea-and-coast/index.html");
    assert_eq!(file, world.document("t/sea-and-coast/"));
    // Files offer nothing that only the daemon answers.
    for part in ["/search", "live.js", "script-src"] {
        assert!(!file.contains(part), "{part}: {file}");
    }
    let id = world.story().id;
    assert_eq!(read(&format!("s/{id}/index.html")).as_bytes(), page(&world, &id).bytes);
    let written = |path: &str| fs::metadata(folder.join(path)).unwrap().modified().unwrap();
    let before = written("t/sea-and-coast/atom.xml");
    world.advance("1h").reopen().settle().await;
    assert_eq!(written("t/sea-and-coast/atom.xml"), before);
    world.remove("a.md").settle().await;
    assert!(!folder.join("t/sea-and-coast/atom.xml").exists());
    assert!(!folder.join(format!("s/{id}/index.html")).exists());
}

#[tokio::test]
async fn the_output_folder_leads_from_a_merged_story_to_its_successor() {
    let mut world = World::new("output: { dir: public }");
    world.seed("a.md", small()).settle().await;
    world.seed("b.md", seed(&[], art("c.example/1", APART[1]), &[])).settle().await;
    let (old, young) = (world.story_with("a.example/1").id, world.story_with("c.example/1").id);
    world
        .configure("output: { dir: public }\ngrouping: { same: [['https://a.example/1', 'https://c.example/1']] }")
        .settle()
        .await;
    let stub = fs::read_to_string(world.folder().join(format!("public/s/{young}/index.html"))).unwrap();
    assert!(stub.contains(&format!("https://wire.example.org/s/{old}\"")), "{stub}");
}

#[tokio::test]
async fn a_folder_of_output_that_comes_later_gets_everything() {
    let mut world = World::new("");
    world.seed("a.md", small()).settle().await;
    world.seed("b.md", seed(&[], art("c.example/1", APART[1]), &[])).settle().await;
    let young = world.story_with("c.example/1").id;
    let same = "grouping: { same: [['https://a.example/1', 'https://c.example/1']] }";
    world.configure(same).settle().await;
    world.configure(&format!("output: {{ dir: public }}\n{same}")).settle().await;
    let id = world.story().id;
    assert!(world.folder().join(format!("public/s/{young}/index.html")).exists());
    assert!(world.folder().join(format!("public/s/{id}/index.html")).exists());
    assert!(world.folder().join("public/all/rss.xml").exists());
}

#[tokio::test]
async fn a_folder_of_output_that_cannot_be_written_is_made_good() {
    let mut world = World::new("output: { dir: public }");
    fs::write(world.folder().join("public"), "a file").unwrap();
    world.seed("a.md", small());
    for stage in ["reload", "group"] {
        while world.step(stage).await > 0 {}
    }
    for _ in 0..3 {
        assert!(world.stages.release.step(256).is_err());
    }
    fs::remove_file(world.folder().join("public")).unwrap();
    world.settle().await;
    let id = world.story().id;
    assert!(world.folder().join(format!("public/s/{id}/index.html")).exists());
    assert!(world.folder().join("public/all/rss.xml").exists());
    fs::rename(world.folder().join("public/all"), world.folder().join("public/away")).unwrap();
    fs::write(world.folder().join("public/all"), "a file").unwrap();
    world.seed("b.md", seed(&["AI"], art("c.example/1", APART[1]), &[]));
    world.stages.reload.request();
    for stage in ["reload", "group"] {
        while world.step(stage).await > 0 {}
    }
    while world.stages.release.step(256).is_ok_and(|rows| rows > 0) {}
    assert!(world.document("all/rss.xml").contains("c.example"));
    fs::remove_file(world.folder().join("public/all")).unwrap();
    world.settle().await;
    let written = fs::read_to_string(world.folder().join("public/all/rss.xml")).unwrap();
    assert!(written.contains("c.example"));
}

#[tokio::test]
async fn an_empty_wire_publishes_empty_feeds() {
    let mut world = World::new("topics: [{ id: ai, labels: [AI] }]");
    world.settle().await;
    assert!(!world.document("t/ai/atom.xml").contains("<entry>"));
    let before = world.documents();
    world.advance("1h").reopen().settle().await;
    assert_eq!(world.documents(), before);
}

#[tokio::test]
async fn an_edition_waits_for_news_that_come_meanwhile_but_not_for_ever() {
    let mut world = World::new("");
    world.seed("a.md", small()).settle().await;
    let before = world.document("all/atom.xml");
    let other = rusqlite::Connection::open(world.folder().join("wire.db")).unwrap();
    // Whenever a story was settled, somebody has news of it.
    let busy = "CREATE TRIGGER busy AFTER UPDATE OF waiting ON stories WHEN NOT NEW.waiting
        BEGIN UPDATE stories SET waiting = 1 WHERE no = NEW.no; END";
    other.execute_batch(busy).unwrap();
    world.advance("1h").seed("a.md", small().replace("Ferry <A1>", "New ferry <A1>"));
    world.stages.reload.request();
    for stage in ["reload", "group"] {
        assert!(world.step(stage).await > 0, "{stage}");
    }
    for _ in 0..5 {
        assert!(world.step("release").await > 0);
        assert_eq!(world.document("all/atom.xml"), before);
    }
    world.step("release").await;
    assert!(world.document("all/atom.xml").contains("New ferry "));
    other.execute_batch("DROP TRIGGER busy").unwrap();
    world.settle().await;
}
