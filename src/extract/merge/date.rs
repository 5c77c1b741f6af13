//! The day and the instant of a page, out of all the dates that it states.
//!
//! Every place has a weight, and places of different kinds (data for machines, a visible line, the address, a
//! script) bear witness independently: the day with the most weight behind it wins, then the more trusted place.
//! Among places that agree on the day, the first that knows an instant tells it. A time without a zone gets the
//! zone that the page's other times or the site's country or language tell, else it stays without one. A day begins at
//! midnight by the clock of the country or the language, where that is known.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::{Grade, Pool, Sourced, zone};
use crate::dates::{self, FIRST_YEAR};
use crate::extract::Field;
use crate::model::{Found, When};

/// How far ahead of our clock a page may be dated: zones, wrong clocks, and papers that are dated the day after.
const FUTURE: SignedDuration = SignedDuration::from_hours(48);

/// Hours that clocks are away from UTC where many people live.
const WESTMOST: i64 = -8;
const EASTMOST: i64 = 13;

/// A visible line of this weight is of this article for sure.
const NEAR_WEIGHT: u32 = 7;

/// Data of this weight are of this article, and no visible line says otherwise but once in a hundred pages.
const SURE_WEIGHT: u32 = 9;

/// Kinds of places that do not copy from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Witness {
    Machine,
    Visible,
    Address,
    Script,
}

/// Extractor, start of the place, kind and weight; the first row that fits counts. A page's machine data is right
/// more often than any visible line, and wrong when a line near the headline and another witness say otherwise.
#[rustfmt::skip]
const WEIGHTS: &[(&str, &str, Witness, u32)] = &[
    ("jsonld", "WebPage", Witness::Machine, 8),
    ("jsonld", "", Witness::Machine, 10),
    ("opengraph", "", Witness::Machine, 10),
    ("meta", "date", Witness::Machine, 5),
    ("meta", "dcterms.date", Witness::Machine, 5),
    ("meta", "dc.date", Witness::Machine, 6),
    ("meta", "itemprop:datecreated", Witness::Machine, 5),
    ("meta", "", Witness::Machine, 9),
    ("microdata", "datePublished", Witness::Machine, 9),
    ("microdata", "", Witness::Machine, 5),
    ("rdfa", "", Witness::Machine, 5),
    ("dateline", "labelled", Witness::Visible, 8),
    ("dateline", "near", Witness::Visible, 7),
    ("dateline", "address", Witness::Address, 6),
    ("dateline", "beside", Witness::Visible, 2),
    ("dateline", "title", Witness::Visible, 5),
    ("dateline", "script", Witness::Script, 3),
    ("dateline", "", Witness::Visible, 4),
];

struct Told<'p> {
    when: When,
    witness: Witness,
    weight: u32,
    from: &'p Sourced,
}

/// The best date of `field`.
pub(super) fn date(pool: &Pool, field: Field) -> Option<Found<When>> {
    let told = told(pool, field);
    let best = told
        .iter()
        .enumerate()
        // The first of equals, which is the most trusted.
        .max_by_key(|(at, one)| (support(&told, one), one.weight, std::cmp::Reverse(*at)))
        .map(|(_, one)| one)?;
    let agreeing: Vec<&Told> = told.iter().filter(|other| agree(other.when, best.when)).collect();
    let (when, from) = instant(pool, best, &agreeing);
    Some(super::found(when, from))
}

/// How sure the day of publishing is.
pub(super) fn grade(pool: &Pool) -> Grade {
    let told = told(pool, Field::Published);
    let is_sure = told.iter().any(|one| {
        let is_stated = one.witness == Witness::Machine && one.weight >= SURE_WEIGHT;
        is_stated && is_same_day_westward(one.when) && told.iter().all(|other| agree(other.when, one.when))
    });
    match told.is_empty() {
        true => Grade::Missing,
        false if is_sure => Grade::Sure,
        false => Grade::Seen,
    }
}

/// Whether an instant is one whose day readers in the west see too: of a moment in UTC nobody knows whose clock counts.
fn is_same_day_westward(when: When) -> bool {
    let When::Instant(at, offset) = when else { return false };
    !offset.is_zero() || i64::from(offset.to_datetime(at).hour()) >= -WESTMOST
}

fn told<'p>(pool: &'p Pool, field: Field) -> Vec<Told<'p>> {
    let mut told = Vec::new();
    for (sourced, text) in pool.texts(field) {
        let Some(when) = plausible(text, pool.day_first, pool.now) else { continue };
        let (extractor, candidate) = sourced;
        let row = WEIGHTS
            .iter()
            .find(|(name, start, _, _)| name == extractor && candidate.place.starts_with(start))
            .map_or((Witness::Machine, 1), |(_, _, witness, weight)| (*witness, *weight));
        told.push(Told { when, witness: row.0, weight: row.1, from: sourced });
    }
    told
}

/// A date between the first web page and now, or the reason why it is none.
pub(super) fn plausible(text: &str, day_first: bool, now: Timestamp) -> Option<When> {
    let when = dates::read_as(text, day_first)?.when();
    let latest = now.checked_add(FUTURE).ok().map(|latest| Offset::UTC.to_datetime(latest).date());
    let is_past = latest.is_none_or(|latest| when.day() <= latest);
    (when.day().year() >= FIRST_YEAR && is_past).then_some(when)
}

/// The weight of all kinds of witnesses that agree with `one`, each kind counted once.
fn support(told: &[Told], one: &Told) -> u32 {
    [Witness::Machine, Witness::Visible, Witness::Address, Witness::Script]
        .into_iter()
        .filter_map(|witness| {
            let agreeing = told.iter().filter(|other| other.witness == witness && agree(other.when, one.when));
            agreeing.map(|other| other.weight).max()
        })
        .sum()
}

fn utc_day(when: When) -> Option<Date> {
    when.instant().map(|at| Offset::UTC.to_datetime(at).date())
}

/// Whether two dates may be one: the same day as written, or by one clock in the world for both.
pub(super) fn agree(one: When, other: When) -> bool {
    let days = [Some(one.day()), utc_day(one)];
    let is_same = |day: Option<Date>| day.is_some() && days.contains(&day);
    is_same(Some(other.day())) || is_same(utc_day(other)) || is_abroad(one, other) || is_abroad(other, one)
}

/// Whether `machine`, an instant in UTC, falls on `seen`, a date without zone, by some clock in the world.
fn is_abroad(machine: When, seen: When) -> bool {
    let When::Instant(at, offset) = machine else { return false };
    let clock = Offset::UTC.to_datetime(at);
    match seen {
        _ if !offset.is_zero() => false,
        When::Instant(..) => false,
        When::Local(local) => {
            let minutes = local.duration_since(clock).as_mins();
            minutes % 15 == 0 && (WESTMOST..=EASTMOST).contains(&(minutes / 60))
        }
        When::Day(day) => {
            let may_be =
                |hours: i64| clock.checked_add(SignedDuration::from_hours(hours)).is_ok_and(|at| at.date() == day);
            may_be(WESTMOST) || may_be(EASTMOST)
        }
    }
}

/// The instant that the agreeing places know, by the clock that the page's readers see.
fn instant<'p>(pool: &Pool, best: &Told<'p>, agreeing: &[&Told<'p>]) -> (When, &'p Sourced) {
    let known = |one: &&&Told<'p>| one.when.instant().is_some();
    let teller = if known(&&best) { Some(best) } else { agreeing.iter().find(known).copied() };
    if let Some(teller) = teller {
        return (by_local_clock(teller.when, agreeing), teller.from);
    }
    let timed = agreeing.iter().copied().find(|one| matches!(one.when, When::Local(_)));
    match timed.map(|one| (one.when, one)) {
        Some((When::Local(clock), one)) => (zoned(clock, zone::of(pool, clock)).unwrap_or(one.when), one.from),
        _ => (since_midnight(pool, best.when), best.from),
    }
}

/// The first instant of a day, where the clock is known.
fn since_midnight(pool: &Pool, when: When) -> When {
    let When::Day(day) = when else { return when };
    let midnight = day.at(0, 0, 0, 0);
    zoned(midnight, zone::of_place(pool, midnight)).unwrap_or(when)
}

fn zoned(clock: DateTime, offset: Option<Offset>) -> Option<When> {
    let offset = offset?;
    Some(When::Instant(offset.to_timestamp(clock).ok()?, offset))
}

/// An instant in UTC, shown by the page's own clock where another place writes the same instant, or the same
/// event by a visible clock or day, with another offset.
fn by_local_clock(when: When, agreeing: &[&Told]) -> When {
    let When::Instant(at, offset) = when else { return when };
    if !offset.is_zero() {
        return when;
    }
    // The hands of a clock on the wall, taken for UTC: another place shows the same hands with their offset.
    let wall = offset.to_datetime(at);
    let on_wall = |other: &&&Told| match other.when {
        When::Instant(at, offset) => !offset.is_zero() && offset.to_datetime(at) == wall,
        _ => false,
    };
    if let Some(right) = agreeing.iter().find(on_wall) {
        return right.when;
    }
    let same = agreeing.iter().find_map(|other| match other.when {
        When::Instant(same, offset) if same == at && !offset.is_zero() => Some(offset),
        _ => None,
    });
    let seen = || {
        let visible = agreeing.iter().find(|other| other.witness == Witness::Visible && other.weight >= NEAR_WEIGHT)?;
        if let When::Local(local) = visible.when {
            let minutes = i32::try_from(local.duration_since(offset.to_datetime(at)).as_mins()).ok()?;
            return Offset::from_seconds(minutes * 60).ok().filter(|_| minutes % 15 == 0 && minutes.abs() <= 14 * 60);
        }
        let day = offset.to_datetime(at).date();
        // The smallest whole hour that brings the instant into the day that readers see.
        let hours = match (visible.when.day() - day).get_days() {
            1 => 24 - offset.to_datetime(at).hour(),
            -1 => -1 - offset.to_datetime(at).hour(),
            _ => return None,
        };
        Offset::from_hours(hours).ok().filter(|_| hours.abs() <= 14)
    };
    When::Instant(at, same.or_else(seen).unwrap_or(offset))
}
