//! `Released`: the documents that readers see now.
//!
//! In come rendered documents from the release stage, out go the same bytes, compressed once (when they are first
//! asked for) and with their header values ready, so that answering a reader is a lookup and a copy of handles. Swaps are atomic: a
//! reader sees the snapshot before or after a release, never half of one. It never reads the clock, a file or
//! the store, and never renders.
//!
//! Memory is the sum of what is released: each document plain, in gzip and in brotli, about 1.5 times its
//! plain size ([`Released::bytes`] says how much). A release sets that bound (topics × formats × the limit of
//! entries); nothing is added on behalf of a reader.

mod packed;
mod past;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::watch;

pub use packed::{Coding, Packed, Variant, http_date, pack};
pub use past::Shown;

use crate::model::{Digest, Document};

/// Asked for at every request, so that it is no ordered map: that would compare a dozen paths each time.
type Snapshot = HashMap<Arc<str>, Arc<Packed>>;

/// The documents that readers see now, by path. Cheap to clone; clones share the snapshot.
#[derive(Debug, Clone, Default)]
pub struct Released(Arc<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    snapshot: ArcSwap<Snapshot>,
    /// Nobody will ever ask: nothing is kept.
    is_unread: bool,
    past: past::Past,
    /// Every document that is to be released was.
    is_whole: AtomicBool,
    /// Counts the snapshots.
    releases: watch::Sender<u64>,
    /// Held by the one who builds the next snapshot; readers never take it.
    writing: Mutex<()>,
}

impl Released {
    /// Nothing is released yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A shelf that nobody reads: what is put there is thrown away, and the work of compressing it is saved.
    #[must_use]
    pub fn unread() -> Self {
        Self(Arc::new(Shelf { is_unread: true, ..Shelf::default() }))
    }

    /// Whether nobody will ever read what is put here.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.0.is_unread
    }

    /// Puts `changed` in and takes `removed` (paths) out, in one step. A path in both stays. What was compressed
    /// of a document whose digest is the present one is kept. Returns how many paths changed.
    pub fn replace(&self, changed: Vec<Document>, removed: &[String]) -> usize {
        if self.is_unread() {
            return 0;
        }
        self.0.past.forget(removed);
        let _alone = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let present = self.0.snapshot.load_full();
        let mut next = Snapshot::clone(&present);
        let gone = removed.iter().filter(|path| next.remove(path.as_str()).is_some()).count();
        let mut fresh = 0;
        for document in changed {
            let old = present.get(document.path.as_str());
            let packed = match old {
                Some(old) if old.describes(&document) => Arc::clone(old),
                Some(old) if old.digest() == document.digest => Arc::new(old.restated(&document)),
                _ => Arc::new(Packed::plain(document)),
            };
            fresh += usize::from(!old.is_some_and(|old| Arc::ptr_eq(old, &packed)));
            next.insert(packed.path(), packed);
        }
        if gone + fresh > 0 {
            self.0.snapshot.store(Arc::new(next));
            self.0.releases.send_modify(|count| *count += 1);
        }
        gone + fresh
    }

    /// From now on what is not here is nowhere: all that is to be released was.
    pub fn complete(&self) {
        self.0.is_whole.store(true, Ordering::Release);
    }

    /// Whether all that is to be released was, at least once.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.is_whole.load(Ordering::Acquire)
    }

    /// Says when there is another snapshot.
    #[must_use]
    pub fn releases(&self) -> watch::Receiver<u64> {
        self.0.releases.subscribe()
    }

    /// The document at `path` with this digest shows these stories.
    pub fn remember(&self, path: &str, digest: Digest, shown: &Arc<Shown>) {
        if !self.is_unread() {
            self.0.past.remember(path, digest, shown);
        }
    }

    /// What the document at `path` showed when its digest was this (in hexadecimal), if that was not long ago.
    #[must_use]
    pub fn past(&self, path: &str, digest: &str) -> Option<Arc<Shown>> {
        self.0.past.of(path, digest)
    }

    /// The document at `path`, which has no first slash; `""` is the index.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Arc<Packed>> {
        self.0.snapshot.load().get(path).cloned()
    }

    /// Every path, in order.
    #[must_use]
    pub fn paths(&self) -> Vec<Arc<str>> {
        let mut paths: Vec<Arc<str>> = self.0.snapshot.load().keys().cloned().collect();
        paths.sort();
        paths
    }

    /// How many documents there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.snapshot.load().len()
    }

    /// Bytes held, in all codings.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.snapshot.load().values().map(|packed| packed.bytes()).sum()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn document(path: &str, text: &str, second: i64) -> Document {
        Document {
            path: path.into(),
            media_type: "text/html; charset=utf-8",
            bytes: text.into(),
            digest: Digest::of(text.as_bytes()),
            last_modified: Timestamp::from_second(second).unwrap(),
        }
    }

    fn paths(released: &Released) -> String {
        released.paths().join(" ")
    }

    #[test]
    fn documents_come_and_go() {
        let released = Released::new();
        assert_eq!(released.replace(vec![document("t/b/", "b", 1), document("", "home", 1)], &[]), 2);
        assert_eq!(paths(&released), " t/b/");
        assert_eq!(released.replace(vec![document("t/a/", "a", 1)], &["t/b/".into(), "never".into()]), 2);
        assert_eq!(paths(&released), " t/a/");
        assert_eq!((released.count(), released.bytes()), (2, 5));
        assert!(released.get("t/b/").is_none());
    }

    #[test]
    fn a_path_both_changed_and_removed_stays() {
        let released = Released::new();
        released.replace(vec![document("x", "1", 1)], &["x".into()]);
        released.replace(vec![document("x", "2", 2)], &["x".into()]);
        assert_eq!(released.get("x").unwrap().identity().bytes, "2");
    }

    #[test]
    fn what_did_not_change_is_not_packed_again() {
        let released = Released::new();
        let long = "word ".repeat(1000);
        released.replace(vec![document("x", &long, 1)], &[]);
        let before = released.get("x").unwrap();
        before.ensure(Coding::Gzip);
        assert_eq!(released.replace(vec![document("x", &long, 1)], &[]), 0);
        assert!(Arc::ptr_eq(&before, &released.get("x").unwrap()));
        // The same bytes with another time: new header values over the old compressed bytes.
        assert_eq!(released.replace(vec![document("x", &long, 9)], &[]), 1);
        let after = released.get("x").unwrap();
        assert_eq!(after.last_modified_second(), 9);
        let address = |packed: &Packed| packed.variant(Coding::Gzip).map(|gzip| gzip.bytes.as_ptr());
        assert!(address(&before).is_some());
        assert_eq!(address(&before), address(&after));
    }

    #[test]
    fn what_nobody_reads_is_not_kept() {
        let released = Released::unread();
        assert_eq!(released.replace(vec![document("x", "1", 1)], &[]), 0);
        assert_eq!(released.count(), 0);
    }

    #[test]
    fn clones_share_the_snapshot_and_old_handles_stay_valid() {
        let released = Released::new();
        let other = released.clone();
        released.replace(vec![document("x", "1", 1)], &[]);
        let held = other.get("x").unwrap();
        released.replace(Vec::new(), &["x".into()]);
        assert!(other.get("x").is_none());
        assert_eq!(held.identity().bytes, "1");
    }
}
