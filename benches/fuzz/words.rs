//! What the inputs of each target are made of: a few documents to begin with, words to put into them, and bombs, which
//! nest or multiply when they are repeated.

fn of(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub fn feeds() -> Vec<Vec<u8>> {
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

pub const FEED_WORDS: &[&[u8]] = &[
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

pub const FEED_BOMBS: &[&[u8]] = &[
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

pub fn pages() -> Vec<Vec<u8>> {
    of(&[
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>A page</title><base href=/x/><link rel=alternate type=application/rss+xml title='RSS &amp; more' href=feed.xml><link rel='alternate stylesheet' href=a.css><link rel=canonical href=https://a.example/1><meta property=og:title content='A page'><meta name=description content=x><script type=application/ld+json>{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\",\"headline\":\"H\",\"datePublished\":\"2024-03-01T10:00:00Z\",\"author\":[{\"name\":\"Ann\"}],\"image\":{\"url\":\"i.jpg\"}}</script></head><body><h1>A page</h1><svg><title>x</title></svg><p class=byline>By <a rel=author>Ann</a></p><time datetime=2024-03-01>1 March</time><div itemscope itemtype=https://schema.org/Article><span itemprop=headline>H</span></div></body></html>",
        "<html><link rel=feed href='feed://a.example'><link rel=alternate type=application/feed+json href=//b.example/f><template><p></template><table><tr><td>x",
        "<https://a.example/f>; rel=\"alternate\"; type=\"application/rss+xml\"; title=\"a \\\"b\\\"\", </g>;rel=hub",
    ])
}

pub fn blocks() -> Vec<Vec<u8>> {
    of(&[
        r##"{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle","@id":"#a","headline":"Rain &amp; more","datePublished":"2024-03-01T10:00:00+01:00","dateModified":"2024-03-02","author":[{"@id":"#p"},{"@type":"Organization","name":"Wire"},"Bo"],"image":{"@type":"ImageObject","url":["/a.jpg"],"width":"1200px","height":{"value":630}},"keywords":["a",{"name":"b"},"c, d"],"articleSection":"News","isAccessibleForFree":"False","publisher":{"name":"The Wire"},"mainEntityOfPage":{"@id":"https://a.example/1"}},{"@type":"Person","@id":"#p","name":"Ann Lee"},{"@type":"WebSite","name":"Wire"}]}"##,
        r#"<!-- [{"@type":["BlogPosting","Thing"],"name":"x","description":"<p>y</p>","inLanguage":{"@type":"Language","name":"de"},},{"@type":"VideoObject","uploadDate":"2024-03-01","thumbnailUrl":["a.jpg"]}]; //]]>"#,
    ])
}

pub const BLOCK_WORDS: &[&[u8]] = &[
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

pub const BLOCK_BOMBS: &[&[u8]] = &[
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

pub const PAGE_WORDS: &[&[u8]] = &[
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

pub const PAGE_BOMBS: &[&[u8]] = &[
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

pub fn lists() -> Vec<Vec<u8>> {
    of(&[
        "<?xml version='1.0'?><opml version='2.0'><head><title>Mine</title></head><body><outline text='News'><outline text='Tech' title='T'><outline type='rss' text='A &amp; B' xmlUrl='https://a.example/f?a=1&amp;b=2' htmlUrl='https://a.example/' category='/x/y,z'/></outline></outline><outline xmlUrl='feed://b.example/'/></body></opml>",
        "<opml version=1.0><body><outline text=A type=rss url=https://a.example/f/><outline text=Old isComment=true><outline xmlUrl='https://c.example/'></outline></outline>",
    ])
}

pub const LIST_WORDS: &[&[u8]] = &[
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

pub const LIST_BOMBS: &[&[u8]] = &[
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

pub fn robots_files() -> Vec<Vec<u8>> {
    of(&[
        "User-agent: *\nDisallow: /a*b$\nAllow: /\nCrawl-delay: 10\n\nUser-agent: newswire\nDisallow: /x\n# note\nSitemap: https://a.example/s.xml\r\n",
        "<html>",
    ])
}

pub const ROBOTS_WORDS: &[&[u8]] = &[
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
pub const ROBOTS_BOMBS: &[&[u8]] =
    &[b"*", b"Disallow: /a*b*c*d*\n", b"User-agent: a\n", b"/", b"*a", b"\n", b"%", b"Allow: *****$\n"];

pub fn addresses() -> Vec<Vec<u8>> {
    of(&[
        "https://User:Pa@www.Example.org:8443/a/../b;c/%7euser/?utm_source=x&b=2&a=1#!/x",
        "http://news-example.cdn.ampproject.org/c/s/news.example/a/amp/?usqp=1",
        "https://[2001:db8::1]:80/x",
        "//münchen.example/ä b",
        "https://www.google.com/amp/s/a.example/1",
    ])
}

pub const URL_WORDS: &[&[u8]] = &[
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
pub const URL_BOMBS: &[&[u8]] =
    &[b"/", b"..", b"../", b"a.", b"%", b"%25", b"&a=b", b"?", b"@", b":", b"x.cdn.ampproject.org/c/s/", b"[", b"www."];

pub fn moments() -> Vec<Vec<u8>> {
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

pub const DATE_WORDS: &[&[u8]] = &[
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
pub const DATE_BOMBS: &[&[u8]] = &[b"1", b" ", b"-", b":", b"a", b".", b"2024-", b"\xe5\xb9\xb4"];

pub fn documents() -> Vec<Vec<u8>> {
    let mut documents = of(&[
        "---\ntitle: \"A title\"\nwebUrl: https://a.example/1\npublishedDateTime: 2024-03-01T10:00:00Z\nprovider: { name: A, domain: a.example }\ntopics: [X, \"Y Z\"]\nquality: 3\nheat: -1\npublished: false\nsecured: { a: b }\nimages: [{ url: i.png, width: 1, height: 2 }]\nrelated:\n  - title: B\n    webUrl: https://b.example/2\n    quality: 7\n---\n# Note\n\ntext *x*\n",
        "title: plain\nwebUrl: https://a.example/\n",
    ]);
    documents.extend(FIXTURES.iter().map(|text| text.to_vec()));
    documents
}

/// Seeds that are written for people and for tests.
const FIXTURES: &[&[u8]] = &[
    include_bytes!("../../config/seeds/2023-asteroid-sample.md"),
    include_bytes!("../../config/seeds/2024-sea-cables.yaml"),
    include_bytes!("../../tests/fixtures/wire/arabic.md"),
    include_bytes!("../../tests/fixtures/wire/hostile.md"),
    include_bytes!("../../tests/fixtures/wire/lighthouse.md"),
];

pub const SEED_WORDS: &[&[u8]] = &[
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
pub const SEED_BOMBS: &[&[u8]] = &[
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

pub fn rules() -> Vec<Vec<u8>> {
    of(&[
        "(inferentia OR trainium*) AND NOT \"job posting\" title:chips quality>=5 lang:en url:/a/",
        "NOT (a AND b) OR publisher:\"x y\"",
    ])
}

pub const RULE_WORDS: &[&[u8]] = &[
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
pub const RULE_BOMBS: &[&[u8]] = &[b"(", b"NOT ", b"a ", b"a OR ", b"\"", b"*", b"title:", b")"];

pub fn configurations() -> Vec<Vec<u8>> {
    let mut texts = of(&[
        "site: { title: A wire, base_url: 'https://wire.example/', contact: me@a.example }\nfetch: { allow_private: [10.0.0.0/8], connect_to: { 'a.example:443': '127.0.0.1:1' }, max_body: 5MiB, timeout: 20s }\nsources:\n  - url: https://a.example/feed\n    topics: [ai]\ntopics:\n  - { id: ai, labels: [AI], match: 'a AND NOT \"b c\"', private: '${SECRET}', digest: '0 7 * * *', tests: [{ article: { title: x }, expect: in }] }\ngrouping: { same: [[https://a.example/1, https://b.example/2]], pin: [] }\nschedule: { timezone: Europe/Berlin, poll: '@hourly' }\n",
        "store: sqlite:${SECRET}.db\npublish: { formats: [rss], websub: own, lead: seed }\nenrich: { revisit: [1h, 6h] }\noutput: { dir: public }\n",
    ]);
    texts.push(include_bytes!("../../config/newswire.yaml").to_vec());
    texts
}

pub const CONFIG_WORDS: &[&[u8]] = &[
    b"site: ",
    b"topics:\n",
    b"  - id: ",
    b"sources:\n  - ",
    b"url: ",
    b"${SECRET}",
    b"${file:secret}",
    b"$${",
    b"${",
    b"match: '",
    b"labels: [",
    b"private: ",
    b"digest: ",
    b"tests: [{ article: { title: x }, expect: out }]",
    b"grouping: { window: 0s }",
    b"99999999999999999999d",
    b"1h30m",
    b"-1s",
    b"5MiB",
    b"0x10",
    b".nan",
    b"10.0.0.0/33",
    b"::/0",
    b"127.0.0.1:99999",
    b"https://u:p@a.example/?token=x",
    b"Europe/Nowhere",
    b"61 25 32 13 8",
    b"null",
    b"{",
    b"}",
    b"[",
    b"]",
    b": ",
    b"- ",
    b"&a ",
    b"*a",
    b"<<: *a\n",
    b"!!set ",
    b"\t",
    b"#",
    b"'",
    b"\"",
    b"|\n",
    b"\xc2\x85",
    b"\0",
];
pub const CONFIG_BOMBS: &[&[u8]] = &[
    b"[",
    b"{",
    b"{a: ",
    b"- ",
    b"&a [",
    b"*a,",
    b"${SECRET}",
    b"${",
    b"  - { id: a }\n",
    b"  - url: https://a.example/\n",
    b"a:\n ",
    b"NOT (",
    b"'",
    b" ",
    b"\n",
    b"https://a.example/1, ",
];

pub fn crontabs() -> Vec<Vec<u8>> {
    of(&[
        "*/15 * * * *",
        "0 7 * * *",
        "30 2 * 3,10 sun",
        "0 0 29 feb *",
        "59 23 31 12 1-5/2",
        "0 0 13 * fri",
        "@hourly",
        "@annually",
        "0,1,2-9/3 */7 1-31 JAN-DEC 0-7",
    ])
}

pub const CRON_WORDS: &[&[u8]] = &[
    b"*",
    b"/",
    b"-",
    b",",
    b" ",
    b"\t",
    b"@",
    b"@daily",
    b"@reboot",
    b"sun",
    b"7",
    b"0",
    b"59",
    b"60",
    b"31",
    b"feb",
    b"30",
    b"L",
    b"W",
    b"#",
    b"?",
    b"99999999999999999999",
    b"-1",
    b"*/0",
    b"1-0",
    b"CRON_TZ=",
    b"\xc3\xa4",
];
pub const CRON_BOMBS: &[&[u8]] = &[b"*", b"1,", b"0-59/1,", b" ", b"* ", b"/", b"-", b"9", b"@", b"sun,"];

pub fn heads() -> Vec<Vec<u8>> {
    of(&[
        "ETag: W/\"a b\"\nLast-Modified: Tue, 05 Mar 2024 10:00:00 GMT\nCache-Control: public, max-age=600, s-maxage=\"9\"\nAge: 100\nDate: Tue, 05 Mar 2024 10:00:00 GMT\nExpires: Tuesday, 05-Mar-24 11:00:00 GMT\nRetry-After: 120\nContent-Type: Text/HTML; charset=\"shift_jis\"\nContent-Language: de\nLink: <https://h.example/>; rel=hub, <f>; rel=self\nIM: feed",
        "Retry-After: Sun Nov  6 08:49:37 1994\nExpires: 0\nAge: -1\nCache-Control: max-age=99999999999999999999\nCache-Control: no-cache",
        "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\nExpires: Thu, 01 Jan 1970 00:00:00 GMT\nDate: Fri, 31 Dec 9999 23:59:59 GMT\nAge: 18446744073709551615",
    ])
}

pub const FIELD_WORDS: &[&[u8]] = &[
    b"ETag: ",
    b"Last-Modified: ",
    b"Cache-Control: ",
    b"max-age=",
    b"Expires: ",
    b"Date: ",
    b"Age: ",
    b"Retry-After: ",
    b"Content-Type: ",
    b"Link: ",
    b"IM: ",
    b"\n",
    b"\r",
    b":",
    b"\"",
    b"W/",
    b";",
    b",",
    b"=",
    b" GMT",
    b"Sun Nov  6 08:49:37 1994",
    b"Monday, 00-Jan-00 00:00:00 GMT",
    b"Fri, 31 Dec 9999 23:59:59 GMT",
    b"18446744073709551615",
    b"-9223372036854775808",
    b"1e9",
    b"\xff",
    b"\x80",
    b"\t",
    b"charset='",
];
pub const FIELD_BOMBS: &[&[u8]] =
    &[b"9", b",", b"max-age=1,", b"Link: <a>; rel=hub\n", b"ETag: x\n", b";charset=a", b"=", b"\"", b" ", b"a: b\n"];

pub fn forms() -> Vec<Vec<u8>> {
    of(&[
        "hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y&hub.callback=https://b.example/c&hub.secret=s%20t&hub.lease_seconds=86400",
        "hub.mode=unsubscribe&hub.topic=https://a.example/&hub.challenge=c+%2B&hub.lease_seconds=1",
        "hub.mode=denied&hub.topic=x&hub.reason=no%20way",
    ])
}

pub const FORM_WORDS: &[&[u8]] = &[
    b"hub.mode=",
    b"subscribe",
    b"unsubscribe",
    b"denied",
    b"publish",
    b"&hub.topic=",
    b"&hub.callback=",
    b"&hub.challenge=",
    b"&hub.secret=",
    b"&hub.lease_seconds=",
    b"&hub.reason=",
    b"&",
    b"=",
    b";",
    b"+",
    b"%",
    b"%00",
    b"%ff",
    b"%26",
    b"%3d",
    b"hub%2emode=",
    b"[]",
    b"\0",
    b"\xff",
    b"99999999999999999999",
    b"http://127.0.0.1/",
];
pub const FORM_BOMBS: &[&[u8]] = &[b"&", b"=", b"a=b&", b"%", b"%25", b"+", b"hub.topic=a&", b"\xff", b"a"];

pub fn pictures() -> Vec<Vec<u8>> {
    vec![
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0".to_vec(),
        b"GIF89a\x40\x01\xf0\0\x80\0\0".to_vec(),
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\x01\xe0\x02\x80\x03\x01\x22\0".to_vec(),
        b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x7f\x02\0\xdf\x01\0".to_vec(),
        b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a\x80\x02\xe0\x01".to_vec(),
        b"RIFF\x24\0\0\0WEBPVP8L\x18\0\0\0\x2f\x7f\x82\x77\0".to_vec(),
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf\0\0\0\x40meta\0\0\0\0\0\0\0\x28iprp\0\0\0\x20ipco\0\0\0\x14ispe\0\0\0\0\0\0\x02\x80\0\0\x01\xe0".to_vec(),
    ]
}

pub const PICTURE_WORDS: &[&[u8]] = &[
    b"\x89PNG\r\n\x1a\n",
    b"IHDR",
    b"GIF87a",
    b"\xff\xd8",
    b"\xff\xc0\0\x11",
    b"\xff\xe1\xff\xff",
    b"\xff\xda",
    b"RIFF",
    b"WEBP",
    b"VP8X",
    b"VP8L",
    b"\x9d\x01\x2a",
    b"ftypavif",
    b"meta",
    b"iprp",
    b"ipco",
    b"ispe",
    b"\0\0\0\0",
    b"\0\0\0\x01",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
];
pub const PICTURE_BOMBS: &[&[u8]] =
    &[b"\xff", b"\0", b"\xff\xe0\0\x02", b"\0\0\0\x08free", b"\0\0\0\x0cmeta\0\0\0\0", b"\0\0\0\x08iprp", b"\xff\xd8"];

pub fn notes() -> Vec<Vec<u8>> {
    of(&[
        "# Note\n\ntext *x* [a](https://a.example/ \"t\") ![i](https://a.example/i.png)\n\n> quote\n\n- one\n- two\n\n<b onclick=x>bold</b><script>alert(1)</script><a href=\"javascript:alert(1)\">x</a>\n\n~~gone~~ <https://a.example/>\n",
        "<svg><style><img src=x onerror=alert(1)></style></svg><math><mtext></p><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    ])
}

pub const NOTE_WORDS: &[&[u8]] = &[
    b"<script>",
    b"</script>",
    b"<style>",
    b"<svg>",
    b"<math>",
    b"<mtext>",
    b"<table>",
    b"<template>",
    b"<noscript>",
    b"<title>",
    b"<textarea>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<a href=\"",
    b"javascript:",
    b"java\tscript:",
    b"data:text/html,",
    b"onerror=",
    b"<img src=x ",
    b"[a](",
    b")",
    b"![",
    b"<",
    b">",
    b"\"",
    b"&lt;",
    b"&#x6a;",
    b"\n\n",
    b"    ",
    b"> ",
    b"- ",
    b"```",
    b"`",
    b"**",
    b"\0",
];
pub const NOTE_BOMBS: &[&[u8]] = &[
    b"> ",
    b"- ",
    b"[",
    b"](",
    b"*a_",
    b"**",
    b"`",
    b"<div>",
    b"<a>",
    b"<b><i>",
    b"&",
    b"![",
    b"<svg>",
    b"\n",
    b"<!--",
    b"<table><td>",
    b"~~",
    b"    ",
];
