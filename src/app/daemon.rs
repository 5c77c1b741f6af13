//! The daemon: drives the stages and answers readers until it is told to stop.
//!
//! SIGTERM and SIGINT drain and end it, within a deadline; SIGHUP and a change of its files load the configuration anew
//! (`reload`). Everything reloads but `server` and `store`. What the service manager hears of it is in `manager`.

mod answers;
mod attended;
mod drive;
mod manager;
mod numbers;
mod reload;
mod serving;

use std::fs::File;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{sleep, timeout};

use super::{AppError, Ground, Home, settings, watch};
use crate::config::Config;
use crate::fetch::http::HttpFetch;
use crate::model::Digest;
use crate::pipeline::driver::{Bell, Pulse};
use crate::pipeline::hub::FollowDesk;
use crate::pipeline::images::Images;
use crate::pipeline::vigil::Vigil;
use crate::pipeline::websub::Desk;
use crate::released::Released;
use crate::serve::{Admin, Public, Traffic};
use crate::systemd;

use drive::Drivers;
use manager::Manager;
use reload::{Cause, Refused};
use serving::Serving;

/// Work of our own that shows no progress for this long is stuck: the watchdog is no longer fed.
const STUCK: Duration = Duration::from_mins(1);

/// How long steps and answers under way may take to end: a little less than what the unit grants (`TimeoutStopSec`).
const DRAIN: Duration = Duration::from_secs(20);

/// How long the store may take to be put in order at the end. It is sound without.
const CLOSE: Duration = Duration::from_secs(5);

/// Between two tries to start stages that the machine did not let start.
const AGAIN: Duration = Duration::from_secs(5);

/// The daemon in one hand.
struct Daemon {
    ground: Ground,
    home: Home,
    config: Arc<ArcSwap<Config>>,
    /// What the configuration was read from last, whether it was taken on or not.
    read: ArcSwap<Digest>,
    /// The configuration that the listeners and the store are from.
    started: Config,
    /// Held as long as the daemon lives.
    _lock: File,
    released: Released,
    pulse: Pulse,
    vigil: Vigil,
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
    manager: Manager,
    /// Why the last reload was refused.
    refused: Refused,
}

/// Runs until SIGTERM. `sockets` are those the service manager holds open, by name.
///
/// # Errors
/// When the configuration is wrong, an address is taken, or the store cannot be opened.
pub async fn run(ground: Ground, sockets: Vec<(String, TcpListener)>) -> Result<(), AppError> {
    let loaded = ground.load();
    let (report, read) = (loaded.report(false), reload::digest(&loaded));
    let config = loaded.config.ok_or(AppError::Config(report))?;
    let (public, admin) = listeners(&config, sockets)?;
    let home = ground.open(&config)?;
    let (delivered, followed) = (Bell::default(), Bell::default());
    let (released, refused, vigil) = (Released::new(), Refused::default(), Vigil::default());
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
        read: ArcSwap::from_pointee(read),
        config: Arc::new(ArcSwap::from_pointee(config)),
        released,
        manager: Manager::of_process(home.clone(), refused.clone(), vigil.clone()),
        refused,
        vigil,
        ground,
        home,
    };
    daemon.run(public, admin).await
}

impl Daemon {
    async fn run(self, public: TcpListener, admin: TcpListener) -> Result<(), AppError> {
        let (mut end, mut hang_up) = (End::signals()?, signal(SignalKind::hangup())?);
        let mut serving = self.serve(public, admin)?;
        let mut drivers = tokio::select! {
            started = Drivers::start(&self, true) => Some(started?),
            // A first load may be long. What it did not commit is read again at the next start.
            () = end.wanted() => return self.drain(None, serving).await,
        };
        serving.open();
        self.remember(None);
        tracing::info!(status = self.manager.ready(), "ready");
        let told = self.manager.keep_told();
        let changed = Bell::default();
        let _watch = self.watch_files(&changed);
        loop {
            let cause = tokio::select! {
                biased;
                () = end.wanted() => break,
                key = serving.broken() => return Err(AppError::Deaf(key)),
                _ = hang_up.recv() => Some(Cause::HangUp),
                () = changed.rung() => Some(Cause::Files),
                () = sleep(AGAIN), if drivers.is_none() => None,
            };
            let reloaded = async {
                match cause {
                    Some(cause) => self.reload(cause, &mut drivers, &serving).await,
                    None => self.start_again(&mut drivers).await,
                }
            };
            tokio::select! {
                () = reloaded => {}
                () = end.wanted() => break,
            }
        }
        drop(told);
        self.drain(drivers, serving).await
    }

    /// Lets what is under way end, but not for ever: what a step had not committed is done again after the next start.
    async fn drain(self, drivers: Option<Drivers>, serving: Serving) -> Result<(), AppError> {
        tracing::info!("stopping");
        self.manager.stopping();
        let stages = async {
            if let Some(drivers) = drivers {
                drivers.stop().await;
            }
        };
        if timeout(DRAIN, async { tokio::join!(stages, serving.stop()) }).await.is_err() {
            tracing::warn!(limit_s = DRAIN.as_secs(), "a step took too long and is cut off");
            return Ok(());
        }
        let store = self.home.wire.store.clone();
        match timeout(CLOSE, tokio::task::spawn_blocking(move || store.close())).await {
            Ok(Ok(Ok(()))) => tracing::info!("stopped"),
            Ok(Ok(Err(error))) => tracing::warn!(%error, "stopped; the store is sound, but could not be put in order"),
            Ok(Err(_)) | Err(_) => tracing::warn!("stopped; the store is sound, but was busy to the last"),
        }
        Ok(())
    }

    /// Rings `changed` when the configuration's files change. Where they cannot be watched, SIGHUP reloads.
    fn watch_files(&self, changed: &Bell) -> Option<watch::Watch> {
        let bell = changed.clone();
        let watch = watch::watch(&self.files(), move || bell.ring());
        // What changed while nobody watched yet.
        changed.ring();
        watch.inspect_err(|problem| tracing::warn!(problem, "the configuration cannot be watched; use SIGHUP")).ok()
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
        Ok(Serving::start((readers, public), (operators, admin), &self.vigil)?)
    }
}

/// The signals that end the daemon.
struct End {
    terminate: Signal,
    interrupt: Signal,
}

impl End {
    fn signals() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wanted(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
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
    let own = |address, key| serving::listen(address).map_err(|cause| AppError::Listen { address, key, cause });
    Ok((
        public.map_or_else(|| own(config.server.listen, "server.listen"), Ok)?,
        admin.map_or_else(|| own(config.server.admin, "server.admin"), Ok)?,
    ))
}
