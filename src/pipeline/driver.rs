//! Drivers: each repeats one stage until it has nothing left, then waits to be woken.
//!
//! A bell only wakes; what there is to do stands in the store. A missed ring costs nothing but time, since every
//! driver also looks by itself now and then. Each driver notes its progress in the [`Pulse`], which the watchdog
//! of the service manager is fed from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::StageResult;
use super::problems::Problems;
use crate::clock::Clock;

/// The longest a driver sleeps, so that its pulse stays fresh, a lost ring is made good, and work goes on within
/// seconds once what stopped it is gone.
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
    beats: Arc<Mutex<BTreeMap<&'static str, Felt>>>,
    problems: Problems,
}

/// A beat, and when it was felt by a clock that nobody can set.
struct Felt {
    beat: Beat,
    at: Instant,
}

/// The progress of one stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Beat {
    /// Last sign of life.
    pub at: Timestamp,
    /// Rows taken since the process started.
    pub rows: u64,
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

    /// A stage shows life.
    pub fn beat(&self, stage: &'static str) {
        self.note(stage, |_| ());
    }

    /// What each stage did.
    pub fn beats(&self) -> BTreeMap<&'static str, Beat> {
        let beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        beats.iter().map(|(stage, felt)| (*stage, felt.beat.clone())).collect()
    }

    /// The stage that has shown no life for longer than `limit`, if any. Clocks that are set, and machines that sleep,
    /// make no stage late.
    pub fn stuck(&self, limit: Duration) -> Option<(&'static str, Timestamp)> {
        let beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        beats.iter().find(|(_, felt)| felt.at.elapsed() > limit).map(|(stage, felt)| (*stage, felt.beat.at))
    }

    fn note(&self, stage: &'static str, change: impl FnOnce(&mut Beat)) {
        let (now, at) = (self.clock.now(), Instant::now());
        let mut beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        let felt = beats.entry(stage).or_insert_with(|| Felt { beat: Beat::default(), at });
        (felt.beat.at, felt.at) = (now, at);
        change(&mut felt.beat);
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
    /// Progress.
    pub pulse: Pulse,
}

impl Drive {
    /// Repeats `step` until it returns 0, waits for the bell, and so on until `shutdown`. A step that fails is tried
    /// again after a growing wait; the trouble is logged once when it starts, by the first stage that has it, and once
    /// when it is over for all.
    pub async fn run(self, mut step: impl AsyncFnMut() -> StageResult, shutdown: Shutdown) {
        let mut stumbles = 0u32;
        let mut failed_at = None;
        loop {
            let taken = {
                let work = step();
                let mut work = std::pin::pin!(work);
                loop {
                    tokio::select! {
                        taken = &mut work => break taken,
                        // A fetching stage may wait long for polite turns; its requests have time limits of their own.
                        () = tokio::time::sleep(NAP), if self.asks => self.pulse.beat(self.stage),
                        // The next stages do not wait for the last of many answers.
                        () = self.told.rung() => self.next.iter().for_each(Bell::ring),
                        // What is under way stays claimed in the store and is asked again after its floor.
                        () = wanted(shutdown.clone()), if self.asks => return,
                    }
                }
            };
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
