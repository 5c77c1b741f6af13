//! `cargo bench --bench load`: what a large stock of seeds costs, against the marks it has to meet.
//!
//! Writes invented seeds into a temporary folder and runs the real program on them: a first `once`, a second with
//! nothing changed, then `run`, in which one seed at a time changes until the change is in the served feed.
//! `--seeds N` sets the size, `--keep FOLDER` leaves everything behind in FOLDER for a closer look.

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
mod world;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use world::invent::{Document, Shape};
use world::process::{self, Cost, Daemon};

use harness::{figure, option};

const PROGRAM: &str = env!("CARGO_BIN_EXE_newswire");

/// Changes of one seed that are timed.
const CHANGES: u64 = 9;

/// A change that is not served after this long never will be.
const PATIENCE: Duration = Duration::from_secs(20);

/// Folders that the seeds are spread over: editors do not keep ten thousand files in one.
const FOLDERS: u64 = 50;

fn main() {
    let seeds = option("--seeds").and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let kept = option("--keep").map(PathBuf::from);
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let root = kept.as_deref().unwrap_or(temporary.path());
    let year = Shape { related: 8, days: 365, publishers: 800, seeds };
    println!("{:58} {:>9} {:>9}", format!("{seeds} seeds"), "figure", "mark");
    let home = world_in(&root.join("year"), year, "null");
    first(&home, process::once(PROGRAM, &home));
    let again = process::once(PROGRAM, &home);
    figure("once again, nothing changed: CPU-seconds", again.cpu_s, Some(0.5));
    figure("once again: peak memory, MB", again.peak_mb, Some(300.0));
    latency(&home, year);
    let home = world_in(&root.join("files"), year, "public");
    costs("first once, with output.dir", process::once(PROGRAM, &home), None);
    figure("once again, with output.dir: CPU-seconds", process::once(PROGRAM, &home).cpu_s, None);
    let home = world_in(&root.join("dense"), Shape { days: 3, ..year }, "null");
    costs("first once, all within three days", process::once(PROGRAM, &home), None);
}

/// Changes a seed and waits until readers see it, again and again.
fn latency(home: &Path, shape: Shape) {
    let address = SocketAddr::from(([127, 0, 0, 1], port_of(home)));
    let started = Instant::now();
    let daemon = Daemon::start(PROGRAM, home);
    until(started, || process::get(address, "/all/atom.xml", "\"\""));
    figure("run: from start to the first feed served, s", started.elapsed().as_secs_f64(), None);
    let number = shape.seeds - 1;
    let mut seed = Document::invent(number, shape);
    // At the top of every feed that shows it.
    seed.heat = 1_000_000.0;
    let newcomer = |change: u64, marker: &str| {
        let mut seed = Document::invent(number + 1 + change, shape);
        marker.clone_into(&mut seed.articles[0].title);
        seed.heat = 2_000_000.0 + change as f64;
        place(address, home, &file_of(home, number + 1 + change), &seed, marker)
    };
    // This one waits until the daemon has put the window of the last 100,000 articles together.
    figure("run: from the first new seed after a start to the feed, s", newcomer(CHANGES, "The first marker"), None);
    waits("run: from a seed's change to the served feed, s", |change, marker| {
        marker.clone_into(&mut seed.articles[0].title);
        seed.heat += change as f64;
        place(address, home, &file_of(home, number), &seed, marker)
    });
    waits("run: from a new seed to the served feed, s", newcomer);
    figure("run: peak memory, MB", daemon.peak_mb(), Some(300.0));
}

fn waits(what: &str, mut change: impl FnMut(u64, &str) -> f64) {
    let mut waits: Vec<f64> =
        (0..CHANGES).map(|number| change(number, &format!("Marker {} of {number}", what.len()))).collect();
    waits.sort_by(f64::total_cmp);
    figure(&format!("{what}: least"), waits[0], None);
    figure("  median", waits[waits.len() / 2], None);
    figure("  most", waits[waits.len() - 1], Some(1.0));
}

/// Moves the seed into place; says after how many seconds `marker` is in the feed.
fn place(address: SocketAddr, home: &Path, file: &Path, seed: &Document, marker: &str) -> f64 {
    let draft = home.join("draft");
    fs::write(&draft, seed.text()).expect("a draft");
    let etag = process::get(address, "/all/atom.xml", "\"\"").map_or_else(String::new, |(_, etag)| etag);
    let moved = Instant::now();
    fs::rename(&draft, file).expect("the draft moves into place");
    until(moved, || process::get(address, "/all/atom.xml", &etag).filter(|(body, _)| body.contains(marker)));
    moved.elapsed().as_secs_f64()
}

fn until<T>(since: Instant, mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(since.elapsed() < PATIENCE, "waited for more than {PATIENCE:?}");
        std::thread::park_timeout(Duration::from_millis(3));
    }
}

fn world_in(home: &Path, shape: Shape, output: &str) -> PathBuf {
    for number in 0..shape.seeds {
        let file = file_of(home, number);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, Document::invent(number, shape).text()).expect("a seed");
    }
    let (port, admin) = (process::free_port(), process::free_port());
    let config = format!(
        "site: {{ title: Bench, base_url: http://127.0.0.1:{port}/, contact: bench@wire.example }}\n\
         server: {{ listen: \"127.0.0.1:{port}\", admin: \"127.0.0.1:{admin}\" }}\n\
         output: {{ dir: {output} }}\nenrich: {{ seeds: none, sources: none }}\n"
    );
    fs::write(home.join("newswire.yaml"), config).expect("a configuration");
    fs::write(home.join("port"), port.to_string()).expect("a note");
    home.to_owned()
}

fn file_of(home: &Path, number: u64) -> PathBuf {
    home.join(format!("seeds/{:02}/{number:05}.md", number % FOLDERS))
}

fn port_of(home: &Path) -> u16 {
    fs::read_to_string(home.join("port")).ok().and_then(|port| port.parse().ok()).unwrap_or(0)
}

fn first(home: &Path, cost: Cost) {
    costs("first once", cost, Some((20.0, 300.0)));
    let store = rusqlite::Connection::open(home.join("newswire.db")).expect("the store opens");
    let count = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or(0) as f64;
    figure("articles", count("SELECT count(*) FROM articles WHERE live"), None);
    figure("stories", count("SELECT count(*) FROM stories WHERE state = 'live'"), None);
}

fn costs(what: &str, cost: Cost, marks: Option<(f64, f64)>) {
    figure(&format!("{what}: CPU-seconds"), cost.cpu_s, marks.map(|marks| marks.0));
    figure(&format!("{what}: peak memory, MB"), cost.peak_mb, marks.map(|marks| marks.1));
    figure(&format!("{what}: wall seconds (noisy)"), cost.wall_s, None);
}
