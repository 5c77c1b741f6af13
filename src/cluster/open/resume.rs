//! Resuming: the open window as it was, put together from what a store keeps.
//!
//! Whatever the window holds follows from who arrived at which number, who has left out of turn since words were last
//! weighed anew, and who is bound. Who left before that has no say.

use std::collections::BTreeMap;

use super::closing::{first_held, last_closing};
use super::{Arrival, Departed, Open, Rules};

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

    /// The window as it is after `count` arrivals, told anew: those from [`Self::needed_from`] on that are still there,
    /// by number, and those that left out of turn since the last boundary. Groups are not told.
    #[must_use]
    pub fn resume(
        rules: Rules,
        count: u32,
        arrivals: impl IntoIterator<Item = (u32, Arrival)>,
        departed: &[Departed],
    ) -> Self {
        let most = rules.max_articles;
        let (first, boundary) = (Self::needed_from(count, most), last_boundary(count, most));
        let mut open = Self { first, ..Self::new(rules) };
        let came: BTreeMap<u32, &Departed> = departed.iter().map(|one| (one.number, one)).collect();
        let mut left: Vec<&Departed> = departed.iter().collect();
        left.sort_by_key(|one| (one.at, one.number));
        let mut left = left.into_iter().peekable();
        let mut arrivals = arrivals.into_iter().peekable();
        for number in first..count {
            while let Some(one) = left.next_if(|one| one.at <= number) {
                open.leave(one.id);
            }
            while arrivals.next_if(|(earlier, _)| *earlier < number).is_some() {}
            if let Some(one) = came.get(&number) {
                open.seat_next(Some((one.id, one.published_s, &one.terms)), [None, None]);
            } else if let Some((_, Arrival { profile, tied, closed })) = arrivals.next_if(|(no, _)| *no == number) {
                open.seat_next(Some((profile.id, profile.published_s, &profile.terms)), [tied, closed]);
            } else {
                open.seat_next(None, [None, None]);
            }
            if open.count() == boundary {
                open.refresh();
            }
        }
        left.for_each(|one| open.leave(one.id));
        open.departures.clear();
        open.settle();
        open
    }

    /// From which arrival on articles must be known to put a window of `max_articles` together that has seen `count`.
    #[must_use]
    pub fn needed_from(count: u32, max_articles: usize) -> u32 {
        first_held(count, max_articles)
    }

    /// Whether who left after `at` arrivals is still needed to put this window together anew.
    #[must_use]
    pub fn is_departure_needed(&self, at: u32) -> bool {
        at >= last_boundary(self.count(), self.rules.max_articles)
    }

    /// Who left out of turn since this was last asked: to be kept as long as [`Self::is_departure_needed`].
    pub fn departures(&mut self) -> Vec<Departed> {
        std::mem::take(&mut self.departures)
    }
}

/// The last number of arrivals up to `count` at which rarity is taken anew: while little is known at each growth by a
/// quarter of a doubling, then at each doubling, and in a full window at each closing.
pub(super) fn last_boundary(count: u32, max_articles: usize) -> u32 {
    if let Some(closing) = last_closing(count, max_articles) {
        return closing;
    }
    if count < FIRST_BOUNDARY {
        return 0;
    }
    let doubling = 1u32 << count.ilog2();
    let quarter = if doubling < FINE_UNTIL { doubling / 4 } else { doubling };
    count - count % quarter
}
