//! Search: which stories hold which words. Words come as the release stage cut them; none are kept as text.

use rusqlite::params;

use super::{Batch, Result, RowNo, View};

impl View<'_> {
    /// Stories that match `query` (FTS5 syntax, made of quoted words by the caller), newest id first.
    ///
    /// # Errors
    /// When the store cannot be read or `query` is no query.
    pub fn find_stories(&self, query: &str, limit: usize) -> Result<Vec<RowNo>> {
        let mut find = self.sql("SELECT rowid FROM found WHERE found MATCH ?1 ORDER BY rowid DESC LIMIT ?2")?;
        let rows = find.query_map(params![query, i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// A story can be found by these words, and by no others.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn find_story_by(&self, story: RowNo, words: &str, is_new: bool) -> Result<()> {
        if !is_new {
            self.lose_story(story)?;
        }
        self.sql("INSERT INTO found (rowid, words) VALUES (?1, ?2)")?.execute(params![story, words])?;
        Ok(())
    }

    /// A story is not found any more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn lose_story(&self, story: RowNo) -> Result<()> {
        self.sql("DELETE FROM found WHERE rowid = ?1")?.execute([story])?;
        Ok(())
    }
}
