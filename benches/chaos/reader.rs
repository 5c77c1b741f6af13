//! Readers that believe nothing: every answer is checked, and what was seen before is held against it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use quick_xml::events::Event;
use serde_json::Value;

use super::warden::{Fate, Warden};
use super::world::invent::Dice;

/// Readers at a time.
const READERS: u64 = 2;

/// Between two requests of one.
const PAUSE: Duration = Duration::from_millis(15);

/// Looks before a 304 counts as false: a change that is not released yet is dated when it is.
const LOOKS: u32 = 10;

/// What every configuration of the run publishes.
const PATHS: &[&str] = &[
    "/",
    "/opml.xml",
    "/all/",
    "/all/rss.xml",
    "/all/atom.xml",
    "/all/feed.json",
    "/t/chips/",
    "/t/chips/rss.xml",
    "/t/chips/atom.xml",
    "/t/chips/feed.json",
    "/t/water/rss.xml",
    "/t/water/atom.xml",
    "/t/water/feed.json",
];

/// What readers have seen.
#[derive(Default)]
pub struct Seen {
    pub answers: u64,
    pub unchanged: u64,
    pub later: u64,
    pub unanswered: u64,
    pub wrong: Vec<String>,
    /// Every story that a feed has shown.
    pub stories: BTreeSet<String>,
}

pub struct Readers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Seen>>,
}

pub fn start(warden: &Warden, seed: u64) -> Readers {
    let stop = Arc::<AtomicBool>::default();
    let read = |number| {
        let (fate, public, stop) = (Arc::clone(&warden.fate), warden.public, Arc::clone(&stop));
        let mut reader = Reader::new(public, fate, Dice(seed ^ (number + 1)));
        thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                reader.turn();
                thread::park_timeout(PAUSE);
            }
            reader.seen
        })
    };
    Readers { threads: (0..READERS).map(read).collect(), stop }
}

impl Readers {
    pub fn stop(self) -> Seen {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = Seen::default();
        for thread in self.threads {
            let seen = thread.join().expect("no reader panics");
            all.answers += seen.answers;
            all.unchanged += seen.unchanged;
            all.later += seen.later;
            all.unanswered += seen.unanswered;
            all.wrong.extend(seen.wrong);
            all.stories.extend(seen.stories);
        }
        all
    }
}

/// What was last read at a path.
#[derive(Clone)]
struct Held {
    etag: String,
    modified: Option<String>,
    body: blake3::Hash,
}

struct Reader {
    public: SocketAddr,
    fate: Arc<Fate>,
    dice: Dice,
    held: HashMap<String, Held>,
    /// What stands behind each entity tag of a path, for ever.
    tagged: HashMap<(String, String), blake3::Hash>,
    /// Paths of feeds that had an entry.
    filled: BTreeSet<String>,
    /// The daemon was up when the last request was sent.
    was_up: bool,
    seen: Seen,
}

impl Reader {
    fn new(public: SocketAddr, fate: Arc<Fate>, dice: Dice) -> Self {
        let (held, tagged, filled) = (HashMap::new(), HashMap::new(), BTreeSet::new());
        Self { public, fate, dice, held, tagged, filled, was_up: false, seen: Seen::default() }
    }

    fn turn(&mut self) {
        let story = (self.dice.below(4) == 0)
            .then(|| self.seen.stories.iter().nth(self.dice.below(self.seen.stories.len() as u64) as usize).cloned());
        let path = story.flatten().map_or_else(|| self.dice.one(PATHS).to_owned(), |id| format!("/s/{id}"));
        let gzip = self.dice.below(2) == 0;
        let held = self.held.get(&path).cloned().filter(|_| self.dice.below(2) == 0);
        let by_date = self.dice.below(3) == 0;
        let condition = held.as_ref().and_then(|held| match &held.modified {
            Some(modified) if by_date => Some(format!("If-Modified-Since: {modified}")),
            _ if by_date => None,
            _ => Some(format!("If-None-Match: {}", held.etag)),
        });
        let Some(answer) = self.ask(&path, gzip, condition.as_deref()) else { return };
        if let Err(complaint) = self.judge(&path, &answer, held.as_ref().filter(|_| condition.is_some()), by_date) {
            self.seen.wrong.push(format!("{path} ({}): {complaint}", condition.unwrap_or_default()));
        }
    }

    /// An answer; none where the daemon was killed meanwhile, or is not up yet.
    fn ask(&mut self, path: &str, gzip: bool, condition: Option<&str>) -> Option<Answer> {
        self.was_up = self.fate.is_up.load(Ordering::SeqCst);
        let ends = self.fate.ends.load(Ordering::SeqCst);
        let mut fields = Vec::new();
        fields.extend(gzip.then_some("Accept-Encoding: gzip"));
        fields.extend(condition);
        match ask(self.public, path, &fields) {
            Ok(answer) => Some(answer),
            Err(error) => {
                if self.was_up && self.fate.ends.load(Ordering::SeqCst) == ends {
                    self.seen.wrong.push(format!("{path}: {error}"));
                }
                self.seen.unanswered += 1;
                None
            }
        }
    }

    fn judge(&mut self, path: &str, answer: &Answer, held: Option<&Held>, by_date: bool) -> Result<(), String> {
        self.seen.answers += 1;
        match answer.status {
            200 => self.take(path, answer),
            304 => {
                self.seen.unchanged += 1;
                let held = held.ok_or("304 without a condition")?;
                if !answer.body.is_empty() {
                    return Err("304 with a body".to_owned());
                }
                if by_date { self.is_honest(path, held) } else { same_tag(&answer.field("etag"), &held.etag) }
            }
            301 if path.starts_with("/s/") => Ok(()),
            503 if self.fate.may_fail() || !self.was_up => {
                self.seen.later += 1;
                if answer.field("retry-after").is_empty() { Err("503 without Retry-After".to_owned()) } else { Ok(()) }
            }
            status => Err(format!("status {status}")),
        }
    }

    /// After a 304 to a date: the document must still be the one we hold, or have changed only just now.
    fn is_honest(&mut self, path: &str, held: &Held) -> Result<(), String> {
        let condition = format!("If-Modified-Since: {}", held.modified.clone().unwrap_or_default());
        for _ in 0..LOOKS {
            let whole = self.ask(path, false, None).filter(|answer| answer.status == 200);
            if whole.is_none_or(|whole| blake3::hash(&whole.body) == held.body) {
                return Ok(());
            }
            if self.ask(path, false, Some(&condition)).is_none_or(|again| again.status != 304) {
                return Ok(());
            }
            thread::park_timeout(PAUSE * 20);
        }
        Err("304 to the date of another body".to_owned())
    }

    fn take(&mut self, path: &str, answer: &Answer) -> Result<(), String> {
        let date = |name: &str| httpdate::parse_http_date(&answer.field(name)).ok();
        if date("last-modified").zip(date("date")).is_some_and(|(modified, date)| modified > date) {
            return Err("Last-Modified is later than Date".to_owned());
        }
        let body = answer.decoded()?;
        let etag = answer.field("etag");
        if etag.is_empty() {
            return Err("no ETag".to_owned());
        }
        let hash = blake3::hash(&body);
        let before = self.tagged.insert((path.to_owned(), etag.clone()), hash);
        if before.is_some_and(|before| before != hash) {
            return Err(format!("other bytes under the same ETag {etag}"));
        }
        self.understand(path, &body)?;
        let modified = Some(answer.field("last-modified")).filter(|modified| !modified.is_empty());
        self.held.insert(path.to_owned(), Held { etag, modified, body: hash });
        Ok(())
    }

    /// The document is whole and well-formed.
    fn understand(&mut self, path: &str, body: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
        well_formed(path, text)?;
        if !path.ends_with("feed.json") {
            return Ok(());
        }
        let feed: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let items = feed["items"].as_array().ok_or("no items")?;
        let ids: BTreeSet<&str> = items.iter().filter_map(|item| item["id"].as_str()).collect();
        if ids.len() != items.len() {
            return Err("an id is missing or there twice".to_owned());
        }
        self.seen.stories.extend(ids.iter().filter_map(|id| Some(id.rsplit_once('/')?.1.to_owned())));
        if ids.is_empty() && self.filled.contains(path) {
            return Err("a feed that had entries is empty".to_owned());
        }
        if !ids.is_empty() {
            self.filled.insert(path.to_owned());
        }
        Ok(())
    }
}

/// One body in several codings has several tags that differ in what stands behind the last hyphen.
fn same_tag(one: &str, other: &str) -> Result<(), String> {
    let bare = |tag: &str| tag.trim_start_matches("W/").trim_matches('"').split('-').next().unwrap_or("").to_owned();
    if bare(one) == bare(other) { Ok(()) } else { Err(format!("304 for {one} to who holds {other}")) }
}

/// Whether a document is whole, by what its path says it is.
pub fn well_formed(path: &str, text: &str) -> Result<(), String> {
    if path.ends_with(".json") {
        return serde_json::from_str::<Value>(text).map(drop).map_err(|error| error.to_string());
    }
    if !path.ends_with(".xml") {
        let is_page = text.trim_start().to_ascii_lowercase().starts_with("<!doctype html>");
        let is_whole = is_page && text.trim_end().ends_with("</html>");
        return if is_whole { Ok(()) } else { Err("no whole page".to_owned()) };
    }
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut open, mut roots) = (0usize, 0usize);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(_) => {
                roots += usize::from(open == 0);
                open += 1;
            }
            Event::Empty(_) => roots += usize::from(open == 0),
            Event::End(_) => open -= 1,
            Event::Eof if open == 0 && roots == 1 => return Ok(()),
            Event::Eof => return Err(format!("{roots} roots, {open} elements left open")),
            _ => {}
        }
    }
}

pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    fields: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    fn field(&self, name: &str) -> String {
        self.fields.get(name).cloned().unwrap_or_default()
    }

    fn decoded(&self) -> Result<Vec<u8>, String> {
        if self.field("content-encoding") != "gzip" {
            return Ok(self.body.clone());
        }
        let mut body = Vec::new();
        flate2::read::GzDecoder::new(&self.body[..]).read_to_end(&mut body).map_err(|error| error.to_string())?;
        Ok(body)
    }
}

/// One request on a connection of its own. An answer that is shorter than it says is an error.
pub fn ask(at: SocketAddr, path: &str, fields: &[&str]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&at, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut head = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n");
    for field in fields {
        head = head + field + "\r\n";
    }
    stream.write_all((head + "\r\n").as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let cut = || std::io::Error::other("a cut answer");
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(cut)?;
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let body = bytes.split_off(split + 4);
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let fields: BTreeMap<String, String> =
        lines.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    let told = fields.get("content-length").and_then(|length| length.parse::<usize>().ok());
    if status != 304 && told.is_some_and(|told| told != body.len()) {
        return Err(cut());
    }
    Ok(Answer { status, fields, body })
}
