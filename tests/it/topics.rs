//! Topic rules as operators meet them: the documentation, tests in the configuration, `diff` and `explain`.

use std::fs;
use std::path::Path;

use newswire::topic::parse_rule;

use crate::binary::story;
use crate::support::process::{Desk, finish};

/// The page that documents the language.
fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/topics.md")).unwrap()
}

#[test]
fn every_example_of_the_page_holds_or_does_not() {
    let page = page();
    let mut examples = 0;
    for line in page.lines().filter(|line| line.ends_with("| yes |") || line.ends_with("| no |")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [rule, title, holds] = cells.as_slice() else { panic!("{line}") };
        let (rule, expect) = (rule.trim_matches('`'), if *holds == "yes" { "in" } else { "out" });
        assert!(parse_rule(rule).is_ok(), "{rule}");
        let desk = Desk::new(&format!(
            "topics:\n  - id: t\n    match: '{rule}'\n    tests:\n      - {{ article: {{ title: '{title}' }}, expect: {expect} }}\n"
        ));
        desk.run(&["check", "--config-only"]).with_code(0);
        examples += 1;
    }
    assert!(examples >= 10, "{examples}");
}

/// A topic with one test.
fn tested(rule: &str, article: &str, expect: &str) -> String {
    format!("topics:\n  - id: t\n    {rule}\n    tests:\n      - {{ article: {{ {article} }}, expect: {expect} }}\n")
}

#[test]
fn tests_see_every_field_of_an_article() {
    #[track_caller]
    fn check(rule: &str, article: &str, expect: &str) {
        let other = if expect == "in" { "out" } else { "in" };
        Desk::new(&tested(rule, article, expect)).run(&["check", "--config-only"]).with_code(0);
        Desk::new(&tested(rule, article, other)).run(&["check", "--config-only"]).with_code(3).has("topic `t` should");
    }
    check("match: 'excerpt:chip'", "title: A, excerpt: A new chip", "in");
    check("match: 'url:/chips/'", "url: 'https://a.example/chips/1'", "in");
    check("match: 'publisher:a.example'", "url: 'https://www.a.example/1'", "in");
    check("match: 'publisher:a.example'", "publisher: a.example", "in");
    check("match: 'publisher:\"ars technica\"'", "publisher: Ars Technica", "in");
    check("match: 'author:doe tag:ai tag:chips'", "author: Jane Doe, tag: [AI, chips]", "in");
    check("match: 'lang:de category:news kind:video'", "lang: de-AT, category: News, kind: video", "in");
    check("match: 'quality>=50'", "quality: 49", "out");
    check("labels: [AI]", "labels: ai", "in");
    check("labels: [AI]", "title: AI", "out");
    check("match: chips\n    min_publishers: 5", "title: Chips", "in");
}

#[test]
fn a_failing_test_is_told_with_its_place() {
    let desk = Desk::new(&tested("match: 'chip'", "title: Boats", "in"));
    let report = desk.run(&["check", "--config-only", "--json"]).with_code(3).json();
    let finding = &report["findings"][0];
    let text = desk.read("newswire.yaml");
    let line = text.lines().position(|line| line.contains("expect: in")).unwrap();
    let column = text.lines().nth(line).unwrap().rfind("in }").unwrap();
    assert_eq!((&finding["place"]["line"], &finding["place"]["column"]), (&(line + 1).into(), &(column + 1).into()));
    let message = finding["message"].as_str().unwrap();
    assert!(message.ends_with("its rule holds for no article: it has no `chip`"), "{message}");
    for (more, complaint) in [
        ("match: 'chip('", "topics[0].match"),
        ("match: 'chip'\n    test: []", "did you mean `tests`?"),
        ("match: 'chip'\n    tests: [{ article: { titel: x }, expect: in }]", "did you mean `title`?"),
        ("match: 'chip'\n    tests: [{ article: { title: x } }]", "`expect` is missing"),
        ("match: 'chip'\n    tests: [{ article: { title: x }, expect: maybe }]", "one of `in` or `out`"),
        ("match: 'chip'\n    tests: [{ expect: in }]", "`article` is missing"),
    ] {
        let desk = Desk::new(&format!("topics:\n  - id: t\n    {more}\n"));
        desk.run(&["check", "--config-only"]).with_code(3).has(complaint).lacks("should hold");
    }
}

#[test]
fn a_reload_refuses_a_configuration_whose_tests_fail() {
    let desk = story::desk("topics: [{ id: ferries, match: ferry }]\n");
    let daemon = desk.daemon();
    daemon.until("/t/ferries/feed.json", |feed| feed.status == 200);
    desk.configure(&tested("match: 'chip'", "title: Boats", "in"));
    daemon.signal("HUP");
    daemon.logged("should hold this article, but does not");
    assert_eq!(daemon.get("/t/ferries/feed.json").status, 200);
    assert_eq!(daemon.get("/t/t/feed.json").status, 404);
    desk.configure(&tested("match: 'chip'", "title: Boats", "out"));
    daemon.signal("HUP");
    daemon.until("/t/t/feed.json", |feed| feed.status == 200);
}

#[test]
fn the_largest_rule_is_read_and_judged_in_time() {
    // As many terms as 64 KiB hold with operators between them, and none of them there: the dearest case.
    let long: Vec<String> = (0..7_000).map(|number| format!("{number:x}z")).collect();
    let long = long.join(" OR ");
    let short: Vec<&str> = vec!["ab"; 10_000];
    let deep = format!("{}chip{}", "(".repeat(64), ")".repeat(64));
    let tests = "tests: [{ article: { title: Chip }, expect: ";
    let topics = format!(
        "topics:\n  - {{ id: long, match: '{long}', {tests}out }}] }}\n  - {{ id: short, match: '{}', {tests}out }}] }}\n  \
         - {{ id: deep, match: '{deep}', {tests}in }}] }}\n",
        short.join(" ")
    );
    Desk::new(&topics).run(&["check", "--config-only"]).with_code(0);
    let deeper = format!("topics: [{{ id: deep, match: '{}chip{}' }}]\n", "(".repeat(65), ")".repeat(65));
    Desk::new(&deeper).run(&["check", "--config-only"]).with_code(3).has("nests at most 64 deep");
    let longer = format!("topics: [{{ id: long, match: '{}' }}]\n", "a ".repeat(10_001));
    Desk::new(&longer).run(&["check", "--config-only"]).with_code(3).has("at most 10000 terms");
}

#[test]
fn a_difference_is_told_and_nothing_is_changed() {
    let desk = story::desk("topics: [{ id: ferries, match: ferry }, { id: gone, match: ferry }]\n");
    desk.run(&["once"]).with_code(0);
    let old = desk.read("newswire.yaml");
    fs::write(desk.path("old.yaml"), &old).unwrap();
    fs::write(desk.path("same.yaml"), format!("# another file, the same words\n{old}")).unwrap();
    let new = old.replace("id: ferries, match: ferry", "id: ferries, match: zeppelin").replace("id: gone", "id: new");
    fs::write(desk.path("new.yaml"), new).unwrap();
    let store = fs::read(desk.path("newswire.db")).unwrap();
    let run = |arguments: &[&str]| finish(&mut desk.command(arguments));
    run(&["diff", "old.yaml", "same.yaml"]).with_code(0).has("no topic would hold other stories");
    let told = run(&["diff", "old.yaml", "new.yaml", "--json"]).with_code(0).json();
    let of =
        |slug: &str| told["topics"].as_array().unwrap().iter().find(|topic| topic["topic"] == slug).unwrap().clone();
    let counts = |slug: &str| {
        let topic = of(slug);
        let len = |key: &str| topic[key].as_array().unwrap().len();
        (topic["is"].as_str().unwrap().to_owned(), len("enter"), len("leave"), topic["stay"].as_u64().unwrap())
    };
    assert_eq!(counts("ferries"), ("kept".to_owned(), 0, 1, 0));
    assert_eq!(counts("new"), ("new".to_owned(), 1, 0, 0));
    assert_eq!(counts("gone"), ("gone".to_owned(), 0, 1, 0));
    assert_eq!(of("ferries")["leave"][0]["why"], "its rule holds for no article: it has no `zeppelin`");
    assert_eq!(of("gone")["leave"][0]["why"], "the topic is gone");
    assert!(of("new")["enter"][0]["why"].as_str().unwrap().contains("`ferry` in its title"), "{told:#}");
    assert_eq!(fs::read(desk.path("newswire.db")).unwrap(), store);
    fs::write(desk.path("new.yaml"), "nonsense: true\n").unwrap();
    run(&["diff", "old.yaml", "new.yaml"]).with_code(3).has("unknown key `nonsense`");
    run(&["diff", "old.yaml", "missing.yaml"]).with_code(3).has("missing.yaml");
    run(&["diff", "old.yaml"]).with_code(2);
}

#[test]
fn explain_says_why_in_and_why_not() {
    let desk = story::desk("topics: [{ id: in, match: 'ferry NOT zeppelin' }, { id: out, match: 'zeppelin ferry' }]\n");
    desk.run(&["once"]).with_code(0);
    let url = format!("https://{}{}", story::ARTICLES[0].1, story::ARTICLES[0].2);
    let said = desk.run(&["explain", &url, "--topic", "in"]).with_code(0);
    said.has("in in: its lead matches the topic's rule: it has `ferry` in its title, no `zeppelin`")
        .lacks("not in out");
    let told = desk.run(&["explain", &url, "--topic", "out", "--json"]).with_code(0).json();
    assert_eq!(told["topics"][0]["why"], "its rule holds for no article: it has no `zeppelin`");
    let articles = told["topics"][0]["articles"].as_array().unwrap();
    assert_eq!(articles.len(), 9);
    assert!(articles.iter().all(|article| article["fits"] == false && article["why"] == "it has no `zeppelin`"));
    desk.run(&["explain", &url, "--topic", "none"]).with_code(1).has("there is no topic `none`");
}

#[test]
fn explain_says_where_readers_find_a_story() {
    let token = "veiled-topic-token-0815";
    let desk = story::desk(
        "topics: [{ id: open, match: ferry, limit: 1 }, { id: veiled, match: ferry, private: '${file:veil}' }]\n",
    );
    fs::write(desk.path("veil"), token).unwrap();
    desk.run(&["once"]).with_code(0);
    let url = format!("https://{}{}", story::ARTICLES[0].1, story::ARTICLES[0].2);
    let told = desk.run(&["explain", &url, "--json"]).with_code(0).lacks(token).json();
    let shown: Vec<(&str, u64, &str)> = told["shown"]
        .as_array()
        .unwrap()
        .iter()
        .map(|topic| {
            let first = topic["documents"][0][0].as_str().unwrap();
            (topic["topic"].as_str().unwrap(), topic["place"].as_u64().unwrap(), first)
        })
        .collect();
    // The address of a private topic is its secret.
    assert_eq!(shown, [("all", 1, "all/rss.xml"), ("open", 1, "t/open/rss.xml"), ("veiled", 1, "p/…/rss.xml")]);
    assert!(
        told["articles"]
            .as_array()
            .unwrap()
            .iter()
            .all(|article| article["stated_by"][0] == "seeds/2021-03-04-ferry-cells.md")
    );
    desk.run(&["explain", &url])
        .with_code(0)
        .has("shown in open, place 1 of at most 1\n  /t/open/rss.xml, changed 20")
        .has("\n  stated by seeds/2021-03-04-ferry-cells.md\n")
        .lacks(token);
}
