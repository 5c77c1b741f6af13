//! `cargo bench --bench chaos -- --minutes 15`: everything goes wrong at once, and nothing may be lost.
//!
//! A daemon with a store on a small disk of its own polls an internet that fails. It is killed at random moments
//! (SIGKILL), told to reload good and broken configurations, its disk is filled to the last byte, its clock is set
//! back and forth by hours and years, and seeds are written and rewritten. All the while readers poll it and check
//! every answer. Then it is left alone but for news, to see that memory and descriptors stay flat; at last all is
//! compared: no article is lost, no id has changed, every file is whole. Prints a table; exit code 1 where a line fails.
//!
//! `--minutes N` (2), `--seed N` (else random, and printed), `--worldserver PROGRAM` (another internet than
//! `chaos/news.rs`, on a bad day), `--keep FOLDER` (leaves seeds, configuration and log behind), `--only level` (no
//! troubles, memory alone), `--samples` (prints what was measured of it), `--program FILE` (another `newswire`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::case_sensitive_file_extension_comparisons,
    dead_code,
    missing_docs,
    reason = "a bench is a program for one occasion: it stops where something is wrong"
)]

#[path = "chaos/census.rs"]
mod census;
#[path = "chaos/ground.rs"]
mod ground;
mod harness;
#[path = "poll/internet.rs"]
mod internet;
#[path = "chaos/level.rs"]
mod level;
#[path = "chaos/news.rs"]
mod news;
#[path = "chaos/reader.rs"]
mod reader;
#[path = "chaos/server.rs"]
mod server;
#[path = "chaos/troubles.rs"]
mod troubles;
#[path = "chaos/warden.rs"]
mod warden;
mod world;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ground::Ground;
use harness::{number, option};
use news::News;
use troubles::{Counts, Troubles};
use warden::Warden;
use world::invent::Dice;

/// SIGKILLs a minute: two hundred in fifteen minutes.
const KILLS_A_MINUTE: f64 = 13.4;

/// The share of the time that is for troubles; the rest is for measuring memory, and for the end.
const TROUBLED: f64 = 0.65;

/// The share of the time over which memory is measured.
const LEVEL: f64 = 0.25;

/// From so many minutes on, memory is measured over ten times the work of the warm-up, and judged.
const LONG: f64 = 10.0;

fn main() -> ExitCode {
    let disk = ground::own_disk();
    let minutes = option("--minutes").and_then(|minutes| minutes.parse::<f64>().ok()).unwrap_or(2.0);
    let seed = number("--seed").unwrap_or_else(|| RandomState::new().build_hasher().finish() % 1_000_000);
    println!("chaos for {minutes} minutes, --seed {seed}");
    let span = |share: f64| Duration::from_secs_f64(minutes * 60.0 * share);
    let is_whole = option("--only").is_none();
    let kills = (minutes * KILLS_A_MINUTE).ceil() as u64;

    let mut ground = Ground::open(disk);
    let mut news = News::open(&mut ground, option("--worldserver").as_deref());
    ground.configure(0);
    let mut warden = Warden::start(&ground);
    let readers = reader::start(&warden, seed);
    let mut troubles = Troubles::new(Dice(seed));
    if is_whole {
        troubles.play(&mut ground, &mut news, &mut warden, Instant::now() + span(TROUBLED), kills);
    }
    let level = level::measure(&mut ground, &mut news, &mut warden, span(LEVEL));
    let end = census::settle(&mut ground, &mut news, &mut warden, &mut troubles.census);
    let seen = readers.stop();
    let fates = census::resolve(&warden, &seen.stories);
    let log = ground.log();
    warden.stop();

    let Counts { kills: killed, good, broken, full, jumps, edits } = troubles.counts;
    let mut table = Table::default();
    let once = u64::from(is_whole);
    table.least("SIGKILL", killed, kills * once);
    table.least("SIGHUP with a good configuration", good, once);
    table.least("SIGHUP with a broken configuration", broken, once);
    table.least("disk full", full, once * u64::from(ground.can_fill()));
    table.least("clock set", jumps, once * u64::from(ground.can_set_clock()));
    table.told("seeds written, feeds changed", edits);
    table.least("answers that readers checked", seen.answers, 1_000);
    table.told("  of these 304", seen.unchanged);
    table.told("  told to come back, the disk full or the daemon starting", seen.later);
    table.told("  nobody there, the daemon killed", seen.unanswered);
    table.none("answers that were invalid", &seen.wrong);
    table.least("articles at the end", end.articles, 1);
    table.told("stories that readers saw", seen.stories.len() as u64);
    table.none("articles told and not there", &end.missing);
    table.none("articles there once and lost", &end.lost);
    table.none("ids and dates that changed", &end.changed);
    table.none("stories seen that lead nowhere", &fates);
    table.none("files that are not whole", &end.files);
    table.none("what the daemon should not have done", &warden.wrong);
    table.none("troubles said more than once", &troubles::said_too_often(&log));
    // A short run hardly gets beyond the warm-up, in which memory must grow.
    let (is_long, rise) = (minutes >= LONG, "memory: rise over ten times the work, MB");
    let level_rise = format!("{:.1} <= {:.1}", level.rise_mb, level.noise_mb);
    table.line(rise, &level_rise, is_long.then_some(level.rise_mb <= level.noise_mb));
    table.told("  its resident set at the end, MB", level.end_mb as u64);
    table.least("  work in multiples of the warm-up's", level.times as u64, if is_long { 10 } else { 1 });
    table.most("descriptors: rise", level.descriptors_rise, level::DESCRIPTORS);
    if table.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Prints a line a count, with its verdict.
#[derive(Default)]
struct Table {
    failed: bool,
}

impl Table {
    fn line(&mut self, what: &str, count: &str, is_well: Option<bool>) {
        let verdict = is_well.map_or("", |is_well| if is_well { "pass" } else { "FAIL" });
        println!("{what:60} {count:>12} {verdict}");
        self.failed |= is_well == Some(false);
    }

    fn told(&mut self, what: &str, count: u64) {
        self.line(what, &count.to_string(), None);
    }

    fn least(&mut self, what: &str, count: u64, least: u64) {
        self.line(what, &format!("{count} >= {least}"), Some(count >= least));
    }

    fn most(&mut self, what: &str, value: f64, most: f64) {
        self.line(what, &format!("{value:.1} <= {most:.1}"), Some(value <= most));
    }

    fn none(&mut self, what: &str, found: &[String]) {
        self.line(what, &found.len().to_string(), Some(found.is_empty()));
        for line in found.iter().take(12) {
            println!("      {line}");
        }
    }
}
