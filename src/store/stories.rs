//! Stories: identities that are never reused, and what readers have been told.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Batch, Result, RowNo, View, damaged, millis, time};
use crate::model::{ArticleId, Digest, StoryId};

/// What has become of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoryState {
    /// It has articles.
    Live,
    /// All its articles were withdrawn; it may come back.
    Withdrawn,
    /// It was merged into this one.
    Alias(RowNo),
}

/// A story as the store keeps it.
#[derive(Debug, Clone)]
pub struct StoryRow {
    /// Row number; counts up, so it is the age of the id.
    pub no: RowNo,
    /// Identity.
    pub id: StoryId,
    /// The article whose id the story's id was made of.
    pub founder: ArticleId,
    /// What has become of it.
    pub state: StoryState,
    /// Fixed at first release.
    pub published: Option<Timestamp>,
    /// The last change worth a reader's attention.
    pub updated: Option<Timestamp>,
    /// When its page last changed.
    pub changed: Option<Timestamp>,
    /// Of all that its page shows.
    pub face: Option<Digest>,
    /// What readers have been told, as the release stage keeps it.
    pub told: Option<String>,
    /// Search and archive know it as it is.
    pub is_listed: bool,
    /// To be released: it may look otherwise than it did when it last was.
    pub is_waiting: bool,
}

/// A story to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewStory {
    /// Identity.
    pub id: StoryId,
    /// The article it is made of.
    pub founder: ArticleId,
}

/// What a release settles about a story.
#[derive(Debug, Clone)]
pub struct Released<'a> {
    /// Fixed at first release.
    pub published: Timestamp,
    /// The last change worth a reader's attention.
    pub updated: Timestamp,
    /// Latest publication of its coverage.
    pub newest: Timestamp,
    /// When its page last changed.
    pub changed: Timestamp,
    /// Of all that its page shows.
    pub face: Digest,
    /// What readers have been told.
    pub told: &'a str,
}

const COLUMNS: &str = "no, id, founder, state, alias_of, published, updated, changed, face, told, listed, waiting";

fn story_row(row: &Row<'_>) -> rusqlite::Result<StoryRow> {
    let bad = |column| rusqlite::Error::IntegralValueOutOfRange(column, 0);
    let (id, founder): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
    let alias_of: Option<RowNo> = row.get(4)?;
    let state = match (row.get_ref(3)?.as_str()?, alias_of) {
        ("live", _) => StoryState::Live,
        ("alias", Some(of)) => StoryState::Alias(of),
        _ => StoryState::Withdrawn,
    };
    let moment = |column| row.get::<_, Option<i64>>(column).map(|millis| millis.map(time));
    Ok(StoryRow {
        no: row.get(0)?,
        id: StoryId::from_bytes(&id).ok_or_else(|| bad(1))?,
        founder: ArticleId::from_bytes(&founder).ok_or_else(|| bad(2))?,
        state,
        published: moment(5)?,
        updated: moment(6)?,
        changed: moment(7)?,
        face: row.get::<_, Option<Vec<u8>>>(8)?.and_then(|face| Digest::from_bytes(&face)),
        told: row.get(9)?,
        is_listed: row.get(10)?,
        is_waiting: row.get(11)?,
    })
}

impl View<'_> {
    /// The story with this row number.
    ///
    /// # Errors
    /// When the store cannot be read, or there is none.
    pub fn story(&self, no: RowNo) -> Result<StoryRow> {
        let mut find = self.sql(&format!("SELECT {COLUMNS} FROM stories WHERE no = ?1"))?;
        Ok(find.query_row([no], story_row)?)
    }

    /// The story with this id, whatever has become of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn story_by_id(&self, id: StoryId) -> Result<Option<StoryRow>> {
        let mut find = self.sql(&format!("SELECT {COLUMNS} FROM stories WHERE id = ?1"))?;
        Ok(find.query_row([id.as_bytes()], story_row).optional()?)
    }

    /// The story's id.
    ///
    /// # Errors
    /// When the store cannot be read, or there is none.
    pub fn story_id(&self, no: RowNo) -> Result<StoryId> {
        let mut find = self.sql("SELECT id FROM stories WHERE no = ?1")?;
        let id: Vec<u8> = find.query_row([no], |row| row.get(0))?;
        StoryId::from_bytes(&id).ok_or_else(|| damaged("stories.id"))
    }

    /// Every live story, oldest id first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn live_stories(&self) -> Result<Vec<RowNo>> {
        let mut find = self.sql("SELECT no FROM stories WHERE state = 'live' ORDER BY no")?;
        let rows = find.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Stories that wait for release, oldest id first, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting_stories(&self, limit: usize) -> Result<Vec<RowNo>> {
        // The bound lets SQLite walk the index in its order; else it sorts all that wait for every step.
        let mut find = self.sql("SELECT no FROM stories WHERE waiting AND no > 0 ORDER BY no LIMIT ?1")?;
        let rows = find.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Stories that share an article with `story` by a seed's word but stand apart, oldest first, but for those that
    /// only private topics hold.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn related_stories(&self, story: RowNo) -> Result<Vec<RowNo>> {
        // All, and a set of ours, since most stories have none: a plain UNION makes a table for every story.
        let mut find = self.sql(
            "SELECT o.no FROM
             (SELECT a.story AS no FROM articles l JOIN related r ON r.lead = l.no JOIN articles a ON a.no = r.article
              WHERE l.story = ?1 AND a.story <> ?1
              UNION ALL
              SELECT l.story FROM articles a JOIN related r ON r.article = a.no JOIN articles l ON l.no = r.lead
              WHERE a.story = ?1 AND l.story <> ?1) o
             WHERE EXISTS (SELECT 1 FROM story_topics WHERE story = o.no AND topic = '')
             OR NOT EXISTS (SELECT 1 FROM story_topics WHERE story = o.no)",
        )?;
        let rows = find.query_map([story], |row| row.get(0))?;
        let found: BTreeSet<RowNo> = rows.collect::<rusqlite::Result<_>>()?;
        Ok(found.into_iter().collect())
    }

    /// The lead of the first seed of `story`, by path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seed_lead(&self, story: RowNo) -> Result<Option<ArticleId>> {
        let mut find = self.sql(
            "SELECT a.id FROM articles a JOIN entries e ON e.article = a.no AND e.seed IS NOT NULL AND e.rank = 0
             JOIN seeds s ON s.no = e.seed WHERE a.story = ?1 AND a.placed IS NOT NULL ORDER BY s.path LIMIT 1",
        )?;
        let id: Option<Vec<u8>> = find.query_row([story], |row| row.get(0)).optional()?;
        id.map(|id| ArticleId::from_bytes(&id).ok_or_else(|| damaged("articles.id"))).transpose()
    }

    /// Ids that were merged into `story`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn aliases_of(&self, story: RowNo) -> Result<Vec<StoryId>> {
        let mut find = self.sql("SELECT id FROM stories WHERE alias_of = ?1 ORDER BY no")?;
        let rows = find.query_map([story], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|id| StoryId::from_bytes(&id?).ok_or_else(|| damaged("stories.id"))).collect()
    }

    /// The story that `row` leads to: itself, or at the end of its aliases.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn final_story(&self, mut row: StoryRow) -> Result<StoryRow> {
        // Merges always lead to an older id, so this ends.
        while let StoryState::Alias(of) = row.state {
            row = self.story(of)?;
        }
        Ok(row)
    }
}

impl Batch<'_> {
    /// Makes a story that waits for release.
    ///
    /// # Errors
    /// When the store cannot be written, or the id was ever used.
    pub fn make_story(&self, new: NewStory) -> Result<RowNo> {
        let sql = "INSERT INTO stories VALUES (NULL, ?1, ?2, 'live', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 0)";
        self.sql(sql)?.execute(params![new.id.as_bytes(), new.founder.as_bytes()])?;
        Ok(self.last_no())
    }

    /// Makes a story that waits for release; `None` where the id was ever used.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn make_new_story(&self, new: NewStory) -> Result<Option<RowNo>> {
        let sql = "INSERT INTO stories VALUES (NULL, ?1, ?2, 'live', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 0)
                   ON CONFLICT DO NOTHING";
        let made = self.sql(sql)?.execute(params![new.id.as_bytes(), new.founder.as_bytes()])?;
        Ok((made > 0).then(|| self.last_no()))
    }

    /// The story has articles (again) and waits for release.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn revive_story(&self, story: RowNo) -> Result<()> {
        self.sql("UPDATE stories SET state = 'live', alias_of = NULL, waiting = 1 WHERE no = ?1")?.execute([story])?;
        Ok(())
    }

    /// The story waits for release.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn queue_story(&self, story: RowNo) -> Result<()> {
        self.sql("UPDATE stories SET waiting = 1 WHERE no = ?1")?.execute([story])?;
        Ok(())
    }

    /// Every story that was not withdrawn waits for release: the rules changed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn queue_all_stories(&self) -> Result<()> {
        self.sql("UPDATE stories SET waiting = 1 WHERE state <> 'withdrawn'")?.execute([])?;
        Ok(())
    }

    /// Every live story that holds an article of a source with labels waits for release.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn queue_labelled_stories(&self) -> Result<()> {
        let sql = "UPDATE stories SET waiting = 1 WHERE state = 'live' AND no IN
                   (SELECT a.story FROM sources s JOIN entries e ON e.source = s.no JOIN articles a ON a.no = e.article
                    WHERE s.labels <> '[]')";
        self.sql(sql)?.execute([])?;
        Ok(())
    }

    /// `from` was merged into `into`: its id leads there for good.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn alias_story(&self, from: RowNo, into: RowNo) -> Result<()> {
        self.sql("UPDATE stories SET alias_of = ?2 WHERE alias_of = ?1")?.execute([from, into])?;
        self.sql("UPDATE stories SET state = 'alias', alias_of = ?2, waiting = 1 WHERE no = ?1")?
            .execute([from, into])?;
        Ok(())
    }

    /// The story lost its last article.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn withdraw_story(&self, story: RowNo) -> Result<()> {
        self.sql("UPDATE stories SET state = 'withdrawn' WHERE no = ?1 AND state = 'live'")?.execute([story])?;
        Ok(())
    }

    /// The story is no more, and nobody was ever told of it; its founder may found it again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_story(&self, story: RowNo) -> Result<()> {
        self.sql("UPDATE stories SET state = 'withdrawn', waiting = 0 WHERE no = ?1")?.execute([story])?;
        Ok(())
    }

    /// The story was released; it waits no longer.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn release_story(&self, story: RowNo, released: &Released<'_>) -> Result<()> {
        let Released { published, updated, newest, changed, face, told } = released;
        let sql = "UPDATE stories SET published = ?2, updated = ?3, changed = ?4, face = ?5, told = ?6, newest = ?7, waiting = 0, listed = 1
                   WHERE no = ?1";
        let (published, updated, changed) = (millis(*published), millis(*updated), millis(*changed));
        self.sql(sql)?.execute(params![story, published, updated, changed, face.as_bytes(), told, millis(*newest)])?;
        Ok(())
    }

    /// The story is no longer to be seen; it waits no longer.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn hide_story(&self, story: RowNo, now: Timestamp) -> Result<()> {
        let sql = "UPDATE stories SET waiting = 0, face = NULL, listed = 0,
                   changed = CASE WHEN changed >= ?2 THEN changed + 1000 ELSE ?2 END WHERE no = ?1";
        self.sql(sql)?.execute(params![story, millis(now)])?;
        Ok(())
    }
}
