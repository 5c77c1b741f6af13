//! Placings: the row of articles in the order of grouping, which story each stands in, and what holds it there.
//!
//! `articles.placed` counts up from 0: it is the number of the article's arrival in the open window. `arrivals` keeps
//! what the window was told then, as long as the window may have to be put together of it.

use rusqlite::{OptionalExtension, Row, params};

use super::articles::{ArticleRow, COLUMNS, article_row};
use super::{Batch, Result, RowNo, View, damaged, to_json};
use crate::model::{ArticleId, Via};

/// The number of the next placing.
pub(super) const NEXT: &str = "(SELECT 1 + max(ifnull((SELECT max(placed) FROM articles WHERE placed IS NOT NULL), -1),
                                               ifnull((SELECT max(number) FROM arrivals), -1)))";

/// Where an article was put.
#[derive(Debug, Clone)]
pub struct Placed<'a> {
    /// The article.
    pub article: RowNo,
    /// The number of its arrival.
    pub number: u32,
    /// Its story.
    pub story: RowNo,
    /// Why.
    pub via: &'a Via,
    /// Who has the same stands with it, by somebody's word.
    pub tied: Option<ArticleId>,
    /// Who has the same stands with it, by a closing.
    pub closed: Option<ArticleId>,
}

/// An article as it was when it arrived in the open window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalRow {
    /// The number of its arrival.
    pub number: u32,
    /// Who.
    pub id: ArticleId,
    /// Its publication, in seconds.
    pub published_s: i64,
    /// Its words, as the grouping stage packs them.
    pub terms: Vec<u8>,
    /// How many had arrived when it left out of its turn; `None` where it has not.
    pub gone_at: Option<u32>,
}

fn arrival_row(row: &Row<'_>) -> rusqlite::Result<ArrivalRow> {
    let id: Vec<u8> = row.get(1)?;
    let id = ArticleId::from_bytes(&id).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, 0))?;
    Ok(ArrivalRow { number: row.get(0)?, id, published_s: row.get(2)?, terms: row.get(3)?, gone_at: row.get(4)? })
}

impl View<'_> {
    /// The number of the next placing: how many there were.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn placings(&self) -> Result<u32> {
        Ok(self.sql(&format!("SELECT {NEXT}"))?.query_row([], |row| row.get(0))?)
    }

    /// The articles placed from `number` on, by number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn placed_from(&self, number: u32) -> Result<Vec<(u32, RowNo)>> {
        let sql = "SELECT placed, no FROM articles WHERE placed IS NOT NULL AND placed >= ?1 ORDER BY placed";
        let mut find = self.sql(sql)?;
        let rows = find.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Who arrived as this number; `None` where that was not noted, or is not needed any more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn arrival(&self, number: u32) -> Result<Option<ArrivalRow>> {
        let mut find = self.sql("SELECT number, id, published, terms, gone_at FROM arrivals WHERE number = ?1")?;
        Ok(find.query_row([number], arrival_row).optional()?)
    }

    /// The numbers of those who have left the open window out of turn.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn departures(&self) -> Result<Vec<u32>> {
        let mut find = self.sql("SELECT number FROM arrivals WHERE gone_at IS NOT NULL")?;
        let rows = find.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The articles that stand where they stand by this closing, in the order of placing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn bound_by(&self, closing: ArticleId) -> Result<Vec<ArticleId>> {
        let mut find =
            self.sql("SELECT id FROM articles WHERE closed = ?1 AND placed IS NOT NULL AND live ORDER BY placed")?;
        let rows = find.query_map([closing.as_bytes()], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|id| ArticleId::from_bytes(&id?).ok_or_else(|| damaged("articles.id"))).collect()
    }

    /// The article with this very id.
    ///
    /// # Errors
    /// When the store cannot be read, or there is none.
    pub fn article_by_id(&self, id: ArticleId) -> Result<ArticleRow> {
        let mut find = self.sql(&format!("SELECT {COLUMNS} FROM articles WHERE id = ?1"))?;
        Ok(find.query_row([id.as_bytes()], article_row)?)
    }
}

impl Batch<'_> {
    /// Puts an article into a story, last in the order of grouping: it waits no longer.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn place_article(&self, placed: &Placed<'_>) -> Result<()> {
        let Placed { article, number, story, via, tied, closed } = placed;
        let via = to_json(via, "articles.via")?;
        let (tied, closed) = (tied.map(|id| *id.as_bytes()), closed.map(|id| *id.as_bytes()));
        let sql =
            "UPDATE articles SET placed = ?2, story = ?3, via = ?4, tied = ?5, closed = ?6, waiting = 0 WHERE no = ?1";
        self.sql(sql)?.execute(params![article, number, story, via, tied, closed])?;
        Ok(())
    }

    /// The article stands in another story now, or its story is called otherwise; its number stays.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn rename_story_of(&self, article: RowNo, story: RowNo) -> Result<()> {
        self.sql("UPDATE articles SET story = ?2 WHERE no = ?1")?.execute([article, story])?;
        Ok(())
    }

    /// Why the article stands where it stands.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_via(&self, article: RowNo, via: &Via) -> Result<()> {
        let via = to_json(via, "articles.via")?;
        self.sql("UPDATE articles SET via = ?2 WHERE no = ?1")?.execute(params![article, via])?;
        Ok(())
    }

    /// Who has the same stands with the article, by somebody's word.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn tie_article(&self, article: RowNo, tied: Option<ArticleId>) -> Result<()> {
        let tied = tied.map(|id| *id.as_bytes());
        self.sql("UPDATE articles SET tied = ?2 WHERE no = ?1")?.execute(params![article, tied])?;
        Ok(())
    }

    /// Whatever else is said, the article stands with those that have the same `closing`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn bind_article(&self, article: ArticleId, closing: ArticleId) -> Result<()> {
        let sql = "UPDATE articles SET closed = ?2 WHERE id = ?1";
        self.sql(sql)?.execute([article.as_bytes(), closing.as_bytes()])?;
        Ok(())
    }

    /// Who was bound by `before` is bound by `closing` now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn rebind(&self, before: ArticleId, closing: ArticleId) -> Result<()> {
        let sql = "UPDATE articles SET closed = ?2 WHERE closed = ?1";
        self.sql(sql)?.execute([before.as_bytes(), closing.as_bytes()])?;
        Ok(())
    }

    /// The article left its story's coverage, but its row remembers the story.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn unplace_article(&self, article: RowNo) -> Result<()> {
        let sql =
            "UPDATE articles SET waiting = 0, placed = NULL, via = NULL, copy_of = NULL, tied = NULL, closed = NULL
                   WHERE no = ?1";
        self.sql(sql)?.execute([article])?;
        Ok(())
    }

    /// Notes who arrived, or with what it has left.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_arrival(&self, row: &ArrivalRow) -> Result<()> {
        let ArrivalRow { number, id, published_s, terms, gone_at } = row;
        self.sql("INSERT OR REPLACE INTO arrivals VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
            number,
            id.as_bytes(),
            published_s,
            terms,
            gone_at
        ])?;
        Ok(())
    }

    /// Forgets who arrived before `number`, and who left out of turn before `count` had arrived.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_arrivals(&self, number: u32, count: u32) -> Result<()> {
        self.sql("DELETE FROM arrivals WHERE number < ?1")?.execute([number])?;
        self.sql("DELETE FROM arrivals WHERE gone_at < ?1")?.execute([count])?;
        Ok(())
    }

    /// Seeds list the article beside `leads`, in whose stories it does not stand; says whether that is news.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn relate(&self, article: RowNo, leads: &[RowNo]) -> Result<bool> {
        let mut find = self.sql("SELECT lead FROM related WHERE article = ?1 ORDER BY lead")?;
        let known: Vec<RowNo> = find.query_map([article], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        if known == leads {
            return Ok(false);
        }
        self.sql("DELETE FROM related WHERE article = ?1")?.execute([article])?;
        for lead in leads {
            self.sql("INSERT OR IGNORE INTO related VALUES (?1, ?2)")?.execute([article, *lead])?;
        }
        Ok(true)
    }
}
