//! Addresses as feeds write them → absolute `http(s)` addresses.
//!
//! In come a reference and the base in force; out goes the address in the normal form of the URL standard, or nothing.
//! Most feeds write that form already, and what is in it is taken as it is. What relative references grow by is
//! counted: a long base and a million short references must not fill the memory.

use crate::url;

/// What relative references may grow by, beyond twice the document.
const LEAST_GROWTH: usize = 256 * 1024;

/// Resolves references of one document.
#[derive(Debug)]
pub(super) struct Addresses {
    /// The document's own address, then those that `xml:base` gave.
    bases: Vec<String>,
    /// Bytes that relative references may still grow by.
    growth: usize,
}

impl Addresses {
    /// For a document of `length` bytes that came from `base`.
    pub(super) fn new(base: &str, length: usize) -> Self {
        Self { bases: vec![base.to_owned()], growth: length.saturating_mul(2).max(LEAST_GROWTH) }
    }

    /// The number of the base that `stated` gives inside of base number `outer`.
    pub(super) fn base(&mut self, outer: usize, stated: &str) -> usize {
        match self.web(outer, stated) {
            Some(base) if self.bases.get(outer) == Some(&base) => outer,
            Some(base) => {
                self.bases.push(base);
                self.bases.len() - 1
            }
            None => outer,
        }
    }

    /// `reference` as an absolute address.
    pub(super) fn web(&mut self, base: usize, reference: &str) -> Option<String> {
        let reference = reference.trim();
        if is_normal(reference) {
            return Some(reference.to_owned());
        }
        if reference.is_empty() || self.growth == 0 {
            return None;
        }
        let base = self.bases.get(base).map_or("", String::as_str);
        let found = absolute(base, reference)?;
        self.growth = self.growth.saturating_sub(found.len().saturating_sub(reference.len()));
        Some(found)
    }

    /// Whether relative references were left out because they grew too much.
    pub(super) fn is_spent(&self) -> bool {
        self.growth == 0
    }
}

/// `reference` as an absolute `http(s)` address.
pub(super) fn absolute(base: &str, reference: &str) -> Option<String> {
    let reference = reference.trim();
    if is_normal(reference) {
        return Some(reference.to_owned());
    }
    if reference.is_empty() {
        return None;
    }
    url::resolve(base, reference).or_else(|| url::resolve(reference, ""))
}

/// Whether `address` is surely the normal form of itself, so that parsing it would give it back: a plain lower-case
/// host, no port that goes without saying, no dots among the folders, and no character that is ever encoded.
fn is_normal(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")) else { return false };
    let Some(slash) = memchr::memchr(b'/', rest.as_bytes()) else { return false };
    let (host, path) = rest.as_bytes().split_at(slash);
    let colon = host.iter().position(|byte| *byte == b':');
    let (host, port) = match colon.and_then(|colon| host.split_at_checked(colon)) {
        Some((host, port)) => (host, port.get(1..).unwrap_or_default()),
        None => (host, [].as_slice()),
    };
    // A dot after a slash may be a folder that goes away; `%2e` means the same.
    (is_name(host) || is_numeric(host))
        && (colon.is_none() || is_port(port))
        && address.len() <= url::MAX_LENGTH
        && path.iter().all(|byte| is_plain(*byte))
        && !path.windows(2).any(|two| matches!(two, b"/." | b"/%"))
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses() {
        let check = |reference: &str, expect: Option<&str>| {
            assert_eq!(absolute("https://wire.example/feeds/all.xml", reference).as_deref(), expect, "{reference}");
        };
        check("https://wire.example/a?b=1&c=%20#d", Some("https://wire.example/a?b=1&c=%20#d"));
        check("https://Wire.Example", Some("https://wire.example/"));
        check("http://127.0.0.1:8800/f/1", Some("http://127.0.0.1:8800/f/1"));
        check("http://127.1:80/f", Some("http://127.0.0.1/f"));
        check("https://4news.example:443/", Some("https://4news.example/"));
        check("http://wire.example/a/../b", Some("http://wire.example/b"));
        check("http://wire.example/a/%2e%2e/b", Some("http://wire.example/b"));
        check("e/1", Some("https://wire.example/feeds/e/1"));
        check("/a b", Some("https://wire.example/a%20b"));
        check("//other.example/x", Some("https://other.example/x"));
        check("mailto:a@b.example", None);
        check(" ", None);
    }

    #[test]
    fn what_references_grow_by_is_bounded() {
        let base = format!("https://wire.example/{}/", "x".repeat(1_900));
        let mut addresses = Addresses::new(&base, 0);
        let taken = (0..100_000).filter_map(|_| addresses.web(0, "a")).map(|address| address.len()).sum::<usize>();
        assert!(taken < LEAST_GROWTH + 4_096, "{taken}");
        assert!(addresses.is_spent());
    }

    proptest! {
        #[test]
        fn what_looks_normal_is(address in "https?://([a-z0-9.-]{1,12}|[0-9]{1,3}(\\.[0-9]{1,3}){3})(:[0-9]{1,5})?/[a-zA-Z0-9/.%?&=#~@:!$*(),;+'_-]{0,20}") {
            if is_normal(&address) {
                prop_assert_eq!(url::resolve("https://base.example/x/", &address), Some(address));
            }
        }
    }
}
