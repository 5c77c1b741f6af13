//! `newswire run`: the daemon.

use std::net::TcpListener;
use std::process::ExitCode;

use clap::Args;

use super::log::{self, LogFormat};
use crate::app::{Ground, daemon};

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// How to write the log on standard error [default: what the journal reads under systemd, else text]
    #[arg(long, value_name = "FORMAT", env = "NEWSWIRE_LOG_FORMAT")]
    log_format: Option<LogFormat>,
}

impl Run {
    /// Runs until SIGTERM.
    #[must_use]
    pub fn run(self, ground: Ground, sockets: Vec<(String, TcpListener)>) -> ExitCode {
        let is_for_people = log::start(self.log_format, "info");
        super::runtime(async move {
            match daemon::run(ground, sockets).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) if is_for_people => super::failed(&error),
                Err(error) => {
                    tracing::error!("{error}");
                    super::code_of(&error)
                }
            }
        })
    }
}
