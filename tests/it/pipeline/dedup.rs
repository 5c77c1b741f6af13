//! Same article, copy, same story: told apart and never dropped. Fields and who states them.

use super::*;

/// Two seeds that list these two addresses are about one article.
async fn same(one: &str, other: &str) {
    let mut world = World::new("");
    world.seed("a.md", seed(&[], art("l.example/1", APART[0]), &[art(one, APART[1])]));
    world.seed("b.md", seed(&[], art("l.example/1", APART[0]), &[art(other, APART[1])])).settle().await;
    assert_eq!(world.story().urls.len(), 2, "{one} {other}: {:?}", world.shape());
}

#[tokio::test]
async fn addresses_of_one_article() {
    same("a.example/x", "www.a.example/x").await;
    same("a.example/x", "m.a.example/x").await;
    same("a.example/x", "a.example/x/").await;
    same("a.example/x", "a.example/x?utm_source=y&utm_medium=z").await;
    same("a.example/x", "a.example/x#part").await;
    same("a.example/x?id=1", "a.example/x?fbclid=3&id=1").await;
    same("a.example/amp/x", "a-example.cdn.ampproject.org/c/s/a.example/amp/x").await;
}

#[tokio::test]
async fn an_amp_address_of_a_seed_is_the_article_of_a_source() {
    for seed_first in [true, false] {
        let sources = "sources: [{ url: 'https://feed.example/rss' }]";
        let mut world = World::new(if seed_first { "" } else { sources });
        let amp = item("a.example/amp/1", "By the feed", "2024-03-01T12:00:00Z");
        world.answer("https://feed.example/rss", rss("https://feed.example/rss", &amp));
        let text = seed(&[], art("a.example/1", APART[0]).with("ampWebUrl", "https://a.example/amp/1"), &[]);
        if seed_first {
            world.seed("a.md", text).settle().await;
            world.configure(sources).settle().await;
        } else {
            world.settle().await;
            world.seed("a.md", text).settle().await;
        }
        assert_eq!((world.story().urls, world.story().title), (vec!["a.example/1".to_owned()], APART[0].to_owned()));
    }
}

#[tokio::test]
async fn an_original_address_is_an_alias() {
    let mut world = World::new("");
    world.seed("a.md", seed(&[], art("a.example/1", APART[0]).with("originalUrl", "https://wire.example/9"), &[]));
    world.seed("b.md", seed(&[], art("b.example/1", APART[1]), &[art("wire.example/9", APART[2])])).settle().await;
    assert_eq!(world.shape(), ["a.example/1", "b.example/1"]);
}

#[tokio::test]
async fn two_articles_that_a_seed_calls_one() {
    let mut world = World::new("sources: [{ url: 'https://feed.example/rss' }]");
    let items = [("a.example/1", APART[0]), ("old.example/1", APART[1])]
        .map(|(url, title)| item(url, title, "2024-03-01T12:00:00Z"));
    world.answer("https://feed.example/rss", rss("https://feed.example/rss", &items.concat())).settle().await;
    assert_eq!(world.stories().len(), 2);
    let ids: Vec<String> = world.stories().into_iter().map(|seen| seen.id).collect();
    world
        .seed("a.md", seed(&[], art("a.example/1", APART[0]).with("originalUrl", "https://old.example/1"), &[]))
        .settle()
        .await;
    let story = world.story();
    assert_eq!(story.urls, ["a.example/1"]);
    assert!(ids.contains(&story.id));
    assert!(ids.iter().all(|id| *id == story.id || world.page_of(id) != newswire::pipeline::release::StoryPage::Gone));
}

const TEXT: &str = "The crew of the ferry went back to work on Friday after nine days, the harbour office said in a note to travellers and shops.";

fn copied() -> String {
    let copy = art("b.example/1", APART[0]).excerpt(TEXT).at("2024-03-02");
    seed(&["AI"], art("a.example/1", APART[0]).excerpt(TEXT), &[copy, art("c.example/1", APART[2])])
}

#[tokio::test]
async fn copies_are_listed_and_not_counted() {
    let mut world = World::new(
        "topics: [{ id: three, labels: [AI], min_publishers: 3 }, { id: two, labels: [AI], min_publishers: 2 }]",
    );
    world.seed("a.md", copied()).settle().await;
    let story = world.story();
    let copies: Vec<_> = story
        .story
        .coverage
        .iter()
        .filter(|member| member.copy_of.is_some())
        .map(|member| member.article.url.as_str())
        .collect();
    assert_eq!((story.urls.len(), copies), (3, vec!["https://b.example/1"]));
    assert_eq!((story.topics, story.story.heat.to_string()), (vec!["two".to_owned()], "2".to_owned()));
}

#[tokio::test]
async fn a_copy_whose_original_goes_is_a_copy_no_more() {
    let mut world = World::new("");
    let lead = art("l.example/1", APART[3]);
    let [one, two, three] = ["a", "b", "c"].map(|host| art(&format!("{host}.example/1"), APART[0]).excerpt(TEXT));
    let (two, three) = (two.at("2024-03-02"), three.at("2024-03-03"));
    world.seed("a.md", seed(&[], lead.clone(), &[one, two.clone(), three.clone()])).settle().await;
    assert_eq!(world.story().story.heat.to_string(), "2");
    world.seed("a.md", seed(&[], lead, &[two, three])).settle().await;
    assert_eq!(world.story().story.heat.to_string(), "2");
    let copies = world.story().story.coverage.iter().filter(|member| member.copy_of.is_some()).count();
    assert_eq!(copies, 1);
}

#[tokio::test]
async fn dropped_publishers_are_left_out_and_come_back() {
    let mut world = World::new("");
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]), &[art("b.example/1", APART[1])]));
    world.seed("b.md", seed(&["AI"], art("b.example/2", APART[2]), &[])).settle().await;
    let before = world.documents();
    world.advance("1h").configure("grouping: { drop_publishers: [b.example] }");
    // A story of dropped publishers only is not shown, but stays what it is.
    world.settle().await;
    assert_eq!(world.shape(), ["a.example/1"]);
    assert!(!world.document("all/atom.xml").contains("b.example"));
    world.configure("").settle().await;
    assert_eq!(world.shape(), ["a.example/1 b.example/1", "b.example/2"]);
    let texts = |of: &std::collections::BTreeMap<String, (String, i64)>| {
        of.values().map(|(text, _)| text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts(&world.documents()), texts(&before));
}

#[tokio::test]
async fn who_states_what() {
    let mut world = World::new("enrich: { seeds: all, sources: all }\nsources: [{ url: 'https://feed.example/rss' }]");
    let items = item("a.example/1", "Feed title", "2024-03-01T12:00:00Z")
        + &item("b.example/1", "Feed title b", "2024-03-05T12:00:00Z")
        + &item("c.example/1", "Feed title c", "2024-03-04T12:00:00Z")
        + "<item><title>Feed title d</title><link>https://d.example/1</link></item>";
    world.answer("https://feed.example/rss", rss("https://feed.example/rss", &items));
    let head = "<meta property='og:title' content='Page title'><meta property='og:description' content='Page text.'><meta property='og:image' content='https://a.example/p.jpg'>";
    // What may be a day alone gives way to an instant.
    let midnight = "<meta property='article:published_time' content='2024-03-04T00:00:00+09:00'>";
    world
        .answer("https://a.example/1", html("https://a.example/1", head))
        .answer("https://b.example/1", html("https://b.example/1", head))
        .answer("https://c.example/1", html("https://c.example/1", &format!("{head}{midnight}")))
        .answer("https://d.example/1", html("https://d.example/1", &format!("{head}{midnight}")));
    world.seed("a.md", seed(&[], art("a.example/1", "Seed title"), &[])).settle().await;
    let member = world.member("https://a.example/1");
    assert_eq!(member["title"], "Seed title");
    assert!(member["from"]["title"].as_str().unwrap().starts_with("seed:"), "{member}");
    assert!(member["from"]["excerpt"].as_str().unwrap().starts_with("page:opengraph"), "{member}");
    let member = world.member("https://b.example/1");
    assert_eq!((&member["title"], &member["published"]), (&"Page title".into(), &"2024-03-05T12:00:00Z".into()));
    assert_eq!(member["from"]["published"], "feed:https://feed.example/rss");
    assert_eq!(world.member("https://c.example/1")["published"], "2024-03-04T12:00:00Z");
    let member = world.member("https://d.example/1");
    assert_eq!(member["published"], "2024-03-03T15:00:00Z");
    assert_eq!(member["from"]["published"], "page:opengraph:article:published_time");
}
