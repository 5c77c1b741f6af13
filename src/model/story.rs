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
    /// What that change was.
    pub cause: Cause,
    /// Distinct publishers that are not copies, or what a seed gave: undecayed.
    pub heat: f64,
    /// Labels of its seeds, in the seeds' order.
    pub labels: Vec<String>,
    /// Markdown notes of its seeds.
    pub notes: Vec<String>,
    /// Other released stories that share an article by a seed's word but stand apart, oldest first.
    pub related: Vec<Related>,
}

/// What moved a story's `updated` last; none of it where the story is as new as its first release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// Publishers that joined, by domain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<String>,
    /// An editor changed the title, excerpt or note of a seed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_reworded: bool,
    /// Another article leads.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_led_anew: bool,
}

/// Another story, as far as one that is related to it shows it.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Related {
    /// Identity.
    pub id: StoryId,
    /// Its lead's title.
    pub title: String,
    /// Fixed at its first release.
    pub published: Timestamp,
}
