//! One released document as a response: the hot path.
//!
//! In come a packed document and request headers, out goes 200 or 304 with all the headers of a good feed
//! server. It never compresses, renders or waits. Ranges are ignored (RFC 9110 14.2 allows it): documents are
//! small, and a feed in parts is of use to nobody.

use hyper::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    DATE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, LAST_MODIFIED, LINK, REFERRER_POLICY,
    USER_AGENT, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};

use super::address::encode;
use super::calendar::{self, Day};
use super::condition::unchanged;
use super::negotiate::Wishes;
use super::reply::Content;
use crate::released::{Coding, Packed};

/// More than the headers of any answer, so that the map is made once at its size; and of a 304.
const HEADERS: usize = 16;
const FEW_HEADERS: usize = 6;

/// Asks for a delta, and says that an answer is one (RFC 3229 sections 10.5.2 and 10.5.3).
const A_IM: HeaderName = HeaderName::from_static("a-im");
const IM: HeaderName = HeaderName::from_static("im");

/// How the names begin of clients that ask for deltas whether their user can read them or not. feedparser always sends
/// `A-IM: feed`; who left it its own name has seldom thought of 226, and rss2email takes that for an error and misses
/// the news. A program that gives its own name gets what it asks for.
const ASKS_UNKNOWING: [&str; 2] = ["feedparser/", "UniversalFeedParser/"];

/// What search engines may do with a page.
const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

const BY_CODING: HeaderValue = HeaderValue::from_static("accept-encoding");

/// What the headers of every document share.
#[derive(Debug)]
pub(super) struct Site {
    /// Absolute, ending in `/`.
    pub(super) base_url: String,
    /// The hub that delivers feeds.
    pub(super) hub: Option<String>,
    /// Content-Security-Policy of pages.
    pub(super) csp: HeaderValue,
}

/// Answers a GET or HEAD for `packed`, in the coding that `wishes` of `asked` prefer.
pub(super) fn respond(packed: &Packed, asked: &HeaderMap, wishes: Wishes, site: &Site, day: &Day) -> Response<Content> {
    respond_as(packed, (asked, wishes), site, day, None)
}

/// The same where the document's own address has a query.
pub(super) fn respond_as(
    packed: &Packed,
    (asked, wishes): (&HeaderMap, Wishes),
    site: &Site,
    day: &Day,
    query: Option<&str>,
) -> Response<Content> {
    let coding = wishes.choose_of(packed);
    let variant = packed.variant(coding).unwrap_or(packed.identity());
    let is_held = unchanged(asked, &variant.etag, packed.last_modified(), packed.last_modified_second());
    let mut headers = HeaderMap::with_capacity(if is_held { FEW_HEADERS } else { HEADERS });
    lasting(&mut headers, packed, day);
    headers.insert(VARY, BY_CODING);
    headers.insert(ETAG, variant.etag.clone());
    if is_held {
        return finish(StatusCode::NOT_MODIFIED, headers, Content::empty());
    }
    headers.extend(modified(packed, asked, day).map(|modified| (LAST_MODIFIED, modified)));
    describe(&mut headers, packed, coding, site, query);
    finish(StatusCode::OK, headers, Content::of(variant.bytes.clone()))
}

/// 226 (RFC 3229 section 10.4.1): `delta` is what is new of `whole` since the version that the client holds.
pub(super) fn respond_delta(
    delta: &Packed,
    whole: &Packed,
    asked: &HeaderMap,
    site: &Site,
    day: &Day,
) -> Response<Content> {
    let coding = Wishes::of(asked).choose_of(delta);
    let variant = delta.variant(coding).unwrap_or(delta.identity());
    let mut headers = HeaderMap::with_capacity(HEADERS);
    lasting(&mut headers, whole, day);
    // It is right for those who hold that one version; a cache that does not know this status must not keep it.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.remove(EXPIRES);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding, a-im, if-none-match"));
    headers.insert(IM, HeaderValue::from_static("feed"));
    // "The entity tag of the current instance" (section 10.4.1), which is what the client holds from now on.
    headers.insert(ETAG, whole.variant(coding).unwrap_or(whole.identity()).etag.clone());
    headers.extend(modified(whole, asked, day).map(|modified| (LAST_MODIFIED, modified)));
    describe(&mut headers, delta, coding, site, None);
    finish(StatusCode::IM_USED, headers, Content::of(variant.bytes.clone()))
}

/// Whether the client takes a delta of feeds: `A-IM: feed`, whatever its weight but 0 (RFC 3229 section 10.5.3), and
/// is not known to ask unknowing.
pub(super) fn takes_deltas(asked: &HeaderMap) -> bool {
    if !asked.contains_key(A_IM) {
        return false;
    }
    let name = asked.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    if ASKS_UNKNOWING.iter().any(|unknowing| name.starts_with(unknowing)) {
        return false;
    }
    let is_feed = |wish: &str| {
        let mut parts = wish.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("feed"));
        is_named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    };
    asked.get_all(A_IM).iter().filter_map(|list| list.to_str().ok()).any(|list| list.split(',').any(is_feed))
}

/// Whether the client holds `packed` as it is, in the coding it would get.
pub(super) fn holds(packed: &Packed, asked: &HeaderMap) -> bool {
    let variant = packed.variant(Wishes::of(asked).choose_of(packed)).unwrap_or(packed.identity());
    unchanged(asked, &variant.etag, packed.last_modified(), packed.last_modified_second())
}

/// The digests in a list of entity tags of ours, whatever their coding.
pub(super) fn digests(list: &str) -> impl Iterator<Item = String> {
    list.split('"').skip(1).step_by(2).filter_map(|tag| {
        let digest = tag.split('-').next().unwrap_or_default();
        (digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| digest.to_owned())
    })
}

/// How long an answer may be kept, and by whom; and who may read it. On a 304 too.
fn lasting(headers: &mut HeaderMap, packed: &Packed, day: &Day) {
    headers.insert(DATE, day.date.clone());
    if packed.is_private() {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
        return;
    }
    let (control, expires) = calendar::lifetime(packed.is_slow(), day);
    headers.insert(EXPIRES, expires);
    headers.insert(CACHE_CONTROL, control);
    if !packed.is_page() {
        // On a 304 too: a browser checks it on each answer.
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
}

/// What the body is.
fn describe(headers: &mut HeaderMap, packed: &Packed, coding: Coding, site: &Site, query: Option<&str>) {
    headers.insert(CONTENT_TYPE, packed.media_type());
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    match coding {
        Coding::Identity => {}
        Coding::Gzip => drop(headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"))),
        Coding::Brotli => drop(headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"))),
    }
    if packed.is_page() || packed.is_private() {
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    if packed.is_page() {
        headers.insert(CONTENT_SECURITY_POLICY, site.csp.clone());
    } else if query.is_some() {
        headers.extend(links(packed, site, query).map(|link| (LINK, link)));
    } else if let Some(link) = packed.link(|| links(packed, site, None)) {
        headers.insert(LINK, link);
    }
}

/// A document that changed twice within a second is dated to the next one, and no date is later than `Date`
/// (RFC 9110 8.8.2.1): until then it is told as this second, and who is told so asks once more than need be. Only who
/// has a date already is told none: libcurl takes other bytes with the date it sent for the old ones. Nor is anybody told
/// one of what is still to be dated, which may be earlier than now where the clock is set back.
fn modified(packed: &Packed, asked: &HeaderMap, day: &Day) -> Option<HeaderValue> {
    if packed.last_modified_second() <= day.second {
        return Some(packed.last_modified().clone());
    }
    (packed.is_dated() && !asked.contains_key(IF_MODIFIED_SINCE)).then(|| day.date.clone())
}

/// `rel=self`, and `rel=hub` where a hub delivers the document (W3C WebSub section 4). A private document names none:
/// its path is not its address, and its hub would know it.
fn links(packed: &Packed, site: &Site, query: Option<&str>) -> Option<HeaderValue> {
    if packed.is_private() {
        return None;
    }
    let path = packed.path();
    let own = format!(
        "<{}{}{}>; rel=\"self\"",
        site.base_url,
        encode(&path),
        query.map_or(String::new(), |query| format!("?{query}"))
    );
    let is_live = query.is_none() && !path.contains("/archive/") && &*path != "opml.xml";
    let hub = site.hub.as_ref().filter(|_| is_live).map(|hub| format!(", <{hub}>; rel=\"hub\""));
    HeaderValue::try_from(own + hub.as_deref().unwrap_or_default()).ok()
}

fn finish(status: StatusCode, headers: HeaderMap, body: Content) -> Response<Content> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{Digest, Document};
    use crate::released::http_date;

    #[test]
    fn tags_of_ours() {
        let digest = "0123456789abcdef0123456789abcdef";
        let check = |list: &str, expect: &[&str]| assert_eq!(digests(list).collect::<Vec<_>>(), expect, "{list}");
        check(&format!("\"{digest}\""), &[digest]);
        check(&format!("W/\"{digest}-gz\", \"x\", \"{digest}-br\""), &[digest, digest]);
        check("*", &[]);
        check("\"abc\"", &[]);
        check("", &[]);
    }

    #[test]
    fn no_date_is_later_than_the_present_second() {
        let check = |second: Option<i64>, has_a_date: bool, expect: Option<i64>| {
            let last_modified = second.map_or(Document::UNDATED, |second| Timestamp::from_second(second).unwrap());
            let (path, media_type, bytes) = ("s/x".to_owned(), "text/html; charset=utf-8", b"x".to_vec());
            let packed = Packed::plain(Document { path, media_type, digest: Digest::of(&bytes), bytes, last_modified });
            let mut asked = HeaderMap::new();
            if has_a_date {
                asked.insert(IF_MODIFIED_SINCE, http_date(1));
            }
            assert_eq!(modified(&packed, &asked, &Day::at(100)), expect.map(http_date), "{second:?} {has_a_date}");
        };
        check(Some(99), false, Some(99));
        check(Some(100), true, Some(100));
        check(Some(101), false, Some(100));
        check(Some(9999), false, Some(100));
        check(Some(101), true, None);
        check(None, false, None);
        check(None, true, None);
    }

    #[test]
    fn manipulations_that_are_wanted() {
        let check = |list: &'static str, agent: &'static str, expect| {
            let of = |(name, value)| (name, HeaderValue::from_static(value));
            let headers = HeaderMap::from_iter([(A_IM, list), (USER_AGENT, agent)].map(of));
            assert_eq!(takes_deltas(&headers), expect, "{list} {agent}");
        };
        check("feed", "", true);
        check("vcdiff, Feed;q=0.5", "Reader/1", true);
        check("feed;q=0", "", false);
        check("feeds", "", false);
        check("", "", false);
        check("feed", "feedparser/6.0.11 +https://example.org/", false);
        check("feed", "Planet/1 feedparser/6.0.11", true);
    }
}
