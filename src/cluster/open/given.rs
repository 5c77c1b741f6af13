//! What the open window is given: how it decides, and who arrives.

use std::sync::Arc;

use super::disorder::USUAL;
use crate::model::ArticleId;
use crate::similarity::evidence::{Slot, at, compare};
use crate::similarity::rarity::{Background, rarity};
use crate::similarity::weighed::Article;
use crate::similarity::{Model, Profile, Term};

/// However orderly or disorderly a window is, its threshold stays within these. From 0.5 on no pair would be joined.
const LEAST: f64 = 0.04;
const MOST: f64 = 0.4;

/// Articles of one time up to which the threshold was chosen: no set that was learnt on has more. Among twice as many there
/// are twice as many that look alike by chance.
const CROWD: f64 = 4_000.0;

/// How the open window decides.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Farthest two publications may be apart, in seconds; 72 h by default. 0 links nothing.
    pub window_s: i64,
    /// Articles that are kept at most, 100,000 by default; those that arrived first leave first, half of them at a time.
    pub max_articles: usize,
    /// Least mean score of two groups that are joined, in 0 to 1.
    pub threshold: f64,
    /// How the threshold follows the disorder of the window: its power over that of a usual stream, 0 for not at all.
    pub caution: f64,
    /// Which words are rare in general.
    pub background: Arc<Background>,
    /// What the evidence of a pair comes to.
    pub model: Arc<Model>,
}

impl Rules {
    /// The threshold in a window of this disorder, of so many articles of one time.
    pub(super) fn threshold_at(&self, disorder: f64, crowd: usize) -> f64 {
        let crowded = (crowd as f64 / CROWD).max(1.0);
        (self.threshold * (disorder / USUAL).powf(self.caution) * crowded).clamp(LEAST, MOST)
    }

    /// Whether nothing is linked: a window of no length.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.window_s <= 0
    }

    /// How alike two articles are by themselves, in 0 to 1, whatever the window holds.
    #[must_use]
    pub fn likeness(&self, a: &Profile, b: &Profile) -> f64 {
        let weighed = |profile| Article::weighed(profile, |hash| rarity(self.background.share(hash), 1, 0));
        f64::from(at(&compare(&weighed(a), &weighed(b)), Slot::All))
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window_s: 72 * 3600,
            max_articles: 100_000,
            threshold: 0.11,
            caution: 0.7,
            background: Arc::new(Background::shipped().clone()),
            model: Arc::new(Model::shipped().clone()),
        }
    }
}

/// An article that arrives, or arrives again because something about it has changed.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// What it says.
    pub profile: Profile,
    /// Articles with the same key stand together: the lead of the bundle that a seed or the operator makes.
    pub tied: Option<ArticleId>,
    /// The same by a closing: for who is bound to articles that the window no longer holds ([`super::Bound`]).
    pub closed: Option<ArticleId>,
}

/// An article that arrived before, as it was then: the window is put together anew of these.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrived {
    /// The number of its arrival.
    pub number: u32,
    /// Who.
    pub id: ArticleId,
    /// When it was published, in seconds.
    pub published_s: i64,
    /// Its words.
    pub terms: Box<[Term]>,
    /// How many had arrived when it left out of its turn: others met it while it was there. `None` for who is there.
    pub gone_at: Option<u32>,
    /// By whose word it is tied now.
    pub tied: Option<ArticleId>,
    /// By which closing it is bound now.
    pub closed: Option<ArticleId>,
}

impl Arrived {
    /// What there is to keep of `arrival`, which takes the number `number`.
    #[must_use]
    pub fn of(number: u32, arrival: &Arrival) -> Self {
        let Profile { id, published_s, terms, .. } = &arrival.profile;
        let (tied, closed) = (arrival.tied, arrival.closed);
        Self { number, id: *id, published_s: *published_s, terms: terms.clone(), gone_at: None, tied, closed }
    }
}

impl Arrival {
    /// An article that nobody ties to others.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        Self { profile, tied: None, closed: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_follow_disorder_and_crowds() {
        let rules = Rules { threshold: 0.1, caution: 0.5, ..Rules::default() };
        for (disorder, crowd, expect) in [
            (USUAL, 0, 0.1),
            (USUAL, 4_000, 0.1),
            (USUAL, 8_000, 0.2),
            (4.0 * USUAL, 100, 0.2),
            (USUAL / 4.0, 8_000, 0.1),
            (0.0, 100, LEAST),
            (1.0, 100_000, MOST),
        ] {
            let found = rules.threshold_at(disorder, crowd);
            assert!((found - expect).abs() < 1e-9, "{disorder} {crowd}: {found}");
        }
    }
}
