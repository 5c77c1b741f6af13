//! Zones as dates write them: `Z`, `+02:00`, `+0200`, `+02`, `GMT+2`, and the abbreviations of RFC 2822 and of
//! newspapers.
//!
//! An abbreviation that two parts of the world use (`IST`, `BST`) means its more frequent one in feeds.

use jiff::tz::Offset;

/// Minutes east of Greenwich.
const NAMES: &[(&str, i32)] = &[
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("west", 60),
    ("bst", 60),
    ("cet", 60),
    ("cest", 120),
    ("met", 60),
    ("mest", 120),
    ("mez", 60),
    ("mesz", 120),
    ("sast", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("ist", 330),
    ("sgt", 480),
    ("hkt", 480),
    ("awst", 480),
    ("jst", 540),
    ("kst", 540),
    ("acst", 570),
    ("aest", 600),
    ("acdt", 630),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("brt", -180),
    ("art", -180),
    ("ast", -240),
    ("adt", -180),
    ("est", -300),
    ("edt", -240),
    ("et", -300),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("pt", -480),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
];

/// The zone at the start of `text`.
pub(super) fn read(text: &str) -> Option<Offset> {
    let text = text.trim_start_matches([' ', '\t', '(', ',']);
    let letters = text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (name, rest) = text.split_at(letters);
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "" => signed(text),
        // `GMT+2`, `UTC-05:00`
        "gmt" | "utc" | "ut" => signed(rest).or(Some(Offset::UTC)),
        _ => {
            let minutes = NAMES.iter().find(|(known, _)| *known == name)?.1;
            Offset::from_seconds(minutes * 60).ok()
        }
    }
}

fn signed(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix(['-', '−'])?),
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(digits);
    let (hours, minutes) = match digits {
        1 | 2 => {
            let minutes = after.strip_prefix(':').and_then(|after| after.get(..2)).and_then(|two| two.parse().ok());
            (number.parse::<i32>().ok()?, minutes.unwrap_or(0))
        }
        3 | 4 => {
            let (hours, minutes) = number.split_at(digits - 2);
            (hours.parse::<i32>().ok()?, minutes.parse().ok()?)
        }
        _ => return None,
    };
    // The largest offset in use is +14:00; jiff's own bound is wider.
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, minutes: Option<i32>) {
        assert_eq!(read(text).map(|offset| offset.seconds() / 60), minutes, "{text}");
    }

    #[test]
    fn zones() {
        check("Z", Some(0));
        check("+02:00", Some(120));
        check("-0530", Some(-330));
        check("+2", Some(120));
        check("+530", Some(330));
        check(" GMT", Some(0));
        check("GMT+0100 (Central European Time)", Some(60));
        check("(PDT)", Some(-420));
        check("cest", Some(120));
        check("+9900", None);
        check("Uhr", None);
        check("", None);
    }
}
