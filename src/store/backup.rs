//! Copies of the store: taken while it works, read through before they count.
//!
//! A copy is what one transaction sees, so it is consistent whatever is written meanwhile, and nobody waits for it: in
//! WAL mode a reader blocks no writer. A file counts as a copy only after SQLite has read all of it.

use std::path::Path;

use rusqlite::Connection;
use serde::Serialize;

use super::status::Counts;
use super::{Result, StoreError, View, migrations, open_reader};

/// What the header of an SQLite file starts with (SQLite file format, section 1.3).
const MAGIC: &[u8] = b"SQLite format 3\0";

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// Stories that live.
    pub stories: u64,
    /// Articles that stand in one.
    pub articles: u64,
    /// Listed sources.
    pub sources: u64,
    /// Size of the file.
    pub bytes: u64,
    /// Version of the format.
    pub format: i64,
}

/// Copies the store in `from` into `to`, which must not exist. The copy is compact, and is not migrated.
///
/// # Errors
/// When either file fails; what was written of the copy is left for the caller to remove.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let Some(name) = to.to_str() else {
        let cause = rusqlite::Error::InvalidPath(to.to_owned());
        return Err(StoreError::Open { path: to.to_owned(), cause });
    };
    // Copied in one transaction by SQLite itself (https://sqlite.org/lang_vacuum.html, "VACUUM with an INTO clause").
    open_reader(from)?.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}

/// Reads the whole file in `path` and says what it holds. Changes nothing.
///
/// # Errors
/// When it is no store of this program, is damaged, or comes from a newer program.
pub fn verify(path: &Path) -> Result<Copied> {
    let bytes = is_store(path)?;
    read_through(path, bytes).map_err(|error| match error {
        StoreError::Sqlite(cause) => not_ours(path, &format!("it is damaged: {cause}")),
        other => other,
    })
}

fn read_through(path: &Path, bytes: u64) -> Result<Copied> {
    let connection = open_reader(path)?;
    let format: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = migrations::known();
    if format > known {
        return Err(StoreError::Newer { path: path.to_owned(), found: format, known });
    }
    if format == 0 || !has_stories(&connection)? {
        return Err(not_ours(path, "it is a database, but none of this program"));
    }
    let said: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if said != "ok" {
        return Err(not_ours(path, &format!("it is damaged: {said}")));
    }
    let Counts { stories, articles, sources, .. } = View(&connection).counts()?;
    Ok(Copied { stories, articles, sources, bytes, format })
}

/// The size of the file, if it begins as an SQLite file does: SQLite itself would make an empty file a database.
fn is_store(path: &Path) -> Result<u64> {
    use std::io::Read;
    let start = || -> std::io::Result<(Vec<u8>, u64)> {
        let file = std::fs::File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut start = Vec::new();
        file.take(MAGIC.len() as u64).read_to_end(&mut start)?;
        Ok((start, bytes))
    };
    match start() {
        Ok((start, bytes)) if start == MAGIC => Ok(bytes),
        Ok(_) => Err(not_ours(path, "it is no SQLite file")),
        Err(error) => Err(not_ours(path, &error.to_string())),
    }
}

fn has_stories(connection: &Connection) -> Result<bool> {
    let find = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('stories', 'articles', 'sources')";
    Ok(connection.query_row(find, [], |row| row.get::<_, i64>(0))? == 3)
}

fn not_ours(path: &Path, why: &str) -> StoreError {
    StoreError::NoStore { path: path.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    fn refused(path: &Path) -> String {
        verify(path).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_store_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert!(refused(&path("none")).contains("No such file"));
        std::fs::write(path("text"), "---\ntitle: x\n---\n").unwrap();
        assert!(refused(&path("text")).contains("no SQLite file"));
        std::fs::write(path("empty"), "").unwrap();
        assert!(refused(&path("empty")).contains("no SQLite file"));
        Connection::open(path("other")).unwrap().execute_batch("CREATE TABLE t(x); PRAGMA user_version = 1").unwrap();
        assert!(refused(&path("other")).contains("none of this program"));
        drop(Store::open(&path("newer")).unwrap());
        Connection::open(path("newer")).unwrap().pragma_update(None, "user_version", 1_000).unwrap();
        assert!(refused(&path("newer")).contains("version 1000"));
    }

    #[test]
    fn a_copy_is_taken_of_an_open_store_and_damage_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let store = Store::open(&path("store")).unwrap();
        store.write(|batch| batch.set_meta("x", &"y".repeat(100_000))).unwrap();
        copy(&path("store"), &path("copy")).unwrap();
        let copied = verify(&path("copy")).unwrap();
        assert_eq!((copied.stories, copied.format), (0, migrations::known()));
        let kept = Store::open(&path("copy")).unwrap().read(|view| view.meta("x")).unwrap();
        assert_eq!(kept.map(|text| text.len()), Some(100_000));
        copy(&path("store"), &path("copy")).unwrap_err();
        let mut bytes = std::fs::read(path("copy")).unwrap();
        let half = bytes.len() / 2;
        bytes.truncate(half);
        std::fs::write(path("cut"), bytes).unwrap();
        let said = refused(&path("cut"));
        assert!(said.contains("damaged") || said.contains("malformed"), "{said}");
    }
}
