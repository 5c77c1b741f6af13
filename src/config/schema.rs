//! The table as JSON Schema (draft 2020-12), for editors.

use serde_json::{Map, Value, json};

use super::kind::{Default, Key, Kind, formats};
use super::scalar::show_duration;
use super::table::ROOT;

/// The schema of the configuration file.
#[must_use]
pub fn schema() -> Value {
    let mut schema = object(ROOT);
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Newswire configuration",
        "description": "Any text may hold ${ENV} and ${file:PATH}.",
    });
    if let (Value::Object(schema), Value::Object(mut head)) = (&mut schema, head) {
        head.append(schema);
        return Value::Object(head);
    }
    schema
}

fn object(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.default == Default::Required).map(|key| key.name).collect();
    let mut object = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        set(&mut object, "required", json!(required));
    }
    object
}

fn property(key: &Key) -> Value {
    let inner = of(&key.kind);
    // An empty section or list is what remains when every line of it is commented out.
    let may_be_null =
        key.default == Default::Nothing || matches!(key.kind, Kind::List { .. } | Kind::Map { .. } | Kind::Object(_));
    let mut property = if may_be_null { json!({ "anyOf": [inner, { "type": "null" }] }) } else { inner };
    set(&mut property, "description", json!(key.doc));
    match key.default {
        Default::Yaml(text) => {
            let default: Value = serde_yaml::from_str(text).unwrap_or(Value::Null);
            set(&mut property, "default", default);
        }
        Default::Nothing => set(&mut property, "default", Value::Null),
        Default::Required | Default::Section => {}
    }
    property
}

fn set(value: &mut Value, name: &str, to: Value) {
    if let Value::Object(map) = value {
        map.insert(name.to_owned(), to);
    }
}

fn of(kind: &Kind) -> Value {
    match kind {
        Kind::Object(keys) => object(keys),
        Kind::List { item, least, most } => {
            json!({ "type": "array", "items": of(item), "minItems": least, "maxItems": most })
        }
        Kind::Map { item, .. } => json!({ "type": "object", "additionalProperties": of(item) }),
        Kind::Texts => {
            let text = of(&Kind::Text);
            json!({ "anyOf": [text, { "type": "array", "items": text, "maxItems": 100 }] })
        }
        Kind::Bool => or_expanded(&json!({ "type": "boolean" })),
        Kind::Count { least, most } => or_expanded(&json!({ "type": "integer", "minimum": least, "maximum": most })),
        Kind::Choice(words) => or_expanded(&json!({ "enum": words })),
        Kind::Format => or_expanded(&json!({ "enum": formats() })),
        Kind::Size { least, most } => json!({ "anyOf": [
            { "type": "integer", "minimum": least, "maximum": most },
            pattern(r"^[0-9]+ *(B|KiB|MiB|GiB|kB|KB|MB|GB)?$"),
        ] }),
        Kind::Duration { least_s, most_s } => {
            let mut duration = pattern(r"^([0-9]+(w|d|h|ms|m|s))+$");
            let bounds = format!("{} to {}", show_duration(least_s * 1000), show_duration(most_s * 1000));
            set(&mut duration, "$comment", json!(bounds));
            duration
        }
        Kind::BaseUrl | Kind::Url => pattern("^https?://"),
        Kind::Store => pattern("^sqlite:."),
        Kind::Listen | Kind::Target => pattern(":[0-9]+$"),
        Kind::Slug => pattern(r"^[^\sA-Z/_]+$"),
        _ => json!({ "type": "string", "minLength": 1 }),
    }
}

/// Text of a certain form, or text that something will be filled into.
fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": format!(r"{pattern}|\$\{{") })
}

fn or_expanded(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "string", "pattern": r"\$\{" }] })
}
