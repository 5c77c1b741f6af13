//! What asking a source can come to, as far as its schedule cares: a fetch's outcome in, an event out.

use jiff::Timestamp;

use super::rhythm;
use crate::model::{Feed, FeedHints, Freshness, Outcome, Page, Refusal, Rhythm, Validators};

/// What came of asking a source.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "made, read once and dropped; never kept in numbers")]
pub enum PollEvent {
    /// 200 or 226.
    Answered(Answer),
    /// 304.
    Unchanged {
        /// Those that the 304 carried.
        validators: Validators,
        /// What the 304 stated.
        freshness: Freshness,
        /// Where the address asked has moved for good.
        moved_to: Option<String>,
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
    /// No request was sent, as the whole host wants to be left alone until then.
    Resting(Timestamp),
    /// Anything else.
    Failed {
        /// The status, if the server answered at all.
        status: Option<u16>,
        /// For the operator.
        detail: String,
    },
}

/// A 200 or 226.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// As received with this answer.
    pub validators: Validators,
    /// The address that gave the answer, after redirects.
    pub validators_of: String,
    /// Validators had been sent to that address.
    pub is_conditional: bool,
    /// A 200: what it does not hold is no longer there.
    pub is_whole: bool,
    /// A 226 with `IM: feed`. One that is neither whole nor this was not asked for: what it holds is read, and the
    /// validators stay those of what was held before.
    pub is_delta: bool,
    /// As stated with this answer.
    pub freshness: Freshness,
    /// What the feed document asks for.
    pub hints: FeedHints,
    /// How often the feed posts.
    pub rhythm: Option<Rhythm>,
    /// Where the address asked has moved for good.
    pub moved_to: Option<String>,
    /// Why the body is of no use, if it is not: a page instead of a feed, say.
    pub unreadable: Option<String>,
}

impl PollEvent {
    /// What `outcome` means for polling. `feed` is what was read in a fresh page.
    #[must_use]
    pub fn of(outcome: &Outcome, feed: Option<&Feed>, now: Timestamp) -> Self {
        match outcome {
            Outcome::Fresh(page) => Self::Answered(answer(page, feed, now)),
            Outcome::Unchanged { validators, freshness, moved_to } => {
                Self::Unchanged { validators: validators.clone(), freshness: *freshness, moved_to: moved_to.clone() }
            }
            Outcome::Throttled { status, retry_after } => {
                Self::Throttled { status: *status, retry_after: *retry_after }
            }
            Outcome::Gone => Self::Gone,
            Outcome::Refused(Refusal::Resting(until)) => Self::Resting(*until),
            // It was asked: a redirect is an answer.
            Outcome::Refused(refusal @ Refusal::Redirect(_)) => {
                Self::Failed { status: Some(302), detail: refusal.to_string() }
            }
            Outcome::Refused(refusal @ (Refusal::Robots(_) | Refusal::Guard(_))) => Self::Refused(refusal.to_string()),
            Outcome::Failed(failure) => Self::Failed { status: failure.status, detail: failure.to_string() },
        }
    }

    /// A 200, 226 or 304.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, Self::Answered(_) | Self::Unchanged { .. })
    }

    /// Where an answer says that the address has moved to for good.
    pub(super) fn moved_to(&self) -> Option<&str> {
        match self {
            Self::Answered(answer) => answer.moved_to.as_deref(),
            Self::Unchanged { moved_to, .. } => moved_to.as_deref(),
            _ => None,
        }
    }
}

fn answer(page: &Page, feed: Option<&Feed>, now: Timestamp) -> Answer {
    Answer {
        validators: page.validators.clone(),
        validators_of: page.final_url.clone(),
        is_conditional: page.is_conditional,
        is_whole: page.status != 226,
        is_delta: page.is_delta,
        freshness: page.freshness,
        hints: feed.map_or_else(FeedHints::default, |feed| feed.hints.clone()),
        rhythm: feed.and_then(|feed| rhythm::of(&feed.entries, now)),
        moved_to: page.moved_to.clone(),
        unreadable: feed.and_then(not_a_feed),
    }
}

fn not_a_feed(feed: &Feed) -> Option<String> {
    let is_none = feed.format.is_none() && feed.entries.is_empty();
    is_none.then(|| match feed.notes.first() {
        None => "the answer is no feed".to_owned(),
        Some(note) => format!("the answer is no feed: {note}"),
    })
}
