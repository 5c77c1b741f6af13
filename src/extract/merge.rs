//! Candidates of all extractors → one value a field, with where it was found.
//!
//! Within a field the order of trust decides, then the order on the page; every candidate is cleaned before it
//! may win, so that an empty or absurd value never hides a good one. Addresses come out absolute and `http(s)`,
//! text plain.

use std::collections::{BTreeMap, BTreeSet};

use super::{Candidate, Field, Gathered, Value, clean, title};
use crate::dates::{self, FIRST_YEAR};
use crate::model::{Found, Image, PageMetadata, When};
use crate::{text, url};

/// Tags kept: pages that state more state everything they ever wrote about.
const MOST_TAGS: usize = 40;
/// Authors kept.
const MOST_AUTHORS: usize = 20;
/// Characters of a title and of a description kept.
const LONGEST_TITLE: usize = 500;
const LONGEST_DESCRIPTION: usize = 2_000;

/// Where a field's order of trust differs from that of [`super::EXTRACTORS`].
const ORDERS: &[(Field, &[&str])] = &[
    (Field::Title, &["jsonld", "opengraph", "twitter", "microdata", "meta", "html"]),
    (Field::Description, &["meta", "opengraph", "jsonld", "twitter", "microdata"]),
    // The site's own language attribute is looked after; locales are a plug-in's default.
    (Field::Lang, &["html", "jsonld", "meta", "opengraph", "microdata"]),
    (Field::SiteName, &["opengraph", "jsonld", "meta"]),
    (Field::Image, &["opengraph", "jsonld", "twitter", "meta", "html"]),
    (Field::Canonical, &["html", "opengraph", "jsonld"]),
];

type Sourced = (&'static str, Candidate);

struct Merge {
    by_field: BTreeMap<Field, Vec<Sourced>>,
    base: String,
    page: Gathered,
}

/// The best of `candidates`, which come in order of trust.
pub(super) fn merge(candidates: Vec<Sourced>, page: Gathered) -> PageMetadata {
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
    let merge = Merge { by_field, base, page };
    let mut notes = merge.page.notes.clone();
    let site_name = merge.site_name();
    let title = merge.title(site_name.as_ref());
    PageMetadata {
        description: merge.description(title.as_ref()),
        title,
        author: merge.authors(site_name.as_ref()),
        published: merge.date(Field::Published),
        modified: merge.date(Field::Modified),
        image: merge.image(),
        canonical: merge.canonical(&mut notes),
        amp: merge.first_text(Field::Amp, |value| merge.address(value)),
        lang: merge.first_text(Field::Lang, clean::language),
        section: merge
            .first_text(Field::Section, |value| clean::plain(value).filter(|section| section.chars().count() <= 80)),
        tags: merge.tags(),
        kind: merge.first_text(Field::Kind, |value| clean::kind(value).map(str::to_owned)),
        paywalled: merge.paywalled(),
        site_name,
        notes,
    }
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

impl Merge {
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

    fn site_name(&self) -> Option<Found<String>> {
        self.first_text(Field::SiteName, |value| {
            clean::plain(value).filter(|name| name.chars().count() <= 80 && !name.contains("://"))
        })
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
        sites.retain(|site| title::bare(site).chars().count() >= 2);
        sites
    }

    fn title(&self, site_name: Option<&Found<String>>) -> Option<Found<String>> {
        let sites = self.sites(site_name);
        let headings: Vec<String> =
            self.page.headings.iter().filter_map(|heading| clean::plain(&heading.text)).collect();
        let is_site = |title: &str| sites.iter().any(|site| title::bare(site) == title::bare(title));
        let strip = |value: &str| {
            let plain = clean::plain(value)?;
            let title = title::strip(&plain, &sites, &headings);
            (!is_site(&title)).then(|| text::shorten(&title, LONGEST_TITLE))
        };
        let stated = self.first_text(Field::Title, strip);
        match self.headline(&headings, strip) {
            // Where both say the same, the more trusted place is named.
            Some(seen)
                if stated.as_ref().is_none_or(|stated| title::bare(&stated.value) != title::bare(&seen.value)) =>
            {
                Some(seen)
            }
            _ => stated.or_else(|| self.first_text(Field::Title, clean::plain)),
        }
    }

    /// The one visible headline, where the page's stated title says much the same: what people see is the title,
    /// what metas say is often cut, or made for search engines.
    fn headline(&self, headings: &[String], strip: impl Fn(&str) -> Option<String>) -> Option<Found<String>> {
        let mut distinct: Vec<&String> = headings.iter().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let [heading] = distinct.as_slice() else { return None };
        let heading = strip(heading)?;
        let words: BTreeSet<String> = text::words(&heading).into_iter().collect();
        let is_stated = self.texts(Field::Title).filter(|(sourced, _)| sourced.1.place != "h1").any(|(_, stated)| {
            let stated: BTreeSet<String> = text::words(stated).into_iter().collect();
            // Three words, half of them stated: less would let a section's name or a slogan in.
            words.len() >= 3 && stated.intersection(&words).count() * 2 >= words.len()
        });
        is_stated.then(|| Found { value: heading, from: "html:h1".to_owned() })
    }

    fn description(&self, title: Option<&Found<String>>) -> Option<Found<String>> {
        let title = title.map(|title| title::bare(&title.value)).unwrap_or_default();
        self.first_text(Field::Description, |value| {
            let plain = clean::plain(value)?;
            (title::bare(&plain) != title).then(|| text::shorten(&plain, LONGEST_DESCRIPTION))
        })
    }

    /// All names of the first place that names people; else of the first that names anybody.
    fn authors(&self, site_name: Option<&Found<String>>) -> Vec<Found<String>> {
        let sites = self.sites(site_name);
        let is_site = |name: &str| sites.iter().any(|site| title::bare(site) == title::bare(name));
        let mut places: Vec<(String, Vec<Found<String>>, bool)> = Vec::new();
        for sourced in self.of(Field::Author) {
            let (value, stated) = match &sourced.1.value {
                Value::Name(name, stated) => (name, *stated),
                Value::Text(name) => (name, None),
                _ => continue,
            };
            for name in clean::names(value) {
                let is_person = stated != Some(false) && !is_site(&name);
                let name = found(name, sourced);
                match places.iter_mut().find(|(from, _, person)| *from == name.from && *person == is_person) {
                    Some((_, names, _)) if names.iter().all(|known| known.value != name.value) => names.push(name),
                    Some(_) => {}
                    None => places.push((name.from.clone(), vec![name], is_person)),
                }
            }
        }
        let best = places.iter().position(|(_, _, is_person)| *is_person).or((!places.is_empty()).then_some(0));
        let mut names = best.map(|at| places.swap_remove(at).1).unwrap_or_default();
        names.truncate(MOST_AUTHORS);
        names
    }

    /// The first date; where it is a day alone, an instant within a day of it that another place states.
    fn date(&self, field: Field) -> Option<Found<When>> {
        let fit =
            |value: &str| dates::read(value).map(|stated| stated.when()).filter(|when| when.day().year() >= FIRST_YEAR);
        let first = self.first_text(field, fit)?;
        let When::Day(stated) = first.value else { return Some(first) };
        let near = |when: When| when.instant().is_some() && (when.day() - stated).get_days().abs() <= 1;
        let better = self.first_text(field, |value| fit(value).filter(|when| near(*when)));
        better.or(Some(first))
    }

    fn image(&self) -> Option<Found<Image>> {
        let first = self.of(Field::Image).iter().find_map(|sourced| {
            let Value::Image(address, width, height) = &sourced.1.value else { return None };
            let url = self.address(address)?;
            Some(found(Image { url, width: *width, height: *height }, sourced))
        })?;
        if first.value.width.is_some() {
            return Some(first);
        }
        // Another place may know the size of the same picture.
        let size = self.of(Field::Image).iter().find_map(|(_, candidate)| match &candidate.value {
            Value::Image(address, Some(width), Some(height)) if self.address(address)? == first.value.url => {
                Some((*width, *height))
            }
            _ => None,
        });
        let (width, height) = size.unzip();
        Some(Found { value: Image { width, height, ..first.value }, from: first.from })
    }

    /// The stated address of the article, unless it is the site's home page while this page is not.
    fn canonical(&self, notes: &mut Vec<String>) -> Option<Found<String>> {
        let is_home = |address: &str| {
            let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
            rest.split_once('/').is_none_or(|(_, path)| path.is_empty())
        };
        let mut refused = None;
        let fit = self.first_text(Field::Canonical, |value| {
            let address = self.address(value)?;
            let address = address.split('#').next().unwrap_or_default().to_owned();
            (!is_home(&address) || is_home(&self.page.url)).then_some(address)
        });
        if let (None, Some((_, value))) = (&fit, self.texts(Field::Canonical).next()) {
            refused = Some(value);
        }
        if refused.is_some() {
            notes.push("the canonical address is the home page or no web address".to_owned());
        }
        fit
    }

    /// The tags of the first place that states some.
    fn tags(&self) -> Vec<Found<String>> {
        let mut tags: Vec<Found<String>> = Vec::new();
        for (sourced, value) in self.texts(Field::Tag) {
            for word in clean::keywords(value) {
                let tag = found(text::shorten(&word, 80), sourced);
                if tags.first().is_some_and(|first| first.from != tag.from) || tags.len() >= MOST_TAGS {
                    return tags;
                }
                if !tags.iter().any(|known| known.value.eq_ignore_ascii_case(&tag.value)) {
                    tags.push(tag);
                }
            }
        }
        tags
    }

    fn paywalled(&self) -> Option<Found<bool>> {
        self.of(Field::Paywalled).iter().find_map(|sourced| match &sourced.1.value {
            Value::Flag(flag) => Some(found(*flag, sourced)),
            _ => None,
        })
    }
}
