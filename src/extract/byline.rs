//! Authors as people see them: `rel=author`, and elements whose class says author or byline.
//!
//! Classes say many things with these words (`author-bio`, `comment-author`), so this is the last resort, and
//! a text that is too long for names is no byline.

use super::{Candidate, Field, Gathered, Piece, Value};

/// A line with several names and their roles; more is a biography.
const LONGEST: usize = 120;

/// Parts of a page that have authors of their own.
const OTHERS: &[&str] = &[
    "comment", "bio", "related", "avatar", "image", "photo", "social", "follow", "widget", "teaser", "quote", "count",
];

/// Candidates of the page's bylines, best first.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let is_link = |piece: &&Piece| piece.mark.split_whitespace().any(|word| word == "author") && !piece.nested;
    let links = page.bylines.iter().filter(is_link).map(|piece| ("rel:author", piece));
    let by_class = |word: &'static str| {
        page.bylines
            .iter()
            .filter(move |piece| piece.mark.to_ascii_lowercase().contains(word))
            .map(move |piece| (word, piece))
    };
    let names = links.chain(by_class("author-name")).chain(by_class("byline")).chain(by_class("author"));
    let mut found: Vec<Candidate> = Vec::new();
    for (place, piece) in names {
        let mark = piece.mark.to_ascii_lowercase();
        let text = piece.text.trim();
        if OTHERS.iter().any(|other| mark.contains(other)) || text.is_empty() || text.chars().count() > LONGEST {
            continue;
        }
        // Nested elements say the same again: of a class the first says it; links are one an author.
        if place != "rel:author" && found.iter().any(|known| known.place == place) {
            continue;
        }
        found.push(Candidate {
            field: Field::Author,
            value: Value::Name(text.to_owned(), None),
            place: place.to_owned(),
        });
    }
    found
}
