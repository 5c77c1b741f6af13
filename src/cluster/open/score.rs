//! Scoring: how likely the pairs of touched seats are about one event, as their neighbours are now.

use super::Open;
use super::marks::Marks;
use super::regroup::LEAST_LINK;
use super::seat::{Edge, Seat, SeatNo};
use crate::model::ArticleId;
use crate::similarity::Similarity;
use crate::similarity::evidence::{Around, Evidence, Slot, at, compare};

impl Open {
    /// Scores the pairs of touched seats; whose scores have changed is to be grouped anew, and so are they.
    pub(super) fn score_touched(&mut self) {
        let touched: Vec<SeatNo> = self.touched.iter().collect();
        for no in &touched {
            for (other, link) in self.scores_of(*no) {
                let edge = self.seat_mut(*no).and_then(|seat| seat.edge(other));
                let before = edge.map(|edge| std::mem::replace(&mut edge.link, link));
                if let Some(edge) = self.seat_mut(other).and_then(|seat| seat.edge(*no)) {
                    edge.link = link;
                }
                if before != Some(link) {
                    self.scored.insert(other);
                }
            }
        }
        self.scored.extend(touched);
        self.touched = Marks::default();
    }

    /// New scores of the pairs of `no`; a pair of two touched seats is left to the earlier.
    fn scores_of(&self, no: SeatNo) -> Vec<(SeatNo, f32)> {
        let Some(seat) = self.seat(no) else { return Vec::new() };
        let mine = |edge: &&Edge| edge.to > no || !self.touched.contains(edge.to);
        let score = |edge: &Edge| {
            let other = self.seat(edge.to)?;
            let counts = edge.cosine >= seat.near.cut.min(other.near.cut);
            let score = || self.judged(&evidence((no, seat), (edge.to, other), edge));
            Some((edge.to, if counts { score() } else { 0.0 }))
        };
        seat.edges.iter().filter(mine).filter_map(score).collect()
    }

    /// One shared word is no evidence, however rare: a name makes many stories.
    fn judged(&self, evidence: &Evidence) -> f32 {
        if at(evidence, Slot::Second) > 0.0 { self.rules.model.score_from(evidence, LEAST_LINK) } else { 0.0 }
    }

    /// Every pair of the window with its evidence, by arrival: what the learner learns from.
    pub fn pairs(&self) -> impl Iterator<Item = (ArticleId, ArticleId, Evidence)> {
        (self.first..self.count()).filter_map(|no| Some((no, self.seat(no)?))).flat_map(move |(no, seat)| {
            seat.edges.iter().filter(move |edge| edge.to > no).filter_map(move |edge| {
                let other = self.seat(edge.to)?;
                if edge.cosine < seat.near.cut.min(other.near.cut) {
                    return None;
                }
                Some((seat.id, other.id, evidence((no, seat), (edge.to, other), edge)))
            })
        })
    }

    /// The article of its group that `article` is likeliest about one event with, and what made that. Who stands with
    /// it by somebody's word is asked last.
    #[must_use]
    pub fn nearest(&self, article: ArticleId) -> Option<(ArticleId, Similarity)> {
        let seat = self.seat(*self.by_id.get(&article)?)?;
        let inside = |edge: &&Edge| self.seat(edge.to).is_some_and(|other| other.group == seat.group);
        let is_tied =
            |edge: &Edge| seat.tied.is_some() && self.seat(edge.to).is_some_and(|other| other.tied == seat.tied);
        let by_link = |one: &&Edge, other: &&Edge| {
            is_tied(other).cmp(&is_tied(one)).then(one.link.total_cmp(&other.link)).then(other.to.cmp(&one.to))
        };
        let best = self.seat(seat.edges.iter().filter(inside).max_by(by_link)?.to)?.id;
        Some((best, self.why(article, best)?))
    }

    /// How likely `a` and `b` are about one event, and what made that; `None` where they are no pair of the window.
    #[must_use]
    pub fn why(&self, a: ArticleId, b: ArticleId) -> Option<Similarity> {
        let (one, other) = (*self.by_id.get(&a)?, *self.by_id.get(&b)?);
        let (seat, met) = (self.seat(one)?, self.seat(other)?);
        let edge = seat.edges.iter().find(|edge| edge.to == other)?;
        Some(self.rules.model.explain(&evidence((one, seat), (other, met), edge)))
    }
}

/// The whole evidence of a pair. Compares the texts again: keeping that would be most of the memory.
fn evidence(one: (SeatNo, &Seat), other: (SeatNo, &Seat), edge: &Edge) -> Evidence {
    let (a, b) = if one.0 < other.0 { (one.1, other.1) } else { (other.1, one.1) };
    let mut evidence = compare(&a.article, &b.article);
    around(a, b, edge).put_into(&mut evidence);
    evidence
}

fn around(a: &Seat, b: &Seat, edge: &Edge) -> Around {
    // Each is a neighbour of itself, at 1.
    let mut circle = [2.0 * edge.cosine, 2.0 * edge.title];
    let (mut common, mut bridge) = (2u32, 0.0f32);
    let (mut mine, mut theirs) = (a.close().peekable(), b.close().peekable());
    while let (Some(one), Some(other)) = (mine.peek(), theirs.peek()) {
        let order = one.to.cmp(&other.to);
        if order.is_eq() {
            let [all, titles] = &mut circle;
            *all += one.cosine * other.cosine;
            *titles += one.title * other.title;
            bridge = bridge.max(one.cosine.min(other.cosine));
            common += 1;
        }
        order.is_le().then(|| mine.next());
        order.is_ge().then(|| theirs.next());
    }
    let nearer = |seat: &Seat| {
        let count = seat.close().filter(|other| other.cosine > edge.cosine).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    let ([all, titles], [a_norm, a_titles], [b_norm, b_titles]) = (circle, a.near.norm, b.near.norm);
    Around {
        best: [a.near.best, b.near.best],
        circle: [all / (a_norm * b_norm).max(1.0), titles / (a_titles * b_titles).max(1.0)],
        bridge,
        common: common as f32 / (a.near.close + b.near.close + 2) as f32,
        nearer: [nearer(a), nearer(b)],
        usual: [a.near.usual, b.near.usual],
    }
}
