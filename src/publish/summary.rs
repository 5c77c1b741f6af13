//! The body of a feed entry as an HTML fragment, the same in every feed format.
//!
//! In comes a clean story, out goes its note, excerpt, picture and coverage, escaped once. No classes, styles or
//! scripts: feed readers drop them.

use askama::Template;

use super::{LISTED, clean};
use crate::model::{CoverageView, StoryView};

#[derive(Template)]
#[template(path = "entry.html")]
struct Entry<'a> {
    story: &'a StoryView,
    listed: &'a [CoverageView],
    /// Coverage beyond what is listed.
    more: usize,
    counted: String,
}

/// The whole body: note, excerpt, picture, coverage.
pub fn content(story: &StoryView) -> String {
    let listed = story.coverage.get(..LISTED).unwrap_or(&story.coverage);
    let more = story.coverage.len() - listed.len();
    let entry = Entry { story, listed, more, counted: counted(story) };
    // Rendering into a string fails only where a value of the template does, and those are all plain.
    entry.render().unwrap_or_default()
}

/// `9 articles from 8 publishers`.
pub fn counted(story: &StoryView) -> String {
    let articles = story.coverage.len();
    let publishers = publishers(story);
    let plural = |number: usize| if number == 1 { "" } else { "s" };
    format!("{articles} article{} from {publishers} publisher{}", plural(articles), plural(publishers))
}

fn publishers(story: &StoryView) -> usize {
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
