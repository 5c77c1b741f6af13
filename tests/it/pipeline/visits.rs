//! Visits: what stands in an article's place is not taken in, AMP pages are second chances, pictures are asked once for
//! their size, a site's pages teach each other, and nothing is asked before its time, restarts or not.

use newswire::model::{Image, Outcome, Purpose};

use super::*;

const ALL: &str = "enrich: { seeds: all, sources: all }";
const FED: &str = "enrich: { seeds: all, sources: all }\nsources: [{ url: 'https://feed.example/rss' }]";
/// Shorter ones are taken for no description.
const ON: &str = " So much for that, as the harbour says.";
const FEED: &str = "https://feed.example/rss";
const PAGE: &str = "https://a.example/1";
const AMP: &str = "https://a.example/amp/1";

fn fresh(url: &str, title: &str) -> Art {
    art(url, title).at(START)
}

fn one() -> String {
    seed(&["AI"], fresh("a.example/1", APART[0]), &[])
}

fn described(url: &str, text: &str) -> Outcome {
    html(url, &format!("<title>{}</title><meta name='description' content='{text}{ON}'>", APART[0]))
}

fn excerpt(world: &World) -> Option<String> {
    world.story().story.coverage[0].article.excerpt.clone().map(|text| text.replace(ON, ""))
}

fn image(world: &World) -> Option<Image> {
    world.story().story.coverage[0].article.image.clone()
}

fn pictured(picture: &str) -> Outcome {
    html(PAGE, &format!("<title>{}</title><meta property='og:image' content='{picture}'>", APART[0]))
}

/// 200 with the head of a GIF of this size.
fn gif(url: &str, width: u16, height: u16) -> Outcome {
    let mut page = super::super::support::world::fresh(url, "image/gif", "");
    page.bytes = [b"GIF89a".as_slice(), &width.to_le_bytes(), &height.to_le_bytes(), b"\0\0\0"].concat();
    Outcome::Fresh(page)
}

/// When an address was asked, in hours since the world began.
fn hours(world: &World, url: &str) -> Vec<i64> {
    let began: jiff::Timestamp = START.parse().unwrap();
    world.asked_for(url).iter().map(|asked| (asked.at.as_second() - began.as_second()) / 3600).collect()
}

async fn hourly(world: &mut World, hours: usize) {
    for _ in 0..hours {
        world.advance("1h").settle().await;
    }
}

#[tokio::test]
async fn an_old_article_is_read_once() {
    let mut world = World::new(ALL);
    world.answer(PAGE, described(PAGE, "One.")).seed("a.md", seed(&[], art("a.example/1", APART[0]), &[]));
    world.settle().await;
    hourly(&mut world, 30).await;
    assert_eq!(hours(&world, PAGE), [0]);
    assert!(world.member(PAGE)["page"]["reason"].as_str().unwrap().contains("read once"));
}

#[tokio::test]
async fn what_is_not_the_article_is_not_taken_in_and_waits_longer_each_time() {
    for (head, what) in [
        ("<title>Just a moment...</title><script>_cf_chl_opt</script>", "a bot check"),
        ("<title>Page not found</title>", "a page that says there is none"),
        ("<title>Before you continue</title>", "a consent wall"),
        ("<title>Log in</title>", "a login wall"),
    ] {
        let mut world = World::new(ALL);
        let wall = || html(PAGE, &format!("{head}<meta name='description' content='Wall'>"));
        world.answer(PAGE, wall()).seed("a.md", one()).settle().await;
        assert_eq!((world.story().title.as_str(), excerpt(&world)), (APART[0], None), "{what}");
        let trouble = world.status().troubles.remove(0);
        assert!(trouble.problem.starts_with("not the article but ") && trouble.problem.contains(what), "{trouble:?}");
        assert!(world.member(PAGE)["page"]["problem"].as_str().unwrap().contains(what));
        hourly(&mut world, 48).await;
        let asked = hours(&world, PAGE);
        assert!((3..=4).contains(&asked.len()) && asked[1] >= 5 && asked[2] - asked[1] >= 10, "{asked:?}");
        assert!(world.asked().iter().all(|url| url == PAGE), "a wall's validators are nobody's: {:?}", world.asked());
        // Once it is gone, the page is read and the plan begins.
        world.answer_now(PAGE, described(PAGE, "One."));
        hourly(&mut world, 48).await;
        assert_eq!(excerpt(&world).as_deref(), Some("One."));
        assert!(world.status().troubles.is_empty());
    }
}

#[tokio::test]
async fn a_wall_takes_nothing_back() {
    let mut world = World::new(ALL);
    world
        .answer(PAGE, described(PAGE, "One."))
        .answer(PAGE, html("https://a.example/", "<title>A: all the news</title>"));
    world.seed("a.md", one()).settle().await;
    hourly(&mut world, 2).await;
    assert_eq!(excerpt(&world).as_deref(), Some("One."));
    assert!(world.status().troubles[0].problem.contains("a front page"));
}

#[tokio::test]
async fn an_article_that_looks_like_a_wall_is_read() {
    let title = "Access denied";
    let mut world = World::new(ALL);
    world
        .answer(PAGE, html(PAGE, "<title>Access denied</title><meta name='description' content='One. So much for that, as the harbour says.'>"))
        .seed("a.md", seed(&[], fresh("a.example/1", title), &[]))
        .settle()
        .await;
    assert_eq!(excerpt(&world).as_deref(), Some("One."));
}

#[tokio::test]
async fn a_dead_page_is_not_asked_before_its_time_whatever_happens() {
    let mut world = World::new(ALL);
    world.answer(PAGE, status(404)).seed("a.md", one()).settle().await;
    for hour in 0..24 * 12 {
        world.advance("1h");
        match hour % 7 {
            0 => drop(world.reopen()),
            3 => drop(world.seed("a.md", one())),
            5 => drop(world.configure(ALL)),
            _ => {}
        }
        world.settle().await;
    }
    let asked = hours(&world, PAGE);
    assert_eq!(asked.len(), 5, "{asked:?}");
    let waits: Vec<i64> = asked.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(waits[0] >= 5 && waits.windows(2).all(|two| two[1] * 10 >= two[0] * 17), "{waits:?}");
    assert_eq!(world.status().troubles[0].next_at, None);
}

#[tokio::test]
async fn the_amp_page_is_asked_when_the_page_cannot_be_had() {
    for refusal in [status(403), status(404), html(PAGE, "<title>Page not found</title>")] {
        let mut world = World::new(ALL);
        world.answer(PAGE, refusal).answer(AMP, described(AMP, "From AMP."));
        let art = fresh("a.example/1", APART[0]).with("ampWebUrl", AMP);
        world.seed("a.md", seed(&[], art, &[])).settle().await;
        assert_eq!(world.asked(), [PAGE]);
        assert!(world.member(PAGE)["page"]["reason"].as_str().unwrap().contains("AMP"));
        assert_eq!(world.status().troubles[0].second.as_deref(), Some(AMP));
        world.advance("1m").settle().await;
        assert_eq!(world.asked(), [PAGE, AMP]);
        assert_eq!(excerpt(&world).as_deref(), Some("From AMP."));
        assert_eq!(world.member(PAGE)["page"]["second"], AMP);
        assert_eq!(world.shape(), ["a.example/1"]);
        // From now on the plan asks where there was an answer.
        hourly(&mut world, 30).await;
        assert_eq!(world.asked()[2..].to_vec(), vec![format!("{AMP}?"); 3]);
        assert!(world.status().troubles.is_empty());
    }
}

#[tokio::test]
async fn an_amp_page_that_fails_too_is_not_asked_again() {
    let mut world = World::new(ALL);
    world.answer(PAGE, status(404)).answer(AMP, status(404));
    let art = fresh("a.example/1", APART[0]).with("ampWebUrl", AMP);
    world.seed("a.md", seed(&[], art, &[])).settle().await;
    hourly(&mut world, 24 * 12).await;
    assert_eq!((world.asked_for(PAGE).len(), world.asked_for(AMP).len()), (4, 1));
}

#[tokio::test]
async fn a_page_s_own_amp_address_is_kept_for_a_bad_day() {
    let mut world = World::new(ALL);
    world
        .answer(PAGE, html(PAGE, &format!("<title>{}</title><link rel='amphtml' href='{AMP}'>", APART[0])))
        .answer(PAGE, status(403))
        .answer(AMP, described(AMP, "From AMP."));
    world.seed("a.md", one()).settle().await;
    world.advance("1h").settle().await;
    world.advance("1m").settle().await;
    assert_eq!(excerpt(&world).as_deref(), Some("From AMP."));
}

#[tokio::test]
async fn a_picture_without_a_size_is_asked_once() {
    const PICTURE: &str = "https://img.example/ferry.gif";
    let mut world = World::new(ALL);
    world.answer(PAGE, pictured(PICTURE)).answer(PICTURE, gif(PICTURE, 1200, 630)).seed("a.md", one()).settle().await;
    let size = |world: &World| image(world).map(|image| (image.width, image.height));
    assert_eq!(size(&world), Some((Some(1200), Some(630))));
    assert_eq!(world.asked_for(PICTURE)[0].purpose, Purpose::Image);
    hourly(&mut world, 30).await;
    world.reopen().settle().await;
    assert_eq!((world.asked_for(PAGE).len(), world.asked_for(PICTURE).len()), (4, 1));
    assert_eq!(size(&world), Some((Some(1200), Some(630))));
    assert_eq!(world.member(PAGE)["page"]["picture"], "1200 × 630 pixels, as its first bytes say");
}

#[tokio::test]
async fn a_picture_that_many_show_is_asked_once() {
    const PICTURE: &str = "https://img.example/ferry.gif";
    let mut world = World::new(ALL);
    let two = "https://a.example/2";
    world.answer(PAGE, pictured(PICTURE)).answer(PICTURE, gif(PICTURE, 640, 480));
    world.answer(two, html(two, &format!("<title>{}</title><meta property='og:image' content='{PICTURE}'>", APART[1])));
    world.seed("a.md", seed(&[], fresh("a.example/1", APART[0]), &[fresh("a.example/2", APART[1])])).settle().await;
    assert_eq!(world.asked_for(PICTURE).len(), 1);
    let story = world.story().story;
    assert!(story.coverage.iter().all(|member| member.article.image.as_ref().unwrap().width == Some(640)));
}

#[tokio::test]
async fn pictures_that_are_none_are_not_shown() {
    const PICTURE: &str = "https://img.example/ferry.gif";
    for (answer, shown) in [
        (gif(PICTURE, 1, 1), false),
        (status(404), false),
        (html(PICTURE, "<title>Sorry</title>"), false),
        (status(403), true),
        (robots(), true),
    ] {
        let mut world = World::new(ALL);
        world.answer(PAGE, pictured(PICTURE)).answer(PICTURE, answer.clone()).seed("a.md", one()).settle().await;
        hourly(&mut world, 30).await;
        assert_eq!(image(&world).is_some(), shown, "{answer:?}");
        assert_eq!(world.asked_for(PICTURE).len(), 1);
    }
    // Those that say by their address what they are, are not even asked.
    let mut world = World::new(ALL);
    world.answer(PAGE, pictured("https://a.example/site-logo.png")).seed("a.md", one()).settle().await;
    assert_eq!((image(&world), world.asked()), (None, vec![PAGE.to_owned()]));
}

#[tokio::test]
async fn a_size_that_is_stated_is_not_asked_for() {
    let mut world = World::new(ALL);
    let head = "<meta property='og:image' content='https://a.example/f.jpg'><meta property='og:image:width' content='900'>\
                <meta property='og:image:height' content='600'>";
    world.answer(PAGE, html(PAGE, &format!("<title>{}</title>{head}", APART[0]))).seed("a.md", one()).settle().await;
    assert_eq!(world.asked(), [PAGE]);
    // What a seed shows is shown, whatever comes of asking for its size.
    let picture = serde_json::json!([{ "url": "https://a.example/g.jpg" }]);
    let mut world = World::new(ALL);
    world.answer(PAGE, described(PAGE, "One.")).answer("https://a.example/g.jpg", status(404));
    world.seed("a.md", seed(&[], fresh("a.example/1", APART[0]).with("images", picture), &[])).settle().await;
    assert_eq!(image(&world).unwrap().url, "https://a.example/g.jpg");
}

#[tokio::test]
async fn the_pages_of_a_site_teach_each_other_over_restarts() {
    let mut world = World::new(FED);
    let items = |from: usize, to: usize| {
        let item = |n: usize| item(&format!("a.example/{n}"), &format!("Report {n} of the harbour"), START);
        rss(FEED, &(from..to).map(item).collect::<String>())
    };
    let dated = |n: usize, date: &str| {
        let url = format!("https://a.example/{n}");
        let head = format!(
            "<title>Report {n} of the harbour | Nachtwache</title><meta property='og:title' content='Report {n} of the harbour'>\
             <meta property='article:modified_time' content='{date}'>"
        );
        (url.clone(), html(&url, &head))
    };
    for n in 0..3 {
        let (url, page) = dated(n, "2026-01-10T10:00:00-05:00");
        world.answer(&url, page);
    }
    let (url, page) = dated(9, "2026-01-10T11:30:00");
    world.answer(&url, page).answer(FEED, items(0, 3)).answer(FEED, items(9, 10)).settle().await;
    world.reopen().advance("25h").settle().await;
    let modified = world.home.wire.store.read(|view| {
        let article = newswire::pipeline::intake::known(
            view,
            &newswire::model::Entry { url: url.clone(), ..Default::default() },
        )?;
        Ok(view.page(article.unwrap())?.unwrap().metadata.unwrap().modified.unwrap())
    });
    let modified = modified.unwrap();
    assert_eq!(modified.from, "site:zone");
    assert_eq!(serde_json::to_value(modified.value).unwrap(), "2026-01-10T11:30:00-05:00");
    let told = world.member(&url)["page"]["site"].to_string();
    assert!(told.contains("-05") && told.contains("Nachtwache"), "{told}");
}

#[tokio::test]
async fn a_seed_goes_before_the_page_and_the_page_before_the_feed() {
    let mut world = World::new(FED);
    let head = "<title>What the page calls it: ferry service resumes</title><meta name='description' content='By the page. So much for that, as the harbour says.'>\
                <meta name='author' content='Ann Lee'>";
    world.answer(FEED, rss(FEED, &item("a.example/1", "What the feed calls it: ferry service", START)));
    world.answer(PAGE, html(PAGE, head)).settle().await;
    let seen = world.story().story.coverage.remove(0).article;
    assert_eq!(
        (seen.title.as_str(), seen.excerpt.as_deref()),
        ("What the page calls it: ferry service resumes", Some("By the page. So much for that, as the harbour says."))
    );
    world.seed("a.md", one()).settle().await;
    let seen = world.story().story.coverage.remove(0).article;
    assert_eq!((seen.title.as_str(), seen.authors), (APART[0], vec!["Ann Lee".to_owned()]));
}
