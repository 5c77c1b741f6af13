//! The body of a feed entry as an HTML fragment, the same in every feed format.
//!
//! In comes a clean story, out goes its note, excerpt, picture, what changed, coverage with copies folded under
//! their original, and related stories, escaped once. No classes, styles or scripts: feed readers drop them.

use askama::Template;

use super::{LISTED, clean};
use crate::model::{CoverageView, StoryView};

#[derive(Template)]
#[template(path = "entry.html")]
struct Entry<'a> {
    story: &'a StoryView,
    changed: Option<String>,
    groups: Vec<Group<'a>>,
    /// Coverage beyond what is listed.
    more: usize,
    counted: String,
}

/// One article and those that repeat its text.
pub struct Group<'a> {
    pub item: &'a CoverageView,
    /// Whether its summary says more than the entry's own.
    pub has_summary: bool,
    /// Its language, where that is not the story's.
    pub lang: Option<&'a str>,
    /// Each with whether its summary is another one all the same: agencies' clients write their own.
    pub copies: Vec<(&'a CoverageView, bool)>,
}

/// The whole body: note, excerpt, picture, what changed, coverage, related stories.
pub fn content(story: &StoryView) -> String {
    let listed = story.coverage.get(..LISTED).unwrap_or(&story.coverage);
    let more = story.coverage.len() - listed.len();
    let entry = Entry { story, changed: changed(story), groups: groups(story, listed), more, counted: counted(story) };
    // Rendering into a string fails only where a value of the template does, and those are all plain.
    entry.render().unwrap_or_default()
}

/// `listed` with its copies folded away: each stands right after its original (`compose`).
pub fn groups<'a>(story: &'a StoryView, mut listed: &'a [CoverageView]) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    while let Some((item, rest)) = listed.split_first() {
        let repeats = |other: &CoverageView| other.copy_of.is_some() && item.copy_of.is_none();
        let copies = rest.iter().take_while(|other| repeats(other)).count();
        let (copies, rest) = rest.split_at_checked(copies).unwrap_or((&[], rest));
        let says_more = |excerpt: &Option<String>| excerpt.is_some() && *excerpt != story.excerpt;
        let has_summary = says_more(&item.excerpt);
        let own = |copy: &'a CoverageView| (copy, says_more(&copy.excerpt) && copy.excerpt != item.excerpt);
        let copies = copies.iter().map(own).collect();
        let lang = item.lang.as_deref().filter(|lang| story.lang.as_deref() != Some(lang));
        groups.push(Group { item, has_summary, lang, copies });
        listed = rest;
    }
    groups
}

/// What is new since a reader last saw the story, as one sentence; nothing where it is new altogether.
pub fn changed(story: &StoryView) -> Option<String> {
    let cause = &story.cause;
    let mut parts = Vec::new();
    if let Some((last, others)) = cause.joined.split_last() {
        let names = if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
        parts.push(format!("coverage by {names}"));
    }
    parts.extend(cause.is_reworded.then(|| "an editor's wording".to_owned()));
    parts.extend(cause.is_led_anew.then(|| "another lead".to_owned()));
    (!parts.is_empty()).then(|| format!("New on {}: {}.", clean::readable(story.updated), parts.join("; ")))
}

/// `9 articles from 8 publishers`.
pub fn counted(story: &StoryView) -> String {
    let articles = story.coverage.len();
    let publishers = publishers(story);
    let plural = |number: usize| if number == 1 { "" } else { "s" };
    format!("{articles} article{} from {publishers} publisher{}", plural(articles), plural(publishers))
}

/// Distinct publishers of all coverage.
pub fn publishers(story: &StoryView) -> usize {
    let names = story.coverage.iter().map(|item| if item.domain.is_empty() { &item.publisher } else { &item.domain });
    names.collect::<std::collections::BTreeSet<_>>().len()
}

/// `text` as HTML that shows it.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(c),
        }
    }
    out
}
