//! Placing: what waits arrives in the open window, and the groups that change by that become stories.

use std::collections::{BTreeMap, BTreeSet};

use super::gather::{Gathered, Incoming, Retied};
use super::ledger::Books;
use super::recall::{note_arrival, note_departures, note_different};
use super::ties::Named;
use super::why::via;
use crate::cluster::identity::{Naming, Part};
use crate::cluster::open::{Arrival, Bound, Open};
use crate::cluster::settle::{Settled, rebound, settle};
use crate::model::{Article, ArticleId, StoryId, Via};
use crate::pipeline::copies;
use crate::similarity::Profile;
use crate::store::{ArticleRow, Batch, NewStory, Placed, Result, RowNo};

/// A step at work.
pub(super) struct Placing<'a, 'b> {
    batch: &'a Batch<'b>,
    open: &'a mut Open,
    named: &'a Named,
    /// Who has arrived in the window and is not placed yet, with its number.
    arrived: BTreeMap<ArticleId, (u32, Incoming)>,
    /// Of whom something else is said now, as long as that is not carried out.
    retied: BTreeMap<ArticleId, Option<Via>>,
    /// Stories that gained or lost an article: who repeats whom there is looked at last.
    touched: BTreeSet<RowNo>,
    /// Of the articles that were placed.
    profiles: BTreeMap<RowNo, Profile>,
}

/// An article of a group.
pub(super) struct Seated<'a> {
    pub(super) row: &'a ArticleRow,
    /// Its text, if it has just arrived.
    pub(super) arrived: Option<&'a Article>,
    /// Who says that it stands here, if anybody does.
    pub(super) said: Option<Via>,
}

impl<'a, 'b> Placing<'a, 'b> {
    pub(super) fn new(batch: &'a Batch<'b>, open: &'a mut Open, named: &'a Named) -> Self {
        let (arrived, retied) = (BTreeMap::new(), BTreeMap::new());
        Self { batch, open, named, arrived, retied, touched: BTreeSet::new(), profiles: BTreeMap::new() }
    }

    /// Places all, then notes which stories are related and who repeats whom.
    pub(super) fn run(mut self, gathered: Gathered) -> Result<()> {
        let Gathered { gone, mut incoming, retied, related } = gathered;
        note_different(self.batch, &self.named.different)?;
        self.open.set_apart(&self.named.different, &self.named.closings);
        let mut gone = self.retire(&gone)?;
        for Retied { row, word } in retied {
            self.open.tie(row.id, word.tied);
            self.batch.tie_article(row.no, word.tied)?;
            self.retied.insert(row.id, word.via);
        }
        loop {
            let rest = incoming.split_off(incoming.len().min(self.open.room()));
            self.arrive(incoming, &std::mem::take(&mut gone))?;
            while self.open.room() == 0 {
                let (bound, groups) = self.open.close();
                bound.iter().try_for_each(|bound| self.bind(bound))?;
                self.settle(groups)?;
            }
            if rest.is_empty() {
                break;
            }
            incoming = rest;
        }
        note_departures(self.batch, self.open)?;
        for (article, leads) in related {
            if self.batch.relate(article, &leads)? {
                for no in leads.into_iter().chain([article]) {
                    self.batch.article(no)?.story.map_or(Ok(()), |story| self.batch.queue_story(story))?;
                }
            }
        }
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().try_for_each(|story| copies::note(self.batch, story, &mut self.profiles))
    }

    /// Takes articles that nobody states any more out of their stories.
    fn retire(&mut self, gone: &[ArticleRow]) -> Result<Vec<ArticleId>> {
        for row in gone {
            self.batch.unplace_article(row.no)?;
            if let Some(story) = row.story {
                self.batch.queue_story(story)?;
                self.touched.insert(story);
            }
        }
        Ok(gone.iter().map(|row| row.id).collect())
    }

    fn arrive(&mut self, incoming: Vec<Incoming>, gone: &[ArticleId]) -> Result<()> {
        let mut arrivals = Vec::with_capacity(incoming.len());
        for (number, mut one) in (self.open.count()..).zip(incoming) {
            one.row.closed = self.closing(&one, number)?;
            let (tied, closed) = (one.word.tied, one.row.closed);
            let arrival = Arrival { profile: one.profile.clone(), tied, closed };
            if !self.open.is_closed() {
                note_arrival(self.batch, number, &arrival)?;
            }
            arrivals.push(arrival);
            self.arrived.insert(one.row.id, (number, one));
        }
        let groups = self.open.step(arrivals, gone);
        self.settle(groups)
    }

    /// What binds an article to those of its story that the window no longer holds. Where nothing is remembered nobody
    /// is bound.
    fn closing(&mut self, one: &Incoming, number: u32) -> Result<Option<ArticleId>> {
        if one.row.placed.is_none() || self.open.is_closed() {
            return Ok(None);
        }
        let bound = rebound(&Books(self.batch), self.open, one.row.id, number)?;
        bound.iter().try_for_each(|bound| self.bind(bound))?;
        Ok(bound.map(|bound| bound.key))
    }

    fn bind(&self, bound: &Bound) -> Result<()> {
        bound.before.iter().try_for_each(|before| self.batch.rebind(*before, bound.key))?;
        bound.articles.iter().try_for_each(|article| self.batch.bind_article(*article, bound.key))
    }

    /// Makes stories of groups that have changed. Most are an article alone that stood nowhere yet: it founds a story and
    /// there is no more to look up.
    fn settle(&mut self, groups: Vec<Vec<ArticleId>>) -> Result<()> {
        let mut others = Vec::new();
        for group in groups {
            let founds = match group.as_slice() {
                [id] => self.found(*id)?,
                _ => false,
            };
            if !founds {
                others.push(group);
            }
        }
        let Settled { parts, naming, forgotten } = settle(&Books(self.batch), self.open, others)?;
        for (part, id) in parts.iter().zip(&naming.ids) {
            self.seat(part, *id)?;
        }
        self.carry_out(&naming)?;
        for id in forgotten {
            if let Some(row) = self.batch.story_by_id(id)? {
                self.batch.forget_story(row.no)?;
            }
        }
        Ok(())
    }

    /// The article founds a story, if it never had one and nobody ties it to others; says whether it did.
    fn found(&mut self, id: ArticleId) -> Result<bool> {
        let Some((number, one)) = self.arrived.get(&id).filter(|(_, one)| one.is_plain) else { return Ok(false) };
        let founded = NewStory { id: StoryId::founded_by(id, 0), founder: id };
        let Some(story) = self.batch.make_new_story(founded)? else { return Ok(false) };
        let (article, number) = (one.row.no, *number);
        let placed = Placed { article, number, story, via: &Via::Founder, tied: None, closed: None };
        self.batch.place_article(&placed)?;
        self.arrived.remove(&id);
        Ok(true)
    }

    /// All articles of `part` are in the story called `id` now.
    fn seat(&mut self, part: &Part, id: StoryId) -> Result<()> {
        let (story, founder) = match self.batch.story_by_id(id)? {
            Some(row) => (row.no, row.founder),
            None => (self.batch.make_story(NewStory { id, founder: part.founder })?, part.founder),
        };
        let ids: BTreeSet<ArticleId> = part.articles.iter().map(|(id, _)| *id).collect();
        let ids: Vec<ArticleId> = ids.into_iter().collect();
        let mut changed = false;
        for id in &ids {
            changed |= self.seat_one(*id, story, founder, &ids)?;
        }
        if changed {
            self.touched.insert(story);
            self.batch.revive_story(story)?;
        }
        Ok(())
    }

    /// Says whether the article was not in the story before.
    fn seat_one(&mut self, id: ArticleId, story: RowNo, founder: ArticleId, others: &[ArticleId]) -> Result<bool> {
        if let Some((number, one)) = self.arrived.remove(&id) {
            let seated = Seated { row: &one.row, arrived: Some(&one.article), said: one.word.via.clone() };
            let via = via(self.batch, self.open, &seated, founder, others)?;
            let Incoming { row, word, profile, .. } = one;
            let (article, tied, closed) = (row.no, word.tied, row.closed);
            self.leave(row.story.filter(|_| row.placed.is_some()), story)?;
            self.batch.place_article(&Placed { article, number, story, via: &via, tied, closed })?;
            self.profiles.insert(article, profile);
            return Ok(true);
        }
        let row = self.batch.article_by_id(id)?;
        let by_word = || row.via.clone().filter(|via| matches!(via, Via::Seed { .. } | Via::Override));
        let said = self.retied.remove(&id).unwrap_or_else(by_word);
        let via = via(self.batch, self.open, &Seated { row: &row, arrived: None, said }, founder, others)?;
        if row.via.as_ref() != Some(&via) {
            self.batch.note_via(row.no, &via)?;
        }
        if row.story == Some(story) {
            return Ok(false);
        }
        self.leave(row.story, story)?;
        self.batch.rename_story_of(row.no, story)?;
        Ok(true)
    }

    /// A story that loses an article to another one is looked at again.
    fn leave(&mut self, before: Option<RowNo>, now: RowNo) -> Result<()> {
        let Some(before) = before.filter(|before| *before != now) else { return Ok(()) };
        self.touched.insert(before);
        self.batch.queue_story(before)
    }

    fn carry_out(&self, naming: &Naming) -> Result<()> {
        for (loser, winner) in &naming.aliases {
            if let (Some(loser), Some(winner)) = (self.batch.story_by_id(*loser)?, self.batch.story_by_id(*winner)?) {
                self.batch.alias_story(loser.no, winner.no)?;
            }
        }
        for id in &naming.withdrawn {
            if let Some(row) = self.batch.story_by_id(*id)? {
                self.batch.queue_story(row.no)?;
            }
        }
        Ok(())
    }
}
