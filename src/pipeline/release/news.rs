//! News: whether a changed story is worth a reader's attention again.
//!
//! A story remembers what readers have been told. A new publisher that is no copy, or an editor's new wording, is
//! news; a better image, a trimmed title or a re-render is not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::Story;
use crate::store::SeedText;

/// What moves a story's `updated` (`publish.updated_on`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UpdatedOn {
    /// A new publisher (copies do not count), or an editor's change to title, excerpt or note.
    #[default]
    NewSource,
    /// Another lead.
    LeadChanged,
    /// Nothing.
    Never,
}

/// What readers have been told of a story.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Told {
    /// Domains that were ever listed, copies not counted.
    publishers: BTreeSet<String>,
    /// The lead's id.
    lead: String,
    /// Digests of the wordings of seeds, by the seed's lead: several seeds may share one.
    wording: BTreeMap<String, BTreeSet<String>>,
}

/// The verdict.
pub(super) struct News {
    /// Readers should see the story as updated.
    pub(super) is_news: bool,
    /// What they have been told then, for the store.
    pub(super) told: String,
}

/// Judges `story` against what was `told` at its last release; a first release always is news.
pub(super) fn judge(told: Option<&str>, story: &Story, seeds: &[SeedText], rule: UpdatedOn) -> News {
    let before: Option<Told> = told.and_then(|told| serde_json::from_str(told).ok());
    let own = story.coverage.iter().filter(|coverage| coverage.copy_of.is_none());
    let mut now = Told {
        publishers: own.map(|coverage| coverage.article.publisher.domain.clone()).collect(),
        lead: story.coverage.first().map(|lead| lead.article.id.to_string()).unwrap_or_default(),
        wording: BTreeMap::new(),
    };
    for seed in seeds {
        if let Some(lead) = seed.lead {
            now.wording.entry(lead.to_string()).or_default().insert(seed.wording.clone());
        }
    }
    let is_news = before.as_ref().is_none_or(|before| match rule {
        UpdatedOn::NewSource => {
            let known =
                |lead: &String, wording| before.wording.get(lead).is_some_and(|known| known.is_superset(wording));
            let is_reworded = now.wording.iter().any(|(lead, wording)| !known(lead, wording));
            !now.publishers.is_subset(&before.publishers) || is_reworded
        }
        UpdatedOn::LeadChanged => now.lead != before.lead,
        UpdatedOn::Never => false,
    });
    // A publisher or a seed that leaves and comes back is no news twice.
    if let Some(before) = before {
        now.publishers.extend(before.publishers);
        for (lead, wording) in before.wording {
            now.wording.entry(lead).or_insert(wording);
        }
    }
    News { is_news, told: serde_json::to_string(&now).unwrap_or_default() }
}
