//! Reloads: by signal and by a change of the files, taken on as a whole or refused as a whole.

use std::fs;

use super::run::{QUIET, SEED, desk, other};
use super::story;
use crate::support::process::{Daemon, Desk, until};

/// A configuration with one topic, and what `more` adds to it.
fn one_topic(id: &str, more: &str) -> String {
    format!("{QUIET}topics: [{{ id: {id}, title: All ports, match: 'title:harbour'{more} }}]\n")
}

/// Waits until the refusal that holds `why` is told everywhere: log, admin listener, metrics, `newswire status`.
#[track_caller]
fn refused(desk: &Desk, daemon: &Daemon<'_>, why: &str) {
    daemon.heard("STATUS=the last reload was refused: ");
    daemon.logged("the old one stays in force");
    let status =
        until("the refusal", || daemon.admin("/status").json()["refused_reload"].as_str().map(ToOwned::to_owned));
    assert!(status.contains(why), "{status}");
    assert!(daemon.admin("/health").has("refused"));
    let metrics = daemon.admin("/metrics").text();
    assert!(metrics.contains("newswire_config_refused 1"), "{metrics}");
    // One who cannot read the files says what is wrong with them, one who can that they are not in force.
    let said = desk.run(&["status"]);
    let told = if said.code == 0 { "the last reload was refused" } else { why };
    said.has(told);
    assert!(daemon.get("/t/sea/rss.xml").has("Harbour"), "the old configuration is in force");
    assert_eq!((daemon.admin("/livez").status, daemon.admin("/readyz").status), (200, 200));
}

/// Waits until nothing is refused any more, and nobody says so.
#[track_caller]
fn accepted(desk: &Desk, daemon: &Daemon<'_>) {
    until("a good reload", || daemon.admin("/status").json()["refused_reload"].is_null().then_some(()));
    assert!(daemon.admin("/metrics").has("newswire_config_refused 0"));
    desk.run(&["status"]).with_code(0).lacks("refused");
}

#[test]
fn a_good_configuration_replaces_the_old_one_on_hup() {
    let desk = desk();
    let daemon = desk.daemon();
    daemon.until("/t/sea/rss.xml", |feed| feed.has("Harbour"));
    assert_eq!(daemon.get("/t/ports/rss.xml").status, 404);
    desk.configure(&format!("{QUIET}topics: [{{ id: ports, title: All ports, match: 'title:harbour' }}]\n"));
    daemon.signal("HUP");
    daemon.heard("RELOADING=1");
    daemon.heard("READY=1");
    daemon.until("/t/ports/rss.xml", |feed| feed.has("Harbour opens again"));
    daemon.until("/t/sea/rss.xml", |feed| feed.status == 404);
    // And again, back to what was.
    desk.configure(QUIET);
    daemon.signal("HUP");
    daemon.heard("READY=1");
    daemon.until("/t/sea/rss.xml", |feed| feed.has("Harbour opens again"));
}

#[test]
fn a_new_base_url_reaches_every_header_and_changes_no_id() {
    let desk = desk();
    let daemon = desk.daemon();
    let before = daemon.until("/all/atom.xml", |feed| feed.has("Harbour"));
    let text = desk
        .read("newswire.yaml")
        .replace(&format!("base_url: \"http://{}/\"", desk.public), "base_url: https://new.example.org/wire/");
    fs::write(desk.path("newswire.yaml"), text).unwrap();
    daemon.signal("HUP");
    let after = daemon.until("/all/atom.xml", |feed| feed.has("https://new.example.org/wire/all/atom.xml"));
    assert_eq!(story::parsed(&before.body).entries[0].id, story::parsed(&after.body).entries[0].id);
    assert_eq!(after.header("link"), "<https://new.example.org/wire/all/atom.xml>; rel=\"self\"");
    assert_eq!(daemon.get("/wire/all/atom.xml").status, 200, "a proxy may leave the path on");
}

#[test]
fn a_broken_configuration_is_refused_and_said_so_everywhere() {
    let desk = desk();
    let daemon = desk.daemon();
    daemon.until("/t/sea/rss.xml", |feed| feed.has("Harbour"));
    desk.configure("topics: [{ id: ports, lables: [Sea] }]\n");
    // A reload of the seeds is asked for all the same.
    desk.seed("b.md", other());
    daemon.signal("HUP");
    refused(&desk, &daemon, "did you mean `labels`");
    let told = daemon.admin("/status").json()["refused_reload"].as_str().unwrap().to_owned();
    assert!(told.contains("newswire.yaml:") && told.contains("lables"), "{told}");
    daemon.until("/t/rail/rss.xml", |feed| feed.has("Mountain rail"));
    desk.configure(QUIET);
    daemon.signal("HUP");
    accepted(&desk, &daemon);
}

#[test]
fn a_failing_topic_test_refuses_the_reload() {
    let desk = desk();
    let daemon = desk.daemon();
    desk.configure(&one_topic("ports", ", tests: [{ article: { title: \"A harbour\" }, expect: out }]"));
    daemon.signal("HUP");
    refused(&desk, &daemon, "topic `ports` should not hold this article");
}

#[test]
fn what_the_machine_does_not_let_happen_is_refused_and_the_old_goes_on() {
    let desk = desk();
    let daemon = desk.daemon();
    // A folder below a file cannot be made.
    desk.configure(&format!("{}output: {{ dir: newswire.yaml/public }}\n", one_topic("ports", "")));
    daemon.signal("HUP");
    refused(&desk, &daemon, "newswire.yaml/public");
    desk.seed("b.md", other());
    daemon.until("/t/rail/rss.xml", |feed| feed.has("Mountain rail"));
    desk.configure(&one_topic("ports", ""));
    accepted(&desk, &daemon);
    daemon.until("/t/ports/rss.xml", |feed| feed.has("Harbour"));
}

#[test]
fn a_changed_file_is_taken_on_without_a_signal() {
    let desk = desk();
    let daemon = desk.daemon();
    daemon.until("/t/sea/rss.xml", |feed| feed.has("Harbour"));
    desk.configure("topics: [{ id: ports, lables: [Sea] }]\n");
    refused(&desk, &daemon, "did you mean `labels`");
    desk.configure(&one_topic("ports", ""));
    daemon.until("/t/ports/rss.xml", |feed| feed.has("Harbour opens again"));
    daemon.until("/t/sea/rss.xml", |feed| feed.status == 404);
    accepted(&desk, &daemon);
    // What lies beside it counts too, once it is there.
    fs::create_dir(desk.path("conf.d")).unwrap();
    fs::write(desk.path("conf.d/more.yaml"), "topics: [{ id: late, title: Late, match: 'title:again' }]\n").unwrap();
    daemon.until("/t/late/rss.xml", |feed| feed.has("Harbour opens again"));
    fs::write(desk.path("conf.d/more.yaml"), "topics: [{ id: later, title: Late, match: 'title:again' }]\n").unwrap();
    daemon.until("/t/later/rss.xml", |feed| feed.has("Harbour opens again"));
    fs::remove_file(desk.path("conf.d/more.yaml")).unwrap();
    daemon.until("/t/later/rss.xml", |feed| feed.status == 404);
}

#[test]
fn a_file_that_says_the_same_is_no_change() {
    let desk = desk();
    let daemon = desk.daemon();
    for _ in 0..3 {
        desk.configure(QUIET);
    }
    desk.configure(&one_topic("ports", ""));
    let talk = daemon.talk_until("READY=1");
    assert_eq!(talk.iter().filter(|message| message.starts_with("RELOADING=1")).count(), 1, "{talk:?}");
    daemon.until("/t/ports/rss.xml", |feed| feed.has("Harbour"));
}

#[test]
fn what_does_not_reload_is_named() {
    let desk = desk();
    let daemon = desk.daemon();
    let text = desk.read("newswire.yaml").replace("newswire.db", "x").replace("title: Test wire", "title: Other wire");
    fs::write(desk.path("newswire.yaml"), format!("{text}store: sqlite:other.db\n")).unwrap();
    daemon.until("/all/rss.xml", |feed| feed.has("Other wire"));
    daemon.logged("restart to change them");
    assert!(!desk.path("other.db").exists());
}

#[test]
fn hup_reloads_seeds_that_nobody_watches() {
    let seeds = "seeds: { paths: [seeds], watch: false, reload: \"0 0 1 1 *\" }\n";
    let desk = Desk::new(&format!("{QUIET}{seeds}"));
    desk.seed("a.md", SEED);
    let daemon = desk.daemon();
    daemon.until("/all/rss.xml", |feed| feed.has("Harbour"));
    desk.seed("b.md", other());
    daemon.signal("HUP");
    daemon.until("/all/rss.xml", |feed| feed.has("Mountain rail"));
}
