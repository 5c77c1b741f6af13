//! How many connections one peer may hold.
//!
//! In comes an address, out goes a guest's ticket that gives the place back when it is dropped. The table has
//! one row for each peer that is connected now, so the listener's own limit bounds it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use super::Limits;

/// The peers that are connected.
#[derive(Debug, Clone)]
pub(super) struct Admission {
    per_peer: usize,
    count_private: bool,
    guests: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

/// A place held by one connection.
#[derive(Debug)]
pub(super) struct Guest {
    /// `None` where the peer is not counted.
    peer: Option<IpAddr>,
    guests: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

impl Admission {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { per_peer: limits.per_peer, count_private: limits.count_private, guests: Arc::default() }
    }

    /// A place for `address`, unless its peer has as many as it may.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Guest> {
        let address = address.to_canonical();
        if is_private(address) && !self.count_private {
            return Some(Guest { peer: None, guests: Arc::clone(&self.guests) });
        }
        let peer = household(address);
        let mut guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        let held = guests.entry(peer).or_default();
        if *held >= self.per_peer {
            if *held == 0 {
                guests.remove(&peer);
            }
            return None;
        }
        *held += 1;
        Some(Guest { peer: Some(peer), guests: Arc::clone(&self.guests) })
    }
}

impl Guest {
    /// Who this is, where peers are counted.
    pub(super) fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(peer) = self.peer else { return };
        let mut guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = guests.get_mut(&peer) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                guests.remove(&peer);
            }
        }
    }
}

/// One household has one IPv4 address, or an IPv6 /64.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(per_peer: usize, count_private: bool) -> Admission {
        Admission::new(&Limits { per_peer, count_private, ..Limits::default() })
    }

    fn admit(admission: &Admission, address: &str) -> Option<Guest> {
        admission.admit(address.parse().unwrap())
    }

    #[test]
    fn a_peer_holds_as_many_as_it_may() {
        let admission = admission(2, false);
        let one = admit(&admission, "203.0.113.7");
        let two = admit(&admission, "::ffff:203.0.113.7");
        assert!(one.is_some() && two.is_some());
        assert!(admit(&admission, "203.0.113.7").is_none());
        assert!(admit(&admission, "203.0.113.8").is_some());
        drop(one);
        assert!(admit(&admission, "203.0.113.7").is_some());
        drop(two);
        assert!(admission.guests.lock().unwrap().is_empty());
    }

    #[test]
    fn an_ipv6_household_is_one_peer() {
        let admission = admission(1, false);
        let one = admit(&admission, "2001:db8:0:1::1");
        assert!(one.is_some());
        assert!(admit(&admission, "2001:db8:0:1:ffff::2").is_none());
        assert!(admit(&admission, "2001:db8:0:2::1").is_some());
    }

    #[test]
    fn the_proxy_is_not_counted_unless_told() {
        let check = |address, count_private, expect| {
            assert_eq!(admit(&admission(0, count_private), address).is_some(), expect, "{address}");
        };
        check("127.0.0.1", false, true);
        check("10.1.2.3", false, true);
        check("fd00::1", false, true);
        check("::1", false, true);
        check("203.0.113.7", false, false);
        check("127.0.0.1", true, false);
    }
}
