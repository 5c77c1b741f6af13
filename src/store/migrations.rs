//! The store's format, brought forward step by step and never back.

use std::path::Path;

use rusqlite::Connection;

use super::{Result, StoreError};

/// Each step brings the format one version on; the file's version is in `PRAGMA user_version`.
const STEPS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
    include_str!("migrations/7.sql"),
    include_str!("migrations/8.sql"),
];

/// The version that this program writes.
pub(super) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

pub(super) fn run(connection: &Connection, path: &Path) -> Result<()> {
    let known = known();
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    for (step, version) in STEPS.iter().zip(1i64..).skip(usize::try_from(found).unwrap_or(0)) {
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of version `version`, with a row in it.
    fn old(version: usize) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for step in STEPS.iter().take(version) {
            connection.execute_batch(step).unwrap();
        }
        connection.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
        connection.execute_batch("INSERT INTO meta VALUES ('kept', 'yes')").unwrap();
        connection
    }

    fn version(connection: &Connection) -> i64 {
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    /// Tables, indices and triggers, and the columns of each table.
    fn shape(connection: &Connection) -> Vec<String> {
        let sql = "SELECT s.type || ' ' || s.name || ' ' || ifnull((SELECT group_concat(c.name || c.type || c.\"notnull\" || c.pk)
                   FROM pragma_table_xinfo(s.name) c), '') FROM sqlite_schema s ORDER BY 1";
        let mut find = connection.prepare(sql).unwrap();
        find.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_older_format_is_brought_forward_with_what_it_holds() {
        let fresh = Connection::open_in_memory().unwrap();
        run(&fresh, Path::new("fresh")).unwrap();
        for from in 1..=STEPS.len() {
            let connection = old(from);
            run(&connection, Path::new("old")).unwrap();
            assert_eq!((version(&connection), shape(&connection)), (known(), shape(&fresh)), "from {from}");
            let kept = "SELECT value FROM meta WHERE key = 'kept'";
            assert_eq!(connection.query_row(kept, [], |row| row.get::<_, String>(0)).unwrap(), "yes", "from {from}");
        }
    }

    #[test]
    fn a_step_that_finds_no_space_changes_nothing_and_is_taken_later() {
        for from in 1..STEPS.len() {
            let connection = old(from);
            let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
            connection.pragma_update(None, "max_page_count", pages).unwrap();
            let before = shape(&connection);
            let Err(error) = run(&connection, Path::new("old")) else { continue };
            assert!(error.to_string().contains("free some space"), "{error}");
            // Whole steps may have been taken; none is taken in part.
            assert_eq!(
                version(&connection) == i64::try_from(from).unwrap(),
                shape(&connection) == before,
                "from {from}"
            );
            connection.pragma_update(None, "max_page_count", pages + 1_000).unwrap();
            run(&connection, Path::new("old")).unwrap();
            assert_eq!(version(&connection), known());
        }
    }

    #[test]
    fn a_newer_format_is_refused_and_left_as_it_is() {
        let connection = old(STEPS.len());
        connection.pragma_update(None, "user_version", known() + 1).unwrap();
        let said = run(&connection, Path::new("wire.db")).unwrap_err().to_string();
        let newer = known() + 1;
        assert_eq!(
            said,
            format!(
                "store wire.db: its format is version {newer}, this program knows up to {}; run the newer program or restore a backup",
                known()
            )
        );
        assert_eq!(version(&connection), newer);
    }
}
