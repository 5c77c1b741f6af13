//! Has enough of a page been read?
//!
//! In comes the state of the pass that gathers the page, again and again as the page grows; out goes yes or no. What is
//! asked is how sure the title, the authors and the day are (`merge::grades`): sure ones end the reading with the head,
//! seen ones with the headline, and what is missing is looked for to the end of the article. Descriptions and pictures
//! are stated in the head or nowhere. How often the extractors are asked is bounded.
//!
//! What each rule costs, on 1,199 real pages: how much is read of the page in the middle and of all bytes, and points of
//! F1 lost against reading all (authors exactly, any author, day, tags; nothing else moves by more than 0.2).
//!
//! | rule | middle | bytes | authors | any | day | tags |
//! |---|---|---|---|---|---|---|
//! | as below | 56.8 % | 50.5 % | 0.5 | 0.6 | 0 | 0.4 |
//! | missing ones to the end of the article | 60.2 % | 54.4 % | 0.2 | 0.5 | 0 | 0.4 |
//! | missing ones for 4,000 bytes of prose, 4 kB after the end | 56.0 % | 50.4 % | 0.7 | 0.8 | 0 | 0.4 |
//! | for 1,000 bytes | 51.9 % | 48.3 % | 1.1 | 1.2 | 0.3 | 0.7 |
//! | for 500 bytes, no people for organisations | 49.4 % | 46.4 % | 1.9 | 1.9 | 0.4 | 0.7 |
//! | to the headline | 45.4 % | 43.7 % | 5.3 | 5.7 | 3.7 | 0.7 |
//! | to the end of the head (loses 4 of titles, too) | 19 % | – | 21 | 23 | 17 | 18 |
//!
//! One who knew the rest of each page would read 36 % of the one in the middle, and 32 % without tags: half of all pages
//! have their first headline behind 43 % of their bytes, and a third names neither author nor day in its head.

use memchr::memmem;

use super::MOST_BYTES;
use super::gather::Gatherer;
use super::merge::{Grade, Grades};

/// How often the extractors are asked; after that, what is missing is taken to be missing for good.
const MOST_LOOKS: usize = 4;

/// Bytes after the head within which the visible headline is waited for, when all else is sure.
const HEADING_WITHIN: usize = 96 * 1024;

/// Bytes of prose after the headline within which people are waited for, where an organisation or a guess is there.
const PROSE_FOR_PEOPLE: usize = 600;

/// Bytes of prose after which a byline is no more to be had, when the day is there.
const PROSE_FOR_AUTHOR: usize = 6_000;

/// Bytes of prose that make an article where no headline is marked.
const PROSE_WITHOUT_HEADING: usize = 1_500;

/// Bytes of prose after which a date is no more to be had.
const PROSE_FOR_DAY: usize = 2_500;

/// Bytes read on after the end of the article while something is missing: signatures and scripts stand there.
const AFTER_END: usize = 8 * 1024;

/// What the pages of the systems hold that print tags below the article, and nowhere in the head.
const BLOGS: [&[u8]; 2] = [b"/wp-content/", b"/wp-includes/"];

/// As their generators call themselves, in lower case.
const BLOG_NAMES: [&str; 2] = ["wordpress", "blogger"];

/// What is known while a page comes.
#[derive(Debug, Default)]
pub(super) struct Stop {
    /// Where the head was seen to end.
    body_from: Option<usize>,
    /// The page is of a system that prints tags below the article.
    is_blog: bool,
    /// Tags when it was asked last.
    tags: usize,
    /// What there was when the extractors were asked last.
    weight: usize,
    looks: usize,
    grades: Option<Grades>,
}

impl Stop {
    /// Whether `bytes`, which `pass` has gathered, are enough; `look` asks the extractors.
    pub(super) fn is_enough(&mut self, bytes: &[u8], pass: &Gatherer, look: impl FnOnce() -> Grades) -> bool {
        if bytes.len() >= MOST_BYTES {
            return true;
        }
        if !pass.head_ended() {
            return false;
        }
        let body_from = *self.body_from.get_or_insert_with(|| {
            self.is_blog = is_blog(bytes, pass);
            bytes.len()
        });
        let Some(grades) = self.look(pass, look) else { return false };
        let is_all_there = grades.author >= Grade::Weak && grades.day >= Grade::Weak;
        let margin = if is_all_there { 0 } else { AFTER_END };
        if pass.past_from().is_some_and(|end| bytes.len() >= end.saturating_add(margin)) {
            return true;
        }
        if self.is_blog && !grades.has_tags && !self.has_topics(pass) {
            return false;
        }
        let is_sure = grades.author == Grade::Sure && grades.day == Grade::Sure;
        if is_sure && (grades.is_titled || bytes.len() >= body_from.saturating_add(HEADING_WITHIN)) {
            return true;
        }
        // A page without a headline that is marked as such shows its article by its text.
        let has_begun = pass.has_heading() || pass.prose() >= PROSE_WITHOUT_HEADING;
        has_begun && (is_sure || pass.prose() >= prose_for(grades))
    }

    /// The grades, asked anew where something came that may change them.
    fn look(&mut self, pass: &Gatherer, look: impl FnOnce() -> Grades) -> Option<Grades> {
        let weight = pass.weight();
        let has_begun = pass.has_heading() || pass.prose() > 0;
        let is_new = self.grades.is_none() || (has_begun && weight != self.weight);
        if is_new && self.looks < MOST_LOOKS {
            self.weight = weight;
            self.looks += 1;
            self.grades = Some(look());
        }
        self.grades
    }

    /// Whether tags have come that are more than the categories at the top, and have come to an end.
    fn has_topics(&mut self, pass: &Gatherer) -> bool {
        let tags = &pass.found().tags;
        let before = std::mem::replace(&mut self.tags, tags.len());
        before == tags.len() && tags.iter().any(|tag| !tag.mark.contains("category"))
    }
}

/// Bytes of prose after the headline that are waited for.
fn prose_for(grades: Grades) -> usize {
    match (grades.author, grades.day) {
        (_, Grade::Missing) => PROSE_FOR_DAY,
        (Grade::Missing, _) => PROSE_FOR_AUTHOR,
        (Grade::Weak, _) => PROSE_FOR_PEOPLE,
        _ => 0,
    }
}

fn is_blog(head: &[u8], pass: &Gatherer) -> bool {
    let is_called_so = |name: &str| {
        let name = name.to_ascii_lowercase();
        BLOG_NAMES.iter().any(|blog| name.contains(blog))
    };
    BLOGS.iter().any(|part| memmem::find(head, part).is_some()) || pass.found().meta("generator").any(is_called_so)
}
