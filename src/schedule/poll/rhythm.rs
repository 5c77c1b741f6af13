//! How often a feed posts: the dates of its entries go in, how long it may wait between two polls comes out.
//!
//! A feed that posts weekly needs no hourly poll. This only lengthens, and never beyond the operator's bound.

use jiff::Timestamp;

use super::{HOUR_S, PollRules};
use crate::model::{Entry, Rhythm};

/// Fewer dates than this tell no rate.
const LEAST_POSTS: usize = 5;

/// The newest so many entries tell how it is now; what a feed keeps from years ago does not.
const MOST_POSTS: usize = 20;

/// Polls for one entry, on average: an entry is then found within an eighth of the time to the next one.
const POLLS_PER_POST: i64 = 8;

/// The rate that the dates of `entries` tell, up to `now`.
pub(super) fn of(entries: &[Entry], now: Timestamp) -> Option<Rhythm> {
    let stated = entries.iter().filter_map(|entry| entry.published.or(entry.updated));
    let mut dates: Vec<Timestamp> = stated.filter(|date| *date <= now).collect();
    if dates.len() < LEAST_POSTS {
        return None;
    }
    dates.sort_unstable_by(|one, other| other.cmp(one));
    dates.truncate(MOST_POSTS);
    Some(Rhythm { since: *dates.last()?, posts: u16::try_from(dates.len()).unwrap_or(u16::MAX) })
}

/// Seconds between two posts, and between two polls; `None` where polls may be an hour apart or less. The time since
/// the last post counts, so a feed that falls silent is asked less and less, down to the bound.
pub(super) fn waits(rhythm: Rhythm, now: Timestamp, rules: &PollRules) -> Option<(i64, i64)> {
    let span = now.as_second().saturating_sub(rhythm.since.as_second());
    let every_s = span.checked_div(i64::from(rhythm.posts))?;
    let wait_s = (every_s / POLLS_PER_POST).min(rules.quiet_interval_s);
    (wait_s > HOUR_S).then_some((every_s, wait_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURS: fn(i64) -> Timestamp = |hours| Timestamp::constant(1_800_000_000 + hours * HOUR_S, 0);

    fn entry(date: Timestamp) -> Entry {
        Entry { published: Some(date), ..Entry::default() }
    }

    /// `posts` entries, one every `every` hours, the last one `silent` hours ago: hours between polls.
    fn check(posts: i64, every: i64, silent: i64, expect: Option<i64>) {
        let entries: Vec<Entry> = (0..posts).map(|n| entry(HOURS(-silent - n * every))).collect();
        let found = of(&entries, HOURS(0)).and_then(|rhythm| waits(rhythm, HOURS(0), &PollRules::default()));
        assert_eq!(
            found.map(|(_, wait)| wait / HOUR_S),
            expect,
            "{posts} posts, every {every} h, silent for {silent} h"
        );
    }

    #[test]
    fn a_quiet_feed_waits_longer_up_to_the_bound() {
        check(10, 1, 0, None);
        check(20, 8, 0, None);
        check(20, 24, 0, Some(2));
        check(20, 7 * 24, 0, Some(6));
        check(20, 30 * 24, 0, Some(6));
        // Silence counts as one more gap: a weekend does little, a month much.
        check(20, 1, 48, None);
        check(20, 1, 30 * 24, Some(4));
        check(20, 1, 300 * 24, Some(6));
    }

    #[test]
    fn few_dates_tell_nothing() {
        check(4, 7 * 24, 0, None);
        assert_eq!(of(&vec![Entry::default(); 9], HOURS(0)), None);
        assert_eq!(of(&vec![entry(HOURS(5)); 9], HOURS(0)), None);
    }

    #[test]
    fn only_the_newest_count() {
        let old = (0..50).map(|n| entry(HOURS(-9000 * n - 9000)));
        let new = (0..20).map(|n| entry(HOURS(-n)));
        let rhythm = of(&old.chain(new).collect::<Vec<_>>(), HOURS(0)).unwrap();
        assert_eq!((rhythm.posts, rhythm.since), (20, HOURS(-19)));
    }

    #[test]
    fn the_bound_is_the_operators() {
        let rhythm = Rhythm { since: HOURS(-24 * 7 * 5), posts: 5 };
        let wait = |quiet_interval_s| {
            waits(rhythm, HOURS(0), &PollRules { quiet_interval_s, ..PollRules::default() })
                .map(|(_, wait)| wait / HOUR_S)
        };
        assert_eq!((wait(0), wait(12 * HOUR_S), wait(99 * HOUR_S)), (None, Some(12), Some(21)));
    }
}
