//! Where comments and texts that are not markup end.
//!
//! In come bytes that may still grow, and a place to look from; out goes the place of the end, or the place from which
//! to look again when there are more: no byte is looked at twice but for a dozen.

use memchr::{memchr, memmem};

use super::attributes::is_space;
use super::name::{Name, SCRIPT};

/// What a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    Found(usize),
    /// Not yet: look again from here.
    From(usize),
}

/// How deep a script is in what looks like a comment of the old times (WHATWG HTML, 13.2.5.18 to 30).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Level {
    #[default]
    Plain,
    /// Inside `<!--`: as plain, but a `<script` in it has an end of its own.
    Escaped,
    /// Inside `<!-- <script`.
    Twice,
}

/// The place after the comment whose `<!--` is at `here`, looking from `from`.
///
/// It ends with `-->`, whose dashes may be those of its start, or with `--!>`.
pub(super) fn comment(bytes: &[u8], here: usize, from: usize) -> Search {
    let mut at = from.max(here + 4);
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr(b'>', rest)) {
        let end = at + found;
        let inside = |dashes: usize| bytes.get(here + dashes..end).unwrap_or_default();
        if inside(2).ends_with(b"--") || inside(4).ends_with(b"--!") {
            return Search::Found(end + 1);
        }
        at = end + 1;
    }
    Search::From(bytes.len().max(here + 4))
}

/// The place of `</name` that ends the raw text of `name`, looking from `from`.
pub(super) fn raw(bytes: &[u8], name: Name, level: &mut Level, from: usize) -> Search {
    let mut at = from;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let open = memchr(b'<', rest);
        if *level != Level::Plain {
            let before = rest.get(..open.map_or(rest.len(), |open| open + 1)).unwrap_or_default();
            if memmem::find(before, b"-->").is_some() {
                *level = Level::Plain;
            }
        }
        let Some(open) = open else {
            // Two dashes at the end may become the end of a comment.
            let back = if *level == Level::Plain { 0 } else { 2 };
            return Search::From(bytes.len().saturating_sub(back).max(at));
        };
        let here = at + open;
        match tag(bytes, here) {
            None => return Search::From(if *level == Level::Plain { here } else { here.saturating_sub(2).max(at) }),
            Some(Tag::End(found)) if found == name && *level != Level::Twice => return Search::Found(here),
            Some(found) if name == SCRIPT => *level = next(*level, found),
            Some(_) => {}
        }
        // The dashes of `<!--` may be those of `-->`.
        at = here + 1;
    }
}

fn next(level: Level, found: Tag) -> Level {
    match (level, found) {
        (Level::Plain, Tag::Comment) | (Level::Twice, Tag::End(SCRIPT)) => Level::Escaped,
        (Level::Escaped, Tag::Start(SCRIPT)) => Level::Twice,
        _ => level,
    }
}

/// What a `<` in a raw text may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Start(Name),
    End(Name),
    Comment,
    /// Nothing that counts.
    None,
}

/// No name that is looked for is longer.
const LONGEST: usize = 9;

/// `None` when the bytes end before it can be said.
fn tag(bytes: &[u8], here: usize) -> Option<Tag> {
    let after = bytes.get(here + 1..).unwrap_or_default();
    let (is_end, letters) = match after {
        [] => return None,
        [b'!', rest @ ..] => {
            return match rest {
                [b'-', b'-', ..] => Some(Tag::Comment),
                [] | [b'-'] => None,
                _ => Some(Tag::None),
            };
        }
        [b'/', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let window = letters.get(..LONGEST + 1).unwrap_or(letters);
    let length = window.iter().position(|byte| !byte.is_ascii_alphabetic());
    let Some(length) = length else {
        return if window.len() > LONGEST { Some(Tag::None) } else { None };
    };
    let is_name = length > 0 && window.get(length).is_some_and(|byte| is_space(*byte) || matches!(byte, b'/' | b'>'));
    let name = Name::of(window.get(..length).unwrap_or_default());
    Some(match (is_name, is_end) {
        (false, _) => Tag::None,
        (true, true) => Tag::End(name),
        (true, false) => Tag::Start(name),
    })
}
