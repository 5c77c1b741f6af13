//! Resuming: the open window as it was, put together from what a store keeps.
//!
//! Whatever the window holds follows from who arrived at which number, who has left out of turn since words were last
//! weighed anew, who is bound, and who is different. Who left before that has no say.

use std::collections::{BTreeMap, BTreeSet};

use super::closing::{first_held, last_closing};
use super::{Arrived, Open, Rules};
use crate::model::ArticleId;

/// The first boundary at which rarity is taken anew; then at twice that, and so on.
const FIRST_BOUNDARY: u32 = 32;

/// Up to here rarity is taken anew four times a doubling: a small window learns much from each article.
const FINE_UNTIL: u32 = 2_048;

impl Open {
    /// A window that has seen `count` arrivals and holds none of them.
    #[must_use]
    pub fn after(rules: Rules, count: u32) -> Self {
        Self { first: count, ..Self::new(rules) }
    }

    /// The window as it is after `count` arrivals, told anew: those from [`Self::needed_from`] on, in their order, who
    /// are still there or left out of turn since [`Self::needed_since`]. Who is different is what was last told
    /// ([`Self::different`]), whatever is to be told next; `closings` is as for [`Self::set_apart`]. Groups are not told.
    #[must_use]
    pub fn resume(
        rules: Rules,
        count: u32,
        arrived: impl IntoIterator<Item = Arrived>,
        different: &[Vec<ArticleId>],
        closings: &BTreeMap<ArticleId, ArticleId>,
    ) -> Self {
        let most = rules.max_articles;
        let (first, boundary) = (Self::needed_from(count, most), last_boundary(count, most));
        let mut open = Self { first, ..Self::new(rules) };
        let mut leaving = BTreeSet::new();
        let mut arrived = arrived.into_iter().peekable();
        for number in first..count {
            open.let_go(&mut leaving, number);
            while arrived.next_if(|one| one.number < number).is_some() {}
            if let Some(one) = arrived.next_if(|one| one.number == number) {
                leaving.extend(one.gone_at.map(|at| (at, number, one.id)));
                open.seat_next(Some((one.id, one.published_s, &one.terms)), [one.tied, one.closed]);
            } else {
                open.seat_next(None, [None, None]);
            }
            if open.count() == boundary {
                open.refresh();
            }
        }
        open.let_go(&mut leaving, count);
        open.departures.clear();
        open.set_apart(different, closings);
        open.settle();
        open
    }

    /// Of `leaving`, those leave who left before more than `count` had arrived.
    fn let_go(&mut self, leaving: &mut BTreeSet<(u32, u32, ArticleId)>, count: u32) {
        while let Some((_, _, id)) = leaving.first().copied().filter(|(at, ..)| *at <= count) {
            leaving.pop_first();
            self.leave(id);
        }
    }

    /// From which arrival on articles must be known to put a window of `max_articles` together that has seen `count`.
    #[must_use]
    pub fn needed_from(count: u32, max_articles: usize) -> u32 {
        first_held(count, max_articles)
    }

    /// Who left out of turn before this many had arrived is not needed any more to put this window together anew.
    #[must_use]
    pub fn needed_since(&self) -> u32 {
        last_boundary(self.count(), self.rules.max_articles)
    }

    /// Who left out of turn since this was last asked.
    pub fn departures(&mut self) -> Vec<Arrived> {
        std::mem::take(&mut self.departures)
    }
}

/// The last number of arrivals up to `count` at which rarity is taken anew: while little is known at each growth by a
/// quarter of a doubling, then at every second doubling, and in a full window at each closing.
pub(super) fn last_boundary(count: u32, max_articles: usize) -> u32 {
    if let Some(closing) = last_closing(count, max_articles) {
        return closing;
    }
    if count < FIRST_BOUNDARY {
        return 0;
    }
    if count < FINE_UNTIL {
        let doubling = 1u32 << count.ilog2();
        return count - count % (doubling / 4);
    }
    let doublings = (count / FINE_UNTIL).ilog2();
    FINE_UNTIL << (doublings - doublings % 2)
}
