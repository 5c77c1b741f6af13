//! The nodes of a page's JSON-LD: which are articles, and what an `@id` points to.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// Nodes looked at. Real pages have up to some hundreds; a hostile one costs no more than this.
const MOST_NODES: usize = 5_000;
/// Levels walked down.
const DEEPEST: usize = 32;

/// Types that are an article, the surest first; then what may be one; then what surrounds one.
#[rustfmt::skip]
const RANKS: &[&[&str]] = &[
    &[
        "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "ReviewNewsArticle",
        "BackgroundNewsArticle", "AskPublicNewsArticle", "LiveBlogPosting", "BlogPosting", "Article", "TechArticle",
        "ScholarlyArticle", "AdvertiserContentArticle", "SatiricalArticle", "Report", "Blog",
    ],
    &[
        "SocialMediaPosting", "DiscussionForumPosting", "Recipe", "Review", "HowTo", "VideoObject", "PodcastEpisode",
        "RadioEpisode", "TVEpisode", "ImageGallery", "MediaGallery", "Event", "Book", "CreativeWork",
    ],
    &["WebPage", "ItemPage", "ProfilePage", "AboutPage"],
];

type Node = Map<String, Json>;

/// The nodes of all blocks of a page.
pub(super) struct Graph<'j> {
    by_id: BTreeMap<&'j str, &'j Json>,
    /// Nodes that stand for themselves: not the value of some other node's property.
    roots: Vec<&'j Node>,
}

impl<'j> Graph<'j> {
    /// The nodes of `documents`.
    pub(super) fn of(documents: &'j [Json]) -> Self {
        let mut graph = Self { by_id: BTreeMap::new(), roots: Vec::new() };
        let mut left = MOST_NODES;
        for document in documents {
            graph.walk(document, true, 0, &mut left);
        }
        graph
    }

    fn walk(&mut self, value: &'j Json, is_root: bool, depth: usize, left: &mut usize) {
        if depth > DEEPEST || *left == 0 {
            return;
        }
        match value {
            Json::Array(values) => values.iter().for_each(|value| self.walk(value, is_root, depth + 1, left)),
            Json::Object(node) => {
                *left -= 1;
                if let Some(id) = node.get("@id").and_then(Json::as_str) {
                    // A bare reference defines nothing; the fullest description wins.
                    let known = self.by_id.get(id).and_then(|known| known.as_object()).map_or(1, Map::len);
                    if node.len() > known {
                        self.by_id.insert(id, value);
                    }
                }
                if is_root && node.contains_key("@type") {
                    self.roots.push(node);
                }
                for (key, value) in node {
                    let stays_root = matches!(key.as_str(), "@graph" | "mainEntity" | "mainEntityOfPage");
                    self.walk(value, is_root && stays_root, depth + 1, left);
                }
            }
            _ => {}
        }
    }

    /// The values of `key`, arrays opened, references followed once.
    pub(super) fn values<'g>(&'g self, node: &'g Node, key: &str) -> impl Iterator<Item = &'g Json> {
        let values = match node.get(key) {
            Some(Json::Array(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        values.iter().map(|value| self.resolve(value))
    }

    /// A node that holds nothing but its id (and perhaps its type) points to the node that says more.
    fn resolve<'g>(&'g self, value: &'g Json) -> &'g Json {
        let Some(node) = value.as_object().filter(|node| node.len() <= 2) else { return value };
        let Some(id) = node.get("@id").and_then(Json::as_str) else { return value };
        self.by_id.get(id).copied().unwrap_or(value)
    }

    /// Nodes that describe an article or its page, with the type that says so, best first: the one whose address
    /// is `url` before others, then by type, then in document order.
    pub(super) fn articles(&self, url: &str) -> Vec<(&'j str, &'j Node)> {
        let mut found: Vec<(usize, bool, &'j str, &'j Node)> = Vec::new();
        for node in &self.roots {
            let ranked = RANKS.iter().enumerate().find_map(|(rank, kinds)| {
                let kind = kinds_of(node).find(|kind| kinds.contains(kind))?;
                Some((rank, kind))
            });
            if let Some((rank, kind)) = ranked {
                found.push((rank, !is_at(node, url), kind, node));
            }
        }
        found.sort_by_key(|(rank, is_elsewhere, _, _)| (*rank, *is_elsewhere));
        found.into_iter().map(|(_, _, kind, node)| (kind, node)).collect()
    }

    /// Nodes that describe the site.
    pub(super) fn sites(&self) -> impl Iterator<Item = &'j Node> {
        self.roots.iter().copied().filter(|node| is_a(node, "WebSite"))
    }
}

/// Whether a type is one of an article for sure.
pub(in crate::extract) fn is_article(kind: &str) -> bool {
    RANKS.first().is_some_and(|surest| surest.contains(&kind))
}

/// An address without what differs between two ways to write it.
fn bare(address: &str) -> &str {
    let address = address.split(['#', '?']).next().unwrap_or_default();
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    address.trim_start_matches("www.").trim_end_matches('/')
}

/// The types of a node, without the vocabulary's address.
fn kinds_of(node: &Node) -> impl Iterator<Item = &str> {
    let kinds = match node.get("@type") {
        Some(Json::Array(kinds)) => kinds.as_slice(),
        Some(kind) => std::slice::from_ref(kind),
        None => &[],
    };
    kinds.iter().filter_map(Json::as_str).map(|kind| kind.rsplit(['/', ':']).next().unwrap_or(kind))
}

/// Whether the node is of this type.
pub(super) fn is_a(node: &Node, kind: &str) -> bool {
    kinds_of(node).any(|known| known == kind)
}

/// Whether the node says that it describes the page at `url`.
fn is_at(node: &Node, url: &str) -> bool {
    let url = bare(url);
    let mut stated = ["url", "mainEntityOfPage", "@id"].iter().filter_map(|key| match node.get(*key)? {
        Json::String(address) => Some(address.as_str()),
        Json::Object(object) => object.get("@id").or_else(|| object.get("url"))?.as_str(),
        _ => None,
    });
    !url.is_empty() && stated.any(|address| bare(address) == url)
}
