//! Article pages: when each is looked at next, and what it said.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Batch, Result, RowNo, View, from_json, millis, time, to_json};
use crate::model::{PageMetadata, VisitState};

/// A page as the store knows it.
#[derive(Debug, Clone)]
pub struct PageRow {
    /// Registrable domain.
    pub domain: String,
    /// Where its visits stand.
    pub visit: VisitState,
    /// What the last good answer said.
    pub metadata: Option<PageMetadata>,
}

/// A page that is due, claimed for this process.
#[derive(Debug, Clone)]
pub struct DuePage {
    /// The article it belongs to.
    pub article: RowNo,
    /// The address to ask.
    pub url: String,
    /// Registrable domain.
    pub domain: String,
    /// Where its visits stand.
    pub visit: VisitState,
}

impl View<'_> {
    /// What is known of an article's page.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn page(&self, article: RowNo) -> Result<Option<PageRow>> {
        let mut find = self.sql("SELECT domain, visit, metadata FROM pages WHERE article = ?1")?;
        let row = find.query_row([article], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
        });
        let Some((domain, visit, metadata)) = row.optional()? else {
            return Ok(None);
        };
        let metadata = metadata.map(|metadata| from_json(&metadata, "pages.metadata")).transpose()?;
        Ok(Some(PageRow { domain, visit: from_json(&visit, "pages.visit")?, metadata }))
    }

    /// Pages due at `now`, one a domain, the domain that waits longest first, at most `limit`; none of a domain in
    /// `busy` or at rest.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due_pages(&self, now: Timestamp, limit: usize, has_room: impl Fn(&str) -> bool) -> Result<Vec<DuePage>> {
        let mut hosts = self.sql(
            "SELECT domain FROM hosts WHERE due_at <= ?1 AND (not_before IS NULL OR not_before <= ?1) ORDER BY due_at, domain",
        )?;
        let mut first = self.sql(
            "SELECT p.article, a.url, p.visit FROM pages p JOIN articles a ON a.no = p.article
             WHERE p.domain = ?1 AND p.next_at <= ?2 ORDER BY p.next_at, p.article LIMIT 1",
        )?;
        let domains = hosts.query_map([millis(now)], |row| row.get::<_, String>(0))?;
        let mut due = Vec::new();
        for domain in domains {
            let domain = domain?;
            if due.len() >= limit {
                break;
            }
            if !has_room(&domain) {
                continue;
            }
            let page = first.query_row(params![domain, millis(now)], |row| {
                Ok((row.get::<_, RowNo>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            });
            if let Some((article, url, visit)) = page.optional()? {
                due.push(DuePage { article, url, domain, visit: from_json(&visit, "pages.visit")? });
            }
        }
        Ok(due)
    }

    /// Pages that were not asked when their turn came last, by our own rules or by robots.txt.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn refused_pages(&self) -> Result<Vec<(RowNo, VisitState)>> {
        // Of those that are not wanted any more, only where they stood is remembered.
        let sql = "SELECT article, visit FROM pages WHERE visit ->> 'refusals' > 0
                   AND (next_at IS NOT NULL OR visit ->> 'next_at' IS NULL) ORDER BY article";
        let mut find = self.sql(sql)?;
        let mut rows = find.query([])?;
        let mut refused = Vec::new();
        while let Some(row) = rows.next()? {
            refused.push((row.get(0)?, from_json(&row.get::<_, String>(1)?, "pages.visit")?));
        }
        Ok(refused)
    }

    /// How many pages were not asked when their turn came last, as robots.txt forbids it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pages_left_to_robots(&self) -> Result<u64> {
        let sql =
            "SELECT count(*) FROM pages WHERE visit ->> 'refusals' > 0 AND visit ->> 'problem' LIKE 'robots.txt%'";
        Ok(self.sql(sql)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// When the next page is due, if any.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_page_at(&self) -> Result<Option<Timestamp>> {
        let mut find =
            self.sql("SELECT min(max(due_at, ifnull(not_before, 0))) FROM hosts WHERE due_at IS NOT NULL")?;
        Ok(find.query_row([], |row| row.get::<_, Option<i64>>(0))?.map(time))
    }
}

impl Batch<'_> {
    /// The article's page is wanted: a first look at `at`, unless it was planned already. A plan that was stopped
    /// goes on where it stood.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn want_page(&self, article: RowNo, domain: &str, at: Timestamp) -> Result<()> {
        let sql = "SELECT visit FROM pages WHERE article = ?1 AND next_at IS NULL AND visit ->> 'next_at' IS NOT NULL";
        let stopped = self.sql(sql)?.query_row([article], |row| row.get::<_, String>(0)).optional()?;
        if let Some(visit) = stopped {
            return self.note_visit(article, &from_json(&visit, "pages.visit")?);
        }
        let visit = VisitState { next_at: Some(at), ..VisitState::default() };
        let sql = "INSERT INTO pages VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT DO NOTHING";
        self.sql(sql)?.execute(params![article, domain, millis(at), to_json(&visit, "pages.visit")?])?;
        Ok(())
    }

    /// The article's page is not wanted any more; where its visits stood is remembered.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn unwant_page(&self, article: RowNo) -> Result<()> {
        self.sql("UPDATE pages SET next_at = NULL WHERE article = ?1 AND next_at IS NOT NULL")?.execute([article])?;
        Ok(())
    }

    /// Where the visits of a page stand now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_visit(&self, article: RowNo, visit: &VisitState) -> Result<()> {
        self.sql("UPDATE pages SET next_at = ?2, visit = ?3 WHERE article = ?1")?.execute(params![
            article,
            visit.next_at.map(millis),
            to_json(visit, "pages.visit")?
        ])?;
        Ok(())
    }

    /// What a page says now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_metadata(&self, article: RowNo, metadata: &PageMetadata) -> Result<()> {
        let text = to_json(metadata, "pages.metadata")?;
        self.sql("UPDATE pages SET metadata = ?2 WHERE article = ?1")?.execute(params![article, text])?;
        Ok(())
    }
}
