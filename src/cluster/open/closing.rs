//! Closing: the articles that arrived first leave a full window, and what is left of their stories is bound.
//!
//! Half of the window leaves at once, at numbers of arrivals that its size alone decides: else it would hang on the size of
//! a step with whom an article stood when it left. All words are weighed anew then, so that nothing that has left has
//! a say any more: who is in the window is all that is needed to put it together anew.

use std::collections::{BTreeMap, BTreeSet};

use super::Open;
use super::seat::{SeatNo, Tie};
use crate::model::ArticleId;

/// Articles that stand together from now on, since some of them have left the window: all but those whom the operator
/// keeps apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// What they are known by.
    pub key: ArticleId,
    /// Who is bound anew, whether it has left or not.
    pub articles: Vec<ArticleId>,
    /// Who was bound by one of these is bound by `key` now.
    pub before: Vec<ArticleId>,
}

impl Bound {
    /// What articles are known by of which the one with the number `number` made it so. Numbers are never used twice.
    #[must_use]
    pub fn key(number: u32) -> ArticleId {
        ArticleId::of(&format!("closing {number}"))
    }
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
            let is_bound = |no: &SeatNo| self.seat(*no).is_some_and(|seat| seat.closed.is_some());
            if members.iter().any(|no| *no >= end || is_bound(no)) {
                bound.extend(self.bind(&members));
            }
        }
        self.evict(end);
        self.refresh();
        (bound, self.settle())
    }

    /// The closings that `group` goes with: who is bound by them and is outside stands there.
    #[must_use]
    pub fn closings_of(&self, group: &[ArticleId]) -> BTreeSet<ArticleId> {
        group.iter().filter_map(|id| self.seat(*self.by_id.get(id)?)?.held).collect()
    }

    /// Binds `members`, by a closing that they go with already or else by one of their own.
    fn bind(&mut self, members: &[SeatNo]) -> Option<Bound> {
        let seats = || members.iter().filter_map(|no| self.seat(*no));
        let mut before: BTreeSet<ArticleId> = seats().filter_map(|seat| seat.held).collect();
        let key = before.first().copied().or(members.first().map(|no| Bound::key(*no)))?;
        before.remove(&key);
        let articles = seats().filter(|seat| seat.closed != Some(key)).map(|seat| seat.id).collect();
        let renamed = before.iter().filter_map(|closing| self.ties.get(&Tie::Closing(*closing))).flatten();
        let renamed: Vec<SeatNo> = renamed.chain(members).copied().collect();
        for no in renamed {
            self.retie(no, |seat| seat.closed = Some(key));
        }
        for no in members {
            self.seat_mut(*no).into_iter().for_each(|seat| seat.held = Some(key));
        }
        let bound = Bound { key, articles, before: before.into_iter().collect() };
        self.note(&bound);
        (!bound.articles.is_empty()).then_some(bound)
    }

    /// Those before `end` leave.
    fn evict(&mut self, end: SeatNo) {
        let mut groups: BTreeMap<SeatNo, Vec<SeatNo>> = BTreeMap::new();
        for no in self.first..end {
            if let Some(seat) = self.clear(no) {
                self.keep_outside(seat.id, seat.closed);
                let members = self.groups.remove(&seat.group).unwrap_or_default();
                groups.entry(seat.group).or_insert(members);
            }
        }
        for members in groups.into_values() {
            let left: Vec<SeatNo> = members.into_iter().filter(|no| *no >= end).collect();
            self.touched.extend(left.iter().copied());
            self.seat_group(left);
        }
        while self.first < end && self.seats.pop_front().is_some() {
            self.glances.pop_front();
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
