//! How fast the linker is: `cargo bench --bench cluster -- [--sets FOLDER] [--articles 10000,100000,1000000] [--beside PROGRAM]`.
//!
//! Invents a stream of articles (of the texts of the sets in FOLDER, or of made-up words), streams it in the daemon's
//! steps, and prints articles a CPU-second (profiles and grouping), the peak of memory so far, and how well the invented
//! stories were found. Smaller streams come first, so that the peak of each is its own. PROGRAM is run after each with a
//! file of the same stream, a JSON object a line (`title`, `published`, `story`), and its size; what it prints stands below.

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

mod harness;
#[path = "cluster/invent.rs"]
mod invent;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use newswire::cluster::measure::agreement;
use newswire::cluster::open::{Arrival, Rules};
use newswire::cluster::stream::Stream;
use newswire::similarity::Profile;

use harness::{cpu_s, option};

/// What a step of the daemon takes at most.
const STEP: usize = 2048;

fn main() {
    let sizes = option("--articles").unwrap_or_else(|| "10000,100000".to_owned());
    let texts = invent::texts(option("--sets").as_deref().map(Path::new));
    for size in sizes.split(',').filter_map(|size| size.parse::<usize>().ok()) {
        run(&texts, size);
        if let Some(program) = option("--beside") {
            run_beside(&texts, size, &program);
        }
    }
}

/// Another program on the same stream.
fn run_beside(texts: &[invent::Text], size: usize, program: &str) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let mut invented = invent::Stream::new(texts);
    for (article, story) in (0..size).map(|_| invented.next_article()) {
        let published = article.published.as_second();
        let line = serde_json::json!({ "title": article.title, "published": published, "story": story });
        writeln!(file, "{line}").expect("written");
    }
    let mut words = program.split_whitespace();
    let mut command = Command::new(words.next().expect("a program"));
    let ended = command.args(words).arg(file.path()).arg(size.to_string()).status();
    assert!(ended.expect("it runs").success(), "{program} failed");
}

fn run(texts: &[invent::Text], size: usize) {
    let mut stream = Stream::new(Rules::default());
    let mut gold = Vec::with_capacity(size);
    let mut seconds = 0.0;
    let mut invented = invent::Stream::new(texts);
    let mut left = size;
    while left > 0 {
        let step: Vec<_> = (0..left.min(STEP)).map(|_| invented.next_article()).collect();
        left -= step.len();
        gold.extend(step.iter().map(|(article, story)| (article.id, *story)));
        let before = cpu_s();
        let arrivals = step.iter().map(|(article, _)| Arrival::of(Profile::of(article))).collect();
        stream.step(arrivals, &[]);
        seconds += cpu_s() - before;
    }
    let mut ids = BTreeMap::new();
    let labels: Vec<(usize, usize)> = gold
        .iter()
        .map(|(id, story)| {
            let count = ids.len();
            (*story, *ids.entry(stream.story_of(*id)).or_insert(count))
        })
        .collect();
    let found = agreement(&labels);
    println!(
        "{size} articles: {:.0} a CPU-second, {:.1} µs each, peak {} MB, {} stories, B-cubed {:.1}, pairwise {:.1}",
        size as f64 / seconds,
        seconds / size as f64 * 1e6,
        peak_kb() / 1024,
        stream.stories(),
        found.bcubed.f1() * 100.0,
        found.pairwise.f1() * 100.0,
    );
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or_default()
}
