//! The tags of a document that may be no XML: unclosed, unquoted, in any case.
//!
//! In comes text, out come tags with their attributes as written; nothing is decoded. It never fails, looks at each byte
//! once and keeps a bounded number of attributes.

/// Attributes of one tag that are kept.
const MOST_ATTRIBUTES: usize = 64;

/// A tag as it is written, whatever surrounds it.
pub(super) struct Tag<'t> {
    name: &'t str,
    /// Names and values as written, in order.
    pub(super) attributes: Vec<(&'t str, &'t str)>,
    /// `</outline>`.
    pub(super) is_end: bool,
    /// `<outline/>`.
    pub(super) is_empty: bool,
}

impl Tag<'_> {
    /// Whatever the case.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The only element that counts.
    pub(super) fn is_outline(&self) -> bool {
        self.is_named("outline")
    }
}

/// The tags of a document in order. Each byte is looked at once: what is not closed reaches to the end.
pub(super) fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('<')?;
            rest = after;
            if let Some(comment) = after.strip_prefix("!--") {
                rest = comment.split_once("-->")?.1;
            } else if let Some(data) = after.strip_prefix("![CDATA[") {
                rest = data.split_once("]]>")?.1;
            } else if after.starts_with(['?', '!']) {
                rest = after.split_once('>')?.1;
            } else {
                let (tag, after) = tag(after);
                rest = after;
                return Some(tag);
            }
        }
    })
}

/// The tag whose text begins here, behind its `<`, and what follows its `>`.
fn tag(text: &str) -> (Tag<'_>, &str) {
    let is_end = text.starts_with('/');
    let mut rest = text.strip_prefix('/').unwrap_or(text);
    let name = word(&mut rest);
    let mut tag = Tag { name, attributes: Vec::new(), is_end, is_empty: false };
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        // A tag that was never closed ends where the next one begins.
        if rest.is_empty() || rest.starts_with('<') {
            return (tag, rest);
        }
        if let Some(after) = rest.strip_prefix('/') {
            tag.is_empty = after.starts_with('>');
            rest = after;
            continue;
        }
        let name = word(&mut rest);
        if name.is_empty() {
            // A stray `=` or quote.
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let Some(value) = rest.trim_start().strip_prefix('=') else { continue };
        let (value, after) = attribute_value(value.trim_start());
        rest = after;
        if tag.attributes.len() < MOST_ATTRIBUTES {
            tag.attributes.push((name, value));
        }
    }
}

/// The name at the start of `rest`, which is moved behind it.
fn word<'t>(rest: &mut &'t str) -> &'t str {
    let end = rest.find(|letter: char| letter.is_whitespace() || matches!(letter, '=' | '>' | '<' | '/' | '"' | '\''));
    let (name, after) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, ""));
    *rest = after;
    name
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text.find(|letter: char| letter.is_whitespace() || letter == '>').unwrap_or(text.len());
    let (value, after) = text.split_at_checked(end).unwrap_or((text, ""));
    // `a=b/>`: the slash is the tag's.
    match value.strip_suffix('/') {
        Some(value) if after.starts_with('>') => (value, text.get(value.len()..).unwrap_or_default()),
        _ => (value, after),
    }
}
