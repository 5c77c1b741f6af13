//! What asking a source can come to, as far as its schedule cares: a fetch's outcome in, an event out.

use jiff::Timestamp;

use crate::model::{FeedHints, Freshness, Outcome, Validators};

/// What came of asking a source.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "made, read once and dropped; never kept in numbers")]
pub enum PollEvent {
    /// 200 or 226.
    Answered {
        /// As received with this answer.
        validators: Validators,
        /// The address that gave the answer, after redirects.
        validators_of: String,
        /// As stated with this answer.
        freshness: Freshness,
        /// What the feed document asks for.
        hints: FeedHints,
        /// Why the body is of no use, if it is not: a page instead of a feed, say.
        unreadable: Option<String>,
    },
    /// 304.
    Unchanged {
        /// Those that the 304 carried.
        validators: Validators,
        /// What the 304 stated.
        freshness: Freshness,
    },
    /// 429 or 503.
    Throttled {
        /// The status, for the operator.
        status: u16,
        /// When the server says to come again.
        retry_after: Option<Timestamp>,
    },
    /// 410.
    Gone,
    /// No request was sent; the text says why.
    Refused(String),
    /// Anything else.
    Failed {
        /// The status, if the server answered at all.
        status: Option<u16>,
        /// For the operator.
        detail: String,
    },
}

impl PollEvent {
    /// What `outcome` means for polling. `hints` are those of the feed in a fresh page; `unreadable` says why
    /// that page is no feed, if it is none.
    #[must_use]
    pub fn of(outcome: &Outcome, hints: FeedHints, unreadable: Option<String>) -> Self {
        match outcome {
            Outcome::Fresh(page) => Self::Answered {
                validators: page.validators.clone(),
                validators_of: page.final_url.clone(),
                freshness: page.freshness,
                hints,
                unreadable,
            },
            Outcome::Unchanged { validators, freshness } => {
                Self::Unchanged { validators: validators.clone(), freshness: *freshness }
            }
            Outcome::Throttled { status, retry_after } => {
                Self::Throttled { status: *status, retry_after: *retry_after }
            }
            Outcome::Gone => Self::Gone,
            Outcome::Refused(refusal) => Self::Refused(refusal.to_string()),
            Outcome::Failed(failure) => Self::Failed { status: failure.status, detail: failure.to_string() },
        }
    }
}
