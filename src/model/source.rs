//! `Source`: a feed that is polled; `Feed`: what one poll of it said.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entry, Freshness, Validators};

/// A feed address the operator listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The address as configured: the source's identity. May hold a token, so mask it when shown.
    pub url: String,
    /// Labels for every entry of this source.
    pub labels: Vec<String>,
}

/// Where the polling of a source stands. Kept in the store, survives restarts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PollState {
    /// Not before this time is the source asked again.
    pub next_check_at: Timestamp,
    /// When it was last asked.
    pub checked_at: Option<Timestamp>,
    /// When it last answered 200 or 304.
    pub answered_at: Option<Timestamp>,
    /// From the last answer that had some.
    pub validators: Validators,
    /// The address the validators belong to.
    pub validators_of: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// The last failure, for `status`.
    pub problem: Option<String>,
    /// Which rule set `next_check_at`, for `explain`.
    pub reason: String,
    /// The last time no request was sent, by our own rules: those may have changed.
    #[serde(default)]
    pub refused: bool,
    /// A 410 was seen: asked once more, then no longer.
    pub gone: bool,
    /// What the feed's last 200 asked for.
    pub hints: FeedHints,
    /// The freshness of the last answer.
    pub freshness: Freshness,
}

/// What a feed document asks of its readers. Each only ever lengthens the wait.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedHints {
    /// RSS `ttl` or `sy:updatePeriod`, in seconds.
    pub ttl_s: Option<u64>,
    /// RSS `skipHours`, GMT, 0 to 23.
    pub skip_hours: Vec<u8>,
    /// RSS `skipDays`, English names.
    pub skip_days: Vec<String>,
    /// WebSub hub.
    pub hub: Option<String>,
    /// The feed's own address.
    #[serde(rename = "self")]
    pub self_url: Option<String>,
    /// Next page (RFC 5005).
    pub next: Option<String>,
    /// Previous archive (RFC 5005).
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
