//! `newswire backup FILE` and `newswire restore FILE`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::app::{Ground, backup};
use crate::store::Copied;

/// The file, and how to tell of it.
#[derive(Debug, Args)]
pub struct Backup {
    /// The copy of the store
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Backup {
    /// Copies the store into the file.
    #[must_use]
    pub fn back_up(&self, ground: &Ground) -> ExitCode {
        match ground.config(super::colour()).and_then(|config| backup::backup(&config, &self.file)) {
            Ok(copied) if self.json => told(&json!({ "file": self.file, "holds": copied })),
            Ok(copied) => super::print(&format!("{}: {}\n", self.file.display(), holds(&copied))),
            Err(error) => super::failed(&error),
        }
    }

    /// Puts the file in the place of the store.
    #[must_use]
    pub fn restore(&self, ground: &Ground) -> ExitCode {
        match ground.config(super::colour()).and_then(|config| backup::restore(ground, &config, &self.file)) {
            Ok((copied, aside)) if self.json => {
                told(&json!({ "file": self.file, "holds": copied, "former_store": aside }))
            }
            Ok((copied, aside)) => {
                let aside = aside.map(|path| format!("; the store that was there is now {}", path.display()));
                super::print(&format!("restored: {}{}\n", holds(&copied), aside.unwrap_or_default()))
            }
            Err(error) => super::failed(&error),
        }
    }
}

fn told(object: &serde_json::Value) -> ExitCode {
    super::print(&format!("{object:#}\n"))
}

fn holds(copied: &Copied) -> String {
    let Copied { stories, articles, sources, bytes, .. } = copied;
    format!("stories {stories}, articles {articles}, sources {sources}, bytes {bytes}, read through")
}
