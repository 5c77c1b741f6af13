//! Meeting: the pairs of an article that has arrived with those that were there before.

use super::seat::{Edge, SeatNo, cut};
use super::{Open, Seat};
use crate::similarity::evidence::{Evidence, Slot, at, compare};
use crate::similarity::weighed::place_weight;

/// Of a term's holders only the newest are looked at: what is held by more says little, and time is bounded.
const HOLDERS: usize = 128;

/// Holders that are looked at for one article over all its terms.
const VISITS: usize = 700;

/// Pairs that an article makes when it arrives.
const PAIRS: usize = 24;

/// The least cosine of a pair.
const LEAST_COSINE: f32 = 0.1;

/// Sums by seat, empty between two uses: room for all seats costs less than a table.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sums: Vec<f32>,
    seen: Vec<SeatNo>,
}

impl Open {
    /// Finds the pairs of the seat `no` with seats before it.
    pub(super) fn meet(&mut self, no: SeatNo) {
        let mut edges = Vec::new();
        for (other, evidence) in self.pairs_of(no) {
            let edge = |to| Edge {
                to,
                cosine: at(&evidence, Slot::All),
                title: at(&evidence, Slot::Title),
                mass: at(&evidence, Slot::Mass),
                link: 0.0,
            };
            edges.push(edge(other));
            let Some(seat) = self.seat_mut(other) else { continue };
            if seat.put(edge(no)) {
                seat.sum(no + 1);
                self.touched.insert(other);
            }
        }
        if let Some(seat) = self.seat_mut(no) {
            seat.meet(edges, no + 1);
        }
    }

    fn pairs_of(&mut self, no: SeatNo) -> Vec<(SeatNo, Evidence)> {
        if self.rules.window_s <= 0 {
            return Vec::new();
        }
        let mut tally = std::mem::take(&mut self.tally);
        let pairs = self.seat(no).map(|seat| self.pairs_with(no, seat, &mut tally)).unwrap_or_default();
        self.tally = tally;
        pairs
    }

    fn pairs_with(&self, no: SeatNo, seat: &Seat, tally: &mut Tally) -> Vec<(SeatNo, Evidence)> {
        self.visit(no, seat, tally);
        let mut found: Vec<(f32, SeatNo)> = Vec::new();
        for other in tally.seen.drain(..) {
            let Some(sum) = tally.sums.get_mut((other - self.first) as usize) else { continue };
            let dot = std::mem::take(sum);
            let Some(met) = self.glances.get((other - self.first) as usize) else { continue };
            let cosine = dot / (met.norm * seat.article.norm).max(f32::MIN_POSITIVE);
            if cosine >= LEAST_COSINE {
                found.push((cosine, other));
            }
        }
        let by_cosine = |a: &(f32, SeatNo), b: &(f32, SeatNo)| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1));
        if found.len() > PAIRS {
            found.select_nth_unstable_by(PAIRS, by_cosine);
            found.truncate(PAIRS);
        }
        let least = cut(&mut found.iter().map(|(cosine, _)| *cosine).collect::<Vec<f32>>());
        let pair = |(cosine, other): (f32, SeatNo)| {
            let met = self.seat(other)?;
            let counts = cosine >= least || cosine >= met.cut;
            counts.then(|| (other, compare(&seat.article, &met.article)))
        };
        found.into_iter().filter_map(pair).collect()
    }

    /// Sums up what `seat` shares with those before it, its rarest words first.
    fn visit(&self, no: SeatNo, seat: &Seat, tally: &mut Tally) {
        let mut words: Vec<(f32, u32)> =
            seat.article.words.iter().map(|word| (place_weight(word.flags) * word.idf, word.key)).collect();
        words.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        tally.sums.resize(self.seats.len(), 0.0);
        let mut visits = 0;
        for (weight, key) in words {
            let Some(holders) = self.terms.get(key) else { continue };
            // The last is the seat itself.
            let before = holders.seats.iter().rev().skip_while(|held| held.seat() >= no);
            for held in before.take(HOLDERS.min(VISITS - visits)) {
                visits += 1;
                let other = held.seat();
                let place = other.wrapping_sub(self.first) as usize;
                let apart = self.glances.get(place).map_or(u64::MAX, |met| met.published_s.abs_diff(seat.published_s));
                if apart > self.rules.window_s.unsigned_abs() {
                    continue;
                }
                if let Some(sum) = tally.sums.get_mut(place) {
                    if *sum == 0.0 {
                        tally.seen.push(other);
                    }
                    *sum += weight * place_weight(held.flags()) * holders.idf;
                }
            }
            if visits >= VISITS {
                break;
            }
        }
    }
}
