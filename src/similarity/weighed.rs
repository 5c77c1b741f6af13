//! `Article`: the words of an article, weighed by how rare they are, as the open window keeps and compares it.
//!
//! In comes a profile with rarities, out go the words with what comparing needs to know of their sums.

use super::profile::{Profile, Term};

/// Weight of a word that stands only in the excerpt, next to 1 for one of the title.
const EXCERPT_WEIGHT: f32 = 0.4;

/// One term of a weighed article.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// The term's key: its hash, or its number in an index. Words stand in the order of it.
    pub key: u32,
    /// As in [`Term`].
    pub flags: u8,
    /// How strange it is to news in general, see [`super::rarity::strangeness`].
    pub strange: u8,
    /// Its rarity.
    pub idf: f32,
}

/// An article's words with what comparing needs to know of their sum.
#[derive(Debug, Clone, Default)]
pub struct Article {
    /// By key, each once.
    pub words: Box<[Word]>,
    /// Length of the row of all words, for [`super::evidence::Slot::All`].
    pub norm: f32,
    pub(super) title_norm: f32,
    pub(super) excerpt_norm: f32,
    pub(super) names_norm: f32,
    pub(super) title_mass: f32,
    pub(super) mass: f32,
    pub(super) names_mass: f32,
    pub(super) title_words: u8,
    pub(super) numbers: u8,
    /// Bits: a number in the title, a name in the title, an excerpt.
    pub(super) has: u8,
}

pub(super) const TITLE_NUMBER: u8 = 1;
pub(super) const TITLE_NAME: u8 = 2;
pub(super) const HAS_EXCERPT: u8 = 4;
pub(super) const NAMED: u8 = Term::PROPER | Term::NUMBER;

/// What a word weighs by its place.
#[must_use]
pub fn place_weight(flags: u8) -> f32 {
    if flags & Term::TITLE == 0 { EXCERPT_WEIGHT } else { 1.0 }
}

impl Article {
    /// The article of `words`, which come by key.
    #[must_use]
    pub fn of(words: Box<[Word]>) -> Self {
        let mut article = Self { words, ..Self::default() };
        article.sum();
        article
    }

    /// The article of `profile`, its words weighed by `idf`, none of them strange.
    #[must_use]
    pub fn weighed(profile: &Profile, idf: impl Fn(u32) -> f32) -> Self {
        let word = |term: &Term| Word { key: term.hash, flags: term.flags, strange: 0, idf: idf(term.hash) };
        Self::of(profile.terms.iter().map(word).collect())
    }

    /// To be called after the rarity of words has changed.
    pub fn sum(&mut self) {
        let (mut all, mut title, mut excerpt, mut names) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
        (self.title_mass, self.mass, self.names_mass) = (0.0, 0.0, 0.0);
        (self.title_words, self.numbers, self.has) = (0, 0, 0);
        for Word { flags, idf, .. } in &self.words {
            let square = idf * idf;
            all += place_weight(*flags).powi(2) * square;
            self.mass += idf;
            self.numbers = self.numbers.saturating_add(u8::from(flags & Term::NUMBER != 0));
            if flags & Term::TITLE != 0 {
                title += square;
                self.title_mass += idf;
                self.title_words = self.title_words.saturating_add(1);
                self.has |= if flags & Term::NUMBER != 0 { TITLE_NUMBER } else { 0 };
                self.has |= if flags & Term::PROPER != 0 { TITLE_NAME } else { 0 };
            }
            if flags & Term::EXCERPT != 0 {
                excerpt += square;
                self.has |= HAS_EXCERPT;
            }
            if flags & NAMED != 0 {
                names += square;
                self.names_mass += idf;
            }
        }
        self.norm = all.sqrt();
        (self.title_norm, self.excerpt_norm, self.names_norm) = (title.sqrt(), excerpt.sqrt(), names.sqrt());
    }
}
