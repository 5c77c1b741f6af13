//! What a published document must hold to: one table a format, each rule with the text that asks for it.
//!
//! The rules are ours; what they cite are the specifications, not another validator.

pub mod atom;
pub mod json;
pub mod rss;

use jiff::Timestamp;

use super::dom::Element;

/// One rule over the root of a document: complaints, none where all is well.
pub struct Rule {
    pub name: &'static str,
    /// The specification and its section.
    pub cite: &'static str,
    pub check: fn(&Element) -> Vec<String>,
}

/// What `rules` say of the document `xml`, each complaint with its rule.
pub fn complaints(rules: &[Rule], xml: &str) -> Vec<String> {
    let root = match super::dom::parse(xml) {
        Ok(root) => root,
        Err(error) => return vec![format!("well-formed (XML 1.0): {error}")],
    };
    let told = |rule: &Rule| {
        let (name, cite) = (rule.name, rule.cite);
        (rule.check)(&root).into_iter().map(move |told| format!("{name} ({cite}): {told}")).collect::<Vec<_>>()
    };
    rules.iter().flat_map(told).collect()
}

/// Nothing where `is_so`, else the complaint.
pub fn unless(is_so: bool, complaint: impl Into<String>) -> Vec<String> {
    if is_so { Vec::new() } else { vec![complaint.into()] }
}

/// RFC 3986: an absolute `http` or `https` URI with a host, and nothing that must be encoded.
pub fn is_web(url: &str) -> bool {
    super::web(url) && url.split_once("://").is_some_and(|(_, rest)| !rest.is_empty() && !rest.starts_with('/'))
}

/// RFC 4151 section 2.1: `tag:` authority `,` date `:` specific.
pub fn is_tag(uri: &str) -> bool {
    let Some((entity, specific)) = uri.strip_prefix("tag:").and_then(|rest| rest.split_once(':')) else { return false };
    let Some((authority, date)) = entity.split_once(',') else { return false };
    let of_authority = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._@".contains(&byte);
    let is_year = date.len() == 4 && date.bytes().all(|byte| byte.is_ascii_digit());
    let of_specific = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte);
    !authority.is_empty()
        && authority.bytes().all(of_authority)
        && is_year
        && !specific.is_empty()
        && specific.bytes().all(of_specific)
}

/// RFC 3339 section 5.6, with a zone.
pub fn rfc3339(text: &str) -> Option<Timestamp> {
    let has_form = text.len() >= 20 && text.as_bytes()[10] == b'T' && text.is_ascii();
    text.parse().ok().filter(|_| has_form)
}

/// RFC 822 section 5 with a year of four digits, as RSS has it; the day of the week must be that of the date.
pub fn rfc822(text: &str) -> Option<Timestamp> {
    let parsed = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text).ok()?;
    let at = parsed.to_datetime().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    // Written again it must be the same to the letter: that settles the day of the week and leading zeros.
    (at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string() == text).then_some(at)
}

/// BCP 47 (RFC 5646 section 2.1), as far as a reader cares: a language, then subtags.
pub fn is_lang(tag: &str) -> bool {
    let mut parts = tag.split('-');
    parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Elements that a body may hold: ours, and what an editor's note keeps.
const TAGS: &[&str] = &[
    "div",
    "p",
    "b",
    "i",
    "em",
    "strong",
    "ul",
    "ol",
    "li",
    "a",
    "br",
    "small",
    "time",
    "img",
    "code",
    "pre",
    "del",
    "blockquote",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
];

/// Attributes that they may have.
const ATTRIBUTES: &[&str] =
    &["href", "src", "alt", "width", "height", "dir", "lang", "datetime", "rel", "start", "title"];

/// A body as HTML: known elements and attributes, closed in order, every address absolute.
pub fn html(body: &str) -> Vec<String> {
    let mut told = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for tag in body.split('<').skip(1) {
        let Some((inside, _)) = tag.split_once('>') else {
            told.push(format!("a tag that does not end: <{tag:.40}"));
            continue;
        };
        if let Some(name) = inside.strip_prefix('/') {
            told.extend(unless(open.pop() == Some(name), format!("</{name}> closes another element")));
            continue;
        }
        let name = inside.split([' ', '/']).next().unwrap_or_default();
        told.extend(unless(TAGS.contains(&name), format!("the element <{name}>")));
        if !matches!(name, "br" | "img" | "hr") {
            open.push(name);
        }
        for (attribute, value) in attributes(inside) {
            told.extend(unless(ATTRIBUTES.contains(&attribute), format!("<{name} {attribute}=…>")));
            if matches!(attribute, "href" | "src") {
                let value = htmlize::unescape_attribute(value);
                told.extend(unless(is_web(&value), format!("<{name} {attribute}=\"{value}\">")));
            }
        }
    }
    told.extend(unless(open.is_empty(), format!("never closed: {open:?}")));
    told
}

/// Names and values of `name="value"`, as we always write them.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = tag.split_once(' ').map_or("", |(_, rest)| rest);
    std::iter::from_fn(move || {
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some((name.trim(), value))
    })
}

/// Values that stand more than once.
pub fn repeated<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    values.filter(|value| !seen.insert(*value)).map(|value| format!("`{value}` stands twice")).collect()
}
