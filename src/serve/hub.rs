//! `/hub`: those who want to follow a feed through our own hub (W3C WebSub section 5.1).
//!
//! In comes a form, capped and a few at a time, out goes what the handle says: 202 for what will be verified later,
//! 4xx with a sentence for what will not, 503 for a flood.

use std::sync::Arc;

use hyper::body::{Body, Bytes};
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::timeout;

use super::form;
use super::public::Public;
use super::reply::{self, Content};
use super::websub::{self, PATIENCE};
use crate::model::FollowAnswer;

/// Bytes of a form: two addresses, a secret and a few words.
const MOST_FORM: usize = 16 << 10;

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
        let (follow, word) = (Arc::clone(&self.answers().follow), form::word(&form));
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
