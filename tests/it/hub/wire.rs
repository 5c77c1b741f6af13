//! Over real HTTP on loopback: a daemon that is its own hub, and a follower.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use newswire::clock::Clock;

use crate::support::playhouse::{Asked, Playhouse, Reply};
use crate::support::process::{Desk, until};
use crate::support::world::{art, seed};
use crate::websub::flow::sign;

const OWN: &str = "fetch: { gap: 0s, timeout: 5s, allow_private: [127.0.0.0/8] }\npublish: { websub: own }\ntopics: [{ id: ai, labels: [AI] }]\n";

/// Answers every challenge and takes every delivery.
async fn follower() -> Playhouse {
    Playhouse::open(Clock::system(), |asked: &Asked| {
        let query = asked.path.split_once('?').map_or("", |(_, query)| query);
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        match pairs.find(|(name, _)| name == "hub.challenge") {
            Some((_, challenge)) => Reply::ok(challenge.into_owned()),
            None => Reply::status(204),
        }
    })
    .await
}

fn post(at: SocketAddr, form: &[(&str, &str)]) -> u16 {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut stream = TcpStream::connect(at).unwrap();
    let head =
        format!("POST /hub HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn title(desk: &Desk, title: &str) {
    desk.seed("one.md", seed(&["AI"], art("a.example/1", title), &[]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_reaches_a_follower_at_once() {
    let follower = follower().await;
    let desk = Desk::new(OWN);
    title(&desk, "Ferry service resumes");
    let daemon = desk.daemon();
    let topic = format!("http://{}/t/ai/atom.xml", desk.public);
    let feed = daemon.get("/t/ai/atom.xml");
    let hub = format!("http://{}/hub", desk.public);
    assert_eq!(feed.header("link"), format!("<{topic}>; rel=\"self\", <{hub}>; rel=\"hub\""));
    let callback = format!("http://{}/call", follower.address());
    let form =
        [("hub.mode", "subscribe"), ("hub.topic", &topic), ("hub.callback", &callback), ("hub.secret", "s3cret")];
    assert_eq!(post(desk.public, &form), 202);
    let asked = until("a challenge", || follower.log().into_iter().find(|asked| asked.method == "GET"));
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(asked.path.split_once('?').unwrap().1.as_bytes()).into_owned().collect();
    assert!(query.contains(&("hub.topic".to_owned(), topic.clone())), "{query:?}");
    until("the follower is known", || daemon.logged("verified").contains("verified").then_some(()));
    title(&desk, "Ferry service ends");
    let got = until("a delivery", || follower.log().into_iter().find(|asked| asked.method == "POST"));
    assert_eq!(got.headers["x-hub-signature"], sign("s3cret", &got.body));
    assert_eq!(got.headers["content-type"], "application/atom+xml; charset=utf-8");
    assert_eq!(got.headers["link"], format!("<{hub}>; rel=\"hub\", <{topic}>; rel=\"self\""));
    assert!(String::from_utf8_lossy(&got.body).contains("Ferry service ends"));
    // It took no longer than a second after the document changed.
    let feed = daemon.get("/t/ai/atom.xml");
    let changed = jiff::fmt::rfc2822::parse(&feed.header("last-modified").replace("GMT", "+0000")).unwrap().timestamp();
    let late = got.at.as_millisecond() - changed.as_millisecond();
    assert!(late < 2_000, "{late} ms, of which up to 1,000 are the fraction that Last-Modified cannot state");
}

#[tokio::test(flavor = "multi_thread")]
async fn private_networks_are_not_called_back() {
    let follower = follower().await;
    let desk = Desk::new(&OWN.replace(", allow_private: [127.0.0.0/8]", ""));
    title(&desk, "Ferry service resumes");
    let daemon = desk.daemon();
    let topic = format!("http://{}/t/ai/atom.xml", desk.public);
    let callback = format!("http://{}/call", follower.address());
    assert_eq!(
        post(desk.public, &[("hub.mode", "subscribe"), ("hub.topic", &topic), ("hub.callback", &callback)]),
        202
    );
    daemon.logged("a request to our hub was not verified");
    assert_eq!(follower.log().len(), 0);
}
