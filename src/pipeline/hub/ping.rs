//! An outside hub: one form names what changed (`hub.mode=publish`, `hub.url`), as hubs have taken it since `PubSubHubbub`.
//!
//! W3C WebSub leaves open how a publisher tells its hub (section 4); every public hub understands this form. What a
//! hub did not take is told again later, with what changed meanwhile.

use ::url::form_urlencoded;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Hub;
use crate::fetch::Fetch;
use crate::model::Posted;
use crate::pipeline::StageResult;
use crate::pipeline::enrich::note_hosts;
use crate::schedule::backoff;

/// Addresses in one form: below what servers take as a form, in bytes.
const NAMED: usize = 100;

/// Between two forms, in seconds: a wire that changes every second tells its hub every ten.
const PAUSE_S: i64 = 10;

/// Waits after a hub did not take it, in seconds: from a minute, doubling, to six hours.
const WAIT_S: i64 = 60;
const WAIT_CAP_S: i64 = 6 * 3600;

/// Where the store keeps how the hub took it.
const STATE: &str = "hub_ping";

/// How the hub took it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Ping {
    hub: String,
    failures: u32,
    next_at: Option<Timestamp>,
}

impl<F: Fetch + 'static> Hub<F> {
    /// Tells `hub` what changed, when it is time. Counts forms.
    pub(super) async fn ping(&self, hub: &str) -> StageResult {
        let now = self.wire.clock.now();
        let (state, changes) =
            self.wire.store.read(|view| Ok((view.meta(STATE)?.unwrap_or_default(), view.announcements(NAMED)?)))?;
        let state: Ping = serde_json::from_str(&state).unwrap_or_default();
        // What another hub did is no reason to wait for this one.
        let state = if state.hub == hub { state } else { Ping { hub: hub.to_owned(), ..Ping::default() } };
        if changes.is_empty() || state.next_at.is_some_and(|at| at > now) {
            return Ok(0);
        }
        let claimed = self.after(&state, state.failures + 1, None);
        self.note(&claimed, &[])?;
        let form = self.form(&changes);
        let posted = self.fetch.post_form(hub, &form).await;
        let masked = crate::url::mask(hub);
        match posted {
            Posted::Accepted => {
                tracing::debug!(hub = %masked, feeds = changes.len(), "the hub was told what changed");
                self.note(&self.after(&state, 0, None), &changes)?;
            }
            Posted::Throttled { retry_after } => {
                tracing::info!(hub = %masked, "our hub asks us to slow down");
                self.note(&self.after(&state, state.failures + 1, retry_after), &[])?;
            }
            Posted::Failed(failure) => {
                if state.failures == 0 {
                    tracing::warn!(hub = %masked, problem = %failure, "our hub could not be told; it is tried again");
                }
                self.note(&claimed, &[])?;
            }
        }
        Ok(1)
    }

    fn form(&self, changes: &[(String, Timestamp)]) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("hub.mode", "publish");
        for (path, _) in changes {
            form.append_pair("hub.url", &self.rules.address(path));
        }
        form.finish()
    }

    fn after(&self, state: &Ping, failures: u32, not_before: Option<Timestamp>) -> Ping {
        let now = self.wire.clock.now();
        let wait = if failures == 0 { PAUSE_S } else { backoff::after(failures, WAIT_S, WAIT_CAP_S, &state.hub) };
        let next = now.saturating_add(SignedDuration::from_secs(wait)).unwrap_or(Timestamp::MAX);
        Ping { hub: state.hub.clone(), failures, next_at: Some(not_before.map_or(next, |until| until.max(next))) }
    }

    fn note(&self, state: &Ping, told: &[(String, Timestamp)]) -> crate::store::Result<()> {
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            note_hosts(batch, self.fetch.as_ref(), now)?;
            told.iter().try_for_each(|(path, at)| batch.announced(path, *at))?;
            batch.set_meta(STATE, &serde_json::to_string(state).unwrap_or_default())
        })
    }
}
