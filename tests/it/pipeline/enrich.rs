//! Pages: they fill what is missing, keep up with changes, and delay nobody.

use newswire::model::{Outcome, Purpose};

use super::*;

const ALL: &str = "enrich: { seeds: all, sources: all }";
const FED: &str = "enrich: { seeds: all, sources: all }\nsources: [{ url: 'https://feed.example/rss' }]";
/// Shorter ones are taken for no description.
const ON: &str = " So much for that, as the harbour says.";
const FEED: &str = "https://feed.example/rss";
const PAGE: &str = "https://a.example/1";

fn one() -> String {
    seed(&["AI"], art("a.example/1", APART[0]), &[])
}

fn described(text: &str) -> Outcome {
    html(PAGE, &format!("<title>Page title</title><meta name='description' content='{text}{ON}'>"))
}

fn excerpt(world: &World) -> Option<String> {
    world.story().story.coverage[0].article.excerpt.clone().map(|text| text.replace(ON, ""))
}

fn feed(items: &[(&str, &str)]) -> Outcome {
    rss(FEED, &items.iter().map(|(url, title)| item(url, title, "2024-03-01T12:00:00Z")).collect::<String>())
}

#[tokio::test]
async fn pages_fill_what_seeds_lack_and_override_nothing() {
    let mut world = World::new(ALL);
    world.answer(PAGE, described("What the page says.")).seed("a.md", one()).settle().await;
    assert_eq!((world.story().title.as_str(), excerpt(&world).as_deref()), (APART[0], Some("What the page says.")));
    assert!(world.document("t/ai/atom.xml").contains("What the page says."));
    assert_eq!(world.story().updated.to_string(), START);
    assert_eq!(world.asked_for(PAGE)[0].purpose, Purpose::Article);
}

#[tokio::test]
async fn nobody_waits_for_a_page() {
    let mut world = World::new(ALL);
    world.seed("a.md", one());
    for stage in ["reload", "group", "release"] {
        while world.step(stage).await > 0 {}
    }
    assert_eq!(world.stories().len(), 1);
}

#[tokio::test]
async fn a_failed_fetch_is_a_row_in_status() {
    for (outcome, needle) in
        [(status(404), "404"), (robots(), "robots"), (slow_down(None), "slow"), (Outcome::Gone, "410")]
    {
        let mut world = World::new(ALL);
        world.answer(PAGE, outcome).seed("a.md", one()).settle().await;
        assert_eq!(world.stories().len(), 1);
        let troubles = world.status().troubles;
        assert!(troubles[0].problem.contains(needle), "{troubles:?}");
        assert_eq!((troubles[0].url.as_str(), troubles[0].next_at.is_some()), (PAGE, needle != "410"));
        world.advance("1m").settle().await;
        assert_eq!(world.asked().len(), 1, "{needle}");
    }
}

#[tokio::test]
async fn pages_are_looked_at_again_by_plan_conditionally() {
    let mut world = World::new(ALL);
    let fresh = seed(&["AI"], art("a.example/1", APART[0]).at(START), &[]);
    world
        .answer(PAGE, described("One."))
        .answer(PAGE, unchanged())
        .answer(PAGE, described("Two."))
        .answer(PAGE, unchanged());
    world.seed("a.md", fresh).settle().await;
    let check = |world: &World, requests: usize, text: &str| {
        assert_eq!((world.asked().len(), excerpt(world).as_deref()), (requests, Some(text)));
    };
    for (by, requests, text) in [
        ("59m", 1, "One."),
        ("1m", 2, "One."),
        ("4h 59m", 2, "One."),
        ("1m", 3, "Two."),
        ("17h 59m", 3, "Two."),
        ("1m", 4, "Two."),
        ("999h", 4, "Two."),
    ] {
        world.advance(by).settle().await;
        check(&world, requests, text);
    }
    assert_eq!(world.asked().join(" "), format!("{PAGE} {PAGE}? {PAGE}? {PAGE}?"));
    let hours = |asked: &Asked| (asked.at.as_second() - world.asked_for(PAGE)[0].at.as_second()) / 3600;
    assert_eq!(world.asked_for(PAGE).iter().map(hours).collect::<Vec<_>>(), [0, 1, 6, 24]);
    assert_eq!(world.story().updated.to_string(), START);
}

#[tokio::test]
async fn retry_after_is_kept() {
    let mut world = World::new(ALL);
    let until = world.clock.now() + jiff::SignedDuration::from_hours(7);
    world.answer(PAGE, slow_down(Some(until))).answer(PAGE, described("One.")).seed("a.md", one()).settle().await;
    world.advance("6h 59m").settle().await;
    assert_eq!(world.asked().len(), 1);
    world.advance("1h").settle().await;
    assert_eq!(world.asked().len(), 2);
}

#[tokio::test]
async fn a_host_that_rests_is_not_asked_for_any_page() {
    let mut world = World::new(ALL);
    let until = world.clock.now() + jiff::SignedDuration::from_hours(3);
    world.fetch.rest("a.example", until);
    world
        .answer(PAGE, slow_down(Some(until)))
        .seed(
            "a.md",
            seed(&[], art("a.example/1", APART[0]), &[art("a.example/2", APART[1]), art("b.example/1", APART[2])]),
        )
        .settle()
        .await;
    assert_eq!(world.asked(), [PAGE, "https://b.example/1"]);
    world.reopen().advance("2h").settle().await;
    assert_eq!(world.asked_for("https://a.example/2").len(), 0);
    world.advance("1h 1m").settle().await;
    assert_eq!(world.asked_for("https://a.example/2").len(), 1);
}

#[tokio::test]
async fn a_claim_survives_a_restart() {
    let mut world = World::new(ALL);
    world.answer(PAGE, described("One.")).seed("a.md", one());
    while world.step("reload").await > 0 {}
    {
        let mut step = Box::pin(world.stages.enrich.step(1));
        std::future::poll_fn(|context| {
            let _ = step.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
    }
    world.reopen().settle().await;
    assert_eq!(excerpt(&world), None);
    world.advance("10m").settle().await;
    assert_eq!(excerpt(&world).as_deref(), Some("One."));
}

#[tokio::test]
async fn a_redirect_makes_an_alias() {
    let mut world = World::new(FED);
    world.answer(FEED, feed(&[("go.example/7", APART[0])]));
    world.answer("https://go.example/7", html(PAGE, "<title>Ferry service resumes | A</title>")).settle().await;
    world.seed("a.md", one()).settle().await;
    assert_eq!(world.shape(), ["a.example/1"]);
}

#[tokio::test]
async fn a_redirect_to_the_article_of_a_seed_is_that_article() {
    let mut world = World::new(FED);
    world
        .answer(FEED, feed(&[("go.example/7", APART[0])]))
        .answer("https://go.example/7", html(PAGE, "<title>Ferry service resumes | A</title>"));
    world.answer(PAGE, status(404)).seed("a.md", one()).settle().await;
    assert_eq!(world.shape(), ["a.example/1"]);
}

#[tokio::test]
async fn consent_walls_merge_nothing() {
    let mut world = World::new(FED);
    world.answer(FEED, feed(&[("a.example/1", APART[0]), ("b.example/1", APART[1]), ("c.example/1", APART[2])]));
    for host in ["a", "b", "c"] {
        let url = format!("https://{host}.example/1");
        world.answer(&url, html("https://consent.example/wall", "<title>Before you continue to the site</title>"));
    }
    world.settle().await;
    assert_eq!(world.shape(), ["a.example/1", "b.example/1", "c.example/1"]);
    let titles: Vec<String> = world.stories().into_iter().map(|seen| seen.title).collect();
    assert!(APART[..3].iter().all(|title| titles.contains(&(*title).to_owned())), "{titles:?}");
}

#[tokio::test]
async fn the_canonical_address_of_the_publisher_is_an_alias() {
    let mut world = World::new(FED);
    world.answer(FEED, feed(&[("a.example/1?page=all", APART[0]), ("a.example/story", APART[0])]));
    let head = "<title>T</title><link rel='canonical' href='https://a.example/story'>";
    world.answer("https://a.example/1?page=all", html("https://a.example/1?page=all", head));
    world.answer("https://a.example/story", html("https://a.example/story", head)).settle().await;
    assert_eq!(world.shape(), ["a.example/story"]);
}

#[tokio::test]
async fn a_canonical_address_elsewhere_marks_a_copy() {
    let mut world = World::new(ALL);
    world.answer(
        "https://b.example/1",
        html("https://b.example/1", "<link rel='canonical' href='https://a.example/1'>"),
    );
    world.seed("a.md", seed(&["AI"], art("a.example/1", APART[0]), &[art("b.example/1", APART[1])])).settle().await;
    let story = world.story();
    let copy = story.story.coverage.iter().find(|member| member.copy_of.is_some()).unwrap();
    assert_eq!((copy.article.url.as_str(), story.story.heat.to_string().as_str()), ("https://b.example/1", "1"));
}

#[tokio::test]
async fn an_amp_address_of_a_page_is_an_alias() {
    let mut world = World::new(FED);
    world
        .answer(PAGE, html(PAGE, "<link rel='amphtml' href='https://a.example/amp/1'>"))
        .seed("a.md", one())
        .settle()
        .await;
    world.answer_now(FEED, feed(&[("a.example/amp/1", APART[0])])).advance("25h").settle().await;
    assert_eq!(world.shape(), ["a.example/1"]);
}

#[tokio::test]
async fn a_seed_that_comes_back_has_its_pages_read() {
    let mut world = World::new(ALL);
    world.answer(PAGE, described("One.")).seed("a.md", one());
    while world.step("reload").await > 0 {}
    world.remove("a.md");
    world.stages.reload.request();
    while world.step("reload").await > 0 {}
    world.settle().await;
    assert_eq!(world.asked().len(), 0);
    world.seed("a.md", one()).settle().await;
    assert_eq!(excerpt(&world).as_deref(), Some("One."));
}

#[tokio::test]
async fn whose_pages_are_read_can_be_configured() {
    let fed = |seeds: &str, sources: &str| {
        format!("enrich: {{ seeds: {seeds}, sources: {sources} }}\nsources: [{{ url: '{FEED}' }}]")
    };
    let read = |config: String| async move {
        let mut world = World::new(&config);
        world
            .answer(FEED, feed(&[("b.example/1", APART[1])]))
            .answer(PAGE, described("One."))
            .seed("a.md", one())
            .settle()
            .await;
        world.asked().into_iter().filter(|url| url != FEED).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(read(fed("none", "none")).await, "");
    assert_eq!(read(fed("all", "none")).await, PAGE);
    assert_eq!(read(fed("none", "all")).await, "https://b.example/1");
    // The feed's article is from 2024, far outside the window.
    assert_eq!(read(fed("missing", "missing")).await, "");
}

#[tokio::test]
async fn another_configuration_reads_other_pages_of_what_is_there() {
    let mut world = World::new("");
    world.answer(PAGE, described("One.")).seed("a.md", one()).settle().await;
    assert_eq!(world.asked().len(), 0);
    world.configure(ALL).settle().await;
    assert_eq!(world.asked(), [PAGE]);
    world.configure("").advance("999h").settle().await;
    assert_eq!(world.asked(), [PAGE]);
    assert_eq!(excerpt(&world).as_deref(), Some("One."));
}
