//! XML feeds of any vocabulary and in any order → `Feed`.
//!
//! In comes decoded text; out goes the feed. One pass, forward: tags come from `scan`, their meaning from `vocabulary`,
//! and an entry is made when its end is met, or where the next one starts, or where the document is cut. Nothing that
//! is wrong ends the reading; what was wrong is noted.

use super::address::Addresses;
use super::draft::Draft;
use super::hints::Channel;
use super::scan::{Scanner, Token};
use super::scope::{Family, Mark, Scope};
use super::tag::Tag;
use super::value::Value;
use super::vocabulary::{Field, Space};
use super::{MOST_ENTRIES, fields};
use crate::model::{Entry, Feed};
use crate::url;

/// Elements open at one time; a feed needs eight or so, and deeper ones are passed over.
const DEEPEST: usize = 48;

/// Start tags among which a feed's root is looked for: some feeds are wrapped in something.
const MOST_BEFORE_ROOT: usize = 32;

/// Domains that carry the feeds of others.
const FEED_SERVICES: &[&str] = &["feedburner.com", "feedblitz.com", "google.com"];

/// The feed in `text`, which came from `base`; without a format when it is none.
pub(super) fn read(text: &str, base: &str) -> Feed {
    let mut scanner = Scanner::new(text);
    let Some((root, family, format)) = root(&mut scanner) else {
        return Feed { notes: vec!["this is no feed".to_owned()], ..Feed::default() };
    };
    let mut addresses = Addresses::new(base, text.len());
    let scope = Scope::new(family, &root, &mut addresses);
    let mut reader = Reader {
        scanner,
        scope,
        addresses,
        open: Vec::with_capacity(8),
        channel: Channel::default(),
        draft: None,
        entries: Vec::new(),
        nests: None,
        notes: Vec::new(),
    };
    reader.channel.lang = reader.scope.lang();
    let is_entry = root.prefix_and_local().1.eq_ignore_ascii_case("entry");
    if is_entry {
        reader.draft = Some(Draft::default());
    }
    reader.open.push(Open { name: root.name, is_entry, mark: reader.scope.mark() });
    if !root.is_empty {
        reader.run();
    }
    reader.finish(format)
}

/// The root of the feed, its family and its format.
fn root<'t>(scanner: &mut Scanner<'t>) -> Option<(Tag<'t>, Family, &'static str)> {
    let mut before = 0;
    while before < MOST_BEFORE_ROOT {
        let Token::Start(tag) = scanner.next()? else { continue };
        let local = tag.prefix_and_local().1.to_ascii_lowercase();
        let version = tag.attribute("version").unwrap_or_default();
        match local.as_str() {
            "rss" if version.starts_with('0') => return Some((tag, Family::Rss, "rss0")),
            "rss" => return Some((tag, Family::Rss, "rss2")),
            "rdf" => {
                let is_old = tag.attributes.contains("netscape.com");
                return Some((tag, Family::Rss, if is_old { "rss0" } else { "rss1" }));
            }
            "channel" => return Some((tag, Family::Rss, "rss0")),
            "feed" => return Some((tag, Family::Atom, "atom")),
            "entry" if before == 0 => return Some((tag, Family::Atom, "atom")),
            "html" => return None,
            _ => before += 1,
        }
    }
    None
}

struct Open<'t> {
    /// As the document writes it, for its end tag.
    name: &'t str,
    is_entry: bool,
    /// What held outside of it.
    mark: Mark<'t>,
}

pub(super) struct Reader<'t> {
    scanner: Scanner<'t>,
    pub(super) scope: Scope<'t>,
    pub(super) addresses: Addresses,
    open: Vec<Open<'t>>,
    pub(super) channel: Channel,
    pub(super) draft: Option<Draft<'t>>,
    entries: Vec<Entry>,
    /// Whether every entry has its end tag, so that an entry inside of another is meant. Counted when it is asked.
    nests: Option<bool>,
    notes: Vec<String>,
}

impl<'t> Reader<'t> {
    fn run(&mut self) {
        while let Some(token) = self.scanner.next() {
            let goes_on = match token {
                Token::Start(tag) => self.start(&tag),
                Token::End(name) => self.end(name),
            };
            if !goes_on {
                return;
            }
        }
        self.note("the document ends early");
    }

    fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }

    /// Takes a start tag; `false` ends the reading.
    fn start(&mut self, tag: &Tag<'t>) -> bool {
        let mark = self.scope.mark();
        self.scope.declare(tag, &mut self.addresses);
        let (space, field) = self.scope.field(tag);
        match field {
            Some(Field::Entry) => return self.start_entry(tag, mark),
            Some(Field::Bare) => {
                self.push(tag, mark, false);
                return true;
            }
            Some(Field::MediaContent) => {
                fields::media(self, tag);
                self.push(tag, mark, false);
                return true;
            }
            Some(Field::Other) => self.scanner.skip(tag),
            Some(field) => fields::take(self, tag, space, field),
            // A word of no vocabulary may hold the feed's entries, but not an entry's fields.
            None if self.draft.is_none() && space == Space::Own => {
                self.push(tag, mark, false);
                return true;
            }
            None => self.scanner.skip(tag),
        }
        self.scope.restore(mark);
        true
    }

    fn push(&mut self, tag: &Tag<'t>, mark: Mark<'t>, is_entry: bool) {
        if tag.is_empty || self.open.len() >= DEEPEST {
            if !tag.is_empty {
                self.scanner.skip(tag);
            }
            self.scope.restore(mark);
        } else {
            self.open.push(Open { name: tag.name, is_entry, mark });
        }
    }

    fn start_entry(&mut self, tag: &Tag<'t>, mark: Mark<'t>) -> bool {
        let is_begun = self.draft.as_ref().map(|draft| draft.is_begun);
        match is_begun {
            // One that has said nothing yet is the same one, started twice.
            Some(false) => {
                self.note("an entry starts twice");
                self.push(tag, mark, false);
                return true;
            }
            // `<item/>` inside of an entry says nothing.
            Some(_) if tag.is_empty || self.nests(tag.name) => {
                self.scanner.skip(tag);
                self.scope.restore(mark);
                return true;
            }
            Some(_) => {
                self.note("an entry was not closed");
                while self.draft.is_some() && self.open.len() > 1 {
                    self.close();
                }
                // What it declares was given back with the one before it.
                let outer = self.scope.mark();
                self.scope.declare(tag, &mut self.addresses);
                return self.begin(tag, outer);
            }
            None => {}
        }
        self.begin(tag, mark)
    }

    fn begin(&mut self, tag: &Tag<'t>, mark: Mark<'t>) -> bool {
        if self.entries.len() >= MOST_ENTRIES {
            let more = 1 + Scanner::count(self.scanner.rest(), tag.name).0;
            self.note(&format!("only the first {MOST_ENTRIES} entries were read, of {}", MOST_ENTRIES + more));
            return false;
        }
        let mut draft = Draft { lang: self.scope.lang(), ..Draft::default() };
        fields::entry(self, &mut draft, tag);
        self.draft = Some(draft);
        if tag.is_empty || self.open.len() >= DEEPEST {
            self.end_entry();
        }
        self.push(tag, mark, true);
        true
    }

    fn end_entry(&mut self) {
        if let Some(draft) = self.draft.take() {
            let mut entry = draft.entry(self.channel.people());
            // An entry taken from a feed service's feed was published where it stands.
            if let Some(publisher) = &mut entry.publisher
                && FEED_SERVICES.contains(&publisher.domain.as_str())
            {
                publisher.domain = url::registrable_domain(&entry.url).unwrap_or_default();
            }
            entry.publisher = entry.publisher.filter(|publisher| !publisher.domain.is_empty());
            self.entries.push(entry);
        }
    }

    fn nests(&mut self, name: &str) -> bool {
        let text = self.scanner.text();
        *self.nests.get_or_insert_with(|| {
            let (starts, ends) = Scanner::count(text, name);
            starts == ends
        })
    }

    /// Takes an end tag; `false` when it ends the document.
    fn end(&mut self, name: &str) -> bool {
        let found = self.open.iter().rposition(|open| open.name == name);
        let Some(at) = found.or_else(|| self.open.iter().rposition(|open| open.name.eq_ignore_ascii_case(name))) else {
            self.note("an end tag has no start");
            return true;
        };
        if at + 1 < self.open.len() {
            self.note("tags are not closed");
        }
        while self.open.len() > at {
            self.close();
        }
        at > 0
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            if open.is_entry {
                self.end_entry();
            }
            self.scope.restore(open.mark);
        }
    }

    /// All that stands inside `tag`.
    pub(super) fn inside(&mut self, tag: &Tag<'t>, nests: bool) -> Value<'t> {
        let Self { scanner, scope, .. } = self;
        let knows = |name: &str| {
            // Only the name counts here.
            let (_, field) = scope.field(&Tag { name, attributes: "", is_empty: true });
            field.is_some_and(|field| field != Field::Content)
        };
        scanner.inside(tag, nests, knows)
    }

    fn finish(mut self, format: &str) -> Feed {
        while !self.open.is_empty() {
            self.close();
        }
        if self.addresses.is_spent() {
            self.note("relative addresses were left out: they grow too much");
        }
        self.entries.shrink_to_fit();
        let mut feed = self.channel.feed(&mut self.addresses);
        feed.format = Some(format.to_owned());
        feed.entries = self.entries;
        feed.notes = self.notes;
        feed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://wire.example/feeds/all.xml";

    fn entry(item: &str) -> Entry {
        let text = format!("<rss version='2.0'><channel><title>W</title><item>{item}</item></channel></rss>");
        read(&text, BASE).entries.remove(0)
    }

    fn atom(entry: &str) -> Entry {
        let text = format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry>{entry}</entry></feed>");
        read(&text, BASE).entries.remove(0)
    }

    #[test]
    fn titles() {
        let check = |title: &str, expect: &str| {
            assert_eq!(entry(title).title.unwrap_or_default(), expect, "{title}");
        };
        check("<title>A &amp; B &amp;amp; C</title>", "A & B & C");
        check("<title><![CDATA[Amazon <AMZN.O> up]]></title>", "Amazon <AMZN.O> up");
        check("<title>A <b>bold</b> one</title>", "A bold one");
        check("<title type='html'>&lt;x&gt;y</title>", "y");
        check("<media:title>M</media:title><title/>", "M");
        check("<dc:title>D</dc:title>", "D");
        check("<title>One</title><title>Two</title>", "One");
        check("<x:y><title>Not this</title></x:y><title>This</title>", "This");
        check("<image><title>Not this</title><url>/i.png</url></image><title>This</title>", "This");
        check("<TITLE>Loud</TITLE>", "Loud");
        check("<title>No end<link>/x</link>", "No end");
    }

    #[test]
    fn titles_of_atom() {
        let check = |title: &str, expect: &str| {
            assert_eq!(atom(title).title.unwrap_or_default(), expect, "{title}");
        };
        check("<title>1 &lt;b&gt; 2</title>", "1 <b> 2");
        check("<title type='text/plain'>1 &lt;b&gt; 2</title>", "1 <b> 2");
        check("<title type=''>1 &lt;b&gt; 2</title>", "1 <b> 2");
        check("<title type='html'>1 &lt;b&gt;2&lt;/b&gt;</title>", "1 2");
        check("<title type='xhtml'><div>A <b>b</b> &amp; c</div></title>", "A b & c");
        check("<title type='application/xhtml+xml'><div>A</div></title>", "A");
        check("<title mode='base64'>R3LDvMOfZQ==</title>", "Grüße");
        check("<title type='application/octet-stream'>R3LDvMOfZQ==</title>", "Grüße");
        check("<title type='text/html' mode='escaped'>&lt;b&gt;x&lt;/b&gt;</title>", "x");
        check("<title type='text/html' mode='xml'><b>x</b></title>", "x");
    }

    #[test]
    fn links() {
        let check = |item: &str, expect: &str| assert_eq!(entry(item).url, expect, "{item}");
        check("<link>/a?b=1&c=2&copy=3</link>", "https://wire.example/a?b=1&c=2&copy=3");
        check("<link href='b'/>", "https://wire.example/feeds/b");
        check("<atom:link rel='alternate' href='/a'/><link>/b</link>", "https://wire.example/b");
        check("<atom:link rel='self' href='/a'/><guid>http://x.example/1</guid>", "http://x.example/1");
        check("<guid>tag:1</guid>", "");
        check("<link>javascript:x</link>", "");
        check("<link xml:base='http://x.example/y/'>z</link>", "http://x.example/y/z");
        let check = |entry: &str, expect: &str| assert_eq!(atom(entry).url, expect, "{entry}");
        check("<link href='/j' type='application/json'/><link href='/h' type='text/html'/>", "https://wire.example/h");
        check(
            "<link rel='enclosure' href='/e'/><link rel='related' href='/r'/><link href='/a'/>",
            "https://wire.example/a",
        );
        check("<link rel='http://www.iana.org/assignments/relation/alternate' href='/a'/>", "https://wire.example/a");
        check("<link>/text</link>", "https://wire.example/text");
        let original = entry("<link>/r</link><feedburner:origLink>https://o.example/a</feedburner:origLink>");
        assert_eq!(original.aliases, ["https://o.example/a"]);
    }

    #[test]
    fn times() {
        let check = |item: &str, published: &str, updated: &str| {
            let entry = entry(item);
            let shown = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
            assert_eq!((shown(entry.published), shown(entry.updated)), (published.to_owned(), updated.to_owned()));
        };
        let day = "2026-11-23T00:00:00Z";
        check("<pubDate>Mon, 23 Nov 2026 00:00:00 GMT</pubDate><dc:date>2020-01-01</dc:date>", day, "");
        check("<dc:date>2026-11-23</dc:date><dcterms:modified>2026-11-23</dcterms:modified>", day, day);
        check("<atom:updated>2026-11-23T00:00:00Z</atom:updated>", "", day);
        check("<pubDate>nonsense</pubDate><pubDate>2026-11-23</pubDate>", day, "");
        check("<pubDate/>", "", "");
    }

    #[test]
    fn what_else_an_entry_says() {
        let found = entry(
            "<description><![CDATA[<p>S</p>]]></description><content:encoded>C</content:encoded>\
             <author>a@wire.example (Ann Lee)</author><itunes:author>Nobody</itunes:author><category>x</category>\
             <category>x</category><itunes:keywords>y, z</itunes:keywords><source url='https://bo.example/f'>Bo</source>\
             <media:group><media:content url='/l.jpg' width='800' height='600'><media:title>M</media:title></media:content>\
             <media:content url='/v.mp4' type='video/mp4'/></media:group><media:thumbnail url='/s.jpg' width='90'/>\
             <enclosure url='/e.png' type='image/png' length='1'/><itunes:image href='/i.jpg'/><dc:language>de_AT</dc:language>",
        );
        assert_eq!((found.excerpt.as_deref(), found.lang.as_deref()), (Some("S"), Some("de-AT")));
        assert_eq!(
            (found.authors.as_slice(), found.tags.join(" ")),
            (["Ann Lee".to_owned()].as_slice(), "x y z".into())
        );
        let publisher = found.publisher.unwrap();
        assert_eq!((publisher.name.as_str(), publisher.domain.as_str()), ("Bo", "bo.example"));
        let images: Vec<_> = found.images.iter().map(|image| (image.url.as_str(), image.width)).collect();
        let at = |path: &str| format!("https://wire.example{path}");
        let expect = [(at("/l.jpg"), Some(800)), (at("/s.jpg"), Some(90)), (at("/e.png"), None), (at("/i.jpg"), None)];
        assert_eq!(images, expect.each_ref().map(|(url, width)| (url.as_str(), *width)));
        assert_eq!(
            entry("<description> <img src='x'> </description><content:encoded>C</content:encoded>").excerpt.as_deref(),
            Some("C")
        );
        assert_eq!(entry("<itunes:summary>I</itunes:summary>").excerpt.as_deref(), Some("I"));
        let taken = atom("<source><title>Bo</title><link href='https://www.bo.example/'/></source><link href='/1'/>");
        assert_eq!(taken.publisher.unwrap().domain, "bo.example");
    }

    /// Titles of the entries, and the number of notes.
    fn check(text: &str, format: &str, titles: &str, notes: usize) {
        let feed = read(text, BASE);
        let found: Vec<&str> = feed.entries.iter().map(|entry| entry.title.as_deref().unwrap_or("-")).collect();
        assert_eq!((feed.format.as_deref().unwrap_or("-"), found.join(" ").as_str()), (format, titles), "{text}");
        assert_eq!(feed.notes.len(), notes, "{text}: {:?}", feed.notes);
    }

    #[test]
    fn documents() {
        let item = "<item><title>T</title></item>";
        check(&format!("<rss><channel>{item}</channel></rss>"), "rss2", "T", 0);
        check(&format!("<rss version=0.93><channel>{item}</channel></rss>"), "rss0", "T", 0);
        check(
            &format!(
                "<x:rss xmlns:x='urn:y'><x:channel>{}</x:channel></x:rss>",
                item.replace("item", "x:item").replace("title", "x:title")
            ),
            "rss2",
            "T",
            0,
        );
        check(&format!("<wrap><rss><channel>{item}</channel></rss></wrap>"), "rss2", "T", 0);
        check(&format!("<RSS><CHANNEL>{item}</CHANNEL></RSS>"), "rss2", "T", 0);
        check(&format!("<rss><channel></channel>{item}{item}</rss>"), "rss2", "T T", 0);
        check(&format!("<rss><channel><odd>{item}</odd></channel></rss>"), "rss2", "T", 0);
        check("<CHANNEL><ITEM HREF='/x'><TITLE>T</TITLE></ITEM></CHANNEL>", "rss0", "T", 0);
        check("<entry xmlns='http://www.w3.org/2005/Atom'><title>T</title></entry>", "atom", "T", 0);
        check("<feed xmlns='https://www.w3.org/2005/Atom/'><entry><title>T</title></entry></feed>", "atom", "T", 0);
        check("<html><body><rss><channel/></rss></body></html>", "-", "", 1);
        check("<opml><body/></opml>", "-", "", 1);
    }

    #[test]
    fn ill_formed_documents() {
        check("<rss><channel><item><title>A</title><item><title>B</title></channel></rss>", "rss2", "A B", 2);
        check("<rss><channel><item><title>A</title></rss>", "rss2", "A", 1);
        check("<rss><channel><item><title>A</title></item><item><title>B", "rss2", "A B", 1);
        check("<rss><channel><item><title>A</title><item/></item></channel></rss>", "rss2", "A", 0);
        check("<rss><channel><item><item><title>A</title></item></item></channel></rss>", "rss2", "A", 1);
        check(
            "<rss><channel><item><title>A</title><item><title>B</title></item></item></channel></rss>",
            "rss2",
            "A",
            0,
        );
        check("<rss><channel></b><item><title>A</b></title></item></channel></rss>", "rss2", "A", 1);
        check("<rss><channel><item><title><![CDATA[A</title></item></channel></rss>", "rss2", "A", 0);
    }

    #[test]
    fn bounds() {
        let many = format!("<rss><channel>{}</channel></rss>", "<item/>".repeat(MOST_ENTRIES + 7));
        let feed = read(&many, BASE);
        assert_eq!(feed.entries.len(), MOST_ENTRIES);
        assert_eq!(feed.notes, ["only the first 2000 entries were read, of 2007"]);
        let deep = format!("<rss><channel>{}<item><title>T</title></item>", "<a>".repeat(100_000));
        assert!(read(&deep, BASE).entries.len() <= 1);
        let base = format!("https://wire.example/{}/", "x".repeat(1_900));
        let images = "<media:thumbnail url='a'/>".repeat(40);
        let text = format!(
            "<rss xml:base='{base}'><channel>{}</channel></rss>",
            format!("<item><link>b</link>{images}</item>").repeat(300)
        );
        let feed = read(&text, BASE);
        let weight = |entry: &Entry| entry.url.len() + entry.images.iter().map(|image| image.url.len()).sum::<usize>();
        assert!(feed.entries.iter().map(weight).sum::<usize>() < text.len() * 4);
        let authors = format!("<atom:author><name>{}</name></atom:author>", "x".repeat(300)).repeat(40);
        let feed = read(&format!("<rss><channel>{authors}{}</channel></rss>", "<item/>".repeat(2_000)), BASE);
        assert!(feed.entries.iter().all(|entry| entry.authors.len() <= 4));
    }

    #[test]
    fn hints_of_archives_and_moves() {
        let text = "<rss xmlns:fh='http://purl.org/syndication/history/1.0'><channel><fh:archive/><fh:complete/>\
            <itunes:new-feed-url>https://new.example/f</itunes:new-feed-url></channel></rss>";
        let hints = read(text, BASE).hints;
        assert!(hints.archive && hints.complete);
        assert_eq!(hints.moved.as_deref(), Some("https://new.example/f"));
    }
}
