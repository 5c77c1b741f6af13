//! Addresses fit for a log: what may be a secret becomes `…`, the rest stays readable.
//!
//! An address goes in, also a broken one; a text for people comes out. It never shows user info.

use ::url::Url;

/// From this length on a run of mixed letters and digits is more likely a token than a word or a number:
/// dates have 8 characters, the ids of publishers' articles seldom more than 13.
const TOKEN_LENGTH: usize = 16;

/// How much of an address an error message shows, in characters: a line of a terminal.
const EXCERPT: usize = 120;

/// Parameters whose value is a secret however short it is, in lower case; a part of the name suffices.
const SECRET_NAMES: &[&str] =
    &["key", "token", "auth", "secret", "sig", "pass", "pwd", "session", "credential", "code", "hash"];

/// `url` fit for a log: user info, and query values and path segments that look like tokens, become `…`.
///
/// A token has 16 characters or more of mixed letters and digits, or is hexadecimal, or a UUID; the value
/// of a parameter with a telling name (`token`, `api_key`, …) always is one.
#[must_use]
pub fn mask(url: &str) -> String {
    let trimmed = super::trim(url);
    match super::lenient(trimmed) {
        Some(parsed) if parsed.has_host() => mask_parsed(&parsed),
        // No URL, so nobody knows where its parts end: the part before an `@` goes, tokens go.
        _ => mask_broken(trimmed),
    }
}

/// The start of `url`, masked, without line breaks: for error messages.
pub(super) fn excerpt(url: &str) -> String {
    // Only the start is shown, so only a start is masked; it is cut wide enough not to bare half a token.
    let head: String =
        url.chars().take(EXCERPT * 8).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let masked = if head.chars().any(char::is_whitespace) { mask_broken(&head) } else { mask(&head) };
    if masked.chars().count() <= EXCERPT {
        return masked;
    }
    masked.chars().take(EXCERPT - 1).chain(['…']).collect()
}

fn mask_parsed(url: &Url) -> String {
    let mut text = format!("{}://", url.scheme());
    if !url.username().is_empty() || url.password().is_some() {
        text.push_str("…@");
    }
    text.push_str(url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        text.push(':');
        text.push_str(&port.to_string());
    }
    for (index, segment) in url.path().split('/').enumerate() {
        if index > 0 {
            text.push('/');
        }
        text.push_str(mask_piece(segment));
    }
    for (index, pair) in url.query().into_iter().flat_map(|query| query.split('&')).enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        push_pair(&mut text, pair);
    }
    if let Some(fragment) = url.fragment() {
        text.push('#');
        push_pair(&mut text, fragment);
    }
    text
}

fn push_pair(text: &mut String, pair: &str) {
    let Some((name, value)) = pair.split_once('=') else {
        text.push_str(mask_piece(pair));
        return;
    };
    text.push_str(mask_piece(name));
    text.push('=');
    let lower = name.to_ascii_lowercase();
    let is_secret = !value.is_empty() && SECRET_NAMES.iter().any(|part| lower.contains(part));
    text.push_str(if is_secret { "…" } else { mask_piece(value) });
}

fn mask_broken(text: &str) -> String {
    let (before, after) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
    let authority_end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at_checked(authority_end).unwrap_or((after, ""));
    let mut masked = String::with_capacity(text.len());
    if text.contains("://") {
        masked.push_str(before);
        masked.push_str("://");
    }
    match authority.rsplit_once('@') {
        Some((_, host)) => {
            masked.push_str("…@");
            masked.push_str(host);
        }
        None => masked.push_str(mask_piece(authority)),
    }
    for piece in rest.split_inclusive(['/', '?', '&', '#', ' ']) {
        let (body, end) = match piece.char_indices().next_back() {
            Some((index, '/' | '?' | '&' | '#' | ' ')) => piece.split_at_checked(index).unwrap_or((piece, "")),
            _ => (piece, ""),
        };
        push_pair(&mut masked, body);
        masked.push_str(end);
    }
    masked
}

fn mask_piece(piece: &str) -> &str {
    if looks_like_token(piece) { "…" } else { piece }
}

/// What a letter of a piece counts as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
}

/// Whether `piece` is a run of 16 or more mixed letters and digits, a UUID, or text that changes between
/// cases and digits as only random text does. `%XX` parts runs, so that encoded words stay visible.
fn looks_like_token(piece: &str) -> bool {
    if piece.len() < TOKEN_LENGTH {
        return false;
    }
    if is_uuid(piece) {
        return true;
    }
    let (mut run, mut letters, mut digits) = (0, 0, 0);
    let (mut plain, mut changes) = (0, 0);
    let mut last = None;
    let mut bytes = piece.bytes();
    while let Some(byte) = bytes.next() {
        let kind = match byte {
            b'a'..=b'z' => Kind::Lower,
            b'A'..=b'Z' => Kind::Upper,
            b'0'..=b'9' => Kind::Digit,
            _ => {
                if byte == b'%' {
                    let _ = (bytes.next(), bytes.next());
                }
                (run, letters, digits, last) = (0, 0, 0, None);
                continue;
            }
        };
        run += 1;
        plain += 1;
        if kind == Kind::Digit {
            digits += 1;
        } else {
            letters += 1;
        }
        // A capital at a word's start is no change.
        if last.is_some_and(|last| last != kind && (last, kind) != (Kind::Upper, Kind::Lower)) {
            changes += 1;
        }
        last = Some(kind);
        if run >= TOKEN_LENGTH && digits > 0 && (letters > 0 || digits >= TOKEN_LENGTH) {
            return true;
        }
    }
    // Random text of three kinds of letters changes at about every second one, words hardly ever.
    plain >= TOKEN_LENGTH && changes * 6 >= plain
}

fn is_uuid(piece: &str) -> bool {
    let lengths = piece.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && piece.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expect: &str) {
        assert_eq!(mask(url), expect);
    }

    #[test]
    fn secrets_become_dots() {
        check("https://joe:pw@a.example/x", "https://…@a.example/x");
        check("https://joe@a.example:81/x", "https://…@a.example:81/x");
        check("https://a.example/feed/9f86d081884c7d659a2feaa0c55ad015/rss", "https://a.example/feed/…/rss");
        check("https://a.example/123e4567-e89b-12d3-a456-426614174000", "https://a.example/…");
        check("https://a.example/?token=abc&page=2", "https://a.example/?token=…&page=2");
        check("https://a.example/?API_KEY=1", "https://a.example/?API_KEY=…");
        check("https://a.example/?q=AbCdEf0123456789x", "https://a.example/?q=…");
        check("https://a.example/AbC-9xY_zQ2-k8Wv_1Tt", "https://a.example/…");
        check("https://a.example/1234567890123456", "https://a.example/…");
        check("https://a.example/#access_token=x", "https://a.example/#access_token=…");
    }

    #[test]
    fn readable_parts_stay() {
        check(
            "https://a.example/2020/11/13/a-long-headline-of-a-story-5/",
            "https://a.example/2020/11/13/a-long-headline-of-a-story-5/",
        );
        check("https://a.example/Apple-M1-Chip-Review-2020", "https://a.example/Apple-M1-Chip-Review-2020");
        check("https://a.example/%E4%BA%BA%E5%B7%A5%E6%99%BA", "https://a.example/%E4%BA%BA%E5%B7%A5%E6%99%BA");
        check("https://a.example/article/idUSKBN27S2RI?page=2", "https://a.example/article/idUSKBN27S2RI?page=2");
        check("https://a.example/?q=inferentia", "https://a.example/?q=inferentia");
        check("http://[::1]:8080/x", "http://[::1]:8080/x");
    }

    #[test]
    fn broken_addresses_are_masked_too() {
        check("https://joe:pw@ho st/x", "https://…@ho st/x");
        check("joe:pw@host/9f86d081884c7d659a2feaa0c55ad015", "…@host/…");
        check("", "");
        assert!(!mask("http://x y/?token=hunter2").contains("hunter2"));
    }

    #[test]
    fn excerpts_are_one_short_line() {
        let long = format!("https://a.example/{}", "word/".repeat(100));
        assert_eq!(excerpt(&long).chars().count(), EXCERPT);
        assert_eq!(excerpt("a\nb"), "a b");
    }
}
