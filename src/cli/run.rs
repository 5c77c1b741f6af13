//! `newswire run`: the daemon.

use std::net::TcpListener;
use std::process::ExitCode;

use crate::app::{Ground, daemon};

/// Runs until SIGTERM.
#[must_use]
pub fn run(ground: Ground, sockets: Vec<(String, TcpListener)>) -> ExitCode {
    super::start_log("info");
    super::runtime(async move {
        match daemon::run(ground, sockets).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => super::failed(&error),
        }
    })
}
