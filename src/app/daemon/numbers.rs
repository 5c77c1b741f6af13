//! The daemon in numbers, for Prometheus, read when somebody asks.
//!
//! In come counts of the store and of what runs, out go samples. Labels are words of our own and slugs of topics, and
//! topics are cut at a bound: nobody outside can make a row. No address, no title and no secret is ever a label.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::Daemon;
use crate::app::Home;
use crate::fetch::tally::Tally;
use crate::model::{IncidentKind, Phase};
use crate::pipeline::driver::{Beat, Pulse};
use crate::pipeline::websub::Desk;
use crate::serve::{Sample, Samples};

/// Topics with rows of their own: a wire that makes topics of labels may have thousands, and each costs rows for ever.
const TOPICS: usize = 200;

/// Ticks of the kernel's CPU accounting in a second: 100 on every Linux machine.
const TICKS: f64 = 100.0;

/// The handle of `/metrics` for `daemon`.
pub(super) fn numbers(daemon: &Daemon) -> Samples {
    let (home, pulse, released) = (daemon.home.clone(), daemon.pulse.clone(), daemon.released.clone());
    let (desk, refused) = (daemon.desk.clone(), daemon.refused.clone());
    let (store, started) = (daemon.started.store.clone(), daemon.home.wire.clock.now());
    Arc::new(move || {
        let mut samples = stock(&home);
        samples.extend([
            Sample::gauge("newswire_documents", "Documents served from memory", released.count() as f64),
            Sample::gauge("newswire_documents_bytes", "Memory of the documents", released.bytes() as f64),
            Sample::gauge("newswire_store_bytes", "Bytes of the store's files", bytes_of(&store)),
            Sample::gauge(
                "newswire_config_refused",
                "1 while the last reload was refused and an older configuration is in force",
                f64::from(u8::from(refused.refusal().is_some())),
            ),
            Sample::gauge("newswire_build_info", "Always 1; the version is a label", 1.0)
                .with("version", env!("CARGO_PKG_VERSION")),
        ]);
        samples.extend(waits(&home));
        samples.extend(topics(&home));
        samples.extend(stages(&pulse));
        samples.extend(asked(&home.asked));
        samples.extend(beside_polling(&home, &desk));
        samples.extend(process(started));
        samples
    })
}

/// How much there is, and how much waits.
fn stock(home: &Home) -> Vec<Sample> {
    let counts = home.wire.store.read(|view| view.counts()).unwrap_or_default();
    [
        ("newswire_seeds", "Seed files", counts.seeds),
        ("newswire_seeds_broken", "Seed files that cannot be used", counts.broken_seeds),
        ("newswire_sources", "Sources in the configuration", counts.sources),
        ("newswire_articles", "Articles", counts.articles),
        ("newswire_stories", "Stories", counts.stories),
        ("newswire_pages_planned", "Article pages that will be asked", counts.pages_planned),
        ("newswire_articles_waiting", "Articles to be grouped", counts.waiting_to_group),
        ("newswire_stories_waiting", "Stories to be released", counts.waiting_to_release),
    ]
    .map(|(name, help, count)| Sample::gauge(name, help, count as f64))
    .into()
}

/// How late the wire is, and which hosts want to be left alone.
fn waits(home: &Home) -> Vec<Sample> {
    let now = home.wire.clock.now();
    let read = home.wire.store.read(|view| Ok((view.first_due()?, view.count_resting_hosts(now)?)));
    let ((source, page), resting) = read.unwrap_or_default();
    let late = |due: Option<Timestamp>| due.map_or(0.0, |due| seconds(now).max(seconds(due)) - seconds(due));
    vec![
        Sample::gauge("newswire_poll_late_seconds", "How long the source that waits longest is overdue", late(source)),
        Sample::gauge("newswire_page_late_seconds", "How long the page that waits longest is overdue", late(page)),
        Sample::gauge("newswire_hosts_resting", "Hosts that asked to be left alone for a while", resting as f64),
    ]
}

/// What each topic holds and when it last changed for readers; `all` is every story.
fn topics(home: &Home) -> Vec<Sample> {
    let topics = home.wire.store.read(|view| view.topics(TOPICS)).unwrap_or_default();
    let samples = topics.into_iter().flat_map(|(slug, stories, changed)| {
        let slug = if slug.is_empty() { "all".to_owned() } else { slug };
        [
            Sample::gauge("newswire_topic_stories", "Stories that a topic holds", stories as f64).with("topic", &slug),
            Sample::gauge(
                "newswire_topic_changed_timestamp_seconds",
                "When a topic last changed for readers",
                seconds(changed),
            )
            .with("topic", &slug),
        ]
    });
    samples.collect()
}

/// What each stage did.
fn stages(pulse: &Pulse) -> Vec<Sample> {
    let beats = pulse.beats();
    let counter = |name, help, value: fn(&Beat) -> f64| {
        let sample =
            move |(stage, beat): (&&'static str, &Beat)| Sample::counter(name, help, value(beat)).with("stage", *stage);
        beats.iter().map(sample).collect::<Vec<_>>()
    };
    let mut samples = counter("newswire_stage_rows_total", "Rows a stage took", |beat| beat.rows as f64);
    samples
        .extend(counter("newswire_stage_failures_total", "Steps of a stage that failed", |beat| beat.failures as f64));
    samples.extend(counter(
        "newswire_stage_busy_seconds_total",
        "Time that a stage's steps took, waiting for answers included",
        |beat| beat.busy_ms as f64 / 1000.0,
    ));
    samples.extend(beats.iter().map(|(stage, beat)| {
        let (name, help) = ("newswire_stage_alive_timestamp_seconds", "When a stage last showed life");
        Sample::gauge(name, help, seconds(beat.at)).with("stage", *stage)
    }));
    samples
}

/// What the outside world was asked.
fn asked(tally: &Tally) -> Vec<Sample> {
    let rows = tally.counts();
    let requests = rows.iter().map(|((purpose, host, outcome), count)| {
        let help = "Requests to the outside world by purpose, class of the host and outcome";
        Sample::counter("newswire_fetch_requests_total", help, count.requests as f64)
            .with("purpose", *purpose)
            .with("host_class", *host)
            .with("outcome", *outcome)
    });
    let bytes = rows.iter().filter(|((_, _, outcome), _)| *outcome == "fresh").map(|((purpose, host, _), count)| {
        let help = "Bytes of bodies that were read, as they came over the wire";
        Sample::counter("newswire_fetch_received_bytes_total", help, count.bytes as f64)
            .with("purpose", *purpose)
            .with("host_class", *host)
    });
    requests.chain(bytes).collect()
}

/// Subscriptions by phase, deliveries by outcome, open incidents by kind: labels that we made.
fn beside_polling(home: &Home, desk: &Desk) -> Vec<Sample> {
    let counted = home.wire.store.read(|view| Ok((view.count_subscriptions()?, view.count_incidents()?)));
    let (subscriptions, incidents) = counted.unwrap_or_default();
    let count = |counts: &[(String, u64)], name: &str| {
        counts.iter().find(|(known, _)| known == name).map_or(0.0, |(_, count)| *count as f64)
    };
    let phases = Phase::ALL.map(|phase| {
        let count = count(&subscriptions, phase.name());
        Sample::gauge("newswire_subscriptions", "Subscriptions at hubs", count).with("phase", phase.name())
    });
    let heard = desk.tally().counts().map(|(outcome, count)| {
        Sample::counter("newswire_hub_deliveries_total", "What hubs delivered", count as f64).with("outcome", outcome)
    });
    let open = IncidentKind::ALL.map(|kind| {
        let count = count(&incidents, kind.name());
        Sample::gauge("newswire_incidents_open", "Sources in trouble", count).with("kind", kind.name())
    });
    phases.into_iter().chain(heard).chain(open).collect()
}

/// The process, under the names that all programs share; what the machine does not tell is left out.
fn process(started: Timestamp) -> Vec<Sample> {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let mut samples = vec![Sample::gauge("process_start_time_seconds", "When the process started", seconds(started))];
    // After the name in parentheses: the state is the first, utime and stime are the 12th and 13th.
    let stat = read("/proc/self/stat");
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    if let [user, system] = ticks.as_slice() {
        let cpu = (user + system) / TICKS;
        samples.push(Sample::counter("process_cpu_seconds_total", "User and system time", cpu));
    }
    let status = read("/proc/self/status");
    let resident =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse::<f64>().ok());
    if let Some(kib) = resident {
        samples.push(Sample::gauge("process_resident_memory_bytes", "Memory in use", kib * 1024.0));
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        samples.push(Sample::gauge("process_open_fds", "Open file descriptors", open.count() as f64));
    }
    samples
}

/// The store's file and what SQLite keeps beside it.
fn bytes_of(store: &Path) -> f64 {
    let sizes = ["", "-wal", "-shm"].map(|end| {
        let mut name = store.as_os_str().to_owned();
        name.push(end);
        fs::metadata(name).map_or(0, |file| file.len())
    });
    sizes.iter().sum::<u64>() as f64
}

fn seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1000.0
}
