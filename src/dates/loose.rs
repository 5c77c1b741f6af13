//! Dates that do not start with the year: RFC 2822 and its relatives, and what people write.
//!
//! The text is cut into words and numbers; a weekday is skipped, a month name settles the order, and without
//! one a dot means day first and a slash means month first unless only the other order is a date.

use super::{Stated, clock, date, zone};

/// Beginnings of month names in the languages of most of the web's news. Longer ones first where one begins another.
#[rustfmt::skip]
const MONTHS: &[(&str, i32)] = &[
    ("jan", 1), ("ene", 1), ("gen", 1), ("sty", 1),
    ("feb", 2), ("fév", 2), ("fev", 2), ("lut", 2),
    ("mar", 3), ("mär", 3), ("maer", 3), ("mrt", 3), ("maa", 3),
    ("apr", 4), ("avr", 4), ("abr", 4), ("kwi", 4),
    ("may", 5), ("mai", 5), ("maj", 5), ("mei", 5), ("mag", 5),
    ("juin", 6), ("jun", 6), ("giu", 6), ("cze", 6),
    ("juil", 7), ("jul", 7), ("lug", 7), ("lip", 7),
    ("aug", 8), ("aoû", 8), ("aou", 8), ("ago", 8), ("sie", 8),
    ("sep", 9), ("set", 9), ("wrz", 9),
    ("oct", 10), ("okt", 10), ("ott", 10), ("out", 10), ("paź", 10),
    ("nov", 11), ("lis", 11),
    ("dec", 12), ("dez", 12), ("déc", 12), ("dic", 12), ("gru", 12),
    // Russian, Ukrainian
    ("янв", 1), ("фев", 2), ("мар", 3), ("апр", 4), ("май", 5), ("мая", 5), ("июн", 6), ("июл", 7), ("авг", 8),
    ("сен", 9), ("окт", 10), ("ноя", 11), ("дек", 12), ("січ", 1), ("лют", 2), ("бер", 3), ("кві", 4), ("тра", 5),
    ("чер", 6), ("лип", 7), ("сер", 8), ("вер", 9), ("жов", 10), ("лис", 11), ("гру", 12),
    // Turkish, Czech, Finnish, Hungarian
    ("oca", 1), ("şub", 2), ("nis", 4), ("haz", 6), ("tem", 7), ("ağu", 8), ("eyl", 9), ("eki", 10), ("kas", 11),
    ("ara", 12), ("led", 1), ("úno", 2), ("bře", 3), ("dub", 4), ("kvě", 5), ("červenec", 7), ("července", 7),
    ("čer", 6), ("srp", 8), ("zář", 9), ("říj", 10), ("pros", 12), ("tammi", 1), ("helmi", 2), ("huhti", 4),
    ("touko", 5), ("kesä", 6), ("heinä", 7), ("elo", 8), ("syys", 9), ("loka", 10), ("marras", 11), ("joulu", 12),
    ("febr", 2), ("márc", 3), ("ápr", 4), ("máj", 5), ("jún", 6), ("júl", 7), ("szept", 9),
    // Greek, Arabic
    ("ιαν", 1), ("φεβ", 2), ("μαρ", 3), ("απρ", 4), ("μαΐ", 5), ("μαι", 5), ("ιουν", 6), ("ιουλ", 7), ("αυγ", 8),
    ("σεπ", 9), ("οκτ", 10), ("νοε", 11), ("δεκ", 12), ("يناير", 1), ("فبراير", 2), ("مارس", 3), ("أبريل", 4),
    ("ابريل", 4), ("مايو", 5), ("يونيو", 6), ("يوليو", 7), ("أغسطس", 8), ("سبتمبر", 9), ("أكتوبر", 10),
    ("نوفمبر", 11), ("ديسمبر", 12),
];

/// A date has no more pieces than this before its time of day; a sentence with a number in it has.
const MOST_PIECES: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    Number { value: i32, digits: usize, after: char },
    Month(i32),
}

/// What `text` states.
pub(super) fn read(text: &str, day_first: bool) -> Option<Stated> {
    let (text, timed) = part(text);
    let mut pieces = pieces(text)?;
    // `Sat Oct 06 00:00:00 GMT 2018` and asctime(3) put the year last.
    pieces.extend(timed.and_then(last_year));
    let day = settle(&pieces, day_first)?;
    let Some((time, next_day, rest)) = timed.and_then(clock) else {
        return Some(Stated { day, time: None, offset: None });
    };
    let day = if next_day { day.tomorrow().ok()? } else { day };
    Some(Stated { day, time: Some(time), offset: zone::read(rest) })
}

/// A number of four digits that ends `text`.
fn last_year(text: &str) -> Option<Piece> {
    let (_, last) = text.rsplit_once(' ')?;
    let is_year = last.len() == 4 && last.bytes().all(|byte| byte.is_ascii_digit());
    let value = is_year.then(|| last.parse().ok()).flatten()?;
    Some(Piece::Number { value, digits: 4, after: ' ' })
}

/// Parts the day from the time of day: the first `d:dd` starts the time.
fn part(text: &str) -> (&str, Option<&str>) {
    let bytes = text.as_bytes();
    let colon = bytes
        .windows(3)
        .position(|three| matches!(three, [before, b':', after] if before.is_ascii_digit() && after.is_ascii_digit()));
    let Some(colon) = colon else { return (text, None) };
    let digits = bytes.iter().take(colon + 1).rev().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    match text.split_at_checked(colon + 1 - digits) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    }
}

fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| {
            if first.is_ascii_digit() { c.is_ascii_digit() } else { first.is_alphabetic() && c.is_alphabetic() }
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, after) = rest.split_at(end);
        if first.is_ascii_digit() {
            let value = word.parse().ok()?;
            pieces.push(Piece::Number { value, digits: word.len(), after: after.chars().next().unwrap_or(' ') });
        } else if first.is_alphabetic() {
            pieces.extend(month(word).map(Piece::Month));
        }
        rest = after;
        if pieces.len() > MOST_PIECES {
            return None;
        }
    }
    Some(pieces)
}

fn month(word: &str) -> Option<i32> {
    let lower = word.to_lowercase();
    // Tuesday in French, Spanish and Italian begins like March.
    if lower.starts_with("mard") || lower.starts_with("marte") {
        return None;
    }
    MONTHS.iter().find(|(start, _)| lower.starts_with(start)).map(|(_, number)| *number)
}

fn settle(pieces: &[Piece], day_first: bool) -> Option<jiff::civil::Date> {
    // A name may begin like a month, so that `3.5.2026` goes before, and every one is tried.
    let is_full = |piece: &Piece| matches!(piece, Piece::Number { digits: 4, .. });
    let first = pieces
        .windows(3)
        .filter(|three| three.last().is_some_and(is_full))
        .find_map(|three| numbers_only(three, day_first));
    if first.is_some() {
        return first;
    }
    let named = pieces.iter().enumerate().find_map(|(at, piece)| match piece {
        Piece::Month(month) => around_month(pieces, at, *month),
        Piece::Number { .. } => None,
    });
    named.or_else(|| numbers_only(pieces, day_first))
}

fn around_month(pieces: &[Piece], at: usize, month: i32) -> Option<jiff::civil::Date> {
    let around = |index: Option<usize>| match index.and_then(|index| pieces.get(index)) {
        Some(Piece::Number { value, digits, .. }) => Some((*value, *digits)),
        _ => None,
    };
    let before = around(at.checked_sub(1));
    let (after, later) = (around(Some(at + 1)), around(Some(at + 2)));
    // day month year; month day year; year month day
    let tries = [(before, after), (after, later), (after, before)];
    tries.into_iter().find_map(|(day, year)| {
        let ((day, day_digits), year) = (day?, year?);
        (day_digits <= 2).then(|| date(full_year(year)?, month, day)).flatten()
    })
}

fn numbers_only(pieces: &[Piece], day_first: bool) -> Option<jiff::civil::Date> {
    pieces.windows(3).find_map(|three| {
        let [
            Piece::Number { value: first, digits: 1..=2, after: mark },
            Piece::Number { value: second, digits: 1..=2, after: same },
            Piece::Number { value: year, digits: digits @ (2 | 4), .. },
        ] = *three
        else {
            return None;
        };
        let year = full_year((year, digits))?;
        match mark {
            _ if mark != same => None,
            '.' | '-' => date(year, second, first),
            '/' if day_first => date(year, second, first).or_else(|| date(year, first, second)),
            '/' => date(year, first, second).or_else(|| date(year, second, first)),
            _ => None,
        }
    })
}

/// RFC 2822, section 4.3: two digits up to 49 are of this century.
fn full_year((value, digits): (i32, usize)) -> Option<i32> {
    match digits {
        4 => Some(value),
        2 if value < 50 => Some(2000 + value),
        2 => Some(1900 + value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn mail_and_its_relatives() {
        check("Mon, 23 Nov 2026 04:05:06 +0100", "2026-11-23T03:05:06Z");
        check("Mon, 23 Nov 2026 04:05:06 GMT", "2026-11-23T04:05:06Z");
        check("Monday 23 November 2026 04:05:06 CEST", "2026-11-23T02:05:06Z");
        check("23 Nov 26 04:05 EST", "2026-11-23T09:05:00Z");
        check("Mon, 23 Nov 2026 4:05:06 PM PST", "2026-11-24T00:05:06Z");
        check("Mon Nov 23 2026 00:00:00 GMT+0100 (CET)", "2026-11-22T23:00:00Z");
        check("Mon, 23 Nov 2026", "2026-11-23");
        check("Mon Nov 23 04:05:06 2026", "2026-11-23 04:05:06");
        check("Mon Nov 23 04:05:06 GMT 2026", "2026-11-23T04:05:06Z");
        check("Mon, 23 Nov 2026 24:00:00 GMT", "2026-11-24T00:00:00Z");
    }

    #[test]
    fn as_people_write() {
        check("November 23, 2026", "2026-11-23");
        check("Nov. 23rd, 2026 at 9:05 a.m. ET", "2026-11-23T14:05:00Z");
        check("Published 23 November 2026", "2026-11-23");
        check("23. Dezember 2026", "2026-12-23");
        check("3 août 2026", "2026-08-03");
        check("23 de noviembre de 2026", "2026-11-23");
        check("martes, 3 de marzo de 2026", "2026-03-03");
        check("23.11.2026", "2026-11-23");
        check("23.11.26, 14:05 Uhr", "2026-11-23 14:05:00");
        check("11/23/2026", "2026-11-23");
        check("23/11/2026", "2026-11-23");
        check("1 2 3", "");
        check("Chapter 12", "");
        check("31 November 2026", "");
    }
}
