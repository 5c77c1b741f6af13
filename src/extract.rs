//! An article's page → what it says about itself, each field with where it was found.
//!
//! In come bytes, the charset that HTTP declared and the page's address; out goes [`PageMetadata`]. One pass
//! over the markup gathers raw material (`gather`); each of [`EXTRACTORS`] turns it into candidates; `merge`
//! takes the best of them field by field. Text that leaves here is plain text without control characters,
//! and addresses are absolute `http(s)`. It never fails: a broken page gives fewer fields and a note. The work
//! is bounded whatever comes in.

mod byline;
mod clean;
mod dateline;
mod gather;
mod gathered;
mod html;
mod jsonld;
pub mod kind;
pub(crate) mod markup;
mod merge;
mod meta;
mod microdata;
mod names;
mod opengraph;
mod pass;
pub mod picture;
pub mod site;
mod stop;
mod title;
mod twitter;

use jiff::Timestamp;

use crate::model::{PageMetadata, Site};

pub use gather::Gatherer;
pub use gathered::{Gathered, Link, Meta, Picture, Piece, Region, Scope};
pub use merge::Judged;
pub use pass::{Pass, judge, needed};

/// What is read of a page. The largest article page among 1,199 real ones says all it has to say before.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;

/// A source of metadata inside a page.
pub struct Extractor {
    /// As it stands before the colon in provenance: `jsonld`, `opengraph`, …
    pub name: &'static str,
    /// Reads candidates, best first within a field.
    pub read: fn(&Gathered) -> Vec<Candidate>,
}

/// Every extractor, in order of trust. A field may have an order of its own: see `merge`.
pub static EXTRACTORS: &[Extractor] = &[
    Extractor { name: "jsonld", read: jsonld::read },
    Extractor { name: "opengraph", read: opengraph::read },
    Extractor { name: "twitter", read: twitter::read },
    Extractor { name: "meta", read: meta::read },
    Extractor { name: "microdata", read: microdata::read },
    Extractor { name: "rdfa", read: microdata::read_rdfa },
    Extractor { name: "html", read: html::read },
    Extractor { name: "byline", read: byline::read },
    Extractor { name: "dateline", read: dateline::read },
];

/// A field of [`PageMetadata`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the fields are those of `PageMetadata`")]
pub enum Field {
    Title,
    Description,
    Author,
    SiteName,
    Published,
    Modified,
    Image,
    Canonical,
    Amp,
    Lang,
    Section,
    Tag,
    Kind,
    Paywalled,
}

/// A value as the page states it, not yet cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, a date or an address.
    Text(String),
    /// A name, and whether the page says that a person bears it.
    Name(String, Option<bool>),
    /// A picture.
    Image(String, Option<u32>, Option<u32>),
    /// Yes or no.
    Flag(bool),
}

/// One thing that one place says about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The field.
    pub field: Field,
    /// The value.
    pub value: Value,
    /// Where in the extractor's realm: `NewsArticle.headline`, `og:title`.
    pub place: String,
}

impl Candidate {
    /// A candidate of text.
    fn text(field: Field, value: impl Into<String>, place: impl Into<String>) -> Self {
        Self { field, value: Value::Text(value.into()), place: place.into() }
    }
}

/// What was read of a page.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What the page says.
    pub page: PageMetadata,
    /// What it teaches about its site.
    pub lesson: site::Lesson,
}

/// What the page in `bytes` says about itself. `charset` is the parameter of the `Content-Type` field; `url`
/// is the address that answered, and may be empty where it is not known; a date well after `now` is a mistake.
#[must_use]
pub fn read(bytes: &[u8], charset: Option<&str>, url: &str, now: Timestamp) -> PageMetadata {
    read_with(bytes, charset, url, &Site::default(), now).page
}

/// The same with what `site`, the page's, is remembered for.
#[must_use]
pub fn read_with(bytes: &[u8], charset: Option<&str>, url: &str, site: &Site, now: Timestamp) -> Reading {
    Pass::new(url).read(bytes, charset, site, now)
}

/// What [`read`] says, with what became of every candidate: for people who ask why.
#[must_use]
pub fn examine(bytes: &[u8], charset: Option<&str>, url: &str, now: Timestamp) -> (PageMetadata, Vec<Judged>) {
    let (reading, judged) = examine_with(bytes, charset, url, &Site::default(), now);
    (reading.page, judged)
}

/// The same with what `site` is remembered for.
#[must_use]
pub fn examine_with(
    bytes: &[u8],
    charset: Option<&str>,
    url: &str,
    site: &Site,
    now: Timestamp,
) -> (Reading, Vec<Judged>) {
    Pass::new(url).examine(bytes, charset, site, now)
}
