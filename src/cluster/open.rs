//! `Open`: the open window, whose articles are grouped anew whenever something about them changes.
//!
//! In come steps of articles (and who leaves), out go the groups that have changed. What stands together is a function
//! of the articles held, in the order of their arrival: not of the sizes of steps, not of the order inside a step, not
//! of a hash table. An article that leaves by age of arrival closes its story: what is left of it in the window stays
//! together from then on, and may still be joined. Never names a story (see [`super::identity`]), never reads a clock.
//!
//! # How `pipeline::group` is to use it
//!
//! 1. At start: `Open::resume(rules, first, arrivals)` with the last `max_articles` placed articles and those that were
//!    placed since the last boundary before them ([`Open::needed_from`] says from which placing on), oldest placing
//!    first; `closed` is set for articles of a story that has members placed before `first`.
//! 2. A step: `let groups = open.step(arrivals, &gone)`, where `arrivals` are the waiting articles (changed ones too)
//!    with the lead of their bundle in `tied`, and `gone` those that are retired. `set_apart` passes the operator's
//!    `different:` whenever that has changed.
//! 3. Each group that comes back is the whole of a story now: make a [`super::identity::Part`] of it, with the members
//!    of its old stories that the window no longer holds, name all parts at once, and commit.
//!    [`super::stream::Stream`] does this in memory and is what `cluster` and `backtest` run.
//! 4. `why(a, b)` gives the score and its parts for `explain`.
//!
//! Each arrival takes the next number; the store's placing numbers must be used in the same way.

mod candidates;
mod disorder;
mod given;
mod regroup;
mod score;
mod seat;
mod terms;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use self::given::{Arrival, Rules};
use self::seat::{Seat, SeatNo};
use self::terms::Terms;
use crate::model::ArticleId;
use crate::similarity::evidence::{Article, Word};

/// The first boundary at which rarity is taken anew; then at twice that, and so on.
const FIRST_BOUNDARY: u32 = 32;

/// Up to here rarity is taken anew four times a doubling: a small window learns much from each article.
const FINE_UNTIL: u32 = 2_048;

/// The open window.
#[derive(Debug)]
pub struct Open {
    rules: Rules,
    terms: Terms,
    /// In the order of arrival; `None` for who has left out of turn.
    seats: VecDeque<Option<Seat>>,
    /// When each of `seats` was published: apart, since most that are looked at are only asked this.
    times: VecDeque<i64>,
    /// The number of the first of `seats`.
    first: SeatNo,
    /// Articles held.
    held: usize,
    by_id: BTreeMap<ArticleId, SeatNo>,
    /// Members by the first seat of each group.
    groups: BTreeMap<SeatNo, Vec<SeatNo>>,
    ties: BTreeMap<ArticleId, Vec<SeatNo>>,
    apart: BTreeMap<ArticleId, BTreeSet<usize>>,
    /// Seats of whom something has changed since their pairs were last scored.
    touched: BTreeSet<SeatNo>,
    /// Seats whose pairs were scored since they were last grouped.
    scored: BTreeSet<SeatNo>,
    /// Least score of two groups that are joined, as of the last boundary.
    threshold: f64,
    /// Who arrived from this number on has not been told of.
    settled: SeatNo,
    tally: candidates::Tally,
}

impl Open {
    /// A window that has seen nothing.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            threshold: rules.threshold,
            rules,
            terms: Terms::default(),
            seats: VecDeque::new(),
            times: VecDeque::new(),
            first: 0,
            held: 0,
            by_id: BTreeMap::new(),
            groups: BTreeMap::new(),
            ties: BTreeMap::new(),
            apart: BTreeMap::new(),
            touched: BTreeSet::new(),
            scored: BTreeSet::new(),
            settled: 0,
            tally: candidates::Tally::default(),
        }
    }

    /// The window as it was after `arrivals`, the first of which was number `first` of all. Groups are not told.
    #[must_use]
    pub fn resume(rules: Rules, first: u32, arrivals: impl IntoIterator<Item = Arrival>) -> Self {
        let mut open = Self { first, ..Self::new(rules) };
        for arrival in arrivals {
            open.take(arrival);
        }
        open.settle();
        open
    }

    /// From which arrival on articles must be known to put a window of `max_articles` together that has seen `count`:
    /// those it holds, and those that it held at the last boundary.
    #[must_use]
    pub fn needed_from(count: u32, max_articles: usize) -> u32 {
        let most = u32::try_from(max_articles).unwrap_or(u32::MAX);
        last_boundary(count, most).saturating_sub(most)
    }

    /// Articles that the window holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held
    }

    /// Articles that it may hold.
    #[must_use]
    pub fn most(&self) -> usize {
        self.rules.max_articles
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held == 0
    }

    /// The number that the next arrival takes.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.first.saturating_add(u32::try_from(self.seats.len()).unwrap_or(u32::MAX))
    }

    /// The operator's `different:`: no two articles of a list stand together.
    pub fn set_apart(&mut self, lists: &[Vec<ArticleId>]) {
        let named: BTreeSet<ArticleId> = self.apart.keys().chain(lists.iter().flatten()).copied().collect();
        self.touched.extend(named.iter().filter_map(|id| self.by_id.get(id)));
        self.apart.clear();
        for (place, id) in lists.iter().enumerate().flat_map(|(place, list)| list.iter().map(move |id| (place, id))) {
            self.apart.entry(*id).or_default().insert(place);
        }
    }

    /// Takes `arrivals` in, in the order of their publication, and lets `gone` go. Returns the groups that have changed,
    /// each in the order of arrival, the group whose first article arrived first before the others. More than
    /// [`Self::most`] arrivals are to be taken in several steps: who comes and leaves in one step is not told of.
    pub fn step(&mut self, mut arrivals: Vec<Arrival>, gone: &[ArticleId]) -> Vec<Vec<ArticleId>> {
        for id in gone {
            self.leave(*id);
        }
        arrivals.sort_by_key(|arrival| (arrival.profile.published_s, arrival.profile.id));
        for arrival in arrivals {
            self.take(arrival);
        }
        self.settle()
    }

    /// The group that `article` is in, in the order of arrival; empty where the window does not hold it.
    #[must_use]
    pub fn group_of(&self, article: ArticleId) -> Vec<ArticleId> {
        let seat = self.by_id.get(&article).and_then(|no| self.seat(*no));
        let members = seat.and_then(|seat| self.groups.get(&seat.group));
        members.into_iter().flatten().filter_map(|no| Some(self.seat(*no)?.id)).collect()
    }

    fn take(&mut self, arrival: Arrival) {
        let Arrival { profile, tied, closed } = arrival;
        self.leave(profile.id);
        let no = self.count();
        for term in &profile.terms {
            self.terms.add(term.hash, no, term.flags, &self.rules.background);
        }
        let terms = &self.terms;
        let word =
            |term: &crate::similarity::Term| Word { key: term.hash, flags: term.flags, idf: terms.idf(term.hash) };
        let seat = Seat {
            id: profile.id,
            published_s: profile.published_s,
            article: Article::of(profile.terms.iter().map(word).collect()),
            edges: Vec::new(),
            near: seat::Near::default(),
            group: no,
            ties: tied.into_iter().chain(closed).collect(),
        };
        for key in &seat.ties {
            self.ties.entry(*key).or_default().push(no);
        }
        self.by_id.insert(profile.id, no);
        self.groups.insert(no, vec![no]);
        self.times.push_back(seat.published_s);
        self.seats.push_back(Some(seat));
        self.held += 1;
        self.touched.insert(no);
        self.meet(no);
        while self.held > self.rules.max_articles {
            self.close_first();
        }
        let most = u32::try_from(self.rules.max_articles).unwrap_or(u32::MAX);
        if last_boundary(self.count(), most) == self.count() {
            self.refresh();
        }
    }

    /// Weighs all words by what is held now, and looks for all pairs anew.
    fn refresh(&mut self) {
        self.terms.refresh(self.held, &self.rules.background);
        let (terms, seats) = (&self.terms, &mut self.seats);
        for seat in seats.iter_mut().flatten() {
            seat.article.words.iter_mut().for_each(|word| word.idf = terms.idf(word.key));
            seat.article.sum();
            seat.edges.clear();
            seat.near = seat::Near::default();
        }
        self.terms.clear_seats();
        for no in self.first..self.count() {
            let Some(seat) = self.seats.get((no - self.first) as usize).and_then(Option::as_ref) else { continue };
            for word in &seat.article.words {
                self.terms.add(word.key, no, word.flags, &self.rules.background);
            }
            self.touched.insert(no);
            self.meet(no);
        }
        self.score_touched();
        self.threshold = self.rules.threshold_at(self.disorder());
    }

    /// The article that arrived first leaves; what is left of its group stays together.
    fn close_first(&mut self) {
        let Some(first) = self.seats.front() else { return };
        if let Some(seat) = first {
            let (id, group) = (seat.id, seat.group);
            self.close(id, group);
            self.leave(id);
        }
        while let Some(None) = self.seats.front() {
            self.seats.pop_front();
            self.times.pop_front();
            self.first += 1;
        }
    }

    fn close(&mut self, id: ArticleId, group: SeatNo) {
        // Groups are as of the last settling; who came since is not in one yet and is not bound.
        let members = self.groups.get(&group).cloned().unwrap_or_default();
        if members.len() < 2 {
            return;
        }
        // The member with whom all others are tied already would only be tied again.
        let keys = members.iter().filter_map(|no| self.seat(*no)).map(|seat| seat.ties.as_slice());
        let mut shared: Option<BTreeSet<ArticleId>> = None;
        for ties in keys {
            let ties: BTreeSet<ArticleId> = ties.iter().copied().collect();
            shared = Some(shared.map_or(ties.clone(), |shared| &shared & &ties));
        }
        if shared.is_some_and(|shared| !shared.is_empty()) {
            return;
        }
        for no in members {
            if let Some(seat) = self.seat_mut(no) {
                seat.ties.push(id);
                self.ties.entry(id).or_default().push(no);
            }
        }
    }

    fn leave(&mut self, id: ArticleId) {
        let Some(no) = self.by_id.remove(&id) else { return };
        let place = (no - self.first) as usize;
        let Some(seat) = self.seats.get_mut(place).and_then(Option::take) else { return };
        self.held -= 1;
        for word in &seat.article.words {
            self.terms.remove(word.key, no);
        }
        for edge in &seat.edges {
            self.touched.insert(edge.to);
            if let Some(other) = self.seat_mut(edge.to)
                && let Ok(place) = other.edges.binary_search_by_key(&no, |edge| edge.to)
            {
                other.edges.remove(place);
            }
        }
        for key in &seat.ties {
            if let Some(tied) = self.ties.get_mut(key) {
                tied.retain(|other| *other != no);
                self.touched.extend(tied.first());
                if tied.is_empty() {
                    self.ties.remove(key);
                }
            }
        }
        self.touched.remove(&no);
        self.scored.remove(&no);
        let members = self.groups.remove(&seat.group).unwrap_or_default();
        let left: Vec<SeatNo> = members.into_iter().filter(|other| *other != no).collect();
        self.touched.extend(&left);
        self.seat_group(left);
    }

    /// Notes that `members` are a group now.
    fn seat_group(&mut self, members: Vec<SeatNo>) {
        let Some(first) = members.first().copied() else { return };
        for no in &members {
            if let Some(seat) = self.seat_mut(*no) {
                seat.group = first;
            }
        }
        self.groups.insert(first, members);
    }

    fn seat(&self, no: SeatNo) -> Option<&Seat> {
        self.seats.get(no.checked_sub(self.first)? as usize)?.as_ref()
    }

    fn seat_mut(&mut self, no: SeatNo) -> Option<&mut Seat> {
        self.seats.get_mut(no.checked_sub(self.first)? as usize)?.as_mut()
    }
}

/// The last number of arrivals up to `count` at which rarity is taken anew: while little is known at each growth by a
/// quarter of a doubling, then at each doubling, and in a full window whenever half of it is new.
fn last_boundary(count: u32, most: u32) -> u32 {
    let half = (most / 2).max(FIRST_BOUNDARY);
    if count >= half {
        return count - count % half;
    }
    if count < FIRST_BOUNDARY {
        return 0;
    }
    let doubling = 1u32 << count.ilog2();
    let quarter = if doubling < FINE_UNTIL { doubling / 4 } else { doubling };
    count - count % quarter
}
