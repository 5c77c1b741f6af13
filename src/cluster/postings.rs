//! The inverted index: which residents hold a term, newest last, and how many.
//!
//! Terms are known by their hash outside and by a small number inside, which is reused once nobody holds the term.
//! Numbers never reach an answer. Never grows beyond what the residents hold.

use std::collections::{HashMap, VecDeque};

/// A posting list that has shrunk below a quarter of its room gives the room back.
const ROOMY: usize = 64;

/// The number of a term inside this index.
pub(super) type TermNumber = u32;

/// The place of a resident in the window.
pub(super) type Slot = u32;

/// What comparing needs to know of a term: apart from its holders, so that much of it stays in the processor's cache.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts {
    /// The term's hash.
    pub(super) hash: u32,
    /// Residents that hold it, without guests.
    pub(super) frequency: u32,
}

/// The inverted index.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// Only looked up, never walked.
    numbers: HashMap<u32, TermNumber>,
    facts: Vec<Facts>,
    /// By term: everyone who holds it, in the order in which they were put.
    holders: Vec<VecDeque<Slot>>,
    free: Vec<TermNumber>,
}

impl Postings {
    /// The number of the term with `hash`, if anybody holds it.
    pub(super) fn number(&self, hash: u32) -> Option<TermNumber> {
        self.numbers.get(&hash).copied()
    }

    /// The number of the term with `hash`, a new one if nobody holds it yet.
    pub(super) fn intern(&mut self, hash: u32) -> TermNumber {
        if let Some(number) = self.number(hash) {
            return number;
        }
        let facts = Facts { hash, frequency: 0 };
        let number = self.free.pop().unwrap_or_else(|| {
            self.facts.push(facts);
            self.holders.push(VecDeque::new());
            TermNumber::try_from(self.facts.len() - 1).unwrap_or(TermNumber::MAX)
        });
        if let Some(slot) = self.facts.get_mut(number as usize) {
            *slot = facts;
        }
        self.numbers.insert(hash, number);
        number
    }

    /// The term's hash and how many residents hold it.
    pub(super) fn facts(&self, number: TermNumber) -> Facts {
        self.facts.get(number as usize).copied().unwrap_or_default()
    }

    /// Those who hold the term, the last put first.
    pub(super) fn newest_first(&self, number: TermNumber) -> impl Iterator<Item = Slot> {
        self.holders.get(number as usize).into_iter().flat_map(|holders| holders.iter().rev().copied())
    }

    /// `slot` holds the term; `order` says when a slot was put; guests do not count.
    pub(super) fn add(&mut self, number: TermNumber, slot: Slot, counts: bool, order: impl Fn(Slot) -> u64) {
        let seats = (self.holders.get_mut(number as usize), self.facts.get_mut(number as usize));
        let (Some(holders), Some(facts)) = seats else { return };
        let when = order(slot);
        // Nearly always the last; a profile that replaces an older one goes back to where that stood.
        let place = holders.iter().rev().take_while(|other| order(**other) > when).count();
        holders.insert(holders.len() - place, slot);
        facts.frequency += u32::from(counts);
    }

    /// `slot` no longer holds the term.
    pub(super) fn remove(&mut self, number: TermNumber, slot: Slot, counted: bool) {
        let seats = (self.holders.get_mut(number as usize), self.facts.get_mut(number as usize));
        let (Some(holders), Some(facts)) = seats else { return };
        // Nearly always the first: the oldest is evicted.
        if let Some(place) = holders.iter().position(|holder| *holder == slot) {
            holders.remove(place);
        }
        facts.frequency = facts.frequency.saturating_sub(u32::from(counted));
        if holders.is_empty() {
            self.numbers.remove(&facts.hash);
            *holders = VecDeque::new();
            self.free.push(number);
        } else if holders.capacity() > ROOMY && holders.len() * 4 < holders.capacity() {
            holders.shrink_to_fit();
        }
    }
}
