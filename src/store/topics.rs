//! Topics: which stories each holds, in its own order.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Batch, Result, RowNo, View, millis, time};

impl View<'_> {
    /// The topics that hold a story.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn topics_of(&self, story: RowNo) -> Result<Vec<(String, f64)>> {
        let mut find = self.sql("SELECT topic, rank FROM story_topics WHERE story = ?1 ORDER BY topic")?;
        let rows = find.query_map([story], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The first stories of a topic in its order; those without an article published since `since` stay out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn topic_stories(&self, topic: &str, since: Option<Timestamp>, limit: usize) -> Result<Vec<RowNo>> {
        let mut find = self.sql(
            "SELECT t.story FROM story_topics t JOIN stories s ON s.no = t.story
             WHERE t.topic = ?1 AND (?2 IS NULL OR s.newest >= ?2) ORDER BY t.rank DESC, t.story LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = find.query_map(params![topic, since.map(millis), limit], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether a topic holds a story.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_in_topic(&self, story: RowNo, topic: &str) -> Result<bool> {
        let mut find = self.sql("SELECT 1 FROM story_topics WHERE story = ?1 AND topic = ?2")?;
        Ok(find.query_row(params![story, topic], |_| Ok(())).optional()?.is_some())
    }

    /// Whether a story of a topic waits for release: what it is now was not judged yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_topic_waiting(&self, topic: &str) -> Result<bool> {
        let mut find = self.sql(
            "SELECT 1 FROM stories s WHERE s.waiting
             AND EXISTS (SELECT 1 FROM story_topics t WHERE t.story = s.no AND t.topic = ?1) LIMIT 1",
        )?;
        Ok(find.query_row([topic], |_| Ok(())).optional()?.is_some())
    }

    /// How many stories a topic holds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn topic_size(&self, topic: &str) -> Result<usize> {
        let mut find = self.sql("SELECT count(*) FROM story_topics WHERE topic = ?1")?;
        let count: i64 = find.query_row([topic], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Of the first `limit` stories of a topic in its order: how many there are, and the latest change.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn topic_shown(&self, topic: &str, limit: usize) -> Result<(usize, Option<Timestamp>)> {
        let mut find = self.sql(
            "SELECT count(*), max(s.updated) FROM
             (SELECT story FROM story_topics WHERE topic = ?1 ORDER BY rank DESC, story LIMIT ?2) t
             JOIN stories s ON s.no = t.story",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (count, updated): (i64, Option<i64>) =
            find.query_row(params![topic, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((usize::try_from(count).unwrap_or(0), updated.map(time)))
    }
}

impl Batch<'_> {
    /// The topics that hold a story now, each with its rank there; `before` are those that held it until now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_topics(&self, story: RowNo, before: &[(String, f64)], topics: &[(String, f64)]) -> Result<()> {
        if !before.is_empty() {
            self.sql("DELETE FROM story_topics WHERE story = ?1")?.execute([story])?;
        }
        let mut insert = self.sql("INSERT INTO story_topics VALUES (?1, ?2, ?3)")?;
        for (topic, rank) in topics {
            insert.execute(params![topic, story, rank])?;
        }
        Ok(())
    }
}
