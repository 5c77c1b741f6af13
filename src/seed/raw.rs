//! What a seed file may hold, as serde reads it: typed, all optional, with the keys that nobody asked for.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

/// What every entry may say; the lead is the same with the keys of a seed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawEntry {
    pub(super) category: Option<String>,
    pub(super) title: Option<String>,
    pub(super) excerpt: Option<String>,
    pub(super) published_date_time: Option<String>,
    pub(super) original_url: Option<String>,
    pub(super) web_url: Option<String>,
    pub(super) amp_web_url: Option<String>,
    pub(super) cdn_amp_web_url: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) quality: Option<i64>,
    pub(super) heat: Option<f64>,
    pub(super) published: Option<bool>,
    pub(super) provider: Option<RawProvider>,
    pub(super) images: Option<Vec<RawImage>>,
    pub(super) topics: Option<Vec<Option<String>>>,
    pub(super) related: Option<Vec<RawEntry>>,
    /// Its value is skipped: it is nobody's business.
    pub(super) secured: Option<IgnoredAny>,
    #[serde(flatten)]
    pub(super) unknown: Keys,
    /// The entry is no mapping and was reported.
    #[serde(skip)]
    pub(super) is_broken: bool,
}

/// The publisher.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawProvider {
    pub(super) name: Option<String>,
    pub(super) domain: Option<String>,
    #[serde(flatten)]
    pub(super) unknown: Keys,
}

/// A picture.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawImage {
    pub(super) url: Option<String>,
    pub(super) width: Option<i64>,
    pub(super) height: Option<i64>,
    /// Accepted, and means nothing to us.
    pub(super) is_cached: Option<IgnoredAny>,
    #[serde(flatten)]
    pub(super) unknown: Keys,
}

/// The keys of a mapping that nobody asked for, without their values.
#[derive(Debug, Default)]
pub(super) struct Keys(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Keys, A::Error> {
        let mut keys = Vec::new();
        while let Some((key, IgnoredAny)) = access.next_entry()? {
            keys.push(key);
        }
        Ok(Keys(keys))
    }
}
