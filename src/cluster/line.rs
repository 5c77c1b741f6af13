//! A line of a stream of articles, as `cluster` and `backtest` read it.
//!
//! In comes a JSON object, out goes an [`Article`] with its name and, where the line has one, its gold story. Keys that
//! it does not know are no evidence and are passed over.

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::{Article, ArticleId, Publisher};

/// One line.
#[derive(Debug, Clone)]
pub struct Line {
    /// The `id` of the line.
    pub name: String,
    /// The gold, which must not reach the linker.
    pub story: Option<String>,
    /// The article; its id is derived of the name alone.
    pub article: Article,
}

/// What a line may hold. Only `id`, `title` and `published` are sure to be there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Raw {
    id: Option<serde_json::Value>,
    url: Option<String>,
    title: Option<String>,
    excerpt: Option<String>,
    publisher: Option<String>,
    domain: Option<String>,
    published: Option<String>,
    lang: Option<String>,
    story: Option<serde_json::Value>,
}

/// Reads one line. A missing or broken time is 1970; without an `id` it is no line.
///
/// # Errors
/// What is wrong, for people.
pub fn read(text: &str) -> Result<Line, String> {
    let raw: Raw = serde_json::from_str(text).map_err(|error| format!("no JSON object: {error}"))?;
    let name = raw.id.as_ref().and_then(named).ok_or("no `id`")?;
    let published = raw.published.as_deref().and_then(|text| text.parse::<Timestamp>().ok()).unwrap_or_default();
    let article = Article {
        id: ArticleId::of(&name),
        url: raw.url.unwrap_or_default(),
        title: raw.title.unwrap_or_default(),
        excerpt: raw.excerpt.filter(|text| !text.is_empty()),
        authors: Vec::new(),
        publisher: Publisher { name: raw.publisher.unwrap_or_default(), domain: raw.domain.unwrap_or_default() },
        published,
        image: None,
        lang: raw.lang.filter(|text| !text.is_empty()),
        category: None,
        kind: None,
        tags: Vec::new(),
        labels: Vec::new(),
        quality: 0,
        canonical_elsewhere: None,
    };
    Ok(Line { name, story: raw.story.as_ref().and_then(named), article })
}

fn named(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) if !text.is_empty() => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let line = read(r#"{"id":"a","title":"T","published":"2024-05-06T08:00:00Z","story":7,"other":[]}"#).unwrap();
        assert_eq!((line.name.as_str(), line.story.as_deref(), line.article.title.as_str()), ("a", Some("7"), "T"));
        assert_eq!(line.article.published.as_second(), 1_714_982_400);
        assert_eq!(read(r#"{"id":5,"published":"never"}"#).unwrap().article.published, Timestamp::UNIX_EPOCH);
        for broken in ["", "[]", "{}", r#"{"id":""}"#, r#"{"id":null}"#] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}
