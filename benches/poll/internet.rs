//! The program that plays the internet, started and asked what it saw.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::world::process::free_port;

/// The internet, until this is dropped.
pub struct Internet {
    child: Child,
    pub port: u16,
}

impl Internet {
    /// `feeds` feeds that never change by themselves; `arguments` add to that.
    pub fn start(program: &Path, feeds: usize, arguments: &[&str]) -> Self {
        let port = free_port();
        let mut command = Command::new(program);
        command.args(["--port", &port.to_string(), "--feeds", &feeds.to_string()]).args(arguments);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the worldserver starts");
        let internet = Self { child, port };
        while ask(internet.address(), "GET", "/__stats").is_none() {
            thread::park_timeout(Duration::from_millis(20));
        }
        internet
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// The addresses of the first `feeds` feeds.
    pub fn feeds(&self, feeds: usize) -> Vec<String> {
        let list = self.text(&format!("/__urls?n={feeds}"));
        list.lines().map(str::to_owned).collect()
    }

    /// Every feed is asked once, so that the answers are rendered before anything is measured; then all counts are 0.
    pub fn warm(&self, feeds: &[String]) {
        for url in feeds {
            fetch(url, true);
            fetch(url, false);
        }
        ask(self.address(), "POST", "/__reset").expect("a reset");
    }

    /// Ten minutes pass: some feeds get new items.
    pub fn tick(&self) {
        ask(self.address(), "POST", "/__tick?n=1").expect("a tick");
    }

    /// What it saw.
    pub fn stats(&self, query: &str) -> Value {
        serde_json::from_str(&self.text(&format!("/__stats{query}"))).expect("counts")
    }

    /// Every item of a range of feeds.
    pub fn items(&self, feeds: usize) -> Vec<Value> {
        let lines = self.text(&format!("/__gold?from=0&to={feeds}"));
        lines.lines().map(|line| serde_json::from_str(line).expect("an item")).collect()
    }

    fn text(&self, path: &str) -> String {
        let answer = ask(self.address(), "GET", path).expect("an answer");
        answer.body
    }
}

impl Drop for Internet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer of any server.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// Asks an `http` address with an IP address for its host; `None` where no whole answer comes within two seconds.
pub fn fetch(url: &str, gzip: bool) -> Option<Answer> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/')?;
    exchange(host.parse().ok()?, "GET", &format!("/{path}"), if gzip { "Accept-Encoding: gzip\r\n" } else { "" })
}

fn ask(address: SocketAddr, method: &str, path: &str) -> Option<Answer> {
    exchange(address, method, path, "")
}

fn exchange(address: SocketAddr, method: &str, path: &str, fields: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{fields}Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut bytes = Vec::new();
    stream.take(8 << 20).read_to_end(&mut bytes).ok()?;
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..split]).to_ascii_lowercase();
    let mut body = String::from_utf8_lossy(&bytes[split + 4..]).into_owned();
    if head.contains("transfer-encoding: chunked") {
        body = dechunked(&body);
    }
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some(Answer { status, head, body })
}

fn dechunked(body: &str) -> String {
    let mut rest = body;
    let mut text = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let Some(chunk) = after.get(..size).filter(|_| size > 0) else { break };
        text.push_str(chunk);
        rest = after.get(size + 2..).unwrap_or_default();
    }
    text
}

/// Writes the configuration of a wire that polls `feeds`; `fetch` and `more` are YAML.
pub fn configure(home: &Path, port: u16, feeds: &[String], fetch: &str, more: &str) {
    let public = free_port();
    let admin = free_port();
    let mut text = format!(
        "site: {{ title: Bench, base_url: \"http://wire.example/\", contact: me@wire.example }}\n\
         server: {{ listen: \"127.0.0.1:{public}\", admin: \"127.0.0.1:{admin}\" }}\n\
         store: \"sqlite:{}\"\nseeds: {{ paths: [seeds], watch: false }}\n\
         fetch: {{ {fetch}, allow_private: [127.0.0.0/8], ports: [{port}] }}\n{more}\nsources:\n",
        home.join("wire.db").display()
    );
    for url in feeds {
        let _ = writeln!(text, "  - url: {url}");
    }
    std::fs::write(home.join("newswire.yaml"), text).expect("a configuration");
    std::fs::write(home.join("port"), public.to_string()).expect("a port");
    std::fs::write(home.join("admin"), admin.to_string()).expect("a port");
}
