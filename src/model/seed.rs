//! `Seed`: a story document that an operator dropped into the folder.

use serde::{Deserialize, Serialize};

use super::Entry;

/// One lead article, its related coverage and what the editor says about the story.
///
/// `secured` of the file is dropped when it is read and has no place here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seed {
    /// The seed's own article.
    pub lead: Entry,
    /// Other coverage of the same story, in the file's order, each article once.
    pub related: Vec<Entry>,
    /// Topic labels, as written.
    pub labels: Vec<String>,
    /// Editorial heat; `None` (the file's `-1`) means "compute it".
    pub heat: Option<f64>,
    /// The file's `published`; absent means `true`.
    pub published: bool,
    /// The body after the front matter, as Markdown: the story's editorial note.
    pub note: Option<String>,
}

impl Seed {
    /// The lead, then the related entries.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        std::iter::once(&self.lead).chain(&self.related)
    }
}
