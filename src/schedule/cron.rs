//! Crontab expressions in a time zone: text in, instants out.
//!
//! The dialect is that of crontab(5): five fields (minute, hour, day of month, month, day of week) or one of
//! `@hourly @daily @midnight @weekly @monthly @yearly @annually`; Sunday is 0 or 7; when day of month and day
//! of week are both restricted, either suffices, and a field that begins with `*` restricts nothing. The crate
//! `cron` finds matching wall times; this file gives it explicit numbers, for its own reading of weekdays and
//! of two restricted days differs, and maps wall times to instants:
//!
//! * a wall time that the clock skips (spring) fires once, at the first instant after the gap;
//! * a wall time that comes twice (autumn) fires the first time only, unless the hours recur (`*`, a step, or
//!   all of them): then both times;
//! * instants only ever ascend: `next_after(t) > t`.

mod field;

use std::fmt;

use ::cron::Schedule;
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use field::{Field, KINDS};

/// No expression a person writes is longer; 60 listed minutes are 170 bytes.
const MAX_BYTES: usize = 1024;

/// How many stretches of constant offset are looked at for the next time: two a year until 2100, where the
/// arithmetic of `cron` ends, with room for zones that changed more often.
const MAX_STRETCHES: usize = 400;

/// The arithmetic of `cron` begins with 1970; two days before that, it has begun in every zone.
const EARLIEST: i64 = -2 * 86_400;

/// Why a text is no crontab expression. Displays as the message, without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CronProblem {
    /// Byte of the expression at which the trouble begins, at most its length.
    pub offset: usize,
    /// Names the field, and what to write instead where that is known.
    pub message: String,
}

/// A crontab expression in a time zone. Equal when text and zone are.
#[derive(Clone)]
pub struct Cron {
    text: String,
    zone: TimeZone,
    /// Times of any of these count: two when both kinds of day are restricted.
    schedules: Vec<Schedule>,
    /// The hours recur, so both passes of a repeated hour count.
    recurs: bool,
}

impl Cron {
    /// Reads a crontab expression; its times are wall times in `zone`.
    ///
    /// # Errors
    /// [`CronProblem`] when the text is no five-field crontab expression, or names only dates that never come.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, CronProblem> {
        if text.len() > MAX_BYTES {
            return Err(problem(0, format!("longer than {MAX_BYTES} bytes")));
        }
        let words = words(text);
        let fields = match words.as_slice() {
            [] => return Err(problem(0, "empty: write five fields, e.g. `*/15 * * * *`, or `@hourly`".to_owned())),
            [(offset, word)] if word.starts_with('@') => named(word, *offset)?,
            words => five(words, text.trim_end().len())?,
        };
        let schedules = schedules(&fields)?;
        let [_, hour, day, ..] = fields;
        let cron = Self { text: text.trim().to_owned(), zone: zone.clone(), schedules, recurs: hour.recurs };
        if cron.wall_after(0).is_none() {
            let offset = words.get(2).map_or(0, |(offset, _)| *offset);
            let last = day.values().max().unwrap_or_default();
            return Err(problem(offset, format!("day of month: no month named here ever has a day {last}")));
        }
        Ok(cron)
    }

    /// The first time after `t`, always later than `t` and within the years 1970 to 2100; `None` when there
    /// is no more.
    #[must_use]
    pub fn next_after(&self, t: Timestamp) -> Option<Timestamp> {
        // From here on, time is whole seconds, and `from` is the first second that may be the answer.
        let mut from = floor_second(t).checked_add(1)?.max(EARLIEST);
        for _ in 0..MAX_STRETCHES {
            let stretch = Stretch::around(&self.zone, from);
            if let Some(found) = self.first_in(&stretch, from) {
                return Timestamp::from_second(found).ok();
            }
            // Nothing before the clocks change. Is there anything at all?
            self.wall_after(stretch.wall(from).checked_sub(1)?)?;
            from = stretch.end?;
        }
        None
    }

    /// The first time at or after `from` within one stretch of constant offset.
    fn first_in(&self, stretch: &Stretch, from: i64) -> Option<i64> {
        let mut wall = stretch.wall(from);
        if let Some((start, before)) = stretch.start {
            let first = stretch.wall(start);
            let expected = start + i64::from(before.seconds());
            // A gap lies before this stretch: what fell into it is due at the first instant after it.
            if from == start && expected < first && self.wall_after(expected - 1)? < first {
                return Some(start);
            }
            // This stretch repeats times of the one before it: those had their turn.
            if expected > first && !self.recurs {
                wall = wall.max(expected);
            }
        }
        let found = self.wall_after(wall.checked_sub(1)?)? - stretch.offset;
        stretch.end.is_none_or(|end| found < end).then_some(found)
    }

    /// The first matching wall time after `wall`, both in seconds as if they were UTC.
    fn wall_after(&self, wall: i64) -> Option<i64> {
        let wall = DateTime::<Utc>::from_timestamp(wall, 0)?;
        self.schedules.iter().filter_map(|s| s.after(&wall).next()).min().map(|found| found.timestamp())
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cron({:?} in {})", self.text, self.zone.iana_name().unwrap_or("an unnamed zone"))
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.zone == other.zone
    }
}

/// A stretch of time with one offset from UTC.
struct Stretch {
    /// Where it begins and the offset before that; `None` when it never began.
    start: Option<(i64, Offset)>,
    /// Where the next one begins.
    end: Option<i64>,
    /// Seconds to add to an instant to have the wall time.
    offset: i64,
}

impl Stretch {
    /// The stretch that holds the second `at`.
    fn around(zone: &TimeZone, at: i64) -> Self {
        let instant = Timestamp::from_second(at).unwrap_or(Timestamp::MAX);
        // `preceding` looks strictly before its argument, and a stretch may begin at `at` itself.
        let next = Timestamp::from_second(at.saturating_add(1)).unwrap_or(Timestamp::MAX);
        let start = zone.preceding(next).next().map(|transition| {
            let start = transition.timestamp();
            let before = Timestamp::from_second(start.as_second().saturating_sub(1)).unwrap_or(Timestamp::MIN);
            (start.as_second(), zone.to_offset(before))
        });
        let end = zone.following(instant).next().map(|transition| transition.timestamp().as_second());
        Self { start, end, offset: i64::from(zone.to_offset(instant).seconds()) }
    }

    fn wall(&self, at: i64) -> i64 {
        at.saturating_add(self.offset)
    }
}

/// The last whole second at or before `t`, before 1970 too.
fn floor_second(t: Timestamp) -> i64 {
    if t.subsec_nanosecond() < 0 { t.as_second() - 1 } else { t.as_second() }
}

/// The words of an expression with the byte each begins at.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split([' ', '\t', '\n', '\r']) {
        if !word.is_empty() {
            words.push((at, word));
        }
        at += word.len() + 1;
    }
    words
}

/// The fields that a name with `@` stands for.
fn named(word: &str, offset: usize) -> Result<[Field; 5], CronProblem> {
    let meaning = match word.to_ascii_lowercase().as_str() {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@reboot" => return Err(problem(offset, "`@reboot` names no time; write five fields".to_owned())),
        _ => {
            let known = "@hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually";
            return Err(problem(offset, format!("`{word}` is not one of {known}")));
        }
    };
    five(&words(meaning), meaning.len())
}

/// Reads five words as five fields; `end` is where the expression ends.
fn five(words: &[(usize, &str)], end: usize) -> Result<[Field; 5], CronProblem> {
    let [minute, hour, day, month, weekday] = words else {
        if let Some((offset, word)) = words.iter().find(|(_, word)| word.starts_with('@')) {
            return Err(problem(*offset, format!("`{word}` stands alone")));
        }
        let order = "minute, hour, day of month, month, day of week";
        return Err(match words.get(5) {
            Some((offset, _)) => {
                problem(*offset, format!("{} fields, but crontab has five: {order} (no seconds, no year)", words.len()))
            }
            None => problem(end, format!("only {} of the five fields: {order}", words.len())),
        });
    };
    let [k_minute, k_hour, k_day, k_month, k_weekday] = &KINDS;
    Ok([
        field::read(k_minute, minute.1, minute.0)?,
        field::read(k_hour, hour.1, hour.0)?,
        field::read(k_day, day.1, day.0)?,
        field::read(k_month, month.1, month.0)?,
        field::read(k_weekday, weekday.1, weekday.0)?,
    ])
}

/// The fields in the words of `cron`: seconds first, weekdays from 1. Two schedules when either kind of day
/// suffices.
fn schedules(fields: &[Field; 5]) -> Result<Vec<Schedule>, CronProblem> {
    let [minute, hour, day, month, weekday] = fields;
    let (minute, hour, month) = (list(*minute, 0), list(*hour, 0), list(*month, 0));
    let schedule = |day: &str, weekday: &str| {
        format!("0 {minute} {hour} {day} {month} {weekday}")
            .parse::<Schedule>()
            .map_err(|error| problem(0, format!("not understood: {error}")))
    };
    let (days, weekdays) = (list(*day, 0), list(*weekday, 1));
    if day.starred || weekday.starred {
        Ok(vec![schedule(&days, &weekdays)?])
    } else {
        Ok(vec![schedule(&days, "*")?, schedule("*", &weekdays)?])
    }
}

/// Every value of a field, each `shift` higher.
fn list(field: Field, shift: u32) -> String {
    let values: Vec<String> = field.values().map(|n| (n + shift).to_string()).collect();
    values.join(",")
}

fn problem(offset: usize, message: String) -> CronProblem {
    CronProblem { offset, message }
}

#[cfg(test)]
mod tests;
