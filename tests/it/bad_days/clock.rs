//! The machine's clock is set forward and back: nothing is lost, renamed or asked too often, and polling goes on.

use newswire::model::Outcome;

use crate::support::world::{START, World, rss, unchanged};

const FEED: &str = "https://feed.example/rss";
const SOURCES: &str = "sources: [{ url: 'https://feed.example/rss', topics: [AI] }]\n\
                       enrich: { seeds: none, sources: all }\ntopics: [{ id: ai, labels: [AI], digest: '0 7 * * *' }]";

/// Two titles that have nothing in common.
const TITLES: [&str; 3] = ["Lighthouse gets a new lamp", "Vineyard sells its oldest cask", "Court rejects tram plans"];

fn feed(titles: &[&str]) -> Outcome {
    let item = |title: &&str| {
        let slug = title.replace(' ', "-").to_lowercase();
        format!(
            "<item><title>{title}</title><link>https://a.example/{slug}</link><guid>{slug}</guid>\
             <pubDate>Sat, 10 Jan 2026 09:00:00 GMT</pubDate></item>"
        )
    };
    rss(FEED, &titles.iter().map(item).collect::<String>())
}

async fn world() -> World {
    let mut world = World::new(SOURCES);
    world.answer(FEED, feed(&TITLES[..1])).settle().await;
    world
}

fn ids(world: &World) -> Vec<(String, String)> {
    world.stories().into_iter().map(|seen| (seen.title, seen.id)).collect()
}

#[tokio::test]
async fn a_clock_that_ran_ahead_for_years_stops_no_polling() {
    for ahead in ["12h", "3d", "400d", "8000d"] {
        let mut world = world().await;
        let first = ids(&world);
        world.answer_now(FEED, feed(&TITLES[..2])).advance(ahead).settle().await;
        assert_eq!(world.asked_for(FEED).len(), 2, "{ahead}");
        world.answer_now(FEED, feed(&TITLES)).advance(&format!("-{ahead}")).settle().await;
        // Asked just now by the right clock: its floor is kept, and counts from now.
        assert_eq!(world.asked_for(FEED).len(), 2, "{ahead}");
        world.advance("50m").settle().await;
        assert_eq!(world.asked_for(FEED).len(), 2, "{ahead}");
        world.advance("8h").settle().await;
        assert_eq!(world.asked_for(FEED).len(), 3, "{ahead}");
        let last = ids(&world);
        assert_eq!(
            (last.len(), last.iter().filter(|story| first.contains(story)).count()),
            (3, 1),
            "{ahead}: {last:?}"
        );
        let pages = world.asked().into_iter().filter(|url| url.starts_with("https://a.example/"));
        assert!(pages.count() >= 3, "{ahead}: {:?}", world.asked());
    }
}

#[tokio::test]
async fn a_clock_that_was_behind_loses_nothing_when_it_is_right_again() {
    let mut world = world().await;
    let first = ids(&world);
    world.answer_now(FEED, feed(&TITLES[..2])).advance("-20000d").settle().await;
    world.advance("8h").settle().await;
    world.answer_now(FEED, feed(&TITLES)).advance("20000d").settle().await;
    world.advance("8h").settle().await;
    let last = ids(&world);
    assert_eq!((last.len(), last.iter().filter(|story| first.contains(story)).count()), (3, 1), "{last:?}");
}

#[tokio::test]
async fn documents_stay_the_same_bytes_under_a_clock_that_swings() {
    let mut world = world().await;
    let before = world.documents();
    let began = world.clock.now();
    assert_eq!(began, START.parse().unwrap());
    for by in ["400d", "-800d", "400d", "1d", "-1d"] {
        world.answer_now(FEED, unchanged()).advance(by).settle().await;
    }
    assert_eq!(world.clock.now(), began);
    let feeds = |documents: std::collections::BTreeMap<String, (String, i64)>| {
        let feeds = documents.into_iter().filter(|(path, _)| !path.contains("digest"));
        feeds.map(|(path, (text, _))| (path, text)).collect::<Vec<_>>()
    };
    assert_eq!(feeds(world.documents()), feeds(before));
}
