//! The other way: subscriptions as a document that any feed reader imports.
//!
//! Addresses are written whole: this is the operator's own list. Everything is escaped here, once.

use std::collections::BTreeMap;

use super::Subscription;

/// An OPML 2.0 document of `feeds`, in their order: those without labels first, then a folder a label.
#[must_use]
pub fn write(title: &str, feeds: &[Subscription]) -> String {
    let mut folders: Vec<(&str, Vec<&Subscription>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for feed in feeds {
        for label in &feed.labels {
            let at = *places.entry(label).or_insert(folders.len());
            if at == folders.len() {
                folders.push((label, Vec::new()));
            }
            folders.iter_mut().skip(at).take(1).for_each(|(_, inside)| inside.push(feed));
        }
    }
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opml version=\"2.0\">\n <head>\n  <title>");
    escape(title, &mut out);
    out.push_str("</title>\n </head>\n <body>\n");
    feeds.iter().filter(|feed| feed.labels.is_empty()).for_each(|feed| outline(feed, "  ", &mut out));
    for (label, inside) in folders {
        out.push_str("  <outline text=\"");
        escape(label, &mut out);
        out.push_str("\" title=\"");
        escape(label, &mut out);
        out.push_str("\">\n");
        for feed in inside {
            outline(feed, "   ", &mut out);
        }
        out.push_str("  </outline>\n");
    }
    out.push_str(" </body>\n</opml>\n");
    out
}

fn outline(feed: &Subscription, indent: &str, out: &mut String) {
    let title = feed.title.as_deref().unwrap_or(&feed.url);
    out.push_str(indent);
    for (opening, value) in
        [("<outline type=\"rss\" text=\"", title), ("\" title=\"", title), ("\" xmlUrl=\"", &feed.url)]
    {
        out.push_str(opening);
        escape(value, out);
    }
    out.push_str("\"/>\n");
}

/// Escaped for an attribute in quotes. Line breaks and tabs are kept; what XML cannot say is left out.
fn escape(value: &str, out: &mut String) {
    for letter in value.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            letter => out.push(letter),
        }
    }
}
