//! Call-back addresses: what hubs ask and bring (W3C WebSub sections 5.3 and 7).
//!
//! In come requests below `websub/`, out goes what the handle says. Whoever does not know a call-back address learns
//! nothing and costs one look-up: a body is read only for an address that somebody has, a few at a time, and capped.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Bytes};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use tokio::time::timeout;

use super::address::below;
use super::form;
use super::public::Public;
use super::reply::{self, Content};
use crate::model::{HubAnswer, HubWord};

/// Hubs heard at a time: each may hold a body in memory and a thread.
pub(super) const HEARD: usize = 4;

/// How long a hub waits for its turn before it is told to come later.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes of a delivery: `fetch.max_body` by default, and as much as is read of any feed.
const MOST_BODY: usize = 5 << 20;

/// Hexadecimal digits of the secret part of a call-back address: what has another shape is nobody's.
const DIGITS: usize = 32;

impl Public {
    /// Answers one request, a hub's or a reader's.
    pub(super) async fn attend<B>(&self, request: Request<B>, peer: Option<IpAddr>) -> Response<Content>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let path = request.uri().path();
        if path.ends_with("/hub") || path.contains("/websub/") {
            // Boxed, here as elsewhere, what readers seldom come to: their answer is made in what remains.
            return Box::pin(self.attend_hub(request, peer)).await;
        }
        self.answer(&request, peer).await
    }

    async fn attend_hub<B>(&self, request: Request<B>, peer: Option<IpAddr>) -> Response<Content>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let prefix = self.prefix();
        let is_head = *request.method() == Method::HEAD;
        let response = {
            let paths = [below(request.uri().path(), ""), below(request.uri().path(), &prefix)];
            let is_ours = paths.iter().flatten().any(|path| path == "hub");
            let secret = paths.iter().flatten().find_map(|path| path.strip_prefix("websub/").map(str::to_owned));
            match secret {
                _ if is_ours => match self.charge(peer, &self.day()) {
                    Some(refused) => refused,
                    None => self.follow(request).await,
                },
                // A hub delivers many feeds, each when it changes, and knows addresses that nobody guesses.
                Some(secret) => self.hear(&secret, request).await,
                None => return self.answer(&request, peer).await,
            }
        };
        self.traffic().answered(response.status(), if is_head { 0 } else { response.body().length() });
        response
    }

    async fn hear<B>(&self, secret: &str, request: Request<B>) -> Response<Content>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let day = self.day();
        if secret.len() != DIGITS || !secret.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return reply::not_found(&day);
        }
        let is_delivery = *request.method() == Method::POST;
        if !is_delivery && *request.method() != Method::GET {
            return reply::method_not_allowed(&day);
        }
        let Ok(Ok(_turn)) = timeout(PATIENCE, self.callbacks().acquire()).await else {
            return reply::later(&day);
        };
        let answer = if is_delivery {
            match self.ask(secret, HubWord::Knock).await {
                HubAnswer::Heard => match delivery(request).await {
                    Some(word) => self.ask(secret, word).await,
                    None => return reply::too_large(&day),
                },
                other => other,
            }
        } else {
            match form::question(request.uri().query().unwrap_or_default()) {
                Some(word) => self.ask(secret, word).await,
                None => HubAnswer::Unknown,
            }
        };
        match answer {
            HubAnswer::Unknown => reply::not_found(&day),
            HubAnswer::Gone => reply::gone(&day),
            HubAnswer::Heard => reply::words(StatusCode::ACCEPTED, String::new(), &day),
            HubAnswer::Yes(challenge) => reply::words(StatusCode::OK, challenge, &day),
            HubAnswer::Later => reply::later(&day),
        }
    }

    /// Asks the handle, on a thread that may wait.
    async fn ask(&self, secret: &str, word: HubWord) -> HubAnswer {
        let (hub, secret) = (Arc::clone(&self.answers().hub), secret.to_owned());
        match tokio::task::spawn_blocking(move || hub(&secret, word)).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(%error, "hearing a hub failed");
                HubAnswer::Later
            }
        }
    }
}

/// What a hub brings in a POST; `None` where it is too much or ends early.
async fn delivery<B>(request: Request<B>) -> Option<HubWord>
where
    B: Body<Data = Bytes> + Unpin,
{
    let (head, body) = request.into_parts();
    let body = read(body, MOST_BODY).await?;
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let signature = head.headers.get("x-hub-signature").and_then(text);
    Some(HubWord::Delivery { signature, charset: charset(&head.headers), body })
}

/// The whole of a body; `None` where it is longer than `most` or ends early.
pub(super) async fn read<B>(mut body: B, most: usize) -> Option<Vec<u8>>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > most as u64 {
        return None;
    }
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if bytes.len() + data.len() > most {
            return None;
        }
        bytes.extend_from_slice(&data);
    }
    Some(bytes)
}

/// The `charset` parameter of the `Content-Type` field.
fn charset(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_of_deliveries() {
        let check = |value: &'static str, expect: Option<&str>| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            assert_eq!(charset(&headers).as_deref(), expect, "{value}");
        };
        check("application/rss+xml; Charset=\"iso-8859-1\"", Some("iso-8859-1"));
        check("application/rss+xml", None);
        check("charset=x", None);
    }
}
