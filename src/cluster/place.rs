//! Placement: the story of the window that a unit belongs to.
//!
//! In comes a unit (one article, or the articles that a seed ties together), out goes the best story at or above the
//! threshold. Compares with members, never with a pooled bag of a story's words, which would dilute as it grows. Looks
//! at a bounded number of articles whatever the window holds.

use std::collections::{BTreeMap, BTreeSet};

use super::postings::Slot;
use super::window::{Link, Window};
use crate::model::{ArticleId, StoryId};
use crate::similarity::{Pair, Profile, Term, Weighed, odds, score};

/// Of a term's holders only the newest are looked at: what is held by more says little, and time is bounded.
const HOLDERS: usize = 100;

/// Holders that are looked at for one article over all its terms.
const VISITS: usize = 600;

/// Room of the table that sums up visits: a power of two, over twice `VISITS` so that it stays sparse.
const ROOM: usize = 4096;

/// Articles that are compared in full with one article.
const CANDIDATES: usize = 32;

/// Members of a story that speak for it: its best matches. More would let the mere size of a story speak.
const SPEAKERS: usize = 5;

/// Articles of a bundle that are looked at, its lead first: a seed of a thousand articles costs no more than this.
const BUNDLE: usize = 16;

/// The threshold never grows beyond this, or no story of hundreds could take in a word-for-word copy.
const HIGHEST: f64 = 0.9;

/// A member's score for one article.
#[derive(Debug, Clone, Copy)]
struct Match {
    slot: Slot,
    score: f64,
}

/// What a unit has found out about one story.
#[derive(Debug, Default)]
struct Case {
    /// Score of the unit's first article.
    lead: f64,
    /// Sum over the unit's articles.
    sum: f64,
    /// The best match of any article of the unit: score, member, article.
    best: Option<(f64, ArticleId, ArticleId)>,
}

impl Window {
    /// The best story for `unit` (lead first) at or above the threshold. `except` is the story it is in already.
    /// The unit's own articles are never compared with themselves. `None` where `window_s` is 0.
    #[must_use]
    pub fn place(&self, unit: &[Profile], except: Option<StoryId>) -> Option<Link> {
        if self.rules.window_s <= 0 {
            return None;
        }
        let own: BTreeSet<ArticleId> = unit.iter().map(|profile| profile.id).collect();
        let looked = unit.get(..BUNDLE).unwrap_or(unit);
        let mut cases: BTreeMap<StoryId, Case> = BTreeMap::new();
        for (place, profile) in looked.iter().enumerate() {
            for (story, score, nearest) in self.stories_like(profile, &own, except) {
                let case = cases.entry(story).or_default();
                case.lead = if place == 0 { score } else { case.lead };
                case.sum += score;
                if case.best.is_none_or(|(best, _, _)| score > best) {
                    case.best = Some((score, nearest, profile.id));
                }
            }
        }
        let stricter = if looked.len() > 1 { self.rules.bundle } else { 0.0 };
        let mut found: Option<Link> = None;
        for (story, case) in cases {
            // The lead's word and that of all together, half and half: one stray related article decides nothing.
            let score = f64::midpoint(case.lead, case.sum / looked.len() as f64).min(1.0);
            let Some((_, nearest, of)) = case.best else { continue };
            let enough = score >= self.threshold(self.size_of(story)) + stricter;
            if enough && found.as_ref().is_none_or(|link| score > link.score) {
                found = Some(Link { story, score, nearest, of });
            }
        }
        found
    }

    /// How well `profile` fits into `story`, in 0 to 1: by its newest members, without itself. 0 where the window
    /// holds none.
    #[must_use]
    pub fn score_in(&self, profile: &Profile, story: StoryId) -> f64 {
        let own = |slot: &Slot| self.resident(*slot).is_some_and(|resident| resident.id == profile.id);
        let members = self.stories.get(&story).into_iter().flatten().rev().copied();
        let others: Vec<Slot> = members.filter(|slot| !own(slot)).take(CANDIDATES).collect();
        let mut scores: Vec<f64> = self.compare(profile, &others).into_iter().map(|found| found.score).collect();
        self.combine(&mut scores, others.len())
    }

    /// How alike two articles are as the window sees words, in 0 to 1.
    #[must_use]
    pub fn likeness(&self, a: &Profile, b: &Profile) -> f64 {
        let weighed = |profile| Weighed::of(profile, |hash| self.rarity(hash));
        score(&Pair::of(&weighed(a), &weighed(b)), &self.rules.weights).score
    }

    /// The least score for a story of `size` members.
    fn threshold(&self, size: usize) -> f64 {
        (self.rules.threshold + self.rules.growth * (size.max(1) as f64).log2()).min(HIGHEST)
    }

    /// Stories with their score for one article and the member that matched best.
    fn stories_like(
        &self,
        profile: &Profile,
        own: &BTreeSet<ArticleId>,
        except: Option<StoryId>,
    ) -> Vec<(StoryId, f64, ArticleId)> {
        let candidates = self.candidates(profile, own, except);
        let mut matches = self.compare(profile, &candidates);
        matches.sort_by(|a, b| {
            b.score.total_cmp(&a.score).then_with(|| self.order_of(a.slot).cmp(&self.order_of(b.slot)))
        });
        let mut stories: BTreeMap<StoryId, (ArticleId, Vec<f64>)> = BTreeMap::new();
        for found in matches {
            if let Some(resident) = self.resident(found.slot) {
                stories.entry(resident.story).or_insert_with(|| (resident.id, Vec::new())).1.push(found.score);
            }
        }
        let scored = |(story, (nearest, mut scores)): (StoryId, (ArticleId, Vec<f64>))| {
            (story, self.combine(&mut scores, self.size_of(story)), nearest)
        };
        stories.into_iter().map(scored).collect()
    }

    /// A story's score of its members' scores: the sum of the best over their number to a power below 1.
    fn combine(&self, scores: &mut [f64], size: usize) -> f64 {
        scores.sort_by(|a, b| b.total_cmp(a));
        let speakers = size.clamp(1, SPEAKERS);
        let sum: f64 = scores.iter().take(speakers).sum();
        (sum / (speakers as f64).powf(self.rules.exponent)).min(1.0)
    }

    /// The scores of `candidates` for `profile`.
    fn compare(&self, profile: &Profile, candidates: &[Slot]) -> Vec<Match> {
        let mine = Weighed::of(profile, |hash| self.rarity(hash));
        let mut theirs = Weighed::default();
        let mut matches = Vec::with_capacity(candidates.len());
        for slot in candidates {
            let Some(resident) = self.resident(*slot) else { continue };
            self.weigh(resident, &mut theirs);
            let score = odds(&Pair::of(&mine, &theirs), &self.rules.weights);
            matches.push(Match { slot: *slot, score });
        }
        matches
    }

    /// Articles inside the window of time that share the rarest words, the most shared first.
    fn candidates(&self, profile: &Profile, own: &BTreeSet<ArticleId>, except: Option<StoryId>) -> Vec<Slot> {
        let mut known: Vec<(f64, u32, u32)> = Vec::with_capacity(profile.terms.len());
        for term in &profile.terms {
            if let Some(number) = self.postings.number(term.hash) {
                let weight = term_weight(term.flags) * self.rarity(term.hash);
                known.push((weight, term.hash, number));
            }
        }
        known.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut tally = Tally::new();
        let mut visits = 0;
        for (weight, _, number) in known {
            for slot in self.postings.newest_first(number).take(HOLDERS.min(VISITS - visits)) {
                visits += 1;
                if self.published_s(slot).abs_diff(profile.published_s) <= self.rules.window_s.unsigned_abs() {
                    tally.add(slot, weight * weight);
                }
            }
            if visits >= VISITS {
                break;
            }
        }
        let may_join = |slot: &Slot| {
            let resident = self.resident(*slot);
            resident.is_some_and(|resident| Some(resident.story) != except && !own.contains(&resident.id))
        };
        tally.heaviest().into_iter().filter(may_join).take(CANDIDATES).collect()
    }
}

/// A word of the title leads to candidates before one of the excerpt; in the proportion in which pairs weigh them.
fn term_weight(flags: u8) -> f64 {
    if flags & Term::TITLE == 0 { 0.4 } else { 1.0 }
}

/// Sums by slot: an open table without deletion, since a tree would cost more than all the rest.
struct Tally {
    /// For each seat of the table, the place of its slot in `sums` plus 1.
    seats: Vec<u16>,
    /// In the order of the first visit, which is that of the words' rarity, then the newest first.
    sums: Vec<(Slot, f64)>,
}

impl Tally {
    fn new() -> Self {
        Self { seats: vec![0; ROOM], sums: Vec::with_capacity(VISITS) }
    }

    fn add(&mut self, slot: Slot, weight: f64) {
        let mut place = (slot.wrapping_mul(0x9e37_79b9) >> 16) as usize;
        // Ends, since at most `VISITS` seats of `ROOM` are taken.
        while let Some(seat) = self.seats.get_mut(place % ROOM) {
            match self.sums.get_mut(usize::from(*seat).wrapping_sub(1)) {
                Some((taken, sum)) if *taken == slot => return *sum += weight,
                Some(_) => place += 1,
                None => {
                    self.sums.push((slot, weight));
                    *seat = u16::try_from(self.sums.len()).unwrap_or(u16::MAX);
                    return;
                }
            }
        }
    }

    /// The slots by falling sum, of equal ones the first visited: twice as many as are wanted, since some may not join.
    fn heaviest(self) -> Vec<Slot> {
        let mut found: Vec<(u16, Slot, f64)> =
            (0..).zip(self.sums).map(|(visit, (slot, sum))| (visit, slot, sum)).collect();
        let by_sum = |a: &(u16, Slot, f64), b: &(u16, Slot, f64)| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0));
        if found.len() > 2 * CANDIDATES {
            found.select_nth_unstable_by(2 * CANDIDATES, by_sum);
            found.truncate(2 * CANDIDATES);
        }
        found.sort_unstable_by(by_sum);
        found.into_iter().map(|(_, slot, _)| slot).collect()
    }
}
