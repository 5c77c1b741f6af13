//! Rounds: what `poll` and `enrich` have in common. Rows that are due are claimed, asked concurrently, and settled as
//! their answers come, whatever the others do. What comes at about the same time is settled together, since each
//! transaction has its price.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::{StageError, StageResult};

/// How long the first answer waits for others to be settled with: no reader notices, and a busy round saves most of
/// its commits.
const LINGER: Duration = Duration::from_millis(10);

/// How much of a round there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Rows in all.
    pub(super) limit: usize,
    /// Rows under way at a time, at least 1.
    pub(super) concurrency: usize,
    /// Rows of one host under way at a time, at least 1.
    pub(super) per_host: usize,
}

/// What is asked, or what came of it: it has a host.
pub(super) trait OfHost {
    /// Its registrable domain.
    fn domain(&self) -> &str;
}

/// Hosts that are being asked.
pub(super) struct Busy {
    per_host: usize,
    asked: HashMap<String, usize>,
}

impl Busy {
    /// Nobody is being asked.
    pub(super) fn new(per_host: usize) -> Self {
        Self { per_host: per_host.max(1), asked: HashMap::new() }
    }

    /// Whether one more row of `domain` may be asked.
    pub(super) fn has_room(&self, domain: &str) -> bool {
        self.asked.get(domain).is_none_or(|asked| *asked < self.per_host)
    }

    /// One more row of `domain` is asked.
    pub(super) fn enter(&mut self, domain: &str) {
        match self.asked.get_mut(domain) {
            Some(asked) => *asked += 1,
            None => drop(self.asked.insert(domain.to_owned(), 1)),
        }
    }

    /// A row of `domain` is not asked any more.
    pub(super) fn leave(&mut self, domain: &str) {
        if let Some(asked) = self.asked.get_mut(domain) {
            *asked = asked.saturating_sub(1);
            if *asked == 0 {
                self.asked.remove(domain);
            }
        }
    }
}

/// Claims, asks and settles until nothing is due or `bounds.limit` is reached; says how many were asked. `claim` is
/// given how many rows are wanted and which hosts are busy, and enters those that it takes.
///
/// # Errors
/// Those of `claim` and `settle`. What is under way is dropped then, and asked again after its floor.
pub(super) async fn round<D, A, F>(
    bounds: Bounds,
    mut claim: impl FnMut(usize, &mut Busy) -> Result<Vec<D>, StageError>,
    ask: impl Fn(D) -> F,
    settle: impl Fn(Vec<A>) -> Result<(), StageError>,
) -> StageResult
where
    A: OfHost + Send + 'static,
    F: Future<Output = A> + Send + 'static,
{
    let mut under_way = JoinSet::new();
    let mut busy = Busy::new(bounds.per_host);
    let mut taken = 0;
    loop {
        let free = bounds.concurrency.max(1).saturating_sub(under_way.len()).min(bounds.limit - taken);
        for due in if free > 0 { claim(free, &mut busy)? } else { Vec::new() } {
            taken += 1;
            under_way.spawn(ask(due));
        }
        if under_way.is_empty() {
            return Ok(taken);
        }
        let answers = answers(&mut under_way).await;
        for answer in &answers {
            busy.leave(answer.domain());
        }
        if !answers.is_empty() {
            settle(answers)?;
        }
    }
}

/// The next answer, and those that come soon after it, up to half of what is under way.
async fn answers<A: Send + 'static>(under_way: &mut JoinSet<A>) -> Vec<A> {
    let enough = under_way.len().div_ceil(2);
    let mut answers = Vec::new();
    let mut next = under_way.join_next().await;
    let until = Instant::now() + LINGER;
    while let Some(answer) = next {
        match answer {
            Ok(answer) => answers.push(answer),
            // A reader that panicked on an answer: its claim stands, and it is asked again after its floor.
            Err(error) => tracing::error!(%error, "reading an answer failed"),
        }
        if answers.len() >= enough {
            break;
        }
        next = timeout_at(until, under_way.join_next()).await.unwrap_or_default();
    }
    answers
}
