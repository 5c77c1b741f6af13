//! Arrivals: the entries of a feed that did not come by a poll, delivered by a hub or read from an archive.

use jiff::{SignedDuration, Timestamp};

use super::intake::{self, IntakeRules};
use crate::model::{Digest, Entry};
use crate::store::{Batch, Result, RowNo};

/// A date further ahead than this is a mistake of the feed, in seconds: zones differ by less than a day.
const FUTURE_S: i64 = 86_400;

/// What wins where an entry is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// What arrives: it is the latest.
    Latest,
    /// What is known: an archive holds the past (RFC 5005 section 4).
    Past,
}

/// Takes in the entries of a feed of `source`; says how many were not known.
///
/// # Errors
/// When the store fails.
pub(super) fn take_in(
    batch: &Batch<'_>,
    source: RowNo,
    entries: &[Entry],
    age: Age,
    rules: IntakeRules,
    now: Timestamp,
) -> Result<u64> {
    let latest = now.saturating_add(SignedDuration::from_secs(FUTURE_S)).unwrap_or(now);
    let sane = |at: Option<Timestamp>| at.filter(|at| *at <= latest);
    let mut new = 0;
    for entry in entries {
        let entry = Entry { published: sane(entry.published), updated: sane(entry.updated), ..entry.clone() };
        new += u64::from(take_entry(batch, source, &entry, age, rules, now)?);
    }
    Ok(new)
}

fn take_entry(
    batch: &Batch<'_>,
    source: RowNo,
    entry: &Entry,
    age: Age,
    rules: IntakeRules,
    now: Timestamp,
) -> Result<bool> {
    let key = Digest::of(entry.guid.as_ref().unwrap_or(&entry.url).as_bytes());
    let known = batch.source_entry(source, key)?;
    if let Some((_, before)) = &known
        && (age == Age::Past || serde_json::to_string(entry).is_ok_and(|text| text == *before))
    {
        return Ok(false);
    }
    let Some(article) = intake::resolve(batch, entry, now)? else {
        return Ok(false);
    };
    batch.put_source_entry(source, key, article, entry)?;
    intake::refresh(batch, article, rules, now)?;
    match known {
        Some((before, _)) if before != article => intake::refresh(batch, before, rules, now).map(|()| false),
        known => Ok(known.is_none()),
    }
}
