//! What sources have in common, for telling those that are one feed.

use rusqlite::params;

use super::{Result, RowNo, View};
use crate::model::Digest;

impl View<'_> {
    /// Of every listed source the `most` smallest keys of its entries: two sources of the same entries have the same
    /// ones, so that this small part of them tells. Read from the index alone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn entry_samples(&self, most: usize) -> Result<Vec<(RowNo, Vec<Digest>)>> {
        let mut sources = self.sql("SELECT no FROM sources WHERE listed ORDER BY no")?;
        let sources: Vec<RowNo> = sources.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut find = self.sql("SELECT key FROM entries WHERE source = ?1 ORDER BY key LIMIT ?2")?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        sources
            .into_iter()
            .map(|no| {
                let keys = find.query_map(params![no, most], |row| row.get::<_, Vec<u8>>(0))?;
                // A digest of another length is none of ours, and in common with nobody.
                let keys = keys.collect::<rusqlite::Result<Vec<_>>>()?;
                Ok((no, keys.iter().filter_map(|key| Digest::from_bytes(key)).collect()))
            })
            .collect()
    }

    /// The articles of the `most` entries that a source brought last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn latest_articles(&self, source: RowNo, most: usize) -> Result<Vec<RowNo>> {
        let sql = "SELECT article FROM entries WHERE no IN (
                     SELECT no FROM entries WHERE source = ?1 ORDER BY no DESC LIMIT ?2) ORDER BY article";
        let mut find = self.sql(sql)?;
        let rows = find.query_map(params![source, i64::try_from(most).unwrap_or(i64::MAX)], |row| row.get(0))?;
        let mut articles = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        articles.dedup();
        Ok(articles)
    }
}
