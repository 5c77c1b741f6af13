//! Rounds: what `poll` and `enrich` have in common. Rows that are due are claimed, asked concurrently, a host at most
//! one at a time, and settled as their answers come, whatever the others do.

use std::collections::BTreeSet;
use std::future::Future;

use tokio::task::JoinSet;

use super::{StageError, StageResult};

/// How much of a round there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Rows in all.
    pub(super) limit: usize,
    /// Rows under way at a time, at least 1.
    pub(super) concurrency: usize,
}

/// What is asked, or what came of it: it has a host.
pub(super) trait OfHost {
    /// Its registrable domain.
    fn domain(&self) -> &str;
}

/// Claims, asks and settles until nothing is due or `bounds.limit` is reached; says how many were asked. `claim` is
/// given how many rows are wanted and which hosts are busy.
///
/// # Errors
/// Those of `claim` and `settle`. What is under way is dropped then, and asked again after its floor.
pub(super) async fn round<D, A, F>(
    bounds: Bounds,
    claim: impl Fn(usize, &BTreeSet<String>) -> Result<Vec<D>, StageError>,
    ask: impl Fn(D) -> F,
    settle: impl Fn(&A) -> Result<(), StageError>,
) -> StageResult
where
    D: OfHost,
    A: OfHost + Send + 'static,
    F: Future<Output = A> + Send + 'static,
{
    let mut under_way = JoinSet::new();
    let mut busy = BTreeSet::new();
    let mut taken = 0;
    loop {
        let free = bounds.concurrency.max(1).saturating_sub(under_way.len()).min(bounds.limit - taken);
        for due in claim(free, &busy)? {
            busy.insert(due.domain().to_owned());
            taken += 1;
            under_way.spawn(ask(due));
        }
        match under_way.join_next().await {
            None => return Ok(taken),
            Some(Ok(asked)) => {
                busy.remove(asked.domain());
                settle(&asked)?;
            }
            // A reader that panicked on an answer: its claim stands, and it is asked again after its floor.
            Some(Err(error)) => tracing::error!(%error, "reading an answer failed"),
        }
    }
}
