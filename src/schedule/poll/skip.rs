//! `skipHours` and `skipDays` of RSS: a time in, the next time that the feed does not skip out.

use jiff::Timestamp;

use crate::model::FeedHints;
use crate::schedule::{DAY_S, HOUR_S};

/// The start of the first hour after `at` that the feed does not skip; `None` when the hour of `at` is not
/// skipped, or when every hour of the week is, which cannot be meant.
pub(super) fn next_open_hour(hints: &FeedHints, at: Timestamp) -> Option<Timestamp> {
    if hints.skip_hours.is_empty() && hints.skip_days.is_empty() {
        return None;
    }
    let hour_start = at.as_second().div_euclid(HOUR_S) * HOUR_S;
    let ahead = (0..=7 * 24).find(|hours| !skipped(hints, hour_start + hours * HOUR_S))?;
    if ahead == 0 { None } else { Timestamp::from_second(hour_start + ahead * HOUR_S).ok() }
}

/// Whether the feed skips the hour (GMT) that holds the second `at`.
fn skipped(hints: &FeedHints, at: i64) -> bool {
    const DAYS: [&str; 7] = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"];
    let hour = at.div_euclid(HOUR_S).rem_euclid(24);
    // 1 January 1970 was a Thursday.
    let day = usize::try_from(at.div_euclid(DAY_S).rem_euclid(7)).ok().and_then(|day| DAYS.get(day));
    // Some feeds count hours from 1 to 24: 24 is the hour from midnight.
    hints.skip_hours.iter().any(|skip| i64::from(*skip) % 24 == hour)
        || day.is_some_and(|day| hints.skip_days.iter().any(|skip| skip.trim().eq_ignore_ascii_case(day)))
}
