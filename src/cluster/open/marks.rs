//! `Marks`: a set of seats that is quick to ask and still listed in order.
//!
//! A bit for each seat between the first and the last that is marked. Never holds more room than the window is long.

use std::collections::VecDeque;

use super::seat::SeatNo;

/// Seats of one word of bits.
const BITS: u32 = u64::BITS;

/// A set of seats.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The number of the first of `words`.
    base: u32,
    words: VecDeque<u64>,
}

impl Marks {
    /// Marks `no`; says whether it was not.
    pub(super) fn insert(&mut self, no: SeatNo) -> bool {
        let number = no / BITS;
        if self.words.is_empty() {
            self.base = number;
        }
        while number < self.base {
            self.words.push_front(0);
            self.base -= 1;
        }
        let place = (number - self.base) as usize;
        if place >= self.words.len() {
            self.words.resize(place + 1, 0);
        }
        let Some(word) = self.words.get_mut(place) else { return false };
        let before = *word;
        *word |= bit(no);
        before != *word
    }

    pub(super) fn contains(&self, no: SeatNo) -> bool {
        let place = (no / BITS).checked_sub(self.base);
        place.and_then(|place| self.words.get(place as usize)).is_some_and(|word| word & bit(no) != 0)
    }

    pub(super) fn remove(&mut self, no: SeatNo) {
        let place = (no / BITS).checked_sub(self.base);
        if let Some(word) = place.and_then(|place| self.words.get_mut(place as usize)) {
            *word &= !bit(no);
        }
    }

    /// In order.
    pub(super) fn iter(&self) -> impl Iterator<Item = SeatNo> + use<'_> {
        let seats = |(number, word): (u32, &u64)| {
            let word = *word;
            (0..BITS).filter(move |place| word >> place & 1 == 1).map(move |place| number * BITS + place)
        };
        (self.base..).zip(&self.words).filter(|(_, word)| **word != 0).flat_map(seats)
    }
}

impl Extend<SeatNo> for Marks {
    fn extend<T: IntoIterator<Item = SeatNo>>(&mut self, seats: T) {
        for no in seats {
            self.insert(no);
        }
    }
}

fn bit(no: SeatNo) -> u64 {
    1 << (no % BITS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Marks (a positive number) and unmarks (a negative one), and looks whether a set of the library says the same.
    fn check(changes: &[i64]) {
        let (mut marks, mut expect) = (Marks::default(), BTreeSet::new());
        for change in changes {
            let no = SeatNo::try_from(change.unsigned_abs()).unwrap();
            if *change > 0 {
                assert_eq!(marks.insert(no), expect.insert(no), "{changes:?}");
            } else {
                marks.remove(no);
                expect.remove(&no);
            }
            assert_eq!(marks.contains(no), *change > 0, "{changes:?}");
        }
        assert!(marks.iter().eq(expect), "{changes:?}");
    }

    #[test]
    fn marks_are_a_set() {
        check(&[]);
        check(&[-7]);
        check(&[63, 64, 65, 64, -64, 1]);
        check(&[1_000_000, 999_000, -1_000_001, -998_000, 1_100_000]);
        check(&[500, -500, 3, 500]);
    }
}
