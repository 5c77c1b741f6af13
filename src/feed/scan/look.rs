//! What the bytes at one place of a document are.
//!
//! In come bytes; out goes yes or no. Nothing here moves.

use memchr::{memchr, memmem};

/// Whether a quoted value holds what only stands outside of one: its quote was never closed.
pub(super) fn runs_on(value: &[u8]) -> bool {
    memchr(b'<', value).is_some_and(|at| {
        let after = value.get(at..).unwrap_or_default();
        // `<a b='1<c d='2'>`: what looks like the end is the start of another value.
        let starts_another = after.trim_ascii_end().last() == Some(&b'=');
        starts_another || memmem::find(after, b"</").is_some() || memmem::find(value, b"><").is_some()
    })
}

pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'_' | b':')
}

/// Whether `after` (what follows a `<`) is the end of what is never inside a field: what is still open there was not
/// closed.
pub(super) fn ends_entry(after: &[u8]) -> bool {
    match after.get(1) {
        Some(b'i') => ends(after, "item"),
        Some(b'e') => ends(after, "entry"),
        Some(b'c') => ends(after, "channel"),
        Some(b'f') => ends(after, "feed"),
        Some(b'r') => ends(after, "rss") || ends(after, "rdf:RDF"),
        Some(b'R') => ends(after, "RDF"),
        _ => false,
    }
}

/// Whether `after` (what follows a `<`) is the end tag of `name`.
pub(super) fn ends(after: &[u8], name: &str) -> bool {
    after.strip_prefix(b"/").and_then(|end| end.strip_prefix(name.as_bytes())).is_some_and(|end| {
        end.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'>' | b'<'))
    })
}

/// Whether `after` (what follows a `<`) is a start tag of `name`.
pub(super) fn begins(after: &[u8], name: &str) -> bool {
    let rest = after.strip_prefix(name.as_bytes());
    rest.is_some_and(|rest| rest.first().is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/')))
}
