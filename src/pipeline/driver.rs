//! Drivers: each repeats one stage until it has nothing left, then waits to be woken.
//!
//! A bell only wakes; what there is to do stands in the store. A missed ring costs nothing but time, since every
//! driver also looks by itself now and then. Each driver notes what it did in the [`Pulse`], for people, and that it
//! gets on in the [`Vigil`], for the watchdog of the service manager.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::StageResult;
use super::problems::Problems;
use super::vigil::Vigil;
use crate::clock::Clock;

/// The longest a driver sleeps, so that it is seen to get on, a lost ring is made good, and work goes on within seconds
/// once what stopped it is gone.
const NAP: Duration = Duration::from_secs(5);

/// The first wait after a stage failed; it doubles, up to [`NAP`].
const STUMBLE: Duration = Duration::from_millis(500);

/// A stage that failed and then finds nothing to do has not shown that it works: its trouble is over when it does some
/// work, or has not failed for that long.
const CALM: Duration = Duration::from_secs(20);

/// Wakes a driver. Clones ring the same bell.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Rings; a driver that is not waiting hears it when it next waits.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Until the bell rings.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}

/// A promise that the process will end: drivers finish the step they are in and return.
pub type Shutdown = watch::Receiver<bool>;

/// Until shutdown is wanted.
pub async fn wanted(mut shutdown: Shutdown) {
    // A sender that is gone wants it too.
    let _ = shutdown.wait_for(|stop| *stop).await;
}

/// When each driver last made progress, how much it did, and what went wrong last.
#[derive(Clone)]
pub struct Pulse {
    clock: Clock,
    beats: Arc<Mutex<BTreeMap<&'static str, Beat>>>,
    problems: Problems,
}

/// The progress of one stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Beat {
    /// Last sign of life.
    pub at: Timestamp,
    /// Rows taken since the process started.
    pub rows: u64,
    /// Milliseconds that its steps took since the process started, waiting for others included.
    pub busy_ms: u64,
    /// Steps that failed since the process started.
    pub failures: u64,
    /// Why the last step failed, if it did.
    pub problem: Option<String>,
}

impl Pulse {
    /// No stage has shown life yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, beats: Arc::default(), problems: Problems::default() }
    }

    /// What is wrong now, for those beside the drivers who meet the same troubles.
    #[must_use]
    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    /// What each stage did.
    pub fn beats(&self) -> BTreeMap<&'static str, Beat> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A step of the stage ends that was `started` then; a clock that was set back counts for nothing.
    fn worked(&self, stage: &'static str, started: Timestamp) {
        let millis = self.clock.now().as_millisecond().saturating_sub(started.as_millisecond());
        self.note(stage, |beat| beat.busy_ms = beat.busy_ms.saturating_add(u64::try_from(millis).unwrap_or(0)));
    }

    fn note(&self, stage: &'static str, change: impl FnOnce(&mut Beat)) {
        let now = self.clock.now();
        let mut beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        let beat = beats.entry(stage).or_default();
        beat.at = now;
        change(beat);
    }
}

/// A stage as its driver sees it.
pub struct Drive {
    /// Its name in logs, status and metrics.
    pub stage: &'static str,
    /// It asks other machines: its steps may take long, and are dropped on shutdown.
    pub asks: bool,
    /// Wakes it.
    pub bell: Bell,
    /// Rung by a step that has committed something and goes on.
    pub told: Bell,
    /// Wakes the stages that may have work when this one did some.
    pub next: Vec<Bell>,
    /// What it did.
    pub pulse: Pulse,
    /// Whether it gets on. What it asks of other machines may say so too, in the middle of a step.
    pub vigil: Vigil,
    /// The longest that a step may show no progress.
    pub patience: Duration,
}

impl Drive {
    /// Repeats `step` until it returns 0, waits for the bell, and so on until `shutdown`. A step that fails is tried
    /// again after a growing wait; the trouble is logged once when it starts, by the first stage that has it, and once
    /// when it is over for all.
    pub async fn run(self, mut step: impl AsyncFnMut() -> StageResult, shutdown: Shutdown) {
        let mut stumbles = 0u32;
        let watched = self.vigil.watch(self.stage, self.patience);
        // A driver before this one, of another configuration, may have failed.
        let mut failed_at = self.has_problem().then(Instant::now);
        loop {
            let started = self.pulse.clock.now();
            let taken = {
                let work = step();
                let mut work = std::pin::pin!(work);
                loop {
                    tokio::select! {
                        taken = &mut work => break taken,
                        // The next stages do not wait for the last of many answers.
                        () = self.told.rung() => {
                            watched.gets_on();
                            self.next.iter().for_each(Bell::ring);
                        }
                        // What is under way stays claimed in the store and is asked again after its floor.
                        () = wanted(shutdown.clone()), if self.asks => return,
                    }
                }
            };
            // A step that failed ended too: killing the process would mend nothing.
            watched.gets_on();
            self.pulse.worked(self.stage, started);
            let idle = match taken {
                Ok(taken) => {
                    stumbles = 0;
                    if failed_at.is_some_and(|at: Instant| taken > 0 || at.elapsed() > CALM) {
                        failed_at = None;
                        self.recovered();
                    }
                    self.pulse.note(self.stage, |beat| beat.rows += u64::try_from(taken).unwrap_or(u64::MAX));
                    if taken > 0 {
                        self.next.iter().for_each(Bell::ring);
                    }
                    (taken == 0).then_some(NAP)
                }
                Err(error) => {
                    let wait = STUMBLE.saturating_mul(1 << stumbles.min(6)).min(NAP);
                    stumbles = stumbles.saturating_add(1);
                    failed_at = Some(Instant::now());
                    self.failed(&error.to_string());
                    Some(wait)
                }
            };
            if *shutdown.borrow() {
                return;
            }
            if let Some(wait) = idle {
                tokio::select! {
                    () = self.bell.rung(), if stumbles == 0 => {}
                    () = tokio::time::sleep(wait) => {}
                    () = wanted(shutdown.clone()) => return,
                }
            }
        }
    }

    fn has_problem(&self) -> bool {
        self.pulse.beats().get(self.stage).is_some_and(|beat| beat.problem.is_some())
    }

    fn failed(&self, problem: &str) {
        self.pulse.note(self.stage, |beat| {
            beat.failures += 1;
            beat.problem = Some(problem.to_owned());
        });
        if self.pulse.problems.begins(self.stage, problem) {
            tracing::error!(stage = self.stage, problem, "a stage failed; it is tried again until it works");
        }
    }

    fn recovered(&self) {
        self.pulse.note(self.stage, |beat| beat.problem = None);
        for problem in self.pulse.problems.ends(self.stage) {
            tracing::info!(stage = self.stage, problem, "over: the stages work again");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_mins(1);

    /// Who is stuck when a driver whose steps are `step` has begun, and then shows no sign for longer than it may.
    async fn stuck(step: impl AsyncFnMut() -> StageResult) -> Option<&'static str> {
        let (vigil, (stop, stopped)) = (Vigil::default(), watch::channel(false));
        let drive = Drive {
            stage: "poll",
            asks: true,
            bell: Bell::default(),
            told: Bell::default(),
            next: Vec::new(),
            pulse: Pulse::new(Clock::manual(Timestamp::UNIX_EPOCH)),
            vigil: vigil.clone(),
            patience: PATIENCE,
        };
        let later = async {
            tokio::task::yield_now().await;
            let late = vigil.stuck_at(Instant::now() + 2 * PATIENCE).map(|(stage, _)| stage);
            stop.send_replace(true);
            late
        };
        let ((), late) = tokio::join!(drive.run(step, stopped), later);
        assert_eq!(vigil.stuck_at(Instant::now() + 2 * PATIENCE), None, "nobody watches one that has ended");
        late
    }

    #[tokio::test]
    async fn only_its_work_shows_that_a_stage_gets_on() {
        assert_eq!(stuck(async || std::future::pending().await).await, Some("poll"));
    }
}
