//! What is refused and what never is, by table.

use super::*;
use crate::extract;

const ASKED: &str = "https://a.example/news/ferry-service";
const STATED: &str = "Ferry service resumes after the harbour strike";

struct Seen {
    answered: &'static str,
    stated: Option<&'static str>,
    html: &'static str,
}

const PLAIN: Seen = Seen { answered: ASKED, stated: Some(STATED), html: "" };

#[track_caller]
fn check(seen: &Seen, expect: Option<Instead>) {
    let page = extract::read(seen.html.as_bytes(), None, seen.answered, Timestamp::MAX);
    let answer =
        Answer { asked: ASKED, answered: seen.answered, stated: seen.stated, page: &page, bytes: seen.html.as_bytes() };
    let verdict = judge(&answer);
    assert_eq!(verdict.as_ref().map(|verdict| verdict.instead), expect, "{verdict:?} {}", seen.html);
    assert!(verdict.is_none_or(|verdict| verdict.signs.len() > 1), "one sign is not enough");
}

fn titled(html: &'static str, expect: Option<Instead>) {
    check(&Seen { html, ..PLAIN }, expect);
}

#[test]
fn walls_at_the_article_s_own_address() {
    titled("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", Some(Instead::BotCheck));
    titled("<title>Attention Required! | Cloudflare</title>", Some(Instead::BotCheck));
    titled("<title>Access Denied</title><h1>Access Denied</h1>", Some(Instead::BotCheck));
    titled("<title>Before you continue to A</title>", Some(Instead::Consent));
    titled("<title>Log in</title><meta name=description content='Welcome back'>", Some(Instead::Login));
    titled("<title>Page not found | A</title><body class=error404>", Some(Instead::Soft404));
    titled("<title>404</title>", Some(Instead::Soft404));
    titled("<title>Seite nicht gefunden</title>", Some(Instead::Soft404));
    titled("<title>Страница не найдена</title>", Some(Instead::Soft404));
}

#[test]
fn without_a_stated_headline_more_must_agree() {
    let unnamed = |html, expect| check(&Seen { stated: None, html, ..PLAIN }, expect);
    unnamed("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", Some(Instead::BotCheck));
    unnamed("<title>Page not found</title>", Some(Instead::Soft404));
    unnamed("<title>Page not found</title><meta name=description content='Why the library lost a leaf'>", None);
    unnamed("<title>Consent of the governed: a history of an idea in ten chapters</title>", None);
    unnamed("<title>Anything else</title>", None);
}

#[test]
fn where_the_request_was_led() {
    let led = |answered, html, expect| check(&Seen { answered, html, ..PLAIN }, expect);
    led("https://a.example/", "<title>A, the news</title>", Some(Instead::Home));
    led("https://a.example", "<title>The ferry paper</title>", Some(Instead::Home));
    led("https://consent.example/wall", "<title>Hello</title>", Some(Instead::Consent));
    led("https://a.example/login?next=x", "<title>Welcome back</title>", Some(Instead::Login));
    led("https://a.example/404.html", "<title>Oh no</title>", Some(Instead::Soft404));
    led("https://a.example/news/volcano", "<title>Volcano wakes</title>", Some(Instead::Another));
    led("https://b.example/9", "<title>Ferry service is back</title>", None);
    // Another headline, the same matter by its address.
    led("https://b.example/2024/ferry-service-harbour.html", "<title>Boats sail</title>", None);
    // A wall at the article's address that shows its headline is read as far as it goes.
    led("https://a.example/login?next=x", "<title>Ferry service resumes after the harbour strike</title>", None);
}

#[test]
fn true_articles_pass() {
    let article = |title: &'static str, html| check(&Seen { stated: Some(title), html, ..PLAIN }, None);
    article("Access denied: how prisons lost the web", "<title>Access denied: how prisons lost the web</title>");
    article("404", "<title>404</title>");
    article("Page not found", "<title>Page not found</title>");
    titled("<title>A rewritten headline about boats</title>", None);
    titled("<title></title>", None);
    titled("<p>no title at all", None);
    // Titled like a wall, but dated and signed like an article.
    titled(
        r#"<title>Just a moment</title><script type="application/ld+json">{"@type":"NewsArticle",
        "headline":"Just a moment","datePublished":"2024-03-01T12:00:00Z","author":{"@type":"Person","name":"Ann Lee"}}</script>"#,
        None,
    );
    // The mark of a guard that lets everybody in.
    titled("<title>Harbour reopens</title><script src='/px-captcha.js'></script>", None);
}

#[test]
fn a_front_page_that_was_asked_for_is_itself() {
    let page = extract::read(b"<title>A</title>", None, "https://a.example/", Timestamp::MAX);
    let home = "https://a.example/";
    let answer = Answer { asked: home, answered: home, stated: Some("B"), page: &page, bytes: b"" };
    assert_eq!(judge(&answer), None);
    for (address, expect) in
        [(home, true), ("https://a.example", true), ("https://a.example/?p=7", false), ("https://a.example/x", false)]
    {
        assert_eq!(is_home(address), expect, "{address}");
    }
}
