//! Killed and restarted in the middle of a poll: only what was in flight is asked again, and that after its floor.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use crate::internet::{Internet, configure};
use crate::world::process::{self, newswire};
use crate::{Ground, PROGRAM, figure};

/// The floor between two polls.
const FLOOR: Duration = Duration::from_mins(1);

const CONCURRENCY: usize = 64;

pub fn play(ground: &Ground<'_>) {
    let arguments = ["--validators", "all", "--cache"];
    let internet = Internet::start(ground.worldserver, ground.feeds, &arguments);
    let feeds = internet.feeds(ground.feeds);
    internet.warm(&feeds);
    let fetch = format!("min_interval: {}s, gap: 0s, per_host: 64, concurrency: {CONCURRENCY}", FLOOR.as_secs());
    let more = "enrich: { seeds: none, sources: none }\ngrouping: { window: 0s }";
    configure(&ground.home, internet.port, &feeds, &fetch, more);
    let mut child = newswire(PROGRAM, &ground.home, "once").spawn().expect("the program starts");
    while requests(&internet) < ground.feeds / 2 {
        thread::park_timeout(Duration::from_millis(5));
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("an end");
    let killed = Instant::now();
    let before = requests(&internet);
    process::once(PROGRAM, &ground.home);
    let counts = asked(&internet);
    figure("kill: feeds asked before SIGKILL", before as f64, None);
    figure("kill: feeds asked after the restart", (requests(&internet) - before) as f64, None);
    let twice = counts.values().filter(|count| **count > 1).count();
    figure("kill: feeds asked again within their floor", twice as f64, Some((0.0, false)));
    let open = ground.feeds - settled(ground);
    figure("kill: requests that were in flight", open as f64, Some((CONCURRENCY as f64, false)));
    let last = Instant::now();
    // Spread makes a floor of a minute a little longer.
    while last.elapsed() < FLOOR + FLOOR / 10 + Duration::from_secs(1) {
        thread::park_timeout(Duration::from_millis(200));
    }
    process::once(PROGRAM, &ground.home);
    let stats = internet.stats("");
    let number = |key: &str| stats[key].as_u64().unwrap_or(0) as usize;
    let unconditional = number("requests") - number("conditional_requests");
    figure(
        "kill: unconditional requests beyond the first of each feed",
        (unconditional - ground.feeds) as f64,
        Some((open as f64, false)),
    );
    figure("kill: feeds answered at the end", settled(ground) as f64, Some((ground.feeds as f64, true)));
    figure("kill: seconds from the kill to the end (noisy)", killed.elapsed().as_secs_f64(), None);
}

fn requests(internet: &Internet) -> usize {
    internet.stats("")["requests"].as_u64().unwrap_or(0) as usize
}

fn asked(internet: &Internet) -> BTreeMap<String, u64> {
    let stats = internet.stats("?paths=1");
    let paths = stats["paths"].as_array().cloned().unwrap_or_default();
    let pair = |pair: &serde_json::Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_u64()?));
    paths.iter().filter_map(pair).collect()
}

/// Sources that have answered.
fn settled(ground: &Ground<'_>) -> usize {
    let store = rusqlite::Connection::open(ground.home.join("wire.db")).expect("the store");
    let sql = "SELECT count(*) FROM sources WHERE poll ->> 'answered_at' IS NOT NULL";
    store.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count") as usize
}
