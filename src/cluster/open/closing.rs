//! Closing: the articles that arrived first leave a full window, and what is left of their stories is bound.
//!
//! They leave in blocks, at numbers of arrivals that the size of the window alone decides: else it would hang on the
//! size of a step with whom an article stood when it left.

use std::collections::{BTreeMap, BTreeSet};

use super::Open;
use super::seat::SeatNo;
use crate::model::ArticleId;

/// A full window lets go of one part in so many.
const BLOCKS: usize = 8;

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
    /// Makes room: lets a block go. Says who is bound from now on, and which groups have changed by that.
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
        self.evict();
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

    /// The block that arrived first leaves.
    pub(super) fn evict(&mut self) {
        let end = self.first.saturating_add(block(self.rules.max_articles));
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
    u32::try_from((max_articles / BLOCKS).max(1)).unwrap_or(u32::MAX)
}

/// The number of the first article that a window of `max_articles` holds after `count` arrivals.
pub(super) fn first_held(count: u32, max_articles: usize) -> u32 {
    let most = u32::try_from(max_articles.max(1)).unwrap_or(u32::MAX);
    count.checked_sub(most).map_or(0, |beyond| (beyond / block(max_articles) + 1).saturating_mul(block(max_articles)))
}
