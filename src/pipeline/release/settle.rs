//! Settling: what a changed story is now, and where it stands, is judged and committed.
//!
//! In come stories that wait, out go their times, faces, ranks and topics, with the mark that an edition is stale. A
//! story whose face and places are as they were makes no edition stale.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::listing::Listing;
use super::{ALL, PAGES, Plan, Release, news};
use crate::compose::{self, ComposeSettings};
use crate::model::{Digest, Rank, Story};
use crate::pipeline::StageResult;
use crate::pipeline::story::{self, Told};
use crate::store::{self, Batch, Result, RowNo, StoryState};
use crate::topic::{Selector, Subject};

impl Release {
    /// Settles at most `limit` stories that wait; says how many.
    pub(super) fn settle(&self, limit: usize, plans: &[Plan]) -> StageResult {
        let waiting = self.wire.store.read(|view| view.waiting_stories(limit))?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let now = self.wire.clock.now();
        let selectors: Vec<(&Plan, Option<Selector<'_>>)> =
            plans.iter().map(|plan| (plan, (plan.slug != ALL).then(|| Selector::of(&plan.topic)))).collect();
        self.wire.store.write(|batch| {
            let mut stale = BTreeSet::new();
            let mut listing = Listing::new(now);
            for no in &waiting {
                stale.extend(self.settle_one(batch, *no, &selectors, &mut listing, now)?);
            }
            listing.write(batch)?;
            if self.rules.output.is_some() {
                batch.set_meta(PAGES, &serde_json::to_string(&waiting).unwrap_or_default())?;
            }
            stale.iter().try_for_each(|slug| batch.stale_edition(slug, now))
        })?;
        self.write_pages()?;
        Ok(waiting.len())
    }

    /// Judges one story and says which editions are stale by it.
    fn settle_one(
        &self,
        batch: &Batch<'_>,
        no: RowNo,
        selectors: &[(&Plan, Option<Selector<'_>>)],
        listing: &mut Listing,
        now: Timestamp,
    ) -> Result<BTreeSet<String>> {
        let row = batch.story(no)?;
        // What was never released is in no topic.
        let before = if row.published.is_some() { batch.topics_of(no)? } else { Vec::new() };
        let slugs = |topics: &[(String, f64)]| topics.iter().map(|(slug, _)| slug.clone()).collect::<BTreeSet<_>>();
        let told = story::load_row(batch, &row, &self.rules.story)?;
        if matches!(row.state, StoryState::Alias(_)) || told.story.coverage.is_empty() {
            // A story of dropped publishers only is hidden, not withdrawn: its articles are still there.
            if batch.members(no)?.is_empty() {
                batch.withdraw_story(no)?;
            }
            batch.hide_story(no, now)?;
            listing.strike(batch, &row)?;
            batch.set_topics(no, &before, &[])?;
            return Ok(slugs(&before));
        }
        let Told { mut story, seeds } = told;
        let news = news::judge(row.told.as_deref(), &story, &seeds, self.rules.updated_on);
        let earliest = story.coverage.iter().map(|coverage| coverage.article.published).min();
        story.published = row.published.or(earliest).unwrap_or(now);
        story.updated = row.updated.filter(|_| !news.is_updated).unwrap_or(now);
        story.cause = news.cause;
        let after = self.shown(ranks(&story, selectors));
        let face = face(&self.rules.site, &story);
        let changed = row.changed.filter(|_| row.face == Some(face));
        let changed = changed.unwrap_or_else(|| store::changed_again(row.changed, now));
        batch.release_story(
            no,
            &store::Released {
                published: story.published,
                updated: story.updated,
                newest: newest(&story),
                changed,
                face,
                told: &news.told,
            },
        )?;
        if before == after && row.face == Some(face) && row.is_listed {
            return Ok(BTreeSet::new());
        }
        listing.take(batch, &row, &story, (&before, &after))?;
        batch.set_topics(no, &before, &after)?;
        let is_open = |topics: &[(String, f64)]| topics.iter().any(|(slug, _)| slug == ALL);
        if !self.rules.private.is_empty() && is_open(&before) != is_open(&after) {
            // Only now it is known whether those that are related to it may name it.
            batch.related_stories(no)?.into_iter().try_for_each(|other| batch.queue_story(other))?;
        }
        Ok(&slugs(&before) | &slugs(&after))
    }

    /// What only private topics hold is in no other, and all stories are one other.
    fn shown(&self, mut topics: Vec<(String, f64)>) -> Vec<(String, f64)> {
        let is_private = |slug: &String| self.rules.private.contains_key(slug);
        let (private, open) =
            topics.iter().filter(|(slug, _)| slug != ALL).fold((0, 0), |(private, open), (slug, _)| {
                if is_private(slug) { (private + 1, open) } else { (private, open + 1) }
            });
        if private > 0 && open == 0 {
            topics.retain(|(slug, _)| slug != ALL);
        }
        topics
    }
}

/// Digest of all that a story's page shows.
fn face(site: &ComposeSettings, story: &Story) -> Digest {
    Digest::of_value(&(compose::story_view(site, story), &story.related))
}

/// Latest publication of the story's coverage.
fn newest(story: &Story) -> Timestamp {
    story.coverage.iter().map(|coverage| coverage.article.published).max().unwrap_or(story.published)
}

/// The topics that hold the story, each with the story's rank there.
fn ranks(story: &Story, selectors: &[(&Plan, Option<Selector<'_>>)]) -> Vec<(String, f64)> {
    let subject = Subject::of(story);
    let newest = newest(story);
    let rank = |rank: Rank| match rank {
        Rank::Heat => compose::heat_rank(story.heat, newest),
        Rank::Newest => newest.as_second() as f64,
        Rank::Quality => {
            // Time only breaks ties: the fraction stays below a thousandth for every date until the year 5000.
            let quality = story.coverage.iter().map(|coverage| coverage.article.quality).max().unwrap_or(0);
            quality as f64 + newest.as_second() as f64 / 1e14
        }
    };
    let holds =
        |selector: &Option<Selector<'_>>| selector.as_ref().is_none_or(|selector| selector.judge(&subject).is_in);
    let topics: BTreeMap<String, f64> = selectors
        .iter()
        .filter(|(_, selector)| holds(selector))
        .map(|(plan, _)| (plan.slug.clone(), rank(plan.topic.rank)))
        .collect();
    topics.into_iter().collect()
}
