//! One full pass over what is due: for cron, CI and static hosting.

use std::sync::Arc;

use serde::Serialize;

use super::{AppError, Home, Stages};
use crate::config::Config;
use crate::fetch::Fetch;
use crate::pipeline::StageResult;
use crate::released::Released;
use crate::store::Counts;

/// Seed files in one transaction: enough to make its cost small, few enough to be prompt.
pub const SEEDS: usize = 256;

/// Articles or stories in one transaction. A backlog touches most of the store's pages in any order: the more of it
/// one transaction takes, the seldomer each page is written.
pub const BATCH: usize = 2048;

/// Pages or sources in one step.
pub const ROUND: usize = 1024;

/// What a pass did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// Seed files read or withdrawn.
    pub seeds_read: usize,
    /// Sources asked.
    pub sources_asked: usize,
    /// Archive pages of sources asked.
    pub archives_asked: usize,
    /// Article pages asked.
    pub pages_asked: usize,
    /// Articles placed, anew or again.
    pub articles_grouped: usize,
    /// Stories judged and editions rendered.
    pub released: usize,
    /// What there is now.
    pub totals: Counts,
    /// Pages and sources in trouble.
    pub in_trouble: usize,
    /// Seed folders that could not be read.
    pub problems: Vec<String>,
}

/// Somebody who wants to know how the pass goes on.
pub trait Progress {
    /// A stage begins; `total` rows wait, where that is known.
    fn stage(&self, name: &'static str, total: Option<u64>);
    /// So many more rows were taken.
    fn advance(&self, rows: usize);
}

/// Nobody.
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _name: &'static str, _total: Option<u64>) {}
    fn advance(&self, _rows: usize) {}
}

/// Runs every stage until it has nothing left. `force` also asks sources that are not due.
///
/// # Errors
/// When a stage fails. A failed fetch is no error: it is in the store and in `status`.
pub async fn once<F: Fetch + 'static>(
    home: &Home,
    config: &Config,
    fetch: Arc<F>,
    force: bool,
    progress: &impl Progress,
) -> Result<Summary, AppError> {
    let stages = home.stages(config, |_| Arc::clone(&fetch), Released::unread())?;
    if force {
        stages.poll.force()?;
    }
    pass(home, &stages, progress).await
}

/// Runs the stages in turn, those that fetch before and after the first release, so that what is already known is
/// out before anybody is waited for.
///
/// # Errors
/// As [`once`].
pub async fn pass<F: Fetch + 'static>(
    home: &Home,
    stages: &Stages<F>,
    progress: &impl Progress,
) -> Result<Summary, AppError> {
    let mut summary =
        Summary { seeds_read: repeat("reload", None, progress, || stages.reload.step(SEEDS))?, ..Summary::default() };
    summary.problems = stages.reload.problems();
    group_and_release(home, stages, progress, &mut summary)?;
    progress.stage("poll", None);
    while let taken @ 1.. = stages.poll.step(ROUND).await? {
        summary.sources_asked += taken;
        progress.advance(taken);
    }
    progress.stage("backfill", None);
    while let taken @ 1.. = stages.backfill.step(ROUND).await? {
        summary.archives_asked += taken;
        progress.advance(taken);
    }
    progress.stage("enrich", Some(home.wire.store.read(|view| view.pages_planned())?));
    while let taken @ 1.. = stages.enrich.step(ROUND).await? {
        summary.pages_asked += taken;
        progress.advance(taken);
    }
    group_and_release(home, stages, progress, &mut summary)?;
    // An outside hub is told; our own followers are sent to by the daemon, which has the documents in memory.
    stages.hub.step(ROUND).await?;
    home.wire.store.read(|view| {
        summary.totals = view.counts()?;
        summary.in_trouble = view.troubles(usize::MAX)?.len() + view.sources_in_trouble()?;
        Ok(())
    })?;
    Ok(summary)
}

fn group_and_release<F: Fetch + 'static>(
    home: &Home,
    stages: &Stages<F>,
    progress: &impl Progress,
    summary: &mut Summary,
) -> Result<(), AppError> {
    let waiting = home.wire.store.read(|view| view.waiting_to_group())?;
    summary.articles_grouped += repeat("group", Some(waiting), progress, || stages.group.step(BATCH))?;
    summary.released += repeat("release", None, progress, || stages.release.step(BATCH))?;
    Ok(())
}

fn repeat(
    name: &'static str,
    total: Option<u64>,
    progress: &impl Progress,
    step: impl Fn() -> StageResult,
) -> Result<usize, AppError> {
    progress.stage(name, total);
    let mut all = 0;
    while let taken @ 1.. = step()? {
        all += taken;
        progress.advance(taken);
    }
    Ok(all)
}
