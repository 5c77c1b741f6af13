//! Lists as they are found in the wild, written by us.

use proptest::prelude::*;

use super::*;

/// `url [labels] title`, a line a feed.
fn shown(found: &Subscriptions) -> String {
    let line = |feed: &Subscription| {
        let title = feed.title.as_deref().unwrap_or("-");
        format!("{} [{}] {title}", feed.url, feed.labels.join("|"))
    };
    found.feeds.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(body: &str, expect: &str) -> Subscriptions {
    let found = read(format!("<opml version='2.0'><body>{body}</body></opml>").as_bytes(), None);
    assert_eq!(shown(&found), expect, "{body}");
    found
}

#[track_caller]
fn skips(body: &str, expect: &[&str]) {
    let found = read(format!("<opml><body>{body}</body></opml>").as_bytes(), None);
    let told: Vec<String> = found.skipped.iter().map(|skipped| format!("{}: {}", skipped.what, skipped.why)).collect();
    assert_eq!(told, expect, "{body}");
}

#[test]
fn feeds_in_folders() {
    check("<outline text='A' xmlUrl='https://a.example/f'/>", "https://a.example/f [] A");
    check(
        "<outline text='News'><outline text='Tech'><outline text='A' xmlUrl='https://a.example/f'/></outline>\
         <outline text='B' xmlUrl='https://b.example/f'></outline></outline><outline text='C' xmlUrl='https://c.example/'/>",
        "https://a.example/f [News|Tech] A\nhttps://b.example/f [News] B\nhttps://c.example/ [] C",
    );
    check(
        "<outline title='News'><outline title='A' xmlUrl='https://a.example/f'/></outline>",
        "https://a.example/f [News] A",
    );
    check("<outline><outline xmlUrl='https://a.example/f'/></outline>", "https://a.example/f [] -");
}

#[test]
fn categories_are_labels_too() {
    check(
        "<outline xmlUrl='https://a.example/f' category='/Boston/Weather, tag'/>",
        "https://a.example/f [Boston|Weather|tag] -",
    );
    check(
        "<outline text=tag><outline xmlUrl='https://a.example/f' category=tag /></outline>",
        "https://a.example/f [tag] -",
    );
}

#[test]
fn names_in_any_case_and_addresses_of_any_sort() {
    check("<OUTLINE TEXT='A' XMLURL='https://a.example/f'/>", "https://a.example/f [] A");
    check("<outline text=A type=rss url=https://a.example/f/>", "https://a.example/f [] A");
    check("<outline text=A type=rss url=https://a.example/f />", "https://a.example/f [] A");
    check(
        "<outline xmlurl='feed://a.example/f'/><outline xmlUrl='feed:https://b.example/'/>",
        "http://a.example/f [] -\nhttps://b.example/ [] -",
    );
    check(
        "<outline xmlUrl='https://u:p@a.example/f?token=1&b=2&amp;c'/>",
        "https://u:p@a.example/f?token=1&b=2&c [] -",
    );
    check("<outline xmlUrl='\n https://a.example/f '/>", "https://a.example/f [] -");
}

#[test]
fn text_is_decoded_once() {
    check(
        "<outline text='A &amp; B &lt;i&gt; &amp;amp; &eacute; &#10;'  xmlUrl='https://a.example/f'/>",
        "https://a.example/f [] A & B <i> &amp; é",
    );
    check("<outline text='AT&T & \"Co\"' xmlUrl='https://a.example/f'/>", "https://a.example/f [] AT&T & \"Co\"");
}

#[test]
fn an_address_in_two_folders_is_one_feed() {
    check(
        "<outline text=A><outline text=x xmlUrl='https://a.example/f'/></outline><outline text=B><outline text=y xmlUrl='https://a.example/f'/></outline>",
        "https://a.example/f [A|B] x",
    );
}

#[test]
fn what_is_no_feed_is_told() {
    skips(
        "<outline text='P' htmlUrl='https://a.example/'/>",
        &["P: it names a page and no feed: list the page to have its feed found"],
    );
    skips("<outline text='L' type='link' url='https://a.example/'/>", &["L: it is a link, not a feed"]);
    skips(
        "<outline text='I' type='include' url='https://a.example/b.opml'/>",
        &["I: it includes another list: import that one"],
    );
    skips("<outline text='N'/>", &["N: it names no feed"]);
    skips("<outline text='folder'></outline>", &[]);
    let bad = "the address of its feed is no http(s) address";
    skips("<outline xmlUrl='gopher://a.example/'/>", &[&format!("gopher://a.example/: {bad}")]);
    skips("<outline xmlUrl='https://a.example/a b'/>", &[&format!("https://a.example/a b: {bad}")]);
    skips("<outline xmlUrl='a.example/f'/>", &[&format!("a.example/f: {bad}")]);
    skips(
        "<outline text=C isComment='true'><outline text=x xmlUrl='https://a.example/f'/></outline>",
        &["C: is commented out", "https://a.example/f: is commented out"],
    );
    check(
        "<outline text=C isComment='true'><outline xmlUrl='https://a.example/f'/></outline><outline xmlUrl='https://b.example/'/>",
        "https://b.example/ [] -",
    );
}

#[test]
fn broken_markup_loses_little() {
    let unclosed = "<outline text=N><outline text=A xmlUrl='https://a.example/f'><outline text=B xmlUrl='https://b.example/f'></outline><outline text=C xmlUrl='https://c.example/f'>";
    let found = check(unclosed, "https://a.example/f [N] A\nhttps://b.example/f [N] B\nhttps://c.example/f [] C");
    assert!(found.notes[0].contains("4 outlines are opened and 1 closed"), "{:?}", found.notes);
    check("</outline></outline><outline text=A xmlUrl='https://a.example/f'/>", "https://a.example/f [] A");
    check("<outline text='The \"Best\" of' xmlUrl=\"https://a.example/f\"/>", "https://a.example/f [] The \"Best\" of");
    check("<outline text=\"The \"Best\" of\" xmlUrl=\"https://a.example/f\"/>", "https://a.example/f [] The");
    check(
        "<outline text='A' xmlUrl='https://a.example/f' <outline text='B' xmlUrl='https://b.example/f'/>",
        "https://a.example/f [A] A\nhttps://b.example/f [A] B".replace(" [A]", " []").as_str(),
    );
    check(
        "<!-- <outline xmlUrl='https://x.example/'/> --><outline xmlUrl='https://a.example/f'/>",
        "https://a.example/f [] -",
    );
    check("<outline text='a < b > c' xmlUrl='https://a.example/f'/>", "https://a.example/f [] a < b > c");
    for text in ["<", "<outline", "<outline text='", "<!--", "<![CDATA[", "</", "<outline =='x' \"/", "<opml/"] {
        let _ = read(text.as_bytes(), None);
    }
}

#[test]
fn charsets_and_what_is_no_list() {
    let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><opml><outline text='Caf\xe9' xmlUrl='https://a.example/f'/></opml>";
    assert_eq!(shown(&read(latin, None)), "https://a.example/f [] Café");
    assert!(!read(b"<rss><channel/></rss>", None).is_opml && !read(b"", None).is_opml);
    assert!(read(b"<opml version='1.0'><body></body></opml>", None).is_opml);
}

#[test]
fn bounds_hold() {
    let deep =
        "<outline text=L>".repeat(1_000) + "<outline xmlUrl='https://a.example/f'/>" + &"</outline>".repeat(1_000);
    let deep = format!("{deep}<outline xmlUrl='https://b.example/f'/>");
    assert_eq!(shown(&read(deep.as_bytes(), None)), "https://a.example/f [L] -\nhttps://b.example/f [] -");
    let folder = |n: usize| format!("<outline text=L{n}><outline xmlUrl='https://a.example/f'/></outline>");
    let wide = (0..200).map(folder).collect::<Vec<_>>().concat();
    assert_eq!(read(wide.as_bytes(), None).feeds[0].labels.len(), MOST_LABELS);
    let long =
        format!("<outline text='{0}'><outline text='{0}' xmlUrl='https://a.example/f'/></outline>", "x".repeat(1_000));
    let found = read(long.as_bytes(), None);
    assert_eq!(
        (found.feeds[0].labels[0].len(), found.feeds[0].title.as_ref().unwrap().len()),
        (LONGEST_TEXT, LONGEST_TEXT)
    );
}

#[test]
fn a_written_list_is_what_readers_expect() {
    let feed = |url: &str, labels: &[&str]| Subscription {
        url: url.to_owned(),
        title: None,
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
    };
    let written = write("A & B", &[feed("https://a.example/?a&b", &["R&D", "x\ny"]), feed("https://b.example/", &[])]);
    let expect = "<?xml version=\"1.0\" encoding=\"utf-8\"?>
<opml version=\"2.0\">
 <head>
  <title>A &amp; B</title>
 </head>
 <body>
  <outline type=\"rss\" text=\"https://b.example/\" title=\"https://b.example/\" xmlUrl=\"https://b.example/\"/>
  <outline text=\"R&amp;D\" title=\"R&amp;D\">
   <outline type=\"rss\" text=\"https://a.example/?a&amp;b\" title=\"https://a.example/?a&amp;b\" xmlUrl=\"https://a.example/?a&amp;b\"/>
  </outline>
  <outline text=\"x&#10;y\" title=\"x&#10;y\">
   <outline type=\"rss\" text=\"https://a.example/?a&amp;b\" title=\"https://a.example/?a&amp;b\" xmlUrl=\"https://a.example/?a&amp;b\"/>
  </outline>
 </body>
</opml>
";
    assert_eq!(written, expect);
    let mut reader = quick_xml::Reader::from_str(&written);
    while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
}

/// Sources by address, each with its labels in order of name: what a list can say.
fn listed(feeds: &[Subscription]) -> BTreeMap<String, Vec<String>> {
    feeds
        .iter()
        .map(|feed| {
            let mut labels = feed.labels.clone();
            labels.sort();
            labels.dedup();
            (feed.url.clone(), labels)
        })
        .collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        feeds in prop::collection::btree_map(
            "https?://[a-z]{1,8}\\.example/[a-z0-9?&=%;'._~-]{0,20}",
            (prop::option::of("\\PC{0,40}"), prop::collection::btree_set("[^\\s\\p{C}]([\\PC\n\t]{0,20}[^\\s\\p{C}])?", 0..4)),
            0..12,
        )
    ) {
        let feeds: Vec<Subscription> = feeds
            .into_iter()
            .map(|(url, (title, labels))| Subscription { url, title, labels: labels.into_iter().collect() })
            .collect();
        let found = read(write("x", &feeds).as_bytes(), None);
        prop_assert_eq!(listed(&found.feeds), listed(&feeds));
        prop_assert!(found.notes.is_empty() && found.skipped.is_empty(), "{:?}", found);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "[<>a-z='\"/ !\\-\\[\\]outline]{0,200}") {
        let _ = read(&bytes, None);
        let _ = read(text.as_bytes(), None);
    }
}
