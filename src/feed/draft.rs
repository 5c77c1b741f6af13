//! The fields of one item as they are met → an `Entry`.
//!
//! In come values in document order; out goes the entry, each field from the best place that states it. Bodies are
//! kept as slices of the document until then, and only the one that is needed is decoded.

use jiff::Timestamp;

use super::value::{Typed, Value};
use super::{MOST_VALUES, person};
use crate::model::{Entry, Image, Publisher};
use crate::text;

/// Bytes of a tag or of a name: what is longer is none.
const WORD: usize = 400;

/// Bytes of a name that two thousand entries may inherit.
const INHERITED: usize = 100;

/// People of a feed that its entries inherit.
const MOST_NAMES: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Draft<'t> {
    pub(super) title: Option<Typed<'t>>,
    pub(super) other_title: Option<Typed<'t>>,
    pub(super) summary: Option<Typed<'t>>,
    pub(super) content: Option<Typed<'t>>,
    pub(super) other_summary: Option<Typed<'t>>,
    pub(super) link: Option<String>,
    pub(super) other_link: Option<String>,
    pub(super) original: Option<String>,
    pub(super) guid: Option<String>,
    /// An id where there is no other.
    pub(super) other_guid: Option<String>,
    pub(super) published: Option<Timestamp>,
    pub(super) other_published: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) authors: Vec<String>,
    pub(super) other_authors: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) images: Vec<Image>,
    pub(super) publisher: Option<Publisher>,
    pub(super) lang: Option<String>,
    /// Something was stated.
    pub(super) is_begun: bool,
}

impl Draft<'_> {
    /// The entry; `feed_authors` are those of an entry that names none.
    pub(super) fn entry(self, feed_authors: &[String]) -> Entry {
        let guid = self.guid.or(self.other_guid);
        let permalink = || {
            let id = guid.as_deref()?;
            let is_web = id.starts_with("http://") || id.starts_with("https://");
            if is_web { super::address::absolute("", id) } else { None }
        };
        let url = self.link.or(self.other_link).or_else(permalink).unwrap_or_default();
        let line = |typed: Option<Typed>| typed.and_then(|typed| typed.line());
        let excerpt = |typed: Option<Typed>| typed.and_then(|typed| typed.excerpt());
        let mut authors = if self.authors.is_empty() { self.other_authors } else { self.authors };
        if authors.is_empty() {
            authors = inherited(feed_authors);
        }
        let mut images = self.images;
        if images.len() > 1 {
            images.sort_by_key(|image| std::cmp::Reverse(image.width.unwrap_or(0)));
        }
        Entry {
            title: line(self.title).or_else(|| line(self.other_title)),
            excerpt: excerpt(self.summary).or_else(|| excerpt(self.content)).or_else(|| excerpt(self.other_summary)),
            published: self.published.or(self.other_published),
            updated: self.updated,
            authors,
            images,
            tags: self.tags,
            lang: self.lang,
            publisher: self.publisher,
            aliases: self.original.into_iter().filter(|original| *original != url).collect(),
            guid,
            url,
            ..Entry::default()
        }
    }

    pub(super) fn image(&mut self, url: String, width: Option<u32>, height: Option<u32>) {
        if let Some(known) = self.images.iter_mut().find(|known| known.url == url) {
            known.width = known.width.or(width);
            known.height = known.height.or(height);
        } else if self.images.len() < MOST_VALUES {
            self.images.push(Image { url, width, height });
        }
    }

    pub(super) fn tag(&mut self, tag: &str) {
        push(&mut self.tags, text::from_html(tag), MOST_VALUES);
    }
}

/// The names an entry has from its feed: few and short ones, since every entry gets a copy.
pub(super) fn inherited(feed_authors: &[String]) -> Vec<String> {
    feed_authors.iter().filter(|name| name.len() <= INHERITED).take(MOST_NAMES).cloned().collect()
}

/// Adds the people that `stated` names to `names`.
pub(super) fn name(names: &mut Vec<String>, stated: Value) {
    if let Some(name) = person::name(stated) {
        push(names, name, MOST_VALUES);
    }
}

fn push(words: &mut Vec<String>, word: String, most: usize) {
    if !word.is_empty() && word.len() <= WORD && words.len() < most && !words.contains(&word) {
        words.push(word);
    }
}
