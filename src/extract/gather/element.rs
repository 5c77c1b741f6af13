//! What a start tag brings: metas, links, and the pieces that its attributes mark.
//!
//! In come a name and attributes; the findings go into the pass's lists, under caps.

use super::super::gathered::{Link, Meta, Picture, Piece, Region, Scope};
use super::super::markup::name::{
    A, ARTICLE, ASIDE, BASE, BODY, CLASS, CONTENT, DATETIME, FIGCAPTION, FIGURE, FOOTER, H1, HEADER, HEIGHT, HREF,
    HTML, HTTP_EQUIV, ID, IMG, ITEMPROP, ITEMSCOPE, ITEMTYPE, LANG, LINK, MAIN, META, NAME, NAV, PROPERTY, PUBDATE,
    REL, ROLE, SCRIPT, SRC, SRCSET, TIME, TYPE, TYPEOF, WIDTH, XML_LANG,
};
use super::super::markup::{Attributes, Name};
use super::hint::Hints;
use super::open::Open;
use super::{Gatherer, List, MOST_PIECES, hint, text};

/// Metas kept: real pages have up to a hundred or so.
const MOST_METAS: usize = 500;
/// `<link>` elements kept; style sheets and preloads are dropped before they count.
const MOST_LINKS: usize = 200;
/// Items of microdata and RDFa.
const MOST_SCOPES: usize = 128;
/// Pictures kept.
const MOST_PICTURES: usize = 12;
/// Bytes of one attribute value kept.
const LONGEST_VALUE: usize = 16 * 1024;
/// Bytes kept of a value that only marks something.
const LONGEST_MARK: usize = 512;
/// Pixels of a side below which a picture is an icon.
const LEAST_SIDE: u32 = 120;

/// What `<link>` may say that is wanted.
const RELS: [&[u8]; 6] = [b"canonical", b"amphtml", b"author", b"shortlink", b"image_src", b"alternate"];

/// Attributes in which scripts that load pictures late keep the address.
const LATE: [Name; 4] =
    [Name::of(b"data-src"), Name::of(b"data-original"), Name::of(b"data-lazy-src"), Name::of(b"data-srcset")];

/// Takes the start tag, and opens its element.
pub(super) fn take(pass: &mut Gatherer, name: Name, is_closed: bool, attributes: &Attributes) {
    let mut region = pass.stack.region();
    let mut scope = pass.stack.scope();
    let has_text = !(name.is_void() || is_closed && pass.stack.is_foreign());
    match name {
        HTML => html(pass, attributes),
        BASE => base(pass, attributes),
        META => meta(pass, attributes),
        LINK => link(pass, attributes),
        SCRIPT => {
            let kind = attributes.get(TYPE).unwrap_or_default();
            pass.is_block = kind.windows(7).any(|window| window.eq_ignore_ascii_case(b"ld+json"));
        }
        _ => {}
    }
    if !pass.stack.is_foreign() {
        region = region.and(part(region, name, attributes));
        let is_foot =
            region.is_in(Region::COMMENTS) || (region.is_in(Region::FOOTER) && !region.is_in(Region::ARTICLE));
        pass.see_end(is_foot);
        let around = scope;
        scope = item(pass, scope, attributes);
        let item = scope.filter(|_| scope != around);
        pieces(pass, name, Place { region, scope: around, item }, has_text, attributes);
        if name == IMG {
            picture(pass, region, attributes);
        }
    }
    if has_text {
        pass.stack.push(Open { name, region, scope });
    }
}

impl Gatherer {
    fn value(&self, attributes: &Attributes, name: Name) -> Option<String> {
        attributes.get(name).map(|value| text::value(value, LONGEST_VALUE, self.encoding))
    }

    fn mark(&self, value: &[u8]) -> String {
        text::value(value, LONGEST_MARK, self.encoding)
    }
}

fn html(pass: &mut Gatherer, attributes: &Attributes) {
    if pass.found.lang.is_none() {
        pass.found.lang = pass.value(attributes, LANG).or_else(|| pass.value(attributes, XML_LANG));
    }
}

fn base(pass: &mut Gatherer, attributes: &Attributes) {
    if pass.found.base.is_none() {
        pass.found.base = pass.value(attributes, HREF);
    }
}

fn meta(pass: &mut Gatherer, attributes: &Attributes) {
    let Some(content) = attributes.get(CONTENT) else { return };
    for key in [PROPERTY, NAME, ITEMPROP, HTTP_EQUIV] {
        let Some(name) = attributes.get(key) else { continue };
        if pass.found.metas.len() >= MOST_METAS {
            pass.note("more metas than are read");
            return;
        }
        let mut name = pass.mark(name).trim().to_ascii_lowercase();
        if key == ITEMPROP {
            name.insert_str(0, "itemprop:");
        }
        let content = text::value(content, LONGEST_VALUE, pass.encoding);
        pass.found.metas.push(Meta { name, content });
    }
}

fn link(pass: &mut Gatherer, attributes: &Attributes) {
    let (Some(rel), Some(href)) = (attributes.get(REL), attributes.get(HREF)) else { return };
    let is_wanted = RELS.iter().any(|wanted| hint::has_word(rel, wanted));
    if is_wanted && pass.found.links.len() < MOST_LINKS {
        let rel = pass.mark(rel).to_ascii_lowercase();
        let href = text::value(href, LONGEST_VALUE, pass.encoding);
        pass.found.links.push(Link { rel, href });
    }
}

/// The part of the page that an element is.
fn part(around: Region, name: Name, attributes: &Attributes) -> Region {
    match name {
        ARTICLE if around.is_in(Region::ARTICLE) => return Region::INNER_ARTICLE,
        ARTICLE => return Region::ARTICLE,
        // Their classes speak of the whole page.
        HTML | BODY => return Region::default(),
        MAIN => return Region::MAIN,
        HEADER => return Region::HEADER,
        FOOTER => return Region::FOOTER,
        ASIDE => return Region::ASIDE,
        NAV => return Region::NAV,
        FIGURE | FIGCAPTION => return Region::FIGURE,
        _ if !name.is_block() || attributes.is_empty() => return Region::default(),
        _ => {}
    }
    let role = match attributes.get(ROLE) {
        Some(b"article") => Region::ARTICLE,
        Some(b"main") => Region::MAIN,
        Some(b"navigation") => Region::NAV,
        Some(b"contentinfo") => Region::FOOTER,
        Some(b"complementary") => Region::ASIDE,
        _ => Region::default(),
    };
    let named = [CLASS, ID].into_iter().filter_map(|name| attributes.get(name)).map(hint::region);
    named.fold(role, Region::and)
}

/// The item that the properties inside of an element belong to.
fn item(pass: &mut Gatherer, around: Option<usize>, attributes: &Attributes) -> Option<usize> {
    let kind = match (attributes.get(ITEMSCOPE), attributes.get(TYPEOF)) {
        (None, None) => return around,
        (Some(_), _) => attributes.get(ITEMTYPE).unwrap_or_default(),
        (None, Some(kind)) => kind,
    };
    if pass.found.scopes.len() >= MOST_SCOPES {
        return around;
    }
    let property = attributes.get(ITEMPROP).or_else(|| attributes.get(PROPERTY)).unwrap_or_default();
    let property = pass.mark(property).trim().to_ascii_lowercase();
    pass.found.scopes.push(Scope { kind: pass.mark(kind), property, parent: around });
    Some(pass.found.scopes.len() - 1)
}

/// Where an element stands: its part of the page, the item around it, and the one that it is.
#[derive(Clone, Copy)]
struct Place {
    region: Region,
    scope: Option<usize>,
    item: Option<usize>,
}

/// Keeps the element in the lists it belongs to.
fn pieces(pass: &mut Gatherer, name: Name, place: Place, has_text: bool, attributes: &Attributes) {
    if name != H1 && name != TIME && attributes.is_empty() {
        return;
    }
    let (class, rel, href) = (attributes.get(CLASS), attributes.get(REL), attributes.get(HREF));
    let mut keep = |list: List, mark: &[u8]| {
        let value = value_of(attributes).map(|value| text::value(value, LONGEST_VALUE, pass.encoding));
        let mark = pass.mark(mark);
        let Place { region, scope, item } = place;
        pass.keep(list, Piece { mark, value, at: pass.count, region, scope, item, ..Piece::default() }, has_text);
    };
    match name {
        H1 => keep(List::Headings, class.unwrap_or_default()),
        TIME => {
            let pubdate = attributes.get(PUBDATE).map(|_| &b"pubdate"[..]);
            keep(List::Times, attributes.get(ITEMPROP).or(pubdate).or(class).unwrap_or_default());
        }
        _ => {}
    }
    if let Some(property) = attributes.get(ITEMPROP) {
        keep(List::Properties, property);
    }
    if name == META || name == LINK || name == BODY || name == HTML {
        return;
    }
    if let Some(property) = attributes.get(PROPERTY) {
        keep(List::Statements, property);
    }
    if rel.is_some_and(|rel| hint::has_word(rel, b"tag")) {
        keep(List::Tags, rel.unwrap_or_default());
    }
    if name == A && href.is_some_and(hint::is_author_address) {
        keep(List::AuthorLinks, class.unwrap_or_default());
    }
    let named = |name: Name| name == CLASS || name == ID || name.is_data();
    let hints_of = |(name, value): (Name, &[u8])| {
        if named(name) && value.len() <= LONGEST_MARK { hint::of(value) } else { Hints::default() }
    };
    let rel = rel.filter(|rel| hint::has_word(rel, b"author"));
    let all = attributes.iter().map(hints_of).fold(Hints::default(), Hints::and);
    if all.author || rel.is_some() {
        keep(List::Bylines, &marks(attributes, rel, |attribute| hints_of(attribute).author));
    }
    if all.date {
        keep(List::Datelines, &marks(attributes, None, |attribute| hints_of(attribute).date));
    }
}

/// The values that say something of the element, in one.
fn marks(attributes: &Attributes, rel: Option<&[u8]>, is_telling: impl Fn((Name, &[u8])) -> bool) -> Vec<u8> {
    let named = attributes.iter().filter(|(name, value)| *name == CLASS || *name == ID || is_telling((*name, value)));
    let values: Vec<&[u8]> = rel.into_iter().chain(named.map(|(_, value)| value)).collect();
    values.join(&b' ')
}

/// The attribute that says what the element's text says, for machines.
fn value_of<'b>(attributes: &Attributes<'b>) -> Option<&'b [u8]> {
    let dated = || attributes.iter().map(|(_, value)| value).find(|value| is_dated(value));
    let stated = [DATETIME, CONTENT].into_iter().find_map(|name| attributes.get(name)).or_else(dated);
    stated.or_else(|| [HREF, SRC].into_iter().find_map(|name| attributes.get(name)))
}

fn picture(pass: &mut Gatherer, region: Region, attributes: &Attributes) {
    let is_elsewhere = region.is_in(Region::NAV.and(Region::FOOTER).and(Region::COMMENTS).and(Region::ASIDE));
    if is_elsewhere || pass.found.pictures.len() >= MOST_PICTURES.min(MOST_PIECES) {
        return;
    }
    let pixels = |name| attributes.get(name).and_then(|value| std::str::from_utf8(value).ok()).and_then(side);
    let (width, height) = (pixels(WIDTH), pixels(HEIGHT));
    if [width, height].into_iter().flatten().any(|side| side < LEAST_SIDE) {
        return;
    }
    let late = LATE.iter().filter_map(|name| pass.value(attributes, *name));
    let plain = [SRC, SRCSET].into_iter().filter_map(|name| pass.value(attributes, name));
    let is_address = |address: &String| !address.trim().is_empty() && !address.starts_with("data:");
    let addresses: Vec<String> = late.chain(plain).filter(is_address).collect();
    if !addresses.is_empty() {
        pass.found.pictures.push(Picture { addresses, width, height, at: pass.count, region });
    }
}

/// `640`, `640px`; shares of something else are none.
fn side(value: &str) -> Option<u32> {
    let value = value.trim();
    value.strip_suffix("px").unwrap_or(value).trim().parse().ok().filter(|side| *side > 0)
}

/// `2026-11-23…` in a `title` or a `data-` attribute: what a script shows as `2 hours ago`.
fn is_dated(value: &[u8]) -> bool {
    let shape = value.get(..10).unwrap_or_default().iter().enumerate();
    value.len() >= 10
        && shape.fold(true, |fits, (at, byte)| {
            fits && if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() }
        })
}
