//! `Date` and `Expires`, written once a second.
//!
//! In comes the clock, out go two header values in step: `Expires` is always `Date` plus the lifetime.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use hyper::header::HeaderValue;

use crate::clock::Clock;
use crate::released::http_date;

/// Seconds a reader or cache may keep an answer: no reader that is worth serving asks more often, and a
/// release is seen within a quarter of an hour.
pub(super) const MAX_AGE: i64 = 900;

/// `Cache-Control` for [`MAX_AGE`].
pub(super) const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=900");

/// Seconds for what changes by a schedule of its own or hardly at all: digests and archives.
const SLOW_MAX_AGE: i64 = 3600;

/// `Cache-Control` and `Expires`, in step; `slow` for what has a schedule of its own.
pub(super) fn lifetime(slow: bool, day: &Day) -> (HeaderValue, HeaderValue) {
    if slow {
        return (HeaderValue::from_static("public, max-age=3600"), day.expires_slow.clone());
    }
    (CACHE_CONTROL, day.expires.clone())
}

/// The header values of one second.
#[derive(Debug)]
pub(super) struct Day {
    /// Since 1970.
    pub(super) second: i64,
    /// `Date`.
    pub(super) date: HeaderValue,
    /// `Expires`.
    pub(super) expires: HeaderValue,
    /// `Expires` of what changes slowly.
    expires_slow: HeaderValue,
}

/// The clock as header values.
#[derive(Debug)]
pub(super) struct Calendar {
    clock: Clock,
    day: ArcSwap<Day>,
}

impl Day {
    pub(super) fn at(second: i64) -> Self {
        let after = |lifetime| http_date(second.saturating_add(lifetime));
        Self { second, date: after(0), expires: after(MAX_AGE), expires_slow: after(SLOW_MAX_AGE) }
    }
}

impl Calendar {
    pub(super) fn new(clock: Clock) -> Self {
        let day = Day::at(clock.now().as_second());
        Self { clock, day: ArcSwap::from_pointee(day) }
    }

    /// The values of this second.
    pub(super) fn now(&self) -> Guard<Arc<Day>> {
        let second = self.clock.now().as_second();
        let day = self.day.load();
        if day.second == second {
            return day;
        }
        // Two threads may both write it: they write the same.
        self.day.store(Arc::new(Day::at(second)));
        self.day.load()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_clock_in_step() {
        let clock = Clock::manual(jiff::Timestamp::from_second(784_111_777).unwrap());
        let calendar = Calendar::new(clock.clone());
        assert_eq!(calendar.now().date, "Sun, 06 Nov 1994 08:49:37 GMT");
        clock.advance(1);
        assert_eq!(calendar.now().date, "Sun, 06 Nov 1994 08:49:38 GMT");
        assert_eq!(calendar.now().expires, "Sun, 06 Nov 1994 09:04:38 GMT");
        assert_eq!(CACHE_CONTROL, format!("public, max-age={MAX_AGE}"));
    }
}
