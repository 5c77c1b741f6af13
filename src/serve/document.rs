//! One released document as a response: the hot path.
//!
//! In come a packed document and request headers, out goes 200 or 304 with all the headers of a good feed
//! server. It never compresses, renders or waits. Ranges are ignored (RFC 9110 14.2 allows it): documents are
//! small, and a feed in parts is of use to nobody.

use hyper::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    DATE, ETAG, EXPIRES, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, LAST_MODIFIED, LINK, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};

use super::address::encode;
use super::calendar::{self, Day};
use super::condition::unchanged;
use super::negotiate::Wishes;
use super::reply::Whole;
use crate::released::{Coding, Packed};

/// More than the headers of any answer, so that the map is made once at its size.
const HEADERS: usize = 16;

const BY_CODING: HeaderValue = HeaderValue::from_static("accept-encoding");

/// What the headers of every document share.
#[derive(Debug)]
pub(super) struct Site {
    /// Absolute, ending in `/`.
    pub(super) base_url: String,
    /// Content-Security-Policy of pages.
    pub(super) csp: HeaderValue,
}

/// Answers a GET or HEAD for `packed`.
pub(super) fn respond(packed: &Packed, asked: &HeaderMap, site: &Site, day: &Day) -> Response<Whole> {
    let coding = Wishes::of(asked).choose_of(packed);
    let variant = packed.variant(coding).unwrap_or(packed.identity());
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(DATE, day.date.clone());
    headers.insert(EXPIRES, day.expires.clone());
    headers.insert(CACHE_CONTROL, calendar::CACHE_CONTROL);
    headers.insert(VARY, BY_CODING);
    headers.insert(ETAG, variant.etag.clone());
    if !packed.is_page() {
        // On a 304 too: a browser checks it on each answer.
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    if unchanged(asked, &variant.etag, packed.last_modified(), packed.last_modified_second()) {
        return finish(StatusCode::NOT_MODIFIED, headers, Whole::empty());
    }
    headers.insert(CONTENT_TYPE, packed.media_type());
    if let Some(modified) = modified(packed, asked, day) {
        headers.insert(LAST_MODIFIED, modified);
    }
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    match coding {
        Coding::Identity => {}
        Coding::Gzip => drop(headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"))),
        Coding::Brotli => drop(headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"))),
    }
    if packed.is_page() {
        headers.insert(CONTENT_SECURITY_POLICY, site.csp.clone());
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    } else if let Ok(link) = HeaderValue::try_from(own_link(packed, site)) {
        headers.insert(LINK, link);
    }
    finish(StatusCode::OK, headers, Whole::of(variant.bytes.clone()))
}

/// A document that changed twice within a second is dated to the next one, and no date is later than `Date`
/// (RFC 9110 8.8.2.1): until then it is told as this second, and who is told so asks once more than need be. Only who
/// has a date already is told none: libcurl takes other bytes with the date it sent for the old ones.
fn modified(packed: &Packed, asked: &HeaderMap, day: &Day) -> Option<HeaderValue> {
    if packed.last_modified_second() <= day.second {
        return Some(packed.last_modified().clone());
    }
    (!asked.contains_key(IF_MODIFIED_SINCE)).then(|| day.date.clone())
}

fn own_link(packed: &Packed, site: &Site) -> String {
    format!("<{}{}>; rel=\"self\"", site.base_url, encode(&packed.path()))
}

fn finish(status: StatusCode, headers: HeaderMap, body: Whole) -> Response<Whole> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
