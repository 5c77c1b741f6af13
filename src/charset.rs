//! Bytes and what was declared about them → text.
//!
//! In come a document's bytes and the `charset` parameter of its `Content-Type`; out goes text, with the
//! encoding that was used and whether it had to be guessed. The order is: byte order mark, HTTP header,
//! declaration inside the document, guess. It never fails and never panics: bytes that mean nothing
//! become U+FFFD. The caller caps the length of what comes in.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// HTML says that a declaration stands within the first 1,024 bytes; browsers look on, and many a page has more before.
const DECLARATION_WINDOW: usize = 8 * 1024;

/// The guess settles long before this; a longer look costs time and changes nothing.
const GUESS_WINDOW: usize = 64 * 1024;

/// How a document declares its charset inside itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `<meta charset=…>` or `<meta http-equiv=content-type content="…; charset=…">`.
    Html,
    /// `<?xml … encoding="…"?>`.
    Xml,
}

/// Text, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'b> {
    /// The text, without a byte order mark.
    pub text: Cow<'b, str>,
    /// The WHATWG name of the encoding that was used.
    pub encoding: &'static str,
    /// A sentence when the declaration was wrong or missing and something else was used.
    pub note: Option<String>,
}

/// Which encoding a document is in, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sensed {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Bytes of its byte order mark.
    pub mark: usize,
    /// A sentence when the declaration was wrong or missing and something else was used.
    pub note: Option<String>,
}

impl Sensed {
    /// Whether markup can be told apart before decoding: no byte of a letter looks like a bracket, a quote or a blank.
    #[must_use]
    pub fn is_scannable(&self) -> bool {
        self.encoding.is_ascii_compatible()
    }
}

/// `bytes` as text. `http` is the `charset` parameter of the `Content-Type` field. Valid UTF-8 is not copied.
#[must_use]
pub fn decode<'b>(bytes: &'b [u8], http: Option<&str>, syntax: Syntax) -> Decoded<'b> {
    if let Some(text) = utf_32(bytes) {
        return Decoded { text: Cow::Owned(text), encoding: "UTF-32", note: Some("read as UTF-32".to_owned()) };
    }
    let Sensed { encoding, mark, note } = sense(bytes, http, syntax);
    let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
    Decoded { text, encoding: encoding.name(), note }
}

/// The encoding of `bytes`, without decoding them. UTF-32, which is in no standard of the web, is not told.
#[must_use]
pub fn sense(bytes: &[u8], http: Option<&str>, syntax: Syntax) -> Sensed {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Sensed { encoding, mark, note: None };
    }
    let sensed = |encoding, note| Sensed { encoding, mark: 0, note };
    if let Some(encoding) = wide_without_mark(bytes) {
        return sensed(encoding, Some(format!("read as {}, which was not declared", encoding.name())));
    }
    let stated = || http.and_then(label).or_else(|| declared(bytes, syntax));
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => match valid(text, stated) {
            Some(encoding) => return sensed(encoding, None),
            None => return sensed(UTF_8, mistaken(text, stated)),
        },
        Err(error) => error,
    };
    let is_cut = error.error_len().is_none() && !bytes.get(..error.valid_up_to()).is_none_or(<[u8]>::is_ascii);
    match stated() {
        // What was read in part may end inside of a character.
        None if is_cut => sensed(UTF_8, None),
        Some(encoding) if encoding != UTF_8 => {
            let is_other = is_cut || (encoding.is_single_byte() && is_utf_8(bytes));
            let note = format!("declared {}, but is UTF-8", encoding.name());
            if is_other { sensed(UTF_8, Some(note)) } else { sensed(encoding, None) }
        }
        Some(_) if is_small_damage(bytes, error.valid_up_to()) => {
            sensed(UTF_8, Some("some bytes are not UTF-8".to_owned()))
        }
        stated => {
            let guess = guess(bytes);
            let claim = if stated.is_some() { "declared UTF-8, but is not" } else { "no charset declared" };
            sensed(guess, Some(format!("{claim}; read as {}", guess.name())))
        }
    }
}

/// What else than UTF-8 valid UTF-8 can be: a charset of seven bits, which shifts by escapes.
fn valid(text: &str, stated: impl Fn() -> Option<&'static Encoding>) -> Option<&'static Encoding> {
    let has_escapes = text.is_ascii() && memchr::memchr(0x1B, text.as_bytes()).is_some();
    if has_escapes { stated().filter(|encoding| *encoding == ISO_2022_JP) } else { None }
}

/// Much that is declared as anything else is UTF-8 in truth: text that is valid UTF-8 with letters that are not ASCII
/// is practically never something else.
fn mistaken(text: &str, stated: impl Fn() -> Option<&'static Encoding>) -> Option<String> {
    let encoding = if text.is_ascii() { None } else { stated() }?;
    encoding.is_single_byte().then(|| format!("declared {}, but is UTF-8", encoding.name()))
}

/// UTF-32, which the encoding standard leaves out and a few feeds are in: by its mark, or by its first character.
fn utf_32(bytes: &[u8]) -> Option<String> {
    let is_big = match bytes.get(..4)? {
        [0, 0, 0xFE, 0xFF] | [0, 0, 0, b'<' | b'{'] => true,
        [0xFF, 0xFE, 0, 0] | [b'<' | b'{', 0, 0, 0] => false,
        _ => return None,
    };
    let letters = bytes.chunks_exact(4).map(|four| {
        let number = <[u8; 4]>::try_from(four).map(if is_big { u32::from_be_bytes } else { u32::from_le_bytes });
        number.ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
    });
    Some(letters.filter(|letter| *letter != '\u{feff}').collect())
}

/// A label of the WHATWG encoding standard; quotes and blanks around it are common.
fn label(text: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(text.trim_matches(['"', '\'', ' ', ';']).as_bytes())
}

/// UTF-16 without a byte order mark shows in its first characters: `<` or `{` beside a zero byte.
fn wide_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0, b'<' | b'{', 0, ..] => Some(UTF_16BE),
        [b'<' | b'{', 0, second, 0, ..] if *second != 0 => Some(UTF_16LE),
        _ => None,
    }
}

/// The charset that the document declares in its first bytes.
fn declared(bytes: &[u8], syntax: Syntax) -> Option<&'static Encoding> {
    let head = bytes.get(..DECLARATION_WINDOW).unwrap_or(bytes);
    // The XML declaration ends with the first tag; all of the window would be looked at for nothing.
    let end = if syntax == Syntax::Xml { memchr::memchr(b'>', head).map(|end| end + 1) } else { None };
    let head = head.get(..end.unwrap_or(head.len())).unwrap_or(head).to_ascii_lowercase();
    // Only ASCII matters here, and Latin-1 gives every byte a character.
    let head: String = head.iter().map(|byte| char::from(*byte)).collect();
    let found = match syntax {
        Syntax::Xml => {
            let declaration = head.split_once("<?xml")?.1.split_once('>')?.0;
            value_after(declaration, "encoding")
        }
        Syntax::Html => {
            let mut metas = head.split("<meta").skip(1).filter_map(|rest| rest.split('>').next());
            metas.find_map(|meta| value_after(meta, "charset"))
        }
    };
    // A document whose ASCII declaration could be read is not UTF-16 (WHATWG HTML, 13.2.3.2).
    found.and_then(label).map(|encoding| if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

/// The value in `name = value`, quoted or not.
fn value_after<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let rest = text.split_once(name)?.1.trim_start().strip_prefix('=')?.trim_start();
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '>' | '/' | '?'));
    Some(rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest)).filter(|value| !value.is_empty())
}

/// A cut in the middle of a character, or a stray byte among letters that are UTF-8, are damage, not another charset:
/// in text of another charset, hardly one letter in five looks like UTF-8 by chance.
fn is_small_damage(bytes: &[u8], valid_up_to: usize) -> bool {
    if bytes.len().saturating_sub(valid_up_to) < 4 {
        return true;
    }
    let (good, bad) = evidence(bytes);
    good >= bad * 2
}

/// Letters that are UTF-8 nearly throughout, against what is declared.
fn is_utf_8(bytes: &[u8]) -> bool {
    let (good, bad) = evidence(bytes);
    good >= 8 && good >= bad * 10
}

/// How many characters beyond ASCII are UTF-8, and how many sequences are not.
fn evidence(bytes: &[u8]) -> (usize, usize) {
    let (mut good, mut bad, mut rest) = (0usize, 0usize, bytes);
    loop {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                good += text.bytes().filter(|byte| *byte >= 0xC0).count();
                return (good, bad);
            }
            Err(error) => {
                let (valid, after) = rest.split_at(error.valid_up_to());
                good += valid.iter().filter(|byte| **byte >= 0xC0).count();
                bad += 1;
                // A thousand bad sequences say enough, and bound the work.
                if bad > 1000 {
                    return (good, bad);
                }
                rest = after.get(error.error_len().unwrap_or(after.len())..).unwrap_or_default();
            }
        }
    }
}

/// What the bytes look like, were nothing declared. Valid UTF-8 was ruled out before.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    // Much of a page is ASCII markup: the letters that tell may stand far in.
    let from = bytes.iter().position(|byte| *byte >= 0x80 || *byte == 0x1B).unwrap_or_default().saturating_sub(64);
    let window = bytes.get(from..).unwrap_or_default();
    detector.feed(window.get(..GUESS_WINDOW).unwrap_or(window), true);
    let guess = detector.guess(None, Utf8Detection::Allow);
    if guess == UTF_8 && std::str::from_utf8(bytes).is_err() { WINDOWS_1252 } else { guess }
}

/// Characters that are looked at before a text counts as sound, or as encoded twice.
const MEND_WINDOW: usize = 4_096;

/// What U+0080 to U+009F of windows-1252 are in Unicode; the same number where there is none.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// `text` as it was meant, when it is UTF-8 that was taken for Latin-1 or windows-1252 and encoded again (`CafÃ©`).
///
/// Only on strong evidence: at least two such sequences, and at most one other character that is not ASCII for twenty
/// of them. A true text holds one by chance (`É` before a hard blank), never most. Characters that are sound already
/// stay. `None` when there is nothing to mend; a sound text costs a look at its first few characters.
#[must_use]
pub fn mend(text: &str) -> Option<String> {
    // All of what can start such a sequence has this first byte.
    memchr::memchr(0xC3, text.as_bytes())?;
    let (mut twice, mut sound) = (0usize, 0usize);
    let mut rest = text;
    while let Some(at) = not_ascii(rest) {
        rest = rest.get(at..).unwrap_or_default();
        let (taken, found) = sequence(rest);
        twice += usize::from(found.is_some());
        sound += usize::from(found.is_none());
        if sound > 4 + twice / 20 || twice + sound > MEND_WINDOW {
            break;
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    if twice < 2 || sound * 20 > twice {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = not_ascii(rest) {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let (taken, found) = sequence(rest);
        match found {
            Some(letter) => out.push(letter),
            None => out.push_str(rest.get(..taken).unwrap_or_default()),
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    Some(out)
}

/// The place of the first character that is not ASCII.
fn not_ascii(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // By the block first: that is done in vector registers.
    let block = bytes.chunks(256).position(|block| !block.is_ascii())? * 256;
    let at = bytes.get(block..)?.iter().position(|byte| *byte >= 0x80)?;
    Some(block + at)
}

/// The character at the start of `text`: its bytes, and what it and those after it stand for when they are one
/// character of UTF-8 that was taken for several.
fn sequence(text: &str) -> (usize, Option<char>) {
    let first = text.chars().next().map_or(1, char::len_utf8);
    let mut bytes = [0u8; 4];
    let (mut taken, mut count, mut wanted) = (0, 0, 4);
    for letter in text.chars().take(4) {
        let Some(byte) = windows_byte(letter) else { break };
        match count {
            0 => {
                wanted = match byte {
                    0xC2..=0xDF => 2,
                    0xE0..=0xEF => 3,
                    0xF0..=0xF4 => 4,
                    _ => return (first, None),
                }
            }
            _ if !(0x80..0xC0).contains(&byte) => break,
            _ => {}
        }
        if let Some(slot) = bytes.get_mut(count) {
            *slot = byte;
        }
        count += 1;
        taken += letter.len_utf8();
        if count == wanted {
            break;
        }
    }
    let whole = bytes.get(..count).filter(|_| count == wanted);
    match whole.and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(|text| text.chars().next()) {
        Some(letter) => (taken, Some(letter)),
        None => (first, None),
    }
}

/// The byte above ASCII that is `letter` in Latin-1 or windows-1252.
fn windows_byte(letter: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(u32::from(letter)) {
        return (byte >= 0x80).then_some(byte);
    }
    let at = WINDOWS.iter().position(|known| *known == letter)?;
    u8::try_from(at + 0x80).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], http: Option<&str>, syntax: Syntax, encoding: &str, text: &str) {
        let decoded = decode(bytes, http, syntax);
        assert_eq!((decoded.encoding, decoded.text.as_ref()), (encoding, text));
    }

    #[test]
    fn order_of_trust() {
        use Syntax::{Html, Xml};
        check(b"\xEF\xBB\xBFab", Some("iso-8859-1"), Html, "UTF-8", "ab");
        check(b"\xFF\xFEa\0b\0", None, Html, "UTF-16LE", "ab");
        check(b"\0<\0a\0>", None, Xml, "UTF-16BE", "<a>");
        check(b"caf\xE9", Some("ISO-8859-1"), Html, "windows-1252", "café");
        check(b"caf\xE9", Some("\"latin1\""), Html, "windows-1252", "café");
        check(b"<meta charset=\"utf-8\">caf\xC3\xA9", None, Html, "UTF-8", "<meta charset=\"utf-8\">café");
        check(b"<meta charset=koi8-r>\xCD", None, Html, "KOI8-R", "<meta charset=koi8-r>м");
        let http_equiv = b"<META HTTP-EQUIV=content-type CONTENT='text/html; charset=windows-1251'>\xEF";
        let read = "<META HTTP-EQUIV=content-type CONTENT='text/html; charset=windows-1251'>п";
        check(http_equiv, None, Html, "windows-1251", read);
        let xml = b"<?xml version='1.0' encoding='iso-8859-2'?><a>\xB3</a>";
        check(xml, None, Xml, "ISO-8859-2", "<?xml version='1.0' encoding='iso-8859-2'?><a>ł</a>");
        check("žluť".as_bytes(), Some("iso-8859-1"), Html, "UTF-8", "žluť");
        check(b"plain", None, Html, "UTF-8", "plain");
        check(b"", None, Html, "UTF-8", "");
        check(b"plain", Some("no-such-charset"), Html, "UTF-8", "plain");
    }

    #[test]
    fn shift_jis_without_saying_so() {
        let text =
            "<html><head><title>東京で新しい図書館が開館しました</title></head><body>ニュースの本文です。</body>";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(text);
        check(&bytes, None, Syntax::Html, "Shift_JIS", text);
        check(&bytes, Some("utf-8"), Syntax::Html, "Shift_JIS", text);
    }

    #[test]
    fn a_cut_character_is_not_another_charset() {
        let text = "Größe und Maß, schöne Grüße";
        let cut = &text.as_bytes()[..text.len() - 2];
        assert_eq!(decode(cut, Some("utf-8"), Syntax::Html).encoding, "UTF-8");
        let mut stray = text.repeat(20).into_bytes();
        stray.insert(9, 0xFF);
        assert_eq!(decode(&stray, Some("utf-8"), Syntax::Html).encoding, "UTF-8");
    }

    #[test]
    fn false_utf8_is_said() {
        let decoded = decode(b"<p>Stra\xDFe nach K\xF6ln, gr\xFCn und sch\xF6n</p>", Some("utf-8"), Syntax::Html);
        assert_eq!(decoded.text, "<p>Straße nach Köln, grün und schön</p>");
        assert!(decoded.note.is_some());
    }

    #[test]
    fn wide_and_shifting() {
        let wide = |text: &str| text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<u8>>();
        check(&wide("<é>"), None, Syntax::Xml, "UTF-32", "<é>");
        check(&[&[0xFF, 0xFE, 0, 0, b'a', 0, 0, 0][..], &[1, 2]].concat(), None, Syntax::Xml, "UTF-32", "a");
        check(b"\x1B$B%K\x1B(B", Some("iso-2022-jp"), Syntax::Html, "ISO-2022-JP", "ニ");
        check(b"ab", Some("utf-16le"), Syntax::Html, "UTF-8", "ab");
    }

    #[test]
    fn encoded_twice() {
        let twice = |text: &str| text.bytes().map(char::from).collect::<String>();
        let check = |text: &str, expect: Option<&str>| assert_eq!(mend(text).as_deref(), expect, "{text}");
        check(&twice("Größe und Maß — «là»"), Some("Größe und Maß — «là»"));
        check("CafÃ© dâ€™Ã©tÃ©", Some("Café d’été"));
        check(&twice("Москва, 東京 🚀"), Some("Москва, 東京 🚀"));
        check("Größe und Maß", None);
        check("« CAFÉ\u{a0}: »", None);
        check("COPÉ\u{a0}», MANHÃ\u{a0}é à ü", None);
        check("one CafÃ© alone", None);
        check("an essay on CafÃ© and Ã¼ber, à la façon de l’été", None);
        check("plain", None);
        check("Ã", None);
        check(&format!("{} ’", twice(&"é ".repeat(40))), Some(&format!("{} ’", "é ".repeat(40))));
    }
}
