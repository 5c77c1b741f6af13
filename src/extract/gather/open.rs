//! The elements that are open, as far as it matters: what encloses a piece, and where it ends.
//!
//! In come start and end tags; out goes how many elements an end tag ends. It is no tree builder: it knows that
//! paragraphs, items and cells end by themselves (WHATWG HTML, 13.2.6.4.7), that an end tag of an inline element ends
//! nothing around it, and that a cell is a wall.

use super::super::gathered::Region;
use super::super::markup::name::{BODY, DD, DIV, DT, HTML, LI, MATH, OL, OPTION, P, SVG, TABLE, TD, TH, TR, UL};
use super::super::markup::{Name, name};

/// Elements open at one time. Pages nest forty deep or so; deeper ones are counted, not known.
const DEEPEST: usize = 128;

/// An element that has not ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub name: Name,
    /// All it stands in, and itself.
    pub region: Region,
    /// The item its properties belong to.
    pub scope: Option<usize>,
}

/// What an end tag asks of an element on its way out: known once, since a page of end tags asks it of all of them.
#[derive(Debug, Clone, Copy)]
struct Level {
    name: Name,
    is_block: bool,
    is_wall: bool,
}

/// The open elements, the outermost first.
#[derive(Debug, Default)]
pub(super) struct Stack {
    open: Vec<Open>,
    /// One for each of `open`.
    levels: Vec<Level>,
    /// Elements open beyond the deepest that is known.
    beyond: usize,
    /// How many of the open ones are drawings or formulas.
    foreign: usize,
}

impl Stack {
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn region(&self) -> Region {
        self.open.last().map(|open| open.region).unwrap_or_default()
    }

    pub(super) fn scope(&self) -> Option<usize> {
        self.open.last().and_then(|open| open.scope)
    }

    /// Whether what comes is inside of a drawing or a formula.
    pub(super) fn is_foreign(&self) -> bool {
        self.foreign > 0
    }

    /// Adds an element; `false` when it lies too deep to be known.
    pub(super) fn push(&mut self, open: Open) -> bool {
        if self.open.len() >= DEEPEST {
            self.beyond = self.beyond.saturating_add(1);
            return false;
        }
        let name = open.name;
        self.foreign += usize::from(is_foreign(name));
        self.levels.push(Level { name, is_block: name.is_block(), is_wall: is_wall(name) });
        self.open.push(open);
        true
    }

    /// The depth to which elements end by themselves where `name` starts.
    pub(super) fn ended_by(&self, name: Name) -> usize {
        let depth = self.open.len();
        if self.beyond > 0 {
            return depth;
        }
        if self.foreign > 0 {
            // HTML ends a drawing that was not closed (WHATWG HTML, 13.2.6.5).
            let first = self.open.iter().position(|open| is_foreign(open.name));
            return if is_breaking(name) { first.unwrap_or(depth) } else { depth };
        }
        let (ends, walls): (&[Name], &[Name]) = match name {
            LI => (&[LI], &[UL, OL]),
            DD | DT => (&[DD, DT], &[name::DL]),
            TD | TH => (&[TD, TH], &[TR, TABLE]),
            TR => (&[TR], &[TABLE]),
            OPTION => (&[OPTION], &[]),
            name if name.is_heading() && self.open.last().is_some_and(|open| open.name.is_heading()) => {
                return depth - 1;
            }
            name if name.is_block() => (&[P], &[]),
            _ => return depth,
        };
        let is_stop = |level: &Level| if walls.is_empty() { level.is_wall } else { walls.contains(&level.name) };
        self.innermost(|level| ends.contains(&level.name), is_stop).unwrap_or(depth)
    }

    /// The depth to which elements end at the end tag of `name`; the same as now when it ends none.
    pub(super) fn ended_at(&mut self, name: Name) -> usize {
        let depth = self.open.len();
        if self.beyond > 0 {
            self.beyond -= 1;
            return depth;
        }
        let (is_strong, is_table) = (name.is_block() || is_wall(name), is_table(name));
        let is_stop = |level: &Level| if is_strong { level.is_wall && !is_table } else { level.is_block };
        self.innermost(|level| level.name == name, is_stop).unwrap_or(depth)
    }

    /// Ends all that is open beyond `depth`.
    pub(super) fn truncate(&mut self, depth: usize) {
        self.levels.truncate(depth);
        while self.open.len() > depth {
            let last = self.open.pop();
            self.foreign -= usize::from(last.is_some_and(|open| is_foreign(open.name)));
        }
    }

    /// The place of the innermost element that is wanted, unless a stop is met before it.
    fn innermost(&self, is_wanted: impl Fn(&Level) -> bool, is_stop: impl Fn(&Level) -> bool) -> Option<usize> {
        for (at, level) in self.levels.iter().enumerate().rev() {
            if is_wanted(level) {
                return Some(at);
            }
            if is_stop(level) {
                return None;
            }
        }
        None
    }
}

fn is_foreign(name: Name) -> bool {
    matches!(name, SVG | MATH)
}

/// What no end tag of something else reaches through.
fn is_wall(name: Name) -> bool {
    matches!(name, TD | TH | TABLE | HTML | BODY)
}

fn is_table(name: Name) -> bool {
    matches!(name, TD | TH | TR | TABLE | name::TBODY | name::THEAD | name::TFOOT | BODY | HTML)
}

fn is_breaking(name: Name) -> bool {
    matches!(name, DIV | P | UL | LI | TABLE | BODY | name::H1 | name::H2 | name::IMG | name::META | name::SPAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names open after `tags`, of which those with a slash are end tags.
    fn check(tags: &str, expect: &str) {
        let mut stack = Stack::default();
        let mut words: Vec<&str> = Vec::new();
        for tag in tags.split(' ') {
            let depth = match tag.strip_prefix('/') {
                Some(tag) => stack.ended_at(Name::of(tag.as_bytes())),
                None => stack.ended_by(Name::of(tag.as_bytes())),
            };
            stack.truncate(depth);
            words.truncate(depth);
            if !tag.starts_with('/') {
                stack.push(Open { name: Name::of(tag.as_bytes()), region: Region::default(), scope: None });
                words.push(tag);
            }
        }
        assert_eq!(words.join(" "), expect, "{tags}");
    }

    #[test]
    fn ends() {
        check("div p b /div", "");
        check("div span div /span", "div span div");
        check("div /p", "div");
        check("p p", "p");
        check("p b div", "div");
        check("ul li li", "ul li");
        check("ul li ul li /ul", "ul li");
        check("table tr td td", "table tr td");
        check("table tr td tr", "table tr");
        check("div table tr td /div", "div table tr td");
        check("div table tr td /table", "div");
        check("h1 h2", "h2");
        check("svg path div", "div");
        check("svg title /title", "svg");
    }

    #[test]
    fn depth_is_bounded() {
        let mut stack = Stack::default();
        let open = Open { name: DIV, region: Region::default(), scope: None };
        for _ in 0..100_000 {
            stack.push(open);
        }
        assert_eq!(stack.depth(), DEEPEST);
        for _ in 0..100_000 {
            let depth = stack.ended_at(DIV);
            stack.truncate(depth);
        }
        assert_eq!(stack.depth(), 0);
    }
}
