//! The log as its readers want it: text, the journal's priorities, JSON; and never a secret in any of them.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

use crate::binary::story;
use crate::support::process::{Desk, finish, until};

/// What no line may hold: a token of a source's address, that of a private topic, and what a seed says is secret.
const SECRETS: [&str; 3] = ["hush-hush-4711", "veiled-topic-token-0815", story::SECRET];

/// A wire with secrets, whose hosts cannot be reached.
fn desk() -> Desk {
    let desk = story::desk(
        "topics: [{ id: open, match: ferry }, { id: veiled, match: ferry, private: '${file:veil}' }]\n\
         sources: [{ url: 'https://reader:${file:token}@feeds.nobody.invalid/f.xml?key=${file:token}' }]\n\
         schedule: { poll: '* * * * *' }\n",
    );
    fs::write(desk.path("token"), SECRETS[0]).unwrap();
    fs::write(desk.path("veil"), SECRETS[1]).unwrap();
    desk
}

/// Runs the daemon with everything logged into a file until a reader was answered, a hub's word refused, a
/// configuration refused and the source asked; gives the log.
fn logged(change: impl FnOnce(&mut Command, &File)) -> String {
    let desk = desk();
    let file = File::create(desk.path("log")).unwrap();
    let daemon = desk.spawn({
        let mut command = desk.command(&[]);
        // A shell between, so that standard error is the file.
        command = {
            let mut shell = Command::new("sh");
            shell.args(["-c", "exec \"$0\" -c newswire.yaml run 2> log"]).arg(command.get_program());
            shell.current_dir(desk.path("")).env_clear().stdin(Stdio::null()).env("NEWSWIRE_LOG", "trace");
            shell
        };
        change(&mut command, &file);
        command
    });
    daemon.heard("READY=1");
    daemon.get(&format!("/p/{}/", SECRETS[1]));
    daemon.get(&format!("/p/{}/nothing", SECRETS[1]));
    daemon.get("/websub/nobody");
    let until_logged = |what: &str| until(what, || Some(desk.read("log")).filter(|log| log.contains(what)));
    until_logged("feeds.nobody.invalid");
    desk.configure("nonsense: true\n");
    daemon.signal("HUP");
    until_logged("is refused");
    daemon.signal("TERM");
    daemon.end();
    desk.read("log")
}

#[track_caller]
fn keeps_secrets(log: &str) {
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn text_has_time_and_level() {
    let log = logged(|_, _| ());
    keeps_secrets(&log);
    let ready = log.lines().find(|line| line.contains(" ready status=")).unwrap();
    assert!(ready.starts_with("20") && ready.contains("Z  INFO ready status=\"1 stories of 9 articles"), "{ready}");
}

#[test]
fn the_journal_gets_priorities() {
    let log = logged(|command, file| {
        let file = file.metadata().unwrap();
        command.env("JOURNAL_STREAM", format!("{}:{}", file.dev(), file.ino()));
    });
    keeps_secrets(&log);
    assert!(log.lines().all(|line| line.starts_with('<') && line[2..].starts_with('>')), "{log}");
    assert!(log.contains("<6>ready status="), "{log}");
    // Every line of the report is an error, not its first alone.
    assert!(log.contains("<3>the new configuration is refused") && log.contains("<3> --> "), "{log}");
}

#[test]
fn another_stream_than_the_journals_gets_text() {
    let log = logged(|command, _| {
        command.env("JOURNAL_STREAM", "1:2");
    });
    assert!(log.lines().next().unwrap().contains(" INFO "), "{log}");
}

#[test]
fn json_is_an_object_a_line() {
    let log = logged(|command, _| {
        command.env("NEWSWIRE_LOG_FORMAT", "json");
    });
    keeps_secrets(&log);
    let events: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &events {
        let told = [&event["timestamp"], &event["level"], &event["message"]];
        assert!(told.iter().all(|value| value.is_string()), "{event}");
    }
    let ready = events.iter().find(|event| event["message"] == "ready").unwrap();
    assert!(ready["status"].as_str().unwrap().starts_with("1 stories of 9 articles"), "{ready}");
}

#[test]
fn what_ends_the_daemon_at_once_is_told_in_the_same_way() {
    let desk = Desk::new("nonsense: true\n");
    let run = |format: &str| finish(&mut desk.command(&["-c", "newswire.yaml", "run", "--log-format", format]));
    let said = run("json").with_code(3);
    let event: serde_json::Value = serde_json::from_str(said.err.trim()).unwrap();
    assert_eq!(event["level"], "ERROR");
    assert!(event["message"].as_str().unwrap().contains("unknown key `nonsense`"), "{event}");
    assert!(run("journal").with_code(3).err.lines().all(|line| line.starts_with("<3>")));
    assert!(run("text").with_code(3).err.starts_with("error: "));
    run("xml").with_code(2).has("possible values: text, journal, json");
}

#[test]
fn a_filter_that_nobody_understands_is_said_and_left_aside() {
    let desk = desk();
    let said = finish(desk.command(&["-c", "newswire.yaml", "once"]).env("NEWSWIRE_LOG", "loud=very=much"));
    said.with_code(0).has("NEWSWIRE_LOG is not understood");
}
