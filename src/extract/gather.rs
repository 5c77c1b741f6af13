//! One pass over a page's markup: everything the extractors may want, raw, under caps.
//!
//! In comes decoded HTML; out goes [`Gathered`]: metas, links, JSON-LD blocks, title, headings, times,
//! microdata properties, bylines. Values have their character references decoded and their white space
//! kept. It judges nothing, and a hostile page costs it bounded time and memory.

use std::cell::RefCell;
use std::rc::Rc;

use super::gathered::{Gathered, Link, Meta, Piece};
use lol_html::html_content::{Element, TextChunk};
use lol_html::{HtmlRewriter, MemorySettings, Settings, element, text};

/// Metas kept: real pages have up to a hundred or so.
const MOST_METAS: usize = 500;
/// `<link>` elements kept; style sheets and preloads are dropped before they count.
const MOST_LINKS: usize = 200;
/// JSON-LD blocks kept.
const MOST_BLOCKS: usize = 16;
/// Bytes of one JSON-LD block; a longer one is cut, and then does not parse unless mending helps.
const LONGEST_BLOCK: usize = 512 * 1024;
/// Elements of each other kind kept.
const MOST_PIECES: usize = 64;
/// Bytes of one attribute value kept.
const LONGEST_VALUE: usize = 16 * 1024;
/// Bytes of the text of a title, heading, time, property or byline kept.
const LONGEST_TEXT: usize = 2_000;
/// Elements whose text is being gathered at one time: deeper nesting is not metadata.
const MOST_OPEN: usize = 16;
/// What `lol_html` may hold for its open elements and its buffer.
const PARSER_MEMORY: usize = 8 * 1024 * 1024;
/// The parser's buffer to begin with: below the maximum, which it must be.
const PARSER_BUFFER: usize = 1024;

/// What kind of element a text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Title,
    Block,
    Heading,
    Time,
    Property,
    Byline,
    Dateline,
    Tag,
}

struct Open {
    id: usize,
    kind: Kind,
    piece: Piece,
}

#[derive(Default)]
struct Collector {
    found: Gathered,
    open: Vec<Open>,
    next_id: usize,
    /// Levels of `<svg>`: drawings have titles of their own.
    drawings: usize,
}

type Shared = Rc<RefCell<Collector>>;
type OnElement = fn(&mut Collector, &Element);
type Handled = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Gathers from `html`, which the caller has capped.
#[must_use]
pub fn gather(html: &str, url: &str) -> Gathered {
    let shared = Shared::default();
    let broken = run(html, &shared).err();
    let mut collector = shared.take();
    // What the page never closed still counts.
    while let Some(open) = collector.open.pop() {
        collector.found.keep(open);
    }
    let mut found = collector.found;
    url.clone_into(&mut found.url);
    if let Some(why) = broken {
        found.notes.push(format!("the page was read in part: {why}"));
    }
    found
}

fn run(html: &str, shared: &Shared) -> Result<(), lol_html::errors::RewritingError> {
    let memory = MemorySettings::new()
        .with_preallocated_parsing_buffer_size(PARSER_BUFFER)
        .with_max_allowed_memory_usage(PARSER_MEMORY);
    let mut settings = Settings::new().with_memory_settings(memory).with_strict(false);
    let simple: [(&str, OnElement); 4] =
        [("html", on_html), ("base[href]", on_base), ("meta[content]", on_meta), ("link[href][rel]", on_link)];
    for (selector, handle) in simple {
        let shared = Rc::clone(shared);
        settings = settings.append_element_content_handler(element!(selector, move |element: &mut Element| {
            handle(&mut shared.borrow_mut(), element);
            Ok(())
        }));
    }
    let drawings = Rc::clone(shared);
    settings = settings
        .append_element_content_handler(element!("svg", move |element: &mut Element| on_drawing(&drawings, element)));
    for (selector, kind, marks) in TEXTUAL {
        let (opener, reader) = (Rc::clone(shared), Rc::clone(shared));
        settings = settings
            .append_element_content_handler(element!(*selector, move |element: &mut Element| {
                on_open(&opener, element, *kind, marks)
            }))
            .append_element_content_handler(text!(*selector, move |chunk: &mut TextChunk| {
                reader.borrow_mut().read(*kind, chunk.as_str());
                if chunk.last_in_text_node() && *kind != Kind::Block {
                    // Elements part words: `By<a>Ann Lee</a>`.
                    reader.borrow_mut().read(*kind, " ");
                }
                Ok(())
            }));
    }
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    rewriter.write(html.as_bytes())?;
    rewriter.end()
}

/// Elements whose text counts: selector, kind, and the attributes that mark them.
const TEXTUAL: &[(&str, Kind, &[&str])] = &[
    ("title", Kind::Title, &[]),
    ("script[type*='ld+json' i]", Kind::Block, &[]),
    ("h1", Kind::Heading, &["class"]),
    ("time", Kind::Time, &["itemprop", "class"]),
    ("[itemprop]", Kind::Property, &["itemprop"]),
    (
        "[rel~='author'], [class*='author' i], [class*='byline' i], [data-testid*='byline' i]",
        Kind::Byline,
        &["rel", "class", "data-testid"],
    ),
    ("[class*='date' i], [class*='publish' i], [class*='time' i], [id*='date' i]", Kind::Dateline, &["class", "id"]),
    ("a[rel~='tag']", Kind::Tag, &["rel"]),
];

fn attribute(element: &Element, name: &str) -> Option<String> {
    let raw = element.get_attribute(name)?;
    let cut = raw.char_indices().map(|(at, _)| at).find(|at| *at > LONGEST_VALUE).unwrap_or(raw.len());
    Some(htmlize::unescape_attribute(raw.get(..cut).unwrap_or_default()).into_owned())
}

fn on_html(collector: &mut Collector, element: &Element) {
    let lang = attribute(element, "lang").or_else(|| attribute(element, "xml:lang"));
    collector.found.lang = collector.found.lang.take().or(lang);
}

fn on_base(collector: &mut Collector, element: &Element) {
    collector.found.base = collector.found.base.take().or_else(|| attribute(element, "href"));
}

fn on_meta(collector: &mut Collector, element: &Element) {
    let metas = &mut collector.found.metas;
    let Some(content) = attribute(element, "content") else { return };
    for key in ["property", "name", "itemprop", "http-equiv"] {
        let Some(name) = attribute(element, key) else { continue };
        if metas.len() >= MOST_METAS {
            collector.found.note("more metas than are read");
            return;
        }
        let mut name = name.trim().to_ascii_lowercase();
        if key == "itemprop" {
            name.insert_str(0, "itemprop:");
        }
        metas.push(Meta { name, content: content.clone() });
    }
}

fn on_link(collector: &mut Collector, element: &Element) {
    let links = &mut collector.found.links;
    let (Some(rel), Some(href)) = (attribute(element, "rel"), attribute(element, "href")) else { return };
    let rel = rel.to_ascii_lowercase();
    let wanted = ["canonical", "amphtml", "author", "shortlink", "image_src", "alternate"];
    let is_wanted = rel.split_whitespace().any(|word| wanted.contains(&word));
    if is_wanted && links.len() < MOST_LINKS {
        links.push(Link { rel, href });
    }
}

fn on_drawing(shared: &Shared, element: &mut Element) -> Handled {
    if element.can_have_content() && !element.is_self_closing() {
        shared.borrow_mut().drawings += 1;
        let closer = Rc::clone(shared);
        element.on_end_tag(Box::new(move |_| {
            let mut collector = closer.borrow_mut();
            collector.drawings = collector.drawings.saturating_sub(1);
            Ok(())
        }))?;
    }
    Ok(())
}

fn on_open(shared: &Shared, element: &mut Element, kind: Kind, marks: &[&str]) -> Handled {
    let mark = marks.iter().find_map(|name| attribute(element, name)).unwrap_or_default();
    let value = ["datetime", "content", "href", "src"].iter().find_map(|name| attribute(element, name));
    let mut collector = shared.borrow_mut();
    if kind == Kind::Title && collector.drawings > 0 {
        return Ok(());
    }
    let id = collector.next_id;
    collector.next_id += 1;
    let nested = collector.open.iter().any(|open| open.kind == kind);
    let piece = Piece { mark, value, text: String::new(), nested, ..Piece::default() };
    let open = Open { id, kind, piece };
    if collector.open.len() >= MOST_OPEN || !element.can_have_content() {
        collector.found.keep(open);
        return Ok(());
    }
    collector.open.push(open);
    drop(collector);
    let closer = Rc::clone(shared);
    element.on_end_tag(Box::new(move |_| {
        closer.borrow_mut().close(id);
        Ok(())
    }))?;
    Ok(())
}

impl Collector {
    fn read(&mut self, kind: Kind, chunk: &str) {
        let longest = if kind == Kind::Block { LONGEST_BLOCK } else { LONGEST_TEXT };
        for open in self.open.iter_mut().filter(|open| open.kind == kind) {
            let room = longest.saturating_sub(open.piece.text.len());
            let end = chunk.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= room).last();
            let end = if chunk.len() <= room { chunk.len() } else { end.unwrap_or(0) };
            open.piece.text.push_str(chunk.get(..end).unwrap_or_default());
        }
    }

    fn close(&mut self, id: usize) {
        if let Some(at) = self.open.iter().position(|open| open.id == id) {
            let open = self.open.remove(at);
            self.found.keep(open);
        }
    }
}

impl Gathered {
    fn keep(&mut self, open: Open) {
        let Open { kind, mut piece, .. } = open;
        if kind != Kind::Block {
            piece.text = htmlize::unescape(piece.text).into_owned();
        }
        let list = match kind {
            Kind::Title => {
                if self.title.is_none() && !piece.text.trim().is_empty() {
                    self.title = Some(piece.text);
                }
                return;
            }
            Kind::Block => {
                if self.blocks.len() < MOST_BLOCKS {
                    self.blocks.push(piece.text);
                } else {
                    self.note("more JSON-LD blocks than are read");
                }
                return;
            }
            Kind::Heading => &mut self.headings,
            Kind::Time => &mut self.times,
            Kind::Property => &mut self.properties,
            Kind::Byline => &mut self.bylines,
            Kind::Dateline => &mut self.datelines,
            Kind::Tag => &mut self.tags,
        };
        if list.len() < MOST_PIECES {
            list.push(piece);
        }
    }

    fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }
}
