//! What a first poll and an unchanged one cost, release included, with all manners switched off.

use crate::internet::{Internet, configure};
use crate::world::process::{self, Cost};
use crate::{Ground, PROGRAM, figure};

/// For this bench alone: no floors, no gaps, many at a time to one host.
const RUDE: &str =
    "min_interval: 0s, min_interval_unconditional: 0s, gap: 0s, per_host: 64, concurrency: 64, robots: false";

pub fn without_grouping(ground: &Ground<'_>) {
    let marks = Marks { first: Some(2_000.0), again: Some(11_000.0), peak: Some(64.0) };
    costs(ground, "0s", "", marks);
}

/// Most feeds of the part with grouping: what the linker costs grows with what its window holds, and is measured by a
/// bench of its own.
const GROUPED: usize = 1_000;

pub fn with_grouping(ground: &Ground<'_>) {
    let ground = &Ground { feeds: ground.feeds.min(GROUPED), home: ground.home.clone(), ..*ground };
    costs(ground, "72h", " of at most 1,000 feeds, grouping on", Marks { first: None, again: None, peak: None });
}

#[derive(Clone, Copy)]
struct Marks {
    first: Option<f64>,
    again: Option<f64>,
    peak: Option<f64>,
}

fn costs(ground: &Ground<'_>, window: &str, how: &str, marks: Marks) {
    let hosts = (ground.feeds / 5).max(1).to_string();
    let arguments = ["--validators", "all", "--cache", "--hosts", &hosts];
    let internet = Internet::start(ground.worldserver, ground.feeds, &arguments);
    let feeds = internet.feeds(ground.feeds);
    internet.warm(&feeds);
    let more = format!("enrich: {{ seeds: none, sources: none }}\ngrouping: {{ window: {window} }}");
    configure(&ground.home, internet.port, &feeds, RUDE, &more);
    let first = process::forced(PROGRAM, &ground.home);
    let asked = internet.stats("");
    assert_eq!(asked["requests"], feeds.len(), "each feed is asked once");
    told(&format!("first poll{how}"), feeds.len(), first, marks.first, marks.peak);
    let again = process::forced(PROGRAM, &ground.home);
    let asked = internet.stats("");
    assert_eq!(asked["not_modified"], feeds.len(), "each feed is asked conditionally the second time");
    told(&format!("unchanged poll{how}"), feeds.len(), again, marks.again, marks.peak);
}

fn told(what: &str, feeds: usize, cost: Cost, mark: Option<f64>, peak: Option<f64>) {
    figure(&format!("{what}: CPU-seconds"), cost.cpu_s, None);
    figure(&format!("{what}: feeds a CPU-second"), feeds as f64 / cost.cpu_s, mark.map(|mark| (mark, true)));
    figure(&format!("{what}: peak memory, MB"), cost.peak_mb, peak.map(|mark| (mark, false)));
}
