//! What classes, ids and addresses say about what they mark.
//!
//! In come values as bytes in any case; out go yes, no, or the part of a page. Only ASCII is looked at, in one pass and
//! without copies: this is asked of every element of a page.

use super::super::gathered::Region;

/// Words to look for, of which the first two letters are known: most bytes are passed with one look.
struct Needles {
    words: &'static [&'static [u8]],
    /// Which letters come second after this byte, in either case of both; a bit each.
    firsts: [u32; 256],
}

/// What an attribute hints at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hints {
    pub author: bool,
    pub date: bool,
}

impl Hints {
    pub(super) const fn and(self, other: Self) -> Self {
        Self { author: self.author || other.author, date: self.date || other.date }
    }
}

impl Needles {
    /// `words` are in lower case.
    #[expect(clippy::indexing_slicing, reason = "a byte indexes 256 places, and the compiler runs this")]
    const fn of(words: &'static [&'static [u8]]) -> Self {
        let (mut firsts, mut left) = ([0; 256], words);
        while let [word, rest @ ..] = left {
            if let [first, second, ..] = word {
                firsts[*first as usize] |= letter(*second);
                firsts[first.to_ascii_uppercase() as usize] |= letter(*second);
            }
            left = rest;
        }
        Self { words, firsts }
    }

    fn are_in(&self, value: &[u8]) -> bool {
        let seconds = |byte: u8| self.firsts.get(usize::from(byte)).copied().unwrap_or_default();
        let starts = |pair: &[u8]| matches!(pair, [first, second] if seconds(*first) & letter(*second) != 0);
        let mut places = value.windows(2).enumerate().filter(|(_, pair)| starts(pair));
        places.any(|(at, _)| self.words.iter().any(|word| begins(value.get(at..).unwrap_or_default(), word)))
    }
}

/// Parts of words that speak of authors.
static AUTHORS: Needles = Needles::of(&[
    b"author",
    b"autor",
    b"auteur",
    b"byline",
    b"by-line",
    b"by_line",
    b"writer",
    b"contributor",
    b"journalist",
    b"creator",
    b"redakt",
    b"verfasser",
    b"reporter",
    b"signature",
]);

/// Parts of words that speak of dates, or of the line that holds one.
static DATES: Needles = Needles::of(&[
    b"date",
    b"time",
    b"publish",
    b"datum",
    b"fecha",
    b"posted",
    b"created",
    b"meta",
    b"issued",
    b"erschienen",
]);

/// Parts of addresses of authors' pages.
static AUTHOR_PATHS: Needles = Needles::of(&[
    b"/author/",
    b"/authors/",
    b"/author-",
    b"/autor",
    b"/auteur",
    b"/people/",
    b"/person/",
    b"/profile",
    b"/staff/",
    b"/contributor",
    b"/journalist",
    b"/redaktion/",
    b"/writer",
    b"/by/",
    b"/reporter",
    b"/team/",
    b"/columnist",
    b"/bio/",
    b"/user",
]);

/// How classes and ids of parts begin that are not the article.
const PARTS: &[(&[u8], Region)] = &[
    (b"comment", Region::COMMENTS),
    (b"disqus", Region::COMMENTS),
    (b"respond", Region::COMMENTS),
    (b"sidebar", Region::ASIDE),
    (b"related", Region::ASIDE),
    (b"recommend", Region::ASIDE),
    (b"recirc", Region::ASIDE),
    (b"widget", Region::ASIDE),
    (b"teaser", Region::ASIDE),
    (b"promo", Region::ASIDE),
    (b"newsletter", Region::ASIDE),
    (b"most-read", Region::ASIDE),
    (b"popular", Region::ASIDE),
    (b"trending", Region::ASIDE),
];

/// A letter in either case as one bit of 32; others share theirs with some letter.
#[inline]
const fn letter(byte: u8) -> u32 {
    1 << (byte & 31)
}

/// What a class, an id or a `data-` attribute hints at.
pub(super) fn of(value: &[u8]) -> Hints {
    Hints { author: AUTHORS.are_in(value), date: DATES.are_in(value) }
}

/// Whether `address` looks like that of an author's page.
pub(super) fn is_author_address(address: &[u8]) -> bool {
    AUTHOR_PATHS.are_in(address)
}

/// The part of a page that one of the words in `value` begins with.
pub(super) fn region(value: &[u8]) -> Region {
    let words = value.split(u8::is_ascii_whitespace);
    let found = words.filter_map(|word| PARTS.iter().find(|(start, _)| begins(word, start)));
    found.fold(Region::default(), |all, (_, region)| all.and(*region))
}

/// Whether one of the words in `value` is `word`.
pub(super) fn has_word(value: &[u8], word: &[u8]) -> bool {
    value.split(u8::is_ascii_whitespace).any(|found| found.eq_ignore_ascii_case(word))
}

fn begins(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

/// Whether `line` begins like a byline or holds what may be a date.
pub(super) fn is_telling(line: &[u8]) -> bool {
    BY.iter().any(|by| begins(line, by)) || holds_date(line)
}

/// How bylines begin, in the languages of the press we know.
const BY: &[&[u8]] = &[
    b"by ",
    b"by:",
    b"von ",
    b"von:",
    b"par ",
    b"por ",
    b"di ",
    b"de ",
    b"av ",
    b"af ",
    b"door ",
    b"autor",
    b"author",
    b"text:",
    b"text ",
    b"words by",
    b"written by",
    b"posted by",
    b"reported by",
    b"interview",
    b"foto",
    b"tekst",
    b"texte",
    "Автор".as_bytes(),
    "作者".as_bytes(),
    "文".as_bytes(),
    "記者".as_bytes(),
    "Από".as_bytes(),
];

/// A year of our time, or digits parted as in `1.2.20`.
fn holds_date(line: &[u8]) -> bool {
    let runs = line.split(|byte| !byte.is_ascii_digit());
    let mut short = 0;
    for run in runs {
        match run {
            [b'1', b'9', _, _] | [b'2', b'0', _, _] => return true,
            [_] | [_, _] => short += 1,
            _ => {}
        }
    }
    short >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints() {
        let check = |value: &str, author: bool, date: bool| {
            assert_eq!(of(value.as_bytes()), Hints { author, date }, "{value}");
        };
        check("post-Author", true, false);
        check("c-byline__by", true, false);
        check("entry-meta", false, true);
        check("pubDate", false, true);
        check("Author_Date", true, true);
        check("headline", false, false);
        check("", false, false);
    }

    #[test]
    fn regions_are_words_that_begin_so() {
        let check = |value: &str, expect: Region| assert_eq!(region(value.as_bytes()), expect, "{value}");
        check("x Comment-list", Region::COMMENTS);
        check("has-sidebar no-comments", Region::default());
        check("sidebar comments", Region::ASIDE.and(Region::COMMENTS));
        check("", Region::default());
    }

    #[test]
    fn addresses() {
        assert!(is_author_address(b"https://a.example/Authors/ann") && !is_author_address(b"/news/authority"));
    }

    #[test]
    fn telling_lines() {
        let check = |line: &str, expect: bool| assert_eq!(is_telling(line.as_bytes()), expect, "{line}");
        check("By Ann Lee", true);
        check("Bye", false);
        check("Автор: Анна", true);
        check("Monday, 23 November 2026", true);
        check("1.2.20", true);
        check("12 comments, 3 shares", false);
        check("Serial 120192", false);
        check("", false);
    }
}
