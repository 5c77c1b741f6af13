//! Watching the seed folders: a change rings a bell.
//!
//! Folders are watched, not files, since editors save by renaming. What changed does not matter: the reload stage
//! looks at everything and reads what differs. Where watching is not possible (network mounts, no watches left), the
//! schedule still reloads.

use std::path::PathBuf;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// How long the folders must be quiet before a reload: an editor's save is several events within a few milliseconds.
const QUIET: Duration = Duration::from_millis(100);

/// A reload comes at the latest after this, however busy the folders are.
const PATIENCE: Duration = Duration::from_secs(2);

/// A watcher; dropping it ends the watching.
pub(super) struct Watch {
    _watcher: RecommendedWatcher,
}

/// Watches `paths` and calls `changed` after each burst of changes.
///
/// # Errors
/// When a folder cannot be watched; the text says which and why.
pub(super) fn watch(paths: &[PathBuf], changed: impl Fn() + Send + 'static) -> Result<Watch, String> {
    // One waiting event is enough: it stands for all.
    let (events, waiting) = mpsc::channel(1);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // An error is most often an overflow of the queue: then too, look at everything.
        let matters = event.as_ref().map_or(true, |event| !matches!(event.kind, EventKind::Access(_)));
        if matters {
            let _ = events.try_send(());
        }
    })
    .map_err(|error| error.to_string())?;
    for path in paths {
        let mode = RecursiveMode::Recursive;
        watcher.watch(path, mode).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    tokio::spawn(debounce(waiting, changed));
    Ok(Watch { _watcher: watcher })
}

async fn debounce(mut waiting: mpsc::Receiver<()>, changed: impl Fn()) {
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
        changed();
    }
}
