//! Signatures of hubs (W3C WebSub section 7.1): a header field, a key and a body in,
//! right or wrong out; or a key and a body in, the field out.

use std::fmt::Write as _;

use ring::hmac;

/// Whether `field` (`X-Hub-Signature`) is the signature of `body` under `key`, by one of the four methods that the
/// recommendation names. The comparison takes the same time wherever they differ.
#[must_use]
pub(super) fn is_right(field: Option<&str>, key: &str, body: &[u8]) -> bool {
    let Some((method, digits)) = field.and_then(|field| field.trim().split_once('=')) else { return false };
    let algorithm = match method.to_ascii_lowercase().as_str() {
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => hmac::HMAC_SHA256,
        "sha384" => hmac::HMAC_SHA384,
        "sha512" => hmac::HMAC_SHA512,
        _ => return false,
    };
    bytes(digits).is_some_and(|tag| hmac::verify(&hmac::Key::new(algorithm, key.as_bytes()), body, &tag).is_ok())
}

/// The `X-Hub-Signature` field for `body` under `key`, by the strongest method that every subscriber knows.
#[must_use]
pub(in crate::pipeline) fn sign(key: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), body);
    tag.as_ref().iter().fold("sha256=".to_owned(), |mut text, byte| {
        // Writing into memory cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hexadecimal digits as bytes, at most those of the longest method.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    if digits.len() > 128 || !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_methods_and_nothing_else() {
        // RFC 2202 and RFC 4231, the second case of each: key "Jefe".
        let body = b"what do ya want for nothing?";
        let check = |field: Option<&str>, expect| assert_eq!(is_right(field, "Jefe", body), expect, "{field:?}");
        check(Some("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"), true);
        check(Some("sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"), true);
        check(Some("SHA256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"), true);
        let sha384 = "sha384=af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
                      8e2240ca5e69e2c78b3239ecfab21649";
        check(Some(sha384), true);
        let sha512 = "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        check(Some(sha512), true);
        check(Some("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c78"), false);
        check(Some("sha256=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"), false);
        assert!(is_right(Some(&sign("Jefe", body)), "Jefe", body));
        check(Some("md5=750c783e6ab0b503eaa86e310a5db738"), false);
        check(Some("sha1=effcdf6a"), false);
        check(Some("sha1="), false);
        check(Some("sha1=+ffcdf6ae5eb2fa2d27416d5f184df9c259a7c79"), false);
        check(Some("sha1=éffcdf6ae5eb2fa2d27416d5f184df9c259a7c7"), false);
        check(Some("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"), false);
        check(Some(""), false);
        check(None, false);
    }
}
