//! Aliases: which article an address leads to, beside its own, and which two turned out to be one.

use rusqlite::params;

use super::{Batch, Result, RowNo, View};
use crate::model::ArticleId;

impl View<'_> {
    /// The article known by this id, its own or an alias.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn article_by_alias(&self, id: ArticleId) -> Result<Option<RowNo>> {
        let mut find = self.sql(
            "SELECT coalesce((SELECT article FROM aliases WHERE id = ?1), (SELECT no FROM articles WHERE id = ?1))",
        )?;
        Ok(find.query_row([id.as_bytes()], |row| row.get(0))?)
    }

    /// Whether a seed lists the article or another article was merged into it: then more than its own text decides
    /// where it stands.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_ties(&self, article: RowNo) -> Result<bool> {
        let mut find = self.sql(
            "SELECT EXISTS (SELECT 1 FROM entries WHERE article = ?1 AND seed IS NOT NULL)
                 OR EXISTS (SELECT 1 FROM aliases l JOIN articles o ON o.id = l.id WHERE l.article = ?1)",
        )?;
        Ok(find.query_row([article], |row| row.get(0))?)
    }

    /// The stories of articles that were merged into this one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stories_of_merged(&self, article: RowNo) -> Result<Vec<RowNo>> {
        let mut find = self.sql(
            "SELECT o.story FROM aliases l JOIN articles o ON o.id = l.id
             WHERE l.article = ?1 AND o.no <> ?1 AND NOT o.live AND o.story IS NOT NULL ORDER BY o.story",
        )?;
        let rows = find.query_map([article], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// The article is known by `id` beside its own, unless that id is already somebody's.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn know_article_as(&self, article: RowNo, id: ArticleId) -> Result<()> {
        let sql = "INSERT INTO aliases SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM articles WHERE id = ?1)
                   ON CONFLICT DO NOTHING";
        self.sql(sql)?.execute(params![id.as_bytes(), article])?;
        Ok(())
    }

    /// Two rows turned out to be one article: all that led to or was stated about `from` is now `into`'s, and the
    /// grouping stage takes `from` out of its story.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn merge_articles(&self, from: RowNo, into: RowNo) -> Result<()> {
        self.sql("UPDATE aliases SET article = ?2 WHERE article = ?1")?.execute([from, into])?;
        self.sql("INSERT OR REPLACE INTO aliases SELECT id, ?2 FROM articles WHERE no = ?1")?.execute([from, into])?;
        // A source that listed both keeps both entries: their keys differ.
        self.sql("UPDATE entries SET article = ?2 WHERE article = ?1")?.execute([from, into])?;
        self.sql("DELETE FROM pages WHERE article = ?1")?.execute([from])?;
        // What was learnt of a picture stays: it is found by the picture's address.
        self.sql("UPDATE pictures SET next_at = NULL WHERE article = ?1")?.execute([from])?;
        self.retire_article(from)
    }
}
