//! One forward pass over a page's markup: everything the extractors may want, raw, under caps.
//!
//! In come the bytes of a page, in a charset in which ASCII is ASCII, and as often as there are more of them; out goes
//! [`Gathered`]. It goes on where it stopped, so the work is linear in the page however it comes, and what is gathered
//! does not depend on how it came. It judges nothing, and a hostile page costs it bounded time and memory.

mod element;
mod hint;
mod line;
mod open;
mod state;
mod text;

use encoding_rs::Encoding;

use super::gathered::{Gathered, Piece, Region};
use super::markup::name::{BODY, BR, HEAD, SCRIPT, TITLE};
use super::markup::{Attributes, Name, Scanner, Token};
use line::Lines;
use open::Stack;
use text::Text;

/// JSON-LD blocks kept.
const MOST_BLOCKS: usize = 32;
/// Bytes of one JSON-LD block; a longer one is cut, and then does not parse unless mending helps.
const LONGEST_BLOCK: usize = 512 * 1024;
/// Bytes of all JSON-LD blocks.
const MOST_BLOCK_BYTES: usize = 1024 * 1024;
/// Pieces of one list.
const MOST_PIECES: usize = 64;
/// Elements whose text is being gathered at one time: deeper nesting is not metadata.
const MOST_CAPTURES: usize = 16;

/// Bytes of long lines after the headline that make an article: what ends before them was none.
const LEAST_PROSE: usize = 500;

/// The lists that pieces are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Headings,
    Times,
    Properties,
    Statements,
    Bylines,
    Datelines,
    Tags,
    AuthorLinks,
}

/// An open element whose text is wanted.
#[derive(Debug)]
struct Capture {
    list: List,
    index: usize,
    /// How many elements were open outside of it.
    depth: usize,
    text: Text,
}

/// The state of the pass.
#[derive(Debug)]
pub struct Gatherer {
    scanner: Scanner,
    encoding: &'static Encoding,
    found: Gathered,
    stack: Stack,
    captures: Vec<Capture>,
    lines: Lines,
    /// Elements so far.
    count: u32,
    block_bytes: usize,
    /// The script that was just started holds JSON-LD.
    is_block: bool,
    /// A start tag of a head was written, so that its end will be.
    has_head: bool,
    head_ended: bool,
    /// Where the article ended, as far as can be told.
    past_from: Option<usize>,
}

impl Gatherer {
    /// A pass over the page at `url`, whose texts are in `encoding`.
    #[must_use]
    pub fn new(url: &str, encoding: &'static Encoding) -> Self {
        Self {
            scanner: Scanner::default(),
            encoding,
            found: Gathered { url: url.to_owned(), ..Gathered::default() },
            stack: Stack::default(),
            captures: Vec::new(),
            lines: Lines::default(),
            count: 0,
            block_bytes: 0,
            is_block: false,
            has_head: false,
            head_ended: false,
            past_from: None,
        }
    }

    /// The charset of the texts that come from here on.
    pub const fn set_encoding(&mut self, encoding: &'static Encoding) {
        self.encoding = encoding;
    }

    /// The charset that texts are read in.
    #[must_use]
    pub const fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// Takes what came: `bytes` are those of the last call and perhaps more. `is_whole` when no more will come.
    pub fn read(&mut self, bytes: &[u8], is_whole: bool) {
        let mut attributes = Attributes::default();
        while let Some(token) = self.scanner.next(bytes, is_whole, &mut attributes) {
            match token {
                Token::Text(text) => self.text(text),
                Token::Raw(name, text) => self.raw(name, text),
                Token::Start { name, is_closed } => self.start(name, is_closed, &attributes),
                Token::End(name) => self.end(name),
            }
        }
    }

    /// What was found so far. Texts of elements that have not ended are missing.
    #[must_use]
    pub const fn found(&self) -> &Gathered {
        &self.found
    }

    /// Whether the head is behind: its end was met, or the body's start.
    #[must_use]
    pub const fn head_ended(&self) -> bool {
        self.head_ended
    }

    /// A number that grows whenever something was read to its end that may name an author or a date.
    #[must_use]
    pub fn weight(&self) -> usize {
        let found = &self.found;
        let pieces = [&found.times, &found.properties, &found.bylines, &found.datelines, &found.author_links];
        let begun = pieces.iter().map(|list| list.len()).sum::<usize>();
        let others = found.states.len() + self.lines.telling() + found.blocks.len() + found.metas.len();
        (begun + others).saturating_sub(self.captures.len())
    }

    /// Whether a heading of the first rank was read to its end.
    #[must_use]
    pub fn has_heading(&self) -> bool {
        self.found.headings.iter().any(|heading| !heading.text.is_empty())
    }

    /// How many bytes the long lines of text after the first `h1` hold so far, or all where there is none.
    #[must_use]
    pub const fn prose(&self) -> usize {
        self.lines.prose()
    }

    /// All that was found. What the page never closed still counts.
    #[must_use]
    pub fn finish(mut self) -> Gathered {
        self.flush();
        self.close(0);
        self.found
    }

    fn text(&mut self, text: &[u8]) {
        if self.stack.is_foreign() {
            return;
        }
        for capture in &mut self.captures {
            capture.text.push(text);
        }
        if self.head_ended {
            self.lines.push(text);
        }
    }

    fn raw(&mut self, name: Name, text: &[u8]) {
        match name {
            SCRIPT if self.is_block => self.block(text),
            SCRIPT => state::read(text, &mut self.found.states),
            TITLE if self.found.title.is_none() => {
                let mut title = Text::default();
                title.push(text);
                self.found.title = Some(title.decoded(self.encoding)).filter(|title| !title.trim().is_empty());
            }
            _ => {}
        }
    }

    fn block(&mut self, text: &[u8]) {
        if self.found.blocks.len() >= MOST_BLOCKS || self.block_bytes >= MOST_BLOCK_BYTES {
            self.note("more JSON-LD than is read");
            return;
        }
        let text = text.get(..LONGEST_BLOCK).unwrap_or(text);
        self.block_bytes += text.len();
        let (text, _) = self.encoding.decode_without_bom_handling(text);
        self.found.blocks.push(text.into_owned());
    }

    fn start(&mut self, name: Name, is_closed: bool, attributes: &Attributes) {
        self.count = self.count.saturating_add(1);
        let depth = self.stack.ended_by(name);
        self.close(depth);
        self.has_head |= name == HEAD;
        // Where neither is written, the first block of text ends the head (WHATWG HTML, 13.2.6.4.4).
        self.head_ended |= name == BODY || (name.is_block() && !self.has_head);
        self.part(name);
        element::take(self, name, is_closed, attributes);
        self.scanner.set_foreign(self.stack.is_foreign());
    }

    fn end(&mut self, name: Name) {
        self.head_ended |= name == HEAD;
        let depth = self.stack.ended_at(name);
        self.part(name);
        self.close(depth);
        self.scanner.set_foreign(self.stack.is_foreign());
    }

    /// What a tag of `name` does to the text around it.
    fn part(&mut self, name: Name) {
        if name.is_formatting() {
            return;
        }
        for capture in &mut self.captures {
            capture.text.part();
        }
        if name.is_block() || name == BR {
            self.flush();
        } else {
            self.lines.part();
        }
    }

    fn flush(&mut self) {
        let has_heading = !self.found.headings.is_empty();
        self.lines.flush(&mut self.found, self.stack.region(), self.count, has_heading, self.encoding);
    }

    /// Ends all elements beyond `depth`.
    fn close(&mut self, depth: usize) {
        if depth >= self.stack.depth() && self.captures.last().is_none_or(|capture| capture.depth < depth) {
            return;
        }
        while let Some(capture) = self.captures.pop_if(|capture| capture.depth >= depth) {
            let text = capture.text.decoded(self.encoding);
            if let Some(piece) = list(&mut self.found, capture.list).get_mut(capture.index) {
                piece.text = text;
            }
        }
        let was_inside = self.stack.region().is_in(Region::ARTICLE);
        self.stack.truncate(depth);
        self.see_end(was_inside && !self.stack.region().is_in(Region::ARTICLE));
    }

    /// Notes that the article ends here, when it does and there was one.
    fn see_end(&mut self, is_end: bool) {
        if is_end && self.past_from.is_none() && self.lines.prose() >= LEAST_PROSE {
            self.past_from = Some(self.scanner.at());
        }
    }

    /// Where the article ended, as far as can be told: its element has ended, or comments or the foot began.
    #[must_use]
    pub const fn past_from(&self) -> Option<usize> {
        self.past_from
    }

    /// Keeps a piece, and gathers its text until the element ends that is started next.
    fn keep(&mut self, kept: List, piece: Piece, has_text: bool) {
        let nested = self.captures.iter().any(|capture| capture.list == kept);
        let pieces = list(&mut self.found, kept);
        if pieces.len() >= MOST_PIECES {
            return;
        }
        pieces.push(Piece { nested, ..piece });
        let index = pieces.len() - 1;
        if kept == List::Headings && index == 0 {
            self.lines.begin();
        }
        if has_text && self.captures.len() < MOST_CAPTURES {
            let depth = self.stack.depth();
            self.captures.push(Capture { list: kept, index, depth, text: Text::default() });
        }
    }

    fn note(&mut self, note: &str) {
        if !self.found.notes.iter().any(|known| known == note) {
            self.found.notes.push(note.to_owned());
        }
    }
}

fn list(found: &mut Gathered, list: List) -> &mut Vec<Piece> {
    match list {
        List::Headings => &mut found.headings,
        List::Times => &mut found.times,
        List::Properties => &mut found.properties,
        List::Statements => &mut found.statements,
        List::Bylines => &mut found.bylines,
        List::Datelines => &mut found.datelines,
        List::Tags => &mut found.tags,
        List::AuthorLinks => &mut found.author_links,
    }
}

#[cfg(test)]
mod tests;
