//! The tree against the table: every wrong value is found in one go, every right one is parsed.

mod single;

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::expand::Secrets;
use super::kind::{self, Default, Key, Kind};
use super::node::{At, Node, Raw, Value};
use super::scalar::{self, Trouble};
use crate::model::{Finding, MAX_FINDINGS, Place, Rule, Severity};
use crate::schedule::cron::Cron;
use crate::text::shorten;
use crate::yaml::Spans;

/// Characters of a wrong value that a message shows.
const SHOWN: usize = 60;

/// What [`Kind::Texts`] is where it is a list.
const TEXTS: Kind = Kind::List { item: &Kind::Text, least: 0, most: 100 };

/// One input file, walked.
pub(super) struct File {
    /// As the operator names it.
    pub name: String,
    pub text: String,
    pub spans: Spans,
}

/// A value that is right.
#[derive(Debug, Clone)]
pub(super) enum Checked {
    Null,
    Bool(bool),
    Count(u64),
    Text(String),
    Duration(Duration),
    Cron(Box<Cron>),
    Zone(TimeZone),
    Socket(SocketAddr),
    Cidr(IpAddr, u8),
    Rule(Rule),
    List(Vec<Checked>),
    /// As long as what is written: ten thousand sources are ten thousand of these.
    Map(Vec<(Cow<'static, str>, Checked)>),
}

impl Checked {
    /// The value at these keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |node, name| node.pairs().iter().find(|(key, _)| key == name).map(|(_, value)| value))
    }

    /// What a mapping holds; nothing where this is none.
    pub(super) fn pairs(&self) -> &[(Cow<'static, str>, Self)] {
        if let Self::Map(pairs) = self { pairs } else { &[] }
    }
}

/// Collects findings while checking.
pub(super) struct Checker<'a> {
    pub files: &'a [File],
    /// Of every crontab expression.
    pub zone: TimeZone,
    pub findings: Vec<Finding>,
    /// How many of them are errors.
    pub errors: usize,
}

impl Checker<'_> {
    /// Notes something about `place` in the file of `at`.
    pub(super) fn note(
        &mut self,
        severity: Severity,
        at: &At,
        place: Option<Place>,
        message: String,
        help: Option<String>,
    ) {
        let file = at.file.and_then(|file| self.files.get(file)).map_or("(default)", |file| file.name.as_str());
        self.findings.push(Finding { severity, file: file.to_owned(), place, message, help });
        self.errors += usize::from(severity == Severity::Error);
    }

    /// Notes an error about the value at `at`.
    pub(super) fn error(&mut self, at: &At, message: String, help: Option<String>) {
        let place = self.spans(at).and_then(|spans| spans.value(&at.path).or_else(|| spans.nearest(&at.path)));
        self.note(Severity::Error, at, place, message, help);
    }

    /// Where the value at `first` stands, for a message about `at`: `on line 3`, `at other.yaml:3`.
    pub(super) fn whereabouts(&self, first: &At, at: &At) -> String {
        let line = self.spans(first).and_then(|spans| spans.nearest(&first.path)).map_or(0, |place| place.line);
        match first.file.and_then(|file| self.files.get(file)) {
            Some(file) if first.file != at.file => format!("at {}:{line}", file.name),
            _ => format!("on line {line}"),
        }
    }

    pub(super) fn spans(&self, at: &At) -> Option<&Spans> {
        Some(&self.files.get(at.file?)?.spans)
    }

    /// Checks the keys of a mapping, and fills in defaults.
    pub(super) fn object(&mut self, node: &Node, keys: &'static [Key]) -> Option<Checked> {
        let pairs = match &node.value {
            Value::Map(pairs) => pairs.as_slice(),
            // A section whose every line is commented out.
            Value::Null => &[],
            _ => return self.wrong(node, &Kind::Object(keys), Trouble::default()),
        };
        for (at, (name, node)) in pairs.iter().enumerate() {
            match keys.iter().find(|key| key.name == name) {
                None if self.errors <= MAX_FINDINGS => self.unknown(name, &node.at, keys),
                // Only the last of a key that is written twice is used, but the others' mistakes are told too.
                Some(key) if pairs.iter().skip(at + 1).any(|(later, _)| later == name) => {
                    self.forgotten(node, &key.kind);
                }
                _ => {}
            }
        }
        let mut checked = Vec::with_capacity(keys.len());
        for key in keys {
            let value = match node.get(key.name) {
                Some(Node { value: Value::Null, .. }) if key.default == Default::Nothing => Some(Checked::Null),
                Some(Node { value: Value::Null, .. }) if may_be_empty(&key.kind) => self.default(key),
                Some(node) => self.value(node, &key.kind),
                None if key.default == Default::Required => {
                    self.error(&node.at, format!("`{}` is missing: expected {}", key.name, key.kind.expected()), None);
                    None
                }
                None => self.default(key),
            };
            checked.push((Cow::Borrowed(key.name), value.unwrap_or(Checked::Null)));
        }
        Some(Checked::Map(checked))
    }

    /// Checks the value of a key that is written again further down: its place is known by its key only.
    fn forgotten(&mut self, node: &Node, kind: &'static Kind) {
        let before = self.findings.len();
        let _ = self.value(node, kind);
        let duplicates = self.spans(&node.at).map(Spans::duplicates).unwrap_or_default();
        let place = duplicates.iter().find(|duplicate| duplicate.path == node.at.path).map(|duplicate| duplicate.first);
        self.findings.iter_mut().skip(before).for_each(|finding| finding.place = place);
    }

    fn default(&mut self, key: &'static Key) -> Option<Checked> {
        match (key.default, &key.kind) {
            (Default::Yaml(text), kind) => {
                let raw: Raw = serde_yaml::from_str(text).ok()?;
                self.value(&default_node(raw), kind)
            }
            (Default::Section, Kind::Object(keys)) => self.object(&default_node(Raw::Null), keys),
            _ => Some(Checked::Null),
        }
    }

    /// Checks one value.
    pub(super) fn value(&mut self, node: &Node, kind: &'static Kind) -> Option<Checked> {
        match (kind, &node.value) {
            (Kind::Object(keys), _) => self.object(node, keys),
            (Kind::List { item, least, most }, Value::List(items)) => {
                if items.len() < *least || items.len() > *most {
                    let message = format!("`{}` has {} values, it needs {least} to {most}", node.at.path, items.len());
                    self.error(&node.at, message, None);
                }
                Some(Checked::List(items.iter().map(|node| self.value(node, item).unwrap_or(Checked::Null)).collect()))
            }
            (Kind::Texts, Value::List(_)) => self.value(node, &TEXTS),
            (Kind::Texts, Value::Text(_)) => self.value(node, &Kind::Text).map(|text| Checked::List(vec![text])),
            (Kind::Map { key, item }, Value::Map(pairs)) => Some(self.map(pairs, key, item)),
            (_, Value::Bool(value)) if matches!(kind, Kind::Bool) => Some(Checked::Bool(*value)),
            (Kind::Count { least, most }, Value::Number(Some(number), _)) => {
                self.bounded(node, *number, *least, *most, |number| number.to_string()).map(Checked::Count)
            }
            (Kind::Size { least, most }, Value::Number(Some(bytes), _)) => {
                self.bounded(node, *bytes, *least, *most, scalar::show_size).map(Checked::Count)
            }
            (_, Value::Text(text)) => self.text(node, text, kind),
            (_, Value::Number(..) | Value::Bool(_)) if is_free_text(kind) => {
                self.wrong(node, kind, Trouble { help: Some("put it in quotes".to_owned()), ..Trouble::default() })
            }
            _ => self.wrong(node, kind, Trouble::default()),
        }
    }

    fn map(&mut self, pairs: &[(String, Node)], key: &'static Kind, item: &'static Kind) -> Checked {
        let mut checked = Vec::new();
        for (name, node) in pairs {
            let parsed = if matches!(key, Kind::Endpoint) { scalar::endpoint(name) } else { scalar::host(name) };
            match parsed {
                Ok(host) => {
                    if let Some(value) = self.value(node, item) {
                        checked.push((Cow::Owned(host), value));
                    }
                }
                Err(trouble) => {
                    let place = self.spans(&node.at).and_then(|spans| spans.key(&node.at.path));
                    let message = format!("expected {} as a key, found `{}`", key.expected(), shorten(name, SHOWN));
                    self.note(Severity::Error, &node.at, place, message, trouble.help);
                }
            }
        }
        Checked::Map(checked)
    }

    fn unknown(&mut self, name: &str, at: &At, keys: &'static [Key]) {
        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
        let help = suggest(name, &names).map(did_you_mean).or_else(|| {
            let section = super::table::ROOT.iter().find(|section| match section.kind {
                Kind::Object(keys) => keys.iter().any(|key| key.name == name),
                _ => false,
            });
            section.map(|section| format!("`{name}` belongs into `{}`", section.name))
        });
        let help = help.unwrap_or_else(|| format!("known here: {}", kind::list(&names).replace(" or ", " and ")));
        let place = self.spans(at).and_then(|spans| spans.key(&at.path).or_else(|| spans.nearest(&at.path)));
        self.note(Severity::Error, at, place, format!("unknown key `{}`", shorten(name, SHOWN)), Some(help));
    }
}

fn default_node(raw: Raw) -> Node {
    let nothing = |_: &str| Err(String::new());
    Node::of(raw, None, &Secrets { variable: &nothing, file: &nothing }, &mut Vec::new())
}

/// Lists and sections may be left empty while their content is commented out.
fn may_be_empty(kind: &Kind) -> bool {
    matches!(kind, Kind::List { .. } | Kind::Map { .. } | Kind::Object(_))
}

fn is_free_text(kind: &Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Path | Kind::Slug | Kind::Rule | Kind::Token)
}

fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

/// The word most like `name`, if one is near: one slip for each three letters.
fn suggest<'a>(name: &str, words: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase().replace('-', "_");
    let distance = |word: &str| strsim::damerau_levenshtein(&name, &word.to_lowercase().replace('-', "_"));
    let best = words.iter().min_by_key(|word| distance(word))?;
    let is_near = distance(best) <= (name.chars().count().max(3)) / 3;
    let is_part = name.len() >= 4 && (best.starts_with(&name) || name.starts_with(*best));
    (is_near || is_part).then_some(*best)
}
