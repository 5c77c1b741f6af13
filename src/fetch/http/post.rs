//! Forms for hubs: an address and a form come in, what came of it goes out.
//!
//! The same guard, host budget and allowance of time as for everything that is asked. A hub may redirect with 307 or
//! 308 (W3C WebSub section 5.1), which repeat the form; no other redirect is followed, and no answer's body is read.

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use url::Url;

use super::super::{Early, failed, guard, head, refused};
use super::allowance::Allowance;
use super::{HttpFetch, host, redirect_target};
use crate::model::{Failure, FailureKind, Posted, Refusal};

/// A hub that has moved more often than that leads nowhere.
const MAX_REDIRECTS: usize = 3;

impl HttpFetch {
    pub(super) async fn post(&self, url: &str, form: &str) -> Posted {
        match self.send(url, form).await {
            Ok(posted) => posted,
            Err(Early::Throttled { retry_after, .. }) => Posted::Throttled { retry_after },
            Err(Early::Refused(Refusal::Resting(until))) => Posted::Throttled { retry_after: Some(until) },
            Err(Early::Failed(failure)) => Posted::Failed(failure),
            Err(Early::Refused(why)) => {
                Posted::Failed(Failure { kind: FailureKind::Connect, status: None, detail: why.to_string() })
            }
        }
    }

    async fn send(&self, url: &str, form: &str) -> Result<Posted, Early> {
        let mut url = Url::parse(url).map_err(|error| refused(format!("no address: {error}")))?;
        let mut time = Allowance::new(self.rules.timeout);
        for _ in 0..=MAX_REDIRECTS {
            guard::check(&url, &self.rules).map_err(refused)?;
            let response = self.send_once(&url, form, &mut time).await?;
            let status = response.status();
            match status.as_u16() {
                200..=299 => return Ok(Posted::Accepted),
                307 | 308 => {
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
        Err(failed(FailureKind::Redirects, format!("more than {MAX_REDIRECTS} redirects")))
    }

    /// One request, when it is its turn. The turn ends with this: nobody reads the answer's body.
    async fn send_once(&self, url: &Url, form: &str, time: &mut Allowance) -> Result<Response, Early> {
        let exchange = self.exchange(url, time, |address, headers| {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            self.client.post(address).body(form.to_owned())
        });
        exchange.await.map(|(response, _)| response)
    }
}
