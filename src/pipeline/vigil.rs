//! Who is expected to get on, and does not: what the watchdog of the service manager is fed from.
//!
//! In come signs of progress from those who work, out goes the one who has shown none for longer than it may. A sign is
//! work done (a step that ended, an answer that came), or that there is none; time alone is no sign. It reads a clock
//! that nobody can set, and never decides what follows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Knows all who are expected to get on. Clones share what they know.
#[derive(Debug, Clone, Default)]
pub struct Vigil(Arc<Mutex<BTreeMap<&'static str, Expected>>>);

#[derive(Debug)]
struct Expected {
    /// The last sign of progress.
    at: Instant,
    /// How long it may take to the next.
    patience: Duration,
}

impl Vigil {
    /// From now until the answer is dropped, `who` is expected to get on at least once in every `patience`.
    #[must_use]
    pub fn watch(&self, who: &'static str, patience: Duration) -> Watched {
        self.lock().insert(who, Expected { at: Instant::now(), patience });
        Watched { vigil: self.clone(), who }
    }

    /// `who` gets on; nobody notes it of one who is not watched.
    pub fn gets_on(&self, who: &'static str) {
        if let Some(expected) = self.lock().get_mut(who) {
            expected.at = Instant::now();
        }
    }

    /// One who has not got on for longer than it may, and for how long; the first by name.
    #[must_use]
    pub fn stuck(&self) -> Option<(&'static str, Duration)> {
        self.stuck_at(Instant::now())
    }

    /// The same at another time than now.
    pub(super) fn stuck_at(&self, now: Instant) -> Option<(&'static str, Duration)> {
        let watched = self.lock();
        let mut silent = watched.iter().map(|(who, expected)| (*who, now - expected.at, expected.patience));
        silent.find(|(_, silence, patience)| silence > patience).map(|(who, silence, _)| (who, silence))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Expected>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who is watched, until this is dropped.
#[derive(Debug)]
pub struct Watched {
    vigil: Vigil,
    who: &'static str,
}

impl Watched {
    /// Work was done, or there is none.
    pub fn gets_on(&self) {
        self.vigil.gets_on(self.who);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.vigil.lock().remove(self.who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    /// Who is stuck after `minutes` without a sign.
    fn stuck_after(vigil: &Vigil, minutes: f32) -> Option<&'static str> {
        vigil.stuck_at(Instant::now() + MINUTE.mul_f32(minutes)).map(|(who, _)| who)
    }

    #[test]
    fn whoever_shows_nothing_for_too_long_is_stuck() {
        let vigil = Vigil::default();
        let (poll, slow) = (vigil.watch("poll", MINUTE), vigil.watch("slow", 3 * MINUTE));
        assert_eq!(stuck_after(&vigil, 0.9), None);
        assert_eq!(stuck_after(&vigil, 1.1), Some("poll"));
        drop(poll);
        assert_eq!(stuck_after(&vigil, 2.9), None);
        assert_eq!(stuck_after(&vigil, 3.1), Some("slow"));
        drop(slow);
        assert_eq!(stuck_after(&vigil, 3.1), None);
    }

    #[test]
    fn a_sign_is_of_its_moment() {
        let vigil = Vigil::default();
        let poll = vigil.watch("poll", MINUTE);
        let at = |vigil: &Vigil| vigil.lock().get("poll").map(|expected| expected.at);
        let before = at(&vigil);
        poll.gets_on();
        assert!(at(&vigil) > before);
        vigil.gets_on("poll");
        vigil.gets_on("nobody");
        assert_eq!(vigil.lock().len(), 1);
    }
}
