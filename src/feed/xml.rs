//! XML feeds: `repair`, then feed-rs, then our own words.
//!
//! In comes decoded text; out goes [`Feed`]. feed-rs is given well-formed UTF-8 without a declaration. It has panicked on
//! odd input before (encodings, e-mail addresses), so a panic is caught here and becomes a note.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model as raw;
use feed_rs::parser;
use jiff::Timestamp;

use super::repair::{self, Repaired};
use super::{MOST_VALUES, excerpt, undeclared};
use crate::dates;
use crate::model::{Entry, Feed, FeedHints, Image};
use crate::{text, url};

/// Seconds of the periods of the syndication module.
const PERIODS: &[(&str, u64)] =
    &[("hourly", 3_600), ("daily", 86_400), ("weekly", 604_800), ("monthly", 2_592_000), ("yearly", 31_536_000)];

/// The feed in `text`, which came from `base`.
pub(super) fn read(text: &str, base: &str) -> Feed {
    let Repaired { xml, format, mut notes } = repair::repair(text, base);
    let Some(format) = format else {
        return Feed { notes: vec!["this is no feed".to_owned()], ..Feed::default() };
    };
    match parse(&xml, base) {
        Ok(parsed) => {
            let mut feed = convert(parsed, base);
            feed.format = Some(format.to_owned());
            hints(&xml, &mut feed.hints);
            feed.notes = notes;
            feed
        }
        Err(problem) => {
            notes.push(problem);
            Feed { notes, ..Feed::default() }
        }
    }
}

fn parse(xml: &str, base: &str) -> Result<raw::Feed, String> {
    let parser = parser::Builder::new()
        .base_uri(url::resolve(base, "").as_ref())
        .sanitize_content(false)
        .timestamp_parser(timestamp)
        // An id that the feed does not state is absent: nothing random, nothing invented.
        .id_generator(|_, _, _| String::new())
        .build();
    // The parser is ours alone and is dropped after a panic, so no broken state is seen again.
    match catch_unwind(AssertUnwindSafe(|| parser.parse(xml.as_bytes()))) {
        Ok(parsed) => parsed.map_err(|error| format!("cannot be read: {error}")),
        Err(_) => Err("cannot be read: the parser broke on it".to_owned()),
    }
}

fn timestamp(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    let instant = dates::read(text)?.utc()?;
    chrono::DateTime::from_timestamp(instant.as_second(), 0)
}

fn instant(time: chrono::DateTime<chrono::Utc>) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

fn convert(feed: raw::Feed, base: &str) -> Feed {
    let is_rss = feed.feed_type != raw::FeedType::Atom;
    let rel = |wanted: &str| {
        let link =
            feed.links.iter().find(|link| link.rel.as_deref().is_some_and(|rel| rel.eq_ignore_ascii_case(wanted)))?;
        web(base, &link.href)
    };
    let hints = FeedHints {
        ttl_s: feed.ttl.map(|minutes| u64::from(minutes) * 60).filter(|seconds| *seconds > 0),
        hub: rel("hub"),
        self_url: rel("self"),
        next: rel("next"),
        prev_archive: rel("prev-archive"),
        ..FeedHints::default()
    };
    // In RSS the plain `link` is the site; `atom:link`s beside it all have a `rel`.
    let own = feed.links.iter().find(|link| link.rel.is_none()).map(|link| link.href.as_str());
    let link = own.and_then(|href| web(base, href)).or_else(|| rel("alternate"));
    let authors = names(&feed.authors);
    Feed {
        format: None,
        title: feed.title.as_ref().and_then(|title| plain(title, is_rss)),
        link,
        lang: feed.language.map(|lang| lang.trim().replace('_', "-")).filter(|lang| !lang.is_empty()),
        entries: feed.entries.into_iter().map(|item| entry(item, is_rss, &authors, base)).collect(),
        hints,
        notes: Vec::new(),
    }
}

fn entry(item: raw::Entry, is_rss: bool, feed_authors: &[String], base: &str) -> Entry {
    let guid = Some(text::squash(&item.id)).filter(|id| !id.is_empty());
    let alternate = item
        .links
        .iter()
        .filter(|link| link.target.is_none())
        .find(|link| link.rel.as_deref().is_none_or(|rel| rel.eq_ignore_ascii_case("alternate")));
    let link = alternate.and_then(|link| web(base, &link.href));
    // A permalink `guid`, or an Atom id that is an address, where there is no link.
    let permalink = guid.as_deref().filter(|id| id.starts_with("http://") || id.starts_with("https://"));
    let link = link.or_else(|| permalink.and_then(|id| web(base, id)));
    let summary = item.summary.as_ref().and_then(|summary| {
        if is_rss || is_markup(summary.content_type.as_str()) {
            excerpt(&summary.content)
        } else {
            short(&summary.content)
        }
    });
    let content = item.content.as_ref().and_then(|content| {
        let body = content.body.as_deref()?;
        if is_markup(content.content_type.as_str()) { excerpt(body) } else { short(body) }
    });
    let mut authors = names(&item.authors);
    if authors.is_empty() {
        authors = feed_authors.to_vec();
    }
    Entry {
        url: link.unwrap_or_default(),
        title: item.title.as_ref().and_then(|title| plain(title, is_rss)),
        excerpt: summary.or(content),
        published: item.published.and_then(instant),
        updated: item.updated.and_then(instant),
        authors,
        images: images(&item, base),
        tags: tags(&item),
        lang: item.language.filter(|lang| !lang.trim().is_empty()),
        guid,
        ..Entry::default()
    }
}

/// `reference` as an absolute `http(s)` address.
fn web(base: &str, reference: &str) -> Option<String> {
    let reference = reference.trim();
    let address =
        if reference.is_empty() { None } else { url::resolve(base, reference).or_else(|| url::resolve(reference, "")) };
    address.filter(|address| address.starts_with("http://") || address.starts_with("https://"))
}

fn is_markup(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind.contains("html") || kind.ends_with("xml")
}

fn plain(title: &raw::Text, is_rss: bool) -> Option<String> {
    let plain = match () {
        () if is_markup(title.content_type.as_str()) => text::from_html(&title.content),
        () if is_rss => undeclared(&title.content),
        () => text::squash(&title.content),
    };
    Some(plain).filter(|plain| !plain.is_empty())
}

fn short(content: &str) -> Option<String> {
    Some(text::shorten(&text::squash(content), super::EXCERPT)).filter(|short| !short.is_empty())
}

fn names(people: &[raw::Person]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for person in people.iter().take(MOST_VALUES) {
        let name = person.name.as_deref().map(text::from_html).unwrap_or_default();
        let name = name.trim_matches(['(', ')', '<', '>', '"', ' ', ',']).to_owned();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn tags(item: &raw::Entry) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for category in item.categories.iter().take(MOST_VALUES) {
        let tag = text::from_html(category.label.as_deref().unwrap_or(&category.term));
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// Pictures: media content that is one, thumbnails, enclosures; the largest stated first.
fn images(item: &raw::Entry, base: &str) -> Vec<Image> {
    let mut images: Vec<Image> = Vec::new();
    let mut push = |address: &str, width: Option<u32>, height: Option<u32>| {
        if let Some(url) = web(base, address)
            && images.iter().all(|known| known.url != url)
            && images.len() < MOST_VALUES
        {
            images.push(Image { url, width, height });
        }
    };
    for media in &item.media {
        for content in &media.content {
            let Some(address) = &content.url else { continue };
            let is_image = match &content.content_type {
                Some(kind) => kind.ty().as_str().eq_ignore_ascii_case("image"),
                None => has_image_name(address.path()),
            };
            if is_image {
                push(address.as_str(), content.width, content.height);
            }
        }
        for thumbnail in &media.thumbnails {
            push(&thumbnail.image.uri, thumbnail.image.width, thumbnail.image.height);
        }
    }
    for link in item.links.iter().filter(|link| link.rel.as_deref() == Some("enclosure")) {
        if link.media_type.as_deref().is_some_and(|kind| kind.starts_with("image/")) {
            push(&link.href, None, None);
        }
    }
    images.sort_by_key(|image| std::cmp::Reverse(image.width.unwrap_or(0)));
    images
}

fn has_image_name(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(ending.as_str(), "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif")
}

/// What feed-rs leaves out: `skipHours`, `skipDays` and the syndication module. The repaired text is in our hand, so a
/// plain search finds them: no text of it holds a raw `<`.
fn hints(xml: &str, hints: &mut FeedHints) {
    let hours = inside(xml, "skipHours").map(|list| each(list, "hour")).unwrap_or_default();
    // RSS 0.91 counts 1 to 24.
    hints.skip_hours =
        hours.filter_map(|hour| hour.parse::<u8>().ok()).filter(|hour| *hour <= 24).map(|hour| hour % 24).collect();
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let stated = inside(xml, "skipDays").map(|list| each(list, "day")).unwrap_or_default();
    hints.skip_days = stated
        .filter_map(|day| days.iter().find(|known| known.eq_ignore_ascii_case(day)))
        .map(|day| (*day).to_owned())
        .collect();
    hints.skip_hours.sort_unstable();
    hints.skip_hours.dedup();
    hints.skip_days.dedup();
    let period = inside(xml, "sy:updatePeriod").map(str::trim);
    let seconds = period
        .and_then(|period| PERIODS.iter().find(|(name, _)| name.eq_ignore_ascii_case(period)))
        .map(|(_, seconds)| *seconds);
    if let (None, Some(seconds)) = (hints.ttl_s, seconds) {
        let times = inside(xml, "sy:updateFrequency").and_then(|times| times.trim().parse::<u64>().ok()).unwrap_or(1);
        hints.ttl_s = Some((seconds / times.max(1)).max(60));
    }
}

fn inside<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, after) = xml.split_once(&format!("<{name}>"))?;
    Some(after.split_once(&format!("</{name}>"))?.0)
}

#[derive(Default)]
struct Each<'x> {
    rest: &'x str,
    name: &'x str,
}

fn each<'x>(list: &'x str, name: &'x str) -> Each<'x> {
    Each { rest: list, name }
}

impl<'x> Iterator for Each<'x> {
    type Item = &'x str;

    fn next(&mut self) -> Option<&'x str> {
        let (_, after) = self.rest.split_once(&format!("<{}>", self.name))?;
        let (value, rest) = after.split_once(&format!("</{}>", self.name))?;
        self.rest = rest;
        Some(value.trim())
    }
}
