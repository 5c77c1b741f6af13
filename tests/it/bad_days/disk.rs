//! The store's disk: full, damaged, or the store of a newer program.

use std::fs;
use std::os::unix::fs::FileExt;
use std::process::Command;

use crate::support::process::{Daemon, Desk, is_there, try_ask, until};

const QUIET: &str = "enrich: { seeds: none }\noutput: { dir: null }\n";

/// Bytes of a page of the file.
const PAGE: usize = 4096;

fn seed(number: usize) -> String {
    format!(
        "---\ntitle: Lighthouse {number} gets a new lamp\nwebUrl: https://a{number}.example/lamp\nexcerpt: {}\n\
         publishedDateTime: 2021-03-04T19:00:00Z\nprovider: {{ name: A, domain: a{number}.example }}\ntopics: [Sea]\n---\n",
        format!("The keeper of number {number} is glad. ").repeat(20)
    )
}

fn desk() -> Desk {
    let desk = Desk::new(QUIET);
    desk.seed("1.md", seed(1));
    desk
}

/// From now on no file of the daemon may become longer than `bytes`: to a program, that is a disk which takes nothing.
fn limit(daemon: &Daemon<'_>, bytes: &str) {
    let set = Command::new("prlimit").args(["--pid", &daemon.id().to_string(), &format!("--fsize={bytes}:")]).status();
    assert!(set.unwrap().success());
}

/// A daemon that is told of a limit, instead of being killed by it.
fn daemon(desk: &Desk) -> Daemon<'_> {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" -c newswire.yaml run", env!("CARGO_BIN_EXE_newswire")]);
    command.current_dir(desk.path(""));
    let daemon = desk.spawn(command);
    daemon.heard("READY=1");
    daemon
}

#[test]
fn a_disk_that_takes_nothing_stops_no_reader_and_is_said_once() {
    if !is_there("prlimit", &["prlimit", "--version"]) {
        return;
    }
    let desk = desk();
    let daemon = daemon(&desk);
    let before = daemon.until("/all/feed.json", |feed| feed.has("Lighthouse 1"));
    limit(&daemon, "0");
    desk.seed("2.md", seed(2));
    let said = daemon.logged("a stage failed");
    assert!(said.contains("disk takes no writes") || said.contains("free some space"), "{said}");
    // Tried again and again, and by other stages, and no word of it.
    let failures = || {
        let stages = daemon.admin("/status").json()["stages"].clone();
        stages.as_object().unwrap().values().map(|stage| stage["failures"].as_u64().unwrap()).sum::<u64>()
    };
    until("three more failures", || (failures() >= 4).then_some(()));
    desk.configure(&format!("{QUIET}sources: [{{ url: 'http://x.example/feed' }}]\n"));
    daemon.signal("HUP");
    daemon.heard("READY=1");
    let now = daemon.get("/all/feed.json");
    assert_eq!((now.status, &now.body), (200, &before.body));
    assert_eq!(daemon.admin("/livez").status, 200);
    let id = before.json()["items"][0]["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(daemon.get(&format!("/s/{id}")).status, 200);
    let log = daemon.log();
    assert!(!log.iter().any(|line| line.contains("a stage failed")), "{log:#?}");
    limit(&daemon, "unlimited");
    daemon.until("/all/feed.json", |feed| feed.has("Lighthouse 2") && feed.has("Lighthouse 1"));
    daemon.logged("over: the stages work again");
    daemon.signal("TERM");
    assert_eq!(daemon.end().0, Some(0));
}

#[test]
fn a_daemon_stops_in_order_on_a_disk_that_takes_nothing() {
    if !is_there("prlimit", &["prlimit", "--version"]) {
        return;
    }
    let desk = desk();
    let first = daemon(&desk);
    first.until("/all/feed.json", |feed| feed.has("Lighthouse 1"));
    limit(&first, "0");
    desk.seed("2.md", seed(2));
    first.logged("a stage failed");
    first.signal("TERM");
    assert_eq!(first.end().0, Some(0));
    let second = desk.daemon();
    second.until("/all/feed.json", |feed| feed.has("Lighthouse 2"));
}

#[test]
fn damage_stops_no_reader_and_a_backup_repairs_it() {
    let desk = desk();
    for number in 2..40 {
        desk.seed(&format!("{number}.md"), seed(number));
    }
    desk.run(&["once"]).with_code(0);
    desk.run(&["backup", "copy.db"]).with_code(0);
    let daemon = desk.daemon();
    let before = daemon.until("/all/feed.json", |feed| feed.has("Lighthouse 39"));
    let id = before.json()["items"][0]["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    // All but the first page, which holds the table of tables.
    let file = fs::File::options().write(true).open(desk.path("newswire.db")).unwrap();
    let pages = file.metadata().unwrap().len() / PAGE as u64;
    for page in 1..pages {
        file.write_all_at(&[0x5a; PAGE], page * PAGE as u64).unwrap();
    }
    desk.seed("40.md", seed(40));
    // A page that nobody has in memory any more: readers are told to come back, not that it is gone.
    let page = daemon.until(&format!("/s/{id}"), |page| page.status != 200);
    assert_eq!((page.status, page.header("retry-after")), (503, "60"));
    assert!(daemon.logged("damaged").contains("newswire restore"));
    for _ in 0..3 {
        assert_eq!(daemon.get(&format!("/s/{id}")).status, 503);
        assert_eq!(daemon.get("/all/feed.json").body, before.body);
    }
    desk.run(&["backup", "second.db"]).with_code(1).has("malformed");
    assert!(!desk.path("second.db").exists());
    let log = daemon.log();
    assert!(log.iter().filter(|line| line.contains("come back")).count() <= 1, "{log:#?}");
    daemon.signal("TERM");
    daemon.end();
    desk.run(&["run"]).with_code(1).has("damaged").has("newswire restore");
    // Twice in a second: neither of the former stores is overwritten.
    desk.run(&["restore", "copy.db"]).with_code(0);
    desk.run(&["restore", "copy.db"]).with_code(0);
    let former = fs::read_dir(desk.path("")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(former.filter(|name| name.contains(".before-")).count(), 2);
    let daemon = desk.daemon();
    let after = daemon.until("/all/feed.json", |feed| feed.has("Lighthouse 40") && feed.has("Lighthouse 1 "));
    assert!(after.has(&id));
}

#[test]
fn the_store_of_a_newer_program_is_refused_in_clear_text() {
    let desk = desk();
    desk.run(&["once"]).with_code(0);
    let store = rusqlite::Connection::open(desk.path("newswire.db")).unwrap();
    store.pragma_update(None, "user_version", 1_000).unwrap();
    drop(store);
    for verb in ["run", "once", "status"] {
        desk.run(&[verb])
            .with_code(1)
            .has("its format is version 1000")
            .has("run the newer program or restore a backup");
    }
    assert!(try_ask(desk.public, "GET", "/", &[]).is_err());
}
