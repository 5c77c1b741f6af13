//! Lines of text as people see them: what stands between two blocks.
//!
//! In comes the text of the body and where its blocks start and end; out go the lines that may hold a name or a date,
//! and the first paragraphs. Lines are told by length and by how they begin; what they say is for others to find out.

use encoding_rs::Encoding;

use super::super::gathered::{Gathered, Piece, Region};
use super::hint;
use super::text::Text;

/// Bytes of a line that may be a byline or a date line.
const LONGEST_LINE: usize = 240;
/// Bytes of a line that is a paragraph.
const LEAST_PARAGRAPH: usize = 140;
/// Paragraphs kept.
const MOST_PARAGRAPHS: usize = 3;
/// Lines kept after the first heading, whatever they say: bylines need no words that tell.
const MOST_NEAR: usize = 24;
/// Lines kept for what they say, of those before the heading and of those after it.
const MOST_TELLING: usize = 48;

/// The line being read, and what was kept.
#[derive(Debug, Default)]
pub(super) struct Lines {
    line: Text,
    near: usize,
    telling: [usize; 2],
    prose: usize,
}

impl Lines {
    pub(super) fn push(&mut self, text: &[u8]) {
        self.line.push(text);
    }

    pub(super) const fn part(&mut self) {
        self.line.part();
    }

    /// Forgets the prose so far: the headline has come, and what stood before it was no article.
    pub(super) const fn begin(&mut self) {
        self.prose = 0;
    }

    /// Bytes of long lines after the first heading, or of all where there is none.
    pub(super) const fn prose(&self) -> usize {
        self.prose
    }

    /// How many lines were kept for what they say.
    pub(super) const fn telling(&self) -> usize {
        let [before, after] = self.telling;
        before + after
    }

    /// Ends the line, which stands in `region`.
    pub(super) fn flush(
        &mut self,
        found: &mut Gathered,
        region: Region,
        at: u32,
        has_heading: bool,
        encoding: &'static Encoding,
    ) {
        let line = self.line.bytes();
        if line.is_empty() || region.is_in(Region::NAV) {
            self.line.clear();
            return;
        }
        let piece = |line: &Text| Piece { text: line.decoded(encoding), at, region, ..Piece::default() };
        if line.len() >= LEAST_PARAGRAPH {
            self.prose += line.len();
            if has_heading && found.paragraphs.len() < MOST_PARAGRAPHS && !region.is_beside() {
                found.paragraphs.push(piece(&self.line));
            }
        }
        if line.len() <= LONGEST_LINE {
            let telling = self.telling.get_mut(usize::from(has_heading));
            let is_near = has_heading && self.near < MOST_NEAR;
            let is_telling = telling.as_ref().is_some_and(|count| **count < MOST_TELLING) && hint::is_telling(line);
            if is_near || is_telling {
                self.near += usize::from(is_near);
                if let Some(count) = telling.filter(|_| is_telling) {
                    *count += 1;
                }
                found.lines.push(piece(&self.line));
            }
        }
        self.line.clear();
    }
}
