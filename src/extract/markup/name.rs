//! Names of elements and attributes as numbers: one comparison tells two apart.
//!
//! In comes a name in any case; out goes its first sixteen letters, in lower case and packed. No name that means
//! something in HTML is longer, and two that share sixteen letters are taken for one.

/// Letters that count.
const LONGEST: u32 = 16;

/// A name in lower case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Name(u128);

impl Name {
    /// The name in `letters`.
    #[inline]
    pub(crate) const fn of(letters: &[u8]) -> Self {
        let (mut packed, mut left, mut count) = (0u128, letters, 0);
        while let [letter, rest @ ..] = left {
            if count == LONGEST {
                break;
            }
            packed = (packed << 8) | letter.to_ascii_lowercase() as u128;
            (left, count) = (rest, count + 1);
        }
        Self(packed)
    }

    /// Starts with `data-`: what a page's own scripts put there.
    #[inline]
    pub(crate) const fn is_data(self) -> bool {
        let mut packed = self.0;
        while packed >> 40 != 0 {
            packed >>= 8;
        }
        packed == Self::of(b"data-").0
    }

    /// Never has anything inside.
    #[inline]
    pub(crate) const fn is_void(self) -> bool {
        matches!(
            self,
            AREA | BASE | BR | COL | EMBED | FRAME | HR | IMG | INPUT | LINK | META | PARAM | SOURCE | TRACK | WBR
        )
    }

    /// Changes the looks of letters, not the words they make.
    #[inline]
    pub(crate) const fn is_formatting(self) -> bool {
        matches!(
            self,
            ABBR | B
                | BIG
                | CITE
                | CODE
                | DEL
                | EM
                | FONT
                | I
                | INS
                | MARK
                | Q
                | S
                | SMALL
                | STRONG
                | SUB
                | SUP
                | U
                | WBR
        )
    }

    /// Starts and ends a line of text, and ends an open paragraph (WHATWG HTML, 13.2.6.4.7).
    #[inline]
    pub(crate) const fn is_block(self) -> bool {
        matches!(
            self,
            ADDRESS
                | ARTICLE
                | ASIDE
                | BLOCKQUOTE
                | CENTER
                | DETAILS
                | DIV
                | DL
                | FIELDSET
                | FIGCAPTION
                | FIGURE
                | FOOTER
                | FORM
                | H1
                | H2
                | H3
                | H4
                | H5
                | H6
                | HEADER
                | HR
                | LI
                | MAIN
                | NAV
                | OL
                | P
                | PRE
                | SECTION
                | SUMMARY
                | TABLE
                | UL
        ) || self.is_cell()
    }

    /// Parts of tables and lists, which end a line too.
    #[inline]
    pub(crate) const fn is_cell(self) -> bool {
        matches!(self, CAPTION | DD | DT | OPTION | TBODY | TD | TFOOT | TH | THEAD | TR | BODY)
    }

    /// `h1` to `h6`.
    #[inline]
    pub(crate) const fn is_heading(self) -> bool {
        matches!(self, H1 | H2 | H3 | H4 | H5 | H6)
    }

    /// What is inside is not markup (WHATWG HTML, 13.2.6.2). `noscript` is not here: we are a reader without scripts.
    #[inline]
    pub(super) const fn is_raw(self) -> bool {
        matches!(self, IFRAME | NOEMBED | NOFRAMES | SCRIPT | STYLE | TEXTAREA | TITLE | XMP)
    }
}

/// Constants of names.
macro_rules! names {
    ($($constant:ident $letters:literal,)*) => {
        $(pub(crate) const $constant: Name = Name::of($letters);)*
    };
}

names! {
    A b"a", ABBR b"abbr", ADDRESS b"address", AREA b"area", ARTICLE b"article", ASIDE b"aside", B b"b", BASE b"base",
    BIG b"big", BLOCKQUOTE b"blockquote", BODY b"body", BR b"br", CAPTION b"caption", CENTER b"center", CITE b"cite",
    CLASS b"class", CODE b"code", COL b"col", CONTENT b"content", DATETIME b"datetime", DD b"dd", DEL b"del",
    DETAILS b"details", DIV b"div", DL b"dl", DT b"dt", EM b"em", EMBED b"embed", FIELDSET b"fieldset",
    FIGCAPTION b"figcaption", FIGURE b"figure", FONT b"font", FOOTER b"footer", FORM b"form", FRAME b"frame",
    H1 b"h1", H2 b"h2", H3 b"h3", H4 b"h4", H5 b"h5", H6 b"h6", HEAD b"head", HEADER b"header", HEIGHT b"height",
    HR b"hr", HREF b"href", HTML b"html", HTTP_EQUIV b"http-equiv", I b"i", ID b"id", IFRAME b"iframe", IMG b"img",
    INPUT b"input", INS b"ins", ITEMPROP b"itemprop", ITEMSCOPE b"itemscope", ITEMTYPE b"itemtype", LANG b"lang",
    LI b"li", LINK b"link", MAIN b"main", MARK b"mark", MATH b"math", META b"meta", NAME b"name", NAV b"nav",
    NOEMBED b"noembed", NOFRAMES b"noframes", OL b"ol", OPTION b"option", P b"p", PARAM b"param", PRE b"pre",
    PROPERTY b"property", PUBDATE b"pubdate", Q b"q", REL b"rel", ROLE b"role", S b"s", SCRIPT b"script",
    SECTION b"section", SMALL b"small", SOURCE b"source", SPAN b"span", SRC b"src", SRCSET b"srcset",
    STRONG b"strong", STYLE b"style", SUB b"sub", SUMMARY b"summary", SUP b"sup", SVG b"svg", TABLE b"table",
    TBODY b"tbody", TD b"td", TEXTAREA b"textarea", TFOOT b"tfoot", TH b"th", THEAD b"thead", TIME b"time",
    TITLE b"title", TR b"tr", TRACK b"track", TYPE b"type", TYPEOF b"typeof", U b"u", UL b"ul", WBR b"wbr",
    WIDTH b"width", XML_LANG b"xml:lang", XMP b"xmp",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case() {
        assert_eq!(Name::of(b"DIV"), DIV);
        assert_ne!(Name::of(b"div2"), DIV);
        assert_eq!(Name::of(b"a-name-longer-than-any"), Name::of(b"a-name-longer-th"));
        assert!(Name::of(b"data-testid").is_data() && Name::of(b"DATA-X").is_data());
        assert!(!Name::of(b"date").is_data() && !Name::of(b"xdata-y").is_data() && !Name::of(b"").is_data());
    }
}
