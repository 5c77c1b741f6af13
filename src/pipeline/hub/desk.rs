//! The desk of our own hub: a request comes in, whether it will be looked into goes out (W3C WebSub section 5.2).
//!
//! Nothing is asked of anybody while somebody waits for the answer: a request is checked, counted against the caps
//! and committed; the stage verifies it later. A call-back is an address that a stranger named, so it costs its host
//! one GET at most, and many requests for one host cost no more than its cap.

use ::url::Url;

use super::{HubMode, HubRules};
use crate::model::{FollowAnswer, FollowWord};
use crate::pipeline::Wire;
use crate::pipeline::driver::Bell;
use crate::released::Released;
use crate::store::{FollowRequest, Result};
use crate::url;

/// Followers and requests of all feeds together: each is a row and, at a change, a delivery.
const MOST: usize = 10_000;

/// Of those, at one registrable domain.
const MOST_AT_HOST: usize = 200;

/// Requests that wait to be verified, of all hosts together.
const WAITING: usize = 1_000;

/// Requests that wait to be verified at one domain: we ask a host once a second.
const WAITING_AT_HOST: usize = 20;

/// Characters of an address.
const MAX_ADDRESS: usize = 2_048;

/// Bytes of a secret: "MUST be less than 200 bytes in length" (section 5.1).
const MAX_SECRET: usize = 199;

/// The lease where none is asked for, and the shortest and longest that is granted, in seconds: 10 days, an hour,
/// 30 days.
const LEASE_S: i64 = 864_000;
const LEASE_LEAST_S: i64 = 3_600;
const LEASE_MOST_S: i64 = 2_592_000;

/// Answers those who want to follow a feed. Clones share one desk.
#[derive(Clone)]
pub struct FollowDesk {
    wire: Wire,
    released: Released,
    bell: Bell,
}

impl FollowDesk {
    /// A desk for the feeds in `released`, that rings `bell` when a request waits.
    #[must_use]
    pub fn new(wire: Wire, released: Released, bell: Bell) -> Self {
        Self { wire, released, bell }
    }

    /// Answers a request under `rules`. It may block.
    #[must_use]
    pub fn answer(&self, rules: &HubRules, word: &FollowWord) -> FollowAnswer {
        if rules.hub != HubMode::Own {
            return FollowAnswer::NoHub;
        }
        let request = match self.request(rules, word) {
            Ok(request) => request,
            Err(why) => return FollowAnswer::Refused(why),
        };
        match self.queue(&request) {
            Ok(true) => {
                self.bell.ring();
                FollowAnswer::Accepted
            }
            Ok(false) => FollowAnswer::Later,
            Err(error) => {
                tracing::error!(%error, "a request to our hub could not be kept");
                FollowAnswer::Later
            }
        }
    }

    fn request(&self, rules: &HubRules, word: &FollowWord) -> Result<FollowRequest, &'static str> {
        let is_leaving = match word.mode.as_str() {
            "subscribe" => false,
            "unsubscribe" => true,
            _ => return Err("hub.mode is subscribe or unsubscribe.\n"),
        };
        let topic = self.topic(rules, &word.topic).ok_or("hub.topic is not the address of a feed of this site.\n")?;
        let (callback, domain) =
            callback(&word.callback).ok_or("hub.callback is not an http or https address that can be called.\n")?;
        let secret = word.secret.clone().filter(|secret| !secret.is_empty());
        if secret.as_ref().is_some_and(|secret| secret.len() > MAX_SECRET) {
            return Err("hub.secret has 200 bytes or more.\n");
        }
        let lease_s = match word.lease_s.as_deref().filter(|lease| !lease.is_empty()) {
            None => LEASE_S,
            Some(lease) => {
                lease.parse::<i64>().ok().filter(|lease| *lease > 0).ok_or("hub.lease_seconds is a number.\n")?
            }
        };
        let lease_s = lease_s.clamp(LEASE_LEAST_S, LEASE_MOST_S);
        Ok(FollowRequest { topic, callback, domain, secret, lease_s, is_leaving })
    }

    /// The path of the feed at this address, if it is one of ours that everybody may read.
    fn topic(&self, rules: &HubRules, address: &str) -> Option<String> {
        if address.len() > MAX_ADDRESS {
            return None;
        }
        let (address, base) = (Url::parse(address).ok()?, Url::parse(&rules.base_url).ok()?);
        let is_plain = address.query().is_none() && address.fragment().is_none();
        if address.origin() != base.origin() || !is_plain {
            return None;
        }
        let path = address.path().strip_prefix(base.path())?;
        // Paths of documents are not encoded, addresses are: the way back is to compare.
        let known = if path.contains('%') {
            self.released.paths().into_iter().find(|known| rules.address(known) == address.as_str())?
        } else {
            path.into()
        };
        let packed = self.released.get(&known)?;
        let is_feed = !packed.is_page() && !known.starts_with("p/") && &*known != "opml.xml";
        is_feed.then(|| known.to_string())
    }

    /// Keeps the request, unless too many are kept.
    fn queue(&self, request: &FollowRequest) -> Result<bool> {
        self.wire.store.write(|batch| {
            let (waiting, waiting_here) = batch.count_follow_requests(&request.domain)?;
            let (all, here) = batch.count_followers(&request.domain)?;
            let is_known = request.is_leaving || batch.is_follower(&request.topic, &request.callback)?;
            let has_room = is_known || (all < MOST && here < MOST_AT_HOST);
            if waiting >= WAITING || waiting_here >= WAITING_AT_HOST || !has_room {
                return Ok(false);
            }
            batch.request_to_follow(request)?;
            Ok(true)
        })
    }
}

/// A call-back in its normal form, and its registrable domain. Whether it may be dialled says the guard, when it is.
fn callback(address: &str) -> Option<(String, String)> {
    if address.len() > MAX_ADDRESS {
        return None;
    }
    let mut parsed = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    parsed.set_fragment(None);
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return None;
    }
    let host = parsed.host_str()?.to_owned();
    let domain = url::registrable_domain_of(&parsed).unwrap_or(host);
    Some((parsed.to_string(), domain))
}
