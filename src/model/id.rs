//! Identities: short, stable, derived from content, safe in addresses.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Crockford's base 32 in lower case: no `i`, `l`, `o`, `u`, so an id read aloud is not mistaken.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 80 bits are 16 characters exactly, and nobody finds a second address for a given id.
const BYTES: usize = 10;

/// A text that is not a 16-character id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no id: ids have 16 characters of 0-9 and a-z without i, l, o, u")]
pub struct ParseIdError(pub String);

/// The identity of an article: a hash of the key of its canonical URL.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArticleId([u8; BYTES]);

/// The identity of a story, derived from the article that founded it. Never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoryId([u8; BYTES]);

/// A 128-bit digest of bytes, for "has this changed".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 16]);

impl ArticleId {
    /// The id of the article whose identity key (`url::key`) is `key`.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self(shorten(&blake3::hash(key.as_bytes())))
    }
}

impl StoryId {
    /// The id of the story that `article` founds. `generation` is 0 but for an article that founds
    /// again after its first story was merged away.
    #[must_use]
    pub fn founded_by(article: ArticleId, generation: u32) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"story");
        hasher.update(&article.0);
        hasher.update(&generation.to_le_bytes());
        Self(shorten(&hasher.finalize()))
    }
}

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let hash = blake3::hash(bytes);
        let mut short = [0; 16];
        short.copy_from_slice(&hash.as_bytes()[..16]);
        Self(short)
    }

    /// The digest of all that `value` hashes: quicker than to write it out first.
    ///
    /// Another release of the compiler may hash otherwise; then what is compared counts as changed once.
    #[must_use]
    pub fn of_value(value: &impl Hash) -> Self {
        let mut bytes = Bytes(Vec::with_capacity(1_024));
        value.hash(&mut bytes);
        Self::of(&bytes.0)
    }

    /// The bytes as stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The digest whose stored bytes are `bytes`, if there are 16.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// Collects what a value hashes.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

fn shorten(hash: &blake3::Hash) -> [u8; BYTES] {
    let mut short = [0; BYTES];
    short.copy_from_slice(&hash.as_bytes()[..BYTES]);
    short
}

fn encode(bytes: [u8; BYTES], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [0u8; 16];
    for (chunk, out) in bytes.chunks(5).zip(text.chunks_mut(8)) {
        let bits = chunk.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
        for (place, slot) in out.iter_mut().enumerate() {
            let value = usize::try_from((bits >> (35 - 5 * place)) & 31).unwrap_or_default();
            *slot = ALPHABET.get(value).copied().unwrap_or_default();
        }
    }
    f.write_str(std::str::from_utf8(&text).unwrap_or_default())
}

fn decode(text: &str) -> Result<[u8; BYTES], ParseIdError> {
    let wrong = || ParseIdError(text.chars().take(40).collect());
    if text.len() != 16 {
        return Err(wrong());
    }
    let mut bytes = [0; BYTES];
    for (chunk, out) in text.as_bytes().chunks(8).zip(bytes.chunks_mut(5)) {
        let mut bits = 0u64;
        for letter in chunk {
            let value = ALPHABET.iter().position(|known| known == letter).ok_or_else(wrong)?;
            bits = (bits << 5) | value as u64;
        }
        out.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Ok(bytes)
}

macro_rules! id_text {
    ($name:ident) => {
        impl $name {
            /// The bytes as stored.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; BYTES] {
                &self.0
            }

            /// The id whose stored bytes are `bytes`, if there are ten.
            #[must_use]
            pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                encode(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                decode(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id_text!(ArticleId);
id_text!(StoryId);
