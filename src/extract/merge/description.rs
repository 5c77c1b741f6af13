//! What the page says about its article in a sentence or two.
//!
//! In come the stated descriptions in order of trust; out goes the first that speaks of the article: not the title
//! again, not a system's stock, not what the site says on all its pages, and with no bare addresses in it, as far as a
//! page has a choice. A text that two kinds of places state goes before one that stands alone.

use std::collections::BTreeSet;

use super::{Pool, Sourced, clean, found};
use crate::extract::{Field, title};
use crate::model::Found;
use crate::text;

/// Characters of a description.
const LONGEST: usize = 2_000;

/// Letters by which two texts are told apart: one of them may be cut.
const TELLING: usize = 60;

/// Letters of a word that tells what a text is about.
const LONG_WORD: usize = 4;

/// Letters of a site's name below which it is a word like others.
const LONG_NAME: usize = 4;

/// What systems write where nobody wrote a description.
const STOCK: &[&str] = &["Visit the post for more.", "Post with no description", "No description available."];

/// What a system adds where it cut a text, in lower case.
const TAILS: &[&str] = &["read more", "continue reading", "weiterlesen", "[read more]"];

/// A description that may be shown.
struct Stated<'p> {
    text: String,
    /// Its letters alone.
    bare: String,
    from: &'p Sourced,
}

/// What the page says about its article.
pub(super) fn description(pool: &Pool, title: Option<&Found<String>>, sites: &[String]) -> Option<Found<String>> {
    let headline = title.map(|title| title::bare(&title.value)).unwrap_or_default();
    let stated: Vec<Stated> = pool
        .texts(Field::Description)
        .filter_map(|(from, value)| {
            let text = tidy(value)?;
            let bare = title::bare(&text);
            let is_stock = STOCK.iter().any(|stock| text.eq_ignore_ascii_case(stock));
            let is_site = sites.iter().any(|site| title::bare(site) == bare);
            (!is_stock && !is_site && !bare.is_empty() && bare != headline).then_some(Stated { text, bare, from })
        })
        .collect();
    let about = title.map(|title| long_words(&title.value)).unwrap_or_default();
    let sites: Vec<String> = sites.iter().map(|site| title::bare(site)).filter(|site| site.len() > LONG_NAME).collect();
    // The first of equals, which is the most trusted.
    let best = stated.iter().min_by_key(|one| {
        let is_of_site = sites.iter().any(|site| one.bare.contains(site)) && long_words(&one.text).is_disjoint(&about);
        let is_raw = one.text.contains("http://") || one.text.contains("https://");
        (is_of_site, is_raw, std::cmp::Reverse(witnesses(&stated, one)))
    })?;
    // One that was cut to a few words stands in full elsewhere.
    let is_same_in_full = |other: &&Stated| other.bare.len() > best.bare.len() && other.bare.starts_with(&best.bare);
    let full = Some(best).filter(|best| best.bare.len() < TELLING).and_then(|_| stated.iter().find(is_same_in_full));
    let chosen = full.unwrap_or(best);
    Some(found(text::shorten(&chosen.text, LONGEST), chosen.from))
}

/// How many kinds of places state the same; a card for sharing repeats another, so that it counts as one with it.
fn witnesses(stated: &[Stated], one: &Stated) -> usize {
    let start = |stated: &Stated| stated.bare.chars().take(TELLING).collect::<String>();
    let kind = |stated: &Stated| if stated.from.0 == "twitter" { "opengraph" } else { stated.from.0 };
    let own = start(one);
    stated.iter().filter(|other| start(other) == own).map(kind).collect::<BTreeSet<_>>().len()
}

fn long_words(text: &str) -> BTreeSet<String> {
    text::words(text).into_iter().filter(|word| word.chars().count() >= LONG_WORD).collect()
}

/// Plain text without what systems leave in it: a time before it, an invitation after it, blanks before commas.
fn tidy(value: &str) -> Option<String> {
    let plain = clean::plain(&value.replace("\\n", " "))?;
    let plain = plain.replace(" , ", ", ").replace(" -- ", " — ").replace("。 ", "。");
    let text = without_tail(without_time(&plain));
    // A quotation mark before a blank opens nothing.
    let text = text.strip_prefix("\" ").unwrap_or(text).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// `23.11.2026, 14.05 Uhr : Rain stops play` → `Rain stops play`.
fn without_time(text: &str) -> &str {
    let is_time = |c: char| c.is_ascii_digit() || matches!(c, '.' | ':' | ',' | '/' | '-' | ' ');
    let rest = text.trim_start_matches(is_time);
    let taken = text.get(..text.len() - rest.len()).unwrap_or_default();
    let is_dated = taken.chars().filter(char::is_ascii_digit).count() >= 8;
    let rest = rest.strip_prefix("Uhr").unwrap_or(rest);
    if is_dated { rest.trim_start_matches(is_time) } else { text }
}

fn without_tail(text: &str) -> &str {
    let is_tail = |tail: &&&str| {
        let start = text.len().checked_sub(tail.len());
        start.and_then(|start| text.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(tail))
    };
    match TAILS.iter().find(is_tail) {
        Some(tail) => text.get(..text.len() - tail.len()).unwrap_or(text).trim_end(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidied() {
        let check = |value: &str, expect: &str| assert_eq!(tidy(value).as_deref(), Some(expect), "{value}");
        check("Rain.\\nMore rain.", "Rain. More rain.");
        check("<em>The Wire </em>, a paper", "The Wire, a paper");
        check("23.11.2026, 14.05 Uhr : Rain", "Rain");
        check("2026 was wet", "2026 was wet");
        check("It rained andREAD MORE", "It rained and");
        check("\" It rained", "It rained");
        check("\"It rained\", he said", "\"It rained\", he said");
        assert_eq!(tidy(" "), None);
    }
}
