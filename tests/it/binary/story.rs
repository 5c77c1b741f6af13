//! The story that tests tell: a seed of nine articles in the shape that editors' tools export, with our own sentences.

use crate::support::process::{Answer, Desk};

/// What `secured` holds; it must be nowhere else.
pub const SECRET: &str = "q7Rk0vYx2LmZt9/WcE4bHsPd+NfJu1AoGi6T=;Vb3XeQ==";

/// Publisher, host and path of each article, in the order of the seed.
pub const ARTICLES: [(&str, &str, &str); 9] = [
    ("Ticker Post", "ticker-post.example", "/news/88121-ferry-line-moves-charging-to-own-cells"),
    ("Venture Sheet", "venture-sheet.example", "/2021/03/05/ferry-line-own-cells/"),
    ("Jester Money", "www.jester-money.example", "/investing/2021/03/04/ferry-line-cells-are-ready/"),
    ("Wire Agency", "www.wire-agency.example", "/article/ferry-line-cells-idWA27S2"),
    ("Copyweb", "copyweb.example", "/ferry-line-moves-to-own-cells-copyweb/"),
    ("Ars Machina", "ars-machina.example", "/gadgets/2021/03/ferry-line-begins-with-its-own-cells/"),
    ("Techdial", "www.techdial.example", "/news/ferries-now-run-on-stronger-cells"),
    ("Southern IT", "www.southern-it.example", "/news/ferry-line-moves-charging-555835"),
    ("Biometry Today", "www.biometry-today.example", "/202103/ferry-line-leaves-bought-cells-behind"),
];

/// The title of the best article, and of the seed's own.
pub const BEST: &str = "Ferry line shifts its night boats and its ticket gates to cells of its own";
pub const OWN: &str = "Ferry line moves part of its charging to cells made in house";

/// The document; all addresses begin with `scheme`.
pub fn document(scheme: &str) -> String {
    DOCUMENT.replace("https://", scheme).replace("SECRET", SECRET)
}

const DOCUMENT: &str = r#"---
category: news
title: "Ferry line moves part of its charging to cells made in house"
excerpt: "Northern Ferries (NFL -1.0%) charges its night boats from cells built in its own yard.The rest follows when the pier is rebuilt, as a speaker of the line put it."
publishedDateTime: 2021-03-04T19:00:00Z
originalUrl: "https://ticker-post.example/news/88121-ferry-line-moves-charging-to-own-cells"
webUrl: "https://ticker-post.example/news/88121-ferry-line-moves-charging-to-own-cells"
type: article
quality: 20
heat: -1
published: false

provider:
  name: Ticker Post
  domain: ticker-post.example

topics:
  - Ferry Power
  - Power
  - Sea Transport

related:
  - title: "Ferry line shifts its night boats and its ticket gates to cells of its own"
    excerpt: "The line said too that “Turnstile”, the name of its ticket gates, has begun to draw on the cells. How many of the gates do so it left open ..."
    publishedDateTime: 2021-03-05T08:49:00Z
    webUrl: "https://venture-sheet.example/2021/03/05/ferry-line-own-cells/"
    ampWebUrl: "https://venture-sheet.example/2021/03/05/ferry-line-own-cells/amp/"
    cdnAmpWebUrl: "https://venture--sheet-example.cdn.ampproject.org/c/s/venture-sheet.example/2021/03/05/ferry-line-own-cells/amp/"
    type: article
    provider:
      name: Venture Sheet
      domain: venture-sheet.example
    quality: 105
    images:
      - url: "https://venture-sheet.example/wp-content/uploads/2018/05/ferry-at-night.jpg?w=1200&strip=all"
        width: 1200
        height: 600
        isCached: true
  - title: "The Ferry Line's Cells Are Ready, Now They Carry the Night Boats"
    excerpt: "Five years on, the purchase of a small yard for 35 million begins to pay for itself."
    publishedDateTime: 2021-03-04T22:11:00Z
    webUrl: "https://www.jester-money.example/investing/2021/03/04/ferry-line-cells-are-ready/"
    ampWebUrl: "https://www.jester-money.example/amp/investing/2021/03/04/ferry-line-cells-are-ready/"
    cdnAmpWebUrl: "https://www-jester--money-example.cdn.ampproject.org/c/s/www.jester-money.example/amp/investing/2021/03/04/ferry-line-cells-are-ready/"
    type: article
    provider:
      name: Jester Money
      domain: jester-money.example
    quality: 101
  - title: "Ferry line shifts some night boats, ticket gates to its own cells"
    excerpt: "Northern Ferries Ltd <NFL.O> on Thursday said that it had moved part of the charging of its night boats to cells of its own design, so that they leave sooner and cost less, and away from those it bought of Voltworks <VLT."
    publishedDateTime: 2021-03-04T22:40:00Z
    webUrl: "https://www.wire-agency.example/article/ferry-line-cells-idWA27S2"
    ampWebUrl: "https://mobile.wire-agency.example/article/amp/idWA27S2"
    cdnAmpWebUrl: "https://mobile-wire--agency-example.cdn.ampproject.org/c/s/mobile.wire-agency.example/article/amp/idWA27S2"
    type: article
    provider:
      name: Wire Agency
      domain: wire-agency.example
    quality: 89
    images:
      - url: "https://pictures.wire-agency.example/r/?m=02&d=20210304&t=2&w=&fh=545px&r=LYN6"
        width: 818
        height: 545
        isCached: true
  - title: "Ferry line shifts its night boats and its ticket gates to cells of its own – Copyweb"
    excerpt: "Northern Ferries on Thursday said that it had moved part of the charging of its night boats to cells of its own design, so that they leave sooner and cost less, and away from those it bought of Voltworks."
    publishedDateTime: 2021-03-05T08:59:00Z
    webUrl: "https://copyweb.example/ferry-line-moves-to-own-cells-copyweb/"
    ampWebUrl: "https://copyweb.example/ferry-line-moves-to-own-cells-copyweb/?amp"
    type: article
    provider:
      name: Copyweb
      domain: copyweb.example
    quality: 71
  - title: "Ferry line begins to lift its night boats onto its own cells"
    excerpt: "On Thursday a note on the yard's own pages told that most of the charging has left the bought cells and stands on those the yard builds."
    publishedDateTime: 2021-03-05T18:07:00Z
    webUrl: "https://ars-machina.example/gadgets/2021/03/ferry-line-begins-with-its-own-cells/"
    type: article
    provider:
      name: Ars Machina
      domain: ars-machina.example
    quality: 71
  - title: "Night boats now run on stronger cells, which opens the door for longer lines"
    publishedDateTime: 2021-03-05T23:04:00Z
    webUrl: "https://www.techdial.example/news/ferries-now-run-on-stronger-cells"
    ampWebUrl: "https://www.techdial.example/amp/news/ferries-now-run-on-stronger-cells"
    type: article
    provider:
      name: Techdial
      domain: techdial.example
    quality: 64
  - title: "Ferry line moves some boat charging, ticket gates to own cells"
    excerpt: "Northern Ferries on Thursday said it moved part of the charging of its boats to cells designed in its yard."
    publishedDateTime: 2021-03-04T20:30:00Z
    webUrl: "https://www.southern-it.example/news/ferry-line-moves-charging-555835"
    type: article
    provider:
      name: Southern IT
      domain: southern-it.example
    quality: 43
  - title: "Ferry line leaves bought cells behind for gates and boats"
    excerpt: "Northern Ferries goes over to cells of its own for the boats at night and for the gates that know their passengers, Wire Agency reports, in an attempt"
    publishedDateTime: 2021-03-05T21:55:00Z
    webUrl: "https://www.biometry-today.example/202103/ferry-line-leaves-bought-cells-behind"
    type: article
    provider:
      name: Biometry Today
      domain: biometry-today.example
    quality: 40

secured: "SECRET"
---
"#;

/// A line of the configuration that leads all the hosts of the story, and `more`, to `target`.
pub fn hosts_at(target: std::net::SocketAddr, more: &[&str]) -> String {
    let hosts = ARTICLES.iter().map(|(_, host, _)| *host).chain(["mobile.wire-agency.example"]);
    let hosts: Vec<String> = hosts.chain(more.iter().copied()).map(|host| format!("{host}: \"{target}\"")).collect();
    format!("connect_to: {{ {} }}", hosts.join(", "))
}

/// A `fetch` key under which every page of the story refuses the connection.
pub fn unreachable() -> String {
    let nobody = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    format!("fetch: {{ timeout: 2s, gap: 0s, allow_private: [127.0.0.0/8], {} }}\n", hosts_at(nobody, &[]))
}

/// A desk with the story on it and its pages out of reach.
pub fn desk(more: &str) -> Desk {
    let desk = Desk::new(&format!("{}{more}", unreachable()));
    desk.seed("2021-03-04-ferry-cells.md", document("https://"));
    desk
}

/// The feed as feed readers see it.
#[track_caller]
pub fn parsed(feed: &[u8]) -> feed_rs::model::Feed {
    feed_rs::parser::parse(feed).unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(feed)))
}

/// The body of an entry: its content in Atom and RSS.
pub fn body(entry: &feed_rs::model::Entry) -> String {
    entry.content.as_ref().and_then(|content| content.body.clone()).unwrap_or_default()
}

/// Fails unless `feed` holds the story as one entry with all its articles, led by `title`.
#[track_caller]
pub fn is_told(feed: &[u8], title: &str) {
    let feed = parsed(feed);
    let [entry] = feed.entries.as_slice() else { panic!("{} entries", feed.entries.len()) };
    assert_eq!(entry.title.as_ref().map(|title| title.content.as_str()), Some(title));
    let body = body(entry);
    for (publisher, host, path) in ARTICLES {
        assert!(body.contains(publisher), "no {publisher} in {body}");
        assert_eq!(body.matches(&format!("{host}{path}\"")).count(), 1, "{host}{path} in {body}");
    }
    for time in ["2021-03-04T19:00:00Z", "2021-03-05T23:04:00Z"] {
        assert!(body.contains(time), "no {time} in {body}");
    }
    assert!(body.contains("Ferries Ltd &#60;NFL.O&#62; on") || body.contains("Ferries Ltd &lt;NFL.O&gt; on"), "{body}");
    assert!(!body.contains("/amp") && !body.contains("ampproject"), "{body}");
}

/// As [`is_told`], of a served feed.
#[track_caller]
pub fn is_served(answer: &Answer, title: &str) {
    assert_eq!(answer.status, 200);
    is_told(&answer.body, title);
}
