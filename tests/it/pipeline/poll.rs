//! Sources: feeds become stories.

use newswire::model::Validators;

use super::*;

const FEED: &str = "https://feed.example/rss";
const SOURCES: &str =
    "sources: [{ url: 'https://feed.example/rss', topics: [AI] }]\ntopics: [{ id: ai, labels: [AI] }]";

fn noon(url: &str, title: &str) -> String {
    item(url, title, "2024-03-01T12:00:00Z")
}

#[tokio::test]
async fn rss_atom_and_json_become_stories() {
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><id>urn:f</id><updated>2024-03-01T12:00:00Z</updated><entry><title>Atom entry</title><id>urn:1</id><link href='https://a.example/1'/><updated>2024-03-01T12:00:00Z</updated></entry></feed>";
    let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"F","items":[{"id":"1","url":"https://a.example/1","title":"JSON item","date_published":"2024-03-01T12:00:00Z"}]}"#;
    let rss =
        format!("<rss version='2.0'><channel><title>F</title>{}</channel></rss>", noon("a.example/1", "RSS item"));
    for (media_type, body, title) in [
        ("application/rss+xml", rss.as_str(), "RSS item"),
        ("application/atom+xml", atom, "Atom entry"),
        ("application/feed+json", json, "JSON item"),
    ] {
        let mut world = World::new(SOURCES);
        world.answer(FEED, newswire::model::Outcome::Fresh(fresh(FEED, media_type, body))).settle().await;
        assert_eq!((world.story().title.as_str(), world.story().topics), (title, vec!["ai".to_owned()]));
    }
}

#[tokio::test]
async fn the_second_poll_is_conditional_and_not_before_its_floor() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, rss(FEED, &noon("a.example/1", APART[0]))).answer(FEED, unchanged()).settle().await;
    let before = world.documents();
    world.advance("50m").settle().await;
    assert_eq!(world.asked(), [FEED]);
    world.advance("20m").settle().await;
    assert_eq!(world.asked(), [FEED.to_owned(), format!("{FEED}?")]);
    assert_eq!(world.asked_for(FEED)[1].validators, Validators { etag: Some("\"1\"".to_owned()), last_modified: None });
    assert_eq!(world.documents(), before);
}

#[tokio::test]
async fn entries_change_and_leave_the_feed() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, rss(FEED, &(noon("a.example/1", APART[0]) + &noon("b.example/1", APART[1]))));
    world.answer(FEED, rss(FEED, &noon("a.example/1", "Another headline"))).settle().await;
    world.advance("2h").settle().await;
    assert_eq!(world.stories().len(), 2);
    assert_eq!(world.story_with("a.example/1").title, "Another headline");
}

#[tokio::test]
async fn an_entry_that_moves_to_another_address() {
    let mut world = World::new(SOURCES);
    let guid = |url: &str| {
        noon(url, APART[0])
            .replace("<guid>https://a.example/1", "<guid>x")
            .replace("<guid>https://b.example/1", "<guid>x")
    };
    world.answer(FEED, rss(FEED, &guid("a.example/1"))).answer(FEED, rss(FEED, &guid("b.example/1"))).settle().await;
    world.advance("2h").settle().await;
    assert_eq!(world.shape(), ["b.example/1"]);
}

#[tokio::test]
async fn a_page_in_place_of_a_known_feed_leads_nowhere() {
    let page = "<html><head><link rel='alternate' type='application/rss+xml' href='/main.xml'></head></html>";
    let mut world = World::new(SOURCES);
    world.answer(FEED, rss(FEED, &noon("a.example/1", APART[0])));
    world.answer(FEED, newswire::model::Outcome::Fresh(fresh(FEED, "text/html", page)));
    world.answer(FEED, rss(FEED, &noon("a.example/1", "Another headline"))).settle().await;
    for _ in 0..2 {
        world.advance("3h").settle().await;
    }
    assert!(world.asked().iter().all(|asked| asked.starts_with(FEED)), "{:?}", world.asked());
    assert_eq!(world.story().title, "Another headline");
}

#[tokio::test]
async fn a_failing_feed_keeps_its_entries() {
    for failure in
        [status(500), status(404), slow_down(None), newswire::model::Outcome::Gone, rss("https://login.example/", "")]
    {
        let mut world = World::new(SOURCES);
        world.answer(FEED, rss(FEED, &noon("a.example/1", APART[0]))).answer(FEED, failure.clone()).settle().await;
        let before = world.documents();
        world.advance("2h").settle().await;
        assert_eq!(world.documents(), before, "{failure:?}");
        assert_eq!(world.asked().len(), 2);
    }
}

#[tokio::test]
async fn what_is_no_feed_is_told() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, html(FEED, "<title>Sign in</title>")).settle().await;
    assert!(world.status().sources[0].problem.as_ref().unwrap().contains("no feed"));
}

#[tokio::test]
async fn a_feed_that_is_gone_rests_after_a_second_look() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, newswire::model::Outcome::Gone).settle().await;
    world.advance("96h").settle().await;
    world.advance("999h").settle().await;
    assert_eq!(world.asked().len(), 2);
    assert_eq!(world.status().sources[0].next_check_at, None);
}

#[tokio::test]
async fn a_source_that_is_listed_no_more_is_asked_no_more() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, rss(FEED, &noon("a.example/1", APART[0]))).settle().await;
    world.configure("topics: [{ id: ai, labels: [AI] }]").advance("48h").settle().await;
    assert_eq!((world.asked().len(), world.stories().len(), world.status().sources.len()), (1, 1, 0));
    world.configure(SOURCES).settle().await;
    assert_eq!(world.asked(), [FEED.to_owned(), format!("{FEED}?")]);
}

#[tokio::test]
async fn retry_after_is_kept() {
    let mut world = World::new(SOURCES);
    let until = world.clock.now() + jiff::SignedDuration::from_hours(5);
    world.answer(FEED, slow_down(Some(until))).answer(FEED, rss(FEED, &noon("a.example/1", APART[0]))).settle().await;
    world.advance("4h 59m").settle().await;
    assert_eq!(world.asked().len(), 1);
    world.advance("10m").settle().await;
    assert_eq!(world.asked().len(), 2);
}

#[tokio::test]
async fn a_claim_survives_a_restart() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, rss(FEED, &noon("a.example/1", APART[0])));
    // The request is sent and the process dies before the answer is in.
    drop(world.stages.poll.step(1));
    {
        let mut step = Box::pin(world.stages.poll.step(1));
        std::future::poll_fn(|context| {
            let _ = step.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
    }
    world.reopen().settle().await;
    assert_eq!(world.stories().len(), 0);
    world.advance("2h").settle().await;
    assert_eq!(world.stories().len(), 1);
}

#[tokio::test]
async fn a_date_far_ahead_does_not_count() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, rss(FEED, &item("a.example/1", APART[0], "2031-01-01T00:00:00Z"))).settle().await;
    assert_eq!(world.story().published.to_string(), START);
}

#[tokio::test]
async fn text_of_feeds_is_text() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, rss(FEED, &noon("a.example/1", "Tom &amp;amp; Jerry &lt;AMZN.O&gt;"))).settle().await;
    let title = world.story().title;
    assert!(title.starts_with("Tom & Jerry"), "{title}");
}

#[tokio::test]
async fn tokens_of_sources_are_shown_nowhere() {
    let url = "https://feed.example/rss?token=hunter-twelve";
    let mut world = World::new(&format!("sources: [{{ url: '{url}' }}]"));
    world.answer(url, rss(url, &noon("a.example/1", APART[0]))).settle().await;
    assert!(world.documents().values().all(|(text, _)| !text.contains("hunter-twelve")));
    assert!(!serde_json::to_string(&world.status()).unwrap().contains("hunter-twelve"));
    assert!(!world.explain("https://a.example/1").to_string().contains("hunter-twelve"));
}
