//! Dates as pages and feeds write them → a day, and where they say so a time and a zone.
//!
//! In comes the text of a date in any of the shapes that are in use (RFC 3339, ISO 8601 basic, RFC 2822
//! with its common mistakes, `Month d, yyyy`, `d.m.yyyy`, Unix seconds); out goes what it states and
//! nothing more. It never asks a clock, so it cannot know `yesterday`, and it never invents a zone.

mod loose;
mod standard;
mod zone;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use crate::model::When;

/// No date of ours is longer; what follows is not read.
const LONGEST: usize = 96;

/// Before the web there was no page: an earlier year is a mistake (a template's default, mostly).
pub const FIRST_YEAR: i16 = 1990;

/// What a date text states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// The day as written.
    pub day: Date,
    /// The time of the day as written.
    pub time: Option<Time>,
    /// The zone as written.
    pub offset: Option<Offset>,
}

impl Stated {
    /// The instant where time and zone are stated, else what is.
    #[must_use]
    pub fn when(&self) -> When {
        match (self.time, self.offset) {
            (Some(time), Some(offset)) => {
                self.at(time, offset).map_or(When::Day(self.day), |at| When::Instant(at, offset))
            }
            (Some(time), None) => When::Local(self.day.to_datetime(time)),
            (None, _) => When::Day(self.day),
        }
    }

    /// The instant, a missing zone read as UTC and a missing time as midnight.
    #[must_use]
    pub fn utc(&self) -> Option<Timestamp> {
        self.at(self.time.unwrap_or(Time::midnight()), self.offset.unwrap_or(Offset::UTC))
    }

    fn at(&self, time: Time, offset: Offset) -> Option<Timestamp> {
        offset.to_timestamp(self.day.to_datetime(time)).ok()
    }
}

/// What `text` states, or `None` when it is no date. `3/5/2026` is the fifth of March, unless only the other order
/// is a date.
#[must_use]
pub fn read(text: &str) -> Option<Stated> {
    read_as(text, false)
}

/// As [`read`], where the text may be of a language that puts the day first: `3/5/2026` is the third of May.
#[must_use]
pub fn read_as(text: &str, day_first: bool) -> Option<Stated> {
    let text = text.trim();
    let text = if text.len() <= LONGEST { text } else { text.get(..LONGEST)? };
    if text.is_empty() {
        return None;
    }
    standard::read(text).or_else(|| epoch(text)).or_else(|| iso(text)).or_else(|| loose::read(text, day_first))
}

/// Unix time in seconds (10 digits) or milliseconds (13 digits).
fn epoch(text: &str) -> Option<Stated> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    let instant = match text.len() {
        10 => Timestamp::from_second(number).ok()?,
        13 => Timestamp::from_millisecond(number).ok()?,
        _ => return None,
    };
    let civil = Offset::UTC.to_datetime(instant);
    Some(Stated { day: civil.date(), time: Some(civil.time()), offset: Some(Offset::UTC) })
}

/// Year first: RFC 3339, ISO 8601 extended and basic, and their mixtures (`2020/1/5 9:05`, `20200105T0905Z`).
fn iso(text: &str) -> Option<Stated> {
    let mut cursor = Cursor { rest: text };
    let year = cursor.digits(4, 4)?;
    let parted = cursor.any(&['-', '/', '.', '年', '년']);
    cursor.blanks();
    let month = cursor.digits(if parted { 1 } else { 2 }, 2)?;
    if parted && !cursor.any(&['-', '/', '.', '月', '월']) {
        return None;
    }
    cursor.blanks();
    let day = cursor.digits(if parted { 1 } else { 2 }, 2)?;
    if cursor.rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut day = date(year, month, day)?;
    let after = cursor.rest.trim_start_matches(['日', '일', '.', ' ', '\t']);
    let after = after.strip_prefix(['T', 't', '_', ',']).unwrap_or(after).trim_start();
    let Some((time, next_day, rest)) = clock(after) else {
        return Some(Stated { day, time: None, offset: None });
    };
    if next_day {
        day = day.tomorrow().ok()?;
    }
    Some(Stated { day, time: Some(time), offset: zone::read(rest) })
}

/// A time of day at the start of `text`: `9:05`, `09:05:33.5`, `0905`, `9:05 pm`, `24:00` (which is the next
/// day's midnight). Gives the rest of the text.
fn clock(text: &str) -> Option<(Time, bool, &str)> {
    let mut cursor = Cursor { rest: text };
    let mut hour = cursor.digits(1, 2)?;
    let parted = cursor.any(&[':', '.', 'h']);
    let minute = cursor.digits(2, 2)?;
    let mut second = 0;
    let seconds_follow =
        if parted { cursor.any(&[':']) } else { cursor.rest.starts_with(|c: char| c.is_ascii_digit()) };
    if seconds_follow {
        second = cursor.digits(if parted { 1 } else { 2 }, 2)?;
        if cursor.any(&['.', ',']) {
            cursor.skip_digits();
        }
    }
    let rest = cursor.rest.trim_start();
    let rest = match half_of_day(rest) {
        Some((afternoon, rest)) if (1..=12).contains(&hour) => {
            hour = hour % 12 + if afternoon { 12 } else { 0 };
            rest
        }
        _ => rest,
    };
    let next_day = hour == 24 && minute == 0 && second == 0;
    let hour = if next_day { 0 } else { hour };
    // A leap second is the second before it: nobody reports to the second.
    let time = Time::new(small(hour)?, small(minute)?, small(second.min(59))?, 0).ok()?;
    Some((time, next_day, rest))
}

fn half_of_day(text: &str) -> Option<(bool, &str)> {
    let marks = [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)];
    marks.into_iter().find_map(|(mark, afternoon)| {
        let head = text.get(..mark.len())?;
        let rest = text.get(mark.len()..)?;
        (head.eq_ignore_ascii_case(mark) && !rest.starts_with(char::is_alphanumeric)).then_some((afternoon, rest))
    })
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()
}

fn small(number: i32) -> Option<i8> {
    i8::try_from(number).ok()
}

/// Reads a text from its start.
struct Cursor<'t> {
    rest: &'t str,
}

impl Cursor<'_> {
    /// A number of `least` to `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<i32> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (number, rest) = self.rest.split_at(count);
        self.rest = rest;
        number.parse().ok()
    }

    fn skip_digits(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    /// Takes one of `marks` if it comes next.
    fn any(&mut self, marks: &[char]) -> bool {
        self.rest.strip_prefix(marks).map(|rest| self.rest = rest).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn check(text: &str, expect: &str) {
        let found = read(text).map(|stated| match stated.when() {
            When::Instant(instant, _) => instant.to_string(),
            When::Local(at) => format!("{} {}", at.date(), at.time()),
            When::Day(day) => day.to_string(),
        });
        assert_eq!(found.as_deref(), (!expect.is_empty()).then_some(expect), "{text}");
    }

    #[test]
    fn year_first() {
        check("2026-11-23T04:05:06Z", "2026-11-23T04:05:06Z");
        check("2026-11-23T04:05:06.789+02:00", "2026-11-23T02:05:06Z");
        check("2026-11-23T04:05:06+0200", "2026-11-23T02:05:06Z");
        check("2026-11-23T04:05+02", "2026-11-23T02:05:00Z");
        check("2026-11-23 04:05:06 UTC", "2026-11-23T04:05:06Z");
        check("2026-11-23 04:05:06 -05:00", "2026-11-23T09:05:06Z");
        check("2026-11-23 04:05:06+03:00", "2026-11-23T01:05:06Z");
        check("2026-11-23T04:05:06", "2026-11-23 04:05:06");
        check("2026-11-23", "2026-11-23");
        check("20261123", "2026-11-23");
        check("20261123T0405Z", "2026-11-23T04:05:00Z");
        check("2026/1/3 4:05", "2026-01-03 04:05:00");
        check("2026-11-23T24:00:00Z", "2026-11-24T00:00:00Z");
        check("2026-11-23T23:59:60Z", "2026-11-23T23:59:59Z");
        check("2026-11-23T04:05:06 pm", "2026-11-23 16:05:06");
        check("2026年11月23日 14:05", "2026-11-23 14:05:00");
        check("2026. 1. 3.", "2026-01-03");
        check("2026-13-01", "");
        check("2026-02-30", "");
        check("2026", "");
        check("2026-11", "");
    }

    #[test]
    fn unix_time() {
        check("1700000000", "2023-11-14T22:13:20Z");
        check("1700000000000", "2023-11-14T22:13:20Z");
        check("170000000", "");
    }

    #[test]
    fn nonsense() {
        check("", "");
        check("yesterday", "");
        check("日本", "");
        check(&"9".repeat(500), "");
        check(&"é".repeat(95), "");
    }
}
