//! What seeds and sources stated about articles.

use rusqlite::{OptionalExtension, params};

use super::{Batch, Result, RowNo, View, from_json, to_json};
use crate::model::{Digest, Entry, Stated, Statement};

/// The seed's path, which orders statements; sources come after all seeds.
fn seed_path(statement: &Statement) -> (bool, Option<&str>) {
    match &statement.by {
        Stated::Seed { path } => (false, Some(path)),
        Stated::Source { .. } => (true, None),
    }
}

impl View<'_> {
    /// What was stated about an article: by seeds in the order of their paths, then by sources in the order they were added.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn statements(&self, article: RowNo) -> Result<Vec<Statement>> {
        let mut find = self.sql(
            "SELECT s.path, f.url, f.title, f.lang, f.labels, e.entry, f.no, e.no FROM entries e
             LEFT JOIN seeds s ON s.no = e.seed LEFT JOIN sources f ON f.no = e.source WHERE e.article = ?1",
        )?;
        let mut rows = find.query([article])?;
        let mut statements = Vec::new();
        while let Some(row) = rows.next()? {
            let by = match row.get(0)? {
                Some(path) => Stated::Seed { path },
                None => Stated::Source {
                    url: row.get(1)?,
                    title: row.get(2)?,
                    lang: row.get(3)?,
                    labels: from_json(&row.get::<_, String>(4)?, "sources.labels")?,
                },
            };
            let entry = from_json(row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?, "entries.entry")?;
            let order: (Option<RowNo>, RowNo) = (row.get(6)?, row.get(7)?);
            statements.push((order, Statement { by, entry }));
        }
        // Here and not in SQL: most articles have one statement, and a sorter costs more than the rest of the query.
        statements.sort_by(|(a, one), (b, other)| seed_path(one).cmp(&seed_path(other)).then(a.cmp(b)));
        Ok(statements.into_iter().map(|(_, statement)| statement).collect())
    }

    /// The entry a source keeps under `key`: its article and its text.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn source_entry(&self, source: RowNo, key: Digest) -> Result<Option<(RowNo, String)>> {
        let mut find = self.sql("SELECT article, entry FROM entries WHERE source = ?1 AND key = ?2")?;
        let row = find.query_row(params![source, key.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(row.optional()?)
    }

    /// Whether anything active states the article, and whether a seed does.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stated_by(&self, article: RowNo) -> Result<(bool, bool)> {
        let mut find = self.sql("SELECT count(*) > 0, count(seed) > 0 FROM entries WHERE article = ?1")?;
        Ok(find.query_row([article], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}

impl Batch<'_> {
    /// A seed's entry, in its place in the file.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add_seed_entry(&self, seed: RowNo, rank: usize, article: RowNo, entry: &Entry) -> Result<()> {
        let text = to_json(entry, "entries.entry")?;
        let key = Digest::of(entry.url.as_bytes());
        let rank = i64::try_from(rank).unwrap_or(i64::MAX);
        self.sql("INSERT INTO entries VALUES (NULL, ?1, ?2, NULL, ?3, ?4, ?5)")?.execute(params![
            article,
            seed,
            rank,
            key.as_bytes(),
            text
        ])?;
        Ok(())
    }

    /// Removes all entries of a seed and says which articles they stated.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn take_seed_entries(&self, seed: RowNo) -> Result<Vec<RowNo>> {
        let articles = self.seed_articles(seed)?;
        self.sql("DELETE FROM entries WHERE seed = ?1")?.execute([seed])?;
        Ok(articles)
    }

    /// A source's entry under a key that it has none under yet.
    ///
    /// # Errors
    /// When the store cannot be written, or there is one.
    pub fn add_source_entry(&self, source: RowNo, key: Digest, article: RowNo, entry: &Entry) -> Result<()> {
        let text = to_json(entry, "entries.entry")?;
        let sql = "INSERT INTO entries VALUES (NULL, ?1, NULL, ?2, 0, ?3, ?4)";
        self.sql(sql)?.execute(params![article, source, key.as_bytes(), text])?;
        Ok(())
    }

    /// The source's entry under this key says something else now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn change_source_entry(&self, source: RowNo, key: Digest, article: RowNo, entry: &Entry) -> Result<()> {
        let text = to_json(entry, "entries.entry")?;
        let sql = "UPDATE entries SET article = ?3, entry = ?4 WHERE source = ?1 AND key = ?2";
        self.sql(sql)?.execute(params![source, key.as_bytes(), article, text])?;
        Ok(())
    }
}
