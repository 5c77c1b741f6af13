//! The sandbox of the unit, held against what the program does: every system call of a whole life is traced, and must be
//! one that the unit lets through.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use newswire::clock::Clock;

use crate::support::playhouse::{Asked, Playhouse, Reply};
use crate::support::process::{self, Desk, finish, until};

const FEED: &str = "<rss version=\"2.0\"><channel><title>Harbours</title><item><title>Ferry runs late</title>\
                    <link>http://harbour.example/late</link><pubDate>Mon, 01 Nov 2021 10:00:00 GMT</pubDate></item>\
                    </channel></rss>";

const PAGE: &str = "<!doctype html><title>Ferry runs late</title><meta property=\"og:image\" content=\"/a.png\">";

fn play(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        "/feed.xml" => Reply::ok(FEED).header("Content-Type", "application/rss+xml"),
        "/opens" => Reply::ok(PAGE).header("Content-Type", "text/html"),
        _ => Reply::status(404),
    }
}

/// One call of the trace: its name, and what was given to it as far as the line tells.
fn call(line: &str) -> Option<(&str, &str)> {
    let (_thread, said) = line.split_once(' ')?;
    let said = said.trim_start();
    let said = said.strip_prefix("<... ").unwrap_or(said);
    let end = said.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))?;
    let (name, given) = said.split_at(end);
    (!name.is_empty() && (given.starts_with('(') || given.starts_with(" resumed"))).then_some((name, given))
}

/// The values of a setting of the unit, one list a line.
fn settings(unit: &str, key: &str) -> Vec<Vec<String>> {
    let lines = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    lines.map(|line| line.split_whitespace().map(ToOwned::to_owned).collect()).collect()
}

/// The calls in each group, as systemd knows them.
struct Groups(BTreeMap<String, Vec<String>>);

impl Groups {
    fn of_systemd() -> Self {
        let listed = finish(Command::new("systemd-analyze").args(["syscall-filter", "--no-pager"])).with_code(0).out;
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut name = String::new();
        for line in listed.lines().map(|line| line.split('#').next().unwrap().trim_end()) {
            match line.strip_prefix("    ") {
                Some(member) if !member.is_empty() => groups.get_mut(&name).unwrap().push(member.to_owned()),
                None if line.starts_with('@') => {
                    line.clone_into(&mut name);
                    groups.insert(name.clone(), Vec::new());
                }
                _ => {}
            }
        }
        Self(groups)
    }

    fn expand(&self, name: &str, into: &mut BTreeSet<String>) {
        match self.0.get(name) {
            Some(members) => members.iter().for_each(|member| self.expand(member, into)),
            None => drop(into.insert(name.to_owned())),
        }
    }

    /// What `SystemCallFilter=` lets through: what is listed, less what a list with `~` takes away.
    fn allowed(&self, unit: &str) -> BTreeSet<String> {
        let mut allowed = BTreeSet::new();
        for list in settings(unit, "SystemCallFilter") {
            let mut named = BTreeSet::new();
            let denies = list[0].starts_with('~');
            for name in &list {
                self.expand(name.trim_start_matches('~'), &mut named);
            }
            if denies {
                allowed.retain(|call| !named.contains(call));
            } else {
                allowed.append(&mut named);
            }
        }
        allowed
    }
}

/// Traces the program, as a grandchild, so that signals go to the program. Root becomes nobody first, as the unit runs
/// under no privileged user either, and SQLite does more for root: it gives the files beside a store to its owner.
const TRACED: &str = r#"
if [ "$(id -u)" = 0 ]; then
  find . ! -name newswire -exec chown nobody {} +
  set -- -u nobody ./newswire -c newswire.yaml "$@"
else
  set -- ./newswire -c newswire.yaml "$@"
fi
exec strace -D -f -q -o "$0" "$@"
"#;

/// Runs the daemon from its start to its end, with everything between that a day brings, and backs it up.
fn live(desk: &Desk, house: &Playhouse) -> String {
    // Not in a folder that the daemon watches: each call would be followed by news of the trace, and those by calls.
    let traces = tempfile::tempdir().unwrap();
    let program = desk.path("newswire");
    let here = env!("CARGO_BIN_EXE_newswire");
    fs::hard_link(here, &program).or_else(|_| fs::copy(here, &program).map(drop)).unwrap();
    let traced = |trace: &str, arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", TRACED]).arg(traces.path().join(trace)).args(arguments);
        command.current_dir(desk.path("")).env("WATCHDOG_USEC", "2000000");
        command
    };
    let daemon = desk.spawn(traced("run.trace", &["run"]));
    daemon.heard("READY=1");
    daemon.until("/all/rss.xml", |feed| feed.has("Ferry runs late"));
    for path in ["/", "/all/", "/all/feed.json", "/search?q=ferry", "/all/rss.xml?limit=1", "/opml.xml", "/none"] {
        daemon.get(path);
    }
    for path in ["/status", "/metrics", "/health", "/health.atom", "/livez", "/explain?url=http://harbour.example/late"]
    {
        daemon.admin(path);
    }
    desk.seed("b.md", "---\ntitle: Harbour opens\nwebUrl: http://harbour.example/opens\ntopics: [Sea]\n---\n");
    daemon.until("/all/rss.xml", |feed| feed.has("Harbour opens"));
    until("the page", || house.visits().iter().any(|visit| visit.ends_with("/opens")).then_some(()));
    daemon.signal("HUP");
    daemon.heard("RELOADING=1");
    daemon.heard("READY=1");
    finish(&mut traced("backup.trace", &["backup", "copy.db"])).with_code(0);
    daemon.heard("WATCHDOG=1");
    daemon.signal("TERM");
    assert_eq!(daemon.end().0, Some(0));
    let whole = |name: &str| {
        until(name, || {
            let text = fs::read_to_string(traces.path().join(name)).unwrap_or_default();
            text.trim_end().ends_with("+++ exited with 0 +++").then_some(text)
        })
    };
    whole("run.trace") + &whole("backup.trace")
}

#[test]
fn every_system_call_is_one_that_the_unit_allows() {
    if !process::is_there("strace", &["strace", "--version"])
        || !process::is_there("systemd-analyze", &["systemd-analyze", "--version"])
    {
        return;
    }
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/newswire.service");
    let unit = fs::read_to_string(unit).unwrap();
    let allowed = Groups::of_systemd().allowed(&unit);
    assert!(allowed.contains("openat") && !allowed.contains("fchown") && !allowed.contains("chroot"));
    let mut families: BTreeSet<String> = settings(&unit, "RestrictAddressFamilies").concat().into_iter().collect();
    // The unit refuses it, and the C library does without: it asks which families are up, to look up a name.
    families.insert("AF_NETLINK".to_owned());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let house = runtime.block_on(Playhouse::open(Clock::system(), play));
    let desk = Desk::new(&format!(
        "fetch: {{ timeout: 5s, gap: 0s, allow_private: [127.0.0.0/8], connect_to: {{ harbour.example: \"{}\" }} }}\n\
         sources: [{{ url: \"http://harbour.example/feed.xml\", topics: [Sea] }}, \
         {{ url: \"http://localhost:{}/feed.xml\" }}]\n",
        house.address(),
        house.address().port()
    ));
    let trace = live(&desk, &house);
    let calls: Vec<(&str, &str)> = trace.lines().filter_map(call).collect();
    let used: BTreeSet<&str> = calls.iter().map(|(name, _)| *name).collect();
    println!("{} calls of {} kinds: {}", calls.len(), used.len(), used.iter().copied().collect::<Vec<_>>().join(" "));
    assert!(["accept4", "connect", "fsync", "inotify_add_watch", "writev"].iter().all(|call| used.contains(call)));
    let refused: Vec<_> = used.iter().filter(|name| !allowed.contains(**name)).collect();
    assert!(refused.is_empty(), "the unit refuses {refused:?}");
    for (name, given) in calls {
        let family = given.strip_prefix('(').filter(|_| name == "socket").and_then(|given| given.split(',').next());
        assert!(family.is_none_or(|family| families.contains(family)), "RestrictAddressFamilies refuses {given}");
        let is_both = given.contains("PROT_WRITE") && given.contains("PROT_EXEC");
        assert!(!is_both, "MemoryDenyWriteExecute refuses {name}{given}");
    }
}
