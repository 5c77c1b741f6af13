//! Readers in an open loop: each request at its time, its latency from that time.
//!
//! Three of four readers come over connections that stay open (a proxy's), one over a connection of its own. Two of
//! three know what they read last time. Readers have some hundred addresses of loopback, so that ports do not run out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep_until, timeout};

const FORMATS: [&str; 3] = ["rss.xml", "atom.xml", "feed.json"];

/// An answer that takes longer is an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// Addresses of readers: 127.0.2.1 and following.
const ADDRESSES: u64 = 200;

/// What is asked, of whom, how often and for how long.
#[derive(Clone, Copy)]
pub struct Asking {
    pub address: SocketAddr,
    /// A second.
    pub rate: u64,
    pub seconds: u64,
    /// Every reader knows what it read last time.
    pub is_conditional: bool,
    pub topics: usize,
}

/// What came of it; latencies in milliseconds.
#[derive(Default)]
pub struct Answers {
    pub asked: u64,
    pub unchanged: Vec<f64>,
    pub whole: Vec<f64>,
    pub errors: Vec<String>,
    /// How late each request was sent, which its latency holds: the machine had no time for us.
    pub late: Vec<f64>,
}

/// What all readers share.
struct Crowd {
    asking: Asking,
    etags: Mutex<HashMap<String, String>>,
    open: Mutex<Vec<TcpStream>>,
    answers: Mutex<Answers>,
}

/// Asks, on a runtime and a thread of its own, and waits for the last answer.
pub fn ask(asking: Asking) -> Answers {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let crowd = Arc::new(Crowd { asking, etags: Mutex::default(), open: Mutex::default(), answers: Mutex::default() });
    runtime.block_on(crowd.clone().all());
    drop(runtime);
    let crowd = Arc::into_inner(crowd).expect("all readers are gone");
    crowd.answers.into_inner().expect("nobody panics")
}

impl Crowd {
    async fn all(self: Arc<Self>) {
        let paths = (0..self.asking.topics).flat_map(|topic| FORMATS.map(|format| format!("/t/t{topic}/{format}")));
        let paths: Vec<String> = paths.collect();
        // Who knows what it read last time has read it once; that is not counted.
        for (number, path) in paths.iter().enumerate() {
            self.exchange(number as u64, path, false).await.expect("every feed is there");
        }
        let mut readers = tokio::task::JoinSet::new();
        let started = Instant::now();
        for number in 0..self.asking.rate * self.asking.seconds {
            let due = started + Duration::from_micros(number * 1_000_000 / self.asking.rate);
            sleep_until(due).await;
            // No two formats and no two ways in step with each other.
            let path = paths[(number * 7 % paths.len() as u64) as usize].clone();
            let crowd = Arc::clone(&self);
            readers.spawn(async move { crowd.read(number, &path, due).await });
            while readers.try_join_next().is_some() {}
        }
        while readers.join_next().await.is_some() {}
        self.answers.lock().expect("nobody panics").asked = self.asking.rate * self.asking.seconds;
        self.open.lock().expect("nobody panics").clear();
    }

    async fn read(&self, number: u64, path: &str, due: Instant) {
        let late = due.elapsed().as_secs_f64() * 1000.0;
        let knows = self.asking.is_conditional || !number.is_multiple_of(3);
        let came = timeout(PATIENCE, self.exchange(number, path, knows)).await;
        let latency = due.elapsed().as_secs_f64() * 1000.0;
        let mut answers = self.answers.lock().expect("nobody panics");
        answers.late.push(late);
        match came {
            Ok(Ok(304)) => answers.unchanged.push(latency),
            Ok(Ok(200)) => answers.whole.push(latency),
            Ok(Ok(status)) => answers.errors.push(format!("{path}: status {status}")),
            Ok(Err(error)) => answers.errors.push(format!("{path}: {error}")),
            Err(_) => answers.errors.push(format!("{path}: no answer in {PATIENCE:?}")),
        }
    }

    /// One request; gives the status of a whole answer.
    async fn exchange(&self, number: u64, path: &str, knows: bool) -> std::io::Result<u16> {
        let etag = self.etags.lock().expect("nobody panics").get(path).cloned().filter(|_| knows);
        let coding = if number.is_multiple_of(2) { "gzip" } else { "identity" };
        let known = etag.map(|etag| format!("If-None-Match: {etag}\r\n")).unwrap_or_default();
        let host = self.asking.address;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {coding}\r\n{known}\r\n");
        let kept = if number.is_multiple_of(4) { None } else { self.open.lock().expect("nobody panics").pop() };
        if let Some(stream) = kept
            && let Ok(status) = self.speak(stream, path, &request, true).await
        {
            return Ok(status);
        }
        // A connection that lay open may have been closed meanwhile: every client asks again then.
        let socket = TcpSocket::new_v4()?;
        let own = Ipv4Addr::new(127, 0, 2, u8::try_from(number % ADDRESSES).unwrap_or(0) + 1);
        socket.bind((IpAddr::V4(own), 0).into())?;
        let stream = socket.connect(self.asking.address).await?;
        stream.set_nodelay(true)?;
        self.speak(stream, path, &request, !number.is_multiple_of(4)).await
    }

    async fn speak(&self, mut stream: TcpStream, path: &str, request: &str, keeps: bool) -> std::io::Result<u16> {
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::with_capacity(16 * 1024);
        let end = loop {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let field = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let status: u16 = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        if status == 200 {
            let length: usize = field("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            while bytes.len() < end + length {
                if stream.read_buf(&mut bytes).await? == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
            }
            assert!(length > 100 && bytes.len() == end + length, "{path}: {head}");
        }
        if let Some(etag) = field("etag") {
            self.etags.lock().expect("nobody panics").insert(path.to_owned(), etag);
        }
        if keeps {
            self.open.lock().expect("nobody panics").push(stream);
        }
        Ok(status)
    }
}
