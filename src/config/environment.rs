//! What `app` read of the environment, as a value: variables and the folder the process works in come in, and what the
//! configuration asks of them goes out. Nothing here looks at the environment itself.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// What the process was given, read once at start.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// Where relative outputs go without `$STATE_DIRECTORY`.
    pub working_dir: PathBuf,
}

impl Environment {
    /// The environment with these variables.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>, working_dir: impl Into<PathBuf>) -> Self {
        Self { variables: variables.into_iter().collect(), working_dir: working_dir.into() }
    }

    /// The variable `name`.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// A folder that systemd names; the first where there are several.
    pub(super) fn folder(&self, name: &str) -> Option<&Path> {
        self.var(name)?.split(':').next().filter(|folder| !folder.is_empty()).map(Path::new)
    }
}

impl fmt::Debug for Environment {
    /// Names only: values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}
