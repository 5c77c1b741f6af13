//! YAML before and beside serde: what may be parsed at all, and where each value stands.
//!
//! In comes the text of one document. Out goes leave to parse it ([`guard`]) and a map from paths such as
//! `related[2].webUrl` to lines and columns ([`Spans`]). It never builds values and never follows an alias.

mod spans;
mod walk;

pub use spans::{Duplicate, Spans};

use std::fmt::Write as _;

use walk::walk;

/// Most bytes of one document: a configuration of 100,000 sources. Readers of smaller things have smaller caps.
pub const MAX_BYTES: usize = 16 << 20;

/// Most brackets that may be open at once. Flow nesting costs the parser the square of its depth: 1,000 cost
/// 5 ms, 100,000 cost 24 s, so this is counted before any parser sees the text.
pub const MAX_OPEN: usize = 1_000;

/// Most levels of nesting. Seeds have 4 and the configuration 5.
pub const MAX_DEPTH: usize = 64;

/// Most values of one document: a configuration of 100,000 sources has 600,000, and each takes 800 bytes while it is read.
pub const MAX_VALUES: usize = 1_000_000;

/// Most nodes that aliases add to those that are written out.
pub const MAX_ADDED: usize = 100_000;

/// Brackets, indicators or blanks at which a document counts as unusual and gets the full walk.
const UNUSUAL: usize = MAX_DEPTH - 2;

/// Why a text is no usable YAML document, and where: line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct YamlProblem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, without a full stop.
    pub message: String,
}

impl YamlProblem {
    /// The problem in a text whose first line is line `first_line` of its file (front matter starts at 2).
    #[must_use]
    pub fn starting_at(mut self, first_line: usize) -> Self {
        self.line = self.line.saturating_add(first_line.saturating_sub(1));
        self
    }
}

/// Says whether `text` may be handed to a YAML parser: bounded in size, nesting and expansion.
///
/// An everyday document costs one look at each byte. One that nests deeply or has aliases is walked in full,
/// and then syntax errors are found here too; otherwise they are left to the parser.
///
/// # Errors
/// When a cap of this module is exceeded; the place is where that happens.
pub fn guard(text: &str) -> Result<(), YamlProblem> {
    if unusual(text)? { walk(text, |_, _| ()) } else { Ok(()) }
}

/// The path of `key` inside the mapping at `path`: `a.b`, or `a["b.c"]` where the key is no plain word.
#[must_use]
pub fn join(path: &str, key: &str) -> String {
    let is_plain = !key.is_empty() && !key.contains(['.', '[', ']', '"', '\n']);
    let mut joined = String::with_capacity(path.len() + key.len() + 4);
    joined.push_str(path);
    if !is_plain {
        let _ = write!(joined, "[\"{}\"]", key.replace('"', "\\\""));
        return joined;
    }
    if !path.is_empty() {
        joined.push('.');
    }
    joined.push_str(key);
    joined
}

/// The path of item `index` (from 0) of the list at `path`: `a[2]`.
#[must_use]
pub fn item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// Checks what can be checked without parsing, and says whether the text needs the full walk.
///
/// Quotes are not understood here. That can only make it look closer than needed: a bracket in a quoted title
/// counts as open, a thousand of them in one document are no news.
fn unusual(text: &str) -> Result<bool, YamlProblem> {
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes, at most {MAX_BYTES} are read", text.len());
        return Err(YamlProblem { line: 1, column: 1, message });
    }
    let (mut opened, mut open, mut unusual) = (0_usize, 0_usize, false);
    for (number, line) in text.split(['\n', '\r']).enumerate() {
        let mut indicators = 0_usize;
        let mut previous = b' ';
        for (at, byte) in line.bytes().enumerate() {
            match byte {
                b'[' | b'{' => {
                    opened += 1;
                    open += 1;
                }
                b']' | b'}' => open = open.saturating_sub(1),
                b' ' | b'\t' if matches!(previous, b'-' | b'?' | b':') => indicators += 1,
                // An alias: a star that starts a word.
                _ => unusual |= previous == b'*' && starts_word(line, at) && !byte.is_ascii_whitespace(),
            }
            if open > MAX_OPEN {
                let column = line.get(..at).map_or(at, |before| before.chars().count()) + 1;
                let message = format!("more than {MAX_OPEN} brackets are open at once");
                return Err(YamlProblem { line: number + 1, column, message });
            }
            previous = byte;
        }
        let indent = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'?')).count();
        unusual |= opened > UNUSUAL || indicators > UNUSUAL || indent > UNUSUAL;
    }
    Ok(unusual)
}

/// Whether the star before byte `at` of `line` begins a word.
fn starts_word(line: &str, at: usize) -> bool {
    let before = at.checked_sub(2).and_then(|index| line.as_bytes().get(index));
    before.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'[' | b'{' | b',' | b':' | b'-'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: Result<(), &str>) {
        let found = guard(text).map_err(|problem| problem.to_string());
        match (&found, expect) {
            (Ok(()), Ok(())) => {}
            (Err(found), Err(expect)) if found.contains(expect) => {}
            _ => panic!("{text:.60}: found {found:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn ordinary_documents_pass() {
        check("", Ok(()));
        check("title: A *star* & a [bracket\nurl: https://example.org/?a=1&b=2", Ok(()));
        check("a: &x [1, 2]\nb: *x", Ok(()));
        check(&"- [a, b]\n".repeat(200), Ok(()));
        check(&"# a - b - c - d\n".repeat(5_000), Ok(()));
    }

    #[test]
    fn hostile_documents_are_refused_with_a_place() {
        check(&"x".repeat(MAX_BYTES + 1), Err("1:1: the document has 16777217 bytes, at most 16777216"));
        check(&"[".repeat(100_000), Err("1:1001: more than 1000 brackets are open"));
        check(&format!("a:\n  é{}", "{a: ".repeat(2_000)), Err("more than 1000 brackets"));
        check(&"[\"]\",".repeat(40_000), Err("nested deeper than 64 levels"));
        check(&"- ".repeat(100_000), Err("nested deeper than 64 levels"));
        check(&"? ".repeat(100_000), Err("nested deeper than 64 levels"));
        let ladder = (0..600).fold(String::new(), |ladder, depth| ladder + &" ".repeat(depth) + "a:\n");
        check(&ladder, Err("nested deeper than 64 levels"));
        check("a: &a [*a]", Err("1:8: an alias stands inside its own anchor"));
    }

    #[test]
    fn alias_bombs_are_counted_not_expanded() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..11 {
            let inner = format!("*a{}, ", level - 1).repeat(9);
            let _ = writeln!(bomb, "a{level}: &a{level} [{inner}]");
        }
        check(&bomb, Err("aliases add more than 100000 values"));
    }

    /// A find of `tests/fuzz`: a list of a million short values is read into a gigabyte.
    #[test]
    fn values_are_counted() {
        let list = |values: usize| format!("a: [{}]", "po, ".repeat(values));
        assert_eq!(Spans::of(&list(1_000)).map(|_| ()), Ok(()));
        let problem = Spans::of(&list(MAX_VALUES + 1)).unwrap_err();
        assert_eq!(problem.message, "more than 1000000 values");
    }

    #[test]
    fn paths_name_odd_keys_in_quotes() {
        assert_eq!(join("", "a"), "a");
        assert_eq!(join("a", "b"), "a.b");
        assert_eq!(item(&join("a", "b"), 2), "a.b[2]");
        assert_eq!(join("fetch.hosts", "reddit.com"), "fetch.hosts[\"reddit.com\"]");
        assert_eq!(join("", ""), "[\"\"]");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(?s).{0,300}") {
            let _ = guard(&text);
            let _ = Spans::of(&text);
        }

        #[test]
        fn no_yaml_like_text_panics(parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
            let text = parts.concat();
            let _ = guard(&text);
            if let Ok(spans) = Spans::of(&text) {
                for offset in 0..5 {
                    let _ = spans.inside(&text, "a", offset);
                }
            }
        }
    }

    /// What YAML is made of, and what breaks parsers.
    const PIECES: &[&str] = &[
        "a",
        "b: ",
        ":",
        "- ",
        "? ",
        "\n",
        "\n  ",
        "\n\t",
        " ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\"",
        "'",
        "&x ",
        "*x",
        "!t ",
        "!!str ",
        "|",
        ">",
        "|2-\n",
        "%YAML 1.2\n",
        "---",
        "\n---\n",
        "\n...\n",
        "#",
        "\\",
        "\\x",
        "\\u12",
        "\u{feff}",
        "é",
        "😀",
        "\0",
        "\r",
        "\r\n",
        "\u{85}",
        "\u{2028}",
        "<<: *x",
        "~",
        "@",
        "`",
        "0",
    ];
}
