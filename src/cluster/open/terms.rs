//! The inverted index of the open window: which seats hold a term, newest last, and how rare it is.
//!
//! Rarity is that of when an article with the term last arrived, or of the last refresh. Never grows beyond what the
//! seats hold.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::seat::SeatNo;
use crate::similarity::Term;
use crate::similarity::rarity::{Background, rarity, strangeness};

/// A list that has shrunk below a quarter of its room gives the room back.
const ROOMY: usize = 64;

/// One term.
#[derive(Debug)]
pub(super) struct Holders {
    pub(super) idf: f32,
    /// Its share in news in general, and how strange that makes it.
    share: f32,
    pub(super) strange: u8,
    /// Seat and whether its title holds the term, packed.
    pub(super) seats: VecDeque<Held>,
}

impl Holders {
    /// Weighs the term by what a window of so many articles holds now, and returns its rarity.
    pub(super) fn weigh(&mut self, articles: usize) -> f32 {
        let count = u32::try_from(self.seats.len()).unwrap_or(u32::MAX);
        self.idf = rarity(self.share, count, articles);
        self.idf
    }
}

/// A seat that holds a term.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held(u32);

impl Held {
    /// The first 2^31 seats of a process's life can be told apart; beyond, candidates would be missed.
    fn new(seat: SeatNo, flags: u8) -> Self {
        Self(seat << 1 | u32::from(flags & Term::TITLE != 0))
    }

    pub(super) fn seat(self) -> SeatNo {
        self.0 >> 1
    }

    /// The flags that decide the weight.
    pub(super) fn flags(self) -> u8 {
        if self.0 & 1 == 1 { Term::TITLE } else { Term::EXCERPT }
    }
}

/// The index.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// Only looked up, never walked, but to weigh each anew.
    holders: HashMap<u32, Holders, RandomState>,
}

impl Terms {
    pub(super) fn get(&self, hash: u32) -> Option<&Holders> {
        self.holders.get(&hash)
    }

    /// Notes who holds a term.
    pub(super) fn add(&mut self, hash: u32, seat: SeatNo, flags: u8, background: &Background) -> &mut Holders {
        let new = || {
            let share = background.share(hash);
            Holders { idf: 0.0, share, strange: strangeness(share), seats: VecDeque::new() }
        };
        let holders = self.holders.entry(hash).or_insert_with(new);
        holders.seats.push_back(Held::new(seat, flags));
        holders
    }

    pub(super) fn remove(&mut self, hash: u32, seat: SeatNo) {
        let Some(holders) = self.holders.get_mut(&hash) else { return };
        let seats = &mut holders.seats;
        // Seats are in order; nearly always it is the first: the oldest leaves.
        let place = seats.partition_point(|held| held.seat() < seat);
        if seats.get(place).is_some_and(|held| held.seat() == seat) {
            seats.remove(place);
        }
        if seats.is_empty() {
            self.holders.remove(&hash);
        } else if seats.capacity() > ROOMY && seats.len() * 4 < seats.capacity() {
            seats.shrink_to_fit();
        }
    }

    /// Forgets who holds what, to be told again in order.
    pub(super) fn clear_seats(&mut self) {
        self.holders.values_mut().for_each(|holders| holders.seats.clear());
    }

    /// Weighs every term by what the window holds now.
    pub(super) fn refresh(&mut self, articles: usize) {
        for holders in self.holders.values_mut() {
            holders.weigh(articles);
        }
    }
}
