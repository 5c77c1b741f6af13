//! Authors as people see them: `rel=author`, elements whose class says author or byline, links to an author's
//! page, and lines such as `By Ann Lee`.
//!
//! Classes say many things with these words (`author-bio`, `comment-author`), and lines say anything: so this is
//! the last resort, what stands beside the article does not count, and of equals the one nearest the headline
//! comes first. A text that is too long for names is no byline.

use super::{Candidate, Field, Gathered, Piece, Value};

/// A line with several names and their roles; more is a biography.
const LONGEST: usize = 140;

/// Elements between the headline and a line that belongs to it.
const NEAR: u32 = 60;

/// Parts of a page that have authors of their own, or say more than the name.
const OTHERS: &[&str] = &[
    "comment",
    "related",
    "avatar",
    "image",
    "photo",
    "social",
    "follow",
    "widget",
    "teaser",
    "quote",
    "count",
    "copyright",
];

/// Parts that tell of the author at length: believed after all others.
const BIOGRAPHIES: &[&str] = &["bio", "about", "box", "footer", "info", "desc"];

/// How a line begins that names its author, in lower case.
#[rustfmt::skip]
const BEGINNINGS: &[&str] = &[
    "by ", "von ", "vom ", "par ", "por ", "door ", "autor", "author", "auteur", "verfasser", "text:", "text von",
    "texte", "texto", "written by", "posted by", "words by", "story by", "interview:", "redaktion:", "erstellt von",
    "eingestellt von", "veröffentlicht von", "geschrieben von", "beitrag von", "gastbeitrag von", "ein beitrag von",
    "ein gastbeitrag von", "blog beitrag von", "blogbeitrag von", "blogpost von", "eine kolumne von",
    "ein kommentar von", "ein artikel von", "kommentar von", "interview von", "protokoll:", "publié par", "escrito por",
    "rédigé par", "bericht von", "fotos und text", "text und foto", "text & foto", "text und interview", "di ", "责任编辑",
    "作者", "文／", "记者", "記者",
];

/// Candidates of the page's bylines, best first.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let headline = page.headline().map_or(0, |heading| heading.at);
    let mut found = Vec::new();
    links(page, &mut found);
    for word in ["author-name", "authorname", "author__name", "byline", "author", "autor"] {
        found.extend(marked(page, headline, word, false));
    }
    let near = page.author_links.iter().filter(|link| fits(page, link) && is_near(link, headline));
    found.extend(near.map(|link| candidate(&link.text, "link")));
    found.extend(lines(page, headline));
    found.extend(marked(page, headline, "author", true));
    found
}

fn candidate(text: &str, place: &str) -> Candidate {
    Candidate { field: Field::Author, value: Value::Name(text.trim().to_owned(), None), place: place.to_owned() }
}

fn fits(page: &Gathered, piece: &Piece) -> bool {
    let text = piece.text.trim();
    !page.is_elsewhere(piece) && !text.is_empty() && text.chars().count() <= LONGEST
}

fn is_near(piece: &Piece, headline: u32) -> bool {
    headline > 0 && piece.at.abs_diff(headline) <= NEAR
}

fn is_marked(piece: &Piece, words: &[&str]) -> bool {
    let mark = piece.mark.to_ascii_lowercase();
    words.iter().any(|word| mark.contains(word))
}

/// `rel=author`: one link an author.
fn links(page: &Gathered, found: &mut Vec<Candidate>) {
    let is_author = |piece: &&Piece| piece.mark.split_whitespace().any(|word| word == "author");
    let links = page.bylines.iter().filter(|piece| is_author(piece) && !piece.nested && fits(page, piece));
    found.extend(links.filter(|piece| !is_marked(piece, OTHERS)).map(|piece| candidate(&piece.text, "rel:author")));
}

/// The first element marked with `word`, those near the headline first: nested elements say the same again.
fn marked(page: &Gathered, headline: u32, word: &str, biographies: bool) -> Option<Candidate> {
    let fitting = || {
        page.bylines.iter().filter(|piece| {
            fits(page, piece)
                && is_marked(piece, &[word])
                && !is_marked(piece, OTHERS)
                && is_marked(piece, BIOGRAPHIES) == biographies
        })
    };
    let chosen = fitting().min_by_key(|piece| {
        let is_before = piece.at < headline;
        (!is_near(piece, headline), piece.region.is_beside(), is_before)
    })?;
    Some(candidate(&chosen.text, &format!("class:{word}")))
}

/// Lines that begin like a byline; near the headline those too that hold a date beside the name.
fn lines(page: &Gathered, headline: u32) -> impl Iterator<Item = Candidate> {
    let begins = |piece: &Piece| {
        let text = piece.text.trim_start().to_lowercase();
        BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
    };
    let by = page.lines.iter().filter(move |line| fits(page, line) && begins(line));
    let near = by.clone().filter(move |line| is_near(line, headline)).take(1);
    let dated = page.lines.iter().filter(move |line| {
        fits(page, line) && is_near(line, headline) && !begins(line) && super::dateline::date_of(&line.text).is_some()
    });
    near.map(|line| candidate(&line.text, "line:by"))
        .chain(dated.take(2).map(|line| candidate(&line.text, "line:dated")))
        .chain(by.take(1).map(|line| candidate(&line.text, "line:by")))
}
