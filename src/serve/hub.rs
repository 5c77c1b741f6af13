//! `/hub`: those who want to follow a feed through our own hub (W3C WebSub section 5.1).
//!
//! In comes a form, capped and a few at a time, out goes what the handle says: 202 for what will be verified later,
//! 4xx with a sentence for what will not, 503 for a flood.

use std::sync::Arc;

use ::url::form_urlencoded;
use hyper::body::{Body, Bytes};
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::timeout;

use super::public::Public;
use super::reply::{self, Content};
use super::websub::{self, PATIENCE};
use crate::model::{FollowAnswer, FollowWord};

/// Bytes of a form: two addresses, a secret and a few words.
const MOST_FORM: usize = 16 << 10;

/// Fields of a form.
const MOST_FIELDS: usize = 32;

impl Public {
    /// Answers a request to our hub.
    pub(super) async fn follow<B>(&self, request: Request<B>) -> Response<Content>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let day = self.day();
        if *request.method() != Method::POST {
            let text = "This is a WebSub hub: POST a form to it.\n".to_owned();
            let mut response = reply::words(StatusCode::METHOD_NOT_ALLOWED, text, &day);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        let Ok(Ok(_turn)) = timeout(PATIENCE, self.callbacks().acquire()).await else {
            return reply::later(&day);
        };
        let (_, body) = request.into_parts();
        let Some(form) = websub::read(body, MOST_FORM).await else {
            return reply::too_large(&day);
        };
        let (follow, word) = (Arc::clone(&self.answers().follow), word(&form));
        let answered = tokio::task::spawn_blocking(move || follow(&word)).await;
        match answered {
            Ok(FollowAnswer::NoHub) => reply::not_found(&day),
            Ok(FollowAnswer::Accepted) => reply::words(StatusCode::ACCEPTED, String::new(), &day),
            Ok(FollowAnswer::Refused(why)) => reply::words(StatusCode::BAD_REQUEST, why.to_owned(), &day),
            Ok(FollowAnswer::Later) => reply::later(&day),
            Err(error) => {
                tracing::error!(%error, "hearing a follower failed");
                reply::failed(&day)
            }
        }
    }
}

/// The form's fields; the first of each name counts.
fn word(form: &[u8]) -> FollowWord {
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(form).take(MOST_FIELDS);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    FollowWord {
        mode: value("hub.mode").unwrap_or_default(),
        topic: value("hub.topic").unwrap_or_default(),
        callback: value("hub.callback").unwrap_or_default(),
        secret: value("hub.secret"),
        lease_s: value("hub.lease_seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let check = |form: &str, expect: [&str; 3]| {
            let word = word(form.as_bytes());
            assert_eq!([word.mode.as_str(), &word.topic, &word.callback], expect, "{form}");
        };
        check("hub.mode=subscribe&hub.topic=https%3A%2F%2Fa&hub.callback=b", ["subscribe", "https://a", "b"]);
        check("hub.mode=a&hub.mode=b", ["a", "", ""]);
        check("", ["", "", ""]);
        check("\u{fffd}=&&&=", ["", "", ""]);
        assert_eq!(word(b"hub.secret=s&hub.lease_seconds=60").lease_s.as_deref(), Some("60"));
    }
}
