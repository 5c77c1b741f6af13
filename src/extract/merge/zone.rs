//! The zone of a time that a page writes without one.
//!
//! Another time of the same page may tell it, and so may the country of the site where that has one clock, and the
//! language where nearly all who write it live by one. Most are spoken in many zones.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::Offset;

use super::Pool;
use crate::extract::Field;
use crate::model::When;
use crate::{dates, url};

/// Days for which a page's own offset holds: summer time lasts longer than this.
const NEAR_DAYS: i32 = 45;

/// Whether a country's clocks follow the European summer time (directive 2000/84/EC).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Summer {
    Never,
    European,
}

/// Countries with one clock: the last label of the host, minutes east in winter, and what happens in summer.
#[rustfmt::skip]
const COUNTRIES: &[(&str, i32, Summer)] = &[
    ("jp", 540, Summer::Never), ("kr", 540, Summer::Never), ("cn", 480, Summer::Never), ("tw", 480, Summer::Never),
    ("hk", 480, Summer::Never), ("sg", 480, Summer::Never), ("my", 480, Summer::Never), ("ph", 480, Summer::Never),
    ("th", 420, Summer::Never), ("vn", 420, Summer::Never), ("in", 330, Summer::Never), ("pk", 300, Summer::Never),
    ("tr", 180, Summer::Never), ("za", 120, Summer::Never), ("ng", 60, Summer::Never), ("ar", -180, Summer::Never),
    ("co", -300, Summer::Never), ("pe", -300, Summer::Never), ("is", 0, Summer::Never),
    ("uk", 0, Summer::European), ("ie", 0, Summer::European),
    ("de", 60, Summer::European), ("at", 60, Summer::European), ("ch", 60, Summer::European),
    ("fr", 60, Summer::European), ("it", 60, Summer::European), ("nl", 60, Summer::European),
    ("be", 60, Summer::European), ("lu", 60, Summer::European), ("dk", 60, Summer::European),
    ("se", 60, Summer::European), ("no", 60, Summer::European), ("pl", 60, Summer::European),
    ("cz", 60, Summer::European), ("sk", 60, Summer::European), ("hu", 60, Summer::European),
    ("si", 60, Summer::European), ("hr", 60, Summer::European), ("rs", 60, Summer::European),
    ("fi", 120, Summer::European), ("ee", 120, Summer::European), ("lv", 120, Summer::European),
    ("lt", 120, Summer::European), ("gr", 120, Summer::European), ("bg", 120, Summer::European),
    ("ro", 120, Summer::European), ("ua", 120, Summer::European),
];

/// Languages with one clock, and a country that has it.
#[rustfmt::skip]
const LANGUAGES: &[(&str, &str)] = &[
    ("ja", "jp"), ("ko", "kr"), ("zh", "cn"), ("th", "th"), ("vi", "vn"), ("tr", "tr"), ("is", "is"),
    ("de", "de"), ("it", "it"), ("da", "dk"), ("sv", "se"), ("no", "no"), ("nb", "no"), ("nn", "no"),
    ("pl", "pl"), ("cs", "cz"), ("sk", "sk"), ("hu", "hu"), ("sl", "si"), ("hr", "hr"), ("sr", "rs"),
    ("fi", "fi"), ("et", "ee"), ("lv", "lv"), ("lt", "lt"), ("el", "gr"), ("bg", "bg"), ("ro", "ro"), ("uk", "ua"),
];

/// The offset of the page's clock at `clock`.
pub(super) fn of(pool: &Pool, clock: DateTime) -> Option<Offset> {
    stated(pool, clock.date()).or_else(|| of_place(pool, clock))
}

/// The same, by the country or the language alone.
pub(super) fn of_place(pool: &Pool, clock: DateTime) -> Option<Offset> {
    let by_language = || offset(country_of(pool.lang.as_deref()?)?, clock);
    of_country(&pool.page.url, clock).or_else(by_language)
}

/// The country whose clock a language goes by, of a tag like `ja` or `de-AT`.
fn country_of(lang: &str) -> Option<&'static str> {
    let primary = lang.split(['-', '_']).next()?.to_ascii_lowercase();
    LANGUAGES.iter().find(|(language, _)| *language == primary).map(|(_, country)| *country)
}

/// What another time of the page, not far from `day`, is written with. UTC is no answer: machines write it.
fn stated(pool: &Pool, day: Date) -> Option<Offset> {
    let times = [Field::Published, Field::Modified].into_iter().flat_map(|field| pool.texts(field));
    times.filter_map(|(_, text)| dates::read(text)).find_map(|stated| match stated.when() {
        When::Instant(_, offset) if !offset.is_zero() && (stated.day - day).get_days().abs() <= NEAR_DAYS => {
            Some(offset)
        }
        _ => None,
    })
}

/// `.co` and `.in` sell their names to the world, so that only hosts below a second level of theirs count.
const SOLD: &[&str] = &["co", "in", "is", "tv", "me"];

fn of_country(address: &str, clock: DateTime) -> Option<Offset> {
    let host = url::host(address)?;
    let labels: Vec<&str> = host.split('.').collect();
    let country = labels.last()?;
    let is_sold = SOLD.contains(country) && labels.iter().rev().nth(1).is_none_or(|second| second.len() > 3);
    if is_sold { None } else { offset(country, clock) }
}

/// The offset of a country's clock.
fn offset(country: &str, clock: DateTime) -> Option<Offset> {
    let (_, minutes, summer) = COUNTRIES.iter().find(|(code, _, _)| *code == country)?;
    let is_summer = *summer == Summer::European && is_european_summer(clock, *minutes)?;
    Offset::from_seconds((minutes + if is_summer { 60 } else { 0 }) * 60).ok()
}

/// From 01:00 UTC of the last Sunday of March to 01:00 UTC of that of October.
fn is_european_summer(clock: DateTime, minutes: i32) -> Option<bool> {
    let hour = i8::try_from(1 + minutes / 60).ok()?;
    let change = |month: i8| {
        let last = Date::new(clock.year(), month, 31).ok()?;
        let sunday =
            if last.weekday() == Weekday::Sunday { last } else { last.nth_weekday(-1, Weekday::Sunday).ok()? };
        Some(sunday.at(hour, 0, 0, 0))
    };
    Some(clock >= change(3)? && clock < change(10)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages() {
        for (lang, expect) in [("ja", Some("jp")), ("de-AT", Some("de")), ("en-GB", None), ("pt", None), ("", None)] {
            assert_eq!(country_of(lang), expect, "{lang}");
        }
        assert!(LANGUAGES.iter().all(|(_, country)| COUNTRIES.iter().any(|(code, _, _)| code == country)));
    }

    #[test]
    fn countries() {
        let check = |url: &str, clock: &str, hours: Option<i32>| {
            let found = of_country(url, clock.parse().unwrap()).map(|offset| offset.seconds() / 3600);
            assert_eq!(found, hours, "{url} {clock}");
        };
        check("https://wire.jp/a", "2026-07-01T12:00:00", Some(9));
        check("https://wire.de/a", "2026-01-01T12:00:00", Some(1));
        check("https://wire.de/a", "2026-03-29T01:59:00", Some(1));
        check("https://wire.de/a", "2026-03-29T03:00:00", Some(2));
        check("https://wire.de/a", "2026-10-25T03:00:00", Some(1));
        check("https://wire.co.uk/a", "2026-07-01T12:00:00", Some(1));
        check("https://wire.com/a", "2026-07-01T12:00:00", None);
        check("https://wire.co/a", "2026-07-01T12:00:00", None);
        check("https://wire.com.co/a", "2026-07-01T12:00:00", Some(-5));
        check("", "2026-07-01T12:00:00", None);
    }
}
