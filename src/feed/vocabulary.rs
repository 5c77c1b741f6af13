//! Names of feed vocabularies → the few that feed-rs knows.
//!
//! In come a namespace (or its usual prefix) and a local name; out goes the name to write. Nothing here depends on a
//! document.

/// Which of the two families a document belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// RSS 0.9x, 1.0, 2.0, all written as 2.0.
    Rss,
    /// Atom 0.3 and 1.0, written as 1.0.
    Atom,
}

/// What to do with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treat {
    /// Write it and look inside.
    Open,
    /// Write it; all that is inside is its text, tags included.
    Opaque,
    /// Leave it out with all that is inside.
    Skip,
    /// Leave out the tags and look inside.
    Bare,
}

/// Declarations for the prefixes that are written.
pub(super) const DECLARATIONS: &str = " xmlns:atom=\"http://www.w3.org/2005/Atom\" \
    xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
    xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" \
    xmlns:sy=\"urn:sy\" xmlns:x=\"urn:x\"";

/// The prefix to write for a namespace; empty for the family's own.
pub(super) fn prefix(namespace: &str, family: Family) -> &'static str {
    let name = namespace.trim().trim_end_matches(['/', '#']).to_ascii_lowercase();
    let name = name.split_once("://").map_or(name.as_str(), |(_, rest)| rest);
    match name {
        _ if name.ends_with("w3.org/2005/atom") || name.contains("purl.org/atom/ns") => {
            if family == Family::Atom {
                ""
            } else {
                "atom"
            }
        }
        "purl.org/rss/1.0/modules/content" => "content",
        "purl.org/rss/1.0/modules/syndication" => "sy",
        _ if name.contains("purl.org/rss/1.0/modules") => "x",
        _ if name.contains("purl.org/dc/") => "dc",
        _ if name.contains("search.yahoo.com/mrss") => "media",
        _ if name.contains("itunes.com/dtds/podcast") => "itunes",
        _ if family == Family::Rss && RSS_NAMESPACES.iter().any(|known| name.contains(known)) => "",
        _ => "x",
    }
}

/// Parts of the namespaces that versions of RSS have had.
const RSS_NAMESPACES: &[&str] = &[
    "purl.org/rss/1.0",
    "my.netscape.com/rdf",
    "channel.netscape.com",
    "backend.userland.com/rss",
    "blogs.law.harvard.edu/tech/rss",
];

/// The prefix to write for a prefix that the document does not declare.
pub(super) fn undeclared(prefix: &str, family: Family) -> &'static str {
    match prefix {
        "atom" | "atom10" | "a10" => {
            if family == Family::Atom {
                ""
            } else {
                "atom"
            }
        }
        "content" => "content",
        "dc" | "dcterms" => "dc",
        "media" => "media",
        "itunes" => "itunes",
        "sy" => "sy",
        "rss" if family == Family::Rss => "",
        _ => "x",
    }
}

/// The name to write for `prefix:local`, where `prefix` is one of ours.
pub(super) fn name(prefix: &str, local: &str, family: Family) -> String {
    let local = match (family, prefix, local) {
        // feed-rs drops thumbnails that stand alone, and enclosures beside media.
        (_, "media", "thumbnail") | (Family::Rss, "", "enclosure") => return "media:content".to_owned(),
        // Atom 0.3
        (Family::Atom, "", "modified") => "updated",
        (Family::Atom, "", "issued") => "published",
        (Family::Atom, "", "tagline") => "subtitle",
        (Family::Atom, "dc", "date") => return "updated".to_owned(),
        (Family::Rss, "dc", "subject") => return "category".to_owned(),
        (Family::Rss, "dc", "issued" | "created") => "date",
        (Family::Rss, "dc" | "atom", "modified") => return "atom:updated".to_owned(),
        (Family::Rss, "atom", "published") => return "pubDate".to_owned(),
        (Family::Rss, "dc", "author") => "creator",
        (Family::Rss, "", _) => {
            RSS_NAMES.iter().find(|known| known.eq_ignore_ascii_case(local)).copied().unwrap_or(local)
        }
        _ => local,
    };
    if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
}

/// RSS names as feed-rs compares them; some feeds write them in other cases.
const RSS_NAMES: &[&str] = &[
    "title",
    "link",
    "description",
    "language",
    "pubDate",
    "lastBuildDate",
    "category",
    "guid",
    "author",
    "item",
    "channel",
    "enclosure",
    "ttl",
    "skipHours",
    "skipDays",
    "hour",
    "day",
    "image",
    "url",
];

/// Texts that feed-rs stumbles over when they are empty or odd, and nothing that we show.
const UNWANTED: &[&str] = &[
    "media:title",
    "media:description",
    "media:text",
    "media:credit",
    "media:rating",
    "media:community",
    "rights",
    "itunes:category",
    "itunes:owner",
    "itunes:duration",
];

/// What to do with an element of this written name.
pub(super) fn treat(name: &str, family: Family) -> Treat {
    match (family, name) {
        (Family::Rss, "channel" | "items") => Treat::Bare,
        (Family::Rss, "title" | "description" | "content:encoded")
        | (Family::Atom, "title" | "summary" | "content" | "subtitle") => Treat::Opaque,
        (Family::Rss, "managingEditor" | "webMaster" | "textinput" | "textInput" | "cloud" | "source") => Treat::Skip,
        _ if UNWANTED.contains(&name) => Treat::Skip,
        _ => Treat::Open,
    }
}

/// Attributes that are worth writing.
pub(super) const ATTRIBUTES: &[&str] = &[
    "href", "rel", "type", "url", "width", "height", "medium", "length", "term", "label", "scheme", "domain",
    "xml:lang", "xml:base", "text",
];
