//! The output folder: the same documents as static files.
//!
//! A file is written beside its place and renamed, so that no reader sees half of it, and one that already has the
//! right bytes is not touched. A path that ends in `/` becomes `index.html` in that folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::StoryPage;
use crate::model::{Document, StoryId};
use crate::pipeline::StageError;
use crate::publish;

/// Writes changed documents and removes those that are no longer published.
///
/// # Errors
/// When the folder cannot be written; what was written before stays.
pub(super) fn write_documents(dir: &Path, documents: &[Document], removed: &[String]) -> Result<(), StageError> {
    // What only those who know a token may read is no static file.
    let is_open = |path: &str| !path.starts_with("p/");
    for document in documents.iter().filter(|document| is_open(&document.path)) {
        write(&place(dir, &document.path), &document.bytes)?;
    }
    removed.iter().try_for_each(|path| remove(&place(dir, path)))
}

/// Writes what stands at a story's address: its page, or a stub that leads to the story it was merged into.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn write_page(dir: &Path, base_url: &str, id: StoryId, page: &StoryPage) -> Result<(), StageError> {
    let file = place(dir, &format!("s/{id}/"));
    match page {
        StoryPage::Page(document) => write(&file, &document.bytes),
        StoryPage::MovedTo(target) => write(&file, publish::alias_stub(&format!("{base_url}s/{target}")).as_bytes()),
        StoryPage::Gone | StoryPage::Unknown => remove(&file),
    }
}

/// Whether the document at `path` has its file.
pub(super) fn is_there(dir: &Path, path: &str) -> bool {
    place(dir, path).is_file()
}

fn place(dir: &Path, path: &str) -> PathBuf {
    let file = dir.join(path);
    if path.is_empty() || path.ends_with('/') { file.join("index.html") } else { file }
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), StageError> {
    let failed = |cause| StageError::Output { path: file.to_owned(), cause };
    if fs::read(file).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut draft = file.as_os_str().to_owned();
    draft.push(".new");
    fs::write(&draft, bytes).map_err(failed)?;
    fs::rename(&draft, file).map_err(failed)
}

fn remove(file: &Path) -> Result<(), StageError> {
    match fs::remove_file(file) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(StageError::Output { path: file.to_owned(), cause })
        }
        _ => Ok(()),
    }
}
