//! The command line: one file a verb, each thin.
//!
//! Exit codes: 0 ok, 1 the work failed, 2 usage, 3 the configuration or seeds are wrong.

pub mod backtest;
pub mod backup;
pub mod check;
pub mod cluster;
pub mod diff;
pub mod explain;
pub mod export;
pub mod healthcheck;
pub mod import;
pub mod init;
pub mod inspect;
pub mod log;
pub mod manual;
pub mod once;
pub mod run;
pub mod schema;
pub mod status;
mod watch;

use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::app::{AppError, Ground};
use crate::fetch::http::HttpFetch;
use crate::fetch::polite::Polite;

/// The configuration or seeds are wrong.
const WRONG_CONFIG: u8 = 3;

/// A self-hosted news wire: seeds and feeds in, one entry per story out.
#[derive(Debug, Parser)]
#[command(name = "newswire", version, about, max_term_width = 100)]
pub struct Cli {
    /// The configuration file [default: `$NEWSWIRE_CONFIG`, `./config/newswire.yaml`, `/etc/newswire/newswire.yaml`]
    #[arg(short, long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// The daemon: reload, poll, enrich, group, release and serve until SIGTERM; SIGHUP reloads
    Run(run::Run),
    /// One full pass over what is due; writes the output folder and exits
    Once(once::Once),
    /// Configuration, seeds and topic rules: every error at once, and what each topic would hold
    Check(check::Check),
    /// Which stories would enter or leave each topic if one configuration replaced another
    Diff(diff::Diff),
    /// Writes a commented configuration, a seed and a systemd unit; never overwrites
    Init {
        /// Where to
        #[arg(default_value = "config")]
        dir: PathBuf,
    },
    /// Sources, pages, queues, last errors, next polls
    Status(status::Status),
    /// Why these articles are one story, and why it is or is not in a topic
    Explain(explain::Explain),
    /// What the feed reader or the page reader sees in a file or an address
    Inspect(inspect::InspectArgs),
    /// Groups a stream of articles offline, as the daemon would
    Cluster(cluster::Cluster),
    /// Groups a stream of articles and scores it against its gold stories
    Backtest(backtest::Backtest),
    /// Takes in what another program lists
    #[command(subcommand)]
    Import(import::Import),
    /// Gives out what the wire lists and holds
    #[command(subcommand)]
    Export(export::Export),
    /// Copies the store into a file, while the daemon runs; the copy is read through
    Backup(backup::Backup),
    /// Puts a copy in the place of the store, which is set aside; refuses while the daemon runs
    Restore(backup::Backup),
    /// Prints the JSON Schema of the configuration, for editors
    Schema,
    /// Asks the running daemon whether it is ready; for containers
    Healthcheck,
    /// Prints completions: `newswire completions bash > /usr/share/bash-completion/completions/newswire`
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Writes manual pages into a folder
    Man {
        /// Where to; made if need be
        dir: PathBuf,
    },
}

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    // Before any thread is started: it takes variables out of the environment.
    let sockets = crate::systemd::listeners();
    let cli = Cli::parse();
    let ground = match Ground::of_process(cli.config.as_deref()) {
        Ok(ground) => ground,
        Err(error) => return failed(&error),
    };
    match cli.verb {
        Verb::Run(run) => match sockets {
            Ok(sockets) => run.run(ground, sockets),
            Err(error) => failed(&AppError::Machine(error)),
        },
        Verb::Once(once) => once.run(&ground),
        Verb::Check(check) => check.run(&ground),
        Verb::Diff(diff) => diff.run(&ground),
        Verb::Init { dir } => init::run(&dir),
        Verb::Status(status) => status.run(&ground),
        Verb::Explain(explain) => explain.run(&ground),
        Verb::Inspect(inspect) => inspect_with(&ground, &inspect),
        Verb::Cluster(cluster) => cluster.run(),
        Verb::Backtest(backtest) => backtest.run(),
        Verb::Import(import) => import.run(&ground),
        Verb::Export(export) => export.run(&ground),
        Verb::Backup(backup) => backup.back_up(&ground),
        Verb::Restore(restore) => restore.restore(&ground),
        Verb::Completions { shell } => manual::completions(shell),
        Verb::Man { dir } => manual::pages(&dir),
        Verb::Schema => schema::run(),
        Verb::Healthcheck => match ground.config(colour()) {
            Ok(config) => runtime(healthcheck::run(config.server.admin)),
            Err(error) => failed(&error),
        },
    }
}

/// `inspect` needs no configuration, but asks addresses as one says.
fn inspect_with(ground: &Ground, inspect: &inspect::InspectArgs) -> ExitCode {
    let rules = ground.load().config.map(|config| crate::app::settings::fetch(&config)).unwrap_or_default();
    runtime(async move {
        let polite = Arc::new(Polite::new(&rules, ground.clock.clone()));
        match HttpFetch::new(rules, polite, ground.clock.clone()) {
            Ok(fetch) => inspect::run(inspect, &fetch, ground.clock.now()).await,
            Err(error) => failed(&AppError::Fetch(error.to_string())),
        }
    })
}

/// Runs `work` on a runtime of its own.
fn runtime(work: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(work);
            // A step that outlived the deadline of its end must not hold the process up.
            runtime.shutdown_background();
            code
        }
        Err(error) => failed(&AppError::Machine(error)),
    }
}

/// Tells what failed, and how.
fn failed(error: &AppError) -> ExitCode {
    match error {
        AppError::Config(report) => eprint!("{report}"),
        error => eprintln!("newswire: {error}"),
    }
    code_of(error)
}

fn code_of(error: &AppError) -> ExitCode {
    if matches!(error, AppError::Config(_)) { ExitCode::from(WRONG_CONFIG) } else { ExitCode::FAILURE }
}

/// Whether standard error is a terminal that wants colour (<https://no-color.org>).
fn colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Prints `text`; whoever has read enough and closed the pipe is no error.
fn print(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failed(&AppError::Machine(error)),
        _ => ExitCode::SUCCESS,
    }
}
