//! Standing: who stands together because somebody says so or a closing binds them, and who never does.
//!
//! In come the articles of a component, out go pairs for the linkage. The operator's `different:` comes first, the word
//! that ties articles second, closings third: whom a closing would bring to somebody whom the operator parts them from
//! stands without it. Who is outside the window is not forgotten in this: a closing is parted from whom those are parted
//! from that it binds. A function of what is said and of who is held, so that it does not matter when it was said.

use std::collections::{BTreeMap, BTreeSet};

use super::seat::{Seat, SeatNo, Tie};
use super::{Bound, Open};
use crate::model::ArticleId;

/// What holds of the articles of a component, by their places in it.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Pairs that stand together.
    pub(super) together: Vec<(u32, u32)>,
    /// Pairs that do not.
    pub(super) apart: Vec<(u32, u32)>,
    /// The closing that each goes with.
    pub(super) held: Vec<Option<ArticleId>>,
}

impl Open {
    /// The operator's `different:`: no two articles of a list stand together. Of articles that the window does not hold,
    /// `closings` says by which closing they are bound.
    pub fn set_apart(&mut self, lists: &[Vec<ArticleId>], closings: &BTreeMap<ArticleId, ArticleId>) {
        let mut apart: BTreeMap<ArticleId, BTreeSet<usize>> = BTreeMap::new();
        for (place, id) in lists.iter().enumerate().flat_map(|(place, list)| list.iter().map(move |id| (place, id))) {
            apart.entry(*id).or_default().insert(place);
        }
        let left = apart.keys().filter(|id| !self.holds(**id));
        let outside: BTreeMap<ArticleId, ArticleId> = left.filter_map(|id| Some((*id, *closings.get(id)?))).collect();
        if lists != self.different || outside != self.outside {
            let named = self.apart.keys().chain(apart.keys());
            self.touched.extend(named.filter_map(|id| self.by_id.get(id).copied()));
            let closings: Vec<ArticleId> = self.outside.values().chain(outside.values()).copied().collect();
            for closing in closings {
                self.touch_bound(closing);
            }
            self.different = lists.to_vec();
            (self.apart, self.outside) = (apart, outside);
        }
    }

    /// The lists that [`Self::set_apart`] was last told.
    #[must_use]
    pub fn different(&self) -> &[Vec<ArticleId>] {
        &self.different
    }

    /// Whether the operator parts `article` from any of `others`.
    #[must_use]
    pub fn is_apart(&self, article: ArticleId, others: impl IntoIterator<Item = ArticleId>) -> bool {
        let lists = self.lists_of(article);
        !lists.is_empty()
            && others.into_iter().any(|other| other != article && !lists.is_disjoint(&self.lists_of(other)))
    }

    /// Who is outside and bound by this is bound so from now on.
    pub(in crate::cluster) fn note(&mut self, bound: &Bound) {
        for closing in self.outside.values_mut().filter(|closing| bound.before.contains(closing)) {
            *closing = bound.key;
        }
        for id in &bound.articles {
            if !self.holds(*id) {
                self.keep_outside(*id, Some(bound.key));
            }
        }
    }

    /// `article` is outside now, bound by `closing`.
    pub(super) fn keep_outside(&mut self, article: ArticleId, closing: Option<ArticleId>) {
        if let Some(closing) = closing.filter(|_| self.apart.contains_key(&article)) {
            self.outside.insert(article, closing);
            self.touch_bound(closing);
        }
    }

    /// `article` is not outside any more.
    pub(super) fn forget_outside(&mut self, article: ArticleId) {
        if let Some(closing) = self.outside.remove(&article) {
            self.touch_bound(closing);
        }
    }

    /// What is bound by `closing` is to be grouped anew: one of it is enough for that.
    fn touch_bound(&mut self, closing: ArticleId) {
        self.touched.extend(self.ties.get(&Tie::Closing(closing)).and_then(|bound| bound.first().copied()));
    }

    /// What holds of the articles of `component`.
    pub(super) fn standing(&self, component: &[SeatNo]) -> Standing {
        let seats: Vec<&Seat> = component.iter().filter_map(|no| self.seat(*no)).collect();
        let mut standing = Standing { held: vec![None; component.len()], ..Standing::default() };
        if self.apart.is_empty() && seats.iter().all(|seat| seat.ties().next().is_none()) {
            return standing;
        }
        let mut units = Units(seats.iter().map(|seat| Unit::of(self.lists_of(seat.id))).collect());
        let mut words: BTreeMap<ArticleId, usize> = BTreeMap::new();
        let mut bound: Vec<((i64, ArticleId), usize, ArticleId)> = Vec::new();
        for (place, seat) in seats.iter().enumerate() {
            seat.tied.into_iter().for_each(|key| units.join(*words.entry(key).or_insert(place), place));
            bound.extend(seat.closed.map(|closing| ((seat.published_s, seat.id), place, closing)));
        }
        // Of two who are parted the earlier stays with those outside, whenever they arrived.
        bound.sort_unstable();
        let mut closings: BTreeMap<ArticleId, usize> = BTreeMap::new();
        for (_, place, closing) in bound {
            let unit = *closings.entry(closing).or_insert_with(|| units.add(self.lists_outside(closing)));
            if !units.are_apart(unit, place) {
                units.join(unit, place);
                standing.held.iter_mut().skip(place).take(1).for_each(|held| *held = Some(closing));
            }
        }
        units.tell(seats.len(), &mut standing);
        standing
    }

    /// Notes which closings the articles of `component` go with; says for whom that is news.
    pub(super) fn hold(&mut self, component: &[SeatNo], held: &[Option<ArticleId>]) -> BTreeSet<SeatNo> {
        let mut moved = BTreeSet::new();
        for (no, held) in component.iter().zip(held) {
            if let Some(seat) = self.seat_mut(*no).filter(|seat| seat.held != *held) {
                seat.held = *held;
                moved.insert(*no);
            }
        }
        moved
    }

    fn lists_of(&self, article: ArticleId) -> BTreeSet<usize> {
        self.apart.get(&article).cloned().unwrap_or_default()
    }

    /// The lists that name anybody outside who is bound by `closing`.
    fn lists_outside(&self, closing: ArticleId) -> BTreeSet<usize> {
        let bound = self.outside.iter().filter(|(_, of)| **of == closing);
        bound.flat_map(|(id, _)| self.lists_of(*id)).collect()
    }
}

/// What stands together: articles by place, and after them what closings bind outside.
struct Units(Vec<Unit>);

/// One of them.
struct Unit {
    /// Where it went; itself, if it is still there.
    home: Option<usize>,
    /// The lists that name any of it.
    lists: BTreeSet<usize>,
}

impl Unit {
    fn of(lists: BTreeSet<usize>) -> Self {
        Self { home: None, lists }
    }
}

impl Units {
    fn add(&mut self, lists: BTreeSet<usize>) -> usize {
        self.0.push(Unit::of(lists));
        self.0.len() - 1
    }

    fn home(&self, mut unit: usize) -> usize {
        while let Some(home) = self.0.get(unit).and_then(|unit| unit.home) {
            unit = home;
        }
        unit
    }

    fn are_apart(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.home(one), self.home(other));
        let lists = |unit: usize| self.0.get(unit).map(|unit| &unit.lists);
        one != other && lists(one).zip(lists(other)).is_some_and(|(one, other)| !one.is_disjoint(other))
    }

    /// The earlier takes the later in.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.home(one), self.home(other));
        if one == other {
            return;
        }
        let mut lists = BTreeSet::new();
        if let Some(lost) = self.0.get_mut(one.max(other)) {
            lost.home = Some(one.min(other));
            lists = std::mem::take(&mut lost.lists);
        }
        self.0.iter_mut().skip(one.min(other)).take(1).for_each(|kept| kept.lists.append(&mut lists));
    }

    /// Pairs of the first `articles`. The first of each unit speaks for all.
    fn tell(&self, articles: usize, standing: &mut Standing) {
        let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let mut named: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for place in 0..articles {
            let home = self.home(place);
            if home != place {
                standing.together.push((number(home), number(place)));
                continue;
            }
            for list in self.0.get(place).into_iter().flat_map(|unit| &unit.lists) {
                let others = named.entry(*list).or_default();
                standing.apart.extend(others.iter().map(|other| (*other, number(place))));
                others.push(number(place));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::line;
    use crate::cluster::open::{Arrival, Rules};
    use crate::similarity::Profile;

    fn id(name: &str) -> ArticleId {
        ArticleId::of(name)
    }

    /// `a=t~k` is an article `a` that is tied by `t` and bound by `k`.
    fn read(text: &str) -> (&str, Option<ArticleId>, Option<ArticleId>) {
        let (text, closed) = text.split_once('~').map_or((text, None), |(text, key)| (text, Some(id(key))));
        let (name, tied) = text.split_once('=').map_or((text, None), |(name, key)| (name, Some(id(key))));
        (name, tied, closed)
    }

    /// The articles of `inside`, in the order of publication, have nothing in common; nor has who is `outside`. Groups
    /// are shown with what they go with.
    fn check(inside: &str, outside: &str, different: &[&str], expect: &str) {
        let mut open = Open::new(Rules::default());
        let lists: Vec<Vec<ArticleId>> = different.iter().map(|list| list.split(' ').map(id).collect()).collect();
        let closings = outside.split_whitespace().map(read).filter_map(|(name, _, closed)| Some((id(name), closed?)));
        open.set_apart(&lists, &closings.collect());
        let names: Vec<&str> = inside.split(' ').map(|text| read(text).0).collect();
        let arrival = |(minute, text): (usize, &str)| {
            let (name, tied, closed) = read(text);
            let line = format!(r#"{{"id":"{name}","published":"2024-05-06T08:{minute:02}:00Z"}}"#);
            Arrival { tied, closed, ..Arrival::of(Profile::of(&line::read(&line).unwrap().article)) }
        };
        // In another order than that of publication.
        let arrivals: Vec<Arrival> = inside.split(' ').enumerate().map(arrival).collect();
        open.step(arrivals.into_iter().rev().collect(), &[]);
        let mut shown: Vec<String> = Vec::new();
        for name in &names {
            let group = open.group_of(id(name));
            let mut text: String = names.iter().filter(|name| group.contains(&id(name))).copied().collect();
            let held = open.closings_of(&group);
            text.extend(["k", "l"].iter().filter(|key| held.contains(&id(key))).map(|key| format!("~{key}")));
            if !shown.contains(&text) {
                shown.push(text);
            }
        }
        assert_eq!(shown.join(" "), expect, "{inside} / {outside} / {different:?}");
    }

    #[test]
    fn words_and_closings_hold_together() {
        check("a b", "", &[], "a b");
        check("a=t b=t c", "", &[], "ab c");
        check("a~k b~k c", "x~k", &[], "ab~k c");
        check("a=t~k b=t~l c~l", "x~k y~l", &[], "abc~k~l");
    }

    #[test]
    fn who_is_different_is_parted_wherever_it_is() {
        check("a~k b~k c", "", &["a b"], "a~k b c");
        check("a~k b~k c~k", "", &["a b"], "ac~k b");
        // Of whom a closing binds one is outside, and of that nothing else is known.
        check("a~k b~k", "x~k", &["x b"], "a~k b");
        check("a=t~k b=t", "x~k", &["x b"], "ab");
        check("a=t~k b=t c~k", "x~k", &["x b"], "ab c~k");
        check("a=t~k b=t~l", "x~k y~l", &["x y"], "ab~k");
        check("a=t~k b=t~l", "x~k y~l", &["b x", "a y"], "ab");
        check("a=t~k b=t~l", "x~k y~l", &["p q", "x p", "y q"], "ab~k~l");
        // A word that ties two who are different is for the caller to mend.
        check("a=t b=t", "", &["a b"], "ab");
    }
}
