//! The daemon: readiness, serving, signals, and what survives a kill.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::story;
use crate::support::process::{self, Daemon, Desk, ask, try_ask, until};

pub const SEED: &str = "---\ntitle: Harbour opens again\nwebUrl: https://a.example/harbour\n\
                    publishedDateTime: 2021-03-04T19:00:00Z\nprovider: { name: A, domain: a.example }\ntopics: [Sea]\n---\n";

pub const QUIET: &str = "enrich: { seeds: none }\n";

pub fn desk() -> Desk {
    let desk = Desk::new(QUIET);
    desk.seed("a.md", SEED);
    desk
}

/// Another story, with a label of its own.
pub fn other() -> String {
    SEED.replace("Harbour opens again", "Mountain rail closes for the winter")
        .replace("/harbour", "/rail")
        .replace("Sea", "Rail")
}

#[test]
fn it_says_when_it_is_ready_and_drains_when_told_to_stop() {
    let desk = story::desk("");
    let daemon = desk.start(|_| {});
    assert!(daemon.heard("READY=1").contains("STATUS=1 stories of 9 articles"));
    // At once: what is ready is whole, even on the first day.
    story::is_served(&daemon.get("/t/power/rss.xml"), story::BEST);
    assert!(daemon.logged("listening").contains(&desk.public.to_string()));
    // A reader in the middle of its head, and one that waits on an open connection.
    let mut slow = TcpStream::connect(desk.public).unwrap();
    write!(slow, "GET /t/power/rss.xml HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    daemon.signal("TERM");
    daemon.heard("STOPPING=1");
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    let (code, log) = daemon.end();
    assert_eq!(code, Some(0), "{log:#?}");
    assert!(log.iter().any(|line| line.contains("stopped")), "{log:#?}");
    assert!(!log.join("\n").contains(story::SECRET));
    assert!(try_ask(desk.public, "GET", "/", &[]).is_err(), "nobody listens any more");
}

#[test]
fn every_document_is_served_with_the_headers_of_a_good_server() {
    let desk = story::desk("");
    let daemon = desk.daemon();
    settled(&daemon);
    let topics = ["/t/power/", "/t/ferry-power/", "/t/sea-transport/", "/all/"];
    for (file, kind) in [
        ("rss.xml", "application/rss+xml"),
        ("atom.xml", "application/atom+xml"),
        ("feed.json", "application/feed+json"),
        ("", "text/html"),
    ] {
        for topic in topics {
            document(&desk, &format!("{topic}{file}"), kind);
        }
    }
    document(&desk, "/", "text/html");
    document(&desk, "/opml.xml", "text/x-opml");
    let page = daemon.get("/t/power/").text();
    assert!(page.contains("rel=\"alternate\"") && page.contains("rss.xml"), "{page}");
    let atom = daemon.get("/all/atom.xml");
    assert_eq!(atom.header("link"), format!("<http://{}/all/atom.xml>; rel=\"self\"", desk.public));
    assert!(daemon.get("/t/power").header("location").ends_with("power/"));
    assert_eq!(daemon.get("/t/nothing/rss.xml").status, 404);
    assert_eq!(ask(desk.public, "POST", "/all/rss.xml", &["Content-Length: 0"]).status, 405);
    for path in ["/status", "/metrics", "/livez", "/readyz", "/explain"] {
        assert_eq!(daemon.get(path).status, 404, "{path} is not public");
    }
    let id = story::parsed(&atom.body).entries[0].id.rsplit('/').next().unwrap().to_owned();
    assert!(daemon.get(&format!("/s/{id}")).has("Wire Agency"));
}

/// Waits until every page of the story was asked in vain, and nothing waits to be grouped or released.
#[track_caller]
fn settled(daemon: &Daemon<'_>) {
    daemon.until("/t/sea-transport/feed.json", |feed| feed.has("Wire Agency"));
    until("nine troubles", || {
        let status = daemon.admin("/status").json();
        let counts = &status["counts"];
        let waiting = counts["waiting_to_group"] != 0 || counts["waiting_to_release"] != 0;
        (!waiting && status["troubles"].as_array().unwrap().len() == 9).then_some(())
    });
}

/// Identity, gzip, br, HEAD and both kinds of 304 of one document.
#[track_caller]
fn document(desk: &Desk, path: &str, kind: &str) {
    let get = |headers: &[&str]| ask(desk.public, "GET", path, headers);
    let plain = get(&[]);
    assert_eq!(plain.status, 200, "{path}");
    assert!(plain.header("content-type").starts_with(kind), "{path}: {}", plain.header("content-type"));
    assert_eq!(plain.header("content-length"), plain.body.len().to_string());
    for name in ["etag", "last-modified", "cache-control", "date", "vary", "x-content-type-options"] {
        plain.header(name);
    }
    assert!(!plain.headers.contains_key("set-cookie"));
    let head = ask(desk.public, "HEAD", path, &[]);
    assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, plain.header("etag")), "{path}");
    assert_eq!(head.header("content-length"), plain.header("content-length"));
    for condition in [
        format!("If-None-Match: {}", plain.header("etag")),
        format!("If-Modified-Since: {}", plain.header("last-modified")),
    ] {
        let unchanged = get(&[&condition]);
        assert_eq!((unchanged.status, unchanged.body.len()), (304, 0), "{path} {condition}");
    }
    assert_eq!(get(&["If-None-Match: \"other\""]).status, 200);
    let gzip = get(&["Accept-Encoding: gzip"]);
    assert_eq!(gzip.header("content-encoding"), "gzip", "{path}");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(gzip.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body, "{path}");
    let br = get(&["Accept-Encoding: gzip, br"]);
    assert_eq!(br.header("content-encoding"), "br", "{path}");
    let mut unpacked = Vec::new();
    brotli::Decompressor::new(br.body.as_slice(), 4096).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body, "{path}");
    let condition = format!("If-None-Match: {}", br.header("etag"));
    assert_eq!(get(&["Accept-Encoding: br", &condition]).status, 304);
}

#[test]
fn operators_see_how_it_is() {
    let desk = story::desk("");
    let daemon = desk.daemon();
    daemon.until("/all/rss.xml", |answer| answer.has("Wire Agency"));
    assert_eq!((daemon.admin("/livez").status, daemon.admin("/readyz").status), (200, 200));
    desk.run(&["healthcheck"]).with_code(0).has("ready");
    settled(&daemon);
    let status = daemon.admin("/status").json();
    assert!(status["refused_reload"].is_null() && status["stages"]["release"]["rows"].is_u64(), "{status:#}");
    let metrics = daemon.admin("/metrics");
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    for line in ["newswire_stories 1", "newswire_articles 9", "stage_rows_total{stage=\"release\"}"] {
        assert!(metrics.has(line), "no {line} in {}", metrics.text());
    }
    let explained = daemon.admin("/explain?url=https://www.techdial.example/news/ferries-now-run-on-stronger-cells");
    assert!(explained.has("cells.md"), "{}", explained.text());
    assert!(!daemon.admin("/status").has(story::SECRET));
    let rebound = ask_as(&desk, "evil.example");
    assert_eq!(rebound, 421);
    // The verbs read the same store while the daemon runs.
    desk.run(&["status"]).with_code(0).has("articles  9");
    desk.run(&["check"]).with_code(0).has("1 stories in /t/power/");
}

/// The status that `/status` gives to one who thinks that the machine is called `host`.
fn ask_as(desk: &Desk, host: &str) -> u16 {
    let mut stream = TcpStream::connect(desk.admin).unwrap();
    write!(stream, "GET /status HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_seed_is_taken_up_changed_and_withdrawn_while_it_runs() {
    let desk = desk();
    let daemon = desk.daemon();
    let before = daemon.until("/all/rss.xml", |feed| feed.has("Harbour opens again"));
    desk.seed("b.md", other());
    let both = daemon.until("/all/rss.xml", |feed| feed.has("Mountain rail"));
    assert!(both.has("Harbour opens again") && both.header("etag") != before.header("etag"));
    daemon.until("/t/rail/rss.xml", |feed| feed.status == 200);
    desk.seed("b.md", other().replace("closes", "reopens"));
    daemon.until("/all/rss.xml", |feed| feed.has("reopens for the winter"));
    desk.seed("b.md", "---\ntitle: \"\"\nwebUrl: https://a.example/rail\n---\n");
    assert!(daemon.logged("a seed cannot be used").contains("line=2"));
    until("the broken seed in status", || daemon.admin("/status").has("b.md").then_some(()));
    assert!(daemon.get("/all/rss.xml").has("reopens for the winter"), "the last good version stays");
    fs::create_dir(desk.path("seeds/deep")).unwrap();
    desk.seed("deep/c.md", other().replace("Mountain rail", "Valley bus").replace("/rail", "/bus"));
    daemon.until("/all/rss.xml", |feed| feed.has("Valley bus"));
    fs::remove_file(desk.path("seeds/b.md")).unwrap();
    daemon.until("/all/rss.xml", |feed| !feed.has("Mountain rail"));
    assert!(daemon.get("/all/rss.xml").has("Harbour opens again"));
}

#[test]
fn folders_may_come_late_and_be_replaced() {
    let desk = desk();
    desk.configure(&format!("{QUIET}seeds: {{ paths: [seeds, late], reload: \"0 0 1 1 *\" }}\n"));
    let daemon = desk.daemon();
    assert!(daemon.get("/all/rss.xml").has("Harbour opens again"));
    fs::create_dir(desk.path("late")).unwrap();
    desk.seed("../late/b.md", other());
    daemon.until("/all/rss.xml", |feed| feed.has("Mountain rail"));
    // As a deployment does it: the new folder is made aside and takes the place of the old one.
    fs::create_dir(desk.path("fresh")).unwrap();
    desk.seed("../fresh/a.md", SEED.replace("opens", "closes"));
    fs::rename(desk.path("seeds"), desk.path("seeds.old")).unwrap();
    fs::rename(desk.path("fresh"), desk.path("seeds")).unwrap();
    daemon.until("/all/rss.xml", |feed| feed.has("Harbour closes again"));
    desk.seed("a.md", SEED.replace("opens", "rests"));
    daemon.until("/all/rss.xml", |feed| feed.has("Harbour rests again"));
    assert!(daemon.get("/all/rss.xml").has("Mountain rail"));
}

#[test]
fn the_page_of_a_withdrawn_story_says_so_and_comes_back_with_its_seed() {
    let desk = desk();
    desk.seed("b.md", other());
    let daemon = desk.daemon();
    let rail = daemon.get("/t/rail/atom.xml");
    let id = story::parsed(&rail.body).entries[0].id.rsplit('/').next().unwrap().to_owned();
    let page = format!("/s/{id}");
    assert!(daemon.get(&page).has("Mountain rail"));
    assert_eq!(daemon.get("/s/0000000000000000").status, 404);
    fs::remove_file(desk.path("seeds/b.md")).unwrap();
    daemon.until(&page, |answer| answer.status == 410);
    desk.seed("c.md", other());
    daemon.until(&page, |answer| answer.status == 200);
    let again = daemon.until("/all/atom.xml", |feed| feed.has("Mountain rail"));
    assert!(again.has(&id));
}

#[test]
fn the_output_folder_holds_what_is_served() {
    let desk = story::desk("");
    let daemon = desk.daemon();
    settled(&daemon);
    for (path, file) in
        [("/all/rss.xml", "all/rss.xml"), ("/t/power/", "t/power/index.html"), ("/opml.xml", "opml.xml")]
    {
        assert_eq!(daemon.get(path).text(), desk.read(&format!("public/{file}")), "{path}");
    }
}

#[test]
fn once_beside_a_running_daemon_breaks_nothing() {
    let desk = story::desk("");
    let daemon = desk.daemon();
    settled(&daemon);
    let before = daemon.get("/all/atom.xml");
    desk.run(&["once"]).with_code(0);
    let after = daemon.get("/all/atom.xml");
    assert_eq!((before.body, before.headers.get("etag")), (after.body, after.headers.get("etag")));
    desk.run(&["healthcheck"]).with_code(0);
}

#[test]
fn a_killed_daemon_serves_the_same_bytes_again() {
    let desk = story::desk("");
    let paths = ["/all/rss.xml", "/t/power/atom.xml", "/t/power/feed.json", "/t/power/", "/", "/opml.xml"];
    let look = |daemon: &Daemon<'_>| {
        paths.map(|path| {
            let answer = daemon.get(path);
            (answer.header("etag").to_owned(), answer.header("last-modified").to_owned(), answer.body)
        })
    };
    let daemon = desk.daemon();
    daemon.until("/t/power/atom.xml", |feed| feed.has("Wire Agency"));
    settled(&daemon);
    let before = look(&daemon);
    daemon.signal("KILL");
    assert_eq!(daemon.end().0, None);
    let daemon = desk.daemon();
    // At once: what the store holds is served before anything else is done.
    assert_eq!(look(&daemon), before);
    let troubles = daemon.admin("/status").json()["troubles"].as_array().unwrap().len();
    assert_eq!(troubles, 9, "backoff survives");
}

#[test]
fn a_taken_port_is_told() {
    let desk = desk();
    for (address, key) in [(desk.public, "server.listen"), (desk.admin, "server.admin")] {
        let _taken = TcpListener::bind(address).unwrap();
        desk.run(&["run"]).with_code(1).has(&address.to_string()).has(key).has("in use");
    }
}

#[test]
fn a_second_daemon_on_the_store_is_refused() {
    let desk = desk();
    let daemon = desk.daemon();
    let mut other = desk.read("newswire.yaml");
    for address in [desk.public, desk.admin] {
        other = other.replace(&address.to_string(), &process::free().to_string());
    }
    fs::write(desk.path("other.yaml"), other).unwrap();
    process::finish(&mut desk.command(&["-c", "other.yaml", "run"])).with_code(1).has("another `newswire run`");
    daemon.signal("TERM");
    assert_eq!(daemon.end().0, Some(0));
}
