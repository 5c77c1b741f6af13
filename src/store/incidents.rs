//! Incidents: trouble with sources, opened when it begins and closed when it is over. Bounded in number and age.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::{Batch, Result, RowNo, View, millis, time};
use crate::model::{Incident, IncidentKind};
use crate::url;

/// Incidents that are over and still shown: a month of bad days of a large wire.
const MOST_CLOSED: i64 = 500;

/// How long one that is over is kept.
const CLOSED_AGE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Characters of the facts of an incident: a sentence or two.
const MOST_DETAIL: usize = 500;

fn incident(row: &Row<'_>) -> rusqlite::Result<Incident> {
    let closed = row.get::<_, Option<i64>>(7)?.map(time);
    let cure: Option<String> = row.get(8)?;
    Ok(Incident {
        no: row.get(0)?,
        source: url::mask(&row.get::<_, String>(1)?),
        title: row.get(2)?,
        // The table allows no other word.
        kind: IncidentKind::of_name(&row.get::<_, String>(3)?).unwrap_or(IncidentKind::Broken),
        detail: row.get(4)?,
        opened: time(row.get(5)?),
        updated: time(row.get(6)?),
        closed: closed.map(|at| (at, cure.unwrap_or_default())),
        polls: row.get(9)?,
    })
}

impl View<'_> {
    /// The latest incidents, open ones before those that are over, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn incidents(&self, limit: usize) -> Result<Vec<Incident>> {
        let sql = "SELECT i.no, s.url, s.title, i.kind, i.detail, i.opened, i.updated, i.closed, i.cure, i.polls
                   FROM incidents i JOIN sources s ON s.no = i.source
                   ORDER BY i.closed IS NOT NULL, i.updated DESC, i.no DESC LIMIT ?1";
        let mut find = self.sql(sql)?;
        let rows = find.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], incident)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The kind of the open incident of `source`, moves left aside.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open_incident(&self, source: RowNo) -> Result<Option<IncidentKind>> {
        let mut find =
            self.sql("SELECT kind FROM incidents WHERE source = ?1 AND closed IS NULL AND kind <> 'moved'")?;
        let kind: Option<String> = find.query_row([source], |row| row.get(0)).optional()?;
        Ok(kind.and_then(|kind| IncidentKind::of_name(&kind)))
    }

    /// How many incidents are open, by kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_incidents(&self) -> Result<Vec<(String, u64)>> {
        let mut find =
            self.sql("SELECT kind, count(*) FROM incidents WHERE closed IS NULL GROUP BY kind ORDER BY kind")?;
        let rows = find.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// A source is in trouble: its open incident goes on, as another kind if need be, or one is opened.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_incident(&self, source: RowNo, kind: IncidentKind, detail: &str, now: Timestamp) -> Result<()> {
        let detail: String = detail.chars().take(MOST_DETAIL).collect();
        let going_on = "UPDATE incidents SET updated = CASE WHEN kind = ?2 THEN updated ELSE ?4 END, kind = ?2,
                        detail = ?3, polls = polls + 1
                        WHERE source = ?1 AND closed IS NULL AND (kind = 'moved') = (?2 = 'moved')";
        let at = millis(now);
        if self.sql(going_on)?.execute(params![source, kind.name(), detail, at])? == 0 {
            let open = "INSERT INTO incidents VALUES (NULL, ?1, ?2, ?3, 1, ?4, ?4, NULL, NULL)";
            self.sql(open)?.execute(params![source, kind.name(), detail, at])?;
        }
        Ok(())
    }

    /// The trouble of a source is over, its move if `is_move`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn close_incident(&self, source: RowNo, is_move: bool, cure: &str, now: Timestamp) -> Result<()> {
        let sql = "UPDATE incidents SET closed = ?3, updated = ?3, cure = ?4
                   WHERE source = ?1 AND closed IS NULL AND (kind = 'moved') = ?2";
        if self.sql(sql)?.execute(params![source, is_move, millis(now), cure])? > 0 {
            self.trim_incidents(now)?;
        }
        Ok(())
    }

    /// Closes what is open of sources that are no longer listed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn close_unlisted_incidents(&self, cure: &str, now: Timestamp) -> Result<()> {
        let sql = "UPDATE incidents SET closed = ?1, updated = ?1, cure = ?2
                   WHERE closed IS NULL AND source IN (SELECT no FROM sources WHERE NOT listed)";
        self.sql(sql)?.execute(params![millis(now), cure])?;
        self.trim_incidents(now)
    }

    fn trim_incidents(&self, now: Timestamp) -> Result<()> {
        let then = now.saturating_sub(CLOSED_AGE).unwrap_or(Timestamp::MIN);
        self.sql("DELETE FROM incidents WHERE closed < ?1")?.execute([millis(then)])?;
        let sql = "DELETE FROM incidents WHERE closed IS NOT NULL AND no NOT IN
                   (SELECT no FROM incidents WHERE closed IS NOT NULL ORDER BY closed DESC, no DESC LIMIT ?1)";
        self.sql(sql)?.execute([MOST_CLOSED])?;
        Ok(())
    }
}
