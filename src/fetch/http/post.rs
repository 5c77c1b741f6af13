//! Forms for hubs, and content for those who follow our own: an address and a body come in, what came of it goes out.
//!
//! The same guard, host budget and allowance of time as for everything that is asked. A hub may redirect with 307 or
//! 308 (W3C WebSub section 5.1), which repeat the form; no other redirect is followed, and no answer's body is read.

use hyper::body::Bytes;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LINK};
use url::Url;

use super::super::{Early, failed, guard, head, refused};
use super::allowance::Allowance;
use super::{HttpFetch, host, redirect_target};
use crate::model::{Delivery, Failure, FailureKind, Posted, Refusal};

/// A hub that has moved more often than that leads nowhere.
const MAX_REDIRECTS: usize = 3;

/// Says who sent a delivery (W3C WebSub section 7.1).
const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");

/// What is posted.
struct Content {
    headers: HeaderMap,
    body: Bytes,
    redirects: usize,
}

impl HttpFetch {
    pub(super) async fn post(&self, url: &str, form: &str) -> Posted {
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, form_type)]);
        let content = Content { headers, body: Bytes::copy_from_slice(form.as_bytes()), redirects: MAX_REDIRECTS };
        self.posted(url, content).await
    }

    pub(super) async fn post_content(&self, delivery: &Delivery) -> Posted {
        let fields = [
            (CONTENT_TYPE, Some(&delivery.media_type)),
            (LINK, Some(&delivery.links)),
            (SIGNATURE, delivery.signature.as_ref()),
        ];
        let headers = fields.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(value?).ok()?)));
        let body = Bytes::from_owner(std::sync::Arc::clone(&delivery.body));
        self.posted(&delivery.url, Content { headers: headers.collect(), body, redirects: 0 }).await
    }

    async fn posted(&self, url: &str, content: Content) -> Posted {
        match self.send(url, content).await {
            Ok(posted) => posted,
            Err(Early::Throttled { retry_after, .. }) => Posted::Throttled { retry_after },
            Err(Early::Refused(Refusal::Resting(until))) => Posted::Throttled { retry_after: Some(until) },
            Err(Early::Failed(failure)) => Posted::Failed(failure),
            Err(Early::Refused(why)) => {
                Posted::Failed(Failure { kind: FailureKind::Connect, status: None, detail: why.to_string() })
            }
        }
    }

    async fn send(&self, url: &str, content: Content) -> Result<Posted, Early> {
        let mut url = Url::parse(url).map_err(|error| refused(format!("no address: {error}")))?;
        let mut time = Allowance::new(self.rules.timeout);
        for hop in 0..=content.redirects {
            guard::check(&url, &self.rules).map_err(refused)?;
            let response = self.send_once(&url, &content, &mut time).await?;
            let status = response.status();
            match status.as_u16() {
                200..=299 => return Ok(Posted::Accepted),
                307 | 308 if hop < content.redirects => {
                    let next = redirect_target(&url, &response)?;
                    guard::check_redirect(&url, &next).map_err(refused)?;
                    url = next;
                }
                429 | 503 => {
                    let retry_after = head::retry_after(response.headers(), self.clock.now());
                    return Ok(Posted::Throttled { retry_after });
                }
                code => {
                    let detail = format!("{status} from {}", host(&url));
                    return Ok(Posted::Failed(Failure { kind: FailureKind::Status, status: Some(code), detail }));
                }
            }
        }
        Err(failed(FailureKind::Redirects, format!("more than {} redirects", content.redirects)))
    }

    /// One request, when it is its turn. The turn ends with this: nobody reads the answer's body.
    async fn send_once(&self, url: &Url, content: &Content, time: &mut Allowance) -> Result<Response, Early> {
        let exchange = self.exchange(url, time, |address, headers| {
            headers.extend(content.headers.clone());
            self.client.post(address).body(content.body.clone())
        });
        exchange.await.map(|(response, _)| response)
    }
}
