//! Which coding a client gets: `Accept-Encoding` (RFC 9110 12.5.3).
//!
//! In come request headers, out goes a choice among the codings that a document has. It never refuses: a
//! client that rules every coding out gets the plain bytes, which is the disregard the RFC allows.

use hyper::HeaderMap;
use hyper::header::ACCEPT_ENCODING;

use crate::released::{Coding, Packed};

/// Weights from 0 (never) to 1,000, as in `q=0.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wishes {
    brotli: u16,
    gzip: u16,
    identity: u16,
}

impl Wishes {
    /// What the client asks for.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let (mut brotli, mut gzip, mut identity, mut rest) = (None, None, None, None);
        for value in headers.get_all(ACCEPT_ENCODING) {
            // Bytes that are no text name no coding.
            for wish in value.to_str().unwrap_or_default().split(',') {
                let (name, weight) = weighed(wish);
                let slot = match name {
                    name if name.eq_ignore_ascii_case("br") => &mut brotli,
                    // RFC 9110 8.4.1.3: `x-gzip` is the same.
                    name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => &mut gzip,
                    name if name.eq_ignore_ascii_case("identity") => &mut identity,
                    "*" => &mut rest,
                    _ => continue,
                };
                *slot = Some(weight);
            }
        }
        let other = rest.unwrap_or(0);
        Self {
            brotli: brotli.unwrap_or(other),
            gzip: gzip.unwrap_or(other),
            // Not named, the plain bytes are acceptable, after everything that is named.
            identity: identity.or(rest).unwrap_or(0),
        }
    }

    /// The best of the codings that `has` says there are; brotli before gzip before plain at equal weight.
    pub(super) fn choose(self, has: impl Fn(Coding) -> bool) -> Coding {
        let mut best = (self.identity, Coding::Identity);
        for (weight, coding) in [(self.gzip, Coding::Gzip), (self.brotli, Coding::Brotli)] {
            if weight > 0 && weight >= best.0 && has(coding) {
                best = (weight, coding);
            }
        }
        best.1
    }

    /// The best coding that `packed` has.
    pub(super) fn choose_of(self, packed: &Packed) -> Coding {
        self.choose(|coding| packed.variant(coding).is_some())
    }
}

/// `gzip;q=0.5` as a name and 500. A weight that cannot be read is 0: better plain than what is not wanted.
fn weighed(wish: &str) -> (&str, u16) {
    let mut parts = wish.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts
        .find_map(|part| part.split_once('=').filter(|(key, _)| key.trim().eq_ignore_ascii_case("q")))
        .map_or(1000, |(_, value)| per_mille(value.trim()).unwrap_or(0));
    (name, weight)
}

/// A `qvalue`: 0 to 1 with at most three decimals.
fn per_mille(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = format!("{decimals:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::Coding::{Brotli, Gzip, Identity};
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    #[test]
    fn the_best_coding_wins() {
        let check = |line: &str, expect| {
            assert_eq!(Wishes::of(&headers(&[line])).choose(|_| true), expect, "{line}");
        };
        check("", Identity);
        check("gzip", Gzip);
        check("br", Brotli);
        check("gzip, deflate, br", Brotli);
        check("gzip, deflate, br, zstd", Brotli);
        check("GZIP", Gzip);
        check("x-gzip", Gzip);
        check("deflate", Identity);
        check("gzip;q=1.0, br;q=0.5", Gzip);
        check("gzip;q=0.5,br;q=0.501", Brotli);
        check("br;q=0, gzip", Gzip);
        check("br;q=0.000, gzip;q=0", Identity);
        check("*", Brotli);
        check("*;q=0.1", Brotli);
        check("br;q=0, *", Gzip);
        check("gzip, *;q=0", Gzip);
        check("identity", Identity);
        check("identity, gzip", Gzip);
        check("identity;q=0.6, gzip;q=0.5", Identity);
        check("identity;q=0", Identity);
        check("identity;q=0, gzip;q=0.001", Gzip);
        check("*;q=0", Identity);
        check("gzip ; q = 0.5 , br ; Q=0.4", Gzip);
        check("gzip;q=", Identity);
        check("gzip;q=2", Identity);
        check("gzip;q=1.001", Identity);
        check("gzip;q=0.5000", Identity);
        check("gzip;q=-1", Identity);
        check("gzip;x=1", Gzip);
        check(",,gzip,,", Gzip);
        check("gzipped", Identity);
    }

    #[test]
    fn lines_add_up_and_absence_is_plain() {
        assert_eq!(Wishes::of(&headers(&["gzip;q=0.5", "br"])).choose(|_| true), Brotli);
        assert_eq!(Wishes::of(&headers(&[])).choose(|_| true), Identity);
    }

    #[test]
    fn only_what_there_is_can_be_chosen() {
        let check = |line: &str, there: &[Coding], expect| {
            assert_eq!(Wishes::of(&headers(&[line])).choose(|coding| there.contains(&coding)), expect, "{line}");
        };
        check("br, gzip", &[Gzip], Gzip);
        check("br, gzip", &[], Identity);
        check("br, gzip, identity;q=0", &[], Identity);
        check("br", &[Gzip], Identity);
    }
}
