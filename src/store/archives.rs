//! Back-fill: how far the past of each source was read (RFC 5005).

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Batch, Result, RowNo, View, from_json, millis, to_json};

/// How far the past of a source was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArchiveState {
    /// Pages that were read, in order.
    pub read: Vec<String>,
    /// Entries they brought that were not known.
    pub entries: u64,
    /// The feed was found on a listed page, so robots.txt governs it and its past.
    pub is_found: bool,
    /// Failures in a row of the page that is next.
    pub failures: u32,
    /// Why it ended, or what went wrong last.
    pub note: Option<String>,
}

/// The past of one source.
#[derive(Debug, Clone)]
pub struct ArchiveRow {
    /// The source.
    pub source: RowNo,
    /// The page to be read next, or the last one that was.
    pub url: String,
    /// Its registrable domain.
    pub domain: String,
    /// Not before; `None`: finished.
    pub next_at: Option<Timestamp>,
    /// What was done.
    pub state: ArchiveState,
}

fn archive_row(row: &rusqlite::Row<'_>) -> Result<ArchiveRow> {
    Ok(ArchiveRow {
        source: row.get(0)?,
        url: row.get(1)?,
        domain: row.get(2)?,
        next_at: row.get::<_, Option<i64>>(3)?.map(super::time),
        state: from_json(&row.get::<_, String>(4)?, "archives.state")?,
    })
}

impl View<'_> {
    /// How far the past of `source` was read; `None`: its feed linked to none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn archive(&self, source: RowNo) -> Result<Option<ArchiveRow>> {
        let mut find = self.sql("SELECT source, url, domain, next_at, state FROM archives WHERE source = ?1")?;
        find.query_row([source], |row| Ok(archive_row(row))).optional()?.transpose()
    }

    /// How far the past of each source was read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn archives(&self) -> Result<Vec<ArchiveRow>> {
        let mut find = self.sql("SELECT source, url, domain, next_at, state FROM archives ORDER BY source")?;
        let mut rows = find.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(archive_row(row)?);
        }
        Ok(found)
    }

    /// Whether `source` ever brought an entry.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_brought_entries(&self, source: RowNo) -> Result<bool> {
        let mut find = self.sql("SELECT 1 FROM entries WHERE source = ?1 LIMIT 1")?;
        Ok(find.query_row([source], |_| Ok(())).optional()?.is_some())
    }

    /// Archive pages of listed sources that are due at `now`, most overdue first, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due_archives(&self, now: Timestamp, limit: usize) -> Result<Vec<ArchiveRow>> {
        let sql =
            "SELECT a.source, a.url, a.domain, a.next_at, a.state FROM archives a JOIN sources s ON s.no = a.source
                   WHERE a.next_at <= ?1 AND s.listed ORDER BY a.next_at, a.source LIMIT ?2";
        let mut find = self.sql(sql)?;
        let mut rows = find.query(params![millis(now), i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            due.push(archive_row(row)?);
        }
        Ok(due)
    }
}

impl Batch<'_> {
    /// How far the past of a source was read now. `is_new`: it is started, unless it was before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_archive(&self, row: &ArchiveRow, is_new: bool) -> Result<()> {
        let sql = if is_new {
            "INSERT INTO archives VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING"
        } else {
            "UPDATE archives SET url = ?2, domain = ?3, next_at = ?4, state = ?5 WHERE source = ?1"
        };
        let state = to_json(&row.state, "archives.state")?;
        self.sql(sql)?.execute(params![row.source, row.url, row.domain, row.next_at.map(millis), state])?;
        Ok(())
    }
}
