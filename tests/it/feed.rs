//! Feeds: what is read of good and of broken ones, and what hostile ones cost.

use newswire::feed::{self, MOST_ENTRIES};
use newswire::model::Feed;
use proptest::prelude::*;

use crate::support::examples;

const BASE: &str = "https://wire.example/feeds/all.xml";

fn read(text: &str) -> Feed {
    feed::read(text.as_bytes(), None, BASE)
}

const RSS: &str = r#"<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>The Wire</title><link>https://wire.example/</link>
 <language>en-GB</language><ttl>90</ttl><skipHours><hour>0</hour><hour>5</hour></skipHours><skipDays><day>Sunday</day></skipDays>
 <atom:link rel="self" href="https://wire.example/feeds/all.xml"/><atom:link rel="hub" href="https://hub.example/"/>
 <atom:link rel="next" href="?page=2"/>
 <item><title>Rain &amp; wind: Amazon &lt;AMZN.O&gt;</title><link>/rain?a=1&b=2</link><guid isPermaLink="false">r1</guid>
 <pubDate>Mon, 23 Nov 2026 04:05:06 +0100</pubDate><dc:creator>Ann Lee</dc:creator><category>Weather</category>
 <description><![CDATA[<p>It <b>rained</b>.</p>]]></description>
 <media:thumbnail url="https://i.example/s.jpg" width="90"/><enclosure url="https://i.example/l.jpg" type="image/jpeg" length="1"/>
 </item></channel></rss>"#;

#[test]
fn rss() {
    let feed = read(RSS);
    assert_eq!(feed.format.as_deref(), Some("rss2"));
    assert_eq!(feed.title.as_deref(), Some("The Wire"));
    assert_eq!(feed.link.as_deref(), Some("https://wire.example/"));
    assert_eq!(feed.hints.ttl_s, Some(5_400));
    assert_eq!((feed.hints.skip_hours.as_slice(), feed.hints.skip_days.len()), ([0, 5].as_slice(), 1));
    assert_eq!(feed.hints.self_url.as_deref(), Some("https://wire.example/feeds/all.xml"));
    assert_eq!(feed.hints.hub.as_deref(), Some("https://hub.example/"));
    assert_eq!(feed.hints.next.as_deref(), Some("https://wire.example/feeds/all.xml?page=2"));
    let entry = &feed.entries[0];
    assert_eq!(entry.title.as_deref(), Some("Rain & wind: Amazon <AMZN.O>"));
    assert_eq!(entry.url, "https://wire.example/rain?a=1&b=2");
    assert_eq!(entry.guid.as_deref(), Some("r1"));
    assert_eq!(entry.published.unwrap().to_string(), "2026-11-23T03:05:06Z");
    assert_eq!(entry.excerpt.as_deref(), Some("It rained."));
    assert_eq!(
        (entry.authors.as_slice(), entry.tags.as_slice()),
        (["Ann Lee".to_owned()].as_slice(), ["Weather".to_owned()].as_slice())
    );
    assert_eq!(entry.images.len(), 2);
}

#[test]
fn atom() {
    let feed = read(
        r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title type="html">A &amp;amp; B</title>
        <link rel="alternate" href="/"/><entry><title type="text">1 &lt;b&gt; 2</title><id>tag:x</id><link href="e/1"/>
        <updated>2026-11-23T04:05:06Z</updated><author><name>Bo Ek</name></author>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Text <b>bold</b> &amp; more</div></content></entry></feed>"#,
    );
    assert_eq!(feed.format.as_deref(), Some("atom"));
    assert_eq!((feed.title.as_deref(), feed.lang.as_deref()), (Some("A & B"), Some("de")));
    let entry = &feed.entries[0];
    assert_eq!(entry.title.as_deref(), Some("1 <b> 2"));
    assert_eq!(entry.url, "https://wire.example/feeds/e/1");
    assert_eq!(entry.excerpt.as_deref(), Some("Text bold & more"));
    assert_eq!(entry.updated.unwrap().to_string(), "2026-11-23T04:05:06Z");
}

/// Format, feed title, and titles of the entries.
fn check(text: &str, format: &str, titles: &[&str]) {
    let feed = read(text);
    let found: Vec<&str> = feed.entries.iter().map(|entry| entry.title.as_deref().unwrap_or("-")).collect();
    assert_eq!((feed.format.as_deref().unwrap_or("-"), found.as_slice()), (format, titles), "{text}: {:?}", feed.notes);
}

#[test]
fn what_feed_rs_alone_would_lose() {
    let item = "<item><title>T</title><link>http://x.example/1</link></item>";
    check(&format!("<rss><channel>{item}</channel></rss>"), "rss2", &["T"]);
    check(&format!("<rss version=\"2.01\"><channel>{item}</channel></rss>"), "rss2", &["T"]);
    check(&format!("<rss version='0.93'><channel>{item}</channel></rss>"), "rss0", &["T"]);
    check(&format!("<rss xmlns='http://backend.userland.com/rss2'><channel>{item}</channel></rss>"), "rss2", &["T"]);
    check(&format!("<rss><channel><title>x</title></channel>{item}</rss>"), "rss2", &["T"]);
    let rdf = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'";
    check(&format!("<rdf:RDF {rdf} xmlns='http://my.netscape.com/rdf/simple/0.9/'>{item}</rdf:RDF>"), "rss0", &["T"]);
    check(&format!("<rdf:RDF {rdf} xmlns='http://purl.org/rss/1.0/'><channel/>{item}</rdf:RDF>"), "rss1", &["T"]);
    let old = "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>T</title><issued>2004-01-02</issued></entry></feed>";
    check(old, "atom", &["T"]);
    assert_eq!(read(old).entries[0].published.unwrap().to_string(), "2004-01-02T00:00:00Z");
    check(
        "\u{feff} \n<rss><channel><item><title>A & B &nbsp;&eacute; \u{3}C</title></item></channel></rss>",
        "rss2",
        &["A & B é C"],
    );
    check(
        "<rss><channel><item><title>One</title></item><item><title>Two</title><link>http://x",
        "rss2",
        &["One", "Two"],
    );
    check("<rss><channel><item><title>One</item><item><title>Two</title></item></rss>", "rss2", &["One", "Two"]);
    check("<feed><entry><title type='application/xhtml+xml'><div>T</div></title></entry></feed>", "atom", &["T"]);
    check(
        "<rss><channel><item><title>T</title><media:text/><media:title></media:title></item></channel></rss>",
        "rss2",
        &["T"],
    );
    let author = "<author>山田（yamada@example.jp）</author>";
    check(&format!("<rss><channel><item><title>T</title>{author}</item></channel></rss>"), "rss2", &["T"]);
    check("<html><body>no</body></html>", "-", &[]);
    check("", "-", &[]);
    check("]]>", "-", &[]);
}

#[test]
fn json_feed() {
    let text = r#"{"version":"http://jsonfeed.org/version/1","title":"W","home_page_url":"https://wire.example/","items":[
        {"id":7,"url":"/a","content_html":"<p>Hi <b>you</b></p>","date_published":"2026-11-23T04:05:06+01:00",
         "author":{"name":"Ann Lee"},"tags":["x"],"image":"https://i.example/a.jpg","attachments":[{"url":"https://i.example/b.png"}]},
        {"id":"b","title":null,"summary":"S"}],"hubs":[{"type":"WebSub","url":"https://hub.example/"}]}"#;
    let feed = read(text);
    assert_eq!((feed.format.as_deref(), feed.entries.len()), (Some("json"), 2));
    assert_eq!(feed.hints.hub.as_deref(), Some("https://hub.example/"));
    let entry = &feed.entries[0];
    assert_eq!((entry.guid.as_deref(), entry.url.as_str()), (Some("7"), "https://wire.example/a"));
    assert_eq!((entry.excerpt.as_deref(), entry.images.len()), (Some("Hi you"), 1));
    assert_eq!((feed.entries[1].title.as_deref(), feed.entries[1].excerpt.as_deref()), (None, Some("S")));
    check("{\"a\":1}", "-", &[]);
    check("{", "-", &[]);
}

/// Found by `cargo bench --bench fuzz -- feed`: an id that only begins like an address is none.
#[test]
fn an_id_that_begins_like_an_address_is_no_link() {
    for (id, url) in [("https://d<?xck Studio.</p>", ""), ("https://wire.example/1", "https://wire.example/1")] {
        let feed = read(&format!(
            r#"{{"version":"https://jsonfeed.org/version/1.1","title":"F","items":[{{"id":"{id}","title":"T"}}]}}"#
        ));
        assert_eq!((feed.entries[0].url.as_str(), feed.entries[0].guid.as_deref()), (url, Some(id)));
    }
}

/// Found likewise: feed-rs keeps an address for each `xml:base` that is open, each longer than the one around it.
#[test]
fn bases_inside_bases_are_kept_from_feed_rs() {
    let feed = read(&format!("<rss version='2.0'><channel>{}", "<a xml:base='x/'>".repeat(4_000)));
    assert!(feed.entries.is_empty());
}

#[test]
fn hints_of_the_syndication_module() {
    let text = "<rss><channel><sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency></channel></rss>";
    assert_eq!(read(text).hints.ttl_s, Some(1_800));
}

#[test]
fn the_same_bytes_give_the_same_feed() {
    let text = "<rss><channel><item><title>No id</title></item></channel></rss>";
    assert_eq!(read(text), read(text));
    assert_eq!(read(text).entries[0].guid, None);
}

#[test]
fn hostile_feeds_cost_bounded_work() {
    let many = format!("<rss><channel>{}</channel></rss>", "<item/>".repeat(700_000));
    let feed = read(&many);
    assert_eq!(feed.entries.len(), MOST_ENTRIES);
    assert!(feed.notes.iter().any(|note| note.contains("2000")));
    let _ = read(&format!("<rss><channel><item>{}", "<a>".repeat(500_000)));
    let _ = read(&format!("<rss><channel><item><title>{}", "<![CDATA[".repeat(200_000)));
    let _ = read(&format!("<rss {}><channel>", "a='b' ".repeat(200_000)));
    let _ = read(&format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{}", "[".repeat(200_000)));
    let _ = read(&format!("<rss><channel>{}", "<item><title><link>".repeat(100_000)));
    let _ = read(&format!("<rss><channel>{}", "<title><![CDATA[</title>".repeat(100_000)));
    let _ = read(&format!("<rss><channel><item><author>{}</author>", "@a.".repeat(200_000)));
    let _ = read(&format!("<rss><channel>{}", "<x:y xmlns:x='urn:a'>".repeat(100_000)));
    let bomb =
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><rss><channel><title>&b;</title></channel></rss>";
    assert_eq!(read(bomb).title.as_deref(), Some("&b;"));
}

proptest! {
    #![proptest_config(examples(300))]

    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = feed::read(&bytes, None, BASE);
    }

    #[test]
    fn never_panics_on_mutations(edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..12)) {
        let mut bytes = RSS.as_bytes().to_vec();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        let feed = feed::read(&bytes, None, BASE);
        prop_assert_eq!(&feed, &feed::read(&bytes, None, BASE));
        prop_assert!(feed.entries.len() <= 1 || bytes.windows(5).filter(|five| *five == b"<item").count() > 1);
    }

    /// What is escaped comes back as it was, in every vocabulary.
    #[test]
    fn escaped_titles_come_back(title in "[ -~éß—人\u{1F680}]{1,60}") {
        let escaped: Vec<String> = title.chars().map(|letter| format!("&#{};", u32::from(letter))).collect();
        let escaped = escaped.concat();
        let expect = newswire::text::squash(&title);
        let atom = read(&format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>{escaped}</title></entry></feed>"));
        prop_assert_eq!(atom.entries[0].title.as_deref().unwrap_or_default(), &expect);
        let json = serde_json::json!({"version": "https://jsonfeed.org/version/1.1", "items": [{"title": title}]});
        let json = read(&json.to_string());
        prop_assert_eq!(json.entries[0].title.as_deref().unwrap_or_default(), &expect);
    }
}
