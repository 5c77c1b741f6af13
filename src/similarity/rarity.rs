//! How rare a word is: what is known of news in general, mixed with what the open window itself holds.
//!
//! In come hashed stems and counts, out go weights. A word that the stream of today is full of is no evidence today,
//! however rare it is in general; a window that holds little leans on the general table.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use super::profile::hash;
use super::usual;

/// Share of the window's own counts in the mix: between 0.15 and 0.3 all sets of stories score alike.
const OWN: f32 = 0.2;

/// Articles that an empty window is taken to hold, so that its first nine behave.
const UNSEEN: f32 = 200.0;

/// In a window of more articles than these it counts how many hold a word, and no longer what share of all does: a story
/// does not grow with the stream, so what eighty articles hold tells no story, be it one in a hundred.
const WIDEST: f32 = 500.0;

/// The share of a word that nobody has met: rarity is at most `-ln` of it, 8.5.
const LEAST: f32 = 0.000_2;

/// A word of every article still weighs something: rows without length compare with nothing.
const LOWEST: f32 = 0.05;

/// Shares in the table are parts of this.
const PARTS: f32 = 100_000.0;

/// Share of stories that use a stem, in news in general. Only looked up, never listed.
#[derive(Debug, Clone, Default)]
pub struct Background {
    shares: HashMap<u32, f32, RandomState>,
}

/// Counted by `benches/train` over the sets of stories with a clear licence: a stem, and in how many of 100,000
/// stories it is used. What is usual in other languages is estimated, and stands beside it.
static SHIPPED: LazyLock<Background> = LazyLock::new(|| {
    let mut shipped = Background::read(include_str!("background.txt"));
    for (hash, parts) in usual::parts() {
        shipped.shares.entry(hash).or_insert(parts / PARTS);
    }
    shipped
});

impl Background {
    /// The table that ships.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads lines of a stem and its share in parts of 100,000; what is no such line is passed over.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let line = |line: &str| {
            let (stem, share) = line.rsplit_once(' ')?;
            Some((hash(stem), share.parse::<f32>().ok()? / PARTS))
        };
        Self { shares: text.lines().filter_map(line).collect() }
    }

    /// Of hashed stems with the share of stories that use them.
    pub fn of(shares: impl IntoIterator<Item = (u32, f32)>) -> Self {
        Self { shares: shares.into_iter().collect() }
    }

    /// The share of stories that use the stem with `hash`; 0 where it is unknown.
    #[must_use]
    pub fn share(&self, hash: u32) -> f32 {
        self.shares.get(&hash).copied().unwrap_or_default()
    }
}

/// The rarity of a word with this share in general that `holders` of `articles` in the window hold: 0.05 to 8.5.
#[must_use]
pub fn rarity(share: f32, holders: u32, articles: usize) -> f32 {
    let own = holders as f32 / ((articles as f32).min(WIDEST) + UNSEEN);
    let mixed = (1.0 - OWN) * share + OWN * own + LEAST;
    (-mixed.min(1.0).ln()).max(LOWEST)
}

/// How strange a word with this share is to news in general, whatever the window holds: its rarity in 255ths of that of
/// a word that nobody has met.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
pub fn strangeness(share: f32) -> u8 {
    ((share + LEAST).min(1.0).ln() / LEAST.ln() * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarity_falls_with_both_counts() {
        assert!((rarity(0.0, 80, 8_000) - rarity(0.0, 80, 80_000)).abs() < 1e-6);
        assert!(rarity(0.0, 0, 0) > rarity(0.0, 1, 0));
        assert!(rarity(0.0, 1, 1_000) > rarity(0.01, 1, 1_000));
        assert!(rarity(1.0, 1_000, 1_000) >= LOWEST);
        assert!(rarity(0.0, 0, 0) < 8.6);
    }

    #[test]
    fn what_nobody_has_met_is_strangest() {
        for (share, expect) in [(0.0, 255), (0.000_8, 207), (0.01, 137), (0.2, 48), (1.0, 0)] {
            assert_eq!(strangeness(share), expect, "{share}");
        }
    }

    #[test]
    fn tables_are_read_line_by_line() {
        let table = Background::read("ferri 150\nnonsense\nport x\nport 20");
        let near = |stem: &str, expect: f32| assert!((table.share(hash(stem)) - expect).abs() < 1e-6, "{stem}");
        near("ferri", 0.0015);
        near("port", 0.0002);
        near("nonsense", 0.0);
    }
}
