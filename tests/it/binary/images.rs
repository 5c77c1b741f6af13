//! `publish.images: proxy`: pictures come through this wire, and nothing else does.

use newswire::clock::Clock;

use crate::support::playhouse::{Asked, Playhouse, Reply};
use crate::support::process::{Answer, Daemon, Desk, ask};

const TOKEN: &str = "kT8-vQ2_xZ9.aB4cX";

/// The smallest head that is a picture's.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

fn play(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        "/robots.txt" => Reply::ok("User-agent: *\nDisallow: /forbidden\n"),
        "/good.png" | "/hushed.png" => Reply::ok(PNG).header("Content-Type", "text/html"),
        "/drawn.svg" => Reply::ok("<svg><script>alert(1)</script></svg>").header("Content-Type", "image/svg+xml"),
        "/page.png" => Reply::ok("<!doctype html>").header("Content-Type", "image/png"),
        "/huge.png" => Reply::ok([PNG, &vec![0; 200 << 10]].concat()),
        "/inside.png" => Reply::redirect(302, "http://169.254.169.254/latest/meta-data/"),
        "/forbidden.png" => Reply::ok(PNG),
        _ => Reply::status(404),
    }
}

fn desk(house: &Playhouse) -> Desk {
    let desk = Desk::new(&format!(
        "fetch: {{ timeout: 5s, gap: 0s, max_body: 64KiB, allow_private: [127.0.0.0/8], \
         connect_to: {{ pictures.example: \"{}\" }} }}\nenrich: {{ seeds: none, sources: none }}\n\
         publish: {{ images: proxy }}\ngrouping: {{ window: 0s }}\ntopics:\n  - {{ id: open, labels: [Open] }}\n  \
         - {{ id: hush, labels: [Hush], private: '{TOKEN}' }}\n",
        house.address()
    ));
    for name in ["good.png", "drawn.svg", "page.png", "huge.png", "inside.png", "forbidden.png"] {
        desk.seed(&format!("{name}.md"), seed(name, "Open"));
    }
    desk.seed("hushed.png.md", seed("hushed.png", "Hush"));
    desk
}

fn seed(name: &str, label: &str) -> String {
    format!(
        "---\ntitle: About {name}\nwebUrl: http://pictures.example/{name}.html\npublishedDateTime: 2026-03-01T10:00:00Z\n\
         topics: [{label}]\nimages: [{{ url: \"http://pictures.example/{name}\", width: 640, height: 360 }}]\n---\n\
         A note with ![a spy](http://spy.example/{name}) in it.\n"
    )
}

/// The path of the picture of the entry about `name`, as the feed at `path` tells it.
fn picture(desk: &Desk, daemon: &Daemon<'_>, path: &str, name: &str) -> String {
    let title = format!("About {name}");
    let feed = daemon.until(path, |feed| feed.has(&title));
    assert!(!feed.has("spy.example") && feed.has("A note with"), "{}", feed.text());
    assert!(!feed.has(&format!("http://pictures.example/{name}\"")), "{}", feed.text());
    let feed = feed.json();
    let item = feed["items"].as_array().unwrap().iter().find(|item| item["title"] == title.as_str()).unwrap();
    let image = item["image"].as_str().unwrap();
    image.strip_prefix(&format!("http://{}", desk.public)).unwrap_or_else(|| panic!("{image}")).to_owned()
}

#[test]
fn pictures_come_through_this_wire() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let house = runtime.block_on(Playhouse::open(Clock::system(), play));
    let desk = desk(&house);
    let daemon = desk.daemon();
    let asked = |name: &str| house.log().iter().filter(|asked| asked.path == format!("/{name}")).count();
    let good = picture(&desk, &daemon, "/all/feed.json", "good.png");
    assert!(good.starts_with("/img/"), "{good}");
    assert_eq!(asked("good.png"), 0, "before a reader wants it");
    let here = |answer: &Answer| {
        assert_eq!((answer.status, answer.body.as_slice()), (200, PNG));
        assert_eq!(answer.header("content-type"), "image/png");
        assert!(answer.header("content-security-policy").contains("sandbox"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    };
    let first = daemon.get(&good);
    here(&first);
    assert_eq!(first.header("cache-control"), "public, max-age=86400");
    let condition = format!("If-None-Match: {}", first.header("etag"));
    assert_eq!(ask(desk.public, "GET", &good, &[&condition]).status, 304);
    here(&daemon.get(&good));
    for name in ["drawn.svg", "page.png", "huge.png", "inside.png", "forbidden.png"] {
        let path = picture(&desk, &daemon, "/all/feed.json", name);
        assert_eq!((daemon.get(&path).status, daemon.get(&path).status), (404, 404), "{name}");
        assert!(asked(name) <= 1, "{name}");
    }
    assert_eq!(asked("forbidden.png"), 0, "robots.txt forbids it");
    // Nothing but the pictures of stories can be had, and a private one by its topic's token alone.
    let hushed = picture(&desk, &daemon, &format!("/p/{TOKEN}/feed.json"), "hushed.png");
    let public = hushed.strip_prefix(&format!("/p/{TOKEN}")).unwrap_or_else(|| panic!("{hushed}"));
    for path in [public, "/img/", "/img/nonsense", "/img/http://pictures.example/good.png", "/p/other/img/x"] {
        assert_eq!(daemon.get(path).status, 404, "{path}");
    }
    assert_eq!(asked("hushed.png"), 0);
    let own = daemon.get(&hushed);
    here(&own);
    assert_eq!(own.header("cache-control"), "private, no-store");
    // It is kept over a restart.
    daemon.signal("TERM");
    assert_eq!(daemon.end().0, Some(0));
    let daemon = desk.daemon();
    here(&daemon.get(&good));
    assert_eq!(asked("good.png"), 1);
    // No host but those of pictures was asked for anything.
    assert!(house.log().iter().all(|asked| asked.host.starts_with("pictures.example")));
    assert!(!desk.path("public").join("p").exists());
}
