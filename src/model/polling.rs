//! `PollState`: where the polling of a source stands, what it has learnt of the source, and what it has counted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{FeedHints, Freshness, Validators};

/// Where the polling of a source stands. Kept in the store, survives restarts. Written without what is absent, since
/// it is written once an answer; states of older versions are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PollState {
    /// Not before this time is the source asked again.
    pub next_check_at: Timestamp,
    /// When it was last asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Timestamp>,
    /// When it last answered 200 or 304.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// From the last answer that had some.
    #[serde(skip_serializing_if = "is_default")]
    pub validators: Validators,
    /// The address the validators belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validators_of: Option<String>,
    /// A feed was read there at least once.
    #[serde(skip_serializing_if = "is_default")]
    pub was_read: bool,
    /// How many 200 answers in a row each came from another address than the one before: validators do not help there.
    #[serde(skip_serializing_if = "is_default")]
    pub roams: u32,
    /// Failures in a row.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: u32,
    /// Of which kind the last one was; `None` while all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// The last failure, for `status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Which rule set `next_check_at`, for `explain`.
    pub reason: String,
    /// The last time no request was sent, by our own rules: those may have changed.
    #[serde(skip_serializing_if = "is_default")]
    pub refused: bool,
    /// A 410 was seen: asked once more, then no longer.
    #[serde(skip_serializing_if = "is_default")]
    pub gone: bool,
    /// What a 429 or 503 asked for, until the source answers again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Timestamp>,
    /// What the feed's last 200 asked for.
    #[serde(skip_serializing_if = "is_default")]
    pub hints: FeedHints,
    /// How often the feed posts, by the dates of its entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rhythm: Option<Rhythm>,
    /// The freshness of the last answer.
    #[serde(skip_serializing_if = "is_default")]
    pub freshness: Freshness,
    /// Permanent redirects that agree so far, but are not believed yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moving: Option<Moving>,
    /// A permanent redirect that is believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
    /// What is listed is a page, and this is the feed it led to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery: Option<Discovery>,
    /// What was asked and what came of it, since the source was listed.
    #[serde(skip_serializing_if = "is_default")]
    pub tally: Tally,
}

/// The kind of a source's last failure: decides how the waits grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// 429 or 503.
    Throttled,
    /// 401, 403, 404 and the like: such answers last.
    Denied,
    /// The server was reached, and it did not work.
    Failed,
    /// The server was not reached.
    Unreached,
    /// An answer that is no feed.
    Unreadable,
}

/// Answers that agree on where a source has moved for good (301, 308), not yet enough of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moving {
    /// Where to.
    pub to: String,
    /// The first of them.
    pub since: Timestamp,
    /// How many.
    pub times: u32,
}

/// Where a source has moved for good: the address that is asked instead of the configured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Where to.
    pub to: String,
    /// When that was first believed.
    pub since: Timestamp,
    /// When the configured address was last asked whether it still says so.
    pub looked_at: Timestamp,
    /// The next request goes to the configured address, to see whether it still says so.
    #[serde(default, skip_serializing_if = "is_default")]
    pub looks_back: bool,
}

/// The feed that a listed page led to: the address that is asked instead of the configured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// The feed.
    pub feed: String,
    /// Other feeds that the page names, best first, or places that are still to be tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// The page names no feed: these are the usual places for one (`fetch.discover_paths`).
    #[serde(default)]
    pub is_guess: bool,
    /// It has answered with a feed.
    #[serde(default)]
    pub is_proven: bool,
}

/// How often a feed posts: the newest entries with a date, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhythm {
    /// The date of the oldest of them.
    pub since: Timestamp,
    /// How many.
    pub posts: u16,
}

/// Counts of one source. Stored as a bare list, in the order of the fields, without the zeroes at its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u32>", into = "Vec<u32>")]
pub struct Tally {
    /// Requests sent, redirects not counted.
    pub requests: u32,
    /// Those for which there were validators to send.
    pub conditional: u32,
    /// 304 answers.
    pub unchanged: u32,
    /// Answers with what is new only (226).
    pub deltas: u32,
    /// 200 answers that were asked for without validators although there were some. Must be 0.
    pub repeats: u32,
    /// Requests before a floor or a wish of the server was over. Must be 0, but for `--force`.
    pub early: u32,
    /// 429 and 503 answers.
    pub throttled: u32,
    /// Requests before a `Retry-After` was over. Must be 0, but for `--force`.
    pub hasty: u32,
    /// All other failures.
    pub failed: u32,
    /// Times that no request was sent, by our own rules.
    pub refused: u32,
    /// Permanent redirects that came to be believed.
    pub moves: u32,
}

impl From<Vec<u32>> for Tally {
    fn from(counts: Vec<u32>) -> Self {
        let mut tally = Self::default();
        tally.fields().into_iter().zip(counts).for_each(|(field, count)| *field = count);
        tally
    }
}

impl From<Tally> for Vec<u32> {
    fn from(mut tally: Tally) -> Self {
        let mut counts: Self = tally.fields().into_iter().map(|field| *field).collect();
        while counts.last() == Some(&0) {
            counts.pop();
        }
        counts
    }
}

impl Tally {
    fn fields(&mut self) -> [&mut u32; 11] {
        [
            &mut self.requests,
            &mut self.conditional,
            &mut self.unchanged,
            &mut self.deltas,
            &mut self.repeats,
            &mut self.early,
            &mut self.throttled,
            &mut self.hasty,
            &mut self.failed,
            &mut self.refused,
            &mut self.moves,
        ]
    }

    /// Both counts together.
    #[must_use]
    pub fn plus(mut self, mut other: Self) -> Self {
        self.fields().into_iter().zip(other.fields()).for_each(|(sum, more)| *sum = sum.saturating_add(*more));
        self
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_a_short_list() {
        let check = |tally: Tally, expect: &str| {
            assert_eq!(serde_json::to_string(&tally).unwrap(), expect);
            assert_eq!(serde_json::from_str::<Tally>(expect).unwrap(), tally);
        };
        check(Tally::default(), "[]");
        check(Tally { requests: 7, unchanged: 5, ..Tally::default() }, "[7,0,5]");
        check(Tally { requests: 1, moves: 2, ..Tally::default() }, "[1,0,0,0,0,0,0,0,0,0,2]");
        // Of a newer version.
        assert_eq!(serde_json::from_str::<Tally>("[1,0,0,0,0,0,0,0,0,0,2,9,9]").unwrap().moves, 2);
        let sum = Tally { requests: 1, early: 2, ..Tally::default() }.plus(Tally { requests: 3, ..Tally::default() });
        assert_eq!((sum.requests, sum.early), (4, 2));
    }

    #[test]
    fn states_of_the_first_version_are_read() {
        let old = r#"{"next_check_at":"2026-01-10T13:00:00Z","checked_at":null,"answered_at":"2026-01-10T12:00:00Z",
            "validators":{"etag":"\"1\""},"validators_of":"http://a.test/feed","failures":2,"problem":"it broke",
            "reason":"x","refused":false,"gone":true,"hints":{"ttl_s":60,"skip_hours":[],"skip_days":[],"hub":null,
            "self":null,"next":null,"prev_archive":null},"freshness":{"max_age_s":5,"expires":null}}"#;
        let state: PollState = serde_json::from_str(old).unwrap();
        assert_eq!((state.failures, state.gone, state.hints.ttl_s), (2, true, Some(60)));
        assert_eq!((state.freshness.max_age_s, state.tally, state.moved), (Some(5), Tally::default(), None));
    }

    #[test]
    fn a_state_is_written_short() {
        let at: Timestamp = "2026-01-10T12:00:00Z".parse().unwrap();
        let state = PollState {
            next_check_at: at,
            checked_at: Some(at),
            answered_at: Some(at),
            validators: Validators { etag: Some("\"1\"".to_owned()), last_modified: None },
            validators_of: Some("http://a.test/feed".to_owned()),
            reason: "the floor of 60 minutes between two polls".to_owned(),
            tally: Tally { requests: 9, conditional: 8, unchanged: 8, ..Tally::default() },
            ..PollState::default()
        };
        let text = serde_json::to_string(&state).unwrap();
        assert!(text.len() < 300, "{text}");
        assert_eq!(serde_json::from_str::<PollState>(&text).unwrap(), state);
    }
}
