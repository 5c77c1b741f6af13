//! What was planned by a clock that ran ahead: found, and counted from now.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::params;

use super::{Batch, Result, RowNo, View, from_json, millis, time};
use crate::model::{PollState, VisitState};

impl View<'_> {
    /// When any host was last asked.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_request_at(&self) -> Result<Option<Timestamp>> {
        let mut find = self.sql("SELECT max(asked_at) FROM hosts")?;
        Ok(find.query_row([], |row| row.get::<_, Option<i64>>(0))?.map(time))
    }

    /// Sources whose next poll lies after `now`, and where each stands.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sources_planned_after(&self, now: Timestamp) -> Result<Vec<(RowNo, PollState)>> {
        self.planned(now, "SELECT no, poll FROM sources WHERE next_at > ?1", "sources.poll")
    }

    /// Articles whose page is asked after `now`, and where its visits stand.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pages_planned_after(&self, now: Timestamp) -> Result<Vec<(RowNo, VisitState)>> {
        self.planned(now, "SELECT article, visit FROM pages WHERE next_at > ?1", "pages.visit")
    }

    fn planned<T: serde::de::DeserializeOwned>(
        &self,
        now: Timestamp,
        sql: &str,
        what: &'static str,
    ) -> Result<Vec<(RowNo, T)>> {
        let mut find = self.sql(sql)?;
        let mut rows = find.query([millis(now)])?;
        let mut planned = Vec::new();
        while let Some(row) = rows.next()? {
            planned.push((row.get(0)?, from_json(&row.get::<_, String>(1)?, what)?));
        }
        Ok(planned)
    }
}

impl Batch<'_> {
    /// The clock was set back `by` that much and says `now`: no host was asked later than that, and what was planned
    /// beside sources and pages, which say themselves from when they count, lies that much earlier where it was
    /// planned ahead.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_back(&self, now: Timestamp, by: Duration) -> Result<()> {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.sql("UPDATE hosts SET asked_at = ?1 WHERE asked_at > ?1")?.execute([millis(now)])?;
        for sql in [
            "UPDATE hosts SET not_before = not_before - ?2 WHERE not_before > ?1 + ?2",
            "UPDATE robots SET until = until - ?2 WHERE until > ?1 + ?2",
            "UPDATE suspects SET until = until - ?2 WHERE until > ?1 + ?2",
            "UPDATE pictures SET next_at = next_at - ?2 WHERE next_at > ?1 + ?2",
            "UPDATE archives SET next_at = next_at - ?2 WHERE next_at > ?1 + ?2",
            "UPDATE followers SET next_at = next_at - ?2 WHERE next_at > ?1 + ?2",
        ] {
            self.sql(sql)?.execute(params![millis(now), by])?;
        }
        Ok(())
    }
}
