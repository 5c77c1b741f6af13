//! Has the client got it already? `If-None-Match` and `If-Modified-Since` (RFC 9110 13).
//!
//! In come request headers and the validators of what would be sent, out goes yes or no. What cannot be read
//! counts as absent, so the worst that a broken condition does is a full answer.

use std::time::SystemTime;

use hyper::HeaderMap;
use hyper::header::{HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};

/// Would the answer be what the client says it holds? `If-None-Match` wins over `If-Modified-Since`.
pub(super) fn unchanged(headers: &HeaderMap, etag: &HeaderValue, modified: &HeaderValue, second: i64) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        return headers.get_all(IF_NONE_MATCH).iter().any(|list| names(list.as_bytes(), etag.as_bytes()));
    }
    headers.get(IF_MODIFIED_SINCE).is_some_and(|since| {
        // Nearly every client sends our own bytes back.
        since == modified || read_date(since).is_some_and(|since| second <= since)
    })
}

/// Does `list` name `etag`, by weak comparison (RFC 9110 8.8.3.2)? A proxy that compresses makes our strong
/// tags weak, and a weak match is all that a GET needs.
fn names(list: &[u8], etag: &[u8]) -> bool {
    let mut rest = list.trim_ascii();
    if rest == b"*" {
        return true;
    }
    loop {
        rest = trim(rest);
        rest = rest.strip_prefix(b"W/").unwrap_or(rest);
        // A tag is between two quotes and may hold commas; what is not quoted is no tag, and ends the list.
        let Some(inner) = rest.strip_prefix(b"\"") else { return false };
        let Some(end) = inner.iter().position(|byte| *byte == b'"') else { return false };
        let (tag, after) = rest.split_at_checked(end + 2).unwrap_or((rest, b""));
        if tag == etag {
            return true;
        }
        rest = after;
    }
}

/// Without the spaces and commas before the next tag.
fn trim(list: &[u8]) -> &[u8] {
    let start = list.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b',')).unwrap_or(list.len());
    list.get(start..).unwrap_or_default()
}

/// The second of an HTTP date in any of its three forms.
fn read_date(value: &HeaderValue) -> Option<i64> {
    let time = httpdate::parse_http_date(value.to_str().ok()?.trim()).ok()?;
    i64::try_from(time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::released::http_date;

    const CHANGED: i64 = 784_111_777;

    fn ask(lines: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        unchanged(&headers, &HeaderValue::from_static("\"abc-gz\""), &http_date(CHANGED), CHANGED)
    }

    #[test]
    fn tags() {
        let check = |list: &str, expect| assert_eq!(ask(&[("if-none-match", list)]), expect, "{list}");
        check("\"abc-gz\"", true);
        check("W/\"abc-gz\"", true);
        check("*", true);
        check(" * ", true);
        check("\"x\", \"abc-gz\"", true);
        check("\"x\",W/\"y\" ,\t\"abc-gz\",\"z\"", true);
        check("\"x,\", \"abc-gz\"", true);
        check(", ,\"abc-gz\"", true);
        check("\"x\" \"abc-gz\"", true);
        check("\"abc\"", false);
        check("\"abc-br\"", false);
        check("\"x, abc-gz\"", false);
        check("abc-gz", false);
        check("\"abc-gz", false);
        check("w/\"abc-gz\"", false);
        check("\"*\"", false);
        check("\"", false);
        check("W/", false);
        check("", false);
    }

    #[test]
    fn dates() {
        let check = |date: &str, expect| assert_eq!(ask(&[("if-modified-since", date)]), expect, "{date}");
        check("Sun, 06 Nov 1994 08:49:37 GMT", true);
        check("Sunday, 06-Nov-94 08:49:37 GMT", true);
        check("Sun Nov  6 08:49:37 1994", true);
        check("Sun, 06 Nov 1994 08:49:38 GMT", true);
        check("Mon, 06 Nov 2034 08:49:37 GMT", true);
        check("Sun, 06 Nov 1994 08:49:36 GMT", false);
        check("Thu, 01 Jan 1970 00:00:00 GMT", false);
        check("yesterday", false);
        check("1994-11-06T08:49:37Z", false);
        check("", false);
    }

    #[test]
    fn a_tag_wins_over_a_date() {
        let (old, same) = ("Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(ask(&[("if-none-match", "\"abc-gz\""), ("if-modified-since", old)]));
        assert!(!ask(&[("if-none-match", "\"other\""), ("if-modified-since", same)]));
        assert!(!ask(&[("if-none-match", "rubbish"), ("if-modified-since", same)]));
        assert!(ask(&[("if-none-match", "\"x\""), ("if-none-match", "\"abc-gz\"")]));
        assert!(!ask(&[]));
    }
}
