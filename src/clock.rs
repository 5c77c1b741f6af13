//! Time as a handle: the only place that reads the wall clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// The current time, from the machine or from a test's hand. Cheap to clone; clones share the hand.
#[derive(Debug, Clone)]
pub struct Clock(Hand);

#[derive(Debug, Clone)]
enum Hand {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's wall clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Hand::System)
    }

    /// A clock that stands at `start` until it is moved.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self(Hand::Manual(Arc::new(AtomicI64::new(start.as_millisecond()))))
    }

    /// Now, to the millisecond.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "the one place that may")]
            Hand::System => Timestamp::now(),
            Hand::Manual(at) => Timestamp::from_millisecond(at.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Moves a manual clock on by `seconds`; does nothing to the machine's.
    pub fn advance(&self, seconds: i64) {
        if let Hand::Manual(at) = &self.0 {
            at.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
        }
    }
}
