//! The two forms that nearly all feeds write, to the letter: RFC 3339 and RFC 2822.
//!
//! In comes text; out goes the same as the patient readers beside this one would find, at a tenth of their cost, or
//! nothing when any character is not where the form wants it.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use super::Stated;

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// What `text` states when it is in one of the two forms.
pub(super) fn read(text: &str) -> Option<Stated> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'A'..=b'Z' if bytes.get(3..5) == Some(b", ") => mail(bytes.get(5..)?),
        b'0'..=b'9' if bytes.get(4) == Some(&b'-') => internet(bytes),
        b'0'..=b'9' => mail(bytes),
        _ => None,
    }
}

/// `2026-11-23T04:05:06.789+01:00`
fn internet(bytes: &[u8]) -> Option<Stated> {
    if (bytes.get(4)?, bytes.get(7)?) != (&b'-', &b'-') || !matches!(bytes.get(10)?, b'T' | b' ') {
        return None;
    }
    let year = two(bytes, 0)? * 100 + two(bytes, 2)?;
    let day = date(year, two(bytes, 5)?, two(bytes, 8)?)?;
    let time = clock(bytes.get(11..19)?)?;
    let mut zone = bytes.get(19..)?;
    if let Some(fraction) = zone.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        zone = fraction.get(digits..)?;
    }
    let offset = match zone {
        b"Z" => Offset::UTC,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => offset(*sign, two(zone, 1)?, two(zone, 4)?)?,
        _ => return None,
    };
    Some(Stated { day, time: Some(time), offset: Some(offset) })
}

/// `23 Nov 2026 04:05:06 +0100`
fn mail(bytes: &[u8]) -> Option<Stated> {
    let (day, rest) = match bytes {
        [digit, b' ', rest @ ..] if digit.is_ascii_digit() => (i16::from(digit - b'0'), rest),
        [_, _, b' ', rest @ ..] => (two(bytes, 0)?, rest),
        _ => return None,
    };
    if (rest.get(3)?, rest.get(8)?, rest.get(17)?) != (&b' ', &b' ', &b' ') {
        return None;
    }
    let name = rest.get(..3)?;
    let month = MONTHS.iter().position(|month| month.as_slice() == name)? + 1;
    let year = two(rest, 4)? * 100 + two(rest, 6)?;
    let day = date(year, i16::try_from(month).ok()?, day)?;
    let time = clock(rest.get(9..17)?)?;
    let zone = rest.get(18..)?;
    let offset = match zone {
        b"GMT" | b"UTC" | b"UT" | b"Z" => Offset::UTC,
        [sign @ (b'+' | b'-'), _, _, _, _] => offset(*sign, two(zone, 1)?, two(zone, 3)?)?,
        _ => return None,
    };
    Some(Stated { day, time: Some(time), offset: Some(offset) })
}

/// `04:05:06`; a leap second and `24:00` are for the patient readers.
fn clock(bytes: &[u8]) -> Option<Time> {
    if (bytes.get(2)?, bytes.get(5)?) != (&b':', &b':') {
        return None;
    }
    Time::new(small(two(bytes, 0)?)?, small(two(bytes, 3)?)?, small(two(bytes, 6)?)?, 0).ok()
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, small(month)?, small(day)?).ok()
}

fn offset(sign: u8, hours: i16, minutes: i16) -> Option<Offset> {
    // As far as anyone's clock goes.
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    Offset::from_seconds(if sign == b'-' { -seconds } else { seconds }).ok()
}

/// The number of the two digits at `at`.
fn two(bytes: &[u8], at: usize) -> Option<i16> {
    let (tens, ones) = (bytes.get(at)?, bytes.get(at + 1)?);
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i16::from(tens - b'0') * 10 + i16::from(ones - b'0'))
}

fn small(number: i16) -> Option<i8> {
    i8::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_forms() {
        let check = |text: &str, is_read: bool| assert_eq!(read(text).is_some(), is_read, "{text}");
        check("2026-11-23T04:05:06Z", true);
        check("2026-11-23 04:05:06.789-05:30", true);
        check("Mon, 23 Nov 2026 04:05:06 +0100", true);
        check("3 Nov 2026 04:05:06 GMT", true);
        check("2026-11-23T04:05:06", false);
        check("2026-11-23T04:05:60Z", false);
        check("2026-11-31T04:05:06Z", false);
        check("Mon, 23 Nov 2026 04:05:06 EST", false);
        check("", false);
        check("é", false);
    }

    proptest! {
        #[test]
        fn the_patient_readers_agree(
            internet in "20[0-3][0-9]-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,3})?(Z|[+-][01][0-9]:[0-6][0-9])",
            mail in "((Mon|Tue|Sun), )?[0-3]?[0-9] (Jan|Feb|Mar|May|Aug|Dec) [12][0-9]{3} [0-2][0-9]:[0-6][0-9]:[0-6][0-9] (GMT|UTC|UT|Z|[+-][01][0-9][0-6][0-9])",
        ) {
            if let Some(stated) = read(&internet) {
                prop_assert_eq!(Some(stated), super::super::iso(&internet));
            }
            if let Some(stated) = read(&mail) {
                prop_assert_eq!(Some(stated), super::super::loose::read(&mail, false));
            }
        }
    }
}
