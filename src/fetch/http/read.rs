//! An answer's body, read under its limits: a response comes in, bytes or a failed outcome go out.
//!
//! Dropping the response before its end closes the connection, so a reader that has enough costs nobody the rest.

use std::error::Error;
use std::io;

use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::super::body::{Body, Stop};
use super::super::{Early, failed};
use super::allowance::Allowance;
use crate::model::{FailureKind, Judge};

/// How much of a body is read.
pub(super) struct Limits {
    /// Decoded bytes.
    pub max: usize,
    /// When to stop early.
    pub enough: Option<Judge>,
}

/// A body that was read.
pub(super) struct Read {
    pub bytes: Vec<u8>,
    pub wire_bytes: u64,
    pub is_partial: bool,
}

/// Reads the body of `response` from `host`. One that fails is still good if what came of it is enough.
pub(super) async fn whole(
    mut response: Response,
    host: &str,
    limits: Limits,
    time: &mut Allowance,
) -> Result<Read, Early> {
    let codings: Vec<String> = response
        .headers()
        .get_all(CONTENT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok().map(str::to_owned))
        .collect();
    let stopped = |stop| stopped(host, stop);
    let reads_all = limits.enough.is_none();
    let mut body = Body::new(&codings.join(","), limits.max, limits.enough).map_err(stopped)?;
    if reads_all {
        body.announce(response.content_length()).map_err(stopped)?;
    }
    let problem = loop {
        let step = match time.spend(host, response.chunk()).await {
            Err(late) => break Some(late),
            Ok(Err(error)) => break Some(reading_failed(host, &error)),
            Ok(Ok(Some(chunk))) => body.push(&chunk).map(|()| true),
            Ok(Ok(None)) => body.end().map(|()| false),
        };
        match step {
            Ok(true) => {}
            Ok(false) => {
                let (bytes, wire_bytes) = body.into_parts();
                return Ok(Read { bytes, wire_bytes, is_partial: false });
            }
            Err(Stop::Enough) => break None,
            Err(stop) => break Some(stopped(stop)),
        }
    };
    match problem {
        Some(problem) if !body.is_enough() => Err(problem),
        _ => {
            let (bytes, wire_bytes) = body.into_parts();
            Ok(Read { bytes, wire_bytes, is_partial: true })
        }
    }
}

fn stopped(host: &str, stop: Stop) -> Early {
    match stop {
        Stop::TooLarge(what) => failed(FailureKind::TooLarge, format!("{host} sent too much: {what}")),
        Stop::Broken(what) => failed(FailureKind::Broken, format!("{host} sent a broken body: {what}")),
        Stop::Enough => failed(FailureKind::Broken, format!("{host} sent a body that is not needed")),
    }
}

fn reading_failed(host: &str, error: &reqwest::Error) -> Early {
    if error.is_timeout() {
        return failed(FailureKind::Timeout, format!("{host} fell silent in the middle of its answer"));
    }
    failed(FailureKind::Broken, format!("{host} ended its answer early: {}", innermost(error)))
}

/// What a request that got no answer failed at.
pub(super) fn sending_failed(host: &str, error: reqwest::Error) -> Early {
    // Its text would name the whole address.
    let error = error.without_url();
    let why = innermost(&error);
    if let Some(tls) = tls_error(&error) {
        return failed(FailureKind::Tls, format!("no trust in {host}: {tls}"));
    }
    if error.is_connect() {
        let why = if error.is_timeout() { "it took too long".to_owned() } else { why };
        return failed(FailureKind::Connect, format!("no connection to {host}: {why}"));
    }
    if error.is_timeout() {
        return failed(FailureKind::Timeout, format!("{host} took the request and fell silent"));
    }
    failed(FailureKind::Broken, format!("{host} gave no answer that can be read: {why}"))
}

/// The text of the first cause, which says most.
fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// An I/O error that wraps another names the other's cause as its own, so it is opened first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| (*error).source())
    })
}
