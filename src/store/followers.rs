//! Followers of our own hub, the requests of those who want to be some, and what hubs are to be told.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Batch, Result, RowNo, View, millis, time};

/// Somebody who gets a feed from our hub.
#[derive(Clone, PartialEq, Eq)]
pub struct FollowerRow {
    /// Row number.
    pub no: RowNo,
    /// Path of the feed.
    pub topic: String,
    /// Where it is sent: a secret of the follower's, never shown.
    pub callback: String,
    /// Its registrable domain.
    pub domain: String,
    /// The key of signatures.
    pub secret: Option<String>,
    /// Since when the feed is owed.
    pub owed_at: Option<Timestamp>,
    /// Tries that came to nothing, in a row.
    pub tries: u32,
}

/// Somebody who asked for a feed, or to get it no more.
#[derive(Clone, PartialEq, Eq)]
pub struct FollowRequest {
    /// Path of the feed.
    pub topic: String,
    /// Where it is to be sent.
    pub callback: String,
    /// Its registrable domain.
    pub domain: String,
    /// The key of signatures.
    pub secret: Option<String>,
    /// Seconds that the lease will run.
    pub lease_s: i64,
    /// They want it no more.
    pub is_leaving: bool,
}

const FOLLOWER: &str = "no, topic, callback, domain, secret, owed_at, tries";

fn follower_row(row: &Row<'_>) -> rusqlite::Result<FollowerRow> {
    Ok(FollowerRow {
        no: row.get(0)?,
        topic: row.get(1)?,
        callback: row.get(2)?,
        domain: row.get(3)?,
        secret: row.get(4)?,
        owed_at: row.get::<_, Option<i64>>(5)?.map(time),
        tries: row.get(6)?,
    })
}

impl View<'_> {
    /// Followers in all, and those at `domain`; requests that wait are counted too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_followers(&self, domain: &str) -> Result<(usize, usize)> {
        let sql = "SELECT (SELECT count(*) FROM followers) + (SELECT count(*) FROM follow_requests),
                   (SELECT count(*) FROM followers WHERE domain = ?1)
                   + (SELECT count(*) FROM follow_requests WHERE domain = ?1)";
        let (all, here): (i64, i64) = self.sql(sql)?.query_row([domain], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((usize::try_from(all).unwrap_or(0), usize::try_from(here).unwrap_or(0)))
    }

    /// Requests that wait to be verified: in all, and at `domain`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_follow_requests(&self, domain: &str) -> Result<(usize, usize)> {
        let sql = "SELECT count(*), count(*) FILTER (WHERE domain = ?1) FROM follow_requests";
        let (all, here): (i64, i64) = self.sql(sql)?.query_row([domain], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((usize::try_from(all).unwrap_or(0), usize::try_from(here).unwrap_or(0)))
    }

    /// Whether `callback` gets `topic` now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_follower(&self, topic: &str, callback: &str) -> Result<bool> {
        let mut find = self.sql("SELECT 1 FROM followers WHERE topic = ?1 AND callback = ?2")?;
        Ok(find.query_row([topic, callback], |_| Ok(())).optional()?.is_some())
    }

    /// Followers that something is to be sent to at `now`, most overdue first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due_followers(&self, now: Timestamp, limit: usize) -> Result<Vec<FollowerRow>> {
        let sql = format!("SELECT {FOLLOWER} FROM followers WHERE next_at <= ?1 ORDER BY next_at, no LIMIT ?2");
        let mut find = self.sql(&sql)?;
        let rows = find.query_map(params![millis(now), i64::try_from(limit).unwrap_or(i64::MAX)], follower_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Requests that wait to be verified, oldest first, with their numbers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn follow_requests(&self, limit: usize) -> Result<Vec<(RowNo, FollowRequest)>> {
        let sql = "SELECT no, topic, callback, domain, secret, lease_s, is_leaving FROM follow_requests
                   ORDER BY no LIMIT ?1";
        let mut find = self.sql(sql)?;
        let rows = find.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
            let request = FollowRequest {
                topic: row.get(1)?,
                callback: row.get(2)?,
                domain: row.get(3)?,
                secret: row.get(4)?,
                lease_s: row.get(5)?,
                is_leaving: row.get(6)?,
            };
            Ok((row.get(0)?, request))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Feeds that changed and whose hub was not told yet, oldest first, each with the time of its change.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn announcements(&self, limit: usize) -> Result<Vec<(String, Timestamp)>> {
        let mut find = self.sql("SELECT path, at FROM announcements ORDER BY at, path LIMIT ?1")?;
        let rows =
            find.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, time(row.get(1)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// A feed changed at `now`: its hub is to be told.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn announce(&self, path: &str, now: Timestamp) -> Result<()> {
        let sql = "INSERT INTO announcements VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = excluded.at";
        self.sql(sql)?.execute(params![path, millis(now)])?;
        Ok(())
    }

    /// The hub knows of the change of `path` at `at`, and maybe of a later one not yet.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn announced(&self, path: &str, at: Timestamp) -> Result<()> {
        self.sql("DELETE FROM announcements WHERE path = ?1 AND at <= ?2")?.execute(params![path, millis(at)])?;
        Ok(())
    }

    /// Every follower of `topic` whose lease runs is owed the feed as it is since `now`. One that is owed something
    /// already is not tried sooner for it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn owe(&self, topic: &str, now: Timestamp) -> Result<()> {
        let sql = "UPDATE followers SET owed_at = ?2, next_at = ifnull(next_at, ?2)
                   WHERE topic = ?1 AND lease_ends_at > ?2";
        self.sql(sql)?.execute(params![topic, millis(now)])?;
        Ok(())
    }

    /// A follower is tried now, and again at `next` if that comes to nothing or the process ends.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn try_follower(&self, no: RowNo, tries: u32, next: Timestamp) -> Result<()> {
        let sql = "UPDATE followers SET tries = ?2, next_at = ?3 WHERE no = ?1";
        self.sql(sql)?.execute(params![no, tries, millis(next)])?;
        Ok(())
    }

    /// A follower has got what was owed since `owed_at`; what changed after that is still owed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle_follower(&self, no: RowNo, owed_at: Option<Timestamp>, now: Timestamp) -> Result<()> {
        let sql = "UPDATE followers SET tries = 0, next_at = CASE WHEN owed_at > ?2 THEN ?3 END WHERE no = ?1";
        self.sql(sql)?.execute(params![no, owed_at.map(millis), millis(now)])?;
        Ok(())
    }

    /// Puts a request in the place of an earlier one for the same feed and call-back.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn request_to_follow(&self, request: &FollowRequest) -> Result<()> {
        let FollowRequest { topic, callback, domain, secret, lease_s, is_leaving } = request;
        let sql = "INSERT OR REPLACE INTO follow_requests VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)";
        self.sql(sql)?.execute(params![topic, callback, domain, secret, lease_s, is_leaving])?;
        Ok(())
    }

    /// A request is being verified: it is not tried twice.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn take_follow_request(&self, no: RowNo) -> Result<()> {
        self.sql("DELETE FROM follow_requests WHERE no = ?1")?.execute([no])?;
        Ok(())
    }

    /// A verified request: from now on the feed is sent, or it is not.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn follow(&self, request: &FollowRequest, lease_ends_at: Timestamp) -> Result<()> {
        let FollowRequest { topic, callback, domain, secret, is_leaving, .. } = request;
        if *is_leaving {
            let sql = "DELETE FROM followers WHERE topic = ?1 AND callback = ?2";
            self.sql(sql)?.execute([topic, callback])?;
            return Ok(());
        }
        let sql = "INSERT INTO followers VALUES (NULL, ?1, ?2, ?3, ?4, ?5, NULL, NULL, 0) ON CONFLICT (topic, callback)
                   DO UPDATE SET secret = excluded.secret, lease_ends_at = excluded.lease_ends_at, tries = 0";
        self.sql(sql)?.execute(params![topic, callback, domain, secret, millis(lease_ends_at)])?;
        Ok(())
    }

    /// A follower is sent nothing any more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn drop_follower(&self, no: RowNo) -> Result<()> {
        self.sql("DELETE FROM followers WHERE no = ?1")?.execute([no])?;
        Ok(())
    }

    /// Followers whose lease has ended are sent nothing any more; says how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn end_leases(&self, now: Timestamp) -> Result<usize> {
        Ok(self.sql("DELETE FROM followers WHERE lease_ends_at <= ?1")?.execute([millis(now)])?)
    }
}
