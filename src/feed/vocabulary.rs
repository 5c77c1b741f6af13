//! Vocabularies of feeds: a namespace and a local name → the field it states.
//!
//! In comes a namespace (or, where none is declared, its usual prefix) and a local name; out goes what the element is
//! for. Nothing here depends on a document. A new vocabulary is a row in [`SPACES`] and a table.

/// A vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS of any version, Atom of any version, CDF: the document's own.
    Own,
    /// Atom in a document of RSS.
    Atom,
    /// Dublin Core, both sets.
    Dublin,
    /// `content:encoded`.
    Content,
    /// Media RSS.
    Media,
    /// Podcasts.
    Itunes,
    /// How often a feed changes.
    Syndication,
    /// RFC 5005.
    History,
    /// Addresses before they were redirected.
    Feedburner,
    /// XHTML beside a feed's own words.
    Xhtml,
    /// RDF's own words.
    Rdf,
    /// Anything else.
    Foreign,
}

/// What an element states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// Holds entries or fields of the feed; its tags mean nothing.
    Bare,
    /// An entry.
    Entry,
    Title,
    /// A title where there is no other.
    OtherTitle,
    /// An address: `href` and `rel`, or text.
    Link,
    Summary,
    Content,
    /// A summary where there is no other.
    OtherSummary,
    Id,
    Published,
    /// A first publication where there is no other.
    Created,
    Updated,
    /// A person, or the text that names one.
    Author,
    /// An author where there is no other.
    OtherAuthor,
    Category,
    /// Categories with commas between.
    Keywords,
    /// A file beside the text.
    Enclosure,
    /// `media:content`, with more inside.
    MediaContent,
    Thumbnail,
    /// A picture: `href`, or `url` inside, or text.
    Picture,
    /// Where the entry was taken from.
    Source,
    Language,
    Ttl,
    SkipHours,
    SkipDays,
    Period,
    Frequency,
    /// An archive that changes no more (RFC 5005).
    Archive,
    /// All there is (RFC 5005).
    Complete,
    /// Where the feed went.
    Moved,
    /// Another address of the same article.
    Original,
    /// Nothing that is read here; what is inside is not looked at.
    Other,
}

type Row = (&'static str, Field);

/// RSS 0.9x, 1.0, 2.0; Atom 0.3, 1.0; CDF.
const OWN: &[Row] = &[
    ("title", Field::Title),
    ("link", Field::Link),
    ("description", Field::Summary),
    ("guid", Field::Id),
    ("pubDate", Field::Published),
    ("category", Field::Category),
    ("item", Field::Entry),
    ("entry", Field::Entry),
    ("enclosure", Field::Enclosure),
    ("author", Field::Author),
    ("id", Field::Id),
    ("updated", Field::Updated),
    ("published", Field::Published),
    ("summary", Field::Summary),
    ("content", Field::Content),
    ("source", Field::Source),
    ("channel", Field::Bare),
    ("items", Field::Bare),
    ("issued", Field::Published),
    ("modified", Field::Updated),
    ("created", Field::Created),
    ("abstract", Field::Summary),
    ("fullitem", Field::Content),
    ("subject", Field::Category),
    ("language", Field::Language),
    ("image", Field::Picture),
    ("ttl", Field::Ttl),
    ("skipHours", Field::SkipHours),
    ("skipDays", Field::SkipDays),
    ("textInput", Field::Other),
    ("cloud", Field::Other),
    ("contributor", Field::Other),
    ("managingEditor", Field::Other),
    ("webMaster", Field::Other),
];

/// The Dublin Core, elements 1.1 and terms.
const DUBLIN: &[Row] = &[
    ("creator", Field::Author),
    ("author", Field::Author),
    ("date", Field::Published),
    ("issued", Field::Published),
    ("available", Field::Created),
    ("created", Field::Created),
    ("modified", Field::Updated),
    ("subject", Field::Category),
    ("title", Field::OtherTitle),
    ("description", Field::OtherSummary),
    ("abstract", Field::OtherSummary),
    ("language", Field::Language),
];

const CONTENT: &[Row] = &[("encoded", Field::Content)];

/// <https://www.rssboard.org/media-rss>
const MEDIA: &[Row] = &[
    ("content", Field::MediaContent),
    ("thumbnail", Field::Thumbnail),
    ("group", Field::Bare),
    ("title", Field::OtherTitle),
    ("description", Field::OtherSummary),
    ("keywords", Field::Keywords),
];

/// <https://help.apple.com/itc/podcasts_connect/>
const ITUNES: &[Row] = &[
    ("author", Field::OtherAuthor),
    ("image", Field::Picture),
    ("title", Field::OtherTitle),
    ("summary", Field::OtherSummary),
    ("subtitle", Field::OtherSummary),
    ("keywords", Field::Keywords),
    ("new-feed-url", Field::Moved),
];

const SYNDICATION: &[Row] = &[("updatePeriod", Field::Period), ("updateFrequency", Field::Frequency)];

const HISTORY: &[Row] = &[("archive", Field::Archive), ("complete", Field::Complete)];

const FEEDBURNER: &[Row] = &[("origLink", Field::Original)];

const XHTML: &[Row] = &[("body", Field::Content), ("div", Field::Content), ("link", Field::Link)];

const RDF: &[Row] = &[("RDF", Field::Bare)];

/// The vocabularies: part of the namespace's name, the prefixes it usually has, its words.
type Known = (&'static [&'static str], &'static [&'static str], Space, &'static [Row]);

const SPACES: &[Known] = &[
    (&["w3.org/2005/atom", "purl.org/atom/ns"], &["atom", "atom10", "a10", "a"], Space::Atom, OWN),
    (&["purl.org/rss/1.0/modules/content"], &["content"], Space::Content, CONTENT),
    (&["purl.org/rss/1.0/modules/syndication"], &["sy", "syn"], Space::Syndication, SYNDICATION),
    (&["purl.org/rss/1.0/modules"], &[], Space::Foreign, &[]),
    (&["purl.org/dc/"], &["dc", "dcterms", "dct"], Space::Dublin, DUBLIN),
    (&["search.yahoo.com/mrss", "rssboard.org/media-rss"], &["media"], Space::Media, MEDIA),
    (&["itunes.com/dtds/podcast", "itunes.apple.com/dtd"], &["itunes"], Space::Itunes, ITUNES),
    (&["purl.org/syndication/history"], &["fh"], Space::History, HISTORY),
    (&["feedburner"], &["feedburner"], Space::Feedburner, FEEDBURNER),
    (&["w3.org/1999/xhtml"], &["xhtml", "html", "h"], Space::Xhtml, XHTML),
    (&["w3.org/1999/02/22-rdf"], &["rdf"], Space::Rdf, RDF),
    (&["purl.org/rss/1.0", "netscape.com", "backend.userland.com"], &["rss", "rss1", "rss2"], Space::Own, OWN),
    (&["/tech/rss", "w3.org/2005/rss"], &[], Space::Own, OWN),
];

/// The vocabulary that a namespace names.
pub(super) fn space(namespace: &str) -> Space {
    let name = namespace.to_ascii_lowercase();
    let known = SPACES.iter().find(|(parts, ..)| parts.iter().any(|part| name.contains(part)));
    known.map_or(Space::Foreign, |(_, _, space, _)| *space)
}

/// The vocabulary that a prefix usually names.
pub(super) fn usual(prefix: &str) -> Space {
    let known = SPACES.iter().find(|(_, prefixes, ..)| prefixes.contains(&prefix));
    known.map_or(Space::Foreign, |(_, _, space, _)| *space)
}

/// What the element `local` of a vocabulary states. Some feeds write their own words in other cases.
pub(super) fn field(space: Space, local: &str) -> Option<Field> {
    let rows = match space {
        Space::Own | Space::Atom => OWN,
        Space::Dublin => DUBLIN,
        Space::Content => CONTENT,
        Space::Media => MEDIA,
        Space::Itunes => ITUNES,
        Space::Syndication => SYNDICATION,
        Space::History => HISTORY,
        Space::Feedburner => FEEDBURNER,
        Space::Xhtml => XHTML,
        Space::Rdf => RDF,
        Space::Foreign => return None,
    };
    // The first letter first: every tag of every feed is looked up here.
    let initial = local.as_bytes().first();
    let exact =
        rows.iter().find(|(name, _)| name.len() == local.len() && name.as_bytes().first() == initial && *name == local);
    exact.or_else(|| rows.iter().find(|(name, _)| name.eq_ignore_ascii_case(local))).map(|(_, field)| *field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |namespace: &str, local: &str, expect: Option<Field>| {
            assert_eq!(field(space(namespace), local), expect, "{namespace} {local}");
        };
        check("http://www.w3.org/2005/Atom", "updated", Some(Field::Updated));
        check("https://www.w3.org/2005/Atom/", "entry", Some(Field::Entry));
        check("http://purl.org/atom/ns#", "issued", Some(Field::Published));
        check("http://purl.org/rss/1.0/", "item", Some(Field::Entry));
        check("http://purl.org/rss/1.0/modules/content/", "encoded", Some(Field::Content));
        check("http://purl.org/rss/1.0/modules/slash/", "section", None);
        check("http://purl.org/dc/terms/", "modified", Some(Field::Updated));
        check("http://backend.userland.com/rss2", "PUBDATE", Some(Field::Published));
        check("urn:unknown", "title", None);
        assert_eq!((usual("media"), usual("nobody")), (Space::Media, Space::Foreign));
    }
}
