//! Bad input: each broken seed gets a clear line, costs bounded time, and the others are published.

use std::fmt::Write;
use std::fs::{self, File};

use crate::support::process::Desk;

const GOOD: &str = "---\ntitle: Harbour opens again\nwebUrl: https://a.example/harbour\n\
                    publishedDateTime: 2021-03-04T19:00:00Z\nprovider: { name: A, domain: a.example }\ntopics: [Sea]\n---\n";

fn desk() -> Desk {
    let desk = Desk::new("enrich: { seeds: none }\n");
    desk.seed("good.md", GOOD);
    desk
}

/// A good seed with `line` for its `key`.
fn with(key: &str, line: &str) -> String {
    let lines = GOOD.lines().map(|old| if old.starts_with(key) { line } else { old });
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    // Another article, so that nothing else is wrong.
    if key == "webUrl" { text } else { text.replace("/harbour", "/other") }
}

/// The broken `text` is told at `place` with `message`, by `check`, `once` and `status`; the good seed is published.
#[track_caller]
fn breaks(text: impl AsRef<[u8]>, place: &str, message: &str) {
    let desk = desk();
    desk.seed("bad.md", text);
    broken(&desk, place, message);
}

#[track_caller]
fn broken(desk: &Desk, place: &str, message: &str) {
    let said = desk.run(&["check"]).with_code(3).has(message).has("1 stories in /t/sea/");
    assert!(said.err.contains(&format!("bad.md{place}")), "no bad.md{place} in {}", said.err);
    assert!(said.err.len() < 20_000, "{} bytes of report", said.err.len());
    desk.run(&["once"]).with_code(0).has("1 are broken");
    assert!(desk.read("public/t/sea/rss.xml").contains("Harbour opens again"));
    desk.run(&["status"]).with_code(0).has("bad.md").has(message);
}

/// The odd `text` is told, and published all the same.
#[track_caller]
fn warns(text: &str, place: &str, message: &str) {
    let desk = desk();
    desk.seed("odd.md", text);
    let said = desk.run(&["check"]).with_code(0).has(message);
    assert!(said.err.contains(&format!("odd.md{place}")), "no odd.md{place} in {}", said.err);
    desk.run(&["once"]).with_code(0).has("of 2 articles");
}

#[test]
fn malformed_yaml() {
    breaks("---\ntitle: \"no end\nwebUrl: https://a.example/other\n---\n", ":", "");
    breaks("---\ntitle: x\n  webUrl: : y\n---\n", ":3:", "");
    breaks("no front matter at all", ":1:1", "---");
    breaks("", ":1:1", "empty");
    breaks("---\n---\n", ":2:1", "`title` is missing");
}

#[test]
fn alias_bombs() {
    let mut bomb = "---\na: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, of) in ["b", "c", "d", "e", "f", "g", "h", "i"].iter().zip(["a", "b", "c", "d", "e", "f", "g", "h"]) {
        writeln!(bomb, "{name}: &{name} [{}]", vec![format!("*{of}"); 9].join(", ")).unwrap();
    }
    bomb.push_str("---\n");
    breaks(bomb, ":7:8", "aliases add more than");
}

#[test]
fn nested_brackets() {
    breaks(format!("---\ntitle: {}\n---\n", "[".repeat(100_000)), ":2:", "bracket");
    breaks(format!("---\ntitle: {}\n---\n", "{a: ".repeat(50_000)), ":2:", "bracket");
}

#[test]
fn a_file_of_a_gigabyte() {
    let desk = desk();
    File::create(desk.path("seeds/bad.md")).unwrap().set_len(1 << 30).unwrap();
    broken(&desk, ":1:1", "1024 KiB");
}

#[test]
fn no_utf8() {
    breaks(b"---\ntitle: caf\xe9\nwebUrl: https://a.example/other\n---\n", ":2:11", "UTF-8");
}

#[test]
fn no_title() {
    breaks(with("title", "category: news"), ":", "title");
    breaks(with("title", "title: \"\""), ":2:", "title");
    breaks(with("webUrl", "category: news"), ":", "webUrl");
}

#[test]
fn related_that_is_no_list() {
    breaks(with("topics", "related: { title: x }"), ":6:1", "`related` is a set of keys, not a list");
    breaks(with("topics", "related: nothing"), ":6:1", "`related` is a text, not a list");
}

#[test]
fn addresses_with_spaces() {
    breaks(with("webUrl", "webUrl: \"https://a b.example/other\""), ":3:1", "https://a b.example");
    let desk = desk();
    desk.seed("odd.md", with("webUrl", "webUrl: \"https://a.example/with a space\""));
    desk.run(&["check"]).has("odd.md:3:1");
}

#[test]
fn a_date_in_the_future() {
    warns(&with("publishedDateTime", "publishedDateTime: 2999-01-01T00:00:00Z"), ":4:", "future");
    warns(&with("publishedDateTime", "publishedDateTime: last Thursday"), ":4:", "last Thursday");
}

#[test]
fn html_in_a_title() {
    let desk = desk();
    desk.seed("odd.md", with("title", "title: \"Ships <b>sail</b> & <script>alert(1)</script>\""));
    desk.run(&["check"]).with_code(0).has("odd.md:2:1");
    desk.run(&["once"]).with_code(0).has("2 stories of 2 articles");
    for file in ["public/all/index.html", "public/t/sea/index.html"] {
        let page = desk.read(file);
        assert!(!page.contains("<script>alert") && page.contains("&#60;b&#62;sail"), "{page}");
    }
}

#[test]
fn unknown_keys_and_doubles() {
    warns(&with("topics", "titel: x"), ":6:1", "titel");
    let desk = desk();
    desk.seed("again.md", GOOD);
    desk.run(&["check"]).with_code(0).has("again.md").has("good.md:3:1");
    desk.run(&["once"]).with_code(0).has("1 stories of 1 articles");
}

#[test]
fn a_file_that_cannot_be_read_and_a_folder_like_a_seed() {
    let desk = desk();
    fs::create_dir(desk.path("seeds/folder.md")).unwrap();
    std::os::unix::fs::symlink("nowhere", desk.path("seeds/link.md")).unwrap();
    std::os::unix::fs::symlink(".", desk.path("seeds/circle")).unwrap();
    desk.run(&["once"]).with_code(0).has("1 stories of 1 articles");
}

#[test]
fn the_last_good_version_stays_until_it_is_mended_or_removed() {
    let desk = desk();
    desk.run(&["once"]).with_code(0);
    desk.seed("good.md", "---\ntitle: [\n---\n");
    desk.run(&["once"]).with_code(0).has("1 stories of 1 articles").has("1 are broken");
    assert!(desk.read("public/t/sea/rss.xml").contains("Harbour opens again"));
    desk.seed("good.md", GOOD.replace("opens", "closes"));
    desk.run(&["once"]).with_code(0).lacks("broken");
    assert!(desk.read("public/t/sea/rss.xml").contains("Harbour closes again"));
}
