//! Closing: the articles that arrived first leave a full window, and what is left of their stories is bound.
//!
//! Half of the window leaves at once, at numbers of arrivals that its size alone decides: else it would hang on the size of
//! a step with whom an article stood when it left. All words are weighed anew then, so that nothing that has left has
//! a say any more: who is in the window is all that is needed to put it together anew.

use std::collections::{BTreeMap, BTreeSet};

use super::Open;
use super::seat::SeatNo;
use crate::model::ArticleId;

/// Articles that stand together from now on, since some of them have left the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// What they are known by.
    pub key: ArticleId,
    /// Who is bound anew, whether it has left or not.
    pub articles: Vec<ArticleId>,
    /// Who was bound by one of these is bound by `key` now.
    pub before: Vec<ArticleId>,
}

impl Open {
    /// Makes room: lets half of the articles go. Says who is bound from now on, and which groups have changed by that.
    pub fn close(&mut self) -> (Vec<Bound>, Vec<Vec<ArticleId>>) {
        let end = self.first.saturating_add(block(self.rules.max_articles));
        let leaving: BTreeSet<SeatNo> =
            (self.first..end).filter_map(|no| self.seat(no)).map(|seat| seat.group).collect();
        let mut bound = Vec::new();
        for group in leaving {
            let members = self.groups.get(&group).cloned().unwrap_or_default();
            if members.iter().any(|no| *no >= end) {
                bound.extend(self.bind(&members));
            }
        }
        self.evict(end);
        self.refresh();
        (bound, self.settle())
    }

    /// By which closings the articles of `group` are bound.
    #[must_use]
    pub fn closings_of(&self, group: &[ArticleId]) -> BTreeSet<ArticleId> {
        group.iter().filter_map(|id| self.seat(*self.by_id.get(id)?)?.closed).collect()
    }

    /// Binds `members`, by what some are bound by already or else by the first of them.
    fn bind(&mut self, members: &[SeatNo]) -> Option<Bound> {
        let seats: Vec<(ArticleId, Option<ArticleId>)> =
            members.iter().filter_map(|no| self.seat(*no)).map(|seat| (seat.id, seat.closed)).collect();
        let mut before: BTreeSet<ArticleId> = seats.iter().filter_map(|(_, closed)| *closed).collect();
        let key = before.first().copied().or(seats.first().map(|(id, _)| *id))?;
        before.remove(&key);
        let unbound = seats.iter().filter(|(_, closed)| *closed != Some(key)).map(|(id, _)| *id);
        let bound = Bound { key, articles: unbound.collect(), before: before.into_iter().collect() };
        for no in members {
            self.retie(*no, |seat| seat.closed = Some(key));
        }
        (!bound.articles.is_empty()).then_some(bound)
    }

    /// Those before `end` leave.
    fn evict(&mut self, end: SeatNo) {
        let mut groups: BTreeMap<SeatNo, Vec<SeatNo>> = BTreeMap::new();
        for no in self.first..end {
            if let Some(seat) = self.clear(no) {
                let members = self.groups.remove(&seat.group).unwrap_or_default();
                groups.entry(seat.group).or_insert(members);
            }
        }
        for members in groups.into_values() {
            let left: Vec<SeatNo> = members.into_iter().filter(|no| *no >= end).collect();
            self.touched.extend(&left);
            self.seat_group(left);
        }
        while self.first < end && self.seats.pop_front().is_some() {
            self.times.pop_front();
            self.first += 1;
        }
    }
}

/// Articles that leave at once.
fn block(max_articles: usize) -> u32 {
    u32::try_from((max_articles / 2).max(1)).unwrap_or(u32::MAX)
}

/// The last closing of a window of `max_articles` up to `count` arrivals.
pub(super) fn last_closing(count: u32, max_articles: usize) -> Option<u32> {
    let most = u32::try_from(max_articles.max(1)).unwrap_or(u32::MAX);
    let beyond = count.checked_sub(most)?;
    Some(count - beyond % block(max_articles))
}

/// The number of the first article that a window of `max_articles` holds after `count` arrivals.
pub(super) fn first_held(count: u32, max_articles: usize) -> u32 {
    let most = u32::try_from(max_articles.max(1)).unwrap_or(u32::MAX);
    last_closing(count, max_articles).map_or(0, |closing| closing - most + block(max_articles))
}
