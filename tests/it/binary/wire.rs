//! The main job on one story whose pages are out of reach: from a document in a folder to feeds and `status`.

use std::fs;

use super::story::{self, ARTICLES, BEST, OWN, SECRET};
use crate::support::process::{Desk, beside};

const TOPICS: [&str; 3] = ["ferry-power", "power", "sea-transport"];

/// No byte of what the program wrote or said holds `secret`.
#[track_caller]
fn keeps(desk: &Desk, secret: &str) {
    // A tail would do for whoever wants the whole.
    for part in [&secret[..12], &secret[secret.len() - 12..]] {
        for (path, bytes) in desk.traces() {
            let is_there = bytes.windows(part.len()).any(|window| window == part.as_bytes());
            assert!(!is_there, "the secret is in {}", path.display());
        }
    }
}

#[test]
fn a_document_becomes_feeds_though_no_page_answers() {
    let desk = story::desk("");
    desk.run(&["check"]).with_code(0).has("1 stories in /t/sea-transport/").has("all is well").lacks(SECRET);
    let said = desk.run(&["once"]).with_code(0).has("1 stories of 9 articles").has("9 pages or sources are in trouble");
    assert!(!said.err.contains(SECRET) && !said.out.contains(SECRET));
    for topic in TOPICS {
        for file in ["rss.xml", "atom.xml"] {
            story::is_told(desk.read(&format!("public/t/{topic}/{file}")).as_bytes(), BEST);
        }
    }
    story::is_told(desk.read("public/all/atom.xml").as_bytes(), BEST);
    keeps(&desk, SECRET);
}

#[test]
fn failed_fetches_show_in_status_with_their_next_try() {
    let desk = story::desk("");
    desk.run(&["once"]).with_code(0);
    let text = desk.run(&["status"]).with_code(0).has("next try 20").has("refused");
    for (_, host, path) in ARTICLES {
        assert!(text.out.contains(&format!("{host}{path}")), "{}", text.out);
    }
    let status = desk.run(&["status", "--json"]).with_code(0).json();
    let troubles = status["troubles"].as_array().unwrap();
    assert_eq!(troubles.len(), 9, "{status:#}");
    assert!(troubles.iter().all(|trouble| trouble["next_at"].is_string() && trouble["problem"].is_string()));
}

#[test]
fn a_second_pass_asks_nobody_again_and_changes_no_byte() {
    let desk = story::desk("");
    desk.run(&["once"]).with_code(0);
    let facts = |name: &str| fs::metadata(desk.path(name)).unwrap().modified().unwrap();
    let before = (desk.read("public/all/rss.xml"), facts("public/all/rss.xml"));
    let summary = desk.run(&["once", "--json"]).with_code(0).json();
    assert_eq!((&summary["seeds_read"], &summary["pages_asked"]), (&0.into(), &0.into()), "{summary:#}");
    assert_eq!((desk.read("public/all/rss.xml"), facts("public/all/rss.xml")), before);
}

#[test]
fn the_seed_may_lead() {
    let desk = story::desk("publish: { lead: seed }\n");
    desk.run(&["once"]).with_code(0);
    story::is_told(desk.read("public/t/power/rss.xml").as_bytes(), OWN);
}

#[test]
fn an_excluded_seed_leaves_empty_feeds_and_check_says_why() {
    let desk = story::desk("seeds: { paths: [seeds] }\ntopics: [{ id: power, labels: [Power] }]\n");
    let said =
        desk.run(&["check"]).with_code(0).has("excluded: it says `published: false`").has("include").lacks(SECRET);
    assert!(said.err.contains("ferry-cells.md:12:1"), "{}", said.err);
    assert!(said.out.contains("0 stories in /t/power/"), "{}", said.out);
    desk.run(&["once"]).with_code(0).has("1 seeds are excluded");
    for file in ["public/t/power/rss.xml", "public/t/power/atom.xml", "public/all/rss.xml"] {
        assert_eq!(story::parsed(desk.read(file).as_bytes()).entries.len(), 0);
    }
    desk.run(&["status"]).with_code(0).has("ferry-cells.md").has("excluded");
    keeps(&desk, SECRET);
}

#[test]
fn excluding_withdraws_and_including_restores_the_same_entry() {
    let desk = story::desk("topics: [{ id: power, labels: [Power] }]\n");
    let id =
        || story::parsed(desk.read("public/all/atom.xml").as_bytes()).entries.first().map(|entry| entry.id.clone());
    desk.run(&["once"]).with_code(0);
    let before = id();
    assert!(before.as_ref().is_some_and(|id| id.starts_with("tag:wire.example.org,")), "{before:?}");
    for (seeds, expect) in [("exclude", None), ("include", before.clone())] {
        let seeds = format!("seeds: {{ paths: [seeds], unpublished: {seeds} }}\n");
        desk.configure(&format!("{}{seeds}topics: [{{ id: power, labels: [Power] }}]\n", story::unreachable()));
        desk.run(&["once"]).with_code(0);
        assert_eq!(id(), expect, "{seeds}");
    }
}

#[test]
fn a_deleted_seed_withdraws_what_it_brought() {
    let desk = story::desk("topics: [{ id: power, labels: [Power] }]\n");
    desk.run(&["once"]).with_code(0);
    fs::remove_file(desk.path("seeds/2021-03-04-ferry-cells.md")).unwrap();
    desk.run(&["once"]).with_code(0);
    assert_eq!(story::parsed(desk.read("public/t/power/rss.xml").as_bytes()).entries.len(), 0);
}

/// The document that this program was asked for, where it is at hand: it is not ours to keep here.
#[test]
fn the_document_of_the_first_user() {
    let Some(seeds) = beside("data/seeds") else {
        eprintln!("passed over: there are no seeds beside the project");
        return;
    };
    let hosts = [
        "seekingalpha.com",
        "venturebeat.com",
        "www.fool.com",
        "www.reuters.com",
        "mobile.reuters.com",
        "elmoudjaweb.com",
        "arstechnica.com",
        "www.techradar.com",
        "www.itnews.com.au",
        "www.biometricupdate.com",
    ];
    let hosts: Vec<String> = hosts.iter().map(|host| format!("{host}: \"127.0.0.1:1\"")).collect();
    let more = format!(
        "fetch: {{ gap: 0s, allow_private: [127.0.0.0/8], connect_to: {{ {} }} }}\n\
         seeds: {{ paths: [\"{}\"], unpublished: include }}\n",
        hosts.join(", "),
        seeds.canonicalize().unwrap().display()
    );
    let desk = Desk::new(&more);
    desk.run(&["check"]).with_code(0).has("all is well");
    desk.run(&["once"]).with_code(0).has("1 stories of 9 articles");
    desk.run(&["status"]).with_code(0).has("next try 20");
    for topic in ["aws-ai", "ai", "computer-vision"] {
        for file in ["rss.xml", "atom.xml"] {
            let feed = story::parsed(desk.read(&format!("public/t/{topic}/{file}")).as_bytes());
            let [entry] = feed.entries.as_slice() else { panic!("{} entries", feed.entries.len()) };
            assert!(entry.title.as_ref().unwrap().content.starts_with("Amazon shifts some Alexa and Rekognition"));
            let body = story::body(entry);
            assert_eq!(body.matches("<li").count(), 9, "{body}");
            assert!(body.contains("Amazon.com Inc &#60;AMZN.O&#62; on Thursday"), "{body}");
        }
    }
    keeps(&desk, "TyUG1msOjLFOWai/iQcLI9vLGfH3TPb5OPF6mUJmmdoy7xe/4krRK3PTV2HYLn1h");
    let seed_first = format!("{more}publish: {{ lead: seed }}\n");
    desk.configure(&seed_first);
    desk.run(&["once"]).with_code(0);
    let feed = story::parsed(desk.read("public/t/ai/rss.xml").as_bytes());
    assert!(feed.entries[0].title.as_ref().unwrap().content.starts_with("Amazon moving some Alexa"));
}
