//! The pages in a real browser: headless Chromium looks at each in light and dark, wide and as narrow as a phone.
//!
//! No console error, no violation of the content security policy, nothing of note from axe-core (contrast is among its
//! rules), nothing that sticks out at the side, and no request to anybody but this wire. The screenshots stay in
//! `target/screenshots` for people to look at. What is not installed is passed over and said so; with `CI=true` that
//! fails.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use newswire::clock::Clock;
use serde_json::{Value, json};

use crate::support::playhouse::{Asked, Playhouse, Reply};
use crate::support::process::{Daemon, Desk, finish, is_there};
use crate::support::tools::node_modules;

const SCRIPT: &str = include_str!("browser/visit.cjs");

/// Stories of the fixture.
const STORIES: usize = 14;

const TOKEN: &str = "kT8-vQ2_xZ9.aB4cX";

/// Hosts that the playhouse plays.
const HOSTS: [&str; 4] = ["harbour-post.example", "island-paper.example", "sundposten.example", "broken.example"];

/// What the keeper of the lighthouse gains while somebody looks on.
const GAINED: &str = "related:\n  - title: The view from the 214th step\n    \
    publishedDateTime: 2026-03-01T18:00:00Z\n    webUrl: \"http://sundposten.example/view\"\n    quality: 20\n    \
    provider: { name: Sundposten, domain: sundposten.example }\n---\n";

/// A wire with pictures that come through it, a topic with nothing in it, a private one, and a broken source.
fn desk(house: &Playhouse) -> Desk {
    let hosts: Vec<String> = HOSTS.iter().map(|host| format!("{host}: \"{}\"", house.address())).collect();
    let desk = Desk::new(&format!(
        "fetch: {{ timeout: 5s, gap: 0s, allow_private: [127.0.0.0/8], connect_to: {{ {} }} }}\n\
         enrich: {{ seeds: none, sources: none }}\noutput: {{ dir: null }}\npublish: {{ images: proxy, websub: own }}\n\
         sources:\n  - url: http://sundposten.example/feed.xml\n  - url: http://broken.example/feed.xml?key=secret\n\
         topics:\n  - {{ id: harbour, title: Harbour, labels: [Harbour] }}\n  \
         - {{ id: energy, title: Energy, labels: [Energy], digest: '0 7 * * *' }}\n  \
         - {{ id: people, title: People, labels: [People, Council] }}\n  \
         - {{ id: lab, title: 'R&D <Lab>', labels: ['R&D <Lab>'] }}\n  - {{ id: quiet, title: Quiet, labels: [Quiet] }}\n  \
         - {{ id: hush, title: Hush, labels: [Harbour], private: '{TOKEN}' }}\n",
        hosts.join(", ")
    ));
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wire");
    for file in fs::read_dir(fixtures).unwrap().map(|file| file.unwrap().path()) {
        desk.seed(&file.file_name().unwrap().to_string_lossy(), fs::read(&file).unwrap());
    }
    desk
}

fn play(asked: &Asked) -> Reply {
    match (asked.host.split(':').next().unwrap(), asked.path.as_str()) {
        ("broken.example", _) => Reply::status(500),
        (_, "/feed.xml") => Reply::ok(
            "<rss version=\"2.0\"><channel><title>Sundposten</title><link>http://sundposten.example/</link></channel></rss>",
        ),
        (_, path) if path.starts_with("/pictures/") => Reply::ok(picture()).header("Content-Type", "image/png"),
        _ => Reply::status(404),
    }
}

/// A picture of evening over water, 640 by 360 pixels, as PNG.
fn picture() -> Vec<u8> {
    let (width, height) = (640_u32, 360_u32);
    let mut rows = Vec::new();
    for y in 0..height {
        rows.push(0);
        for x in 0..width {
            let glow = 255 - (x.abs_diff(420) / 3 + y.abs_diff(150)).min(255);
            let ripple = if y > 180 { (x / 7 + y * y / 40) % 17 } else { 0 };
            let [red, green, blue] = [40 + glow * 4 / 5, 60 + glow / 2 + ripple, 90 + glow / 5 + ripple];
            rows.extend([red, green, blue].map(|value| u8::try_from(value.min(255)).unwrap()));
        }
    }
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&rows).unwrap();
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes()[..], &[8, 2, 0, 0, 0]].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", head), (b"IDAT", packed.finish().unwrap()), (b"IEND", Vec::new())] {
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(&data);
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        png.extend([&kind[..], &data, &sum.sum().to_be_bytes()].concat());
    }
    png
}

/// The page of the story whose title begins so.
fn story(daemon: &Daemon<'_>, title: &str) -> String {
    let feed = daemon.get("/all/feed.json").json();
    let items = feed["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["title"].as_str().unwrap().starts_with(title));
    let id = item.unwrap_or_else(|| panic!("{feed:#}"))["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    format!("s/{id}")
}

/// Every page with its name; one of them is watched while its story gains coverage.
fn pages(desk: &Desk, daemon: &Daemon<'_>) -> Vec<Value> {
    let (public, admin) = (format!("http://{}", desk.public), format!("http://{}", desk.admin));
    let keeper = desk.read("seeds/lighthouse.md");
    fs::write(desk.path("gained"), keeper.strip_suffix("---\n").unwrap().to_owned() + GAINED).unwrap();
    let page = |name: &str, path: &str| json!({ "name": name, "url": format!("{public}/{path}") });
    let mut watched = page("topic-people", "t/people/");
    watched["gains"] = json!([desk.path("gained"), desk.path("seeds/lighthouse.md")]);
    vec![
        page("index", ""),
        page("topic", "t/harbour/"),
        page("all", "all/"),
        watched,
        page("story", &story(daemon, "Night boats")),
        page("story-gained", &story(daemon, "Lighthouse")),
        page("search", "search?q=boat*"),
        page("search-empty", "search?q=zeppelin"),
        page("topic-empty", "t/quiet/"),
        page("private", &format!("p/{TOKEN}/")),
        json!({ "name": "health", "url": format!("{admin}/health") }),
    ]
}

#[test]
fn pages_are_sound_in_a_browser() {
    let (Some(modules), Some(_)) = (node_modules("playwright-core"), node_modules("axe-core")) else { return };
    let chromium = PathBuf::from("/usr/bin/chromium");
    if !is_there("chromium", &[chromium.to_str().unwrap(), "--version"]) {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let house = runtime.block_on(Playhouse::open(Clock::system(), play));
    let desk = desk(&house);
    let daemon = desk.daemon();
    daemon.until("/all/feed.json", |feed| feed.json()["items"].as_array().unwrap().len() == STORIES);
    runtime.block_on(house.asked(2));
    let shots = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    let mut node = Command::new("node");
    node.args(["-e", SCRIPT]).arg(&modules).arg(&chromium).arg(&shots);
    node.arg(Value::from(pages(&desk, &daemon)).to_string()).env("HOME", desk.path(""));
    let told = finish(&mut node).with_code(0).json();
    for page in told.as_array().unwrap() {
        assert_eq!(page["status"], 200, "{page:#}");
        for key in ["console", "csp", "failed", "axe"] {
            assert_eq!(page[key], json!([]), "{page:#}");
        }
        assert_eq!(page["sideways"], json!([0, 0, 0]), "{page:#}");
        assert_eq!(page["firstStop"], "#main", "{page:#}");
        assert!(page["pictures"].as_array().unwrap().iter().all(|width| width == 640), "{page:#}");
    }
    let one = |name: &str| told.as_array().unwrap().iter().find(|page| page["name"] == name).unwrap();
    assert_eq!(one("topic-people")["hasNews"], true);
    assert_eq!(one("topic")["pictures"].as_array().unwrap().len(), 3);
    // A picture is asked of its publisher once, whoever looks at it.
    let mut asked: Vec<String> = house.visits().into_iter().filter(|visit| visit.contains("/pictures/")).collect();
    asked.sort();
    assert_eq!(asked.len(), 3, "{asked:?}");
}
