//! What is wrong at present, so that each trouble is said once.
//!
//! A full disk stops every stage, and every request that needs the store: whoever meets a trouble first says it, the
//! others keep silent, and its end is said when the last of them works again. Never writes a log itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Who has which problem. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Problems(Arc<Mutex<BTreeMap<&'static str, String>>>);

impl Problems {
    /// `who` has this problem; says whether that is news: nobody had it before.
    #[must_use]
    pub fn begins(&self, who: &'static str, problem: &str) -> bool {
        let mut problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = problems.values().all(|known| known != problem);
        problems.insert(who, problem.to_owned());
        is_news
    }

    /// `who` works; gives its problem if that is over now: nobody else has it.
    #[must_use]
    pub fn ends(&self, who: &'static str) -> Option<String> {
        let mut problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let problem = problems.remove(who)?;
        problems.values().all(|other| *other != problem).then_some(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_news_once_and_over_once() {
        let problems = Problems::default();
        assert!(problems.begins("poll", "full"));
        assert!(!problems.begins("poll", "full"));
        assert!(!problems.begins("group", "full"));
        assert!(problems.begins("release", "damaged"));
        assert_eq!(problems.ends("poll"), None);
        assert_eq!(problems.ends("poll"), None);
        assert_eq!(problems.ends("group").as_deref(), Some("full"));
        assert_eq!(problems.ends("release").as_deref(), Some("damaged"));
        assert!(problems.begins("poll", "full"));
    }
}
