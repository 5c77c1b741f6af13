//! What a seed's values look like they were meant to be: small questions about keys, texts and addresses.

/// Keys of a provider.
pub(super) const PROVIDER_KEYS: &[&str] = &["name", "domain"];

/// Keys of an image.
pub(super) const IMAGE_KEYS: &[&str] = &["url", "width", "height", "isCached"];

/// Keys of a related entry that mean something there.
pub(super) const ENTRY_KEYS: &[&str] = &[
    "category",
    "title",
    "excerpt",
    "publishedDateTime",
    "originalUrl",
    "webUrl",
    "ampWebUrl",
    "cdnAmpWebUrl",
    "type",
    "quality",
    "provider",
    "images",
];

/// Keys of a seed.
pub(super) const SEED_KEYS: &[&str] = &[
    "category",
    "title",
    "excerpt",
    "publishedDateTime",
    "originalUrl",
    "webUrl",
    "ampWebUrl",
    "cdnAmpWebUrl",
    "type",
    "quality",
    "provider",
    "images",
    "heat",
    "published",
    "topics",
    "related",
    "secured",
];

/// What other formats call our keys, in lower case without `-` and `_`.
const SYNONYMS: &[(&str, &str)] = &[
    ("url", "webUrl"),
    ("link", "webUrl"),
    ("href", "webUrl"),
    ("canonicalurl", "webUrl"),
    ("ampurl", "ampWebUrl"),
    ("headline", "title"),
    ("name", "title"),
    ("description", "excerpt"),
    ("summary", "excerpt"),
    ("date", "publishedDateTime"),
    ("datetime", "publishedDateTime"),
    ("publishedat", "publishedDateTime"),
    ("datepublished", "publishedDateTime"),
    ("pubdate", "publishedDateTime"),
    ("publisher", "provider"),
    ("source", "provider"),
    ("site", "provider"),
    ("image", "images"),
    ("labels", "topics"),
    ("tags", "topics"),
    ("topic", "topics"),
    ("section", "category"),
    ("kind", "type"),
    ("draft", "published"),
    ("articles", "related"),
    ("coverage", "related"),
    ("src", "url"),
    ("host", "domain"),
];

/// How many letters a slip may be from the key that was meant: one typing error, or two letters swapped and
/// one wrong.
const MAX_SLIP: usize = 2;

/// The key of `known` that somebody who wrote `key` probably meant.
pub(super) fn meant<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    // A key of this length is none of ours, and the comparison costs the product of the lengths.
    if key.len() > 40 {
        return None;
    }
    let plain = plain(key);
    let exact = |wanted: &str| known.iter().copied().find(|known| *known == wanted);
    if let Some(same) = known.iter().copied().find(|known| self::plain(known) == plain) {
        return Some(same);
    }
    if let Some(found) = SYNONYMS.iter().filter(|(other, _)| *other == plain).find_map(|(_, ours)| exact(ours)) {
        return Some(found);
    }
    let slip = |known: &str| strsim::osa_distance(&plain, &self::plain(known));
    let (distance, best) = known.iter().copied().map(|known| (slip(known), known)).min()?;
    (distance <= MAX_SLIP && distance < plain.len()).then_some(best)
}

fn plain(key: &str) -> String {
    key.chars().filter(|letter| !matches!(letter, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Elements that end up in titles and excerpts when somebody pastes from a page.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "center",
    "cite",
    "code",
    "div",
    "em",
    "embed",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "hr",
    "i",
    "iframe",
    "img",
    "ins",
    "li",
    "mark",
    "object",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "script",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "svg",
    "table",
    "td",
    "tr",
    "u",
    "ul",
    "video",
];

/// Character references that end up in plain text the same way.
const REFERENCES: &[&str] = &["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&nbsp;", "&#"];

/// The first piece of HTML in `text`, if there is any. `<AMZN.O>` and `a < b` are none.
pub(super) fn markup(text: &str) -> Option<&str> {
    for (start, _) in text.match_indices('<') {
        let Some(tail) = text.get(start..) else { continue };
        let inside = tail.get(1..).unwrap_or_default();
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let name_end = inside.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(inside.len());
        let (name, after) = inside.split_at_checked(name_end).unwrap_or((inside, ""));
        let is_tag = after.starts_with([' ', '/', '>']) && TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name));
        if !is_tag {
            continue;
        }
        // Without a `>` here there is none further on either.
        let Some(end) = tail.find('>') else { break };
        return tail.get(..(end + 1).min(tail.floor_char_boundary(60)));
    }
    for reference in REFERENCES {
        let Some((_, after)) = text.split_once(reference) else { continue };
        if *reference != "&#" || after.starts_with(|letter: char| letter.is_ascii_digit() || letter == 'x') {
            return Some(reference);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_were_meant() {
        let check = |key, expect| assert_eq!(meant(key, SEED_KEYS), expect, "{key}");
        check("tilte", Some("title"));
        check("web_url", Some("webUrl"));
        check("URL", Some("webUrl"));
        check("publishedDatetime", Some("publishedDateTime"));
        check("tags", Some("topics"));
        check("relatd", Some("related"));
        check("favourite", None);
        check("x", None);
        check("", None);
        check("<<", None);
        assert_eq!(meant("source", PROVIDER_KEYS), None);
        assert_eq!(meant("src", IMAGE_KEYS), Some("url"));
    }

    #[test]
    fn pieces_of_html() {
        let check = |text, expect| assert_eq!(markup(text), expect, "{text}");
        check("a <b>bold</b> move", Some("<b>"));
        check("end</p>", Some("</p>"));
        check("a<BR/>b", Some("<BR/>"));
        check("<a href=\"x\">y</a>", Some("<a href=\"x\">"));
        check("AT&amp;T", Some("&amp;"));
        check("it&#8217;s", Some("&#"));
        check("Amazon.com Inc <AMZN.O> and <NVDA.", None);
        check("a < b, i <3 you, x <b", None);
        check("<bold> <attack>", None);
        check("R&D & more; A&B;", None);
        check("&#hashtag", None);
    }

    #[test]
    fn amp_addresses() {
        let check = |address, expect| assert_eq!(crate::url::looks_amp(address), expect, "{address}");
        check("https://a.example/x/amp/", true);
        check("https://a.example/amp/x", true);
        check("https://amp.a.example/x", true);
        check("https://a.example/x?amp", true);
        check("https://a.example/x.amp", true);
        check("https://amp.dev/x", false);
        check("https://a.example/x", false);
        check("https://a.example/amplifier?q=amp", false);
    }
}
