//! The folder of pictures: one file each, called by the digest of its address. Bounded by bytes and by number; what was
//! looked at longest ago makes room. What a crash leaves half written is thrown away at the next start.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::model::Digest;

/// Bytes of all pictures: some thousands of them.
const MOST_BYTES: u64 = 256 << 20;

/// Pictures.
const MOST: usize = 20_000;

/// The folder.
pub(super) struct Shelf {
    folder: PathBuf,
    /// What lies there, once it was looked at.
    list: Mutex<Option<List>>,
}

/// What lies in the folder.
#[derive(Debug, Default)]
struct List {
    /// Size and turn of each.
    files: BTreeMap<String, (u64, u64)>,
    bytes: u64,
    /// Counts up with each look.
    turn: u64,
}

impl Shelf {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, list: Mutex::default() }
    }

    /// The picture, if it is there.
    pub(super) fn take(&self, digest: Digest) -> Option<Vec<u8>> {
        let name = digest.to_string();
        self.with(|list| list.look(&name)).then(|| fs::read(self.folder.join(&name)).ok()).flatten()
    }

    /// Keeps a picture, and throws away what there is no room for.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(super) fn put(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        let name = digest.to_string();
        fs::create_dir_all(&self.folder)?;
        let draft = self.folder.join(format!("{name}.new"));
        fs::write(&draft, bytes)?;
        fs::rename(draft, self.folder.join(&name))?;
        let old = self.with(|list| {
            list.add(name, bytes.len() as u64);
            list.trim(MOST_BYTES, MOST)
        });
        old.iter().try_for_each(|name| fs::remove_file(self.folder.join(name)))
    }

    fn with<T>(&self, work: impl FnOnce(&mut List) -> T) -> T {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        work(list.get_or_insert_with(|| List::of(&self.folder)))
    }
}

impl List {
    /// What lies in `folder`, in the order in which it came.
    fn of(folder: &Path) -> Self {
        let mut found: Vec<(SystemTime, String, u64)> = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (Ok(name), Ok(about)) = (entry.file_name().into_string(), entry.metadata()) else { continue };
            if name.contains('.') {
                // A draft that nobody will finish.
                let _ = fs::remove_file(entry.path());
                continue;
            }
            found.push((about.modified().unwrap_or(SystemTime::UNIX_EPOCH), name, about.len()));
        }
        found.sort();
        let mut list = Self::default();
        for (_, name, size) in found {
            list.add(name, size);
        }
        list
    }

    fn add(&mut self, name: String, size: u64) {
        self.turn += 1;
        let before = self.files.insert(name, (size, self.turn)).map_or(0, |(size, _)| size);
        self.bytes = self.bytes.saturating_sub(before).saturating_add(size);
    }

    /// Whether `name` is there; then it was looked at last.
    fn look(&mut self, name: &str) -> bool {
        self.turn += 1;
        self.files.get_mut(name).map(|(_, turn)| *turn = self.turn).is_some()
    }

    /// What is too much, which is forgotten.
    fn trim(&mut self, most_bytes: u64, most: usize) -> Vec<String> {
        let mut old = Vec::new();
        while self.bytes > most_bytes || self.files.len() > most {
            let oldest =
                self.files.iter().min_by_key(|(_, (_, turn))| *turn).map(|(name, (size, _))| (name.clone(), *size));
            let Some((name, size)) = oldest else { break };
            self.files.remove(&name);
            self.bytes = self.bytes.saturating_sub(size);
            old.push(name);
        }
        old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_longest_ago_makes_room() {
        let mut list = List::default();
        for name in ["a", "b", "c"] {
            list.add(name.to_owned(), 10);
        }
        assert!(list.look("a") && !list.look("d"));
        assert_eq!(list.trim(25, 10), ["b"]);
        assert_eq!(list.trim(100, 1), ["c"]);
        list.add("a".to_owned(), 30);
        assert_eq!((list.bytes, list.trim(20, 10)), (30, vec!["a".to_owned()]));
        assert_eq!((list.bytes, list.files.len()), (0, 0));
    }

    #[test]
    fn pictures_are_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        let shelf = Shelf::new(folder.path().join("images"));
        assert_eq!(shelf.take(one), None);
        shelf.put(one, b"picture").unwrap();
        assert_eq!(shelf.take(one).as_deref(), Some(b"picture".as_slice()));
        fs::write(folder.path().join("images/x.new"), b"half").unwrap();
        let again = Shelf::new(folder.path().join("images"));
        assert_eq!((again.take(one).as_deref(), again.take(two)), (Some(b"picture".as_slice()), None));
        assert!(!folder.path().join("images/x.new").exists());
    }
}
