//! What the operator's tools are given: numbers that Prometheus can read, a dashboard and alert rules that name no number
//! which is not there.

use std::collections::{BTreeMap, BTreeSet};

use crate::binary::story;
use crate::support::process::{Desk, until};

/// A family of numbers: its type, and its rows by their labels.
#[derive(Debug, Default)]
struct Family {
    kind: String,
    has_help: bool,
    rows: BTreeMap<Labels, f64>,
}

type Labels = BTreeMap<String, String>;

/// Reads the text format 0.0.4 as its description has it, and fails where it is broken.
#[track_caller]
fn families(text: &str) -> BTreeMap<String, Family> {
    assert!(text.ends_with('\n'));
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (what, name, told) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            assert!(is_name(name), "{line}");
            let is_next = current != name;
            assert!(!is_next || !families.contains_key(name), "two families: {line}");
            name.clone_into(&mut current);
            let family = families.entry(current.clone()).or_default();
            assert!(family.rows.is_empty(), "told after its rows: {line}");
            match what {
                "HELP" => assert!(!std::mem::replace(&mut family.has_help, true), "told twice: {line}"),
                "TYPE" => {
                    assert!(["counter", "gauge"].contains(&told) && family.kind.is_empty(), "{line}");
                    told.clone_into(&mut family.kind);
                }
                _ => panic!("{line}"),
            }
            continue;
        }
        let (name, labels, value) = row(line);
        assert_eq!(name, current, "a row outside its family");
        let family = families.get_mut(&name).unwrap();
        assert!(family.rows.insert(labels, value).is_none(), "a row twice: {line}");
    }
    families
}

/// A row: name, labels, value.
#[track_caller]
fn row(line: &str) -> (String, Labels, f64) {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    let mut labels = Labels::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, quoted) = rest.split_once("=\"").unwrap();
            assert!(is_name(label) && !label.contains(':'), "{line}");
            let (value, after) = unquoted(quoted);
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            match after.strip_prefix(',') {
                Some(next) => rest = next,
                None => break rest = after.strip_prefix('}').unwrap(),
            }
        }
    }
    (name.to_owned(), labels, rest.strip_prefix(' ').unwrap().parse().unwrap())
}

/// The value up to the closing quote, and what follows that.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match chars.next().unwrap().1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                other => panic!("\\{other} in {text}"),
            }),
            c => value.push(c),
        }
    }
    panic!("no closing quote in {text}");
}

fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_:".contains(c);
    name.chars().all(is_part) && name.starts_with(|c: char| is_part(c) && !c.is_ascii_digit())
}

/// The numbers of a daemon that has published, asked a page, and refused a reload.
fn numbers() -> BTreeMap<String, Family> {
    let desk = story::desk(
        "topics: [{ id: ferries, match: ferry }]\nsources: [{ url: 'https://nobody.invalid/feed.xml?token=hush' }]\n\
         schedule: { poll: '* * * * *' }\n",
    );
    let daemon = desk.daemon();
    daemon.get("/t/ferries/feed.json");
    desk.configure("nonsense: true\n");
    daemon.signal("HUP");
    daemon.logged("is refused");
    let families = || families(&daemon.admin("/metrics").text());
    until("a request and every stage in the numbers", || {
        let families = families();
        let stages = families.get("newswire_stage_alive_timestamp_seconds").map_or(0, |family| family.rows.len());
        (stages == 9 && families.contains_key("newswire_fetch_requests_total")).then_some(families)
    })
}

#[test]
fn numbers_are_what_prometheus_reads() {
    let families = numbers();
    for (name, Family { kind, has_help, rows }) in &families {
        assert!(*has_help && !kind.is_empty() && !rows.is_empty(), "{name}");
        // https://prometheus.io/docs/practices/naming/
        assert!(name.starts_with("newswire_") || name.starts_with("process_"), "{name}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
        assert!(
            !["_ms", "_minutes", "_kb", "_mb", "_count"]
                .iter()
                .any(|end| name.trim_end_matches("_total").ends_with(end))
        );
        for (labels, value) in rows {
            assert!(value.is_finite() && *value >= 0.0, "{name} {labels:?} {value}");
            // No host, address or secret is a label: those have no bound, and the last one is nobody's business.
            assert!(
                labels.values().all(|value| !value.contains(['/', '.']) || name == "newswire_build_info"),
                "{labels:?}"
            );
        }
        assert!(rows.len() <= 205, "{name}");
    }
    let value = |name: &str, label: Option<(&str, &str)>| {
        let labels = label.into_iter().map(|(label, value)| (label.to_owned(), value.to_owned())).collect();
        *families[name].rows.get(&labels).unwrap_or_else(|| panic!("{name} {label:?}: {:?}", families[name]))
    };
    let is = |name: &str, label, expect: f64| assert!((value(name, label) - expect).abs() < 0.5, "{name}");
    is("newswire_config_refused", None, 1.0);
    is("newswire_sources", None, 1.0);
    is("newswire_topic_stories", Some(("topic", "ferries")), value("newswire_topic_stories", Some(("topic", "all"))));
    assert!(value("newswire_http_answers_total", Some(("status", "2xx"))) >= 1.0);
    assert!(value("newswire_stage_alive_timestamp_seconds", Some(("stage", "group"))) > 1.6e9);
    assert!(value("newswire_store_bytes", None) > 4096.0);
    assert!(value("process_resident_memory_bytes", None) > 1e6);
}

/// The names of numbers in an expression, each with the labels that it is asked for by.
fn named(expression: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut found = Vec::new();
    for start in ["newswire_", "process_"] {
        for (at, _) in expression.match_indices(start) {
            let rest = &expression[at..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let matchers =
                rest[end..].strip_prefix('{').and_then(|inside| inside.split('}').next()).unwrap_or_default();
            let label = |matcher: &str| matcher.split(['=', '!']).next().unwrap_or_default().trim().to_owned();
            let labels = matchers.split(',').map(label).filter(|label| !label.is_empty()).collect();
            found.push((rest[..end].to_owned(), labels));
        }
    }
    found
}

/// Fails where an expression asks for a number or a label that is not there.
#[track_caller]
fn is_known(expression: &str, families: &BTreeMap<String, Family>) {
    // What Prometheus adds to every row.
    let added = ["job", "instance"];
    for (name, labels) in named(expression) {
        let family = families.get(&name).unwrap_or_else(|| panic!("there is no number {name}: {expression}"));
        let known: BTreeSet<&str> = family.rows.keys().flatten().map(|(label, _)| label.as_str()).collect();
        let unknown = labels.iter().find(|label| !known.contains(label.as_str()) && !added.contains(&label.as_str()));
        assert!(unknown.is_none(), "{name} has no label {unknown:?}: {expression}");
    }
}

#[test]
fn dashboard_and_alerts_name_only_numbers_that_are_there() {
    let mut families = numbers();
    // Nothing was delivered and nothing read here; the rows come with the first one.
    let later = ["newswire_fetch_received_bytes_total"];
    families.extend(later.map(|name| (name.to_owned(), Family { kind: "counter".into(), ..Family::default() })));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/monitoring");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();

    let board: serde_json::Value = serde_json::from_str(&read("grafana.json")).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let targets: Vec<&serde_json::Value> =
        panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten().collect();
    let shown: String = targets.iter().map(|target| target["expr"].as_str().unwrap().to_owned() + "\n").collect();
    assert!(targets.len() > 25);
    shown.lines().for_each(|expression| is_known(expression, &families));
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let alerts: serde_yaml::Value = serde_yaml::from_str(&read("alerts.yaml")).unwrap();
    let rules = alerts["groups"][0]["rules"].as_sequence().unwrap();
    assert!(rules.len() > 8);
    for rule in rules {
        is_known(rule["expr"].as_str().unwrap(), &families);
        for said in [
            &rule["alert"],
            &rule["labels"]["severity"],
            &rule["annotations"]["summary"],
            &rule["annotations"]["description"],
        ] {
            assert!(said.as_str().is_some_and(|said| !said.is_empty()), "{rule:?}");
        }
    }
    // And none is made that nobody looks at.
    let used = shown + &read("alerts.yaml") + &read("grafana.json");
    let unused: Vec<&String> = families.keys().filter(|name| !used.contains(name.as_str())).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn names_from_outside_are_escaped_and_bounded() {
    let topics: Vec<String> = (0..250).map(|number| format!("{{ id: t{number:03}, match: x }}")).collect();
    let desk = Desk::new(&format!("topics: [{}]\n", topics.join(", ")));
    let daemon = desk.daemon();
    let families = families(&daemon.admin("/metrics").text());
    assert_eq!(families["newswire_topic_stories"].rows.len(), 200);
}
