//! JSON-LD blocks (schema.org) → candidates of the article they describe.
//!
//! In come blocks as written, often broken; `mend` repairs what can be. `graph` finds the articles among the
//! nodes and resolves `@id` references. Numbers of blocks, nodes and levels are bounded.

mod graph;
mod mend;

use serde_json::{Map, Value as Json};

use super::{Candidate, Field, Gathered, Value};
use graph::Graph;

/// A page describes one article; a list page is described by its first few.
const MOST_ARTICLES: usize = 4;
/// Authors, pictures and keywords taken of one node.
const MOST_VALUES: usize = 32;

pub(super) use graph::is_article;

type Node = Map<String, Json>;

/// Candidates of the page's JSON-LD, the best article first.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let documents: Vec<Json> = page.blocks.iter().filter_map(|block| mend::parse(block)).collect();
    let graph = Graph::of(&documents);
    let mut found = Vec::new();
    for (kind, node) in graph.articles(&page.url).into_iter().take(MOST_ARTICLES) {
        Reader { graph: &graph, kind, found: &mut found }.article(node);
    }
    for node in graph.sites() {
        Reader { graph: &graph, kind: "WebSite", found: &mut found }.text(Field::SiteName, node, "name");
    }
    found
}

struct Reader<'g, 'f> {
    graph: &'g Graph<'g>,
    kind: &'g str,
    found: &'f mut Vec<Candidate>,
}

impl<'g> Reader<'g, '_> {
    fn article(&mut self, node: &'g Node) {
        let is_page = matches!(self.kind, "WebPage" | "ItemPage" | "CollectionPage");
        let texts = [
            ("headline", Field::Title),
            ("name", Field::Title),
            ("description", Field::Description),
            ("datePublished", Field::Published),
            ("uploadDate", Field::Published),
            ("dateCreated", Field::Published),
            ("dateModified", Field::Modified),
            ("articleSection", Field::Section),
            ("inLanguage", Field::Lang),
        ];
        for (key, field) in texts {
            self.text(field, node, key);
        }
        for key in ["author", "creator"] {
            self.people(node, key);
        }
        self.address(node);
        self.keywords(node);
        self.images(node);
        self.publisher(node);
        if !is_page {
            self.push(Field::Kind, Value::Text(self.kind.to_owned()), "@type");
        }
        if let Some(free) = node.get("isAccessibleForFree").and_then(flag) {
            self.push(Field::Paywalled, Value::Flag(!free), "isAccessibleForFree");
        }
    }

    fn push(&mut self, field: Field, value: Value, key: &str) {
        self.found.push(Candidate { field, value, place: format!("{}.{key}", self.kind) });
    }

    fn text(&mut self, field: Field, node: &'g Node, key: &str) {
        for value in self.graph.values(node, key).take(MOST_VALUES) {
            let text = match value {
                Json::String(text) => Some(text.as_str()),
                // `{"@value": "…"}`, and languages as `{"@type": "Language", "name": "…"}`.
                Json::Object(object) => {
                    ["@value", "alternateName", "name"].iter().find_map(|key| object.get(*key)?.as_str())
                }
                _ => None,
            };
            if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
                self.push(field, Value::Text(text.to_owned()), key);
            }
        }
    }

    fn people(&mut self, node: &'g Node, key: &str) {
        for value in self.graph.values(node, key).take(MOST_VALUES) {
            match value {
                Json::String(name) => self.push(Field::Author, Value::Name(name.clone(), None), key),
                Json::Object(object) => {
                    let is_person = match () {
                        () if graph::is_a(object, "Person") => Some(true),
                        () if graph::is_a(object, "Organization") || graph::is_a(object, "NewsMediaOrganization") => {
                            Some(false)
                        }
                        () => None,
                    };
                    for name in self.graph.values(object, "name").take(MOST_VALUES).filter_map(Json::as_str) {
                        self.push(Field::Author, Value::Name(name.to_owned(), is_person), key);
                    }
                }
                _ => {}
            }
        }
    }

    fn address(&mut self, node: &'g Node) {
        for key in ["url", "mainEntityOfPage"] {
            for value in self.graph.values(node, key).take(1) {
                let address = match value {
                    Json::String(address) => Some(address.as_str()),
                    Json::Object(object) => ["@id", "url"].iter().find_map(|key| object.get(*key)?.as_str()),
                    _ => None,
                };
                if let Some(address) = address {
                    self.push(Field::Canonical, Value::Text(address.to_owned()), key);
                }
            }
        }
    }

    fn keywords(&mut self, node: &'g Node) {
        for value in self.graph.values(node, "keywords").take(MOST_VALUES) {
            let text = match value {
                Json::String(text) => Some(text.as_str()),
                Json::Object(object) => object.get("name").and_then(Json::as_str),
                _ => None,
            };
            if let Some(text) = text {
                self.push(Field::Tag, Value::Text(text.to_owned()), "keywords");
            }
        }
    }

    fn images(&mut self, node: &'g Node) {
        for key in ["image", "thumbnailUrl"] {
            for value in self.graph.values(node, key).take(MOST_VALUES) {
                let image = match value {
                    Json::String(address) => Some((address.as_str(), None, None)),
                    Json::Object(object) => ["url", "contentUrl", "@id"].iter().find_map(|key| {
                        let address = self.graph.values(object, key).find_map(Json::as_str)?;
                        Some((address, pixels(object.get("width")), pixels(object.get("height"))))
                    }),
                    _ => None,
                };
                if let Some((address, width, height)) = image {
                    self.push(Field::Image, Value::Image(address.to_owned(), width, height), key);
                }
            }
        }
    }

    fn publisher(&mut self, node: &'g Node) {
        for key in ["publisher", "sourceOrganization"] {
            for value in self.graph.values(node, key).take(1) {
                let name = match value {
                    Json::String(name) => Some(name.as_str()),
                    Json::Object(object) => self.graph.values(object, "name").find_map(Json::as_str),
                    _ => None,
                };
                if let Some(name) = name {
                    self.push(Field::SiteName, Value::Text(name.to_owned()), &format!("{key}.name"));
                }
            }
        }
    }
}

/// `true`, `"True"`, `"http://schema.org/True"`, 1.
fn flag(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(flag) => Some(*flag),
        Json::Number(number) => number.as_i64().map(|number| number != 0),
        Json::String(text) => match text.rsplit('/').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// `1200`, `"1200"`, `"1200px"`, `{"value": 1200}`.
fn pixels(value: Option<&Json>) -> Option<u32> {
    let size = match value? {
        Json::Number(number) => number.as_u64().and_then(|size| u32::try_from(size).ok()),
        Json::String(text) => text.trim().trim_end_matches("px").trim().parse().ok(),
        Json::Object(object) => return pixels(object.get("value").filter(|value| !value.is_object())),
        _ => None,
    };
    size.filter(|size| *size > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(blocks: &[&str], field: Field, expect: &[(&str, &str)]) {
        let blocks = blocks.iter().map(|block| (*block).to_owned()).collect();
        let page = Gathered { blocks, url: "https://example.org/a".to_owned(), ..Gathered::default() };
        let found: Vec<(String, String)> = read(&page)
            .into_iter()
            .filter(|candidate| candidate.field == field)
            .map(|candidate| {
                let value = match candidate.value {
                    Value::Text(text) => text,
                    Value::Name(name, is_person) => format!("{name} {is_person:?}"),
                    Value::Image(url, width, height) => format!("{url} {width:?} {height:?}"),
                    Value::Flag(flag) => flag.to_string(),
                };
                (candidate.place, value)
            })
            .collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(place, value)| (place.as_str(), value.as_str())).collect();
        assert_eq!(found, expect, "{blocks:?}", blocks = page.blocks);
    }

    #[test]
    fn plain_article() {
        let block = r#"{"@type":"NewsArticle","headline":"A","author":{"@type":"Person","name":"Ann Lee"},
            "image":{"@type":"ImageObject","url":"https://example.org/i.jpg","width":"1200px","height":630},
            "isAccessibleForFree":"False","publisher":{"name":"The Wire"}}"#;
        check(&[block], Field::Title, &[("NewsArticle.headline", "A")]);
        check(&[block], Field::Author, &[("NewsArticle.author", "Ann Lee Some(true)")]);
        check(&[block], Field::Image, &[("NewsArticle.image", "https://example.org/i.jpg Some(1200) Some(630)")]);
        check(&[block], Field::Paywalled, &[("NewsArticle.isAccessibleForFree", "true")]);
        check(&[block], Field::SiteName, &[("NewsArticle.publisher.name", "The Wire")]);
    }

    #[test]
    fn graph_and_references() {
        let block = r##"{"@graph":[{"@type":"WebPage","@id":"#p","name":"P | Wire","datePublished":"2026-01-01"},
            {"@type":["Article","Thing"],"headline":"A","author":{"@id":"#ann"}},
            {"@type":"Person","@id":"#ann","name":"Ann Lee"}]}"##;
        check(&[block], Field::Title, &[("Article.headline", "A"), ("WebPage.name", "P | Wire")]);
        check(&[block], Field::Author, &[("Article.author", "Ann Lee Some(true)")]);
    }

    #[test]
    fn the_article_of_this_page_comes_first() {
        let blocks = [
            r#"[{"@type":"NewsArticle","headline":"Other","url":"https://example.org/b"},"#,
            r#"{"@type":"NewsArticle","headline":"This","url":"https://example.org/a"}]"#,
        ]
        .concat();
        check(&[&blocks], Field::Title, &[("NewsArticle.headline", "This"), ("NewsArticle.headline", "Other")]);
    }

    #[test]
    fn hostile() {
        check(&[&"[".repeat(200_000)], Field::Title, &[]);
        check(&[r##"{"@type":"Article","author":{"@id":"#x"},"@id":"#x","headline":7}"##], Field::Title, &[]);
        check(&["", "null", "42", "\"x\"", "{}"], Field::Title, &[]);
    }
}
