//! Servers of publishers that fail: one loopback address for all of them, told apart by `Host`.
//!
//! Feeds have honest validators. By the dice, a request is answered with an error, a word to slow down, half a body or
//! nothing at all; once `calm` is set, all is well.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::world::invent::Dice;

/// Media type and body of each address (`host/path`).
pub type Shown = HashMap<String, (&'static str, String)>;

/// Of a hundred requests, so many fail in each of the ways.
const SHARE: u64 = 3;

pub struct Server {
    pub address: SocketAddr,
    pub shown: Arc<Mutex<Shown>>,
    pub calm: Arc<AtomicBool>,
}

impl Server {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.7.1:0").expect("a listener");
        let server =
            Self { address: listener.local_addr().expect("an address"), shown: Arc::default(), calm: Arc::default() };
        let (shown, calm) = (Arc::clone(&server.shown), Arc::clone(&server.calm));
        thread::spawn(move || {
            for (number, stream) in (0..).zip(listener.incoming().flatten()) {
                let (shown, calm) = (Arc::clone(&shown), Arc::clone(&calm));
                thread::spawn(move || serve(&stream, &shown, &calm, Dice(number)));
            }
        });
        server
    }
}

fn serve(stream: &TcpStream, shown: &Mutex<Shown>, calm: &AtomicBool, mut dice: Dice) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).ok()? == 0 {
            return None;
        }
        let path = first.split_whitespace().nth(1)?.to_owned();
        let (mut host, mut held) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            match name.to_ascii_lowercase().as_str() {
                "host" => value.trim().split(':').next()?.clone_into(&mut host),
                "if-none-match" => value.trim().clone_into(&mut held),
                _ => {}
            }
        }
        let page = shown.lock().expect("nobody panics").get(&format!("{host}{path}")).cloned();
        let fault = if calm.load(Ordering::SeqCst) { u64::MAX } else { dice.below(100) / SHARE };
        let answer = answer(page, &held, fault)?;
        writer.write_all(&answer.0).ok()?;
        if answer.1 {
            return None;
        }
    }
}

/// The bytes to send, and whether the connection then breaks.
fn answer(page: Option<(&'static str, String)>, held: &str, fault: u64) -> Option<(Vec<u8>, bool)> {
    let short = |status: &str| Some((format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes(), false));
    let Some((media, body)) = page else { return short("404 Not Found") };
    let etag = format!("\"{}\"", blake3::hash(body.as_bytes()).to_hex());
    match fault {
        0 => return short("500 Internal Server Error"),
        1 => return short("429 Too Many Requests\r\nRetry-After: 1"),
        2 => return None,
        _ if etag == held => return short(&format!("304 Not Modified\r\nETag: {etag}")),
        _ => {}
    }
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nETag: {etag}\r\nContent-Length: {}\r\n\r\n", body.len());
    let is_cut = fault == 3;
    let sent = if is_cut { &body.as_bytes()[..body.len() / 2] } else { body.as_bytes() };
    Some(([head.as_bytes(), sent].concat(), is_cut))
}
