//! The seed folders as they are now: which files, how large, changed when.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::seed;
use crate::store::SeedFile;

/// Folders inside folders that are followed: nobody nests deeper on purpose, a link in a circle does.
const DEPTH: usize = 16;

/// Seed files that are read: ten times what the store was measured with.
const FILES: usize = 1_000_000;

/// A seed file in a folder.
#[derive(Debug, Clone)]
pub struct Found {
    /// As the operator names it: the configured path joined with what is below.
    pub name: String,
    /// To open it.
    pub path: PathBuf,
    /// Size, time, inode.
    pub facts: SeedFile,
}

/// What a look at the folders showed.
#[derive(Debug, Default)]
pub struct Scan {
    /// By name.
    pub files: Vec<Found>,
    /// What could not be looked at, a sentence each.
    pub problems: Vec<String>,
}

/// Looks at the folders, recursively. Names that start with a dot are passed over.
#[must_use]
pub fn scan(paths: &[PathBuf]) -> Scan {
    let mut files = BTreeMap::new();
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for path in paths {
        walk(path, 0, &mut seen, &mut files, &mut problems);
    }
    Scan { files: files.into_values().collect(), problems }
}

/// The file's bytes, at most one more than a seed may have, so that the reader can tell.
///
/// # Errors
/// When the file cannot be read.
pub fn contents(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(seed::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `seen` holds device and inode of the folders that were looked at: a link may lead back to one of them.
fn walk(
    path: &Path,
    depth: usize,
    seen: &mut BTreeSet<(u64, u64)>,
    files: &mut BTreeMap<String, Found>,
    problems: &mut Vec<String>,
) {
    let problem = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let facts = match fs::metadata(path) {
        Ok(facts) => facts,
        // Gone since its folder was listed, or a link to nowhere: a file that is not there.
        Err(error) if depth > 0 && error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => return problems.push(problem(&error)),
    };
    if facts.is_dir() {
        if !seen.insert((facts.dev(), facts.ino())) {
            return;
        }
        if depth >= DEPTH {
            return problems.push(problem(&format!("folders nest deeper than {DEPTH}")));
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return problems.push(problem(&error)),
        };
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_name().as_encoded_bytes().starts_with(b".") => {}
                Ok(entry) => walk(&entry.path(), depth + 1, seen, files, problems),
                Err(error) => problems.push(problem(&error)),
            }
        }
    } else if facts.is_file() && is_seed(path) {
        if files.len() >= FILES {
            return problems.push(problem(&format!("more than {FILES} seed files")));
        }
        let name = path.display().to_string();
        let modified_ns = facts.mtime().saturating_mul(1_000_000_000).saturating_add(facts.mtime_nsec());
        let facts = SeedFile {
            size: i64::try_from(facts.size()).unwrap_or(i64::MAX),
            modified_ns,
            inode: i64::from_ne_bytes(facts.ino().to_ne_bytes()),
        };
        files.insert(name.clone(), Found { name, path: path.to_owned(), facts });
    }
}

fn is_seed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["md", "yaml", "yml"].iter().any(|known| extension == *known))
}
