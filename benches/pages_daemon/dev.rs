//! Real pages of a folder played under their own addresses, and beside them pages that change, die, or are had by AMP.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use newswire::extract;
use newswire::model::{Field, PageMetadata};
use serde_json::{Value, json};

use crate::field::{self, Seen};
use crate::server::{Answer, Asked, Server};
use crate::world::process::{Daemon, free_port};
use crate::{PROGRAM, count, seed};

/// Pages of each sort that is played beside the real ones.
const PLAYED: usize = 40;

/// The plan of visits of this bench, in seconds: the shortest there may be. An AMP page has its turn after a minute, too.
const PLAN: [u64; 2] = [60, 120];

/// How long the daemon runs before it is killed and started again, and after that.
const RUNS: [Duration; 2] = [Duration::from_secs(70), Duration::from_secs(70)];

/// The longest that reading all pages for the first time may take.
const FIRST: Duration = Duration::from_mins(2);

/// A page of the folder.
struct Real {
    /// `host/path`, as it is asked.
    key: String,
    title: String,
    bytes: Arc<Vec<u8>>,
    /// What it says when it is read to the end, without memory.
    said: PageMetadata,
}

pub fn play(folder: &Path, home: &Path) -> bool {
    let real = real(folder);
    let pages: BTreeMap<String, Arc<Vec<u8>>> =
        real.iter().map(|page| (page.key.clone(), Arc::clone(&page.bytes))).collect();
    let server = Server::open(move |key, before| played(key, before, &pages));
    list(home, &real);
    configure(home, server.address.port(), &real);
    let read = "SELECT count(*) FROM pages WHERE visit ->> 'visits' > 0";
    let started = Instant::now();
    let mut daemon = Daemon::start(PROGRAM, home);
    let all = real.len() + 2 * PLAYED;
    let first = field::wait(home, read, all - PLAYED, FIRST);
    println!("dev: {first} pages read in {:.0} s", started.elapsed().as_secs_f64());
    thread::park_timeout(RUNS[0]);
    daemon.kill();
    daemon = Daemon::start(PROGRAM, home);
    field::wait(home, read, all, RUNS[1]);
    thread::park_timeout(RUNS[1]);
    drop(daemon);
    let seen = field::articles(home);
    let by_key = |key: &str| seen.get(&format!("http://{key}"));
    let mut is_kept = told(&real, &by_key);
    is_kept &= visited(&server.log(), &by_key);
    is_kept
}

/// What the server answers: pages of the folder as they are; `/changing/`: another text at each visit; `/dead/`: 404;
/// `/hidden/`: 403, with an AMP page beside it.
fn played(key: &str, before: usize, pages: &BTreeMap<String, Arc<Vec<u8>>>) -> Answer {
    if let Some(bytes) = pages.get(key) {
        return Answer::Page(Arc::clone(bytes), format!("\"{}\"", bytes.len()));
    }
    let page = |text: &str| {
        let html = format!("<title>{}</title><meta name=description content='{text}'>", title(key));
        Answer::Page(Arc::new(html.into_bytes()), format!("\"{before}\""))
    };
    match key.strip_prefix("played.test/").and_then(|path| path.split_once('/')) {
        Some(("changing", _)) => page(&format!("Visit {before}.")),
        Some(("hidden", path)) if path.ends_with("/amp") => page("By AMP."),
        Some(("hidden", _)) => Answer::Status(403),
        _ => Answer::Status(404),
    }
}

fn title(key: &str) -> String {
    let number: usize = key.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    format!("Harbour report number {number}")
}

/// The pages that have an address and a headline, each address once.
fn real(folder: &Path) -> Vec<Real> {
    let gold = fs::read_to_string(folder.join("gold.jsonl")).expect("gold.jsonl");
    let mut known = BTreeSet::new();
    let mut real = Vec::new();
    for row in gold.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of gold")) {
        let title = row["gold"]["title"].as_str();
        let address = row["url"].as_str().and_then(|address| newswire::url::canonical(address).ok());
        let (Some(title), Some(address)) = (title, address) else { continue };
        let Some((_, key)) = address.split_once("://") else { continue };
        let host = key.split('/').next().unwrap_or_default();
        if host.contains(':') || !known.insert(newswire::url::key(&address)) {
            continue;
        }
        let bytes = fs::read(folder.join(row["file"].as_str().expect("a file"))).expect("a page");
        let said = extract::read(&bytes, None, &format!("http://{key}"), newswire::clock::Clock::system().now());
        real.push(Real { key: key.to_owned(), title: title.to_owned(), bytes: Arc::new(bytes), said });
    }
    real
}

fn list(home: &Path, real: &[Real]) {
    let now = Value::from(newswire::clock::Clock::system().now().to_string());
    let keys = |key: &str, title: &str| json!({ "title": title, "webUrl": format!("http://{key}"), "publishedDateTime": now, "type": "article", "topics": ["Bench"] });
    for (number, page) in real.iter().enumerate() {
        seed(home, &format!("real-{number}"), &keys(&page.key, &page.title));
    }
    for sort in ["changing", "dead", "hidden"] {
        for number in 0..PLAYED {
            let key = format!("played.test/{sort}/{number}");
            let mut keys = keys(&key, &title(&key));
            if sort == "hidden" {
                keys["ampWebUrl"] = json!(format!("http://{key}/amp"));
            }
            seed(home, &format!("{sort}-{number}"), &keys);
        }
    }
}

fn configure(home: &Path, port: u16, real: &[Real]) {
    let mut hosts: BTreeSet<String> =
        real.iter().filter_map(|page| page.key.split('/').next()).map(str::to_owned).collect();
    // Pictures are asked for, too: nothing may leave this machine.
    hosts.extend(real.iter().filter_map(|page| newswire::url::host(&page.said.image.as_ref()?.value.url)));
    hosts.insert("played.test".to_owned());
    let mut text = format!(
        "site: {{ title: Bench, base_url: \"http://wire.example/\", contact: me@wire.example }}\n\
         server: {{ listen: \"127.0.0.1:{}\", admin: \"127.0.0.1:{}\" }}\n\
         store: \"sqlite:{}\"\nseeds: {{ paths: [seeds], watch: false }}\n\
         enrich: {{ seeds: all, sources: none, revisit: [{}s, {}s] }}\ngrouping: {{ window: 0s }}\n\
         fetch:\n  gap: 0s\n  per_host: 16\n  robots: false\n  ports: [{port}]\n  allow_private: [127.0.0.0/8]\n  connect_to:\n",
        free_port(),
        free_port(),
        home.join("wire.db").display(),
        PLAN[0],
        PLAN[1],
    );
    for host in hosts {
        let _ = writeln!(text, "    \"{host}\": \"127.0.9.1:{port}\"");
    }
    fs::write(home.join("newswire.yaml"), text).expect("a configuration");
}

/// Real pages: the seed's headline stands, and what the seed does not say comes from the page.
fn told<'s>(real: &[Real], by_key: &impl Fn(&str) -> Option<&'s Seen>) -> bool {
    let seen: Vec<(&Real, &Seen)> = real.iter().filter_map(|page| Some((page, by_key(&page.key)?))).collect();
    let mut is_kept = count("dev: pages of the folder that are articles of the wire", seen.len(), real.len());
    let titled =
        seen.iter().filter(|(page, seen)| seen.article.title == page.title || seen.source(Field::Title) == "seed");
    is_kept &= count("  the seed's headline stands", titled.count(), seen.len());
    let read: Vec<_> =
        seen.iter().filter(|(_, seen)| seen.page.as_ref().is_some_and(|page| page.metadata.is_some())).collect();
    is_kept &= count("  their page was read", read.len(), seen.len());
    let refused = |(page, seen): &(&Real, &Seen)| {
        let problem = seen.page.as_ref()?.visit.problem.clone()?;
        Some(format!("{}: {problem}", page.key))
    };
    for problem in seen.iter().filter_map(refused).take(8) {
        println!("      {problem}");
    }
    // Read to the end and without memory, pages say at least as much.
    let mut whole = 0;
    let mut same = 0;
    for (page, seen) in &read {
        if let Some(description) = &page.said.description {
            whole += 1;
            same += usize::from(
                seen.article.excerpt.as_ref() == Some(&description.value) && seen.source(Field::Excerpt) == "page",
            );
        }
    }
    let share = same as f64 / f64::from(u32::try_from(whole.max(1)).unwrap_or(u32::MAX));
    let verdict = if share >= 0.98 { "pass" } else { "FAIL" };
    println!(
        "{:64} {:6.1}% >= 98 {verdict}",
        "  the page's own description, though its end was not read",
        share * 100.0
    );
    is_kept && share >= 0.98
}

/// Pages that change, die, and hide: what was asked, and what came of it.
fn visited<'s>(log: &BTreeMap<String, Vec<Asked>>, by_key: &impl Fn(&str) -> Option<&'s Seen>) -> bool {
    let keys = |sort: &str| (0..PLAYED).map(|number| format!("played.test/{sort}/{number}")).collect::<Vec<_>>();
    let asked = |key: &str| log.get(key).map_or(0, Vec::len);
    let excerpt = |key: &str| by_key(key).and_then(|seen| seen.article.excerpt.clone()).unwrap_or_default();
    let all = |sort: &str, holds: &dyn Fn(&str) -> bool| keys(sort).iter().filter(|key| holds(key)).count();
    let visits = PLAN.len() + 1;
    let last = format!("Visit {}.", visits - 1);
    let mut is_kept = count(
        "dev: changing pages, asked at first and on the plan alone",
        all("changing", &|key| asked(key) == visits),
        PLAYED,
    );
    is_kept &= count("  their last text is shown", all("changing", &|key| excerpt(key) == last), PLAYED);
    let on_time = |key: &str| {
        let Some(times) = log.get(key) else { return false };
        let first = times[0].at;
        times
            .iter()
            .skip(1)
            .zip(PLAN)
            .all(|(asked, after)| asked.at.duration_since(first).as_secs() >= after.saturating_sub(1))
    };
    is_kept &= count("  none sooner than planned", all("changing", &on_time), PLAYED);
    is_kept &= count(
        "  asked conditionally after the first time",
        all("changing", &|key| {
            log.get(key).is_some_and(|times| times.iter().skip(1).all(|asked| asked.is_conditional))
        }),
        PLAYED,
    );
    is_kept &=
        count("dev: dead pages, asked once over a kill and a restart", all("dead", &|key| asked(key) == 1), PLAYED);
    is_kept &= count("dev: pages that answer 403, asked once", all("hidden", &|key| asked(key) == 1), PLAYED);
    is_kept &= count("  their AMP page is read instead", all("hidden", &|key| excerpt(key) == "By AMP."), PLAYED);
    let others: Vec<&Vec<Asked>> =
        log.iter().filter(|(key, _)| !key.starts_with("played.test/")).map(|(_, asked)| asked).collect();
    let again: Vec<&Asked> =
        others.iter().flat_map(|asked| asked.iter().filter(|asked| asked.is_conditional)).collect();
    let unchanged = again.iter().filter(|asked| asked.status == 304).count();
    is_kept & count("dev: conditional requests for unchanged pages, answered 304", unchanged, again.len())
}
