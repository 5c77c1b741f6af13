//! Text that is taken as stated: the site's name, the section, the tags.

use super::{Pool, clean, found};
use crate::extract::{Field, title};
use crate::model::Found;
use crate::{text, url};

/// Tags kept: pages that state more state everything they ever wrote about.
const MOST_TAGS: usize = 40;
/// Characters of a tag, and of the name of a section or a site.
const LONGEST_TAG: usize = 80;
const LONGEST_NAME: usize = 80;
/// Letters of a site's name that may be something else.
const SHORT_NAME: usize = 3;

/// The name the site gives itself. One that is too short to be a name (a country's, a section's) yields to one that
/// is the host's too.
pub(super) fn site_name(pool: &Pool) -> Option<Found<String>> {
    let fit =
        |value: &str| clean::plain(value).filter(|name| name.chars().count() <= LONGEST_NAME && !name.contains("://"));
    let first = pool.first_text(Field::SiteName, fit)?;
    if title::bare(&first.value).chars().count() > SHORT_NAME {
        return Some(first);
    }
    let domain = url::registrable_domain(&pool.page.url).unwrap_or_default();
    let label = domain.split('.').next().unwrap_or_default();
    let of_host = pool.first_text(Field::SiteName, |value| fit(value).filter(|name| title::bare(name) == label));
    Some(of_host.unwrap_or(first))
}

/// The section.
pub(super) fn section(pool: &Pool) -> Option<Found<String>> {
    pool.first_text(Field::Section, |value| {
        clean::plain(value).filter(|section| section.chars().count() <= LONGEST_NAME)
    })
}

/// The tags of the first place that states some.
pub(super) fn tags(pool: &Pool) -> Vec<Found<String>> {
    let mut tags: Vec<Found<String>> = Vec::new();
    for (sourced, value) in pool.texts(Field::Tag) {
        for word in clean::keywords(value) {
            let tag = found(text::shorten(&word, LONGEST_TAG), sourced);
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
