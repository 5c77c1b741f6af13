//! Microdata (WHATWG HTML 5) and RDFa: `itemprop` and `property` elements of the item that is the article.
//!
//! Properties belong to the item around them, so that the authors of comments and the dates of teasers are told from the
//! article's. Where no item calls itself an article, all properties count: many a template marks only those.

use super::{Candidate, Field, Gathered, Piece, Scope, Value, jsonld};

/// Properties, without their vocabulary, and the fields they state.
const FIELDS: &[(&str, Field)] = &[
    ("headline", Field::Title),
    ("description", Field::Description),
    ("abstract", Field::Description),
    ("datepublished", Field::Published),
    ("datecreated", Field::Published),
    // Dublin Core, as Drupal writes it.
    ("created", Field::Published),
    ("datemodified", Field::Modified),
    ("author", Field::Author),
    ("creator", Field::Author),
    ("articlesection", Field::Section),
    ("keywords", Field::Tag),
    ("inlanguage", Field::Lang),
];

/// Candidates of the page's `itemprop` elements.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    candidates(page, &page.properties)
}

/// Candidates of the page's `property` elements.
pub(super) fn read_rdfa(page: &Gathered) -> Vec<Candidate> {
    candidates(page, &page.statements)
}

fn candidates(page: &Gathered, pieces: &[Piece]) -> Vec<Candidate> {
    let article = page.scopes.iter().position(|scope| scope.property.is_empty() && jsonld::is_article(kind_of(scope)));
    let is_own = |piece: &&Piece| article.is_none() || piece.scope == article;
    let mut found = Vec::new();
    for piece in pieces.iter().filter(is_own) {
        for mark in piece.mark.split_whitespace() {
            let mark = mark.rsplit(':').next().unwrap_or(mark);
            let lower = mark.to_ascii_lowercase();
            let Some((_, field)) = FIELDS.iter().find(|(name, _)| *name == lower) else { continue };
            let values = if *field == Field::Author { names(page, piece) } else { value(*field, piece) };
            found.extend(values.into_iter().map(|value| Candidate { field: *field, value, place: mark.to_owned() }));
        }
    }
    found
}

/// Dates stand in `datetime` or `content`; other values are what people see.
fn value(field: Field, piece: &Piece) -> Vec<Value> {
    let text = piece.text.trim();
    let is_date = matches!(field, Field::Published | Field::Modified);
    let value = if is_date || text.is_empty() { piece.value.as_deref().unwrap_or(text) } else { text };
    if value.is_empty() { Vec::new() } else { vec![Value::Text(value.to_owned())] }
}

/// The names of an author: those of the item that it is, else its text.
fn names(page: &Gathered, piece: &Piece) -> Vec<Value> {
    let item = piece.item.and_then(|item| Some((item, page.scopes.get(item)?)));
    let is_person = item.and_then(|(_, scope)| match kind_of(scope) {
        "Person" => Some(true),
        "Organization" | "NewsMediaOrganization" => Some(false),
        _ => None,
    });
    let is_name = |name: &&Piece| {
        item.is_some_and(|(item, _)| name.scope == Some(item)) && name.mark.eq_ignore_ascii_case("name")
    };
    let stated = |piece: &Piece| {
        let text = piece.text.trim();
        let text = if text.is_empty() { piece.value.as_deref().unwrap_or_default().trim() } else { text };
        (!text.is_empty()).then(|| Value::Name(text.to_owned(), is_person))
    };
    let named: Vec<Value> = page.properties.iter().filter(is_name).filter_map(stated).collect();
    if named.is_empty() { stated(piece).into_iter().collect() } else { named }
}

/// The type of an item without the vocabulary's address.
fn kind_of(scope: &Scope) -> &str {
    let first = scope.kind.split_whitespace().next().unwrap_or_default();
    first.rsplit(['/', ':']).next().unwrap_or(first)
}
