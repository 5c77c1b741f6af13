//! `Open`: the open window, whose articles are grouped anew whenever something about them changes.
//!
//! In come steps of articles (and who leaves), out go the groups that have changed. What stands together is a function
//! of the articles held, in the order of their arrival: not of the sizes of steps, not of the order inside a step, not
//! of a hash table. An article that leaves by age of arrival closes its story: what is left of it in the window stays
//! together from then on, and may still be joined. Never names a story (see [`super::identity`]), never reads a clock.
//!
//! # How it is used
//!
//! 1. At start: [`Open::resume`] with those who arrived from [`Open::needed_from`] on, as they were when they did, and
//!    with [`Open::different`].
//! 2. A step: [`Open::step`] with at most [`Open::room`] arrivals. Each group that comes back is the whole of a story's
//!    part in the window: [`super::settle`] names them, together with what the window holds no longer.
//! 3. When there is no room left: [`Open::close`], which says who is bound from then on, and which groups that changed.
//! 4. [`Open::why`] and [`Open::nearest`] give the score of a pair and its parts for `explain`.
//!
//! Each arrival takes the next number. Whatever happens is a function of the arrivals by number and of who left at
//! which, and of what somebody says, so that a store that keeps these ([`Arrived`], [`Open::departures`],
//! [`Open::different`]) resumes at exactly the same state.

mod candidates;
mod closing;
mod disorder;
mod given;
mod marks;
mod regroup;
mod resume;
mod score;
mod seat;
mod standing;
mod terms;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use self::closing::Bound;
pub use self::given::{Arrival, Arrived, Rules};
use self::marks::Marks;
use self::seat::{Glance, Seat, SeatNo, Tie};
use self::terms::Terms;
use crate::model::ArticleId;
use crate::similarity::Term;
use crate::similarity::weighed::{Article, Word};

/// The open window.
#[derive(Debug)]
pub struct Open {
    rules: Rules,
    terms: Terms,
    /// In the order of arrival; `None` for who has left out of turn.
    seats: VecDeque<Option<Seat>>,
    /// What is asked of most of `seats` that are looked at: apart, so that the rest of them is not.
    glances: VecDeque<Glance>,
    /// The number of the first of `seats`.
    first: SeatNo,
    /// Articles held.
    held: usize,
    by_id: BTreeMap<ArticleId, SeatNo>,
    /// Members by the first seat of each group.
    groups: BTreeMap<SeatNo, Vec<SeatNo>>,
    ties: BTreeMap<Tie, Vec<SeatNo>>,
    /// The operator's lists of different articles, as they were last told.
    different: Vec<Vec<ArticleId>>,
    /// Which of them name an article.
    apart: BTreeMap<ArticleId, BTreeSet<usize>>,
    /// Of the articles that those name and that the window holds no longer: by which closing they are bound.
    outside: BTreeMap<ArticleId, ArticleId>,
    /// Seats of whom something has changed since their pairs were last scored.
    touched: Marks,
    /// Seats whose pairs were scored since they were last grouped.
    scored: Marks,
    /// Least score of two groups that are joined, as of the last boundary.
    threshold: f64,
    /// Who arrived from this number on has not been told of.
    settled: SeatNo,
    /// Who left out of turn since this was last asked.
    departures: Vec<Arrived>,
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
            glances: VecDeque::new(),
            first: 0,
            held: 0,
            by_id: BTreeMap::new(),
            groups: BTreeMap::new(),
            ties: BTreeMap::new(),
            different: Vec::new(),
            apart: BTreeMap::new(),
            outside: BTreeMap::new(),
            touched: Marks::default(),
            scored: Marks::default(),
            settled: 0,
            departures: Vec::new(),
            tally: candidates::Tally::default(),
        }
    }

    /// Articles that the window holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held
    }

    /// How many may arrive before [`Self::close`] is to be called.
    #[must_use]
    pub fn room(&self) -> usize {
        self.rules.max_articles.max(1).saturating_sub(self.seats.len())
    }

    /// Whether it links nothing.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.rules.is_closed()
    }

    /// Whether it holds `article`.
    #[must_use]
    pub fn holds(&self, article: ArticleId) -> bool {
        self.by_id.contains_key(&article)
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

    /// The number of the first arrival that is held: who arrived before that is not needed any more.
    #[must_use]
    pub fn first(&self) -> u32 {
        self.first
    }

    /// `article`, which stays where it is, stands by somebody's word with others now, or with none.
    pub fn tie(&mut self, article: ArticleId, tied: Option<ArticleId>) {
        let Some(no) = self.by_id.get(&article).copied() else { return };
        self.touched.insert(no);
        self.retie(no, |seat| seat.tied = tied);
    }

    /// Lets `gone` go, then takes `arrivals` in, in this order; who is held already leaves first. Returns the groups
    /// that have changed, each in the order of arrival, the group whose first article arrived first before the others.
    /// More than [`Self::room`] arrivals are to be taken in several steps.
    pub fn step(&mut self, arrivals: Vec<Arrival>, gone: &[ArticleId]) -> Vec<Vec<ArticleId>> {
        for id in gone {
            self.leave(*id);
        }
        for Arrival { profile, tied, closed } in arrivals {
            self.leave(profile.id);
            self.seat_next(Some((profile.id, profile.published_s, &profile.terms)), [tied, closed]);
            if self.room() > 0 && resume::last_boundary(self.count(), self.rules.max_articles) == self.count() {
                self.refresh();
            }
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

    /// Gives the next seat to an article, or leaves it free: who had it has left.
    fn seat_next(&mut self, article: Option<(ArticleId, i64, &[Term])>, [tied, closed]: [Option<ArticleId>; 2]) {
        let no = self.count();
        let Some((id, published_s, terms)) = article else {
            self.glances.push_back(Glance::default());
            self.seats.push_back(None);
            return;
        };
        let articles = self.held + 1;
        let word = |Term { hash, flags }: &Term| {
            let holders = self.terms.add(*hash, no, *flags, &self.rules.background);
            Word { key: *hash, flags: *flags, strange: holders.strange, idf: holders.weigh(articles) }
        };
        let article = Article::of(terms.iter().map(word).collect());
        self.glances.push_back(Glance { published_s, norm: article.norm });
        let seat = Seat {
            id,
            published_s,
            article,
            edges: Vec::new(),
            near: seat::Near::default(),
            cut: 0.0,
            fresh: 0,
            group: no,
            tied,
            closed,
            held: None,
        };
        for tie in seat.ties() {
            self.ties.entry(tie).or_default().push(no);
        }
        self.by_id.insert(id, no);
        self.groups.insert(no, vec![no]);
        self.seats.push_back(Some(seat));
        self.held += 1;
        self.touched.insert(no);
        self.meet(no);
    }

    /// Weighs all words by what is held now, and looks for all pairs anew.
    fn refresh(&mut self) {
        self.terms.refresh(self.held);
        self.terms.clear_seats();
        self.seats.iter_mut().flatten().for_each(Seat::clear);
        for no in self.first..self.count() {
            let place = (no - self.first) as usize;
            let Some(seat) = self.seats.get_mut(place).and_then(Option::as_mut) else { continue };
            for word in &mut seat.article.words {
                word.idf = self.terms.add(word.key, no, word.flags, &self.rules.background).idf;
            }
            seat.article.sum();
            self.glances.iter_mut().skip(place).take(1).for_each(|glance| glance.norm = seat.article.norm);
            self.touched.insert(no);
            self.meet(no);
        }
        let until = self.count();
        self.seats.iter_mut().flatten().for_each(|seat| seat.sum(until));
        self.score_touched();
        self.threshold = self.rules.threshold_at(self.disorder(), self.crowd());
    }

    /// `id` leaves out of turn, or is not outside any more.
    fn leave(&mut self, id: ArticleId) {
        let Some(no) = self.by_id.get(&id).copied() else { return self.forget_outside(id) };
        let at = self.count();
        let Some(seat) = self.clear(no) else { return };
        let term = |word: &Word| Term { hash: word.key, flags: word.flags };
        let terms = seat.article.words.iter().map(term).collect();
        let (published_s, gone_at) = (seat.published_s, Some(at));
        self.departures.push(Arrived { number: no, id, published_s, terms, gone_at, tied: None, closed: None });
        let members = self.groups.remove(&seat.group).unwrap_or_default();
        let left: Vec<SeatNo> = members.into_iter().filter(|other| *other != no).collect();
        self.touched.extend(left.iter().copied());
        self.seat_group(left);
    }

    /// Frees a seat; its group is still to be told.
    fn clear(&mut self, no: SeatNo) -> Option<Seat> {
        let seat = self.seats.get_mut(no.checked_sub(self.first)? as usize)?.take()?;
        self.by_id.remove(&seat.id);
        self.held -= 1;
        for word in &seat.article.words {
            self.terms.remove(word.key, no);
        }
        for edge in &seat.edges {
            self.touched.insert(edge.to);
            let until = self.count();
            if let Some(other) = self.seat_mut(edge.to) {
                other.drop_edge(no, until);
            }
        }
        for tie in seat.ties() {
            self.untie(no, tie);
        }
        self.touched.remove(no);
        self.scored.remove(no);
        Some(seat)
    }

    /// Changes by whose word the seat `no` is tied, or by which closing.
    fn retie(&mut self, no: SeatNo, change: impl FnOnce(&mut Seat)) {
        let Some(seat) = self.seat_mut(no) else { return };
        let before: Vec<Tie> = seat.ties().collect();
        change(seat);
        let after: Vec<Tie> = seat.ties().collect();
        for tie in before.iter().filter(|tie| !after.contains(tie)) {
            self.untie(no, *tie);
        }
        for tie in after.into_iter().filter(|tie| !before.contains(tie)) {
            let tied = self.ties.entry(tie).or_default();
            let place = tied.partition_point(|other| *other < no);
            tied.insert(place, no);
        }
    }

    fn untie(&mut self, no: SeatNo, tie: Tie) {
        if let Some(tied) = self.ties.get_mut(&tie) {
            tied.retain(|other| *other != no);
            self.touched.extend(tied.first().copied());
            if tied.is_empty() {
                self.ties.remove(&tie);
            }
        }
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
