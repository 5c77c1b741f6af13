//! The whole daemon among publishers that point inside: 127.0.0.1 plays the internet, 127.0.0.2 the inside.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use newswire::clock::Clock;

use super::inward::Inside;
use crate::support::playhouse::{Asked, Playhouse, Reply};
use crate::support::process::{Daemon, Desk, until};

/// Everything that a publisher can say leads inside.
fn play(asked: &Asked, inside: SocketAddr) -> Reply {
    let item = |link: &str| {
        format!(
            "<item><title>About {link}</title><link>{link}</link>\
             <enclosure url='http://{inside}/picture.png' type='image/png' length='1'/></item>"
        )
    };
    match (asked.host.as_str(), asked.path.as_str()) {
        (_, "/robots.txt") => Reply::status(404),
        ("hop.example", _) => Reply::redirect(302, &format!("http://{inside}{}", asked.path)),
        ("site.example", "/") => {
            Reply::ok(format!("<link rel=alternate type='application/rss+xml' href='http://{inside}/feed'>"))
                .header("Content-Type", "text/html")
        }
        ("news.example", "/feed") => {
            let items = [
                item(&format!("http://{inside}/1")),
                item(&format!("http://2130706434:{}/2", inside.port())),
                item("http://hop.example/3"),
                item("http://news.example/4"),
            ];
            let text = format!("<rss version='2.0'><channel><title>F</title>{}</channel></rss>", items.concat());
            let links = format!("<http://{inside}/hub>; rel=\"hub\", <http://news.example/feed>; rel=\"self\"");
            Reply::ok(text).header("Content-Type", "application/rss+xml").header("Link", &links)
        }
        _ => Reply::ok(format!(
            "<html><head><title>t</title><link rel=amphtml href='http://{inside}/amp'>\
             <link rel=canonical href='http://{inside}/canonical'><meta property=og:image content='http://{inside}/og.png'>"
        ))
        .header("Content-Type", "text/html"),
    }
}

fn desk(house: &Playhouse, inside: &Inside) -> Desk {
    let names = ["news.example", "hop.example", "site.example"];
    let names: Vec<String> = names.iter().map(|name| format!("{name}: \"{}\"", house.address())).collect();
    Desk::new(&format!(
        "fetch: {{ timeout: 5s, gap: 0s, websub: always, allow_private: [127.0.0.1/32], ports: [80, 443, {}], connect_to: {{ {} }} }}\n\
         publish: {{ images: proxy, websub: own }}\ngrouping: {{ window: 0s }}\nenrich: {{ sources: all }}\n\
         sources: [{{ url: 'http://news.example/feed' }}, {{ url: 'http://hop.example/feed' }}, {{ url: 'http://site.example/' }}]\n",
        inside.at.port(),
        names.join(", ")
    ))
}

/// Asks our hub for the feed of all stories, with a call-back inside.
fn follow(desk: &Desk, inside: &Inside) {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.topic", &format!("http://{}/all/atom.xml", desk.public))
        .append_pair("hub.callback", &format!("http://{}/call", inside.at))
        .finish();
    let mut stream = TcpStream::connect(desk.public).unwrap();
    let head = format!(
        "POST /hub HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        desk.public,
        form.len()
    );
    stream.write_all((head + &form).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
}

/// Asks for every picture that the feed of all stories names; gives how many there are.
fn pictures(desk: &Desk, daemon: &Daemon<'_>) -> usize {
    let feed = daemon.until("/all/feed.json", |feed| feed.json()["items"].as_array().is_some_and(|all| all.len() == 4));
    let feed = feed.json();
    let images = feed["items"].as_array().unwrap().iter().filter_map(|item| item["image"].as_str());
    let paths: Vec<&str> =
        images.map(|image| image.strip_prefix(&format!("http://{}", desk.public)).unwrap()).collect();
    for path in &paths {
        assert_eq!(daemon.get(path).status, 404, "{path}");
    }
    paths.len()
}

/// Whether a line of the log tells of a refusal. Of a follower that was not verified it does not say why.
fn is_refused(line: &str) -> bool {
    line.contains("is loopback") || line.contains("was not verified")
}

/// Reads the log until it tells that each of `what` was refused, in whatever order. Gives the lines that did.
fn told(daemon: &Daemon<'_>, what: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut found = vec![None; what.len()];
    until(&format!("{what:?} in the log"), || {
        lines.extend(daemon.log());
        for (found, what) in found.iter_mut().zip(what) {
            *found = lines.iter().find(|line| line.contains(what) && is_refused(line)).cloned();
        }
        found.iter().all(Option::is_some).then_some(())
    });
    found.into_iter().flatten().collect()
}

pub async fn daemon() -> String {
    let inside = Inside::open();
    let at = inside.at;
    let house = Playhouse::open(Clock::system(), move |asked| play(asked, at)).await;
    let desk = desk(&house, &inside);
    let daemon = desk.daemon();
    follow(&desk, &inside);
    let refused = [
        "a hub could not be asked".to_owned(),
        "a request to our hub was not verified".to_owned(),
        // Pages: named, spelled otherwise, redirected to; a picture whose size nobody states.
        format!("url=\"http://{at}/1\""),
        format!("url=\"http://{at}/2\""),
        "url=\"http://hop.example/3\"".to_owned(),
        format!("url=\"http://{at}/og.png\""),
        // A source that redirects, and one whose page names a feed.
        "url=http://hop.example/feed".to_owned(),
        "url=http://site.example/".to_owned(),
    ];
    let lines = told(&daemon, &refused);
    let pictures = pictures(&desk, &daemon);
    inside.is_untouched();
    format!("{} requests and {pictures} pictures refused, nobody came there", lines.len())
}
