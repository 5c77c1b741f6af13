//! The drivers of one configuration: started, woken, stopped together.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::attended::Attended;
use super::{Daemon, STUCK};
use crate::app::once::{BATCH, SEEDS};
use crate::app::watch::{self as folders, Watch};
use crate::app::{AppError, Stages};
use crate::clock::Clock;
use crate::config::Config;
use crate::pipeline::driver::{Bell, Drive, Shutdown, wanted};
use crate::pipeline::{StageError, StageResult};
use crate::schedule::backoff;
use crate::schedule::cron::Cron;

/// Pages or sources in one step of the daemon: small, so that what comes due meanwhile is seen soon.
const ROUND: usize = 256;

/// How often the pages are looked at for one that has come due.
const PAGE_TICK: Duration = Duration::from_secs(1);

/// A schedule names minutes. Which second of them a wire polls at is its own, so that not all wires of the world ask at
/// the first second of an hour.
const POLL_PHASE_S: i64 = 59;

/// Wall clocks jump: a wait for a time of the schedule looks at the clock at least this often.
const CLOCK_TICK: Duration = Duration::from_secs(20);

/// Requests that may stand before one in a host's line: of each stage that asks one, and its robots.txt.
const LINE: u32 = 10;

/// A clock that says less than it did by more than this was set back; less is an ordinary correction.
const SET_BACK: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);

/// The running drivers.
pub(super) struct Drivers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    stages: Arc<Stages<Attended>>,
    reload: Bell,
    _watch: Option<Watch>,
}

impl Drivers {
    /// Builds the stages of the daemon's configuration, releases what the store holds, and starts the drivers.
    /// `is_first`: nothing is served yet.
    ///
    /// # Errors
    /// When the client or the stages cannot be made, the store is damaged, or, after a reload, a stage fails. What else
    /// goes wrong at the first start passes: the drivers try again.
    pub(super) async fn start(daemon: &Daemon, is_first: bool) -> Result<Self, AppError> {
        let config = daemon.config.load_full();
        let fetch = daemon.home.fetch(&config)?;
        daemon.fetch.store(Arc::new(Some(Arc::clone(&fetch))));
        let attended = |stage| Arc::new(Attended::new(Arc::clone(&fetch), daemon.vigil.clone(), stage));
        let stages = Arc::new(daemon.home.stages(&config, attended, daemon.released.clone())?);
        match first_release(daemon, &stages, is_first).await {
            Err(StageError::Store(error)) if error.is_damage() => return Err(error.into()),
            // The configuration before this one works: what the machine does not let happen is refused.
            Err(error) if !is_first => return Err(error.into()),
            // The driver of the stage meets the same, says it, and goes on trying.
            Err(_) | Ok(()) => {}
        }
        let (stop, stopped) = watch::channel(false);
        let bells = Bells { deliver: daemon.delivered.clone(), hub: daemon.followed.clone(), ..Bells::default() };
        let mut tasks = JoinSet::new();
        bells.spawn(&mut tasks, &stages, daemon, &stopped);
        let clock = &daemon.ground.clock;
        let on_reload = {
            let (stages, bell) = (Arc::clone(&stages), bells.reload.clone());
            move || {
                stages.reload.request();
                bell.ring();
            }
        };
        let reload = config.seeds.reload.clone();
        tasks.spawn(on_schedule(reload, Duration::ZERO, clock.clone(), on_reload.clone(), stopped.clone()));
        let poll = bells.poll.clone();
        let phase = Duration::from_secs(backoff::spread(&config.site.base_url, POLL_PHASE_S).unsigned_abs());
        let ring = move || poll.ring();
        tasks.spawn(on_schedule(config.schedule.poll.clone(), phase, clock.clone(), ring, stopped.clone()));
        let enrich = bells.enrich.clone();
        tasks.spawn(every(PAGE_TICK, move || enrich.ring(), stopped));
        let watch = config.seeds.watch.then(|| folders::watch(&config.seeds.paths, on_reload.clone())).transpose();
        let watch = watch.unwrap_or_else(|problem| {
            tracing::warn!(problem, "the seed folders cannot be watched; the schedule still reloads them");
            None
        });
        // What changed while nobody watched yet.
        on_reload();
        Ok(Self { stop, tasks, stages, reload: bells.reload, _watch: watch })
    }

    /// Asks for a reload of the seeds.
    pub(super) fn request_reload(&self) {
        self.stages.reload.request();
        self.reload.ring();
    }

    /// Lets every driver finish the step it is in.
    pub(super) async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// What the store holds is served before anything else is done. One that holds nothing at the first start takes in the
/// seeds before: readers are told to come back, and none meets an empty feed.
async fn first_release(daemon: &Daemon, stages: &Arc<Stages<Attended>>, is_first: bool) -> Result<(), StageError> {
    let watched = daemon.vigil.watch("first release", STUCK);
    let gets_on = |rows: usize, what: &str| {
        watched.gets_on();
        if is_first {
            daemon.manager.starting(&format!("{rows} {what}"));
        }
    };
    if is_first && daemon.home.wire.store.read(|view| view.counts())?.stories == 0 {
        repeat(stages, |stages| stages.reload.step(SEEDS), |rows| gets_on(rows, "seed files read")).await?;
        repeat(stages, |stages| stages.group.step(BATCH), |rows| gets_on(rows, "articles grouped")).await?;
    }
    repeat(stages, |stages| stages.release.step(BATCH), |rows| gets_on(rows, "changes released")).await
}

/// Repeats `step` until it has nothing left; `done` is told how much was done, after each.
async fn repeat(
    stages: &Arc<Stages<Attended>>,
    step: fn(&Stages<Attended>) -> StageResult,
    done: impl Fn(usize),
) -> Result<(), StageError> {
    let mut rows = 0;
    while let taken @ 1.. = blocking(stages, step).await? {
        rows += taken;
        done(rows);
    }
    Ok(())
}

/// The longest that a stage may show no answer which asks other machines: turns are waited for, and requests have a
/// time limit of their own.
fn longest_silence(config: &Config) -> Duration {
    let gap = config.fetch.host_gaps.values().max().copied().unwrap_or_default().max(config.fetch.gap);
    STUCK.saturating_add(gap.saturating_add(config.fetch.timeout).saturating_mul(LINE))
}

#[derive(Default)]
struct Bells {
    reload: Bell,
    poll: Bell,
    deliver: Bell,
    websub: Bell,
    backfill: Bell,
    enrich: Bell,
    group: Bell,
    release: Bell,
    hub: Bell,
}

impl Bells {
    fn spawn(&self, tasks: &mut JoinSet<()>, stages: &Arc<Stages<Attended>>, daemon: &Daemon, stopped: &Shutdown) {
        let silence = longest_silence(&daemon.config.load());
        let drive = |stage, asks, bell: &Bell, next: &[&Bell]| Drive {
            stage,
            asks,
            bell: bell.clone(),
            told: Bell::default(),
            next: next.iter().map(|bell| (*bell).clone()).collect(),
            pulse: daemon.pulse.clone(),
            vigil: daemon.vigil.clone(),
            patience: if asks { silence } else { STUCK },
        };
        let reload = drive("reload", false, &self.reload, &[&self.group, &self.release, &self.enrich]);
        let poll = drive("poll", true, &self.poll, &[&self.group, &self.release, &self.enrich, &self.websub]);
        let poll = Drive { told: stages.poll.settled(), ..poll };
        let deliver = drive("deliver", false, &self.deliver, &[&self.group, &self.release, &self.enrich]);
        let websub = drive("websub", true, &self.websub, &[]);
        let backfill = drive("backfill", true, &self.backfill, &[&self.group, &self.release, &self.enrich]);
        let enrich = drive("enrich", true, &self.enrich, &[&self.group, &self.release]);
        let enrich = Drive { told: stages.enrich.settled(), ..enrich };
        let group = drive("group", false, &self.group, &[&self.release]);
        let release = drive("release", false, &self.release, &[&self.hub]);
        let hub = drive("hub", true, &self.hub, &[]);
        let shared = || Arc::clone(stages);
        let (held, whole) = (shared(), self.group.clone());
        let reload_step = async move || {
            let taken = blocking(&held, |stages| stages.reload.step(SEEDS)).await;
            // Grouping may have waited for this pass even if it found nothing.
            whole.ring();
            taken
        };
        tasks.spawn(reload.run(reload_step, stopped.clone()));
        let held = shared();
        tasks.spawn(poll.run(async move || held.poll.step(ROUND).await, stopped.clone()));
        let held = shared();
        tasks.spawn(
            deliver.run(async move || blocking(&held, |stages| stages.websub.take(BATCH)).await, stopped.clone()),
        );
        let held = shared();
        tasks.spawn(websub.run(async move || held.websub.step(ROUND).await, stopped.clone()));
        let held = shared();
        tasks.spawn(hub.run(async move || held.hub.step(ROUND).await, stopped.clone()));
        let held = shared();
        tasks.spawn(backfill.run(async move || held.backfill.step(ROUND).await, stopped.clone()));
        let held = shared();
        tasks.spawn(enrich.run(async move || held.enrich.step(ROUND).await, stopped.clone()));
        let held = shared();
        tasks.spawn(group.run(async move || blocking(&held, group_step).await, stopped.clone()));
        let held = shared();
        tasks.spawn(
            release.run(async move || blocking(&held, |stages| stages.release.step(BATCH)).await, stopped.clone()),
        );
    }
}

/// Grouping waits for a reload to be whole, so that a backlog is taken in the order of publication, not of files.
fn group_step(stages: &Stages<Attended>) -> StageResult {
    stages.group.prepare()?;
    if stages.reload.is_pending() { Ok(0) } else { stages.group.step(BATCH) }
}

async fn blocking(
    stages: &Arc<Stages<Attended>>,
    step: impl FnOnce(&Stages<Attended>) -> StageResult + Send + 'static,
) -> StageResult {
    let stages = Arc::clone(stages);
    let done = tokio::task::spawn_blocking(move || step(&stages)).await;
    done.unwrap_or_else(|error| Err(StageError::Panic(error.to_string())))
}

/// Calls `due` at every time of the schedule, `phase` late. Times missed while the machine slept are made good once, and
/// a clock that was set back does not put the next one off.
async fn on_schedule(cron: Cron, phase: Duration, clock: Clock, due: impl Fn(), stopped: Shutdown) {
    let now = || clock.now().saturating_sub(phase).unwrap_or(Timestamp::MIN);
    let mut seen = now();
    let mut next = cron.next_after(seen);
    while let Some(at) = next {
        let now = now();
        let is_set_back = seen.duration_since(now) > SET_BACK;
        seen = now;
        if is_set_back || now >= at {
            due();
            next = cron.next_after(now);
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(until(at, now).min(CLOCK_TICK)) => {}
            () = wanted(stopped.clone()) => return,
        }
    }
}

async fn every(period: Duration, due: impl Fn(), stopped: Shutdown) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(period) => due(),
            () = wanted(stopped.clone()) => return,
        }
    }
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    let millis = at.as_millisecond().saturating_sub(now.as_millisecond()).max(1);
    Duration::from_millis(u64::try_from(millis).unwrap_or(1))
}
