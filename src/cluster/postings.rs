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

/// One term that somebody holds.
#[derive(Debug, Default)]
struct Entry {
    hash: u32,
    /// Residents that hold it, without guests.
    frequency: u32,
    /// Everyone who holds it, in the order in which they were put.
    holders: VecDeque<Slot>,
}

/// The inverted index.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// Only looked up, never walked.
    numbers: HashMap<u32, TermNumber>,
    entries: Vec<Entry>,
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
        let entry = Entry { hash, ..Entry::default() };
        let number = match self.free.pop() {
            Some(number) => {
                if let Some(slot) = self.entries.get_mut(number as usize) {
                    *slot = entry;
                }
                number
            }
            None => {
                self.entries.push(entry);
                TermNumber::try_from(self.entries.len() - 1).unwrap_or(TermNumber::MAX)
            }
        };
        self.numbers.insert(hash, number);
        number
    }

    /// The term's hash and how many residents hold it.
    pub(super) fn facts(&self, number: TermNumber) -> (u32, u32) {
        self.entries.get(number as usize).map_or((0, 0), |entry| (entry.hash, entry.frequency))
    }

    /// Those who hold the term, the last put first.
    pub(super) fn newest_first(&self, number: TermNumber) -> impl Iterator<Item = Slot> {
        self.entries.get(number as usize).into_iter().flat_map(|entry| entry.holders.iter().rev().copied())
    }

    /// `slot` holds the term; `order` says when a slot was put; guests do not count.
    pub(super) fn add(&mut self, number: TermNumber, slot: Slot, counts: bool, order: impl Fn(Slot) -> u64) {
        let Some(entry) = self.entries.get_mut(number as usize) else { return };
        let when = order(slot);
        // Nearly always the last; a profile that replaces an older one goes back to where that stood.
        let place = entry.holders.iter().rev().take_while(|other| order(**other) > when).count();
        if place == 0 {
            entry.holders.push_back(slot);
        } else {
            entry.holders.insert(entry.holders.len() - place, slot);
        }
        entry.frequency += u32::from(counts);
    }

    /// `slot` no longer holds the term.
    pub(super) fn remove(&mut self, number: TermNumber, slot: Slot, counted: bool) {
        let Some(entry) = self.entries.get_mut(number as usize) else { return };
        // Nearly always the first: the oldest is evicted.
        if entry.holders.front() == Some(&slot) {
            entry.holders.pop_front();
        } else if let Some(place) = entry.holders.iter().position(|holder| *holder == slot) {
            entry.holders.remove(place);
        }
        entry.frequency = entry.frequency.saturating_sub(u32::from(counted));
        if entry.holders.is_empty() {
            self.numbers.remove(&entry.hash);
            entry.holders = VecDeque::new();
            self.free.push(number);
        } else if entry.holders.capacity() > ROOMY && entry.holders.len() * 4 < entry.holders.capacity() {
            entry.holders.shrink_to_fit();
        }
    }
}
