//! Editions: what one topic shows now.
//!
//! In come stories that were ranked and cut, the topic's heading and the settings; out goes an [`Edition`], a pure
//! function of them. [`order`](order_coverage) holds the rules for who leads a story and which story comes first.
//! Text stays plain text here (only an editor's note becomes sanitised HTML): escaping is the formats' business.
//! Never does this look at a clock: times come with the stories.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::model::{
    Article, Cause, Coverage, CoverageView, Digest, Edition, FeedLinks, Image, ImageRule, PageRules, Related,
    RelatedView, Story, StoryId, StoryView,
};
use crate::text;

mod note;
mod order;

pub use note::note_html;
pub use order::{heat, heat_rank, order_coverage, why_heat, why_it_leads};

/// Categories of one entry: enough for any story that people label, a bound for those that machines do.
const MAX_CATEGORIES: usize = 50;

/// Digits of a picture's digest in its address: enough to tell the pictures that one story had.
const PICTURE_MARK: usize = 8;

/// What every edition of a site has in common.
#[derive(Debug, Clone, PartialEq)]
pub struct ComposeSettings {
    /// The site's title.
    pub site_title: String,
    /// Absolute address of the site, ending in `/`.
    pub base_url: String,
    /// Authority of `tag:` URIs (RFC 4151), fixed in the store at first start: `wire.example.org`.
    pub authority: String,
    /// Year of `tag:` URIs, fixed likewise.
    pub year: i16,
    /// Names of the formats that are published.
    pub formats: Vec<&'static str>,
    /// The hub that every feed names (W3C WebSub), if there is one.
    pub hub: Option<String>,
    /// What its pages may load and count on.
    pub pages: PageRules,
    /// When the site was first started: the time of an edition that never held a story.
    pub birth: Timestamp,
}

/// What an edition is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading<'a> {
    /// The topic's slug; `None` is `/all/`.
    pub slug: Option<&'a str>,
    /// For people.
    pub title: &'a str,
}

impl ComposeSettings {
    /// Path of an edition's page on the site, without its first slash and ending in `/`: `t/ai/` or `all/`. As a
    /// file name it stands as it is, in an address it is percent-encoded.
    #[must_use]
    pub fn path(slug: Option<&str>) -> String {
        slug.map_or_else(|| "all/".to_owned(), |slug| format!("t/{slug}/"))
    }

    /// Absolute address of an edition's page, ASCII, ending in `/`.
    #[must_use]
    pub fn page_url(&self, slug: Option<&str>) -> String {
        format!("{}{}", self.base_url, encoded(&Self::path(slug)))
    }

    /// `tag:` URI of an edition.
    #[must_use]
    pub fn feed_id(&self, slug: Option<&str>) -> String {
        slug.map_or_else(|| self.tag("all"), |slug| self.tag(&format!("t/{}", encoded(slug))))
    }

    /// `tag:` URI of a story: its entry's id in every format and topic.
    #[must_use]
    pub fn entry_id(&self, story: StoryId) -> String {
        self.tag(&format!("s/{story}"))
    }

    /// The picture of a story as readers get it.
    #[must_use]
    pub fn picture(&self, story: StoryId, image: Image) -> Option<Image> {
        match self.pages.images {
            ImageRule::Link => Some(image),
            // What stands behind the story's id only makes another picture another address.
            ImageRule::Proxy => {
                let digest = Digest::of(image.url.as_bytes()).to_string();
                let mark = digest.get(..PICTURE_MARK).unwrap_or_default();
                Some(Image { url: format!("{}img/{story}-{mark}", self.base_url), ..image })
            }
            ImageRule::None => None,
        }
    }

    /// A note as readers get it: what it shows of other sites is not asked for on their behalf.
    fn note(&self, note: String) -> Option<String> {
        if self.pages.images == ImageRule::Link { Some(note) } else { note::without_pictures(&note) }
    }

    /// Absolute address of a story's page.
    #[must_use]
    pub fn story_url(&self, story: StoryId) -> String {
        format!("{}s/{story}", self.base_url)
    }

    fn tag(&self, specific: &str) -> String {
        format!("tag:{},{}:{specific}", self.authority, self.year)
    }
}

/// The edition of `stories`, which come ranked and cut.
#[must_use]
pub fn compose(settings: &ComposeSettings, heading: Heading<'_>, stories: &[Story]) -> Edition {
    Edition {
        title: heading.title.to_owned(),
        site_title: settings.site_title.clone(),
        page_url: settings.page_url(heading.slug),
        home_url: settings.base_url.clone(),
        feed_id: settings.feed_id(heading.slug),
        links: FeedLinks::default(),
        updated: stories.iter().map(|story| story.updated).max().unwrap_or(settings.birth),
        formats: settings.formats.clone(),
        hub: settings.hub.clone(),
        pages: settings.pages,
        stories: stories.iter().map(|story| story_view(settings, story)).collect(),
    }
}

/// One story as readers see it. Its first coverage leads; a story without any shows its id and no link.
#[must_use]
pub fn story_view(settings: &ComposeSettings, story: &Story) -> StoryView {
    let page_url = settings.story_url(story.id);
    let lead = story.coverage.first().map(|coverage| &coverage.article);
    StoryView {
        id: story.id,
        entry_id: settings.entry_id(story.id),
        title: lead.map_or_else(|| story.id.to_string(), |lead| lead.title.clone()),
        url: lead.map_or_else(|| page_url.clone(), |lead| lead.url.clone()),
        page_url,
        excerpt: lead.and_then(|lead| lead.excerpt.clone()),
        note_html: note_html(&story.notes).and_then(|note| settings.note(note)),
        image: image(story).and_then(|image| settings.picture(story.id, image)),
        lang: lead.and_then(|lead| lead.lang.clone()),
        authors: lead.map(|lead| lead.authors.clone()).unwrap_or_default(),
        published: story.published,
        updated: story.updated,
        cause: cause(story),
        categories: categories(story),
        coverage: order::folded(&story.coverage).into_iter().map(|member| coverage_view(story, member)).collect(),
        related: story.related.iter().map(|related| related_view(settings, related)).collect(),
    }
}

/// Why the story was updated, for readers: publishers by name, those that are still listed.
fn cause(story: &Story) -> Cause {
    let name_of = |domain: &String| {
        let publishers = story.coverage.iter().map(|coverage| &coverage.article.publisher);
        publishers.into_iter().find(|publisher| publisher.domain == *domain).map(|publisher| publisher.name.clone())
    };
    Cause { joined: story.cause.joined.iter().filter_map(name_of).collect(), ..story.cause.clone() }
}

fn related_view(settings: &ComposeSettings, related: &Related) -> RelatedView {
    RelatedView {
        entry_id: settings.entry_id(related.id),
        page_url: settings.story_url(related.id),
        title: related.title.clone(),
        published: related.published,
    }
}

fn coverage_view(story: &Story, coverage: &Coverage) -> CoverageView {
    let article = &coverage.article;
    let original = coverage.copy_of.and_then(|id| story.coverage.iter().find(|other| other.article.id == id));
    CoverageView {
        title: article.title.clone(),
        url: article.url.clone(),
        publisher: article.publisher.name.clone(),
        domain: article.publisher.domain.clone(),
        excerpt: article.excerpt.clone(),
        published: article.published,
        lang: article.lang.clone(),
        copy_of: original.map(|original| original.article.publisher.name.clone()),
    }
}

/// The lead's picture, else that of the best member that has one: coverage stands in that order.
#[must_use]
pub fn image(story: &Story) -> Option<Image> {
    story.coverage.iter().find_map(|coverage| coverage.article.image.clone())
}

/// The story's labels, then its articles' categories, then their kinds; what differs by spelling only stands once.
fn categories(story: &Story) -> Vec<String> {
    fn of(story: &Story, field: fn(&Article) -> Option<&str>) -> impl Iterator<Item = &str> {
        story.coverage.iter().filter_map(move |coverage| field(&coverage.article))
    }
    let mut seen = BTreeSet::new();
    let labels = story.labels.iter().map(String::as_str);
    labels
        .chain(of(story, |article| article.category.as_deref()))
        .chain(of(story, |article| article.kind.as_deref()))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .filter(|name| {
            seen.insert(Some(text::slug(name)).filter(|slug| !slug.is_empty()).unwrap_or((*name).to_owned()))
        })
        .take(MAX_CATEGORIES)
        .map(str::to_owned)
        .collect()
}

/// `path` with all that is not unreserved (RFC 3986 section 2.3) or `/` percent-encoded.
fn encoded(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::tests::{article, story};

    fn settings() -> ComposeSettings {
        ComposeSettings {
            site_title: "My wire".to_owned(),
            base_url: "https://wire.example.org/".to_owned(),
            authority: "wire.example.org".to_owned(),
            year: 2026,
            birth: "2026-01-01T00:00:00Z".parse().unwrap(),
            formats: vec!["rss", "atom", "json", "html"],
            hub: None,
            pages: PageRules::default(),
        }
    }

    #[test]
    fn ids_and_addresses() {
        let settings = settings();
        let check = |slug: Option<&str>, url: &str, id: &str| {
            let edition = compose(&settings, Heading { slug, title: "T" }, &[]);
            assert_eq!((edition.page_url.as_str(), edition.feed_id.as_str()), (url, id));
        };
        check(None, "https://wire.example.org/all/", "tag:wire.example.org,2026:all");
        check(Some("aws-ai"), "https://wire.example.org/t/aws-ai/", "tag:wire.example.org,2026:t/aws-ai");
        check(Some("人"), "https://wire.example.org/t/%E4%BA%BA/", "tag:wire.example.org,2026:t/%E4%BA%BA");
        let story = story(vec![article("https://a.example/", "A", "a.example")]);
        let view = story_view(&settings, &story);
        assert_eq!(view.entry_id, format!("tag:wire.example.org,2026:s/{}", story.id));
        assert_eq!(view.page_url, format!("https://wire.example.org/s/{}", story.id));
    }

    #[test]
    fn updated_is_the_latest_of_the_stories_else_the_birth() {
        let heading = Heading { slug: None, title: "All" };
        assert_eq!(compose(&settings(), heading, &[]).updated, settings().birth);
        let mut one = story(vec![article("https://a.example/", "A", "a.example")]);
        one.updated = "2020-11-13T00:00:00Z".parse().unwrap();
        let two = story(vec![article("https://b.example/", "B", "b.example")]);
        assert_eq!(compose(&settings(), heading, &[two, one.clone()]).updated, one.updated);
    }

    #[test]
    fn the_view_shows_the_lead_and_all_coverage() {
        let mut lead = article("https://a.example/", "A", "a.example");
        lead.title = "Said <AMZN.O>".to_owned();
        lead.authors = vec!["Jane".to_owned()];
        lead.category = Some("news".to_owned());
        lead.kind = Some("article".to_owned());
        let mut copy = article("https://b.example/", "B", "b.example");
        copy.image = Some(Image { url: "https://b.example/p.jpg".to_owned(), width: None, height: None });
        copy.category = Some("News".to_owned());
        let mut story = story(vec![lead, copy]);
        story.coverage[1].copy_of = Some(story.coverage[0].article.id);
        story.labels = vec!["AWS AI".to_owned(), "AI".to_owned(), "ai".to_owned()];
        let view = story_view(&settings(), &story);
        assert_eq!((view.title.as_str(), view.url.as_str()), ("Said <AMZN.O>", "https://a.example/"));
        assert_eq!(view.categories, ["AWS AI", "AI", "news", "article"]);
        assert_eq!(view.image.unwrap().url, "https://b.example/p.jpg");
        assert_eq!(view.coverage.len(), 2);
        assert_eq!(view.coverage[1].copy_of.as_deref(), Some("A"));
        assert_eq!(view.coverage[0].copy_of, None);
    }

    #[test]
    fn a_story_without_coverage_is_shown_somehow() {
        let empty = story(Vec::new());
        assert_eq!(story_view(&settings(), &empty).title, empty.id.to_string());
    }
}
