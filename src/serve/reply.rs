//! Answers that are not documents: pages that say no, moves, robots.txt.
//!
//! In comes what to say, out goes a response. It never repeats a word of the request but a hub's challenge, as plain
//! text, so there is nothing to escape.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, DATE, HeaderName, HeaderValue, LOCATION,
    REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};

use super::calendar::{self, Day};

/// Mistakes and withdrawals heal; a minute spares us a misconfigured client without hiding the cure for long.
const BRIEFLY: HeaderValue = HeaderValue::from_static("public, max-age=60");

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// A body that is there as a whole, or not at all.
#[derive(Debug, Default)]
pub(super) struct Whole(Option<Bytes>);

impl Whole {
    pub(super) fn of(bytes: Bytes) -> Self {
        Self(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    pub(super) fn empty() -> Self {
        Self(None)
    }

    /// Bytes not yet taken.
    pub(super) fn length(&self) -> u64 {
        self.0.as_ref().map_or(0, |bytes| bytes.len() as u64)
    }
}

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length())
    }
}

/// 404.
pub(super) fn not_found(day: &Day) -> Response<Whole> {
    page(
        StatusCode::NOT_FOUND,
        "<!doctype html><title>Not found</title><h1>Not found</h1><p>There is nothing at this address.\n",
        &[(CACHE_CONTROL, BRIEFLY)],
        day,
    )
}

/// 410: the story was withdrawn.
pub(super) fn gone(day: &Day) -> Response<Whole> {
    page(
        StatusCode::GONE,
        "<!doctype html><title>Withdrawn</title><h1>Withdrawn</h1><p>This story was withdrawn.\n",
        &[(CACHE_CONTROL, BRIEFLY)],
        day,
    )
}

/// 405, with what is allowed.
pub(super) fn method_not_allowed(day: &Day) -> Response<Whole> {
    page(
        StatusCode::METHOD_NOT_ALLOWED,
        "<!doctype html><title>Not allowed</title><h1>Not allowed</h1><p>This address can only be read.\n",
        &[(CACHE_CONTROL, NO_STORE), (ALLOW, HeaderValue::from_static("GET, HEAD"))],
        day,
    )
}

/// 503: nothing is released yet.
pub(super) fn not_ready(day: &Day) -> Response<Whole> {
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        "<!doctype html><title>Starting</title><h1>Starting</h1><p>The first edition is being made.\n",
        // A release takes seconds, and readers that honour this come back then rather than in an hour.
        &[(CACHE_CONTROL, NO_STORE), (RETRY_AFTER, HeaderValue::from_static("5"))],
        day,
    )
}

/// 500: a handle failed, which is logged where it failed.
pub(super) fn failed(day: &Day) -> Response<Whole> {
    page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "<!doctype html><title>Failed</title><h1>Failed</h1><p>This page could not be made.\n",
        &[(CACHE_CONTROL, NO_STORE)],
        day,
    )
}

/// A move to `location`, a reference relative to the address that was asked, so that it holds behind any proxy.
pub(super) fn moved(status: StatusCode, location: &str, day: &Day) -> Response<Whole> {
    let Ok(location) = HeaderValue::from_str(location) else { return not_found(day) };
    page(
        status,
        "<!doctype html><title>Moved</title><h1>Moved</h1><p>This page has another address now.\n",
        &[(CACHE_CONTROL, calendar::CACHE_CONTROL), (LOCATION, location)],
        day,
    )
}

/// `/robots.txt`: everyone may read everything that is public.
pub(super) fn robots(day: &Day) -> Response<Whole> {
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    page(
        StatusCode::OK,
        "User-agent: *\nDisallow:\n",
        &[(CACHE_CONTROL, calendar::CACHE_CONTROL), (CONTENT_TYPE, text)],
        day,
    )
}

/// 400: a question that makes no sense; `why` is a sentence of ours.
pub(super) fn refused(why: &'static str, day: &Day) -> Response<Whole> {
    let mut response = page(StatusCode::BAD_REQUEST, "", &[(CACHE_CONTROL, NO_STORE)], day);
    let text = format!("<!doctype html><title>Refused</title><h1>Refused</h1><p>{why}\n");
    *response.body_mut() = Whole::of(Bytes::from(text));
    response
}

/// 414: nobody asks so much.
pub(super) fn query_too_long(day: &Day) -> Response<Whole> {
    page(
        StatusCode::URI_TOO_LONG,
        "<!doctype html><title>Too long</title><h1>Too long</h1><p>Nothing is asked for with so many words.\n",
        &[(CACHE_CONTROL, NO_STORE)],
        day,
    )
}

/// 302 within a private topic, which nobody may keep.
pub(super) fn moved_privately(location: &str, day: &Day) -> Response<Whole> {
    let mut response = moved(StatusCode::FOUND, location, day);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// 503: a hub may bring it again.
pub(super) fn later(day: &Day) -> Response<Whole> {
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        "<!doctype html><title>Later</title><h1>Later</h1><p>Too much is waiting already.\n",
        &[(CACHE_CONTROL, NO_STORE), (RETRY_AFTER, HeaderValue::from_static("60"))],
        day,
    )
}

/// 413: a hub brings more than is read of any feed.
pub(super) fn too_large(day: &Day) -> Response<Whole> {
    page(
        StatusCode::PAYLOAD_TOO_LARGE,
        "<!doctype html><title>Too large</title><h1>Too large</h1><p>No feed is read that is so large.\n",
        &[(CACHE_CONTROL, NO_STORE)],
        day,
    )
}

/// Words for a hub, as plain text.
pub(super) fn words(status: StatusCode, text: String, day: &Day) -> Response<Whole> {
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    let mut response = page(status, "", &[(CACHE_CONTROL, NO_STORE), (CONTENT_TYPE, plain)], day);
    *response.body_mut() = Whole::of(Bytes::from(text));
    response
}

fn page(status: StatusCode, text: &'static str, more: &[(HeaderName, HeaderValue)], day: &Day) -> Response<Whole> {
    let mut response = Response::new(Whole::of(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(DATE, day.date.clone());
    headers.insert(CONTENT_TYPE, HTML);
    headers.insert(CONTENT_SECURITY_POLICY, NOTHING);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in more {
        headers.insert(name, value.clone());
    }
    response
}
