//! Formats: an [`Edition`] in, the bytes of a document out.
//!
//! [`FORMATS`] is the closed list of what an edition can be written as; beside it stand the pages that are no
//! edition: [`index`], [`story`], [`search_page`], [`alias_stub`], [`opml()`], [`digest()`] and [`health()`]. Each first passes what it is given through `clean`,
//! the one place that decides which characters and addresses may leave, and then escapes exactly once. The same
//! edition gives the same bytes: never does anything here look at a clock, a counter or hash order.

use crate::model::{Edition, PageRules};

mod archive;
mod atom;
mod clean;
mod digest;
mod health;
mod html;
mod json_feed;
mod opml;
mod rss;
mod summary;

pub use digest::{ATOM_MEDIA_TYPE, DigestFeed, Issue, IssueLine, digest};
pub use health::{HealthFeed, health};
pub use html::{
    Fact, HealthPage, SCRIPT, STYLE, STYLE_HASH, SourceLine, alias_stub, health_page, index, policy, search_page,
    story, topic_page,
};
pub use opml::opml;

/// Coverage listed in a feed entry. A story of more is a feed reader's burden; its own page lists all.
const LISTED: usize = 200;

/// One way to write an edition.
#[derive(Clone, Copy)]
pub struct Format {
    /// Its name in `publish.formats`, in logs and metrics.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// File beside the edition's page; empty for the page itself.
    pub file: &'static str,
    /// Media type with charset.
    pub media_type: &'static str,
    /// The whole document.
    pub render: fn(&Edition) -> String,
}

/// Every format. Contract tests run over all of them.
pub const FORMATS: &[Format] = &[
    Format {
        name: "rss",
        label: "RSS",
        file: "rss.xml",
        media_type: "application/rss+xml; charset=utf-8",
        render: |edition| rss::render(&clean::edition(edition)),
    },
    Format {
        name: "atom",
        label: "Atom",
        file: "atom.xml",
        media_type: "application/atom+xml; charset=utf-8",
        render: |edition| atom::render(&clean::edition(edition)),
    },
    Format {
        name: "json",
        label: "JSON Feed",
        file: "feed.json",
        media_type: "application/feed+json; charset=utf-8",
        render: |edition| json_feed::render(&clean::edition(edition)),
    },
    Format { name: "html", label: "Web page", file: "", media_type: "text/html; charset=utf-8", render: topic_page },
];

/// Media type of [`opml()`].
pub const OPML_MEDIA_TYPE: &str = "text/x-opml; charset=utf-8";

/// Media type of the pages.
pub const HTML_MEDIA_TYPE: &str = "text/html; charset=utf-8";

/// What the pages that are no edition know of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site<'a> {
    /// The site's title.
    pub title: &'a str,
    /// Absolute address of the site, ending in `/`.
    pub home_url: &'a str,
    /// Names of the formats that are published (`publish.formats`): pages link no others.
    pub formats: &'a [&'a str],
    /// What its pages may load and count on.
    pub pages: PageRules,
}

/// One topic in [`index`] and [`opml()`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicLine {
    /// For people.
    pub title: String,
    /// Absolute address of its page, ending in `/`.
    pub page_url: String,
    /// Stories it shows now.
    pub stories: usize,
    /// The latest change of one of them.
    pub updated: Option<jiff::Timestamp>,
    /// The stories that lead it, for the site's first page.
    pub headlines: Vec<Headline>,
}

/// A story by its title alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// The lead's title.
    pub title: String,
    /// Its page on this site.
    pub url: String,
    /// The lead's language.
    pub lang: Option<String>,
}

/// What feed readers list a feed as: the topic, then whose it is.
fn feed_title(edition: &Edition) -> String {
    if edition.site_title.is_empty() || edition.site_title == edition.title {
        return edition.title.clone();
    }
    format!("{} · {}", edition.title, edition.site_title)
}

/// One line on what a feed is.
fn feed_description(edition: &Edition) -> String {
    format!("{}: one entry per story, with all its coverage", edition.title)
}

/// The language of all stories, where all state one and the same.
fn feed_lang(edition: &Edition) -> Option<&str> {
    let first = edition.stories.first()?.lang.as_deref()?;
    edition.stories.iter().all(|story| story.lang.as_deref() == Some(first)).then_some(first)
}
