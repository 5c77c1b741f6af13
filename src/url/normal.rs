//! Addresses that are in their normal form as they stand: most are, and to parse them is most of what they cost.
//!
//! In comes an address; out come its parts, as slices of it, where parsing (WHATWG) would surely give the same bytes
//! back; else nothing, and the caller parses. It never says yes to an address that it is not sure of.

use super::MAX_LENGTH;

/// The parts of an address that is in its normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Normal<'a> {
    /// A lower-case name that is no punycode, or an IPv4 address.
    pub host: &'a str,
    /// One that has to be said.
    pub port: Option<&'a str>,
    /// From its first slash.
    pub path: &'a str,
    /// After the `?`.
    pub query: Option<&'a str>,
    /// After the `#`.
    pub fragment: Option<&'a str>,
}

impl<'a> Normal<'a> {
    /// The parts of `address`, if it is `http(s)` with a plain lower-case host, no port that goes without saying, no
    /// dots among the folders, and no character that is ever encoded.
    #[must_use]
    pub fn of(address: &'a str) -> Option<Self> {
        let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        let (host, after) = rest.split_at_checked(memchr::memchr(b'/', rest.as_bytes())?)?;
        let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
        let bytes = after.as_bytes();
        // A dot after a slash may be a folder that goes away; `%2e` means the same.
        let is_normal = (is_name(host.as_bytes()) || is_numeric(host.as_bytes()))
            && port.is_none_or(|port| is_port(port.as_bytes()))
            && address.len() <= MAX_LENGTH
            && bytes.iter().all(|byte| is_plain(*byte))
            && !bytes.windows(2).any(|two| matches!(two, b"/." | b"/%"));
        if !is_normal {
            return None;
        }
        let (after, fragment) = after.split_once('#').map_or((after, None), |(after, part)| (after, Some(part)));
        let (path, query) = after.split_once('?').map_or((after, None), |(path, query)| (path, Some(query)));
        Some(Self { host, port, path, query, fragment })
    }

    /// The host is an IPv4 address.
    pub(super) fn is_numeric(&self) -> bool {
        is_numeric(self.host.as_bytes())
    }
}

/// A lower-case name that is no punycode. Its last label starts with a letter, so it is no number.
fn is_name(host: &[u8]) -> bool {
    let mut last = b'.';
    let is_plain = host.iter().all(|byte| {
        let follows = *byte != b'.' || last != b'.';
        last = *byte;
        follows && (byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
    });
    let end = host.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
    is_plain
        && last != b'.'
        && host.len() <= 253
        && host.get(end).is_some_and(u8::is_ascii_lowercase)
        && memchr::memmem::find(host, b"xn--").is_none()
}

/// Four numbers up to 255, as decimals.
fn is_numeric(host: &[u8]) -> bool {
    let is_number = |label: &[u8]| match label {
        [b'0'..=b'9'] => true,
        [b'1'..=b'9', rest @ ..] => {
            let number = rest.iter().fold(0u32, |sum, byte| sum * 10 + u32::from(byte.wrapping_sub(b'0')));
            let first = label.first().map_or(0, |byte| u32::from(byte - b'0'));
            let scale = if rest.len() == 1 { 10 } else { 100 };
            rest.len() <= 2 && rest.iter().all(u8::is_ascii_digit) && first * scale + number <= 255
        }
        _ => false,
    };
    host.len() <= 15 && host.split(|byte| *byte == b'.').count() == 4 && host.split(|byte| *byte == b'.').all(is_number)
}

/// A port that has to be said.
fn is_port(port: &[u8]) -> bool {
    let is_number = (1..=4).contains(&port.len()) && port.iter().all(u8::is_ascii_digit);
    is_number && port.first() != Some(&b'0') && !matches!(port, b"80" | b"443")
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~' | b'?' | b'=' | b'&' | b'%' | b'+' | b',' | b':' | b';')
        || matches!(byte, b'@' | b'!' | b'$' | b'*' | b'(' | b')' | b'#')
}

#[cfg(test)]
mod tests {
    use ::url::Url;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts() {
        let check = |address: &str, expect| {
            let parts = Normal::of(address).map(|of| (of.host, of.port, of.path, of.query, of.fragment));
            assert_eq!(parts, expect, "{address}");
        };
        check("https://a.example/b?c=d#e", Some(("a.example", None, "/b", Some("c=d"), Some("e"))));
        check("http://127.0.0.1:8800/", Some(("127.0.0.1", Some("8800"), "/", None, None)));
        check("https://a.example/?b#c?d#e", Some(("a.example", None, "/", Some("b"), Some("c?d#e"))));
        for other in [
            "https://a.example",
            "https://A.example/",
            "https://a.example:443/",
            "https://a.example./",
            "https://u@a.example/",
            "https://xn--mnchen-3ya.example/",
            "https://a.example/b/../c",
            "https://a.example/b c",
            "https://a.example/ä",
            "http://127.1/",
            "ftp://a.example/",
        ] {
            check(other, None);
        }
    }

    proptest! {
        #[test]
        fn what_looks_normal_is(address in "https?://([a-z0-9.-]{1,12}|[0-9]{1,3}(\\.[0-9]{1,3}){3})(:[0-9]{1,5})?/[a-zA-Z0-9/.%?&=#~@:!$*(),;+'_-]{0,20}") {
            if let Some(parts) = Normal::of(&address) {
                let url = Url::parse(&address).unwrap();
                prop_assert_eq!(url.as_str(), &address);
                prop_assert_eq!(url.host_str(), Some(parts.host));
                prop_assert_eq!(url.port().map(|port| port.to_string()), parts.port.map(str::to_owned));
                prop_assert_eq!(url.path(), parts.path);
                prop_assert_eq!(url.query(), parts.query);
                prop_assert_eq!(url.fragment(), parts.fragment);
            }
        }
    }
}
