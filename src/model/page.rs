//! Fetching as values: what to ask, and what came of it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why an address is asked: decides the `Accept` header and whether robots.txt governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A feed the operator listed: robots.txt does not apply.
    Feed,
    /// A feed that a listed page led to: robots.txt applies.
    Discovery,
    /// An article's page: robots.txt applies.
    Article,
    /// The beginning of a picture, for its size: robots.txt applies.
    Image,
    /// A picture, to show it to readers: robots.txt applies.
    Picture,
}

impl Purpose {
    /// One word for it, in numbers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Discovery => "discovery",
            Self::Article => "page",
            Self::Image => "image",
            Self::Picture => "picture",
        }
    }
}

/// Called with the decoded bytes so far whenever they have grown by a good step, each time with those of the time
/// before: `true` stops the reading.
pub type Judge = Box<dyn FnMut(&[u8]) -> bool + Send>;

/// One GET to make.
#[derive(Debug, Clone)]
pub struct Request {
    /// Absolute `http` or `https` address.
    pub url: String,
    /// Why it is asked.
    pub purpose: Purpose,
    /// What the server gave with the last answer, sent back verbatim.
    pub validators: Validators,
    /// The address that gave them: they go with that hop of the request and no other. `None` sends none.
    pub validators_of: Option<String>,
    /// Makes the judge of the page at an address, who says when enough of it was read; `None` reads all.
    pub enough: Option<fn(&str) -> Judge>,
}

/// Validators exactly as received: never parsed, never invented (RFC 9110 §13).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` field, with its quotes and `W/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The `Last-Modified` field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// What an answer says about its own freshness (RFC 9111), relative to when it was received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// `Cache-Control: max-age` less `Age`, in seconds, not below 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_s: Option<u64>,
    /// The `Expires` field as a time, by our clock: as far ahead as it lies ahead of the server's `Date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// One response, as bytes: the charset is the parser's business.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The address that finally answered.
    pub final_url: String,
    /// Where the asked address has moved for good: every redirect on the way was a 301 or 308.
    pub moved_to: Option<String>,
    /// HTTP status: 200, 226, or 206 for the beginning of a picture.
    pub status: u16,
    /// Validators went with the hop that answered.
    pub is_conditional: bool,
    /// A 226 with `IM: feed` (RFC 3229): the entries that are new since the validators sent; all others still stand.
    pub is_delta: bool,
    /// Media type without parameters, in lower case.
    pub media_type: Option<String>,
    /// The `charset` parameter.
    pub charset: Option<String>,
    /// The `Content-Language` field.
    pub language: Option<String>,
    /// Decoded body, at most the cap.
    pub bytes: Vec<u8>,
    /// Reading stopped before the end, since enough was read.
    pub partial: bool,
    /// Bytes of the body as they came over the wire.
    pub wire_bytes: u64,
    /// For the next conditional request.
    pub validators: Validators,
    /// How long the answer says it is good for.
    pub freshness: Freshness,
    /// `Link` field values, as received.
    pub links: Vec<String>,
}

/// What came of a request. Expected results are variants, not errors.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A new representation.
    Fresh(Page),
    /// 304: what we have is still right.
    Unchanged {
        /// Validators that the 304 carried (each may be absent).
        validators: Validators,
        /// Freshness that the 304 carried.
        freshness: Freshness,
        /// As in [`Page::moved_to`].
        moved_to: Option<String>,
    },
    /// 429 or 503.
    Throttled {
        /// The status.
        status: u16,
        /// `Retry-After`, in seconds or as a date, as a time.
        retry_after: Option<Timestamp>,
    },
    /// 410.
    Gone,
    /// We did not ask.
    Refused(Refusal),
    /// It did not work.
    Failed(Failure),
}

impl Outcome {
    /// One word for it, in logs and numbers.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fresh(_) => "fresh",
            Self::Unchanged { .. } => "unchanged",
            Self::Throttled { .. } => "throttled",
            Self::Gone => "gone",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
        }
    }
}

/// Why we did not send a request, or not the one that a redirect asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// robots.txt of the host says no; the text is the rule that matched.
    Robots(String),
    /// The address, or what the name resolves to, may not be dialled; the text says why.
    Guard(String),
    /// The address was asked, and it redirects to where we may not go; the text says why.
    Redirect(String),
    /// The whole host wants to be left alone until then.
    Resting(Timestamp),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Robots(rule) => write!(f, "robots.txt forbids it ({rule})"),
            Self::Guard(why) => write!(f, "not allowed: {why}"),
            Self::Redirect(why) => write!(f, "redirects to where we may not go: {why}"),
            Self::Resting(until) => write!(f, "its host rests until {until:.0}"),
        }
    }
}

/// The kind of a failure, for counting and for deciding how to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The name has no address.
    Dns,
    /// Nobody answered at the address.
    Connect,
    /// No trust could be established.
    Tls,
    /// It took longer than `fetch.timeout`.
    Timeout,
    /// The body is larger than `fetch.max_body`, or inflates beyond the ratio cap.
    TooLarge,
    /// More redirects than the cap, a circle, or one without a target.
    Redirects,
    /// A status of 4xx or 5xx that has no variant of its own.
    Status,
    /// The body ended early or could not be decoded.
    Broken,
}

/// A failed fetch: what kind, and a sentence with the facts (status, host, limit). Never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// HTTP status where one was received.
    pub status: Option<u16>,
    /// For people, e.g. `404 Not Found` or `no address for example.org`.
    pub detail: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}
