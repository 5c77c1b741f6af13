//! The configuration: the shipped file, every kind of mistake, `conf.d`, secrets and paths.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use newswire::config::kind::{Default, Key, Kind};
use newswire::config::{Config, Enriched, Environment, Loaded, load, locate, schema, table};
use newswire::model::{LeadRule, Rank, Severity};
use tempfile::TempDir;

/// Where the shipped file says something else than the table, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("site.base_url", "a fresh machine has no name yet"),
    ("seeds.unpublished", "the first seed tried is often a draft, and silence would puzzle"),
];

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/newswire.yaml")
}

/// A folder with a seed folder and these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("seeds")).unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())), "/srv/wire")
}

fn load_in(folder: &TempDir, variables: &[(&str, &str)]) -> Loaded {
    load(&folder.path().join("newswire.yaml"), &environment(variables))
}

fn load_text(text: &str) -> Loaded {
    load_in(&folder(&[("newswire.yaml", text)]), &[])
}

fn good(text: &str) -> Config {
    let loaded = load_text(text);
    assert!(loaded.findings.is_empty(), "{}", loaded.report(false));
    loaded.config.unwrap()
}

/// Findings as `file:line:column severity message (help)`, the file without its folder.
fn lines(loaded: &Loaded) -> Vec<String> {
    let line = |finding: &newswire::model::Finding| {
        let file = Path::new(&finding.file).file_name().unwrap().to_string_lossy();
        let place = finding.place.map_or("-".to_owned(), |place| format!("{}:{}", place.line, place.column));
        let severity = if finding.severity == Severity::Error { "" } else { " warning" };
        let help = finding.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
        format!("{file}:{place}{severity} {}{help}", finding.message)
    };
    loaded.findings.iter().map(line).collect()
}

/// One mistake gives one finding.
fn check(text: &str, expect: &str) {
    let loaded = load_text(text);
    let found = lines(&loaded);
    assert_eq!(found, [format!("newswire.yaml:{expect}")], "{text}");
    assert_eq!(loaded.config.is_none(), loaded.findings[0].severity == Severity::Error);
}

#[test]
fn the_shipped_file_is_right() {
    let loaded = load(&shipped(), &environment(&[]));
    assert_eq!(lines(&loaded), Vec::<String>::new());
    let config = loaded.config.unwrap();
    assert!(config.seeds.include_unpublished);
    assert_eq!(config.store, Path::new("/srv/wire/newswire.db"));
}

#[test]
fn the_shipped_file_shows_every_key_with_its_default() {
    let text = fs::read_to_string(shipped()).unwrap();
    let file: serde_json::Value = serde_yaml::from_str(&text).unwrap();
    let mut different = Vec::new();
    shows(&text, &file, table::ROOT, "", &mut different);
    let allowed: Vec<String> = DIFFERENCES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(different, allowed);
}

fn shows(text: &str, file: &serde_json::Value, keys: &[Key], path: &str, different: &mut Vec<String>) {
    for key in keys {
        let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
        let value = file.get(key.name).unwrap_or_else(|| panic!("{path} is not shown"));
        let default = match key.default {
            Default::Yaml(default) => serde_yaml::from_str(default).unwrap(),
            _ => serde_json::Value::Null,
        };
        match &key.kind {
            Kind::Object(inner) => shows(text, value, inner, &path, different),
            kind => {
                if *value != default {
                    let Default::Yaml(default) = key.default else { panic!("{path} has no default") };
                    assert!(text.contains(&format!("(Default: {default})")), "{path} does not tell its default");
                    different.push(path.clone());
                }
                if let Kind::Choice(words) = kind {
                    let comment = above(text, &path);
                    assert!(
                        words.iter().all(|word| comment.contains(word)),
                        "{path} does not tell its choices: {comment}"
                    );
                }
                if let Kind::List { item: Kind::Object(inner), .. } | Kind::Map { item: Kind::Object(inner), .. } = kind
                {
                    for key in *inner {
                        assert!(
                            text.contains(&format!(" {}:", key.name)),
                            "{path}[].{} is not in the example",
                            key.name
                        );
                    }
                }
            }
        }
    }
}

/// The line of `section.key` with the comment above it.
fn above(text: &str, path: &str) -> String {
    let (section, key) = path.split_once('.').unwrap();
    let section = text.split(&format!("\n{section}:\n")).nth(1).unwrap();
    let end = section.find(&format!("\n  {key}:")).unwrap();
    let line_end = section[end + 1..].find('\n').map_or(section.len(), |length| end + 1 + length);
    let mut lines: Vec<&str> = section[..line_end].lines().collect();
    let own = lines.pop().unwrap();
    let comment: Vec<&str> = lines.into_iter().rev().take_while(|line| line.trim_start().starts_with('#')).collect();
    format!("{own} {}", comment.join(" "))
}

/// The shipped file with its examples in force.
fn with_examples() -> String {
    let text = fs::read_to_string(shipped()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate() {
        let is_shown_empty = lines.get(at + 1).is_some_and(|next| next.trim() == "# For example:");
        let line = if is_shown_empty { line.trim_end_matches([' ', '[', ']', '{', '}']) } else { line };
        let indent = line.len() - line.trim_start().len();
        match line.trim_start().strip_prefix("#   ") {
            Some(example) => out.extend([&line[..indent], "    ", example, "\n"]),
            None => out.extend([line, "\n"]),
        }
    }
    out
}

#[test]
fn the_examples_of_the_shipped_file_are_right() {
    let folder = folder(&[("newswire.yaml", &with_examples()), ("feed-token", "abc\n")]);
    let loaded = load_in(&folder, &[]);
    assert_eq!(lines(&loaded), Vec::<String>::new());
    let config = loaded.config.unwrap();
    assert_eq!(config.sources[1].url, "https://example.net/atom.xml?token=abc");
    assert_eq!(config.topics[0].labels, ["AWS AI"]);
    assert_eq!(config.fetch.host_gaps["reddit.com"], Duration::from_mins(1));
    assert_eq!(config.grouping.same.len(), 1);
}

#[test]
fn the_schema_accepts_what_the_checker_accepts() {
    let schema = schema::schema();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for text in
        [fs::read_to_string(shipped()).unwrap(), with_examples(), "{}".to_owned(), "fetch:\nsources:\n".to_owned()]
    {
        let file: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let problems: Vec<String> =
            validator.iter_errors(&file).map(|error| format!("{}: {error}", error.instance_path)).collect();
        assert_eq!(problems, Vec::<String>::new());
    }
    for wrong in
        ["fetsh: {}", "fetch: {gap: 5}", "fetch: {per_host: 65}", "topics: [{title: x}]", "seeds: {unpublished: maybe}"]
    {
        let file: serde_json::Value = serde_yaml::from_str(wrong).unwrap();
        assert!(!validator.is_valid(&file), "{wrong}");
    }
}

#[test]
fn defaults_are_those_of_the_interface() {
    let config = good("");
    assert_eq!(config.site.title, "My wire");
    assert_eq!(config.site.base_url, "https://wire.example.org/");
    assert_eq!(config.server.admin.to_string(), "127.0.0.1:8081");
    assert!(!config.seeds.include_unpublished && config.seeds.watch);
    assert_eq!(config.fetch.min_interval_unconditional, Duration::from_hours(24));
    assert_eq!(config.fetch.max_body, 5 << 20);
    assert_eq!((config.fetch.per_host, config.fetch.concurrency), (1, 64));
    assert_eq!((config.enrich.seeds, config.enrich.sources), (Enriched::All, Enriched::Missing));
    assert_eq!(config.grouping.window, Duration::from_hours(72));
    assert_eq!(config.publish.lead, LeadRule::Quality);
    let all: Vec<&str> = newswire::publish::FORMATS.iter().map(|format| format.name).collect();
    assert_eq!(config.publish.formats, all);
}

#[test]
fn values_are_parsed() {
    let config = good(
        "site: {base_url: 'https://a.example/wire'}\nfetch: {max_body: 100000, gap: 1m30s, allow_private: [127.0.0.0/8, '::1'], \
         connect_to: {A.example: 127.0.0.1:81}, hosts: {a.example: {gap: 0s}, b.example: {}}}\n\
         topics:\n- {id: ai, labels: [AI, ML], max_age: 30d, rank: newest}\n- {id: 人工智能, match: 'title:x'}\n",
    );
    assert_eq!(config.site.base_url, "https://a.example/wire/");
    assert_eq!(config.fetch.max_body, 100_000);
    assert_eq!(config.fetch.gap, Duration::from_secs(90));
    assert_eq!(config.fetch.allow_private.len(), 2);
    assert_eq!(config.fetch.connect_to["a.example"].port(), 81);
    assert_eq!(config.fetch.host_gaps.len(), 1);
    let (one, two) = (&config.topics[0], &config.topics[1]);
    assert_eq!((one.title.as_str(), one.limit, one.rank, one.max_age_s), ("AI", 50, Rank::Newest, Some(2_592_000)));
    assert_eq!((two.title.as_str(), two.rule.is_some(), two.max_age_s), ("人工智能", true, None));
}

#[test]
fn unknown_keys_come_with_a_suggestion() {
    check("site: {titel: x}", "1:8 unknown key `titel` (did you mean `title`?)");
    check("fetchs: {}", "1:1 unknown key `fetchs` (did you mean `fetch`?)");
    check("timezone: UTC", "1:1 unknown key `timezone` (`timezone` belongs into `schedule`)");
    check("fetch: {min-interval: 1h}", "1:9 unknown key `min-interval` (did you mean `min_interval`?)");
    check("output: {zzz: 1}", "1:10 unknown key `zzz` (known here: `dir`)");
    check("fetch: {hosts: {a.example: {gapp: 1s}}}", "1:29 unknown key `gapp` (did you mean `gap`?)");
    check("topics:\n- id: a\n  labels: [a]\n  lables: [b]", "4:3 unknown key `lables` (did you mean `labels`?)");
    // Keys whose stage is not built are unknown.
    let loaded = load_text("retention: 400d");
    assert!(lines(&loaded)[0].starts_with("newswire.yaml:1:1 unknown key `retention`"));
}

#[test]
fn wrong_types_say_what_was_expected_and_found() {
    check("site: {title: 2024}", "1:15 `site.title`: expected text, found the number 2024 (put it in quotes)");
    check("site: {title: ''}", "1:15 `site.title`: expected text, found empty text");
    check("site: x", "1:7 `site`: expected keys and values, found `x`");
    check("- a", "1:1 `the file`: expected keys and values, found a list");
    check("seeds: {watch: yes}", "1:16 `seeds.watch`: expected `true` or `false`, found `yes`");
    check("seeds: {paths: seeds}", "1:16 `seeds.paths`: expected a list, found `seeds`");
    check("fetch:\n  concurrency: '64'", "2:16 `fetch.concurrency`: expected a whole number, found `64`");
    check("fetch:\n  concurrency: -1", "2:16 `fetch.concurrency`: expected a whole number, found the number -1");
    check("site: {title: }", "1:13 `site.title`: expected text, found nothing");
    check("store: mysql:x", "1:8 `store`: expected `sqlite:PATH`, found `mysql:x` (begin with `sqlite:`)");
    check("sources: [{topics: [a]}]", "1:11 `url` is missing: expected an absolute http(s) address");
    check(
        "publish: {lead: sead}",
        "1:17 `publish.lead`: expected one of `quality` or `seed`, found `sead` (did you mean `seed`?)",
    );
}

#[test]
fn values_out_of_bounds_are_told() {
    check("fetch: {per_host: 65}", "1:19 `fetch.per_host` is 1 to 64, found 65");
    check("fetch: {timeout: 1h}", "1:18 `fetch.timeout` is 1s to 10m, found 1h");
    check("fetch: {max_body: 1}", "1:19 `fetch.max_body` is 64KiB to 256MiB, found 1B");
    check("fetch: {ports: [70000]}", "1:17 `fetch.ports[0]` is 1 to 65535, found 70000");
    check(
        "grouping: {pin: [0123456789abcdef]}",
        "1:18 `grouping.pin[0]`: expected an article's address, found `0123456789abcdef` (name a story by the address of one of its articles)",
    );
    check("fetch: {ports: []}", "1:16 `fetch.ports` has 0 values, it needs 1 to 100");
    check("grouping: {same: [[https://a.example/]]}", "1:19 `grouping.same[0]` has 1 values, it needs 2 to 1000");
}

#[test]
fn single_values_are_judged() {
    check("fetch: {gap: 5}", "1:14 `fetch.gap`: expected a duration such as `15m` or `1h30m`, found the number 5");
    check(
        "site: {base_url: wire.example}",
        "1:18 `site.base_url`: expected an absolute http(s) address, found `wire.example` (begin with https://)",
    );
    check(
        "schedule: {timezone: Mars/Olympus}",
        "1:22 `schedule.timezone`: expected a time zone such as `Europe/Berlin`, found `Mars/Olympus`",
    );
    check(
        "server: {listen: ':8080'}",
        "1:18 `server.listen`: expected an IP address and port such as `127.0.0.1:8080`, found `:8080` (for every address of this machine write `0.0.0.0` or `[::]` before the port)",
    );
    check(
        "fetch: {allow_private: [10.0.0.1/8]}",
        "1:25 `fetch.allow_private[0]`: expected a network such as `10.0.0.0/8`, found `10.0.0.1/8`: the address has bits beyond the network's length",
    );
    check(
        "topics: [{id: AWS AI, labels: [a]}]",
        "1:15 `topics[0].id`: expected lower-case words joined by `-`, such as `aws-ai`, found `AWS AI` (use `aws-ai`)",
    );
}

#[test]
fn expressions_are_pointed_into() {
    let column = |text: &str| load_text(text).findings[0].place.unwrap().column;
    assert_eq!(column("schedule: {poll: '*/5 * * * 9'}"), 29);
    assert_eq!(column("topics: [{id: a, match: 'title:x AND ('}]"), 39);
    assert_eq!(column("topics: [{id: a, match: \"\\\"é\\\" AND )\"}]"), 36);
}

#[test]
fn values_that_contradict_each_other() {
    check(
        "topics: [{id: a, labels: [x]}, {id: a, labels: [y]}]",
        "1:37 another topic has this id (the first is on line 1)",
    );
    check("topics: [{id: a}]", "1:10 warning topic `a` has neither `labels` nor `match`, so no story can be in it");
    check(
        "sources: [{url: 'https://me:secret@a.example/feed'}]",
        "1:17 warning this source is never asked: its address holds a user name or password \
         (most publishers offer an address with a token in its path or query instead)",
    );
    check("server: {admin: 127.0.0.1:8080}", "1:17 `server.admin` and `server.listen` are the same address");
    check("enrich: {revisit: [6h, 1h]}", "1:24 `enrich.revisit` goes from the shortest time to the longest");
    check(
        "sources: [{url: https://a.example/}, {url: https://a.example/}]",
        "1:44 this source is listed already (the first is on line 1)",
    );
    check(
        "fetch: {hosts: {www.bbc.co.uk: {gap: 1s}}}",
        "1:17 `fetch.hosts`: `www.bbc.co.uk` is a part of a registrable domain (use `bbc.co.uk`)",
    );
    check("publish: {formats: [rss, rss]}", "1:26 this format is listed already (the first is on line 1)");
    check(
        "grouping:\n  same: [[https://a.example/, https://b.example/]]\n  different: [[https://a.example/, https://b.example/]]",
        "3:36 this and `https://a.example/` are also in one group of `grouping.same` (that group is on line 2)",
    );
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = "site: {titel: x, contact: me}\nsite: {title: a}\nserver: {listen: 127.0.0.1:1, admin: 127.0.0.1:1}\nfetch:\n  gap: 1x\n  gap: 2s\n";
    let expect = [
        "newswire.yaml:1:1 unknown key `titel` (did you mean `title`?)",
        "newswire.yaml:1:1 `site.contact`: expected an email or http(s) address, found `me`",
        "newswire.yaml:2:1 the key `site` is written twice (the first is on line 1)",
        "newswire.yaml:3:38 `server.admin` and `server.listen` are the same address",
        "newswire.yaml:5:3 `fetch.gap`: expected a duration such as `15m` or `1h30m`, found `1x` (write numbers with w, d, h, m, s or ms, the longest first: `1h30m`)",
        "newswire.yaml:6:3 the key `fetch.gap` is written twice (the first is on line 5)",
    ];
    assert_eq!(lines(&load_text(text)), expect);
}

#[test]
fn no_more_mistakes_are_told_than_anybody_reads() {
    let found = lines(&load_text(&"gap: 1s\n".repeat(300)));
    assert_eq!(found.len(), 201);
    assert_eq!(found[200], "newswire.yaml:- warning more than 200 findings, the rest is not shown");
    // What keeps the file from being used is never what is cut.
    let folders: Vec<String> = (0..300).map(|number| format!("nowhere{number}")).collect();
    let text = format!("seeds: {{paths: [{}]}}\ngap: 1s\n", folders.join(","));
    assert!(lines(&load_text(&text))[0].starts_with("newswire.yaml:1:17 warning"), "{:?}", lines(&load_text(&text))[0]);
    let loaded = load_text(&text);
    assert!(loaded.config.is_none() && lines(&loaded).iter().any(|line| line.contains("unknown key `gap`")));
    // Each that is not there is told, and nothing else about its value.
    let text = format!("server: {{trusted: [{}]}}\n", "'${NOT_THERE}',".repeat(300));
    assert!(lines(&load_text(&text)).len() <= 201);
}

#[test]
fn broken_files_have_a_place() {
    check("site: [", "1:8 while parsing a node, did not find expected node content");
    let found = |bytes: &[u8]| {
        let folder = folder(&[]);
        fs::write(folder.path().join("newswire.yaml"), bytes).unwrap();
        lines(&load_in(&folder, &[])).join("|")
    };
    assert_eq!(found(b"site:\n  title: \xff\n"), "newswire.yaml:2:10 this is no UTF-8");
    assert!(found(&b"[".repeat(100_000)).contains("more than 1000 brackets"));
    assert!(found("é".repeat(9 << 20).as_bytes()).contains("the document has"));
    assert!(found(b"seeds:\n  reload: */15 * * * *\n").contains("(put text that begins with `*` or `&` in quotes)"));
    let missing = load(Path::new("/nowhere/newswire.yaml"), &environment(&[]));
    assert!(missing.config.is_none());
    assert!(missing.findings[0].message.starts_with("cannot be read: "));
}

#[test]
fn fragments_are_laid_on_top_by_name() {
    let folder = folder(&[
        (
            "newswire.yaml",
            "site: {title: a, contact: a@a.example}\nfetch: {ports: [80], gap: 1s}\nsources:\n- url: https://a.example/\n",
        ),
        ("conf.d/20-b.yaml", "site: {title: c}\nfetch: {ports: [81]}\nsources: [{url: https://c.example/}]\nseeds:\n"),
        (
            "conf.d/10-a.yaml",
            "site: {title: b}\nsources: [{url: https://b.example/}]\ntopics: [{id: x, labels: [x]}]\n",
        ),
        ("conf.d/.hidden.yaml", "nonsense"),
        ("conf.d/readme.txt", "nonsense"),
    ]);
    let loaded = load_in(&folder, &[]);
    assert_eq!(lines(&loaded), Vec::<String>::new());
    let config = loaded.config.unwrap();
    assert_eq!((config.site.title.as_str(), config.site.contact.as_str()), ("c", "a@a.example"));
    assert_eq!(config.fetch.ports, [81]);
    let urls: Vec<&str> = config.sources.iter().map(|source| source.url.as_str()).collect();
    assert_eq!(urls, ["https://a.example/", "https://b.example/", "https://c.example/"]);
    assert_eq!(config.topics.len(), 1);
}

#[test]
fn mistakes_in_fragments_name_the_fragment() {
    let folder = folder(&[
        ("newswire.yaml", "topics: [{id: x, labels: [x]}]\n"),
        ("conf.d/a.yaml", "\nsite: {titel: b}\ntopics: [{id: x, labels: [y]}]\n"),
    ]);
    let loaded = load_in(&folder, &[]);
    let found = lines(&loaded);
    assert_eq!(found[0], "a.yaml:2:8 unknown key `titel` (did you mean `title`?)");
    assert!(found[1].starts_with("a.yaml:3:15 another topic has this id (the first is at "), "{}", found[1]);
    assert!(found[1].ends_with("newswire.yaml:1)"), "{}", found[1]);
}

#[test]
fn secrets_are_filled_in_and_never_shown() {
    let text =
        "site: {title: 'Wire of ${WHO}', contact: '${file:contact}'}\nfetch: {concurrency: '${N}', robots: '${ON}'}\n";
    let folder =
        folder(&[("newswire.yaml", text), ("contact", "me@example.org\n"), ("creds/contact", "you@example.org\r\n")]);
    let creds = folder.path().join("creds").display().to_string();
    let variables = [("WHO", "me"), ("N", "7"), ("ON", "false")];
    let config = load_in(&folder, &variables).config.unwrap();
    assert_eq!((config.site.title.as_str(), config.site.contact.as_str()), ("Wire of me", "me@example.org"));
    assert_eq!((config.fetch.concurrency, config.fetch.robots), (7, false));
    let mut with_creds = variables.to_vec();
    with_creds.push(("CREDENTIALS_DIRECTORY", &creds));
    assert_eq!(load_in(&folder, &with_creds).config.unwrap().site.contact, "you@example.org");

    let loaded = load_in(&folder, &[("WHO", "s3cret"), ("N", "s3cret"), ("ON", "s3cret")]);
    let report = loaded.report(false);
    assert_eq!(loaded.findings.len(), 2, "{report}");
    assert!(!report.contains("s3cret"), "{report}");
    assert!(report.contains("expected a whole number, found something else in `${…}`, which is not shown"), "{report}");
}

#[test]
fn no_kind_of_value_shows_a_secret() {
    let wrong = [
        "site: {base_url: '${S}', contact: '${S}', id: '${S}'}",
        "server: {listen: '${S}', admin: '${S}'}",
        "store: '${S}'",
        "seeds: {reload: '${S}', unpublished: '${S}', watch: '${S}'}",
        "schedule: {timezone: '${S}'}",
        "fetch: {gap: '${S}', max_body: '${S}'}",
        "fetch: {allow_private: ['${S}'], connect_to: {a.example: '${S}'}}",
        "topics: [{id: '${S}', match: '${S}', rank: '${S}'}]",
        "topics: [{id: '${S}'}, {id: '${S}'}]",
        "sources: [{url: '${S}'}, {url: '${S}'}]",
        "publish: {formats: ['${S}', '${S}']}",
        "seeds: {paths: ['${S}']}\nfetch: {ca_file: '${S}'}",
        "topics: [{id: a, match: 'b\"${S}\"', tests: [{article: {title: b}, expect: in}]}]",
        "topics: [{id: a, labels: ['${S}'], tests: [{article: {title: b}, expect: in}]}]",
        "topics: [{id: '${S}', labels: [b], tests: [{article: {title: b}, expect: in}]}]",
        "grouping: {same: [['${S}', '${S}']], different: [['${S}', '${S}']], pin: ['${S}'], drop_publishers: ['${S}']}",
    ];
    for text in wrong {
        for secret in ["Tok3n (((", "tok3n", "https://u:Tok3n@Tok3n.example/?Tok3n", "9999999h", "0"] {
            let loaded = load_in(&folder(&[("newswire.yaml", text)]), &[("S", secret)]);
            let report = loaded.report(false) + &format!("{:?}", loaded.findings);
            assert!(!report.to_lowercase().contains("tok3n") && !report.contains("9999999h"), "{report}");
        }
    }
}

#[test]
fn missing_secrets_name_the_key_and_the_line() {
    check("site:\n  title: ${NOT_THERE}", "2:10 `site.title`: the environment variable `NOT_THERE` is not set");
    check(
        "site:\n  contact: ${file:}",
        "2:12 `site.contact`: the file `` cannot be read: Is a directory (os error 21)",
    );
    check("topics: [{id: a, match: '${X}'}]", "1:25 `topics[0].match`: the environment variable `X` is not set");
}

#[test]
fn paths_start_where_they_should() {
    let text = "store: sqlite:x.db\noutput: {dir: public}\nseeds: {paths: [seeds, /]}\n";
    let folder = folder(&[("newswire.yaml", text)]);
    let config = load_in(&folder, &[]).config.unwrap();
    assert_eq!(config.store, Path::new("/srv/wire/x.db"));
    assert_eq!(config.output.dir.as_deref(), Some(Path::new("/srv/wire/public")));
    assert_eq!(config.seeds.paths, [folder.path().join("seeds"), PathBuf::from("/")]);
    let config = load_in(&folder, &[("STATE_DIRECTORY", "/var/lib/newswire:/other")]).config.unwrap();
    assert_eq!(config.store, Path::new("/var/lib/newswire/x.db"));
    assert_eq!(config.output.dir.as_deref(), Some(Path::new("/var/lib/newswire/public")));
}

#[test]
fn files_that_are_named_are_looked_at() {
    let loaded = load_text("seeds: {paths: [nowhere]}\n");
    assert!(loaded.config.is_some());
    assert!(lines(&loaded)[0].starts_with("newswire.yaml:1:17 warning the folder `"), "{:?}", lines(&loaded));
    let pem = "-----BEGIN CERTIFICATE-----\n";
    let with_ca = folder(&[("newswire.yaml", "fetch: {ca_file: ca.pem}"), ("ca.pem", pem)]);
    assert_eq!(load_in(&with_ca, &[]).config.unwrap().fetch.ca_pem.as_deref(), Some(pem.as_bytes()));
    let without = folder(&[("newswire.yaml", "fetch: {ca_file: ca.pem}"), ("ca.pem", "x")]);
    assert_eq!(lines(&load_in(&without, &[])), ["newswire.yaml:1:18 `fetch.ca_file`: it holds no PEM certificate"]);
}

#[test]
fn the_file_is_found() {
    let folder = folder(&[("config/newswire.yaml", "")]);
    let none = BTreeMap::<String, String>::new();
    let here = Environment::new(none, folder.path());
    assert_eq!(locate(Some(Path::new("a.yaml")), &here), Path::new("a.yaml"));
    assert_eq!(locate(None, &here), Path::new("config/newswire.yaml"));
    assert_eq!(locate(None, &environment(&[("NEWSWIRE_CONFIG", "b.yaml")])), Path::new("b.yaml"));
}

#[test]
fn init_writes_what_loads_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new");
    assert_eq!(newswire::cli::init::run(&dir), std::process::ExitCode::SUCCESS);
    let loaded = load(&dir.join("newswire.yaml"), &environment(&[]));
    assert_eq!(lines(&loaded), Vec::<String>::new());
    fs::remove_file(dir.join("newswire.service")).unwrap();
    fs::write(dir.join("newswire.yaml"), "mine").unwrap();
    assert_eq!(newswire::cli::init::run(&dir), std::process::ExitCode::FAILURE);
    assert_eq!(fs::read_to_string(dir.join("newswire.yaml")).unwrap(), "mine");
    assert!(!dir.join("newswire.service").exists());
}

/// Pieces of configurations, whole and broken.
const PIECES: &[&str] = &[
    "site:",
    "fetch:",
    "topics:",
    "sources:",
    "grouping:",
    "publish: ",
    "\n",
    "\n  ",
    "\n- ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ": ",
    "title",
    "gap",
    "url",
    "id",
    "match",
    "hosts",
    "connect_to",
    "formats",
    "rss",
    "'a AND ('",
    "15m",
    "5MiB",
    "-1",
    "1e999",
    "99999999999999999999",
    "~",
    "true",
    "!x ",
    "<<: ",
    "${A}",
    "$${",
    "${file:x}",
    "https://u:p@a.example/?token=x",
    "é",
    "\"\\u00e9",
    "&a ",
    "*a",
    "same",
    "? ",
    "#",
    "secured: ",
    "a: b",
];

proptest::proptest! {
    #[test]
    fn no_text_panics(parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)) {
        let folder = folder(&[("newswire.yaml", &parts.concat()), ("conf.d/a.yaml", &parts[parts.len() / 2..].concat())]);
        let loaded = load_in(&folder, &[("A", "b")]);
        let is_broken = loaded.findings.iter().any(|finding| finding.severity == Severity::Error);
        assert_eq!(loaded.config.is_none(), is_broken);
        assert!(loaded.findings.iter().all(|finding| !finding.message.contains("bug") && finding.file != "(default)"), "{}", loaded.report(true));
    }
}
