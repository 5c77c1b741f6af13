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

/// An element with text: `h1`, `time`, `[itemprop]`, a byline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// What marks it: the `itemprop` or `rel`, or the class.
    pub mark: String,
    /// The value an attribute gives: `datetime`, `content`, `href`, `src`.
    pub value: Option<String>,
    /// Its text, decoded.
    pub text: String,
    /// Nested in another piece of the same kind.
    pub nested: bool,
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
    /// `h1`.
    pub headings: Vec<Piece>,
    /// `time`.
    pub times: Vec<Piece>,
    /// `[itemprop]`.
    pub properties: Vec<Piece>,
    /// `rel=author`, and elements whose class or data attribute says author or byline.
    pub bylines: Vec<Piece>,
    /// Elements whose class or id speaks of a date or of publishing.
    pub datelines: Vec<Piece>,
    /// `rel=tag`.
    pub tags: Vec<Piece>,
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
}
