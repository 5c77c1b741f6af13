//! Over real HTTP on loopback: a publisher, a hub, and a daemon between them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use newswire::clock::Clock;

use super::flow::sign;
use crate::support::playhouse::{Asked, Playhouse, Reply};
use crate::support::process::{self, Answer, Daemon, Desk, ask, until};

const SECOND: &str = "<rss version='2.0'><channel><title>F</title><item><title>Museum returns masks</title>\
                      <link>https://a.example/2</link></item></channel></rss>";

/// A publisher whose feed names a hub in its header, and another one in the document that must not be asked.
async fn publisher(hub: SocketAddr) -> Playhouse {
    Playhouse::open(Clock::system(), move |asked: &Asked| {
        let topic = format!("http://{}/feed", asked.host);
        let body = format!(
            "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>F</title>\
             <a:link rel='hub' href='http://{hub}/wrong'/><item><title>Ferry service resumes</title>\
             <link>https://a.example/1</link></item></channel></rss>"
        );
        Reply::ok(body)
            .header("Content-Type", "application/rss+xml")
            .header("ETag", "\"1\"")
            .header("Link", &format!("<http://{hub}/moved>; rel=\"hub\", <{topic}>; rel=\"self\""))
    })
    .await
}

/// A hub that has moved for good, and accepts everything there.
async fn hub() -> Playhouse {
    Playhouse::open(Clock::system(), |asked: &Asked| match asked.path.as_str() {
        "/moved" => Reply::redirect(308, "/hub"),
        _ => Reply::status(202),
    })
    .await
}

fn desk(publisher: &Playhouse) -> Desk {
    let source = format!("http://{}/feed", publisher.address());
    Desk::new(&format!(
        "fetch: {{ gap: 0s, timeout: 5s, websub: always, allow_private: [127.0.0.0/8] }}\n\
         enrich: {{ sources: none }}\ngrouping: {{ window: 0s }}\nsources: [{{ url: '{source}' }}]\n"
    ))
}

/// The form that the hub got last, once it got `count`.
fn form(hub: &Playhouse, count: usize) -> Vec<(String, String)> {
    let asked = until("a form", || {
        let posts: Vec<Asked> = hub.log().into_iter().filter(|asked| asked.path == "/hub").collect();
        (posts.len() >= count).then(|| posts.last().cloned()).flatten()
    });
    assert_eq!(asked.method, "POST");
    assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
    url::form_urlencoded::parse(&asked.body).into_owned().collect()
}

fn field(form: &[(String, String)], name: &str) -> String {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Path and query of a verification.
fn question(form: &[(String, String)], mode: &str, topic: &str) -> String {
    let callback = field(form, "hub.callback");
    let path = callback.splitn(4, '/').nth(3).unwrap();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("hub.mode", mode), ("hub.topic", topic), ("hub.challenge", "a challenge <b>")])
        .append_pair("hub.lease_seconds", "864000")
        .finish();
    format!("/{path}?{query}")
}

fn deliver(at: SocketAddr, path: &str, headers: &[String], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(process::PATIENCE)).unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n{}\r\n\r\n", headers.join("\r\n"));
    stream.write_all(head.as_bytes()).unwrap();
    // A body that is refused is not taken whole.
    let _ = stream.write_all(body);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Answer { status, headers: std::collections::BTreeMap::new(), body: bytes }
}

fn signed(form: &[(String, String)], body: &[u8]) -> Vec<String> {
    let signature = sign(&field(form, "hub.secret"), body);
    vec![format!("Content-Length: {}", body.len()), format!("X-Hub-Signature: {signature}")]
}

fn path_of(form: &[(String, String)]) -> String {
    question(form, "", "").split('?').next().unwrap().to_owned()
}

/// From the feed's header to the entry in our feed.
pub async fn by_the_book() {
    let hub = hub().await;
    let publisher = publisher(hub.address()).await;
    let desk = desk(&publisher);
    let topic = format!("http://{}/feed", publisher.address());
    let daemon = desk.daemon();
    // `Link` fields first; a redirect of the hub is followed; a random call-back path.
    let form = form(&hub, 1);
    assert_eq!(field(&form, "hub.mode"), "subscribe");
    assert_eq!(field(&form, "hub.topic"), topic);
    assert!(hub.visits().iter().all(|visit| !visit.ends_with("/wrong")));
    let path = path_of(&form);
    assert!(path.len() == "/websub/".len() + 32, "{path}");
    // Intent is verified for that topic only, and the challenge is echoed as it is.
    assert_eq!(daemon.get(&question(&form, "subscribe", "http://else.example/")).status, 404);
    assert_eq!(daemon.get(&question(&form, "unsubscribe", &topic)).status, 404);
    let yes = daemon.get(&question(&form, "subscribe", &topic));
    assert_eq!((yes.status, yes.text()), (200, "a challenge <b>".to_owned()));
    assert_eq!(yes.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(yes.header("x-content-type-options"), "nosniff");
    // A wrong signature hears 2xx and is ignored; the right one is in the feed at once, without a poll.
    let mut forged = signed(&form, SECOND.as_bytes());
    forged[1] = format!("X-Hub-Signature: sha256={}", "0".repeat(64));
    let body = SECOND.replace("Museum", "Forger");
    forged[0] = format!("Content-Length: {}", body.len());
    assert_eq!(deliver(desk.public, &path, &forged, body.as_bytes()).status, 202);
    assert_eq!(deliver(desk.public, &path, &signed(&form, SECOND.as_bytes()), SECOND.as_bytes()).status, 202);
    let feed = daemon.until("/all/rss.xml", |feed| feed.has("Museum returns masks"));
    assert!(!feed.has("Forger"));
    assert_eq!(publisher.log().len(), 1);
    numbers(&daemon);
}

fn numbers(daemon: &Daemon<'_>) {
    let numbers = daemon.admin("/metrics").text();
    for line in [
        "newswire_subscriptions{phase=\"active\"} 1",
        "newswire_hub_deliveries_total{outcome=\"taken\"} 1",
        "newswire_hub_deliveries_total{outcome=\"forged\"} 1",
        "newswire_incidents_open{kind=\"broken\"} 0",
    ] {
        assert!(numbers.contains(line), "no {line} in\n{numbers}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asked_for_is_refused_cheaply() {
    let hub = hub().await;
    let publisher = publisher(hub.address()).await;
    let desk = desk(&publisher);
    let daemon = desk.daemon();
    let form = form(&hub, 1);
    let path = path_of(&form);
    let ends = "Content-Length: 3".to_owned();
    // Nobody's addresses: no body is read, however large it is said to be.
    let nobody = format!("/websub/{}", "0".repeat(32));
    let large = vec!["Content-Length: 999999999999".to_owned()];
    for path in [nobody.as_str(), "/websub/", "/websub/x", "/websub/../../etc/passwd", &format!("{path}/x")] {
        assert_eq!(deliver(desk.public, path, &large, b"").status, 404, "{path}");
        assert_eq!(daemon.get(path).status, 404, "{path}");
    }
    // Ours: too large a body, announced or not, a method and a question that make no sense.
    assert_eq!(deliver(desk.public, &path, &large, b"").status, 413);
    let chunked = vec!["Transfer-Encoding: chunked".to_owned()];
    let body = [b"600000\r\n".to_vec(), vec![b'x'; 0x0060_0000], b"\r\n0\r\n\r\n".to_vec()].concat();
    assert!([413, 0].contains(&deliver(desk.public, &path, &chunked, &body).status));
    assert_eq!(ask(desk.public, "PUT", &path, &[&ends]).status, 405);
    assert_eq!(ask(desk.public, "HEAD", &path, &[]).status, 405);
    assert_eq!(daemon.get(&path).status, 404);
    assert_eq!(daemon.get(&format!("{path}?hub.mode=subscribe")).status, 404);
    assert_eq!(ask(desk.admin, "GET", &path, &[]).status, 404, "not on the admin listener");
    assert_eq!(daemon.get("/health.atom").status, 404, "not on the public one");
    let health = daemon.admin("/health.atom");
    assert_eq!((health.status, health.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_survives_a_kill_and_ends_with_its_source() {
    let hub = hub().await;
    let publisher = publisher(hub.address()).await;
    let desk = desk(&publisher);
    let topic = format!("http://{}/feed", publisher.address());
    let daemon = desk.daemon();
    let first = form(&hub, 1);
    assert_eq!(daemon.get(&question(&first, "subscribe", &topic)).status, 200);
    daemon.signal("KILL");
    drop(daemon);
    let daemon = desk.daemon();
    let body = SECOND.as_bytes();
    assert_eq!(deliver(desk.public, &path_of(&first), &signed(&first, body), body).status, 202);
    daemon.until("/all/rss.xml", |feed| feed.has("Museum returns masks"));
    assert_eq!(publisher.log().len(), 1, "S1 holds");
    desk.configure("fetch: { gap: 0s, websub: always, allow_private: [127.0.0.0/8] }\nenrich: { sources: none }\n");
    daemon.signal("HUP");
    let goodbye = form(&hub, 2);
    assert_eq!(field(&goodbye, "hub.mode"), "unsubscribe");
    assert_eq!(deliver(desk.public, &path_of(&first), &signed(&first, body), body).status, 410);
    assert_eq!(daemon.get(&question(&goodbye, "unsubscribe", &topic)).text(), "a challenge <b>");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_source_is_in_the_health_feed_and_revived_while_the_daemon_runs() {
    let publisher = Playhouse::open(Clock::system(), |_: &Asked| Reply::status(404)).await;
    let source = format!("http://{}/feed?token=hunter2", publisher.address());
    let desk =
        Desk::new(&format!("fetch: {{ gap: 0s, allow_private: [127.0.0.0/8] }}\nsources: [{{ url: '{source}' }}]\n"));
    let daemon = desk.daemon();
    let broken = until("an incident", || Some(daemon.admin("/health.atom")).filter(|feed| feed.has("cannot be read")));
    assert!(broken.has("open: ") && !broken.has("hunter2"), "{}", broken.text());
    desk.run(&["status"]).with_code(0).has("404").lacks("hunter2").lacks("revived");
    desk.run(&["status", "--revive", "https://nobody.example/"]).with_code(1).has("no source is listed");
    desk.run(&["status", "--revive", &source]).with_code(0).has("is asked again").lacks("hunter2");
    let status = daemon.admin("/status");
    assert!(status.has("revived by the operator"), "{}", status.text());
    assert_eq!(publisher.log().len(), 1, "not before its floor");
}
