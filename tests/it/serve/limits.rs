//! Connections within limits: who does not get on is closed, and the end is orderly.

use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use newswire::model::{ArticleId, StoryId};
use newswire::serve::StoryAnswer;

use super::*;

/// So short that a test does not notice, so long that an honest request on a busy machine is done.
const SOON: Duration = Duration::from_millis(200);

async fn wire(limits: Limits) -> Wire {
    let wire = Wire::with("https://wire.example.org/", limits, Answers::default()).await;
    wire.released.replace(vec![page("")], &[]);
    wire
}

/// Reads until the other side closes, by end or by reset.
async fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}

#[tokio::test]
async fn a_slow_head_is_cut() {
    let wire = wire(Limits { patience: SOON, ..Limits::default() }).await;
    for start in ["", "G", "GET / HTTP/1.1\r\nHost: x\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX: "] {
        let mut stream = TcpStream::connect(wire.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        assert!(until_closed(&mut stream).await.is_empty(), "{start}");
    }
}

#[tokio::test]
async fn a_head_that_drips_is_cut() {
    let wire = wire(Limits { patience: SOON, ..Limits::default() }).await;
    let mut stream = TcpStream::connect(wire.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    // Each byte waits for a whole exchange on another connection, so the drip never stops for long.
    while stream.write_all(b"X").await.is_ok() {
        assert_eq!(wire.get("/").await.status, 200);
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_answer() {
    let wire = wire(Limits { patience: SOON, ..Limits::default() }).await;
    let mut stream = TcpStream::connect(wire.address).await.unwrap();
    assert_eq!(keep_asking(&mut stream, "/").await.status, 200);
    assert!(until_closed(&mut stream).await.is_empty());
}

#[tokio::test]
async fn a_reader_that_stalls_frees_its_place() {
    let wire = wire(Limits { patience: SOON, connections: 1, ..Limits::default() }).await;
    // More than both sockets' buffers take.
    wire.released.replace(vec![document("big.xml", "text/xml", &"x".repeat(64 << 20))], &[]);
    let mut stalled = TcpStream::connect(wire.address).await.unwrap();
    stalled.write_all(b"GET /big.xml HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // There is one place: this is answered only once the stalled reader has lost it.
    assert_eq!(wire.get("/").await.status, 200);
    assert!(until_closed(&mut stalled).await.len() < 64 << 20);
}

#[tokio::test]
async fn more_connections_than_places_wait() {
    let wire = wire(Limits { connections: 2, ..Limits::default() }).await;
    let mut one = TcpStream::connect(wire.address).await.unwrap();
    let mut two = TcpStream::connect(wire.address).await.unwrap();
    keep_asking(&mut one, "/").await;
    keep_asking(&mut two, "/").await;
    let mut three = TcpStream::connect(wire.address).await.unwrap();
    three.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    keep_asking(&mut two, "/").await;
    assert!((wire.count("http_connections") - 2.0).abs() < 0.5);
    drop(one);
    assert_eq!(parse(&until_closed(&mut three).await).status, 200);
}

#[tokio::test]
async fn a_peer_has_its_share() {
    let wire = wire(Limits { per_peer: 1, count_private: true, ..Limits::default() }).await;
    let mut one = TcpStream::connect(wire.address).await.unwrap();
    keep_asking(&mut one, "/").await;
    let mut two = TcpStream::connect(wire.address).await.unwrap();
    assert!(until_closed(&mut two).await.is_empty());
    assert!((wire.count("http_connections_refused") - 1.0).abs() < 0.5);
    keep_asking(&mut one, "/").await;
    drop(one);
    // The place is free as soon as the server has seen the end of the first.
    for _ in 0..10_000 {
        let mut next = TcpStream::connect(wire.address).await.unwrap();
        let _ = next.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        if !until_closed(&mut next).await.is_empty() {
            return;
        }
    }
    panic!("the place was never given back");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let wire = wire(Limits::default()).await;
    let check = async |request: String, status| assert_eq!(ask_lenient(wire.address, &request).await, Some(status));
    check(format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(40_000)), 431).await;
    check(format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(40_000)), 431).await;
    check(format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(200)), 431).await;
    check("GET / HTTP/1.1\r\nbroken header\r\n\r\n".into(), 400).await;
    check("\u{16}\u{3}\u{1} a TLS hello\r\n\r\n".into(), 400).await;
    assert_eq!(wire.get("/").await.status, 200);
}

/// The status of what came back before the connection broke, which it may while we still write.
async fn ask_lenient(address: SocketAddr, request: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(request.as_bytes()).await;
    let bytes = until_closed(&mut stream).await;
    std::str::from_utf8(bytes.get(9..12)?).ok()?.parse().ok()
}

#[tokio::test]
async fn a_body_that_nobody_wants_does_no_harm() {
    let wire = wire(Limits::default()).await;
    let body = "x".repeat(1000);
    let request = format!("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n{body}");
    assert_eq!(ask_lenient(wire.address, &request).await, Some(200));
    let endless = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n{body}");
    assert_eq!(ask_lenient(wire.address, &endless).await, Some(405));
}

/// A wire whose story pages wait until they are let go; says when one waits.
async fn held(limits: Limits) -> (Wire, mpsc::Sender<()>, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let (let_go, wait) = mpsc::channel::<()>();
    let (waits, waiting) = tokio::sync::mpsc::unbounded_channel();
    let wait = Mutex::new(wait);
    let answers = Answers {
        story: Arc::new(move |id, _| {
            let _ = waits.send(());
            let _ = wait.lock().unwrap_or_else(PoisonError::into_inner).recv();
            StoryAnswer::Page(page(&format!("s/{id}")))
        }),
        ..Answers::default()
    };
    (Wire::with("https://wire.example.org/", limits, answers).await, let_go, waiting)
}

fn story() -> String {
    format!("/s/{}", StoryId::founded_by(ArticleId::of("x"), 0))
}

#[tokio::test]
async fn the_end_waits_for_answers_that_were_begun() {
    let (mut wire, let_go, mut waiting) = held(Limits::default()).await;
    wire.released.replace(vec![page("")], &[]);
    let mut idle = TcpStream::connect(wire.address).await.unwrap();
    keep_asking(&mut idle, "/").await;
    let mut fresh = TcpStream::connect(wire.address).await.unwrap();
    let mut busy = TcpStream::connect(wire.address).await.unwrap();
    busy.write_all(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", story()).as_bytes()).await.unwrap();
    waiting.recv().await.unwrap();
    wire.stop();
    assert!(until_closed(&mut idle).await.is_empty());
    assert!(until_closed(&mut fresh).await.is_empty());
    assert!(TcpStream::connect(wire.address).await.is_err());
    assert!(!wire.running.is_finished());
    let_go.send(()).unwrap();
    let reply = parse(&until_closed(&mut busy).await);
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert_eq!(wire.running.await.unwrap(), Drained::Clean);
}

#[tokio::test]
async fn the_end_does_not_wait_for_ever() {
    let (mut wire, let_go, mut waiting) = held(Limits { drain: SOON, ..Limits::default() }).await;
    let mut busy = TcpStream::connect(wire.address).await.unwrap();
    busy.write_all(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", story()).as_bytes()).await.unwrap();
    waiting.recv().await.unwrap();
    wire.stop();
    assert!(until_closed(&mut busy).await.is_empty());
    assert_eq!(wire.running.await.unwrap(), Drained::Cut(1));
    drop(let_go);
}
