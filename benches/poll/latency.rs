//! From a poll's answer to its entry in the served feed, while ten thousand feeds are polled and a fifth of them change.
//!
//! A hundred probes are feeds that the bench serves itself: it notes when it hands out an entry, and looks for it in
//! the probes' topic.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::internet::{Internet, configure};
use crate::world::process::{self, Daemon};
use crate::{Ground, PROGRAM, figure};

const PROBES: usize = 100;

/// Polls of each probe that are timed, after one that is not: the wire has just started then.
const POLLS: usize = 3;

/// Minutes over which the feeds are due: the wire wakes every minute, and spreads 10,000 feeds over sixty as a rule.
const SPREAD: i64 = 4;

/// What is not served after this long never will be.
const PATIENCE: Duration = Duration::from_secs(400);

/// Entry → when it was handed out.
type Sent = Arc<Mutex<BTreeMap<String, Instant>>>;

pub fn play(ground: &Ground<'_>) {
    let arguments = ["--validators", "all", "--cache", "--change", ".2"];
    let internet = Internet::start(ground.worldserver, ground.feeds, &arguments);
    let mut feeds = internet.feeds(ground.feeds);
    internet.warm(&feeds);
    let sent = Sent::default();
    let probes = serve(&sent);
    for probe in 0..PROBES {
        feeds.push(format!("http://{probes}/{probe}/feed\n    topics: [probe]"));
    }
    let fetch = "min_interval: 20s, min_interval_unconditional: 20s, gap: 0s, per_host: 64";
    let more = |window: &str| {
        format!(
            "schedule: {{ poll: \"* * * * *\" }}\nenrich: {{ seeds: none, sources: none }}\n\
             grouping: {{ window: {window} }}\n\
             topics: [{{ id: probe, title: Probe, labels: [probe], limit: 150, rank: newest }}]"
        )
    };
    // The first load without grouping: what it costs is another part's affair.
    configure(&ground.home, internet.port, &feeds, fetch, &more("0s"));
    process::once(PROGRAM, &ground.home);
    configure(&ground.home, internet.port, &feeds, fetch, &more("72h"));
    spread(ground);
    let first = sent.lock().expect("nobody panics").len();
    let port: u16 = std::fs::read_to_string(ground.home.join("port")).expect("a port").parse().expect("a number");
    internet.tick();
    let daemon = Daemon::start(PROGRAM, &ground.home);
    let waits = watch(SocketAddr::from(([127, 0, 0, 1], port)), &sent, first, &internet);
    figure("latency: entries timed", waits.len() as f64, None);
    figure("latency: median, s", waits[waits.len() / 2], None);
    figure("latency: p99, s", waits[waits.len() * 99 / 100], Some((1.0, false)));
    figure("latency: most, s", waits[waits.len() - 1], None);
    figure("latency: peak memory of the daemon, MB", daemon.peak_mb(), None);
}

/// Looks at the topic until every entry handed out after the `first` ones was seen, and says how long each took.
fn watch(address: SocketAddr, sent: &Sent, first: usize, internet: &Internet) -> Vec<f64> {
    let started = Instant::now();
    let mut seen: BTreeMap<String, f64> = BTreeMap::new();
    let mut etag = String::new();
    let mut ticked = 0;
    while seen.len() < PROBES * (POLLS + 1) {
        assert!(started.elapsed() < PATIENCE, "{} of {} entries were seen", seen.len(), PROBES * (POLLS + 1));
        thread::park_timeout(Duration::from_millis(10));
        if ticked < seen.len() / PROBES {
            ticked += 1;
            internet.tick();
        }
        let Some((body, tag)) = process::get(address, "/t/probe/feed.json", &etag) else { continue };
        etag = tag;
        let now = Instant::now();
        let sent = sent.lock().expect("nobody panics");
        for (entry, at) in sent.iter().filter(|(entry, _)| !entry.ends_with(" 0")) {
            if !seen.contains_key(entry) && body.contains(entry.as_str()) {
                seen.insert(entry.clone(), now.duration_since(*at).as_secs_f64());
            }
        }
    }
    assert!(first >= PROBES, "every probe was asked once before");
    let asked = internet.stats("");
    figure("latency: feeds polled meanwhile", asked["requests"].as_f64().unwrap_or(0.0) - 10_000.0, None);
    figure("latency: of them unchanged", asked["not_modified"].as_f64().unwrap_or(0.0), None);
    let is_timed = |entry: &String| !entry.ends_with(" 0") && !entry.ends_with(" 1");
    let mut waits: Vec<f64> = seen.into_iter().filter(|(entry, _)| is_timed(entry)).map(|(_, wait)| wait).collect();
    waits.sort_by(f64::total_cmp);
    waits
}

/// The feeds are due one after another, as they are once a wire has run for an hour.
fn spread(ground: &Ground<'_>) {
    let store = rusqlite::Connection::open(ground.home.join("wire.db")).expect("the store");
    let sql =
        "UPDATE sources SET next_at = unixepoch() * 1000 + (no * 7919 % ?1) * 1000 WHERE url NOT LIKE '%127.0.9.1%'";
    store.execute(sql, [SPREAD * 60]).expect("new times");
}

/// Serves the probes: each answer has one entry more than the one before.
fn serve(sent: &Sent) -> SocketAddr {
    let listener = TcpListener::bind("127.0.9.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    let counts = Arc::new(Mutex::new(vec![0usize; PROBES]));
    let sent = Arc::clone(sent);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (counts, sent) = (Arc::clone(&counts), Arc::clone(&sent));
            thread::spawn(move || answer(&stream, &counts, &sent));
        }
    });
    address
}

fn answer(stream: &TcpStream, counts: &Mutex<Vec<usize>>, sent: &Sent) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).ok()? == 0 {
            return None;
        }
        loop {
            let mut field = String::new();
            reader.read_line(&mut field).ok()?;
            if field.trim().is_empty() {
                break;
            }
        }
        let probe: usize = first.split('/').nth(1)?.parse().ok()?;
        let polls = {
            let mut counts = counts.lock().ok()?;
            *counts.get_mut(probe)? += 1;
            counts[probe]
        };
        let mut body =
            format!("<rss version=\"2.0\"><channel><title>Probe {probe}</title><link>http://probe.example/</link>");
        for poll in 0..polls {
            let _ = write!(
                body,
                "<item><title>{}</title><link>http://probe.example/{probe}/{poll}</link></item>",
                name(probe, poll)
            );
        }
        body.push_str("</channel></rss>");
        sent.lock().ok()?.insert(name(probe, polls - 1), Instant::now());
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"{probe}-{polls}\"\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        writer.write_all(head.as_bytes()).ok()?;
        writer.write_all(body.as_bytes()).ok()?;
    }
}

/// Words that no other entry has, so that no two are taken for one story.
fn name(probe: usize, poll: usize) -> String {
    let word = |mut number: usize| {
        let mut word = String::from("q");
        for _ in 0..5 {
            word.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or(0)));
            number /= 26;
        }
        word
    };
    let seed = probe * 7919 + poll * 104_729 + 1;
    format!("{} {} {} {poll}", word(seed * 31), word(seed * 57 + 5), word(seed * 91 + 11))
}
