//! HTML that may be broken, and may still be on its way → tags and texts, all of them slices of it.
//!
//! In come bytes in a charset in which ASCII is ASCII; each call sees all bytes so far. Out come tokens that are whole:
//! what is cut is a token when more has come, so that tokens never depend on how the bytes came. It holds to the
//! tokenizer of WHATWG HTML (13.2.5) where metadata can tell, moves forward only, and builds no tree.

mod attributes;
mod ends;
pub(crate) mod name;

use memchr::memchr;

pub(crate) use attributes::Attributes;
use attributes::is_space;
use ends::{Level, Search};
pub(crate) use name::Name;

/// A piece of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'b> {
    /// Text with its character references.
    Text(&'b [u8]),
    /// What is inside of a `script`, `style`, `title`, `textarea`, …: its start came before, its end follows.
    Raw(Name, &'b [u8]),
    /// A start tag; its attributes are in the list that was passed.
    Start {
        name: Name,
        /// Written `<x/>`, which means something in drawings and formulas only.
        is_closed: bool,
    },
    End(Name),
}

/// Where the reading of a page stands.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    at: usize,
    /// Up to here the token at `at` was looked at in vain.
    looked: usize,
    /// So many bytes must be there before the tag at `at` is read again.
    wait: usize,
    raw: Option<(Name, Level)>,
    is_foreign: bool,
}

impl Scanner {
    /// Bytes that were passed.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Whether what follows is a drawing or a formula: there, `<x/>` has an end and no text is raw.
    pub(crate) const fn set_foreign(&mut self, is_foreign: bool) {
        self.is_foreign = is_foreign;
    }

    /// The next token of `bytes`, which are those of the last call and perhaps more. `is_whole` when no more will come.
    pub(crate) fn next<'b>(
        &mut self,
        bytes: &'b [u8],
        is_whole: bool,
        attributes: &mut Attributes<'b>,
    ) -> Option<Token<'b>> {
        loop {
            if let Some((name, level)) = self.raw {
                return self.raw_text(bytes, is_whole, name, level);
            }
            if bytes.len() < self.wait && !is_whole {
                return None;
            }
            let Some(is_markup) = is_markup(bytes, self.at) else {
                return self.last(bytes, is_whole);
            };
            if !is_markup {
                return self.text(bytes, is_whole);
            }
            let here = self.at;
            let after = match bytes.get(here + 1..).unwrap_or_default() {
                [b'!', b'-', b'-', ..] => match ends::comment(bytes, here, self.looked) {
                    Search::Found(after) => after,
                    Search::From(looked) => return self.cut(bytes, is_whole, looked),
                },
                // Two dashes or a name may still come.
                [b'!' | b'/'] | [b'!', b'-'] if !is_whole => return None,
                [b'/', byte, ..] if byte.is_ascii_alphabetic() => return self.end_tag(bytes, is_whole, attributes),
                [b'/' | b'!' | b'?', ..] => match self.find(bytes, b'>', here + 2) {
                    Some(end) => end + 1,
                    None => return self.cut(bytes, is_whole, bytes.len()),
                },
                _ => return self.start_tag(bytes, is_whole, attributes),
            };
            self.step(after);
        }
    }

    fn step(&mut self, to: usize) {
        (self.at, self.looked, self.wait) = (to, to, 0);
    }

    /// What is at the end and is no token: it waits for more, or is dropped (as the standard has it).
    fn cut<'b>(&mut self, bytes: &'b [u8], is_whole: bool, looked: usize) -> Option<Token<'b>> {
        if is_whole {
            self.step(bytes.len());
        } else {
            self.looked = looked;
        }
        None
    }

    /// A `<` at the very end, or nothing.
    fn last<'b>(&mut self, bytes: &'b [u8], is_whole: bool) -> Option<Token<'b>> {
        let rest = bytes.get(self.at..).filter(|rest| is_whole && !rest.is_empty())?;
        self.step(bytes.len());
        Some(Token::Text(rest))
    }

    fn find(&self, bytes: &[u8], byte: u8, from: usize) -> Option<usize> {
        let from = from.max(self.looked);
        memchr(byte, bytes.get(from..)?).map(|found| from + found)
    }

    fn text<'b>(&mut self, bytes: &'b [u8], is_whole: bool) -> Option<Token<'b>> {
        let start = self.at;
        let mut from = start.max(self.looked);
        let end = loop {
            let found = bytes.get(from..).and_then(|rest| memchr(b'<', rest)).map(|found| from + found);
            match found.map(|at| (at, is_markup(bytes, at))) {
                Some((at, Some(true))) => break at,
                // A lone `<` is text.
                Some((at, Some(false))) => from = at + 1,
                _ if is_whole => break bytes.len(),
                Some((at, None)) => {
                    self.looked = at;
                    return None;
                }
                None => {
                    self.looked = bytes.len();
                    return None;
                }
            }
        };
        self.step(end);
        Some(Token::Text(bytes.get(start..end).unwrap_or_default()))
    }

    fn raw_text<'b>(&mut self, bytes: &'b [u8], is_whole: bool, name: Name, mut level: Level) -> Option<Token<'b>> {
        let start = self.at;
        let end = match ends::raw(bytes, name, &mut level, self.looked.max(start)) {
            Search::Found(end) => end,
            Search::From(_) if is_whole => bytes.len(),
            Search::From(looked) => {
                self.looked = looked;
                self.raw = Some((name, level));
                return None;
            }
        };
        self.raw = None;
        self.step(end);
        Some(Token::Raw(name, bytes.get(start..end).unwrap_or_default()))
    }

    fn start_tag<'b>(&mut self, bytes: &'b [u8], is_whole: bool, attributes: &mut Attributes<'b>) -> Option<Token<'b>> {
        let (name, is_closed) = self.tag(bytes, is_whole, self.at + 1, attributes)?;
        if name.is_raw() && !self.is_foreign {
            self.raw = Some((name, Level::Plain));
        }
        Some(Token::Start { name, is_closed })
    }

    fn end_tag<'b>(&mut self, bytes: &'b [u8], is_whole: bool, attributes: &mut Attributes<'b>) -> Option<Token<'b>> {
        self.tag(bytes, is_whole, self.at + 2, attributes).map(|(name, _)| Token::End(name))
    }

    /// The tag whose name starts at `from`. One that is cut is read again from its start when it is there twice as
    /// far: so a tag without end costs no more than its length, however it comes.
    fn tag<'b>(
        &mut self,
        bytes: &'b [u8],
        is_whole: bool,
        from: usize,
        attributes: &mut Attributes<'b>,
    ) -> Option<(Name, bool)> {
        let letters = bytes.get(from..).unwrap_or_default();
        let length = letters.iter().position(|byte| is_space(*byte) || matches!(byte, b'/' | b'>'));
        let end = length.and_then(|length| attributes.read(bytes, from + length));
        let (Some(length), Some(end)) = (length, end) else {
            self.wait = bytes.len().saturating_add((bytes.len() - self.at).max(1));
            return self.cut(bytes, is_whole, self.looked).and(None);
        };
        let name = Name::of(letters.get(..length).unwrap_or_default());
        self.step(end.after);
        Some((name, end.is_closed))
    }
}

/// Whether the byte at `at` begins a tag, a comment or the like; `None` when the bytes end before it can be said.
fn is_markup(bytes: &[u8], at: usize) -> Option<bool> {
    if *bytes.get(at)? != b'<' {
        return Some(false);
    }
    bytes.get(at + 1).map(|next| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'))
}

#[cfg(test)]
mod tests;
