//! What only many seeds together show: articles that more than one of them names.

use std::collections::BTreeMap;

use crate::model::{Entry, Finding, Place, Seed, Severity};
use crate::url;
use crate::yaml::Spans;

use super::document;

/// Entries of a seed that are searched for a place; beyond, a finding names only the file.
const MAX_RELATED: usize = 1_000;

/// Findings about articles that two seeds lead with (a warning) or name otherwise (a note), one a pair of
/// file and article, in the order of `seeds`. `seeds` are the files' names and what they hold.
///
/// The finding stands in the later file and names the first that has the article. Seeds with one lead
/// become one story; an article that two seeds list stands where it fits better. `place` says where an entry
/// stands in a file: [`place_of`], where its bytes are at hand. It is asked only where there is something to say.
#[must_use]
pub fn lint_together(seeds: &[(String, &Seed)], place: impl Fn(&str, &Entry) -> Option<Place>) -> Vec<Finding> {
    let mut first: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    let mut findings = Vec::new();
    for (index, (file, seed)) in seeds.iter().enumerate() {
        for (rank, entry) in seed.entries().enumerate() {
            let is_lead = rank == 0;
            let keys = keys(entry);
            let known = keys.iter().find_map(|key| first.get(key)).copied();
            match known {
                Some((other, was_lead)) if other != index => {
                    let other = seeds.get(other).map_or("", |(file, _)| file.as_str());
                    let place = place(file, entry);
                    findings.push(Finding { place, ..finding(file, other, entry, (is_lead, was_lead)) });
                }
                _ => {}
            }
            for key in keys {
                first.entry(key).or_insert((index, is_lead));
            }
        }
    }
    findings
}

fn finding(file: &str, other: &str, entry: &Entry, (is_lead, was_lead): (bool, bool)) -> Finding {
    let address = url::mask(&entry.url);
    let (severity, message, help) = match (is_lead, was_lead) {
        (true, true) => (
            Severity::Warning,
            format!("`{address}` leads {other} too"),
            "both become one story: join the files, or give one another lead",
        ),
        (true, false) => (
            Severity::Note,
            format!("`{address}` leads this seed and is related in {other}"),
            "it stands in the story where it fits better and is related in the other",
        ),
        (false, true) => (
            Severity::Note,
            format!("`{address}` is related here and leads {other}"),
            "it stands in the story where it fits better and is related in the other",
        ),
        (false, false) => (
            Severity::Note,
            format!("`{address}` is related in {other} too"),
            "it stands in the story where it fits better and is related in the other",
        ),
    };
    Finding { severity, file: file.to_owned(), place: None, message, help: Some(help.to_owned()) }
}

/// Where the address of `entry` stands in the seed `file` with the content `bytes`.
#[must_use]
pub fn place_of(file: &str, bytes: &[u8], entry: &Entry) -> Option<Place> {
    let document = document::split(file, bytes).ok()?;
    let spans = Spans::of(document.yaml).ok()?;
    let related = (0..MAX_RELATED).map(|rank| format!("related[{rank}].webUrl"));
    let mut paths = std::iter::once("webUrl".to_owned()).chain(related);
    let key = url::key(&entry.url);
    let is_it = |path: &String| {
        let written = spans.value(path).and_then(|place| written(document.yaml, place));
        written.and_then(|address| url::canonical(&address).ok()).is_some_and(|address| url::key(&address) == key)
    };
    paths.find(is_it).and_then(|path| spans.key(&path))
}

/// The text at `place`, without its quotes.
fn written(yaml: &str, place: Place) -> Option<String> {
    let line = yaml.lines().nth(place.line.checked_sub(1)?)?;
    let text: String = line.chars().skip(place.column.saturating_sub(1)).take(place.length).collect();
    Some(text.trim_matches(['"', '\'']).to_owned())
}

fn keys(entry: &Entry) -> Vec<String> {
    std::iter::once(&entry.url).chain(&entry.aliases).map(|address| url::key(address)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(lead: &str, related: &[&str]) -> Seed {
        let entry = |url: &&str| Entry { url: format!("https://a.example/{url}"), ..Entry::default() };
        Seed { lead: entry(&lead), related: related.iter().map(entry).collect(), ..Seed::default() }
    }

    fn check(seeds: &[Seed], expect: &[&str]) {
        let named: Vec<_> = seeds.iter().enumerate().map(|(index, seed)| (format!("{index}.md"), seed)).collect();
        let found: Vec<_> = lint_together(&named, |_, _| None)
            .into_iter()
            .map(|finding| format!("{} {:?} {}", finding.file, finding.severity, finding.message))
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn articles_of_two_seeds() {
        check(&[seed("a", &["b"]), seed("c", &["d"])], &[]);
        check(&[seed("a", &["b"]), seed("a", &[])], &["1.md Warning `https://a.example/a` leads 0.md too"]);
        check(&[seed("a", &["b"]), seed("c", &["b"])], &["1.md Note `https://a.example/b` is related in 0.md too"]);
        check(
            &[seed("a", &["b"]), seed("b", &["a"])],
            &[
                "1.md Note `https://a.example/b` leads this seed and is related in 0.md",
                "1.md Note `https://a.example/a` is related here and leads 0.md",
            ],
        );
    }

    #[test]
    fn places_are_those_of_the_address() {
        let text = "---\ntitle: T\nwebUrl: \"https://a.example/a?utm_source=x\"\nrelated:\n  - title: U\n    webUrl: http://www.a.example/b\n---\n";
        let check = |path: &str, expect: Option<(usize, usize)>| {
            let entry = Entry { url: format!("https://a.example/{path}"), ..Entry::default() };
            let place = place_of("x.md", text.as_bytes(), &entry);
            assert_eq!(place.map(|place| (place.line, place.column)), expect, "{path}");
        };
        check("a", Some((3, 1)));
        check("b", Some((6, 5)));
        check("c", None);
    }
}
