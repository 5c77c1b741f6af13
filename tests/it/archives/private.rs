//! Private topics: what only they hold appears nowhere else, and nobody finds them without their token.

use newswire::model::Digest;
use newswire::pipeline::release::{Beside, StoryPage};

use crate::support::world::*;

const TOKEN: &str = "kT8-vQ2_xZ9.aB4cX";

fn config(token: &str) -> String {
    format!(
        "output: {{ dir: public }}\npublish: {{ websub: own }}\ngrouping: {{ window: 0s }}\ntopics:\n  - {{ id: open, labels: [Open] }}\n  - {{ id: secret, labels: [Secret], title: Hush, private: '{token}', digest: '0 7 * * *' }}\n"
    )
}

async fn wire() -> World {
    let mut world = World::new(&config(TOKEN));
    world.seed("hidden.md", seed(&["Secret"], art("hidden.example/1", "Unheard tidings"), &[]));
    world.seed("both.md", seed(&["Secret", "Open"], art("both.example/1", "Heard tidings"), &[]));
    world.seed("open.md", seed(&["Open"], art("open.example/1", "Common tidings"), &[]));
    world.settle().await;
    world
}

fn folder(token: &str) -> String {
    format!("p/{}/", Digest::of(token.as_bytes()))
}

#[tokio::test]
async fn a_private_topic_is_served_whole() {
    let world = wire().await;
    for file in ["", "rss.xml", "atom.xml", "feed.json", "digest.xml"] {
        world.document(&format!("{}{file}", folder(TOKEN)));
    }
    let atom = world.document(&format!("{}atom.xml", folder(TOKEN)));
    assert!(atom.contains("Unheard tidings") && atom.contains("Heard tidings") && !atom.contains("Common"), "{atom}");
    assert!(atom.contains(&format!("https://wire.example.org/p/{TOKEN}/atom.xml")), "{atom}");
    assert!(!atom.contains("rel=\"hub\"") && !atom.contains("https://wire.example.org/s/"), "{atom}");
    let archive = world.made(&format!("{}archive/2026-01.xml", folder(TOKEN)), "");
    let archive = String::from_utf8(archive.bytes).unwrap();
    assert!(archive.contains("Unheard tidings") && !archive.contains("https://wire.example.org/s/"), "{archive}");
    let id = feed_rs::parser::parse(atom.as_bytes()).unwrap().entries[0].id.rsplit('/').next().unwrap().to_owned();
    let page = world.ask(&format!("{}s/{id}", folder(TOKEN)), "");
    let Beside::Story(StoryPage::Page(page)) = page else { panic!("{page:?}") };
    assert!(String::from_utf8(page.bytes).unwrap().contains(&format!("https://wire.example.org/p/{TOKEN}/s/{id}")));
}

#[tokio::test]
async fn it_leaks_nowhere() {
    let world = wire().await;
    let mut open: Vec<(String, String)> = world
        .documents()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("p/"))
        .map(|(path, (text, _))| (path, text))
        .collect();
    for path in ["search", "search/atom.xml", "all/archive/2026-01.xml", "t/open/archive/2026-01.xml"] {
        let query = if path.starts_with("search") { "q=tidings" } else { "" };
        open.push((path.to_owned(), String::from_utf8(world.made(path, query).bytes).unwrap()));
    }
    assert!(open.iter().any(|(_, text)| text.contains("Heard tidings")));
    for (path, text) in &open {
        for secret in ["Unheard", "hidden.example", TOKEN, "Hush", "/p/", "secret"] {
            assert!(!text.contains(secret), "{secret} in {path}: {text}");
        }
    }
    // Its address exists for nobody but those who know it, and so does its story's page.
    assert_eq!(world.ask("t/secret/archive/2026-01.xml", ""), Beside::Unknown);
    assert!(world.find("t/secret/atom.xml").is_none());
    let hidden = world.count("SELECT count(*) FROM stories");
    assert_eq!(hidden, 3);
    let id = |title: &str| {
        let topic = world.in_topic("secret");
        topic.into_iter().find(|seen| seen.title.contains(title)).unwrap().id
    };
    assert_eq!(world.page_of(&id("Unheard")), StoryPage::Unknown);
    assert!(matches!(world.page_of(&id("Heard")), StoryPage::Page(_)));
    // Neither files, nor names of files, nor the store know the token.
    let folder = world.config.output.dir.clone().unwrap();
    let mut seen = 0;
    let mut folders = vec![folder];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            assert!(!path.display().to_string().contains("/p/"), "{path:?}");
            if path.is_dir() {
                folders.push(path);
            } else {
                seen += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("Unheard") && !text.contains(TOKEN), "{path:?}");
            }
        }
    }
    assert!(seen > 8);
    let bytes = world.store_bytes();
    assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
}

#[tokio::test]
async fn a_token_is_rotated() {
    let mut world = wire().await;
    let ids = |text: &str| {
        let feed = feed_rs::parser::parse(text.as_bytes()).unwrap();
        (feed.id, feed.entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>())
    };
    let before = ids(&world.document(&format!("{}atom.xml", folder(TOKEN))));
    let other = "another-token-0123456789";
    world.configure(&config(other)).settle().await;
    assert!(world.find(&format!("{}atom.xml", folder(TOKEN))).is_none());
    assert_eq!(world.ask(&format!("{}archive/2026-01.xml", folder(TOKEN)), ""), Beside::Unknown);
    let after = world.document(&format!("{}atom.xml", folder(other)));
    assert_eq!(ids(&after), before);
    assert!(after.contains(other) && !after.contains(TOKEN));
}

#[tokio::test]
async fn a_topic_that_is_no_longer_private_is_open() {
    let mut world = wire().await;
    world.configure("topics: [{ id: secret, labels: [Secret] }]\ngrouping: { window: 0s }").settle().await;
    assert!(world.document("all/atom.xml").contains("Unheard"));
    assert!(matches!(world.page_of(&world.in_topic("secret")[0].id), StoryPage::Page(_)));
    assert!(String::from_utf8(world.made("all/archive/2026-01.xml", "").bytes).unwrap().contains("Unheard"));
    world.configure(&config(TOKEN)).settle().await;
    assert!(!world.document("all/atom.xml").contains("Unheard"));
    assert!(!String::from_utf8(world.made("all/archive/2026-01.xml", "").bytes).unwrap().contains("Unheard"));
}

/// Seeds that list one article between them, whose stories are related.
fn sharing(name: &str, label: &str) -> String {
    let shared = art("shared.example/1", "Shared tidings from the strait").at("2024-03-01T13:00:00Z");
    seed(&[label], art(&format!("{name}.example/1"), &format!("{name} tells of something else")), &[shared])
}

#[tokio::test]
async fn related_stories_are_named_where_all_may_see_them() {
    let mut world = World::new(&config(TOKEN));
    world.seed("heard.md", sharing("heard", "Open")).settle().await;
    world.seed("veiled.md", sharing("veiled", "Secret")).settle().await;
    world.seed("spoken.md", sharing("spoken", "Open")).settle().await;
    let shown = |world: &World| world.document("all/atom.xml").matches("title=\"Related: ").count();
    // Each of the two that are open names the other, and neither the third.
    assert_eq!(shown(&world), 2, "{}", world.document("all/atom.xml"));
    for (path, (text, _)) in world.documents() {
        assert!(path.starts_with("p/") || !text.contains("veiled"), "{path}: {text}");
    }
    // One that turns private is not named any more.
    world.seed("spoken.md", sharing("spoken", "Secret")).settle().await;
    assert_eq!(shown(&world), 0, "{}", world.document("all/atom.xml"));
}
