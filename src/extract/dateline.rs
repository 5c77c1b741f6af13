//! Dates as people see them, as scripts hold them, and as addresses do.
//!
//! In come `<time>`, elements whose class or id speaks of dates, short lines, members of page scripts, and the
//! page's address; out come candidates. Sidebars have dates too, so that what stands beside the article does
//! not count, what says that it was published goes first, and then what stands near the headline.

use super::{Candidate, Field, Gathered, Piece};
use crate::dates::{self, Stated};

/// `Published on Monday, 23 November 2026 at 14:05 | Updated …`
const LONGEST: usize = 90;

/// Elements between the headline and a line that belongs to it.
const NEAR: u32 = 40;

/// Parts of a page that have dates of their own, or dates of something else.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "comment", "related", "sidebar", "widget", "event", "copyright", "footer", "current", "today", "teaser", "deadline",
    "runtime", "duration", "readtime", "reading",
];

/// What speaks of a change, in a mark or in a text, in lower case.
#[rustfmt::skip]
const CHANGES: &[&str] = &[
    "update", "modif", "aktualisi", "geändert", "änderung", "actualiz", "mis à jour", "aggiornat", "bijgewerkt",
    "last changed", "revised", "zuletzt", "edited",
];

/// What speaks of publishing, in a mark or in a text, in lower case.
#[rustfmt::skip]
const PUBLISHED: &[&str] = &[
    "publi", "veröffentlicht", "erschienen", "posted", "publicad", "pubblicat", "gepostet", "erstellt", "created",
    "pubdate", "eingestellt", "mitteilung vom", "geplaatst", "opublikowan", "发布", "公開", "掲載",
];

/// Candidates of the page's visible dates, its scripts and its address.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let headline = page.headline().map_or(0, |heading| heading.at);
    let times = page.times.iter().filter_map(|piece| visible(page, piece, "time", headline));
    let classes = page.datelines.iter().filter_map(|piece| visible(page, piece, "class", headline));
    let lines = page.lines.iter().filter_map(|piece| visible(page, piece, "line", headline));
    let mut found: Vec<(u8, u32, Candidate)> = times.chain(classes).chain(lines).collect();
    found.sort_by_key(|(rank, distance, _)| (*rank, *distance));
    let mut found: Vec<Candidate> = found.into_iter().map(|(_, _, candidate)| candidate).collect();
    found.extend(in_address(&page.url).map(|date| Candidate::text(Field::Published, date, "address")));
    found.extend(scripts(page));
    found.extend(in_title(page));
    found
}

/// A headline that begins with its date: `23.11.2026 - Rain stops play`.
fn in_title(page: &Gathered) -> Option<Candidate> {
    let titles = page.title.as_deref().into_iter().chain(page.headings.iter().map(|heading| heading.text.as_str()));
    let mut starts = titles.filter_map(|title| title.trim().split([' ', '|']).next());
    let date = starts.find(|start| start.len() >= 8 && date_of(start).is_some())?;
    Some(Candidate::text(Field::Published, date, "title"))
}

/// The date in a short text.
pub(super) fn date_of(text: &str) -> Option<Stated> {
    let text = text.trim();
    if text.chars().count() > LONGEST || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    dates::read(text)
}

/// A date that people see, its rank and how far from the headline it stands.
fn visible(page: &Gathered, piece: &Piece, place: &str, headline: u32) -> Option<(u8, u32, Candidate)> {
    // Most lines hold no number, and what follows costs more than to see that.
    let is_numbered = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    if !is_numbered(&piece.text) && !piece.value.as_deref().is_some_and(is_numbered) {
        return None;
    }
    let mark = piece.mark.to_lowercase();
    if page.is_elsewhere(piece) || OTHERS.iter().any(|other| mark.contains(other)) {
        return None;
    }
    let lower = piece.text.to_lowercase();
    // `Written 3 May, updated 4 May`: what stands before the change is the first date.
    let change = CHANGES.iter().filter_map(|word| lower.find(word)).min();
    let first = change.and_then(|at| lower.get(..at)).filter(|first| date_of(first).is_some());
    let value = piece.value.as_deref().map(str::trim).filter(|value| date_of(value).is_some());
    let value = value.or(first).or_else(|| date_of(&piece.text).map(|_| piece.text.trim()))?;
    let says = |words: &[&str]| words.iter().any(|word| mark.contains(word) || lower.contains(word));
    let is_published = says(PUBLISHED) || first.is_some();
    if says(CHANGES) && !is_published {
        return Some((0, 0, Candidate::text(Field::Modified, value, place)));
    }
    let distance = if headline > 0 { piece.at.abs_diff(headline) } else { u32::MAX };
    let is_near = distance <= NEAR;
    let (rank, label) = match is_published {
        true if is_near => (0, "labelled "),
        true if !piece.region.is_beside() && (headline == 0 || place != "line") => (1, "labelled "),
        _ if is_near => (2, "near "),
        _ if piece.region.is_beside() => (4, "beside "),
        _ => (3, ""),
    };
    // Far from the headline the order of the page decides.
    let distance = if rank >= 3 { piece.at } else { distance };
    Some((rank, distance, Candidate::text(Field::Published, value, format!("{label}{place}"))))
}

/// Members of page scripts, those that speak of publishing first.
fn scripts(page: &Gathered) -> Vec<Candidate> {
    let mut found: Vec<(bool, Candidate)> = Vec::new();
    for (name, value) in &page.states {
        let lower = name.to_lowercase();
        let is_change = CHANGES.iter().any(|word| lower.contains(word));
        let field = if is_change { Field::Modified } else { Field::Published };
        found.push((!lower.contains("publi"), Candidate::text(field, value, format!("script {name}"))));
    }
    found.sort_by_key(|(is_other, _)| *is_other);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The page's own address inside of that of an archive, which begins with the time of the copy.
fn own(url: &str) -> &str {
    match url.split_once("web.archive.org/web/") {
        Some((_, copy)) => copy.split_once('/').map_or("", |(_, own)| own),
        None => url,
    }
}

/// The day in an address like `…/2026/11/23/rain`, `…/23-11-2026-rain` or `…/20261123/rain`.
fn in_address(url: &str) -> Option<String> {
    let url = own(url);
    let path = url.split('#').next()?.split_once("://")?.1;
    let mut numbers: Vec<(&str, usize)> = Vec::new();
    let mut at = 0;
    for run in path.split(|c: char| !c.is_ascii_digit()) {
        if !run.is_empty() {
            numbers.push((run, at));
        }
        // Whatever parts two runs counts as one: only its being one byte long matters.
        at += run.len() + 1;
    }
    let parted = numbers.windows(3).find_map(|three| {
        let [(first, from), (month, second), (last, third)] = *three else { return None };
        // Nothing but one separator may part the three.
        let is_close = second == from + first.len() + 1 && third == second + month.len() + 1;
        match (first.len(), month.len(), last.len()) {
            (4, 1..=2, 1..=2) if is_close => Some(format!("{first}-{month}-{last}")),
            (1..=2, 1..=2, 4) if is_close => Some(format!("{last}-{month}-{first}")),
            _ => None,
        }
    });
    let whole = || numbers.iter().find(|(run, _)| run.len() == 8).map(|(run, _)| (*run).to_owned());
    parted.or_else(whole).filter(|date| {
        dates::read(date).is_some_and(|stated| stated.day.year() >= dates::FIRST_YEAR && stated.day.year() < 2100)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |url: &str, expect: Option<&str>| assert_eq!(in_address(url).as_deref(), expect, "{url}");
        check("https://x.example/2026/11/23/rain", Some("2026-11-23"));
        check("https://x.example/2026/1/3/rain-12", Some("2026-1-3"));
        check("https://x.example/news/2026-11-23-rain.html", Some("2026-11-23"));
        check("https://x.example/news/23-11-2026-rain.html", Some("2026-11-23"));
        check("https://x.example/rain_23.11.2026", Some("2026-11-23"));
        check("https://x.example/20261123/rain", Some("20261123"));
        check("https://web.archive.org/web/20261123000000/http://x.example/rain", None);
        check("https://x.example/2026/11/rain", None);
        check("https://x.example/2026/13/40/rain", None);
        check("https://x.example/99999999/rain", None);
        check("", None);
    }

    #[test]
    fn lines() {
        let piece = |mark: &str, text: &str| Piece { mark: mark.to_owned(), text: text.to_owned(), ..Piece::default() };
        let datelines = vec![
            piece("comment-date", "1 January 2020"),
            piece("entry-meta", "2 January 2020"),
            piece("entry-meta", "Updated 3 January 2020"),
            piece("post-date", "Comments"),
            piece("post-date", "Posted on 23 November 2026"),
        ];
        let found = read(&Gathered { datelines, ..Gathered::default() });
        let expect = [
            Candidate::text(Field::Modified, "Updated 3 January 2020", "class"),
            Candidate::text(Field::Published, "Posted on 23 November 2026", "labelled class"),
            Candidate::text(Field::Published, "2 January 2020", "class"),
        ];
        assert_eq!(found, expect);
    }
}
