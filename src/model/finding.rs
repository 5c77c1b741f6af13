//! `Finding`: something an operator should know about an input file.

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used as it is.
    Error,
    /// The file is used, but probably not as meant.
    Warning,
    /// Worth knowing, nothing to mend: a seed excluded as unpublished, say.
    Note,
}

/// Where a finding is: line and column count from 1, columns in characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters to underline; 0 when unknown.
    pub length: usize,
}

/// Most findings of one reading: whoever sees these mends them before the next ones.
pub const MAX_FINDINGS: usize = 200;

/// Cuts `found` to [`MAX_FINDINGS`], errors first, so that the cut never hides why a file is not used. Gives the first that
/// went; the others of one severity keep their order.
pub fn foremost<T>(found: &mut Vec<T>, severity: impl Fn(&T) -> Severity) -> Option<T> {
    found.sort_by_key(severity);
    found.drain(MAX_FINDINGS.min(found.len())..).next()
}

/// The note that there were more than [`MAX_FINDINGS`], in `file`.
#[must_use]
pub fn more_findings(file: &str) -> Finding {
    let message = format!("more than {MAX_FINDINGS} findings, the rest is not shown");
    Finding { severity: Severity::Note, file: file.to_owned(), place: None, message, help: None }
}

/// One thing found in an input file, with the place and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Error, warning or note.
    pub severity: Severity,
    /// The file as the operator names it.
    pub file: String,
    /// Where in the file, if a place is to blame.
    pub place: Option<Place>,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do about it, e.g. "did you mean `title`?".
    pub help: Option<String>,
}
