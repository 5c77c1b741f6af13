//! The warden of the daemon: starts it as a service manager does, kills it, and says when it ended by itself.

use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::ground::Ground;
use super::reader::ask;
use super::world::process::newswire;

/// A daemon that answers nobody for so long after its start does not start.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long readers may be told to come back once space is there again: the longest wait between two tries, and some.
const RECOVERY: Duration = Duration::from_secs(10);

/// What readers must know of the daemon.
#[derive(Default)]
pub struct Fate {
    /// It has been up, and nobody has killed it since.
    pub is_up: AtomicBool,
    /// Kills and ends so far: an answer that spans one may be cut.
    pub ends: AtomicU64,
    is_full: AtomicBool,
    emptied: Mutex<Option<Instant>>,
}

impl Fate {
    /// Whether a reader may be told to come back.
    pub fn may_fail(&self) -> bool {
        let emptied = *self.emptied.lock().expect("nobody panics");
        self.is_full.load(Ordering::SeqCst) || emptied.is_some_and(|at| at.elapsed() < RECOVERY)
    }
}

pub struct Warden {
    child: Option<Child>,
    started: Instant,
    pub fate: Arc<Fate>,
    pub public: SocketAddr,
    pub admin: SocketAddr,
    /// What the daemon should not have done.
    pub wrong: Vec<String>,
}

impl Warden {
    pub fn start(ground: &Ground) -> Self {
        let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let mut warden = Self {
            child: None,
            started: Instant::now(),
            fate: Arc::default(),
            public: at(ground.port),
            admin: at(ground.admin),
            wrong: Vec::new(),
        };
        warden.watch(ground);
        warden
    }

    /// Starts the daemon if it does not run; notes an end that nobody brought about; sees whether it is up.
    pub fn watch(&mut self, ground: &Ground) {
        if let Some(child) = &mut self.child
            && let Some(status) = child.try_wait().expect("a child")
        {
            self.child = None;
            let was_up = self.fate.is_up.swap(false, Ordering::SeqCst);
            self.fate.ends.fetch_add(1, Ordering::SeqCst);
            // One that cannot start for lack of space says so and is started again.
            if was_up || !self.fate.may_fail() {
                let log = ground.log();
                let last = log.lines().last().unwrap_or_default().to_owned();
                self.wrong.push(format!("ended by itself, {status}: {last}"));
            }
        }
        if self.child.is_none() {
            let log = fs::OpenOptions::new().create(true).append(true).open(ground.home.join("log")).expect("a log");
            let mut command = newswire(&ground.program, &ground.home, "run");
            Ground::dress(&mut command);
            ground.show_clock(&mut command);
            self.child = Some(command.stderr(log).spawn().expect("the program starts"));
            self.started = Instant::now();
        }
        if !self.is_up() {
            let is_released = ask(self.public, "/all/feed.json", &[]).is_ok_and(|answer| answer.status == 200);
            let is_ready = is_released && ask(self.admin, "/readyz", &[]).is_ok_and(|answer| answer.status == 200);
            self.fate.is_up.store(is_ready, Ordering::SeqCst);
            if !is_ready && self.started.elapsed() > PATIENCE && !self.fate.may_fail() {
                self.wrong.push("is not ready after a minute".to_owned());
                self.kill();
            }
        }
    }

    pub fn is_up(&self) -> bool {
        self.fate.is_up.load(Ordering::SeqCst)
    }

    /// Watches until the daemon is up.
    pub fn wait(&mut self, ground: &Ground) {
        while !self.is_up() && self.wrong.len() < 100 {
            self.watch(ground);
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.fate.is_up.store(false, Ordering::SeqCst);
        self.fate.ends.fetch_add(1, Ordering::SeqCst);
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child");
            child.wait().expect("a child");
        }
    }

    pub fn signal(&self, name: &str) {
        if let Some(child) = &self.child {
            let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status();
            assert!(sent.is_ok_and(|status| status.success()), "a signal");
        }
    }

    pub fn fill(&self, ground: &Ground, left: u64) {
        self.fate.is_full.store(true, Ordering::SeqCst);
        ground.fill(left);
    }

    pub fn empty(&self, ground: &Ground) {
        ground.empty();
        if self.fate.is_full.swap(false, Ordering::SeqCst) {
            *self.fate.emptied.lock().expect("nobody panics") = Some(Instant::now());
        }
    }

    /// Resident set in MB, and open descriptors.
    pub fn size(&self) -> Option<(f64, u64)> {
        let id = self.child.as_ref()?.id();
        let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kb: f64 = line.split_whitespace().next()?.parse().ok()?;
        let descriptors = fs::read_dir(format!("/proc/{id}/fd")).ok()?.count();
        Some((kb / 1024.0, descriptors as u64))
    }

    /// What `/status` says.
    pub fn status(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&ask(self.admin, "/status", &[]).ok()?.body).ok()
    }

    /// SIGTERM, which must end it in order.
    pub fn stop(&mut self) {
        self.fate.is_up.store(false, Ordering::SeqCst);
        self.signal("TERM");
        if let Some(mut child) = self.child.take() {
            let status = child.wait().expect("a child");
            if !status.success() {
                self.wrong.push(format!("SIGTERM ended it with {status}"));
            }
        }
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        self.kill();
    }
}
