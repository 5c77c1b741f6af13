//! The page of one story: its lead, what changed last, and all its coverage in the order of time, each copy folded
//! under its original. Where a daemon serves it, a story of very much coverage goes on over several pages.

use askama::Template;
use jiff::Timestamp;

use super::{AROUND, Frame, PAGE, alternates, clean, frame, rooted, site_of, weight, written};
use crate::model::{CoverageView, Image, StoryView};
use crate::publish::Site;
use crate::publish::summary::{self, Group, changed, counted};

/// Bytes of markup around the texts of one article, and of one that repeats it.
const MOMENT: usize = 330;
const COPY: usize = 200;

/// Bytes of coverage that a page of a large story lists: the rest of its room is for what is said of the story and for
/// excerpts.
const LISTED: usize = 26_000;

#[derive(Template)]
#[template(path = "story.html")]
struct StoryPage<'a> {
    frame: Frame<'a>,
    story: &'a StoryView,
    image: Option<Image>,
    counted: String,
    changed: Option<String>,
    days: Vec<Day<'a>>,
    /// Which of the pages this is, from 1, and how many there are.
    part: usize,
    parts: usize,
    related: Vec<Other<'a>>,
}

/// What was published on one day.
struct Day<'a> {
    /// As in `2020-11-12`.
    date: String,
    /// For people.
    label: String,
    moments: Vec<Moment<'a>>,
}

/// One article with those that repeat it.
struct Moment<'a> {
    item: &'a CoverageView,
    /// Of the day.
    time: String,
    is_lead: bool,
    /// Its language, where that is not the story's.
    lang: Option<&'a str>,
    excerpt: Option<&'a str>,
    copies: Vec<&'a CoverageView>,
}

/// A related story.
struct Other<'a> {
    title: &'a str,
    url: &'a str,
    at: Timestamp,
}

/// The page of one story. It leads to the feeds of all stories. `part` is which page of its coverage, from 1; without, all
/// of it stands on one.
#[must_use]
pub fn story(site: &Site<'_>, story: &StoryView, part: Option<usize>) -> String {
    let story = &clean::story(story);
    let (title, home) = site_of(site);
    let is_private =
        rooted(&story.page_url, &home).strip_prefix(rooted(&home, &home)).is_none_or(|path| !path.starts_with("s/"));
    let feeds = if is_private { Vec::new() } else { alternates(&format!("{home}all/"), "All stories", site.formats) };
    let frame = Frame { title: story.title.clone(), feeds, ..frame(&title, &home, &story.page_url, site.pages) };
    let other = |other| -> Other<'_> { related(other, &home) };
    let mut parts = parts(in_time(story), if part.is_some() { LISTED } else { usize::MAX });
    let part = part.unwrap_or(1).clamp(1, parts.len().max(1));
    let count = parts.len();
    let shown = if count == 0 { Vec::new() } else { parts.swap_remove(part - 1) };
    written(&StoryPage {
        frame,
        story,
        image: story.image.clone().map(|image| Image { url: rooted(&image.url, &home).to_owned(), ..image }),
        counted: counted(story),
        changed: changed(story),
        days: days(story, shown),
        part,
        parts: count,
        related: story.related.iter().map(other).collect(),
    })
}

fn related<'a>(other: &'a crate::model::RelatedView, home: &str) -> Other<'a> {
    Other { title: &other.title, url: rooted(&other.page_url, home), at: other.published }
}

/// The coverage, earliest first. What many repeat stands there again for each page full of them.
fn in_time(story: &StoryView) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    for mut group in summary::groups(story, &story.coverage) {
        let mut copies = std::mem::take(&mut group.copies).into_iter().peekable();
        loop {
            let mut room = LISTED.saturating_sub(listed(&group));
            let mut some = Vec::new();
            while let Some(copy) = copies.next_if(|(copy, _)| some.is_empty() || room >= repeated(copy)) {
                room = room.saturating_sub(repeated(copy.0));
                some.push(copy);
            }
            groups.push(Group { copies: some, ..group });
            if copies.peek().is_none() {
                break;
            }
        }
    }
    groups.sort_by_key(|group| group.item.published);
    groups
}

/// `groups` in parts of at most `room` bytes, or of one that is larger.
fn parts(groups: Vec<Group<'_>>, room: usize) -> Vec<Vec<Group<'_>>> {
    let mut parts: Vec<Vec<Group<'_>>> = Vec::new();
    let mut left = 0;
    for group in groups {
        let size = listed(&group);
        match parts.last_mut().filter(|_| size <= left) {
            Some(part) => part.push(group),
            None => {
                left = room;
                parts.push(vec![group]);
            }
        }
        left = left.saturating_sub(size);
    }
    parts
}

/// Bytes of an article in the list, with those that repeat it and without excerpts.
fn listed(group: &Group<'_>) -> usize {
    MOMENT + texts(group.item) + group.copies.iter().map(|(copy, _)| repeated(copy)).sum::<usize>()
}

fn repeated(copy: &CoverageView) -> usize {
    COPY + texts(copy)
}

fn texts(item: &CoverageView) -> usize {
    weight(&item.title) + weight(&item.url) + weight(&item.publisher)
}

/// `groups` by day. Once the page is full, articles are told without their excerpts.
fn days<'a>(story: &'a StoryView, groups: Vec<Group<'a>>) -> Vec<Day<'a>> {
    let lead = story.coverage.first();
    let listed: usize = groups.iter().map(listed).sum();
    let mut left = (PAGE - AROUND).saturating_sub(listed + story.note_html.as_deref().map_or(0, str::len));
    let mut days: Vec<Day<'_>> = Vec::new();
    for group in groups {
        let says = group.item.excerpt.as_deref().filter(|_| group.has_summary);
        let excerpt = says.filter(|excerpt| {
            let after = left.checked_sub(weight(excerpt));
            left = after.unwrap_or(left);
            after.is_some()
        });
        let moment = Moment {
            item: group.item,
            time: group.item.published.strftime("%H:%M").to_string(),
            is_lead: lead.is_some_and(|lead| std::ptr::eq(lead, group.item)),
            lang: group.lang,
            excerpt,
            copies: group.copies.into_iter().map(|(copy, _)| copy).collect(),
        };
        let date = group.item.published.strftime("%Y-%m-%d").to_string();
        match days.last_mut() {
            Some(day) if day.date == date => day.moments.push(moment),
            _ => {
                let label = group.item.published.strftime("%A, %-d %B %Y").to_string();
                days.push(Day { date, label, moments: vec![moment] });
            }
        }
    }
    days
}
