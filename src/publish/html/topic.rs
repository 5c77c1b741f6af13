//! The page of a topic: its stories, the first ones with what covers them, as far as the page's size allows.

use askama::Template;

use super::{AROUND, Brief, Frame, PAGE, alternates, brief, clean, events, frame, rooted, standfirst, weight, written};
use crate::model::{CoverageView, Edition, StoryView};
use crate::publish::summary::{Group, changed, counted, groups};

/// Coverage beside the lead that every story shows before any shows more.
const SHOWN: usize = 3;

/// Coverage on a topic page; a story of more shows it on its own page.
const ON_TOPIC_PAGE: usize = 12;

/// Articles looked at for those lines.
const MOST: usize = 100;

/// Publishers named that repeat one article.
const NAMED: usize = 3;

/// Bytes of an editor's note: a longer one stands on the story's own page.
const NOTE: usize = 2_000;

/// Bytes of markup around the texts of a story with all it shows, of one line of its coverage, and of one in a list.
const CARD: usize = 590;
const LINE: usize = 190;
const BRIEF: usize = 230;

/// Bytes of markup of what not every story has: a picture, a word on what changed.
const PART: usize = 150;

#[derive(Template)]
#[template(path = "topic.html")]
struct TopicPage<'a> {
    frame: Frame<'a>,
    edition: &'a Edition,
    counted: String,
    cards: Vec<Card<'a>>,
    briefs: Vec<Brief<'a>>,
    /// Stories that found no room.
    left: usize,
}

/// One story with what covers it.
struct Card<'a> {
    story: &'a StoryView,
    page: &'a str,
    image: Option<&'a str>,
    note: Option<&'a str>,
    excerpt: Option<String>,
    changed: Option<String>,
    /// Who repeats the lead.
    repeated: String,
    also: Vec<Also<'a>>,
    beyond: usize,
    counted: String,
}

/// One article beside the lead.
struct Also<'a> {
    item: &'a CoverageView,
    /// Who repeats it.
    repeated: String,
}

/// The page of a topic, offering the feeds it is published in.
#[must_use]
pub fn topic_page(edition: &Edition) -> String {
    let edition = &clean::edition(edition);
    let (rules, home) = (edition.pages, &edition.home_url);
    let shares = shares(&edition.stories);
    let full = shares.iter().take_while(|share| share.is_some()).count();
    let cards = edition.stories.iter().zip(shares.iter().flatten()).map(|(story, also)| card(story, edition, *also));
    let rest = edition.stories.get(full..).unwrap_or_default();
    let briefs: Vec<Brief<'_>> = rest.iter().take(room(rest)).map(|story| brief(story, home, false)).collect();
    let stories = edition.stories.len();
    // The edition of all stories is called what the site is, which its page says anyway.
    let is_all = edition.title == edition.site_title;
    let page = TopicPage {
        frame: Frame {
            title: if is_all { "All stories".to_owned() } else { edition.title.clone() },
            feeds: alternates(&edition.page_url, &edition.title, &edition.formats),
            events: events(&edition.page_url, home, rules),
            ..frame(&edition.site_title, home, &edition.page_url, rules)
        },
        edition,
        counted: format!("{stories} {}", if stories == 1 { "story" } else { "stories" }),
        left: rest.len() - briefs.len(),
        cards: cards.collect(),
        briefs,
    };
    written(&page)
}

fn card<'a>(story: &'a StoryView, edition: &'a Edition, also: usize) -> Card<'a> {
    let mut groups = groups(story, &story.coverage).into_iter();
    // The lead stands in the heading.
    let repeated = groups.next().map_or(String::new(), |lead| names(&lead));
    let shown = groups.by_ref().take(also).map(|group| Also { item: group.item, repeated: names(&group) });
    let shown: Vec<Also<'_>> = shown.collect();
    Card {
        story,
        page: rooted(&story.page_url, &edition.home_url),
        image: story.image.as_ref().map(|image| rooted(&image.url, &edition.home_url)),
        note: note(story),
        excerpt: standfirst(story),
        changed: changed(story),
        repeated,
        also: shown,
        beyond: groups.map(|group| 1 + group.copies.len()).sum(),
        counted: counted(story),
    }
}

/// Who repeats an article, by name: the first few, and how many more.
fn names(group: &Group<'_>) -> String {
    let names: Vec<&str> = group.copies.iter().take(NAMED).map(|(copy, _)| copy.publisher.as_str()).collect();
    match (names.split_last(), group.copies.len().saturating_sub(NAMED)) {
        (None, _) => String::new(),
        (Some((only, [])), 0) => (*only).to_owned(),
        (Some((last, first)), 0) => format!("{} and {last}", first.join(", ")),
        (_, more) => format!("{} and {more} more", names.join(", ")),
    }
}

fn note(story: &StoryView) -> Option<&str> {
    story.note_html.as_deref().filter(|note| note.len() <= NOTE)
}

/// How much coverage each story shows beside its lead; none for a story that stands in the list of the others. First
/// each has room in that list, then the first ones get a few lines, then what is left goes to the first ones again.
fn shares(stories: &[StoryView]) -> Vec<Option<usize>> {
    let listed: usize = stories.iter().map(light).sum();
    let mut left = (PAGE - AROUND).saturating_sub(listed);
    let mut shares = vec![None; stories.len()];
    let lines: Vec<Vec<usize>> = stories.iter().map(lines).collect();
    for ((story, lines), share) in stories.iter().zip(&lines).zip(&mut shares) {
        let first = lines.get(..SHOWN).unwrap_or(lines);
        let more = heavy(story).saturating_sub(light(story)) + first.iter().sum::<usize>();
        let Some(after) = left.checked_sub(more) else { break };
        left = after;
        *share = Some(first.len());
    }
    for (lines, share) in lines.iter().zip(&mut shares) {
        while let Some(also) = *share
            && let Some(line) = lines.get(also)
            && let Some(after) = left.checked_sub(*line)
        {
            left = after;
            *share = Some(also + 1);
        }
    }
    // A story that is alone on its page has it, however heavy it is.
    if let Some(first @ None) = shares.first_mut() {
        *first = Some(0);
    }
    shares
}

/// How many of `stories` have room in the list.
fn room(stories: &[StoryView]) -> usize {
    let mut left = PAGE - AROUND;
    let fits =
        stories.iter().take_while(|story| left.checked_sub(light(story)).inspect(|after| left = *after).is_some());
    fits.count()
}

/// Bytes of a story in a list.
fn light(story: &StoryView) -> usize {
    let publisher = story.coverage.first().map_or(0, |lead| weight(&lead.publisher));
    BRIEF + weight(&story.title) + weight(&story.page_url) + publisher
}

/// Bytes of a story without its coverage.
fn heavy(story: &StoryView) -> usize {
    let lead = story.coverage.first().map_or(0, |lead| weight(&lead.publisher));
    let image = story.image.as_ref().map_or(0, |image| PART + weight(&image.url));
    let excerpt = standfirst(story).map_or(0, |excerpt| weight(&excerpt));
    let changed = changed(story).map_or(0, |changed| PART + weight(&changed));
    let repeated = groups(story, story.coverage.get(..MOST).unwrap_or(&story.coverage));
    let repeated = repeated.first().map_or(0, |lead| weight(&names(lead)));
    let texts = weight(&story.title) + weight(&story.url) + 2 * weight(&story.page_url) + lead + image + excerpt;
    CARD + texts + changed + repeated + note(story).map_or(0, str::len)
}

/// Bytes of each line of the coverage beside the lead, as many as a topic page may show.
fn lines(story: &StoryView) -> Vec<usize> {
    let groups = groups(story, story.coverage.get(..MOST).unwrap_or(&story.coverage));
    let line = |group: &Group<'_>| {
        let item = group.item;
        LINE + weight(&item.title) + weight(&item.url) + weight(&item.publisher) + weight(&names(group))
    };
    groups.iter().skip(1).take(ON_TOPIC_PAGE).map(line).collect()
}
