//! `Story`: articles about one event.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Article, ArticleId, StoryId};

/// How an article came to be in its story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "via", rename_all = "snake_case")]
pub enum Via {
    /// It founded the story.
    Founder,
    /// A seed ties it to its lead.
    Seed {
        /// The seed's file.
        path: String,
    },
    /// The linker found it to be about the same event.
    Linked {
        /// In 0 to 1.
        score: f64,
        /// The member it was compared with best.
        nearest: ArticleId,
        /// For people: shared words, hours apart.
        reasons: Vec<String>,
    },
    /// The operator's `same:`.
    Override,
}

/// One article in a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// The article.
    pub article: Article,
    /// Why it is here.
    pub via: Via,
    /// It repeats this member's text: syndication.
    pub copy_of: Option<ArticleId>,
}

/// Articles about one event, as the store keeps them.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Identity, never reused.
    pub id: StoryId,
    /// Lead first, then by quality, then by time, then by id.
    pub coverage: Vec<Coverage>,
    /// Earliest publication of its coverage at first release, then fixed.
    pub published: Timestamp,
    /// The last change worth a reader's attention.
    pub updated: Timestamp,
    /// Distinct publishers that are not copies, or what a seed gave: undecayed.
    pub heat: f64,
    /// Labels of its seeds, in the seeds' order.
    pub labels: Vec<String>,
    /// Markdown notes of its seeds.
    pub notes: Vec<String>,
    /// Other stories that share an article by a seed's word but stand apart.
    pub related: Vec<StoryId>,
}
