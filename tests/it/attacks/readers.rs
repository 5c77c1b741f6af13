//! What readers send: too slowly, too much, too often, and for what is none of theirs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use newswire::model::FollowAnswer;
use newswire::serve::{Admin, AdminSettings, Answers, BesideAnswer, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::serve::{Wire, ask, document, feed, head, keep_asking, page};

/// The patience of the listener in these rows.
const SOON: Duration = Duration::from_millis(300);

/// A wire with a page and a feed, that counts loopback as it counts everybody.
async fn wire(limits: Limits, answers: Answers) -> Wire {
    let wire = Wire::with("https://wire.example.org/", Limits { count_private: true, ..limits }, answers).await;
    wire.released.replace(vec![page(""), page("t/ai/"), feed("t/ai/rss.xml"), page("all/")], &[]);
    wire
}

async fn connect(wire: &Wire) -> TcpStream {
    TcpStream::connect(wire.address).await.unwrap()
}

/// Reads until the other side closes.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}

/// What came back before the connection ended, which may be while we still write.
async fn send(wire: &Wire, bytes: &[u8]) -> String {
    let mut stream = connect(wire).await;
    let _ = stream.write_all(bytes).await;
    String::from_utf8_lossy(&rest(&mut stream).await).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("closed")
}

pub async fn slow_heads() -> String {
    let limits = Limits { patience: SOON, per_peer: 300, ..Limits::default() };
    let wire = wire(limits, Answers::default()).await;
    let mut slow = Vec::new();
    for number in 0..200 {
        let mut stream = connect(&wire).await;
        let start = ["", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX-Drip: "][number % 4];
        stream.write_all(start.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    assert_eq!(wire.get("/").await.status, 200, "others are served meanwhile");
    // They drip on as long as anybody listens; each drop waits for an exchange of somebody else.
    while slow[3].write_all(b"x").await.is_ok() {
        assert_eq!(wire.get("/").await.status, 200);
    }
    for stream in &mut slow {
        assert!(rest(stream).await.is_empty());
    }
    format!("all 200 closed after {} ms of patience (10 s as shipped), others were served", SOON.as_millis())
}

pub async fn slow_body() -> String {
    let wire = wire(Limits { patience: SOON, ..Limits::default() }, Answers::default()).await;
    let mut stream = connect(&wire).await;
    stream.write_all(b"POST /hub HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\nhub.mode=").await.unwrap();
    while stream.write_all(b"x").await.is_ok() {
        assert_eq!(wire.get("/").await.status, 200);
    }
    assert!(!String::from_utf8_lossy(&rest(&mut stream).await).starts_with("HTTP/1.1 2"));
    "the connection was closed, its turn given to others".to_owned()
}

pub async fn stalled() -> String {
    let wire = wire(Limits { patience: SOON, connections: 2, ..Limits::default() }, Answers::default()).await;
    wire.released.replace(vec![page(""), document("big.xml", "text/xml", &"x".repeat(64 << 20))], &[]);
    let mut held = [connect(&wire).await, connect(&wire).await];
    for stream in &mut held {
        stream.write_all(b"GET /big.xml HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    }
    assert_eq!(wire.get("/").await.status, 200, "answered once a place was free again");
    "both places were freed, the next reader was served".to_owned()
}

pub async fn crowd() -> String {
    let limits = Limits::default();
    let most = limits.per_peer;
    let wire = wire(limits, Answers::default()).await;
    let mut held = Vec::new();
    for _ in 0..most {
        let mut stream = connect(&wire).await;
        keep_asking(&mut stream, "/").await;
        held.push(stream);
    }
    for _ in 0..50 {
        assert!(send(&wire, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.is_empty());
    }
    assert!(wire.count("newswire_http_connections_refused_total") > 49.0);
    keep_asking(&mut held[0], "/").await;
    format!("{most} are held, 50 of 50 more were closed at once")
}

pub async fn costly() -> String {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    let answers = Answers {
        beside: Arc::new(move |path, _| {
            counted.fetch_add(1, Ordering::SeqCst);
            BesideAnswer::Document(page(path))
        }),
        ..Answers::default()
    };
    let wire = wire(Limits { burst: 20, per_second: 0, ..Limits::default() }, answers).await;
    let mut refused = 0;
    for number in 0..100 {
        let path = ["/search?q=x", "/t/ai/rss.xml?limit=1", "/t/ai/archive/2026-01.xml", "/s/x"][number % 4];
        let reply = wire.get(path).await;
        refused += usize::from(reply.status == 429);
        assert!(reply.status != 429 || reply.header("retry-after").is_some());
    }
    let made = made.load(Ordering::SeqCst);
    assert!(refused == 80 && made <= 20, "{refused} {made}");
    for path in ["/", "/t/ai/rss.xml"] {
        assert_eq!(wire.get(path).await.status, 200, "what is released costs nothing");
    }
    format!("{refused} of 100 answered 429 with Retry-After; feeds and pages went on")
}

pub async fn large_heads() -> String {
    let wire = wire(Limits::default(), Answers::default()).await;
    let large = "x".repeat(1 << 20);
    let mut told = Vec::new();
    for (what, request) in [
        ("a path of 1 MB", format!("GET /{large} HTTP/1.1\r\nHost: x\r\n\r\n")),
        ("a query of 1 MB", format!("GET /search?q={large} HTTP/1.1\r\nHost: x\r\n\r\n")),
        ("a field of 1 MB", format!("GET / HTTP/1.1\r\nHost: x\r\nX: {large}\r\n\r\n")),
        ("10,000 fields", format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(10_000))),
        ("a query of 8 kB", head("GET", &format!("/search?q={}", &large[..8000]), "x", &[])),
    ] {
        let answer = send(&wire, request.as_bytes()).await;
        assert!(["400", "414", "431", "closed"].contains(&status(&answer)), "{what}: {answer}");
        // Where the answer is lost because we still wrote, the connection is closed all the same.
        if what != "a query of 8 kB" {
            continue;
        }
        told.push(format!("{what}: {}", status(&answer)));
    }
    assert_eq!(wire.get("/").await.status, 200);
    format!("refused with 431 or 414 before they were read whole ({})", told.join(", "))
}

pub async fn large_forms() -> String {
    let answers = Answers { follow: Arc::new(|_| FollowAnswer::Accepted), ..Answers::default() };
    let wire = wire(Limits::default(), answers).await;
    let announced = "POST /hub HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\nhub.mode=subscribe";
    assert!(["413", "closed"].contains(&status(&send(&wire, announced.as_bytes()).await)));
    let mut stream = connect(&wire).await;
    stream.write_all(b"POST /hub HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    let mut sent = 0;
    while sent < 100 << 20 && stream.write_all(chunk.as_bytes()).await.is_ok() {
        sent += chunk.len();
    }
    assert!(sent < 10 << 20, "{sent} bytes were taken");
    "413 at once where the length is announced, else after 16 KiB".to_owned()
}

pub async fn streams() -> String {
    let wire = wire(Limits { per_peer: 1000, burst: 1000, ..Limits::default() }, Answers::default()).await;
    let (mut held, mut refused) = (Vec::new(), 0);
    for _ in 0..300 {
        let mut stream = connect(&wire).await;
        stream.write_all(b"GET /events?of=t/ai/ HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut first = [0; 512];
        let read = stream.read(&mut first).await.unwrap();
        refused += usize::from(String::from_utf8_lossy(&first[..read]).starts_with("HTTP/1.1 503"));
        held.push(stream);
    }
    assert_eq!(refused, 300 - 256);
    assert_eq!(wire.get("/").await.status, 200);
    format!("256 are held, {refused} answered 503; readers were served")
}

pub async fn hub_flood() -> String {
    let answers = Answers { follow: Arc::new(|_| FollowAnswer::Accepted), ..Answers::default() };
    let wire = wire(Limits { burst: 10, per_second: 0, ..Limits::default() }, answers).await;
    let form = "hub.mode=subscribe&hub.topic=x&hub.callback=https://victim.example/";
    let length = form.len();
    let request =
        format!("POST /hub HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{form}");
    let mut refused = 0;
    for _ in 0..60 {
        refused += usize::from(status(&send(&wire, request.as_bytes()).await) == "429");
    }
    assert_eq!(refused, 50);
    "50 of 60 answered 429; of the others 20 a call-back host wait at a time".to_owned()
}

/// Ways out of a folder.
const PATHS: &[&str] = &[
    "/../../etc/passwd",
    "/..%2f..%2fetc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/%252e%252e/etc/passwd",
    "/..%5c..%5cetc%5cpasswd",
    "//etc/passwd",
    "/./t/../../newswire.yaml",
    "/t/ai/../../../newswire.db",
    "/t/ai/archive/../../../newswire.db",
    "/t/ai/archive/..%2f..%2fnewswire.yaml.xml",
    "/s/../newswire.yaml",
    "/s/%2e%2e%2fnewswire.yaml",
    "/img/../newswire.db",
    "/img/..%2f..%2f..%2fetc%2fpasswd",
    "/p/../t/ai/",
    "/p/..%2f..%2fnewswire.yaml/rss.xml",
    "/%c0%ae%c0%ae/etc/passwd",
    "/etc/passwd%00.xml",
    "/file:///etc/passwd",
];

pub async fn paths() -> String {
    // The program itself, with a folder of files that it writes.
    let desk = crate::support::process::Desk::new("topics: [{ id: ai, labels: [AI] }]\n");
    desk.seed("one.md", crate::support::world::seed(&["AI"], crate::support::world::art("a.example/1", "One"), &[]));
    let daemon = desk.daemon();
    daemon.until("/t/ai/", |answer| answer.status == 200);
    for path in PATHS {
        let answer = daemon.get(path);
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
        assert!(!answer.has("root:") && !answer.has("base_url"), "{path}");
    }
    format!("{} of {} answered 404: no path is a file's", PATHS.len(), PATHS.len())
}

pub async fn split() -> String {
    let wire = wire(Limits::default(), Answers::default()).await;
    for path in
        ["/t/ai%0d%0aSet-Cookie:%20x=1", "/t%0d%0a/ai", "/%0d%0aX-Mine:%20yes/", "/s/0000000000000000%0aX-Mine:yes/"]
    {
        let reply = wire.get(path).await;
        assert!(reply.header("set-cookie").is_none() && reply.header("x-mine").is_none(), "{reply:?}");
    }
    let raw = send(&wire, b"GET /t/ai\r\nX-Mine: yes HTTP/1.1\r\n\r\n").await;
    assert!(status(&raw) == "400" && !raw.contains("X-Mine"), "{raw}");
    "answered 404 or 400; nothing of it came back".to_owned()
}

pub async fn false_host() -> String {
    let wire = wire(Limits::default(), Answers::default()).await;
    for request in [
        head("GET", "/t/ai", "evil.example", &["X-Forwarded-Host: evil.example", "Forwarded: host=evil.example"]),
        head("GET", "http://evil.example/t/ai", "evil.example", &[]),
        head("GET", "/t/ai/rss.xml", "evil.example\tx", &[]),
        head("GET", "//evil.example/%2e%2e", "evil.example", &[]),
    ] {
        let answer = send(&wire, request.as_bytes()).await;
        assert!(!answer.contains("evil"), "{answer}");
    }
    let moved = ask(wire.address, &head("GET", "/t/ai", "evil.example", &[])).await;
    assert_eq!(moved.header("location"), Some("./ai/"));
    "links and redirects are those of the configuration, or relative".to_owned()
}

const ADMIN: &[&str] = &["/livez", "/readyz", "/metrics", "/status", "/explain?url=x", "/health", "/health.atom"];

pub async fn admin_outside() -> String {
    let wire = wire(Limits::default(), Answers::default()).await;
    for path in ADMIN {
        for spelled in [(*path).to_owned(), format!("/.{path}"), format!("/{path}"), path.replace('e', "%65")] {
            for host in ["wire.example.org", "127.0.0.1:8081", "localhost"] {
                let reply = ask(wire.address, &head("GET", &spelled, host, &[])).await;
                assert_eq!(reply.status, 404, "{spelled} by {host}");
            }
        }
    }
    format!("{} addresses in 4 spellings by 3 hosts: 404", ADMIN.len())
}

pub async fn admin_rebound() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let admin = Admin::new(AdminSettings::default(), Answers::default(), Arc::default());
    tokio::spawn(admin.run(listener, Limits::default(), std::future::pending()));
    for path in ADMIN {
        for host in ["rebound.example", "127.0.0.1.rebound.example:8081", "localhost.rebound.example"] {
            assert_eq!(ask(address, &head("GET", path, host, &[])).await.status, 421, "{path} by {host}");
        }
        assert_eq!(ask(address, &head("POST", path, "localhost", &[])).await.status, 405, "{path}");
    }
    "421 by any name but an address, localhost, or one that is configured; nothing can be posted".to_owned()
}
