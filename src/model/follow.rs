//! What our own hub and those who follow feeds through it say to each other (W3C WebSub sections 5 to 7).

/// A request to our hub, as its form says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FollowWord {
    /// `hub.mode`.
    pub mode: String,
    /// `hub.topic`.
    pub topic: String,
    /// `hub.callback`.
    pub callback: String,
    /// `hub.secret`.
    pub secret: Option<String>,
    /// `hub.lease_seconds`.
    pub lease_s: Option<String>,
}

/// What our hub answers to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowAnswer {
    /// There is no hub here: 404.
    NoHub,
    /// The call-back will be asked: 202.
    Accepted,
    /// It will not be: 400, with the reason.
    Refused(&'static str),
    /// Too much waits already: 503.
    Later,
}

/// Content that a follower is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The call-back.
    pub url: String,
    /// `Content-Type`.
    pub media_type: String,
    /// The `Link` field: hub and topic.
    pub links: String,
    /// The `X-Hub-Signature` field.
    pub signature: Option<String>,
    /// The document. Cloning it is cheap.
    pub body: std::sync::Arc<[u8]>,
}
