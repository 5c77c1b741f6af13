//! Running the program, and what it costs: CPU-seconds, peak memory, wall time.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Ticks of the kernel's CPU accounting in a second: 100 on every Linux machine.
const TICKS: f64 = 100.0;

/// How often the memory of the program is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What a run cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// User and system.
    pub cpu_s: f64,
    pub wall_s: f64,
    pub peak_mb: f64,
}

/// Runs `once` under the configuration in `home` to its end. Ends this program where it fails.
pub fn once(program: &str, home: &Path) -> Cost {
    cost(&mut newswire(program, home, "once"))
}

/// The same without a word about troubles.
pub fn quietly(program: &str, home: &Path) -> Cost {
    cost(newswire(program, home, "once").stderr(Stdio::null()))
}

/// The same with `--force`.
pub fn forced(program: &str, home: &Path) -> Cost {
    cost(newswire(program, home, "once").arg("--force").stderr(Stdio::null()))
}

fn cost(command: &mut Command) -> Cost {
    let before = children_ticks();
    let started = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let status_file = format!("/proc/{}/status", child.id());
    let (ended, end) = channel();
    let waiting = thread::spawn(move || {
        let status = child.wait().expect("the program ends");
        let _ = ended.send(());
        status
    });
    let mut peak_kb = 0;
    while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(LOOK) {
        peak_kb = peak_kb.max(high_water_kb(&status_file));
    }
    assert!(waiting.join().expect("nobody panics").success(), "`newswire once` failed");
    Cost {
        cpu_s: (children_ticks() - before) as f64 / TICKS,
        wall_s: started.elapsed().as_secs_f64(),
        peak_mb: peak_kb as f64 / 1024.0,
    }
}

/// The program with its configuration, not started yet.
pub fn newswire(program: &str, home: &Path, verb: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(verb).arg("--config").arg(home.join("newswire.yaml"));
    command.current_dir(home).stdin(Stdio::null()).stdout(Stdio::null()).env("NO_COLOR", "1");
    command
}

/// A child that does not outlive its owner.
pub struct Daemon(Child);

impl Daemon {
    /// Starts `run`.
    pub fn start(program: &str, home: &Path) -> Self {
        let log = fs::File::create(home.join("log")).expect("a log file");
        Self(newswire(program, home, "run").stderr(log).spawn().expect("the program starts"))
    }

    /// The most memory it had so far.
    pub fn peak_mb(&self) -> f64 {
        high_water_kb(&format!("/proc/{}/status", self.0.id())) as f64 / 1024.0
    }

    /// User and system seconds so far.
    pub fn cpu_s(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap_or_default();
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
    }

    /// The folder of the kernel's knowledge about the thread of this name.
    pub fn thread(&self, name: &str) -> PathBuf {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0.id())).expect("Linux");
        let mut tasks = tasks.map(|task| task.expect("a thread").path());
        let is_named = |task: &PathBuf| fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim() == name);
        tasks.find(is_named).expect("the thread runs")
    }

    /// SIGKILL, and wait.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port of loopback that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).map_or(0, |address| address.port())
}

/// Body and ETag of a GET; `None` where nothing was sent (304, or nobody there).
pub fn get(address: SocketAddr, path: &str, etag: &str) -> Option<(String, String)> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nIf-None-Match: {etag}\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let field = |line: &str| line.to_ascii_lowercase().strip_prefix("etag:").map(|_| line[5..].trim().to_owned());
    let tag = head.lines().find_map(field).unwrap_or_default();
    head.starts_with("HTTP/1.1 200").then(|| (body.to_owned(), tag))
}

/// Seconds that a thread has run on a processor.
pub fn thread_cpu_s(thread: &Path) -> f64 {
    let text = fs::read_to_string(thread.join("schedstat")).expect("Linux");
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).expect("a number") / 1e9
}

fn children_ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in parentheses: field 3 is the first, cutime and cstime are fields 16 and 17.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    fields.skip(13).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

fn high_water_kb(status_file: &str) -> u64 {
    let status = fs::read_to_string(status_file).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
