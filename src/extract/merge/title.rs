//! The headline: what people see at the top, told apart from what search engines are given.
//!
//! In come the titles that the page states and its `h1` elements; out goes one of them, without the site's name.
//! A visible headline is preferred where a stated title says much the same, since stated ones are often cut or
//! made for search; a stated one where the visible one has grown together with a kicker or a subtitle.

use std::collections::BTreeSet;

use super::{Pool, Sourced, clean, found};
use crate::extract::{Field, title};
use crate::model::Found;
use crate::text;

/// Characters of a title kept.
const LONGEST: usize = 500;

/// Places whose titles are made for search engines and tabs: a visible headline needs to share less with them.
const WEAK: &[&str] = &["html:title", "jsonld:WebPage", "jsonld:ItemPage", "meta:title", "meta:dc"];

/// What part of a headline's words, in hundredths, a stated title must hold: of a weak one, and of others.
const SHARED_WITH_WEAK: usize = 1;
const SHARED: usize = 40;

/// Words that a title must share with the address before the address is believed.
const SLUG_WORDS: usize = 2;

/// Marks that part a headline from a site's name and nothing else.
const PARTING: &[&str] = &[" | ", " » ", " :: ", " // ", " › "];

/// A stated title that is good to show.
struct Stated<'p> {
    text: String,
    from: &'p Sourced,
}

/// The title.
pub(super) fn title(pool: &Pool, sites: &[String]) -> Option<Found<String>> {
    let slug = slug(&pool.page.url);
    let headings = headings(pool, sites, &slug);
    let plain: Vec<String> = headings.iter().map(|(text, _)| text.clone()).collect();
    let stated: Vec<Stated> = pool
        .texts(Field::Title)
        .filter(|(from, _)| from.1.place != "h1")
        .filter_map(|(from, text)| Some(Stated { text: part_of_address(&strip(text, sites, &plain)?, &slug), from }))
        .collect();
    let chosen = headline(&headings, &stated);
    match (chosen, stated.first()) {
        (Some((heading, _)), Some(first)) if title::bare(heading) == title::bare(&first.text) => {
            // Where both say the same, the more trusted place is named.
            Some(found(shorten(&first.text), first.from))
        }
        (Some((heading, from)), _) => Some(found(shorten(heading), from)),
        (None, Some(first)) => Some(found(shorten(&first.text), first.from)),
        (None, None) => pool.first_text(Field::Title, clean::plain),
    }
}

/// Whether all stated titles say the same, but for the site's name: then the visible headline nearly always does.
pub(super) fn is_agreed(pool: &Pool, sites: &[String]) -> bool {
    let mut stated = pool.texts(Field::Title).filter(|(from, _)| from.1.place != "h1").map(|(_, text)| text);
    let bare = |text: &str| strip(text, sites, &[]).map(|text| title::bare(&text));
    let Some(first) = stated.next().and_then(bare) else { return false };
    // A tail that is not known to be the site's stays on.
    stated.all(|text| clean::plain(text).is_some_and(|text| title::bare(&text).contains(&first)))
}

fn shorten(title: &str) -> String {
    text::shorten(title, LONGEST)
}

/// The title as plain text without the site, unless it is the site.
fn strip(value: &str, sites: &[String], headings: &[String]) -> Option<String> {
    let title = title::strip(&clean::plain(value)?, sites, headings);
    (!is_site(&title, sites)).then_some(title)
}

fn is_site(title: &str, sites: &[String]) -> bool {
    let bare = title::bare(title);
    bare.is_empty() || sites.iter().any(|site| title::bare(site) == bare)
}

/// The distinct headlines that are not the site's name; those beside the article only where no other is.
///
/// A site's name as `h1` stands in the tab's title too, beside the headline: where the address is made of words of
/// the title and of none of the `h1`, that is the site's.
fn headings<'p>(pool: &'p Pool, sites: &[String], slug: &BTreeSet<String>) -> Vec<(String, &'p Sourced)> {
    let shared = |text: &str| words(text).intersection(slug).count();
    let named = pool.texts(Field::Title).filter(|(from, _)| from.1.place != "h1").map(|(_, text)| shared(text)).max();
    let mut distinct: Vec<(String, &Sourced)> = Vec::new();
    for (from, text) in pool.texts(Field::Title).filter(|(from, _)| from.1.place == "h1") {
        let Some(plain) = strip(text, sites, &[]) else { continue };
        let is_of_site = named.is_some_and(|named| named >= SLUG_WORDS) && shared(&plain) == 0;
        if is_of_site {
            continue;
        }
        if distinct.iter().all(|(known, _)| title::bare(known) != title::bare(&plain)) {
            distinct.push((plain, from));
        }
    }
    distinct
}

/// The words of an address that tell of the article: those of its last part that has some.
fn slug(url: &str) -> BTreeSet<String> {
    let path = url.split(['?', '#']).next().unwrap_or_default().split_once("://").map_or("", |(_, rest)| rest);
    let parts = path.split('/').skip(1);
    parts
        .map(|part| words(&part.replace(['-', '_', '+', '.'], " ")))
        .filter(|words| words.len() >= SLUG_WORDS)
        .last()
        .unwrap_or_default()
}

/// Of a title that is parted by a mark, the part whose words the address has, where it has none of another.
fn part_of_address(title: &str, slug: &BTreeSet<String>) -> String {
    let Some(mark) = PARTING.iter().find(|mark| title.contains(**mark)) else { return title.to_owned() };
    let shared = |part: &str| words(part).intersection(slug).count();
    let best = title.split(mark).max_by_key(|part| shared(part)).filter(|part| shared(part) >= SLUG_WORDS);
    let is_clear = title.split(mark).filter(|part| shared(part) > 0).count() == 1;
    best.filter(|_| is_clear).unwrap_or(title).trim().to_owned()
}

fn words(text: &str) -> BTreeSet<String> {
    text::words(text).into_iter().collect()
}

/// The visible headline to prefer, if any.
fn headline<'h, 'p>(headings: &'h [(String, &'p Sourced)], stated: &[Stated]) -> Option<(&'h str, &'p Sourced)> {
    let scored = headings.iter().map(|(text, from)| {
        let own = words(text);
        let shared = |stated: &Stated| words(&stated.text).intersection(&own).count() * 100 / own.len().max(1);
        let weak = stated.iter().filter(|stated| is_weak(stated.from)).map(shared).max();
        let strong = stated.iter().filter(|stated| !is_weak(stated.from)).map(shared).max();
        (text.as_str(), *from, own.len(), weak, strong)
    });
    let is_alone = headings.len() == 1;
    let fit = scored.filter(|(text, _, count, weak, strong)| {
        let is_long = *count >= 3 || (*count >= 1 && text.chars().count() >= 12);
        let share = match (weak, strong) {
            (_, Some(strong)) => *strong >= SHARED,
            (Some(weak), None) => *weak >= if is_alone { SHARED_WITH_WEAK } else { SHARED },
            (None, None) => true,
        };
        is_long && share && !stated.iter().any(|stated| has_grown(text, stated))
    });
    // The first of those that share most.
    let mut best: Option<(&str, &Sourced, usize)> = None;
    for (text, from, _, weak, strong) in fit {
        let share = weak.max(strong).unwrap_or(0);
        if best.is_none_or(|(_, _, most)| share > most) {
            best = Some((text, from, share));
        }
    }
    best.map(|(text, from, _)| (text, from))
}

fn is_weak(from: &Sourced) -> bool {
    let place = format!("{}:{}", from.0, from.1.place);
    WEAK.iter().any(|weak| place.starts_with(weak))
}

/// Whether a headline is a strongly stated title with a kicker before it or a subtitle after it.
fn has_grown(heading: &str, stated: &Stated) -> bool {
    let (heading, short) = (title::bare(heading), title::bare(&stated.text));
    let is_cut = stated.text.ends_with('…') || stated.text.ends_with("...");
    let is_title = short.chars().count() >= 12 && heading.len() > short.len();
    is_title && !is_cut && !is_weak(stated.from) && (heading.ends_with(&short) || heading.starts_with(&short))
}
