//! `/img/<hash>`: a picture that a story shows, from this site, so that no publisher learns who reads.
//!
//! In comes a path, out goes what the handle brings, under headers that let a picture be nothing but a picture.

use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};

use super::calendar::Day;
use super::condition::unchanged;
use super::reply::{self, Content};
use super::{Picture, PictureAnswer};

/// A picture's address is that of one picture, but for archives, which keep that of an older one.
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// Opened alone it may load and run nothing.
const ALONE: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");

/// The answer to a GET or HEAD of `path`.
pub(super) async fn answer(bring: &Picture, path: &str, asked: &HeaderMap, day: &Day) -> Response<Content> {
    let (media_type, bytes, digest) = match bring(path).await {
        PictureAnswer::Here { media_type, bytes, digest } => (media_type, bytes, digest),
        PictureAnswer::Unknown => return reply::not_found(day),
        PictureAnswer::Later => return reply::later(day),
    };
    let etag = HeaderValue::try_from(format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"\""));
    let control = if path.starts_with("p/") { HeaderValue::from_static("private, no-store") } else { KEEP };
    // Nothing says when a picture changed: its tag is all that it goes by.
    let is_held = unchanged(asked, &etag, &HeaderValue::from_static(""), i64::MAX);
    let fields = [
        (CACHE_CONTROL, control),
        (ETAG, etag),
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CONTENT_SECURITY_POLICY, ALONE),
    ];
    let (status, body) = if is_held {
        (StatusCode::NOT_MODIFIED, Content::empty())
    } else {
        (StatusCode::OK, Content::of(Bytes::from(bytes)))
    };
    reply::made(status, body, &fields, day)
}
