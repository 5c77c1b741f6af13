//! What the scanner makes of markup, whole and in pieces.

use super::*;

/// The tokens of `page` that comes in steps of `step` bytes, one word each.
fn tokens(page: &str, step: usize) -> String {
    let (bytes, mut scanner, mut words) = (page.as_bytes(), Scanner::default(), Vec::new());
    let mut end: usize = 0;
    loop {
        end = end.saturating_add(step).min(bytes.len());
        let mut attributes = Attributes::default();
        while let Some(token) = scanner.next(&bytes[..end], end == bytes.len(), &mut attributes) {
            words.push(match token {
                Token::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
                Token::Raw(_, text) => format!("raw{:?}", String::from_utf8_lossy(text)),
                Token::Start { name, is_closed } => {
                    let names = [("p", name::P), ("b", name::B), ("script", name::SCRIPT), ("title", name::TITLE)];
                    let known = names.iter().find(|(_, known)| *known == name).map_or("x", |(known, _)| known);
                    let count = attributes.iter().count();
                    format!("<{known}{}{}>", ":".repeat(count), if is_closed { "/" } else { "" })
                }
                Token::End(_) => "</>".to_owned(),
            });
        }
        if end == bytes.len() {
            return words.join(" ");
        }
    }
}

fn check(page: &str, expect: &str) {
    for step in [usize::MAX, 1, 2, 3, 7] {
        assert_eq!(tokens(page, step), expect, "{page} by {step}");
    }
}

#[test]
fn texts_and_tags() {
    check("", "");
    check("a<p>b</p>c", "\"a\" <p> \"b\" </> \"c\"");
    check("<P CLASS='a > b' id=x>", "<p::>");
    check("1 < 2 <3 <", "\"1 < 2 <3 <\"");
    check("a<", "\"a<\"");
    check("<p/><p / ><p/a>", "<p/> <p> <p:>");
    check("<p<b>x", "<x> \"x\"");
    check("</p a='>'>x</ p>y</>z", "</> \"x\" \"y\" \"z\"");
    check("a\0<p\0>b", "\"a\\0\" <x> \"b\"");
}

#[test]
fn what_the_end_cuts() {
    check("a<p", "\"a\"");
    check("a<p class='x>b", "\"a\"");
    check("a</p", "\"a\"");
    check("a<!-- b", "\"a\"");
    check("a<!", "\"a\"");
    check("<title>a", "<title> raw\"a\"");
    check("<script>a</scr", "<script> raw\"a</scr\"");
}

#[test]
fn comments() {
    check("<!-- > -- > <p> -->x", "\"x\"");
    check("<!-->x", "\"x\"");
    check("<!--->x", "\"x\"");
    check("<!--a--!>x", "\"x\"");
    check("<!--!>x-->y", "\"y\"");
    check("<!---!>x-->y", "\"y\"");
    check("<!----!>x", "\"x\"");
    check("<!doctype html><?xml a='>'?><![CDATA[x]]>y", "\"'?>\" \"y\"");
    check("<!-a>x<!a-->y", "\"x\" \"y\"");
}

#[test]
fn raw_texts() {
    check("<title>a <b> & c</TITLE >x", "<title> raw\"a <b> & c\" </> \"x\"");
    check("<title></titles></title>", "<title> raw\"</titles>\" </>");
    check("<title/>a</title>", "<title/> raw\"a\" </>");
    check("<style>a>b{}<!-- </style>x", "<x> raw\"a>b{}<!-- \" </> \"x\"");
    check("<noscript><p></noscript>", "<x> <p> </>");
    check("<script></script>", "<script> raw\"\" </>");
    check("<script>'</p>'</script x>y", "<script> raw\"'</p>'\" </> \"y\"");
}

#[test]
fn scripts_in_comments_of_the_old_times() {
    let check =
        |inside: &str| check(&format!("<script>{inside}</script>x"), &format!("<script> raw{inside:?} </> \"x\""));
    check("<!-- a -->");
    check("<!-- <script> </script> ");
    check("<!-- <script> </script> -->");
    check("<!-- <script> -->");
    check("<!--> <script> ");
    check("<!-- <scripts> ");
    check("<!-- a --><script>");
    check("<!- <script>");
    check("<script> --> ");
}

#[test]
fn drawings_have_no_raw_text() {
    let mut scanner = Scanner::default();
    scanner.set_foreign(true);
    let mut attributes = Attributes::default();
    let bytes = b"<title/><p>";
    let first = scanner.next(bytes, true, &mut attributes);
    assert_eq!(first, Some(Token::Start { name: name::TITLE, is_closed: true }));
    assert_eq!(scanner.next(bytes, true, &mut attributes), Some(Token::Start { name: name::P, is_closed: false }));
}
