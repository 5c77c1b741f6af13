//! What tests use that is not ours: where it lies, and what is done where it is not there.

use std::path::PathBuf;

use super::process::is_there;

/// The grammar of Atom documents.
pub const GRAMMAR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/publish/atom.rng");

/// The folder that holds `node_modules`, if `package` is in it: `NEWSWIRE_TOOLS`, where `tests/run` installs them once.
#[track_caller]
pub fn node_modules(package: &str) -> Option<PathBuf> {
    let cache = || {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
        cache.unwrap_or_default().join("newswire-tools")
    };
    let folder = std::env::var_os("NEWSWIRE_TOOLS").map_or_else(cache, PathBuf::from);
    let place = folder.join("node_modules").join(package);
    let is_installed = is_there(&format!("{package} (npm)"), &["test", "-d", &place.to_string_lossy()])
        && is_there("node", &["node", "--version"]);
    is_installed.then_some(folder)
}
