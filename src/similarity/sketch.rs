//! `Sketch`: what is kept of a text to tell whether another is a copy of it.
//!
//! In come the words of title and excerpt, out go short hashes: the runs of three words of the excerpt, and the first
//! words of the title. Order counts here, unlike in the terms of a profile. Never holds text.

use super::profile::{fold, hash};

/// Words of the excerpt that are looked at: feeds cut at about 40 to 60.
const WORDS: usize = 50;

/// Fewer runs of three words are a phrase that two writers may share by chance.
const MIN_RUNS: usize = 10;

/// Share of the shorter excerpt's runs that must stand in the other: a changed word breaks three runs, so this bears
/// two changed words in 40 and no rewriting.
const SAME_TEXT: f64 = 0.8;

/// Words of the title that must be the same and in the same order.
const HEAD: usize = 6;

/// Two newsrooms do find the same short headline ("Oil prices fall again"); not one of eight words.
const MIN_TITLE: u8 = 8;

/// Words that a site may add to a title it took over (its own name).
const ADDED: u8 = 3;

/// How a text repeats another, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// (Nearly) the same excerpt, or one is a part of the other, under another title.
    Excerpt,
    /// The same long title over another extract of the text.
    Title,
    /// Both.
    Both,
}

/// The shape of a text: at most 50 short hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    /// Hashes of runs of three words of the excerpt, sorted, each once.
    runs: Box<[u16]>,
    /// Hash of the first six words of the title.
    head: u32,
    /// Hash of the whole title without order.
    title: u32,
    /// Words of the title, at most 255.
    title_words: u8,
}

impl Sketch {
    /// The sketch of a title and an excerpt, given as words.
    #[must_use]
    pub fn of(title: &[String], excerpt: &[String]) -> Self {
        let words: Vec<u32> = excerpt.iter().take(WORDS).map(|word| hash(word)).collect();
        let mut runs: Vec<u16> = words.windows(3).map(short).collect();
        runs.sort_unstable();
        runs.dedup();
        let head: Vec<u32> = title.iter().take(HEAD).map(|word| hash(word)).collect();
        let whole: Vec<u32> = title.iter().take(usize::from(u8::MAX)).map(|word| hash(word)).collect();
        Self {
            runs: runs.into(),
            head: fold(mixed(&head)),
            title: fold(mixed(&whole)),
            title_words: u8::try_from(title.len()).unwrap_or(u8::MAX),
        }
    }

    /// How `self` repeats `other`, if it does. Symmetric.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> Option<Likeness> {
        match (self.same_excerpt(other), self.same_title(other)) {
            (true, true) => Some(Likeness::Both),
            (false, true) => Some(Likeness::Title),
            (true, false) => Some(Likeness::Excerpt),
            (false, false) => None,
        }
    }

    fn same_title(&self, other: &Self) -> bool {
        let shorter = self.title_words.min(other.title_words);
        let apart = self.title_words.abs_diff(other.title_words);
        // A long title with the same start and an end of its own length differs in between only by its last words.
        shorter >= MIN_TITLE && self.head == other.head && (self.title == other.title || (1..=ADDED).contains(&apart))
    }

    fn same_excerpt(&self, other: &Self) -> bool {
        let fewer = self.runs.len().min(other.runs.len());
        if fewer < MIN_RUNS {
            return false;
        }
        let (mut mine, mut theirs) = (self.runs.iter().peekable(), other.runs.iter().peekable());
        let mut shared = 0usize;
        while let (Some(a), Some(b)) = (mine.peek(), theirs.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => drop(mine.next()),
                std::cmp::Ordering::Greater => drop(theirs.next()),
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    mine.next();
                    theirs.next();
                }
            }
        }
        shared as f64 >= SAME_TEXT * fewer as f64
    }
}

fn mixed(words: &[u32]) -> u64 {
    words
        .iter()
        .fold(0, |mixed: u64, word| (mixed.rotate_left(7) ^ u64::from(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn short(run: &[u32]) -> u16 {
    u16::try_from(fold(mixed(run)) >> 16).unwrap_or_default()
}
