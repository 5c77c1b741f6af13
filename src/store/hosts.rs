//! Hosts: when each was last asked, and until when it wants to be left alone.

use jiff::Timestamp;
use rusqlite::params;

use super::{Batch, Result, View, millis, time};

/// What is kept of one registrable domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRow {
    /// Registrable domain, or the host itself.
    pub domain: String,
    /// Last request, or the last claim of one.
    pub asked_at: Option<Timestamp>,
    /// The whole host rests until then.
    pub not_before: Option<Timestamp>,
}

fn host_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<HostRow> {
    Ok(HostRow {
        domain: row.get(0)?,
        asked_at: row.get::<_, Option<i64>>(1)?.map(time),
        not_before: row.get::<_, Option<i64>>(2)?.map(time),
    })
}

impl View<'_> {
    /// Every host that was asked after `since`, by domain.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn hosts(&self, since: Timestamp) -> Result<Vec<HostRow>> {
        let sql = "SELECT domain, asked_at, not_before FROM hosts
                   WHERE asked_at >= ?1 OR not_before >= ?1 ORDER BY domain";
        let mut find = self.sql(sql)?;
        let rows = find.query_map([millis(since)], host_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// A host is about to be asked.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn touch_host(&self, domain: &str, asked_at: Timestamp) -> Result<()> {
        let sql = "INSERT INTO hosts VALUES (?1, NULL, ?2, NULL)
                   ON CONFLICT DO UPDATE SET asked_at = max(ifnull(asked_at, 0), excluded.asked_at)";
        self.sql(sql)?.execute(params![domain, millis(asked_at)])?;
        Ok(())
    }

    /// Where a host stands: when it was last asked, and until when it rests.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_host(&self, domain: &str, asked_at: Option<Timestamp>, not_before: Option<Timestamp>) -> Result<()> {
        let sql = "INSERT INTO hosts VALUES (?1, NULL, ?2, ?3) ON CONFLICT DO UPDATE
                   SET asked_at = max(ifnull(asked_at, 0), ifnull(excluded.asked_at, 0)), not_before = excluded.not_before";
        self.sql(sql)?.execute(params![domain, asked_at.map(millis), not_before.map(millis)])?;
        Ok(())
    }
}
