//! What is written of a repaired feed: tags in the names that feed-rs knows, and text.
//!
//! In come tags and texts as found; out goes well-formed XML at the end of the document so far.

use super::super::vocabulary::{ATTRIBUTES, Family};
use super::Writer;
use super::scan::{self, Scanner, Tag};
use crate::url;

impl<'t> Writer<'t> {
    pub(super) fn push(&mut self, parts: &[&str]) {
        for part in parts {
            self.out.xml.push_str(part);
        }
    }

    pub(super) fn xml_base(&self, tag: &Tag) -> String {
        let stated = tag.attribute("xml:base").filter(|stated| url::resolve(self.base, stated).is_some());
        stated.map(|stated| attribute("xml:base", &stated)).unwrap_or_default()
    }

    pub(super) fn tag(&mut self, name: &str, tag: &Tag) {
        self.out.xml.push('<');
        self.out.xml.push_str(name);
        for (key, value) in &tag.attributes {
            if ATTRIBUTES.contains(key) && *key != "xml:base" {
                self.out.xml.push_str(&attribute(key, value));
            }
        }
        if tag.local() == "thumbnail" && tag.attribute("type").is_none() {
            self.out.xml.push_str(" type=\"image/*\"");
        }
        let base = self.xml_base(tag);
        self.out.xml.push_str(&base);
        self.out.xml.push('>');
        match (self.family, name) {
            // RSS 1.0 gives an item's identity as an attribute.
            (Family::Rss, "item") => {
                if let Some(about) = tag.attribute("rdf:about") {
                    self.element("guid", &about);
                }
            }
            (Family::Rss, "link") => scan::escape(&tag.attribute("href").unwrap_or_default(), &mut self.out.xml),
            (Family::Rss, "atom:link") if self.open.iter().any(|open| open.written.as_deref() == Some("item")) => {
                let is_article = tag.attribute("rel").is_none_or(|rel| rel == "alternate");
                if let (true, Some(href)) = (is_article, tag.attribute("href")) {
                    self.out.xml.push_str("</atom:link>");
                    self.element("link", &href);
                    self.out.xml.push_str("<atom:link>");
                }
            }
            _ => {}
        }
    }

    pub(super) fn element(&mut self, name: &str, text: &str) {
        self.push(&["<", name, ">"]);
        scan::escape(text, &mut self.out.xml);
        self.push(&["</", name, ">"]);
    }

    /// An element whose whole inside is text, with the type that says how to read it.
    pub(super) fn opaque(&mut self, name: &str, tag: &Tag<'t>, scanner: &mut Scanner<'t>) {
        let inside = if tag.is_empty { "" } else { scanner.inside(tag.name) };
        let stated = tag.attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
        let is_inline = stated.contains("xhtml")
            || tag.attribute("mode").is_some_and(|mode| mode == "xml" && stated.contains("html"));
        let kind = match stated.as_str() {
            _ if is_inline || stated.contains("html") => "html",
            "" | "text" | "text/plain" | "plain" | "escaped" => "text",
            // What is inside is no text: a picture, say.
            _ if name == "content" => return,
            _ => "text",
        };
        self.out.xml.push('<');
        self.out.xml.push_str(name);
        if self.family == Family::Atom {
            self.out.xml.push_str(&attribute("type", kind));
        }
        let base = self.xml_base(tag);
        self.out.xml.push_str(&base);
        self.out.xml.push('>');
        if is_inline {
            scan::escape(inside.trim(), &mut self.out.xml);
        } else {
            scan::opaque(inside, &mut self.out.xml);
        }
        self.push(&["</", name, ">"]);
    }

    pub(super) fn text(&mut self, text: &str) {
        let inside = self.open.last().and_then(|open| open.written.as_deref());
        // feed-rs 3.0.0 panics where a character that is not ASCII touches an e-mail address in an author.
        if matches!(inside, Some("author" | "dc:creator" | "itunes:author")) && text.contains('@') && !text.is_ascii() {
            let parted: String = text
                .chars()
                .flat_map(|c| if c.is_ascii() { [Some(c), None] } else { [Some(c), Some(' ')] })
                .flatten()
                .collect();
            let parted = parted.replace(['（', '）', '＜', '＞'], " ");
            return scan::reference(&parted, &mut self.out.xml);
        }
        scan::reference(text, &mut self.out.xml);
    }
}

/// An attribute, escaped, with the blank before it.
pub(super) fn attribute(name: &str, value: &str) -> String {
    let mut out = format!(" {name}=\"");
    scan::escape(value, &mut out);
    out.push('"');
    out
}
