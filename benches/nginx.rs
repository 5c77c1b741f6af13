//! `cargo bench --bench nginx`: a feed of 60 KB served beside nginx with `gzip_static`, in one run.
//!
//! Starts the real daemon and nginx (one process, the same bytes as files), and has `wrk` ask each in turn, several
//! times. What counts is answers for a CPU-second of the server, since the client shares the machine. Needs `nginx`
//! and `wrk` in the path (`apt-get install nginx-light wrk`). `--seconds N` sets the length of one round.

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
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use world::invent::{Document, Shape};
use world::process;

use harness::number;

const PROGRAM: &str = env!("CARGO_BIN_EXE_newswire");

/// Rounds for each server and case; they alternate, so that a noisy neighbour disturbs both.
const ROUNDS: usize = 3;

/// Ticks of the kernel's CPU accounting in a second.
const TICKS: f64 = 100.0;

/// How large the feed is to be, in bytes.
const SIZE: usize = 60_000;

/// A server that is measured.
struct Server {
    name: &'static str,
    child: Child,
    address: SocketAddr,
    path: &'static str,
}

/// What came back to one request.
struct Answer {
    etag: String,
    body: Vec<u8>,
}

fn main() {
    let seconds = number("--seconds").unwrap_or(4);
    for tool in ["nginx", "wrk"] {
        if Command::new(tool).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            println!("{tool} is not installed: apt-get install nginx-light wrk");
            return;
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let ours = newswire(folder.path());
    let (plain, gzip) = (ask(&ours, "identity"), ask(&ours, "gzip"));
    let theirs = nginx(folder.path(), &plain.body, &gzip.body);
    println!("a feed of {} bytes, {} in gzip", plain.body.len(), gzip.body.len());
    assert_eq!(ask(&theirs, "gzip").body.len(), gzip.body.len(), "nginx does not serve the same");
    println!("{:8} {:>16} {:>16} {:>8} {:>8}", "", "newswire/CPU-s", "nginx/CPU-s", "ratio", "mark");
    for (case, coding, is_known, mark) in
        [("gzip", "gzip", false, 1.0), ("304", "gzip", true, 1.0), ("plain", "identity", false, 0.75)]
    {
        let mut sums = [(0.0, 0.0); 2];
        for _ in 0..ROUNDS {
            for (sum, server) in sums.iter_mut().zip([&ours, &theirs]) {
                let tag = is_known.then(|| ask(server, coding).etag);
                let (answers, spent) = round(server, coding, tag.as_deref(), seconds);
                sum.0 += answers;
                sum.1 += spent;
            }
        }
        let [ours, theirs] = sums.map(|(answers, spent)| answers / spent);
        let (ratio, verdict) = (ours / theirs, if ours / theirs >= mark { "pass" } else { "FAIL" });
        println!("{case:8} {ours:>16.0} {theirs:>16.0} {ratio:>8.2} {mark:>8.2} {verdict}");
    }
}

/// The daemon with one topic whose Atom feed has about the wanted size.
fn newswire(folder: &Path) -> Server {
    let shape = Shape { related: 4, days: 30, publishers: 80, seeds: 80 };
    let home = folder.join("newswire");
    fs::create_dir_all(home.join("seeds")).expect("a folder");
    for number in 0..shape.seeds {
        let mut seed = Document::invent(number, shape);
        seed.labels = vec!["One"];
        fs::write(home.join(format!("seeds/{number}.md")), seed.text()).expect("a seed");
    }
    let address = SocketAddr::from(([127, 0, 0, 1], process::free_port()));
    let configure = |limit: usize| {
        let text = format!(
            "site: {{ title: Bench, base_url: 'http://{address}/', contact: me@example.org }}\n\
             server: {{ listen: '{address}', admin: '127.0.0.1:{}' }}\noutput: {{ dir: public }}\n\
             enrich: {{ seeds: none, sources: none }}\ntopics: [{{ id: one, labels: [One], limit: {limit} }}]\n",
            process::free_port()
        );
        fs::write(home.join("newswire.yaml"), text).expect("a configuration");
    };
    configure(50);
    process::once(PROGRAM, &home);
    let size = fs::metadata(home.join("public/t/one/atom.xml")).expect("a feed").len();
    configure((SIZE * 50 / usize::try_from(size).unwrap_or(SIZE)).clamp(1, 50));
    let log = fs::File::create(home.join("log")).expect("a log");
    let child = process::newswire(PROGRAM, &home, "run").stderr(log).spawn().expect("the program starts");
    let server = Server { name: "newswire", child, address, path: "/t/one/atom.xml" };
    await_start(&server);
    // Its first work is done: what is measured is serving.
    std::thread::park_timeout(Duration::from_secs(2));
    server
}

/// nginx as one process over the same bytes.
fn nginx(folder: &Path, plain: &[u8], gzip: &[u8]) -> Server {
    let home = folder.join("nginx");
    fs::create_dir_all(home.join("root")).expect("a folder");
    fs::write(home.join("root/atom.xml"), plain).expect("a file");
    fs::write(home.join("root/atom.xml.gz"), gzip).expect("a file");
    let address = SocketAddr::from(([127, 0, 0, 1], process::free_port()));
    let config = format!(
        "daemon off; master_process off; worker_processes 1; error_log stderr crit; pid {home}/pid;\n\
         events {{ worker_connections 256; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n\
         open_file_cache max=100; types {{ application/atom+xml xml; }}\n\
         client_body_temp_path {home}/a; proxy_temp_path {home}/b; fastcgi_temp_path {home}/c;\n\
         uwsgi_temp_path {home}/d; scgi_temp_path {home}/e;\n\
         server {{ listen {address}; root {home}/root; etag on; gzip_static on; gzip_vary on; expires 15m;\n\
         add_header X-Content-Type-Options nosniff; add_header Access-Control-Allow-Origin *; }} }}\n",
        home = home.display()
    );
    let file = home.join("nginx.conf");
    fs::write(&file, config).expect("a configuration");
    let child = Command::new("nginx").arg("-c").arg(&file).arg("-p").arg(&home).spawn().expect("nginx starts");
    let server = Server { name: "nginx", child, address, path: "/atom.xml" };
    await_start(&server);
    server
}

fn await_start(server: &Server) {
    let started = Instant::now();
    while TcpStream::connect(server.address).is_err() || ask(server, "identity").body.len() < 1000 {
        assert!(started.elapsed() < Duration::from_secs(30), "{} does not start", server.name);
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// Answers of one round, and the CPU-seconds of the server meanwhile.
fn round(server: &Server, coding: &str, tag: Option<&str>, seconds: u64) -> (f64, f64) {
    let before = ticks(server.child.id());
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c16", &format!("-d{seconds}s"), "-H", &format!("Accept-Encoding: {coding}")]);
    if let Some(tag) = tag {
        command.args(["-H", &format!("If-None-Match: {tag}")]);
    }
    let said = command.arg(format!("http://{}{}", server.address, server.path)).output().expect("wrk runs");
    let spent = (ticks(server.child.id()) - before) as f64 / TICKS;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let line = text.lines().find(|line| line.contains(" requests in ")).unwrap_or_else(|| panic!("wrk: {text}"));
    assert!(tag.is_some() || !text.contains("Non-2xx"), "{text}");
    (line.split_whitespace().next().and_then(|count| count.parse().ok()).unwrap_or(0.0), spent)
}

fn ask(server: &Server, coding: &str) -> Answer {
    let Ok(mut stream) = TcpStream::connect(server.address) else {
        return Answer { etag: String::new(), body: Vec::new() };
    };
    let head = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAccept-Encoding: {coding}\r\n\r\n",
        server.path, server.address
    );
    stream.write_all(head.as_bytes()).expect("a request");
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let etag =
        head.lines().find_map(|line| line.to_ascii_lowercase().starts_with("etag: ").then(|| line[6..].to_owned()));
    Answer { etag: etag.unwrap_or_default(), body: bytes.split_off((end + 4).min(bytes.len())) }
}

/// User and system time of a process.
fn ticks(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
