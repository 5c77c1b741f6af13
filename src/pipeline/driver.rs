//! Drivers: each repeats one stage until it has nothing left, then waits to be woken.
//!
//! A bell only wakes; what there is to do stands in the store. A missed ring costs nothing but time, since every
//! driver also looks by itself now and then. Each driver notes its progress in the [`Pulse`], which the watchdog
//! of the service manager is fed from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::StageResult;
use crate::clock::Clock;

/// The longest a driver sleeps, so that its pulse stays fresh and a lost ring is made good.
const NAP: Duration = Duration::from_secs(5);

/// The first wait after a stage failed; it doubles.
const STUMBLE: Duration = Duration::from_millis(500);

/// The longest wait after failures in a row: a full disk is looked at again every half minute.
const STUMBLE_CAP: Duration = Duration::from_secs(30);

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
        Self { clock, beats: Arc::default() }
    }

    /// A stage shows life.
    pub fn beat(&self, stage: &'static str) {
        self.note(stage, |_| ());
    }

    /// What each stage did.
    pub fn beats(&self) -> BTreeMap<&'static str, Beat> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The stage that has shown no life for longer than `limit`, if any.
    pub fn stuck(&self, limit: Duration) -> Option<(&'static str, Timestamp)> {
        let now = self.clock.now();
        let limit = i64::try_from(limit.as_millis()).unwrap_or(i64::MAX);
        let late = |beat: &Beat| now.as_millisecond() - beat.at.as_millisecond() > limit;
        self.beats().into_iter().find(|(_, beat)| late(beat)).map(|(stage, beat)| (stage, beat.at))
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
    /// Progress.
    pub pulse: Pulse,
}

impl Drive {
    /// Repeats `step` until it returns 0, waits for the bell, and so on until `shutdown`. A step that fails is
    /// logged once when the trouble starts and once when it is over, and tried again after a growing wait.
    pub async fn run(self, mut step: impl AsyncFnMut() -> StageResult, shutdown: Shutdown) {
        let mut stumbles = 0u32;
        loop {
            let started = self.pulse.clock.now();
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
            self.pulse.worked(self.stage, started);
            let idle = match taken {
                Ok(taken) => {
                    self.recovered(&mut stumbles);
                    self.pulse.note(self.stage, |beat| beat.rows += u64::try_from(taken).unwrap_or(u64::MAX));
                    if taken > 0 {
                        self.next.iter().for_each(Bell::ring);
                    }
                    (taken == 0).then_some(NAP)
                }
                Err(error) => {
                    let wait = STUMBLE.saturating_mul(1 << stumbles.min(6)).min(STUMBLE_CAP);
                    if stumbles == 0 {
                        tracing::error!(stage = self.stage, %error, "a stage failed; it is tried again");
                    }
                    stumbles = stumbles.saturating_add(1);
                    self.pulse.note(self.stage, |beat| {
                        beat.failures += 1;
                        beat.problem = Some(error.to_string());
                    });
                    Some(wait)
                }
            };
            if *shutdown.borrow() {
                return;
            }
            if let Some(wait) = idle {
                tokio::select! {
                    () = self.bell.rung(), if stumbles == 0 => {}
                    () = tokio::time::sleep(wait.min(NAP)) => {}
                    () = wanted(shutdown.clone()) => return,
                }
            }
        }
    }

    fn recovered(&self, stumbles: &mut u32) {
        if *stumbles > 0 {
            tracing::info!(stage = self.stage, failures = *stumbles, "the stage works again");
            *stumbles = 0;
            self.pulse.note(self.stage, |beat| beat.problem = None);
        }
    }
}
