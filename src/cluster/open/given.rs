//! What the open window is given: how it decides, and who arrives.

use std::sync::Arc;

use super::disorder::USUAL;
use crate::model::ArticleId;
use crate::similarity::rarity::Background;
use crate::similarity::{Model, Profile};

/// However orderly or disorderly a window is, its threshold stays within these.
const LEAST: f64 = 0.04;
const MOST: f64 = 0.5;

/// How the open window decides.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Farthest two publications may be apart, in seconds; 72 h by default. 0 links nothing.
    pub window_s: i64,
    /// Articles that are kept, 100,000 by default; the one that arrived first leaves first.
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
    /// The threshold in a window of this disorder.
    pub(super) fn threshold_at(&self, disorder: f64) -> f64 {
        (self.threshold * (disorder / USUAL).powf(self.caution)).clamp(LEAST, MOST)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window_s: 72 * 3600,
            max_articles: 100_000,
            threshold: 0.12,
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
    /// The same for the story that the article is in, where that has members which the window no longer holds.
    pub closed: Option<ArticleId>,
}

impl Arrival {
    /// An article that nobody ties to others.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        Self { profile, tied: None, closed: None }
    }
}
