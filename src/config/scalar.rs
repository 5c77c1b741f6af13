//! Single values: text in, the thing it means out, or what is wrong with it. Knows nothing of files and places.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ::url::{Host, Url};

use crate::model::StoryId;

/// Why a text does not mean what it should.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Byte in the text, where one is to blame.
    pub offset: Option<usize>,
    /// More than "expected this, found that"; may quote the text.
    pub why: Option<String>,
    /// What to do about it; never quotes the text.
    pub help: Option<String>,
}

impl Trouble {
    pub(super) fn why(why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..Self::default() }
    }

    fn help(help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..Self::default() }
    }
}

/// Units of a duration, longest first, in milliseconds.
const UNITS: &[(&str, u64)] =
    &[("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// `1h30m`: numbers with units, from the longest unit to the shortest, each at most once.
pub(super) fn duration(text: &str) -> Result<Duration, Trouble> {
    let help = || Trouble::help("write numbers with w, d, h, m, s or ms, the longest first: `1h30m`");
    let (mut rest, mut total, mut units) = (text, 0_u64, UNITS);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(help)?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let at = units.iter().position(|(name, _)| *name == unit).ok_or_else(help)?;
        let (_, millis) = units.get(at).ok_or_else(help)?;
        let number: u64 = number.parse().map_err(|_| help())?;
        total = number.checked_mul(*millis).and_then(|part| total.checked_add(part)).ok_or_else(help)?;
        units = units.get(at + 1..).unwrap_or_default();
        rest = tail;
    }
    if text.is_empty() { Err(help()) } else { Ok(Duration::from_millis(total)) }
}

/// `5MiB`, `64KiB`, `1500` (bytes), `2 MB`.
pub(super) fn size(text: &str) -> Result<u64, Trouble> {
    let help = || Trouble::help("write bytes, or a number with KiB, MiB, GiB, kB, MB or GB");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit.trim_start() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(help()),
    };
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(help)
}

/// A duration as people write it, for messages.
pub(super) fn show_duration(mut millis: u64) -> String {
    let mut shown = String::new();
    for (name, unit) in UNITS.iter().filter(|(name, _)| *name != "w") {
        if millis >= *unit {
            let _ = write!(shown, "{}{name}", millis / unit);
            millis %= unit;
        }
    }
    if shown.is_empty() { "0s".to_owned() } else { shown }
}

/// A size as people write it, for messages.
pub(super) fn show_size(bytes: u64) -> String {
    for (unit, name) in [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
        if bytes >= unit && bytes.is_multiple_of(unit) {
            return format!("{}{name}", bytes / unit);
        }
    }
    format!("{bytes}B")
}

/// An absolute http(s) address, as it was written.
pub(super) fn web_address(text: &str) -> Result<Url, Trouble> {
    if text.contains(char::is_whitespace) {
        return Err(Trouble::help("an address has no blanks: write %20"));
    }
    let url = Url::parse(text).map_err(|error| match error {
        ::url::ParseError::RelativeUrlWithoutBase => Trouble::help("begin with https://"),
        error => Trouble::why(error.to_string()),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Trouble::help("begin with https:// or http://"));
    }
    Ok(url)
}

/// An address to publish at: without query and fragment, made to end in `/`.
pub(super) fn base_url(text: &str) -> Result<String, Trouble> {
    let mut url = web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Trouble::help("leave out everything from `?` or `#` on"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Trouble::help("leave out user name and password: every reader sees this address"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url.into())
}

/// An email or web address that is safe inside a User-Agent comment.
pub(super) fn contact(text: &str) -> Result<String, Trouble> {
    if !text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '\\')) {
        return Err(Trouble::help("only visible ASCII fits into a request header"));
    }
    let is_email =
        || text.split_once('@').is_some_and(|(user, domain)| !user.is_empty() && domain_name(domain).is_ok());
    if web_address(text).is_ok() || is_email() { Ok(text.to_owned()) } else { Err(Trouble::default()) }
}

/// The address of an article, as it was written.
pub(super) fn article(text: &str) -> Result<String, Trouble> {
    if text.parse::<StoryId>().is_ok() {
        return Err(Trouble::help("name a story by the address of one of its articles"));
    }
    web_address(text)?;
    crate::url::canonical(text).map(|_| text.to_owned()).map_err(|_| Trouble::default())
}

/// RFC 4151 `authorityName`: a domain or an email address.
pub(super) fn tag_authority(text: &str) -> Result<String, Trouble> {
    if text.contains(',') {
        return Err(Trouble::help("leave out the date: it is fixed at first start"));
    }
    let is_user = |user: &str| !user.is_empty() && user.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    let domain = match text.split_once('@') {
        Some((user, domain)) if is_user(user) => domain,
        Some(_) => return Err(Trouble::default()),
        None => text,
    };
    if domain_name(domain)? == domain {
        Ok(text.to_owned())
    } else {
        Err(Trouble::help("write the domain in lower case"))
    }
}

/// A name that can stand in the DNS, in lower case and Punycode; no IP address.
fn domain_name(text: &str) -> Result<String, Trouble> {
    match Host::parse(text) {
        Ok(Host::Domain(domain)) if domain.contains('.') => Ok(domain),
        _ => Err(Trouble::default()),
    }
}

/// A host: a name, in lower case and Punycode, or an IP address.
pub(super) fn host(text: &str) -> Result<String, Trouble> {
    if text.contains("://") || text.contains('/') {
        return Err(Trouble::help("write the domain alone, without scheme and path"));
    }
    let is_bare_v6 = text.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6());
    if !is_bare_v6 && !text.starts_with('[') && text.contains(':') {
        return Err(Trouble::help("write the domain alone, without a port"));
    }
    if is_bare_v6 {
        return Ok(text.to_lowercase());
    }
    let host = Host::parse(text).map_err(|error| Trouble::why(error.to_string()))?;
    Ok(match host {
        Host::Domain(domain) => domain.trim_end_matches('.').to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    })
}

/// `IP:PORT`.
pub(super) fn listen(text: &str) -> Result<SocketAddr, Trouble> {
    text.parse().map_err(|_| {
        if text.starts_with(':') {
            Trouble::help("for every address of this machine write `0.0.0.0` or `[::]` before the port")
        } else if text.starts_with("unix:") || text.starts_with('/') {
            Trouble::help("only TCP addresses can be listened on")
        } else if text.starts_with("localhost:") {
            Trouble::help("write `127.0.0.1` for `localhost`")
        } else {
            Trouble::default()
        }
    })
}

/// `IP:PORT` to connect to.
pub(super) fn target(text: &str) -> Result<SocketAddr, Trouble> {
    let help = || Trouble::help("write an IP address and a port: `127.0.0.1:8080` or `[::1]:8080`");
    text.parse().ok().filter(|address: &SocketAddr| address.port() > 0).ok_or_else(help)
}

/// `host` or `host:port`, the port from 1; an IPv6 address with a port stands in brackets.
pub(super) fn endpoint(text: &str) -> Result<String, Trouble> {
    let is_bare_v6 = text.parse::<IpAddr>().is_ok();
    match text.rsplit_once(':') {
        Some((name, port)) if !is_bare_v6 && !text.contains('/') => {
            let port: u16 =
                port.parse().ok().filter(|port| *port > 0).ok_or_else(|| Trouble::help("a port is 1 to 65535"))?;
            Ok(format!("{}:{port}", host(name)?))
        }
        _ => host(text),
    }
}

/// A network: an address and how many of its first bits count. The other bits must be 0.
pub(super) fn cidr(text: &str) -> Result<(IpAddr, u8), Trouble> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| Trouble::default())?;
    let (width, value) = match address {
        IpAddr::V4(v4) => (32, u128::from(v4.to_bits()) << 96),
        IpAddr::V6(v6) => (128, v6.to_bits()),
    };
    let bits = match bits {
        Some(bits) => bits.parse::<u8>().ok().filter(|bits| *bits <= width),
        None => Some(width),
    };
    let bits = bits.ok_or_else(|| Trouble::help(format!("after the `/` stands 0 to {width}")))?;
    let beyond = value.checked_shl(u32::from(bits)).unwrap_or(0);
    if beyond != 0 {
        return Err(Trouble::why("the address has bits beyond the network's length"));
    }
    Ok((address, bits))
}

/// Where the store is: today a SQLite file.
pub(super) fn store(text: &str) -> Result<String, Trouble> {
    match text.strip_prefix("sqlite:") {
        Some("") => Err(Trouble::help("name the file after `sqlite:`")),
        Some(path) => Ok(path.to_owned()),
        None => Err(Trouble::help("begin with `sqlite:`")),
    }
}

/// A text that is its own slug: what stands in addresses is what the operator wrote.
pub(super) fn slug(text: &str) -> Result<String, Trouble> {
    let slug = crate::text::slug(text);
    if slug == text { Ok(slug) } else { Err(Trouble::help(format!("use `{slug}`"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text: &str, expect: Option<u64>| {
            assert_eq!(duration(text).ok().map(|found| found.as_millis()), expect.map(u128::from), "{text}");
        };
        check("15m", Some(900_000));
        check("1h30m", Some(5_400_000));
        check("400d", Some(34_560_000_000));
        check("0s", Some(0));
        check("250ms", Some(250));
        check("1w2d", Some(777_600_000));
        for wrong in [
            "",
            "15",
            "m",
            "15 m",
            "1m1h",
            "1h1h",
            "-1h",
            "1.5h",
            "99999999999999999999s",
            "9999999999999w",
            "15M",
            "é",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn sizes() {
        let check = |text: &str, expect: Option<u64>| assert_eq!(size(text).ok(), expect, "{text}");
        check("5MiB", Some(5_242_880));
        check("64KiB", Some(65_536));
        check("1500", Some(1_500));
        check("2 MB", Some(2_000_000));
        for wrong in ["", "MiB", "5M", "5mib", "-1", "1.5MiB", "99999999999GiB", "5 MiB x"] {
            check(wrong, None);
        }
        assert_eq!(show_size(5 << 20), "5MiB");
        assert_eq!(show_duration(5_400_000), "1h30m");
    }

    #[test]
    fn base_urls() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(base_url(text).ok().as_deref(), expect, "{text}");
        check("https://a.example", Some("https://a.example/"));
        check("http://127.0.0.1:8080/", Some("http://127.0.0.1:8080/"));
        check("https://a.example/wire", Some("https://a.example/wire/"));
        for wrong in [
            "a.example",
            "ftp://a.example/",
            "https://a.example/?q",
            "https://u:p@a.example/",
            "https://",
            "https://a b/",
            "/x",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn networks_and_addresses() {
        let check = |text: &str, expect: bool| assert_eq!(cidr(text).is_ok(), expect, "{text}");
        for right in ["10.0.0.0/8", "127.0.0.1", "0.0.0.0/0", "::/0", "fd00::/8", "::1/128", "192.168.1.0/24"] {
            check(right, true);
        }
        for wrong in ["10.0.0.1/8", "10.0.0.0/33", "10.0.0/8", "", "x/8", "10.0.0.0/-1", "fd00::1/8", "::/129"] {
            check(wrong, false);
        }
        for right in ["127.0.0.1:80", "[::1]:80"] {
            assert!(target(right).is_ok(), "{right}");
        }
        for wrong in ["127.0.0.1", "::1:80", "127.0.0.1:0", "127.0.0.1:65536", ":80", "origin.example:80", ""] {
            assert!(target(wrong).is_err(), "{wrong}");
        }
        assert_eq!(endpoint("Origin.example:80"), Ok("origin.example:80".to_owned()));
        assert_eq!(endpoint("origin.example"), Ok("origin.example".to_owned()));
        for wrong in ["origin.example:0", "origin.example:x", "https://origin.example", ":80", ""] {
            assert!(endpoint(wrong).is_err(), "{wrong}");
        }
        assert!(listen("localhost:80").unwrap_err().help.is_some());
        assert!(listen("[::]:8080").is_ok());
        assert_eq!(host("Reddit.COM"), Ok("reddit.com".to_owned()));
        assert!(host("https://reddit.com/").is_err());
    }

    #[test]
    fn names() {
        for right in ["ai", "aws-ai", "人工智能", "c-plus-plus", "3d", "हिन्दी"] {
            assert!(slug(right).is_ok(), "{right}");
        }
        for wrong in ["", "AI", "a b", "-a", "a-", "a--b", "a/b", "..", "a_b"] {
            assert!(slug(wrong).is_err(), "{wrong}");
        }
        for right in ["me@example.org", "https://example.org/about"] {
            assert!(contact(right).is_ok(), "{right}");
        }
        for wrong in ["", "me", "me@", "@example.org", "me@host", "me (at) example.org", "ftp://example.org/"] {
            assert!(contact(wrong).is_err(), "{wrong}");
        }
        for right in ["example.org", "me@example.org"] {
            assert!(tag_authority(right).is_ok(), "{right}");
        }
        for wrong in
            ["", "example", "example.org,2024", "@example.org", "a b.org", "Example.org", "https://example.org/"]
        {
            assert!(tag_authority(wrong).is_err(), "{wrong}");
        }
    }
}
