//! `cargo bench --bench crowd -- --worldserver PROGRAM`: readers on a busy wire.
//!
//! PROGRAM plays the internet, as for `poll`. While the daemon polls `--feeds N` (10,000) sources, each every two
//! minutes, readers ask `--rate N` (500) times a second for 20 topics in 3 formats, with and without validators. The
//! loop is open: a request is sent when its time has come whatever became of those before, and its latency counts from
//! that time. Then the same once more while 1,000 connections idle and 200 drip. `--seconds N` (120) is the length of
//! each part, `--keep FOLDER` leaves configuration, store and log behind.

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
#[path = "poll/internet.rs"]
mod internet;
#[path = "crowd/loiterers.rs"]
mod loiterers;
#[path = "crowd/readers.rs"]
mod readers;
mod world;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use harness::{figure, number, option};
use internet::{Internet, configure};
use readers::{Answers, Asking};
use world::process::{self, Daemon};

const PROGRAM: &str = env!("CARGO_BIN_EXE_newswire");

const TOPICS: usize = 20;

/// Between two polls of a source.
const INTERVAL: u32 = 120;

/// Descriptors that the unit gives the daemon; this program needs as many.
const DESCRIPTORS: &str = "16384";

/// Between two looks at the daemon's numbers, and between two changes of the world.
const LOOK: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_secs(10);

/// What does not start in this time never will.
const PATIENCE: Duration = Duration::from_mins(5);

fn main() -> ExitCode {
    let Some(worldserver) = option("--worldserver").map(PathBuf::from) else {
        eprintln!("this bench needs the program that plays the internet: --worldserver PROGRAM");
        return ExitCode::FAILURE;
    };
    if !has_descriptors() {
        return again_with_descriptors();
    }
    let (feeds, rate) = (number("--feeds").unwrap_or(10_000), number("--rate").unwrap_or(500));
    let seconds = number("--seconds").unwrap_or(u64::from(INTERVAL));
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let home = option("--keep").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    fs::create_dir_all(home.join("seeds")).expect("a folder");
    println!("{:62} {:>9} {:>9}", format!("{feeds} feeds, {rate} requests a second"), "figure", "mark");
    let internet = prepare(&worldserver, &home, feeds as usize);
    let address = |name: &str| {
        let port = fs::read_to_string(home.join(name)).expect("a port").parse().expect("a number");
        SocketAddr::from(([127, 0, 0, 1], port))
    };
    let stage = Stage { public: address("port"), admin: address("admin"), internet, rate };
    spread(&home, seconds);
    let daemon = Daemon::start(PROGRAM, &home);
    stage.await_start();
    stage.unchanged(&daemon);
    stage.part("busy", &daemon, seconds);
    let loiterers = loiterers::gather(stage.public);
    spread(&home, seconds);
    stage.part("busy, 1,000 idle and 200 dripping", &daemon, seconds);
    drop(loiterers);
    figure("peak memory of the daemon, MB", daemon.peak_mb(), None);
    ExitCode::SUCCESS
}

/// Whether this process may hold enough connections.
fn has_descriptors() -> bool {
    let limits = fs::read_to_string("/proc/self/limits").expect("Linux");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    line.split_whitespace().nth(3).and_then(|soft| soft.parse().ok()).is_none_or(|soft: u64| soft >= 8192)
}

/// The same program, allowed more.
fn again_with_descriptors() -> ExitCode {
    let own = std::env::current_exe().expect("a path");
    let line = format!("ulimit -n {DESCRIPTORS} && exec \"$0\" \"$@\"");
    let status = Command::new("sh").args(["-c", &line]).arg(own).args(std::env::args_os().skip(1)).status();
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A wire that has read every feed once, whose polls are due one after another.
fn prepare(worldserver: &Path, home: &Path, feeds: usize) -> Internet {
    let arguments = ["--validators", "all", "--cache", "--change", ".02"];
    let internet = Internet::start(worldserver, feeds, &arguments);
    let listed = internet.feeds(feeds);
    internet.warm(&listed);
    let labelled: Vec<String> =
        listed.iter().enumerate().map(|(at, url)| format!("{url}\n    topics: [t{}]", at % TOPICS)).collect();
    let fetch = format!("min_interval: {INTERVAL}s, min_interval_unconditional: {INTERVAL}s, gap: 0s, per_host: 64");
    let topics: Vec<String> =
        (0..TOPICS).map(|topic| format!("{{ id: t{topic}, labels: [t{topic}], rank: newest }}")).collect();
    let topics = topics.join(", ");
    let more = |window: &str| {
        format!(
            "schedule: {{ poll: \"* * * * *\" }}\nenrich: {{ seeds: none, sources: none }}\n\
             grouping: {{ window: {window} }}\ntopics: [{topics}]\n"
        )
    };
    // The first load without grouping: what it costs is another bench's affair.
    configure(home, internet.port, &labelled, &fetch, &more("0s"));
    let started = Instant::now();
    process::once(PROGRAM, home);
    figure("first load, s (noisy)", started.elapsed().as_secs_f64(), None);
    configure(home, internet.port, &labelled, &fetch, &more("72h"));
    internet
}

/// The feeds are due one after another, each once within the time, as they are once a wire has run for a while.
fn spread(home: &Path, seconds: u64) {
    let store = rusqlite::Connection::open(home.join("wire.db")).expect("the store");
    store.busy_timeout(PATIENCE).expect("a time");
    let sql = "UPDATE sources SET next_at = unixepoch() * 1000 + (no * 7919 % ?1) * 1000";
    store.execute(sql, [i64::try_from(seconds).expect("a short time")]).expect("new times");
}

/// The daemon's addresses, the world around it, and how often readers ask.
struct Stage {
    public: SocketAddr,
    admin: SocketAddr,
    internet: Internet,
    rate: u64,
}

impl Stage {
    fn await_start(&self) {
        let started = Instant::now();
        while process::get(self.public, "/t/t0/atom.xml", "\"\"").is_none() {
            assert!(started.elapsed() < PATIENCE, "the daemon does not start");
            std::thread::park_timeout(Duration::from_millis(50));
        }
        figure("from start to the first feed served, s (noisy)", started.elapsed().as_secs_f64(), None);
    }

    /// What a 304 costs: nothing else is asked meanwhile.
    fn unchanged(&self, daemon: &Daemon) {
        let asking =
            Asking { address: self.public, rate: self.rate, seconds: 10, is_conditional: true, topics: TOPICS };
        let thread = daemon.thread("readers");
        let before = process::thread_cpu_s(&thread);
        let answers = readers::ask(asking);
        let spent = process::thread_cpu_s(&thread) - before;
        figure("a 304: CPU of the server, microseconds", spent / answers.unchanged.len().max(1) as f64 * 1e6, None);
    }

    /// One part: readers ask, the world changes, the daemon polls.
    fn part(&self, name: &str, daemon: &Daemon, seconds: u64) {
        let polls = self.polls();
        let cpu = daemon.cpu_s();
        let asking = Asking { address: self.public, rate: self.rate, seconds, is_conditional: false, topics: TOPICS };
        let (answers, latest) = std::thread::scope(|scope| {
            let asked = scope.spawn(move || readers::ask(asking));
            let (started, mut ticked, mut latest) = (Instant::now(), Instant::now(), 0.0_f64);
            while started.elapsed() < Duration::from_secs(seconds) {
                std::thread::park_timeout(LOOK);
                latest = latest.max(self.late());
                if ticked.elapsed() > TICK {
                    ticked = Instant::now();
                    self.internet.tick();
                }
            }
            (asked.join().expect("nobody panics"), latest)
        });
        report(name, answers);
        figure("  polls meanwhile", self.polls() - polls, None);
        figure("  the poll that was latest, seconds", latest, Some(f64::from(INTERVAL)));
        figure("  CPU of the daemon, percent of a core", (daemon.cpu_s() - cpu) / seconds as f64 * 100.0, None);
    }

    fn polls(&self) -> f64 {
        self.internet.stats("")["requests"].as_f64().unwrap_or(f64::NAN)
    }

    /// How long the source that waits longest is overdue.
    fn late(&self) -> f64 {
        let numbers = process::get(self.admin, "/metrics", "\"\"").map(|(text, _)| text).unwrap_or_default();
        let line = numbers.lines().find_map(|line| line.strip_prefix("newswire_poll_late_seconds "));
        line.and_then(|seconds| seconds.parse().ok()).unwrap_or(f64::INFINITY)
    }
}

fn report(name: &str, mut answers: Answers) {
    println!("{name}");
    figure("  requests", answers.asked as f64, None);
    figure("  errors", answers.errors.len() as f64, Some(0.0));
    answers.late.sort_by(f64::total_cmp);
    let late = answers.late.get(answers.late.len() * 99 / 100).copied().unwrap_or(f64::NAN);
    figure("  sent too late by this program: p99, ms (the machine's share)", late, None);
    answers.errors.iter().take(5).for_each(|error| println!("      {error}"));
    for (what, latencies, mark) in [("304", &mut answers.unchanged, Some(50.0)), ("200", &mut answers.whole, None)] {
        latencies.sort_by(f64::total_cmp);
        let at = |share: usize| latencies.get(latencies.len() * share / 100).copied().unwrap_or(f64::NAN);
        figure(&format!("  answers with {what}"), latencies.len() as f64, None);
        figure(&format!("  a {what}: median, ms"), at(50), None);
        figure(&format!("  a {what}: p99, ms"), at(99), mark);
        figure(&format!("  a {what}: most, ms"), latencies.last().copied().unwrap_or(f64::NAN), None);
    }
}
