//! Site memory: what one page teaches about its site, and what the site's other pages add to a page.
//!
//! In come the candidates that the extractors found in a page and the [`Site`] that its earlier pages made; out go more
//! candidates (provenance `site:…`) before the merge, and a [`Lesson`] after it. What the page itself says is never
//! replaced: memory names a zone for a time without one, the site's part of a title, and the place to look for authors.
//! Every list in a [`Site`] is bounded, and its counts are halved now and then.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{Candidate, Field, Reading, Value, clean, kind, names, title};
use crate::dates::{self, Stated};
use crate::model::{Found, NameSeen, PageMetadata, PlaceSeen, Site, When, ZoneSeen};

/// Pages after which all counts are halved: what a site does now outweighs what it did a hundred pages ago.
const HALVED_AT: u32 = 64;

/// Entries kept of each list; the weakest goes, and of equals the newest. Halving makes room for others.
const MOST_ENTRIES: usize = 12;

/// Longer parts of titles are headlines.
const LONGEST_NAME: usize = 60;

/// Times in one zone that must be seen in a season before it is lent to a time without a zone.
const ENOUGH_ZONES: u32 = 3;

/// Pages with the same part in their titles before it is the site's.
const ENOUGH_NAMES: u32 = 2;

/// Pages on which a place named the right people before it goes first.
const ENOUGH_PLACES: u32 = 3;

/// Names of authors that are compared.
const MOST_VALUES: usize = 100;

/// What parts a headline from the rest of a title.
const SEPARATORS: &[char] = &['|', '-', '–', '—', ':', '·', '•', '»', '«', '‹', '›', '/', '~'];

/// Domains that show pages of others: they have no ways of their own. Hosts that rent out names below theirs need no
/// mention, for each name is a registrable domain of its own.
const SHOW_OTHERS: &[&str] = &[
    "archive.org",
    "archive.ph",
    "archive.today",
    "ampproject.org",
    "googleusercontent.com",
    "translate.goog",
    "google.com",
];

/// A candidate and the name of its extractor.
pub(super) type Sourced = (&'static str, Candidate);

/// What one page teaches about its site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lesson {
    name: Option<String>,
    zone: Option<(i32, i8)>,
    places: Vec<(String, bool)>,
}

impl Lesson {
    /// What the candidates of a page teach, before anything was added to them.
    pub(super) fn of(candidates: &[Sourced]) -> Self {
        Self { name: None, zone: zone(candidates), places: places(candidates) }
    }

    /// The reading of a page, with what its title teaches now that the headline in it is known.
    pub(super) fn reading(self, mut page: PageMetadata, stated: Option<&str>, site: &Site, url: &str) -> Reading {
        kind::settle(&mut page, url);
        page.notes.extend(shortened(site, stated, &page));
        let name = stated.and_then(clean::plain).zip(page.title.as_ref());
        let name = name.and_then(|(stated, headline)| rest_of_title(&stated, &headline.value));
        Reading { lesson: Self { name, ..self }, page }
    }
}

/// Whether the pages under a registrable domain are of one site, so that they can teach each other.
#[must_use]
pub fn is_one(domain: &str) -> bool {
    !domain.is_empty() && !SHOW_OTHERS.contains(&domain)
}

/// The site after one more page.
#[must_use]
pub fn learn(site: &Site, lesson: &Lesson) -> Site {
    let mut site = site.clone();
    site.pages = site.pages.saturating_add(1);
    if let Some(name) = &lesson.name {
        match site.names.iter_mut().find(|seen| seen.name == *name) {
            Some(seen) => seen.pages += 1,
            None => site.names.push(NameSeen { name: name.clone(), pages: 1 }),
        }
    }
    if let Some((minutes, month)) = lesson.zone {
        match site.zones.iter_mut().find(|seen| (seen.minutes, seen.month) == (minutes, month)) {
            Some(seen) => seen.pages += 1,
            None => site.zones.push(ZoneSeen { minutes, month, pages: 1 }),
        }
    }
    for (place, agrees) in &lesson.places {
        let at = site.places.iter().position(|seen| seen.place == *place).unwrap_or_else(|| {
            site.places.push(PlaceSeen { place: place.clone(), ..PlaceSeen::default() });
            site.places.len() - 1
        });
        if let Some(seen) = site.places.get_mut(at) {
            *(if *agrees { &mut seen.agreed } else { &mut seen.differed }) += 1;
        }
    }
    bounded(site)
}

fn bounded(mut site: Site) -> Site {
    if site.pages >= HALVED_AT {
        site.pages /= 2;
        site.names.iter_mut().for_each(|seen| seen.pages /= 2);
        site.zones.iter_mut().for_each(|seen| seen.pages = seen.pages.div_ceil(2));
        site.places.iter_mut().for_each(|seen| (seen.agreed, seen.differed) = (seen.agreed / 2, seen.differed / 2));
        site.names.retain(|seen| seen.pages > 0);
        site.places.retain(|seen| seen.agreed + seen.differed > 0);
    }
    // Stable sorts: of equals the older stays.
    site.names.sort_by_key(|seen| std::cmp::Reverse(seen.pages));
    site.zones.sort_by_key(|seen| std::cmp::Reverse(seen.pages));
    site.places.sort_by_key(|seen| std::cmp::Reverse(seen.agreed + seen.differed));
    site.names.truncate(MOST_ENTRIES);
    site.zones.truncate(2 * MOST_ENTRIES);
    site.places.truncate(MOST_ENTRIES);
    site
}

/// What is known of a site, in sentences for people; none where nothing is sure yet.
#[must_use]
pub fn told(site: &Site) -> Vec<String> {
    let names = name_of(site).map(|name| format!("its titles carry “{name}”"));
    let zones = site.zones.iter().filter(|seen| seen.pages >= ENOUGH_ZONES).map(|seen| {
        let offset = Offset::from_seconds(seen.minutes * 60).unwrap_or(Offset::UTC);
        format!("its times of month {} are in {offset}", seen.month)
    });
    let places = site.places.iter().filter(|seen| is_trusted(seen)).map(|seen| format!("{} names authors", seen.place));
    names.into_iter().chain(zones).chain(places).collect()
}

/// Adds to the candidates of a page what its site's other pages know; says what was added.
pub(super) fn remember(site: &Site, candidates: &mut Vec<Sourced>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(name) = name_of(site) {
        candidates.push(("site", Candidate::text(Field::SiteName, name, "name")));
    }
    for field in [Field::Published, Field::Modified] {
        if let Some(text) = zoned(site, field, candidates) {
            candidates.push(("site", Candidate::text(field, text, "zone")));
        }
    }
    let is_named = candidates.iter().any(|(_, candidate)| matches!(candidate.value, Value::Name(_, Some(true))));
    let trusted = site.places.iter().find(|seen| {
        is_trusted(seen) && candidates.iter().any(|sourced| place_of(sourced).as_deref() == Some(seen.place.as_str()))
    });
    if let Some(seen) = trusted.filter(|_| !is_named) {
        // A stable sort: the rest keeps its order.
        candidates.sort_by_key(|sourced| place_of(sourced).as_deref() != Some(seen.place.as_str()));
        notes.push(format!("site memory: {} is asked first for authors", seen.place));
    }
    notes
}

/// A note where memory made the title shorter: its provenance names the place it was found at.
fn shortened(site: &Site, stated: Option<&str>, page: &PageMetadata) -> Option<String> {
    let name = name_of(site)?;
    let Found { value: headline, .. } = page.title.as_ref()?;
    let is_learnt = page.site_name.as_ref().is_none_or(|found| found.from == "site:name");
    let rest = rest_of_title(&clean::plain(stated?)?, headline)?;
    (is_learnt && title::bare(&rest) == title::bare(name))
        .then(|| format!("site memory: “{name}” is the site's part of titles"))
}

fn name_of(site: &Site) -> Option<&str> {
    let seen = site.names.first()?;
    (seen.pages >= ENOUGH_NAMES && seen.pages * 2 >= site.pages).then_some(seen.name.as_str())
}

fn is_trusted(seen: &PlaceSeen) -> bool {
    seen.agreed >= ENOUGH_PLACES && seen.differed * 4 <= seen.agreed
}

/// The outermost part of a title beside its headline.
fn rest_of_title(stated: &str, headline: &str) -> Option<String> {
    let is_apart = |rest: &str| rest.trim_matches(' ').starts_with(SEPARATORS) || rest.trim_end().ends_with(SEPARATORS);
    let tail = stated.strip_prefix(headline).filter(|rest| is_apart(rest));
    let head = || stated.strip_suffix(headline).filter(|rest| is_apart(rest));
    let part = match tail {
        Some(tail) => tail.rsplit(SEPARATORS).next(),
        None => head()?.split(SEPARATORS).next(),
    };
    let part = part?.trim();
    (title::bare(part).chars().count() >= 2 && part.chars().count() <= LONGEST_NAME).then(|| part.to_owned())
}

fn dates_of(field: Field, candidates: &[Sourced]) -> impl Iterator<Item = Stated> {
    candidates.iter().filter(move |(_, candidate)| candidate.field == field).filter_map(|(_, candidate)| {
        let Value::Text(text) = &candidate.value else { return None };
        dates::read(text)
    })
}

/// The zone of the page's times: where the same time stands with and without one, else as written. That a time is
/// written in UTC says nothing of the clock on the site's wall.
fn zone(candidates: &[Sourced]) -> Option<(i32, i8)> {
    let stated: Vec<Stated> =
        [Field::Published, Field::Modified].iter().flat_map(|field| dates_of(*field, candidates)).collect();
    let minutes =
        |time: DateTime| Offset::UTC.to_timestamp(time).ok().map(|instant| instant.as_second().div_euclid(60));
    let instants = stated
        .iter()
        .filter(|date| date.offset.is_some())
        .filter_map(|date| Some(date.when().instant()?.as_second().div_euclid(60)));
    for instant in instants.collect::<BTreeSet<_>>() {
        for local in stated.iter().filter(|date| date.offset.is_none()) {
            let Some(written) = local.time.and_then(|time| minutes(local.day.to_datetime(time))) else { continue };
            let apart = written - instant;
            if apart % 15 == 0 && apart.abs() <= 14 * 60 {
                return Some((i32::try_from(apart).ok()?, local.day.month()));
            }
        }
    }
    let written =
        stated.iter().find_map(|date| Some((date.offset.filter(|offset| *offset != Offset::UTC)?, date.day)))?;
    Some((written.0.seconds() / 60, written.1.month()))
}

/// The field's time with the site's zone of that season, where the page has a time and no zone for it.
fn zoned(site: &Site, field: Field, candidates: &[Sourced]) -> Option<String> {
    let mut local = None;
    for stated in dates_of(field, candidates) {
        if stated.when().instant().is_some() {
            return None;
        }
        local = local.or(stated.time.map(|time| (stated.day, time)));
    }
    let (day, time) = local?;
    let offset = Offset::from_seconds(offset_in(site, day.month())? * 60).ok()?;
    Some(When::Instant(offset.to_timestamp(day.to_datetime(time)).ok()?, offset).to_string())
}

/// The offset that all times of this month and of those beside it were in: where the clocks change, nothing is sure.
fn offset_in(site: &Site, month: i8) -> Option<i32> {
    let is_near = |other: i8| matches!((other - month).rem_euclid(12), 0 | 1 | 11);
    let near: Vec<&ZoneSeen> = site.zones.iter().filter(|seen| is_near(seen.month)).collect();
    let first = near.first()?.minutes;
    let is_sure = near.iter().all(|seen| seen.minutes == first)
        && near.iter().map(|seen| seen.pages).sum::<u32>() >= ENOUGH_ZONES;
    is_sure.then_some(first)
}

fn place_of((extractor, candidate): &Sourced) -> Option<String> {
    (candidate.field == Field::Author).then(|| format!("{extractor}:{}", candidate.place))
}

/// Which places name the people that the page's own data names, and which name others.
fn places(candidates: &[Sourced]) -> Vec<(String, bool)> {
    let mut people = BTreeSet::new();
    let mut others: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let authors = candidates.iter().filter(|(_, candidate)| candidate.field == Field::Author);
    for sourced in authors.take(MOST_VALUES) {
        let (name, is_person) = match &sourced.1.value {
            Value::Name(name, is_person) => (name, *is_person == Some(true)),
            Value::Text(name) => (name, false),
            _ => continue,
        };
        let names = names::read(name, names::Trust::Stated).into_iter().map(|(name, _)| title::bare(&name));
        if is_person {
            people.extend(names);
        } else if let Some(place) = place_of(sourced) {
            others.entry(place).or_default().extend(names);
        }
    }
    if people.is_empty() {
        return Vec::new();
    }
    others.into_iter().map(|(place, names)| (place, names == people)).collect()
}

#[cfg(test)]
mod tests;
