//! Which articles are one story: by a seed's word, by the linker's, by the operator's.

use newswire::model::Via;

use super::*;

const MOON: [&str; 2] =
    ["Odysseus lander touches down near the Moon's south pole", "Odysseus touches down near south pole of the Moon"];
const MOON_TEXT: [&str; 2] = [
    "The lander Odysseus, built by a company in Houston, has reached the south pole of the Moon, the first American craft since Apollo.",
    "A Houston company has landed its craft Odysseus at the Moon's south pole, the first American landing since Apollo 17.",
];

fn moon(url: &str, place: usize) -> Art {
    art(url, MOON[place]).excerpt(MOON_TEXT[place])
}

#[tokio::test]
async fn articles_about_one_event_join_across_seeds_and_sources() {
    let mut world = World::new("sources: [{ url: 'https://feed.example/rss' }]");
    world.answer(
        "https://feed.example/rss",
        rss("https://feed.example/rss", &item("c.example/1", MOON[1], "2024-03-01T14:00:00Z")),
    );
    world
        .seed("a.md", seed(&[], moon("a.example/1", 0), &[]))
        .seed("b.md", seed(&[], moon("b.example/1", 1).at("2024-03-01T13:00:00Z"), &[]));
    world.seed("d.md", seed(&[], art("d.example/1", APART[1]), &[])).settle().await;
    assert_eq!(world.shape(), ["a.example/1 b.example/1 c.example/1", "d.example/1"]);
    let via = world
        .story_with("c.example/1")
        .story
        .coverage
        .into_iter()
        .find(|member| member.article.url.contains("c.example"))
        .unwrap()
        .via;
    let Via::Linked { score, reasons, .. } = via else { panic!("{via:?}") };
    assert!(score > 0.3 && score <= 1.0 && !reasons.is_empty());
}

#[tokio::test]
async fn unrelated_articles_stay_apart() {
    let mut world = World::new("");
    for (number, title) in APART.iter().enumerate() {
        world.seed(&format!("{number}.md"), seed(&[], art(&format!("a{number}.example/1"), title), &[]));
    }
    world.settle().await;
    assert_eq!(world.stories().len(), 4);
}

#[tokio::test]
async fn the_window_measures_between_publications() {
    let apart = |config: &'static str, at: &'static str| async move {
        let mut world = World::new(config);
        world
            .seed("a.md", seed(&[], moon("a.example/1", 0), &[]))
            .seed("b.md", seed(&[], moon("b.example/1", 1).at(at), &[]))
            .settle()
            .await;
        world.stories().len()
    };
    assert_eq!(apart("", "2024-03-01T13:00:00Z").await, 1);
    assert_eq!(apart("", "2024-03-09T13:00:00Z").await, 2);
    assert_eq!(apart("grouping: { window: 0s }", "2024-03-01T13:00:00Z").await, 2);
    assert_eq!(apart("grouping: { window: 6h }", "2024-03-01T19:00:00Z").await, 2);
}

#[tokio::test]
async fn seeds_with_one_lead_are_one_story() {
    let mut world = World::new("grouping: { window: 0s }");
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]), &[art("b.example/1", APART[1])]));
    world
        .seed("b.md", seed(&["Robots"], art("www.a.example/1", APART[0]), &[art("c.example/1", APART[2])]))
        .settle()
        .await;
    assert_eq!(world.story().urls.len(), 3);
    assert_eq!(world.story().topics, ["ai", "robots"]);
}

/// A world in which two seeds list one article, which is about what the second one is about.
fn shared() -> World {
    let mut world = World::new("");
    let both = art("m.example/1", MOON[1]);
    world.seed("a.md", seed(&[], art("a.example/1", APART[0]), &[both.clone(), art("b.example/1", APART[0])]));
    world.seed("b.md", seed(&[], moon("c.example/1", 0), &[both, art("d.example/1", MOON[0])]));
    world
}

#[tokio::test]
async fn an_article_of_two_seeds_stands_where_it_fits_and_is_related_in_the_other() {
    for limit in [1, 256] {
        let mut world = shared();
        world.limit = limit;
        world.settle().await;
        assert_eq!(world.shape(), ["a.example/1 b.example/1", "c.example/1 d.example/1 m.example/1"], "{limit}");
        let (one, other) = (world.story_with("a.example/1"), world.story_with("c.example/1"));
        assert_eq!((one.story.related[0].id.to_string(), other.story.related[0].id.to_string()), (other.id, one.id));
    }
}

#[tokio::test]
async fn an_article_of_two_seeds_moves_when_one_lets_it_go() {
    let mut world = shared();
    world.settle().await;
    world.remove("b.md").settle().await;
    assert_eq!(world.shape(), ["a.example/1 b.example/1 m.example/1"]);
    assert_eq!(world.story().story.related, []);
}

#[tokio::test]
async fn must_links_do_not_chain() {
    let mut world = World::new("");
    world.seed("a.md", seed(&[], art("a.example/1", APART[0]), &[art("b.example/1", APART[1])]));
    world.seed("b.md", seed(&[], art("b.example/1", APART[1]), &[art("c.example/1", APART[2])])).settle().await;
    assert_eq!(world.shape(), ["a.example/1", "b.example/1 c.example/1"]);
}

/// How three seeds are grouped under the operator's word, from the start and when it comes later.
async fn under(grouping: &str, expect: &[&str]) {
    let write = |world: &mut World| {
        world.seed("a.md", seed(&[], art("a.example/1", APART[0]), &[art("a2.example/1", APART[0])]));
        world.seed("b.md", seed(&[], art("b.example/1", APART[1]), &[art("b2.example/1", APART[1])]));
        world.seed("c.md", seed(&[], moon("c.example/1", 0), &[])).seed("d.md", seed(&[], moon("d.example/1", 1), &[]));
    };
    let plain = ["a.example/1 a2.example/1", "b.example/1 b2.example/1", "c.example/1 d.example/1"];
    for limit in [1, 256] {
        let mut early = World::new(grouping);
        write(&mut early);
        early.limit = limit;
        early.settle().await;
        assert_eq!(early.shape(), expect, "{grouping} from the start, {limit}");
        let mut late = World::new("");
        write(&mut late);
        late.limit = limit;
        late.settle().await;
        assert_eq!(late.shape(), plain);
        let ids: Vec<String> = late.stories().into_iter().map(|seen| seen.id).collect();
        late.configure(grouping).settle().await;
        assert_eq!(late.shape(), expect, "{grouping} later, {limit}");
        late.configure("").settle().await;
        assert_eq!(late.shape(), plain, "{grouping} taken back, {limit}");
        assert_eq!(ids.len(), late.stories().len());
    }
}

#[tokio::test]
async fn same_joins() {
    let joined = ["a.example/1 a2.example/1 b.example/1 b2.example/1", "c.example/1 d.example/1"];
    under("grouping: { same: [['https://a.example/1', 'https://b.example/1']] }", &joined).await;
    under("grouping: { same: [['https://a2.example/1', 'https://b.example/1']] }", &joined).await;
    under("grouping: { same: [['https://b2.example/1', 'https://a2.example/1']] }", &joined).await;
    under(
        "grouping: { same: [['https://a.example/1', 'https://nowhere.example/1']] }",
        &["a.example/1 a2.example/1", "b.example/1 b2.example/1", "c.example/1 d.example/1"],
    )
    .await;
}

#[tokio::test]
async fn different_parts() {
    let parted = ["a.example/1 a2.example/1", "b.example/1 b2.example/1", "c.example/1", "d.example/1"];
    under("grouping: { different: [['https://c.example/1', 'https://d.example/1']] }", &parted).await;
    let parted = ["a.example/1", "a2.example/1", "b.example/1 b2.example/1", "c.example/1 d.example/1"];
    under("grouping: { different: [['https://a.example/1', 'https://a2.example/1']] }", &parted).await;
}

#[tokio::test]
async fn who_leads() {
    let text = seed(&[], art("a.example/1", APART[0]).quality(10), &[art("b.example/1", APART[1]).quality(90)]);
    let mut world = World::new("");
    world.seed("a.md", text).settle().await;
    assert_eq!(world.story().urls[0], "b.example/1");
    world.configure("publish: { lead: seed }").settle().await;
    assert_eq!(world.story().urls[0], "a.example/1");
    assert!(world.document("all/rss.xml").contains(&format!("<title>{}</title>", APART[0])));
    world.configure("publish: { lead: seed }\ngrouping: { pin: ['https://b.example/1'] }").settle().await;
    assert_eq!(world.story().urls[0], "b.example/1");
}
