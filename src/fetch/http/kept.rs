//! Which hosts a connection is kept open to: an address comes in, whether its connection may outlive the answer goes
//! out.
//!
//! A connection that is kept spares a host that is asked again soon. A wire of ten thousand hosts asks most of them
//! once an hour, and idle connections to all of them would use up the files that a process may hold.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::{Position, Url};

/// Hosts that a connection is kept to at a time: a quarter of the 1,024 files that a process has by default.
const MOST: usize = 256;

/// The hosts, by scheme, name and port, and when each was last asked. Looked up, never listed.
pub(super) struct Kept {
    idle: Duration,
    last: Mutex<HashMap<String, Instant>>,
}

impl Kept {
    /// Idle connections are closed after `idle`.
    pub(super) fn new(idle: Duration) -> Self {
        Self { idle, last: Mutex::default() }
    }

    /// Whether the connection that asks `url` at `now` may be kept after the answer.
    pub(super) fn may_keep(&self, url: &Url, now: Instant) -> bool {
        let key = &url[..Position::BeforePath];
        let mut kept = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = kept.get_mut(key) {
            *last = now;
            return true;
        }
        if kept.len() >= MOST {
            kept.retain(|_, last| now.duration_since(*last) < self.idle);
        }
        let has_room = kept.len() < MOST;
        if has_room {
            kept.insert(key.to_owned(), now);
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(15);

    #[test]
    fn only_so_many_hosts_keep_a_connection() {
        let (kept, now) = (Kept::new(IDLE), Instant::now());
        let ask = |n: usize, at| kept.may_keep(&Url::parse(&format!("http://{n}.test/feed")).unwrap(), at);
        assert!((0..MOST).all(|n| ask(n, now)));
        assert!(!ask(MOST, now));
        assert!(ask(0, now + IDLE / 2));
        assert!(ask(MOST, now + IDLE), "those of the others have been closed");
        assert_eq!(kept.last.lock().unwrap().len(), 2);
    }
}
