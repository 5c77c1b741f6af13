//! Request paths and document paths: percent-encoding, the prefix of the site.
//!
//! In comes the path of a request, out come the paths of documents it may mean. It never touches a file, so
//! `..` is only a name that nothing has.

use std::borrow::Cow;

use crate::model::Digest;

/// The part of a site's address below which its paths are: `/wire` for `https://example.org/wire/`, empty
/// for a site at the root of its host.
pub(super) fn prefix_of(base_url: &str) -> String {
    let path = base_url.parse::<hyper::Uri>().map(|url| url.path().to_owned()).unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}

/// The document path of `request` below `prefix`; `None` if it is not below it.
pub(super) fn below<'a>(request: &'a str, prefix: &str) -> Option<Cow<'a, str>> {
    decode(request.strip_prefix(prefix)?.strip_prefix('/')?)
}

/// `path` as documents are kept: below `p/` stands the key of a token in the token's place, so that no map and no log
/// holds a token, and to look one up takes as long whether it is nearly right or not.
pub(super) fn keyed(path: Cow<'_, str>) -> Cow<'_, str> {
    let key = |(token, rest): (&str, &str)| format!("p/{}/{rest}", Digest::of(token.as_bytes()));
    let keyed = path.strip_prefix("p/").and_then(|rest| rest.split_once('/')).map(key);
    keyed.map_or(path, Cow::Owned)
}

/// Undoes percent-encoding; `None` where what comes out is not UTF-8, which no document path is.
fn decode(path: &str) -> Option<Cow<'_, str>> {
    if !path.contains('%') {
        return Some(Cow::Borrowed(path));
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().filter(|_| *first == b'%');
        if let Some(byte) = digits.and_then(|[high, low]| Some(hex(*high)? << 4 | hex(*low)?)) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            // A stray percent sign means itself.
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// `path` as it may stand in a URL: every byte but unreserved ones and `/` is percent-encoded.
pub(super) fn encode(path: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/');
    if path.bytes().all(plain) {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len() * 3);
    for byte in path.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase();
            out.extend([digit(byte >> 4), digit(byte & 15)]);
        }
    }
    Cow::Owned(out)
}

/// The last part of `path` as a relative reference with a slash after it: `t/ai` as `./ai/`. The dot keeps a
/// colon in it from reading as a scheme.
pub(super) fn with_slash(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    format!("./{}/", encode(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        let check = |base, expect: &str| assert_eq!(prefix_of(base), expect, "{base}");
        check("https://wire.example.org/", "");
        check("https://wire.example.org", "");
        check("https://example.org/wire/", "/wire");
        check("https://example.org/a/b/", "/a/b");
        check("https://example.org/wire", "/wire");
        check("nonsense", "");
        check("", "");
    }

    #[test]
    fn paths_below_a_prefix() {
        let check = |request, prefix, expect: Option<&str>| {
            assert_eq!(below(request, prefix).as_deref(), expect, "{request} {prefix}");
        };
        check("/", "", Some(""));
        check("/t/ai/", "", Some("t/ai/"));
        check("//t/ai/", "", Some("/t/ai/"));
        check("/wire/t/ai/", "/wire", Some("t/ai/"));
        check("/wire/", "/wire", Some(""));
        check("/wire", "/wire", None);
        check("/wired/", "/wire", None);
        check("*", "", None);
        check("/t/c%2B%2B/", "", Some("t/c++/"));
        check("/t/%E4%BA%BA%e5%b7%a5/", "", Some("t/人工/"));
        check("/t/%ff/", "", None);
        check("/%", "", Some("%"));
        check("/%4", "", Some("%4"));
        check("/%zz%41", "", Some("%zzA"));
        check("/%2e%2e/etc", "", Some("../etc"));
    }

    #[test]
    fn encoding() {
        let check = |path, expect: &str| assert_eq!(encode(path), expect, "{path}");
        check("t/ai/rss.xml", "t/ai/rss.xml");
        check("t/c++/", "t/c%2B%2B/");
        check("人/", "%E4%BA%BA/");
        check("a\r\nb\">", "a%0D%0Ab%22%3E");
    }

    #[test]
    fn tokens_are_no_paths() {
        let key = Digest::of(b"token").to_string();
        let check = |path: &str, expect: &str| assert_eq!(keyed(Cow::Borrowed(path)), expect, "{path}");
        check("p/token/rss.xml", &format!("p/{key}/rss.xml"));
        check("p/token/", &format!("p/{key}/"));
        check("p/token", "p/token");
        check("t/p/x/", "t/p/x/");
        check(&format!("p/{key}/"), &format!("p/{}/", Digest::of(key.as_bytes())));
    }

    #[test]
    fn slashes() {
        let check = |path, expect: &str| assert_eq!(with_slash(path), expect, "{path}");
        check("t/ai", "./ai/");
        check("all", "./all/");
        check("t/javascript:x", "./javascript%3Ax/");
    }
}
