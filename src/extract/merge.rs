//! Candidates of all extractors → one value a field, with where it was found.
//!
//! Within a field the order of trust decides, then the order on the page; every candidate is cleaned before it
//! may win, so that an empty or absurd value never hides a good one. What a field needs beyond that stands in
//! a file of its own. Addresses come out absolute and `http(s)`, text plain.

mod address;
mod author;
mod date;
mod description;
mod grade;
mod image;
mod judge;
mod title;
mod words;
mod zone;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub(super) use grade::{Grade, Grades};
pub use judge::Judged;

use super::{Candidate, Field, Gathered, Value, clean};
use crate::model::{Found, PageMetadata};
use crate::url;

/// Where a field's order of trust differs from that of [`super::EXTRACTORS`].
const ORDERS: &[(Field, &[&str])] = &[
    (Field::Title, &["jsonld", "opengraph", "twitter", "microdata", "meta", "html"]),
    (Field::Description, &["meta", "opengraph", "jsonld", "twitter", "microdata", "rdfa"]),
    // The site's own language attribute is looked after; locales are a plug-in's default.
    (Field::Lang, &["html", "jsonld", "meta", "opengraph", "microdata"]),
    (Field::SiteName, &["opengraph", "jsonld", "meta", "twitter"]),
    (Field::Image, &["opengraph", "jsonld", "twitter", "meta", "microdata", "html"]),
    (Field::Canonical, &["html", "opengraph", "jsonld"]),
];

/// The name of an extractor and what it found.
pub(super) type Sourced = (&'static str, Candidate);

/// All that is known when a field is decided.
struct Pool<'p> {
    by_field: BTreeMap<Field, Vec<Sourced>>,
    base: String,
    page: &'p Gathered,
    lang: Option<String>,
    /// That language writes `3/5` for the third of May.
    day_first: bool,
    now: Timestamp,
}

/// The best of `candidates`, which come in order of trust.
pub(super) fn merge(candidates: Vec<Sourced>, page: &Gathered, now: Timestamp) -> PageMetadata {
    choose(&Pool::of_candidates(candidates, page, now))
}

/// The same, with what became of every candidate.
pub(super) fn examine(candidates: Vec<Sourced>, page: &Gathered, now: Timestamp) -> (PageMetadata, Vec<Judged>) {
    let pool = Pool::of_candidates(candidates, page, now);
    let chosen = choose(&pool);
    let judged = judge::judge(&pool, &chosen);
    (chosen, judged)
}

/// How sure the page's main fields are, for who asks whether more of it is worth reading.
pub(super) fn grades(candidates: Vec<Sourced>, page: &Gathered, now: Timestamp) -> Grades {
    grade::grades(&Pool::of_candidates(candidates, page, now))
}

fn choose(pool: &Pool) -> PageMetadata {
    let mut notes = pool.page.notes.clone();
    let site_name = words::site_name(pool);
    let sites = pool.sites(site_name.as_ref());
    let title = title::title(pool, &sites);
    PageMetadata {
        description: description::description(pool, title.as_ref(), &sites),
        author: author::authors(pool, &sites),
        published: date::date(pool, Field::Published),
        modified: date::date(pool, Field::Modified),
        image: image::image(pool),
        canonical: address::canonical(pool, &mut notes),
        amp: address::amp(pool),
        lang: pool.first_text(Field::Lang, clean::language),
        section: words::section(pool),
        tags: words::tags(pool),
        kind: pool.first_text(Field::Kind, |value| clean::kind(value).map(str::to_owned)),
        paywalled: pool.paywalled(),
        title,
        site_name,
        notes,
    }
}

/// All but American English put the day first.
fn is_day_first(lang: &str) -> bool {
    let lang = lang.to_ascii_lowercase();
    !matches!(lang.as_str(), "en" | "en-us" | "en-ph" | "es-us")
}

fn found<T>(value: T, (extractor, candidate): &Sourced) -> Found<T> {
    Found { value, from: format!("{extractor}:{}", candidate.place) }
}

/// `reference` against `base`, when the outcome is an `http(s)` address.
fn resolve(base: &str, reference: &str) -> Option<String> {
    let reference = reference.trim();
    let address = url::resolve(base, reference).or_else(|| url::resolve(reference, ""))?;
    let is_web = address.starts_with("http://") || address.starts_with("https://");
    (is_web && !address.chars().any(char::is_control)).then_some(address)
}

impl<'p> Pool<'p> {
    fn of_candidates(candidates: Vec<Sourced>, page: &'p Gathered, now: Timestamp) -> Self {
        let mut by_field: BTreeMap<Field, Vec<Sourced>> = BTreeMap::new();
        for sourced in candidates {
            by_field.entry(sourced.1.field).or_default().push(sourced);
        }
        for (field, order) in ORDERS {
            if let Some(list) = by_field.get_mut(field) {
                list.sort_by_key(|(name, _)| order.iter().position(|known| known == name).unwrap_or(order.len()));
            }
        }
        let base = page.base.as_deref().and_then(|base| resolve(&page.url, base)).unwrap_or_else(|| page.url.clone());
        let mut pool = Self { by_field, base, page, lang: None, day_first: false, now };
        pool.lang = pool.first_text(Field::Lang, clean::language).map(|lang| lang.value);
        pool.day_first = pool.lang.as_deref().is_some_and(is_day_first);
        pool
    }

    fn of(&self, field: Field) -> &[Sourced] {
        self.by_field.get(&field).map(Vec::as_slice).unwrap_or_default()
    }

    fn texts(&self, field: Field) -> impl Iterator<Item = (&Sourced, &str)> {
        self.of(field).iter().filter_map(|sourced| match &sourced.1.value {
            Value::Text(text) => Some((sourced, text.as_str())),
            _ => None,
        })
    }

    fn first_text<T>(&self, field: Field, fit: impl Fn(&str) -> Option<T>) -> Option<Found<T>> {
        self.texts(field).find_map(|(sourced, value)| Some(found(fit(value)?, sourced)))
    }

    fn address(&self, value: &str) -> Option<String> {
        (!value.trim().is_empty()).then(|| resolve(&self.base, value)).flatten()
    }

    /// The names the site goes by: those stated, and its host's.
    fn sites(&self, site_name: Option<&Found<String>>) -> Vec<String> {
        let mut sites: Vec<String> = site_name.map(|name| name.value.clone()).into_iter().collect();
        sites.extend(self.texts(Field::SiteName).filter_map(|(_, name)| clean::plain(name)));
        for address in [&self.page.url, &self.base] {
            if let Some(domain) = url::registrable_domain(address) {
                sites.extend(domain.split('.').next().map(str::to_owned));
                sites.push(domain);
            }
        }
        sites.retain(|site| super::title::bare(site).chars().count() >= 2);
        sites
    }

    fn paywalled(&self) -> Option<Found<bool>> {
        self.of(Field::Paywalled).iter().find_map(|sourced| match &sourced.1.value {
            Value::Flag(flag) => Some(found(*flag, sourced)),
            _ => None,
        })
    }
}
