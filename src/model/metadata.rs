//! `PageMetadata`: what an article's own page says about it.

use serde::{Deserialize, Serialize};

use super::{Image, When};

/// A value and where in the page it was found, e.g. `jsonld:NewsArticle.headline`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// `extractor:place`.
    pub from: String,
}

/// What an article's own page says, each field with where it was found. All optional.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields are those of `inspect page` in the interface")]
pub struct PageMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Found<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Found<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub author: Vec<Found<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_name: Option<Found<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Found<When>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<Found<When>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Found<Image>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<Found<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amp: Option<Found<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<Found<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<Found<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Found<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Found<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paywalled: Option<Found<bool>>,
    /// What was odd about the page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
