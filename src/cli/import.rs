//! `newswire import opml`: the subscriptions of a feed reader become sources.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::app::Ground;
use crate::app::import::{self, Imported};
use crate::feed::opml;
use crate::url;

/// What to import.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Adds the feeds of an OPML list as a new file in `conf.d`; folders and categories become labels
    ///
    /// No file that exists is changed. What is listed already is told and passed over, so that the same list may be
    /// imported again.
    Opml {
        /// The list; `-` is standard input
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Import {
    /// Imports and says what was added and what was not.
    #[must_use]
    pub fn run(&self, ground: &Ground) -> ExitCode {
        let Self::Opml { file, json } = self;
        let origin = if file.as_os_str() == "-" { "standard input".into() } else { file.to_string_lossy() };
        let imported = ground.config(super::colour()).and_then(|config| {
            let bytes = read(file).map_err(|error| io::Error::new(error.kind(), format!("{origin}: {error}")))?;
            import::import(ground, &config, &origin, &bytes)
        });
        match imported {
            Ok(imported) if *json => {
                super::print(&format!("{}\n", serde_json::to_string_pretty(&imported).unwrap_or_default()))
            }
            Ok(imported) => super::print(&text(&imported)),
            Err(error) => super::failed(&error),
        }
    }
}

/// At most one byte more than is looked at: the reader then says that it was too long.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = opml::MOST_BYTES as u64 + 1;
    if file.as_os_str() == "-" {
        io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn text(imported: &Imported) -> String {
    let mut lines: Vec<String> = imported.notes.iter().map(|note| format!("note: {note}")).collect();
    lines.extend(imported.added.iter().map(|added| {
        let labels = if added.labels.is_empty() { String::new() } else { format!(" [{}]", added.labels.join(", ")) };
        // A list may call a feed by its address.
        let shown = |title: &String| if title.contains("://") { url::mask(title) } else { title.clone() };
        let title = added.title.as_ref().map(|title| format!("  {}", shown(title))).unwrap_or_default();
        format!("added {}{labels}{title}", added.url)
    }));
    lines.extend(imported.skipped.iter().map(|skipped| format!("skipped {}: {}", skipped.what, skipped.why)));
    let files: Vec<String> = imported.files.iter().map(|file| file.display().to_string()).collect();
    lines.push(if files.is_empty() {
        format!("nothing to add, {} skipped", imported.skipped.len())
    } else {
        let counts = format!("{} added, {} skipped", imported.added.len(), imported.skipped.len());
        format!("{counts}; wrote {}\na running daemon takes them up on SIGHUP", files.join(", "))
    });
    lines.join("\n") + "\n"
}
