//! `Resident`: an article as the window keeps it, packed, since this is most of the memory.

use super::copy::Text;
use super::postings::TermNumber;
use crate::model::{ArticleId, StoryId};
use crate::similarity::Sketch;

/// Bits of a [`Held`] that are flags; the other 27 number more terms than any window holds.
const FLAG_BITS: u32 = 5;

/// A term of a resident: its number in the index and its flags, packed, since this is most of the memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held(u32);

impl Held {
    pub(super) fn new(number: TermNumber, flags: u8) -> Self {
        Self(number << FLAG_BITS | u32::from(flags))
    }

    pub(super) fn number(self) -> TermNumber {
        self.0 >> FLAG_BITS
    }

    pub(super) fn flags(self) -> u8 {
        u8::try_from(self.0 & ((1 << FLAG_BITS) - 1)).unwrap_or_default()
    }
}

/// An article in the window.
#[derive(Debug)]
pub(super) struct Resident {
    pub(super) id: ArticleId,
    pub(super) story: StoryId,
    pub(super) published_s: i64,
    pub(super) publisher: u32,
    /// When it was put, relative to the others.
    pub(super) order: u64,
    /// A candidate only: not counted.
    pub(super) guest: bool,
    /// By hash of the term.
    pub(super) terms: Box<[Held]>,
    pub(super) sketch: Sketch,
    pub(super) points_to: Option<ArticleId>,
}

impl Resident {
    pub(super) fn text(&self) -> Text<'_> {
        let Self { id, published_s, publisher, points_to, ref sketch, .. } = *self;
        Text { id, published_s, publisher, points_to, sketch }
    }
}
