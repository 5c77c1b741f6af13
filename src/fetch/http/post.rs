//! Forms for hubs: an address and a form come in, what came of it goes out.
//!
//! The same guard, host budget and allowance of time as for everything that is asked. A hub may redirect with 307 or
//! 308 (W3C WebSub section 5.1), which repeat the form; no other redirect is followed, and no answer's body is read.

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use url::Url;

use super::super::{Early, dial, failed, guard, head, refused};
use super::allowance::Allowance;
use super::{HttpFetch, domain, host, is_throttled, read, redirect_target};
use crate::model::{Failure, FailureKind, Posted};

/// A hub that has moved more often than that leads nowhere.
const MAX_REDIRECTS: usize = 3;

impl HttpFetch {
    pub(super) async fn post(&self, url: &str, form: &str) -> Posted {
        match self.send(url, form).await {
            Ok(posted) => posted,
            Err(Early::Throttled { retry_after, .. }) => Posted::Throttled { retry_after },
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
        let domain = domain(url);
        let resting = |until| Early::Throttled { status: 429, retry_after: Some(until) };
        let line = self.polite.line(&domain).await.map_err(resting)?;
        let route = time.spend(host(url), dial::route(url, &self.rules)).await??;
        let _turn = line.turn(&route.counted).await;
        let mut address = url.clone();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        // As in `address_and_headers`: a rerouted host keeps its own name, and the port dialled is the target's.
        if let (true, Some(port), Some(target)) = (route.rerouted, url.port(), route.addresses.first())
            && address.set_port(Some(target.port())).is_ok()
            && let Ok(authority) = HeaderValue::from_str(&format!("{}:{port}", host(url)))
        {
            headers.insert(HOST, authority);
        }
        let sending = self.client.post(address).headers(headers).body(form.to_owned()).send();
        let sent = time.spend(host(url), dial::CHECKED.scope(route.addresses, sending)).await?;
        let response = sent.map_err(|error| read::sending_failed(host(url), error))?;
        if let Some(Err(what)) = response.remote_addr().map(|at| guard::allowed(at.ip(), &self.rules.allow_private)) {
            return Err(refused(format!("{} answered from an address that is {what}", host(url))));
        }
        if is_throttled(response.status()) {
            let retry_after = head::retry_after(response.headers(), self.clock.now());
            self.polite.throttled(&domain, url.as_str(), retry_after);
        } else if response.status().is_success() {
            self.polite.answered(&domain);
        }
        Ok(response)
    }
}
