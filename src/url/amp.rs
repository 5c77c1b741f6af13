//! Addresses of AMP caches: an absolute address goes in, the publisher's own AMP address comes out.
//!
//! Only caches are unwrapped, for they name the origin in so many words. That the origin's AMP address
//! belongs to some other page is for that page or a seed to say.

use ::url::Url;

/// The publisher's address inside the cache address `url`; `None` when `url` is no cache address.
pub(super) fn origin(url: &Url) -> Option<Url> {
    let wrapped = wrapped(url)?;
    let (scheme, rest) = match wrapped.strip_prefix("s/") {
        Some(rest) => ("https", rest),
        None => ("http", wrapped),
    };
    let host = rest.split('/').next().unwrap_or_default();
    // A cache's own files and search pages have no host in that place.
    if !host.contains('.') {
        return None;
    }
    let mut origin = Url::parse(&format!("{scheme}://{rest}")).ok().filter(Url::has_host)?;
    origin.set_query(url.query());
    origin.set_fragment(url.fragment());
    Some(origin)
}

/// Whether addresses of this host can be cache addresses: a quick look, which may say yes too often.
pub(super) fn may_wrap(host: &str) -> bool {
    ["ampproject.org", "bing-amp.com", "bing.com", "google."].iter().any(|part| host.contains(part))
}

/// Whether the canonical address `address` looks like the AMP form of an article.
#[must_use]
pub fn looks_amp(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_amp_file = |segment: &str| {
        segment == "amp" || segment == "amp.html" || segment.rsplit_once('.').is_some_and(|(_, ending)| ending == "amp")
    };
    host.starts_with("amp.") && host.matches('.').count() > 1
        || path.split('/').any(is_amp_file)
        || query.split('&').any(|pair| matches!(pair, "amp" | "amp=" | "amp=1" | "amp=true" | "outputType=amp"))
}

/// What follows the cache's own part of the path: `s/host/path`, or `host/path` for an origin without TLS.
fn wrapped(url: &Url) -> Option<&str> {
    // With a dot at its end it is the same host.
    let host = url.domain()?.trim_end_matches('.');
    let path = url.path().strip_prefix('/')?;
    if host.ends_with(".cdn.ampproject.org") || host.ends_with(".bing-amp.com") {
        // c: a document, v: a document for a viewer, wp: a document in a package.
        return ["c/", "v/", "wp/"].iter().find_map(|kind| path.strip_prefix(kind));
    }
    let is_search = host == "bing.com"
        || host == "www.bing.com"
        || psl::domain_str(host).is_some_and(|domain| domain.starts_with("google."));
    if is_search { path.strip_prefix("amp/") } else { None }
}
