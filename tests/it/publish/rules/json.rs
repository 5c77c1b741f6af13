//! JSON Feed 1.1: a schema of our own, strict about what we write, and what a schema cannot say.

use std::sync::LazyLock;

use serde_json::Value;

use super::{html, is_lang, is_tag, is_web, repeated, rfc3339, unless};

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(include_str!("../jsonfeed.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

/// What is wrong with the document `json`.
pub fn complaints(json: &str) -> Vec<String> {
    let feed: Value = match serde_json::from_str(json) {
        Ok(feed) => feed,
        Err(error) => return vec![format!("JSON (RFC 8259): {error}")],
    };
    let mut told: Vec<String> =
        SCHEMA.iter_errors(&feed).map(|error| format!("schema: {error} at {}", error.instance_path)).collect();
    let items = feed["items"].as_array().cloned().unwrap_or_default();
    told.extend(repeated(items.iter().filter_map(|item| item["id"].as_str())));
    told.extend(items.iter().filter_map(|item| item["content_html"].as_str()).flat_map(html));
    walk(&feed, "", &mut told);
    told
}

/// Values by their key: every address absolute, every date one of RFC 3339, every language a tag.
fn walk(value: &Value, key: &str, told: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| walk(value, key, told)),
        Value::Array(values) => values.iter().for_each(|value| walk(value, key, told)),
        Value::String(text) => {
            let is_fine = match key {
                "id" => is_tag(text),
                "language" => is_lang(text),
                "image" => is_web(text),
                _ if key == "url" || key.ends_with("_url") => is_web(text),
                _ if key.starts_with("date_") => rfc3339(text).is_some(),
                _ => true,
            };
            told.extend(unless(is_fine, format!("{key}: `{text}`")));
        }
        _ => {}
    }
}
