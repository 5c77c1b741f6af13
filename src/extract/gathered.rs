//! What one pass over a page brings, raw: the input of every extractor.
//!
//! Plain data with two ways to look things up. Values have their character references decoded and are otherwise as
//! written; nothing here judges them.

/// `<meta name|property|itemprop=… content=…>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meta {
    /// Name in lower case.
    pub name: String,
    /// Content, decoded.
    pub content: String,
}

/// `<link rel=… href=…>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// Lower case, as written: may be several words.
    pub rel: String,
    /// Address as written.
    pub href: String,
}

/// Parts of a page that an element stands in: a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Region(u16);

impl Region {
    /// `<article>`, or `role=article`.
    pub const ARTICLE: Self = Self(1);
    /// `<main>`, or `role=main`.
    pub const MAIN: Self = Self(1 << 1);
    /// `<header>`, of the page or of an article.
    pub const HEADER: Self = Self(1 << 2);
    /// `<footer>`, of the page or of an article.
    pub const FOOTER: Self = Self(1 << 3);
    /// `<aside>`, or what a class calls a sidebar, a widget, related, a teaser.
    pub const ASIDE: Self = Self(1 << 4);
    /// `<nav>`.
    pub const NAV: Self = Self(1 << 5);
    /// What a class or id calls comments.
    pub const COMMENTS: Self = Self(1 << 6);
    /// An article inside of an article: a teaser or a comment, mostly.
    pub const INNER_ARTICLE: Self = Self(1 << 7);
    /// `<figure>` and `<figcaption>`.
    pub const FIGURE: Self = Self(1 << 8);

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it has a part in common with `other`.
    pub const fn is_in(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it is beside the article: what stands there speaks of something else.
    pub const fn is_beside(self) -> bool {
        self.is_in(Self(Self::FOOTER.0 | Self::ASIDE.0 | Self::NAV.0 | Self::COMMENTS.0 | Self::INNER_ARTICLE.0))
    }
}

/// An element with text: `h1`, `time`, `[itemprop]`, a byline, a line of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// What marks it: the `itemprop`, `property` or `rel`, or the class, id and `data-` attribute that hint.
    pub mark: String,
    /// The value an attribute gives: `datetime`, `content`, `href`, `src`.
    pub value: Option<String>,
    /// Its text, decoded, white space runs as one blank. Elements that do more than form letters are parted by one.
    pub text: String,
    /// Nested in another piece of the same kind.
    pub nested: bool,
    /// Its place among all elements of the page, counted from 1: pieces of several lists compare by it.
    pub at: u32,
    /// What it stands in.
    pub region: Region,
    /// The item of which it is a property: an index into [`Gathered::scopes`].
    pub scope: Option<usize>,
    /// The item that it is itself.
    pub item: Option<usize>,
}

/// An item of microdata (`itemscope`) or RDFa (`typeof`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// `itemtype` or `typeof`, as written.
    pub kind: String,
    /// The property of the item around it that it is the value of, in lower case; empty for an item of its own.
    pub property: String,
    /// The item around it: an index into [`Gathered::scopes`].
    pub parent: Option<usize>,
}

/// A picture in the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Addresses as written, most telling first: those that scripts load later, `src`, then those of `srcset`.
    pub addresses: Vec<String>,
    /// Pixels, as stated.
    pub width: Option<u32>,
    /// Pixels, as stated.
    pub height: Option<u32>,
    /// As in [`Piece::at`].
    pub at: u32,
    /// What it stands in.
    pub region: Region,
}

/// What the page says, raw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The address the page was taken from; may be empty.
    pub url: String,
    /// `<base href>`.
    pub base: Option<String>,
    /// `<html lang>` or `xml:lang`.
    pub lang: Option<String>,
    /// The first `<title>` with text.
    pub title: Option<String>,
    /// In document order.
    pub metas: Vec<Meta>,
    /// In document order.
    pub links: Vec<Link>,
    /// JSON-LD blocks as written: script text has no character references.
    pub blocks: Vec<String>,
    /// Members of page scripts that state a date, such as `"datePublished":"…"`: name and value.
    pub states: Vec<(String, String)>,
    /// `h1`. All lists of pieces are in document order, an outer piece before those in it.
    pub headings: Vec<Piece>,
    /// `time`: `mark` is its `itemprop`, class, or `pubdate`.
    pub times: Vec<Piece>,
    /// `[itemprop]`.
    pub properties: Vec<Piece>,
    /// `[property]` outside of metas (RDFa).
    pub statements: Vec<Piece>,
    /// The items that properties and statements belong to.
    pub scopes: Vec<Scope>,
    /// `rel=author`, and elements whose class, id or data attribute hints at an author.
    pub bylines: Vec<Piece>,
    /// Elements whose class, id or data attribute speaks of a date, of publishing, or of such data.
    pub datelines: Vec<Piece>,
    /// `rel=tag`.
    pub tags: Vec<Piece>,
    /// Links to what looks like an author's page; `value` is the address.
    pub author_links: Vec<Piece>,
    /// Short lines of text after the first `h1`, and those anywhere that begin like a byline or hold a date.
    pub lines: Vec<Piece>,
    /// The first long lines after the first `h1`.
    pub paragraphs: Vec<Piece>,
    /// Pictures outside of navigation and footers, unless their size is stated and small.
    pub pictures: Vec<Picture>,
    /// What was odd.
    pub notes: Vec<String>,
}

impl Gathered {
    /// The contents of the metas called `name`, in document order; empty ones are left out.
    pub fn meta<'g>(&'g self, name: &'g str) -> impl Iterator<Item = &'g str> {
        let named = self.metas.iter().filter(move |meta| meta.name == name);
        named.map(|meta| meta.content.as_str()).filter(|content| !content.trim().is_empty())
    }

    /// The addresses of the links whose `rel` holds the word `rel`.
    pub fn link<'g>(&'g self, rel: &'g str) -> impl Iterator<Item = &'g str> {
        let linked = self.links.iter().filter(move |link| link.rel.split_whitespace().any(|word| word == rel));
        linked.map(|link| link.href.as_str())
    }

    /// The headline, as far as one can tell without reading it: the first `h1` of the article, else the first.
    #[must_use]
    pub fn headline(&self) -> Option<&Piece> {
        self.headings.iter().find(|heading| !heading.region.is_beside()).or_else(|| self.headings.first())
    }

    /// Whether `piece` stands where others speak: in comments, in navigation, or beside the article. Where the
    /// headline itself stands in what calls itself a widget, the page is made of such, and that tells nothing.
    #[must_use]
    pub fn is_elsewhere(&self, piece: &Piece) -> bool {
        let is_aside = |piece: &Piece| piece.region.is_in(Region::ASIDE);
        piece.region.is_in(Region::COMMENTS.and(Region::NAV))
            || (is_aside(piece) && !self.headline().is_some_and(is_aside))
    }
}
