//! Findings for people: the place, the line, what is wrong and what to do.
//!
//! In come findings and the texts of their files; out goes text for a terminal or a log. Lines that belong to
//! `secured:` are never shown, passwords and tokens in addresses are starred, and control characters are made harmless.

use std::collections::{BTreeMap, BTreeSet};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

use crate::model::{Finding, Place, Severity};

/// Characters of a line that are shown at most; beyond, only the place is named.
const MAX_LINE: usize = 2_000;

/// Renders `findings`, one after the other, each closed by an empty line.
///
/// `sources` holds the text of each file by the name in the findings; without it, the line is not shown.
#[must_use]
pub fn render(findings: &[Finding], sources: &BTreeMap<String, String>, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut files: BTreeMap<&str, Lines<'_>> = BTreeMap::new();
    let mut report = String::new();
    for finding in findings {
        let lines = sources
            .get_key_value(&finding.file)
            .map(|(name, text)| &*files.entry(name).or_insert_with(|| Lines::of(text, &named(findings, name))));
        report.push_str(&one(finding, lines, &renderer));
        report.push_str("\n\n");
    }
    report
}

/// The lines of `file` that findings name.
fn named(findings: &[Finding], file: &str) -> BTreeSet<usize> {
    let here = findings.iter().filter(|finding| finding.file == file);
    here.filter_map(|finding| finding.place.map(|place| place.line)).collect()
}

fn one(finding: &Finding, lines: Option<&Lines<'_>>, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(normalize_untrusted_str(&finding.message));
    let path = normalize_untrusted_str(&finding.file);
    let line = finding.place.and_then(|place| Some((place, lines?.shown(place)?)));
    let mut group = match (&line, finding.place) {
        (Some((place, line)), _) => {
            let annotation = AnnotationKind::Primary.span(underlined(line, *place));
            Group::with_title(title)
                .element(Snippet::source(line.as_str()).line_start(place.line).path(path).annotation(annotation))
        }
        (None, Some(place)) => {
            Group::with_title(title).element(Origin::path(path).line(place.line).char_column(place.column))
        }
        (None, None) => Group::with_title(title).element(Origin::path(path)),
    };
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    renderer.render(&[group])
}

/// The bytes of `line` to underline: what the place says, else to the end of the word.
fn underlined(line: &str, place: Place) -> std::ops::Range<usize> {
    let byte_of = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(byte, _)| byte);
    let start = byte_of(place.column.saturating_sub(1));
    let rest = line.get(start..).unwrap_or_default();
    let end = if place.length > 0 {
        byte_of(place.column.saturating_sub(1).saturating_add(place.length))
    } else {
        rest.find(|c: char| c.is_whitespace() || c == ',').map_or(line.len(), |length| start + length)
    };
    start..end.max(start)
}

/// Lines of a file by their numbers, each with whether it belongs to a `secured` key.
struct Lines<'a>(BTreeMap<usize, (&'a str, bool)>);

impl<'a> Lines<'a> {
    /// The lines `named`. What belongs to a key is told by indentation, and generously: a value is over where a key
    /// stands that is not deeper than `secured` did.
    fn of(text: &'a str, named: &BTreeSet<usize>) -> Self {
        let mut secured_at: Option<usize> = None;
        let lines = text.lines().enumerate().map(|(number, line)| {
            if let Some(indent) = secured_key(line) {
                secured_at = Some(secured_at.map_or(indent, |known| known.min(indent)));
            } else if secured_at.is_some_and(|at| ends(line, at)) {
                secured_at = None;
            }
            (number + 1, (line, secured_at.is_some()))
        });
        Self(lines.filter(|(number, _)| named.contains(number)).collect())
    }

    /// The line of `place`, fit to be shown; `None` where it is secret, too long or not there.
    fn shown(&self, place: Place) -> Option<String> {
        let (line, is_secured) = self.0.get(&place.line)?;
        if *is_secured || line.chars().nth(MAX_LINE).is_some() {
            return None;
        }
        Some(star(line.trim_start_matches('\u{feff}')))
    }
}

/// Where a key `secured` begins in `line`: after a dash or brace that is deeper than the line itself.
fn secured_key(line: &str) -> Option<usize> {
    line.match_indices("secured").find_map(|(at, word)| {
        let before = line.get(..at)?;
        let after = line.get(at + word.len()..)?.trim_start_matches(['"', '\'']).trim_start();
        let is_key = after.starts_with(':') || before.trim_start().starts_with('?');
        is_key.then(|| at - usize::from(before.ends_with(['"', '\''])))
    })
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Whether `line` ends what a key `at` this indentation holds: a list item may stand as far left as its key.
fn ends(line: &str, at: usize) -> bool {
    let (depth, line) = (indent(line), line.trim_start());
    let rest = line.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | '\''));
    let is_key = rest.len() < line.len() && (rest.starts_with(": ") || rest.trim_end() == ":");
    (depth == 0 && line.starts_with("---")) || (depth <= at && is_key) || (depth < at && line.starts_with("- "))
}

/// Query keys whose value is a secret when they hold one of these.
const TOKENS: &[&str] = &["token", "key", "secret", "auth", "pass", "sig", "code"];

/// `line` with user info and token-like query values of addresses starred, letter by letter so that columns stay.
fn star(line: &str) -> String {
    let mut chars: Vec<char> = line.chars().collect();
    let mut at = 0;
    while let Some(found) =
        chars.get(at..).and_then(|rest| rest.windows(3).position(|window| window == [':', '/', '/']))
    {
        let start = at + found + 3;
        // Not to the next blank: a password may hold one by mistake, and that may be the finding.
        let is_inside = |c: &char| !matches!(c, '"' | '\'' | '<' | '>' | '`');
        let length = chars.get(start..).map_or(0, |rest| rest.iter().take_while(|c| is_inside(c)).count());
        if let Some(address) = chars.get_mut(start..start + length) {
            star_address(address);
        }
        at = start + length;
    }
    chars.into_iter().collect()
}

fn star_address(address: &mut [char]) {
    let authority = address.iter().position(|c| matches!(c, '/' | '?' | '#')).unwrap_or(address.len());
    let user_info = address.iter().take(authority).rposition_of('@').unwrap_or(0);
    address.iter_mut().take(user_info).for_each(|c| *c = '*');
    let Some(query) = address.iter().position(|c| *c == '?') else { return };
    let mut name = String::new();
    let mut is_value = false;
    for c in address.iter_mut().skip(query + 1) {
        match *c {
            '&' | ';' | '#' | ',' | ' ' | '\t' => {
                name.clear();
                is_value = false;
            }
            '=' if !is_value => is_value = true,
            _ if is_value && TOKENS.iter().any(|token| name.contains(token)) => *c = '*',
            _ if is_value => {}
            letter => name.extend(letter.to_lowercase()),
        }
    }
}

/// Where the last of something stands.
trait PositionOfLast {
    fn rposition_of(self, wanted: char) -> Option<usize>;
}

impl<'a, I: Iterator<Item = &'a char>> PositionOfLast for I {
    fn rposition_of(self, wanted: char) -> Option<usize> {
        self.enumerate().filter(|(_, c)| **c == wanted).map(|(at, _)| at).last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: usize, column: usize, length: usize) -> Finding {
        let place = Some(Place { line, column, length });
        Finding { severity: Severity::Error, file: "a.yaml".to_owned(), place, message: "wrong".to_owned(), help: None }
    }

    fn shown(text: &str, finding: &Finding) -> String {
        render(std::slice::from_ref(finding), &BTreeMap::from([("a.yaml".to_owned(), text.to_owned())]), false)
    }

    #[test]
    fn the_line_and_the_place_are_shown() {
        let text = "site:\n  titel: Ähren\n";
        let finding = Finding { help: Some("did you mean `title`?".to_owned()), ..finding(2, 3, 5) };
        insta::assert_snapshot!(shown(text, &finding).trim_end(), @r"
        error: wrong
         --> a.yaml:2:3
          |
        2 |   titel: Ähren
          |   ^^^^^
          |
          = help: did you mean `title`?
        ");
    }

    #[test]
    fn secured_lines_are_never_shown() {
        let check = |text: &str, line: usize, expect: bool| {
            let shown = shown(text, &finding(line, 1, 0));
            assert_eq!(!shown.contains("s3cret"), expect, "{text}\n{shown}");
            assert!(shown.contains(&format!("a.yaml:{line}:1")), "{shown}");
        };
        check("secured: s3cret\n", 1, true);
        check("secured:\n  key: s3cret\ntitle: x\n", 2, true);
        check("secured:\n- s3cret\n", 2, true);
        check("secured: |\n\n  - s3cret\n", 3, true);
        check("related:\n  - webUrl: x\n    secured:\n      a: s3cret\n    title: x\n", 4, true);
        check("{\"secured\": {\"a\":\n\"s3cret\"}}", 2, true);
        check("- {title: x, 'secured' : s3cret}\n", 1, true);
        check("? secured\n: s3cret\n", 2, true);
        check("secured:\n  key: x\ntitle: s3cret\n", 3, false);
        check("title: A s3cret secured by law\n", 1, false);
    }

    #[test]
    fn tokens_in_addresses_are_starred() {
        let check = |line: &str, expect: &str| assert_eq!(star(line), expect);
        check("url: https://a.example/x?w=1200&h=2", "url: https://a.example/x?w=1200&h=2");
        check("url: \"https://u:pw@a.example/?api_key=abc&w=1\"", "url: \"https://****@a.example/?api_key=***&w=1\"");
        check("- https://a.example/@me?TOKEN=ab#c", "- https://a.example/@me?TOKEN=**#c");
        check("url: https://u:p w@a.example/?sig=abc, x", "url: https://*****@a.example/?sig=***, x");
        check("no address: //", "no address: //");
    }

    #[test]
    fn odd_places_do_no_harm() {
        for (line, column, length) in
            [(0, 0, 0), (9, 9, 9), (1, 900, 3), (1, 2, usize::MAX), (1, usize::MAX, usize::MAX)]
        {
            let shown = shown("é\u{1b}[31m\n", &finding(line, column, length));
            assert!(!shown.contains('\u{1b}'), "{shown:?}");
        }
    }
}
