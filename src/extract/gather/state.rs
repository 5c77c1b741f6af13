//! Dates that a page's own scripts hold: `"datePublished":"2026-11-23T10:00:00Z"` in the middle of anything.
//!
//! In comes a script's text as bytes; out go names and values of members that speak of publishing. It parses nothing:
//! it looks for a few letters and reads one string or number after them.

use memchr::memmem;

/// Hits kept of one page: the first are the article's, later ones those of teasers.
const MOST: usize = 12;

/// Bytes of a name and of a value; a moment is shorter.
const LONGEST: usize = 40;

/// Letters in all the names that count: `datePublished`, `publishedAt`, `publish_date`, `first_published`, `pubDate`.
const NEEDLES: [&[u8]; 3] = [b"ublish", b"ubDate", b"reated"];

/// Adds the members of `script` that state when something was published.
pub(super) fn read(script: &[u8], states: &mut Vec<(String, String)>) {
    for needle in NEEDLES {
        for at in memmem::find_iter(script, needle) {
            if states.len() >= MOST {
                return;
            }
            states.extend(member(script, at));
        }
    }
}

/// The member whose name holds the byte at `at`.
fn member(script: &[u8], at: usize) -> Option<(String, String)> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let before = script.get(at.saturating_sub(LONGEST)..at)?;
    let head = before.iter().rev().take_while(|byte| is_name(byte)).count();
    let tail = script.get(at..)?.iter().take(LONGEST).take_while(|byte| is_name(byte)).count();
    let name = script.get(at - head..at + tail)?;
    let rest = script.get(at + tail..)?;
    // Scripts in strings of scripts have their quotes escaped.
    let rest = skip(rest, b"\\\"' ");
    let rest = skip(rest.strip_prefix(b":")?, b"\\ ");
    let is_quoted = matches!(rest.first(), Some(b'"' | b'\''));
    let rest = rest.get(usize::from(is_quoted)..)?;
    let is_value = |byte: &u8| match byte {
        b'-' | b':' | b'.' | b'+' | b'/' => true,
        b' ' | b',' => is_quoted,
        byte => byte.is_ascii_alphanumeric(),
    };
    let length = rest.iter().take(LONGEST).take_while(|byte| is_value(byte)).count();
    let value = rest.get(..length)?.trim_ascii();
    // Eight digits are the least that a day takes, but for months with names.
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (digits >= 5).then(|| (text(name), text(value)))
}

fn skip<'b>(bytes: &'b [u8], passed: &[u8]) -> &'b [u8] {
    let length = bytes.iter().take(LONGEST).take_while(|byte| passed.contains(byte)).count();
    bytes.get(length..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members() {
        let check = |script: &str, expect: &[(&str, &str)]| {
            let mut states = Vec::new();
            read(script.as_bytes(), &mut states);
            let found: Vec<(&str, &str)> = states.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(found, expect, "{script}");
        };
        check("x={\"datePublished\":\"2026-11-23T10:00:00Z\"}", &[("datePublished", "2026-11-23T10:00:00Z")]);
        check("{\\\"publish_date\\\": \\\"2026-11-23\\\"}", &[("publish_date", "2026-11-23")]);
        check("publishedAt: 1795428000000", &[("publishedAt", "1795428000000")]);
        check("'pubDate' : 'Mon, 23 Nov 2026'", &[("pubDate", "Mon, 23 Nov 2026")]);
        check("\"publisher\":\"The Wire\"", &[]);
        check("publish(\"2026-11-23\")", &[]);
        check("ublish", &[]);
    }

    #[test]
    fn they_are_bounded() {
        let mut states = Vec::new();
        read("published:20261123,".repeat(1_000).as_bytes(), &mut states);
        assert_eq!(states.len(), MOST);
        read("published".repeat(100_000).as_bytes(), &mut Vec::new());
    }
}
