//! Fetching against a scripted server: what is asked, when, and what comes of answers good and bad.

use std::future::Future;
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use newswire::clock::Clock;
use newswire::extract::picture;
use newswire::fetch::http::HttpFetch;
use newswire::fetch::polite::{Pause, Polite};
use newswire::fetch::{Fetch, FetchRules};
use newswire::model::{FailureKind, Judge, Outcome, Page, Purpose, Refusal, Request, Validators};

use crate::support::playhouse::{Asked, Playhouse, Reply};

/// As long as the timeouts of the system under test may take in these tests.
const SOON: Duration = Duration::from_millis(250);

/// Waits by moving the clock.
struct Step(Clock);

impl Pause for Step {
    fn pause(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.advance(i64::try_from(wait.as_millis().div_ceil(1000)).unwrap());
        Box::pin(std::future::ready(()))
    }
}

/// A playhouse that plays `a.test`, `b.test` and `c.test`, and a fetcher that finds them there.
struct Stage {
    house: Playhouse,
    fetch: HttpFetch,
    polite: Arc<Polite>,
    clock: Clock,
}

impl Stage {
    async fn new(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(|_| {}, script).await
    }

    /// Hosts without a script of their own have no robots.txt.
    async fn with(
        change: impl FnOnce(&mut FetchRules),
        script: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let clock = Clock::manual("2026-01-02T00:00:00Z".parse().unwrap());
        let house = Playhouse::open(clock.clone(), script).await;
        let hosts = ["a.test", "b.test", "c.test", "a.test:8080"];
        let mut rules = FetchRules {
            allow_private: vec![("127.0.0.1".parse().unwrap(), 32)],
            connect_to: hosts.map(|host| (host.to_owned(), house.address())).into(),
            user_agent: "newswire/test (+https://wire.example/)".to_owned(),
            ..FetchRules::default()
        };
        change(&mut rules);
        let polite = Arc::new(Polite::with_pause(&rules, clock.clone(), Arc::new(Step(clock.clone()))));
        let fetch = HttpFetch::new(rules, Arc::clone(&polite), clock.clone()).unwrap();
        Self { house, fetch, polite, clock }
    }

    async fn feed(&self, url: &str) -> Outcome {
        self.fetch.fetch(&request(url, Purpose::Feed)).await
    }

    async fn article(&self, url: &str) -> Outcome {
        self.fetch.fetch(&request(url, Purpose::Article)).await
    }
}

fn request(url: &str, purpose: Purpose) -> Request {
    Request { url: url.to_owned(), purpose, validators: Validators::default(), validators_of: None, enough: None }
}

fn conditional(url: &str, validators: Validators, of: &str) -> Request {
    Request { validators, validators_of: Some(of.to_owned()), ..request(url, Purpose::Feed) }
}

fn page(outcome: Outcome) -> Page {
    match outcome {
        Outcome::Fresh(page) => page,
        other => panic!("no page: {other:?}"),
    }
}

/// Kind and detail of a failure.
fn failure(outcome: &Outcome) -> (FailureKind, &str) {
    match outcome {
        Outcome::Failed(failure) => (failure.kind, &failure.detail),
        other => panic!("no failure: {other:?}"),
    }
}

fn guarded(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Refused(Refusal::Guard(why) | Refusal::Redirect(why)) => why,
        other => panic!("not guarded: {other:?}"),
    }
}

fn is_robots(asked: &Asked) -> bool {
    asked.path == "/robots.txt"
}

#[tokio::test]
async fn a_page_is_told_as_it_came() {
    let stage = Stage::new(|_| {
        Reply::ok("<title>x</title>")
            .header("Content-Type", "Text/HTML; charset=\"Shift_JIS\"")
            .header("ETag", "W/\"odd  one\"")
            .header("Last-Modified", "yesterday, sort of")
            .header("Cache-Control", "public, max-age=600")
            .header("Age", "100")
            .header("Content-Language", "ja")
            .header("Link", "<https://hub.test/>; rel=hub")
            .header("Link", "<https://a.test/feed>; rel=self")
            .header("Set-Cookie", "id=1")
    })
    .await;
    let page = page(stage.feed("http://a.test/feed?x=1#part").await);
    assert_eq!(page.final_url, "http://a.test/feed?x=1");
    assert_eq!((page.status, page.moved_to, page.partial), (200, None, false));
    assert_eq!(page.media_type.as_deref(), Some("text/html"));
    assert_eq!(page.charset.as_deref(), Some("Shift_JIS"));
    assert_eq!(page.language.as_deref(), Some("ja"));
    assert_eq!((page.bytes.as_slice(), page.wire_bytes), (&b"<title>x</title>"[..], 16));
    assert_eq!(page.validators.etag.as_deref(), Some("W/\"odd  one\""));
    assert_eq!(page.validators.last_modified.as_deref(), Some("yesterday, sort of"));
    assert_eq!(page.freshness.max_age_s, Some(500));
    assert_eq!(page.links, ["<https://hub.test/>; rel=hub", "<https://a.test/feed>; rel=self"]);
}

#[tokio::test]
async fn only_what_is_needed_is_sent() {
    let stage = Stage::new(|_| Reply::ok("x").header("Set-Cookie", "id=1; Path=/")).await;
    let _ = stage.feed("http://a.test/1").await;
    let _ = stage.feed("http://a.test/2").await;
    let log = stage.house.log();
    let names: Vec<&str> = log[1].headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
    assert_eq!(log[1].headers["accept-encoding"], "br, gzip, zstd, deflate");
    assert_eq!(log[1].headers["user-agent"], "newswire/test (+https://wire.example/)");
    assert!(log[1].headers["accept"].starts_with("application/atom+xml"));
    assert_eq!(log[0].connection, log[1].connection, "the connection is kept");
}

#[tokio::test]
async fn validators_go_back_verbatim_and_a_304_is_unchanged() {
    let stage =
        Stage::new(|_| Reply::status(304).header("ETag", "\"new\"").header("Cache-Control", "max-age=60")).await;
    let given = Validators { etag: Some("W/\"a, b\"".to_owned()), last_modified: Some("Mon, 1 Jan 1".to_owned()) };
    let asked = conditional("http://a.test/", given, "http://a.test/");
    let Outcome::Unchanged { validators, freshness, moved_to: None } = stage.fetch.fetch(&asked).await else {
        panic!("changed")
    };
    assert_eq!(validators, Validators { etag: Some("\"new\"".to_owned()), last_modified: None });
    assert_eq!(freshness.max_age_s, Some(60));
    let log = stage.house.log();
    assert_eq!(log[0].headers["if-none-match"], "W/\"a, b\"");
    assert_eq!(log[0].headers["if-modified-since"], "Mon, 1 Jan 1");
    assert_eq!(failure(&stage.feed("http://a.test/").await).0, FailureKind::Status, "a 304 that nobody asked for");
}

#[tokio::test]
async fn validators_stay_with_the_address_asked_first() {
    let stage = Stage::new(|asked| match asked.host.as_str() {
        "a.test" => Reply::redirect(302, "http://b.test/"),
        _ => Reply::ok("new"),
    })
    .await;
    let validators = Validators { etag: Some("\"1\"".to_owned()), last_modified: None };
    let asked = conditional("http://a.test/", validators, "http://a.test/");
    page(stage.fetch.fetch(&asked).await);
    let log = stage.house.log();
    assert!(log[0].headers.contains_key("if-none-match"));
    assert!(!log[1].headers.contains_key("if-none-match"));
    assert!(!log[1].headers.contains_key("referer"));
}

#[tokio::test]
async fn only_permanent_redirects_move_an_address() {
    let stage = Stage::new(|asked| match asked.path.as_str() {
        "/301" => Reply::redirect(301, "/308"),
        "/308" => Reply::redirect(308, "http://b.test/new#part"),
        "/307" => Reply::redirect(307, "/301"),
        _ => Reply::ok("x"),
    })
    .await;
    let moved = page(stage.feed("http://a.test/301").await);
    assert_eq!(moved.moved_to.as_deref(), Some("http://b.test/new"));
    assert_eq!(moved.final_url, "http://b.test/new");
    let lent = page(stage.feed("http://a.test/307").await);
    assert_eq!((lent.moved_to, lent.final_url.as_str()), (None, "http://b.test/new"));
}

#[tokio::test]
async fn redirects_end() {
    let stage = Stage::new(|asked| match asked.path.as_str() {
        "/self" => Reply::redirect(301, "/self#again"),
        "/circle" => Reply::redirect(302, "http://b.test/back"),
        "/back" => Reply::redirect(302, "http://a.test/circle"),
        "/nowhere" => Reply::status(302),
        "/odd" => Reply::redirect(302, "http://["),
        path => Reply::redirect(302, &format!("{path}x")),
    })
    .await;
    for path in ["self", "circle", "nowhere", "odd", "on"] {
        let outcome = stage.feed(&format!("http://a.test/{path}?token=secret")).await;
        assert_eq!(failure(&outcome).0, FailureKind::Redirects, "{path}: {outcome:?}");
        assert!(!failure(&outcome).1.contains("secret"));
    }
    assert_eq!(stage.house.visits().iter().filter(|visit| visit.contains("/on")).count(), 6);
}

#[tokio::test]
async fn redirects_pass_the_guard() {
    let check = async |target: &'static str, why: &str| {
        let stage = Stage::new(move |_| Reply::redirect(301, target)).await;
        for outcome in [stage.feed("http://a.test/").await, stage.article("http://a.test/").await] {
            assert!(guarded(&outcome).contains(why), "{target}: {outcome:?}");
        }
    };
    check("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is link-local").await;
    check("http://[::ffff:127.0.0.1]/", "is loopback").await;
    check("http://[::1]/", "is loopback").await;
    check("http://2130706434/", "127.0.0.2 is loopback").await;
    check("http://0x0a.1/", "10.0.0.1 is private").await;
    check("http://8.8.8.8:25/", "port 25").await;
    check("ftp://a.test/", "`ftp`").await;
    check("file:///etc/passwd", "`file`").await;
    check("//user:pass@a.test/", "user name or password").await;
}

#[tokio::test]
async fn loopback_must_be_allowed() {
    let forbid = |rules: &mut FetchRules| rules.allow_private.clear();
    let stage = Stage::with(forbid, |_| Reply::ok("x")).await;
    let port = stage.house.address().port();
    assert!(guarded(&stage.feed("http://a.test/").await).contains("loopback"), "not even by connect_to");
    assert!(guarded(&stage.feed(&format!("http://127.0.0.1:{port}/")).await).contains("loopback"));
    assert!(guarded(&stage.feed("http://localhost/").await).contains("localhost is at"));
    assert_eq!(stage.house.visits(), [""; 0]);
    let stage = Stage::new(|_| Reply::ok("x")).await;
    let port = stage.house.address().port();
    page(stage.feed(&format!("http://127.0.0.1:{port}/")).await);
    page(stage.feed(&format!("http://2130706433:{port}/")).await);
}

#[tokio::test]
async fn a_rerouted_host_keeps_its_name() {
    let stage = Stage::new(|_| Reply::ok("x")).await;
    page(stage.feed("http://a.test:8080/feed").await);
    page(stage.feed("http://a.test/feed").await);
    assert_eq!(stage.house.visits(), ["a.test:8080/feed", "a.test/feed"]);
}

#[tokio::test]
async fn failures_are_told_apart() {
    let house = Playhouse::open(Clock::system(), |_| Reply::ok("x")).await;
    let plain = house.address();
    let closed = Playhouse::open(Clock::system(), |_| Reply::ok("x")).await.address();
    let reroute = move |rules: &mut FetchRules| {
        rules.connect_to.insert("closed.test".to_owned(), closed);
        rules.connect_to.insert("plain.test".to_owned(), plain);
        rules.timeout = Duration::from_secs(15);
    };
    let stage = Stage::with(reroute, |_| Reply::status(404)).await;
    let check = async |url: &str, kind: FailureKind, detail: &str| {
        let outcome = stage.feed(url).await;
        assert_eq!(failure(&outcome).0, kind, "{url}: {outcome:?}");
        assert!(failure(&outcome).1.contains(detail) && !failure(&outcome).1.contains("secret"), "{url}: {outcome:?}");
    };
    check("http://nowhere.invalid/?secret", FailureKind::Dns, "nowhere.invalid").await;
    check("http://closed.test/?secret", FailureKind::Connect, "closed.test: Connection refused").await;
    check("https://plain.test/?secret", FailureKind::Tls, "plain.test").await;
    check("http://a.test/?secret", FailureKind::Status, "404 Not Found from a.test").await;
    // The same by way of robots.txt, which is asked first.
    let article = stage.article("http://nowhere.invalid/").await;
    assert_eq!(failure(&article).0, FailureKind::Dns);
    assert!(guarded(&stage.feed("no address").await).contains("no address"));
}

#[tokio::test]
async fn statuses_have_their_outcomes() {
    let stage = Stage::new(|asked| match asked.path.as_str() {
        "/429" => Reply::status(429).header("Retry-After", "120"),
        "/503" => Reply::status(503).header("Retry-After", "Fri, 02 Jan 2026 06:00:00 GMT"),
        "/503-silent" => Reply::status(503),
        "/to-410" => Reply::redirect(302, "/410"),
        "/moved-410" => Reply::redirect(301, "/410"),
        path => Reply::status(path[1..].parse().unwrap()),
    })
    .await;
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let throttled = |status, retry_after| Outcome::Throttled { status, retry_after };
    let start = stage.clock.now();
    assert_eq!(stage.feed("http://a.test/429").await, throttled(429, Some(start + SignedDuration::from_secs(120))));
    assert_eq!(stage.feed("http://b.test/503").await, throttled(503, at("2026-01-02T06:00:00Z")));
    assert_eq!(stage.feed("http://c.test/503-silent").await, throttled(503, None));
    let stage = Stage::new(|asked| match asked.path.as_str() {
        "/to-410" => Reply::redirect(302, "/410"),
        "/moved-410" => Reply::redirect(301, "/410"),
        path => Reply::status(path[1..].parse().unwrap()),
    })
    .await;
    assert_eq!(stage.feed("http://a.test/410").await, Outcome::Gone);
    assert_eq!(stage.feed("http://a.test/moved-410").await, Outcome::Gone);
    assert_eq!(failure(&stage.feed("http://a.test/to-410").await).0, FailureKind::Status);
    for status in [204, 206, 300, 403, 404, 500, 502] {
        let outcome = stage.feed(&format!("http://a.test/{status}")).await;
        let Outcome::Failed(failure) = &outcome else { panic!("{outcome:?}") };
        assert_eq!((failure.kind, failure.status), (FailureKind::Status, Some(status)));
    }
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    brotli::CompressorWriter::new(&mut coded, 4096, 5, 22).write_all(plain).unwrap();
    coded
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(plain).unwrap();
    coder.finish().unwrap()
}

#[tokio::test]
async fn bodies_are_decoded_under_caps() {
    let text: &[u8] = b"<html>the same text, however it came</html>";
    let zeros = vec![0; 8 << 20];
    let coded = |coding: &str, body: Vec<u8>| Reply::ok(body).header("Content-Encoding", coding);
    let cut = |body: Vec<u8>| body[..body.len() / 2].to_vec();
    let replies = [
        ("/plain", Reply::ok(text)),
        ("/br", coded("br", brotli(text))),
        ("/gzip", coded("gzip", gzip(text))),
        ("/zstd", coded("zstd", zstd::encode_all(text, 3).unwrap())),
        ("/bomb-br", coded("br", brotli(&zeros))),
        ("/bomb-gzip", coded("gzip", gzip(&zeros))),
        ("/bomb-zstd", coded("zstd", zstd::encode_all(&zeros[..], 3).unwrap())),
        ("/large", Reply::raw([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), zeros[..6 << 20].to_vec()].concat())),
        ("/large-announced", Reply::ok("x").header("Content-Length", "99999999")),
        ("/twice", coded("gzip, br", brotli(&gzip(text)))),
        ("/unknown", coded("compress", text.to_vec())),
        ("/rubbish", coded("gzip", text.to_vec())),
        ("/cut", coded("gzip", cut(gzip(text)))),
        ("/cut-br", coded("br", cut(brotli(text)))),
        ("/short", Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nonly this")),
    ];
    let stage = Stage::new(move |asked| {
        let played = replies.iter().find(|(path, _)| *path == asked.path);
        played.map_or_else(|| Reply::status(404), |(_, reply)| reply.clone())
    })
    .await;
    for path in ["plain", "br", "gzip", "zstd"] {
        assert_eq!(page(stage.feed(&format!("http://a.test/{path}")).await).bytes, text, "{path}");
    }
    let check = async |path: &str, kind: FailureKind| {
        let outcome = stage.feed(&format!("http://a.test/{path}")).await;
        assert_eq!(failure(&outcome).0, kind, "{path}: {outcome:?}");
    };
    for path in ["bomb-br", "bomb-gzip", "bomb-zstd", "large", "large-announced"] {
        check(path, FailureKind::TooLarge).await;
    }
    for path in ["twice", "unknown", "rubbish", "cut", "cut-br", "short"] {
        check(path, FailureKind::Broken).await;
    }
}

#[tokio::test]
async fn heads_are_bounded_too() {
    let stage = Stage::new(|asked| match asked.path.as_str() {
        "/huge" => Reply::ok("x").header("X-Long", &"x".repeat(1 << 20)),
        "/many" => (0..200).fold(Reply::ok("x"), |reply, n| reply.header(&format!("X-{n}"), "x")),
        _ => Reply::raw("SSH-2.0-OpenSSH_9.2\r\n"),
    })
    .await;
    for path in ["huge", "many", "ssh"] {
        assert_eq!(failure(&stage.feed(&format!("http://a.test/{path}")).await).0, FailureKind::Broken, "{path}");
    }
}

#[tokio::test]
async fn slow_servers_end_in_time() {
    let stage = Stage::with(
        |rules| rules.timeout = SOON,
        |asked| match asked.path.as_str() {
            "/drip" => Reply::ok("x".repeat(10_000)).dripping(Duration::from_millis(5)),
            "/head" => Reply::raw("HTTP/1.1 200 OK\r\nX-Slow: yes\r\n").then_silence(),
            "/lie" => Reply::ok("only this").header("Content-Length", "500").then_silence(),
            _ => Reply::raw("").then_silence(),
        },
    )
    .await;
    for path in ["drip", "head", "lie", "silence"] {
        let outcome = stage.feed(&format!("http://a.test/{path}")).await;
        assert_eq!(failure(&outcome).0, FailureKind::Timeout, "{path}: {outcome:?}");
    }
}

#[tokio::test]
async fn reading_stops_when_the_head_has_said_enough() {
    let long = format!("<title>x</title></head>{}", "y".repeat(1 << 20));
    let head = "<title>x</title></head>";
    let bomb = brotli(format!("{head}{}", " ".repeat(8 << 20)).as_bytes());
    let stage = Stage::new(move |asked| match asked.path.as_str() {
        "/long" => Reply::ok(long.clone()),
        "/endless" => Reply::ok(long.clone()).header("Content-Length", "99999999").then_silence(),
        "/bomb" => Reply::ok(bomb.clone()).header("Content-Encoding", "br"),
        "/cut" => Reply::raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{head}")),
        _ => Reply::ok(head),
    })
    .await;
    let ask = async |path: &str| {
        let enough: fn(&str) -> Judge = |_| Box::new(|bytes| bytes.windows(7).any(|window| window == b"</head>"));
        let asked = Request { enough: Some(enough), ..request(&format!("http://a.test/{path}"), Purpose::Feed) };
        page(stage.fetch.fetch(&asked).await)
    };
    for path in ["long", "endless", "bomb", "cut"] {
        let page = ask(path).await;
        assert!(page.partial && page.bytes.starts_with(b"<title>x</title></head>"), "{path}");
        assert!(page.bytes.len() < 1 << 20, "{path}");
    }
    assert!(!ask("short").await.partial);
}

#[tokio::test]
async fn the_beginning_of_a_picture_is_asked_for() {
    let gif = [b"GIF89a\x40\x01\xf0\0".to_vec(), vec![0; 100_000]].concat();
    let stage = Stage::new(move |asked| match asked.path.as_str() {
        "/ranges.gif" => Reply::status(206).body(&gif[..65_536]).header("Content-Range", "bytes 0-65535/100010"),
        "/robots.txt" => Reply::ok("User-agent: *\nDisallow: /private"),
        _ => Reply::ok(gif.clone()),
    })
    .await;
    let ask = async |path: &str| {
        let asked = Request {
            enough: Some(|_| Box::new(picture::enough)),
            ..request(&format!("http://a.test/{path}"), Purpose::Image)
        };
        stage.fetch.fetch(&asked).await
    };
    for path in ["ranges.gif", "whole.gif"] {
        let page = page(ask(path).await);
        assert_eq!(picture::size(&page.bytes), Some((320, 240)), "{path}");
        assert!(page.bytes.len() <= 65_536, "{path}: {}", page.bytes.len());
    }
    assert!(matches!(ask("private.gif").await, Outcome::Refused(Refusal::Robots(_))));
    let log = stage.house.log();
    let asked = log.iter().find(|asked| asked.path == "/whole.gif").unwrap();
    assert_eq!(asked.headers["range"], "bytes=0-65535");
    assert_eq!(asked.headers["accept-encoding"], "identity");
    // A part is no answer to somebody who asked for the whole.
    assert!(matches!(stage.article("http://a.test/ranges.gif").await, Outcome::Failed(_)));
}

#[tokio::test]
async fn robots_govern_pages_and_not_feeds() {
    let stage = Stage::new(|asked| match asked.path.as_str() {
        "/robots.txt" => Reply::ok("User-agent: newswire\nDisallow: /private\nUser-agent: *\nDisallow: /"),
        _ => Reply::ok("x"),
    })
    .await;
    page(stage.feed("http://a.test/private").await);
    assert_eq!(stage.house.visits(), ["a.test/private"], "a listed feed costs one request");
    page(stage.article("http://a.test/public").await);
    let refused = stage.article("http://a.test/private?x").await;
    assert_eq!(refused, Outcome::Refused(Refusal::Robots("Disallow: /private".to_owned())));
    assert_eq!(stage.house.visits(), ["a.test/private", "a.test/robots.txt", "a.test/public"]);
    stage.clock.advance(24 * 3600);
    page(stage.article("http://a.test/public").await);
    assert_eq!(stage.house.log().iter().filter(|asked| is_robots(asked)).count(), 2, "once a day");
}

#[tokio::test]
async fn robots_govern_where_a_redirect_leads() {
    let stage = Stage::new(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("b.test", "/robots.txt") => Reply::ok("User-agent: *\nDisallow: /"),
        ("a.test", "/") => Reply::redirect(301, "http://b.test/page"),
        _ => Reply::status(404),
    })
    .await;
    assert!(matches!(stage.article("http://a.test/").await, Outcome::Refused(Refusal::Robots(_))));
    assert_eq!(stage.house.visits(), ["a.test/robots.txt", "a.test/", "b.test/robots.txt"]);
}

#[tokio::test]
async fn what_a_failing_robots_txt_means() {
    let check = async |robots: Reply, expect: &str| {
        let played = robots.clone();
        let limit = if expect.contains("robots.txt: ") { SOON } else { FetchRules::default().timeout };
        let stage = Stage::with(
            |rules| rules.timeout = limit,
            move |asked| {
                if is_robots(asked) && asked.host == "a.test" {
                    played.clone()
                } else {
                    Reply::ok("User-agent: *\nDisallow: /x")
                }
            },
        )
        .await;
        let told = match stage.article("http://a.test/x").await {
            Outcome::Fresh(_) => "fresh".to_owned(),
            Outcome::Refused(why) => why.to_string(),
            Outcome::Failed(failure) => failure.to_string(),
            other => format!("{other:?}"),
        };
        assert!(told.contains(expect), "{robots:?}: {told}");
        let asked = stage.house.log().len();
        let _ = stage.article("http://a.test/x").await;
        let robots_again = stage.house.log()[asked..].iter().any(is_robots);
        assert!(!robots_again, "{robots:?} is remembered");
    };
    check(Reply::status(404), "fresh").await;
    check(Reply::status(401), "fresh").await;
    check(Reply::status(204), "fresh").await;
    check(Reply::ok("<!doctype html>"), "fresh").await;
    check(Reply::status(500), "robots.txt answered 500").await;
    check(Reply::status(503).header("Retry-After", "7200"), "Throttled { status: 503").await;
    check(Reply::redirect(301, "http://b.test/rules"), "Disallow: /x").await;
    check(Reply::redirect(301, "/robots.txt"), "fresh").await;
    check(Reply::redirect(301, "http://169.254.169.254/"), "link-local").await;
    check(Reply::ok("x").header("Content-Length", "9").then_silence(), "robots.txt: a.test ").await;
    check(Reply::ok(format!("User-agent: *\nDisallow: /x\n{}", "# filler\n".repeat(200_000))), "Disallow: /x").await;
}

#[tokio::test]
async fn robots_can_be_switched_off() {
    let stage = Stage::with(|rules| rules.robots = false, |_| Reply::ok("User-agent: *\nDisallow: /")).await;
    page(stage.article("http://a.test/x").await);
    assert_eq!(stage.house.visits(), ["a.test/x"]);
}

#[tokio::test]
async fn every_hop_keeps_the_gap() {
    let stage = Stage::with(
        |rules| rules.gap = Duration::from_secs(3),
        |asked| match asked.path.as_str() {
            "/robots.txt" => Reply::redirect(302, "/rules"),
            "/rules" => Reply::status(404),
            "/" => Reply::redirect(301, "/next"),
            _ => Reply::ok("x"),
        },
    )
    .await;
    let pages = ["http://a.test/", "http://a.test/2", "http://a.test/3"].map(|url| stage.article(url));
    let [first, second, third] = pages;
    let _ = tokio::join!(first, second, third, stage.article("http://b.test/x"));
    let log = stage.house.log();
    let times: Vec<Timestamp> = log.iter().filter(|asked| asked.host == "a.test").map(|asked| asked.at).collect();
    assert_eq!(times.len(), 6, "{:?}", stage.house.visits());
    for pair in times.windows(2) {
        assert!(pair[1].duration_since(pair[0]).as_secs() >= 3, "{times:?}");
    }
    let asked = stage.polite.changes();
    assert_eq!(asked.iter().map(|host| host.host.as_str()).collect::<Vec<_>>(), ["a.test", "b.test"]);
    assert_eq!(asked[0].last_asked_at, times.last().copied());
}

#[tokio::test]
async fn a_host_that_throttles_twice_is_left_alone() {
    let stage = Stage::new(|_| Reply::status(429).header("Retry-After", "600")).await;
    let _ = stage.feed("http://a.test/1").await;
    let _ = stage.feed("http://a.test/2").await;
    let third = stage.feed("http://a.test/3").await;
    let until = stage.polite.resting("a.test").unwrap();
    assert_eq!(third, Outcome::Refused(Refusal::Resting(until)));
    assert_eq!(stage.house.visits().len(), 2);
    let _ = stage.feed("http://b.test/1").await;
    assert_eq!(stage.house.visits().len(), 3);
    stage.clock.advance(700);
    let _ = stage.feed("http://a.test/3").await;
    assert_eq!(stage.house.visits().len(), 4);
}
