//! `cargo bench --bench backup -- --megabytes 1024`: what readers notice of a backup.
//!
//! A daemon serves while its store, filled up to the size asked for, is copied by `newswire backup`. Readers ask in an
//! open loop, first without and then during backups; a seed is dropped in the midst of one, and must be served soon.
//! Then the copy is restored. Prints the figures against the marks; exit code 1 where one fails.

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
mod world;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::{figure, number};
use rusqlite::{Connection, params};
use world::invent::{Document, Shape};
use world::process::{Daemon, free_port, get, newswire};

const PROGRAM: &str = env!("CARGO_BIN_EXE_newswire");

/// Seeds of the store, before it is filled up.
const SEEDS: u64 = 1_000;

/// Bytes of a row that only fills.
const BALLAST: usize = 100 << 10;

/// Requests a second, by so many readers.
const RATE: u64 = 200;
const READERS: u64 = 4;

/// How long readers are measured without a backup.
const QUIET: Duration = Duration::from_secs(15);

/// The p99 that readers may see during a backup, in milliseconds: the mark of a 304 under load.
const P99_MS: f64 = 50.0;

/// A seed that is dropped during a backup is served within so many seconds.
const SEED_S: f64 = 5.0;

fn main() -> ExitCode {
    let megabytes = number("--megabytes").unwrap_or(1_024);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = folder.path();
    let public = prepare(home, megabytes);
    let mut daemon = Daemon::start(PROGRAM, home);
    while get(public, "/all/feed.json", "").is_none() {
        thread::park_timeout(Duration::from_millis(50));
    }
    let quiet = measured(public, || thread::park_timeout(QUIET));
    let mut backup_s = 0.0;
    let mut seed_s = f64::INFINITY;
    let during = measured(public, || {
        let started = Instant::now();
        let mut child = newswire(PROGRAM, home, "backup").arg("copy.db").spawn().expect("the program starts");
        write_seed(home, SEEDS);
        let title = Document::invent(SEEDS, shape()).articles[0].title.clone();
        while child.try_wait().expect("a child").is_none() || seed_s.is_infinite() {
            thread::park_timeout(Duration::from_millis(20));
            let is_served = get(public, "/all/feed.json", "").is_some_and(|(body, _)| body.contains(&title));
            if is_served && seed_s.is_infinite() {
                seed_s = started.elapsed().as_secs_f64();
            }
            if started.elapsed() > Duration::from_mins(5) {
                break;
            }
        }
        assert!(child.wait().expect("a child").success(), "`newswire backup` failed");
        backup_s = started.elapsed().as_secs_f64();
    });
    daemon.kill();
    let copy = fs::metadata(home.join("copy.db")).map_or(0, |file| file.len());
    let started = Instant::now();
    let restored = newswire(PROGRAM, home, "restore").arg("copy.db").status();
    let is_restored = restored.is_ok_and(|status| status.success());

    figure("the copy, MB", copy as f64 / 1e6, None);
    figure("the backup, s (copied, read through, on the disk)", backup_s, None);
    figure("the restore, s", started.elapsed().as_secs_f64(), None);
    let marks = [
        ("p50 without a backup, ms", percentile(&quiet, 50), None),
        ("p99 without a backup, ms", percentile(&quiet, 99), None),
        ("p50 during the backup, ms", percentile(&during, 50), None),
        ("p99 during the backup, ms", percentile(&during, 99), Some(P99_MS)),
        ("requests without an answer", during.iter().filter(|ms| ms.is_infinite()).count() as f64, Some(0.0)),
        ("a seed dropped during the backup is served after, s", seed_s, Some(SEED_S)),
        ("the restore failed", f64::from(u8::from(!is_restored)), Some(0.0)),
    ];
    for (what, value, mark) in marks {
        figure(what, value, mark);
    }
    let is_well = marks.iter().all(|(_, value, mark)| mark.is_none_or(|mark| *value <= mark));
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn shape() -> Shape {
    Shape { related: 8, days: 2 * SEEDS, publishers: 200, seeds: SEEDS + 1 }
}

/// A store of that size; gives the address of the daemon to come.
fn prepare(home: &Path, megabytes: u64) -> SocketAddr {
    let (port, admin) = (free_port(), free_port());
    let config = format!(
        "site: {{ title: Backup, base_url: http://127.0.0.1:{port}/, contact: bench@wire.example }}\n\
         server: {{ listen: \"127.0.0.1:{port}\", admin: \"127.0.0.1:{admin}\" }}\nenrich: {{ seeds: none }}\n"
    );
    fs::write(home.join("newswire.yaml"), config).expect("a configuration");
    fs::create_dir(home.join("seeds")).expect("a folder");
    (0..SEEDS).for_each(|number| write_seed(home, number));
    world::process::once(PROGRAM, home);
    let path = home.join("newswire.db");
    let store = Connection::open(&path).expect("the store");
    let bytes = || fs::metadata(&path).map_or(0, |file| file.len());
    let ballast = (megabytes << 20).saturating_sub(bytes()) as usize / BALLAST;
    store.execute_batch("PRAGMA journal_mode = wal; BEGIN").expect("a transaction");
    for row in 0..ballast {
        // No two pages alike, as in a store of articles.
        let mut text = blake3::Hasher::new().update(&row.to_le_bytes()).finalize().to_hex().to_string();
        text = text.repeat(BALLAST / text.len());
        store.execute("INSERT INTO meta VALUES (?1, ?2)", params![format!("ballast {row}"), text]).expect("a row");
    }
    store.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)").expect("a commit");
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn write_seed(home: &Path, number: u64) {
    let draft = home.join("draft");
    fs::write(&draft, Document::invent(number, shape()).text()).expect("a draft");
    fs::rename(draft, home.join(format!("seeds/{number:05}.md"))).expect("the draft moves into place");
}

/// Milliseconds that each answer took while `work` ran, from when it was due: who waits in line is not spared.
fn measured(public: SocketAddr, work: impl FnOnce()) -> Vec<f64> {
    let (stop, times) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for reader in 0..READERS {
            let (stop, times) = (&stop, &times);
            scope.spawn(move || {
                let began = Instant::now();
                let mut etag = String::new();
                for turn in 0.. {
                    let due = began + Duration::from_micros((turn * READERS + reader) * 1_000_000 / RATE);
                    while let Some(early) = due.checked_duration_since(Instant::now()) {
                        thread::park_timeout(early);
                    }
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    // Every tenth reader has nothing yet.
                    let held = if turn % 10 == 0 { "" } else { etag.as_str() };
                    let answer = get(public, "/all/rss.xml", held);
                    let took = due.elapsed().as_secs_f64() * 1e3;
                    let is_missing = held.is_empty() && answer.is_none();
                    times.lock().expect("nobody panics").push(if is_missing { f64::INFINITY } else { took });
                    etag = answer.map_or(etag, |(_, etag)| etag);
                }
            });
        }
        work();
        stop.store(true, Ordering::SeqCst);
    });
    times.into_inner().expect("nobody panics")
}

fn percentile(times: &[f64], percent: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
