//! `Packed`: one document in every coding, with its header values.
//!
//! In comes a document, out come its bytes plain, gzip and brotli, the latter two once somebody wants them (most
//! documents of a large wire change before anybody asks), each with its own strong ETag (RFC 9110
//! 8.8.3: codings of one document are different representations). It never keeps a coding that is not smaller.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use hyper::body::Bytes;
use hyper::header::HeaderValue;
use jiff::Timestamp;

use crate::model::{Digest, Document};

/// Below this a response fits one packet in any coding: compressing costs both ends and saves nobody.
const WORTH_COMPRESSING: usize = 256;

/// gzip's usual level: level 9 takes twice the time for about 1 % on feeds.
const GZIP_LEVEL: u32 = 6;

/// Smaller than gzip's best at about the same cost; quality 11 takes 50 times as long, too long for a
/// document that changes every few minutes.
const BROTLI_QUALITY: i32 = 5;

/// A window of 1 MiB, more than a document should have.
const BROTLI_WINDOW: i32 = 20;

/// The last second that an HTTP date can write: 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;

/// A content coding that we speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coding {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

/// The bytes of a document in one coding.
#[derive(Debug, Clone)]
pub struct Variant {
    /// What is sent.
    pub bytes: Bytes,
    /// Strong entity tag of these bytes, in quotes.
    pub etag: HeaderValue,
}

/// One document in every coding, with its header values. Never changes.
#[derive(Debug, Clone)]
pub struct Packed {
    path: Arc<str>,
    digest: Digest,
    last_modified: Timestamp,
    media_type: &'static str,
    last_modified_value: HeaderValue,
    /// It has a schedule of its own, or hardly changes at all: digests and archives.
    is_slow: bool,
    /// The `Link` field, once it was asked for.
    link: OnceLock<Option<HeaderValue>>,
    identity: Variant,
    gzip: OnceLock<Option<Variant>>,
    brotli: OnceLock<Option<Variant>>,
}

/// Compresses `document` into every coding that makes it smaller.
#[must_use]
pub fn pack(document: Document) -> Packed {
    let packed = Packed::plain(document);
    packed.ensure(Coding::Gzip);
    packed.ensure(Coding::Brotli);
    packed
}

impl Packed {
    /// `document` as it is: it is compressed when somebody first wants it so.
    #[must_use]
    pub fn plain(document: Document) -> Self {
        Self {
            is_slow: document.path.ends_with("/digest.xml") || document.path.contains("/archive/"),
            link: OnceLock::new(),
            path: document.path.into(),
            digest: document.digest,
            last_modified: document.last_modified,
            media_type: document.media_type,
            last_modified_value: http_date(document.last_modified.as_second()),
            identity: Variant { bytes: document.bytes.into(), etag: etag(document.digest, Coding::Identity) },
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    /// Compresses the document into `coding`, if that was not done before. It takes some milliseconds.
    pub fn ensure(&self, coding: Coding) {
        if let Some(slot) = self.slot(coding) {
            slot.get_or_init(|| self.compressed(coding));
        }
    }

    /// Whether [`Packed::ensure`] has nothing left to do.
    #[must_use]
    pub fn is_ready(&self, coding: Coding) -> bool {
        self.slot(coding).is_none_or(|slot| slot.get().is_some())
    }

    /// Whether the document has `coding`, as far as is known: what was not tried may be smaller.
    #[must_use]
    pub fn may_have(&self, coding: Coding) -> bool {
        self.slot(coding).is_none_or(|slot| slot.get().is_none_or(Option::is_some))
    }

    fn slot(&self, coding: Coding) -> Option<&OnceLock<Option<Variant>>> {
        match coding {
            Coding::Identity => None,
            Coding::Gzip => Some(&self.gzip),
            Coding::Brotli => Some(&self.brotli),
        }
    }

    /// The document in `coding`, if that makes it smaller.
    fn compressed(&self, coding: Coding) -> Option<Variant> {
        let plain = &self.identity.bytes;
        let bytes = match coding {
            _ if plain.len() < WORTH_COMPRESSING => None,
            Coding::Identity => None,
            Coding::Gzip => gzip(plain),
            Coding::Brotli => brotli(plain),
        };
        let smaller = bytes.filter(|bytes| bytes.len() < plain.len());
        smaller.map(|bytes| Variant { bytes: bytes.into(), etag: etag(self.digest, coding) })
    }

    /// Is this just what `document` says?
    pub(super) fn describes(&self, document: &Document) -> bool {
        self.digest == document.digest
            && self.last_modified == document.last_modified
            && self.media_type == document.media_type
    }

    /// The same bytes under the media type and time of `document`.
    pub(super) fn restated(&self, document: &Document) -> Self {
        Self {
            last_modified: document.last_modified,
            last_modified_value: http_date(document.last_modified.as_second()),
            media_type: document.media_type,
            ..self.clone()
        }
    }

    /// Path on the site without its first slash.
    #[must_use]
    pub fn path(&self) -> Arc<str> {
        Arc::clone(&self.path)
    }

    /// Digest of the plain bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The bytes as they are.
    #[must_use]
    pub fn identity(&self) -> &Variant {
        &self.identity
    }

    /// The bytes in `coding`, where that was tried and is smaller.
    #[must_use]
    pub fn variant(&self, coding: Coding) -> Option<&Variant> {
        match self.slot(coding) {
            None => Some(&self.identity),
            Some(slot) => slot.get()?.as_ref(),
        }
    }

    /// `Content-Type`.
    #[must_use]
    pub fn media_type(&self) -> HeaderValue {
        HeaderValue::from_static(self.media_type)
    }

    /// Is it read by people, in a browser? Everything else is a feed.
    #[must_use]
    pub fn is_page(&self) -> bool {
        self.media_type.starts_with("text/html")
    }

    /// May only those read it who know its address?
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.path.starts_with("p/")
    }

    /// Has it a schedule of its own, or does it hardly change at all?
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.is_slow
    }

    /// The `Link` field: what `make` said first. The addresses in it are those in the document, which is another
    /// document once the site has moved.
    #[must_use]
    pub fn link(&self, make: impl FnOnce() -> Option<HeaderValue>) -> Option<HeaderValue> {
        self.link.get_or_init(make).clone()
    }

    /// `Last-Modified`.
    #[must_use]
    pub fn last_modified(&self) -> &HeaderValue {
        &self.last_modified_value
    }

    /// `Last-Modified` in seconds of the Unix epoch.
    #[must_use]
    pub fn last_modified_second(&self) -> i64 {
        self.last_modified.as_second()
    }

    /// Whether there is such a date.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        self.last_modified < Document::UNDATED
    }

    /// Bytes held, in all codings.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let all = [Coding::Identity, Coding::Gzip, Coding::Brotli];
        all.into_iter().filter_map(|coding| self.variant(coding)).map(|variant| variant.bytes.len()).sum()
    }
}

/// `second` of the Unix epoch as an HTTP date (RFC 9110 5.6.7), clamped to the years 1970 to 9999.
#[must_use]
pub fn http_date(second: i64) -> HeaderValue {
    let second = u64::try_from(second.min(LAST_SECOND)).unwrap_or_default();
    let text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}

fn etag(digest: Digest, coding: Coding) -> HeaderValue {
    let suffix = match coding {
        Coding::Identity => "",
        Coding::Gzip => "-gz",
        Coding::Brotli => "-br",
    };
    // Hexadecimal digits, letters and quotes are always a header value; an empty tag matches nothing of ours.
    HeaderValue::try_from(format!("\"{digest}{suffix}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP_LEVEL));
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

fn brotli(plain: &[u8]) -> Option<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut out, &parameters).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn document(text: &str) -> Document {
        Document {
            path: "t/ai/rss.xml".into(),
            media_type: "application/rss+xml; charset=utf-8",
            bytes: text.into(),
            digest: Digest::of(text.as_bytes()),
            last_modified: Timestamp::from_second(1).unwrap(),
        }
    }

    #[test]
    fn codings_decode_to_the_plain_bytes() {
        let text = "<item>one story, all its coverage</item>\n".repeat(200);
        let packed = pack(document(&text));
        let mut plain = String::new();
        flate2::read::GzDecoder::new(&*packed.variant(Coding::Gzip).unwrap().bytes).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut &*packed.variant(Coding::Brotli).unwrap().bytes, &mut plain).unwrap();
        assert_eq!(plain, text.as_bytes());
    }

    #[test]
    fn packing_twice_gives_the_same_bytes() {
        let bytes = |packed: &Packed, coding| packed.variant(coding).unwrap().bytes.clone();
        let text = "same edition, same bytes ".repeat(99);
        let (one, two) = (pack(document(&text)), pack(document(&text)));
        assert_eq!(bytes(&one, Coding::Gzip), bytes(&two, Coding::Gzip));
        assert_eq!(bytes(&one, Coding::Brotli), bytes(&two, Coding::Brotli));
    }

    #[test]
    fn tags_differ_by_coding() {
        let packed = pack(document(&"abc".repeat(1000)));
        let tag = |coding| packed.variant(coding).unwrap().etag.to_str().unwrap().to_owned();
        let plain = tag(Coding::Identity);
        assert_eq!(plain, format!("\"{}\"", packed.digest()));
        assert_eq!(tag(Coding::Gzip), format!("\"{}-gz\"", packed.digest()));
        assert_eq!(tag(Coding::Brotli), format!("\"{}-br\"", packed.digest()));
    }

    #[test]
    fn only_what_is_smaller_is_kept() {
        let has = |text: &str| {
            let packed = pack(document(text));
            (packed.variant(Coding::Gzip).is_some(), packed.variant(Coding::Brotli).is_some())
        };
        assert_eq!(has(""), (false, false));
        assert_eq!(has(&"a".repeat(255)), (false, false));
        assert_eq!(has(&"a".repeat(256)), (true, true));
        // Hashes of a counter do not compress by as much as a header costs.
        let mut noise = Vec::new();
        for n in 0..64_u32 {
            noise.extend_from_slice(Digest::of(&n.to_le_bytes()).as_bytes());
        }
        let packed = pack(Document { digest: Digest::of(&noise), bytes: noise, ..document("") });
        assert!(packed.variant(Coding::Gzip).is_none() && packed.variant(Coding::Brotli).is_none());
    }

    #[test]
    fn dates_are_clamped() {
        let check = |second, expect: &str| assert_eq!(http_date(second), expect);
        check(784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT");
        check(-1, "Thu, 01 Jan 1970 00:00:00 GMT");
        check(i64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
