//! What was planned by a clock that ran ahead: found, and counted from now.

use std::time::Duration;

use jiff::Timestamp;

use super::{Batch, Result, RowNo, View, from_json, millis, time};
use crate::model::{PollState, VisitState};

/// What hosts said in robots.txt, pictures, archives and followers are looked at again within a day, as a rule.
const LONGEST: Duration = Duration::from_hours(24);

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
    /// The clock was set back and says `now`. A host that was asked later than that rests as long as it was to, counted
    /// from now. What has no time of its own to count from waits for a day at most.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_back(&self, now: Timestamp) -> Result<()> {
        let sql =
            "UPDATE hosts SET asked_at = ?1, not_before = max(?1, not_before - (asked_at - ?1)) WHERE asked_at > ?1";
        self.sql(sql)?.execute([millis(now)])?;
        let latest = now.checked_add(LONGEST).unwrap_or(Timestamp::MAX);
        for sql in [
            "UPDATE robots SET until = ?1 WHERE until > ?1",
            "UPDATE suspects SET until = ?1 WHERE until > ?1",
            "UPDATE pictures SET next_at = ?1 WHERE next_at > ?1",
            "UPDATE archives SET next_at = ?1 WHERE next_at > ?1",
            "UPDATE followers SET next_at = ?1 WHERE next_at > ?1",
        ] {
            self.sql(sql)?.execute([millis(latest)])?;
        }
        Ok(())
    }
}
