//! Pictures whose size nobody states: each article's is asked once, and what came of it is kept.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Batch, Result, RowNo, View, millis, time};

/// A picture as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureRow {
    /// Its address.
    pub url: String,
    /// When it is asked; `None`: it was.
    pub next_at: Option<Timestamp>,
    /// Pixels across and down.
    pub size: Option<(u32, u32)>,
    /// Why it has no size, or is no article's picture.
    pub problem: Option<String>,
    /// It is no article's picture, or not there at all: not to be shown.
    pub unfit: bool,
}

/// A picture that is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePicture {
    /// The article it belongs to.
    pub article: RowNo,
    /// The address to ask.
    pub url: String,
    /// Registrable domain.
    pub domain: String,
}

const COLUMNS: &str = "url, next_at, width, height, problem, unfit";

fn picture_row(row: &Row<'_>) -> rusqlite::Result<PictureRow> {
    Ok(PictureRow {
        url: row.get(0)?,
        next_at: row.get::<_, Option<i64>>(1)?.map(time),
        size: row.get::<_, Option<u32>>(2)?.zip(row.get(3)?),
        problem: row.get(4)?,
        unfit: row.get(5)?,
    })
}

impl View<'_> {
    /// The picture that is or was asked for an article.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn picture_of(&self, article: RowNo) -> Result<Option<PictureRow>> {
        let mut find = self.sql(&format!("SELECT {COLUMNS} FROM pictures WHERE article = ?1"))?;
        Ok(find.query_row([article], picture_row).optional()?)
    }

    /// What came of asking the picture at an address, for whatever article.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn picture_at(&self, url: &str) -> Result<Option<PictureRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM pictures WHERE url = ?1 AND (width IS NOT NULL OR problem IS NOT NULL) LIMIT 1"
        );
        Ok(self.sql(&sql)?.query_row([url], picture_row).optional()?)
    }

    /// Pictures due at `now`, one a domain, at most `limit`; none of a domain without room or at rest.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due_pictures(
        &self,
        now: Timestamp,
        limit: usize,
        has_room: impl Fn(&str) -> bool,
    ) -> Result<Vec<DuePicture>> {
        let sql = "SELECT p.article, p.url, p.domain, min(p.next_at) FROM pictures p
                   LEFT JOIN hosts h ON h.domain = p.domain
                   WHERE p.next_at <= ?1 AND (h.not_before IS NULL OR h.not_before <= ?1)
                   GROUP BY p.domain ORDER BY 4, p.domain";
        let mut find = self.sql(sql)?;
        let mut rows = find.query([millis(now)])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            let picture = DuePicture { article: row.get(0)?, url: row.get(1)?, domain: row.get(2)? };
            if due.len() >= limit {
                break;
            }
            if has_room(&picture.domain) {
                due.push(picture);
            }
        }
        Ok(due)
    }
}

impl Batch<'_> {
    /// The article's picture is asked at `at`, unless one was planned or asked for it already.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn want_picture(&self, article: RowNo, url: &str, domain: &str, at: Timestamp) -> Result<()> {
        let sql = "INSERT INTO pictures VALUES (?1, ?2, ?3, ?4, NULL, NULL, NULL, 0) ON CONFLICT DO NOTHING";
        self.sql(sql)?.execute(params![article, url, domain, millis(at)])?;
        Ok(())
    }

    /// The picture is asked now: never again, whatever comes of it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn claim_picture(&self, article: RowNo) -> Result<()> {
        self.sql("UPDATE pictures SET next_at = NULL WHERE article = ?1")?.execute([article])?;
        Ok(())
    }

    /// No request was sent, since its host rests until then.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn put_off_picture(&self, article: RowNo, until: Timestamp) -> Result<()> {
        self.sql("UPDATE pictures SET next_at = ?2 WHERE article = ?1")?.execute(params![article, millis(until)])?;
        Ok(())
    }

    /// What came of asking the picture at an address: for every article that shows it, those whose turn was still to
    /// come among them; says which articles these are.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_picture(&self, picture: &PictureRow) -> Result<Vec<RowNo>> {
        let PictureRow { url, next_at: _, size, problem, unfit } = picture;
        let (width, height) = size.unzip();
        let sql = "UPDATE pictures SET next_at = NULL, width = ?2, height = ?3, problem = ?4, unfit = ?5
                   WHERE url = ?1 RETURNING article";
        let mut note = self.sql(sql)?;
        let rows = note.query_map(params![url, width, height, problem, unfit], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
