//! Subscriptions at hubs (W3C WebSub): where one stands, what hubs say to us, what we answer.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Failure;

/// Where a subscription at a hub stands. Kept in the store, survives restarts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The hub's address, as the feed named it.
    pub hub: String,
    /// The topic, to the letter: the feed's `rel=self`, else the address that answered.
    pub topic: String,
    /// The call-back address as the hub was told it; `None` until it was asked for the first time.
    #[serde(default)]
    pub callback: Option<String>,
    /// How far it has come.
    pub phase: Phase,
    /// The hub was asked and has not come back to verify.
    #[serde(default)]
    pub is_pending: bool,
    /// When the hub is asked next; `None`: not any more.
    pub next_at: Option<Timestamp>,
    /// When the hub was last asked.
    #[serde(default)]
    pub asked_at: Option<Timestamp>,
    /// Until when the hub delivers, as it said when it verified.
    #[serde(default)]
    pub lease_ends_at: Option<Timestamp>,
    /// The last delivery that bore our signature.
    #[serde(default)]
    pub delivered_at: Option<Timestamp>,
    /// Requests in a row that came to nothing.
    #[serde(default)]
    pub failures: u32,
    /// What went wrong last, for `status`.
    #[serde(default)]
    pub problem: Option<String>,
}

/// How far a subscription has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The feed names the hub, which has not verified yet.
    Offered,
    /// The hub has verified: it delivers.
    Active,
    /// The hub will not have us; it is asked again after a long time.
    Denied,
    /// We want no more of it, and the hub is to be told.
    Leaving,
    /// It is over. Kept for a while, so that a late delivery hears that.
    Left,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Offered, Self::Active, Self::Denied, Self::Leaving, Self::Left];

    /// Its name in the store, in `status` and in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Active => "active",
            Self::Denied => "denied",
            Self::Leaving => "leaving",
            Self::Left => "left",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What came of a form sent to a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// 2xx: the hub will come back to verify.
    Accepted,
    /// 429 or 503.
    Throttled {
        /// When the hub says to come again.
        retry_after: Option<Timestamp>,
    },
    /// Not sent by our own rules, or not accepted.
    Failed(Failure),
}

/// What somebody says at a call-back address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubWord {
    /// Somebody is about to deliver: is the address anybody's?
    Knock,
    /// Did you ask for this?
    Verify {
        /// `hub.mode` is `unsubscribe`, not `subscribe`.
        is_leaving: bool,
        /// `hub.topic`.
        topic: String,
        /// `hub.challenge`.
        challenge: String,
        /// `hub.lease_seconds`.
        lease_s: Option<u64>,
    },
    /// `hub.mode=denied`.
    Denied {
        /// `hub.topic`.
        topic: String,
        /// `hub.reason`.
        reason: Option<String>,
    },
    /// New content.
    Delivery {
        /// The `X-Hub-Signature` field.
        signature: Option<String>,
        /// The `charset` parameter of the `Content-Type` field.
        charset: Option<String>,
        /// The document, capped.
        body: Vec<u8>,
    },
}

/// What is answered to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubAnswer {
    /// 404: nobody has that address, or nobody asked for that.
    Unknown,
    /// 410: nobody has it any more.
    Gone,
    /// 2xx: heard, whatever is made of it.
    Heard,
    /// 200 with the challenge: yes, we asked for this.
    Yes(String),
    /// 503: later.
    Later,
}
