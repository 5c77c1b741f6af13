//! OPML 2.0 (<http://opml.org/spec2.opml>) of what is published: a site and its topics in, the document out.
//!
//! One outline a topic, with the first feed format that is published. Never lists a private topic: the caller
//! does not pass one.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{FORMATS, Site, TopicLine, clean};

/// Characters of a title, as in the feeds themselves.
const MAX_TITLE: usize = 500;

/// The subscription list of a site. Topics come in the order they are shown; one whose page has no http(s) address
/// is left out. Without any feed among `site.formats` the list is empty.
#[must_use]
pub fn opml(site: &Site<'_>, topics: &[TopicLine]) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    // Writing into memory cannot fail.
    let _ = write(&mut writer, site, topics);
    let mut document = String::from_utf8(writer.into_inner()).unwrap_or_default();
    document.push('\n');
    document
}

fn write(writer: &mut Writer<Vec<u8>>, site: &Site<'_>, topics: &[TopicLine]) -> std::io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    writer.write_event(Event::Start(BytesStart::new("opml").with_attributes([("version", "2.0")])))?;
    writer.write_event(Event::Start(BytesStart::new("head")))?;
    let title = clean::text(site.title, MAX_TITLE);
    writer.create_element("title").write_text_content(BytesText::new(&title))?;
    writer.create_element("docs").write_text_content(BytesText::new("http://opml.org/spec2.opml"))?;
    writer.write_event(Event::End(BytesEnd::new("head")))?;
    writer.write_event(Event::Start(BytesStart::new("body")))?;
    let feed = FORMATS.iter().find(|format| !format.file.is_empty() && site.formats.contains(&format.name));
    for (topic, feed) in topics.iter().filter_map(|topic| Some((topic, feed?))) {
        let Some(page) = clean::address(&topic.page_url) else { continue };
        let (text, address) = (clean::text(&topic.title, MAX_TITLE), format!("{page}{}", feed.file));
        let attributes = [("type", "rss"), ("text", &text), ("title", &text), ("xmlUrl", &address), ("htmlUrl", &page)];
        writer.write_event(Event::Empty(BytesStart::new("outline").with_attributes(attributes)))?;
    }
    writer.write_event(Event::End(BytesEnd::new("body")))?;
    writer.write_event(Event::End(BytesEnd::new("opml")))
}
