//! `When`: a time as a page gives it, as exact as the page is and no more.
//!
//! An instant keeps the offset it was written with, so that the day can be shown that readers of the page see.
//! As text it is RFC 3339 where the zone is known, and the same without a zone, or the day alone, where not.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A time as a page gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// An instant, and the offset of the clock it was written by.
    Instant(Timestamp, Offset),
    /// A time on a clock whose zone the page does not tell.
    Local(DateTime),
    /// A day, somewhere.
    Day(Date),
}

impl When {
    /// The day as the page writes it.
    #[must_use]
    pub fn day(&self) -> Date {
        match self {
            Self::Instant(at, offset) => offset.to_datetime(*at).date(),
            Self::Local(at) => at.date(),
            Self::Day(day) => *day,
        }
    }

    /// Whether it may be no more than a day: one, or midnight by its own clock, which is what a day is written as.
    #[must_use]
    pub fn may_be_a_day(&self) -> bool {
        match self {
            Self::Instant(at, offset) => offset.to_datetime(*at).time() == Time::midnight(),
            Self::Local(at) => at.time() == Time::midnight(),
            Self::Day(_) => true,
        }
    }

    /// The instant, where one is known.
    #[must_use]
    pub fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::Instant(at, _) => Some(*at),
            Self::Local(_) | Self::Day(_) => None,
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instant(at, offset) if offset.is_zero() => write!(f, "{at}"),
            Self::Instant(at, offset) => write!(f, "{}", at.display_with_offset(*offset)),
            Self::Local(at) => write!(f, "{at}"),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

impl FromStr for When {
    type Err = jiff::Error;

    /// Reads what [`When`] is written as.
    ///
    /// # Errors
    /// When it is none of the three forms.
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        let pieces = Pieces::parse(text)?;
        let Some(time) = pieces.time() else { return Ok(Self::Day(pieces.date())) };
        let clock = pieces.date().to_datetime(time);
        match pieces.to_numeric_offset() {
            Some(offset) => Ok(Self::Instant(offset.to_timestamp(clock)?, offset)),
            None => Ok(Self::Local(clock)),
        }
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_again() {
        let check = |text: &str, day: &str, instant: Option<&str>| {
            let when: When = text.parse().unwrap();
            assert_eq!(when.to_string(), text);
            assert_eq!(when.day().to_string(), day, "{text}");
            assert_eq!(when.instant().map(|at| at.to_string()).as_deref(), instant, "{text}");
            let json = serde_json::to_string(&when).unwrap();
            assert_eq!(serde_json::from_str::<When>(&json).unwrap(), when);
        };
        check("2026-11-23T04:05:06Z", "2026-11-23", Some("2026-11-23T04:05:06Z"));
        check("2026-11-23T04:05:06+05:30", "2026-11-23", Some("2026-11-22T22:35:06Z"));
        check("2026-11-23T23:05:06-05:00", "2026-11-23", Some("2026-11-24T04:05:06Z"));
        check("2026-11-23T04:05:06", "2026-11-23", None);
        check("2026-11-23", "2026-11-23", None);
        assert!("yesterday".parse::<When>().is_err());
        assert!("2026-13-40".parse::<When>().is_err());
    }
}
