//! `cargo bench --bench poll -- --worldserver PROGRAM`: what polling ten thousand feeds costs, and whether it is polite.
//!
//! PROGRAM plays the internet: it serves `--feeds N` invented feeds under `--port P`, changes them on `POST /__tick`,
//! misbehaves as told by `--fault`, and counts what it was asked under `/__stats`. The bench starts it anew for each
//! part: `costs`, `grouped` (the same with grouping on), `bad-day`, `latency`, `kill`. `--part NAME` plays one,
//! `--feeds N` sets the size, `--keep FOLDER` leaves configurations and stores behind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    dead_code,
    missing_docs,
    reason = "a bench is a program for one occasion: it stops where something is wrong"
)]

#[path = "poll/bad_day.rs"]
mod bad_day;
#[path = "poll/costs.rs"]
mod costs;
mod harness;
#[path = "poll/internet.rs"]
mod internet;
#[path = "poll/kill.rs"]
mod kill;
#[path = "poll/latency.rs"]
mod latency;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use harness::option;

const PROGRAM: &str = env!("CARGO_BIN_EXE_newswire");

/// What each part is given.
pub struct Ground<'a> {
    /// The program that plays the internet.
    pub worldserver: &'a Path,
    /// A folder of its own.
    pub home: PathBuf,
    pub feeds: usize,
}

type Part = fn(&Ground<'_>);

const PARTS: &[(&str, Part)] = &[
    ("costs", costs::without_grouping),
    ("grouped", costs::with_grouping),
    ("bad-day", bad_day::play),
    ("latency", latency::play),
    ("kill", kill::play),
];

fn main() -> ExitCode {
    let Some(worldserver) = option("--worldserver").map(PathBuf::from) else {
        eprintln!("this bench needs the program that plays the internet: --worldserver PROGRAM");
        return ExitCode::FAILURE;
    };
    let feeds = option("--feeds").and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let root = option("--keep").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let only = option("--part");
    println!("{:58} {:>9} {:>9}", format!("{feeds} feeds"), "figure", "mark");
    for (name, play) in PARTS.iter().filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name)) {
        let home = root.join(name);
        std::fs::create_dir_all(home.join("seeds")).expect("a folder");
        play(&Ground { worldserver: &worldserver, home, feeds });
    }
    ExitCode::SUCCESS
}

/// A figure and its mark: `true` where more is better.
pub fn figure(what: &str, value: f64, mark: Option<(f64, bool)>) {
    match mark {
        None => println!("{what:58} {value:9.2}"),
        Some((mark, more)) => {
            let holds = if more { value >= mark } else { value <= mark };
            let sign = if more { ">=" } else { "<=" };
            println!("{what:58} {value:9.2} {sign:>4} {mark} {}", if holds { "pass" } else { "FAIL" });
        }
    }
}
