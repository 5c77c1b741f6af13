//! `newswire init`: a commented configuration, a seed and a systemd unit to begin with. Never overwrites.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// What is written, by path below the folder: the very files this program ships and tests.
const FILES: &[(&str, &str)] = &[
    ("newswire.yaml", include_str!("../../config/newswire.yaml")),
    ("seeds/2024-lunar-lander.md", include_str!("../../config/seeds/2024-lunar-lander.md")),
    ("newswire.service", include_str!("../../systemd/newswire.service")),
];

/// Writes the files below `dir`, which is made if missing, and says what to do next.
///
/// If one of them is there already, nothing at all is written and the exit code is 1; so it is when writing fails.
#[must_use]
pub fn run(dir: &Path) -> ExitCode {
    // `symlink_metadata`, since a dangling link is somebody's file too.
    let there = FILES.iter().map(|(name, _)| dir.join(name)).filter(|path| path.symlink_metadata().is_ok());
    let there: Vec<String> = there.map(|path| format!("  {}", path.display())).collect();
    if !there.is_empty() {
        eprintln!("newswire init: nothing was written, since these are there already:\n{}", there.join("\n"));
        return ExitCode::FAILURE;
    }
    for (name, text) in FILES {
        let path = dir.join(name);
        if let Err(error) = write(&path, text) {
            eprintln!("newswire init: {} cannot be written: {error}", path.display());
            return ExitCode::FAILURE;
        }
        println!("wrote {}", path.display());
    }
    println!("\nNow try: newswire run --config {}", dir.join("newswire.yaml").display());
    ExitCode::SUCCESS
}

/// Writes a file that must not be there, even if it has come to be since it was looked for.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::File::create_new(path)?.write_all(text.as_bytes())
}
