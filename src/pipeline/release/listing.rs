//! Listing: what a settled story leaves behind besides editions, in search and in the archives of its topics.
//!
//! Once a topic has held a story, its archive holds it, in the month it came in (RFC 5005 section 4): it leaves only
//! by being withdrawn or merged, and is in its place again should it come back. Volumes are of bounded size, so that
//! a backlog of a hundred thousand stories in one month is a walk, and no document that nobody can read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ALL;
use crate::model::Story;
use crate::store::{Batch, Result, RowNo, StoryRow, VolumeRow};
use crate::text;

/// Stories of one volume: some 300 KB of XML, which every reader takes.
const VOLUME: u32 = 100;

/// Words of a story that search knows: more than any headline and excerpt have, few enough for a story of hundreds.
const WORDS: usize = 400;

/// Headlines of one story that search knows.
const HEADLINES: usize = 40;

/// Topics of a story, each with its rank there.
type Places = [(String, f64)];

/// Takes the stories of one step into search and archives.
pub(super) struct Listing {
    now: Timestamp,
    month: String,
    /// The volumes that stories came into, by topic.
    volumes: BTreeMap<String, VolumeRow>,
}

/// The month of `time` in UTC, as `yyyy-mm`.
pub(super) fn month_of(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string()
}

impl Listing {
    /// Nothing was taken yet.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { now, month: month_of(now), volumes: BTreeMap::new() }
    }

    /// Takes a story that was in some topics and is in others now; `row` is the story before.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn take(
        &mut self,
        batch: &Batch<'_>,
        row: &StoryRow,
        story: &Story,
        (before, topics): (&Places, &Places),
    ) -> Result<()> {
        let is_new = row.published.is_none();
        let is_open = |topics: &Places| topics.iter().any(|(slug, _)| slug == ALL);
        if is_open(topics) {
            batch.find_story_by(row.no, &words(story), is_new)?;
        } else if !is_new {
            batch.lose_story(row.no)?;
        }
        let mut known = Vec::new();
        if !is_new {
            known = batch.archived_in(row.no)?;
            // A story without a face was hidden and is back; one that only private topics hold has left the others.
            let comes_or_goes = row.face.is_none() || is_open(before) != is_open(topics);
            batch.touch_volumes(row.no, comes_or_goes, self.now)?;
        }
        topics
            .iter()
            .filter(|(slug, _)| !known.contains(slug))
            .try_for_each(|(slug, _)| self.enter(batch, slug, row.no))
    }

    /// A story is not to be seen any more.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn strike(&self, batch: &Batch<'_>, row: &StoryRow) -> Result<()> {
        if row.published.is_none() {
            return Ok(());
        }
        batch.lose_story(row.no)?;
        batch.touch_volumes(row.no, true, self.now)
    }

    /// Notes how many stories the volumes hold now.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn write(self, batch: &Batch<'_>) -> Result<()> {
        self.volumes.values().try_for_each(|volume| batch.count_volume(volume.no, volume.stories, self.now))
    }

    fn enter(&mut self, batch: &Batch<'_>, topic: &str, story: RowNo) -> Result<()> {
        if !self.volumes.contains_key(topic)
            && let Some(last) = batch.last_volume(topic)?
        {
            self.volumes.insert(topic.to_owned(), last);
        }
        let last = self.volumes.get(topic);
        let has_room = last.is_some_and(|last| !last.is_closed && last.stories < VOLUME && last.month >= self.month);
        if !has_room {
            // A clock that was set back must not put a volume before the last one.
            let month = last.map_or(self.month.as_str(), |last| last.month.as_str().max(self.month.as_str()));
            let part = last.filter(|last| last.month == month).map_or(1, |last| last.part + 1);
            if let Some(full) = last {
                batch.count_volume(full.no, full.stories, self.now)?;
            }
            let fresh = batch.open_volume(topic, month, part, self.now)?;
            self.volumes.insert(topic.to_owned(), fresh);
        }
        if let Some(volume) = self.volumes.get_mut(topic) {
            batch.enter_volume(volume.no, story)?;
            volume.stories += 1;
        }
        Ok(())
    }
}

/// What a story can be found by: its headlines, the lead's excerpt, its publishers and labels.
fn words(story: &Story) -> String {
    let mut found = String::new();
    let mut count = 0;
    let mut take = |of: &str| {
        text::each_word(of, |word| {
            if count < WORDS {
                count += 1;
                found.push_str(word);
                found.push(' ');
            }
        });
    };
    for (place, member) in story.coverage.iter().take(HEADLINES).enumerate() {
        let article = &member.article;
        // A copy says the same again.
        if member.copy_of.is_none() || place == 0 {
            take(&article.title);
        }
        if place == 0 {
            take(article.excerpt.as_deref().unwrap_or_default());
        }
        take(&article.publisher.name);
    }
    story.labels.iter().for_each(|label| take(label));
    found
}
