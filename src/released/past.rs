//! What earlier versions of a document showed, so that a reader who holds one can be told what is new (RFC 3229).
//!
//! In memory only: after a restart readers get the whole once more. A few versions a document, each a number for a
//! story and one for how it looked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Digest, StoryId};

/// Versions remembered of a document: readers ask every hour or so, and few documents change more often.
const VERSIONS: usize = 8;

/// The stories that a version of a document showed, each with a digest of how it looked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown(BTreeMap<StoryId, Digest>);

impl FromIterator<(StoryId, Digest)> for Shown {
    fn from_iter<T: IntoIterator<Item = (StoryId, Digest)>>(stories: T) -> Self {
        Self(stories.into_iter().collect())
    }
}

impl Shown {
    /// Whether it showed the story, looking like this.
    #[must_use]
    pub fn has(&self, story: StoryId, looks: Digest) -> bool {
        self.0.get(&story) == Some(&looks)
    }
}

type Versions = VecDeque<(Digest, Arc<Shown>)>;

/// Earlier versions by path.
#[derive(Debug, Default)]
pub(super) struct Past(Mutex<BTreeMap<String, Versions>>);

impl Past {
    /// The document at `path` with this digest shows that.
    pub(super) fn remember(&self, path: &str, digest: Digest, shown: &Arc<Shown>) {
        let mut past = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let versions = past.entry(path.to_owned()).or_default();
        versions.retain(|(known, _)| *known != digest);
        versions.push_back((digest, Arc::clone(shown)));
        if versions.len() > VERSIONS {
            versions.pop_front();
        }
    }

    /// What the document at `path` showed when its digest was this.
    pub(super) fn of(&self, path: &str, digest: &str) -> Option<Arc<Shown>> {
        let past = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let versions = past.get(path)?;
        versions.iter().find(|(known, _)| known.to_string() == digest).map(|(_, shown)| Arc::clone(shown))
    }

    /// There is no document at these paths any more.
    pub(super) fn forget(&self, paths: &[String]) {
        let mut past = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for path in paths {
            past.remove(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_and_go() {
        let past = Past::default();
        let digest = |number: usize| Digest::of(&number.to_le_bytes());
        for number in 0..20 {
            past.remember("x", digest(number), &Arc::default());
            past.remember("x", digest(number), &Arc::default());
        }
        let known = |number: usize| past.of("x", &digest(number).to_string()).is_some();
        assert_eq!((0..20).filter(|number| known(*number)).collect::<Vec<_>>(), (12..20).collect::<Vec<_>>());
        assert!(past.of("y", &digest(19).to_string()).is_none());
        past.forget(&["x".to_owned()]);
        assert!(!known(19));
    }
}
