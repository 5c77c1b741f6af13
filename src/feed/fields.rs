//! What each element of a feed means for the feed or for the entry it stands in.
//!
//! In comes a start tag and the field that the vocabulary gives it; the element's inside is taken from the document and
//! what it says is noted in the draft of the entry, or in the channel. The first statement of a kind counts.

use std::borrow::Cow;

use super::draft::{self, Draft};
use super::person;
use super::scope::{Family, language};
use super::tag::Tag;
use super::value::{Kind, Shape, Typed, Value};
use super::vocabulary::{Field, Space};
use super::xml::Reader;
use crate::model::Publisher;
use crate::{dates, text, url};

/// Letters of an id: longer ones exist nowhere but in attacks, and an id that is cut is another one.
const LONGEST_ID: usize = 4_096;

/// What an entry's own tag says: RSS 1.0 gives its identity there, CDF its address and time.
pub(super) fn entry<'t>(reader: &mut Reader<'t>, draft: &mut Draft<'t>, tag: &Tag<'t>) {
    if tag.attributes.is_empty() {
        return;
    }
    if let Some(about) = tag.attribute("rdf:about").or_else(|| tag.attribute("about")) {
        draft.other_guid = Some(text::squash(&about)).filter(|id| id.len() <= LONGEST_ID);
        draft.other_link = reader.addresses.web(reader.scope.base(), &about);
    }
    if let Some(href) = tag.attribute("href") {
        draft.link = reader.addresses.web(reader.scope.base(), &href);
    }
    draft.updated = tag.attribute("lastmod").and_then(|stated| dates::read(&stated)?.utc());
}

/// Takes one element that states `field`.
pub(super) fn take<'t>(reader: &mut Reader<'t>, tag: &Tag<'t>, space: Space, field: Field) {
    match field {
        Field::Title | Field::OtherTitle | Field::Summary | Field::OtherSummary | Field::Content => {
            texts(reader, tag, space, field);
        }
        Field::Link => link(reader, tag, space),
        Field::Enclosure => {
            enclosure(reader, tag);
            let value = reader.inside(tag, false);
            // Some put the file's address inside.
            if let (Some(kind), Some(address)) = (element(value, "type"), element(value, "url"))
                && kind.starts_with("image/")
            {
                picture(reader, &address, None, None);
            }
        }
        Field::Thumbnail => {
            if let Some(address) = tag.attribute("url") {
                picture(reader, &address, tag.number("width"), tag.number("height"));
            }
            let value = reader.inside(tag, false);
            if !value.raw.trim().is_empty() {
                picture(reader, &value.text(), tag.number("width"), tag.number("height"));
            }
        }
        Field::Picture => {
            let value = reader.inside(tag, false);
            let stated = tag.attribute("href").or_else(|| tag.attribute("url")).or_else(|| element(value, "url"));
            let stated = stated.or_else(|| (!value.raw.contains('<')).then(|| value.text()));
            if let Some(address) = stated.or_else(|| tag.attribute("rdf:resource")) {
                picture(reader, &address, None, None);
            }
        }
        _ => {
            let value = reader.inside(tag, false);
            match &mut reader.draft {
                Some(_) => of_entry(reader, tag, space, field, value),
                None => reader.channel.take(field, value),
            }
        }
    }
}

/// A picture of the entry.
fn picture(reader: &mut Reader, address: &str, width: Option<u32>, height: Option<u32>) {
    let Some(draft) = &mut reader.draft else { return };
    if let Some(url) = reader.addresses.web(reader.scope.base(), address) {
        draft.image(url, width, height);
    }
}

/// A file beside the text: only pictures are kept.
fn enclosure(reader: &mut Reader, tag: &Tag) {
    let is_picture = tag.attribute("type").is_some_and(|kind| kind.trim_start().starts_with("image/"));
    if is_picture && let Some(address) = tag.attribute("url").or_else(|| tag.attribute("href")) {
        picture(reader, &address, None, None);
    }
}

/// `media:content`: a picture when its medium, its type or its name says so.
pub(super) fn media(reader: &mut Reader, tag: &Tag) {
    let Some(address) = tag.attribute("url") else { return };
    let is_picture = match (tag.attribute("medium"), tag.attribute("type")) {
        (Some(medium), _) if !medium.eq_ignore_ascii_case("document") => medium.eq_ignore_ascii_case("image"),
        (_, Some(kind)) => kind.to_ascii_lowercase().starts_with("image"),
        _ => has_picture_name(&address),
    };
    if is_picture {
        picture(reader, &address, tag.number("width"), tag.number("height"));
    }
}

fn has_picture_name(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit('.').next().unwrap_or_default();
    ["jpg", "jpeg", "png", "gif", "webp", "avif"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// The text of the element `name` inside of `value`.
fn element<'t>(value: Value<'t>, name: &str) -> Option<Cow<'t, str>> {
    if value.shape == Shape::Text {
        return None;
    }
    person::element(value.raw, name).map(Value::text).filter(|text| !text.is_empty())
}

/// Titles, summaries and bodies.
fn texts<'t>(reader: &mut Reader<'t>, tag: &Tag<'t>, space: Space, field: Field) {
    let kind = kind(reader.scope.family, tag, space, field);
    let is_inline = kind.is_some_and(|(kind, _)| kind == Kind::Inline);
    let value = reader.inside(tag, is_inline);
    let Some((kind, is_base64)) = kind else { return };
    let is_empty = value.raw.trim_ascii().is_empty();
    let typed = Typed { is_base64, ..Typed::new(value, kind) };
    let Some(draft) = &mut reader.draft else {
        if space == Space::Own && field == Field::Title && !is_empty {
            reader.channel.title = reader.channel.title.take().or_else(|| typed.line());
        }
        return;
    };
    draft.is_begun = true;
    if is_empty {
        return;
    }
    let slot = match field {
        Field::Title if space == Space::Atom => &mut draft.other_title,
        Field::Title => &mut draft.title,
        Field::OtherTitle => &mut draft.other_title,
        Field::Content => &mut draft.content,
        Field::Summary if space != Space::Atom => &mut draft.summary,
        _ => &mut draft.other_summary,
    };
    slot.get_or_insert(typed);
}

/// How the text in `tag` is to be read, and whether it is base64; nothing when it is no text.
fn kind(family: Family, tag: &Tag, space: Space, field: Field) -> Option<(Kind, bool)> {
    let default = match (family, space) {
        (_, Space::Content) => Kind::Html,
        (_, Space::Xhtml) => Kind::Inline,
        (_, Space::Atom | Space::Media) | (Family::Atom, Space::Own) => Kind::Text,
        _ => Kind::Undeclared,
    };
    if tag.attributes.is_empty() {
        return Some((default, false));
    }
    let stated = tag.attribute("type").unwrap_or_default().to_ascii_lowercase();
    // Atom 0.3.
    let mode = tag.attribute("mode").unwrap_or_default().to_ascii_lowercase();
    let is_base64 = mode == "base64" || stated == "base64";
    let kind = match stated.as_str() {
        "" | "base64" if is_base64 => Kind::Undeclared,
        "" => default,
        _ if stated.contains("xhtml") && mode != "escaped" && !is_base64 => Kind::Inline,
        _ if stated.contains("html") && mode == "xml" => Kind::Inline,
        _ if stated.contains("html") => Kind::Html,
        _ if stated.ends_with("xml") => Kind::Inline,
        _ if stated == "escaped" || !stated.contains('/') || stated.starts_with("text/") => Kind::Text,
        // What is inside is a picture, say. A title is text, whatever is declared.
        _ if field == Field::Content && !is_base64 => return None,
        // RFC 4287, section 4.1.3.3: other types are base64.
        _ => return Some((Kind::Undeclared, true)),
    };
    Some((kind, is_base64))
}

/// An address and what it is to the entry or to the feed. RSS has it as text, Atom as an attribute.
fn link<'t>(reader: &mut Reader<'t>, tag: &Tag<'t>, space: Space) {
    let value = reader.inside(tag, false);
    let base = reader.scope.base();
    let href = if tag.attributes.is_empty() { None } else { tag.attribute("href") };
    let is_attribute = href.is_some();
    let stated = match href.or_else(|| tag.attribute("rdf:resource")) {
        Some(href) => href,
        None => value.text(),
    };
    let rel = tag.attribute("rel").map(|rel| rel.rsplit('/').next().unwrap_or_default().to_ascii_lowercase());
    let Some(draft) = &mut reader.draft else {
        let is_own = space == Space::Own && (!is_attribute || rel.is_none());
        return reader.channel.link(&mut reader.addresses, base, &stated, rel.as_deref(), is_own);
    };
    draft.is_begun = true;
    match rel.as_deref() {
        None | Some("alternate") => {
            let kind = if is_attribute { tag.attribute("type") } else { None };
            let is_page = kind.is_none_or(|kind| kind.contains("html"));
            let slot = if is_page && space == Space::Own { &mut draft.link } else { &mut draft.other_link };
            if slot.is_none() {
                *slot = reader.addresses.web(base, &stated);
            }
        }
        Some("enclosure") => enclosure(reader, tag),
        _ => {}
    }
}

fn of_entry<'t>(reader: &mut Reader<'t>, tag: &Tag<'t>, space: Space, field: Field, value: Value<'t>) {
    let Some(draft) = &mut reader.draft else { return };
    draft.is_begun = true;
    let time = || dates::read(&value.text())?.utc();
    match field {
        Field::Id => {
            let slot = if space == Space::Own { &mut draft.guid } else { &mut draft.other_guid };
            if slot.is_none() {
                *slot = value.word().filter(|id| id.len() <= LONGEST_ID);
            }
        }
        Field::Published if space == Space::Own => draft.published = draft.published.or_else(time),
        Field::Published | Field::Created => draft.other_published = draft.other_published.or_else(time),
        Field::Updated => draft.updated = draft.updated.or_else(time),
        Field::Author => draft::name(&mut draft.authors, value),
        Field::OtherAuthor => draft::name(&mut draft.other_authors, value),
        Field::Category => {
            let stated = tag.attribute("label").or_else(|| tag.attribute("term"));
            draft.tag(&stated.unwrap_or_else(|| value.text()));
        }
        Field::Keywords => value.text().split(',').for_each(|word| draft.tag(word)),
        Field::Language => draft.lang = language(&value.text()).or_else(|| draft.lang.take()),
        Field::Original => draft.original = reader.addresses.web(reader.scope.base(), &value.text()),
        Field::Source => {
            let publisher = publisher(reader, tag, value);
            if let Some(draft) = &mut reader.draft {
                draft.publisher = draft.publisher.take().or(publisher);
            }
        }
        _ => {}
    }
}

/// Who published an entry that was taken from elsewhere: RSS `source`, Atom `source`. Only with a name and a domain.
fn publisher(reader: &mut Reader, tag: &Tag, value: Value) -> Option<Publisher> {
    let is_atom = value.shape == Shape::Mixed { has_tags: true };
    let name = if is_atom {
        Typed::new(person::element(value.raw, "title")?, Kind::Undeclared)
    } else {
        Typed::new(value, Kind::Undeclared)
    };
    let name = name.line()?;
    let address = match tag.attribute("url") {
        Some(address) => address.into_owned(),
        None => site(value.raw)?,
    };
    let address = reader.addresses.web(reader.scope.base(), &address)?;
    let domain = url::registrable_domain(&address)?;
    Some(Publisher { name, domain })
}

/// The site that an Atom `source` names.
fn site(raw: &str) -> Option<String> {
    use super::scan::{Scanner, Token};
    let mut scanner = Scanner::new(raw);
    let mut other = None;
    while let Some(token) = scanner.next() {
        if let Token::Start(tag) = token
            && tag.prefix_and_local().1 == "link"
            && let Some(href) = tag.attribute("href")
        {
            match tag.attribute("rel").as_deref() {
                None | Some("alternate") => return Some(href.into_owned()),
                _ => other = other.or(Some(href.into_owned())),
            }
        }
    }
    other
}
