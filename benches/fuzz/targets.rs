//! What is fuzzed: a row a reader. A new reader is a new row.

use jiff::Timestamp;
use newswire::extract::{self, Pass};
use newswire::feed::{self, discover, opml};
use newswire::fetch::robots::Robots;
use newswire::model::Site;
use newswire::{dates, seed, topic, url};

/// One reader of foreign bytes.
pub struct Target {
    pub name: &'static str,
    /// Reads, and says what was promised and is not so.
    pub run: fn(&[u8]) -> Result<(), String>,
    /// CPU milliseconds a megabyte, beside 50 for every input.
    pub a_megabyte_ms: u64,
    /// Inputs to begin with where no corpus is given.
    pub seeds: fn() -> Vec<Vec<u8>>,
    pub dictionary: &'static [&'static [u8]],
    pub bombs: &'static [&'static [u8]],
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "feed", run: feed, a_megabyte_ms: 100, seeds: feeds, dictionary: FEED_WORDS, bombs: FEED_BOMBS },
    Target {
        name: "discover",
        run: discover,
        a_megabyte_ms: 100,
        seeds: pages,
        dictionary: PAGE_WORDS,
        bombs: PAGE_BOMBS,
    },
    Target { name: "page", run: page, a_megabyte_ms: 50, seeds: pages, dictionary: PAGE_WORDS, bombs: PAGE_BOMBS },
    Target {
        name: "jsonld",
        run: jsonld,
        a_megabyte_ms: 50,
        seeds: blocks,
        dictionary: BLOCK_WORDS,
        bombs: BLOCK_BOMBS,
    },
    Target { name: "opml", run: opml, a_megabyte_ms: 100, seeds: lists, dictionary: LIST_WORDS, bombs: LIST_BOMBS },
    Target {
        name: "robots",
        run: robots,
        a_megabyte_ms: 100,
        seeds: robots_files,
        dictionary: ROBOTS_WORDS,
        bombs: ROBOTS_BOMBS,
    },
    Target { name: "url", run: address, a_megabyte_ms: 100, seeds: addresses, dictionary: URL_WORDS, bombs: URL_BOMBS },
    Target { name: "date", run: date, a_megabyte_ms: 100, seeds: moments, dictionary: DATE_WORDS, bombs: DATE_BOMBS },
    Target {
        name: "seed",
        run: document,
        a_megabyte_ms: 100,
        seeds: documents,
        dictionary: SEED_WORDS,
        bombs: SEED_BOMBS,
    },
    Target { name: "rule", run: rule, a_megabyte_ms: 100, seeds: rules, dictionary: RULE_WORDS, bombs: RULE_BOMBS },
    // A reader with every fault there is, to see that each is found.
    Target { name: "alarm", run: alarm, a_megabyte_ms: 100, seeds: rules, dictionary: RULE_WORDS, bombs: RULE_BOMBS },
];

const BASE: &str = "http://example.com/base/feed.xml";

fn feed(bytes: &[u8]) -> Result<(), String> {
    let read = feed::read(bytes, None, BASE);
    if read.entries.len() > feed::MOST_ENTRIES {
        return Err(format!("{} entries", read.entries.len()));
    }
    if let Some(entry) = read.entries.iter().find(|entry| !entry.url.is_empty() && !url::is_http(&entry.url)) {
        return Err(format!("an entry at {}", entry.url));
    }
    // Some are read twice: the same bytes give the same entries.
    if bytes.len().is_multiple_of(64) && feed::read(bytes, None, BASE) != read {
        return Err("read twice, it differs".to_owned());
    }
    Ok(())
}

fn discover(bytes: &[u8]) -> Result<(), String> {
    let mut found = discover::discover(bytes, None, BASE);
    found.extend(discover::discover_in_fields(&[String::from_utf8_lossy(bytes).into_owned()], BASE));
    let _ = discover::is_page(bytes, None);
    found.iter().find(|feed| !url::is_http(&feed.url)).map_or(Ok(()), |feed| Err(format!("a feed at {}", feed.url)))
}

/// The page is read whole, and again in steps whose sizes its own bytes choose: how it comes must not count.
fn page(bytes: &[u8]) -> Result<(), String> {
    let whole = extract::read(bytes, None, BASE, Timestamp::MAX);
    let mut pass = Pass::new(BASE);
    let (mut end, mut state) = (0, bytes.len() as u64);
    while end < bytes.len() {
        state = bytes.get(end).map_or(state, |byte| state ^ u64::from(*byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        // From one byte to a good part of what is left: a page of megabytes must not take a million steps.
        let step = 1 + (state >> 40) as usize % (64 + bytes.len() / 8);
        end = (end + step).min(bytes.len());
        let _ = pass.is_enough(&bytes[..end]);
    }
    if pass.read(bytes, None, &Site::default(), Timestamp::MAX).page == whole {
        Ok(())
    } else {
        Err("read in steps, it differs".to_owned())
    }
}

/// The input is the script of a page that has nothing else.
fn jsonld(bytes: &[u8]) -> Result<(), String> {
    let mut html = b"<title>x</title><script type=application/ld+json>".to_vec();
    html.extend_from_slice(bytes);
    html.extend_from_slice(b"</script></head><body><h1>x</h1>");
    page(&html)
}

fn opml(bytes: &[u8]) -> Result<(), String> {
    let list = opml::read(bytes, None);
    let again = opml::read(opml::write("fuzz", &list.feeds).as_bytes(), None);
    let sorted = |feeds: Vec<opml::Subscription>| {
        let mut feeds: Vec<(String, Vec<String>)> = feeds
            .into_iter()
            .map(|mut feed| {
                feed.labels.sort();
                (feed.url, feed.labels)
            })
            .collect();
        feeds.sort();
        feeds
    };
    if sorted(again.feeds) == sorted(list.feeds) {
        Ok(())
    } else {
        Err("written and read again, it differs".to_owned())
    }
}

fn robots(bytes: &[u8]) -> Result<(), String> {
    let read = Robots::parse(bytes);
    let _ = (read.allows("/"), read.allows("/a/b/c/d?e=f&g=%2f*$"));
    Ok(())
}

fn address(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let _ = (url::mask(&text), url::resolve(BASE, &text), url::listing_key(&text), url::registrable_domain(&text));
    let Ok(clean) = url::canonical(&text) else { return Ok(()) };
    let _ = url::key(&clean);
    match url::canonical(&clean) {
        Ok(again) if again == clean => Ok(()),
        again => Err(format!("{clean} becomes {again:?}")),
    }
}

fn date(bytes: &[u8]) -> Result<(), String> {
    let _ = dates::read(&String::from_utf8_lossy(bytes));
    Ok(())
}

fn document(bytes: &[u8]) -> Result<(), String> {
    let _ = seed::read("fuzz.md", bytes, Timestamp::UNIX_EPOCH);
    Ok(())
}

fn rule(bytes: &[u8]) -> Result<(), String> {
    let _ = topic::parse_rule(&String::from_utf8_lossy(bytes));
    Ok(())
}

fn alarm(bytes: &[u8]) -> Result<(), String> {
    fn deeper(depth: u64) -> u64 {
        if depth == u64::MAX { 0 } else { std::hint::black_box(deeper(std::hint::black_box(depth + 1))) + 1 }
    }
    match bytes.len() % 499 {
        1 => panic!("the alarm panics"),
        2 => return Err("kept badly".to_owned()),
        3 => drop(std::hint::black_box(vec![1_u8; 64 << 20])),
        4 => _ = (0..200_000_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n)),
        5 => _ = deeper(0),
        _ => {}
    }
    Ok(())
}

fn of(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn feeds() -> Vec<Vec<u8>> {
    let item = |n: usize| {
        format!(
            "<item><title>Item {n} &amp; more</title><link>https://a.example/{n}?a=1&b=2</link><guid isPermaLink=\"false\">id-{n}</guid><pubDate>Tue, {:02} Mar 2024 10:00:00 +0100</pubDate><description><![CDATA[<p>Text <b>of</b> {n}</p>]]></description><content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded><dc:creator>Ann</dc:creator><media:group><media:content url=\"https://a.example/{n}.jpg\" width=\"640\" height=\"x\" medium=\"image\"/></media:group><enclosure url=\"/e{n}.mp3\" length=\"-1\" type=\"audio/mpeg\"/><category domain=\"x\">Tag {n}</category><itunes:duration>1:02:03</itunes:duration><source url=\"https://b.example/f\">B</source></item>",
            n % 28 + 1
        )
    };
    let items: String = (0..12).map(item).collect();
    let rss = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>A feed</title><link>https://a.example/</link><atom:link rel=\"self\" href=\"https://a.example/f\"/><atom:link rel=\"hub\" href=\"https://h.example/\"/><ttl>60</ttl><skipHours><hour>3</hour></skipHours><sy:updatePeriod>hourly</sy:updatePeriod>{items}</channel></rss>"
    );
    let entry = |n: usize| {
        format!(
            "<entry xml:base=\"/b/\"><id>urn:uuid:{n}</id><title type=\"html\">&lt;i&gt;Entry&lt;/i&gt; {n}</title><link rel=\"alternate\" href=\"{n}\"/><link rel=\"enclosure\" href=\"e\" length=\"9\"/><updated>2024-03-01T10:00:0{n}Z</updated><published>2024-03-01</published><author><name>Ann</name></author><summary type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">x<br/>y</div></summary><content type=\"text\">z</content><category term=\"t\" label=\"T\"/></entry>"
        )
    };
    let atom = format!(
        "<?xml version='1.0'?><!DOCTYPE feed [<!ENTITY x \"y\">]><feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\" xml:base=\"https://a.example/\"><title type=\"text\">Atom</title><id>urn:f</id><updated>2024-03-01T10:00:00Z</updated><link rel=\"next\" href=\"?p=2\"/><link rel=\"prev-archive\" href=\"a\"/>{}</feed>",
        (0..8).map(entry).collect::<String>()
    );
    let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"J","home_page_url":"https://a.example/","feed_url":"f","hubs":[{"type":"WebSub","url":"https://h.example/"}],"next_url":"?p=2","items":[{"id":1,"url":"/1","title":"One","content_html":"<p>x &amp; y</p>","date_published":"2024-03-01T10:00:00Z","tags":["a","b"],"authors":[{"name":"Ann"}],"image":"i.png","attachments":[{"url":"a.mp3","mime_type":"audio/mpeg","size_in_bytes":1e9}]},{"id":"2","content_text":"y \ud83d\ude00"}]}"#;
    let rdf = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel rdf:about=\"https://a.example/\"><title>R</title><link>https://a.example/</link></channel><item rdf:about=\"https://a.example/1\"><title>One</title><link>https://a.example/1</link><dc:date>2024-03-01T10:00+01:00</dc:date></item></rdf:RDF>";
    let old = "<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\"><title mode=\"escaped\">Old</title><entry><title>E</title><link href=\"https://a.example/1\"/><issued>2003-12-13T08:29:29-04:00</issued><modified>2003</modified></entry></feed>";
    of(&[&rss, &atom, json, rdf, old, "<rss><channel><item/></channel></rss>", "{\"items\":[]}", ""])
}

const FEED_WORDS: &[&[u8]] = &[
    b"<item>",
    b"</item>",
    b"<item/>",
    b"<entry>",
    b"</entry>",
    b"<channel>",
    b"</channel>",
    b"<rss version='2.0'>",
    b"</rss>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'>",
    b"</feed>",
    b"<rdf:RDF>",
    b"<title>",
    b"</title>",
    b"<title type='xhtml'>",
    b"<link>",
    b"</link>",
    b"<link href='//x'/>",
    b"<link rel='self' href=''/>",
    b"<guid>",
    b"</guid>",
    b"<pubDate>",
    b"</pubDate>",
    b"<description>",
    b"</description>",
    b"<content type='application/xml'>",
    b"<content type='html' mode='base64'>",
    b"<![CDATA[",
    b"]]>",
    b"]]",
    b"<!--",
    b"-->",
    b"--",
    b"<!DOCTYPE x [",
    b"<!ENTITY a '&a;&a;'>",
    b"]>",
    b"<?xml version='1.0' encoding='utf-16'?>",
    b"<?x",
    b"?>",
    b"&",
    b"&amp;",
    b"&#0;",
    b"&#x110000;",
    b"&#xd800;",
    b"&nbsp;",
    b"&a;",
    b"&lt;script&gt;",
    b"&#",
    b"xmlns='x'",
    b"xmlns:a='b'",
    b"xml:base='../..'",
    b"xml:base='data:x'",
    b"xml:lang='x-'",
    b"type='text'",
    b"<media:group>",
    b"</media:group>",
    b"<media:content url='x' width='99999999999999999999'/>",
    b"<media:thumbnail url=''/>",
    b"<enclosure url='x' length='1e9'/>",
    b"<ttl>-1</ttl>",
    b"<ttl>99999999999999999999</ttl>",
    b"<skipHours><hour>25</hour></skipHours>",
    b"<sy:updateFrequency>0</sy:updateFrequency>",
    b"<itunes:duration>::</itunes:duration>",
    b"0000-00-00T00:00:00Z",
    b"9999-12-31T23:59:60+23:59",
    b"Thu, 32 Foo 2024 25:61:61 XYZ",
    b"-262143-01-01",
    b"\"items\":[",
    b"\"id\":",
    b"1e999",
    b"-0",
    b"null",
    b"true",
    b"\"\\ud800\"",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"'",
    b"<",
    b">",
    b"/",
    b"=",
    b"\0",
    b"\r",
    b"\x0b",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\xef\xbf\xbe",
    b"\xf0\x9f\x98\x80",
    b"http://[::1",
    b"https://a.example:99999/",
    b"javascript:alert(1)",
    b"<a:b:c>",
    b"<:>",
    b"<a b=c>",
    b"<a b='<'>",
    b"</>",
    b"< a>",
];

const FEED_BOMBS: &[&[u8]] = &[
    b"<item>",
    b"<entry>",
    b"<item/>",
    b"<a>",
    b"<x:y>",
    b"<div>",
    b"<media:group>",
    b"<category>x</category>",
    b"<link href='a'/>",
    b"<![CDATA[",
    b"<!--",
    b"<!DOCTYPE x [",
    b"&amp;",
    b"&",
    b"&lt;b&gt;",
    b"&lt;",
    b"&#x26;",
    b"[",
    b"{\"a\":",
    b"{\"items\":[",
    b"\"",
    b"'",
    b"\\\"",
    b"<",
    b">",
    b"]]>",
    b" a='b'",
    b" xmlns:a='b'",
    b"<a xml:base='x/'>",
    b"\n",
    b" ",
    b"\xff",
    b"\xe2\x80\x8f",
    b"<p>x",
    b"<author><name>x</name></author>",
    b"<item><title>x</title><link>https://a.example/</link></item>",
    b"{\"id\":1},",
    b"<b><i>",
    b"<?x?>",
    b"<title>",
];

fn pages() -> Vec<Vec<u8>> {
    of(&[
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>A page</title><base href=/x/><link rel=alternate type=application/rss+xml title='RSS &amp; more' href=feed.xml><link rel='alternate stylesheet' href=a.css><link rel=canonical href=https://a.example/1><meta property=og:title content='A page'><meta name=description content=x><script type=application/ld+json>{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\",\"headline\":\"H\",\"datePublished\":\"2024-03-01T10:00:00Z\",\"author\":[{\"name\":\"Ann\"}],\"image\":{\"url\":\"i.jpg\"}}</script></head><body><h1>A page</h1><svg><title>x</title></svg><p class=byline>By <a rel=author>Ann</a></p><time datetime=2024-03-01>1 March</time><div itemscope itemtype=https://schema.org/Article><span itemprop=headline>H</span></div></body></html>",
        "<html><link rel=feed href='feed://a.example'><link rel=alternate type=application/feed+json href=//b.example/f><template><p></template><table><tr><td>x",
        "<https://a.example/f>; rel=\"alternate\"; type=\"application/rss+xml\"; title=\"a \\\"b\\\"\", </g>;rel=hub",
    ])
}

fn blocks() -> Vec<Vec<u8>> {
    of(&[
        r##"{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle","@id":"#a","headline":"Rain &amp; more","datePublished":"2024-03-01T10:00:00+01:00","dateModified":"2024-03-02","author":[{"@id":"#p"},{"@type":"Organization","name":"Wire"},"Bo"],"image":{"@type":"ImageObject","url":["/a.jpg"],"width":"1200px","height":{"value":630}},"keywords":["a",{"name":"b"},"c, d"],"articleSection":"News","isAccessibleForFree":"False","publisher":{"name":"The Wire"},"mainEntityOfPage":{"@id":"https://a.example/1"}},{"@type":"Person","@id":"#p","name":"Ann Lee"},{"@type":"WebSite","name":"Wire"}]}"##,
        r#"<!-- [{"@type":["BlogPosting","Thing"],"name":"x","description":"<p>y</p>","inLanguage":{"@type":"Language","name":"de"},},{"@type":"VideoObject","uploadDate":"2024-03-01","thumbnailUrl":["a.jpg"]}]; //]]>"#,
    ])
}

const BLOCK_WORDS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"'",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"true",
    b"1e999",
    b"-0",
    b"\"@id\":",
    b"\"@type\":",
    b"\"@graph\":[",
    b"\"@value\":",
    b"\"#a\"",
    b"\"author\":",
    b"\"headline\":",
    b"\"mainEntity\":",
    b"\"image\":",
    b"\"keywords\":",
    b"\"NewsArticle\"",
    b"<!--",
    b"-->",
    b"<script>",
    b"</script>",
    b"<![CDATA[",
    b"]]>",
    b"//",
    b";",
    b"\0",
    b"\x1b",
    b"\xff",
    b"\xe2\x80\xa8",
];

const BLOCK_BOMBS: &[&[u8]] = &[
    b"{",
    b"[",
    b"{\"a\":",
    b"{\"@graph\":[",
    b"[{\"@type\":\"Article\",\"author\":",
    b"{\"@id\":\"#a\"},",
    b"{\"@type\":\"Article\",\"name\":\"a\"},",
    b"\"a\",",
    b"\"",
    b"\\",
    b",",
    b"<!--<script>",
    b"a, b and ",
    b"&amp;",
];

const PAGE_WORDS: &[&[u8]] = &[
    b"<link rel=alternate type=application/atom+xml href='",
    b"'>",
    b"<base href='",
    b"<meta ",
    b"property=og:image",
    b"content=\"",
    b"<title>",
    b"</title>",
    b"<script>",
    b"</script>",
    b"<script type='application/ld+json'>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"<svg>",
    b"</svg>",
    b"<math>",
    b"<template>",
    b"<noscript>",
    b"<textarea>",
    b"<plaintext>",
    b"<style>",
    b"</style>",
    b"<table>",
    b"<select>",
    b"<a rel=author>",
    b"</a>",
    b"<time datetime='",
    b"itemprop='headline'",
    b"itemscope",
    b"class='byline'",
    b"&#x",
    b"&notit;",
    b"&",
    b"{\"@graph\":[",
    b"{\"@type\":",
    b"]}",
    b"\"",
    b"'",
    b"<",
    b">",
    b"/",
    b"=",
    b"\0",
    b"; rel=",
    b", <",
    b"\\",
    b"charset=utf-16",
    b"http://[",
    b"feed:",
    b"<frameset>",
    b"<p>",
];

const PAGE_BOMBS: &[&[u8]] = &[
    b"<div>",
    b"<b>",
    b"<svg>",
    b"<a rel=author>",
    b"<p itemprop=x>",
    b"<h1>",
    b"<time>",
    b"<link rel=alternate type=text/xml href=x>",
    b"<meta name=a content=b>",
    b"<script type='application/ld+json'>",
    b"{\"@graph\":[",
    b"[",
    b"{\"a\":",
    b"<",
    b"&amp;",
    b"&",
    b" a=b",
    b"\"",
    b"<>; rel=alternate,",
    b"<x>;",
    b";a=\"\\",
    b"<template>",
    b"<table><td>",
    b"<font>",
    b"<!--",
    b"\n",
];

fn lists() -> Vec<Vec<u8>> {
    of(&[
        "<?xml version='1.0'?><opml version='2.0'><head><title>Mine</title></head><body><outline text='News'><outline text='Tech' title='T'><outline type='rss' text='A &amp; B' xmlUrl='https://a.example/f?a=1&amp;b=2' htmlUrl='https://a.example/' category='/x/y,z'/></outline></outline><outline xmlUrl='feed://b.example/'/></body></opml>",
        "<opml version=1.0><body><outline text=A type=rss url=https://a.example/f/><outline text=Old isComment=true><outline xmlUrl='https://c.example/'></outline></outline>",
    ])
}

const LIST_WORDS: &[&[u8]] = &[
    b"<outline",
    b"</outline>",
    b"/>",
    b">",
    b"xmlUrl=",
    b" xmlurl='https://x.example/'",
    b"text='",
    b"title=\"",
    b"category='a/b,c'",
    b"type=include",
    b"url=",
    b"isComment='true'",
    b"htmlUrl='x'",
    b"&amp;",
    b"&#10;",
    b"&",
    b"'",
    b"\"",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?",
    b"?>",
    b"<opml>",
    b"=",
    b"<",
    b"\0",
    b"\xe2\x80\xa8",
];

const LIST_BOMBS: &[&[u8]] = &[
    b"<outline text='a'>",
    b"</outline>",
    b"<outline xmlUrl='https://a.example/'/>",
    b"<",
    b"<!--",
    b"'",
    b" a='b'",
    b" a",
    b"=",
    b"/",
    b"<outline text='L'><outline xmlUrl='https://a.example/'/></outline>",
    b"&amp;",
    b"a,",
    b"/a",
];

fn robots_files() -> Vec<Vec<u8>> {
    of(&[
        "User-agent: *\nDisallow: /a*b$\nAllow: /\nCrawl-delay: 10\n\nUser-agent: newswire\nDisallow: /x\n# note\nSitemap: https://a.example/s.xml\r\n",
        "<html>",
    ])
}

const ROBOTS_WORDS: &[&[u8]] = &[
    b"User-agent: ",
    b"*",
    b"$",
    b"Disallow: ",
    b"Allow: ",
    b"Crawl-delay: 1e9",
    b"\n",
    b"\r",
    b":",
    b"#",
    b"%2f",
    b"%",
    b"\0",
    b"/",
    b"newswire",
    b"\xef\xbb\xbf",
];
const ROBOTS_BOMBS: &[&[u8]] =
    &[b"*", b"Disallow: /a*b*c*d*\n", b"User-agent: a\n", b"/", b"*a", b"\n", b"%", b"Allow: *****$\n"];

fn addresses() -> Vec<Vec<u8>> {
    of(&[
        "https://User:Pa@www.Example.org:8443/a/../b;c/%7euser/?utm_source=x&b=2&a=1#!/x",
        "http://news-example.cdn.ampproject.org/c/s/news.example/a/amp/?usqp=1",
        "https://[2001:db8::1]:80/x",
        "//münchen.example/ä b",
        "https://www.google.com/amp/s/a.example/1",
    ])
}

const URL_WORDS: &[&[u8]] = &[
    b"https://",
    b"http:",
    b"//",
    b"@",
    b":",
    b"/",
    b"?",
    b"#!",
    b"&",
    b"=",
    b"%",
    b"%2F",
    b"%00",
    b"..",
    b".",
    b"www.",
    b"m.",
    b"amp.",
    b"utm_x=1",
    b"[::1]",
    b"0x7f.1",
    b"xn--",
    b"\xe3\x80\x82",
    b"cdn.ampproject.org/c/s/",
    b"google.com/amp/s/",
    b"token=",
    b" ",
    b"\t",
    b"\\",
    b"index.html",
    b"feed:",
];
const URL_BOMBS: &[&[u8]] =
    &[b"/", b"..", b"../", b"a.", b"%", b"%25", b"&a=b", b"?", b"@", b":", b"x.cdn.ampproject.org/c/s/", b"[", b"www."];

fn moments() -> Vec<Vec<u8>> {
    of(&[
        "Tue, 05 Mar 2024 10:00:00 +0100",
        "2024-03-05T10:00:00.123Z",
        "5. März 2024, 10 Uhr",
        "March 5th, 2024 at 3pm EST",
        "1709632800",
        "2024/03/05 10:00",
        "20240305T100000Z",
        "Dienstag",
    ])
}

const DATE_WORDS: &[&[u8]] = &[
    b"2024",
    b"-",
    b":",
    b"T",
    b"Z",
    b"+01:00",
    b"-9999",
    b"EST",
    b"PM",
    b"Mon,",
    b"Mar",
    b"32",
    b"00",
    b"60",
    b".",
    b",",
    b" ",
    b"99999999999999999999",
    b"\xe5\xb9\xb4",
    b"W53-7",
    b"24:00",
    b"GMT+14",
    b"st",
];
const DATE_BOMBS: &[&[u8]] = &[b"1", b" ", b"-", b":", b"a", b".", b"2024-", b"\xe5\xb9\xb4"];

fn documents() -> Vec<Vec<u8>> {
    of(&[
        "---\ntitle: \"A title\"\nwebUrl: https://a.example/1\npublishedDateTime: 2024-03-01T10:00:00Z\nprovider: { name: A, domain: a.example }\ntopics: [X, \"Y Z\"]\nquality: 3\nheat: -1\npublished: false\nsecured: { a: b }\nimages: [{ url: i.png, width: 1, height: 2 }]\nrelated:\n  - title: B\n    webUrl: https://b.example/2\n    quality: 7\n---\n# Note\n\ntext *x*\n",
        "title: plain\nwebUrl: https://a.example/\n",
    ])
}

const SEED_WORDS: &[&[u8]] = &[
    b"---\n",
    b"title: ",
    b"webUrl: ",
    b"related:\n",
    b"  - ",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!!binary ",
    b"!x ",
    b"|\n",
    b">-\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b": ",
    b"#",
    b"'",
    b"\"",
    b"\\x00",
    b"\t",
    b"? ",
    b"%YAML 1.2\n",
    b"...\n",
    b"~",
    b".inf",
    b"0x7fffffffffffffffff",
    b"2001-12-14t21:59:43.10-05:00",
    b"\xc2\x85",
    b"secured: ",
];
const SEED_BOMBS: &[&[u8]] = &[
    b"[",
    b"{",
    b"- ",
    b"? ",
    b"{a: ",
    b"&a [",
    b"*a,",
    b"\n",
    b" ",
    b"a:\n ",
    b"  - title: x\n",
    b"'",
    b"\"",
    b"!",
    b"|\n",
];

fn rules() -> Vec<Vec<u8>> {
    of(&[
        "(inferentia OR trainium*) AND NOT \"job posting\" title:chips quality>=5 lang:en url:/a/",
        "NOT (a AND b) OR publisher:\"x y\"",
    ])
}

const RULE_WORDS: &[&[u8]] = &[
    b"AND",
    b" OR ",
    b"NOT ",
    b"(",
    b")",
    b"\"",
    b"*",
    b"title:",
    b"quality>=",
    b"-1",
    b"99999999999999999999",
    b":",
    b"\\",
    b" ",
    b"\xe4\xba\xba",
    b"~",
];
const RULE_BOMBS: &[&[u8]] = &[b"(", b"NOT ", b"a ", b"a OR ", b"\"", b"*", b"title:", b")"];
