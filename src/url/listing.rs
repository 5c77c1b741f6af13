//! The identity of an address that is listed as a source: what tells two listed feeds apart.

use super::{canonical, key, lenient};

/// The key of a source's address: two addresses with one key lead to one feed, in all likelihood.
///
/// As [`key`] of the [`canonical`] address (the scheme, `www.`, trailing slashes, tracking parameters and the order of
/// parameters do not count), but user names and passwords do, since they choose whose feed it is. What is no address is
/// its own key.
#[must_use]
pub fn listing_key(address: &str) -> String {
    let Ok(clean) = canonical(address) else { return address.to_owned() };
    match lenient(address) {
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            format!("{}:{}@{}", url.username(), url.password().unwrap_or_default(), key(&clean))
        }
        _ => key(&clean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_listed_feeds_apart() {
        let same = |left: &str, right: &str| assert_eq!(listing_key(left), listing_key(right), "{left} {right}");
        let differ = |left: &str, right: &str| assert_ne!(listing_key(left), listing_key(right), "{left} {right}");
        same("http://a.example/feed", "https://www.a.example/feed/");
        same("https://a.example/feed?b=1&a=2", "https://a.example/feed?a=2&b=1&utm_source=x");
        same("https://u:p@a.example/feed", "http://u:p@a.example/feed/");
        differ("https://u:p@a.example/feed", "https://a.example/feed");
        differ("https://u:p@a.example/feed", "https://v:p@a.example/feed");
        differ("https://a.example/feed?token=1", "https://a.example/feed?token=2");
        differ("https://a.example/feed", "https://a.example/Feed");
        differ("nonsense", "other");
    }
}
