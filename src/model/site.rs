//! `Site`: what the pages of a site have taught about it.

use serde::{Deserialize, Serialize};

/// What the pages of a site have taught about it, as bounded counts of evidence. Kept in the store by registrable
/// domain; the default knows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    /// Pages that were learnt from. All counts are halved now and then, so that a site may change its ways.
    pub pages: u32,
    /// What stood before or after headlines in titles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<NameSeen>,
    /// Which zones its times are in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneSeen>,
    /// Which places name the authors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceSeen>,
}

/// A part of titles, and on how many pages it stood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameSeen {
    /// As written.
    pub name: String,
    /// Pages.
    pub pages: u32,
}

/// An offset from UTC, and how many times of a month were in it: summer and winter differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneSeen {
    /// East of Greenwich.
    pub minutes: i32,
    /// 1 to 12.
    pub month: i8,
    /// Pages.
    pub pages: u32,
}

/// A place in pages where authors are named, and how often it said what the page's own data said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceSeen {
    /// `extractor:place`.
    pub place: String,
    /// Pages where both named the same people.
    pub agreed: u32,
    /// Pages where they did not.
    pub differed: u32,
}
