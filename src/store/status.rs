//! Counts and troubles, for `status` and the metrics.

use jiff::Timestamp;
use rusqlite::params;
use serde::Serialize;

use super::{Result, View, from_json, millis, time};
use crate::model::VisitState;

/// How much there is, and how much waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "named after what is counted")]
pub struct Counts {
    pub seeds: u64,
    pub broken_seeds: u64,
    pub inactive_seeds: u64,
    pub sources: u64,
    pub articles: u64,
    pub stories: u64,
    pub pages: u64,
    pub pages_read: u64,
    pub pages_planned: u64,
    pub waiting_to_group: u64,
    pub waiting_to_release: u64,
}

/// A page whose last visit went wrong.
#[derive(Debug, Clone, Serialize)]
pub struct Trouble {
    /// The article's address.
    pub url: String,
    /// What went wrong.
    pub problem: String,
    /// Failures in a row.
    pub failures: u32,
    /// Last request.
    pub asked_at: Option<Timestamp>,
    /// Next try; `None`: none.
    pub next_at: Option<Timestamp>,
    /// The address of its AMP page, where that is tried in its place.
    pub second: Option<String>,
}

impl View<'_> {
    /// Counts everything.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn counts(&self) -> Result<Counts> {
        let count =
            |sql: &str| -> Result<u64> { Ok(self.sql(sql)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs()) };
        Ok(Counts {
            seeds: count("SELECT count(*) FROM seeds")?,
            broken_seeds: count("SELECT count(*) FROM seeds WHERE broken")?,
            inactive_seeds: count("SELECT count(*) FROM seeds WHERE NOT active AND NOT broken")?,
            sources: count("SELECT count(*) FROM sources WHERE listed")?,
            articles: count("SELECT count(*) FROM articles WHERE placed IS NOT NULL")?,
            // From indexes alone: the rows are wide, and there may be a million.
            stories: count("SELECT count(*) FROM stories")?
                .saturating_sub(count("SELECT count(*) FROM stories WHERE state <> 'live'")?),
            pages: count("SELECT count(*) FROM pages")?,
            pages_read: count("SELECT count(*) FROM pages WHERE metadata IS NOT NULL")?,
            pages_planned: self.pages_planned()?,
            waiting_to_group: self.waiting_to_group()?,
            waiting_to_release: count("SELECT count(*) FROM stories WHERE waiting")?,
        })
    }

    /// When the source that waits longest for its poll was due, and when the page that waits longest for its visit.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn first_due(&self) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
        let mut find = self.sql(
            "SELECT (SELECT min(next_at) FROM sources WHERE listed AND next_at IS NOT NULL),
                    (SELECT min(due_at) FROM hosts WHERE due_at IS NOT NULL)",
        )?;
        let due = |at: Option<i64>| at.map(time);
        Ok(find.query_row([], |row| Ok((due(row.get(0)?), due(row.get(1)?))))?)
    }

    /// Hosts that rest as a whole at `now`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_resting_hosts(&self, now: Timestamp) -> Result<u64> {
        let mut count = self.sql("SELECT count(*) FROM hosts WHERE not_before > ?1")?;
        Ok(count.query_row([millis(now)], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// The first `limit` topics by slug: each with how many stories it holds, and when it last changed for readers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn topics(&self, limit: usize) -> Result<Vec<(String, u64, Timestamp)>> {
        let mut find = self.sql(
            "SELECT topic, (SELECT count(*) FROM story_topics t WHERE t.topic = e.topic), changed
             FROM editions e ORDER BY topic LIMIT ?1",
        )?;
        let rows = find.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs(), time(row.get(2)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Pages that will be asked.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pages_planned(&self) -> Result<u64> {
        let mut count = self.sql("SELECT count(*) FROM pages WHERE next_at IS NOT NULL")?;
        Ok(count.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Articles that wait for the grouping stage.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting_to_group(&self) -> Result<u64> {
        let mut count = self.sql("SELECT count(*) FROM articles WHERE waiting")?;
        Ok(count.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Pages whose last visit went wrong, next try first, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn troubles(&self, limit: usize) -> Result<Vec<Trouble>> {
        let mut find = self.sql(
            "SELECT a.url, p.visit, p.next_at FROM pages p JOIN articles a ON a.no = p.article
             WHERE p.visit ->> 'problem' IS NOT NULL AND a.live ORDER BY p.next_at IS NULL, p.next_at, a.url LIMIT ?1",
        )?;
        let mut rows = find.query(params![i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut troubles = Vec::new();
        while let Some(row) = rows.next()? {
            let visit: VisitState = from_json(&row.get::<_, String>(1)?, "pages.visit")?;
            troubles.push(Trouble {
                url: row.get(0)?,
                problem: visit.problem.unwrap_or_default(),
                failures: visit.failures,
                asked_at: visit.asked_at,
                second: visit.second,
                next_at: row.get::<_, Option<i64>>(2)?.map(time),
            });
        }
        Ok(troubles)
    }
}
