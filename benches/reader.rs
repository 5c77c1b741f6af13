//! `cargo bench --bench reader`: how fast feeds are read, beside feed-rs and beside the limit.
//!
//! Reads the XML files of 4 kB and more of a folder (`--corpus DIR`), or feeds that it invents, in several rounds by
//! turns, and prints megabytes a CPU-second. The figure that counts is the ratio within one run: the machine's speed
//! moves with its neighbours. `--rounds N` sets the rounds, `--only WHAT` runs one reader alone (for a profiler),
//! `--slowest N` lists the files that cost most a byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench is a program for one occasion: it stops where something is wrong"
)]

mod harness;
#[path = "reader/invent.rs"]
mod invent;

use std::fs;
use std::hint::black_box;
use std::path::Path;

use feed_rs::parser;
use newswire::feed;

use harness::{cpu_s, option};

const BASE: &str = "http://example.com/base/feed.xml";

/// What is shorter is a test of a corner, not a feed.
const LEAST_BYTES: usize = 4_096;

/// CPU-seconds a reader gets in one round: shorter ones are noise.
const ROUND_S: f64 = 0.4;

type Reader = (&'static str, fn(&[u8]));

const READERS: &[Reader] = &[
    ("feed-rs", |bytes| {
        let parser = parser::Builder::new().base_uri(Some(BASE)).sanitize_content(false).build();
        let _ = black_box(parser.parse(bytes));
    }),
    ("feed-rs, plain timestamps", |bytes| {
        let parser =
            parser::Builder::new().base_uri(Some(BASE)).sanitize_content(false).timestamp_parser(timestamp).build();
        let _ = black_box(parser.parse(bytes));
    }),
    ("newswire, complete", |bytes| {
        black_box(feed::read(bytes, None, BASE));
    }),
    ("quick-xml, tokens alone", tokens),
    ("UTF-8 validation alone", |bytes| {
        black_box(std::str::from_utf8(bytes).is_ok());
    }),
];

fn main() {
    let files = match option("--corpus") {
        Some(folder) => corpus(Path::new(&folder)),
        None => invent::feeds(200),
    };
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    println!("{} files, {:.1} MB", files.len(), bytes as f64 / 1e6);
    if let Some(count) = option("--slowest") {
        return slowest(&files, count.parse().expect("a number"));
    }
    let rounds = option("--rounds").and_then(|text| text.parse().ok()).unwrap_or(7);
    let only = option("--only");
    let readers: Vec<&Reader> =
        READERS.iter().filter(|(name, _)| only.as_deref().is_none_or(|only| name.starts_with(only))).collect();
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); readers.len()];
    for _ in 0..rounds {
        for ((_, read), rates) in readers.iter().zip(&mut rates) {
            rates.push(rate(&files, bytes, *read));
        }
    }
    let medians: Vec<f64> = rates.iter_mut().map(|rates| median(rates)).collect();
    println!("{:28} {:>9} {:>9} {:>9} {:>11}", "MB a CPU-second", "median", "least", "most", "to the first");
    for (((name, _), rates), middle) in readers.iter().zip(&rates).zip(&medians) {
        let (least, most) = (rates[0], rates[rates.len() - 1]);
        println!("{name:28} {middle:9.1} {least:9.1} {most:9.1} {:10.2}x", middle / medians[0]);
    }
}

/// Megabytes a CPU-second over all files, as often as a round has room for.
fn rate(files: &[(String, Vec<u8>)], bytes: usize, read: fn(&[u8])) -> f64 {
    let started = cpu_s();
    let mut passes = 0;
    loop {
        for (_, bytes) in files {
            quietly(|| read(bytes));
        }
        passes += 1;
        let spent = cpu_s() - started;
        if spent > ROUND_S {
            return bytes as f64 * f64::from(passes) / 1e6 / spent;
        }
    }
}

fn slowest(files: &[(String, Vec<u8>)], count: usize) {
    let mut costs: Vec<(f64, &str, usize, usize)> = files
        .iter()
        .map(|(name, bytes)| {
            let started = cpu_s();
            let mut passes = 0;
            while cpu_s() - started < 0.01 {
                black_box(feed::read(bytes, None, BASE));
                passes += 1;
            }
            let each = (cpu_s() - started) / f64::from(passes);
            (bytes.len() as f64 / each / 1e6, name.as_str(), bytes.len(), feed::read(bytes, None, BASE).entries.len())
        })
        .collect();
    costs.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (rate, name, bytes, entries) in costs.iter().take(count) {
        println!("{rate:8.1} MB/s {:8.1} us {bytes:8} bytes {entries:5} entries  {name}", *bytes as f64 / rate);
    }
}

/// feed-rs panics on some feeds; that costs it time, and must not end the comparison.
fn quietly(work: impl FnOnce()) {
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
}

fn tokens(bytes: &[u8]) {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    reader.config_mut().check_end_names = false;
    while let Ok(event) = reader.read_event() {
        if matches!(black_box(event), quick_xml::events::Event::Eof) {
            break;
        }
    }
}

fn timestamp(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let time = chrono::DateTime::parse_from_rfc2822(text).or_else(|_| chrono::DateTime::parse_from_rfc3339(text));
    time.ok().map(|time| time.to_utc())
}

/// The XML files below `folder`, in order of their names.
fn corpus(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(folder).expect("a folder").map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files.extend(corpus(&path));
        } else {
            let bytes = fs::read(&path).expect("a file");
            let head = &bytes[..bytes.len().min(1_024)];
            let is_xml = head.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{')
                && path.extension().is_none_or(|ending| ending != "tsv" && ending != "json");
            if bytes.len() >= LEAST_BYTES && is_xml {
                files.push((path.display().to_string(), bytes));
            }
        }
    }
    files
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
