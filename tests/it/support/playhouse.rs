//! A small HTTP server on loopback that plays what a test scripts, byte by byte if need be, and logs who asked.
//!
//! It knows just enough of HTTP/1.1: bodies of a stated length, keep-alive, and whatever bytes the script sends back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use newswire::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// By the clock of the house.
    pub at: Timestamp,
    /// Which connection, counted from 0.
    pub connection: usize,
    /// `GET`, `POST`, …
    pub method: String,
    /// The `Host` field.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// All fields, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// What came after the head.
    pub body: Vec<u8>,
}

/// What the house answers.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The body is all there is on the wire: no status line, no fields.
    is_raw: bool,
    manner: Manner,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    Plain,
    /// The connection ends after the bytes.
    ThenEnd,
    /// Nothing more comes, and the connection stays open.
    ThenSilence,
    /// Byte by byte, with this much time between two.
    Drip(Duration),
}

impl Reply {
    /// An empty answer.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), is_raw: false, manner: Manner::Plain }
    }

    /// A 200 with a body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::status(200) }
    }

    /// A redirect.
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("Location", to)
    }

    /// Exactly these bytes, then the connection ends.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { is_raw: true, manner: Manner::ThenEnd, ..Self::ok(bytes) }
    }

    /// One more field. `Content-Length` replaces the true one.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this body.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// After the bytes, silence on an open connection.
    pub fn then_silence(mut self) -> Self {
        self.manner = Manner::ThenSilence;
        self
    }

    /// Byte by byte.
    pub fn dripping(mut self, every: Duration) -> Self {
        self.manner = Manner::Drip(every);
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut wire = Vec::new();
        if !self.is_raw {
            wire.extend(format!("HTTP/1.1 {} Played\r\n", self.status).bytes());
            for (name, value) in &self.headers {
                wire.extend(format!("{name}: {value}\r\n").bytes());
            }
            let is_announced = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            if !is_announced && self.status != 204 && self.status != 304 {
                wire.extend(format!("Content-Length: {}\r\n", self.body.len()).bytes());
            }
            wire.extend(b"\r\n");
        }
        wire.extend(&self.body);
        wire
    }
}

/// The server. It closes when dropped.
pub struct Playhouse {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
    /// How many requests came, and how many connections are open.
    counts: watch::Sender<(usize, usize)>,
    play: JoinHandle<()>,
}

impl Playhouse {
    /// Opens on a free port of loopback and plays `script` to everyone.
    pub async fn open(clock: Clock, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::open_on(TcpListener::bind(("127.0.0.1", 0)).await.unwrap(), clock, script)
    }

    /// The same on a listener of one's own.
    pub fn open_on(
        listener: TcpListener,
        clock: Clock,
        script: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (script, entries) = (Arc::new(script), Arc::clone(&log));
        let counts = watch::Sender::new((0, 0));
        let counted = counts.clone();
        let play = tokio::spawn(async move {
            let mut connection = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let (script, log, clock) = (Arc::clone(&script), Arc::clone(&entries), clock.clone());
                let counts = counted.clone();
                counts.send_modify(|counts| counts.1 += 1);
                tokio::spawn(async move {
                    let script = |asked: &Asked| {
                        let reply = script(asked);
                        counts.send_modify(|counts| counts.0 += 1);
                        reply
                    };
                    let _ = serve(stream, connection, &clock, &script, &log).await;
                    counts.send_modify(|counts| counts.1 -= 1);
                });
                connection += 1;
            }
        });
        Self { address, log, counts, play }
    }

    /// Waits until so many requests came.
    pub async fn asked(&self, times: usize) {
        self.counts.subscribe().wait_for(|counts| counts.0 >= times).await.unwrap();
    }

    /// Waits until no connection is open.
    pub async fn left_alone(&self) {
        self.counts.subscribe().wait_for(|counts| counts.1 == 0).await.unwrap();
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All requests so far, in order.
    pub fn log(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// `host path` of all requests so far.
    pub fn visits(&self) -> Vec<String> {
        self.log().iter().map(|asked| format!("{}{}", asked.host, asked.path)).collect()
    }
}

impl Drop for Playhouse {
    fn drop(&mut self) {
        self.play.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    clock: &Clock,
    script: &(dyn Fn(&Asked) -> Reply + Send + Sync),
    log: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            // A TLS greeting; what a plain server says to that.
            if buffer.first() == Some(&0x16) {
                return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            }
            continue;
        };
        let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
        buffer.drain(..end + 4);
        let mut asked = parse(&head, connection, clock.now());
        let length = asked.headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while buffer.len() < length {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        asked.body = buffer.drain(..length).collect();
        let reply = script(&asked);
        log.lock().unwrap().push(asked);
        let bytes = reply.bytes();
        match reply.manner {
            Manner::Plain => stream.write_all(&bytes).await?,
            Manner::ThenEnd => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Manner::ThenSilence => {
                stream.write_all(&bytes).await?;
                // The other side gives up in the end, which reads as 0.
                while stream.read_buf(&mut buffer).await? > 0 {}
                return Ok(());
            }
            Manner::Drip(every) => {
                let mut ticks = tokio::time::interval(every);
                for byte in bytes {
                    ticks.tick().await;
                    stream.write_all(&[byte]).await?;
                }
            }
        }
    }
}

fn parse(head: &str, connection: usize, at: Timestamp) -> Asked {
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let fields = lines.filter_map(|line| line.split_once(':'));
    let headers: BTreeMap<String, String> =
        fields.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let host = headers.get("host").cloned().unwrap_or_default();
    Asked { at, connection, method, host, path, headers, body: Vec::new() }
}
