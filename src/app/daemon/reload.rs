//! Reloading: what the files say now is taken on as a whole, or not at all.
//!
//! SIGHUP and a change of the files are its causes. A configuration with an error, one whose topic tests fail, and one
//! that the machine cannot follow change nothing: the old one stays in force, and the log, `status`, the metrics and the
//! service manager say so. Nothing here ends the daemon.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::drive::Drivers;
use super::serving::Serving;
use super::{Daemon, STUCK};
use crate::app::{AppError, REFUSED_RELOAD, settings};
use crate::config::{Config, Loaded};
use crate::model::{Digest, Severity};

/// Why there is a reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// SIGHUP: everything is read anew, secrets too.
    HangUp,
    /// The files may have changed. If not, nothing happens.
    Files,
}

/// Why the last reload was refused, if it was. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Refused(Arc<ArcSwapOption<Refusal>>);

/// Why the last reload was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// One line that shows nothing of the files: where, and how many mistakes.
    pub(super) short: String,
    /// All of it, with the lines shown: for the log and the admin listener.
    pub(super) report: String,
}

impl Refused {
    /// Why the last reload was refused, if it was.
    pub(super) fn refusal(&self) -> Option<Arc<Refusal>> {
        self.0.load_full()
    }
}

impl Refusal {
    fn of_files(loaded: &Loaded) -> Self {
        let mut errors = loaded.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let first = errors.next().map_or_else(String::new, |finding| match finding.place {
            Some(place) => format!("{}:{}:{}", finding.file, place.line, place.column),
            None => finding.file.clone(),
        });
        let others = match errors.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let short = format!("{first}{others} (`newswire check` shows it)");
        Self { short, report: loaded.report(false) }
    }

    fn of_machine(error: &AppError) -> Self {
        Self { short: error.to_string(), report: error.to_string() }
    }
}

/// What a configuration was read from, to tell whether it changed.
pub(super) fn digest(loaded: &Loaded) -> Digest {
    Digest::of(format!("{:?}", loaded.texts).as_bytes())
}

impl Daemon {
    /// The file, and the folder beside it that may hold more.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let file = self.ground.file.clone();
        let more = file.with_file_name("conf.d");
        vec![file, more]
    }

    /// Takes on what the files say now, or keeps what is in force. Without drivers afterwards the machine follows
    /// neither, and the caller tries again.
    pub(super) async fn reload(&self, cause: Cause, drivers: &mut Option<Drivers>, serving: &Serving) {
        let loaded = self.ground.load();
        let read = Arc::new(digest(&loaded));
        if *self.read.swap(Arc::clone(&read)) == *read && cause == Cause::Files {
            return;
        }
        tracing::info!(file = %self.ground.file.display(), ?cause, "reloading");
        self.manager.reloading();
        let refusal = match self.judged(loaded) {
            Ok(config) => self.take_on(config, drivers, serving).await.err().map(|error| Refusal::of_machine(&error)),
            Err(refusal) => Some(refusal),
        };
        self.remember(refusal.as_ref());
        let refusal = refusal.map(Arc::new);
        self.refused.0.store(refusal.clone());
        if let Some(refusal) = refusal {
            let report = &refusal.report;
            tracing::error!("the new configuration is refused, the old one stays in force:\n{report}");
            drivers.iter().for_each(Drivers::request_reload);
        } else {
            tracing::info!("reloaded");
        }
        self.manager.ready();
    }

    /// The configuration, if it is right and what it asks for can be built.
    fn judged(&self, loaded: Loaded) -> Result<Config, Refusal> {
        let refusal = Refusal::of_files(&loaded);
        let config = loaded.config.ok_or(refusal)?;
        // Made only to be sure: what cannot be built must not replace what works.
        self.home.fetch(&config).map_err(|error| Refusal::of_machine(&error))?;
        if (&config.server, &config.store) != (&self.started.server, &self.started.store) {
            tracing::warn!("`server` and `store` do not reload: restart to change them");
        }
        Ok(config)
    }

    /// Puts `config` in the place of the one in force, and that one back if its drivers do not start.
    async fn take_on(&self, config: Config, drivers: &mut Option<Drivers>, serving: &Serving) -> Result<(), AppError> {
        let before = self.config.load_full();
        if let Some(running) = drivers.take() {
            running.stop().await;
        }
        self.swap(Arc::new(config), serving);
        match Drivers::start(self, false).await {
            Ok(started) => {
                *drivers = Some(started);
                Ok(())
            }
            Err(error) => {
                self.swap(before, serving);
                self.start_again(drivers).await;
                Err(error)
            }
        }
    }

    fn swap(&self, config: Arc<Config>, serving: &Serving) {
        // Before anything is released under it: no document must name itself otherwise than its header does.
        serving.move_to(settings::public(&config));
        self.config.store(config);
    }

    /// Starts the drivers of the configuration in force, if the machine lets them.
    pub(super) async fn start_again(&self, drivers: &mut Option<Drivers>) {
        let watched = self.vigil.watch("restart", STUCK);
        match Drivers::start(self, false).await {
            Ok(started) => *drivers = Some(started),
            Err(error) => tracing::error!(%error, "the stages cannot start; they are tried again, and readers served"),
        }
        watched.gets_on();
    }

    /// Keeps the refusal where `newswire status` finds it, or forgets it.
    pub(super) fn remember(&self, refusal: Option<&Refusal>) {
        let short = refusal.map_or("", |refusal| refusal.short.as_str());
        let kept = self.home.wire.store.write(|batch| batch.set_meta(REFUSED_RELOAD, short));
        if let Err(error) = kept {
            tracing::debug!(%error, "`newswire status` cannot be told of the reload");
        }
    }
}
