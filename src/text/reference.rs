//! Character references: `&amp;`, `&#8217;`, `&eacute;`.
//!
//! In comes text that may hold them; out goes the text they stand for. XML wants a semicolon, and so does
//! [`decode_references`]: `?a=1&copy=2` is an address. HTML text does without one for old names. What names no
//! character stays as it is, and nothing is ever expanded into more references.

use std::borrow::Cow;

use memchr::memchr;

/// The longest name, `CounterClockwiseContourIntegral`, has 31 letters.
const LONGEST: usize = 32;

/// `text` with its character references decoded, once; only those that end in a semicolon.
#[must_use]
pub fn decode_references(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(text.get(..first).unwrap_or_default());
    let mut rest = text.get(first..).unwrap_or_default();
    loop {
        let taken = take(rest, &mut out);
        if taken == 0 {
            out.push('&');
        }
        rest = rest.get(taken.max(1)..).unwrap_or_default();
        let Some(next) = memchr(b'&', rest.as_bytes()) else { break };
        out.push_str(rest.get(..next).unwrap_or_default());
        rest = rest.get(next..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Puts the character of the reference that starts `rest` at the end of `out`; how many bytes it took, 0 for none.
fn take(rest: &str, out: &mut String) -> usize {
    let bytes = rest.as_bytes();
    let name = bytes.iter().skip(1).take(LONGEST).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#');
    let end = 1 + name.count();
    if end == 1 || bytes.get(end) != Some(&b';') {
        return 0;
    }
    let simple = match bytes.get(1..end).unwrap_or_default() {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" | b"#39" | b"#039" => '\'',
        b"nbsp" | b"#160" => '\u{a0}',
        b"#8217" | b"rsquo" => '’',
        _ => {
            let reference = rest.get(..=end).unwrap_or_default();
            let decoded = htmlize::unescape(reference);
            if decoded == reference {
                return 0;
            }
            out.push_str(&decoded);
            return end + 1;
        }
    };
    out.push(simple);
    end + 1
}

/// The same as HTML text has it: an old name such as `&copy` needs no semicolon.
pub(super) fn take_html(rest: &str, out: &mut String) -> usize {
    let taken = take(rest, out);
    if taken > 0 {
        return taken;
    }
    let name = rest.bytes().skip(1).take(LONGEST).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#');
    let end = 1 + name.count();
    let reference = rest.get(..end).unwrap_or_default();
    if end > 2 {
        out.push_str(&htmlize::unescape(reference));
    } else {
        out.push_str(reference);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let check = |text: &str, expect: &str| assert_eq!(decode_references(text), expect, "{text}");
        check("a &amp; b &lt;c&gt; &quot;&apos;&#39;", "a & b <c> \"''");
        check("&amp;lt;", "&lt;");
        check("?a=1&copy=2&b=&c", "?a=1&copy=2&b=&c");
        check("&eacute;&#233;&#xE9;&#146;", "ééé’");
        check("&nosuch; &; &#; &#x; &", "&nosuch; &; &#; &#x; &");
        check("&CounterClockwiseContourIntegral;", "∳");
        check("&&amp;&", "&&&");
        check("é&é;", "é&é;");
    }

    #[test]
    fn many_references_cost_their_length() {
        let many = "&".repeat(1 << 20);
        assert_eq!(decode_references(&many).len(), many.len());
        let bomb = "&amp;".repeat(1 << 18);
        assert_eq!(decode_references(&bomb).len(), 1 << 18);
    }
}
