//! Every document is valid: the nasty corpus and what chance makes, by our rules and by the grammar of Atom.
//!
//! `NEWSWIRE_EDITIONS=10000 cargo test --test it publish::` makes ten thousand editions instead of a few.

use std::fs;
use std::path::Path;

use newswire::model::{Edition, PageRules};
use newswire::publish::{self, FORMATS, Site};

use super::corpus::{cases, editions, lively, random};
use super::rules::{self, atom, json, rss};
use super::{corpus, format, topics};
use crate::support::process::is_there;
use crate::support::tools::GRAMMAR;

/// What our rules say of a document in this format.
fn complaints(format: &str, document: &str) -> Vec<String> {
    match format {
        "rss" => rules::complaints(rss::RULES, document),
        "atom" => rules::complaints(atom::RULES, document),
        "json" => json::complaints(document),
        _ => Vec::new(),
    }
}

#[test]
fn no_rule_complains() {
    for edition in editions().into_iter().chain(random(cases())) {
        for format in FORMATS {
            let document = (format.render)(&edition);
            let told = complaints(format.name, &document);
            assert!(told.is_empty(), "{}: {}\n{document}", format.name, told.join("\n"));
        }
    }
}

/// Runs xmllint over every document, when it is installed; on CI it must be.
#[test]
fn the_grammar_agrees() {
    if !is_there("xmllint", &["xmllint", "--version"]) {
        return;
    }
    let all: Vec<Edition> = editions().into_iter().chain(random(cases())).collect();
    // A folder at a time: ten thousand names are more than a command line holds.
    for part in all.chunks(500) {
        let folder = tempfile::tempdir().unwrap();
        for (number, edition) in part.iter().enumerate() {
            for format in ["rss", "atom"].map(format) {
                fs::write(folder.path().join(format!("{number}.{}", format.name)), (format.render)(edition)).unwrap();
            }
        }
        let site = Site {
            title: corpus::MARK,
            home_url: "https://wire.example.org/",
            formats: &["atom"],
            pages: PageRules::default(),
        };
        fs::write(folder.path().join("list.opml"), publish::opml(&site, &topics())).unwrap();
        lint(folder.path(), &["rss", "opml"], &[]);
        lint(folder.path(), &["atom"], &["--relaxng", GRAMMAR]);
    }
}

fn lint(folder: &Path, kinds: &[&str], options: &[&str]) {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let of_kind = |file: &std::path::PathBuf| kinds.iter().any(|kind| file.extension().is_some_and(|is| is == *kind));
    let mut xmllint = std::process::Command::new("xmllint");
    let output = xmllint.args(["--noout", "--nonet"]).args(options).args(files.filter(of_kind)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A lively document with `from` replaced by `to`, once.
fn broken(format_name: &str, from: &str, to: &str) -> String {
    let edition = Edition { hub: Some("https://hub.example/".to_owned()), ..corpus::edition(vec![lively()]) };
    let document = (format(format_name).render)(&edition);
    assert_eq!(complaints(format_name, &document), Vec::<String>::new());
    assert!(document.contains(from), "{from} in {document}");
    document.replacen(from, to, 1)
}

/// The rules themselves: each finds what is wrong by it.
#[test]
fn every_rule_finds_its_mistake() {
    let check = |format: &str, from: &str, to: &str, rule: &str| {
        let told = complaints(format, &broken(format, from, to));
        assert!(told.iter().any(|told| told.starts_with(rule)), "{format}: {from} → {to}: {told:?}");
    };
    let rss = |from, to, rule| check("rss", from, to, rule);
    rss("</item>", "", "well-formed");
    rss("media:content", "medium:content", "well-formed");
    rss("version=\"2.0\"", "version=\"2.1\"", "root");
    rss("<description>AWS AI: one entry per story, with all its coverage</description>", "", "required");
    rss("<docs>", "<rights>a</rights><docs>", "known");
    rss("<docs>", "<ttl>1</ttl><ttl>2</ttl><docs>", "known");
    rss("<item>", "<item/><item>", "item");
    rss("<link>https://p0.example/a", "<link>/a", "addresses");
    rss("<pubDate>Thu", "<pubDate>Fri", "dates");
    rss("19:00:00 GMT", "19:00:00 CEST", "dates");
    rss("<atom:updated>2020", "<atom:updated>20", "dates");
    rss("isPermaLink=\"false\"", "", "guid");
    rss(">tag:wire.example.org,2026:s/", ">s/", "guid");
    rss("<language>en", "<language>en_US", "language");
    rss("<dc:creator>", "<author>Jane</author><dc:creator>", "author");
    rss("<ul>", "<ul onclick=\"x\">", "body");
    rss("href=\"https://p1.example/a\"", "href=\"/a\"", "body");
    rss("</ul>", "", "body");
    rss("rel=\"self\"", "rel=\"via\"", "self");
    rss("xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\"", "xmlns:sy=\"urn:x\"", "namespaces");
    rss("height=\"600\" medium", "height=\"0\" medium", "media");
    rss("hourly", "often", "pace");
    let atom = |from, to, rule| check("atom", from, to, rule);
    atom("http://www.w3.org/2005/Atom", "http://www.w3.org/2004/Atom", "root");
    atom("<name>Jane Doe</name>", "<name></name>", "persons");
    atom("<id>tag:wire.example.org,2026:s/", "<id>s/", "ids");
    atom("rel=\"self\"", "rel=\"related\"", "self");
    atom("rel=\"alternate\" type=\"text/html\"/><link", "rel=\"related\"/><link", "alternates");
    atom("href=\"https://p0.example/a\"", "href=\"a\"", "links");
    atom("<published>2020-11-12T", "<published>2020-11-12 ", "dates");
    atom("&lt;ul&gt;", "&lt;script&gt;", "body");
    atom("<source><title>Publisher 0</title>", "<source>", "source");
    atom("term=\"AWS AI\"", "term=\"\"", "categories");
    atom("ref=\"tag:", "ref=\"", "replies");
    let json = |from, to, rule| check("json", from, to, rule);
    json("\"version\"", "version", "JSON");
    json("version/1.1", "version/1", "schema");
    json("\"feed_url\"", "\"feed\"", "schema");
    json("\"_newswire\"", "\"newswire\"", "schema");
    json("\"id\": \"tag:", "\"id\": \"", "id");
    json("\"date_modified\": \"2020", "\"date_modified\": \"20", "schema");
    json("\"url\": \"https://p0.example/a\"", "\"url\": \"https:///a\"", "url");
}

/// The grammar too: it is of no use if it lets everything pass.
#[test]
fn the_grammar_finds_mistakes() {
    if !is_there("xmllint", &["xmllint", "--version"]) {
        return;
    }
    for (from, to) in [
        ("<updated>", "<modified>x</modified><updated>"),
        ("<title>", "<title>a</title><title>"),
        ("<id>", "<id> "),
        ("<published>2020", "<published>20"),
        ("term=\"AWS AI\"", ""),
        ("hreflang=\"en\"", "hreflang=\"e_n\""),
        ("type=\"html\"", "type=\"xhtml\""),
        ("<name>Jane Doe</name>", ""),
        ("href=\"https://p0.example/a\"", "href=\"https://p0.example/a b\""),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("broken.atom");
        fs::write(&file, broken("atom", from, to)).unwrap();
        let mut xmllint = std::process::Command::new("xmllint");
        let output = xmllint.args(["--noout", "--nonet", "--relaxng", GRAMMAR]).arg(file).output().unwrap();
        assert!(!output.status.success(), "{from} → {to}");
    }
}
