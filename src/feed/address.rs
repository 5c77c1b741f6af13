//! Addresses as feeds write them → absolute `http(s)` addresses.
//!
//! In come a reference and the base in force; out goes the address in the normal form of the URL standard, or nothing.
//! Most feeds write that form already, and what is in it is taken as it is. What relative references grow by is
//! counted: a long base and a million short references must not fill the memory.

use crate::url::{self, Normal};

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
        if Normal::of(reference).is_some() {
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
    if Normal::of(reference).is_some() {
        return Some(reference.to_owned());
    }
    if reference.is_empty() {
        return None;
    }
    url::resolve(base, reference).or_else(|| url::resolve(reference, ""))
}

#[cfg(test)]
mod tests {
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
}
