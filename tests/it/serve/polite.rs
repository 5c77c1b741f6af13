//! "And as a server of feeds": the card's rows as one table, and what is made for one request.

use std::sync::atomic::{AtomicUsize, Ordering};

use newswire::model::{ArticleId, FollowAnswer, FollowWord, StoryId};
use newswire::released::Shown;
use newswire::serve::{BesideAnswer, StoryAnswer};

use super::*;

const PATH: &str = "/t/ai/rss.xml";
const HUB: &str = "https://hub.example/";

/// A field of an answer; `None`: there is none.
type Field<'a> = (&'a str, Option<&'a str>);

async fn wire() -> Wire {
    let wire = Wire::hubbed("https://wire.example.org/", Some(HUB), Answers::default()).await;
    wire.released.replace(vec![feed("t/ai/rss.xml"), feed("t/ai/digest.xml"), feed("opml.xml"), page("t/ai/")], &[]);
    wire
}

/// Each row: what a reader sends, the status, and fields of the answer (`None`: there is none).
#[tokio::test]
async fn the_card_of_a_server_of_feeds() {
    let wire = wire().await;
    let tag = wire.get(PATH).await.header("etag").unwrap().to_owned();
    let (inm, since) = (format!("If-None-Match: {tag}"), format!("If-Modified-Since: {CHANGED}"));
    let both = "<https://wire.example.org/t/ai/rss.xml>; rel=\"self\", <https://hub.example/>; rel=\"hub\"";
    let always: &[Field<'_>] = &[
        ("cache-control", Some("public, max-age=900")),
        ("date", Some("Sun, 06 Nov 1994 08:49:37 GMT")),
        ("expires", Some("Sun, 06 Nov 1994 09:04:37 GMT")),
        ("vary", Some("accept-encoding")),
        ("access-control-allow-origin", Some("*")),
        ("set-cookie", None),
        ("location", None),
    ];
    let whole: &[Field<'_>] =
        &[("last-modified", Some(CHANGED)), ("x-content-type-options", Some("nosniff")), ("link", Some(both))];
    let plain = [whole, &[("etag", Some(tag.as_str())), ("content-encoding", None)]].concat();
    let gzip = [whole, &[("content-encoding", Some("gzip"))]].concat();
    let brotli = [whole, &[("content-encoding", Some("br"))]].concat();
    let known = vec![("etag", Some(tag.as_str())), ("content-type", None), ("content-length", None)];
    let rows: &[(&str, &[&str], u16, &[Field<'_>])] = &[
        ("no redirect, strong ETag, Last-Modified of the bytes, Link", &[], 200, &plain),
        ("gzip", &["Accept-Encoding: gzip"], 200, &gzip),
        ("brotli", &["Accept-Encoding: gzip, br"], 200, &brotli),
        ("If-None-Match alone", &[&inm], 304, &known),
        ("If-Modified-Since alone", &[&since], 304, &known),
        ("If-None-Match wins", &["If-None-Match: \"x\"", &since], 200, &plain),
        ("A-IM without a known version is the whole", &["A-IM: feed", "If-None-Match: \"x\""], 200, &plain),
        ("A-IM with the present version", &["A-IM: feed", &inm], 304, &known),
    ];
    for (row, asked, status, fields) in rows {
        for method in ["GET", "HEAD"] {
            let reply = wire.ask(method, PATH, asked).await;
            assert_eq!(reply.status, *status, "{row}");
            for (name, value) in always.iter().chain(*fields) {
                assert_eq!(reply.header(name), *value, "{row}: {name}");
            }
            assert_eq!(reply.body.is_empty(), method == "HEAD" || *status == 304, "{row}");
        }
    }
    // What the ETag differs by is the coding.
    let tags = ["identity", "gzip", "br"].map(|coding| format!("Accept-Encoding: {coding}"));
    let mut seen = std::collections::BTreeSet::new();
    for accept in &tags {
        seen.insert(wire.ask("GET", PATH, &[accept]).await.header("etag").unwrap().to_owned());
    }
    assert_eq!(seen.len(), 3);
    assert_eq!(wire.get(PATH).await.body, wire.get(PATH).await.body);
}

#[tokio::test]
async fn what_has_a_schedule_of_its_own_is_kept_longer() {
    let wire = wire().await;
    let reply = wire.get("/t/ai/digest.xml").await;
    assert_eq!(reply.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(reply.header("expires"), Some("Sun, 06 Nov 1994 09:49:37 GMT"));
    assert!(reply.header("link").unwrap().contains("rel=\"hub\""));
    assert!(!wire.get("/opml.xml").await.header("link").unwrap().contains("hub"));
    assert_eq!(wire.get("/t/ai/").await.header("link"), None);
}

fn story(name: &str) -> (StoryId, Digest) {
    (StoryId::founded_by(ArticleId::of(name), 0), Digest::of(name.as_bytes()))
}

#[tokio::test]
async fn a_reader_that_asks_gets_what_is_new() {
    let answers = Answers {
        delta: Arc::new(|path, past| {
            assert_eq!(past, &[story("old")].into_iter().collect::<Shown>());
            Some(document(path, "application/rss+xml; charset=utf-8", &"<new/>".repeat(100)))
        }),
        ..Answers::default()
    };
    let wire = Wire::hubbed("https://wire.example.org/", Some(HUB), answers).await;
    let (old, new) =
        (document("t/ai/rss.xml", "application/rss+xml; charset=utf-8", &"<old/>".repeat(200)), feed("t/ai/rss.xml"));
    wire.released.remember("t/ai/rss.xml", old.digest, &Arc::new([story("old")].into_iter().collect()));
    let old_tag = format!("If-None-Match: W/\"{}-gz\"", old.digest);
    let new_digest = new.digest;
    wire.released.replace(vec![old], &[]);
    wire.released.replace(vec![new], &[]);
    let reply = wire.ask("GET", PATH, &["A-IM: feed", &old_tag]).await;
    let new_tag = format!("\"{new_digest}\"");
    let fields = [
        ("im", Some("feed")),
        ("etag", Some(new_tag.as_str())),
        ("cache-control", Some("private, no-store")),
        ("expires", None),
        ("vary", Some("accept-encoding, a-im, if-none-match")),
        ("last-modified", Some(CHANGED)),
        ("content-type", Some("application/rss+xml; charset=utf-8")),
    ];
    assert_eq!((reply.status, reply.text()), (226, "<new/>".repeat(100).as_str()));
    for (name, value) in fields {
        assert_eq!(reply.header(name), value, "{name}");
    }
    let gzip = wire.ask("GET", PATH, &["A-IM: feed", &old_tag, "Accept-Encoding: gzip"]).await;
    assert_eq!((gzip.status, gzip.header("content-encoding")), (226, Some("gzip")));
    assert_eq!(gzip.header("etag"), Some(format!("\"{new_digest}-gz\"").as_str()));
    // The version that it got a part of is the one it holds.
    assert_eq!(wire.ask("GET", PATH, &["A-IM: feed", &format!("If-None-Match: {new_tag}")]).await.status, 304);
    // Who does not ask gets the whole, and so does who holds what nobody remembers.
    assert_eq!(wire.ask("GET", PATH, &[&old_tag]).await.status, 200);
    assert_eq!(wire.ask("GET", PATH, &["A-IM: vcdiff", &old_tag]).await.status, 200);
    assert_eq!(wire.ask("GET", PATH, &["A-IM: feed"]).await.status, 200);
    let unknown = format!("If-None-Match: \"{}\"", Digest::of(b"never"));
    assert_eq!(wire.ask("GET", PATH, &["A-IM: feed", &unknown]).await.status, 200);
}

fn counting(asked: &Arc<AtomicUsize>) -> Answers {
    let asked = Arc::clone(asked);
    Answers {
        beside: Arc::new(move |path, query| {
            asked.fetch_add(1, Ordering::Relaxed);
            match (path, query) {
                ("t/ai/rss.xml", Some("limit=1")) => BesideAnswer::Document(feed("t/ai/rss.xml?")),
                ("t/ai/rss.xml", Some(_)) => BesideAnswer::Unknown,
                ("search", _) => BesideAnswer::Document(page("search")),
                ("search/atom.xml", None) => BesideAnswer::Refused("Say what to search for."),
                ("t/ai/archive/2026-01.xml", _) => BesideAnswer::Document(feed("t/ai/archive/2026-01.xml")),
                (path, _) if path.ends_with("/s/moved") => BesideAnswer::Story(StoryAnswer::MovedTo(story("x").0)),
                (path, _) if path.starts_with("p/") => BesideAnswer::Story(StoryAnswer::Page(page(path))),
                _ => BesideAnswer::Unknown,
            }
        }),
        ..Answers::default()
    }
}

#[tokio::test]
async fn what_is_made_for_one_request() {
    let asked = Arc::new(AtomicUsize::new(0));
    let wire = Wire::hubbed("https://wire.example.org/", Some(HUB), counting(&asked)).await;
    wire.released.replace(vec![feed("t/ai/rss.xml"), page("t/ai/")], &[]);
    let reply = wire.get("/t/ai/rss.xml?limit=1").await;
    assert_eq!(reply.header("link"), Some("<https://wire.example.org/t/ai/rss.xml%3F?limit=1>; rel=\"self\""));
    let whole = wire.get("/t/ai/rss.xml").await;
    assert_ne!(reply.header("etag"), whole.header("etag"));
    let again = format!("If-None-Match: {}", reply.header("etag").unwrap());
    assert_eq!(wire.ask("GET", "/t/ai/rss.xml?limit=1", &[&again]).await.status, 304);
    assert_eq!(wire.get("/t/ai/rss.xml?lang=x").await.body, whole.body);
    assert_eq!(wire.get("/search?q=ferry").await.status, 200);
    let refused = wire.get("/search/atom.xml").await;
    assert_eq!((refused.status, refused.header("cache-control")), (400, Some("no-store")));
    let archive = wire.get("/t/ai/archive/2026-01.xml").await;
    assert_eq!((archive.status, archive.header("cache-control")), (200, Some("public, max-age=3600")));
    // What cannot mean anything costs nobody a thread.
    let before = asked.load(Ordering::Relaxed);
    for path in
        ["/t/ai/rss.xml?utm_source=x", "/t/ai/?limit=1", "/nowhere?limit=1", "/searching", "/t/no/rss.xml?limit=1"]
    {
        wire.get(path).await;
    }
    let long = "x".repeat(8000);
    assert_eq!(wire.get(&format!("/search?q={long}")).await.status, 414);
    assert_eq!(asked.load(Ordering::Relaxed), before);
}

#[tokio::test]
async fn a_query_of_a_megabyte_is_refused() {
    let wire = wire().await;
    let mut stream = TcpStream::connect(wire.address).await.unwrap();
    let request = head("GET", &format!("/search?q={}", "x".repeat(1 << 20)), "wire.example.org", &[]);
    // The answer comes before the question ends.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let status = String::from_utf8_lossy(&bytes).split(' ').nth(1).unwrap_or_default().to_owned();
    assert!(["414", "431", ""].contains(&status.as_str()), "{status}");
    assert_eq!(wire.get(PATH).await.status, 200);
}

#[tokio::test]
async fn private_documents_are_nobodys_but_the_readers() {
    let asked = Arc::new(AtomicUsize::new(0));
    let wire = Wire::hubbed("https://wire.example.org/", Some(HUB), counting(&asked)).await;
    let key = Digest::of(b"kT8-vQ2_xZ9.aB4c");
    wire.released.replace(vec![feed(&format!("p/{key}/rss.xml")), page(&format!("p/{key}/"))], &[]);
    let (feed, page) = (wire.get("/p/kT8-vQ2_xZ9.aB4c/rss.xml").await, wire.get("/p/kT8-vQ2_xZ9.aB4c/").await);
    let story = wire.get("/p/kT8-vQ2_xZ9.aB4c/s/0000000000000000").await;
    let known = format!("If-None-Match: {}", feed.header("etag").unwrap());
    let unchanged = wire.ask("GET", "/p/kT8-vQ2_xZ9.aB4c/rss.xml", &[&known]).await;
    assert_eq!(unchanged.status, 304);
    for reply in [&feed, &page, &story, &unchanged] {
        let fields = ["cache-control", "expires", "access-control-allow-origin", "link", "x-robots-tag"];
        let values = fields.map(|name| reply.header(name));
        assert_eq!(values, [Some("private, no-store"), None, None, None, Some("noindex")], "{reply:?}");
    }
    for reply in [&feed, &page, &story] {
        assert_eq!((reply.status, reply.header("referrer-policy")), (200, Some("no-referrer")));
    }
    let moved = wire.get("/p/kT8-vQ2_xZ9.aB4c/s/moved").await;
    assert_eq!((moved.status, moved.header("cache-control")), (302, Some("private, no-store")));
    assert_eq!(wire.get("/p/kT8-vQ2_xZ9.aB4c").await.header("location"), Some("./kT8-vQ2_xZ9.aB4c/"));
    // The key is not the token, and no other token is nearly right.
    for path in [
        format!("/p/{key}/rss.xml"),
        "/p/kT8-vQ2_xZ9.aB4d/rss.xml".to_owned(),
        "/p/".to_owned(),
        "/p//rss.xml".to_owned(),
    ] {
        assert_eq!(wire.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_hub_hears_forms_of_bounded_size() {
    let answers = Answers {
        follow: Arc::new(|word: &FollowWord| match word.mode.as_str() {
            "subscribe" => FollowAnswer::Accepted,
            "flood" => FollowAnswer::Later,
            _ => FollowAnswer::Refused("hub.mode is wrong.\n"),
        }),
        ..Answers::default()
    };
    let wire = Wire::hubbed("https://wire.example.org/wire/", None, answers).await;
    let post = async |path: &str, form: &str| {
        let length = format!("Content-Length: {}", form.len());
        let request = head("POST", path, "wire.example.org", &[&length]) + form;
        let reply = ask(wire.address, &request).await;
        (reply.status, reply.text().to_owned())
    };
    assert_eq!(post("/hub", "hub.mode=subscribe").await, (202, String::new()));
    assert_eq!(post("/wire/hub", "hub.mode=subscribe").await.0, 202);
    assert_eq!(post("/hub", "hub.mode=x").await, (400, "hub.mode is wrong.\n".to_owned()));
    assert_eq!(post("/hub", "hub.mode=flood").await.0, 503);
    let get = wire.get("/hub").await;
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
    let request = head("POST", "/hub", "wire.example.org", &["Content-Length: 999999999"]);
    assert_eq!(ask(wire.address, &request).await.status, 413);
    assert_eq!(Wire::start().await.ask("POST", "/hub", &["Content-Length: 0"]).await.status, 404);
}
