//! How sure a page's title, authors and day are, by what was gathered so far.
//!
//! In comes the pool; out come grades, by which reading goes on or stops. They are about what more of the page could
//! change, so they look at where a value stands and not at what it says.

use super::author::{self, Standing};
use super::{Pool, date, title, words};
use crate::extract::Field;

/// How sure a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::extract) enum Grade {
    Missing,
    /// There, and anything better that comes will replace it.
    Weak,
    /// There, and a place that is more trusted may still come.
    Seen,
    /// Nothing in the body changes it, but once in a hundred pages.
    Sure,
}

/// The grades of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) struct Grades {
    /// All places state the same title: then the visible headline says it too.
    pub is_titled: bool,
    pub author: Grade,
    pub day: Grade,
    /// Data for machines state tags.
    pub has_tags: bool,
}

pub(super) fn grades(pool: &Pool) -> Grades {
    let sites = pool.sites(words::site_name(pool).as_ref());
    let author = match author::standing(pool, &sites) {
        None => Grade::Missing,
        Some(Standing::Weak) => Grade::Weak,
        Some(Standing::Seen) => Grade::Seen,
        Some(Standing::Stated) => Grade::Sure,
    };
    Grades {
        is_titled: title::is_agreed(pool, &sites),
        author,
        day: date::grade(pool),
        has_tags: pool.texts(Field::Tag).any(|(from, _)| from.0 != "html"),
    }
}
