//! `newswire completions SHELL` and `newswire man DIR`: both are written from the command line's own description.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use crate::app::AppError;

/// Prints the completions for `shell`.
#[must_use]
pub fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "newswire", &mut script);
    super::print(&String::from_utf8_lossy(&script))
}

/// Writes a manual page for the program and each verb into the folder `dir`.
#[must_use]
pub fn pages(dir: &Path) -> ExitCode {
    let written = std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(Cli::command(), dir));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            super::failed(&AppError::Machine(io::Error::new(error.kind(), format!("{}: {error}", dir.display()))))
        }
    }
}
