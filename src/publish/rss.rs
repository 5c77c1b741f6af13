//! RSS 2.0 (<https://www.rssboard.org/rss-specification>): a clean edition in, the document out.
//!
//! Titles are plain text, escaped once as XML, as the specification's own examples are; `description` is the
//! excerpt as HTML and `content:encoded` the whole body. An item's address is its lead's, its `guid` the story's
//! `tag:` URI. The crate escapes and checks nothing else: what comes in must have passed `clean`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Guid, Item};

use super::{FORMATS, archive, feed_description, feed_lang, feed_title, summary};
use crate::model::{Edition, Image, StoryView};

/// Extensions whose elements we write; the crate declares Dublin Core and `content` itself.
const NAMESPACES: [(&str, &str); 3] = [
    ("atom", "http://www.w3.org/2005/Atom"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("sy", "http://purl.org/rss/1.0/modules/syndication/"),
];

/// How often in an hour a reader may look: documents are served with a freshness of a quarter of an hour.
const LOOKS_AN_HOUR: u32 = 4;

/// The document of a clean edition.
pub fn render(edition: &Edition) -> String {
    let channel = Channel {
        title: feed_title(edition),
        link: edition.page_url.clone(),
        description: feed_description(edition),
        language: feed_lang(edition).map(str::to_lowercase),
        last_build_date: Some(rfc822(edition.updated)),
        generator: Some("Newswire".to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        items: edition.stories.iter().map(item).collect(),
        extensions: extensions(links(edition).into_iter().chain(pace())),
        namespaces: NAMESPACES.iter().map(|(prefix, uri)| ((*prefix).to_owned(), (*uri).to_owned())).collect(),
        ..Channel::default()
    };
    let channel = archive::marked_channel(channel, edition);
    // Writing into memory cannot fail, and the crate writes UTF-8.
    let bytes = channel.write_to(Vec::new()).unwrap_or_default();
    let mut document = String::from_utf8(bytes).unwrap_or_default();
    document.push('\n');
    document
}

/// What RSS has no element for: where the document itself is (RSS Advisory Board's profile, `atom:link`), the page in
/// another medium, and the hub (W3C WebSub section 4).
fn links(edition: &Edition) -> Vec<(&'static str, Extension)> {
    let file = FORMATS.iter().find(|format| format.name == "rss").map_or("", |format| format.file);
    let own = format!("{}{file}", edition.page_url);
    let link = |rel, href: &str, media_type: Option<&str>| {
        let mut attributes = vec![("href", href), ("rel", rel)];
        attributes.extend(media_type.map(|media_type| ("type", media_type)));
        ("atom", element("atom:link", None, &attributes))
    };
    let own = link("self", &own, Some("application/rss+xml"));
    let page = link("alternate", &edition.page_url, Some("text/html"));
    [own, page].into_iter().chain(edition.hub.as_deref().map(|hub| link("hub", hub, None))).collect()
}

/// The RDF Site Summary syndication module.
fn pace() -> [(&'static str, Extension); 2] {
    let period = element("sy:updatePeriod", Some("hourly".to_owned()), &[]);
    [("sy", period), ("sy", element("sy:updateFrequency", Some(LOOKS_AN_HOUR.to_string()), &[]))]
}

fn item(story: &StoryView) -> Item {
    let updated = element("atom:updated", Some(story.updated.to_string()), &[]);
    let media = story.image.iter().flat_map(media).map(|element| ("media", element));
    Item {
        title: Some(story.title.clone()),
        link: Some(story.url.clone()),
        description: story.excerpt.as_deref().map(summary::escaped),
        content: Some(summary::content(story)),
        categories: story.categories.iter().map(|name| Category { name: name.clone(), domain: None }).collect(),
        guid: Some(Guid { value: story.entry_id.clone(), permalink: false }),
        pub_date: Some(rfc822(story.published)),
        dublin_core_ext: Some(DublinCoreExtension { creators: creators(story), ..DublinCoreExtension::default() }),
        extensions: extensions(media.chain([("atom", updated)])),
        ..Item::default()
    }
}

/// The lead's authors, else its publisher: `author` itself would need an e-mail address.
fn creators(story: &StoryView) -> Vec<String> {
    if story.authors.is_empty() {
        return story.coverage.first().map(|lead| lead.publisher.clone()).into_iter().collect();
    }
    story.authors.clone()
}

/// The picture twice: readers know either `media:content` or `media:thumbnail`.
fn media(image: &Image) -> [Extension; 2] {
    let (width, height) = (image.width.map(|width| width.to_string()), image.height.map(|height| height.to_string()));
    let mut attributes = vec![("url", image.url.as_str())];
    attributes.extend(width.as_deref().map(|width| ("width", width)));
    attributes.extend(height.as_deref().map(|height| ("height", height)));
    let thumbnail = element("media:thumbnail", None, &attributes);
    attributes.push(("medium", "image"));
    [element("media:content", None, &attributes), thumbnail]
}

fn element(name: &str, value: Option<String>, attributes: &[(&str, &str)]) -> Extension {
    let attrs = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Extension { name: name.to_owned(), value, attrs, children: BTreeMap::new() }
}

/// The crate's map: by prefix, then by name; only the elements' own names are written.
fn extensions<'a>(elements: impl IntoIterator<Item = (&'a str, Extension)>) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    for (prefix, element) in elements {
        let of_prefix = map.entry(prefix.to_owned()).or_default();
        of_prefix.entry(element.name.clone()).or_default().push(element);
    }
    map
}

/// RFC 822 with a year of four digits, in GMT, whatever the locale.
fn rfc822(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
