//! Articles as feeds and pages tell them.

use std::fmt::Write as _;

use super::invent::Told;

/// Host and path of an article.
pub fn path_of(article: &Told) -> String {
    article.url.trim_start_matches("https://").to_owned()
}

/// A feed of these articles; addresses are plain `http`.
pub fn rss(articles: &[Told]) -> String {
    let mut text = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Feed</title>".to_owned();
    for Told { title, excerpt, url, at_s, .. } in articles {
        let at = jiff::Timestamp::from_second(i64::try_from(*at_s).unwrap_or(0)).unwrap_or_default();
        let date = at.strftime("%a, %d %b %Y %H:%M:%S +0000");
        let url = url.replace("https://", "http://");
        let _ = write!(
            text,
            "<item><title>{title}</title><link>{url}</link><guid>{url}</guid><pubDate>{date}</pubDate>\
             <description>{excerpt}</description></item>"
        );
    }
    text + "</channel></rss>"
}

/// The page of an article.
pub fn page(article: &Told) -> String {
    let Told { title, excerpt, url, at_s, .. } = article;
    let at = jiff::Timestamp::from_second(i64::try_from(*at_s).unwrap_or(0)).unwrap_or_default();
    let url = url.replace("https://", "http://");
    format!(
        "<!doctype html><html lang=\"en\"><head><title>{title}</title><link rel=\"canonical\" href=\"{url}\">\
         <meta property=\"og:title\" content=\"{title}\"><meta property=\"og:description\" content=\"Page: {title}. {excerpt}\">\
         <meta property=\"og:image\" content=\"{url}.png\"><meta property=\"article:published_time\" content=\"{at}\">\
         </head><body><p>{excerpt}</p></body></html>"
    )
}
