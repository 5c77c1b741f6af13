//! Asking for a stage, with a sign of progress at the end of each request, whatever came of it.
//!
//! A step of a stage that asks may take long, and rightly: hosts have turns. That its requests end shows that it gets on,
//! where a timer would only show that timers work.

use std::sync::Arc;

use crate::fetch::http::HttpFetch;
use crate::fetch::{Fetch, HostState, RobotsState};
use crate::model::{Delivery, Outcome, Posted, Request};
use crate::pipeline::vigil::Vigil;

/// The client of one stage.
pub(super) struct Attended {
    fetch: Arc<HttpFetch>,
    vigil: Vigil,
    stage: &'static str,
}

impl Attended {
    /// `fetch`, as `stage` asks.
    pub(super) fn new(fetch: Arc<HttpFetch>, vigil: Vigil, stage: &'static str) -> Self {
        Self { fetch, vigil, stage }
    }

    async fn attend<T>(&self, asked: impl Future<Output = T>) -> T {
        let answer = asked.await;
        self.vigil.gets_on(self.stage);
        answer
    }
}

impl Fetch for Attended {
    async fn fetch(&self, request: &Request) -> Outcome {
        self.attend(self.fetch.fetch(request)).await
    }

    async fn post_form(&self, url: &str, form: &str) -> Posted {
        self.attend(self.fetch.post_form(url, form)).await
    }

    async fn deliver(&self, delivery: &Delivery) -> Posted {
        self.attend(self.fetch.deliver(delivery)).await
    }

    fn host_changes(&self) -> Vec<HostState> {
        self.fetch.host_changes()
    }

    fn robots_changes(&self) -> Vec<RobotsState> {
        self.fetch.robots_changes()
    }
}
