//! The OpenGraph protocol (<https://ogp.me>) and Facebook's `article:` properties.

use super::{Candidate, Field, Gathered, Value};

const TEXTS: &[(&str, Field)] = &[
    ("og:title", Field::Title),
    ("og:description", Field::Description),
    ("og:site_name", Field::SiteName),
    ("og:url", Field::Canonical),
    ("og:locale", Field::Lang),
    ("og:article:published_time", Field::Published),
    ("article:published_time", Field::Published),
    ("article:published", Field::Published),
    ("og:published_time", Field::Published),
    ("article:modified_time", Field::Modified),
    ("article:modified", Field::Modified),
    ("og:updated_time", Field::Modified),
    ("article:section", Field::Section),
    ("article:tag", Field::Tag),
    ("og:article:tag", Field::Tag),
    ("og:video:tag", Field::Tag),
];

const AUTHORS: &[&str] = &["article:author:name", "article:author", "og:article:author", "article:authors"];

/// Candidates of the page's OpenGraph properties.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (name, field) in TEXTS {
        found.extend(page.meta(name).map(|content| Candidate::text(*field, content, *name)));
    }
    for name in AUTHORS {
        let value = |content: &str| Value::Name(content.to_owned(), None);
        let author = |content| Candidate { field: Field::Author, value: value(content), place: (*name).to_owned() };
        found.extend(page.meta(name).map(author));
    }
    found.extend(images(page));
    found.extend(page.meta("og:type").map(|kind| Candidate::text(Field::Kind, kind, "og:type")));
    let tier = page.meta("article:content_tier").next().map(|tier| matches!(tier.trim(), "locked" | "metered"));
    found.extend(tier.map(|paid| Candidate {
        field: Field::Paywalled,
        value: Value::Flag(paid),
        place: "article:content_tier".to_owned(),
    }));
    found
}

/// Each `og:image` with the `og:image:width` and `og:image:height` that follow it before the next one.
fn images(page: &Gathered) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for meta in &page.metas {
        let content = meta.content.trim();
        if let ("og:image" | "og:image:url" | "og:image:secure_url", false) = (meta.name.as_str(), content.is_empty()) {
            let value = Value::Image(content.to_owned(), None, None);
            found.push(Candidate { field: Field::Image, value, place: meta.name.clone() });
            continue;
        }
        let is_width = match meta.name.as_str() {
            "og:image:width" => true,
            "og:image:height" => false,
            _ => continue,
        };
        let size = content.trim_end_matches("px").parse().ok().filter(|size| *size > 0);
        // The secure address comes second and shares the size.
        for candidate in found.iter_mut().rev() {
            let Value::Image(_, width, height) = &mut candidate.value else { break };
            let slot = if is_width { width } else { height };
            *slot = slot.or(size);
            if candidate.place == "og:image" {
                break;
            }
        }
    }
    found
}
