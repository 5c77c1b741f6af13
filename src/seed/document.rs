//! A seed file's outer form: bytes go in, the YAML text and the note after it come out.

use std::borrow::Cow;

use super::report;
use crate::model::Finding;

/// Most bytes of a seed file. The largest seen in the wild has 9 KiB; the note may be a long article.
pub const MAX_BYTES: usize = 1 << 20;

/// Most bytes of its front matter: parsing 256 KiB costs milliseconds.
const MAX_FRONT: usize = 256 * 1024;

/// The two parts of a seed file.
#[derive(Debug, PartialEq)]
pub(super) struct Document<'a> {
    /// The file from its start to the line that closes the front matter, so that its lines are the file's.
    pub(super) yaml: &'a str,
    body: &'a str,
}

impl Document<'_> {
    /// The body as Markdown with plain line ends and without control characters; `None` when it is blank.
    pub(super) fn note(&self) -> Option<String> {
        let body = self.body.trim();
        if body.is_empty() {
            return None;
        }
        let body = body.replace("\r\n", "\n").replace('\r', "\n");
        Some(body.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect())
    }
}

/// Takes `bytes` apart, or says why nobody can.
pub(super) fn split<'a>(file: &str, bytes: &'a [u8]) -> Result<Document<'a>, Finding> {
    let text = text(file, bytes)?;
    let is_yaml = file
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"));
    if text.trim().is_empty() {
        return Err(report::broken(file, 1, 1, "the file is empty".to_owned()));
    }
    let (open, close) = markers(text);
    let front = close.map_or(text.len(), |(end, _)| end);
    if front > MAX_FRONT {
        let message = format!("the front matter has {front} bytes, at most {MAX_FRONT} are read");
        return Err(report::broken(file, 1, 1, message));
    }
    match (open, close) {
        (true, Some((end, body))) => {
            let yaml = text.get(..end).unwrap_or_default();
            Ok(Document { yaml, body: text.get(body..).unwrap_or_default() })
        }
        // A lone `---` line is how a YAML document may start.
        _ if is_yaml => Ok(Document { yaml: text, body: "" }),
        (true, None) => {
            let mut finding = report::broken(file, 1, 1, "the front matter is not closed".to_owned());
            finding.help = Some("write a line `---` after the last key".to_owned());
            Err(finding)
        }
        (false, _) => {
            let mut finding = report::broken(file, 1, 1, "no front matter: the first line is not `---`".to_owned());
            finding.help = Some("put the keys between two lines `---`, or name the file .yaml".to_owned());
            Err(finding)
        }
    }
}

fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Finding> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has more than {} KiB, the most a seed may have", MAX_BYTES / 1024);
        return Err(report::broken(file, 1, 1, message));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        let before = bytes.get(..at).and_then(|before| std::str::from_utf8(before).ok()).unwrap_or_default();
        let mut finding = broken_at_end(file, before, format!("byte {byte:#04x} at offset {at} is not UTF-8"));
        finding.help = Some("save the file as UTF-8".to_owned());
        finding
    })?;
    match text.split_once('\0') {
        Some((before, _)) => {
            Err(broken_at_end(file, before, format!("a NUL byte at offset {}: this is no text", before.len())))
        }
        None => Ok(text),
    }
}

/// The finding of a problem right after `before`, the start of the file.
fn broken_at_end(file: &str, before: &str, message: String) -> Finding {
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    report::broken(file, line, column, message)
}

/// Whether the first line that is not blank opens front matter; and where the line that closes it, and
/// the body after that, start.
fn markers(text: &str) -> (bool, Option<(usize, usize)>) {
    let mut is_open = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let bare = line.trim_end();
        if is_open {
            if matches!(bare, "---" | "...") {
                return (true, Some((start, end)));
            }
        } else if bare == "---" {
            is_open = true;
        } else if !bare.is_empty() {
            return (false, None);
        }
        start = end;
    }
    (is_open, None)
}

/// `text` of a seed file fit to be shown: what stands behind a key like `secured` becomes `…`.
///
/// Lines and the columns before the value stay. For whoever prints a line of the file next to a finding.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if !names_secret(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut is_hidden = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        let end = line.get(bare.len()..).unwrap_or_default();
        if let Some(colon) = secret_colon(bare) {
            out.push_str(bare.get(..=colon).unwrap_or_default());
            out.push_str(" …");
            is_hidden = true;
        } else if is_hidden && !starts_anew(bare) {
            out.push('…');
        } else {
            is_hidden = false;
            out.push_str(bare);
        }
        out.push_str(end);
    }
    Cow::Owned(out)
}

fn names_secret(text: &str) -> bool {
    text.as_bytes().windows(5).any(|window| window.eq_ignore_ascii_case(b"secur"))
}

/// Where the colon after a key like `secured` (or a slip of it) is in `line`.
fn secret_colon(line: &str) -> Option<usize> {
    let at = line.as_bytes().windows(5).position(|window| window.eq_ignore_ascii_case(b"secur"))?;
    let tail = line.get(at..)?;
    let key_end = tail.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    let after = tail.get(key_end..)?;
    let colon = after.find(|letter: char| !letter.is_whitespace() && letter != '"' && letter != '\'')?;
    after.get(colon..)?.starts_with(':').then_some(at + key_end + colon)
}

/// Whether `line` starts a key, a list item or the end of the front matter, so that no value goes on in it.
fn starts_anew(line: &str) -> bool {
    let bare = line.trim_start().trim_start_matches("- ");
    let key = bare.split_once(':').map(|(key, rest)| (key.trim_matches(['"', '\'']), rest));
    bare == "---"
        || bare == "..."
        || key.is_some_and(|(key, rest)| {
            !key.is_empty() && key.chars().all(char::is_alphanumeric) && (rest.is_empty() || rest.starts_with(' '))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, bytes: &[u8], expect: (&str, Option<&str>)) {
        let document = split(file, bytes).expect("a document");
        assert_eq!((document.yaml, document.note().as_deref()), expect);
    }

    fn fails(file: &str, bytes: &[u8], expect: &str) {
        let finding = split(file, bytes).expect_err("no document");
        let place = finding.place.unwrap_or_default();
        assert_eq!(format!("{}:{}: {}", place.line, place.column, finding.message), expect);
    }

    #[test]
    fn front_matter_and_note() {
        check("a.md", b"---\na: 1\n---\n", ("---\na: 1\n", None));
        check("a.md", b"---\na: 1\n---", ("---\na: 1\n", None));
        check("a.md", b"---\r\na: 1\r\n---\r\nOne\r\ntwo\r\n", ("---\r\na: 1\r\n", Some("One\ntwo")));
        check(
            "a.md",
            b"\xef\xbb\xbf\n--- \na: 1\n...\n\n# Note\n---\nmore",
            ("\n--- \na: 1\n", Some("# Note\n---\nmore")),
        );
        check("a.yaml", b"a: 1\n", ("a: 1\n", None));
        check("a.YML", b"---\na: 1\n", ("---\na: 1\n", None));
        check("a.yaml", b"---\na: 1\n---\nnote", ("---\na: 1\n", Some("note")));
    }

    #[test]
    fn what_is_no_document() {
        fails("a.md", b"", "1:1: the file is empty");
        fails("a.md", b" \n\n", "1:1: the file is empty");
        fails("a.md", b"a: 1\n", "1:1: no front matter: the first line is not `---`");
        fails("a.md", b"---\na: 1\n", "1:1: the front matter is not closed");
        fails("a.md", b"---\na: \xffb\n---\n", "2:4: byte 0xff at offset 7 is not UTF-8");
        fails("a.md", b"\xff\xfe-\0-\0", "1:1: byte 0xff at offset 0 is not UTF-8");
        fails("a.md", b"---\na: \0b\n---\n", "2:4: a NUL byte at offset 7: this is no text");
        fails("a.md", &vec![b'a'; MAX_BYTES + 1], "1:1: the file has more than 1024 KiB, the most a seed may have");
    }

    #[test]
    fn secrets_are_not_shown() {
        let check = |text, expect| assert_eq!(shown(text), expect);
        check("a: 1\nsecured: \"x\"\nb: 2\n", "a: 1\nsecured: …\nb: 2\n");
        check("  secured : >\r\n    x\r\n    y\r\nb: 2", "  secured : …\r\n…\r\n…\r\nb: 2");
        check("{a: 1, \"secured\": \"x\"}", "{a: 1, \"secured\": …");
        check("Secure: x\n- c: 1", "Secure: …\n- c: 1");
        check("title: Security news: a talk", "title: Security news: a talk");
        check("a: 1", "a: 1");
    }
}
