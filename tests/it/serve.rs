//! Serving over real HTTP on loopback: raw requests, so that every header is ours.

#![cfg(test)]

mod admin;
mod documents;
mod events;
mod limits;
mod polite;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use newswire::clock::Clock;
use newswire::model::{Digest, Document};
use newswire::released::Released;
use newswire::serve::{Answers, Drained, Limits, Public, PublicSettings, Traffic};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The moment at which every test stands: Sun, 06 Nov 1994 08:49:37 GMT.
const NOW: i64 = 784_111_777;

/// A day before, when every document changed: Sat, 05 Nov 1994 08:49:37 GMT.
const CHANGED: &str = "Sat, 05 Nov 1994 08:49:37 GMT";

/// A public listener that runs.
pub struct Wire {
    pub address: SocketAddr,
    pub released: Released,
    traffic: Arc<Traffic>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<Drained>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Wire {
    async fn start() -> Self {
        Self::with("https://wire.example.org/", Limits::default(), Answers::default()).await
    }

    pub async fn with(base_url: &str, limits: Limits, answers: Answers) -> Self {
        Self::on(base_url, None, limits, answers).await
    }

    /// With a hub.
    async fn hubbed(base_url: &str, hub: Option<&str>, answers: Answers) -> Self {
        Self::on(base_url, hub, Limits::default(), answers).await
    }

    async fn on(base_url: &str, hub: Option<&str>, limits: Limits, answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let released = Released::new();
        let traffic = Arc::new(Traffic::default());
        let settings = PublicSettings {
            base_url: base_url.into(),
            csp: "default-src 'none'; img-src https:".into(),
            hub: hub.map(str::to_owned),
            script: "// listens",
        };
        let clock = Clock::manual(Timestamp::from_second(NOW).unwrap());
        let public = Public::new(released.clone(), settings, answers, Arc::clone(&traffic), clock);
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(public.run(listener, limits, async move { drop(stopped.await) }));
        Self { address, released, traffic, stop: Some(stop), running }
    }

    fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// One request on a connection of its own.
    pub async fn ask(&self, method: &str, path: &str, headers: &[&str]) -> Reply {
        ask(self.address, &head(method, path, "wire.example.org", headers)).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[]).await
    }

    pub fn count(&self, name: &str) -> f64 {
        self.traffic.samples().iter().filter(|sample| sample.name == name).map(|sample| sample.value).sum()
    }
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} twice in {self:?}");
        value
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

pub fn head(method: &str, path: &str, host: &str, headers: &[&str]) -> String {
    let first = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    headers.iter().fold(first, |head, line| head + line + "\r\n") + "\r\n"
}

/// Sends `request` as it is and reads to the end of the connection.
pub async fn ask(address: SocketAddr, request: &str) -> Reply {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    parse(&bytes)
}

/// One request on a connection that stays open; the answer must have a `Content-Length` or no body.
pub async fn keep_asking(stream: &mut TcpStream, path: &str) -> Reply {
    let request = format!("GET {path} HTTP/1.1\r\nHost: wire.example.org\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    loop {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "closed after {} bytes", bytes.len());
        if bytes.windows(4).any(|window| window == b"\r\n\r\n") {
            let reply = parse(&bytes);
            let expected = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
            if reply.body.len() >= expected {
                return reply;
            }
        }
    }
}

pub fn parse(bytes: &[u8]) -> Reply {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let text = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12)).and_then(|code| code.parse().ok()).unwrap();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Reply { status, headers, body: bytes[end + 4..].to_vec() }
}

pub fn document(path: &str, media_type: &'static str, text: &str) -> Document {
    Document {
        path: path.into(),
        media_type,
        bytes: text.into(),
        digest: Digest::of(text.as_bytes()),
        last_modified: Timestamp::from_second(NOW - 86_400).unwrap(),
    }
}

pub fn page(path: &str) -> Document {
    document(path, "text/html; charset=utf-8", &format!("<!doctype html><p>{path}{}", " page".repeat(200)))
}

pub fn feed(path: &str) -> Document {
    let media_type = "application/rss+xml; charset=utf-8";
    document(path, media_type, &format!("<rss><!-- {path} -->{}</rss>", "<item>story</item>".repeat(200)))
}
