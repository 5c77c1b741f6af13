//! Digests: what was new in each period of a topic, as it was told then.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Batch, Result, RowNo, View, millis, time};

impl View<'_> {
    /// The end of the last period of a topic.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_digest(&self, topic: &str) -> Result<Option<Timestamp>> {
        let mut find = self.sql("SELECT max(until) FROM digests WHERE topic = ?1")?;
        let until: Option<Option<i64>> = find.query_row([topic], |row| row.get(0)).optional()?;
        Ok(until.flatten().map(time))
    }

    /// The latest issues of a topic's digest, newest first, each with the end of its period.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn digest_issues(&self, topic: &str, limit: usize) -> Result<Vec<(Timestamp, String)>> {
        let sql =
            "SELECT until, issue FROM digests WHERE topic = ?1 AND issue IS NOT NULL ORDER BY until DESC LIMIT ?2";
        let mut find = self.sql(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = find.query_map(params![topic, limit], |row| Ok((time(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Stories of a topic that were updated after `since` and up to `until`, in the topic's order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn news_of_topic(&self, topic: &str, since: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<RowNo>> {
        let sql = "SELECT t.story FROM story_topics t JOIN stories s ON s.no = t.story
                   WHERE t.topic = ?1 AND s.updated > ?2 AND s.updated <= ?3 ORDER BY t.rank DESC, t.story LIMIT ?4";
        let mut find = self.sql(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = find.query_map(params![topic, millis(since), millis(until), limit], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// A period of a topic is over; `issue` tells what was new in it, if anything was.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add_digest(&self, topic: &str, until: Timestamp, issue: Option<&str>) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO digests VALUES (?1, ?2, ?3)";
        self.sql(sql)?.execute(params![topic, millis(until), issue])?;
        Ok(())
    }

    /// Forgets all issues of a topic but the latest `keep`, and periods without news but the last.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_digests(&self, topic: &str, keep: usize) -> Result<()> {
        let sql = "DELETE FROM digests WHERE topic = ?1
                   AND until < (SELECT max(until) FROM digests WHERE topic = ?1)
                   AND (issue IS NULL OR until NOT IN (SELECT until FROM digests
                        WHERE topic = ?1 AND issue IS NOT NULL ORDER BY until DESC LIMIT ?2))";
        self.sql(sql)?.execute(params![topic, i64::try_from(keep).unwrap_or(i64::MAX)])?;
        Ok(())
    }
}
