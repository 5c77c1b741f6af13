//! What the head of an answer says: header fields come in, plain values go out.
//!
//! Validators are carried byte for byte (POLITE.md S4): a field's bytes become the characters of the same numbers
//! and go back the same way, whatever they were meant to be. Never fails: what cannot be read is absent.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{
    AGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue,
    LAST_MODIFIED, LINK, RETRY_AFTER,
};

use crate::model::{Freshness, Purpose, Validators};

/// Asks for a manipulation of the instance (RFC 3229 §10.5.3).
pub(super) const A_IM: HeaderName = HeaderName::from_static("a-im");

/// Says which manipulations a 226 underwent (RFC 3229 §10.5.2).
const IM: HeaderName = HeaderName::from_static("im");

/// A server that wants a longer rest is asked again after this, to see whether it still does.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(30 * 24);

/// More `Link` fields than that point nowhere useful.
const MAX_LINKS: usize = 32;

/// What we would like to read, best first.
pub(super) fn accept(purpose: Purpose) -> HeaderValue {
    HeaderValue::from_static(match purpose {
        Purpose::Feed | Purpose::Discovery => {
            "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, \
             application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
        }
        Purpose::Article => "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
        // In formats whose heads we read; servers that choose by this field then send one of them.
        Purpose::Image | Purpose::Picture => "image/avif, image/webp, image/png, image/jpeg, image/gif, image/*;q=0.5",
    })
}

/// The value as text in which every character is one byte of it; `None` when absent or empty.
#[must_use]
pub fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(latin).filter(|text| !text.is_empty())
}

fn latin(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}

/// The header value whose bytes are the characters of `text`; `None` when it never was one.
#[must_use]
pub fn verbatim(text: &str) -> Option<HeaderValue> {
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    HeaderValue::from_bytes(&bytes.ok()?).ok()
}

/// Both validators, exactly as received.
#[must_use]
pub fn validators(headers: &HeaderMap) -> Validators {
    Validators { etag: text(headers, &ETAG), last_modified: text(headers, &LAST_MODIFIED) }
}

/// `max-age` less `Age`, and `Expires` by our clock (RFC 9111 §4.2, §5). `s-maxage` is for shared caches, which we are
/// not; `no-cache` and `no-store` say how an answer may be reused, not when to ask again.
#[must_use]
pub fn freshness(headers: &HeaderMap, now: Timestamp) -> Freshness {
    let age = text(headers, &AGE).and_then(|age| age.trim().parse().ok()).unwrap_or(0_u64);
    let fields: Vec<String> = headers.get_all(CACHE_CONTROL).iter().map(latin).collect();
    let max_age = fields.iter().flat_map(|field| field.split(',')).find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        name.trim().eq_ignore_ascii_case("max-age").then(|| seconds(value.trim().trim_matches('"'))).flatten()
    });
    Freshness { max_age_s: max_age.map(|max_age| max_age.saturating_sub(age)), expires: expires(headers, age, now) }
}

/// As far from `now` as `Expires` lies from `Date`, less `Age`: the server's clock may be wrong. Without a `Date` it
/// is taken at its word.
fn expires(headers: &HeaderMap, age: u64, now: Timestamp) -> Option<Timestamp> {
    let expires = date(&text(headers, &EXPIRES)?)?;
    let Some(sent) = text(headers, &DATE).and_then(|value| date(&value)) else { return Some(expires) };
    let lifetime = expires.duration_since(sent).as_secs().saturating_sub(i64::try_from(age).unwrap_or(i64::MAX));
    Some(now.saturating_add(SignedDuration::from_secs(lifetime)).unwrap_or(expires))
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), as a time, at most 30 days from `now`.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let value = text(headers, &RETRY_AFTER)?;
    let latest = now.checked_add(MAX_RETRY_AFTER).ok()?;
    let at = match seconds(value.trim()) {
        Some(seconds) => now.checked_add(Duration::from_secs(seconds)).unwrap_or(latest),
        None => date(&value)?,
    };
    Some(at.min(latest))
}

/// Media type in lower case, and `charset`, of `Content-Type` (RFC 9110 §8.3).
#[must_use]
pub fn content_type(headers: &HeaderMap) -> (Option<String>, Option<String>) {
    let Some(value) = text(headers, &CONTENT_TYPE) else { return (None, None) };
    let mut parts = value.split(';').map(str::trim);
    let media_type = parts.next().filter(|part| part.contains('/')).map(str::to_ascii_lowercase);
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']).trim();
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    });
    (media_type, charset)
}

/// `Content-Language`.
#[must_use]
pub fn language(headers: &HeaderMap) -> Option<String> {
    text(headers, &CONTENT_LANGUAGE)
}

/// All `Link` fields, as received.
#[must_use]
pub fn links(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(LINK).iter().take(MAX_LINKS).map(latin).collect()
}

/// Whether a 226 holds the new entries of a feed and underwent nothing that we did not ask for.
#[must_use]
pub fn is_delta(headers: &HeaderMap) -> bool {
    text(headers, &IM).is_some_and(|im| im.trim().eq_ignore_ascii_case("feed"))
}

/// Digits only: a sign or a fraction is no delta-seconds. Longer numbers than fit mean "very long".
fn seconds(value: &str) -> Option<u64> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| value.parse().unwrap_or(u64::from(u32::MAX)))
}

fn date(value: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(value.trim()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, values: &[&[u8]]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_bytes(value).unwrap())).collect()
    }

    fn now() -> Timestamp {
        "2026-01-02T03:04:05Z".parse().unwrap()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let check = |value: &str, expect: Option<&str>| {
            let found = retry_after(&headers(&RETRY_AFTER, &[value.as_bytes()]), now());
            assert_eq!(found, expect.map(|text| text.parse().unwrap()), "{value}");
        };
        check("120", Some("2026-01-02T03:06:05Z"));
        check("0", Some("2026-01-02T03:04:05Z"));
        check("Fri, 02 Jan 2026 04:00:00 GMT", Some("2026-01-02T04:00:00Z"));
        check("Friday, 02-Jan-26 04:00:00 GMT", Some("2026-01-02T04:00:00Z"));
        check("Thu, 01 Jan 2026 00:00:00 GMT", Some("2026-01-01T00:00:00Z"));
        check("999999999", Some("2026-02-01T03:04:05Z"));
        check("99999999999999999999999999", Some("2026-02-01T03:04:05Z"));
        check("Fri, 02 Jan 2099 04:00:00 GMT", Some("2026-02-01T03:04:05Z"));
        check("-5", None);
        check("1.5", None);
        check("soon", None);
        check("", None);
    }

    #[test]
    fn max_age_is_less_age() {
        let check = |cache_control: &[&[u8]], age: &str, expect: Option<u64>| {
            let mut all = headers(&CACHE_CONTROL, cache_control);
            all.extend(headers(&AGE, &[age.as_bytes()]));
            assert_eq!(freshness(&all, now()).max_age_s, expect, "{cache_control:?} {age}");
        };
        check(&[b"max-age=600"], "", Some(600));
        check(&[b"public, Max-Age=600, immutable"], "100", Some(500));
        check(&[b"public", b"max-age=\"600\""], "700", Some(0));
        check(&[b"s-maxage=600"], "", None);
        check(&[b"max-age=-1"], "", None);
        check(&[b"no-cache"], "", None);
        check(&[b"no-store, max-age=0"], "", Some(0));
        check(&[b"s-maxage=600, max-age=60"], "", Some(60));
        check(&[], "5", None);
        check(&[b"max-age=600"], "rubbish", Some(600));
    }

    #[test]
    fn expires_is_a_date_or_nothing() {
        let check = |value: &str, date: &str, age: &str, expect: Option<&str>| {
            let mut all = headers(&EXPIRES, &[value.as_bytes()]);
            all.extend(headers(&DATE, &[date.as_bytes()]));
            all.extend(headers(&AGE, &[age.as_bytes()]));
            let found = freshness(&all, now()).expires;
            assert_eq!(found, expect.map(|text| text.parse().unwrap()), "{value} {date} {age}");
        };
        check("Fri, 02 Jan 2026 04:00:00 GMT", "", "", Some("2026-01-02T04:00:00Z"));
        // The server's clock is a day behind, and a cache has held the answer for a minute.
        check("Thu, 01 Jan 2026 04:00:00 GMT", "Thu, 01 Jan 2026 03:00:00 GMT", "", Some("2026-01-02T04:04:05Z"));
        check("Thu, 01 Jan 2026 04:00:00 GMT", "Thu, 01 Jan 2026 03:00:00 GMT", "60", Some("2026-01-02T04:03:05Z"));
        check("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 02 Jan 2026 03:04:05 GMT", "", Some("1970-01-01T00:00:00Z"));
        check("0", "", "", None);
        check("-1", "", "", None);
    }

    #[test]
    fn content_types_are_taken_apart() {
        let check = |value: &str, media_type: Option<&str>, charset: Option<&str>| {
            let found = content_type(&headers(&CONTENT_TYPE, &[value.as_bytes()]));
            assert_eq!((found.0.as_deref(), found.1.as_deref()), (media_type, charset), "{value}");
        };
        check("text/html", Some("text/html"), None);
        check("Text/HTML; charset=UTF-8", Some("text/html"), Some("UTF-8"));
        check("text/html;Charset=\"shift_jis\"; x=y", Some("text/html"), Some("shift_jis"));
        check("text/html; x=y; charset='iso-8859-1'", Some("text/html"), Some("iso-8859-1"));
        check("text/html; charset=", Some("text/html"), None);
        check("; charset=utf-8", None, Some("utf-8"));
        check("", None, None);
    }

    #[test]
    fn validators_go_back_byte_for_byte() {
        for value in [&b"W/\"a b\""[..], b"\"caf\xc3\xa9\"", b"unquoted", b"\"\xff\xfe\"", b"Mon, 1 Jan 1 00:00 GMT"] {
            let kept = validators(&headers(&ETAG, &[value])).etag.unwrap();
            assert_eq!(verbatim(&kept).unwrap().as_bytes(), value);
        }
        assert_eq!(validators(&headers(&ETAG, &[b""])).etag, None);
        assert_eq!(verbatim("\u{4e2d}"), None);
        assert_eq!(verbatim("a\nb"), None);
    }
}
