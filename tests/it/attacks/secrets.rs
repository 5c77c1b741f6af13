//! What must not be told: secrets of the configuration, tokens of private topics, and files elsewhere.

use std::fs;
use std::path::Path;

use newswire::clock::Clock;

use crate::support::playhouse::{Playhouse, Reply};
use crate::support::process::{Answer, Daemon, Desk, ask};
use crate::support::world::{World, art, seed};

/// The token of a private topic, which comes as a credential.
const TOKEN: &str = "kT8-vQ2_xZ9.aB4cX";

/// A token in the address of a source.
const SOURCE: &str = "hush-hush-4711-source";

/// Where readers and operators may look.
const PUBLIC: &[&str] = &[
    "/",
    "/all/",
    "/all/atom.xml",
    "/all/rss.xml",
    "/all/feed.json",
    "/t/open/",
    "/t/open/atom.xml",
    "/t/secret/",
    "/opml.xml",
    "/robots.txt",
    "/sitemap.xml",
    "/search?q=tidings",
    "/search/atom.xml?q=tidings",
    "/live.js",
    "/hub",
    "/nowhere",
];
const ADMIN: &[&str] =
    &["/status", "/metrics", "/health", "/health.atom", "/readyz", "/livez", "/explain?url=http://feeds.example/1"];
const VERBS: &[&[&str]] = &[
    &["status"],
    &["status", "--json"],
    &["check"],
    &["explain", "http://feeds.example/1"],
    &["export", "articles"],
    &["export", "stories"],
];

fn configuration(house: &Playhouse) -> String {
    format!(
        "fetch: {{ timeout: 5s, gap: 0s, allow_private: [127.0.0.0/8], connect_to: {{ feeds.example: \"{0}\", broken.example: \"127.0.0.1:1\" }} }}\n\
         enrich: {{ seeds: none, sources: none }}\ngrouping: {{ window: 0s }}\npublish: {{ websub: own }}\n\
         sources:\n  - {{ url: 'http://feeds.example/feed?token=${{file:source}}', topics: [Open] }}\n  - {{ url: 'http://broken.example/feed?token=${{file:source}}' }}\n\
         topics:\n  - {{ id: open, labels: [Open] }}\n  - {{ id: secret, labels: [Secret], private: '${{file:topic}}' }}\n",
        house.address()
    )
}

/// A desk whose secrets come as credentials, and a publisher that says its own address again.
async fn desk() -> (Playhouse, Desk) {
    let house = Playhouse::open(Clock::system(), |asked| {
        let own = format!("http://{}{}", asked.host, asked.path);
        Reply::ok(format!(
            "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>F</title><a:link rel='self' href='{own}'/>\
             <item><title>Foreign tidings</title><link>http://feeds.example/1</link></item></channel></rss>"
        ))
        .header("Content-Type", "application/rss+xml")
    })
    .await;
    let desk = Desk::new(&configuration(&house));
    fs::create_dir(desk.path("credentials")).unwrap();
    fs::write(desk.path("credentials/source"), format!("{SOURCE}\n")).unwrap();
    fs::write(desk.path("credentials/topic"), format!("{TOKEN}\n")).unwrap();
    desk.seed("hidden.md", seed(&["Secret"], art("hidden.example/1", "Unheard tidings"), &[]));
    desk.seed("open.md", seed(&["Open"], art("open.example/1", "Common tidings"), &[]));
    (house, desk)
}

/// Starts the daemon as the service manager does, with its credentials, and waits for the source.
fn started(desk: &Desk) -> Daemon<'_> {
    let folder = desk.path("credentials");
    let daemon = desk.start(|command| _ = command.env("CREDENTIALS_DIRECTORY", folder).env("RUST_LOG", "debug"));
    daemon.heard("READY=1");
    daemon.until("/all/atom.xml", |answer| answer.has("Foreign tidings") && answer.has("Common tidings"));
    daemon
}

/// Everything that a running wire shows: answers with their heads, the log, files, and what verbs say.
fn shown(desk: &Desk, daemon: Daemon<'_>) -> Vec<(String, String)> {
    let whole = |answer: Answer| format!("{:?}\n{}", answer.headers, answer.text());
    let mut shown: Vec<(String, String)> =
        PUBLIC.iter().map(|path| ((*path).to_owned(), whole(daemon.get(path)))).collect();
    shown.extend(ADMIN.iter().map(|path| (format!("admin {path}"), whole(daemon.admin(path)))));
    // Broken requests too: what they are told, and what the log says of them.
    let wrong = ask(desk.public, "GET", &format!("/p/{TOKEN}x/atom.xml"), &[]);
    assert_eq!(wrong.status, 404);
    for arguments in VERBS {
        let folder = desk.path("credentials");
        let arguments: Vec<&str> = ["-c", "newswire.yaml"].iter().chain(*arguments).copied().collect();
        let mut command = desk.command(&arguments);
        let said = crate::support::process::finish(command.env("CREDENTIALS_DIRECTORY", folder));
        shown.push((arguments[2..].join(" "), format!("{}{}", said.out, said.err)));
    }
    daemon.signal("TERM");
    shown.push(("the log".to_owned(), daemon.end().1.join("\n")));
    for (path, bytes) in desk.traces() {
        if !path.starts_with(desk.path("credentials")) {
            shown.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    shown
}

pub async fn everywhere() -> String {
    let (house, desk) = desk().await;
    let daemon = started(&desk);
    assert!(house.visits().iter().any(|visit| visit.contains(SOURCE)), "the source was asked with its token");
    let shown = shown(&desk, daemon);
    let is_store = |place: &str| place.contains("newswire.db");
    for (place, text) in &shown {
        assert!(!text.contains(TOKEN), "the topic's token is in {place}");
        // The store must know what to ask; nobody else.
        assert!(is_store(place) || !text.contains(SOURCE), "the source's token is in {place}");
    }
    assert!(shown.iter().any(|(_, text)| text.contains("feeds.example")), "the source itself is shown");
    format!("{} answers, verbs, files and the log at `debug` hold none", shown.len())
}

pub async fn token() -> String {
    let (_house, desk) = desk().await;
    let daemon = started(&desk);
    let own = daemon.until(&format!("/p/{TOKEN}/atom.xml"), |answer| answer.has("Unheard tidings"));
    let page = daemon.get(&format!("/p/{TOKEN}/"));
    for answer in [&own, &page] {
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        assert!(!answer.headers.contains_key("link") && !answer.headers.contains_key("access-control-allow-origin"));
    }
    let shown = shown(&desk, daemon);
    for (place, text) in &shown {
        let knows = !place.starts_with("admin")
            && !place.contains("newswire.db")
            && !VERBS.iter().any(|verb| verb.join(" ") == *place);
        // Operators and the store know of the topic, readers do not; nobody is told its token.
        assert!(!text.contains(TOKEN), "the token is in {place}");
        let is_own = place == "the log" || Path::new(place).extension().is_some_and(|extension| extension == "yaml");
        assert!(!knows || is_own || !text.contains("Unheard"), "what it holds is in {place}");
    }
    format!("in none of {} places; its pages send no Referer and are kept by nobody", shown.len())
}

/// Labels that would be paths.
const LABELS: &[&str] =
    &["../../evil", "/etc/evil", "..", ".", "a/b/evil", "..\\\\evil", "%2e%2e/evil", "con", "\u{202e}live"];

pub async fn labels() -> String {
    let mut world = World::new("output: { dir: public }\n");
    let before = files(&world.folder());
    let labels: Vec<&str> = LABELS.to_vec();
    world.seed("one.md", seed(&labels, art("a.example/1", "Tidings"), &[]));
    world.settle().await;
    let public = world.config.output.dir.clone().unwrap();
    let mut written = 0;
    for path in files(&world.folder()) {
        let is_ours = before.contains(&path) || path.starts_with(world.folder().join("seeds")) || path.contains_db();
        assert!(is_ours || path.starts_with(&public), "{}", path.display());
        written += usize::from(path.starts_with(&public));
    }
    assert!(written > LABELS.len(), "{written}");
    assert!(!Path::new("/etc/evil").exists());
    format!("{written} files, all of them below the folder")
}

/// The store lies beside the configuration.
trait IsStore {
    fn contains_db(&self) -> bool;
}

impl IsStore for std::path::PathBuf {
    fn contains_db(&self) -> bool {
        self.file_name().is_some_and(|name| name.to_string_lossy().starts_with("wire.db"))
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}
