//! The page of one story: its lead, what changed last, and all its coverage in the order of time, each copy folded
//! under its original.

use askama::Template;
use jiff::Timestamp;

use super::{AROUND, Frame, PAGE, alternates, clean, frame, rooted, site_of, weight, written};
use crate::model::{CoverageView, Image, StoryView};
use crate::publish::Site;
use crate::publish::summary::{self, changed, counted};

/// Bytes of markup around the texts of one article.
const MOMENT: usize = 330;

#[derive(Template)]
#[template(path = "story.html")]
struct StoryPage<'a> {
    frame: Frame<'a>,
    story: &'a StoryView,
    image: Option<Image>,
    counted: String,
    changed: Option<String>,
    days: Vec<Day<'a>>,
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

/// The page of one story with all its coverage. It leads to the feeds of all stories.
#[must_use]
pub fn story(site: &Site<'_>, story: &StoryView) -> String {
    let story = &clean::story(story);
    let (title, home) = site_of(site);
    let is_private =
        rooted(&story.page_url, &home).strip_prefix(rooted(&home, &home)).is_none_or(|path| !path.starts_with("s/"));
    let feeds = if is_private { Vec::new() } else { alternates(&format!("{home}all/"), "All stories", site.formats) };
    let frame = Frame { title: story.title.clone(), feeds, ..frame(&title, &home, &story.page_url, site.pages) };
    let other = |other| -> Other<'_> { related(other, &home) };
    written(&StoryPage {
        frame,
        story,
        image: story.image.clone().map(|image| Image { url: rooted(&image.url, &home).to_owned(), ..image }),
        counted: counted(story),
        changed: changed(story),
        days: days(story),
        related: story.related.iter().map(other).collect(),
    })
}

fn related<'a>(other: &'a crate::model::RelatedView, home: &str) -> Other<'a> {
    Other { title: &other.title, url: rooted(&other.page_url, home), at: other.published }
}

/// The coverage by day, earliest first. Once the page is full, articles are told without their excerpts.
fn days(story: &StoryView) -> Vec<Day<'_>> {
    let mut groups = summary::groups(story, &story.coverage);
    let lead = story.coverage.first();
    groups.sort_by_key(|group| group.item.published);
    let item = |item: &CoverageView| MOMENT + weight(&item.title) + weight(&item.url) + weight(&item.publisher);
    let listed: usize = story.coverage.iter().map(item).sum();
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
