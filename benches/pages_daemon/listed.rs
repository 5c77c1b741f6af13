//! 2,000 article pages of the program that plays the internet, listed by seeds and by feeds.

use std::path::Path;
use std::time::{Duration, Instant};

use newswire::model::Field;
use serde_json::json;

use crate::field::{self, Seen};
use crate::internet::{Internet, configure};
use crate::world::process::Daemon;
use crate::{PROGRAM, count, seed};

/// Feeds of 20 to 50 items: more than enough articles.
const FEEDS: usize = 70;

const ARTICLES: usize = 2_000;

/// No gaps for this bench alone, and the linker off: what is measured is what becomes of pages.
const FETCH: &str = "gap: 0s, per_host: 16, concurrency: 64, robots: false";
const MORE: &str = "enrich: { seeds: all, sources: all }\ngrouping: { window: 0s }";

pub fn play(program: &Path, home: &Path) -> bool {
    let internet = Internet::start(program, FEEDS, &["--cache"]);
    let items = internet.items(FEEDS);
    // Seeds list every third article, under a title of their own; every other one of these has an excerpt, too.
    let seeded: Vec<&serde_json::Value> = items.iter().step_by(3).collect();
    for (number, item) in seeded.iter().enumerate() {
        let mut keys = json!({
            "title": format!("Seeded: {}", item["title"].as_str().expect("a title")),
            "webUrl": item["url"],
            "publishedDateTime": item["published"],
            "type": "article",
            "topics": ["Bench"],
        });
        if number % 2 == 0 {
            keys["excerpt"] = json!(format!("Excerpt {number} of a seed."));
        }
        seed(home, &number.to_string(), &keys);
    }
    configure(home, internet.port, &internet.feeds(FEEDS), FETCH, MORE);
    let started = Instant::now();
    let daemon = Daemon::start(PROGRAM, home);
    let read =
        field::wait(home, "SELECT count(*) FROM pages WHERE metadata IS NOT NULL", items.len(), Duration::from_mins(4));
    let pictures = "SELECT count(*) FROM pictures WHERE width IS NOT NULL OR problem IS NOT NULL";
    field::wait(home, pictures, ARTICLES, Duration::from_mins(1));
    let stats = internet.stats("");
    drop(daemon);
    println!("world: {read} pages read in {:.0} s", started.elapsed().as_secs_f64());
    let is_page = |path: &serde_json::Value| path[0].as_str().is_some_and(|name| name.contains("/a/"));
    let twice = stats["paths"].as_array().map_or(0, |paths| paths.iter().filter(|path| is_page(path)).count());
    println!("world: {} requests, {} of them for pages", stats["requests"], stats["kind"]["article"]);
    count("world: pages asked more than once", twice, 0) & judged(home, read, items.len())
}

fn judged(home: &Path, read: usize, listed: usize) -> bool {
    let seen = field::articles(home);
    let (by_seed, by_feed): (Vec<&Seen>, Vec<&Seen>) =
        seen.values().partition(|seen| seen.source(Field::Title) == "seed");
    let states = |seen: &&&Seen| seen.article.excerpt.as_deref().is_some_and(|text| text.ends_with("of a seed."));
    let with_excerpt = by_seed.iter().filter(states).count();
    let from = |list: &[&Seen], field: Field, who: &str| list.iter().filter(|seen| seen.source(field) == who).count();
    let mut is_kept = count("world: articles listed by seeds and feeds, pages read", read.max(ARTICLES), listed);
    is_kept &= count("  titles of seeds on articles that seeds list", by_seed.len(), listed.div_ceil(3));
    is_kept &= count("  excerpts of seeds where they have one", from(&by_seed, Field::Excerpt, "seed"), with_excerpt);
    is_kept &= count("  else those of pages", from(&by_seed, Field::Excerpt, "page"), by_seed.len() - with_excerpt);
    for field in [Field::Title, Field::Excerpt, Field::Authors, Field::Publisher] {
        let from_page = from(&by_feed, field, "page");
        is_kept &= count(&format!("  {field:?} of pages on articles that only feeds list"), from_page, by_feed.len());
    }
    for field in [Field::Authors, Field::Category] {
        is_kept &= count(
            &format!("  {field:?} of pages where seeds state none"),
            from(&by_seed, field, "page"),
            by_seed.len(),
        );
    }
    // The pictures that world pages name are not there: asked once each, and not shown.
    let pictured = seen.values().filter(|seen| seen.source(Field::Image) == "page").count();
    is_kept &= count("  pictures that are not there, shown", pictured, 0);
    // World pages have no tags: there the feeds speak.
    let tagged: Vec<&Seen> = by_feed.iter().copied().filter(|seen| !seen.article.tags.is_empty()).collect();
    is_kept & count("  tags of feeds, where pages state none", from(&tagged, Field::Tags, "feed"), tagged.len())
}
