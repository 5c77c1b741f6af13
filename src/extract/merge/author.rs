//! Who wrote it: the best of all bylines of a page.
//!
//! Each place gives a set of names. Names of the site are none; people go before organisations, and those before
//! a nameless newsroom; then the more trusted place wins. A later place improves on the winner where it says the
//! same more fully: all of its names and more, or a full name where the winner has a nickname.

use super::{Pool, Sourced, found};
use crate::extract::names::{self, Bearer, Trust};
use crate::extract::title;
use crate::extract::{Field, Value};
use crate::model::Found;

/// Authors kept.
const MOST_AUTHORS: usize = 20;

/// Values that are read: a page with more has none that are true.
const MOST_VALUES: usize = 100;

/// More names than this beyond the winner's are a list of the house's people.
const MOST_MORE: usize = 3;

/// Extractors of data for machines.
const STATED: &[&str] = &["jsonld", "opengraph", "twitter", "meta", "microdata", "rdfa"];

/// Those of them that list all authors and nobody else.
const LISTING: &[&str] = &["jsonld", "opengraph", "twitter", "meta"];

/// Places that may name anybody.
const GUESSES: &[&str] = &["byline:link", "byline:line:dated"];

struct Place {
    from: String,
    names: Vec<Found<String>>,
    bearer: Bearer,
    /// Of the data that publishers write for machines.
    is_stated: bool,
    /// One word that is merely seen, or a link that may lead to anybody: no better than a stated organisation.
    is_weak: bool,
}

/// How firmly the authors of a page stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// An organisation, a newsroom, or a place that may name anybody: a person's byline replaces it.
    Weak,
    /// People, where the page shows them, or a bare nickname in its data.
    Seen,
    /// People with full names in data for machines.
    Stated,
}

/// How firmly the authors stand; `None` where there are none.
pub(super) fn standing(pool: &Pool, sites: &[String]) -> Option<Standing> {
    let places = places(pool, sites);
    let best = places.first()?;
    let is_full = best.names.iter().all(|name| name.value.contains(' ') || !name.value.is_ascii());
    Some(match best.bearer {
        Bearer::Person if is_machine(&best.from) && is_full => Standing::Stated,
        Bearer::Person if !best.is_weak && (is_full || !is_machine(&best.from)) => Standing::Seen,
        _ => Standing::Weak,
    })
}

/// The authors.
pub(super) fn authors(pool: &Pool, sites: &[String]) -> Vec<Found<String>> {
    let places = places(pool, sites);
    let Some(best) = places.first() else { return Vec::new() };
    let better = places.iter().skip(1).find(|other| other.bearer == Bearer::Person && improves(best, other));
    let mut names = better.unwrap_or(best).names.clone();
    names.truncate(MOST_AUTHORS);
    names
}

/// The places that name somebody, the best first.
fn places(pool: &Pool, sites: &[String]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for sourced in pool.of(Field::Author).iter().take(MOST_VALUES) {
        let (value, is_person) = match &sourced.1.value {
            Value::Name(name, is_person) => (name.as_str(), *is_person),
            Value::Text(name) => (name.as_str(), None),
            _ => continue,
        };
        let is_stated = LISTING.contains(&sourced.0);
        let names = if is_site(value, sites) {
            vec![(super::clean::plain(value).unwrap_or_default(), Bearer::Organisation)]
        } else {
            names::read(value, trust(sourced))
        };
        for (name, told) in names {
            let is_organisation = is_person == Some(false) || is_site(&name, sites);
            let bearer = if is_organisation && told == Bearer::Person { Bearer::Organisation } else { told };
            let name = found(name, sourced);
            match places.iter_mut().find(|place| place.from == name.from && place.bearer == bearer) {
                Some(place) if place.names.iter().all(|known| known.value != name.value) => place.names.push(name),
                Some(_) => {}
                None => {
                    let place = Place { from: name.from.clone(), names: vec![name], bearer, is_stated, is_weak: false };
                    places.push(place);
                }
            }
        }
    }
    for place in &mut places {
        let is_bare = place.names.iter().any(|name| !name.value.contains(' ') && name.value.is_ascii());
        let is_guess = GUESSES.iter().any(|guess| place.from.ends_with(guess));
        place.is_weak = !is_machine(&place.from) && (is_bare || is_guess);
    }
    // Stable: within a bearer the order of trust stays.
    places.sort_by_key(|place| (place.is_weak || place.bearer != Bearer::Person, place.is_weak, place.bearer));
    places
}

/// Places that are for authors and nothing else give names; lines have to look like names.
fn trust((extractor, candidate): &Sourced) -> Trust {
    match *extractor {
        name if STATED.contains(&name) => Trust::Stated,
        _ if candidate.place.starts_with("line") => Trust::Seen,
        _ => Trust::Marked,
    }
}

fn is_machine(from: &str) -> bool {
    STATED.iter().any(|extractor| from.split(':').next() == Some(extractor))
}

/// Whether `name` is what the site calls itself, in full, in part or by its initials.
fn is_site(name: &str, sites: &[String]) -> bool {
    let bare = title::bare(name);
    sites.iter().any(|site| {
        let initials: String = site.split([' ', '-']).filter_map(|word| word.chars().next()).collect();
        let site = title::bare(site);
        site == bare
            || (site.len() >= 5 && bare.starts_with(&site))
            || (bare.len() >= 5 && !name.trim().contains(' ') && site.starts_with(&bare))
            || (initials.chars().count() >= 2 && initials == name.trim())
    })
}

/// Whether `other` says the same as `best` and more.
fn improves(best: &Place, other: &Place) -> bool {
    if best.bearer != Bearer::Person {
        return false;
    }
    let holds = |names: &[Found<String>], name: &str| {
        let name = title::bare(name);
        names.iter().any(|known| title::bare(&known.value) == name)
    };
    let more = other.names.len().saturating_sub(best.names.len());
    let is_longer_list = other.is_stated
        && (1..=MOST_MORE).contains(&more)
        && best.names.iter().all(|name| holds(&other.names, &name.value));
    // A nickname or an account, and a full name elsewhere.
    let [nick] = best.names.as_slice() else { return is_longer_list };
    let is_nick = !nick.value.contains(' ') && nick.value.is_ascii();
    let is_full = other.names.iter().all(|name| name.value.contains(' '));
    is_longer_list || (is_nick && is_full && resembles(&nick.value, &other.names))
}

/// `annlee`, `alee`, `Ann` for `Ann Lee`.
fn resembles(nick: &str, names: &[Found<String>]) -> bool {
    let nick = title::bare(nick);
    names.iter().any(|name| {
        let mut words = name.value.split(' ').map(title::bare);
        let first = words.next().unwrap_or_default();
        let last = words.next_back().unwrap_or_default();
        let initial: String = first.chars().take(1).collect();
        nick == first || nick == last || nick == title::bare(&name.value) || nick == format!("{initial}{last}")
    })
}
