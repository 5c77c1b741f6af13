//! Streams of news: each tells of its own page alone, and ends when it should.

use std::time::Duration;

use newswire::model::Digest;

use super::*;

/// So long that a busy machine gets there.
const PATIENCE: Duration = Duration::from_secs(30);

async fn wire() -> Wire {
    let wire = Wire::with("https://wire.example.org/wire/", Limits::default(), Answers::default()).await;
    wire.released.replace(vec![page(""), page("all/"), page("t/ai/"), feed("t/feeds/atom.xml")], &[]);
    wire
}

/// Reads until `what` was said, and gives all of it.
async fn until(stream: &mut TcpStream, what: &str) -> String {
    let mut bytes = Vec::new();
    let heard = async {
        while !String::from_utf8_lossy(&bytes).contains(what) {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "closed: {}", String::from_utf8_lossy(&bytes));
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn listen(wire: &Wire, path: &str, headers: &[&str]) -> TcpStream {
    let mut stream = TcpStream::connect(wire.address).await.unwrap();
    stream.write_all(head("GET", path, "wire.example.org", headers).as_bytes()).await.unwrap();
    stream
}

fn changed(path: &str) -> Document {
    document(path, "text/html; charset=utf-8", &format!("<!doctype html><p>News of {path}"))
}

#[tokio::test]
async fn a_page_tells_its_news() {
    let wire = wire().await;
    for (path, shown) in [
        ("/wire/events?of=t/ai/", "t/ai/"),
        ("/events?of=t%2Fai/", "t/ai/"),
        ("/events", "all/"),
        ("/events?of=", ""),
        ("/events?of=t/feeds/", "t/feeds/atom.xml"),
    ] {
        wire.released.replace(vec![page(""), page("all/"), page("t/ai/"), feed("t/feeds/atom.xml")], &[]);
        let mut stream = listen(&wire, path, &[]).await;
        let hello = until(&mut stream, "id: ").await;
        assert!(
            hello.contains("content-type: text/event-stream") && hello.contains("cache-control: no-store"),
            "{hello}"
        );
        let other = if shown == "all/" { "t/ai/" } else { "all/" };
        wire.released.replace(vec![changed(other)], &[]);
        wire.released.replace(vec![changed(shown)], &[]);
        let news = until(&mut stream, "event: news").await;
        assert_eq!(news.matches("event: news").count(), 1, "{path}: {news}");
    }
}

#[tokio::test]
async fn who_comes_back_is_told_what_was_missed() {
    let wire = wire().await;
    let known = format!("Last-Event-ID: {}", page("all/").digest);
    let mut stream = listen(&wire, "/events", &[&known]).await;
    until(&mut stream, "id: ").await;
    wire.released.replace(vec![changed("all/")], &[]);
    let mut again = listen(&wire, "/events", &[&known]).await;
    until(&mut again, "event: news").await;
    // What is no id of ours is not said again.
    let mut odd = listen(&wire, "/events", &["Last-Event-ID: <script>"]).await;
    assert!(!until(&mut odd, "id: ").await.contains("script"));
}

#[tokio::test]
async fn a_private_page_has_a_stream_of_its_own() {
    let wire = wire().await;
    let key = Digest::of(b"token").to_string();
    wire.released.replace(vec![page(&format!("p/{key}/"))], &[]);
    for path in [format!("/events?of=p/{key}/"), "/events?of=p/token/".to_owned(), format!("/p/{key}/events")] {
        assert_eq!(wire.get(&path).await.status, 404, "{path}");
    }
    let (mut own, mut open) = (listen(&wire, "/p/token/events", &[]).await, listen(&wire, "/events", &[]).await);
    let hello = until(&mut own, "id: ").await;
    assert!(!hello.contains(&key), "{hello}");
    until(&mut open, "id: ").await;
    wire.released.replace(vec![changed(&format!("p/{key}/"))], &[]);
    let news = until(&mut own, "event: news").await;
    assert!(!news.contains(&key) && !news.contains("token"), "{news}");
    wire.released.replace(vec![changed("all/")], &[]);
    assert_eq!(until(&mut open, "event: news").await.matches("event: news").count(), 1);
}

#[tokio::test]
async fn streams_are_few_and_end() {
    let mut wire = wire().await;
    assert_eq!(wire.get("/events?of=t/none/").await.status, 404);
    assert_eq!(wire.ask("HEAD", "/events", &[]).await.status, 200);
    assert_eq!(wire.ask("POST", "/events", &[]).await.status, 405);
    let mut streams = Vec::new();
    for _ in 0..256 {
        let mut stream = listen(&wire, "/events", &[]).await;
        until(&mut stream, "id: ").await;
        streams.push(stream);
    }
    assert_eq!(wire.get("/events").await.status, 503);
    assert_eq!(wire.get("/t/ai/").await.status, 200);
    // A stream whose page is gone ends, and so do all with the listener.
    wire.released.replace(Vec::new(), &["all/".to_owned()]);
    let mut rest = Vec::new();
    tokio::time::timeout(PATIENCE, streams.pop().unwrap().read_to_end(&mut rest)).await.unwrap().unwrap();
    let mut last = listen(&wire, "/events?of=t/ai/", &[]).await;
    until(&mut last, "id: ").await;
    wire.stop();
    tokio::time::timeout(PATIENCE, last.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_script_of_pages_is_one_of_ours() {
    let wire = wire().await;
    for path in ["/live.js", "/wire/live.js"] {
        let script = wire.get(path).await;
        assert_eq!((script.status, script.text()), (200, "// listens"));
        assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    }
}
