//! Identity: two addresses of one article have one key.

use std::borrow::Cow;

use super::{Normal, is_hashbang, lenient, strip_prefix, trim};

/// First labels of hosts that serve the same article as the host without them.
const HOST_PREFIXES: &[&str] = &["www.", "m.", "mobile.", "amp."];

/// File names that a server sends for the folder they lie in.
const INDEX_FILES: &[&str] = &["index.html", "index.htm", "index.php"];

/// The identity key of a canonical address: two addresses of one article have one key.
///
/// The scheme, a host prefix that only picks a device (`www.`, `m.`, `mobile.`, `amp.`), an index file's
/// name, trailing slashes, and the order of parameters do not count; the case of the path does. AMP
/// addresses of the publisher's own (`/amp/`, `?amp`) keep a key of their own: only the page or the
/// seed can say whose AMP form they are. What is no address is its own key.
#[must_use]
pub fn key(canonical: &str) -> String {
    if let Some(parts) = Normal::of(trim(canonical)) {
        return key_of(&parts);
    }
    let Some(url) = lenient(canonical) else { return canonical.to_owned() };
    let Some(host) = url.host_str() else { return canonical.to_owned() };
    let port = url.port().map(|port| port.to_string());
    let (port, path) = (port.as_deref(), url.path());
    key_of(&Normal { host, port, path, query: url.query(), fragment: url.fragment() })
}

/// The same for the parts of an address.
fn key_of(url: &Normal<'_>) -> String {
    let mut key = String::with_capacity(url.host.len() + url.path.len() + url.query.map_or(0, str::len) + 8);
    key.push_str(without_prefixes(url.host));
    if let Some(port) = url.port {
        key.push(':');
        key.push_str(port);
    }
    let path = url.path;
    let path = match path.rsplit_once('/') {
        Some((folder, file)) if INDEX_FILES.contains(&file) => folder,
        _ => path,
    };
    key.push_str(&tidy_escapes(path.trim_end_matches('/')));
    let mut pairs: Vec<_> =
        url.query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).map(tidy_escapes).collect();
    pairs.sort_unstable();
    for (index, pair) in pairs.iter().enumerate() {
        key.push(if index == 0 { '?' } else { '&' });
        key.push_str(pair);
    }
    if let Some(fragment) = url.fragment.filter(|fragment| is_hashbang(fragment)) {
        key.push('#');
        key.push_str(fragment);
    }
    key
}

/// `host` without the labels that only pick a device. Two at most, so that `www.m.example.com` folds.
fn without_prefixes(host: &str) -> &str {
    let host = host.strip_suffix('.').filter(|host| !host.is_empty()).unwrap_or(host);
    let once = |host| HOST_PREFIXES.iter().find_map(|prefix| strip_prefix(host, prefix));
    let bare = once(host).unwrap_or(host);
    once(bare).unwrap_or(bare)
}

/// Percent-encoding in its normal form (RFC 3986 6.2.2): upper-case digits, unreserved characters bare.
fn tidy_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut tidy = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        tidy.push_str(before);
        let digits = after.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
            tidy.push('%');
            rest = after;
            continue;
        };
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            tidy.push(char::from(byte));
        } else {
            tidy.push('%');
            tidy.extend(digits.unwrap_or_default().chars().map(|digit| digit.to_ascii_uppercase()));
        }
        rest = after.get(2..).unwrap_or_default();
    }
    tidy.push_str(rest);
    Cow::Owned(tidy)
}
