//! Arrivals: the entries of a feed, however it came: by a poll, from a hub, or out of an archive.

use jiff::{SignedDuration, Timestamp};

use super::intake::{self, IntakeRules};
use crate::model::{Digest, Entry, Statement};
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
    entries: Vec<Entry>,
    age: Age,
    rules: IntakeRules,
    now: Timestamp,
) -> Result<u64> {
    let latest = now.saturating_add(SignedDuration::from_secs(FUTURE_S)).unwrap_or(now);
    let sane = |at: Option<Timestamp>| at.filter(|at| *at <= latest);
    let mut statement = Statement { by: batch.stated_as(source)?, entry: Entry::default() };
    let mut new = 0;
    for entry in entries {
        let (published, updated) = (sane(entry.published), sane(entry.updated));
        statement.entry = Entry { published, updated, ..entry };
        new += u64::from(take_entry(batch, source, &statement, age, rules, now)?);
    }
    Ok(new)
}

fn take_entry(
    batch: &Batch<'_>,
    source: RowNo,
    statement: &Statement,
    age: Age,
    rules: IntakeRules,
    now: Timestamp,
) -> Result<bool> {
    let entry = &statement.entry;
    let key = Digest::of(entry.guid.as_ref().unwrap_or(&entry.url).as_bytes());
    let known = batch.source_entry(source, key)?;
    if let Some((_, before)) = &known
        && (age == Age::Past || serde_json::to_string(entry).is_ok_and(|text| text == *before))
    {
        return Ok(false);
    }
    let keep = |article| match known {
        None => batch.add_source_entry(source, key, article, entry),
        Some(_) => batch.change_source_entry(source, key, article, entry),
    };
    let Some(article) = intake::take_in(batch, statement, rules, now, keep)? else {
        return Ok(false);
    };
    match known {
        Some((before, _)) if before != article => intake::refresh(batch, before, rules, now).map(|()| false),
        known => Ok(known.is_none()),
    }
}
