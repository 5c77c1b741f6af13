//! Editions to publish: what nobody would write and somebody will, and what chance makes.

use jiff::Timestamp;
use newswire::model::{
    ArticleId, Cause, CoverageView, Edition, FeedLinks, Image, PageRules, RelatedView, StoryId, StoryView,
};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Holds all that markup could trip over, and a name to find it by.
pub const MARK: &str = "<x-mark a=\"1\">'&amp;&";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn coverage(number: usize) -> CoverageView {
    CoverageView {
        title: format!("Headline {number}"),
        url: format!("https://p{number}.example/a"),
        publisher: format!("Publisher {number}"),
        domain: format!("p{number}.example"),
        excerpt: Some("Amazon.com Inc <AMZN.O> on Thursday said".to_owned()),
        published: at("2020-11-12T22:40:00Z"),
        lang: Some("en".to_owned()),
        copy_of: None,
    }
}

pub fn plain(name: &str) -> StoryView {
    let id = StoryId::founded_by(ArticleId::of(name), 0);
    StoryView {
        id,
        entry_id: format!("tag:wire.example.org,2026:s/{id}"),
        page_url: format!("https://wire.example.org/s/{id}"),
        title: format!("Story {name}"),
        url: "https://p0.example/a".to_owned(),
        excerpt: Some("Amazon.com Inc <AMZN.O> on Thursday said".to_owned()),
        note_html: None,
        image: Some(Image { url: "https://p0.example/i.jpg".to_owned(), width: Some(1200), height: Some(600) }),
        lang: Some("en".to_owned()),
        authors: vec!["Jane Doe".to_owned()],
        published: at("2020-11-12T19:00:00Z"),
        updated: at("2020-11-13T08:59:00Z"),
        categories: vec!["AWS AI".to_owned(), "news".to_owned()],
        cause: Cause::default(),
        coverage: (0..9).map(coverage).collect(),
        related: Vec::new(),
    }
}

pub fn edition(stories: Vec<StoryView>) -> Edition {
    Edition {
        title: "AWS AI".to_owned(),
        site_title: "My wire".to_owned(),
        page_url: "https://wire.example.org/t/aws-ai/".to_owned(),
        home_url: "https://wire.example.org/".to_owned(),
        feed_id: "tag:wire.example.org,2026:t/aws-ai".to_owned(),
        updated: stories.iter().map(|story| story.updated).max().unwrap_or(at("2026-01-01T00:00:00Z")),
        formats: vec!["rss", "atom", "json", "html"],
        links: FeedLinks::default(),
        hub: None,
        pages: PageRules::default(),
        stories,
    }
}

/// A story with `text` in every field of text.
pub fn filled(name: &str, text: &str) -> StoryView {
    let mut story = plain(name);
    text.clone_into(&mut story.title);
    story.excerpt = Some(text.to_owned());
    story.authors = vec![text.to_owned()];
    story.categories = vec![text.to_owned()];
    for item in &mut story.coverage {
        text.clone_into(&mut item.title);
        item.excerpt = Some(text.to_owned());
        text.clone_into(&mut item.publisher);
        item.copy_of = Some(text.to_owned());
    }
    story
}

/// A story with `url` in every field of an address but those of this site.
pub fn addressed(name: &str, url: &str) -> StoryView {
    let mut story = plain(name);
    url.clone_into(&mut story.url);
    story.image = Some(Image { url: url.to_owned(), width: Some(0), height: None });
    for item in &mut story.coverage {
        url.clone_into(&mut item.url);
    }
    story
}

pub fn spoken(name: &str, lang: &str) -> StoryView {
    let mut story = plain(name);
    story.lang = Some(lang.to_owned());
    for item in &mut story.coverage {
        item.lang = Some(lang.to_owned());
    }
    story
}

pub fn dated(name: &str, published: &str, updated: &str) -> StoryView {
    StoryView { published: at(published), updated: at(updated), ..plain(name) }
}

pub fn bare(name: &str) -> StoryView {
    StoryView {
        excerpt: None,
        image: None,
        lang: None,
        authors: Vec::new(),
        categories: Vec::new(),
        coverage: Vec::new(),
        ..plain(name)
    }
}

pub fn nasty() -> Vec<StoryView> {
    let long = "Ten kilobytes & <more>. ".repeat(450);
    let mut stories = vec![plain("plain"), bare("bare")];
    for (number, text) in [
        MARK,
        "Amazon.com Inc <AMZN.O> rose",
        "a]]>b<![CDATA[c]]>",
        "\u{0}\u{1}\u{3}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{85}\u{9f}\u{fffe}\u{ffff}x",
        "\u{3}",
        "",
        "&nbsp; &amp;lt; &#0; &copy; AT&T",
        "😀 👩‍👩‍👧 🇩🇪",
        "שלום \u{202e}abc\u{202c} \u{2067}عربي",
        "<!-- --> <?xml?> <!DOCTYPE x>",
        "</title></item></channel></feed></style></script><script>alert(1)</script>",
        "line\r\nline\ttab\u{2028}x",
        "e\u{301}\u{200d}\u{feff}",
        long.as_str(),
    ]
    .into_iter()
    .enumerate()
    {
        stories.push(filled(&format!("text {number}"), text));
    }
    for (number, url) in [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "//x.example/",
        "/relative",
        "",
        "https://ü.example/ü?q=a b|{}&x=<\">'#é",
        "https://u:secret@x.example/",
        "http://[::1]/a[b]",
        "https://x.example/a?b=%zz&c=\u{3}",
        "not a url",
    ]
    .into_iter()
    .enumerate()
    {
        stories.push(addressed(&format!("address {number}"), url));
    }
    for lang in ["en_US", "english text", "", "x", "zh-Hans-CN", "日本語"] {
        stories.push(spoken(&format!("lang {lang}"), lang));
    }
    stories.push(dated("old", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.25Z"));
    stories.push(dated("new", "2099-12-31T23:59:59Z", "2099-12-31T23:59:59.999Z"));
    stories.push(dated("ancient", "-000500-01-01T00:00:00Z", "0001-01-01T00:00:00Z"));
    stories.push(dated("last", "9999-12-30T00:00:00Z", "9999-12-30T22:00:00Z"));
    stories
        .push(StoryView { note_html: Some("<p>An <em>editor</em> &amp; \u{3}a note</p>".to_owned()), ..plain("note") });
    stories.push(StoryView { coverage: (0..300).map(coverage).collect(), ..plain("large") });
    stories
}

/// Each nasty story alone, all together, none, and a nasty heading.
pub fn editions() -> Vec<Edition> {
    let mut all: Vec<_> = nasty().into_iter().map(|story| edition(vec![story])).collect();
    all.push(edition(nasty()));
    all.push(Edition { hub: Some("https://hub.example/?a=1&b=2".to_owned()), ..edition(vec![lively()]) });
    all.push(edition(Vec::new()));
    all.push(edition(vec![plain("twice"), plain("twice")]));
    let odd = "https://wire.example.org/t/人工智能/".to_owned();
    for text in [MARK, "\u{3}", "", "]]>\u{202e}人工智能"] {
        let title = text.to_owned();
        all.push(Edition { site_title: title.clone(), title, page_url: odd.clone(), ..edition(vec![plain("one")]) });
    }
    all
}

pub fn related(number: usize, published: &str) -> RelatedView {
    let id = StoryId::founded_by(ArticleId::of(&number.to_string()), 0);
    RelatedView {
        entry_id: format!("tag:wire.example.org,2026:s/{id}"),
        page_url: format!("https://wire.example.org/s/{id}"),
        title: format!("Other story {number} {MARK}"),
        published: at(published),
    }
}

/// A story that went on: two publishers joined, an editor changed it, one coverage is repeated, two stories are near.
pub fn lively() -> StoryView {
    let mut story = plain("lively");
    story.cause =
        Cause { joined: vec!["Publisher 3".to_owned(), MARK.to_owned()], is_reworded: true, is_led_anew: true };
    story.coverage[2].copy_of = Some("Publisher 1".to_owned());
    story.coverage[3].copy_of = Some("Publisher 1".to_owned());
    story.coverage[3].excerpt = Some("Another summary of the same text".to_owned());
    story.coverage[5].lang = Some("de".to_owned());
    story.related = vec![related(1, "2019-01-01T00:00:00Z"), related(2, "2030-01-01T00:00:00Z")];
    story
}

/// How many editions chance makes: a few, or as many as `NEWSWIRE_EDITIONS` says.
pub fn cases() -> usize {
    let number = std::env::var_os("NEWSWIRE_EDITIONS").and_then(|number| number.into_string().ok());
    number.and_then(|number| number.parse().ok()).unwrap_or(60)
}

/// The first `count` editions that chance makes, the same ones each time.
pub fn random(count: usize) -> impl Iterator<Item = Edition> {
    let (mut runner, strategy) = (TestRunner::deterministic(), any_edition());
    (0..count).map(move |_| strategy.new_tree(&mut runner).unwrap().current())
}

/// Any characters, those that markup is made of more often than others.
fn any_text() -> impl Strategy<Value = String> {
    "([\\PC\\x00-\\x1f]|[<>&;\"'\\[\\]!?#x=/:. -]|https://|]]>|<!\\[CDATA\\[|&#|<b>|javascript:){0,30}"
}

fn any_address() -> impl Strategy<Value = String> {
    prop_oneof![
        any_text(),
        any_text().prop_map(|rest| format!("https://p.example/{rest}")),
        any_text().prop_map(|host| format!("http://{host}.example/")),
        Just("https://wire.example.org/a".to_owned()),
    ]
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (0_i64..4_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap()),
        any::<i64>().prop_map(|number| Timestamp::from_millisecond(number % 100_000_000_000_000).unwrap_or_default()),
    ]
}

fn any_lang() -> impl Strategy<Value = Option<String>> {
    prop_oneof![Just(None), Just(Some("en".to_owned())), Just(Some("pt_br".to_owned())), any_text().prop_map(Some)]
}

fn any_coverage() -> impl Strategy<Value = CoverageView> {
    let texts = (any_text(), any_text(), any_text(), prop::option::of(any_text()), prop::option::of(any_text()));
    (texts, any_address(), any_time(), any_lang()).prop_map(
        |((title, publisher, domain, excerpt, copy_of), url, published, lang)| CoverageView {
            title,
            url,
            publisher,
            domain,
            excerpt,
            published,
            lang,
            copy_of,
        },
    )
}

fn any_image() -> impl Strategy<Value = Option<Image>> {
    prop::option::of((any_address(), any::<Option<u32>>(), any::<Option<u32>>()))
        .prop_map(|image| image.map(|(url, width, height)| Image { url, width, height }))
}

fn any_story() -> impl Strategy<Value = StoryView> {
    let texts = prop::collection::vec(any_text(), 7);
    let parts = (prop::collection::vec(any_coverage(), 0..4), any_image(), any_lang());
    (texts, any_address(), parts, any_time(), any_time(), any::<(bool, bool, u32)>()).prop_map(
        |(texts, url, (coverage, image, lang), published, updated, (is_reworded, is_led_anew, number))| {
            let [title, excerpt, author, tag, joined, other, name] = texts.try_into().unwrap();
            StoryView {
                title,
                url,
                excerpt: Some(excerpt),
                note_html: newswire::compose::note_html(&[name]),
                image,
                lang,
                authors: vec![author],
                published,
                updated,
                cause: Cause { joined: vec![joined], is_reworded, is_led_anew },
                categories: vec![tag],
                coverage,
                related: vec![RelatedView { title: other, published, ..related(1, "2020-01-01T00:00:00Z") }],
                ..plain(&number.to_string())
            }
        },
    )
}

fn any_edition() -> impl Strategy<Value = Edition> {
    (any_text(), any_text(), prop::collection::vec(any_story(), 0..4)).prop_map(|(title, site_title, stories)| {
        let hub = (stories.len() == 2).then(|| "https://hub.example/".to_owned());
        Edition { title, site_title, hub, ..edition(stories) }
    })
}
