//! Where each key and value of a document stands.

use std::collections::BTreeMap;

use saphyr_parser::{Event, ScalarStyle, Span};

use super::{YamlProblem, item, join, walk::walk};
use crate::model::{MAX_FINDINGS, Place};

/// A key written twice in one mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The path of the key.
    pub path: String,
    /// Where it stands first.
    pub first: Place,
    /// Where it stands again.
    pub again: Place,
}

/// Places of the keys and values of one document, by path (`related[2].webUrl`; the whole has the empty path).
///
/// Of a key that is written twice, the last counts. What an alias repeats has no places of its own.
#[derive(Debug, Clone, Default)]
pub struct Spans {
    nodes: BTreeMap<String, Node>,
    duplicates: Vec<Duplicate>,
    first_line: usize,
}

/// One value.
#[derive(Debug, Clone)]
struct Node {
    key: Option<Place>,
    value: Place,
    style: Option<ScalarStyle>,
}

/// A collection that is open while walking.
#[derive(Debug)]
enum Open {
    List {
        path: String,
        next: usize,
    },
    /// `key` is set between a key and its value.
    Map {
        path: String,
        key: Option<(String, Place)>,
        is_key_complex: bool,
    },
}

impl Spans {
    /// Walks `text`, a whole file.
    ///
    /// # Errors
    /// As [`super::guard`], and on broken syntax or a second document.
    pub fn of(text: &str) -> Result<Self, YamlProblem> {
        Self::starting_at(text, 1)
    }

    /// Walks `text`, whose first line is line `first_line` of its file (front matter starts at 2).
    ///
    /// # Errors
    /// As [`Spans::of`]; the problem has the file's lines.
    pub fn starting_at(text: &str, first_line: usize) -> Result<Self, YamlProblem> {
        super::unusual(text).map_err(|problem| problem.starting_at(first_line))?;
        let mut walker = Walker { spans: Self { first_line, ..Self::default() }, open: Vec::new() };
        walk(text, |event, span| walker.take(event, span)).map_err(|problem| problem.starting_at(first_line))?;
        Ok(walker.spans)
    }

    /// Where the key of `path` stands; `None` for list items and unknown paths.
    #[must_use]
    pub fn key(&self, path: &str) -> Option<Place> {
        self.nodes.get(path)?.key
    }

    /// Where the value of `path` starts. Its length is 0 when it spans lines or is a block.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<Place> {
        Some(self.nodes.get(path)?.value)
    }

    /// The key of `path`, else its value, else the same of the nearest collection around it.
    #[must_use]
    pub fn nearest(&self, path: &str) -> Option<Place> {
        let mut path = path;
        loop {
            if let Some(node) = self.nodes.get(path) {
                return Some(node.key.unwrap_or(node.value));
            }
            let end = path.rfind(['.', '['])?;
            path = path.get(..end)?;
        }
    }

    /// Keys written twice in one mapping, in the document's order; of many the first [`MAX_FINDINGS`].
    #[must_use]
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    /// Where byte `offset` of the decoded scalar at `path` stands in `text` (the text that was walked).
    ///
    /// Exact for scalars on one line, plain or quoted; the start of the value for others.
    #[must_use]
    pub fn inside(&self, text: &str, path: &str, offset: usize) -> Option<Place> {
        let node = self.nodes.get(path)?;
        let start = Place { length: 0, ..node.value };
        if node.value.length == 0 {
            return Some(start);
        }
        let line = text.lines().nth(start.line.checked_sub(self.first_line)?)?;
        let raw: Vec<char> = line.chars().skip(start.column - 1).take(node.value.length).collect();
        let (mut at, mut decoded) = match node.style {
            Some(ScalarStyle::Plain) => (0, 0),
            Some(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) => (1, 0),
            _ => return Some(start),
        };
        while decoded < offset && at < raw.len() {
            let (width, bytes) = unit(raw.get(at..).unwrap_or_default(), node.style);
            at += width;
            decoded += bytes;
        }
        Some(Place { column: start.column + at, length: 1, ..start })
    }
}

/// How many characters the next decoded character takes in the source, and how many bytes when decoded.
fn unit(raw: &[char], style: Option<ScalarStyle>) -> (usize, usize) {
    let bytes_of = |digits: usize| {
        let hex: String = raw.iter().skip(2).take(digits).collect();
        u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32).map_or(1, char::len_utf8)
    };
    match (style, raw) {
        (Some(ScalarStyle::DoubleQuoted), ['\\', 'x', ..]) => (4, bytes_of(2)),
        (Some(ScalarStyle::DoubleQuoted), ['\\', 'u', ..]) => (6, bytes_of(4)),
        (Some(ScalarStyle::DoubleQuoted), ['\\', 'U', ..]) => (10, bytes_of(8)),
        (Some(ScalarStyle::DoubleQuoted), ['\\', 'N' | '_', ..]) => (2, 2),
        (Some(ScalarStyle::DoubleQuoted), ['\\', 'L' | 'P', ..]) => (2, 3),
        (Some(ScalarStyle::SingleQuoted), ['\'', '\'', ..]) | (Some(ScalarStyle::DoubleQuoted), ['\\', _, ..]) => {
            (2, 1)
        }
        (_, [first, ..]) => (1, first.len_utf8()),
        (_, []) => (1, 1),
    }
}

/// Follows the events and notes where things stand.
struct Walker {
    spans: Spans,
    open: Vec<Open>,
}

impl Walker {
    fn take(&mut self, event: &Event<'_>, span: Span) {
        match event {
            Event::Scalar(text, style, _, _) => self.scalar(text, span, Some(*style)),
            Event::Alias(_) => self.scalar("*", span, None),
            Event::SequenceStart(..) => {
                let path = self.collection(span);
                self.open.push(Open::List { path, next: 0 });
            }
            Event::MappingStart(..) => {
                let path = self.collection(span);
                self.open.push(Open::Map { path, key: None, is_key_complex: false });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                // A collection that was a key is complete: what comes next is its value.
                if let Some(Open::Map { key, is_key_complex, .. }) = self.open.last_mut()
                    && std::mem::take(is_key_complex)
                {
                    *key = Some(("?".to_owned(), Place::default()));
                }
            }
            _ => {}
        }
    }

    /// Takes a scalar: as a key where one is due, else as a value.
    fn scalar(&mut self, text: &str, span: Span, style: Option<ScalarStyle>) {
        let place = self.place(span);
        let Some(Open::Map { path, key: key @ None, .. }) = self.open.last_mut() else {
            self.value(span, style);
            return;
        };
        let path = join(path, text);
        if let Some(first) = self.spans.nodes.get(&path).and_then(|node| node.key)
            && self.spans.duplicates.len() < MAX_FINDINGS
        {
            self.spans.duplicates.push(Duplicate { path: path.clone(), first, again: place });
        }
        *key = Some((path, place));
    }

    /// Notes a collection that starts, and gives its path.
    fn collection(&mut self, span: Span) -> String {
        if let Some(Open::Map { path, key: None, is_key_complex }) = self.open.last_mut() {
            *is_key_complex = true;
            return join(path, "?");
        }
        self.value(span, None)
    }

    /// Notes a value, and gives its path.
    fn value(&mut self, span: Span, style: Option<ScalarStyle>) -> String {
        let value = self.place(span);
        let (path, key) = match self.open.last_mut() {
            None => (String::new(), None),
            Some(Open::List { path, next }) => {
                *next += 1;
                (item(path, *next - 1), None)
            }
            Some(Open::Map { key, .. }) => {
                key.take().map_or_else(Default::default, |(path, place)| (path, Some(place)))
            }
        };
        self.spans.nodes.insert(path.clone(), Node { key, value, style });
        path
    }

    fn place(&self, span: Span) -> Place {
        let is_one_line = span.start.line() == span.end.line();
        Place {
            line: span.start.line().max(1).saturating_add(self.spans.first_line.saturating_sub(1)),
            column: span.start.col() + 1,
            length: if is_one_line { span.end.col().saturating_sub(span.start.col()) } else { 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &str = "title: \"A: b\"\nrelated:\n  - webUrl: https://a.example/\n    é: 1\n  - {webUrl: 'it''s', n: [x, yy]}\nempty:\nnote: |\n  text\n";

    /// `expect` is `key place / value place`, each `line:column+length`.
    fn check(text: &str, path: &str, expect: &str) {
        let spans = Spans::of(text).unwrap();
        let show =
            |place: Option<Place>| place.map_or("-".to_owned(), |p| format!("{}:{}+{}", p.line, p.column, p.length));
        assert_eq!(format!("{} / {}", show(spans.key(path)), show(spans.value(path))), expect, "{path}");
    }

    #[test]
    fn every_value_has_its_place() {
        check(SEED, "title", "1:1+5 / 1:8+6");
        check(SEED, "related", "2:1+7 / 3:3+0");
        check(SEED, "related[0]", "- / 3:5+0");
        check(SEED, "related[0].webUrl", "3:5+6 / 3:13+18");
        check(SEED, "related[0].é", "4:5+1 / 4:8+1");
        check(SEED, "related[1].webUrl", "5:6+6 / 5:14+7");
        check(SEED, "related[1].n[1]", "- / 5:30+2");
        check(SEED, "note", "7:1+4 / 8:3+0");
        check(SEED, "missing", "- / -");
        check("hosts: {reddit.com: 1}", "hosts[\"reddit.com\"]", "1:9+10 / 1:21+1");
        check("? [a, b]\n: c\nd: e", "d", "3:1+1 / 3:4+1");
        check("\u{feff}a: b", "a", "1:1+1 / 1:4+1");
        check("a: b\r\nc: d\r\n", "c", "2:1+1 / 2:4+1");
    }

    #[test]
    fn duplicates_have_both_places() {
        let spans = Spans::starting_at("a: 1\nb: {c: 1, c: 2}\na: 2\n", 2).unwrap();
        let found: Vec<_> =
            spans.duplicates().iter().map(|d| (d.path.as_str(), d.first.line, d.again.line, d.again.column)).collect();
        assert_eq!(found, [("b.c", 3, 3, 11), ("a", 2, 4, 1)]);
    }

    #[test]
    fn problems_have_the_lines_of_the_file() {
        let problem = Spans::starting_at("a: 1\nb: [", 2).unwrap_err();
        assert_eq!(problem.line, 3, "{problem}");
        let problem = Spans::of("a: 1\n---\nb: 2").unwrap_err();
        assert_eq!(
            (problem.line, problem.message.as_str()),
            (2, "a second document starts here, one file is one document")
        );
    }

    #[test]
    fn offsets_inside_scalars_are_exact_on_one_line() {
        let check = |text: &str, offset, column| {
            assert_eq!(Spans::of(text).unwrap().inside(text, "a", offset).unwrap().column, column, "{text} {offset}");
        };
        check("a: hello", 2, 6);
        check("a: héllo", 3, 6);
        check("a: 'it''s x'", 4, 10);
        check("a: \"\\u00e9\\\"x\"", 3, 13);
        check("a: |\n  hello", 2, 3);
    }

    #[test]
    fn the_nearest_place_is_of_what_is_around() {
        let spans = Spans::of(SEED).unwrap();
        assert_eq!(spans.nearest("related[1].images[0].url").unwrap().line, 5);
        assert_eq!(spans.nearest("nothing"), None);
    }
}
