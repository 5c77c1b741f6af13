//! Seeds: the bytes of one file go in, a [`Seed`] and what an operator should know about the file come out.
//!
//! A broken value costs as little as it can: an alias, a picture, one related entry. Only what the seed
//! cannot do without (its title, its address, whether it is published) costs the seed. The value of
//! `secured` is skipped while parsing and is in no message. Text is plain text: nothing is decoded or
//! taken for markup. No input takes unbounded time or makes this panic.

mod document;
mod entry;
mod lenient;
mod lint;
mod raw;
mod report;
mod together;
mod tree;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{Finding, Seed};
use crate::yaml::{self, Spans};

use document::Document;
use entry::Builder;
use raw::RawEntry;
use report::Report;

pub use document::{MAX_BYTES, shown};
pub use together::{lint_together, place_of};

/// What came of reading a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The seed; `None` exactly when a finding is an error.
    pub seed: Option<Seed>,
    /// What was found, in the file's order.
    pub findings: Vec<Finding>,
}

/// Reads the seed `file`, whose content is `bytes`, as of `now`.
///
/// `file` is the name the operator knows; `.yaml` and `.yml` are one YAML document, any other name is
/// front matter between `---` lines and an optional Markdown body. A caller may cut `bytes` after
/// [`MAX_BYTES`] + 1. Addresses are canonical, times without zone are UTC.
#[must_use]
pub fn read(file: &str, bytes: &[u8], now: Timestamp) -> Reading {
    match document::split(file, bytes) {
        Err(finding) => Reading { seed: None, findings: vec![finding] },
        Ok(document) => read_document(file, &document, now),
    }
}

fn read_document(file: &str, document: &Document<'_>, now: Timestamp) -> Reading {
    let broken = |problem: yaml::YamlProblem| Reading {
        seed: None,
        findings: vec![report::broken(file, problem.line, problem.column, problem.message)],
    };
    if let Err(problem) = yaml::guard(document.yaml) {
        return broken(problem);
    }
    let mut report = Report::default();
    let raw = match serde_yaml::from_str::<RawEntry>(document.yaml) {
        Ok(raw) => raw,
        // The typed reader stops at the first odd value and does not say where it stands: look closer.
        Err(_) => match Spans::of(document.yaml) {
            Err(problem) => return broken(problem),
            Ok(spans) => match lenient::read(document.yaml, &spans, &mut report) {
                Ok(raw) => raw,
                Err(problem) => return broken(problem),
            },
        },
    };
    let seed = build(raw, document, now, &mut report);
    let has_error = report.has_error();
    Reading { seed: seed.filter(|_| !has_error), findings: report.finish(file, document.yaml) }
}

/// The seed that `raw` states, each article once.
fn build(mut raw: RawEntry, document: &Document<'_>, now: Timestamp, report: &mut Report) -> Option<Seed> {
    let related = raw.related.take();
    let labels = raw.topics.take();
    let heat = raw.heat.take();
    let published = raw.published.take();
    if related.as_ref().is_some_and(Vec::is_empty) {
        report.empty("related");
    }
    let mut builder = Builder { now, report };
    let lead = builder.entry(raw, "");
    let labels = builder.labels(labels);
    let heat = builder.heat(heat);
    let related = builder.related(related.unwrap_or_default());
    let lead = lead?;
    let mut seen = BTreeMap::new();
    note_keys(&lead, "webUrl", &mut seen);
    let mut kept = Vec::with_capacity(related.len());
    for (path, entry) in related {
        if let Some(first) = keys(&entry).find_map(|key| seen.get(&key)) {
            report.twice(&path, first);
            continue;
        }
        note_keys(&entry, &path, &mut seen);
        kept.push(entry);
    }
    Some(Seed { lead, related: kept, labels, heat, published: published.unwrap_or(true), note: document.note() })
}

/// The identity keys of an entry: its address and every alias.
fn keys(entry: &crate::model::Entry) -> impl Iterator<Item = String> {
    std::iter::once(&entry.url).chain(&entry.aliases).map(|address| crate::url::key(address))
}

fn note_keys(entry: &crate::model::Entry, path: &str, seen: &mut BTreeMap<String, String>) {
    for key in keys(entry) {
        seen.entry(key).or_insert_with(|| path.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Image, Publisher};

    fn now() -> Timestamp {
        "2024-03-01T00:00:00Z".parse().unwrap()
    }

    fn reading(yaml: &str) -> Reading {
        read("a.md", format!("---\n{yaml}\n---\n").as_bytes(), now())
    }

    /// The findings of `yaml`, which starts at line 2: `line:column severity message`.
    fn found(yaml: &str) -> Vec<String> {
        let reading = reading(yaml);
        let has_error = reading.findings.iter().any(|finding| finding.severity == crate::model::Severity::Error);
        assert_eq!(reading.seed.is_none(), has_error, "{yaml}");
        let show = |finding: &Finding| {
            let place = finding.place.unwrap_or_default();
            let letter = format!("{:?}", finding.severity).chars().next().unwrap_or(' ');
            format!("{}:{} {letter} {}", place.line, place.column, finding.message)
        };
        reading.findings.iter().map(show).collect()
    }

    const LEAD: &str = "title: T\nwebUrl: https://a.example/t\nprovider: {name: A, domain: a.example}\n";

    /// The findings of a proper lead (lines 2 to 4) and `more` (from line 5).
    fn check(more: &str, expect: &[&str]) {
        assert_eq!(found(&format!("{LEAD}{more}")), expect, "{more}");
    }

    fn fails(yaml: &str, expect: &[&str]) {
        assert_eq!(found(yaml), expect, "{yaml}");
    }

    /// The seed of a proper lead and `more`.
    fn seed(more: &str) -> Seed {
        reading(&format!("{LEAD}{more}")).seed.expect("a seed")
    }

    const FULL: &str = "\
category: news
title: \"Chips  for <AMZN.O>\"
excerpt: 'One\n  two'
publishedDateTime: 2020-11-12T19:00:00Z
originalUrl: https://a.example/t
webUrl: https://A.example/t?utm_source=x
ampWebUrl: https://a.example/t/amp/
cdnAmpWebUrl: https://a-example.cdn.ampproject.org/c/s/a.example/t/amp/
type: article
quality: 20
heat: -1
published: false
provider:
  name: The A
  domain: www.a.example
images:
  - url: https://img.example/1.jpg?w=1200&strip=all
    width: 1200
    height: 600
    isCached: true
topics: [AWS AI, AI]
related:
  - title: 2020
    webUrl: https://b.example/
    quality: 105
    publishedDateTime: 2020-11-12 19:00
    provider: {name: B, domain: b.example}
  - title: no
    webUrl: https://c.example/
    excerpt: null
    provider: {name: C, domain: c.example}
secured: 'TOPSECRET'
";

    #[test]
    fn every_key_has_its_meaning() {
        let file = format!("---\n{FULL}---\nA *note*.\n");
        let reading = read("a.md", file.as_bytes(), now());
        assert_eq!(reading.findings, []);
        let seed = reading.seed.unwrap();
        assert_eq!(seed.lead.title.as_deref(), Some("Chips for <AMZN.O>"));
        assert_eq!(seed.lead.url, "https://a.example/t");
        assert_eq!(seed.lead.aliases, ["https://a.example/t/amp/"]);
        assert_eq!(seed.lead.excerpt.as_deref(), Some("One two"));
        assert_eq!((seed.lead.category.as_deref(), seed.lead.kind.as_deref()), (Some("news"), Some("article")));
        assert_eq!(seed.lead.publisher, Some(Publisher { name: "The A".into(), domain: "a.example".into() }));
        let image =
            Image { url: "https://img.example/1.jpg?w=1200&strip=all".into(), width: Some(1200), height: Some(600) };
        assert_eq!(seed.lead.images, [image]);
        assert_eq!((seed.lead.quality, seed.heat, seed.published), (Some(20), None, false));
        assert_eq!(seed.labels, ["AWS AI", "AI"]);
        assert_eq!(seed.note.as_deref(), Some("A *note*."));
        let related: Vec<_> = seed.related.iter().map(|entry| entry.title.as_deref().unwrap_or("-")).collect();
        assert_eq!(related, ["2020", "no"]);
        assert_eq!(seed.related[0].published, "2020-11-12T19:00:00Z".parse().ok());
        assert!(!format!("{seed:?}").contains("TOPSECRET"));
    }

    #[test]
    fn defaults() {
        let bare = seed("");
        assert!(bare.published && bare.related.is_empty() && bare.labels.is_empty() && bare.note.is_none());
        assert_eq!((bare.heat, bare.lead.quality), (None, None));
        check("heat: null\nrelated:\ntopics: ~\nexcerpt:", &[]);
        assert_eq!(seed("heat: 3").heat, Some(3.0));
        check("<<: {}", &["5:1 W unknown key `<<`"]);
    }

    #[test]
    fn what_a_seed_cannot_do_without() {
        fails("webUrl: https://a.example/\nprovider: {name: A}", &["2:1 E `title` is missing"]);
        fails("title: T", &["2:1 E `webUrl` is missing"]);
        fails("title: ''\nwebUrl: https://a.example/", &["2:1 E `title` is empty"]);
        fails(
            "title: T\nwebUrl: a.example",
            &["3:1 E `webUrl` cannot be used: `a.example` is no absolute address: relative URL without a base"],
        );
        fails(
            "title: T\nwebUrl: https://a.example/b c",
            &["3:1 E `webUrl` cannot be used: `https://a.example/b c` has white space in it: write a blank as %20"],
        );
        fails("ampWebUrl: https://a.example/amp/\ntitle: T", &["2:1 E `webUrl` is missing"]);
        check("published: no", &["5:1 E `published` is neither `true` nor `false`"]);
        check("related: no list", &["5:1 E `related` is a text, not a list"]);
        check("related:\n  title: T", &["5:1 E `related` is a set of keys, not a list"]);
    }

    #[test]
    fn a_broken_value_costs_itself() {
        check("quality: high", &["5:1 W `quality` is no whole number and does not count"]);
        check("quality: 99999999999999999999", &["5:1 W `quality` is no whole number and does not count"]);
        check("heat: .nan", &["5:1 W `heat` is no number and does not count"]);
        check("publishedDateTime: soon", &["5:1 W `publishedDateTime` is no time and does not count"]);
        check("excerpt: [a]", &["5:1 W `excerpt` is a list: no text"]);
        check(
            "ampWebUrl: /amp/",
            &["5:1 W `ampWebUrl` does not count: `/amp/` is no absolute address: relative URL without a base"],
        );
        check("topics: AI", &["5:1 W `topics` is no list"]);
        assert_eq!(seed("topics: AI").labels, ["AI"]);
        check("images: [https://a.example/1.png]", &["5:10 W `images[0]` is a text: no `url`, `width` and `height`"]);
        assert_eq!(seed("images: [https://a.example/1.png]").lead.images.len(), 1);
        check(
            "images: [{url: https://a.example/1.png, width: 12px}]",
            &["5:41 W `width` is no number of pixels and does not count"],
        );
        let other = "related:\n- {title: R, webUrl: https://b.example/, quality: 1, provider: {name: B}}\n";
        let odd = format!(
            "{other}- {{title: S, webUrl: https://c.example/, quality: x, provider: {{name: B}}}}\n- 7\n- {{webUrl: https://d.example/}}"
        );
        check(
            &odd,
            &[
                "7:42 W `quality` is no whole number and does not count",
                "8:3 W this entry is skipped: it is a number, not a set of keys",
                "9:3 W this entry is skipped: `title` is missing",
            ],
        );
        let seed = seed(&odd);
        assert_eq!(seed.related.iter().map(|entry| entry.quality).collect::<Vec<_>>(), [Some(1), None]);
    }

    #[test]
    fn lint() {
        check("tilte: x", &["5:1 W unknown key `tilte`"]);
        check(
            "publishedDateTime: 2024-03-02T01:00:00Z",
            &["5:1 W `publishedDateTime` is in the future: 2024-03-02T01:00:00Z"],
        );
        check("publishedDateTime: 2024-03-01T23:00:00Z", &[]);
        check("excerpt: a <b>bold</b> move", &["5:1 W `excerpt` has HTML in it: `<b>`"]);
        check(
            "excerpt: ''\ntopics: []\nrelated: []\nimages: [{width: 1}]",
            &[
                "5:1 W `excerpt` is empty",
                "6:1 W `topics` is empty",
                "7:1 W `related` is empty",
                "8:10 W an image without `url` shows nothing",
            ],
        );
        check("topics: [AI, AI, '']", &["5:14 W this topic is in the list already", "5:18 W this topic is empty"]);
        check("excerpt: a\nexcerpt: b", &["6:1 E `excerpt` is written twice"]);
        fails("title: T\nwebUrl: https://a.example/", &["3:1 W `provider` is missing"]);
        fails(
            "title: T\nwebUrl: https://a.example/x/amp/\nprovider: {nam: x, name: A, domain: b c}",
            &[
                "3:1 W this is an AMP address, and the entry has no canonical one",
                "4:12 W unknown key `nam`",
                "4:29 W `domain` is no domain and does not count",
            ],
        );
    }

    #[test]
    fn lint_of_related_entries() {
        let entry = "related:\n- title: R\n  webUrl: https://b.example/\n  provider: {name: B}\n  ";
        let check = |more: &str, expect: &[&str]| check(&format!("{entry}{more}"), expect);
        check(
            "heat: 1\n  topics: [x]\n  secured: TOPSECRET",
            &[
                "9:3 W `heat` means nothing in a related entry",
                "10:3 W `topics` means nothing in a related entry",
                "11:3 W `secured` means nothing in a related entry",
            ],
        );
        check("title: S", &["9:3 W `title` is written twice"]);
        check("originalUrl: http://www.a.example/t/", &["6:3 W this article is in the seed already"]);
        check("originalUrl: https://b.example/", &[]);
    }

    #[test]
    fn the_first_of_two_stays() {
        let seed = seed(
            "related:\n- {title: R, webUrl: https://b.example/x/, provider: {name: B}}\n- {title: S, webUrl: http://www.b.example/x, provider: {name: B}}",
        );
        assert_eq!(seed.related.len(), 1);
        assert_eq!(seed.related[0].title.as_deref(), Some("R"));
    }

    #[test]
    fn bad_input_is_one_clear_line() {
        fails("title: 'T", &["2:8 E while scanning a quoted scalar, found unexpected end of stream"]);
        fails("- a\n- b", &["2:1 E a seed is a list of keys like `title: …`"]);
        fails("# nothing", &["3:1 E `title` is missing", "3:1 E `webUrl` is missing"]);
        fails(&"[".repeat(100_000), &["2:1001 E more than 1000 brackets are open at once"]);
        fails(&"[\n".repeat(100_000), &["1002:1 E more than 1000 brackets are open at once"]);
        fails(&"- ".repeat(5_000), &["2:129 E nested deeper than 64 levels"]);
        let mut bomb = vec!["a: &a [x, x, x, x, x, x, x, x, x, x]".to_owned()];
        for (this, last) in ('b'..='i').zip('a'..) {
            bomb.push(format!("{this}: &{this} [{}]", vec![format!("*{last}"); 10].join(", ")));
        }
        let bomb = found(&bomb.join("\n"));
        assert!(bomb[0].contains("more than 100000 values"), "{bomb:?}");
        let large = found(&format!("excerpt: {}", "x".repeat(300_000)));
        assert!(large[0].contains("at most 262144 are read"));
    }

    #[test]
    fn secured_is_in_no_message() {
        for yaml in [
            "title: 'T\nsecured: TOPSECRET",
            "secured: TOPSECRET\nsecured: TOPSECRET",
            "title: T\nsecured: [TOPSECRET",
            "title: T\n secured: TOPSECRET",
            "title: T\nsecured: &TOPSECRET",
            "title: T\nsecured: *TOPSECRET",
            "title: T\nsecured: !TOPSECRET x",
            "secured: {TOPSECRET: 1}\nquality: x",
            "secured TOPSECRET",
            "title: T\nsecured: \"\\TOPSECRET\"",
        ] {
            let reading = format!("{:?}", reading(yaml));
            assert!(!reading.contains("TOPSECRET"), "{yaml}: {reading}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read("a.yaml", &bytes, now());
        }

        #[test]
        fn no_yaml_panics(lines in prop::collection::vec("( {0,4}|- )(title|webUrl|related|images|provider|x): ?[-\\[{}\\]&*!'\"a-z0-9:/., ]{0,20}", 0..12)) {
            let reading = reading(&lines.join("\n"));
            prop_assert!(reading.seed.is_some() != reading.findings.iter().any(|finding| finding.severity == crate::model::Severity::Error));
        }

        #[test]
        fn damaged_seeds_cost_no_panic(at in 0..FULL.len(), with in "[\\[\\]{}:'\"&*\n -]{0,3}") {
            let mut text = FULL.to_owned();
            text.replace_range(at..=at, &with);
            let found = format!("{:?}", reading(&text));
            prop_assert!(at.abs_diff(FULL.find("TOPSECRET").unwrap_or(0)) < 20 || !found.contains("TOPSECRET"), "{}", found);
        }
    }
}
