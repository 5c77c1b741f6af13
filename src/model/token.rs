//! `Token`: the secret part of a private topic's address.

use std::fmt;

use super::Digest;

/// An unguessable text that gives access to a private topic. Never shown: what stands for it is its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Fewest characters of a token: 96 bits of base 64, which nobody guesses over a network.
    pub const LEAST: usize = 16;

    /// Most characters, so that addresses stay short.
    pub const MOST: usize = 128;

    /// The token that `text` is: [`Token::LEAST`] to [`Token::MOST`] letters, digits, `-`, `_` and `.` of ASCII, of
    /// which at least eight differ.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let different = text.bytes().collect::<std::collections::BTreeSet<_>>().len();
        let is_token = (Self::LEAST..=Self::MOST).contains(&text.len()) && text.bytes().all(is_plain) && different >= 8;
        is_token.then(|| Self(text.to_owned()))
    }

    /// As it stands in addresses.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What stands for it wherever it is kept or looked up: nobody comes from that to the token.
    #[must_use]
    pub fn key(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    /// The key, so that another token is another value where values are compared by their `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        let check = |text: &str, expect| assert_eq!(Token::of(text).is_some(), expect, "{text}");
        check("kT8-vQ2_xZ9.aB4c", true);
        check("0123456789abcdef0123456789abcdef", true);
        check("kT8-vQ2_xZ9.aB4", false);
        check("aaaaaaaaaaaaaaaaaaaaaaaa", false);
        check("kT8/vQ2_xZ9.aB4c", false);
        check("kT8 vQ2_xZ9.aB4c", false);
        check("кT8-vQ2_xZ9.aB4c", false);
        check(&"0123456789abcdef".repeat(9), false);
        check("", false);
    }

    #[test]
    fn a_token_is_never_shown() {
        let token = Token::of("kT8-vQ2_xZ9.aB4c").unwrap();
        assert!(!format!("{token:?} {}", token.key()).contains("kT8"));
    }
}
