//! The real program with real files: a desk is a temporary folder with a configuration and seeds, a daemon runs on it.
//!
//! Nothing here waits for time to pass: a wait is for an event (a message, a line of the log, the end of a process)
//! or repeats a request, and ends in any case.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use tempfile::TempDir;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_newswire");

/// A machine may be busy; nothing that works takes so long.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Between two looks at something that gives no sign of its own.
const BLINK: Duration = Duration::from_millis(40);

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Fails with all that was said unless the exit code is `code`.
    #[track_caller]
    pub fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Fails with all that was said unless `text` is in it.
    #[track_caller]
    pub fn has(self, text: &str) -> Self {
        assert!(self.all().contains(text), "no `{text}` in\nstdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Fails with all that was said if `text` is in it.
    #[track_caller]
    pub fn lacks(self, text: &str) -> Self {
        assert!(!self.all().contains(text), "`{text}` in\nstdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {}", self.out))
    }

    fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// A temporary folder with a configuration and seeds, and two free ports.
pub struct Desk {
    folder: TempDir,
    pub public: SocketAddr,
    pub admin: SocketAddr,
}

impl Desk {
    /// With a configuration of its own and what `more` adds to it: whole keys of the first level. No host can be
    /// asked, unless `more` brings a `fetch` of its own.
    pub fn new(more: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), public: free(), admin: free() };
        desk.configure(more);
        fs::create_dir(desk.path("seeds")).unwrap();
        desk
    }

    /// Writes the configuration anew.
    pub fn configure(&self, more: &str) {
        let mut text = format!(
            "site: {{ title: Test wire, base_url: \"http://{}/\", contact: me@example.org, id: wire.example.org }}\n\
             server: {{ listen: \"{}\", admin: \"{}\" }}\n",
            self.public, self.public, self.admin
        );
        for (key, default) in [
            ("seeds", "{ paths: [seeds], unpublished: include }"),
            ("output", "{ dir: public }"),
            ("fetch", "{ timeout: 2s, gap: 0s }"),
        ] {
            let stands = more.lines().any(|line| line.starts_with(&format!("{key}:")));
            if !stands {
                text.extend([key, ": ", default, "\n"]);
            }
        }
        text.push_str(more);
        // As an editor saves: the daemon never sees half a file.
        let draft = self.path("newswire.yaml.draft");
        fs::write(&draft, text).unwrap();
        fs::rename(draft, self.path("newswire.yaml")).unwrap();
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a seed into the folder, at once and whole.
    pub fn seed(&self, name: &str, text: impl AsRef<[u8]>) {
        let draft = self.path("draft");
        fs::write(&draft, text).unwrap();
        fs::rename(draft, self.path("seeds").join(name)).unwrap();
    }

    /// A file that was written.
    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The program with `arguments`, in the folder, with no environment but the path.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    /// Runs a verb on the desk's configuration.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Said {
        let arguments: Vec<&str> = ["-c", "newswire.yaml"].iter().chain(arguments).copied().collect();
        finish(&mut self.command(&arguments))
    }

    /// Starts the daemon and waits until it is ready.
    #[track_caller]
    pub fn daemon(&self) -> Daemon<'_> {
        let daemon = self.start(|_| {});
        daemon.heard("READY=1");
        daemon
    }

    /// Starts the daemon, changed by `change`, and does not wait.
    pub fn start(&self, change: impl FnOnce(&mut Command)) -> Daemon<'_> {
        let mut command = self.command(&["-c", "newswire.yaml", "run"]);
        change(&mut command);
        self.spawn(command)
    }

    /// Starts `command`, whose process is or becomes the daemon.
    pub fn spawn(&self, command: Command) -> Daemon<'_> {
        let path = self.path("notify");
        let _ = fs::remove_file(&path);
        let manager = UnixDatagram::bind(&path).unwrap();
        self.spawn_under(manager, path.as_os_str(), command)
    }

    /// The same under the service manager `manager`, whose socket is called `name`.
    pub fn spawn_under(&self, manager: UnixDatagram, name: &OsStr, mut command: Command) -> Daemon<'_> {
        manager.set_read_timeout(Some(PATIENCE)).unwrap();
        command.env("NOTIFY_SOCKET", name).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (line, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for text in stderr.lines().map_while(Result::ok) {
                let _ = line.send(text);
            }
        });
        Daemon { desk: self, child, manager, lines }
    }

    /// Every byte below the folder but the seeds and what the test wrote beside them.
    pub fn traces(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() && path != self.path("seeds") {
                    folders.push(path);
                } else if kind.is_file() {
                    found.push((path.clone(), fs::read(path).unwrap()));
                }
            }
        }
        found
    }
}

/// A running daemon; killed when dropped.
pub struct Daemon<'a> {
    desk: &'a Desk,
    child: Child,
    manager: UnixDatagram,
    lines: Receiver<String>,
}

impl Daemon<'_> {
    /// Waits until a message to the service manager holds `what`; gives that message.
    #[track_caller]
    pub fn heard(&self, what: &str) -> String {
        self.talk_until(what).pop().unwrap()
    }

    /// All messages to the service manager from the last one read up to the one that holds `what`.
    #[track_caller]
    pub fn talk_until(&self, what: &str) -> Vec<String> {
        let mut talk = Vec::new();
        // A watchdog may beat in between, but not for ever.
        while talk.len() < 10_000 {
            let Some(message) = self.message() else { break };
            talk.push(message);
            if talk.last().is_some_and(|message| message.contains(what)) {
                return talk;
            }
        }
        panic!("no {what} in {talk:#?}; the log:\n{}", self.log().join("\n"));
    }

    /// The messages to the service manager that nobody has read.
    pub fn rest_of_talk(&self) -> Vec<String> {
        self.manager.set_nonblocking(true).unwrap();
        std::iter::from_fn(|| self.message()).collect()
    }

    fn message(&self) -> Option<String> {
        let mut buffer = [0; 4096];
        let length = self.manager.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// Waits until a line of the log holds `what`; gives that line.
    #[track_caller]
    pub fn logged(&self, what: &str) -> String {
        let mut seen = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            if line.contains(what) {
                return line;
            }
            seen.push(line);
        }
        panic!("no `{what}` in the log:\n{}", seen.join("\n"));
    }

    /// The lines of the log that nobody has read.
    pub fn log(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// Asks the public listener.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        ask(self.desk.public, "GET", path, &[])
    }

    /// Asks the admin listener.
    #[track_caller]
    pub fn admin(&self, path: &str) -> Answer {
        ask(self.desk.admin, "GET", path, &[])
    }

    /// Asks for `path` until the answer is as it should be.
    #[track_caller]
    pub fn until(&self, path: &str, is_so: impl Fn(&Answer) -> bool) -> Answer {
        until(path, || Some(self.get(path)).filter(&is_so))
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal: `TERM`, `HUP`, `KILL`.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for the end: the exit code, `None` after a signal, and what is left of the log.
    #[track_caller]
    pub fn end(mut self) -> (Option<i32>, Vec<String>) {
        self.ended()
    }

    /// The same, and what it said to the service manager can still be read.
    #[track_caller]
    pub fn ended(&mut self) -> (Option<i32>, Vec<String>) {
        let status = until("the end of the daemon", || self.child.try_wait().unwrap());
        let mut log = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            log.push(line);
        }
        (status.code(), log)
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What an HTTP server answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn has(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
    }
}

/// One request on a connection of its own.
#[track_caller]
pub fn ask(at: SocketAddr, method: &str, path: &str, headers: &[&str]) -> Answer {
    try_ask(at, method, path, headers).unwrap_or_else(|error| panic!("{at}{path}: {error}"))
}

/// As [`ask`], of a server that may not be there.
pub fn try_ask(at: SocketAddr, method: &str, path: &str, headers: &[&str]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&at, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (first, host) = (format!("{method} {path} HTTP/1.1"), format!("Host: {at}"));
    let head = [&[first.as_str(), host.as_str(), "Connection: close"], headers, &["", ""]].concat();
    stream.write_all(head.join("\r\n").as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    Ok(Answer {
        status: head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default(),
        headers: fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
        body: bytes.split_off(end + 4),
    })
}

/// Looks until there is something.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let (_never, blink) = mpsc::channel::<()>();
    for _ in 0..PATIENCE.as_millis() / BLINK.as_millis() {
        if let Some(found) = look() {
            return found;
        }
        let _ = blink.recv_timeout(BLINK);
    }
    panic!("waited in vain for {what}");
}

/// Runs `command` to its end, which must come.
#[track_caller]
pub fn finish(command: &mut Command) -> Said {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let id = child.id();
    let (said, heard) = mpsc::channel();
    std::thread::spawn(move || {
        let errors = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = err.read_to_end(&mut text);
            text
        });
        let mut text = Vec::new();
        let _ = out.read_to_end(&mut text);
        let _ = said.send((child.wait().unwrap(), text, errors.join().unwrap()));
    });
    let Ok((status, out, err)) = heard.recv_timeout(PATIENCE) else {
        signal(id, "KILL");
        panic!("{command:?} did not end");
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: status.code().unwrap_or(-1), out: text(out), err: text(err) }
}

/// Sends a signal to a process.
pub fn signal(id: u32, name: &str) {
    assert!(Command::new("sh").arg("-c").arg(format!("kill -{name} {id}")).status().unwrap().success());
}

/// An address of loopback where nobody listens, given out once, and below the ports that the machine gives out itself:
/// nobody takes it by chance before the daemon does.
pub fn free() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Tests of other work trees may run at the same time.
    let first = u16::try_from(std::process::id() % 9_000).unwrap();
    let ports = std::iter::repeat_with(|| 20_000 + (first + NEXT.fetch_add(1, Ordering::SeqCst)) % 10_000);
    let mut addresses = ports.take(10_000).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    addresses.find(|address| TcpListener::bind(address).is_ok()).unwrap()
}

/// A file or folder that lies beside the project (or beside the folder of its work trees) and is not part of it.
pub fn beside(path: &str) -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["../shared", "../../shared"].iter().map(|up| home.join(up).join(path)).find(|path| path.exists())
}

/// Whether the tool `name` is there, which the command `probe` tells by its success. Where it is not, a test is passed
/// over and says so; with `CI=true` it fails.
#[track_caller]
pub fn is_there(name: &str, probe: &[&str]) -> bool {
    let mut command = Command::new(probe[0]);
    command.args(&probe[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if command.status().is_ok_and(|status| status.success()) {
        return true;
    }
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{name} is not installed, and CI wants it");
    eprintln!("passed over: {name} is not installed");
    false
}
