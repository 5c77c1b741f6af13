//! What RFC 4287 asks of Atom documents in prose; its grammar is `atom.rng`.

use super::{Rule, html, is_lang, is_tag, is_web, repeated, rfc3339, unless};
use crate::publish::dom::Element;

const MEDIA: &str = "http://search.yahoo.com/mrss/";
const THREAD: &str = "http://purl.org/syndication/thread/1.0";

pub const RULES: &[Rule] = &[
    Rule { name: "root", cite: "RFC 4287 section 2", check: root },
    Rule { name: "author", cite: "RFC 4287 sections 4.1.1 and 4.1.2", check: author },
    Rule { name: "persons", cite: "RFC 4287 section 3.2.1", check: persons },
    Rule { name: "ids", cite: "RFC 4287 section 4.2.6; RFC 4151", check: ids },
    Rule { name: "self", cite: "RFC 4287 section 4.1.1: SHOULD contain rel=self", check: own_link },
    Rule {
        name: "alternates",
        cite: "RFC 4287 sections 4.1.1 and 4.1.2: one of each type and language",
        check: alternates,
    },
    Rule { name: "links", cite: "RFC 4287 section 4.2.7", check: links },
    Rule { name: "dates", cite: "RFC 4287 section 3.3; RFC 3339", check: dates },
    Rule { name: "body", cite: "RFC 4287 section 4.1.3.3, item 2: HTML that a div may hold", check: body },
    Rule { name: "source", cite: "RFC 4287 section 4.2.11: SHOULD contain id, title, updated", check: source },
    Rule { name: "categories", cite: "RFC 4287 section 4.2.2", check: categories },
    Rule { name: "replies", cite: "RFC 4685 section 3", check: replies },
    Rule { name: "media", cite: "Media RSS 1.5.1", check: media },
];

fn entries(root: &Element) -> impl Iterator<Item = &Element> {
    root.all("entry")
}

fn texts<'a>(of: &'a Element, name: &'a str) -> impl Iterator<Item = &'a str> {
    of.all(name).map(|element| element.text.as_str())
}

fn root(root: &Element) -> Vec<String> {
    unless(root.name == "feed" && root.space == "http://www.w3.org/2005/Atom", "the root is no Atom feed")
}

fn author(root: &Element) -> Vec<String> {
    let of_all = root.one("author").is_some();
    unless(
        of_all || entries(root).all(|entry| entry.one("author").is_some()),
        "neither the feed nor every entry has one",
    )
}

fn persons(root: &Element) -> Vec<String> {
    let people = |of: &Element| {
        of.children
            .iter()
            .filter(|child| ["author", "contributor"].contains(&child.name.as_str()))
            .cloned()
            .collect::<Vec<_>>()
    };
    let all = people(root).into_iter().chain(entries(root).flat_map(people));
    let nameless = all.filter(|person| person.one("name").is_none_or(|name| name.text.is_empty()));
    nameless.map(|_| "a person without name".to_owned()).collect()
}

fn ids(root: &Element) -> Vec<String> {
    let of_entries = || entries(root).flat_map(|entry| texts(entry, "id"));
    let all = || texts(root, "id").chain(of_entries());
    let mut told: Vec<String> = all().filter(|id| !is_tag(id)).map(|id| format!("`{id}`")).collect();
    told.extend(repeated(of_entries()));
    told
}

fn own_link(root: &Element) -> Vec<String> {
    unless(root.all("link").filter(|link| link.attribute("rel") == "self").count() == 1, "not one link to itself")
}

fn alternates(root: &Element) -> Vec<String> {
    let mut told = Vec::new();
    for of in entries(root).chain([root]) {
        let alternates = of.all("link").filter(|link| matches!(link.attribute("rel"), "" | "alternate"));
        let kinds: Vec<String> =
            alternates.map(|link| format!("{} {}", link.attribute("type"), link.attribute("hreflang"))).collect();
        told.extend(repeated(kinds.iter().map(String::as_str)));
        told.extend(unless(!kinds.is_empty(), format!("<{}> without alternate", of.name)));
    }
    told
}

fn links(root: &Element) -> Vec<String> {
    let relations = ["self", "alternate", "related", "hub", "current", "prev-archive", "next-archive"];
    let mut told = Vec::new();
    for link in entries(root).chain([root]).flat_map(|of| of.all("link")) {
        let is_fine = is_web(link.attribute("href"))
            && relations.contains(&link.attribute("rel"))
            && link.attributes.get("hreflang").is_none_or(|lang| is_lang(lang))
            && link.attributes.get("title").is_none_or(|title| !title.is_empty());
        told.extend(unless(is_fine, format!("{:?}", link.attributes)));
    }
    told
}

fn dates(root: &Element) -> Vec<String> {
    let of = |element: &Element| -> Vec<String> {
        texts(element, "updated").chain(texts(element, "published")).map(str::to_owned).collect()
    };
    let all = entries(root).flat_map(of).chain(of(root));
    all.filter(|date| rfc3339(date).is_none()).map(|date| format!("`{date}`")).collect()
}

fn body(root: &Element) -> Vec<String> {
    let bodies = entries(root).flat_map(|entry| entry.all("content"));
    bodies
        .flat_map(|body| {
            let mut told = unless(body.attribute("type") == "html", "a body that is no html");
            told.extend(html(&body.text));
            told
        })
        .collect()
}

fn source(root: &Element) -> Vec<String> {
    let mut told = Vec::new();
    for source in entries(root).flat_map(|entry| entry.all("source")) {
        let has = |name: &str| source.one(name).is_some_and(|element| !element.text.is_empty());
        let is_fine = has("id") && has("title") && has("updated") && texts(source, "id").all(is_web);
        told.extend(unless(is_fine, "a source without id, title or updated"));
    }
    told
}

fn categories(root: &Element) -> Vec<String> {
    let empty = entries(root).flat_map(|entry| entry.all("category")).filter(|one| one.attribute("term").is_empty());
    empty.map(|_| "a category without term".to_owned()).collect()
}

fn replies(root: &Element) -> Vec<String> {
    let replies = entries(root).flat_map(|entry| entry.foreign(THREAD, "in-reply-to"));
    let wrong = replies.filter(|reply| !is_tag(reply.attribute("ref")) || !is_web(reply.attribute("href")));
    wrong.map(|reply| format!("{:?}", reply.attributes)).collect()
}

fn media(root: &Element) -> Vec<String> {
    let all = entries(root).flat_map(|entry| entry.children.iter().filter(|child| child.space == MEDIA));
    all.filter(|media| !is_web(media.attribute("url"))).map(|media| format!("{:?}", media.attributes)).collect()
}
