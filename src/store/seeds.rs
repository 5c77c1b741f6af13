//! Seed files: what was read of each, and which articles it ties together.

use rusqlite::{OptionalExtension, Row, params};

use super::{Batch, Result, RowNo, View, damaged, from_json, to_json};
use crate::model::{ArticleId, Digest};

/// The file as the folder showed it when it was last read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedFile {
    /// Bytes.
    pub size: i64,
    /// Modification time in nanoseconds since 1970; 0 when it was too fresh to be trusted.
    pub modified_ns: i64,
    /// Inode number, 0 where there is none.
    pub inode: i64,
}

/// A seed file as the store knows it.
#[derive(Debug, Clone)]
pub struct SeedRow {
    /// Row number.
    pub no: RowNo,
    /// Path as the operator names it.
    pub path: String,
    /// The file when last read.
    pub file: SeedFile,
    /// Of its bytes when last read.
    pub digest: Digest,
    /// The last good version says so.
    pub published: bool,
    /// Its entries count.
    pub active: bool,
    /// The version last read could not be used.
    pub broken: bool,
    /// Findings of the version last read, as JSON.
    pub findings: String,
}

/// What a seed says of its story beside its entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeedText {
    /// Path.
    pub path: String,
    /// Topic labels.
    pub labels: Vec<String>,
    /// `None`: compute it.
    pub heat: Option<f64>,
    /// Markdown.
    pub note: Option<String>,
    /// The lead article.
    pub lead: Option<ArticleId>,
    /// Digest of title, excerpt and note as the editor wrote them.
    pub wording: String,
}

const COLUMNS: &str = "no, path, size, modified_ns, inode, digest, published, active, broken, findings";

fn seed_row(row: &Row<'_>) -> rusqlite::Result<SeedRow> {
    let digest: Vec<u8> = row.get(5)?;
    Ok(SeedRow {
        no: row.get(0)?,
        path: row.get(1)?,
        file: SeedFile { size: row.get(2)?, modified_ns: row.get(3)?, inode: row.get(4)? },
        digest: Digest::from_bytes(&digest).unwrap_or_else(|| Digest::of(&digest)),
        published: row.get(6)?,
        active: row.get(7)?,
        broken: row.get(8)?,
        findings: row.get(9)?,
    })
}

impl View<'_> {
    /// Every seed file, by path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seeds(&self) -> Result<Vec<SeedRow>> {
        let mut find = self.sql(&format!("SELECT {COLUMNS} FROM seeds ORDER BY path"))?;
        let rows = find.query_map([], seed_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether there is a seed at `path`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_seed(&self, path: &str) -> Result<bool> {
        Ok(self.sql("SELECT 1 FROM seeds WHERE path = ?1")?.exists([path])?)
    }

    /// Whether the last good version of the seed counts and says that it is not published.
    ///
    /// # Errors
    /// When the store cannot be read, or there is no such seed.
    pub fn is_draft(&self, seed: RowNo) -> Result<bool> {
        let mut find = self.sql("SELECT active AND NOT published FROM seeds WHERE no = ?1")?;
        Ok(find.query_row([seed], |row| row.get(0))?)
    }

    /// The articles of a seed, lead first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seed_articles(&self, seed: RowNo) -> Result<Vec<RowNo>> {
        let mut find = self.sql("SELECT article FROM entries WHERE seed = ?1 ORDER BY rank")?;
        let rows = find.query_map([seed], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The active seeds that list `article`: number and path, by path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seeds_listing(&self, article: RowNo) -> Result<Vec<(RowNo, String)>> {
        let mut find =
            self.sql("SELECT s.no, s.path FROM entries e JOIN seeds s ON s.no = e.seed WHERE e.article = ?1")?;
        let rows = find.query_map([article], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut seeds: Vec<(RowNo, String)> = rows.collect::<rusqlite::Result<_>>()?;
        seeds.sort_by(|(_, one), (_, other)| one.cmp(other));
        seeds.dedup();
        Ok(seeds)
    }

    /// What the seeds led by an article of `story` say, by path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seed_texts(&self, story: RowNo) -> Result<Vec<SeedText>> {
        let mut find = self.sql(
            "SELECT s.path, s.labels, s.heat, s.note, a.id, e.entry FROM articles a
             JOIN entries e ON e.article = a.no AND e.seed IS NOT NULL AND e.rank = 0
             JOIN seeds s ON s.no = e.seed WHERE a.story = ?1 AND a.placed IS NOT NULL",
        )?;
        let mut rows = find.query([story])?;
        let mut texts = Vec::new();
        while let Some(row) = rows.next()? {
            let labels: String = row.get(1)?;
            let id: Vec<u8> = row.get(4)?;
            let entry: crate::model::Entry =
                from_json(row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?, "entries.entry")?;
            let note: Option<String> = row.get(3)?;
            let wording = format!("{:?}", (&entry.title, &entry.excerpt, &note));
            texts.push(SeedText {
                path: row.get(0)?,
                labels: from_json(&labels, "seeds.labels")?,
                heat: row.get(2)?,
                note,
                lead: Some(ArticleId::from_bytes(&id).ok_or_else(|| damaged("articles.id"))?),
                wording: Digest::of(wording.as_bytes()).to_string(),
            });
        }
        texts.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(texts)
    }

    /// Every label of an active seed, each once, sorted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seed_labels(&self) -> Result<Vec<String>> {
        let mut find = self.sql(
            "SELECT DISTINCT label.value FROM seeds, json_each(seeds.labels) AS label WHERE seeds.active ORDER BY 1",
        )?;
        let rows = find.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Batch<'_> {
    /// The number of the seed at `path`, made if need be.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn seed_at(&self, path: &str) -> Result<RowNo> {
        let mut find = self.sql("SELECT no FROM seeds WHERE path = ?1")?;
        if let Some(no) = find.query_row([path], |row| row.get(0)).optional()? {
            return Ok(no);
        }
        self.sql("INSERT INTO seeds VALUES (NULL, ?1, 0, 0, 0, zeroblob(16), 1, 0, '[]', NULL, NULL, '[]', 0)")?
            .execute([path])?;
        Ok(self.last_no())
    }

    /// The seed moved to another path.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn move_seed(&self, seed: RowNo, path: &str) -> Result<()> {
        self.sql("UPDATE seeds SET path = ?2 WHERE no = ?1")?.execute(params![seed, path])?;
        Ok(())
    }

    /// The file was read, and this was found.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_seed_file(
        &self,
        seed: RowNo,
        file: SeedFile,
        digest: Digest,
        broken: bool,
        findings: &str,
    ) -> Result<()> {
        let sql = "UPDATE seeds SET size = ?2, modified_ns = ?3, inode = ?4, digest = ?5, broken = ?6, findings = ?7
                   WHERE no = ?1";
        let SeedFile { size, modified_ns, inode } = file;
        self.sql(sql)?.execute(params![seed, size, modified_ns, inode, digest.as_bytes(), broken, findings])?;
        Ok(())
    }

    /// What a good version of the seed says beside its entries.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_seed_text(&self, seed: RowNo, text: &SeedText, published: bool, active: bool) -> Result<()> {
        let labels = to_json(&text.labels, "seeds.labels")?;
        self.sql("UPDATE seeds SET published = ?2, active = ?3, labels = ?4, heat = ?5, note = ?6 WHERE no = ?1")?
            .execute(params![seed, published, active, labels, text.heat, text.note])?;
        Ok(())
    }

    /// The seed counts no longer, but its file is known.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn deactivate_seed(&self, seed: RowNo) -> Result<()> {
        self.sql("UPDATE seeds SET active = 0 WHERE no = ?1")?.execute([seed])?;
        Ok(())
    }

    /// Forgets a seed whose entries are gone.
    ///
    /// # Errors
    /// When the store cannot be written, or the seed still has entries.
    pub fn forget_seed(&self, seed: RowNo) -> Result<()> {
        self.sql("DELETE FROM seeds WHERE no = ?1")?.execute([seed])?;
        Ok(())
    }
}
