//! The machine that the documentation speaks of, played in a temporary folder.
//!
//! Commands run in a shell in that folder, with the program under test in their path. Names that begin with `/etc/` or
//! `/var/` mean places in the folder, `127.0.0.1:8080` and `127.0.0.1:8081` ports that nobody else has; what is printed
//! is translated back. `systemctl start|reload|stop|status newswire` does what the unit says, with the talk that a
//! service manager and a daemon have, and `journalctl -u newswire -o cat` shows what the daemon logged.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::process::{PATIENCE, finish, free, until};

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_newswire");

/// Where the configuration of the documentation lies.
const CONFIG: &str = "/etc/newswire/newswire.yaml";

/// What a failed job of the service manager says.
const FAILED: &str = "Job for newswire.service failed.\nSee \"systemctl status newswire.service\" and \
                      \"journalctl -xeu newswire.service\" for details.\n";

/// A folder that plays a machine. What runs on it ends with it.
pub struct Machine {
    folder: TempDir,
    readers: SocketAddr,
    operators: SocketAddr,
    /// The exit code of the last command, for `echo $?`.
    code: i32,
    service: Option<Service>,
}

/// The daemon, and the socket on which it talks to its manager.
struct Service {
    daemon: Child,
    manager: UnixDatagram,
    /// The last `STATUS=`.
    status: String,
}

impl Machine {
    pub fn new() -> Self {
        let machine =
            Self { folder: tempfile::tempdir().unwrap(), readers: free(), operators: free(), code: 0, service: None };
        for folder in ["bin", "seeds", "etc/newswire/seeds", "var/lib/newswire"] {
            fs::create_dir_all(machine.folder.path().join(folder)).unwrap();
        }
        std::os::unix::fs::symlink(PROGRAM, machine.folder.path().join("bin/newswire")).unwrap();
        machine
    }

    /// Writes a file that the documentation shows.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // As an editor saves: nobody sees half a file.
        let draft = path.with_extension("draft");
        fs::write(&draft, self.translated(text)).unwrap();
        fs::rename(draft, path).unwrap();
    }

    /// Runs a command; gives what a terminal would show.
    pub fn run(&mut self, command: &str) -> String {
        let words: Vec<&str> = command.split_whitespace().collect();
        let (code, said) = match words.as_slice() {
            ["systemctl", verb, "newswire"] => self.manage(verb),
            ["journalctl", "-u", "newswire", "-o", "cat"] => (0, self.journal()),
            _ => {
                // One pipe for both outputs, so that they come in the order in which they were written.
                let line = format!("exec 2>&1\n(exit {})\n{}", self.code, self.translated(command));
                let said = finish(self.program("sh").args(["-c", &line]));
                (said.code, said.out)
            }
        };
        self.code = code;
        self.told(&said)
    }

    /// A program in the folder, with an environment of its own.
    fn program(&self, name: &str) -> Command {
        let root = self.folder.path();
        let mut path = root.join("bin").into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new(name);
        command.current_dir(root).env_clear().stdin(Stdio::null());
        command.env("PATH", path).env("NEWSWIRE_CONFIG", self.translated(CONFIG));
        command
    }

    /// What the documentation writes, for this machine.
    fn translated(&self, text: &str) -> String {
        let root = self.folder.path().display();
        let mut text = text.replace("127.0.0.1:8080", &self.readers.to_string());
        text = text.replace("127.0.0.1:8081", &self.operators.to_string());
        // `/var` first: the folder itself may lie there.
        for folder in ["/var/", "/etc/"] {
            if text.starts_with(folder) {
                text.insert_str(0, &root.to_string());
            }
            for before in [" ", "\"", "'", ":", "="] {
                text = text.replace(&format!("{before}{folder}"), &format!("{before}{root}{folder}"));
            }
        }
        text
    }

    /// What this machine said, as the documentation writes it.
    fn told(&self, text: &str) -> String {
        let text = text.replace(&self.readers.to_string(), "127.0.0.1:8080");
        let text = text.replace(&self.operators.to_string(), "127.0.0.1:8081");
        text.replace(&format!("{}/", self.folder.path().display()), "/")
    }

    /// What `systemctl VERB newswire` does under the unit that is shipped.
    fn manage(&mut self, verb: &str) -> (i32, String) {
        match verb {
            "start" => self.start(),
            "reload" => return self.reload(),
            "stop" => self.stop(),
            "restart" => {
                self.stop();
                self.start();
            }
            "status" => {
                let status = self.service.as_ref().map_or("", |service| &service.status);
                return (0, format!("     Status: \"{status}\"\n"));
            }
            _ => panic!("what would `systemctl {verb}` do?"),
        }
        (0, String::new())
    }

    fn start(&mut self) {
        let socket = self.folder.path().join("notify");
        let _ = fs::remove_file(&socket);
        let manager = UnixDatagram::bind(&socket).unwrap();
        manager.set_read_timeout(Some(PATIENCE)).unwrap();
        let journal = self.journal_file();
        let stream = journal.metadata().unwrap();
        let mut command = self.program("newswire");
        command.args(["run", "-c", &self.translated(CONFIG)]).env("NOTIFY_SOCKET", socket);
        command.env("STATE_DIRECTORY", self.translated("/var/lib/newswire"));
        command.env("JOURNAL_STREAM", format!("{}:{}", stream.dev(), stream.ino()));
        let daemon = command.stdout(Stdio::null()).stderr(journal).spawn().unwrap();
        let mut service = Service { daemon, manager, status: String::new() };
        assert!(service.heard("READY=1"), "the daemon does not start:\n{}", self.journal());
        self.service = Some(service);
    }

    fn reload(&mut self) -> (i32, String) {
        let log = self.journal_file();
        let mut check = self.program("newswire");
        check.args(["check", "--config-only", "-c", &self.translated(CONFIG)]);
        let is_content = check.stdout(Stdio::null()).stderr(log).status().unwrap().success();
        if !is_content {
            return (1, FAILED.to_owned());
        }
        let service = self.service.as_mut().expect("the daemon runs");
        service.signal("HUP");
        assert!(service.heard("RELOADING=1") && service.heard("READY=1"), "the daemon does not reload");
        (0, String::new())
    }

    fn stop(&mut self) {
        if let Some(mut service) = self.service.take() {
            service.signal("TERM");
            until("the end of the daemon", || service.daemon.try_wait().unwrap());
        }
    }

    fn journal_file(&self) -> File {
        let path = self.folder.path().join("journal");
        File::options().append(true).create(true).open(path).unwrap()
    }

    /// The journal's messages, without the priorities that they begin with.
    fn journal(&self) -> String {
        let text = fs::read_to_string(Path::new(self.folder.path()).join("journal")).unwrap_or_default();
        let message = |line: &str| {
            let has_priority = line.starts_with('<') && line.get(2..3) == Some(">");
            line.get(if has_priority { 3 } else { 0 }..).unwrap_or_default().to_owned() + "\n"
        };
        text.lines().map(message).collect()
    }
}

impl Service {
    /// Waits for a message that holds `what`, and keeps the status line.
    fn heard(&mut self, what: &str) -> bool {
        let mut buffer = [0; 4096];
        while let Ok(length) = self.manager.recv(&mut buffer) {
            let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if let Some(status) = message.lines().find_map(|line| line.strip_prefix("STATUS=")) {
                status.clone_into(&mut self.status);
            }
            if message.contains(what) {
                return true;
            }
        }
        false
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.daemon.id())).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(service) = &mut self.service {
            let _ = service.daemon.kill();
            let _ = service.daemon.wait();
        }
    }
}
