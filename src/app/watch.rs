//! Watching the seed folders: a change rings a bell.
//!
//! Folders are watched, not files, since editors save by renaming; and the folder above each, since a deployment may
//! put a new folder in the place of the old one, or the first one there. What changed does not matter: the reload
//! stage looks at everything and reads what differs. Where watching is not possible (network mounts, no watches left),
//! the schedule still reloads.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// How long the folders must be quiet before a reload: an editor's save is several events within a few milliseconds.
const QUIET: Duration = Duration::from_millis(100);

/// A reload comes at the latest after this, however busy the folders are.
const PATIENCE: Duration = Duration::from_secs(2);

/// Watching goes on until this is dropped.
pub(super) struct Watch(AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Watches `paths` and calls `changed` after each burst of changes.
///
/// # Errors
/// When folders cannot be watched at all; the text says why.
pub(super) fn watch(paths: &[PathBuf], changed: impl Fn() + Send + 'static) -> Result<Watch, String> {
    // Events name absolute paths.
    let roots: Vec<PathBuf> =
        paths.iter().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone())).collect();
    // One waiting event is enough: it stands for all.
    let (events, waiting) = mpsc::channel(1);
    let watched = roots.clone();
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // An error is most often an overflow of the queue: then too, look at everything.
        if event.as_ref().map_or(true, |event| matters(event, &watched)) {
            let _ = events.try_send(());
        }
    });
    let watcher = watcher.map_err(|error| error.to_string())?;
    let mut folders = Folders { watcher, roots: roots.into_iter().map(|root| (root, None)).collect() };
    folders.follow();
    Ok(Watch(tokio::spawn(debounce(waiting, folders, changed)).abort_handle()))
}

/// Whether the event is about a root or what is in it, and not about its neighbours.
fn matters(event: &Event, roots: &[PathBuf]) -> bool {
    let is_ours = |path: &PathBuf| roots.iter().any(|root| path.starts_with(root));
    event.need_rescan() || (!matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(is_ours))
}

/// Device and inode: a folder put in the place of another differs.
type Identity = (u64, u64);

struct Folders {
    watcher: RecommendedWatcher,
    /// Each root, and which folder was watched there.
    roots: Vec<(PathBuf, Option<Identity>)>,
}

impl Folders {
    /// Watches what stands at the roots now.
    fn follow(&mut self) {
        for (root, known) in &mut self.roots {
            let is = identity(root);
            if is.is_some() && is == *known {
                continue;
            }
            if let Some(above) = root.parent() {
                look_at(&mut self.watcher, above, RecursiveMode::NonRecursive);
            }
            if known.is_some() {
                // It watched a folder that is elsewhere now.
                let _ = self.watcher.unwatch(root);
            }
            if is.is_some() {
                look_at(&mut self.watcher, root, RecursiveMode::Recursive);
            }
            *known = is;
        }
    }
}

fn look_at(watcher: &mut RecommendedWatcher, path: &Path, mode: RecursiveMode) {
    if let Err(error) = watcher.watch(path, mode) {
        tracing::warn!(path = %path.display(), %error, "a folder cannot be watched; the schedule still reloads it");
    }
}

fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().map(|facts| (facts.dev(), facts.ino()))
}

async fn debounce(mut waiting: mpsc::Receiver<()>, mut folders: Folders, changed: impl Fn()) {
    while waiting.recv().await.is_some() {
        let patience = tokio::time::sleep(PATIENCE);
        tokio::pin!(patience);
        loop {
            tokio::select! {
                () = &mut patience => break,
                more = tokio::time::timeout(QUIET, waiting.recv()) => match more {
                    Ok(Some(())) => {}
                    Ok(None) | Err(_) => break,
                },
            }
        }
        folders.follow();
        changed();
    }
}
