//! Articles: identities, and where each stands in the grouping.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::placings::NEXT;
use super::{Batch, Result, RowNo, View, damaged, millis, time, to_json};
use crate::model::{ArticleId, Digest, Via};

/// An article as the store keeps it, without what its entries and its page say.
#[derive(Debug, Clone)]
pub struct ArticleRow {
    /// Row number.
    pub no: RowNo,
    /// Identity.
    pub id: ArticleId,
    /// Canonical address.
    pub url: String,
    /// When it was first stated.
    pub first_seen: Timestamp,
    /// Publication time as merged.
    pub published: Timestamp,
    /// Some active entry states it.
    pub live: bool,
    /// Digest of all that readers see.
    pub face: Digest,
    /// Digest of all that grouping looks at.
    pub text: Digest,
    /// To be grouped.
    pub waiting: bool,
    /// Its story, or the last one it stood in.
    pub story: Option<RowNo>,
    /// Counts up in the order of grouping.
    pub placed: Option<u32>,
    /// Why it is in its story.
    pub via: Option<Via>,
    /// It repeats this article's text.
    pub copy_of: Option<ArticleId>,
    /// Who has the same stands with it, by somebody's word.
    pub tied: Option<ArticleId>,
    /// Who has the same stands with it, by a closing of the open window.
    pub closed: Option<ArticleId>,
}

/// An article to be made.
#[derive(Debug, Clone)]
pub struct NewArticle<'a> {
    /// Identity.
    pub id: ArticleId,
    /// Canonical address.
    pub url: &'a str,
    /// When it was first stated.
    pub first_seen: Timestamp,
    /// What it shows, if that is known already.
    pub shown: Option<Shown>,
}

/// What a merged article shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// Publication time as merged.
    pub published: Timestamp,
    /// Digest of all that readers see.
    pub face: Digest,
    /// Digest of all that grouping looks at.
    pub text: Digest,
    /// The story that it founds; else it waits for grouping.
    pub story: Option<RowNo>,
}

pub(super) const COLUMNS: &str =
    "no, id, url, first_seen, published, live, face, text, waiting, story, placed, via, copy_of, tied, closed";

pub(super) fn article_row(row: &Row<'_>) -> rusqlite::Result<ArticleRow> {
    let id: Vec<u8> = row.get(1)?;
    let (face, text): (Vec<u8>, Vec<u8>) = (row.get(6)?, row.get(7)?);
    let via: Option<String> = row.get(11)?;
    let other = |column| row.get::<_, Option<Vec<u8>>>(column).map(|id| id.and_then(|id| ArticleId::from_bytes(&id)));
    Ok(ArticleRow {
        no: row.get(0)?,
        id: ArticleId::from_bytes(&id).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, 0))?,
        url: row.get(2)?,
        first_seen: time(row.get(3)?),
        published: time(row.get(4)?),
        live: row.get(5)?,
        face: Digest::from_bytes(&face).unwrap_or_else(|| Digest::of(&face)),
        text: Digest::from_bytes(&text).unwrap_or_else(|| Digest::of(&text)),
        waiting: row.get(8)?,
        story: row.get(9)?,
        placed: row.get(10)?,
        via: via.and_then(|via| serde_json::from_str(&via).ok()),
        copy_of: other(12)?,
        tied: other(13)?,
        closed: other(14)?,
    })
}

impl View<'_> {
    /// The article with this row number.
    ///
    /// # Errors
    /// When the store cannot be read, or there is none.
    pub fn article(&self, no: RowNo) -> Result<ArticleRow> {
        let mut find = self.sql(&format!("SELECT {COLUMNS} FROM articles WHERE no = ?1"))?;
        Ok(find.query_row([no], article_row)?)
    }

    /// Every article that something active states.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn live_articles(&self) -> Result<Vec<RowNo>> {
        let mut find = self.sql("SELECT no FROM articles WHERE live ORDER BY no")?;
        let rows = find.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Articles that wait for grouping, at most `limit`: those that nobody states any more, then the others in the
    /// order of publication.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting_articles(&self, limit: usize) -> Result<Vec<ArticleRow>> {
        let first = |live: &str, limit: usize| -> Result<Vec<ArticleRow>> {
            let sql =
                format!("SELECT {COLUMNS} FROM articles WHERE waiting AND {live} ORDER BY published, id LIMIT ?1");
            let mut find = self.sql(&sql)?;
            let rows = find.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], article_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        let mut waiting = first("NOT live", limit)?;
        waiting.extend(first("live", limit.saturating_sub(waiting.len()))?);
        Ok(waiting)
    }

    /// The live articles that stand in a story, by id; not those that only remember it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn members(&self, story: RowNo) -> Result<Vec<ArticleRow>> {
        let mut find =
            self.sql(&format!("SELECT {COLUMNS} FROM articles WHERE story = ?1 AND live AND placed IS NOT NULL"))?;
        let rows = find.query_map([story], article_row)?;
        let mut members: Vec<ArticleRow> = rows.collect::<rusqlite::Result<_>>()?;
        members.sort_by_key(|row| row.id);
        Ok(members)
    }
}

impl Batch<'_> {
    /// Makes an article, known by its own id. It is live if it is said what it shows, and waits for grouping unless it
    /// founds a story.
    ///
    /// # Errors
    /// When the store cannot be written, or the id is taken.
    pub fn make_article(&self, new: &NewArticle<'_>) -> Result<RowNo> {
        let (id, first_seen) = (new.id.as_bytes(), millis(new.first_seen));
        let Some(Shown { published, face, text, story }) = new.shown else {
            let sql = "INSERT INTO articles
                       VALUES (NULL, ?1, ?2, ?3, ?3, 0, zeroblob(16), zeroblob(16), 1, NULL, NULL, NULL, NULL, NULL, NULL)";
            self.sql(sql)?.execute(params![id, new.url, first_seen])?;
            return Ok(self.last_no());
        };
        let (published, face, text) = (millis(published), face.as_bytes(), text.as_bytes());
        if let Some(story) = story {
            let sql = format!(
                "INSERT INTO articles VALUES (NULL, ?1, ?2, ?3, ?4, 1, ?5, ?6, 0, ?7, {NEXT}, ?8, NULL, NULL, NULL)"
            );
            let via = to_json(&Via::Founder, "articles.via")?;
            self.sql(&sql)?.execute(params![id, new.url, first_seen, published, face, text, story, via])?;
        } else {
            let sql =
                "INSERT INTO articles VALUES (NULL, ?1, ?2, ?3, ?4, 1, ?5, ?6, 1, NULL, NULL, NULL, NULL, NULL, NULL)";
            self.sql(sql)?.execute(params![id, new.url, first_seen, published, face, text])?;
        }
        Ok(self.last_no())
    }

    /// What the merged article shows now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_article(&self, row: &ArticleRow) -> Result<()> {
        let sql =
            "UPDATE articles SET url = ?2, published = ?3, live = ?4, face = ?5, text = ?6, waiting = ?7 WHERE no = ?1";
        let ArticleRow { no, url, published, live, face, text, waiting, .. } = row;
        self.sql(sql)?.execute(params![
            no,
            url,
            millis(*published),
            live,
            face.as_bytes(),
            text.as_bytes(),
            waiting
        ])?;
        Ok(())
    }

    /// The article waits for grouping.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn queue_article(&self, article: RowNo) -> Result<()> {
        self.sql("UPDATE articles SET waiting = 1 WHERE no = ?1")?.execute([article])?;
        Ok(())
    }

    /// Nobody states the article any more: the grouping stage takes it out of its story, and the row stays as a
    /// memory of that story, so that the article comes back under the same id.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn retire_article(&self, article: RowNo) -> Result<()> {
        self.sql("UPDATE articles SET live = 0, waiting = 1 WHERE no = ?1")?.execute([article])?;
        self.unwant_page(article)?;
        self.sql("DELETE FROM related WHERE article = ?1 OR lead = ?1")?.execute([article])?;
        Ok(())
    }

    /// Remembers or corrects whose text an article repeats.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_copy(&self, article: RowNo, copy_of: Option<ArticleId>) -> Result<()> {
        let copy_of = copy_of.map(|id| *id.as_bytes());
        self.sql("UPDATE articles SET copy_of = ?2 WHERE no = ?1")?.execute(params![article, copy_of])?;
        Ok(())
    }
}

impl View<'_> {
    /// The identity of the article with this row number.
    ///
    /// # Errors
    /// When the store cannot be read, or there is none.
    pub fn article_id(&self, article: RowNo) -> Result<ArticleId> {
        let mut find = self.sql("SELECT id FROM articles WHERE no = ?1")?;
        let id: Vec<u8> = find.query_row([article], |row| row.get(0))?;
        ArticleId::from_bytes(&id).ok_or_else(|| damaged("articles.id"))
    }
}
