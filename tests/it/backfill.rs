//! RFC 5005: the past of a new source is read slowly, once, and no further than is of use.

#![cfg(test)]

use newswire::model::{Outcome, Purpose, Validators};

use super::support::world::*;

const FEED: &str = "https://feed.example/atom";
const SOURCES: &str = "sources: [{ url: 'https://feed.example/atom' }]";

/// An archive page or the feed itself: it links to `past` by `rel`, and has an entry for each of `entries`, which are
/// a path and a time.
fn page(rel: &str, past: Option<&str>, entries: &[(&str, &str)]) -> String {
    let link = past.map(|past| format!("<link rel='{rel}' href='{past}'/>")).unwrap_or_default();
    let entry = |(path, at): &(&str, &str)| {
        format!(
            "<entry><title>Story of {path}</title><id>urn:{path}</id><link href='https://a.example/{path}'/>\
             <updated>{at}</updated></entry>"
        )
    };
    let entries = entries.iter().map(entry).collect::<Vec<_>>().concat();
    format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><id>urn:f</id><updated>2026-01-01T00:00:00Z</updated>\
         {link}{entries}</feed>"
    )
}

fn atom(url: &str, body: &str) -> Outcome {
    Outcome::Fresh(fresh(url, "application/atom+xml", body))
}

fn archive(number: usize) -> String {
    format!("https://feed.example/archive/{number}")
}

/// A world whose feed has `pages` archive pages, the first of which is number 1; each entry is ten days older.
fn world(pages: usize) -> World {
    let mut world = World::new(SOURCES);
    let past = |number: usize| (number <= pages).then(|| archive(number));
    world.answer(FEED, atom(FEED, &page("prev-archive", past(1).as_deref(), &[("0", "2026-01-09T00:00:00Z")])));
    for number in 1..=pages {
        let at = format!("2025-{:02}-01T00:00:00Z", 13 - number.min(12));
        let body = page("prev-archive", past(number + 1).as_deref(), &[(&number.to_string(), &at)]);
        world.answer(&archive(number), atom(&archive(number), &body));
    }
    world
}

fn archives_asked(world: &World) -> Vec<String> {
    world.asked().into_iter().filter(|asked| asked.contains("/archive/")).collect()
}

/// Row S31 of the card: archives are read only for back-fill, slowly, once.
pub async fn row_s31() {
    let mut world = world(3);
    world.settle().await;
    assert_eq!(world.asked(), [FEED], "adding a source costs one request");
    for read in 1..=3 {
        world.advance("59m").settle().await;
        assert_eq!(archives_asked(&world).len(), read - 1, "not before an hour");
        world.advance("31m").settle().await;
        let expect: Vec<String> = (1..=read).map(archive).collect();
        assert_eq!(archives_asked(&world), expect, "one at a time, oldest last");
        if read == 2 {
            world.reopen();
        }
    }
    assert_eq!(world.stories().len(), 4);
    world.reopen().advance("240h").settle().await;
    assert_eq!(archives_asked(&world).len(), 3, "never again");
    assert!(world.asked_for(&archive(1)).iter().all(|asked| asked.validators == Validators::default()));
    let told = world.explain(FEED);
    assert_eq!(told["past"], "3 pages read, 3 entries, finished (there is no more)");
}

#[tokio::test]
async fn the_past_of_a_new_source_is_read_slowly_and_once() {
    row_s31().await;
}

#[tokio::test]
async fn at_most_ten_pages_are_read() {
    let mut world = world(14);
    world.settle().await;
    for _ in 0..20 {
        world.advance("90m").settle().await;
    }
    assert_eq!(archives_asked(&world).len(), 10);
    assert!(world.explain(FEED)["past"].as_str().unwrap().ends_with("(enough of it)"));
}

#[tokio::test]
async fn what_is_too_old_ends_it() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, atom(FEED, &page("prev-archive", Some("archive/1"), &[("0", "2026-01-09T00:00:00Z")])));
    let old = page("prev-archive", Some("2"), &[("1", "2019-01-01T00:00:00Z")]);
    world.answer(&archive(1), atom(&archive(1), &old)).settle().await;
    world.advance("2h").settle().await;
    world.advance("2h").settle().await;
    assert_eq!(archives_asked(&world), [archive(1)]);
    assert_eq!(world.stories().len(), 1);
    assert_eq!(world.explain(FEED)["past"], "1 pages read, 0 entries, finished (what is left is too old to be of use)");
}

#[tokio::test]
async fn a_paged_feed_is_followed_and_a_circle_is_not() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, atom(FEED, &page("next", Some("?page=2"), &[("0", "2026-01-09T00:00:00Z")])));
    let second = format!("{FEED}?page=2");
    let body = page("next", Some(FEED), &[("1", "2025-12-09T00:00:00Z")]);
    world.answer(&second, atom(&second, &body)).settle().await;
    world.advance("2h").settle().await;
    world.advance("2h").settle().await;
    assert_eq!(world.asked_for(&second).len(), 1);
    assert_eq!(world.stories().len(), 2);
    assert!(world.explain(FEED)["past"].as_str().unwrap().ends_with("(it goes in a circle)"));
}

#[tokio::test]
async fn what_is_known_wins_over_the_past() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, atom(FEED, &page("prev-archive", Some("archive/1"), &[("0", "2026-01-09T00:00:00Z")])));
    let body = page("prev-archive", None, &[("0", "2026-01-08T00:00:00Z")]).replace("Story of", "Old title of");
    world.answer(&archive(1), atom(&archive(1), &body)).settle().await;
    world.advance("2h").settle().await;
    assert_eq!(archives_asked(&world), [archive(1)]);
    assert_eq!(world.story().title, "Story of 0");
}

#[tokio::test]
async fn a_page_that_fails_is_tried_thrice_and_one_that_is_not_there_once() {
    for (outcome, tries) in
        [(status(500), 3), (status(404), 1), (Outcome::Gone, 1), (robots(), 1), (slow_down(None), 3)]
    {
        let mut world = World::new(SOURCES);
        world.answer(FEED, atom(FEED, &page("prev-archive", Some("archive/1"), &[("0", "2026-01-09T00:00:00Z")])));
        world.answer(&archive(1), outcome.clone()).settle().await;
        for _ in 0..40 {
            world.advance("6h").settle().await;
        }
        assert_eq!(archives_asked(&world).len(), tries, "{outcome:?}");
        assert!(world.explain(FEED)["past"].as_str().unwrap().contains("finished"));
    }
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let mut world = world(1);
    let until = world.clock.now() + jiff::SignedDuration::from_hours(100);
    world.answer_now(&archive(1), slow_down(Some(until))).settle().await;
    world.advance("2h").settle().await;
    world.advance("97h").settle().await;
    assert_eq!(archives_asked(&world).len(), 1);
    world.advance("2h").settle().await;
    assert_eq!(archives_asked(&world).len(), 2);
}

#[tokio::test]
async fn a_source_that_was_read_before_has_no_past() {
    let mut world = World::new(SOURCES);
    world.answer(FEED, atom(FEED, &page("", None, &[("0", "2026-01-09T00:00:00Z")])));
    world.answer(FEED, atom(FEED, &page("prev-archive", Some("archive/1"), &[("0", "2026-01-09T00:00:00Z")])));
    world.settle().await;
    for _ in 0..4 {
        world.advance("2h").settle().await;
    }
    assert_eq!(archives_asked(&world), [""; 0]);
    assert!(world.explain(FEED)["past"].is_null());
}

#[tokio::test]
async fn an_unlisted_source_is_left_alone() {
    let mut world = world(3);
    world.settle().await;
    world.configure("").advance("5h").settle().await;
    assert_eq!(archives_asked(&world), [""; 0]);
}

#[tokio::test]
async fn a_page_whose_answer_is_never_settled_is_given_up() {
    let mut world = world(3);
    world.settle().await;
    for _ in 0..6 {
        world.advance("2h");
        // Killed while the request is in flight: the claim is committed, and no answer ever comes.
        tokio::select! {
            biased;
            _ = world.stages.backfill.step(1) => {}
            () = std::future::ready(()) => {}
        }
        world.reopen();
    }
    world.advance("240h").settle().await;
    assert_eq!(archives_asked(&world), [""; 0]);
    assert_eq!(
        world.explain(FEED)["past"],
        "0 pages read, 0 entries, finished (given up: its answer could never be settled)"
    );
}

#[tokio::test]
async fn the_past_of_a_feed_that_a_page_led_to_is_governed_by_robots() {
    let home = "https://feed.example/";
    let mut world = World::new("sources: [{ url: 'https://feed.example/' }]");
    let link = format!("<link rel='alternate' type='application/atom+xml' href='{FEED}'>");
    world.answer(home, html(home, &link));
    world.answer(FEED, atom(FEED, &page("prev-archive", Some("archive/1"), &[("0", "2026-01-09T00:00:00Z")])));
    let body = page("prev-archive", None, &[("1", "2025-12-08T00:00:00Z")]);
    world.answer(&archive(1), atom(&archive(1), &body)).settle().await;
    world.advance("2h").settle().await;
    let asked = world.asked_for(&archive(1));
    assert_eq!(asked.iter().map(|asked| asked.purpose).collect::<Vec<_>>(), [Purpose::Discovery]);
    assert_eq!(world.stories().len(), 2);
}
