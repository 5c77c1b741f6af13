//! Verbs, exit codes, and where the configuration comes from.

use std::fs;

use crate::support::process::{Desk, finish};

const SEED: &str = "---\ntitle: Harbour opens again\nwebUrl: https://a.example/harbour\n\
                    publishedDateTime: 2021-03-04T19:00:00Z\nprovider: { name: A, domain: a.example }\ntopics: [Sea]\n---\n";

/// A desk with one seed, and no page to be asked.
fn desk() -> Desk {
    let desk = Desk::new("enrich: { seeds: none }\n");
    desk.seed("a.md", SEED);
    desk
}

#[test]
fn usage() {
    let desk = desk();
    for arguments in [&[][..], &["sing"], &["once", "--loudly"], &["explain"], &["-c"]] {
        finish(&mut desk.command(arguments)).with_code(2).has("--help");
    }
    finish(&mut desk.command(&["--help"])).with_code(0).has("healthcheck");
    finish(&mut desk.command(&["--version"])).with_code(0).has("newswire ");
}

#[test]
fn the_configuration_is_given_named_or_in_its_place() {
    let desk = desk();
    let check = || desk.command(&["check"]);
    finish(&mut check()).with_code(3).has("config/newswire.yaml").has("newswire init");
    finish(check().env("NEWSWIRE_CONFIG", "newswire.yaml")).with_code(0).has("all is well");
    finish(check().env("NEWSWIRE_CONFIG", "elsewhere.yaml")).with_code(3).has("elsewhere.yaml");
    finish(check().args(["-c", "newswire.yaml"]).env("NEWSWIRE_CONFIG", "elsewhere.yaml")).with_code(0);
    fs::create_dir(desk.path("config")).unwrap();
    fs::copy(desk.path("newswire.yaml"), desk.path("config/newswire.yaml")).unwrap();
    fs::create_dir(desk.path("config/seeds")).unwrap();
    finish(&mut check()).with_code(0).has("all is well");
}

#[test]
fn every_verb_refuses_a_broken_configuration_and_shows_every_error() {
    let desk = desk();
    desk.configure(
        "store: postgres\npublish: { leed: seed }\nschedule: { poll: \"61 * * * *\" }\nfetch: { gap: soon }\n",
    );
    for verb in [&["check"][..], &["once"], &["run"], &["status"], &["explain", "x"], &["healthcheck"]] {
        let said = desk.run(verb).with_code(3).has("did you mean `lead`").has("61").has("soon").has("store");
        for place in ["newswire.yaml:5:", "newswire.yaml:6:", "newswire.yaml:7:", "newswire.yaml:8:"] {
            assert!(said.err.contains(place), "no {place} in {}", said.err);
        }
        assert!(said.out.is_empty() || verb == ["check"], "{}", said.out);
    }
    let report = desk.run(&["check", "--json"]).with_code(3).json();
    assert!(report["findings"].as_array().unwrap().len() >= 4, "{report:#}");
    assert_eq!(report["findings"][0]["severity"], "error");
    assert!(report["findings"][0]["place"]["line"].is_u64());
}

#[test]
fn colour_is_for_terminals_only() {
    let desk = desk();
    desk.seed("broken.md", "---\ntitle: x\n---\n");
    desk.run(&["check"]).with_code(3).lacks("\u{1b}[");
    let arguments = ["-c", "newswire.yaml", "check"];
    finish(desk.command(&arguments).env("NO_COLOR", "1")).with_code(3).lacks("\u{1b}[");
}

#[test]
fn init_writes_what_check_is_content_with_and_never_overwrites() {
    let desk = desk();
    finish(&mut desk.command(&["init", "new/wire"])).with_code(0).has("new/wire/newswire.yaml").has("newswire run");
    finish(&mut desk.command(&["-c", "new/wire/newswire.yaml", "check"])).with_code(0).has("all is well");
    fs::write(desk.path("new/wire/newswire.yaml"), "mine").unwrap();
    fs::remove_file(desk.path("new/wire/newswire.service")).unwrap();
    finish(&mut desk.command(&["init", "new/wire"])).with_code(1).has("nothing was written").has("newswire.yaml");
    assert_eq!(desk.read("new/wire/newswire.yaml"), "mine");
    assert!(!desk.path("new/wire/newswire.service").exists());
}

#[test]
fn the_schema_is_json_and_admits_the_shipped_configuration() {
    let desk = desk();
    let schema = finish(&mut desk.command(&["schema"])).with_code(0).json();
    let shipped = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/newswire.yaml")).unwrap();
    let shipped: serde_json::Value = serde_yaml::from_str(&shipped).unwrap();
    assert!(jsonschema::is_valid(&schema, &shipped));
}

#[test]
fn check_says_what_each_topic_would_hold() {
    let desk = desk();
    let report = desk.run(&["check", "--json"]).with_code(0).json();
    assert_eq!(report["findings"], serde_json::json!([]));
    let sizes = serde_json::json!([
        { "topic": "sea", "title": "Sea", "stories": 1 },
        { "topic": "", "title": "All stories", "stories": 1 },
    ]);
    assert_eq!(report["topics"], sizes);
    assert!(!desk.path("newswire.db").exists(), "checking leaves no store behind");
}

#[test]
fn check_config_only_leaves_the_seeds_alone() {
    let desk = desk();
    desk.seed("broken.md", "---\ntitle: [\n---\n");
    desk.run(&["check"]).with_code(3).has("broken.md:");
    desk.run(&["check", "--config-only"]).with_code(0).lacks("broken.md");
}

#[test]
fn a_missing_seed_folder_is_told() {
    let desk = Desk::new("seeds: { paths: [gone] }\n");
    desk.run(&["check"]).with_code(3).has("gone").has("seeds.paths");
    desk.run(&["once"]).with_code(0).has("gone");
}

#[test]
fn once_sums_up() {
    let desk = desk();
    desk.run(&["once"]).with_code(0).has("1 stories of 1 articles are published");
    let summary = desk.run(&["once", "--json"]).with_code(0).json();
    assert_eq!(summary["totals"]["stories"], 1, "{summary:#}");
    desk.run(&["once", "--force"]).with_code(0).has("--force").has("Retry-After");
}

#[test]
fn once_fails_where_its_work_fails() {
    let desk = Desk::new("store: sqlite:not/a/../file/\n");
    fs::write(desk.path("not"), "a file").unwrap();
    desk.run(&["once"]).with_code(1).has("newswire: ");
    let desk = Desk::new("");
    fs::write(desk.path("newswire.db"), "this is no database, but long enough to look at".repeat(100)).unwrap();
    desk.run(&["once"]).with_code(1).has("newswire.db");
    let desk = self::desk();
    fs::write(desk.path("public"), "a file where the folder belongs").unwrap();
    desk.run(&["once"]).with_code(1).has("public");
}

#[test]
fn status_of_a_wire_that_never_ran() {
    let desk = desk();
    desk.run(&["status"]).with_code(0).has("newswire.db").has("newswire run");
    let status = desk.run(&["status", "--json"]).with_code(0).json();
    assert_eq!(status["counts"]["stories"], 0);
    assert!(!desk.path("newswire.db").exists(), "looking makes no store");
    desk.run(&["explain", "https://a.example/harbour"]).with_code(1).has("nothing is known");
    assert!(!desk.path("newswire.db").exists(), "looking makes no store");
}

#[test]
fn status_and_explain_after_a_pass() {
    let desk = desk();
    desk.run(&["once"]).with_code(0);
    let status = desk.run(&["status", "--json"]).with_code(0).json();
    assert_eq!(status["counts"]["stories"], 1);
    for key in ["counts", "sources", "troubles", "resting_hosts", "next_page_at", "seeds"] {
        assert!(status.get(key).is_some(), "no {key} in {status:#}");
    }
    let said = desk.run(&["explain", "https://a.example/harbour?utm_source=x"]).with_code(0);
    let said = said.has("Harbour opens again").has("in sea").has("a.md");
    let id = said.out.split_whitespace().nth(1).unwrap().to_owned();
    let told = desk.run(&["explain", &id, "--json"]).with_code(0).json();
    assert_eq!(told["story"], id.as_str(), "{told:#}");
    desk.run(&["explain", &id, "--topic", "sea"]).with_code(0).has("in sea");
    desk.run(&["explain", &id, "--topic", "land"]).with_code(1).has("land");
    desk.run(&["explain", "https://a.example/nowhere"]).with_code(1).has("nothing is known");
}

#[test]
fn inspect_prints_an_object_a_line_in_order() {
    let desk = desk();
    let feed = "<rss version='2.0'><channel><title>T</title><item><title>One &lt;b&gt;</title>\
                <link>/1</link></item></channel></rss>";
    fs::write(desk.path("a.xml"), feed).unwrap();
    fs::write(desk.path("b.html"), "<title>Page</title><meta property='og:title' content='Open'>").unwrap();
    let inspect = |arguments: &[&str]| finish(&mut desk.command(arguments));
    let said = inspect(&["inspect", "feed", "--json", "--base", "https://a.example/f", "a.xml", "gone.xml"]);
    let said = said.with_code(0);
    let lines: Vec<serde_json::Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["ok"], &lines[1]["ok"]), (2, &true.into(), &false.into()), "{}", said.out);
    assert_eq!(lines[0]["entries"][0]["url"], "https://a.example/1");
    let said = inspect(&["inspect", "page", "--json", "b.html"]).with_code(0);
    assert_eq!(said.json()["title"], "Open");
    inspect(&["inspect", "feed", "a.xml"]).with_code(0).has("One");
}

#[test]
fn healthcheck_without_a_daemon() {
    desk().run(&["healthcheck"]).with_code(1).has("no answer from 127.0.0.1");
}

#[test]
fn a_secret_of_the_configuration_is_never_shown() {
    let desk = desk();
    fs::write(desk.path("token"), "hush-hush-4711\n").unwrap();
    let sources = "sources: [{ url: \"http://feeds.a.example/f.xml?token=${file:token}\" }]\n";
    let nobody =
        "fetch: { timeout: 2s, allow_private: [127.0.0.0/8], connect_to: { feeds.a.example: \"127.0.0.1:1\" } }\n";
    desk.configure(&format!("{sources}{nobody}enrich: {{ seeds: none }}\n"));
    for verb in [&["check"][..], &["once"], &["status"], &["status", "--json"]] {
        desk.run(verb).with_code(0).lacks("hush-hush");
    }
    desk.run(&["status"]).has("feeds.a.example");
    desk.configure(&format!("{sources}{nobody}fetch: 5\nstore: \"${{file:token}}\"\n"));
    desk.run(&["check"]).with_code(3).lacks("hush-hush");
}

#[test]
fn the_output_must_not_lie_among_the_seeds() {
    let desk = desk();
    fs::write(desk.path("seeds/index.html"), "precious").unwrap();
    fs::write(desk.path("mixed.yaml"), desk.read("newswire.yaml").replace("dir: public", "dir: seeds/public")).unwrap();
    for verb in ["check", "once", "run"] {
        finish(&mut desk.command(&["-c", "mixed.yaml", verb])).with_code(3).has("lies in the seed folder");
    }
    assert_eq!(desk.read("seeds/index.html"), "precious");
}
