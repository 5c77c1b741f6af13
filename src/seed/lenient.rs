//! Reading a seed value by value, for files in which some value has the wrong type: what is wrong is reported and left
//! out, the rest lives.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_yaml::{Mapping, Value};

use super::raw::{RawEntry, RawImage, RawProvider};
use super::report::{Report, name};
use super::tree::Tree;
use crate::model::{Place, Severity};
use crate::yaml::{Spans, YamlProblem, item, join};

/// Reads `text` value by value. What has the wrong type is reported and left out; of a key written twice
/// the last counts, but in the seed's own mapping that is an error, for nobody knows which was meant.
pub(super) fn read(text: &str, spans: &Spans, report: &mut Report) -> Result<RawEntry, YamlProblem> {
    let Tree(value) = serde_yaml::from_str(text).map_err(|error| problem(&error))?;
    for twice in spans.duplicates() {
        let is_own = !twice.path.contains(['.', '[']);
        let severity = if is_own { Severity::Error } else { Severity::Warning };
        let message = format!("`{}` is written twice", name(&twice.path));
        let help = match severity {
            Severity::Error => format!("line {} has it already: keep one", twice.first.line),
            _ => format!("line {} has it already: the last one counts", twice.first.line),
        };
        report.at(severity, twice.again, message).help(help);
    }
    match value {
        Value::Mapping(mapping) => Ok(Reader { report }.entry(mapping, "")),
        Value::Null => Err(YamlProblem { line: 1, column: 1, message: "the seed has no keys".to_owned() }),
        _ => {
            let Place { line, column, .. } = spans.value("").unwrap_or(Place { line: 1, column: 1, length: 0 });
            Err(YamlProblem { line, column, message: "a seed is a list of keys like `title: …`".to_owned() })
        }
    }
}

fn problem(error: &serde_yaml::Error) -> YamlProblem {
    let (line, column) = error.location().map_or((1, 1), |place| (place.line().max(1), place.column().max(1)));
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default().to_owned();
    YamlProblem { line, column, message }
}

/// Takes mappings apart and reports what has the wrong type.
struct Reader<'a> {
    report: &'a mut Report,
}

impl Reader<'_> {
    fn entry(&mut self, mapping: Mapping, path: &str) -> RawEntry {
        let mut raw = RawEntry::default();
        for (key, value) in mapping {
            let key = key_text(&key);
            let path = join(path, &key);
            match key.as_str() {
                "category" => raw.category = self.text(value, &path),
                "title" => raw.title = self.text(value, &path),
                "excerpt" => raw.excerpt = self.text(value, &path),
                "publishedDateTime" => raw.published_date_time = self.text(value, &path),
                "originalUrl" => raw.original_url = self.text(value, &path),
                "webUrl" => raw.web_url = self.text(value, &path),
                "ampWebUrl" => raw.amp_web_url = self.text(value, &path),
                "cdnAmpWebUrl" => raw.cdn_amp_web_url = self.text(value, &path),
                "type" => raw.kind = self.text(value, &path),
                "quality" => raw.quality = self.typed(value, &path, "no whole number"),
                "heat" => raw.heat = self.typed(value, &path, "no number"),
                "published" => raw.published = self.published(&value, &path),
                "provider" => raw.provider = self.provider(value, &path),
                "images" => {
                    raw.images = self.list(value, &path, Severity::Warning, Self::image);
                }
                "topics" => raw.topics = self.topics(value, &path),
                "related" => raw.related = self.list(value, &path, Severity::Error, Self::related),
                "secured" => raw.secured = Some(IgnoredAny),
                _ => {
                    raw.unknown.0.push(key);
                }
            }
        }
        raw
    }

    fn related(&mut self, value: Value, path: &str) -> RawEntry {
        if let Value::Mapping(mapping) = value {
            return self.entry(mapping, path);
        }
        let message = format!("this entry is skipped: it is {}, not a set of keys", sort(&value));
        self.report.warn(path, message);
        RawEntry { is_broken: true, ..RawEntry::default() }
    }

    fn provider(&mut self, value: Value, path: &str) -> Option<RawProvider> {
        let mapping = match value {
            Value::Mapping(mapping) => mapping,
            Value::Null => return None,
            other => {
                self.wrong(path, &other, "no `name` and `domain`");
                return Some(RawProvider { name: text_of(other), ..RawProvider::default() });
            }
        };
        let mut raw = RawProvider::default();
        for (key, value) in mapping {
            let key = key_text(&key);
            let path = join(path, &key);
            match key.as_str() {
                "name" => raw.name = self.text(value, &path),
                "domain" => raw.domain = self.text(value, &path),
                _ => {
                    raw.unknown.0.push(key);
                }
            }
        }
        Some(raw)
    }

    fn image(&mut self, value: Value, path: &str) -> RawImage {
        let mapping = match value {
            Value::Mapping(mapping) => mapping,
            // A bare address says what is meant.
            other => {
                self.wrong(path, &other, "no `url`, `width` and `height`");
                return RawImage { url: text_of(other), ..RawImage::default() };
            }
        };
        let mut raw = RawImage::default();
        for (key, value) in mapping {
            let key = key_text(&key);
            let path = join(path, &key);
            match key.as_str() {
                "url" => raw.url = self.text(value, &path),
                "width" => raw.width = self.typed(value, &path, "no number of pixels"),
                "height" => raw.height = self.typed(value, &path, "no number of pixels"),
                "isCached" => raw.is_cached = Some(IgnoredAny),
                _ => {
                    raw.unknown.0.push(key);
                }
            }
        }
        raw
    }

    fn topics(&mut self, value: Value, path: &str) -> Option<Vec<Option<String>>> {
        if matches!(value, Value::String(_)) {
            self.report.warn(path, "`topics` is no list").help("write each topic on a line of its own after `- `");
            return Some(vec![text_of(value)]);
        }
        self.list(value, path, Severity::Warning, Self::text)
    }

    /// Whether the seed is out is not to be guessed: what looks like a yes might have been a no.
    fn published(&mut self, value: &Value, path: &str) -> Option<bool> {
        match value {
            Value::Bool(published) => Some(*published),
            Value::Null => None,
            _ => {
                self.report.error(path, "`published` is neither `true` nor `false`");
                None
            }
        }
    }

    fn list<T>(
        &mut self,
        value: Value,
        path: &str,
        severity: Severity,
        mut read: impl FnMut(&mut Self, Value, &str) -> T,
    ) -> Option<Vec<T>> {
        let items = match value {
            Value::Sequence(items) => items,
            Value::Null => return None,
            other => {
                let message = format!("`{}` is {}, not a list", name(path), sort(&other));
                let report = match severity {
                    Severity::Error => self.report.error(path, message),
                    _ => self.report.warn(path, message),
                };
                report.help("write each item on a line of its own after `- `");
                return None;
            }
        };
        Some(items.into_iter().enumerate().map(|(index, value)| read(self, value, &item(path, index))).collect())
    }

    fn text(&mut self, value: Value, path: &str) -> Option<String> {
        if matches!(value, Value::Sequence(_) | Value::Mapping(_)) {
            self.wrong(path, &value, "no text");
        }
        text_of(value)
    }

    fn typed<T: for<'de> Deserialize<'de>>(&mut self, value: Value, path: &str, wanted: &str) -> Option<T> {
        if value.is_null() {
            return None;
        }
        let typed = serde_yaml::from_value(value).ok();
        if typed.is_none() {
            self.report.warn(path, format!("`{}` is {wanted} and does not count", name(path)));
        }
        typed
    }

    fn wrong(&mut self, path: &str, value: &Value, wanted: &str) {
        self.report.warn(path, format!("`{}` is {}: {wanted}", name(path), sort(value)));
    }
}

/// A key as text; keys that are lists or mappings have no name.
fn key_text(key: &Value) -> String {
    match key {
        Value::String(key) => key.clone(),
        Value::Sequence(_) | Value::Mapping(_) => "?".to_owned(),
        scalar => text_of(scalar.clone()).unwrap_or_else(|| "~".to_owned()),
    }
}

/// What a value is, for a message. Never the value itself.
fn sort(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a set of keys",
        Value::Tagged(_) => "a tagged value",
    }
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
