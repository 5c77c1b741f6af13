//! Text as it is read: of elements that are wanted, and of lines.
//!
//! In comes text as bytes, in pieces; out goes text with runs of white space as one blank, up to a length. Decoding
//! waits until it is known that the text is kept.

use encoding_rs::Encoding;

/// Bytes kept of the text of a title, heading, time, property or byline.
const LONGEST: usize = 2_000;

/// A text that grows.
#[derive(Debug, Default)]
pub(super) struct Text {
    bytes: Vec<u8>,
    /// The next letter begins a word.
    is_parted: bool,
}

impl Text {
    /// Adds what was read.
    pub(super) fn push(&mut self, more: &[u8]) {
        let mut rest = more;
        while !rest.is_empty() && self.bytes.len() < LONGEST {
            let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.is_parted |= blanks > 0;
            rest = rest.get(blanks..).unwrap_or_default();
            let room = LONGEST.saturating_sub(self.bytes.len() + usize::from(self.is_parted));
            let letters = rest.iter().take(room).take_while(|byte| !byte.is_ascii_whitespace()).count();
            let (word, after) = rest.split_at_checked(letters).unwrap_or((rest, &[]));
            if word.is_empty() {
                return;
            }
            if self.is_parted {
                if !self.bytes.is_empty() {
                    self.bytes.push(b' ');
                }
                self.is_parted = false;
            }
            self.bytes.extend_from_slice(word);
            rest = after;
        }
    }

    /// What comes next is another word.
    pub(super) const fn part(&mut self) {
        self.is_parted = true;
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.is_parted = false;
    }

    /// The text in Unicode, its references decoded.
    pub(super) fn decoded(&self, encoding: &'static Encoding) -> String {
        decoded(&self.bytes, encoding)
    }
}

/// Markup's text in Unicode, its references decoded.
pub(super) fn decoded(bytes: &[u8], encoding: &'static Encoding) -> String {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    htmlize::unescape(text).into_owned()
}

/// An attribute's value in Unicode, its references decoded; a longer one is cut at `most` bytes.
pub(super) fn value(bytes: &[u8], most: usize, encoding: &'static Encoding) -> String {
    let (text, _) = encoding.decode_without_bom_handling(bytes.get(..most).unwrap_or(bytes));
    htmlize::unescape_attribute(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{UTF_8, WINDOWS_1252};

    #[test]
    fn texts() {
        let check = |pieces: &[&str], expect: &str| {
            let mut text = Text::default();
            for piece in pieces {
                text.push(piece.as_bytes());
            }
            assert_eq!(text.decoded(UTF_8), expect, "{pieces:?}");
        };
        check(&["  a \n b "], "a b");
        check(&["a", "b"], "ab");
        check(&["a ", "", " b"], "a b");
        check(&["&amp;amp; &eacute;"], "&amp; é");
        check(&[&"x ".repeat(5_000)], ["x"; 1_000].join(" ").as_str());
        check(&[&"x".repeat(5_000), "y"], "x".repeat(LONGEST).as_str());
        assert_eq!(decoded(b"caf\xE9", WINDOWS_1252), "café");
        assert_eq!(value(b"a&lt;b", 1, UTF_8), "a");
    }
}
