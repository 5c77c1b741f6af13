//! The time one fetch may take: work comes in, its result goes out, or a timeout when the allowance is spent.
//!
//! Only work is counted; waiting for one's turn is not, or a long line would look like a slow server.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::super::{Early, failed};
use crate::model::FailureKind;

/// Time left, of a limit.
pub(super) struct Allowance {
    left: Duration,
    limit: Duration,
}

impl Allowance {
    pub(super) fn new(limit: Duration) -> Self {
        Self { left: limit, limit }
    }

    /// Does `work` for `host` while there is time.
    ///
    /// # Errors
    /// `Failed(Timeout)` when there is no more.
    pub(super) async fn spend<T>(&mut self, host: &str, work: impl Future<Output = T>) -> Result<T, Early> {
        let start = Instant::now();
        let done = timeout(self.left, work).await;
        self.left = self.left.saturating_sub(start.elapsed());
        let late = || failed(FailureKind::Timeout, format!("{host} took longer than {:?}", self.limit));
        done.map_err(|_| late())
    }
}
