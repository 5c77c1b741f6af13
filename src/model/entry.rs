//! `Entry`: one item as a feed or a seed stated it; `Statement`: with who stated it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One item as a feed or a seed stated it: any field may be missing and nothing is invented.
///
/// All text is plain text: markup was removed and character references were decoded by the reader
/// that made the entry. Addresses are absolute.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// The article's address as stated, `http` or `https`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The feed's own id of the item (`guid`, `atom:id`, `id`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    /// Other addresses of the same article: original, AMP, AMP cache.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// First publication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
    /// Last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Timestamp>,
    /// People who wrote it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<Publisher>,
    /// Pictures, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// Free tags, as `category` elements of feeds give them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The section of the wire the article belongs to (a seed's `category`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What sort of document it is (a seed's `type`): `article`, `video`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Editorial worth; higher is better, no bound. Seeds only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<i64>,
    /// BCP 47 language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// A picture and its size in pixels where stated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Image {
    /// Absolute address.
    pub url: String,
    /// Pixels across.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// A publisher: the name people read and the registrable domain that tells two apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Publisher {
    /// For people, e.g. `Ars Technica`.
    pub name: String,
    /// For machines, e.g. `arstechnica.com`.
    pub domain: String,
}

/// Who stated an entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Stated {
    /// A seed file.
    Seed {
        /// Its path.
        path: String,
    },
    /// A polled feed.
    Source {
        /// Its address; may hold a token.
        url: String,
        /// Its title.
        title: Option<String>,
        /// Its language.
        lang: Option<String>,
        /// Topic labels it was given.
        labels: Vec<String>,
    },
}

/// One entry and who stated it.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Who.
    pub by: Stated,
    /// What.
    pub entry: Entry,
}
