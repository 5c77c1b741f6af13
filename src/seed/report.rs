//! Findings while a seed is read: paths go in, findings with lines come out.
//!
//! Places are looked up only when there is something to say, since most seeds have nothing wrong and a
//! walk for places costs as much as the parsing.

use crate::model::{Finding, Place, Severity, foremost, more_findings};
use crate::yaml::Spans;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    severity: Severity,
    /// The path of a value as [`Spans`] has it.
    path: String,
    /// The place, where the path does not tell it.
    place: Option<Place>,
    message: String,
    help: Option<String>,
    /// A path whose line completes the message.
    first: Option<String>,
}

impl Report {
    pub(super) fn error(&mut self, path: impl Into<String>, message: impl Into<String>) -> &mut Self {
        self.push(Severity::Error, path.into(), message.into())
    }

    pub(super) fn warn(&mut self, path: impl Into<String>, message: impl Into<String>) -> &mut Self {
        self.push(Severity::Warning, path.into(), message.into())
    }

    /// Says what to do about the last finding.
    pub(super) fn help(&mut self, help: impl Into<String>) {
        if let Some(item) = self.items.last_mut() {
            item.help = Some(help.into());
        }
    }

    /// A key with nothing in it.
    pub(super) fn empty(&mut self, path: impl Into<String>) {
        let path = path.into();
        let message = format!("`{}` is empty", name(&path));
        self.warn(path, message).help("leave the key out");
    }

    /// An entry that stands for an article which stands already at the path `first`.
    pub(super) fn twice(&mut self, path: &str, first: &str) {
        self.warn(path, "this article is in the seed already");
        if let Some(item) = self.items.last_mut() {
            item.first = Some(first.to_owned());
        }
    }

    /// A finding whose place is known.
    pub(super) fn at(&mut self, severity: Severity, place: Place, message: String) -> &mut Self {
        self.push(severity, String::new(), message);
        if let Some(item) = self.items.last_mut() {
            item.place = Some(place);
        }
        self
    }

    pub(super) fn has_error(&self) -> bool {
        self.items.iter().any(|item| item.severity == Severity::Error)
    }

    /// The findings in the order of the file whose YAML text is `yaml`.
    pub(super) fn finish(self, file: &str, yaml: &str) -> Vec<Finding> {
        if self.items.is_empty() {
            return Vec::new();
        }
        let spans = Spans::of(yaml).unwrap_or_default();
        let mut items = self.items;
        let is_cut = foremost(&mut items, |item| item.severity).is_some();
        let mut findings: Vec<Finding> = items
            .into_iter()
            .map(|item| {
                let first = item.first.and_then(|path| spans.nearest(&path));
                let help = first.map(|place| format!("line {} has it, the first stays", place.line)).or(item.help);
                let place = item.place.or_else(|| spans.nearest(&item.path)).filter(|place| place.line > 0);
                // Odd keys have no place; then the file's start is better than none.
                let place = place.or(Some(Place { line: 1, column: 1, length: 0 }));
                Finding { severity: item.severity, file: file.to_owned(), place, message: item.message, help }
            })
            .collect();
        findings.sort_by_key(|finding| (finding.place, finding.severity));
        if is_cut {
            findings.push(more_findings(file));
        }
        findings
    }

    fn push(&mut self, severity: Severity, path: String, message: String) -> &mut Self {
        self.items.push(Item { severity, path, place: None, message, help: None, first: None });
        self
    }
}

/// The last key of a path: what the operator wrote.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The one finding of a file that cannot be read.
pub(super) fn broken(file: &str, line: usize, column: usize, message: String) -> Finding {
    Finding {
        severity: Severity::Error,
        file: file.to_owned(),
        place: Some(Place { line, column, length: 0 }),
        message,
        help: None,
    }
}
