//! One follower: verified by a challenge, sent what is owed, tried again ever later, and given up after a few tries.

use std::fmt::Write as _;
use std::sync::Arc;

use ::url::Url;
use jiff::{SignedDuration, Timestamp};

use super::Hub;
use crate::fetch::Fetch;
use crate::model::{Delivery, Outcome, Posted, Purpose, Request, Validators};
use crate::pipeline::websub::signature;
use crate::schedule::backoff;
use crate::store::{Batch, FollowRequest, FollowerRow, Result};

/// Tries of one delivery. After the last a follower is dropped: it finds out by its lease, and a feed is polled in
/// any case.
const TRIES: u32 = 6;

/// The first wait after a delivery that came to nothing, in seconds; it doubles, so the tries span half an hour.
const WAIT_S: i64 = 60;

/// The longest wait, in seconds.
const WAIT_CAP_S: i64 = 3600;

/// A delivery whose end was never seen, since the process ended, is made again after this, in seconds.
const CLAIM_S: i64 = 300;

/// Bytes of a challenge: 128 bits, so that nobody answers it who has not read it.
const CHALLENGE: usize = 16;

/// What is to be asked of a follower.
pub(super) enum Errand {
    /// Does it want what was asked in its name? With the address to ask, and the challenge.
    Verify(FollowRequest, String, String),
    /// It is owed this.
    Send(FollowerRow, Delivery),
}

/// What came of it.
pub(super) enum Asked {
    Verified(FollowRequest, bool),
    Sent(FollowerRow, Posted),
}

impl Errand {
    pub(super) fn domain(&self) -> &str {
        match self {
            Self::Verify(request, ..) => &request.domain,
            Self::Send(row, _) => &row.domain,
        }
    }
}

impl<F: Fetch + 'static> Hub<F> {
    /// The verification of a request (W3C WebSub section 5.3); `None` where it cannot be asked.
    pub(super) fn verification(&self, request: FollowRequest) -> Option<Errand> {
        let mut bytes = [0; CHALLENGE];
        if !(self.random)(&mut bytes) {
            tracing::error!("the machine gives no random numbers: no follower is verified");
            return None;
        }
        let challenge = bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        // The query of the call-back stays as it is (section 5.3).
        let mut url = Url::parse(&request.callback).ok()?;
        url.query_pairs_mut()
            .append_pair("hub.mode", if request.is_leaving { "unsubscribe" } else { "subscribe" })
            .append_pair("hub.topic", &self.rules.address(&request.topic))
            .append_pair("hub.challenge", &challenge)
            .append_pair("hub.lease_seconds", &request.lease_s.to_string());
        Some(Errand::Verify(request, url.to_string(), challenge))
    }

    /// What a follower is owed. One whose feed is no longer published is dropped.
    pub(super) fn delivery(&self, batch: &Batch<'_>, row: FollowerRow, now: Timestamp) -> Result<Option<Errand>> {
        let Some(packed) = self.released.get(&row.topic) else {
            return batch.drop_follower(row.no).map(|()| None);
        };
        batch.try_follower(row.no, row.tries + 1, later(now, CLAIM_S))?;
        let body: Arc<[u8]> = packed.identity().bytes.to_vec().into();
        let signature = row.secret.as_deref().map(|key| signature::sign(key, &body));
        let (hub, topic) = (self.rules.own_hub(), self.rules.address(&row.topic));
        let delivery = Delivery {
            url: row.callback.clone(),
            media_type: packed.media_type().to_str().unwrap_or("application/octet-stream").to_owned(),
            links: format!("<{hub}>; rel=\"hub\", <{topic}>; rel=\"self\""),
            signature,
            body,
        };
        Ok(Some(Errand::Send(row, delivery)))
    }
}

/// Asks a follower.
pub(super) async fn ask<F: Fetch>(fetch: &F, errand: Errand) -> Asked {
    match errand {
        Errand::Verify(request, url, challenge) => {
            let asked = Request {
                url: url.clone(),
                purpose: Purpose::Feed,
                validators: Validators::default(),
                validators_of: None,
                enough: None,
            };
            // Only the call-back itself may say yes: "MUST consider other server response codes (3xx, 4xx, 5xx) to
            // mean that the verification request has failed" (section 5.3.1).
            let is_meant = match fetch.fetch(&asked).await {
                Outcome::Fresh(page) => page.final_url == url && page.bytes.trim_ascii() == challenge.as_bytes(),
                _ => false,
            };
            Asked::Verified(request, is_meant)
        }
        Errand::Send(row, delivery) => {
            let posted = fetch.deliver(&delivery).await;
            Asked::Sent(row, posted)
        }
    }
}

/// Notes what came of it. Call-backs are secrets of those who follow: logs name their domain.
pub(super) fn settle(batch: &Batch<'_>, asked: Asked, now: Timestamp) -> Result<()> {
    match asked {
        Asked::Verified(request, true) => {
            tracing::info!(domain = request.domain, topic = request.topic, leaving = request.is_leaving, "verified");
            batch.follow(&request, later(now, request.lease_s))
        }
        Asked::Verified(request, false) => {
            tracing::info!(domain = request.domain, topic = request.topic, "a request to our hub was not verified");
            Ok(())
        }
        Asked::Sent(row, Posted::Accepted) => batch.settle_follower(row.no, row.owed_at, now),
        Asked::Sent(row, posted) => {
            let tries = row.tries + 1;
            let is_gone = matches!(&posted, Posted::Failed(failure) if failure.status == Some(410));
            if is_gone || tries >= TRIES {
                tracing::info!(
                    domain = row.domain,
                    topic = row.topic,
                    tries,
                    "a follower takes nothing and is dropped"
                );
                return batch.drop_follower(row.no);
            }
            let wait = later(now, backoff::after(tries, WAIT_S, WAIT_CAP_S, &row.callback));
            let next = match posted {
                Posted::Throttled { retry_after: Some(until) } => wait.max(until),
                _ => wait,
            };
            batch.try_follower(row.no, tries, next)
        }
    }
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
