//! The seeds that ship with the project, read as an operator's own; and files that mean harm.

#![expect(clippy::expect_used, reason = "a fixture that cannot be read is a failed test")]

use jiff::Timestamp;
use newswire::model::Seed;
use newswire::{seed, url};

fn shipped() -> Vec<(String, Seed)> {
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/config/seeds");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file")).collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    files
        .into_iter()
        .map(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            let reading = seed::read(&name, &std::fs::read(file.path()).expect("its bytes"), now);
            assert_eq!(reading.findings, [], "{name}");
            (name, reading.seed.expect("a seed"))
        })
        .collect()
}

#[test]
fn shipped_seeds_have_no_findings() {
    let seeds = shipped();
    assert_eq!(seeds.len(), 3);
    let named: Vec<_> = seeds.iter().map(|(name, seed)| (name.clone(), seed)).collect();
    assert_eq!(seed::lint_together(&named, |_, _| None), []);
}

#[test]
fn shipped_seeds_show_what_a_seed_can_say() {
    let seeds: Vec<Seed> = shipped().into_iter().map(|(_, seed)| seed).collect();
    assert_eq!(seeds.iter().filter(|seed| !seed.published).count(), 1);
    assert_eq!(seeds.iter().filter(|seed| seed.note.is_some()).count(), 1);
    assert_eq!(seeds.iter().filter(|seed| seed.labels.iter().any(|label| label == "Space")).count(), 2);
    assert!(seeds.iter().all(|seed| !seed.related.is_empty()));
    assert!(seeds.iter().flat_map(Seed::entries).any(|entry| !entry.aliases.is_empty()));
}

#[test]
fn shipped_seeds_bother_nobody() {
    for (name, seed) in shipped() {
        for entry in seed.entries() {
            let images = entry.images.iter().map(|image| &image.url);
            for address in std::iter::once(&entry.url).chain(&entry.aliases).chain(images) {
                let host = url::host(address).expect("a host");
                // RFC 2606 keeps these names for documentation: nobody answers there.
                assert!(host.ends_with(".example"), "{name}: {address}");
            }
        }
    }
}

#[test]
fn a_hostile_file_costs_little() {
    let now = Timestamp::UNIX_EPOCH;
    let deep = format!("---\n{}\n---\n", "[".repeat(100_000));
    let lines = format!("---\n{}\n---\n", "- [\n".repeat(50_000));
    let quotes = format!("---\n{}\n---\n", "'".repeat(200_000));
    let keys = format!("---\n{}---\n", "? a\n".repeat(50_000));
    let related = format!("---\ntitle: T\nwebUrl: https://a.example/\nrelated:\n{}---\n", "- x\n".repeat(50_000));
    let topics = format!("---\ntitle: T\nwebUrl: https://a.example/\ntopics:\n{}---\n", "- x\n".repeat(50_000));
    let tags = format!("---\ntitle: {}\nwebUrl: https://a.example/\n---\n", "<b ".repeat(60_000));
    for text in [deep, lines, quotes, keys, related, tags, "-".repeat(2 << 20), topics] {
        let reading = seed::read("bad.md", text.as_bytes(), now);
        let findings = reading.findings.len();
        assert!((1..=201).contains(&findings), "{findings} findings");
    }
}
