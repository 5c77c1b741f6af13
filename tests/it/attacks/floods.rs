//! What publishers answer: too much, too slowly, without end.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use newswire::clock::Clock;
use newswire::fetch::http::HttpFetch;
use newswire::fetch::polite::Polite;
use newswire::fetch::robots::{MAX_BYTES, Robots};
use newswire::fetch::{Fetch, FetchRules};
use newswire::model::{FailureKind, Outcome, Purpose, Request, Validators};
use newswire::{extract, feed, seed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::playhouse::{Playhouse, Reply};

/// How long the client is patient in these rows.
const SOON: Duration = Duration::from_millis(400);

/// What an endless server has sent when it is taken to be never stopped.
const ENDLESS: usize = 256 << 20;

/// A body may have so many bytes here.
const MOST: usize = 1 << 20;

fn client(timeout: Duration) -> HttpFetch {
    let clock = Clock::system();
    let rules = FetchRules {
        allow_private: vec![("127.0.0.1".parse().unwrap(), 32)],
        gap: Duration::ZERO,
        robots: false,
        max_body: MOST,
        timeout,
        ..FetchRules::default()
    };
    HttpFetch::new(rules.clone(), Arc::new(Polite::new(&rules, clock.clone())), clock).unwrap()
}

async fn ask(fetch: &HttpFetch, at: SocketAddr, path: &str) -> Outcome {
    let url = format!("http://{at}/{path}");
    let (purpose, validators) = (Purpose::Feed, Validators::default());
    fetch.fetch(&Request { url, purpose, validators, validators_of: None, enough: None }).await
}

fn kind(outcome: &Outcome) -> FailureKind {
    match outcome {
        Outcome::Failed(failure) => failure.kind,
        other => panic!("it was taken: {other:?}"),
    }
}

/// A server that sends `first` and then `again` for ever, and counts what it got rid of.
async fn endless(first: &'static str, again: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (at, sent) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let (piece, mut bytes) = (again.repeat(1 + 16_384 / again.len()), first.as_bytes().to_vec());
            while counted.load(Ordering::SeqCst) < ENDLESS && stream.write_all(&bytes).await.is_ok() {
                counted.fetch_add(bytes.len(), Ordering::SeqCst);
                bytes.clear();
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
    });
    (at, sent)
}

/// How an endless answer ends, which it must before `most` bytes have gone.
async fn ends(first: &'static str, again: &'static str, expect: &[FailureKind], most: usize) -> String {
    let (at, sent) = endless(first, again).await;
    // What ends it is a cap, not the clock, however busy the machine.
    let outcome = ask(&client(SOON * 20), at, "").await;
    let (found, bytes) = (kind(&outcome), sent.load(Ordering::SeqCst));
    assert!(expect.contains(&found), "{outcome:?}");
    assert!(bytes < most, "{bytes} bytes");
    let Outcome::Failed(failure) = outcome else { unreachable!() };
    // What sockets hold on the way differs from run to run.
    format!("cut off within {} MB: {}", most >> 20, failure.detail.replace(&at.to_string(), "the host"))
}

/// Room for what the sockets hold on the way.
const SOCKETS: usize = 8 << 20;

pub async fn endless_body() -> String {
    ends("HTTP/1.1 200 OK\r\n\r\n<rss>", "<item/>", &[FailureKind::TooLarge], MOST + SOCKETS).await
}

pub async fn endless_head() -> String {
    let one = ends("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n", &[FailureKind::Broken], SOCKETS).await;
    ends("HTTP/1.1 200 OK\r\nX-Long: ", "and more ", &[FailureKind::Broken], SOCKETS).await;
    one
}

pub async fn endless_preliminaries() -> String {
    let kinds = [FailureKind::Timeout, FailureKind::Broken];
    let (at, _) = endless("", "HTTP/1.1 103 Early Hints\r\n\r\n").await;
    let started = Instant::now();
    let outcome = ask(&client(SOON), at, "").await;
    assert!(kinds.contains(&kind(&outcome)), "{outcome:?}");
    assert!(started.elapsed() < SOON * 20, "{:?}", started.elapsed());
    "ended by the clock of the request".to_owned()
}

pub async fn endless_chunks() -> String {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=";
    let kinds = [FailureKind::Broken, FailureKind::TooLarge];
    let one = ends(head, "more and ", &kinds, SOCKETS).await;
    let trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n";
    ends(trailers, "X-More: and more\r\n", &kinds, SOCKETS).await;
    one
}

pub async fn bombs() -> String {
    let zeros = vec![0; 32 << 20];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&zeros).unwrap();
    let mut brotli = Vec::new();
    brotli::CompressorWriter::new(&mut brotli, 4096, 3, 22).write_all(&zeros).unwrap();
    let coded = [("gzip", gzip.finish().unwrap()), ("br", brotli), ("zstd", zstd::encode_all(&zeros[..], 3).unwrap())];
    let sizes: Vec<String> = coded.iter().map(|(name, body)| format!("{name} of {} B", body.len())).collect();
    let house = Playhouse::open(Clock::system(), move |asked| {
        let (name, body) = coded.iter().find(|(name, _)| asked.path[1..] == **name).unwrap();
        Reply::ok(body.clone()).header("Content-Encoding", name)
    })
    .await;
    let fetch = client(Duration::from_secs(20));
    for name in ["gzip", "br", "zstd"] {
        let outcome = ask(&fetch, house.address(), name).await;
        assert_eq!(kind(&outcome), FailureKind::TooLarge, "{name}: {outcome:?}");
    }
    format!("{} for 32 MiB: stopped at a megabyte or at a hundredfold", sizes.join(", "))
}

pub async fn dripping() -> String {
    let house = Playhouse::open(Clock::system(), |asked| match asked.path.as_str() {
        "/body" => Reply::ok("x".repeat(10_000)).dripping(Duration::from_millis(5)),
        "/head" => Reply::raw("HTTP/1.1 200 OK\r\nX-Slow: yes\r\n").dripping(Duration::from_millis(40)),
        _ => Reply::raw("").then_silence(),
    })
    .await;
    let fetch = client(SOON);
    for path in ["body", "head", "silence"] {
        let outcome = ask(&fetch, house.address(), path).await;
        assert_eq!(kind(&outcome), FailureKind::Timeout, "{path}: {outcome:?}");
    }
    format!("given up after {} ms, which is the allowance of the whole request", SOON.as_millis())
}

pub async fn redirects() -> String {
    let house = Playhouse::open(Clock::system(), |asked| match asked.path.as_str() {
        "/circle" => Reply::redirect(302, "/back"),
        "/back" => Reply::redirect(302, "/circle"),
        path => Reply::redirect(302, &format!("{path}x")),
    })
    .await;
    let fetch = client(Duration::from_secs(5));
    for path in ["circle", "on"] {
        assert_eq!(kind(&ask(&fetch, house.address(), path).await), FailureKind::Redirects, "{path}");
    }
    let asked = house.log().len();
    assert!(asked <= 8, "{asked}");
    format!("given up after {asked} requests for both")
}

/// So many pieces, one behind the other.
fn many(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).fold(String::new(), |text, piece| text + &piece)
}

/// Does `what` in time.
fn within(most: Duration, what: impl FnOnce()) {
    let started = Instant::now();
    what();
    assert!(started.elapsed() < most, "{:?}", started.elapsed());
}

/// No build without optimisation, on a busy machine, takes so long for what is bounded.
const LONG: Duration = Duration::from_secs(20);

pub async fn feed_of_everything() -> String {
    let item = "<item><title>t</title><link>https://a.example/1</link></item>".repeat(100_000);
    let entries = format!("<rss version='2.0'><channel><title>F</title>{item}</channel></rss>");
    let tags = many(10_000, |n| format!("<category>tag {n}</category><dc:creator>A {n}</dc:creator>"));
    let one = format!(
        "<rss version='2.0'><channel><item><title>t</title><link>https://a.example/1</link>{tags}</item></channel></rss>"
    );
    let mut told = String::new();
    within(LONG, || {
        let entries = feed::read(entries.as_bytes(), None, "https://a.example/feed").entries.len();
        let read = feed::read(one.as_bytes(), None, "https://a.example/feed");
        let (tags, authors) = (read.entries[0].tags.len(), read.entries[0].authors.len());
        assert!(entries <= feed::MOST_ENTRIES && tags <= 100 && authors <= 100, "{entries} {tags} {authors}");
        told = format!("{entries} entries are taken, {tags} tags, {authors} authors");
    });
    told
}

pub async fn page_of_everything() -> String {
    let fields = many(10_000, |n| {
        format!(
            "<meta property='article:tag' content='tag {n}'><meta name=author content='A {n}'><meta property='og:image' content='/{n}.jpg'><script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"keywords\":[\"k{n}\"],\"author\":\"B {n}\"}}</script>"
        )
    });
    let page = format!("<html><head><title>t</title>{fields}</head><body><h1>t</h1>{}", "<div>".repeat(10_000));
    let mut told = String::new();
    within(LONG, || {
        let read = extract::read(page.as_bytes(), None, "https://a.example/1", Timestamp::UNIX_EPOCH);
        let (tags, authors) = (read.tags.len(), read.author.len());
        assert!(tags <= 100 && authors <= 100, "{tags} {authors}");
        told = format!("{tags} tags are taken, {authors} authors");
    });
    told
}

pub async fn robots() -> String {
    let text = format!("User-agent: *\n{}", "Disallow: /a*b*c*d*e*f*g*\n".repeat(100_000));
    within(LONG, || {
        let read = Robots::parse(text.as_bytes());
        assert!(read.allows(&format!("/{}", "abcdef".repeat(200))).is_ok());
        assert!(read.to_text().len() <= MAX_BYTES + 100);
    });
    format!("{} kB of it are read, and asked in bounded time", MAX_BYTES / 1000)
}

pub async fn seed_of_everything() -> String {
    let topics: Vec<String> = (0..10_000).map(|n| format!("T{n}")).collect();
    let related = many(4_000, |n| format!("  - {{ title: R, webUrl: 'https://r.example/{n}' }}\n"));
    let head = "---\ntitle: t\nwebUrl: https://a.example/1\n";
    let mut told = String::new();
    within(LONG, || {
        let read = |more: &str| seed::read("a.md", format!("{head}{more}---\n").as_bytes(), Timestamp::UNIX_EPOCH);
        let tagged = read(&format!("topics: [{}]\n", topics.join(", ")));
        let linked = read(&format!("related:\n{related}"));
        let labels = tagged.seed.map_or(0, |seed| seed.labels.len());
        let found = linked.seed.map_or(0, |seed| seed.related.len());
        assert!(labels <= 100 && found <= 1_000, "{labels} {found}");
        assert!(!tagged.findings.is_empty() && !linked.findings.is_empty());
        let why = linked.findings.iter().find(|finding| finding.message.contains("related")).unwrap().message.clone();
        told = format!("{labels} topics and {found} related are taken; `check` says: {why}");
    });
    told
}
