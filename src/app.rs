//! The composition root: the only place that names every concrete type.
//!
//! In reading order: [`settings`] turns the configuration into what each module wants to know, [`stages`](Stages)
//! are built of that, [`once`] runs them in turn, [`daemon`] drives them until it is told to stop;
//! [`check`], [`diff`], [`status`], [`explain`] and [`health`] answer what operators ask, [`revive`] and [`backup`] do
//! what they say.

pub mod backup;
pub mod check;
pub mod daemon;
pub mod diff;
pub mod duplicates;
pub mod explain;
pub mod health;
pub mod import;
mod lock;
pub mod once;
pub mod revive;
pub mod settings;
pub mod status;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::config::{Config, Environment, Loaded};
use crate::fetch::Fetch;
use crate::fetch::http::HttpFetch;
use crate::fetch::polite::{Pause, Polite, Timer};
use crate::fetch::tally::Tally;
use crate::model::{Finding, Severity};
use crate::pipeline::backfill::BackFill;
use crate::pipeline::enrich::Enrich;
use crate::pipeline::group::Group;
use crate::pipeline::hub::Hub;
use crate::pipeline::poll::Poll;
use crate::pipeline::release::{Release, ReleaseRules};
use crate::pipeline::reload::Reload;
use crate::pipeline::websub::{Random, Subscriber};
use crate::pipeline::{StageError, Wire, follow};
use crate::released::Released;
use crate::schedule::visit;
use crate::store::{Identity, Store, StoreError};

/// Where the store keeps why the daemon's last reload was refused, in a line; empty if it was not.
pub const REFUSED_RELOAD: &str = "refused_reload";

/// What a command may fail with.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration cannot be used; the text is the whole report.
    #[error("{0}")]
    Config(String),
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stage cannot go on.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A client for the outside world cannot be made.
    #[error("fetch: {0}")]
    Fetch(String),
    /// An address cannot be listened on.
    #[error("cannot listen on {address} ({key}): {cause}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The key of the configuration.
        key: &'static str,
        /// Why.
        cause: std::io::Error,
    },
    /// A listener ended that should not have.
    #[error("the listener of `{0}` has ended, which is a fault of this program; see the log")]
    Deaf(&'static str),
    /// Another daemon runs on the store.
    #[error("another `newswire run` works on the store {0}: stop it, or give this one a store of its own (`store:`)")]
    Busy(PathBuf),
    /// The runtime or the machine says no.
    #[error("{0}")]
    Machine(#[from] std::io::Error),
}

/// What every command starts from: the place of the configuration, and the environment, read once.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The configuration file.
    pub file: PathBuf,
    /// Variables and working folder.
    pub environment: Environment,
    /// Now.
    pub clock: Clock,
}

impl Ground {
    /// The ground of this process; `given` is what the command line says.
    ///
    /// # Errors
    /// When the working folder cannot be had.
    pub fn of_process(given: Option<&Path>) -> Result<Self, AppError> {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let environment = Environment::new(variables, std::env::current_dir()?);
        Ok(Self { file: crate::config::locate(given, &environment), environment, clock: Clock::system() })
    }

    /// Loads the configuration with all its findings.
    #[must_use]
    pub fn load(&self) -> Loaded {
        let mut loaded = crate::config::load(&self.file, &self.environment);
        if let Some(finding) = loaded.config.as_ref().and_then(|config| self.output_among_seeds(config)) {
            loaded.findings.push(finding);
            loaded.config = None;
        }
        loaded
    }

    /// What is written must not mix with what editors write.
    fn output_among_seeds(&self, config: &Config) -> Option<Finding> {
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let output = whole(config.output.dir.as_deref()?);
        let seeds = config.seeds.paths.iter().find(|seeds| output.starts_with(whole(seeds)))?;
        Some(Finding {
            severity: Severity::Error,
            file: self.file.display().to_string(),
            place: None,
            message: format!("`output.dir` {} lies in the seed folder {}", output.display(), seeds.display()),
            help: Some("give the output a folder of its own".to_owned()),
        })
    }

    /// Loads the configuration or says why not.
    ///
    /// # Errors
    /// When any finding is an error.
    pub fn config(&self, colour: bool) -> Result<Config, AppError> {
        let loaded = self.load();
        let report = loaded.report(colour);
        loaded.config.ok_or(AppError::Config(report))
    }

    /// Opens the store of `config` and settles the wire's identity in it.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub fn open(&self, config: &Config) -> Result<Home, AppError> {
        if let Some(folder) = config.store.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| {
                let why = format!("the folder of the store, {}, cannot be made or entered: {error}", folder.display());
                std::io::Error::new(error.kind(), why)
            })?;
        }
        Home::of(Store::open(&config.store)?, self.clock.clone(), config)
    }

    /// Opens the store of `config` to look at it: one that is not there yet is empty, and is not made.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub fn look(&self, config: &Config) -> Result<Home, AppError> {
        if config.store.exists() {
            return self.open(config);
        }
        Home::of(Store::in_memory()?, self.clock.clone(), config)
    }
}

/// An open store with its settled identity. Clones share the counts.
#[derive(Clone)]
pub struct Home {
    /// Store and clock.
    pub wire: Wire,
    /// What ids are made of.
    pub identity: Identity,
    /// What was asked of the outside world.
    pub asked: Arc<Tally>,
}

impl Home {
    /// Settles the identity in `store`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(store: Store, clock: Clock, config: &Config) -> Result<Self, AppError> {
        let wanted = settings::identity(config, clock.now());
        let identity = store.write(|batch| batch.settle_identity(wanted))?;
        Ok(Self { wire: Wire { store, clock }, identity, asked: Arc::default() })
    }

    /// The rules of releasing under `config`.
    #[must_use]
    pub fn release_rules(&self, config: &Config) -> ReleaseRules {
        settings::release(config, &self.identity)
    }

    /// The stages under `config`, each asking through what `fetch` has for it, and publishing to `released`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn stages<F: Fetch + 'static>(
        &self,
        config: &Config,
        fetch: impl Fn(&'static str) -> Arc<F>,
        released: Released,
    ) -> Result<Stages<F>, AppError> {
        let wire = || self.wire.clone();
        let poll = Poll::new(wire(), fetch("poll"), settings::poll(config));
        poll.list(&config.sources)?;
        self.look_again_at_pages(&settings::guards(config))?;
        let websub = Subscriber::new(wire(), fetch("websub"), settings::websub(config), random());
        websub.list()?;
        follow::unlisted(&self.wire)?;
        Ok(Stages {
            reload: Reload::new(wire(), settings::reload(config)),
            poll,
            websub,
            backfill: BackFill::new(wire(), fetch("backfill"), settings::backfill(config)),
            group: Group::new(wire(), settings::group(config)),
            hub: Hub::new(wire(), fetch("hub"), settings::hub(config), released.clone(), random()),
            enrich: Enrich::new(wire(), fetch("enrich"), settings::enrich(config)),
            release: Release::new(wire(), self.release_rules(config), released),
        })
    }

    /// Pages that were refused under other rules than `guards` are asked leave for anew.
    fn look_again_at_pages(&self, guards: &str) -> Result<(), AppError> {
        let now = self.wire.clock.now();
        Ok(self.wire.store.write(|batch| {
            if batch.meta("fetch_guards")?.as_deref() == Some(guards) {
                return Ok(());
            }
            for (article, visit) in batch.refused_pages()? {
                batch.note_visit(article, &visit::look_again(&visit, now))?;
            }
            batch.set_meta("fetch_guards", guards)
        })?)
    }

    /// The client for the outside world under `config`, with what is remembered of hosts.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn fetch(&self, config: &Config) -> Result<Arc<HttpFetch>, AppError> {
        self.fetch_waiting(config, Arc::new(Timer))
    }

    /// The same, waiting for a host's turn by `pause`.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn fetch_waiting(&self, config: &Config, pause: Arc<dyn Pause>) -> Result<Arc<HttpFetch>, AppError> {
        let now = self.wire.clock.now();
        let since = now.saturating_sub(settings::HOST_MEMORY).unwrap_or(Timestamp::MIN);
        let rules = settings::fetch(config);
        let polite = Arc::new(Polite::with_pause(&rules, self.wire.clock.clone(), pause));
        let (hosts, robots) =
            self.wire.store.read(|view| Ok((view.hosts(since)?, view.robots(now, settings::ROBOTS_MEMORY)?)))?;
        for host in hosts {
            polite.seed(&settings::host_state(host));
        }
        let fetch = HttpFetch::new(rules, polite, self.wire.clock.clone());
        let fetch = fetch.map_err(|error| AppError::Fetch(error.to_string()))?.counting(Arc::clone(&self.asked));
        fetch.know_robots(&robots.into_iter().map(settings::robots_state).collect::<Vec<_>>());
        Ok(Arc::new(fetch))
    }
}

/// The machine's own randomness, for secrets.
fn random() -> Random {
    let machine = ring::rand::SystemRandom::new();
    Arc::new(move |bytes: &mut [u8]| ring::rand::SecureRandom::fill(&machine, bytes).is_ok())
}

/// The stages.
pub struct Stages<F> {
    /// Seed files become entries.
    pub reload: Reload,
    /// Feeds become entries.
    pub poll: Poll<F>,
    /// Hubs deliver entries.
    pub websub: Subscriber<F>,
    /// The past of new sources becomes entries.
    pub backfill: BackFill<F>,
    /// Pages make articles better.
    pub enrich: Enrich<F>,
    /// Articles become stories.
    pub group: Group,
    /// Stories become documents.
    pub release: Release,
    /// Who subscribed is told.
    pub hub: Hub<F>,
}
