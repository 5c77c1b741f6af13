//! `Article`: an entry under its canonical URL, enriched by its page.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ArticleId, Image, Publisher};

/// A field of an article whose provenance is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "named after the fields of `Article`")]
pub enum Field {
    Title,
    Excerpt,
    Authors,
    Publisher,
    Published,
    Image,
    Lang,
    Category,
    Kind,
    Tags,
    Quality,
}

/// An entry under its canonical URL, enriched. Every time is UTC, all text is plain text.
#[derive(Debug, Clone, PartialEq, Hash, Serialize, Deserialize)]
pub struct Article {
    /// Identity.
    pub id: ArticleId,
    /// The address readers are sent to.
    pub url: String,
    /// Headline; the address without its scheme where nobody stated one.
    pub title: String,
    /// Summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// People.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Never empty: from the domain where nobody stated one.
    pub publisher: Publisher,
    /// First publication; the time it was first seen where nobody stated one (then without provenance).
    pub published: Timestamp,
    /// Lead picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// BCP 47 language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// `article`, `video`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Free tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Topic labels of the sources that brought it. Labels of seeds belong to the story.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Editorial worth, 0 where nobody stated one.
    #[serde(default)]
    pub quality: i64,
    /// The page names another publisher's address as canonical: evidence that this is a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_elsewhere: Option<String>,
}
