//! Dates as people see them, and as addresses hold them: the last resort for the day of publication.
//!
//! In come elements whose class or id speaks of dates, and the page's address; out come candidates. Sidebars have
//! dates too, so the first one on the page wins, and a text that is too long for a date line is none.

use super::{Candidate, Field, Gathered};
use crate::dates;

/// `Published on Monday, 23 November 2026 at 14:05 | Updated …`
const LONGEST: usize = 90;

/// Parts of a page that have dates of their own, or dates of something else.
const OTHERS: &[&str] =
    &["comment", "update", "modif", "related", "sidebar", "widget", "event", "copyright", "footer", "current", "today"];

/// Candidates of the page's date lines and of its address.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let mut found = Vec::new();
    if let Some(date) = in_address(&page.url) {
        found.push(Candidate::text(Field::Published, date, "url"));
    }
    for piece in &page.datelines {
        let mark = piece.mark.to_ascii_lowercase();
        let text = piece.text.trim();
        if text.is_empty() || text.chars().count() > LONGEST || OTHERS.iter().any(|other| mark.contains(other)) {
            continue;
        }
        if dates::read(text).is_some() {
            found.push(Candidate::text(Field::Published, text, "text"));
        }
    }
    found
}

/// The day in an address like `…/2026/11/23/rain`, `…/2026-11-23-rain` or `…/20261123/rain`.
fn in_address(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?.split_once("://")?.1;
    let numbers: Vec<(&str, usize)> = path
        .split(|c: char| !c.is_ascii_digit())
        .scan(0usize, |at, run| {
            let from = *at;
            *at += run.len() + 1;
            Some((run, from))
        })
        .filter(|(run, _)| !run.is_empty())
        .collect();
    let parted = numbers.windows(3).find_map(|three| {
        let [(year, from), (month, second), (day, third)] = *three else { return None };
        // Nothing but one separator may part the three.
        let is_close = second == from + year.len() + 1 && third == second + month.len() + 1;
        let fits = is_close && year.len() == 4 && month.len() <= 2 && day.len() <= 2;
        fits.then(|| format!("{year}-{month}-{day}"))
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
        check("https://x.example/20261123/rain", Some("20261123"));
        check("https://x.example/2026/11/rain", None);
        check("https://x.example/2026/13/40/rain", None);
        check("https://x.example/99999999/rain", None);
        check("https://x.example/a/2026?d=11/23", None);
        check("", None);
    }

    #[test]
    fn lines() {
        let piece = |mark: &str, text: &str| super::super::Piece {
            mark: mark.to_owned(),
            text: text.to_owned(),
            ..super::super::Piece::default()
        };
        let datelines = vec![
            piece("comment-date", "1 January 2020"),
            piece("post-date", "Comments"),
            piece("post-date", "Posted on 23 November 2026"),
        ];
        let found = read(&Gathered { datelines, ..Gathered::default() });
        assert_eq!(found, [Candidate::text(Field::Published, "Posted on 23 November 2026", "text")]);
    }
}
