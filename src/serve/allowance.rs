//! How much one peer may have made for it: searches, story pages, archives, feeds cut to measure, requests to our hub.
//!
//! In comes a peer, out goes yes or how long it should wait. What is released is answered from memory and costs no
//! allowance. Each peer has a store of requests that fills again with time; the table is bounded, and a peer that has
//! its full store is not in it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::listen::Limits;

/// Peers known at a time. Where more come, those who are new share one allowance: only a flood has so many.
const MOST_PEERS: usize = 10_000;

/// Whom those share it as.
const ALL_OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The allowances of all peers.
#[derive(Debug)]
pub(super) struct Allowance {
    burst: f64,
    per_second: f64,
    peers: Mutex<BTreeMap<IpAddr, Left>>,
}

/// What a peer had left at a moment.
#[derive(Debug, Clone, Copy)]
struct Left {
    requests: f64,
    at: Instant,
}

impl Allowance {
    pub(super) fn of(limits: &Limits) -> Self {
        let (burst, per_second) = (f64::from(limits.burst), f64::from(limits.per_second));
        Self { burst, per_second: per_second.max(0.01), peers: Mutex::default() }
    }

    /// Takes one request from what `peer` has left.
    ///
    /// # Errors
    /// After which time there is one.
    pub(super) fn take(&self, peer: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut whose = peer;
        if peers.len() >= MOST_PEERS && !peers.contains_key(&peer) {
            peers.retain(|_, left| self.now_left(*left, now) < self.burst);
            whose = if peers.len() >= MOST_PEERS { ALL_OTHERS } else { peer };
        }
        let left = peers.entry(whose).or_insert(Left { requests: self.burst, at: now });
        let requests = self.now_left(*left, now);
        let is_enough = requests >= 1.0;
        *left = Left { requests: if is_enough { requests - 1.0 } else { requests }, at: now };
        if is_enough { Ok(()) } else { Err(Duration::from_secs_f64((1.0 - requests) / self.per_second)) }
    }

    fn now_left(&self, left: Left, now: Instant) -> f64 {
        let since = now.saturating_duration_since(left.at).as_secs_f64();
        (left.requests + since * self.per_second).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: usize) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(number).unwrap() + (10 << 24)))
    }

    fn allowance(burst: u32, per_second: u32) -> Allowance {
        Allowance::of(&Limits { burst, per_second, ..Limits::default() })
    }

    #[test]
    fn a_store_is_emptied_and_fills_again() {
        let (allowance, start) = (allowance(3, 2), Instant::now());
        let take = |number, ms| allowance.take(peer(number), start + Duration::from_millis(ms));
        assert!((0..3).all(|_| take(1, 0).is_ok()));
        assert_eq!(take(1, 0), Err(Duration::from_millis(500)));
        assert!(take(2, 0).is_ok(), "each peer has its own");
        assert!(take(1, 499).is_err());
        assert!(take(1, 500).is_ok());
        assert!(take(1, 501).is_err());
        // No more is ever left than the store holds.
        assert_eq!((0..9).filter(|_| take(1, 3_600_000).is_ok()).count(), 3);
    }

    #[test]
    fn the_table_is_bounded() {
        let (allowance, start) = (allowance(2, 1), Instant::now());
        let known = || allowance.peers.lock().unwrap().len();
        assert!((0..MOST_PEERS).all(|number| allowance.take(peer(number), start).is_ok()));
        // The others share two requests.
        let others = (MOST_PEERS..MOST_PEERS + 9).filter(|number| allowance.take(peer(*number), start).is_ok());
        assert_eq!(others.count(), 2);
        assert_eq!(known(), MOST_PEERS + 1);
        // A second later all stores are full again, and nobody needs to be known.
        assert!(allowance.take(peer(MOST_PEERS + 1), start + Duration::from_secs(2)).is_ok());
        assert_eq!(known(), 1);
    }
}
