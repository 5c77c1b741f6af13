//! `cargo bench --bench fuzz -- feed --inputs 10000000 --corpus FOLDER`: readers of foreign bytes, fed with broken ones.
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
#[path = "fuzz/targets.rs"]
mod targets;
#[path = "fuzz/worker.rs"]
mod worker;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mutate::Stock;
use targets::{TARGETS, Target};

use harness::option;

/// What the command line says.
pub struct Plan {
    pub target: &'static Target,
    pub corpus: Option<PathBuf>,
    pub seed: u64,
    pub inputs: u64,
    pub seconds: u64,
    pub jobs: u64,
    /// Where finds are written.
    pub finds: PathBuf,
}

fn main() -> ExitCode {
    let Some(target) = std::env::args().skip(1).find_map(|word| TARGETS.iter().find(|target| target.name == word))
    else {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!(
            "usage: cargo bench --bench fuzz -- TARGET [--inputs N] [--seconds N] [--corpus FOLDER] [--seed N] [--jobs N] [--finds FOLDER]"
        );
        eprintln!("       cargo bench --bench fuzz -- TARGET --one FILE");
        eprintln!("targets: {}", names.join(" "));
        return ExitCode::from(2);
    };
    if let Some(file) = option("--one") {
        return worker::one(target, &fs::read(file).expect("the file"));
    }
    let number = |name| option(name).map(|text| text.parse::<u64>().expect("a number"));
    let plan = Plan {
        target,
        corpus: option("--corpus").map(PathBuf::from),
        seed: number("--seed").unwrap_or(1),
        inputs: number("--inputs").unwrap_or(if number("--seconds").is_some() { u64::MAX } else { 100_000 }),
        seconds: number("--seconds").unwrap_or(u64::MAX),
        jobs: number("--jobs").unwrap_or(2).max(1),
        finds: option("--finds").map_or_else(|| std::env::temp_dir().join("newswire-fuzz"), PathBuf::from),
    };
    let corpus = corpus(&plan);
    let stock = Stock { corpus: &corpus, dictionary: target.dictionary, bombs: target.bombs };
    match number("--worker") {
        Some(first) => worker::work(&plan, &stock, first, number("--from")),
        None => parent::run(&plan, &stock),
    }
}

/// The files of the folder, by path, and what the target invents.
fn corpus(plan: &Plan) -> Vec<Vec<u8>> {
    let mut corpus = (plan.target.seeds)();
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
