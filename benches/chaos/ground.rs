//! The ground of a chaos run: folders, a small disk that nobody else sees, a clock that can be set, configurations.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::harness::option;
use super::world::process::free_port;

/// Bytes of the disk: the store and its log fit several times.
const DISK: &str = "size=512m";

/// Where Debian and its kin keep the library that shows a program another clock.
const FAKE_CLOCK: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
];

/// Configurations that must be refused. The empty text stands for a file that is not there.
const BROKEN: &[&str] = &[
    "",
    "site: [",
    "site: { title: Chaos }\nnonsense: true\n",
    "topics: [{ id: chips, match: 'chip(' }]\n",
    "topics: [{ id: chips, match: chip, tests: [{ article: { title: Boats }, expect: in }] }]\n",
    "schedule: { poll: 'every day' }\n",
];

/// A mount namespace of our own, so that the disk vanishes with us however we end: this program starts itself again
/// within one. Gives the disk's folder, `None` where none may be mounted (which ends the run where CI wants all).
pub fn own_disk() -> Option<PathBuf> {
    let within = std::env::args().any(|word| word == "--within");
    if within {
        let disk = tempfile::tempdir().expect("a folder").keep();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(&disk).status();
        if mount.is_ok_and(|status| status.success()) {
            return Some(disk);
        }
    } else {
        for flags in [&["--mount"][..], &["--mount", "--user", "--map-root-user"]] {
            let may = Command::new("unshare").args(flags).arg("true").stderr(Stdio::null()).status();
            if may.is_ok_and(|status| status.success()) {
                let program = std::env::current_exe().expect("this program");
                let arguments = std::env::args().skip(1);
                let error = Command::new("unshare").args(flags).arg(program).args(arguments).arg("--within").exec();
                println!("unshare: {error}");
            }
        }
    }
    println!("no disk may be mounted here: it is never full");
    assert!(is_optional(), "CI wants a disk that can be full");
    None
}

/// Whether what is not there may be passed over.
fn is_optional() -> bool {
    std::env::var_os("CI").is_none_or(|ci| ci != "true")
}

/// All that a run stands on.
pub struct Ground {
    /// The program that is tried.
    pub program: String,
    pub home: PathBuf,
    pub port: u16,
    pub admin: u16,
    /// Lines of the configuration that the internet brings: `sources`, and what `fetch` must know.
    pub sources: String,
    pub fetch: String,
    disk: Option<PathBuf>,
    fake_clock: Option<&'static str>,
    temporary: tempfile::TempDir,
}

impl Ground {
    pub fn open(disk: Option<PathBuf>) -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let home = option("--keep").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
        fs::create_dir_all(home.join("seeds")).expect("a folder");
        let fake_clock = FAKE_CLOCK.iter().find(|path| Path::new(path).exists()).copied();
        if fake_clock.is_none() {
            println!("libfaketime is not there: the clock is never set");
            assert!(is_optional(), "CI wants libfaketime");
        }
        let (port, admin) = (free_port(), free_port());
        let program = option("--program").unwrap_or_else(|| env!("CARGO_BIN_EXE_newswire").to_owned());
        let _ = fs::remove_file(home.join("log"));
        let ground = Self {
            program,
            home,
            port,
            admin,
            sources: String::new(),
            fetch: String::new(),
            disk,
            fake_clock,
            temporary,
        };
        ground.set_clock(0);
        ground
    }

    pub fn can_fill(&self) -> bool {
        self.disk.is_some()
    }

    pub fn can_set_clock(&self) -> bool {
        self.fake_clock.is_some()
    }

    /// The folder of the store and of the files that are published.
    pub fn disk(&self) -> &Path {
        self.disk.as_deref().unwrap_or(&self.home)
    }

    pub fn store(&self) -> PathBuf {
        self.disk().join("newswire.db")
    }

    /// Writes the good configuration number `variant`, whole.
    pub fn configure(&self, variant: u64) {
        let Self { port, admin, sources, fetch, .. } = self;
        let disk = self.disk().display();
        let swinging = if variant.is_multiple_of(2) { "" } else { "  - { id: swinging, match: vineyard }\n" };
        let text = format!(
            "site: {{ title: Chaos, base_url: \"http://127.0.0.1:{port}/\", contact: bench@wire.example, id: wire.example }}\n\
             server: {{ listen: \"127.0.0.1:{port}\", admin: \"127.0.0.1:{admin}\" }}\n\
             store: sqlite:{disk}/newswire.db\noutput: {{ dir: {disk}/public }}\n\
             seeds: {{ paths: [seeds], unpublished: include, reload: \"* * * * *\" }}\n\
             schedule: {{ poll: \"* * * * *\" }}\nenrich: {{ seeds: all, sources: all }}\n\
             topics:\n  - {{ id: chips, labels: [Chips, Space, Rail] }}\n  - {{ id: water, match: 'harbour OR ferry OR water', limit: {} }}\n{swinging}\
             fetch:\n  min_interval: 2s\n  min_interval_unconditional: 2s\n  quiet_interval: 0s\n  timeout: 5s\n  websub: never\n\
             {fetch}sources:\n{sources}",
            20 + variant % 3 * 10,
        );
        self.write(&text);
    }

    /// Writes a configuration that must be refused.
    pub fn break_configuration(&self, number: u64) {
        let text = BROKEN[number as usize % BROKEN.len()];
        if text.is_empty() {
            fs::remove_file(self.home.join("newswire.yaml")).expect("a configuration");
        } else {
            self.write(text);
        }
    }

    fn write(&self, text: &str) {
        let draft = self.home.join("newswire.draft");
        fs::write(&draft, text).expect("a draft");
        fs::rename(draft, self.home.join("newswire.yaml")).expect("the draft moves into place");
    }

    /// Writes a seed; it appears whole, as editors save.
    pub fn seed(&self, name: &str, text: &str) {
        let draft = self.home.join("draft");
        fs::write(&draft, text).expect("a draft");
        fs::rename(draft, self.home.join("seeds").join(name)).expect("the draft moves into place");
    }

    /// The daemon's clock is off by this from now on. libfaketime looks at the file every second.
    pub fn set_clock(&self, offset_s: i64) {
        let draft = self.home.join("clock.draft");
        fs::write(&draft, format!("{offset_s:+}\n")).expect("a clock");
        fs::rename(draft, self.home.join("clock")).expect("a clock");
    }

    /// Makes `command` see that clock. Its own measure of how long something takes stays true, as on any machine.
    pub fn show_clock(&self, command: &mut Command) {
        let Some(library) = self.fake_clock else { return };
        command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", self.home.join("clock"));
        command.env("FAKETIME_CACHE_DURATION", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
    }

    /// Gives `command` what the unit gives the daemon.
    pub fn dress(command: &mut Command) {
        let lines = include_str!("../../systemd/newswire.service").lines();
        command.envs(lines.filter_map(|line| line.strip_prefix("Environment=")?.split_once('=')));
    }

    /// Fills the disk but for `left` bytes.
    pub fn fill(&self, left: u64) {
        let Some(disk) = &self.disk else { return };
        let mut filler = File::create(disk.join("filler")).expect("a file");
        let zeroes = vec![0; 1 << 20];
        let mut piece = zeroes.len();
        while piece > 0 {
            match filler.write(&zeroes[..piece]) {
                Ok(written) if written > 0 => {}
                _ => piece /= 2,
            }
        }
        let full = filler.metadata().expect("a size").len();
        filler.set_len(full.saturating_sub(left)).expect("a size");
    }

    pub fn empty(&self) {
        let _ = fs::remove_file(self.disk().join("filler"));
    }

    /// All lines that daemons have logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.join("log")).unwrap_or_default()
    }
}
