//! RSS 2.0 by its specification and by the Best Practices Profile of the RSS Advisory Board.

use super::{Rule, html, is_lang, is_tag, is_web, repeated, rfc822, rfc3339, unless};
use crate::publish::dom::Element;

const ATOM: &str = "http://www.w3.org/2005/Atom";
const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";
const DC: &str = "http://purl.org/dc/elements/1.1/";
const MEDIA: &str = "http://search.yahoo.com/mrss/";
const SY: &str = "http://purl.org/rss/1.0/modules/syndication/";
const HISTORY: &str = "http://purl.org/syndication/history/1.0";

/// What `channel` may hold of RSS's own; those after `item` once at most.
const OF_CHANNEL: &[&str] = &[
    "item",
    "category",
    "title",
    "link",
    "description",
    "language",
    "copyright",
    "managingEditor",
    "webMaster",
    "pubDate",
    "lastBuildDate",
    "generator",
    "docs",
    "cloud",
    "ttl",
    "image",
    "rating",
    "textInput",
    "skipHours",
    "skipDays",
];

/// What `item` may hold of RSS's own; those after `category` once at most.
const OF_ITEM: &[&str] =
    &["category", "title", "link", "description", "author", "comments", "enclosure", "guid", "pubDate", "source"];

pub const RULES: &[Rule] = &[
    Rule { name: "root", cite: "RSS 2.0, What is RSS?", check: root },
    Rule { name: "required", cite: "RSS 2.0, Required channel elements", check: required },
    Rule { name: "known", cite: "RSS 2.0, Extending RSS; Profile, Elements", check: known },
    Rule { name: "item", cite: "RSS 2.0, Elements of <item>", check: item },
    Rule { name: "addresses", cite: "RSS 2.0, Comments: link and url begin with a URI scheme", check: addresses },
    Rule { name: "dates", cite: "RSS 2.0, pubDate: RFC 822, years of four digits; Profile, pubDate", check: dates },
    Rule { name: "guid", cite: "RSS 2.0, <guid>; Profile, guid; RFC 4151", check: guid },
    Rule { name: "language", cite: "RSS 2.0, language: values of the W3C or of RSS", check: language },
    Rule { name: "author", cite: "Profile, author: an e-mail address, else dc:creator", check: author },
    Rule { name: "body", cite: "RSS 2.0, description: entity-encoded HTML; Profile, description", check: body },
    Rule { name: "self", cite: "Profile, atom:link; RFC 4287 section 4.2.7", check: own_link },
    Rule {
        name: "namespaces",
        cite: "RSS 2.0, Extending RSS: in a namespace; Namespaces in XML 1.0",
        check: namespaces,
    },
    Rule { name: "media", cite: "Media RSS 1.5.1, media:content, media:thumbnail", check: media },
    Rule { name: "pace", cite: "RSS 1.0 module Syndication", check: pace },
];

fn channel(root: &Element) -> Option<&Element> {
    root.one("channel")
}

fn items(root: &Element) -> impl Iterator<Item = &Element> {
    channel(root).into_iter().flat_map(|channel| channel.all("item"))
}

fn text<'a>(of: &'a Element, name: &str) -> &'a str {
    of.one(name).map_or("", |element| element.text.as_str())
}

fn root(root: &Element) -> Vec<String> {
    let is_rss = root.name == "rss" && root.space.is_empty() && root.attribute("version") == "2.0";
    let mut told = unless(is_rss, "the root is no <rss version=\"2.0\">");
    told.extend(unless(root.children.len() == 1 && channel(root).is_some(), "not one <channel>"));
    told
}

fn required(root: &Element) -> Vec<String> {
    let Some(channel) = channel(root) else { return Vec::new() };
    let missing = |name: &&&str| text(channel, name).trim().is_empty();
    ["title", "link", "description"].iter().filter(missing).map(|name| format!("no <{name}>")).collect()
}

fn known(root: &Element) -> Vec<String> {
    let check = |of: &Element, names: &[&str], repeatable: &str| {
        let own = || of.children.iter().filter(|child| child.space.is_empty()).map(|child| child.name.as_str());
        let unknown = own().filter(|name| !names.contains(name)).map(|name| format!("<{name}> in <{}>", of.name));
        let mut told: Vec<String> = unknown.collect();
        told.extend(repeated(own().filter(|name| *name != "category" && *name != repeatable)));
        told
    };
    let of_channel = channel(root).into_iter().flat_map(|channel| check(channel, OF_CHANNEL, "item"));
    of_channel.chain(items(root).flat_map(|item| check(item, OF_ITEM, "category"))).collect()
}

fn item(root: &Element) -> Vec<String> {
    let bare = |item: &&Element| text(item, "title").is_empty() && text(item, "description").is_empty();
    items(root).filter(bare).map(|_| "an item without title and description".to_owned()).collect()
}

fn addresses(root: &Element) -> Vec<String> {
    let of_channel = channel(root).into_iter().flat_map(|channel| [text(channel, "link"), text(channel, "docs")]);
    let all = of_channel.chain(items(root).map(|item| text(item, "link")));
    all.filter(|url| !is_web(url)).map(|url| format!("`{url}`")).collect()
}

fn dates(root: &Element) -> Vec<String> {
    let built = channel(root).into_iter().map(|channel| text(channel, "lastBuildDate"));
    let all = built.chain(items(root).map(|item| text(item, "pubDate")));
    let mut told: Vec<String> = all.filter(|date| rfc822(date).is_none()).map(|date| format!("`{date}`")).collect();
    let updated = items(root).flat_map(|item| item.foreign(ATOM, "updated")).map(|date| date.text.as_str());
    told.extend(updated.filter(|date| rfc3339(date).is_none()).map(|date| format!("`{date}` (RFC 3339)")));
    told
}

fn guid(root: &Element) -> Vec<String> {
    let guids = || items(root).filter_map(|item| item.one("guid"));
    let mut told = unless(guids().count() == items(root).count(), "an item without guid");
    told.extend(repeated(guids().map(|guid| guid.text.as_str())));
    let wrong = |guid: &&Element| guid.attribute("isPermaLink") != "false" || !is_tag(&guid.text);
    told.extend(guids().filter(wrong).map(|guid| format!("`{}`", guid.text)));
    told
}

fn language(root: &Element) -> Vec<String> {
    let stated = channel(root).and_then(|channel| channel.one("language"));
    let wrong = stated.filter(|lang| !is_lang(&lang.text) || lang.text.contains(char::is_uppercase));
    wrong.map(|lang| format!("`{}`", lang.text)).into_iter().collect()
}

fn author(root: &Element) -> Vec<String> {
    let both = |item: &&Element| item.one("author").is_some();
    let mut told: Vec<String> = items(root).filter(both).map(|_| "an author beside dc:creator".to_owned()).collect();
    let creators = items(root).flat_map(|item| item.foreign(DC, "creator"));
    told.extend(creators.filter(|name| name.text.is_empty()).map(|_| "an empty dc:creator".to_owned()));
    told
}

fn body(root: &Element) -> Vec<String> {
    let described = items(root).filter_map(|item| item.one("description"));
    let encoded = items(root).flat_map(|item| item.foreign(CONTENT, "encoded"));
    let mut told: Vec<String> = described.chain(encoded).flat_map(|body| html(&body.text)).collect();
    let twice = items(root).filter(|item| item.foreign(CONTENT, "encoded").count() > 1);
    told.extend(twice.map(|_| "content:encoded twice".to_owned()));
    told
}

fn own_link(root: &Element) -> Vec<String> {
    let links: Vec<&Element> = channel(root).into_iter().flat_map(|channel| channel.foreign(ATOM, "link")).collect();
    let own = links.iter().filter(|link| {
        link.attribute("rel") == "self" && link.attribute("type").split(';').next() == Some("application/rss+xml")
    });
    let mut told = unless(own.count() == 1, "not one atom:link of this document");
    let wrong = links.iter().filter(|link| !is_web(link.attribute("href")) || !link.text.is_empty());
    told.extend(wrong.map(|link| format!("atom:link to `{}`", link.attribute("href"))));
    told
}

/// A prefix that is bound to nothing does not get this far; here it is what they are bound to.
fn namespaces(root: &Element) -> Vec<String> {
    let ours = ["", ATOM, CONTENT, DC, MEDIA, SY, HISTORY];
    let used = channel(root).into_iter().chain(items(root)).flat_map(|element| &element.children);
    let strange = used.filter(|child| !ours.contains(&child.space.as_str()));
    strange.map(|child| format!("<{}> in `{}`", child.name, child.space)).collect()
}

fn media(root: &Element) -> Vec<String> {
    let mut told = Vec::new();
    for element in items(root).flat_map(|item| item.children.iter().filter(|child| child.space == MEDIA)) {
        let is_size = |size: Option<&String>| size.is_none_or(|size| size.parse::<u32>().is_ok_and(|size| size > 0));
        let sized = is_size(element.attributes.get("width")) && is_size(element.attributes.get("height"));
        let named = matches!(element.name.as_str(), "content" | "thumbnail");
        let fine = named && sized && is_web(element.attribute("url"));
        told.extend(unless(fine, format!("media:{} {:?}", element.name, element.attributes)));
    }
    told
}

fn pace(root: &Element) -> Vec<String> {
    let of =
        |name: &str| channel(root).and_then(|channel| channel.foreign(SY, name).next().map(|found| found.text.clone()));
    let period = of("updatePeriod");
    let periods = ["hourly", "daily", "weekly", "monthly", "yearly"];
    let mut told = unless(period.is_none_or(|period| periods.contains(&period.as_str())), "sy:updatePeriod");
    let frequency = of("updateFrequency");
    told.extend(unless(frequency.is_none_or(|often| often.parse::<u32>().is_ok_and(|often| often > 0)), "frequency"));
    told
}
