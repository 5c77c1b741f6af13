//! Merging: what seeds, the article's own page and feeds say becomes one `Article`.
//!
//! What a seed states wins, since it is editorial; then the page; then the feeds. Each field remembers where it
//! came from. Nothing is invented: what nobody stated stays absent, but for the three things no article can be
//! without (a title, a publisher, a time), which then fall back to the address and the time it was first seen.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{
    Article, ArticleId, Digest, Entry, Field, Found, Image, PageMetadata, Publisher, Stated, Statement,
};
use crate::url;

/// What is known of an article apart from what is stated about it.
#[derive(Debug, Clone, Copy)]
pub struct Root<'a> {
    /// Identity.
    pub id: ArticleId,
    /// The address it was first stated under.
    pub url: &'a str,
    /// When it was first stated.
    pub first_seen: Timestamp,
}

/// The article, merged. `statements` come seeds first.
#[must_use]
pub fn merge(root: Root<'_>, statements: &[Statement], page: Option<&PageMetadata>) -> Article {
    Merging { statements, page, origins: None }.article(root)
}

/// Where [`merge`] takes each field from that somebody stated: `seed:PATH`, `page:EXTRACTOR`, `feed:ADDRESS` (masked).
#[must_use]
pub fn provenance(root: Root<'_>, statements: &[Statement], page: Option<&PageMetadata>) -> BTreeMap<Field, String> {
    let mut merging = Merging { statements, page, origins: Some(BTreeMap::new()) };
    merging.article(root);
    merging.origins.unwrap_or_default()
}

/// The article as grouping looks at it: as seeds and feeds state it, so that where it stands does not hang on when
/// its page was read. The page only fills in for a title or a time that nobody stated, and names the original of a copy.
#[must_use]
pub fn stated(root: Root<'_>, statements: &[Statement], page: Option<&PageMetadata>) -> Article {
    let lacks = |has: fn(&Entry) -> bool| !statements.iter().any(|statement| has(&statement.entry));
    let page = page.map(|page| PageMetadata {
        title: page.title.clone().filter(|_| lacks(|entry| entry.title.is_some())),
        published: page.published.clone().filter(|_| lacks(|entry| entry.published.or(entry.updated).is_some())),
        canonical: page.canonical.clone(),
        ..PageMetadata::default()
    });
    merge(root, statements, page.as_ref())
}

/// Digest of all that readers see of an article.
#[must_use]
pub fn face(article: &Article) -> Digest {
    Digest::of_value(article)
}

/// Digest of all that decides where an article stands; `article` comes from [`stated`].
#[must_use]
pub fn text(article: &Article) -> Digest {
    let Article { title, excerpt, publisher, published, lang, .. } = article;
    Digest::of_value(&(title, excerpt, &publisher.domain, published.as_second(), lang))
}

/// Whether the article lacks what a page could give: image or excerpt.
#[must_use]
pub fn lacks_metadata(article: &Article) -> bool {
    article.image.is_none() || article.excerpt.is_none()
}

struct Merging<'a> {
    statements: &'a [Statement],
    page: Option<&'a PageMetadata>,
    /// Kept only where somebody asks.
    origins: Option<BTreeMap<Field, String>>,
}

/// Who gave a value.
enum Origin<'a> {
    Stated(&'a Stated),
    Page(&'a str),
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stated(Stated::Seed { path }) => write!(f, "seed:{path}"),
            Self::Stated(Stated::Source { url, .. }) => write!(f, "feed:{}", url::mask(url)),
            Self::Page(from) => write!(f, "page:{from}"),
        }
    }
}

impl<'a> Merging<'a> {
    fn article(&mut self, root: Root<'_>) -> Article {
        let address = self.address().unwrap_or_else(|| root.url.to_owned());
        let title = self
            .text(Field::Title, |entry| entry.title.as_ref(), |page| page.title.as_ref())
            .unwrap_or_else(|| address.split_once("://").map_or(address.as_str(), |(_, rest)| rest).to_owned());
        Article {
            id: root.id,
            title,
            excerpt: self.text(Field::Excerpt, |entry| entry.excerpt.as_ref(), |page| page.description.as_ref()),
            authors: self.authors(),
            publisher: self.publisher(&address),
            published: self.published().unwrap_or(root.first_seen),
            image: self.image(),
            lang: self.lang(),
            category: self.text(Field::Category, |entry| entry.category.as_ref(), |page| page.section.as_ref()),
            kind: self.text(Field::Kind, |entry| entry.kind.as_ref(), |page| page.kind.as_ref()),
            tags: self.tags(),
            labels: labels(self.statements),
            quality: self.pick(Field::Quality, |entry| entry.quality, |_| None).unwrap_or(0),
            canonical_elsewhere: self.page.and_then(|page| elsewhere(&address, page)),
            url: address,
        }
    }

    /// The first value in the order of trust, with its origin noted.
    fn pick<T>(
        &mut self,
        field: Field,
        stated: impl Fn(&'a Entry) -> Option<T>,
        found: impl Fn(&'a PageMetadata) -> Option<(T, &'a str)>,
    ) -> Option<T> {
        let (value, origin) = self
            .stated_by(true, &stated)
            .or_else(|| self.page.and_then(found).map(|(value, from)| (value, Origin::Page(from))))
            .or_else(|| self.stated_by(false, &stated))?;
        self.note(field, |_| origin.to_string());
        Some(value)
    }

    fn note(&mut self, field: Field, origin: impl FnOnce(&Self) -> String) {
        if self.origins.is_some() {
            let origin = origin(self);
            self.origins.get_or_insert_default().insert(field, origin);
        }
    }

    fn stated_by<T>(&self, seeds: bool, stated: impl Fn(&'a Entry) -> Option<T>) -> Option<(T, Origin<'a>)> {
        self.statements
            .iter()
            .filter(|statement| matches!(statement.by, Stated::Seed { .. }) == seeds)
            .find_map(|statement| Some((stated(&statement.entry)?, Origin::Stated(&statement.by))))
    }

    fn text(
        &mut self,
        field: Field,
        stated: impl Fn(&'a Entry) -> Option<&'a String>,
        found: impl Fn(&'a PageMetadata) -> Option<&'a Found<String>>,
    ) -> Option<String> {
        let text = self.pick(
            field,
            |entry| stated(entry).filter(|text| !text.is_empty()),
            |page| found(page).filter(|found| !found.value.is_empty()).map(|found| (&found.value, found.from.as_str())),
        );
        text.cloned()
    }

    /// A seed's address, else the page's canonical one at the same publisher, else a feed's.
    fn address(&self) -> Option<String> {
        let canonical = |entry: &Entry| url::canonical(&entry.url).ok();
        let feed = self.stated_by(false, canonical).map(|(address, _)| address);
        let own = self.page.and_then(|page| url::canonical(&page.canonical.as_ref()?.value).ok());
        let same_publisher = |own: &String| {
            feed.as_ref().is_some_and(|feed| url::registrable_domain(feed) == url::registrable_domain(own))
        };
        let seed = self.stated_by(true, canonical).map(|(address, _)| address);
        seed.or_else(|| own.filter(same_publisher)).or(feed)
    }

    fn authors(&mut self) -> Vec<String> {
        let several = |authors: Vec<String>| (!authors.is_empty()).then_some(authors);
        self.pick(
            Field::Authors,
            |entry| several(entry.authors.clone()),
            |page| {
                let from = page.author.first()?.from.as_str();
                Some((page.author.iter().map(|author| author.value.clone()).collect(), from))
            },
        )
        .unwrap_or_default()
    }

    fn tags(&mut self) -> Vec<String> {
        let several = |tags: Vec<String>| (!tags.is_empty()).then_some(tags);
        self.pick(
            Field::Tags,
            |entry| several(entry.tags.clone()),
            |page| {
                let from = page.tags.first()?.from.as_str();
                Some((page.tags.iter().map(|tag| tag.value.clone()).collect(), from))
            },
        )
        .unwrap_or_default()
    }

    /// The name people know; without one, the title of a feed from the same domain, else the domain.
    fn publisher(&mut self, address: &str) -> Publisher {
        let domain = url::registrable_domain(address).unwrap_or_default();
        let named = self.pick(
            Field::Publisher,
            |entry| entry.publisher.clone().filter(|publisher| !publisher.name.is_empty()),
            |page| {
                let site = page.site_name.as_ref()?;
                Some((Publisher { name: site.value.clone(), domain: String::new() }, site.from.as_str()))
            },
        );
        let feed_title = || {
            self.statements.iter().find_map(|statement| match &statement.by {
                Stated::Source { url, title: Some(title), .. }
                    if url::registrable_domain(url).as_deref() == Some(domain.as_str()) =>
                {
                    Some(Publisher { name: title.clone(), domain: String::new() })
                }
                _ => None,
            })
        };
        let mut publisher = named.or_else(feed_title).unwrap_or_default();
        if publisher.domain.is_empty() {
            publisher.domain.clone_from(&domain);
        }
        if publisher.name.is_empty() {
            publisher.name.clone_from(&publisher.domain);
        }
        publisher
    }

    /// An instant from anyone goes before a day from the page, which may be written as the midnight that it begins with.
    fn published(&mut self) -> Option<Timestamp> {
        let instant = self.pick(
            Field::Published,
            |entry| entry.published.or(entry.updated),
            |page| {
                let found = page.published.as_ref().filter(|found| !found.value.may_be_a_day())?;
                Some((found.value.instant()?, found.from.as_str()))
            },
        );
        instant.or_else(|| {
            let Found { value: when, from } = self.page?.published.as_ref()?;
            if let Some(midnight) = when.instant() {
                self.note(Field::Published, |_| Origin::Page(from).to_string());
                return Some(midnight);
            }
            let noon = when.day().at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?.timestamp();
            self.note(Field::Published, |_| format!("page:{from} (the day alone: noon UTC)"));
            Some(noon)
        })
    }

    fn image(&mut self) -> Option<Image> {
        self.pick(
            Field::Image,
            |entry| entry.images.first().cloned(),
            |page| page.image.as_ref().map(|image| (image.value.clone(), image.from.as_str())),
        )
    }

    /// The page's word, else the entry's, else the feed's as a whole.
    fn lang(&mut self) -> Option<String> {
        let stated = self.text(Field::Lang, |entry| entry.lang.as_ref(), |page| page.lang.as_ref());
        stated.or_else(|| {
            self.statements.iter().find_map(|statement| match &statement.by {
                Stated::Source { lang, .. } => lang.clone(),
                Stated::Seed { .. } => None,
            })
        })
    }
}

fn labels(statements: &[Statement]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for statement in statements {
        let Stated::Source { labels: given, .. } = &statement.by else { continue };
        for label in given {
            if !labels.contains(label) {
                labels.push(label.clone());
            }
        }
    }
    labels
}

/// The page's canonical address, when it belongs to another publisher: the page says that it is a copy.
fn elsewhere(address: &str, page: &PageMetadata) -> Option<String> {
    let canonical = url::canonical(&page.canonical.as_ref()?.value).ok()?;
    (url::registrable_domain(&canonical) != url::registrable_domain(address)).then_some(canonical)
}
