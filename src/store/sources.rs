//! Sources: which feeds are listed, and where the polling of each stands.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Batch, Result, RowNo, View, from_json, millis, to_json};
use crate::model::{PollState, Source, Stated};

/// A source as the store knows it.
#[derive(Debug, Clone)]
pub struct SourceRow {
    /// Row number.
    pub no: RowNo,
    /// The address and labels as configured.
    pub source: Source,
    /// Still in the configuration.
    pub listed: bool,
    /// The feed's own title.
    pub title: Option<String>,
    /// Where its polling stands.
    pub poll: PollState,
}

/// A source that is due.
#[derive(Debug, Clone)]
pub struct DueSource {
    /// Row number.
    pub no: RowNo,
    /// The address and labels as configured.
    pub source: Source,
    /// Its registrable domain.
    pub domain: String,
    /// Where its polling stands.
    pub poll: PollState,
}

impl View<'_> {
    /// Every source, in the order they were added.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sources(&self) -> Result<Vec<SourceRow>> {
        let mut find = self.sql("SELECT no, url, labels, listed, title, poll FROM sources ORDER BY no")?;
        let mut rows = find.query([])?;
        let mut sources = Vec::new();
        while let Some(row) = rows.next()? {
            let labels = from_json(&row.get::<_, String>(2)?, "sources.labels")?;
            sources.push(SourceRow {
                no: row.get(0)?,
                source: Source { url: row.get(1)?, labels },
                listed: row.get(3)?,
                title: row.get(4)?,
                poll: poll_state(row, 5)?,
            });
        }
        Ok(sources)
    }

    /// How many listed sources have a problem.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sources_in_trouble(&self) -> Result<usize> {
        let mut find = self.sql("SELECT count(*) FROM sources WHERE listed AND poll ->> 'problem' IS NOT NULL")?;
        let count: i64 = find.query_row([], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Listed sources due at `now`, most overdue first, at most `limit`: their numbers and registrable domains.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due_sources(&self, now: Timestamp, limit: usize) -> Result<Vec<(RowNo, String)>> {
        let sql = "SELECT no, domain FROM sources WHERE listed AND next_at <= ?1 ORDER BY next_at, no LIMIT ?2";
        let mut find = self.sql(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = find.query_map(params![millis(now), limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The source with this number, if it is listed and due at `now`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due_source(&self, no: RowNo, now: Timestamp) -> Result<Option<DueSource>> {
        let sql = "SELECT url, labels, domain, poll FROM sources WHERE no = ?1 AND listed AND next_at <= ?2";
        let mut find = self.sql(sql)?;
        let mut rows = find.query(params![no, millis(now)])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let labels = from_json(&row.get::<_, String>(1)?, "sources.labels")?;
        let source = Source { url: row.get(0)?, labels };
        Ok(Some(DueSource { no, source, domain: row.get(2)?, poll: poll_state(row, 3)? }))
    }

    /// The source as one who states entries.
    ///
    /// # Errors
    /// When the store cannot be read, or there is none.
    pub fn stated_as(&self, source: RowNo) -> Result<Stated> {
        let mut find = self.sql("SELECT url, title, lang, labels FROM sources WHERE no = ?1")?;
        let mut rows = find.query([source])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let labels = from_json(&row.get::<_, String>(3)?, "sources.labels")?;
        Ok(Stated::Source { url: row.get(0)?, title: row.get(1)?, lang: row.get(2)?, labels })
    }

    /// The articles a source brought.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn source_articles(&self, source: RowNo) -> Result<Vec<RowNo>> {
        let mut find = self.sql("SELECT DISTINCT article FROM entries WHERE source = ?1 ORDER BY 1")?;
        let rows = find.query_map([source], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// The source is in the configuration, with these labels; `start` is where the polling of a new one begins.
    /// Says its number and whether its labels changed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn list_source(&self, source: &Source, domain: &str, start: &PollState) -> Result<(RowNo, bool)> {
        let labels = to_json(&source.labels, "sources.labels")?;
        let mut find = self.sql("SELECT no, labels FROM sources WHERE url = ?1")?;
        let known = find.query_row([&source.url], |row| Ok((row.get::<_, RowNo>(0)?, row.get::<_, String>(1)?)));
        if let Some((no, before)) = known.optional()? {
            self.sql("UPDATE sources SET listed = 1, labels = ?2 WHERE no = ?1")?.execute(params![no, labels])?;
            return Ok((no, before != labels));
        }
        let poll = to_json(start, "sources.poll")?;
        self.sql("INSERT INTO sources VALUES (NULL, ?1, 1, ?2, NULL, NULL, ?3, ?4, ?5)")?.execute(params![
            source.url,
            labels,
            domain,
            millis(start.next_check_at),
            poll
        ])?;
        Ok((self.last_no(), false))
    }

    /// No source is in the configuration until it is listed again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn unlist_sources(&self) -> Result<()> {
        self.sql("UPDATE sources SET listed = 0")?.execute([])?;
        Ok(())
    }

    /// Every listed source is due at `now`, whatever its state says; says how many there are. The state keeps what
    /// servers asked for, which counts again from the next answer on.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn force_sources(&self, now: Timestamp) -> Result<usize> {
        Ok(self.sql("UPDATE sources SET next_at = ?1 WHERE listed")?.execute([millis(now)])?)
    }

    /// Listed sources that our own rules refused to ask are due at `now`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn reconsider_refused_sources(&self, now: Timestamp) -> Result<()> {
        let sql = "UPDATE sources SET next_at = ?1 WHERE listed AND json_extract(poll, '$.refused')";
        self.sql(sql)?.execute([millis(now)])?;
        Ok(())
    }

    /// Where the polling of a source stands now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_poll(&self, source: RowNo, poll: &PollState) -> Result<()> {
        self.sql("UPDATE sources SET next_at = ?2, poll = ?3 WHERE no = ?1")?.execute(params![
            source,
            millis(poll.next_check_at),
            to_json(poll, "sources.poll")?
        ])?;
        Ok(())
    }

    /// What the feed says of itself.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_feed(&self, source: RowNo, title: Option<&str>, lang: Option<&str>) -> Result<()> {
        self.sql("UPDATE sources SET title = ?2, lang = ?3 WHERE no = ?1")?.execute(params![source, title, lang])?;
        Ok(())
    }
}

fn poll_state(row: &Row<'_>, column: usize) -> Result<PollState> {
    from_json(&row.get::<_, String>(column)?, "sources.poll")
}
