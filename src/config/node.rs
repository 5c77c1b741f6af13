//! The tree of what the files say, each value with the file and path it came from.
//!
//! In comes YAML text, out goes one merged tree. Values are not judged here; secrets are expanded here.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::expand::{Secrets, expand};
use super::kind::Key;
use crate::yaml::{item, join};

/// Where a value stands: which file, and its path there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At {
    /// Index of the file, `None` for a default of the table.
    pub file: Option<usize>,
    /// Path as in `yaml::Spans`.
    pub path: String,
}

/// One value.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub at: At,
    pub value: Value,
    /// It came from `${…}`: it is never shown, and its offsets mean nothing in the file.
    pub is_expanded: bool,
}

/// What was written. A key that is written twice is here twice.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A whole number that is not negative, and any other, as text.
    Number(Option<u64>, String),
    Text(String),
    /// A value with a tag of its own, which nothing here takes.
    Tagged(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// What could not be expanded, for a finding: where, and why.
pub(super) struct Unexpanded {
    pub at: At,
    pub message: String,
}

impl Node {
    /// The tree of one document. Text that cannot be expanded stays as written and is told.
    pub(super) fn of(raw: Raw, file: Option<usize>, secrets: &Secrets<'_>, untold: &mut Vec<Unexpanded>) -> Self {
        Self::at(raw, At { file, path: String::new() }, secrets, untold)
    }

    fn at(raw: Raw, at: At, secrets: &Secrets<'_>, untold: &mut Vec<Unexpanded>) -> Self {
        let inner = |path: String| At { file: at.file, path };
        let mut is_expanded = false;
        let value = match raw {
            Raw::Null => Value::Null,
            Raw::Bool(value) => Value::Bool(value),
            Raw::Tagged(tag) => Value::Tagged(tag),
            Raw::Number(whole, text) => Value::Number(whole, text),
            Raw::Text(text) => match expand(&text, secrets) {
                Ok(Some(expanded)) => {
                    is_expanded = true;
                    Value::Text(expanded)
                }
                Ok(None) => Value::Text(text),
                Err(message) => {
                    untold.push(Unexpanded { at: at.clone(), message });
                    is_expanded = true;
                    Value::Text(text)
                }
            },
            Raw::List(items) => {
                let items = items.into_iter().enumerate();
                Value::List(
                    items.map(|(index, raw)| Self::at(raw, inner(item(&at.path, index)), secrets, untold)).collect(),
                )
            }
            Raw::Map(pairs) => {
                let node = |(key, raw): (Raw, Raw)| {
                    let key = key.into_key();
                    let node = Self::at(raw, inner(join(&at.path, &key)), secrets, untold);
                    (key, node)
                };
                Value::Map(pairs.into_iter().map(node).collect())
            }
        };
        Self { at, value, is_expanded }
    }

    /// The value of `key`, the last one where it is written twice.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Map(pairs) = &self.value else { return None };
        pairs.iter().rev().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The items of a list, none for anything else.
    pub(super) fn items(&self) -> &[Self] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// The text, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The text as a message may show it.
    pub(super) fn shown(&self) -> String {
        match (self.is_expanded, self.text()) {
            (false, Some(text)) => crate::url::mask(text),
            _ => "${…}".to_owned(),
        }
    }

    /// Whether anything in it was written as `${…}`.
    pub(super) fn holds_expanded(&self) -> bool {
        self.is_expanded || self.items().iter().any(Self::holds_expanded)
    }

    /// Lays `over` on top: maps merge key by key, lists whose key appends grow, anything else is replaced.
    ///
    /// A section without content says nothing. `keys` are those of this level, where they are fixed.
    pub(super) fn merge(&mut self, over: Self, keys: &[Key]) {
        match (&mut self.value, over.value) {
            (Value::Map(_) | Value::List(_), Value::Null) => {}
            (Value::Map(pairs), Value::Map(more)) => {
                for (name, node) in more {
                    let appends = keys.iter().any(|key| key.name == name && key.appends);
                    match pairs.iter_mut().rev().find(|(known, _)| *known == name) {
                        Some((_, known)) => known.merge_value(node, appends),
                        None => pairs.push((name, node)),
                    }
                }
            }
            (value, more) => {
                *value = more;
                self.at = over.at;
                self.is_expanded = over.is_expanded;
            }
        }
    }

    fn merge_value(&mut self, over: Self, appends: bool) {
        match (&mut self.value, over) {
            (Value::List(items), Self { value: Value::List(more), .. }) if appends => items.extend(more),
            (_, over) => self.merge(over, &[]),
        }
    }
}

/// A YAML value as `serde_yaml` reads it, with repeated keys kept.
#[derive(Debug)]
pub(super) enum Raw {
    Null,
    Bool(bool),
    Number(Option<u64>, String),
    Text(String),
    Tagged(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

impl Raw {
    fn into_key(self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(_, text) | Self::Text(text) => text,
            Self::Tagged(_) | Self::List(_) | Self::Map(_) => "?".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(Some(value), value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(u64::try_from(value).ok(), value.to_string()))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Number(None, value.to_string()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Number(None, value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(None, value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = items.next_element()? {
            list.push(value);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = entries.next_entry()? {
            pairs.push(pair);
        }
        Ok(Raw::Map(pairs))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Raw, A::Error> {
        let (tag, value) = data.variant::<String>()?;
        value.newtype_variant::<IgnoredAny>()?;
        Ok(Raw::Tagged(tag))
    }
}
