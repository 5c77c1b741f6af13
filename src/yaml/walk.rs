//! The one walk over parser events: every event of one document, with its span, under the caps of `yaml`.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, Span};

use super::{MAX_ADDED, MAX_BYTES, MAX_DEPTH, MAX_VALUES, YamlProblem};

/// Calls `on` for each event of the document in `text`.
///
/// # Errors
/// On broken syntax, a second document, nesting beyond [`MAX_DEPTH`], more than [`MAX_VALUES`] values, or aliases that add
/// more than [`MAX_ADDED`].
pub(super) fn walk(text: &str, mut on: impl FnMut(&Event<'_>, Span)) -> Result<(), YamlProblem> {
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes, at most {MAX_BYTES} are read", text.len());
        return Err(YamlProblem { line: 1, column: 1, message });
    }
    let mut budget = Budget::default();
    for step in Parser::new_from_str(text) {
        let (event, span) = step.map_err(|error| broken(text, *error.marker(), error.info()))?;
        budget.spend(&event).map_err(|message| problem(span.start, message))?;
        on(&event, span);
    }
    Ok(())
}

/// A syntax error in our words. The parser reports an unexpected end on the line after the last.
fn broken(text: &str, at: Marker, info: &str) -> YamlProblem {
    // The parser gives up on brackets at 255 levels when it looks ahead of what it has reported.
    let message = if info.starts_with("recursion limit") { too_deep() } else { info.to_owned() };
    let problem = problem(at, message);
    let last = text.lines().count().max(1);
    if problem.line <= last {
        return problem;
    }
    let column = text.lines().last().map_or(0, |line| line.chars().count()) + 1;
    YamlProblem { line: last, column, ..problem }
}

fn too_deep() -> String {
    format!("nested deeper than {MAX_DEPTH} levels")
}

fn problem(at: Marker, message: String) -> YamlProblem {
    YamlProblem { line: at.line().max(1), column: at.col() + 1, message }
}

/// What the document has used so far.
#[derive(Debug, Default)]
struct Budget {
    documents: usize,
    /// Values, with those an alias would repeat.
    nodes: usize,
    /// Those that an alias would repeat.
    added: usize,
    /// Anchor and node count of each collection that is open.
    open: Vec<(usize, usize)>,
    /// Nodes under each anchor that is complete.
    sizes: BTreeMap<usize, usize>,
}

impl Budget {
    fn spend(&mut self, event: &Event<'_>) -> Result<(), String> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err("a second document starts here, one file is one document".to_owned());
                }
            }
            Event::Scalar(_, _, anchor, _) => {
                self.nodes += 1;
                self.sizes.insert(*anchor, 1);
            }
            Event::Alias(anchor) => {
                // Anchors are numbered from 1, so 0 never is one.
                let Some(size) = self.sizes.get(anchor) else {
                    return Err("an alias stands inside its own anchor".to_owned());
                };
                self.nodes = self.nodes.saturating_add(*size);
                self.added = self.added.saturating_add(*size);
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                self.open.push((*anchor, self.nodes));
                self.nodes += 1;
                if self.open.len() > MAX_DEPTH {
                    return Err(too_deep());
                }
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((anchor, before)) = self.open.pop() {
                    self.sizes.insert(anchor, self.nodes.saturating_sub(before));
                }
            }
            _ => {}
        }
        if self.nodes - self.added > MAX_VALUES {
            return Err(format!("more than {MAX_VALUES} values"));
        }
        if self.added > MAX_ADDED {
            return Err(format!("aliases add more than {MAX_ADDED} values"));
        }
        Ok(())
    }
}
