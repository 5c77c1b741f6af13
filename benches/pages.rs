//! `cargo bench --bench pages -- --pages FOLDER`: what a page's metadata costs, beside another reader.
//!
//! FOLDER holds `gold.jsonl`, a page a line with `id`, `url` and `file` (a path below FOLDER). In several rounds by
//! turns all pages are read whole, read as the daemon does (judged as they come, and read to where the judge stops),
//! and read by `dom_smoothie` (its metadata alone), which is the fastest other reader in Rust; then come how much of a
//! page is read, the memory over it, and which source won each field. `--rounds N` sets the rounds, `--only NAME`
//! reads in one way alone (for a profiler), `--predictions FOLDER` writes what was found, for a scorer: `whole.jsonl`
//! and `stopped.jsonl`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench is a program for one occasion: it stops where something is wrong"
)]

#[path = "pages/found.rs"]
mod found;
mod harness;
#[path = "pages/memory.rs"]
mod memory;

use std::fs;
use std::hint::black_box;
use std::path::Path;

use dom_smoothie::Readability;
use jiff::Timestamp;
use newswire::extract::{self, Pass};
use newswire::model::Site;
use serde_json::Value;

use harness::{cpu_s, option};

/// Bytes of a page that counts as large.
const LARGE: usize = 100_000;

/// The marks: pages a CPU-second of the large ones read whole, the median of what is read of a page, and memory.
const LEAST_RATE: f64 = 1_000.0;
const MOST_READ: f64 = 0.40;
const MOST_MEMORY: u64 = 8 * 1024 * 1024;

/// A page of the folder.
pub struct Page {
    pub id: String,
    pub url: String,
    pub bytes: Vec<u8>,
}

type Way = (&'static str, fn(&Page));

const WAYS: &[Way] = &[
    ("dom_smoothie, metadata", |page| {
        let text = String::from_utf8_lossy(&page.bytes);
        let Ok(reader) = Readability::new(text.as_ref(), None, None) else { return };
        black_box(reader.get_article_metadata(reader.parse_json_ld()));
    }),
    ("newswire, whole", |page| {
        black_box(extract::read(&page.bytes, None, &page.url, Timestamp::MAX));
    }),
    ("newswire, stopped", |page| {
        let mut pass = Pass::new(&page.url);
        let part = extract::needed(&page.bytes, &mut pass);
        black_box(pass.read(part, None, &Site::default(), Timestamp::MAX));
    }),
];

fn main() {
    let folder = option("--pages").expect("--pages FOLDER");
    let pages = pages(Path::new(&folder));
    if let Some(only) = option("--memory-of") {
        return memory::child(&pages, &only);
    }
    let large: Vec<&Page> = pages.iter().filter(|page| page.bytes.len() >= LARGE).collect();
    let all: Vec<&Page> = pages.iter().collect();
    let mut is_kept = rates(&format!("all {} pages", all.len()), &all) > 0.0;
    is_kept &= mark(
        "pages a CPU-second",
        rates(&format!("{} pages of {LARGE} bytes and more", large.len()), &large),
        LEAST_RATE,
    );
    is_kept &= shares(&all);
    is_kept &= memory::peaks(&folder, MOST_MEMORY);
    found::print(&pages);
    if let Some(folder) = option("--predictions") {
        found::write(&pages, Path::new(&folder));
    }
    if !is_kept {
        std::process::exit(1);
    }
}

/// Prints pages a CPU-second of each way; returns that of pages read whole.
fn rates(name: &str, pages: &[&Page]) -> f64 {
    let bytes: usize = pages.iter().map(|page| page.bytes.len()).sum();
    println!("\n{name}, {:.1} MB", bytes as f64 / 1e6);
    let rounds: usize = option("--rounds").map_or(5, |text| text.parse().expect("a number"));
    let only = option("--only");
    let ways: Vec<&Way> =
        WAYS.iter().filter(|(name, _)| only.as_deref().is_none_or(|only| name.contains(only))).collect();
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for ((_, read), rates) in ways.iter().zip(&mut rates) {
            let started = cpu_s();
            for page in pages {
                read(page);
            }
            rates.push(pages.len() as f64 / (cpu_s() - started));
        }
    }
    println!("{:26} {:>9} {:>9} {:>9}", "pages a CPU-second", "median", "least", "most");
    let mut of_whole = 0.0;
    for ((name, _), rates) in ways.iter().zip(&mut rates) {
        rates.sort_by(f64::total_cmp);
        let middle = rates[rates.len() / 2];
        println!("{name:26} {middle:9.0} {:9.0} {:9.0}", rates[0], rates[rates.len() - 1]);
        if name.ends_with("whole") {
            of_whole = middle;
        }
    }
    of_whole
}

/// Prints how much of the pages is read; `false` when the median is above its mark.
fn shares(pages: &[&Page]) -> bool {
    let ends: Vec<(usize, usize)> = pages
        .iter()
        .map(|page| (extract::needed(&page.bytes, &mut Pass::new(&page.url)).len(), page.bytes.len()))
        .collect();
    let mut shares: Vec<f64> = ends.iter().map(|(end, all)| *end as f64 / (*all).max(1) as f64).collect();
    shares.sort_by(f64::total_cmp);
    let at = |percent: usize| shares[(shares.len() - 1) * percent / 100];
    println!(
        "\nshare of a page that is read: 10th {:.1} %, 25th {:.1} %, median {:.1} %, 75th {:.1} %, 90th {:.1} %",
        at(10) * 100.0,
        at(25) * 100.0,
        at(50) * 100.0,
        at(75) * 100.0,
        at(90) * 100.0
    );
    let (read, all) = ends.iter().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    println!("of all bytes {:.1} %", read as f64 * 100.0 / all.max(1) as f64);
    mark("share of a page not read", 1.0 - at(50), 1.0 - MOST_READ)
}

/// Says whether a figure reaches its mark.
fn mark(what: &str, figure: f64, least: f64) -> bool {
    let is_kept = figure >= least;
    println!("{}: {what} {figure:.2}, mark {least:.2}", if is_kept { "pass" } else { "FAIL" });
    is_kept
}

fn pages(folder: &Path) -> Vec<Page> {
    let listed = fs::read_to_string(folder.join("gold.jsonl")).expect("gold.jsonl in the folder");
    let page = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        Page { id: text("id"), url: text("url"), bytes: fs::read(folder.join(text("file"))).expect("a page") }
    };
    listed.lines().filter(|line| !line.trim().is_empty()).map(page).collect()
}
