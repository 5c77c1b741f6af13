//! What was found in the pages, and by which source: pages teach each other in order, as in `inspect page`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use newswire::extract::{self, Pass, site};
use newswire::model::{Found, PageMetadata, Site, When};
use newswire::url;
use serde_json::{Value, json};

use crate::Page;

/// Sources that are named for a field; the rest is one.
const MOST_SOURCES: usize = 6;

type From = fn(&PageMetadata) -> Option<&str>;

const FIELDS: &[(&str, From)] = &[
    ("title", |page| from(page.title.as_ref())),
    ("description", |page| from(page.description.as_ref())),
    ("author", |page| from(page.author.first())),
    ("site_name", |page| from(page.site_name.as_ref())),
    ("published", |page| page.published.as_ref().map(|found| found.from.as_str())),
    ("image", |page| page.image.as_ref().map(|found| found.from.as_str())),
    ("canonical", |page| from(page.canonical.as_ref())),
    ("section", |page| from(page.section.as_ref())),
    ("tags", |page| from(page.tags.first())),
];

/// Prints in how many pages a field has a value, and the shares of the sources that won.
pub fn print(pages: &[Page]) {
    let found = all(pages, false);
    println!("\nwhich source won, of {} pages read as the daemon does", found.len());
    for (name, from) in FIELDS {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for source in found.iter().filter_map(|(_, page)| from(page)) {
            *counts.entry(source.split(':').next().unwrap_or(source)).or_default() += 1;
        }
        let total: usize = counts.values().sum();
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let share = |count: usize| count as f64 * 100.0 / total.max(1) as f64;
        let named: Vec<String> = counts
            .iter()
            .take(MOST_SOURCES)
            .map(|(source, count)| format!("{source} {:.1} %", share(*count)))
            .collect();
        println!("{name:12} {total:5} pages: {}", named.join(", "));
    }
}

/// Writes `whole.jsonl` and `stopped.jsonl` for a scorer.
pub fn write(pages: &[Page], folder: &Path) {
    for (name, is_whole) in [("whole", true), ("stopped", false)] {
        let lines: Vec<String> = all(pages, is_whole).iter().map(|(id, page)| object(id, page).to_string()).collect();
        fs::write(folder.join(format!("{name}.jsonl")), lines.join("\n") + "\n").expect("a folder to write to");
    }
}

/// What each page says, read whole or as the daemon does.
fn all(pages: &[Page], is_whole: bool) -> Vec<(&str, PageMetadata)> {
    let mut memory: BTreeMap<String, Site> = BTreeMap::new();
    let mut found = Vec::new();
    for page in pages {
        let domain = url::registrable_domain(&page.url).unwrap_or_default();
        let site = memory.get(&domain).cloned().unwrap_or_default();
        let mut pass = Pass::new(&page.url);
        let part = if is_whole { &page.bytes } else { extract::needed(&page.bytes, &mut pass) };
        let reading = pass.read(part, None, &site, Timestamp::MAX);
        if site::is_one(&domain) {
            memory.insert(domain, site::learn(&site, &reading.lesson));
        }
        found.push((page.id.as_str(), reading.page));
    }
    found
}

fn object(id: &str, page: &PageMetadata) -> Value {
    let text = |found: &Option<Found<String>>| found.as_ref().map(|found| found.value.clone());
    let texts = |list: &[Found<String>]| list.iter().map(|found| found.value.clone()).collect::<Vec<_>>();
    let moment = |found: &Option<Found<When>>| found.as_ref().map(|found| found.value.to_string());
    json!({
        "id": id,
        "title": text(&page.title),
        "description": text(&page.description),
        "author": texts(&page.author),
        "site_name": text(&page.site_name),
        "published": moment(&page.published),
        "modified": moment(&page.modified),
        "image": page.image.as_ref().map(|found| found.value.url.clone()),
        "canonical": text(&page.canonical),
        "lang": text(&page.lang),
        "section": text(&page.section),
        "tags": texts(&page.tags),
    })
}

fn from(found: Option<&Found<String>>) -> Option<&str> {
    found.map(|found| found.from.as_str())
}
