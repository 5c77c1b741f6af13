//! `cargo bench --bench kills -- --kills 200`: what SIGKILL at any moment leaves behind.
//!
//! See `kills/rounds.rs` for what is played and compared; `tests/it/kill.rs` plays the same a few times in every test
//! run. `--kills N` and `--seed N` choose how often and which moments, `--keep FOLDER` leaves the stores behind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    missing_docs,
    reason = "a bench is a program for one occasion: it stops where something is wrong"
)]

mod harness;
#[path = "kills/rounds.rs"]
mod rounds;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use rounds::Plan;

use harness::{number, option};

/// Kills in one world: about as many as fit before its wire has nothing left to do.
const A_WORLD: u64 = 8;

/// Seeds in one world.
const SEEDS: u64 = 60;

fn main() -> ExitCode {
    let (kills, seed) = (number("--kills").unwrap_or(200), number("--seed").unwrap_or(1));
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let root = option("--keep").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    println!(
        "world kills survived articles stories files requests repeats most robots  load fetch group release  seconds  wrong"
    );
    let (mut done, mut wrong) = (0, 0);
    for world in 0..kills.div_ceil(A_WORLD) {
        let home = root.join(world.to_string());
        std::fs::create_dir_all(&home).expect("a folder");
        let started = Instant::now();
        let count = A_WORLD.min(kills - done);
        let plan = Plan { number: seed * 1000 + world, kills: count, seeds: SEEDS, related: 8 };
        let report = rounds::play(env!("CARGO_BIN_EXE_newswire"), &home, plan);
        let [articles, stories, files] = report.compared;
        let [load, fetch, group, release] = report.struck;
        println!(
            "{world:5} {:5} {:8} {articles:8} {stories:7} {files:5} {:8} {:7} {:4} {:6}  {load:4} {fetch:5} {group:5} {release:7}  {:7.1}  {}",
            report.kills,
            report.survived,
            report.requests,
            report.repeats,
            report.most,
            report.robots,
            started.elapsed().as_secs_f64(),
            report.wrong.len(),
        );
        for line in report.wrong.iter().take(12) {
            println!("      {line}");
        }
        done += count;
        wrong += report.wrong.len();
    }
    println!("{done} kills, {wrong} wrong");
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
