//! Documents, stories, moves and refusals: statuses, headers and bodies.

use std::io::Read;

use newswire::model::{ArticleId, StoryId};
use newswire::serve::StoryAnswer;

use super::*;

async fn with_feed() -> (Wire, String) {
    let wire = Wire::start().await;
    let feed = feed("t/ai/rss.xml");
    let tag = format!("\"{}\"", feed.digest);
    wire.released.replace(vec![page(""), page("t/ai/"), feed, document("tiny.xml", "text/xml", "<a/>")], &[]);
    (wire, tag)
}

#[tokio::test]
async fn a_feed_has_every_header_and_no_other() {
    let (wire, tag) = with_feed().await;
    let reply = wire.get("/t/ai/rss.xml").await;
    let mut headers = reply.headers.clone();
    headers.sort();
    let length = reply.body.len().to_string();
    let expect = [
        ("accept-ranges", "none"),
        ("access-control-allow-origin", "*"),
        ("cache-control", "public, max-age=900"),
        ("connection", "close"),
        ("content-length", &length),
        ("content-type", "application/rss+xml; charset=utf-8"),
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("etag", &tag),
        ("expires", "Sun, 06 Nov 1994 09:04:37 GMT"),
        ("last-modified", CHANGED),
        ("link", "<https://wire.example.org/t/ai/rss.xml>; rel=\"self\""),
        ("vary", "accept-encoding"),
        ("x-content-type-options", "nosniff"),
    ];
    assert_eq!(reply.status, 200);
    assert_eq!(headers, expect.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(reply.text().starts_with("<rss>"));
}

#[tokio::test]
async fn a_page_has_a_policy_and_is_not_for_other_sites() {
    let (wire, _) = with_feed().await;
    for path in ["/", "/t/ai/"] {
        let reply = wire.get(path).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(reply.header("content-security-policy"), Some("default-src 'none'; img-src https:"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("access-control-allow-origin"), None);
        assert_eq!(reply.header("link"), None);
        assert_eq!(reply.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn codings_decode_to_the_same_bytes_under_tags_of_their_own() {
    let (wire, tag) = with_feed().await;
    let plain = wire.get("/t/ai/rss.xml").await;
    let gzip = wire.ask("GET", "/t/ai/rss.xml", &["Accept-Encoding: gzip, deflate"]).await;
    let brotli = wire.ask("GET", "/t/ai/rss.xml", &["Accept-Encoding: gzip, deflate, br"]).await;
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    assert_eq!(brotli.header("content-encoding"), Some("br"));
    assert_eq!(gzip.header("etag").unwrap(), format!("\"{}-gz\"", tag.trim_matches('"')));
    assert_ne!(gzip.header("etag"), brotli.header("etag"));
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&*gzip.body).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);
    let mut text = Vec::new();
    brotli::BrotliDecompress(&mut &*brotli.body, &mut text).unwrap();
    assert_eq!(text, plain.body);
    for reply in [&gzip, &brotli] {
        assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
        assert_eq!(reply.header("vary"), Some("accept-encoding"));
    }
}

#[tokio::test]
async fn what_is_too_small_to_compress_is_sent_plain() {
    let (wire, _) = with_feed().await;
    for accept in ["gzip, br", "gzip, identity;q=0"] {
        let reply = wire.ask("GET", "/tiny.xml", &[&format!("Accept-Encoding: {accept}")]).await;
        assert_eq!((reply.status, reply.header("content-encoding"), reply.text()), (200, None, "<a/>"));
    }
}

#[tokio::test]
async fn conditions() {
    let (wire, tag) = with_feed().await;
    let gz = format!("\"{}-gz\"", tag.trim_matches('"'));
    let later = "Sun, 06 Nov 1994 08:49:37 GMT";
    let earlier = "Thu, 01 Jan 1970 00:00:00 GMT";
    let matched = format!("If-None-Match: {tag}");
    let cases: &[(&[&str], u16)] = &[
        (&[&matched], 304),
        (&[&format!("If-None-Match: W/{tag}")], 304),
        (&[&format!("If-None-Match: \"x\", {tag}")], 304),
        (&["If-None-Match: \"x\"", &matched], 304),
        (&["If-None-Match: *"], 304),
        (&[&format!("If-None-Match: {gz}")], 200),
        (&[&format!("If-None-Match: {gz}"), "Accept-Encoding: gzip"], 304),
        (&[&matched, "Accept-Encoding: gzip"], 200),
        (&["If-None-Match: \"x\""], 200),
        (&[&format!("If-Modified-Since: {CHANGED}")], 304),
        (&[&format!("If-Modified-Since: {later}")], 304),
        (&[&format!("If-Modified-Since: {earlier}")], 200),
        (&["If-Modified-Since: never"], 200),
        (&["If-None-Match: \"x\"", &format!("If-Modified-Since: {later}")], 200),
        (&[&matched, &format!("If-Modified-Since: {earlier}")], 304),
        (&["Range: bytes=0-3"], 200),
        (&["If-Match: \"x\""], 200),
    ];
    for method in ["GET", "HEAD"] {
        for (headers, status) in cases {
            assert_eq!(wire.ask(method, "/t/ai/rss.xml", headers).await.status, *status, "{method} {headers:?}");
        }
    }
}

#[tokio::test]
async fn a_304_repeats_what_caches_need_and_nothing_of_the_content() {
    let (wire, tag) = with_feed().await;
    let reply = wire.ask("GET", "/t/ai/rss.xml", &[&format!("If-None-Match: {tag}")]).await;
    let mut headers = reply.headers.clone();
    headers.sort();
    let expect = [
        ("access-control-allow-origin", "*"),
        ("cache-control", "public, max-age=900"),
        ("connection", "close"),
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("etag", &tag),
        ("expires", "Sun, 06 Nov 1994 09:04:37 GMT"),
        ("vary", "accept-encoding"),
    ];
    assert_eq!(headers, expect.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(reply.body.is_empty());
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let (wire, _) = with_feed().await;
    for (path, headers) in
        [("/t/ai/rss.xml", vec!["Accept-Encoding: gzip"]), ("/t/ai/", vec![]), ("/nowhere", vec![]), ("/t/ai", vec![])]
    {
        let get = wire.ask("GET", path, &headers).await;
        let head = wire.ask("HEAD", path, &headers).await;
        assert_eq!((get.status, &get.headers), (head.status, &head.headers), "{path}");
        assert!(get.header("content-length").is_some_and(|length| length != "0"), "{path}");
        assert!(head.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_changed_document_is_seen_at_once() {
    let (wire, tag) = with_feed().await;
    let changed = document("t/ai/rss.xml", "application/rss+xml; charset=utf-8", "<rss/>");
    wire.released.replace(vec![changed], &["t/ai/".into()]);
    let reply = wire.ask("GET", "/t/ai/rss.xml", &[&format!("If-None-Match: {tag}")]).await;
    assert_eq!((reply.status, reply.text()), (200, "<rss/>"));
    assert_eq!(wire.get("/t/ai/").await.status, 404);
}

#[tokio::test]
async fn other_methods_and_unknown_addresses_are_refused() {
    let (wire, _) = with_feed().await;
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND"] {
        let reply = wire.ask(method, "/t/ai/rss.xml", &["Content-Length: 0"]).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    for path in ["/nowhere", "/t/", "/favicon.ico", "/t/ai/..", "/%ff", "//", "/t/ai/rss.xml/", "/s/x", "/metrics"] {
        let reply = wire.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert!(reply.body.len() < 200);
    }
    let robots = wire.get("/robots.txt").await;
    assert_eq!((robots.status, robots.text()), (200, "User-agent: *\nDisallow:\n"));
}

#[tokio::test]
async fn a_page_without_its_slash_moves_and_a_feed_never_does() {
    let (wire, _) = with_feed().await;
    let check = async |path: &str, status, location| {
        let reply = wire.get(path).await;
        assert_eq!((reply.status, reply.header("location")), (status, location), "{path}");
    };
    check("/t/ai", 308, Some("./ai/")).await;
    check("/t/ai?utm_source=x", 308, Some("./ai/")).await;
    check("/t/ai/?utm_source=x", 200, None).await;
    check("/t/%61i/rss.xml?x", 200, None).await;
    check("http://wire.example.org/t/ai/rss.xml", 200, None).await;
}

#[tokio::test]
async fn a_prefix_may_be_there_or_stripped() {
    let wire = Wire::with("https://example.org/wire/", Limits::default(), Answers::default()).await;
    wire.released.replace(vec![page(""), page("t/ai/"), feed("t/ai/rss.xml")], &[]);
    let check = async |path: &str, status, location| {
        let reply = wire.get(path).await;
        assert_eq!((reply.status, reply.header("location")), (status, location), "{path}");
    };
    check("/", 200, None).await;
    check("/wire/", 200, None).await;
    check("/wire", 308, Some("./wire/")).await;
    check("/t/ai/", 200, None).await;
    check("/wire/t/ai/", 200, None).await;
    check("/wire/t/ai", 308, Some("./ai/")).await;
    check("/wired/t/ai/", 404, None).await;
    check("/wire/wire/", 404, None).await;
    check("/wire/robots.txt", 200, None).await;
    let link = "<https://example.org/wire/t/ai/rss.xml>; rel=\"self\"";
    assert_eq!(wire.get("/wire/t/ai/rss.xml").await.header("link"), Some(link));
    assert_eq!(wire.get("/t/ai/rss.xml").await.header("link"), Some(link));
}

#[tokio::test]
async fn slugs_outside_ascii_are_found_and_linked() {
    let wire = Wire::start().await;
    wire.released.replace(vec![page("t/人工/"), feed("t/人工/rss.xml")], &[]);
    assert_eq!(wire.get("/t/%E4%BA%BA%E5%B7%A5/").await.status, 200);
    assert_eq!(wire.get("/t/%E4%BA%BA%E5%B7%A5").await.header("location"), Some("./%E4%BA%BA%E5%B7%A5/"));
    let link = "<https://wire.example.org/t/%E4%BA%BA%E5%B7%A5/rss.xml>; rel=\"self\"";
    assert_eq!(wire.get("/t/%E4%BA%BA%E5%B7%A5/rss.xml").await.header("link"), Some(link));
}

#[tokio::test]
async fn stories_answer_by_what_is_known() {
    let id = |key| StoryId::founded_by(ArticleId::of(key), 0);
    let (here, merged, withdrawn, broken) = (id("here"), id("merged"), id("withdrawn"), id("broken"));
    let answers = Answers {
        story: Arc::new(move |asked, _| match asked {
            asked if asked == here => StoryAnswer::Page(page(&format!("s/{asked}"))),
            asked if asked == merged => StoryAnswer::MovedTo(here),
            asked if asked == withdrawn => StoryAnswer::Gone,
            asked if asked == broken => panic!("a story that breaks its renderer"),
            _ => StoryAnswer::Unknown,
        }),
        ..Answers::default()
    };
    let wire = Wire::with("https://wire.example.org/", Limits::default(), answers).await;
    let plain = wire.get(&format!("/s/{here}")).await;
    assert_eq!((plain.status, plain.header("last-modified")), (200, Some(CHANGED)));
    assert!(plain.text().contains(&here.to_string()));
    for (accept, coding) in [("br, gzip", "br"), ("gzip", "gzip")] {
        let accept = format!("Accept-Encoding: {accept}");
        let reply = wire.ask("GET", &format!("/s/{here}"), &[&accept]).await;
        assert_eq!(reply.header("content-encoding"), Some(coding));
        let known = format!("If-None-Match: {}", reply.header("etag").unwrap());
        assert_eq!(wire.ask("GET", &format!("/s/{here}"), &[&accept, &known]).await.status, 304);
    }
    let check = async |path: String, status, location: Option<String>| {
        let reply = wire.get(&path).await;
        assert_eq!((reply.status, reply.header("location")), (status, location.as_deref()), "{path}");
    };
    check(format!("/s/{merged}"), 301, Some(format!("./{here}"))).await;
    check(format!("/s/{here}/"), 308, Some(format!("../{here}"))).await;
    check(format!("/s/{withdrawn}"), 410, None).await;
    check(format!("/s/{}", id("never")), 404, None).await;
    check("/s/not-an-id".into(), 404, None).await;
    check("/s/".into(), 404, None).await;
    check(format!("/s/{broken}"), 500, None).await;
    check(format!("/s/{here}"), 200, None).await;
}

#[tokio::test]
async fn before_the_first_release_readers_are_told_to_come_back() {
    let answers = Answers { ready: Arc::new(|| Err("no release yet".into())), ..Answers::default() };
    let wire = Wire::with("https://wire.example.org/", Limits::default(), answers).await;
    let reply = wire.get("/t/ai/rss.xml").await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("5")));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    wire.released.replace(vec![feed("t/ai/rss.xml")], &[]);
    assert_eq!(wire.get("/t/ai/rss.xml").await.status, 200);
}

#[tokio::test]
async fn a_connection_serves_many_and_traffic_is_counted() {
    let (wire, tag) = with_feed().await;
    let mut stream = TcpStream::connect(wire.address).await.unwrap();
    for _ in 0..3 {
        assert_eq!(keep_asking(&mut stream, "/t/ai/rss.xml").await.status, 200);
    }
    assert_eq!(keep_asking(&mut stream, "/nowhere").await.status, 404);
    let sent = wire.count("http_sent_bytes");
    wire.ask("HEAD", "/t/ai/rss.xml", &[]).await;
    wire.ask("GET", "/t/ai/rss.xml", &[&format!("If-None-Match: {tag}")]).await;
    assert!(sent > 0.0 && (wire.count("http_sent_bytes") - sent).abs() < 0.5);
    assert!((wire.count("http_answers") - 6.0).abs() < 0.5);
    assert!((wire.count("http_connections") - 3.0).abs() < 0.5);
}
