//! `VisitState`: where the visits of an article's page stand.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Validators;

/// Where the visits of an article's page stand. Kept in the store, survives restarts. The default rests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VisitState {
    /// Not before this time is the page asked again; `None` when it rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// When it was last asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// When it first answered 200: the plan of visits counts from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fetched_at: Option<Timestamp>,
    /// How often it answered 200 or 304.
    pub visits: u32,
    /// Failures in a row, throttling included.
    pub failures: u32,
    /// Refusals in a row.
    pub refusals: u32,
    /// From the last answer that had some, verbatim.
    pub validators: Validators,
    /// The address the validators belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validators_of: Option<String>,
    /// The address of its AMP page, where that is asked in the page's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    /// The AMP page could not be had either.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub second_failed: bool,
    /// The last failure, for `status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Which rule set `next_at`, for `explain`.
    pub reason: String,
}
