//! The publishers' servers, played on loopback: each host has an address of its own, and every request is noted.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How often each address (host and path) was asked.
pub type Counts = BTreeMap<String, u64>;

/// Servers that run until the process ends.
pub struct Pages {
    /// Host → where it really is.
    pub hosts: BTreeMap<String, SocketAddr>,
    asked: Arc<Mutex<Counts>>,
}

impl Pages {
    /// Plays `pages` (by host and path, `host/path`: media type and body) on one loopback address a host.
    pub fn open(hosts: &[String], pages: BTreeMap<String, (&'static str, String)>) -> Self {
        let asked = Arc::<Mutex<Counts>>::default();
        let pages = Arc::new(pages);
        let mut map = BTreeMap::new();
        for (number, host) in (1u8..).zip(hosts) {
            let listener = TcpListener::bind((std::net::Ipv4Addr::new(127, 0, 7, number), 0)).expect("a listener");
            map.insert(host.clone(), listener.local_addr().expect("its address"));
            let (pages, asked) = (Arc::clone(&pages), Arc::clone(&asked));
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let (pages, asked) = (Arc::clone(&pages), Arc::clone(&asked));
                    thread::spawn(move || serve(&stream, &pages, &asked));
                }
            });
        }
        Self { hosts: map, asked }
    }

    /// What was asked since the last call.
    pub fn take_log(&self) -> Counts {
        std::mem::take(&mut *self.asked.lock().expect("nobody panics"))
    }
}

fn serve(stream: &TcpStream, pages: &BTreeMap<String, (&'static str, String)>, asked: &Mutex<Counts>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).ok()? == 0 {
            return None;
        }
        let path = first.split_whitespace().nth(1)?.to_owned();
        let mut host = String::new();
        loop {
            let mut field = String::new();
            reader.read_line(&mut field).ok()?;
            if field.trim().is_empty() {
                break;
            }
            if let Some(value) = field.to_ascii_lowercase().strip_prefix("host:") {
                value.trim().split(':').next().unwrap_or_default().clone_into(&mut host);
            }
        }
        let key = format!("{host}{path}");
        let answer = match pages.get(&key) {
            Some((media, body)) => {
                format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            }
            None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
        };
        *asked.lock().ok()?.entry(key).or_default() += 1;
        writer.write_all(answer.as_bytes()).ok()?;
    }
}
