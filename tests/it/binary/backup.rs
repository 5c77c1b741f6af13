//! Backup and restore, completions and manual pages.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::story;
use crate::support::process::{Daemon, Desk, finish, until};

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

/// Every row of every table, told apart by its values alone.
fn content(store: &Path) -> BTreeMap<String, Vec<blake3::Hash>> {
    let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name";
    let mut find = store.prepare(sql).unwrap();
    let names: Vec<String> = find.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows = |name: &String| {
        let mut find = store.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let columns = find.column_count();
        let mut rows = find.query([]).unwrap();
        let mut hashes = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let mut hash = blake3::Hasher::new();
            for column in 0..columns {
                let value = match row.get_ref(column).unwrap() {
                    ValueRef::Null => b"null".to_vec(),
                    ValueRef::Integer(number) => format!("i{number}").into_bytes(),
                    ValueRef::Real(number) => format!("r{number:?}").into_bytes(),
                    ValueRef::Text(bytes) => [b"t", bytes].concat(),
                    ValueRef::Blob(bytes) => [b"b", bytes].concat(),
                };
                hash.update(&value.len().to_le_bytes()).update(&value);
            }
            hashes.push(hash.finalize());
        }
        hashes.sort_unstable_by_key(|hash| *hash.as_bytes());
        hashes
    };
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

/// Stops every thread of the daemon where it is.
fn stop(daemon: &Daemon<'_>) {
    daemon.signal("STOP");
    let is_stopped = |thread: fs::DirEntry| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('T'))
    };
    let threads = format!("/proc/{}/task", daemon.id());
    until("a stop", || fs::read_dir(&threads).unwrap().map(Result::unwrap).all(is_stopped).then_some(()));
}

/// The daemon is stopped in the middle of its work for a moment: what it has committed by then is there to be
/// compared with the copy of that moment, table by table.
#[test]
fn a_backup_under_load_is_the_store_of_its_moment() {
    let desk = desk();
    let daemon = desk.daemon();
    id_of(&daemon);
    let mut states = Vec::new();
    for round in 0..6 {
        for number in 0..20 {
            let name = format!("{round}-{number}");
            let seed =
                SEED.replace("/harbour", &format!("/{name}")).replace("Harbour opens again", &format!("Pier {name}"));
            desk.seed(&format!("{name}.md"), seed);
        }
        // Somewhere in the midst of reading, grouping and releasing them.
        daemon.until("/all/feed.json", |feed| feed.has(&format!("Pier {round}-")));
        stop(&daemon);
        let copy = format!("{round}.db");
        desk.run(&["backup", &copy]).with_code(0).has("read through");
        let (store, copied) = (content(&desk.path("newswire.db")), content(&desk.path(&copy)));
        daemon.signal("CONT");
        assert!(store.len() > 10 && store["articles"].len() > 20 * round, "{:?}", store.keys());
        for (table, rows) in &store {
            assert!(
                copied[table] == *rows,
                "{table} of round {round}: {} and {} rows",
                copied[table].len(),
                rows.len()
            );
        }
        assert_eq!(store.len(), copied.len());
        states.push(copied);
    }
    daemon.signal("TERM");
    daemon.end();
    for (round, state) in states.iter().enumerate() {
        desk.run(&["restore", &format!("{round}.db")]).with_code(0);
        assert!(content(&desk.path("newswire.db")) == *state, "round {round}");
        fs::remove_file(desk.path("newswire.db")).unwrap();
    }
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
