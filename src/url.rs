//! Addresses: cleaned for people, keyed for identity, masked for display.
//!
//! In comes whatever a seed, a feed or a page calls an address; out go a clean absolute address
//! ([`canonical`]), the identity behind it ([`key`]) and a form fit for a log ([`mask`]).
//! Nothing here opens a connection, and no input makes it panic.

mod amp;
mod identity;
mod listing;
mod masking;
mod normal;

use ::url::{Host, Url};

pub use amp::looks_amp;
pub use identity::key;
pub use listing::listing_key;
pub use masking::mask;
pub use normal::Normal;

/// Longest address that is kept, in bytes: the sitemap protocol's bound, which publishers heed.
pub const MAX_LENGTH: usize = 2_048;

/// Longest text that is parsed as an address, in bytes: room for the parameters that [`canonical`] removes.
const MAX_RAW: usize = 16_384;

/// AMP caches that one address may be wrapped in: a viewer's inside a search engine's is the most in use.
const MAX_WRAPS: usize = 4;

/// Query parameters that only tell where a reader came from, in lower case. A name that ends in `*` is
/// a prefix. Two addresses that differ in these alone show the same page, so they are dropped.
const TRACKING: &[&str] = &[
    "utm_*",
    "mtm_*",
    "pk_*",
    "matomo_*",
    "hsa_*",
    "at_medium",
    "at_campaign",
    "at_custom*",
    "at_link_*",
    "fbclid",
    "gclid",
    "gclsrc",
    "gbraid",
    "wbraid",
    "dclid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "ttclid",
    "li_fat_id",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "__s",
    "__twitter_impression",
    "vero_id",
    "vero_conv",
    "wickedid",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "s_cid",
    "s_kwcid",
    "cmpid",
    "icid",
    "ncid",
    "ocid",
    "cvid",
    "ref_src",
    "ref_url",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "sr_share",
    "smid",
    "ns_campaign",
    "ns_mchannel",
    "ns_source",
    "ns_linkname",
    "ns_fee",
    "mkt_tok",
    "spm",
    "scm",
    "share_token",
    "feature_share",
    "amp_js_v",
    "amp_gsa",
    "usqp",
];

/// Why an address cannot be used. The addresses in here are masked and shortened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// It is no absolute URL: the address and what is wrong.
    #[error("`{0}` is no absolute address: {1}")]
    Unparsable(String, String),
    /// Only `http` and `https` are news.
    #[error("`{0}` is not http or https")]
    Scheme(String),
    /// White space inside: probably two addresses, or a broken one.
    #[error("`{0}` has white space in it: write a blank as %20")]
    Space(String),
    /// Longer than [`MAX_LENGTH`]: the start of the address and its length in bytes.
    #[error("`{0}` has {1} bytes, an address may have {MAX_LENGTH}")]
    TooLong(String, usize),
}

/// The clean absolute address of `raw`: lower-case host, no user info, no default port, no fragment
/// (but `#!…`), no tracking parameters, an AMP cache's address unwrapped to the publisher's.
///
/// The order of the other parameters stays, since some servers care. A fixed point: cleaning twice
/// changes nothing.
///
/// # Errors
/// When `raw` is no absolute http(s) address, has white space inside, or is longer than [`MAX_LENGTH`].
pub fn canonical(raw: &str) -> Result<String, UrlProblem> {
    let raw = trim(raw);
    if Normal::of(raw).is_some_and(|parts| is_clean(&parts)) {
        return Ok(raw.to_owned());
    }
    if raw.len() > MAX_RAW {
        return Err(UrlProblem::TooLong(masking::excerpt(raw), raw.len()));
    }
    if raw.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(UrlProblem::Space(masking::excerpt(raw)));
    }
    let mut url = parse(raw)?;
    for _ in 0..MAX_WRAPS {
        let Some(origin) = amp::origin(&url) else { break };
        url = origin;
    }
    if amp::origin(&url).is_some() {
        return Err(UrlProblem::Unparsable(masking::excerpt(raw), "AMP caches inside one another".to_owned()));
    }
    clean(&mut url);
    let text = String::from(url);
    if text.len() > MAX_LENGTH {
        return Err(UrlProblem::TooLong(masking::excerpt(&text), text.len()));
    }
    Ok(text)
}

/// `reference` resolved against `base` (WHATWG), without its fragment's meaning changed.
///
/// `None` when it is empty, no http(s) address, or longer than [`MAX_LENGTH`]. An absolute reference needs
/// no usable base. Blanks inside are encoded, as a browser does.
#[must_use]
pub fn resolve(base: &str, reference: &str) -> Option<String> {
    let reference = trim(reference);
    if reference.is_empty() || reference.len() > MAX_RAW || base.len() > MAX_RAW {
        return None;
    }
    let url = match Url::parse(trim(base)) {
        Ok(base) => base.join(reference).ok()?,
        Err(_) => Url::parse(reference).ok()?,
    };
    let fits = is_web(&url) && url.as_str().len() <= MAX_LENGTH;
    fits.then(|| String::from(url))
}

/// The host of `url`, in lower case and punycode, without `www.`; an IPv6 address in its brackets.
#[must_use]
pub fn host(url: &str) -> Option<String> {
    let url = lenient(url)?;
    let host = url.host_str()?;
    let bare = strip_prefix(host, "www.").unwrap_or(host);
    Some(bare.trim_end_matches('.').to_owned())
}

/// The registrable domain of `url` (`news.bbc.co.uk` → `bbc.co.uk`); the host itself where there is none.
#[must_use]
pub fn registrable_domain(url: &str) -> Option<String> {
    let url = trim(url);
    match Normal::of(url) {
        Some(parts) if parts.is_numeric() => Some(parts.host.to_owned()),
        Some(parts) => Some(psl::domain_str(parts.host).unwrap_or(parts.host).to_owned()),
        None => registrable_domain_of(&lenient(url)?),
    }
}

/// The same for an address that is parsed already.
#[must_use]
pub fn registrable_domain_of(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            Some(psl::domain_str(name).unwrap_or(name).to_owned())
        }
        address => Some(address.to_string()),
    }
}

/// Whether `url` is an absolute http(s) address.
#[must_use]
pub fn is_http(url: &str) -> bool {
    let url = trim(url);
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) && lenient(url).is_some()
}

/// What nobody has checked as an address, as one: none of more than [`MAX_RAW`] bytes, since a host takes thirty times its
/// length to be understood.
fn lenient(raw: &str) -> Option<Url> {
    let text = trim(raw);
    if text.len() > MAX_RAW { None } else { Url::parse(text).ok() }
}

/// `raw` without white space, control characters and byte order marks at its ends.
fn trim(raw: &str) -> &str {
    raw.trim_matches(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '\u{feff}')
}

fn parse(raw: &str) -> Result<Url, UrlProblem> {
    let url = Url::parse(raw).map_err(|error| UrlProblem::Unparsable(masking::excerpt(raw), error.to_string()))?;
    if is_web(&url) { Ok(url) } else { Err(UrlProblem::Scheme(masking::excerpt(raw))) }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn is_hashbang(fragment: &str) -> bool {
    fragment.len() > 1 && fragment.starts_with('!')
}

/// Whether cleaning would leave the address as it is. Hosts that may be caches of AMP pages are looked at closely.
fn is_clean(url: &Normal<'_>) -> bool {
    url.fragment.is_none_or(is_hashbang)
        && url
            .query
            .is_none_or(|query| !query.is_empty() && !query.split('&').any(|pair| pair.is_empty() || is_tracking(pair)))
        && !amp::may_wrap(url.host)
}

/// Drops from `url` what does not choose the page. The setters cannot fail on http(s) addresses.
fn clean(url: &mut Url) {
    if !url.username().is_empty() || url.password().is_some() {
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    if url.fragment().is_some_and(|fragment| !is_hashbang(fragment)) {
        url.set_fragment(None);
    }
    if let Some(host) = url.domain().and_then(|host| host.strip_suffix('.')).filter(|host| is_plain_name(host)) {
        let host = host.to_owned();
        let _ = url.set_host(Some(&host));
    }
    if let Some(query) = url.query() {
        let kept: Vec<&str> = query.split('&').filter(|pair| !is_tracking(pair)).collect();
        if kept.iter().all(|pair| pair.is_empty()) {
            url.set_query(None);
        } else if kept.len() < query.split('&').count() {
            let kept = kept.join("&");
            url.set_query(Some(&kept));
        }
    }
}

/// Whether a host's name stays a name when its root dot goes (`1.` would become an IPv4 address).
fn is_plain_name(host: &str) -> bool {
    host.rsplit('.').next().is_some_and(|label| label.starts_with(|letter: char| letter.is_ascii_alphabetic()))
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    TRACKING.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => *known == name,
    })
}

/// `host` without `prefix`, if what remains still is a registrable domain or lies below one.
fn strip_prefix<'a>(host: &'a str, prefix: &str) -> Option<&'a str> {
    host.strip_prefix(prefix).filter(|rest| psl::domain_str(rest).is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cleans(raw: &str, expect: &str) {
        assert_eq!(canonical(raw).as_deref(), Ok(expect), "{raw}");
        assert_eq!(canonical(expect).as_deref(), Ok(expect), "fixed point of {raw}");
    }

    fn fails(raw: &str, expect: &str) {
        assert_eq!(canonical(raw).map_err(|problem| problem.to_string()), Err(expect.to_owned()));
    }

    fn same(left: &str, right: &str) {
        assert_eq!(key(&canonical(left).unwrap()), key(&canonical(right).unwrap()), "{left} {right}");
    }

    fn differ(left: &str, right: &str) {
        assert_ne!(key(&canonical(left).unwrap()), key(&canonical(right).unwrap()), "{left} {right}");
    }

    #[test]
    fn canonical_addresses() {
        cleans(" https://Example.ORG \n", "https://example.org/");
        cleans("HTTP://example.org:80/A?b", "http://example.org/A?b");
        cleans("https://example.org:8443/a", "https://example.org:8443/a");
        cleans("https://u:p@example.org/a#part", "https://example.org/a");
        cleans("https://example.org/#!/story/1", "https://example.org/#!/story/1");
        cleans("https://example.org/a#!", "https://example.org/a");
        cleans("https://example.org/a?", "https://example.org/a");
        cleans("https://example.org./a", "https://example.org/a");
        cleans("https://example.org/a/../b", "https://example.org/b");
        cleans("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4");
        cleans("http://[2001:db8::1]:80/x", "http://[2001:db8::1]/x");
        cleans("\u{feff}https://example.org/x", "https://example.org/x");
    }

    #[test]
    fn tracking_goes_and_order_stays() {
        cleans("https://a.example/?z=1&utm_source=x&a=2", "https://a.example/?z=1&a=2");
        cleans("https://a.example/?UTM_Medium=x", "https://a.example/");
        cleans("https://a.example/?fbclid=1&id=7&gclid=2", "https://a.example/?id=7");
        cleans("https://a.example/?ref=home&&b", "https://a.example/?ref=home&&b");
        cleans("https://a.example/?utm=1", "https://a.example/?utm=1");
    }

    #[test]
    fn amp_caches_are_unwrapped() {
        let origin = "https://news.example/2020/a/amp/";
        cleans("https://news-example.cdn.ampproject.org/c/s/news.example/2020/a/amp/", origin);
        cleans("https://news-example.cdn.ampproject.org/v/s/news.example/2020/a/amp/?amp_js_v=0.1&usqp=mq#x", origin);
        cleans("https://news-example.cdn.ampproject.org/c/news.example/a?b=c", "http://news.example/a?b=c");
        cleans("https://www.google.co.uk/amp/s/news.example/2020/a/amp/", origin);
        cleans("https://google.com/amp/s/news.example", "https://news.example/");
        cleans("https://www.bing.com/amp/s/news.example/2020/a/amp/", origin);
        cleans("https://news-example.bing-amp.com/c/s/news.example/2020/a/amp/", origin);
        // Found by `cargo bench --bench fuzz -- url`: with a dot at its end the cache was no cache at the first look.
        cleans("https://news-example.cdn.ampproject.org./c/s/news.example/2020/a/amp/", origin);
        cleans("https://cdn.ampproject.org/v0.js", "https://cdn.ampproject.org/v0.js");
        cleans("https://www.google.com/amp/", "https://www.google.com/amp/");
        cleans("https://a.cdn.ampproject.org/c/s/b.cdn.ampproject.org/c/s/news.example/2020/a/amp/", origin);
    }

    #[test]
    fn what_is_no_address_says_why() {
        fails("", "`` is no absolute address: relative URL without a base");
        fails("/a/b", "`/a/b` is no absolute address: relative URL without a base");
        fails("mailto:a@example.org", "`…@example.org` is not http or https");
        fails("https://a.example/x y", "`https://a.example/x y` has white space in it: write a blank as %20");
        fails("https://a.example/x\ny", "`https://a.example/x y` has white space in it: write a blank as %20");
        fails("https://", "`https://` is no absolute address: empty host");
        assert!(matches!(
            canonical(&format!("https://a.example/{}", "a/".repeat(1_100))),
            Err(UrlProblem::TooLong(_, 2_218))
        ));
        assert!(matches!(canonical(&"x".repeat(1_000_000)), Err(UrlProblem::TooLong(_, 1_000_000))));
        assert!(canonical(&format!("https://a.example/?utm_x={}&b=1", "x".repeat(3_000))).is_ok());
    }

    #[test]
    fn problems_hide_secrets() {
        let text = canonical("ftp://joe:hunter2@a.example/").unwrap_err().to_string();
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn keys_fold_what_does_not_matter() {
        same("http://www.example.org/a/", "https://example.org/a");
        same("https://m.example.org/a", "https://example.org/a");
        same("https://mobile.example.co.uk/a", "https://www.example.co.uk/a");
        same("https://www.m.example.org/a", "https://amp.example.org/a");
        same("https://example.org/a/index.html", "https://example.org/a/");
        same("https://example.org/?b=2&a=1", "https://example.org/?a=1&b=2");
        same("https://example.org/%7ejoe", "https://example.org/~joe");
        same("https://example.org/%e4%ba%ba", "https://example.org/人");
        same("https://example.org/index.php", "https://example.org");
    }

    #[test]
    fn keys_keep_what_matters() {
        differ("https://example.org/A", "https://example.org/a");
        differ("https://example.org/a/amp/", "https://example.org/a/");
        differ("https://example.org/a?amp", "https://example.org/a");
        differ("https://amp.dev/a", "https://dev.dev/a");
        differ("https://m.co.uk/a", "https://www.m.co.uk.example/a");
        differ("https://blog.example.org/a", "https://example.org/a");
        differ("https://example.org:8443/a", "https://example.org/a");
        differ("https://example.org/#!/a", "https://example.org/#!/b");
        differ("https://example.org/a%2Fb", "https://example.org/a/b");
    }

    #[test]
    fn keys_show_their_form() {
        assert_eq!(key("https://www.example.org/a/?b=1&a=2"), "example.org/a?a=2&b=1");
        assert_eq!(key("https://m.com/"), "m.com");
        assert_eq!(key("http://[::1]:8080/a"), "[::1]:8080/a");
        assert_eq!(key("no address"), "no address");
    }

    #[test]
    fn references_are_resolved() {
        let check = |base, reference, expect| assert_eq!(resolve(base, reference).as_deref(), expect, "{reference}");
        check("https://a.example/x/y", "z", Some("https://a.example/x/z"));
        check("https://a.example/x/y", "//b.example/z", Some("https://b.example/z"));
        check("https://a.example/x/y", " /my file.jpg ", Some("https://a.example/my%20file.jpg"));
        check("", "https://b.example/z", Some("https://b.example/z"));
        check("https://a.example/", "", None);
        check("https://a.example/", "data:image/png;base64,AAAA", None);
        check("https://a.example/", "javascript:void(0)", None);
        check("", "z", None);
        assert_eq!(resolve("https://a.example/", &"x".repeat(3_000)), None);
    }

    #[test]
    fn hosts_and_domains() {
        let check = |url, host_is: Option<&str>, domain: Option<&str>| {
            assert_eq!(host(url).as_deref(), host_is, "{url}");
            assert_eq!(registrable_domain(url).as_deref(), domain, "{url}");
        };
        check("https://www.News.BBC.co.uk/x", Some("news.bbc.co.uk"), Some("bbc.co.uk"));
        check("https://joe.github.io/", Some("joe.github.io"), Some("joe.github.io"));
        check("http://localhost:1/", Some("localhost"), Some("localhost"));
        check("http://127.0.0.1/", Some("127.0.0.1"), Some("127.0.0.1"));
        check("http://[::1]/", Some("[::1]"), Some("[::1]"));
        check("https://www.com/", Some("www.com"), Some("www.com"));
        check("https://example.org./", Some("example.org"), Some("example.org"));
        check("nonsense", None, None);
        check("mailto:a@b.example", None, None);
    }

    #[test]
    fn http_or_not() {
        assert!(is_http("https://a.example/") && is_http(" HTTP://a.example"));
        assert!(!is_http("ftp://a.example/") && !is_http("http:") && !is_http("a.example"));
    }

    proptest! {
        #[test]
        fn nothing_panics(raw in "\\PC{0,60}") {
            let _ = (canonical(&raw), key(&raw), host(&raw), registrable_domain(&raw), mask(&raw), resolve(&raw, &raw));
        }

        #[test]
        fn cleaning_twice_changes_nothing(
            raw in "https?://[a-zA-Z0-9.:@äß%\\[\\]-]{0,24}(/[a-z%2.~/]{0,12})?(\\?[a-z_=&%;]{0,16})?(#!?[a-z/]{0,5})?"
        ) {
            if let Ok(once) = canonical(&raw) {
                prop_assert_eq!(canonical(&once), Ok(once.clone()));
                prop_assert!(!key(&once).is_empty());
            }
        }

        #[test]
        fn unwrapping_ends(parts in prop::collection::vec("(c|s|v|amp|a\\.cdn\\.ampproject\\.org|www\\.google\\.com|b\\.example)", 0..30)) {
            let raw = format!("https://a.cdn.ampproject.org/{}", parts.join("/"));
            if let Ok(once) = canonical(&raw) {
                prop_assert_eq!(canonical(&once), Ok(once.clone()));
            }
        }
    }
}
