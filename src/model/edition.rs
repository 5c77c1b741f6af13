//! `Edition`: what one topic shows now; `Document`: its rendered bytes.

use jiff::Timestamp;

use super::{Cause, Digest, Image, StoryId};

/// What one topic shows now: a pure function of stories, settings and `now`.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    /// The topic's title.
    pub title: String,
    /// The site's title.
    pub site_title: String,
    /// Absolute address of the topic's page, ending in `/`; formats stand beside it.
    pub page_url: String,
    /// Absolute address of the site, ending in `/`.
    pub home_url: String,
    /// Stable id of the feed (`tag:` URI).
    pub feed_id: String,
    /// Where it stands among the documents of its feed.
    pub links: FeedLinks,
    /// Latest `updated` of the stories shown; the site's birth where there are none.
    pub updated: Timestamp,
    /// Names of the formats it is published in: its page offers no others.
    pub formats: Vec<&'static str>,
    /// The hub that delivers it (W3C WebSub), if one does.
    pub hub: Option<String>,
    /// What its page may load and count on.
    pub pages: PageRules,
    /// Ranked.
    pub stories: Vec<StoryView>,
}

/// What the pages of a site may load, and what they may count on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageRules {
    /// Pages are read from the daemon alone, and may offer what it answers beside them: a search, a stream of news.
    /// Not so where they are written as files too.
    pub is_served: bool,
    /// Where pictures come from.
    pub images: ImageRule,
}

/// Where readers get the pictures of stories from (`publish.images`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ImageRule {
    /// From where the publisher has them.
    #[default]
    Link,
    /// From this site, which fetches them: no publisher learns who reads.
    Proxy,
    /// Nowhere: there are none.
    None,
}

/// Where a document stands among those of its feed (RFC 5005), as absolute addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedLinks {
    /// This document, where that is not the format's file beside the page.
    pub own: Option<String>,
    /// The live feed: this document is one of its archive.
    pub current: Option<String>,
    /// The archive document of what came before.
    pub prev_archive: Option<String>,
    /// The archive document of what came after.
    pub next_archive: Option<String>,
}

/// One story as readers see it.
#[derive(Debug, Clone, PartialEq, Hash, serde::Serialize, serde::Deserialize)]
pub struct StoryView {
    /// Identity.
    pub id: StoryId,
    /// `tag:` URI, the same in every format and topic.
    pub entry_id: String,
    /// The story's own page on this site.
    pub page_url: String,
    /// The lead's title.
    pub title: String,
    /// The lead's address.
    pub url: String,
    /// The lead's summary.
    pub excerpt: Option<String>,
    /// Editorial note as sanitised HTML.
    pub note_html: Option<String>,
    /// The lead's picture, else the best member's.
    pub image: Option<Image>,
    /// The lead's language.
    pub lang: Option<String>,
    /// The lead's authors.
    pub authors: Vec<String>,
    /// Fixed at first release.
    pub published: Timestamp,
    /// The last change worth attention.
    pub updated: Timestamp,
    /// What that change was; publishers by their names.
    pub cause: Cause,
    /// Labels, then categories and kinds, each once.
    pub categories: Vec<String>,
    /// Lead first, then by quality; a copy stands right after its original, wherever that is.
    pub coverage: Vec<CoverageView>,
    /// Stories that share an article with this one but stand apart, oldest first.
    pub related: Vec<RelatedView>,
}

/// Another story, as one that is related to it shows it.
#[derive(Debug, Clone, PartialEq, Hash, serde::Serialize, serde::Deserialize)]
pub struct RelatedView {
    /// Its `tag:` URI.
    pub entry_id: String,
    /// Its own page on this site.
    pub page_url: String,
    /// Its lead's title.
    pub title: String,
    /// Fixed at its first release.
    pub published: Timestamp,
}

/// One article of a story as readers see it.
#[derive(Debug, Clone, PartialEq, Hash, serde::Serialize, serde::Deserialize)]
pub struct CoverageView {
    /// Headline.
    pub title: String,
    /// Address.
    pub url: String,
    /// Publisher's name.
    pub publisher: String,
    /// Publisher's domain.
    pub domain: String,
    /// Summary.
    pub excerpt: Option<String>,
    /// When.
    pub published: Timestamp,
    /// Language.
    pub lang: Option<String>,
    /// It repeats this publisher's text.
    pub copy_of: Option<String>,
}

/// Rendered bytes, ready to be served or written.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Path on the site without its first slash, e.g. `t/ai/atom.xml`; a page ends in `/`.
    pub path: String,
    /// With charset.
    pub media_type: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Digest of the bytes: the ETag is made of it.
    pub digest: Digest,
    /// When these bytes last changed; kept in the store. [`Document::UNDATED`] where that is not yet known.
    pub last_modified: Timestamp,
}

impl Document {
    /// The date of what has none yet: the last there is, so that nobody's date is as late.
    pub const UNDATED: Timestamp = Timestamp::MAX;
}
