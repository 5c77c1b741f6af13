//! The tree against the table: every wrong value is found in one go, every right one is parsed.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::expand::Secrets;
use super::kind::{self, Default, Key, Kind};
use super::node::{At, Node, Raw, Value};
use super::scalar::{self, Trouble};
use crate::model::{Finding, Place, Rule, Severity, StoryId};
use crate::schedule::cron::Cron;
use crate::text::shorten;
use crate::yaml::Spans;

/// Characters of a wrong value that a message shows.
const SHOWN: usize = 60;

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
    Map(BTreeMap<String, Checked>),
}

impl Checked {
    /// The value at these keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| if let Self::Map(map) = node { map.get(*name) } else { None })
    }
}

/// Collects findings while checking.
pub(super) struct Checker<'a> {
    pub files: &'a [File],
    /// Of every crontab expression.
    pub zone: TimeZone,
    pub findings: Vec<Finding>,
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
            let is_last = pairs.iter().skip(at + 1).all(|(later, _)| later != name);
            match keys.iter().find(|key| key.name == name) {
                None => self.unknown(name, &node.at, keys),
                // Only the last of a key that is written twice is used, but the others' mistakes are told too.
                Some(key) if !is_last => self.forgotten(node, &key.kind),
                Some(_) => {}
            }
        }
        let mut checked = BTreeMap::new();
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
            checked.insert(key.name.to_owned(), value.unwrap_or(Checked::Null));
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
        let mut checked = BTreeMap::new();
        for (name, node) in pairs {
            let parsed = if matches!(key, Kind::Endpoint) { scalar::endpoint(name) } else { scalar::host(name) };
            match parsed {
                Ok(host) => {
                    if let Some(value) = self.value(node, item) {
                        checked.insert(host, value);
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

    fn text(&mut self, node: &Node, text: &str, kind: &'static Kind) -> Option<Checked> {
        let owned = |text: String| Checked::Text(text);
        let parsed = match kind {
            Kind::Text | Kind::Path if text.trim().is_empty() => Err(Trouble::default()),
            Kind::Text | Kind::Path => Ok(Checked::Text(text.trim().to_owned())),
            // What comes from outside is text, whatever it says.
            Kind::Bool if node.is_expanded => text.parse().map(Checked::Bool).map_err(|_| Trouble::default()),
            Kind::Count { .. } | Kind::Duration { .. } | Kind::Size { .. } => return self.quantity(node, text, kind),
            Kind::Choice(words) => one_of(text, words),
            Kind::Format => one_of(text, &kind::formats()),
            Kind::Cron => Cron::parse(text, &self.zone)
                .map(|cron| Checked::Cron(Box::new(cron)))
                .map_err(|problem| Trouble { offset: Some(problem.offset), ..Trouble::why(problem.message) }),
            Kind::Rule => crate::topic::parse_rule(text)
                .map(Checked::Rule)
                .map_err(|error| Trouble { offset: Some(error.offset), ..Trouble::why(error.message) }),
            Kind::Zone => TimeZone::get(text).map(Checked::Zone).map_err(|_| Trouble::default()),
            Kind::BaseUrl => scalar::base_url(text).map(owned),
            Kind::Url => scalar::web_address(text).map(|_| owned(text.to_owned())),
            Kind::ArticleOrStory if text.parse::<StoryId>().is_ok() => Ok(owned(text.to_owned())),
            Kind::ArticleOrStory => scalar::web_address(text).map(|_| owned(text.to_owned())),
            Kind::Contact => scalar::contact(text).map(owned),
            Kind::TagAuthority => scalar::tag_authority(text).map(owned),
            Kind::Listen => scalar::listen(text).map(Checked::Socket),
            Kind::Target => scalar::target(text).map(Checked::Socket),
            Kind::Cidr => scalar::cidr(text).map(|(address, bits)| Checked::Cidr(address, bits)),
            Kind::Host => scalar::host(text).map(owned),
            Kind::Endpoint => scalar::endpoint(text).map(owned),
            Kind::Store => scalar::store(text).map(owned),
            Kind::Slug => scalar::slug(text).map(owned),
            Kind::Bool | Kind::List { .. } | Kind::Map { .. } | Kind::Object(_) => Err(Trouble::default()),
        };
        parsed.map_err(|trouble| self.wrong(node, kind, trouble)).ok()
    }

    fn quantity(&mut self, node: &Node, text: &str, kind: &'static Kind) -> Option<Checked> {
        let parsed = match kind {
            Kind::Duration { least_s, most_s } => scalar::duration(text).map(|found| {
                let millis = u64::try_from(found.as_millis()).unwrap_or(u64::MAX);
                let (least, most) = (least_s.saturating_mul(1000), most_s.saturating_mul(1000));
                self.bounded(node, millis, least, most, scalar::show_duration).map(|_| Checked::Duration(found))
            }),
            Kind::Size { least, most } => scalar::size(text)
                .map(|bytes| self.bounded(node, bytes, *least, *most, scalar::show_size).map(Checked::Count)),
            Kind::Count { least, most } if node.is_expanded => text
                .parse()
                .map(|number| {
                    self.bounded(node, number, *least, *most, |number| number.to_string()).map(Checked::Count)
                })
                .map_err(|_| Trouble::default()),
            _ => Err(Trouble::default()),
        };
        parsed.unwrap_or_else(|trouble| self.wrong(node, kind, trouble))
    }

    fn bounded(&mut self, node: &Node, value: u64, least: u64, most: u64, show: fn(u64) -> String) -> Option<u64> {
        if (least..=most).contains(&value) {
            return Some(value);
        }
        let found = if node.is_expanded { "another value".to_owned() } else { show(value) };
        let message = format!("`{}` is {} to {}, found {found}", node.at.path, show(least), show(most));
        self.error(&node.at, message, None);
        None
    }

    /// Notes that a value is not what was expected. What came from `${…}` is not shown, nor is what quotes it.
    fn wrong(&mut self, node: &Node, kind: &Kind, trouble: Trouble) -> Option<Checked> {
        let name = if node.at.path.is_empty() { "the file" } else { &node.at.path };
        let message = match (&trouble.why, node.is_expanded) {
            (_, true) => {
                format!("`{name}`: expected {}, found something else in `${{…}}`, which is not shown", kind.expected())
            }
            (Some(why), false) if trouble.offset.is_some() => format!("`{name}`: {why}"),
            (Some(why), false) => {
                format!("`{name}`: expected {}, found {}: {why}", kind.expected(), found(&node.value))
            }
            (None, false) => format!("`{name}`: expected {}, found {}", kind.expected(), found(&node.value)),
        };
        let help = trouble.help.filter(|_| !node.is_expanded);
        let place = trouble.offset.filter(|_| !node.is_expanded).and_then(|offset| {
            let file = self.files.get(node.at.file?)?;
            file.spans.inside(&file.text, &node.at.path, offset)
        });
        match place {
            Some(place) => self.note(Severity::Error, &node.at, Some(place), message, help),
            None => self.error(&node.at, message, help),
        }
        None
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
    matches!(kind, Kind::Text | Kind::Path | Kind::Slug | Kind::Rule)
}

fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(_, text) => format!("the number {text}"),
        Value::Text(text) if text.is_empty() => "empty text".to_owned(),
        // An address may hold a token.
        Value::Text(text) if text.contains("://") => format!("`{}`", shorten(&crate::url::mask(text), SHOWN)),
        Value::Text(text) => format!("`{}`", shorten(text, SHOWN)),
        Value::Tagged(tag) => format!("a value with the tag `!{}`", shorten(tag.trim_start_matches('!'), SHOWN)),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "keys and values".to_owned(),
    }
}

fn one_of(text: &str, words: &[&str]) -> Result<Checked, Trouble> {
    if words.contains(&text) {
        return Ok(Checked::Text(text.to_owned()));
    }
    Err(Trouble { help: suggest(text, words).map(did_you_mean), ..Trouble::default() })
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
