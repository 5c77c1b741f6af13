//! A document as a tree, for rules to look at: names with their namespace, references resolved.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};

/// One element.
#[derive(Debug, Default, Clone)]
pub struct Element {
    /// The namespace its prefix is bound to; empty for none.
    pub space: String,
    /// Its name without prefix.
    pub name: String,
    /// By their names as written.
    pub attributes: BTreeMap<String, String>,
    pub children: Vec<Element>,
    /// Its own text.
    pub text: String,
}

impl Element {
    /// Children without namespace, or in that of Atom: whatever the document's own vocabulary is.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name && child.space == self.space)
    }

    pub fn one(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name && child.space == self.space)
    }

    /// Children in another namespace.
    pub fn foreign<'a>(&'a self, space: &'a str, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name && child.space == space)
    }

    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// The root of `xml`, or why it is not well-formed.
pub fn parse(xml: &str) -> Result<Element, String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = true;
    config.expand_empty_elements = true;
    let mut open: Vec<(Element, BTreeMap<String, String>)> = vec![(Element::default(), BTreeMap::new())];
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let (current, bound) = open.last_mut().unwrap();
        match event {
            Event::Eof => break,
            Event::Start(start) => {
                let opened = element(&start, bound.clone())?;
                open.push(opened);
            }
            Event::End(_) => {
                let (element, _) = open.pop().unwrap();
                open.last_mut().ok_or("an end without a start")?.0.children.push(element);
            }
            Event::Text(text) => current.text.push_str(&text),
            Event::CData(text) => current.text.push_str(&text),
            Event::GeneralRef(name) => {
                let text = format!("&{};", &*name);
                current.text.push_str(&quick_xml::escape::unescape(&text).map_err(|error| error.to_string())?);
            }
            _ => {}
        }
    }
    if open.len() > 1 {
        return Err("an element is never closed".to_owned());
    }
    open.pop().and_then(|(root, _)| root.children.into_iter().next()).ok_or_else(|| "no root".to_owned())
}

fn element(
    start: &BytesStart<'_>,
    mut bound: BTreeMap<String, String>,
) -> Result<(Element, BTreeMap<String, String>), String> {
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|error| error.to_string())?.into_owned();
        attributes.insert(attribute.key.as_ref().to_owned(), value);
    }
    for (name, value) in &attributes {
        if name == "xmlns" {
            bound.insert(String::new(), value.clone());
        } else if let Some(prefix) = name.strip_prefix("xmlns:") {
            bound.insert(prefix.to_owned(), value.clone());
        }
    }
    let name = start.name().as_ref().to_owned();
    let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
    let space = match bound.get(prefix) {
        Some(space) => space.clone(),
        None if prefix.is_empty() => String::new(),
        None => return Err(format!("the prefix of <{name}> is bound to nothing")),
    };
    let name = local.to_owned();
    Ok((Element { space, name, attributes, ..Element::default() }, bound))
}
