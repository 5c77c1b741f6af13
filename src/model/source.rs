//! `Source`: a feed that is polled; `Feed`: what one poll of it said.

use serde::{Deserialize, Serialize};

use super::Entry;

/// A feed address the operator listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The address as configured: the source's identity. May hold a token, so mask it when shown.
    pub url: String,
    /// Labels for every entry of this source.
    pub labels: Vec<String>,
}

/// What a feed document asks of its readers. Each only ever lengthens the wait. Written without what is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedHints {
    /// RSS `ttl` or `sy:updatePeriod`, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u64>,
    /// RSS `skipHours`, GMT, 0 to 23.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_hours: Vec<u8>,
    /// RSS `skipDays`, English names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_days: Vec<String>,
    /// WebSub hub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<String>,
    /// The feed's own address.
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub self_url: Option<String>,
    /// Next page (RFC 5005).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Previous archive (RFC 5005).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev_archive: Option<String>,
    /// This document is an archive, which never changes (RFC 5005).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub archive: bool,
    /// This document holds all there is (RFC 5005).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// The address the feed says it moved to (`itunes:new-feed-url`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
}

/// A feed document, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Feed {
    /// `rss2`, `atom`, `json`, … as `inspect feed` shows it; `None` when it is no feed.
    pub format: Option<String>,
    /// The feed's title as plain text.
    pub title: Option<String>,
    /// The site the feed belongs to.
    pub link: Option<String>,
    /// BCP 47 language tag.
    pub lang: Option<String>,
    /// In document order, capped.
    pub entries: Vec<Entry>,
    /// Wishes about polling.
    pub hints: FeedHints,
    /// What was odd and how it was read.
    pub notes: Vec<String>,
}
