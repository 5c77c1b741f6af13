//! What one pass gathers, whole and in pieces.

use encoding_rs::UTF_8;

use super::super::gathered::Region;
use super::*;

fn gathered(page: &str, step: usize) -> Gathered {
    let (bytes, mut pass) = (page.as_bytes(), Gatherer::new("https://a.example/x", UTF_8));
    let mut end: usize = 0;
    while end < bytes.len() {
        end = end.saturating_add(step).min(bytes.len());
        pass.read(&bytes[..end], false);
    }
    pass.read(bytes, true);
    pass.finish()
}

fn whole(page: &str) -> Gathered {
    let found = gathered(page, usize::MAX);
    for step in [1, 3, 17] {
        assert_eq!(gathered(page, step), found, "{page} by {step}");
    }
    found
}

/// `mark|value|text` of each piece.
fn shown(pieces: &[Piece]) -> Vec<String> {
    let shown = |piece: &Piece| {
        let value = piece.value.as_deref().unwrap_or("-");
        format!("{}|{value}|{}{}", piece.mark, piece.text, if piece.nested { "|nested" } else { "" })
    };
    pieces.iter().map(shown).collect()
}

#[test]
fn heads() {
    let found = whole(
        "<!doctype html><HTML LANG=de><head><base href=/b/><title> A &amp; <b>\n</title><title>C</title>\
         <meta property='og:title' name=T content='x &lt; &#34;y'><meta name=empty><link rel='Canonical x' href=/c>\
         <link rel=stylesheet href=s><script type='Application/LD+JSON'>{\"a\":\"&amp;</p>\"}</script></head>",
    );
    assert_eq!(found.lang.as_deref(), Some("de"));
    assert_eq!(found.base.as_deref(), Some("/b/"));
    assert_eq!(found.title.as_deref(), Some("A & <b>"));
    let metas: Vec<(&str, &str)> = found.metas.iter().map(|meta| (meta.name.as_str(), meta.content.as_str())).collect();
    assert_eq!(metas, [("og:title", "x < \"y"), ("t", "x < \"y")]);
    assert_eq!(found.links, [super::super::Link { rel: "canonical x".to_owned(), href: "/c".to_owned() }]);
    assert_eq!(found.blocks, ["{\"a\":\"&amp;</p>\"}"]);
}

#[test]
fn titles_of_drawings_do_not_count() {
    let check = |page: &str, expect: &str| assert_eq!(whole(page).title.as_deref(), Some(expect), "{page}");
    check("<svg><title>Icon</title></svg><title>Rain</title>", "Rain");
    check("<svg><title/><p>x</svg><title>Rain</title>", "Rain");
    check("<title> </title><title>Rain</title>", "Rain");
    check("<!-- <title>No</title> --><title>Rain", "Rain");
}

#[test]
fn texts_of_elements() {
    let headings = |page: &str| shown(&whole(page).headings);
    assert_eq!(headings("<h1 class=c>A <em>b</em>c<br>d<!-- e -->f</h1>g"), ["c|-|A bc df"]);
    assert_eq!(headings("<h1>A<p>B</h1><h1>C"), ["|-|A B", "|-|C"]);
    assert_eq!(headings("<h1><h1>A"), ["|-|", "|-|A"]);
    assert_eq!(headings("<h1>A<svg><text>x</text></svg>B</h1>"), ["|-|A B"]);
    assert_eq!(headings("<h1>A<script>x</script>B</h1>"), ["|-|A B"]);
}

#[test]
fn bylines_and_dates() {
    let found = whole(
        "<body class='author date'><a rel=author href=/a class=x>Ann</a><div class='Author-box' id=i><b class=author>Bo</b></div>\
         <p data-testid=byline>By<a href=/authors/cy>Cy</a></p><span class=meta>May 1</span><time datetime=2026-11-23>Mon</time>",
    );
    assert_eq!(shown(&found.bylines), ["author x|/a|Ann", "Author-box i|-|Bo", "author|-|Bo|nested", "byline|-|By Cy"]);
    assert_eq!(shown(&found.author_links), ["|/authors/cy|Cy"]);
    assert_eq!(shown(&found.datelines), ["meta|-|May 1"]);
    assert_eq!(shown(&found.times), ["|2026-11-23|Mon"]);
}

#[test]
fn items_and_their_properties() {
    let found = whole(
        "<div itemscope itemtype=A><p itemprop=headline>H<div itemprop=author itemscope itemtype=P><i itemprop=name>N</i>\
         </div><meta itemprop=datePublished content=2026></div><span typeof=B property=c><i property=d>x</i></span>",
    );
    assert_eq!(shown(&found.properties), ["headline|-|H", "author|-|N", "name|-|N|nested", "datePublished|2026|"]);
    assert_eq!(
        found.properties.iter().map(|piece| piece.scope).collect::<Vec<_>>(),
        [Some(0), Some(0), Some(1), Some(0)]
    );
    let scopes: Vec<(&str, &str, Option<usize>)> =
        found.scopes.iter().map(|scope| (scope.kind.as_str(), scope.property.as_str(), scope.parent)).collect();
    assert_eq!(scopes, [("A", "", None), ("P", "author", Some(0)), ("B", "c", None)]);
    assert_eq!(shown(&found.statements), ["c|-|x", "d|-|x|nested"]);
    assert_eq!(found.statements[1].scope, Some(2));
}

#[test]
fn regions() {
    let check = |before: &str, expect: Region| {
        let found = whole(&format!("{before}<h1>x</h1>"));
        assert_eq!(found.headings[0].region, expect, "{before}");
    };
    check("", Region::default());
    check("<main><article><header>", Region::MAIN.and(Region::ARTICLE).and(Region::HEADER));
    check("<article></article>", Region::default());
    check("<article><article>", Region::ARTICLE.and(Region::INNER_ARTICLE));
    check("<body class='comments'><div class='sidebar-x'>", Region::ASIDE);
    check("<div id=comments><p>x</div>", Region::default());
    check("<div role=main>", Region::MAIN);
}

#[test]
fn lines_and_paragraphs() {
    let long = "word ".repeat(40);
    let found = whole(&format!(
        "<body><p>Home<p>Monday, 23 November 2026<nav>2026</nav><h1>H</h1><p>Ann <b>Lee</b><br>x<div>{long}</div><li>y</li>"
    ));
    let lines: Vec<&str> = found.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["Monday, 23 November 2026", "H", "Ann Lee", "x", long.trim(), "y"]);
    assert_eq!(found.paragraphs.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>(), [long.trim()]);
}

#[test]
fn pictures() {
    let addresses = |page: &str| -> Vec<String> {
        whole(page).pictures.into_iter().map(|picture| picture.addresses.join(" ")).collect()
    };
    assert_eq!(addresses("<img src=a.jpg width=640px height=480>"), ["a.jpg"]);
    assert_eq!(addresses("<img src=data:x data-src=b.jpg srcset='c.jpg 1x'>"), ["b.jpg c.jpg 1x"]);
    assert!(addresses("<img src=a.jpg width=20><nav><img src=b.jpg></nav><img>").is_empty());
}

#[test]
fn hostile_pages_are_bounded() {
    let check = |page: &str| {
        let found = gathered(page, usize::MAX);
        let lists = [&found.headings, &found.bylines, &found.datelines, &found.properties, &found.times, &found.tags];
        assert!(lists.iter().all(|list| list.len() <= MOST_PIECES));
        assert_eq!(gathered(page, 1 << 16), found);
    };
    check(&"<h1 class=author-date itemprop=x itemscope>".repeat(30_000));
    check(&"<meta name=a content=b>".repeat(30_000));
    check(&"<script type=ld+json>{}</script>".repeat(3_000));
    check(&"<div><p><b><a href=/author/x>".repeat(30_000));
    check(&"</div></p>".repeat(100_000));
    check(&"<".repeat(1_000_000));
    check(&format!("<p a=\"{}", "x>".repeat(500_000)));
    check(&format!("<!--{}", "--".repeat(500_000)));
    check(&format!("<script>{}", "<!--<script>".repeat(100_000)));
    check(&format!("<p {}>", "a=b ".repeat(200_000)));
    check(&"\0".repeat(1_000_000));
}

proptest::proptest! {
    #[test]
    fn any_pieces_give_the_same(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 0..40),
        steps in proptest::collection::vec(1..40_usize, 1..30),
    ) {
        let page = words.concat();
        let bytes = page.as_bytes();
        let mut pass = Gatherer::new("https://a.example/x", UTF_8);
        let mut end = 0;
        for step in steps {
            end = (end + step).min(bytes.len());
            pass.read(&bytes[..end], false);
        }
        pass.read(bytes, true);
        proptest::prop_assert_eq!(pass.finish(), gathered(&page, usize::MAX));
    }
}

const WORDS: &[&str] = &[
    "<",
    ">",
    "<!--",
    "-->",
    "--",
    "!",
    "<script>",
    "</script>",
    "<script type=ld+json>",
    "<title>",
    "</title>",
    "<svg>",
    "</svg>",
    "<h1>",
    "</h1>",
    "<p class='author",
    "'>",
    "\"",
    "=",
    "/",
    " ",
    "a",
    "By Ann 2026",
    "é",
    "&amp;",
    "&#",
    "\0",
    "<article>",
    "</article>",
    "<div itemscope>",
    "<i itemprop=name>",
    "</i>",
    "</div>",
    "<table><td>",
    "<br/>",
    "<style>",
    "</style>",
    "<meta name=a content=b>",
    "<li>",
    "<body>",
    "</head>",
    "\"datePublished\":\"2026-11-23\"",
    "</",
    "<!",
];
