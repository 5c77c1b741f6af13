//! When to do what: crontab expressions, the politeness of polling, of page visits and towards hubs, backing off.
//!
//! In come a state, what happened and the time; out comes the next state. Arithmetic on values: nothing here
//! reads a clock, draws a random number or asks anybody anything.

pub mod backoff;
pub mod cron;
pub mod poll;
pub mod subscription;
pub mod visit;

use jiff::{SignedDuration, Timestamp};

use crate::model::Validators;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 60 * MINUTE_S;
const DAY_S: i64 = 24 * HOUR_S;

/// `seconds` after `t`, or the end of time where that is sooner.
fn later(t: Timestamp, seconds: i64) -> Timestamp {
    t.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// A wait for people: the largest unit that loses little.
fn in_words(seconds: i64) -> String {
    match seconds {
        s if s >= 2 * DAY_S => format!("{} days", (s + DAY_S / 2) / DAY_S),
        s if s >= 2 * HOUR_S => format!("{} hours", (s + HOUR_S / 2) / HOUR_S),
        s if s >= 2 * MINUTE_S => format!("{} minutes", (s + MINUTE_S / 2) / MINUTE_S),
        s => format!("{s} seconds"),
    }
}

/// A count of failures for people.
fn in_a_row(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times in a row") }
}

/// RFC 9111 §4.3.4: what a 304 carries replaces what is stored, what it leaves out stays.
fn take_from_304(stored: &mut Validators, carried: &Validators) {
    stored.etag = carried.etag.clone().or(stored.etag.take());
    stored.last_modified = carried.last_modified.clone().or(stored.last_modified.take());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_said_in_the_largest_unit_that_fits() {
        let check = |seconds: i64, expect: &str| assert_eq!(in_words(seconds), expect);
        check(0, "0 seconds");
        check(119, "119 seconds");
        check(900, "15 minutes");
        check(HOUR_S, "60 minutes");
        check(DAY_S, "24 hours");
        check(7 * DAY_S, "7 days");
    }

    #[test]
    fn time_ends_rather_than_overflows() {
        assert_eq!(later(Timestamp::MAX, i64::MAX), Timestamp::MAX);
        assert_eq!(later(Timestamp::UNIX_EPOCH, 60).as_second(), 60);
    }
}
