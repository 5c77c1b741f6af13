//! The HTTP client: rules come in, a client that does nothing on its own goes out.
//!
//! No proxy (it would dial what we did not check), no redirects, no retries, no cookies, no referrer, no decoding.

use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, header::HeaderValue, redirect, retry};

use super::super::{FetchRules, dial};

/// A host that does not take a connection by then hardly will. Below `READ_LIMIT`, which runs from the same moment,
/// so that the failure is told by its right name.
const CONNECT_LIMIT: Duration = Duration::from_secs(8);

/// Silence in the middle of an answer: a server that drips is cut off by the whole timeout instead.
const READ_LIMIT: Duration = Duration::from_secs(10);

/// HTTP/2 header bytes. HTTP/1 has the client's own bound of 100 fields and about 400 KiB.
const MAX_HEADERS: u32 = 64 * 1024;

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The user agent cannot stand in a header.
    #[error("the user agent `{0}` holds characters that a header may not")]
    UserAgent(String),
    /// The extra certificates.
    #[error("the certificates of `fetch.ca_file` cannot be read")]
    Certificates(#[source] reqwest::Error),
    /// Anything else: TLS, the resolver.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// A client for `rules`. Without certificates in the system it still starts, and only https fails.
pub(super) fn build(rules: &FetchRules) -> Result<Client, SetupError> {
    // An error means that it has been installed before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let agent =
        HeaderValue::from_str(&rules.user_agent).map_err(|_| SetupError::UserAgent(rules.user_agent.clone()))?;
    let extra = rules.ca_pem.as_deref().map(Certificate::from_pem_bundle).transpose();
    let extra = extra.map_err(SetupError::Certificates)?.unwrap_or_default();
    if rules.ca_pem.is_some() && extra.is_empty() {
        tracing::warn!("`fetch.ca_file` holds no certificate");
    }
    let merged = plain(rules, agent.clone()).tls_certs_merge(extra.clone()).build();
    merged.or_else(|error| {
        tracing::warn!(%error, "the system's certificates cannot be read: https works with `fetch.ca_file` only");
        plain(rules, agent).tls_certs_only(extra).build().map_err(SetupError::Client)
    })
}

fn plain(rules: &FetchRules, agent: HeaderValue) -> ClientBuilder {
    Client::builder()
        .user_agent(agent)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .dns_resolver(dial::CheckedOnly)
        .connect_timeout(CONNECT_LIMIT.min(rules.timeout))
        .read_timeout(READ_LIMIT.min(rules.timeout))
        .pool_max_idle_per_host(rules.per_host)
        .pool_idle_timeout(rules.idle)
        .http2_max_header_list_size(MAX_HEADERS)
}
