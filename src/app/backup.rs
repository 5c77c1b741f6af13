//! `backup` and `restore`: the store into a file, and back.
//!
//! A file appears under its name only when it is whole, was read through and lies on the disk. Nothing that is there
//! is overwritten: a backup refuses a name that is taken, and a restore sets the present store aside.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{AppError, Ground, lock};
use crate::config::Config;
use crate::store::{self, Copied, Store};

/// Writes a copy of the store of `config` to `file`, which must not exist, while a daemon may work on it.
///
/// # Errors
/// When there is no store, `file` exists or cannot be written, or the copy does not read back.
pub fn backup(config: &Config, file: &Path) -> Result<Copied, AppError> {
    if !config.store.exists() {
        return Err(refused(io::ErrorKind::NotFound, format!("there is no store {} yet", config.store.display())));
    }
    if file.exists() {
        let why = format!("{} exists; nothing was written (give another name)", file.display());
        return Err(refused(io::ErrorKind::AlreadyExists, why));
    }
    arrive(file, |partial| {
        private(partial)?;
        store::copy(&config.store, partial)
            .map_err(|error| refused(io::ErrorKind::Other, format!("cannot write {}: {error}", file.display())))
    })
}

/// Puts the copy in `file` in the place of the store of `config`; says what it holds and where the former store is now.
///
/// # Errors
/// When `file` is no sound store, or a daemon runs; the store is as it was then.
pub fn restore(ground: &Ground, config: &Config, file: &Path) -> Result<(Copied, Option<PathBuf>), AppError> {
    store::verify(file)?;
    let home = &config.store;
    if let Some(folder) = home.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let _lock = lock::lock(home)?;
    let mut aside = None;
    let copied = arrive(home, |partial| {
        private(partial)?;
        fs::copy(file, partial)?;
        aside = set_aside(home, ground.clock.now())?;
        Ok(())
    });
    if let (Err(_), Some(former)) = (&copied, &aside) {
        fs::rename(former, home)?;
    }
    Ok((copied?, aside))
}

/// Makes a file beside `path` with `write`, reads it through, and gives it its name.
fn arrive(path: &Path, write: impl FnOnce(&Path) -> Result<(), AppError>) -> Result<Copied, AppError> {
    let partial = beside(path, ".partial");
    let made = write(&partial).and_then(|()| {
        let copied = store::verify(&partial)?;
        File::open(&partial)?.sync_all()?;
        fs::rename(&partial, path)?;
        Ok(copied)
    });
    for end in ["", "-wal", "-shm"] {
        // What is left of a failed try, and what reading the copy left.
        let _ = fs::remove_file(beside(&partial, end));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if made.is_ok() {
        File::open(folder)?.sync_all()?;
    }
    made
}

/// An empty file that only its owner may read: a store holds the keys of hubs and addresses with tokens.
fn private(path: &Path) -> Result<(), AppError> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = File::options().write(true).create(true).truncate(true).mode(0o600).open(path);
    made.map(|_| ()).map_err(|error| refused(error.kind(), format!("cannot write {}: {error}", path.display())))
}

/// Moves the store away, whole: its log is emptied first.
fn set_aside(store: &Path, now: Timestamp) -> Result<Option<PathBuf>, AppError> {
    if !store.exists() {
        return Ok(None);
    }
    let aside = free_name(&beside(store, &format!(".before-{}", now.strftime("%Y%m%dT%H%M%SZ"))))?;
    // A store that cannot be opened is what one restores for: it is set aside as it is, with its log.
    let tidy = Store::open(store).and_then(|open| open.close());
    if let Err(error) = tidy {
        tracing::warn!(%error, "the present store is set aside as it is");
    }
    for end in ["-wal", "-shm", ""] {
        let from = beside(store, end);
        if from.exists() {
            fs::rename(&from, beside(&aside, end))?;
        }
    }
    Ok(Some(aside))
}

/// `path`, or that with the first number behind it under which nothing is: clocks go back, and two may restore at once.
fn free_name(path: &Path) -> Result<PathBuf, AppError> {
    let names = std::iter::once(path.to_owned()).chain((2..100).map(|number| beside(path, &format!("-{number}"))));
    let free = names.into_iter().find(|name| !name.exists());
    free.ok_or_else(|| refused(io::ErrorKind::AlreadyExists, format!("too many former stores like {}", path.display())))
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

fn refused(kind: io::ErrorKind, why: String) -> AppError {
    AppError::Machine(io::Error::new(kind, why))
}
