//! `cargo bench --bench fuzz -- feed --inputs 10000000 --corpus FOLDER`: readers of foreign bytes, fed with broken ones.
//! `cargo bench --bench fuzz -- all --cpu 600`: every reader in turn, ten CPU-minutes each.
//!
//! Two child processes make inputs (`fuzz/mutate.rs`), read them with a target (`fuzz/targets.rs`) and report; the
//! parent survives what kills a child (a stack overflow, an abort, a hang) and finds the input by its number. A find is a
//! panic, a promise not kept, more CPU than 50 ms and 50 or 100 ms a MB, more memory than ten times the input, or a dead child.
//! It is written to a folder, told with the command that repeats it, and the exit code is 1.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::unnecessary_wraps,
    missing_docs,
    reason = "a bench is a program for one occasion: it stops where something is wrong"
)]

mod harness;
#[path = "fuzz/mutate.rs"]
mod mutate;
#[path = "fuzz/parent.rs"]
mod parent;
#[path = "fuzz/promises.rs"]
mod promises;
#[path = "fuzz/targets.rs"]
mod targets;
#[path = "fuzz/words.rs"]
mod words;
#[path = "fuzz/worker.rs"]
mod worker;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mutate::Stock;
use targets::{ALARM, TARGETS, Target};

use harness::option;

/// What the command line says.
pub struct Plan {
    pub target: &'static Target,
    pub corpus: Option<PathBuf>,
    pub seed: u64,
    pub inputs: u64,
    /// On the clock.
    pub seconds: u64,
    /// CPU-seconds of the children together.
    pub cpu: f64,
    pub jobs: u64,
    /// Where finds are written.
    pub finds: PathBuf,
}

impl Plan {
    fn of(target: &'static Target) -> Self {
        let number = |name| option(name).map(|text| text.parse::<u64>().expect("a number"));
        let cpu = option("--cpu").map(|text| text.parse::<f64>().expect("CPU-seconds"));
        let is_bounded = cpu.is_some() || number("--seconds").is_some();
        Self {
            target,
            corpus: option("--corpus").map(PathBuf::from),
            seed: number("--seed").unwrap_or(1),
            inputs: number("--inputs").unwrap_or(if is_bounded { u64::MAX } else { 100_000 }),
            seconds: number("--seconds").unwrap_or(u64::MAX),
            cpu: cpu.unwrap_or(f64::INFINITY),
            jobs: number("--jobs").unwrap_or(2).max(1),
            finds: option("--finds").map_or_else(|| std::env::temp_dir().join("newswire-fuzz"), PathBuf::from),
        }
    }
}

fn main() -> ExitCode {
    let named = named();
    let Some(first) = named.first() else {
        eprintln!(
            "usage: cargo bench --bench fuzz -- TARGET…|all [--cpu SECONDS] [--seconds N] [--inputs N] [--corpus FOLDER] [--seed N] [--jobs N] [--finds FOLDER]"
        );
        eprintln!("       cargo bench --bench fuzz -- TARGET --one FILE");
        for target in TARGETS {
            eprintln!("  {:9} {}", target.name, target.promise);
        }
        return ExitCode::from(2);
    };
    if let Some(file) = option("--one") {
        return worker::one(first, &fs::read(file).expect("the file"));
    }
    if let Some(batch) = option("--worker") {
        let plan = Plan::of(first);
        let from = option("--from").map(|from| from.parse().expect("a number"));
        let corpus = corpus(&plan);
        return worker::work(&plan, &stock(&plan, &corpus), batch.parse().expect("a number"), from);
    }
    let mut lines = Vec::new();
    for target in &named {
        let plan = Plan::of(target);
        let corpus = corpus(&plan);
        lines.push(parent::run(&plan, &stock(&plan, &corpus)));
    }
    parent::summary(&lines)
}

/// The targets that the command line names.
fn named() -> Vec<&'static Target> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let is_named = |target: &&Target| words.iter().any(|word| word == target.name);
    let is_all = |target: &&Target| words.iter().any(|word| word == "all") && target.name != ALARM.name;
    TARGETS.iter().chain([&ALARM]).filter(|target| is_named(target) || is_all(target)).collect()
}

fn stock<'a>(plan: &Plan, corpus: &'a [Vec<u8>]) -> Stock<'a> {
    Stock { corpus, dictionary: plan.target.stock.dictionary, bombs: plan.target.stock.bombs }
}

/// The files of the folder, by path, and what the target invents.
fn corpus(plan: &Plan) -> Vec<Vec<u8>> {
    let mut corpus = (plan.target.stock.seeds)();
    let mut paths = Vec::new();
    if let Some(folder) = &plan.corpus {
        files(folder, &mut paths);
        assert!(!paths.is_empty(), "no files in {}", folder.display());
    }
    paths.sort();
    corpus.extend(paths.iter().map(|path| fs::read(path).expect("a file of the corpus")));
    corpus
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the corpus").map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}
