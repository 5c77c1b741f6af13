//! The store as a ledger: who stands where, for `cluster::settle`.

use super::story_of;
use crate::cluster::identity::Old;
use crate::cluster::settle::Ledger;
use crate::model::{ArticleId, StoryId};
use crate::store::{Batch, Result, RowNo, StoreError, StoryState};

/// What the store knows within a step.
pub(super) struct Books<'a, 'b>(pub(super) &'a Batch<'b>);

impl Books<'_, '_> {
    fn row_of(&self, story: StoryId) -> Result<Option<RowNo>> {
        Ok(self.0.story_by_id(story)?.map(|row| row.no))
    }
}

impl Ledger for Books<'_, '_> {
    type Error = StoreError;

    fn stories_of(&self, article: ArticleId) -> Result<Vec<StoryId>> {
        let row = self.0.article_by_id(article)?;
        let mut stories = Vec::new();
        // Stories of articles that turned out to be this one are claimed as well.
        for story in self.0.stories_of_merged(row.no)?.into_iter().chain(row.story) {
            let story = story_of(self.0, story)?;
            let stands_here = row.placed.is_some() && row.story == Some(story.no);
            // Who was away has a claim on a story only if nobody else kept it.
            if stands_here || self.0.members(story.no)?.iter().all(|other| other.no == row.no) {
                stories.push(story.id);
            }
        }
        stories.sort_unstable();
        stories.dedup();
        Ok(stories)
    }

    fn members(&self, story: StoryId) -> Result<Vec<ArticleId>> {
        let Some(no) = self.row_of(story)? else { return Ok(Vec::new()) };
        let mut members = self.0.members(no)?;
        members.sort_by_key(|row| row.placed);
        Ok(members.into_iter().map(|row| row.id).collect())
    }

    fn old(&self, story: StoryId) -> Result<Option<Old>> {
        let Some(row) = self.0.story_by_id(story)?.filter(|row| row.published.is_some()) else { return Ok(None) };
        let born = u64::try_from(row.no).unwrap_or(0);
        let seed_lead = self.0.seed_lead(row.no)?;
        Ok(Some(Old { id: story, born, founder: row.founder, seed_lead }))
    }

    fn is_taken(&self, story: StoryId) -> Result<bool> {
        Ok(self.0.story_by_id(story)?.is_some_and(|row| row.state != StoryState::Withdrawn))
    }

    fn closing_of(&self, article: ArticleId) -> Result<Option<ArticleId>> {
        Ok(self.0.article_by_id(article)?.closed)
    }

    fn bound_by(&self, closing: ArticleId) -> Result<Vec<ArticleId>> {
        self.0.bound_by(closing)
    }
}
