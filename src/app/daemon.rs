//! The daemon: drives the stages and answers readers until it is told to stop.
//!
//! SIGTERM and SIGINT drain and end it; SIGHUP loads the configuration anew. A configuration with an error changes
//! nothing: the old one stays in force and the log, the service manager and `/status` say so. Everything reloads but
//! `server` and `store`.

mod answers;
mod drive;
mod serving;

use std::fs::File;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::signal::unix::{SignalKind, signal};

use super::{AppError, Ground, Home, settings};
use crate::config::Config;
use crate::fetch::http::HttpFetch;
use crate::pipeline::driver::{Bell, Pulse};
use crate::pipeline::hub::FollowDesk;
use crate::pipeline::images::Images;
use crate::pipeline::websub::Desk;
use crate::released::Released;
use crate::serve::{Admin, Public, Traffic};
use crate::systemd::{self, Notifier};

use drive::{Drivers, Ready};
use serving::Serving;

/// A stage that shows no life for this long is stuck: the watchdog is no longer fed.
const STUCK: Duration = Duration::from_mins(1);

/// The daemon in one hand.
struct Daemon {
    ground: Ground,
    home: Home,
    config: Arc<ArcSwap<Config>>,
    /// The configuration that the listeners and the store are from.
    started: Config,
    /// Held as long as the daemon lives.
    _lock: File,
    released: Released,
    pulse: Pulse,
    /// Rung when a hub has delivered.
    delivered: Bell,
    /// Hears hubs.
    desk: Desk,
    /// Rung when somebody wants to follow a feed.
    followed: Bell,
    /// Hears those who do.
    follow_desk: FollowDesk,
    /// Pictures for readers.
    images: Images,
    /// The client of the drivers that run, once they do.
    fetch: Arc<ArcSwap<Option<Arc<HttpFetch>>>>,
    notifier: Notifier,
    /// Why the last reload was refused.
    refused: Arc<ArcSwap<Option<String>>>,
}

/// Runs until SIGTERM. `sockets` are those the service manager holds open, by name.
///
/// # Errors
/// When the configuration is wrong, an address is taken, or the store cannot be opened.
pub async fn run(ground: Ground, sockets: Vec<(String, TcpListener)>) -> Result<(), AppError> {
    let config = ground.config(false)?;
    let (public, admin) = listeners(&config, sockets)?;
    let home = ground.open(&config)?;
    let (delivered, followed) = (Bell::default(), Bell::default());
    let released = Released::new();
    let daemon = Daemon {
        follow_desk: FollowDesk::new(home.wire.clone(), released.clone(), followed.clone()),
        followed,
        desk: Desk::new(home.wire.clone(), delivered.clone()),
        delivered,
        images: Images::new(home.wire.clone(), config.store.with_extension("images")),
        fetch: Arc::default(),
        _lock: super::lock::lock(&config.store)?,
        started: config.clone(),
        pulse: Pulse::new(ground.clock.clone()),
        config: Arc::new(ArcSwap::from_pointee(config)),
        released,
        notifier: Notifier::from_env(),
        refused: Arc::default(),
        ground,
        home,
    };
    daemon.run(public, admin).await
}

impl Daemon {
    async fn run(self, public: TcpListener, admin: TcpListener) -> Result<(), AppError> {
        let mut hang_up = signal(SignalKind::hangup())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut serving = self.serve(public, admin)?;
        let mut watchdog = systemd::watchdog_interval().map(tokio::time::interval);
        let ready = Ready::of(&self, &self.config.load())?;
        let mut drivers = tokio::select! {
            started = Drivers::start(&self, ready, true) => started?,
            // A first load may be long. What it did not commit is read again at the next start.
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
        };
        let status = self.status_line();
        tracing::info!(status, "ready");
        tell(self.notifier.ready(&status));
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => {
                    drivers = self.reload(drivers, &serving).await?;
                }
                () = beat(&mut watchdog) => self.feed_watchdog(),
                key = serving.broken() => return Err(AppError::Deaf(key)),
            }
        }
        tracing::info!("stopping");
        tell(self.notifier.stopping());
        tokio::join!(drivers.stop(), serving.stop());
        if let Err(error) = self.home.wire.store.close() {
            // All that was committed is in its log, and is read from there at the next start.
            tracing::warn!(%error, "the store could not be tidied");
        }
        tracing::info!("stopped");
        Ok(())
    }

    /// Takes on a new configuration, or keeps the old one.
    async fn reload(&self, drivers: Drivers, serving: &Serving) -> Result<Drivers, AppError> {
        tracing::info!(file = %self.ground.file.display(), "reloading");
        tell(self.notifier.reloading());
        let loaded = self.ground.load();
        let report = loaded.report(false);
        let accepted = match loaded.config {
            None => Err(report),
            // Made before anything stops: what cannot be built must not replace what works.
            Some(config) => Ready::of(self, &config).map(|ready| (config, ready)).map_err(|error| format!("{error}\n")),
        };
        let drivers = match accepted {
            Ok((config, ready)) => {
                if (&config.server, &config.store) != (&self.started.server, &self.started.store) {
                    tracing::warn!("`server` and `store` do not reload: restart to change them");
                }
                drivers.stop().await;
                // Before anything is released under it: no document must name itself otherwise than its header does.
                serving.move_to(settings::public(&config));
                self.config.store(Arc::new(config));
                self.refused.store(Arc::default());
                Drivers::start(self, ready, false).await?
            }
            Err(report) => {
                tracing::error!("the new configuration is refused, the old one stays in force:\n{report}");
                self.refused.store(Arc::new(Some(report)));
                drivers.request_reload();
                drivers
            }
        };
        let status = self.status_line();
        if self.refused.load().is_none() {
            tracing::info!(status, "reloaded");
        }
        tell(self.notifier.ready(&status));
        Ok(drivers)
    }

    fn serve(&self, public: TcpListener, admin: TcpListener) -> Result<Serving, AppError> {
        let traffic = Arc::new(Traffic::default());
        let answers = answers::answers(self);
        let config = self.config.load();
        let readers = Public::new(
            self.released.clone(),
            settings::public(&config),
            answers.clone(),
            Arc::clone(&traffic),
            self.ground.clock.clone(),
        );
        let operators = Admin::new(settings::admin(), answers, traffic);
        tracing::info!(readers = %public.local_addr()?, operators = %admin.local_addr()?, "listening");
        Ok(Serving::start((readers, public), (operators, admin))?)
    }

    fn feed_watchdog(&self) {
        match self.pulse.stuck(STUCK) {
            None => {
                tell(self.notifier.watchdog());
                tell(self.notifier.status(&self.status_line()));
            }
            Some((stage, since)) => tracing::error!(stage, %since, "a stage is stuck; the watchdog is not fed"),
        }
    }

    fn status_line(&self) -> String {
        let counts = self.home.wire.store.read(|view| view.counts()).unwrap_or_default();
        let line = format!(
            "{} stories of {} articles from {} seeds and {} sources",
            counts.stories, counts.articles, counts.seeds, counts.sources
        );
        if self.refused.load().is_some() {
            return format!("{line}; the last reload was refused, see the log");
        }
        line
    }
}

/// The service manager may be gone; that is no reason to stop.
fn tell(told: std::io::Result<()>) {
    if let Err(error) = told {
        tracing::debug!(%error, "the service manager does not listen");
    }
}

async fn beat(watchdog: &mut Option<tokio::time::Interval>) {
    match watchdog {
        Some(interval) => {
            interval.tick().await;
        }
        None => std::future::pending().await,
    }
}

/// The listeners of the service manager where it has some, else our own.
fn listeners(config: &Config, sockets: Vec<(String, TcpListener)>) -> Result<(TcpListener, TcpListener), AppError> {
    let mut public = None;
    let mut admin = None;
    for (name, socket) in sockets {
        if name == systemd::ADMIN {
            admin = Some(socket);
        } else {
            public = Some(socket);
        }
    }
    let own = |address, key| TcpListener::bind(address).map_err(|cause| AppError::Listen { address, key, cause });
    Ok((
        public.map_or_else(|| own(config.server.listen, "server.listen"), Ok)?,
        admin.map_or_else(|| own(config.server.admin, "server.admin"), Ok)?,
    ))
}
