//! News: whether a changed story is worth a reader's attention again.
//!
//! A story remembers what readers have been told. A new publisher that is no copy, or an editor's new wording, is
//! news; a better image, a trimmed title or a re-render is not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{Cause, Story};
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
    /// What the last news was.
    cause: Cause,
}

/// The verdict.
pub(super) struct News {
    /// Readers should see the story as updated.
    pub(super) is_updated: bool,
    /// What moved `updated` last, now or before.
    pub(super) cause: Cause,
    /// What they have been told then, for the store.
    pub(super) told: String,
}

/// What moved `updated` last, as the store keeps it with what readers were `told`.
pub(in crate::pipeline) fn cause(told: Option<&str>) -> Cause {
    read(told).map(|told| told.cause).unwrap_or_default()
}

fn read(told: Option<&str>) -> Option<Told> {
    told.and_then(|told| serde_json::from_str(told).ok())
}

/// Judges `story` against what was `told` at its last release; a first release always is news.
pub(super) fn judge(told: Option<&str>, story: &Story, seeds: &[SeedText], rule: UpdatedOn) -> News {
    let mut now = telling(story, seeds);
    let Some(before) = read(told) else {
        return News { is_updated: true, cause: Cause::default(), told: written(&now) };
    };
    let differs = |(lead, wording): (&String, &BTreeSet<String>)| {
        before.wording.get(lead).is_none_or(|known| !known.is_superset(wording))
    };
    let cause = match rule {
        UpdatedOn::NewSource => Cause {
            joined: now.publishers.difference(&before.publishers).cloned().collect(),
            is_reworded: now.wording.iter().any(differs),
            is_led_anew: false,
        },
        UpdatedOn::LeadChanged => Cause { is_led_anew: now.lead != before.lead, ..Cause::default() },
        UpdatedOn::Never => Cause::default(),
    };
    let is_updated = cause != Cause::default();
    now.cause = if is_updated { cause } else { before.cause };
    // A publisher or a seed that leaves and comes back is no news twice.
    now.publishers.extend(before.publishers);
    for (lead, wording) in before.wording {
        now.wording.entry(lead).or_insert(wording);
    }
    News { is_updated, told: written(&now), cause: now.cause }
}

/// What readers are told with `story` as it is.
fn telling(story: &Story, seeds: &[SeedText]) -> Told {
    let own = story.coverage.iter().filter(|coverage| coverage.copy_of.is_none());
    let mut told = Told {
        publishers: own.map(|coverage| coverage.article.publisher.domain.clone()).collect(),
        lead: story.coverage.first().map(|lead| lead.article.id.to_string()).unwrap_or_default(),
        ..Told::default()
    };
    for seed in seeds {
        if let Some(lead) = seed.lead {
            told.wording.entry(lead.to_string()).or_default().insert(seed.wording.clone());
        }
    }
    told
}

fn written(told: &Told) -> String {
    serde_json::to_string(told).unwrap_or_default()
}
