//! What became of every candidate, for people who ask why.
//!
//! In come the pool and what was chosen of it; out goes one line a candidate. It decides nothing.

use super::{Pool, Sourced, clean, date};
use crate::extract::names::{self, Trust};
use crate::extract::{Field, Value, title};
use crate::model::PageMetadata;
use crate::text;

/// Characters of a value shown.
const LONGEST: usize = 200;

/// One candidate and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// As the field is called in the output of `inspect page`.
    pub field: &'static str,
    /// `extractor:place`.
    pub from: String,
    /// As stated, made plain and short.
    pub value: String,
    /// Why it was taken or not, as a sentence without an end.
    pub verdict: &'static str,
}

/// Fields, their names in the output, and by which rule one candidate of several is taken.
const RULES: &[(Field, &str, &str)] = &[
    (
        Field::Title,
        "title",
        "taken: the headline that people see where a stated title says much the same, else the most trusted",
    ),
    (Field::Description, "description", "taken: the most trusted that says more than the title"),
    (
        Field::Author,
        "author",
        "taken: people before organisations, then the most trusted, unless a later place names more of them",
    ),
    (Field::SiteName, "site_name", "taken: the most trusted"),
    (
        Field::Published,
        "published",
        "taken: the day that most kinds of places agree on, as exactly as any of them says",
    ),
    (Field::Modified, "modified", "taken: the day that most kinds of places agree on, as exactly as any of them says"),
    (Field::Image, "image", "taken: the most trusted picture that is no logo and not tiny"),
    (Field::Canonical, "canonical", "taken: the most trusted web address that is not the home page"),
    (Field::Amp, "amp", "taken: the first web address"),
    (Field::Lang, "lang", "taken: the most trusted language tag"),
    (Field::Section, "section", "taken: the most trusted"),
    (Field::Tag, "tags", "taken: of the most trusted place that has tags"),
    (Field::Kind, "kind", "taken: the most trusted"),
    (Field::Paywalled, "paywalled", "taken: the most trusted"),
];

/// What became of all candidates, by field and in order of trust.
pub(super) fn judge(pool: &Pool, page: &PageMetadata) -> Vec<Judged> {
    let mut judged = Vec::new();
    for (field, name, rule) in RULES {
        let (winner, value) = chosen(page, *field);
        for sourced in pool.of(*field) {
            let from = format!("{}:{}", sourced.0, sourced.1.place);
            let shown = shown(&sourced.1.value);
            let says_same = value.as_deref().is_some_and(|value| same(pool, *field, value, &shown));
            let verdict = match refused(pool, *field, sourced) {
                _ if winner.as_deref() == Some(from.as_str()) && (says_same || *field == Field::Author) => rule,
                Some(reason) => reason,
                None if says_same => "says the same",
                None => "less trusted, or others agree on something else",
            };
            judged.push(Judged { field: name, from, value: text::shorten(&shown, LONGEST), verdict });
        }
    }
    judged
}

/// Where the value of a field was found, and the value as text.
fn chosen(page: &PageMetadata, field: Field) -> (Option<String>, Option<String>) {
    let text = |found: &Option<crate::model::Found<String>>| {
        found.as_ref().map(|found| (found.from.clone(), found.value.clone()))
    };
    let pair = match field {
        Field::Title => text(&page.title),
        Field::Description => text(&page.description),
        Field::Author => page.author.first().map(|found| (found.from.clone(), found.value.clone())),
        Field::SiteName => text(&page.site_name),
        Field::Published => page.published.as_ref().map(|found| (found.from.clone(), found.value.to_string())),
        Field::Modified => page.modified.as_ref().map(|found| (found.from.clone(), found.value.to_string())),
        Field::Image => page.image.as_ref().map(|found| (found.from.clone(), found.value.url.clone())),
        Field::Canonical => text(&page.canonical),
        Field::Amp => text(&page.amp),
        Field::Lang => text(&page.lang),
        Field::Section => text(&page.section),
        Field::Tag => page.tags.first().map(|found| (found.from.clone(), found.value.clone())),
        Field::Kind => text(&page.kind),
        Field::Paywalled => page.paywalled.as_ref().map(|found| (found.from.clone(), found.value.to_string())),
    };
    pair.unzip()
}

fn shown(value: &Value) -> String {
    let raw = match value {
        Value::Text(text) | Value::Name(text, _) => text.as_str(),
        Value::Image(address, _, _) => address.as_str(),
        Value::Flag(flag) => return flag.to_string(),
    };
    clean::plain(raw).unwrap_or_default()
}

fn same(pool: &Pool, field: Field, chosen: &str, stated: &str) -> bool {
    match field {
        Field::Published | Field::Modified => {
            let stated = date::plausible(stated, pool.day_first, pool.now);
            stated.is_some_and(|stated| chosen.parse().is_ok_and(|chosen| date::agree(chosen, stated)))
        }
        Field::Image | Field::Canonical | Field::Amp => {
            pool.address(stated).is_some_and(|address| address.split('#').next() == Some(chosen))
        }
        Field::Kind => clean::kind(stated) == Some(chosen),
        // A title without its site, a name without its role.
        _ => title::bare(stated).contains(&title::bare(chosen)),
    }
}

/// Why a candidate cannot be taken whatever the others say.
fn refused(pool: &Pool, field: Field, (_, candidate): &Sourced) -> Option<&'static str> {
    match (&candidate.value, field) {
        (Value::Text(text), Field::Published | Field::Modified) => date::plausible(text, pool.day_first, pool.now)
            .is_none()
            .then_some("refused: no date, or none between the first web page and now"),
        (Value::Text(text), Field::Canonical | Field::Amp) => {
            pool.address(text).is_none().then_some("refused: no web address")
        }
        (Value::Text(text), Field::Lang) => clean::language(text).is_none().then_some("refused: no language tag"),
        (Value::Text(text), Field::Kind) => clean::kind(text).is_none().then_some("refused: no kind that we know"),
        (Value::Text(text), _) => clean::plain(text).is_none().then_some("refused: empty"),
        (Value::Name(name, _), _) => names::read(name, Trust::Stated).is_empty().then_some("refused: no name"),
        (Value::Image(address, width, height), _) => super::image::refused(pool, address, *width, *height),
        (Value::Flag(_), _) => None,
    }
}
