//! Documents and editions: what was published, since when, and what must be rendered again.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Batch, Result, View, damaged, millis, time};
use crate::model::Digest;

/// What was last published at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentRow {
    /// Of its bytes.
    pub digest: Digest,
    /// When these bytes last changed.
    pub modified: Timestamp,
}

impl View<'_> {
    /// What was last published at `path`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn document(&self, path: &str) -> Result<Option<DocumentRow>> {
        let mut find = self.sql("SELECT digest, modified FROM documents WHERE path = ?1")?;
        let row = find.query_row([path], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?))).optional()?;
        row.map(|(digest, modified)| {
            let digest = Digest::from_bytes(&digest).ok_or_else(|| damaged("documents.digest"))?;
            Ok(DocumentRow { digest, modified: time(modified) })
        })
        .transpose()
    }

    /// Every path that was published.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn document_paths(&self) -> Result<Vec<String>> {
        let mut find = self.sql("SELECT path FROM documents ORDER BY path")?;
        let rows = find.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Every topic that has an edition.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn all_editions(&self) -> Result<Vec<String>> {
        let mut find = self.sql("SELECT topic FROM editions ORDER BY topic")?;
        let rows = find.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// When a topic last became another for readers: no document made of its stories is older.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn edition_changed(&self, topic: &str) -> Result<Option<Timestamp>> {
        let mut find = self.sql("SELECT changed FROM editions WHERE topic = ?1")?;
        Ok(find.query_row([topic], |row| row.get(0)).optional()?.map(time))
    }

    /// Topics whose edition must be rendered again.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stale_editions(&self) -> Result<Vec<String>> {
        let mut find = self.sql("SELECT topic FROM editions WHERE stale ORDER BY topic")?;
        let rows = find.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// Says when the bytes with `digest` first stood at `path`: now, or earlier if they stand there already. Two changes
    /// within a second are dated a second apart: HTTP dates know no less, and a client of libcurl that is sent other
    /// bytes with the date it has takes them for the old ones. They are new where they did not stand there before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn date_document(&self, path: &str, digest: Digest, now: Timestamp) -> Result<(Timestamp, bool)> {
        let known = self.document(path)?;
        if let Some(known) = known.as_ref().filter(|known| known.digest == digest) {
            return Ok((known.modified, false));
        }
        let next_second = known.map_or(i64::MIN, |known| (known.modified.as_second() + 1) * 1_000);
        let now = millis(now).max(next_second);
        let sql = "INSERT INTO documents VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET digest = excluded.digest, modified = excluded.modified";
        self.sql(sql)?.execute(params![path, digest.as_bytes(), now])?;
        Ok((time(now), true))
    }

    /// Nothing stands at `path` any more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_document(&self, path: &str) -> Result<()> {
        self.sql("DELETE FROM documents WHERE path = ?1")?.execute([path])?;
        Ok(())
    }

    /// A topic became another for readers at `now`: its edition is stale.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn stale_edition(&self, topic: &str, now: Timestamp) -> Result<()> {
        let sql = "INSERT INTO editions VALUES (?1, 1, ?2)
                   ON CONFLICT DO UPDATE SET stale = 1,
                   changed = CASE WHEN changed >= excluded.changed THEN changed + 1000 ELSE excluded.changed END";
        self.sql(sql)?.execute(params![topic, millis(now)])?;
        Ok(())
    }

    /// A topic's edition was rendered.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn fresh_edition(&self, topic: &str) -> Result<()> {
        self.sql("UPDATE editions SET stale = 0 WHERE topic = ?1")?.execute([topic])?;
        Ok(())
    }

    /// Forgets a topic that is no longer configured.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_edition(&self, topic: &str) -> Result<()> {
        self.sql("DELETE FROM editions WHERE topic = ?1")?.execute([topic])?;
        self.sql("DELETE FROM story_topics WHERE topic = ?1")?.execute([topic])?;
        self.sql("DELETE FROM volumes WHERE topic = ?1")?.execute([topic])?;
        self.sql("DELETE FROM digests WHERE topic = ?1")?.execute([topic])?;
        Ok(())
    }
}
