//! A bad day: 1,000 feeds on 200 hosts, many of them broken, and the wire at its most polite.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::internet::{Answer, Internet, configure, fetch};
use crate::world::process::{self, Daemon};
use crate::{Ground, PROGRAM, figure};
use std::time::Duration;

const FEEDS: usize = 1_000;

/// Everything that servers do wrong.
const FAULTS: &str = "e500=.02,e503=.02,r429=.04,gone=.01,notfound=.01,slow=.01,trunc=.01,cut=.01,redir301=.02,redir302=.02,loop=.01,\
     huge=.005,html=.01,badxml=.01,reset=.01,stall=.005";

/// Passes of `once`, each as soon as the floors allow; sources that were sent away come in between.
const PASSES: usize = 4;

/// How long the wire runs as a daemon afterwards, pages included.
const RUNS: Duration = Duration::from_secs(75);

pub fn play(ground: &Ground<'_>) {
    let arguments = [
        "--hosts",
        "200",
        "--ip-mode",
        "--latency-ms",
        "20..200",
        "--fault",
        FAULTS,
        "--robots-disallow",
        ".1",
        "--retry-after",
        "10",
        "--change",
        ".2",
        "--slow-secs",
        "8",
    ];
    let internet = Internet::start(ground.worldserver, FEEDS, &arguments);
    let feeds = internet.feeds(FEEDS);
    let healthy: BTreeSet<usize> = (0..FEEDS).filter(|number| is_healthy(&feeds[*number])).collect();
    let items: Vec<String> = internet
        .items(FEEDS)
        .iter()
        .filter(|item| item["feed"].as_u64().is_some_and(|feed| healthy.contains(&(feed as usize))))
        .filter_map(|item| item["url"].as_str().map(str::to_owned))
        .collect();
    internet.warm(&[]);
    let polite = "min_interval: 5s, min_interval_unconditional: 5s, timeout: 10s";
    configure(&ground.home, internet.port, &feeds, polite, "enrich: { seeds: none, sources: none }");
    // Nothing changes meanwhile: what a source of a resting host shows is still there when its turn comes.
    for _ in 0..PASSES {
        process::quietly(PROGRAM, &ground.home);
    }
    let missing = missing(ground, &items);
    figure("bad day: feeds without a fault", healthy.len() as f64, None);
    figure("bad day: their entries that are missing", missing as f64, Some((0.0, false)));
    counted("after four passes", &internet);
    configure(&ground.home, internet.port, &feeds, polite, "enrich: { seeds: all, sources: all }");
    internet.tick();
    let daemon = Daemon::start(PROGRAM, &ground.home);
    std::thread::park_timeout(RUNS);
    drop(daemon);
    counted("and pages for a minute", &internet);
}

fn counted(when: &str, internet: &Internet) {
    let stats = internet.stats("");
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
    figure(&format!("bad day, {when}: requests"), number(&stats["requests"]), None);
    figure("  article pages", number(&stats["kind"]["article"]), None);
    figure(
        "  requests before Retry-After was over",
        number(&stats["asked_again_before_retry_after"]),
        Some((0.0, false)),
    );
    figure("  most at once on one host", number(&stats["max_in_flight_one_host"]), Some((1.0, false)));
    figure("  pages asked that robots.txt forbids", number(&stats["robots_disallowed_fetched"]), Some((0.0, false)));
    figure("  least gap on one host, ms", number(&stats["min_gap_ms_per_host"]["min"]), Some((990.0, true)));
}

/// A feed that a reader gets whole, perhaps behind one redirect.
fn is_healthy(url: &str) -> bool {
    let whole = |answer: &Answer| {
        let is_feed = ["<rss", "<feed", "\"version\""].iter().any(|start| answer.body.contains(start));
        let closes = ["</rss>", "</feed>", "}"].iter().any(|end| answer.body.trim_end().ends_with(end));
        answer.status == 200 && is_feed && closes && !answer.head.contains("content-encoding")
    };
    let Some(answer) = fetch(url, false) else { return false };
    match answer.status {
        301 | 302 => {
            let to = answer.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
            fetch(to, false).is_some_and(|answer| whole(&answer))
        }
        _ => whole(&answer),
    }
}

fn missing(ground: &Ground<'_>, items: &[String]) -> usize {
    let store = Connection::open(ground.home.join("wire.db")).expect("the store");
    let mut find = store.prepare("SELECT url FROM articles").expect("a statement");
    let known = find.query_map([], |row| row.get::<_, String>(0)).expect("articles");
    let known: BTreeSet<String> = known.map(|url| url.expect("an address")).collect();
    let lost: Vec<&String> = items.iter().filter(|item| !known.contains(*item)).collect();
    lost.iter().take(5).for_each(|item| println!("      missing: {item}"));
    lost.len()
}
