//! `Seat`: an article as the open window keeps it, with its pairs.

use crate::model::ArticleId;
use crate::similarity::weighed::Article;

/// The place of an article in the row of arrivals. Never used twice, so that what is sorted by it is sorted by arrival,
/// in this process and in one that was started anew.
pub(super) type SeatNo = u32;

/// One pair, as one of its sides keeps it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) to: SeatNo,
    pub(super) cosine: f32,
    pub(super) title: f32,
    pub(super) mass: f32,
    /// How likely both are about one event, in 0 to 1.
    pub(super) link: f32,
}

/// What an article's pairs come to, as of when that was last summed up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Near {
    /// Largest cosine, title cosine and shared mass.
    pub(super) best: [f32; 3],
    /// Lengths of the rows of cosines and of title cosines, with 1 for itself.
    pub(super) norm: [f32; 2],
    /// Mean of the five largest cosines.
    pub(super) usual: f32,
    /// Neighbours that count: those at this cosine or nearer. The others change nothing about anybody else's pairs.
    pub(super) cut: f32,
    /// How many they are.
    pub(super) close: u32,
    /// The least of those that make `usual`: who is nearer changes much.
    high: f32,
    /// Who arrived from this seat on is not in it.
    pub(super) until: SeatNo,
}

/// A neighbour counts from this part of the best cosine on.
pub(super) const CLOSE: f32 = 0.4;

/// No more than this many neighbours count: who joins a large story changes little for those who have nearer ones.
pub(super) const NEAREST: usize = 20;

/// The least of the `NEAREST` largest of `cosines`, and at least [`CLOSE`] of the largest: from here on neighbours count.
pub(super) fn cut(cosines: &mut [f32]) -> f32 {
    let nearest = cosines.iter().copied().fold(0.0, f32::max);
    let least = if cosines.len() > NEAREST {
        *cosines.select_nth_unstable_by(NEAREST - 1, |a, b| b.total_cmp(a)).1
    } else {
        0.0
    };
    least.max(CLOSE * nearest)
}

/// Best pairs that make the usual cosine.
const USUAL: usize = 5;

/// New neighbours change what others come to once they are this part of it: a story that grows has its pairs scored anew
/// with each quarter that it grows by, and not with each article.
const GROWTH: u32 = 4;

/// An article in the window.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) id: ArticleId,
    pub(super) published_s: i64,
    pub(super) article: Article,
    /// By seat.
    pub(super) edges: Vec<Edge>,
    pub(super) near: Near,
    /// What [`Near::cut`] is with all edges.
    pub(super) cut: f32,
    /// Neighbours that count and that `near` does not know.
    pub(super) fresh: u32,
    /// The first seat of its group.
    pub(super) group: SeatNo,
    /// Who has the same here stands together by a seed's or the operator's word.
    pub(super) tied: Option<ArticleId>,
    /// The same because some of their story have left the window, unless the operator keeps them apart.
    pub(super) closed: Option<ArticleId>,
    /// `closed`, where that is so: as of its last grouping.
    pub(super) held: Option<ArticleId>,
}

/// An article at a glance.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Glance {
    pub(super) published_s: i64,
    /// As in its [`Article`].
    pub(super) norm: f32,
}

/// What holds articles together whatever they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie {
    Word(ArticleId),
    Closing(ArticleId),
}

impl Seat {
    /// All that holds it to others.
    pub(super) fn ties(&self) -> impl Iterator<Item = Tie> + use<> {
        self.tied.map(Tie::Word).into_iter().chain(self.closed.map(Tie::Closing))
    }

    /// The edge to `other`.
    pub(super) fn edge(&mut self, other: SeatNo) -> Option<&mut Edge> {
        let place = self.edges.binary_search_by_key(&other, |edge| edge.to).ok()?;
        self.edges.get_mut(place)
    }

    /// Takes all pairs with seats before its own.
    pub(super) fn meet(&mut self, mut edges: Vec<Edge>, until: SeatNo) {
        edges.sort_unstable_by_key(|edge| edge.to);
        edges.shrink_to_fit();
        self.edges = edges;
        self.sum(until);
    }

    /// Takes the pair with a seat that has just arrived; says whether that changes much.
    pub(super) fn put(&mut self, edge: Edge) -> bool {
        self.edges.push(edge);
        let counts = edge.cosine >= self.cut;
        if counts || self.edges.len() == NEAREST + 1 {
            self.recut();
        }
        self.fresh += u32::from(counts);
        counts && (edge.cosine > self.near.high || self.fresh * GROWTH >= self.near.close)
    }

    /// The article in the seat `other` has left.
    pub(super) fn drop_edge(&mut self, other: SeatNo, until: SeatNo) {
        if let Ok(place) = self.edges.binary_search_by_key(&other, |edge| edge.to) {
            self.edges.remove(place);
            self.sum(until);
        }
    }

    /// Forgets all pairs.
    pub(super) fn clear(&mut self) {
        self.edges.clear();
        (self.near, self.cut, self.fresh) = (Near::default(), 0.0, 0);
    }

    /// To be called at once when that may change it, so that who comes next is judged alike in steps of any size.
    fn recut(&mut self) {
        self.cut = cut(&mut self.edges.iter().map(|edge| edge.cosine).collect::<Vec<f32>>());
    }

    /// Neighbours that count, of those that `near` knows.
    pub(super) fn close(&self) -> impl Iterator<Item = &Edge> {
        let Near { cut, until, .. } = self.near;
        self.edges.iter().take_while(move |edge| edge.to < until).filter(move |edge| edge.cosine >= cut)
    }

    /// Sums up what its pairs come to before the seat `until` arrives.
    pub(super) fn sum(&mut self, until: SeatNo) {
        self.recut();
        self.near = Near { cut: self.cut, until, ..Near::default() };
        self.fresh = 0;
        let mut near = self.near;
        let mut squares = [1.0f32; 2];
        let mut top = [0.0f32; USUAL];
        for edge in self.close() {
            near.close += 1;
            for (best, value) in near.best.iter_mut().zip([edge.cosine, edge.title, edge.mass]) {
                *best = best.max(value);
            }
            for (square, value) in squares.iter_mut().zip([edge.cosine, edge.title]) {
                *square += value * value;
            }
            let mut value = edge.cosine;
            for place in &mut top {
                if value > *place {
                    std::mem::swap(place, &mut value);
                }
            }
        }
        near.norm = squares.map(f32::sqrt);
        near.usual = top.iter().sum::<f32>() / (near.close as usize).clamp(1, USUAL) as f32;
        near.high = top.last().copied().unwrap_or_default();
        self.near = near;
    }
}
