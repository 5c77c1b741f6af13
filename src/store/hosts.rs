//! Hosts: when each was last asked, until when it wants to be left alone, and what it said in its robots.txt.

use jiff::Timestamp;
use rusqlite::params;

use super::{Batch, Result, View, millis, time};
use crate::model::Digest;

/// What is kept of one registrable domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRow {
    /// Registrable domain, or the host itself.
    pub domain: String,
    /// Last request, or the last claim of one.
    pub asked_at: Option<Timestamp>,
    /// The whole host rests until then.
    pub not_before: Option<Timestamp>,
    /// One address of it was throttled: its digest, and until when that counts.
    pub suspect: Option<(Digest, Timestamp)>,
}

/// What a host said in its robots.txt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotsRow {
    /// Scheme, host and port.
    pub origin: String,
    /// It is not asked again before.
    pub until: Timestamp,
    /// Readable by the fetcher alone.
    pub verdict: String,
}

fn host_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<HostRow> {
    let suspect: Option<Vec<u8>> = row.get(3)?;
    Ok(HostRow {
        domain: row.get(0)?,
        asked_at: row.get::<_, Option<i64>>(1)?.map(time),
        not_before: row.get::<_, Option<i64>>(2)?.map(time),
        suspect: suspect.and_then(|bytes| Digest::from_bytes(&bytes)).zip(row.get::<_, Option<i64>>(4)?.map(time)),
    })
}

impl View<'_> {
    /// Every host that was asked after `since`, by domain.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn hosts(&self, since: Timestamp) -> Result<Vec<HostRow>> {
        let sql = "SELECT h.domain, h.asked_at, h.not_before, s.url, s.until
                   FROM hosts h LEFT JOIN suspects s ON s.domain = h.domain
                   WHERE h.asked_at >= ?1 OR h.not_before >= ?1 OR s.until >= ?1 ORDER BY h.domain";
        let mut find = self.sql(sql)?;
        let rows = find.query_map([millis(since)], host_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What hosts said in their robots.txt, as far as it has not ended at `now`; at most `limit`, longest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn robots(&self, now: Timestamp, limit: usize) -> Result<Vec<RobotsRow>> {
        let mut find =
            self.sql("SELECT origin, until, verdict FROM robots WHERE until > ?1 ORDER BY until DESC LIMIT ?2")?;
        let rows = find.query_map(params![millis(now), i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
            Ok(RobotsRow { origin: row.get(0)?, until: time(row.get(1)?), verdict: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// What a host said in its robots.txt. What has ended at `now` is forgotten.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_robots(&self, robots: &RobotsRow, now: Timestamp) -> Result<()> {
        let RobotsRow { origin, until, verdict } = robots;
        self.sql("DELETE FROM robots WHERE until <= ?1")?.execute([millis(now)])?;
        self.sql("INSERT OR REPLACE INTO robots VALUES (?1, ?2, ?3)")?.execute(params![
            origin,
            millis(*until),
            verdict
        ])?;
        Ok(())
    }

    /// One address of a host was throttled, until when that counts; `None`: no longer.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_suspect(&self, domain: &str, suspect: Option<(Digest, Timestamp)>) -> Result<()> {
        if let Some((url, until)) = suspect {
            let sql = "INSERT OR REPLACE INTO suspects VALUES (?1, ?2, ?3)";
            self.sql(sql)?.execute(params![domain, url.as_bytes(), millis(until)])?;
        } else {
            self.sql("DELETE FROM suspects WHERE domain = ?1")?.execute([domain])?;
        }
        Ok(())
    }

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
