//! Backup and restore, completions and manual pages.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::story;
use crate::support::process::{Daemon, Desk, finish};

const SEED: &str = "---\ntitle: Harbour opens again\nwebUrl: https://a.example/harbour\n\
                    publishedDateTime: 2021-03-04T19:00:00Z\nprovider: { name: A, domain: a.example }\ntopics: [Sea]\n---\n";

fn desk() -> Desk {
    let desk = Desk::new("enrich: { seeds: none }\n");
    desk.seed("a.md", SEED);
    desk
}

fn id_of(daemon: &Daemon<'_>) -> String {
    daemon.until("/t/sea/feed.json", |answer| answer.has("Harbour")).json()["items"][0]["id"].to_string()
}

#[test]
fn a_backup_of_a_running_daemon_brings_its_stories_back_under_their_ids() {
    let desk = desk();
    let daemon = desk.daemon();
    let id = id_of(&daemon);
    let said = desk.run(&["backup", "copy.db", "--json"]).with_code(0).json();
    assert_eq!((&said["holds"]["stories"], &said["holds"]["articles"]), (&1.into(), &1.into()), "{said:#}");
    assert_eq!(fs::metadata(desk.path("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    desk.run(&["backup", "copy.db"]).with_code(1).has("copy.db exists").has("nothing was written");
    desk.run(&["restore", "copy.db"]).with_code(1).has("another `newswire run`");
    daemon.signal("TERM");
    daemon.end();
    // Another wire in the same place, with another identity.
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(desk.path(&format!("newswire.db{end}")));
    }
    desk.run(&["once"]).with_code(0);
    desk.run(&["restore", "copy.db"]).with_code(0).has("stories 1").has(".before-");
    let daemon = desk.daemon();
    assert_eq!(id_of(&daemon), id);
    let left = fs::read_dir(desk.path("")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = left.filter(|name| name.contains("partial")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_is_no_backup_is_refused_and_the_store_stays() {
    let desk = story::desk("");
    desk.run(&["backup", "early.db"]).with_code(1).has("there is no store");
    desk.run(&["once"]).with_code(0);
    let before = desk.run(&["export", "articles"]).with_code(0).out;
    fs::write(desk.path("text.db"), "no store").unwrap();
    desk.run(&["backup", "cut.db"]).with_code(0);
    let whole = fs::read(desk.path("cut.db")).unwrap();
    fs::write(desk.path("cut.db"), &whole[..whole.len() / 2]).unwrap();
    for file in ["none.db", "text.db", "cut.db"] {
        desk.run(&["restore", file]).with_code(1).has(file);
    }
    desk.run(&["backup", "no/such/folder.db"]).with_code(1).has("folder.db");
    assert_eq!(desk.run(&["export", "articles"]).with_code(0).out, before);
    // A store that is broken is what one restores for.
    fs::write(desk.path("cut.db"), &whole).unwrap();
    fs::write(desk.path("newswire.db"), "gone").unwrap();
    desk.run(&["export", "articles"]).with_code(1);
    desk.run(&["restore", "cut.db"]).with_code(0);
    assert_eq!(desk.run(&["export", "articles"]).with_code(0).out, before);
}

#[test]
fn completions_and_manual_pages_come_from_the_command_line_itself() {
    let desk = desk();
    for shell in ["bash", "zsh", "fish"] {
        finish(&mut desk.command(&["completions", shell])).with_code(0).has("healthcheck").has("restore");
    }
    finish(&mut desk.command(&["completions", "cobol"])).with_code(2).has("bash");
    finish(&mut desk.command(&["man", "man1"])).with_code(0);
    assert!(desk.read("man1/newswire.1").contains("newswire"));
    assert!(desk.read("man1/newswire-explain.1").contains("topic"));
    fs::write(desk.path("taken"), "").unwrap();
    finish(&mut desk.command(&["man", "taken"])).with_code(1).has("taken");
}
