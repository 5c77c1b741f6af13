//! What is wrong at present, so that each trouble is said once.
//!
//! A full disk stops every stage, and every request that needs the store: whoever meets a trouble first says it, the
//! others keep silent, and its end is said when the last of them works again. Never writes a log itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Problems of one that are told apart until it works again: a trouble has few faces, and a log no room for more.
const FACES: usize = 8;

/// Who has met which problems since it last worked. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Problems(Arc<Mutex<BTreeMap<&'static str, BTreeSet<String>>>>);

impl Problems {
    /// `who` has this problem; says whether that is news: nobody had it before.
    #[must_use]
    pub fn begins(&self, who: &'static str, problem: &str) -> bool {
        let mut problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = problems.values().all(|known| !known.contains(problem));
        let own = problems.entry(who).or_default();
        let has_room = own.len() < FACES;
        if has_room {
            own.insert(problem.to_owned());
        }
        is_news && has_room
    }

    /// `who` works; gives those of its problems that are over now: nobody else has them.
    #[must_use]
    pub fn ends(&self, who: &'static str) -> Vec<String> {
        let mut problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = problems.remove(who).unwrap_or_default();
        own.into_iter().filter(|problem| problems.values().all(|other| !other.contains(problem))).collect()
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
        assert!(problems.ends("poll").is_empty());
        assert!(problems.ends("poll").is_empty());
        assert_eq!(problems.ends("group"), ["full"]);
        assert_eq!(problems.ends("release"), ["damaged"]);
        assert!(problems.begins("poll", "full"));
    }

    #[test]
    fn a_trouble_of_several_faces_is_said_once_a_face_and_not_for_ever() {
        let problems = Problems::default();
        for round in 0..2 {
            for face in ["no space for a", "no space for b"] {
                assert_eq!(problems.begins("release", face), round == 0, "{face}");
            }
        }
        let news = (0..100).filter(|number| problems.begins("release", &format!("no space for {number}"))).count();
        assert_eq!(news, FACES - 2);
    }
}
