//! Volumes: which stories each topic ever held, by the month they came in, and how they looked at its end.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Batch, Result, RowNo, View, millis, time};

/// One document of a topic's archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeRow {
    /// Row number.
    pub no: RowNo,
    /// The topic's slug.
    pub topic: String,
    /// `yyyy-mm`.
    pub month: String,
    /// Counts from 1 within the month.
    pub part: u32,
    /// Stories that ever came in.
    pub stories: u32,
    /// Its month is over, and its stories are kept as they were then.
    pub is_closed: bool,
    /// When its bytes last changed.
    pub modified: Timestamp,
}

const COLUMNS: &str = "no, topic, month, part, stories, closed, modified";

fn volume_row(row: &Row<'_>) -> rusqlite::Result<VolumeRow> {
    Ok(VolumeRow {
        no: row.get(0)?,
        topic: row.get(1)?,
        month: row.get(2)?,
        part: row.get(3)?,
        stories: row.get(4)?,
        is_closed: row.get(5)?,
        modified: time(row.get(6)?),
    })
}

impl View<'_> {
    fn volume_where(&self, rest: &str, values: impl rusqlite::Params) -> Result<Option<VolumeRow>> {
        let mut find = self.sql(&format!("SELECT {COLUMNS} FROM volumes WHERE {rest} LIMIT 1"))?;
        Ok(find.query_row(values, volume_row).optional()?)
    }

    /// The volume of a topic with this month and part.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn volume(&self, topic: &str, month: &str, part: u32) -> Result<Option<VolumeRow>> {
        self.volume_where("topic = ?1 AND month = ?2 AND part = ?3", params![topic, month, part])
    }

    /// The newest volume of a topic.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_volume(&self, topic: &str) -> Result<Option<VolumeRow>> {
        self.volume_where("topic = ?1 ORDER BY month DESC, part DESC", [topic])
    }

    /// The volumes before and after `volume`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn beside_volume(&self, volume: &VolumeRow) -> Result<(Option<VolumeRow>, Option<VolumeRow>)> {
        let VolumeRow { topic, month, part, .. } = volume;
        let before = "topic = ?1 AND (month, part) < (?2, ?3) ORDER BY month DESC, part DESC";
        let after = "topic = ?1 AND (month, part) > (?2, ?3) ORDER BY month, part";
        let find = |rest| self.volume_where(rest, params![topic, month, part]);
        Ok((find(before)?, find(after)?))
    }

    /// The topics whose archive holds a story.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn archived_in(&self, story: RowNo) -> Result<Vec<String>> {
        let sql = "SELECT v.topic FROM volume_stories s JOIN volumes v ON v.no = s.volume WHERE s.story = ?1";
        let mut find = self.sql(sql)?;
        let rows = find.query_map([story], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The volumes that hold a story, by topic.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn volumes_of(&self, story: RowNo) -> Result<Vec<VolumeRow>> {
        let mut find = self.sql(&format!(
            "SELECT {COLUMNS} FROM volumes WHERE no IN (SELECT volume FROM volume_stories WHERE story = ?1)
             ORDER BY topic, month, part"
        ))?;
        let rows = find.query_map([story], volume_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The live stories of a volume, last published first, each with how it was kept when its month ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn volume_stories(&self, volume: RowNo) -> Result<Vec<(RowNo, Option<Vec<u8>>)>> {
        let sql = "SELECT s.no, k.view FROM volume_stories v JOIN stories s ON s.no = v.story
                   LEFT JOIN keepsakes k ON k.story = s.no WHERE v.volume = ?1 AND s.state = 'live' 
                   ORDER BY s.published DESC, s.id";
        let mut find = self.sql(sql)?;
        let rows = find.query_map([volume], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The oldest volume that is open although its month ended before `month`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn volume_to_close(&self, month: &str) -> Result<Option<VolumeRow>> {
        self.volume_where("NOT closed AND month < ?1 ORDER BY month, no", [month])
    }

    /// Volumes whose static file is not what they are, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unwritten_volumes(&self, limit: usize) -> Result<Vec<VolumeRow>> {
        let sql = format!("SELECT {COLUMNS} FROM volumes WHERE NOT written ORDER BY no LIMIT ?1");
        let mut find = self.sql(&sql)?;
        let rows = find.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], volume_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// All volumes of a topic, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn volumes(&self, topic: &str) -> Result<Vec<VolumeRow>> {
        let mut find =
            self.sql(&format!("SELECT {COLUMNS} FROM volumes WHERE topic = ?1 ORDER BY month, part LIMIT 100000"))?;
        let rows = find.query_map([topic], volume_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// A new volume at the end of its topic's archive; the one before it now leads to it.
    ///
    /// # Errors
    /// When the store cannot be written, or there is such a volume.
    pub fn open_volume(&self, topic: &str, month: &str, part: u32, now: Timestamp) -> Result<VolumeRow> {
        let sql = "UPDATE volumes SET modified = CASE WHEN modified >= ?2 THEN modified + 1000 ELSE ?2 END, written = 0 WHERE no =
                   (SELECT no FROM volumes WHERE topic = ?1 ORDER BY month DESC, part DESC LIMIT 1)";
        self.sql(sql)?.execute(params![topic, millis(now)])?;
        self.sql("INSERT INTO volumes VALUES (NULL, ?1, ?2, ?3, 0, 0, ?4, 0)")?.execute(params![
            topic,
            month,
            part,
            millis(now)
        ])?;
        Ok(VolumeRow {
            no: self.last_no(),
            topic: topic.to_owned(),
            month: month.to_owned(),
            part,
            stories: 0,
            is_closed: false,
            modified: time(millis(now)),
        })
    }

    /// A story comes into a volume.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn enter_volume(&self, volume: RowNo, story: RowNo) -> Result<()> {
        self.sql("INSERT OR IGNORE INTO volume_stories VALUES (?1, ?2)")?.execute([story, volume])?;
        Ok(())
    }

    /// So many stories have come into a volume, the last of them `now`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn count_volume(&self, volume: RowNo, stories: u32, now: Timestamp) -> Result<()> {
        let sql =
            "UPDATE volumes SET stories = ?2, modified = CASE WHEN modified >= ?3 THEN modified + 1000 ELSE ?3 END,
                   written = 0 WHERE no = ?1";
        self.sql(sql)?.execute(params![volume, stories, millis(now)])?;
        Ok(())
    }

    /// A story looks otherwise from `now` on: so do the volumes that hold it. Closed ones do only where it came or
    /// went (`whole`).
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn touch_volumes(&self, story: RowNo, whole: bool, now: Timestamp) -> Result<()> {
        let sql = "UPDATE volumes SET modified = CASE WHEN modified >= ?3 THEN modified + 1000 ELSE ?3 END, written = 0
                   WHERE (?2 OR NOT closed)
                   AND no IN (SELECT volume FROM volume_stories WHERE story = ?1)";
        self.sql(sql)?.execute(params![story, whole, millis(now)])?;
        Ok(())
    }

    /// Every volume is rendered otherwise from `now` on: the site has another address or name, or the program changed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn touch_all_volumes(&self, now: Timestamp) -> Result<()> {
        let sql =
            "UPDATE volumes SET modified = CASE WHEN modified >= ?1 THEN modified + 1000 ELSE ?1 END, written = 0";
        self.sql(sql)?.execute([millis(now)])?;
        Ok(())
    }

    /// Keeps a story as it is, if it was not kept before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn keep_story(&self, story: RowNo, view: &[u8]) -> Result<()> {
        self.sql("INSERT OR IGNORE INTO keepsakes VALUES (?1, ?2)")?.execute(params![story, view])?;
        Ok(())
    }

    /// All stories of a volume are kept.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn close_volume(&self, volume: RowNo) -> Result<()> {
        self.sql("UPDATE volumes SET closed = 1 WHERE no = ?1")?.execute([volume])?;
        Ok(())
    }

    /// The static file of a volume is what the volume is.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn wrote_volume(&self, volume: RowNo) -> Result<()> {
        self.sql("UPDATE volumes SET written = 1 WHERE no = ?1")?.execute([volume])?;
        Ok(())
    }
}
