//! Placing: each unit finds its story, and the stories that it touches get their names.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::gather::{Gathered, Member, Unit, order};
use super::{GroupRules, story_of};
use crate::cluster::{self, Link, Window};
use crate::model::{StoryId, Via};
use crate::pipeline::{copies, intake};
use crate::similarity::{self, Profile};
use crate::store::{ArticleRow, Batch, NewStory, Placed, Result, RowNo, StoryRow, StoryState};

/// A single article stays in its story down to this share of the threshold for joining it, so that a small change
/// of its text does not move it.
const STAYS: f64 = 0.8;

/// A step at work.
pub(super) struct Placing<'a, 'b> {
    pub(super) batch: &'a Batch<'b>,
    pub(super) window: &'a mut Window,
    pub(super) rules: &'a GroupRules,
    /// Stories that gained or lost an article: who repeats whom there is looked at last.
    pub(super) touched: BTreeSet<RowNo>,
    /// Of the articles that were placed.
    profiles: BTreeMap<RowNo, Profile>,
}

/// Where a unit goes.
enum Destination {
    /// It stays in this story.
    Stays(StoryRow),
    /// It joins this story.
    Joins(StoryRow, Link),
    /// It is a story of its own.
    Founds,
}

impl<'a, 'b> Placing<'a, 'b> {
    pub(super) fn new(batch: &'a Batch<'b>, window: &'a mut Window, rules: &'a GroupRules) -> Self {
        Self { batch, window, rules, touched: BTreeSet::new(), profiles: BTreeMap::new() }
    }

    /// Places all units, then notes which stories are related and who repeats whom.
    pub(super) fn run(mut self, gathered: Gathered) -> Result<()> {
        self.touched.extend(gathered.left);
        let mut fresh = gathered.fresh.into_iter().peekable();
        for mut unit in gathered.units {
            while let Some(row) = fresh.next_if(|row| Some(order(row)) < unit.order()) {
                self.place_fresh(row)?;
            }
            for member in &mut unit.members {
                self.batch.unrelate(member.row.no)?;
                member.look_again(self.batch)?;
                self.window.take(member.row.id);
            }
            let destination = self.destination(&unit)?;
            self.place(&unit, &destination)?;
        }
        fresh.try_for_each(|row| self.place_fresh(row))?;
        for related in gathered.related {
            let article = self.batch.article_by_alias(related.article)?;
            let lead = self.batch.article_by_alias(related.listed_by)?;
            if let (Some(article), Some(lead)) = (article, lead)
                && let Some(story) = self.batch.article(lead)?.story
            {
                self.batch.relate(article, story)?;
            }
        }
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().try_for_each(|story| copies::note(self.batch, story, &mut self.profiles))
    }

    /// Places an article that stood nowhere yet. Where nothing in the window is like it, it founds a story and there is
    /// no more to look up: most articles are of this kind.
    fn place_fresh(&mut self, row: ArticleRow) -> Result<()> {
        let founded = NewStory { id: StoryId::founded_by(row.id, 0), founder: row.id };
        if self.rules.window.is_closed()
            && let Some(story) = self.batch.make_new_story(founded)?
        {
            return self.seat(&row, story);
        }
        let unit = Unit::single(self.batch, row)?;
        let destination = self.destination(&unit)?;
        if let (Destination::Founds, Some(member)) = (&destination, unit.members.first())
            && let Some(story) = self.batch.make_new_story(founded)?
        {
            self.window.put(&member.profile, founded.id);
            return self.seat(&member.row, story);
        }
        self.place(&unit, &destination)
    }

    fn seat(&self, row: &ArticleRow, story: RowNo) -> Result<()> {
        self.batch.place_article(&Placed { article: row.no, story, via: &Via::Founder, copy_of: None })
    }

    fn place(&mut self, unit: &Unit, destination: &Destination) -> Result<()> {
        let target = match destination {
            Destination::Stays(story) | Destination::Joins(story, _) => Some(story.no),
            Destination::Founds => None,
        };
        let story = self.name(unit, target)?;
        let id = self.batch.story_id(story)?;
        for member in &unit.members {
            let via = self.via(member, destination)?;
            self.batch.place_article(&Placed {
                article: member.row.no,
                story,
                via: &via,
                copy_of: member.row.copy_of,
            })?;
            if !self.rules.window.is_closed() {
                self.window.put(&member.profile, id);
            }
            self.profiles.insert(member.row.no, member.profile.clone());
        }
        self.touched.insert(story);
        self.batch.revive_story(story)
    }

    fn destination(&mut self, unit: &Unit) -> Result<Destination> {
        let Some(lead) = unit.members.first() else { return Ok(Destination::Founds) };
        self.invite_guests(unit)?;
        let forbidden = self.forbidden(unit)?;
        if let Some(home) = self.home(unit, lead)?
            && !forbidden.contains(&home.id)
        {
            return Ok(Destination::Stays(home));
        }
        let profiles: Vec<Profile> = unit.members.iter().map(|member| member.profile.clone()).collect();
        let mut link = self.window.place(&profiles, None);
        if let Some(first) = &link
            && forbidden.contains(&first.story)
        {
            link = self.window.place(&profiles, Some(first.story)).filter(|next| !forbidden.contains(&next.story));
        }
        let Some(link) = link else { return Ok(Destination::Founds) };
        let row = self.batch.story_by_id(link.story)?.filter(|row| row.state == StoryState::Live);
        Ok(row.map_or(Destination::Founds, |row| Destination::Joins(row, link)))
    }

    /// The story that the unit stays in: its lead's, if others are there too. A bundle is the story's core and always
    /// stays, unless only the operator put it there and no longer does; a single article stays while it still fits.
    fn home(&self, unit: &Unit, lead: &Member) -> Result<Option<StoryRow>> {
        let (Some(story), Some(_)) = (lead.row.story, lead.row.placed) else { return Ok(None) };
        let story = story_of(self.batch, story)?;
        let own: BTreeSet<RowNo> = unit.members.iter().map(|member| member.row.no).collect();
        let others = self.batch.members(story.no)?.into_iter().filter(|other| !own.contains(&other.no)).count();
        if others == 0 {
            return Ok(None);
        }
        let is_core = unit.is_bundle && lead.row.via != Some(Via::Override);
        let fits = is_core || self.window.score_in(&lead.profile, story.id) >= self.rules.window.threshold * STAYS;
        Ok(fits.then_some(story))
    }

    /// Stories that hold an article which the operator calls different from one of the unit.
    fn forbidden(&self, unit: &Unit) -> Result<BTreeSet<StoryId>> {
        let mut forbidden = BTreeSet::new();
        let own: BTreeSet<RowNo> = unit.members.iter().map(|member| member.row.no).collect();
        for different in &self.rules.different {
            let rows = different.iter().map(|id| self.batch.article_by_alias(*id)).collect::<Result<Vec<_>>>()?;
            let rows: BTreeSet<RowNo> = rows.into_iter().flatten().collect();
            if rows.is_disjoint(&own) {
                continue;
            }
            for other in rows.difference(&own) {
                let other = self.batch.article(*other)?;
                if let Some(story) = other.story.filter(|_| other.placed.is_some()) {
                    forbidden.insert(story_of(self.batch, story)?.id);
                }
            }
        }
        Ok(forbidden)
    }

    /// Articles of the unit's time that have left the window's memory come back as candidates. They stay for the units
    /// after it, as long as those are of the same hour and the window has not moved on by a hundredth.
    fn invite_guests(&mut self, unit: &Unit) -> Result<()> {
        let cluster::Rules { window_s: span, max_articles, .. } = self.rules.window;
        let times = || unit.members.iter().map(|member| member.row.published.as_second());
        let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(()) };
        if self.window.len() < max_articles || span <= 0 {
            return Ok(());
        }
        let from = first.saturating_sub(span).div_euclid(HOUR_S) * HOUR_S;
        let to = (last.saturating_add(span).div_euclid(HOUR_S) + 1) * HOUR_S;
        let block = i64::try_from(max_articles / 100).unwrap_or(1).max(1);
        if !self.window.expects_guests([from, to, self.batch.last_placing()?.div_euclid(block)]) {
            return Ok(());
        }
        let horizon = self.batch.placing_horizon(max_articles)?.div_euclid(block) * block;
        let time = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
        for row in self.batch.placed_between(time(from), time(to), horizon, GUESTS)? {
            if let Some(story) = row.story {
                let profile = Profile::of(&intake::stated(self.batch, &row)?);
                self.window.put_guest(&profile, self.batch.story_id(story)?);
            }
        }
        Ok(())
    }

    fn via(&self, member: &Member, destination: &Destination) -> Result<Via> {
        if let Some(tie) = &member.tie {
            return Ok(tie.clone());
        }
        match destination {
            Destination::Founds => Ok(Via::Founder),
            Destination::Stays(_) => Ok(member.row.via.clone().unwrap_or(Via::Founder)),
            Destination::Joins(_, link) => {
                let nearest = self.batch.article_by_alias(link.nearest)?;
                let nearest_article =
                    nearest.map(|no| intake::stated(self.batch, &self.batch.article(no)?)).transpose()?;
                let reasons = nearest_article.map(|nearest| similarity::reasons(&member.article, &nearest));
                Ok(Via::Linked {
                    score: round(link.score),
                    nearest: link.nearest,
                    reasons: reasons.unwrap_or_default(),
                })
            }
        }
    }
}

/// Units of one hour share their guests.
const HOUR_S: i64 = 3_600;

/// Candidates of a unit's time that are brought back from the store at most.
const GUESTS: usize = 2_000;

/// Scores are shown to people.
fn round(score: f64) -> f64 {
    (score * 1000.0).round() / 1000.0
}
