//! Seed files: what they say, and what happens when they change, break, move and go.

use newswire::pipeline::release::StoryPage;
use newswire::store::StoryState;

use super::*;

fn two() -> String {
    seed(&["AI"], art("a.example/1", APART[0]), &[art("b.example/1", APART[1])])
}

#[tokio::test]
async fn one_entry_is_one_story_with_all_its_coverage() {
    let mut world = World::new("");
    world.seed("a.md", two()).settle().await;
    assert_eq!(world.story().urls.len(), 2);
    let atom = world.document("t/ai/atom.xml");
    assert_eq!(atom.matches("<entry>").count(), 1);
    for text in ["https://a.example/1", "https://b.example/1", APART[0], APART[1]] {
        assert!(atom.contains(text), "{text}");
    }
}

#[tokio::test]
async fn text_is_text() {
    let mut world = World::new("");
    let lead = art("a.example/1", "Amazon.com Inc <AMZN.O> & others").excerpt("It said <b>no</b>.");
    world.seed("a.md", seed(&["AI"], lead, &[])).settle().await;
    assert_eq!(world.story().title, "Amazon.com Inc <AMZN.O> & others");
    assert!(world.document("t/ai/atom.xml").contains("Amazon.com Inc &lt;AMZN.O&gt; &amp; others"));
    assert!(world.document("t/ai/rss.xml").contains("<title>Amazon.com Inc &lt;AMZN.O&gt; &amp; others</title>"));
    assert!(world.document("t/ai/").contains("&#60;AMZN.O&#62;") || world.document("t/ai/").contains("&lt;AMZN.O&gt;"));
}

#[tokio::test]
async fn secured_is_nowhere() {
    let mut world = World::new("output: { dir: public }");
    let lead = art("a.example/1", APART[0]).with("secured", "hunter-twelve");
    world.seed("a.md", seed(&["AI"], lead, &[art("b.example/1", APART[1]).with("secured", "hunter-twelve")]));
    world.seed("b.md", "---\ntitle: [\nsecured: hunter-twelve\n---\n").settle().await;
    let holds = |bytes: &[u8]| bytes.windows(13).any(|window| window == b"hunter-twelve");
    assert!(!holds(&world.store_bytes()));
    assert!(world.documents().values().all(|(text, _)| !holds(text.as_bytes())));
    let status = serde_json::to_string(&world.status()).unwrap();
    assert!(!holds(status.as_bytes()), "{status}");
}

#[tokio::test]
async fn unchanged_files_are_not_read_again() {
    let mut world = World::new("");
    world.seed("a.md", two()).seed("b.md", seed(&[], art("c.example/1", APART[2]), &[]));
    assert_eq!(world.step("reload").await, 2);
    world.settle().await;
    world.stages.reload.request();
    assert_eq!(world.step("reload").await, 0);
    world.reopen();
    assert_eq!(world.step("reload").await, 0);
    world.seed("b.md", seed(&[], art("c.example/1", APART[3]), &[]));
    world.stages.reload.request();
    assert_eq!(world.step("reload").await, 1);
    world.settle().await;
}

#[tokio::test]
async fn a_broken_seed_keeps_its_last_good_version() {
    let mut world = World::new("");
    world.seed("a.md", two()).settle().await;
    let before = world.documents();
    world.seed("a.md", "---\ntitle: [\n---\n").settle().await;
    assert_eq!(world.documents(), before);
    assert_eq!(world.status().seeds.len(), 1);
    world.seed("a.md", seed(&["AI"], art("a.example/1", "Mended"), &[])).settle().await;
    assert_eq!((world.story().title.as_str(), world.story().urls.len()), ("Mended", 1));
    assert_eq!(world.status().seeds.len(), 0);
}

#[tokio::test]
async fn a_broken_seed_stops_no_other() {
    let mut world = World::new("");
    world.seed("a.md", "---\n: : [\n---\n").seed("b.md", two()).settle().await;
    assert_eq!(world.stories().len(), 1);
    world.remove("a.md").settle().await;
    assert_eq!((world.stories().len(), world.status().seeds.len()), (1, 0));
}

#[tokio::test]
async fn a_deleted_seed_withdraws_what_only_it_brought_and_restores_the_id() {
    let mut world = World::new("");
    world.seed("a.md", two()).settle().await;
    let (before, id) = (world.document("t/ai/atom.xml"), world.story().id);
    world.remove("a.md").advance("1h").settle().await;
    assert_eq!(world.stories(), []);
    assert_eq!(world.page_of(&id), StoryPage::Gone);
    assert_eq!(world.find("t/ai/atom.xml"), None);
    world.seed("a.md", two()).advance("1h").settle().await;
    assert_eq!(world.story().id, id);
    assert_eq!(world.document("t/ai/atom.xml"), before);
}

#[tokio::test]
async fn the_article_of_a_source_stays_when_its_seed_goes() {
    let mut world = World::new("sources: [{ url: 'https://feed.example/rss' }]");
    world.answer(
        "https://feed.example/rss",
        rss("https://feed.example/rss", &item("b.example/1", "As the feed says", "2024-03-01T12:00:00Z")),
    );
    world.seed("a.md", two()).settle().await;
    let id = world.story().id;
    world.remove("a.md").settle().await;
    let story = world.story();
    assert_eq!((story.urls, story.title), (vec!["b.example/1".to_owned()], "As the feed says".to_owned()));
    assert_eq!(story.id, id);
    world.seed("a.md", two()).settle().await;
    assert_eq!((world.story().id, world.story().urls.len()), (id, 2));
}

#[tokio::test]
async fn unpublished_seeds_follow_the_configuration() {
    let mut world = World::new("");
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]).with("published", false), &[])).settle().await;
    assert_eq!(world.stories(), []);
    assert!(world.status().seeds[0].problem.contains("excluded"));
    world.configure("seeds: { unpublished: include }").settle().await;
    let id = world.story().id;
    assert!(world.find("t/ai/atom.xml").is_some());
    world.configure("seeds: { unpublished: exclude }").settle().await;
    assert_eq!((world.page_of(&id), world.find("t/ai/atom.xml")), (StoryPage::Gone, None));
    world.configure("seeds: { unpublished: include }").settle().await;
    assert_eq!(world.story().id, id);
}

#[tokio::test]
async fn a_draft_that_is_published_later() {
    let mut world = World::new("");
    world.seed("a.md", seed(&[], art("a.example/1", APART[0]).with("published", false), &[])).settle().await;
    world.seed("a.md", seed(&[], art("a.example/1", APART[0]), &[])).settle().await;
    assert_eq!(world.stories().len(), 1);
}

#[tokio::test]
async fn a_broken_draft_stays_excluded() {
    let mut world = World::new("seeds: { unpublished: include }");
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]).with("published", false), &[])).settle().await;
    world.seed("a.md", "---\ntitle: [\n---\n").settle().await;
    assert_eq!(world.stories().len(), 1);
    world.configure("").settle().await;
    assert_eq!(world.stories(), []);
}

#[tokio::test]
async fn a_file_that_takes_the_name_of_another() {
    let mut world = World::new("");
    world.seed("a.md", two()).seed("b.md", seed(&[], art("c.example/1", APART[2]), &[])).settle().await;
    let id = world.story_with("a.example/1").id;
    world.rename("a.md", "b.md").settle().await;
    assert_eq!(world.story().id, id);
}

#[tokio::test]
async fn a_renamed_seed_beside_a_new_one_that_looks_like_it() {
    let mut world = World::new("");
    world.seed("b.md", seed(&[], art("a.example/1", APART[0]), &[art("b.example/1", APART[1])])).settle().await;
    world.rename("b.md", "a.md").seed("c.md", seed(&[], art("c.example/1", APART[2]), &[art("b.example/1", APART[1])]));
    world.settle().await;
    assert_eq!(world.shape().concat().matches("example").count(), 3);
}

#[tokio::test]
async fn two_files_that_change_places() {
    let mut world = World::new("");
    let other = seed(&[], art("c.example/1", APART[2]), &[]);
    world.seed("a.md", two()).seed("b.md", &other).settle().await;
    let ids = [world.story_with("a.example/1").id, world.story_with("c.example/1").id];
    world.seed("a.md", other).seed("b.md", two()).settle().await;
    assert_eq!([world.story_with("a.example/1").id, world.story_with("c.example/1").id], ids);
}

#[tokio::test]
async fn folders_and_yaml_are_read_hidden_files_are_not() {
    let mut world = World::new("");
    let plain = two().replace("---\n", "");
    world.seed("deep/er/a.yaml", plain).seed(".b.md", seed(&[], art("c.example/1", APART[2]), &[])).settle().await;
    assert_eq!(world.stories().len(), 1);
}

#[tokio::test]
async fn heat_note_and_labels_are_taken_up() {
    let mut world = World::new("");
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]), &[])).settle().await;
    assert_eq!(world.story().story.heat.to_string(), "1");
    let lead = art("a.example/1", APART[0]).with("heat", 7.5);
    world.seed("a.md", noted(&["Robots"], lead, &[], "Editor *says*.")).settle().await;
    assert_eq!(world.story().story.heat.to_string(), "7.5");
    assert_eq!(world.story().topics, ["robots"]);
    assert!(world.document("t/robots/atom.xml").contains("Editor &lt;em&gt;says"));
    assert_eq!(world.find("t/ai/atom.xml"), None);
}

#[tokio::test]
async fn category_and_type_become_categories() {
    let mut world = World::new("");
    world
        .seed(
            "a.md",
            seed(&["AI"], art("a.example/1", APART[0]).with("category", "science").with("type", "video"), &[]),
        )
        .settle()
        .await;
    let rss = world.document("t/ai/rss.xml");
    for category in ["AI", "science", "video"] {
        assert!(rss.contains(&format!("<category>{category}</category>")), "{rss}");
    }
}

#[tokio::test]
async fn times_without_a_zone_are_utc() {
    let mut world = World::new("");
    world.seed("a.md", seed(&[], art("a.example/1", APART[0]).at("2024-03-01 09:00"), &[])).settle().await;
    assert_eq!(world.story().published.to_string(), "2024-03-01T09:00:00Z");
}

#[tokio::test]
async fn a_seed_with_a_new_address_and_nothing_else_keeps_its_story() {
    let mut world = World::new("");
    world.seed("a.md", seed(&[], art("a.example/tpyo", APART[0]), &[])).settle().await;
    let id = world.story().id;
    world.seed("a.md", seed(&[], art("a.example/typo", APART[0]), &[])).settle().await;
    assert_eq!((world.story().id, world.story().urls), (id, vec!["a.example/typo".to_owned()]));
}

#[tokio::test]
async fn a_withdrawn_story_is_withdrawn_in_the_store() {
    let mut world = World::new("");
    world.seed("a.md", two()).settle().await;
    let id = world.story().id;
    world.remove("a.md").settle().await;
    assert_eq!(world.state(&id), StoryState::Withdrawn);
}

#[test]
fn a_link_that_leads_back_is_not_followed_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.md"), "").unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    let seen = newswire::pipeline::reload::scan(&[folder.path().to_owned()]);
    assert_eq!((seen.files.len(), seen.problems), (1, Vec::new()));
}
