//! Answers that are not documents: pages that say no, moves, robots.txt.
//!
//! In comes what to say, out goes a response. It never repeats a word of the request but a hub's challenge, as plain
//! text, so there is nothing to escape.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, DATE, HeaderName, HeaderValue, LOCATION,
    REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use super::calendar::{self, Day};

/// Mistakes and withdrawals heal; a minute spares us a misconfigured client without hiding the cure for long.
const BRIEFLY: HeaderValue = HeaderValue::from_static("public, max-age=60");

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The body of an answer.
#[derive(Debug)]
pub(super) enum Content {
    /// None.
    Nothing,
    /// It is there as a whole.
    Whole(Bytes),
    /// It comes bit by bit.
    Stream(mpsc::Receiver<Bytes>),
}

impl Content {
    pub(super) fn of(bytes: Bytes) -> Self {
        if bytes.is_empty() { Self::Nothing } else { Self::Whole(bytes) }
    }

    pub(super) fn empty() -> Self {
        Self::Nothing
    }

    pub(super) fn stream(bits: mpsc::Receiver<Bytes>) -> Self {
        Self::Stream(bits)
    }

    /// Bytes that are there and not yet taken.
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Nothing | Self::Stream(_) => 0,
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Self::Stream(bits) = &mut *self {
            return bits.poll_recv(cx).map(|bit| bit.map(|bytes| Ok(Frame::data(bytes))));
        }
        match std::mem::replace(&mut *self, Self::Nothing) {
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Self::Nothing | Self::Stream(_) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Stream(_) => SizeHint::default(),
            whole => SizeHint::with_exact(whole.length()),
        }
    }
}

/// 404.
pub(super) fn not_found(day: &Day) -> Response<Content> {
    page(
        StatusCode::NOT_FOUND,
        "<!doctype html><title>Not found</title><h1>Not found</h1><p>There is nothing at this address.\n",
        &[(CACHE_CONTROL, BRIEFLY)],
        day,
    )
}

/// 410: the story was withdrawn.
pub(super) fn gone(day: &Day) -> Response<Content> {
    page(
        StatusCode::GONE,
        "<!doctype html><title>Withdrawn</title><h1>Withdrawn</h1><p>This story was withdrawn.\n",
        &[(CACHE_CONTROL, BRIEFLY)],
        day,
    )
}

/// 405, with what is allowed.
pub(super) fn method_not_allowed(day: &Day) -> Response<Content> {
    page(
        StatusCode::METHOD_NOT_ALLOWED,
        "<!doctype html><title>Not allowed</title><h1>Not allowed</h1><p>This address can only be read.\n",
        &[(CACHE_CONTROL, NO_STORE), (ALLOW, HeaderValue::from_static("GET, HEAD"))],
        day,
    )
}

/// 503: nothing is released yet.
pub(super) fn not_ready(day: &Day) -> Response<Content> {
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        "<!doctype html><title>Starting</title><h1>Starting</h1><p>The first edition is being made.\n",
        // A release takes seconds, and readers that honour this come back then rather than in an hour.
        &[(CACHE_CONTROL, NO_STORE), (RETRY_AFTER, HeaderValue::from_static("5"))],
        day,
    )
}

/// 500: a handle failed, which is logged where it failed.
pub(super) fn failed(day: &Day) -> Response<Content> {
    page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "<!doctype html><title>Failed</title><h1>Failed</h1><p>This page could not be made.\n",
        &[(CACHE_CONTROL, NO_STORE)],
        day,
    )
}

/// A move to `location`, a reference relative to the address that was asked, so that it holds behind any proxy.
pub(super) fn moved(status: StatusCode, location: &str, day: &Day) -> Response<Content> {
    let Ok(location) = HeaderValue::from_str(location) else { return not_found(day) };
    page(
        status,
        "<!doctype html><title>Moved</title><h1>Moved</h1><p>This page has another address now.\n",
        &[(CACHE_CONTROL, calendar::CACHE_CONTROL), (LOCATION, location)],
        day,
    )
}

/// `/robots.txt`: everyone may read everything that is public.
pub(super) fn robots(day: &Day) -> Response<Content> {
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    page(
        StatusCode::OK,
        "User-agent: *\nDisallow:\n",
        &[(CACHE_CONTROL, calendar::CACHE_CONTROL), (CONTENT_TYPE, text)],
        day,
    )
}

/// 400: a question that makes no sense; `why` is a sentence of ours.
pub(super) fn refused(why: &'static str, day: &Day) -> Response<Content> {
    let mut response = page(StatusCode::BAD_REQUEST, "", &[(CACHE_CONTROL, NO_STORE)], day);
    let text = format!("<!doctype html><title>Refused</title><h1>Refused</h1><p>{why}\n");
    *response.body_mut() = Content::of(Bytes::from(text));
    response
}

/// A stream of events, which no cache keeps and no proxy gathers.
pub(super) fn stream(events: Content, day: &Day) -> Response<Content> {
    let kind = HeaderValue::from_static("text/event-stream");
    let at_once = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    let mut response = page(StatusCode::OK, "", &[(CACHE_CONTROL, NO_STORE), (CONTENT_TYPE, kind), at_once], day);
    *response.body_mut() = events;
    response
}

/// `/live.js`, the script of our pages.
pub(super) fn script(text: &'static str, day: &Day) -> Response<Content> {
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    page(StatusCode::OK, text, &[(CACHE_CONTROL, calendar::CACHE_CONTROL), (CONTENT_TYPE, kind)], day)
}

/// What was made elsewhere, under the fields that every answer has.
pub(super) fn made(
    status: StatusCode,
    body: Content,
    fields: &[(HeaderName, HeaderValue)],
    day: &Day,
) -> Response<Content> {
    let mut response = page(status, "", fields, day);
    *response.body_mut() = body;
    response
}

/// 414: nobody asks so much.
pub(super) fn query_too_long(day: &Day) -> Response<Content> {
    page(
        StatusCode::URI_TOO_LONG,
        "<!doctype html><title>Too long</title><h1>Too long</h1><p>Nothing is asked for with so many words.\n",
        &[(CACHE_CONTROL, NO_STORE)],
        day,
    )
}

/// 302 within a private topic, which nobody may keep.
pub(super) fn moved_privately(location: &str, day: &Day) -> Response<Content> {
    let mut response = moved(StatusCode::FOUND, location, day);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// 503: a hub may bring it again, a reader ask again.
pub(super) fn later(day: &Day) -> Response<Content> {
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        "<!doctype html><title>Later</title><h1>Later</h1><p>This cannot be answered now; ask again in a minute.\n",
        &[(CACHE_CONTROL, NO_STORE), (RETRY_AFTER, HeaderValue::from_static("60"))],
        day,
    )
}

/// 429: so much was made for this peer that others would wait.
pub(super) fn too_many(wait: Duration, day: &Day) -> Response<Content> {
    page(
        StatusCode::TOO_MANY_REQUESTS,
        "<!doctype html><title>Too many requests</title><h1>Too many requests</h1><p>Ask again a little later.\n",
        &[(CACHE_CONTROL, NO_STORE), (RETRY_AFTER, HeaderValue::from(wait.as_secs().saturating_add(1)))],
        day,
    )
}

/// 413: a hub brings more than is read of any feed.
pub(super) fn too_large(day: &Day) -> Response<Content> {
    page(
        StatusCode::PAYLOAD_TOO_LARGE,
        "<!doctype html><title>Too large</title><h1>Too large</h1><p>No feed is read that is so large.\n",
        &[(CACHE_CONTROL, NO_STORE)],
        day,
    )
}

/// Words for a hub, as plain text.
pub(super) fn words(status: StatusCode, text: String, day: &Day) -> Response<Content> {
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    let mut response = page(status, "", &[(CACHE_CONTROL, NO_STORE), (CONTENT_TYPE, plain)], day);
    *response.body_mut() = Content::of(Bytes::from(text));
    response
}

fn page(status: StatusCode, text: &'static str, more: &[(HeaderName, HeaderValue)], day: &Day) -> Response<Content> {
    let mut response = Response::new(Content::of(Bytes::from_static(text.as_bytes())));
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
