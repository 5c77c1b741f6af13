//! What the service manager is told: readiness, one line of status, reloads, and that the daemon gets on.
//!
//! The watchdog is fed only while everyone who is expected to get on does ([`Vigil`]): a stage that hangs starves it, and
//! the manager starts the daemon anew. That nobody listens is no reason to stop.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::interval;

use super::reload::Refused;
use crate::app::Home;
use crate::pipeline::vigil::Vigil;
use crate::systemd::{self, Notifier};

/// How often the line of status is looked at where no watchdog asks for it.
const STATUS_TICK: Duration = Duration::from_secs(30);

/// Tells the service manager. Cheap to clone.
#[derive(Clone)]
pub(super) struct Manager {
    notifier: Notifier,
    home: Home,
    refused: Refused,
    vigil: Vigil,
    /// The line of status that was told last; none while a reload is under way, whose end tells it.
    told: Arc<Mutex<Option<String>>>,
}

impl Manager {
    /// The one whose socket the environment names, if any.
    pub(super) fn of_process(home: Home, refused: Refused, vigil: Vigil) -> Self {
        Self { notifier: Notifier::from_env(), home, refused, vigil, told: Arc::default() }
    }

    /// Start-up goes on, `what` is how far it is, and may take as long again as a step may.
    pub(super) fn starting(&self, what: &str) {
        tell(self.notifier.starting(&format!("starting: {what}"), super::STUCK));
    }

    /// Start-up or a reload is over. Gives the line of status.
    pub(super) fn ready(&self) -> String {
        let mut told = self.told();
        let status = self.status();
        tell(self.notifier.ready(&status));
        *told = Some(status.clone());
        status
    }

    /// A reload begins; [`Manager::ready`] must follow.
    pub(super) fn reloading(&self) {
        *self.told() = None;
        tell(self.notifier.reloading());
    }

    /// The daemon drains.
    pub(super) fn stopping(&self) {
        tell(self.notifier.stopping("draining: requests in flight end"));
    }

    /// From now on, until the answer is dropped, the watchdog is fed and the line of status kept true.
    pub(super) fn keep_told(&self) -> JoinSet<()> {
        let (manager, watchdog) = (self.clone(), systemd::watchdog_interval());
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut tick = interval(watchdog.unwrap_or(STATUS_TICK));
            loop {
                tick.tick().await;
                if watchdog.is_some() {
                    manager.feed();
                }
                manager.update();
            }
        });
        task
    }

    fn feed(&self) {
        match self.vigil.stuck() {
            None => tell(self.notifier.watchdog()),
            Some((who, since)) => {
                tracing::error!(who, since_s = since.as_secs(), "no progress; the watchdog is not fed");
            }
        }
    }

    fn update(&self) {
        let mut told = self.told();
        let status = self.status();
        if told.as_ref().is_some_and(|told| *told != status) {
            tell(self.notifier.status(&status));
            *told = Some(status);
        }
    }

    fn told(&self) -> MutexGuard<'_, Option<String>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One line of how it is.
    fn status(&self) -> String {
        let counts = self.home.wire.store.read(|view| view.counts()).unwrap_or_default();
        let line = format!(
            "{} stories of {} articles from {} seeds and {} sources",
            counts.stories, counts.articles, counts.seeds, counts.sources
        );
        match self.refused.refusal() {
            Some(refusal) => format!("the last reload was refused: {}; {line}", refusal.short),
            None => line,
        }
    }
}

fn tell(told: io::Result<()>) {
    if let Err(error) = told {
        tracing::debug!(%error, "the service manager does not listen");
    }
}
