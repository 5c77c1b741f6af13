//! One field of a crontab line: text in, the set of its values out.
//!
//! The grammar is that of crontab(5): `*`, a number or a name, `a-b`, each of `*` and `a-b` with `/step`, and
//! lists of these with commas. Nothing wraps around, and what other schedulers add (`L`, `W`, `#`, `?`, `H`)
//! is refused by name. Offsets are bytes within the whole expression, always at a character's start.

use super::CronProblem;

/// Names of the months, from 1.
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Names of the days of the week, from 0.
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// What a field is called, which values it takes, and their names.
#[derive(Debug)]
pub(super) struct Kind {
    /// As messages call it.
    pub name: &'static str,
    low: u32,
    high: u32,
    /// Names of the values from `low` on.
    names: &'static [&'static str],
}

impl Kind {
    /// The highest value that is not another's second number.
    fn last(&self) -> u32 {
        if self.high == SUNDAY_AGAIN { SUNDAY_AGAIN - 1 } else { self.high }
    }
}

/// The five fields in crontab's order.
pub(super) const KINDS: [Kind; 5] = [
    Kind { name: "minute", low: 0, high: 59, names: &[] },
    Kind { name: "hour", low: 0, high: 23, names: &[] },
    Kind { name: "day of month", low: 1, high: 31, names: &[] },
    Kind { name: "month", low: 1, high: 12, names: &MONTHS },
    // 7 is Sunday as well as 0: read as 7, so that `5-7` is a range, and folded to 0 at the end.
    Kind { name: "day of week", low: 0, high: 7, names: &WEEKDAYS },
];

/// The day of the week that has two numbers.
const SUNDAY_AGAIN: u32 = 7;

/// A field, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// Bit `n` is set when the value `n` matches.
    pub set: u64,
    /// The field begins with `*`: in crontab's eyes it restricts nothing, even as `*/2`.
    pub starred: bool,
    /// Every value matches, or a step makes the values recur.
    pub recurs: bool,
}

impl Field {
    /// The values, ascending.
    pub fn values(self) -> impl Iterator<Item = u32> {
        (0..u64::BITS).filter(move |n| self.set & (1 << n) != 0)
    }
}

/// Reads `text`, which begins at byte `offset` of the expression.
pub(super) fn read(kind: &Kind, text: &str, offset: usize) -> Result<Field, CronProblem> {
    let mut set = 0_u64;
    let mut at = offset;
    for item in text.split(',') {
        set |= read_item(kind, item, at)?;
        at += item.len() + 1;
    }
    if kind.high == SUNDAY_AGAIN && set & (1 << SUNDAY_AGAIN) != 0 {
        set = (set & !(1 << SUNDAY_AGAIN)) | 1;
    }
    let full = (kind.low..=kind.last()).all(|n| set & (1 << n) != 0);
    Ok(Field { set, starred: text.starts_with('*'), recurs: full || text.contains('/') })
}

/// One item of a list: `*`, `a`, `a-b`, with a step after the first and the last.
fn read_item(kind: &Kind, item: &str, offset: usize) -> Result<u64, CronProblem> {
    if item.is_empty() {
        return Err(problem(kind, offset, "a value is missing beside a comma"));
    }
    let (span, step) = match item.split_once('/') {
        Some((span, step)) => (span, read_step(kind, step, offset + span.len() + 1)?),
        None => (item, 1),
    };
    let (low, high) = match span.split_once('-') {
        _ if span == "*" => (kind.low, kind.last()),
        Some((low, high)) => read_range(kind, low, high, offset)?,
        None => {
            let value = read_value(kind, span, offset)?;
            if item.contains('/') {
                let message = format!("`{item}`: a step goes with `*` or a range, e.g. `{span}-{}/{step}`", kind.high);
                return Err(problem(kind, offset, &message));
            }
            (value, value)
        }
    };
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    Ok((low..=high).step_by(step).fold(0, |set, n| set | (1 << n)))
}

fn read_range(kind: &Kind, low: &str, high: &str, offset: usize) -> Result<(u32, u32), CronProblem> {
    let from = read_value(kind, low, offset)?;
    let mut to = read_value(kind, high, offset + low.len() + 1)?;
    // `SAT-SUN` can only mean the Sunday that follows.
    if kind.high == SUNDAY_AGAIN && to == 0 && from > 0 && !high.starts_with('0') {
        to = SUNDAY_AGAIN;
    }
    if from > to {
        let message = format!(
            "`{low}-{high}` runs backwards, and ranges do not wrap around: write `{low}-{},{}-{high}`",
            shown(kind, kind.last()),
            shown(kind, kind.low),
        );
        return Err(problem(kind, offset, &message));
    }
    Ok((from, to))
}

/// The value as the operator would write it: by name where the field has names.
fn shown(kind: &Kind, value: u32) -> String {
    let index = usize::try_from(value - kind.low).unwrap_or(usize::MAX);
    kind.names.get(index).map_or_else(|| value.to_string(), |name| name.to_uppercase())
}

fn read_step(kind: &Kind, text: &str, offset: usize) -> Result<u32, CronProblem> {
    match text.parse::<u32>() {
        Ok(0) => Err(problem(kind, offset, "a step of 0 never moves on")),
        // A step past the end is legal: it leaves the first value, as in crontab.
        Ok(step) if text.bytes().all(|b| b.is_ascii_digit()) => Ok(step),
        _ => Err(problem(kind, offset, &format!("`{text}` is no step: after `/` comes a whole number"))),
    }
}

fn read_value(kind: &Kind, text: &str, offset: usize) -> Result<u32, CronProblem> {
    if text.is_empty() {
        return Err(problem(kind, offset, "a value is missing"));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return match text.parse::<u32>() {
            Ok(value) if (kind.low..=kind.high).contains(&value) => Ok(value),
            _ => Err(problem(kind, offset, &format!("`{text}` is not within {} to {}", kind.low, kind.high))),
        };
    }
    let lower = text.to_ascii_lowercase();
    if let Some(index) = kind.names.iter().position(|name| *name == lower) {
        return Ok(kind.low + u32::try_from(index).unwrap_or(0));
    }
    Err(problem(kind, offset, &unknown_value(kind, text, &lower)))
}

/// Why `text` is no value, as precisely as can be said.
fn unknown_value(kind: &Kind, text: &str, lower: &str) -> String {
    if let Some(name) = kind.names.iter().find(|name| lower.starts_with(**name)) {
        let rest = lower.get(name.len()..).unwrap_or_default();
        if rest.len() > 1 && rest.bytes().all(|b| b.is_ascii_alphabetic()) {
            return format!("names have three letters: write `{}` for `{text}`", name.to_uppercase());
        }
    }
    if text.contains('#') {
        return format!("`{text}`: crontab has no `#` (the n-th weekday of a month)");
    }
    if text.contains('?') {
        return format!("`{text}`: crontab has no `?`; write `*`");
    }
    let stem = lower.trim_end_matches(['l', 'w']);
    if lower == "h" || stem.is_empty() || stem.parse::<u32>().is_ok() || kind.names.contains(&stem) {
        return format!("`{text}`: crontab has no `L`, `W` or `H` (last day, nearest weekday, hashed time)");
    }
    let place = KINDS.iter().find(|other| other.names.contains(&lower));
    if let Some(other) = place {
        return format!("`{text}` belongs into the field {}", other.name);
    }
    let names = match (kind.names.first(), kind.names.last()) {
        (Some(first), Some(last)) => format!(" or {} to {}", first.to_uppercase(), last.to_uppercase()),
        _ => String::new(),
    };
    format!("`{text}` is no value: {} to {}{names}", kind.low, kind.high)
}

fn problem(kind: &Kind, offset: usize, message: &str) -> CronProblem {
    CronProblem { offset, message: format!("{}: {message}", kind.name) }
}
