//! Digests: the issues of a topic's digest in, an Atom document (RFC 4287) out, one entry a period.
//!
//! An entry's id is made of the end of its period, and its content is a list of links. Everything passes `clean`.

use std::fmt::Write as _;

use atom_syndication::{Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use jiff::Timestamp;

use super::{atom, clean};

/// Media type of the document.
pub const ATOM_MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

/// Characters of a title.
const TITLE: usize = 500;

/// What the feed says of itself.
#[derive(Debug, Clone, Copy)]
pub struct DigestFeed<'a> {
    /// The topic's title.
    pub title: &'a str,
    /// The site's title.
    pub site_title: &'a str,
    /// Its own address.
    pub own_url: &'a str,
    /// The topic's page.
    pub page_url: &'a str,
    /// Its `tag:` URI.
    pub id: &'a str,
    /// When a feed without issues was updated.
    pub birth: Timestamp,
    /// The hub that delivers it.
    pub hub: Option<&'a str>,
}

/// What was new in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// The end of the period.
    pub until: Timestamp,
    /// Best first.
    pub lines: Vec<IssueLine>,
}

/// One story of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueLine {
    /// The lead's title.
    pub title: String,
    /// The lead's address.
    pub url: String,
    /// The lead's publisher.
    pub publisher: String,
    /// Other publishers that covered it.
    pub others: usize,
    /// The story's page.
    pub page_url: String,
}

/// The document; `issues` come newest first.
#[must_use]
pub fn digest(feed: &DigestFeed<'_>, issues: &[Issue]) -> String {
    let (title, site) = (clean::text(feed.title, TITLE), clean::text(feed.site_title, TITLE));
    let link = |rel: &str, href: &str, media_type: &str| Link {
        href: clean::address(href).unwrap_or_default(),
        rel: rel.to_owned(),
        mime_type: Some(media_type.to_owned()).filter(|media_type| !media_type.is_empty()),
        ..Link::default()
    };
    let own = [link("self", feed.own_url, "application/atom+xml"), link("alternate", feed.page_url, "text/html")];
    let document = Feed {
        title: Text::plain(format!("{title} · digest")),
        id: feed.id.to_owned(),
        updated: date(issues.first().map_or(feed.birth, |issue| issue.until)),
        authors: vec![Person { name: if site.is_empty() { title.clone() } else { site }, ..Person::default() }],
        generator: Some(Generator { value: "Newswire".to_owned(), uri: None, version: None }),
        links: own.into_iter().chain(feed.hub.map(|hub| link("hub", hub, ""))).collect(),
        subtitle: Some(Text::plain(format!("{title}: what was new, one entry per period"))),
        entries: issues.iter().map(|issue| entry(feed, &title, issue)).collect(),
        ..Feed::default()
    };
    atom::written(&document)
}

fn entry(feed: &DigestFeed<'_>, title: &str, issue: &Issue) -> Entry {
    let stories = match issue.lines.len() {
        1 => "1 story".to_owned(),
        count => format!("{count} stories"),
    };
    let until = issue.until.strftime("%-d %B %Y, %H:%M UTC");
    Entry {
        title: Text::plain(format!("{title}: {stories} until {until}")),
        id: format!("{}/{}", feed.id, issue.until.strftime("%Y-%m-%dT%H:%M:%SZ")),
        updated: date(issue.until),
        published: Some(date(issue.until)),
        links: clean::address(feed.page_url)
            .map(|href| Link { href, rel: "alternate".to_owned(), ..Link::default() })
            .into_iter()
            .collect(),
        content: Some(Content {
            value: Some(content(issue)),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

/// A list of links as HTML.
fn content(issue: &Issue) -> String {
    let escaped = |text: &str| quick_xml::escape::escape(clean::text(text, TITLE)).into_owned();
    let linked = |url: &str, text: &str| match clean::address(url) {
        Some(url) => format!("<a href=\"{}\">{}</a>", quick_xml::escape::escape(&url), escaped(text)),
        None => escaped(text),
    };
    let mut html = "<ol>".to_owned();
    for line in &issue.lines {
        let others = match line.others {
            0 => String::new(),
            1 => " and 1 more".to_owned(),
            others => format!(" and {others} more"),
        };
        let (title, page) = (linked(&line.url, &line.title), linked(&line.page_url, "all coverage"));
        // Writing into memory cannot fail.
        let _ = write!(html, "<li>{title} ({}{others}; {page})</li>", escaped(&line.publisher));
    }
    html.push_str("</ol>");
    html
}

/// The crate's type for a time.
fn date(time: Timestamp) -> FixedDateTime {
    chrono::DateTime::from_timestamp(clean::time(time).as_second(), 0).unwrap_or_default().fixed_offset()
}
