//! Microdata, the basics: `itemprop` elements of an article, without following item scopes.

use super::{Candidate, Field, Gathered, Value};

/// Candidates of the page's `itemprop` elements.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let mut found = Vec::new();
    for piece in &page.properties {
        for mark in piece.mark.split_whitespace() {
            let field = match mark.to_ascii_lowercase().as_str() {
                "headline" => Field::Title,
                "description" | "abstract" => Field::Description,
                "datepublished" | "datecreated" => Field::Published,
                "datemodified" => Field::Modified,
                "author" | "creator" => Field::Author,
                "articlesection" => Field::Section,
                "keywords" => Field::Tag,
                "inlanguage" => Field::Lang,
                _ => continue,
            };
            let text = piece.text.trim();
            // Dates stand in `datetime` or `content`; other values are what people see.
            let is_date = matches!(field, Field::Published | Field::Modified);
            let value = if is_date || text.is_empty() { piece.value.as_deref().unwrap_or(text) } else { text };
            if value.is_empty() {
                continue;
            }
            let value = match field {
                Field::Author => Value::Name(value.to_owned(), None),
                _ => Value::Text(value.to_owned()),
            };
            found.push(Candidate { field, value, place: mark.to_owned() });
        }
    }
    found
}
