//! Which hub an answer names: `Link` fields first, then the document (W3C WebSub section 4).

use crate::model::{Feed, Page};
use crate::url;

/// Characters of an address of a hub or topic: more is nonsense.
const MOST: usize = 2_000;

/// The hub and the topic that a feed's answer names, if it names a hub.
#[must_use]
pub(crate) fn discover(page: &Page, feed: &Feed) -> (Option<String>, Option<String>) {
    let base = &page.final_url;
    let named = |rel| page.links.iter().find_map(|field| link(field, rel)).and_then(|found| url::resolve(base, &found));
    let fit = |found: Option<String>| found.filter(|found| found.len() <= MOST && url::is_http(found));
    let hub = fit(named("hub")).or_else(|| fit(feed.hints.hub.clone()));
    let own = fit(named("self")).or_else(|| fit(feed.hints.self_url.clone()));
    (hub, own)
}

/// The first target of `field` (RFC 8288) that has the relation `rel` to the document itself.
fn link(field: &str, rel: &str) -> Option<String> {
    let mut rest = field;
    loop {
        let (target, after) = rest.split_once('<')?.1.split_once('>')?;
        let (params, next) = params(after);
        let of = |name: &str| params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let relates = of("rel").is_some_and(|rels| rels.split_whitespace().any(|one| one.eq_ignore_ascii_case(rel)));
        if relates && of("anchor").is_none() {
            return Some(target.trim().to_owned());
        }
        rest = next;
    }
}

/// The parameters before the comma that ends a link, and what follows it. A quoted value may hold a comma.
fn params(text: &str) -> (Vec<(String, String)>, &str) {
    let (mut found, mut quoted, mut start) = (Vec::new(), false, 0);
    let mut push = |piece: &str| {
        if let Some((name, value)) = piece.split_once('=') {
            found.push((name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()));
        }
    };
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            ';' | ',' if !quoted => {
                push(text.get(start..at).unwrap_or_default());
                start = at + 1;
                if letter == ',' {
                    return (found, text.get(start..).unwrap_or_default());
                }
            }
            _ => {}
        }
    }
    push(text.get(start..).unwrap_or_default());
    (found, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FeedHints;

    #[test]
    fn links_are_found_by_relation() {
        let check = |field: &str, expect: Option<&str>| assert_eq!(link(field, "hub").as_deref(), expect, "{field}");
        check("<https://hub.example/>; rel=hub", Some("https://hub.example/"));
        check("<https://hub.example/>; rel=\"self hub\"", Some("https://hub.example/"));
        check("<https://a.example/>; rel=self, <https://hub.example/>;REL=Hub", Some("https://hub.example/"));
        check("<https://a.example/>; title=\"a, <b>; rel=hub\"; rel=self, <h>; rel=hub", Some("h"));
        check("<https://hub.example/>; rel=hub; anchor=\"#x\"", None);
        check("<https://hub.example/>; rel=hubs", None);
        check("<https://hub.example/>", None);
        check("<https://hub.example/; rel=hub", None);
        check("https://hub.example/; rel=hub", None);
        check("", None);
        check("<<<<,,,;;;\"", None);
    }

    #[test]
    fn the_header_wins_over_the_document() {
        let hints = FeedHints {
            hub: Some("https://doc.example/hub".to_owned()),
            self_url: Some("https://doc.example/feed".to_owned()),
            ..FeedHints::default()
        };
        let feed = Feed { hints, ..Feed::default() };
        let check = |links: &[&str], hub: &str, own: &str| {
            let links = links.iter().map(|link| (*link).to_owned()).collect();
            let page = Page { final_url: "https://a.example/x/feed".to_owned(), links, ..Page::default() };
            assert_eq!(discover(&page, &feed), (Some(hub.to_owned()), Some(own.to_owned())));
        };
        check(&[], "https://doc.example/hub", "https://doc.example/feed");
        check(&["</hub>; rel=hub", "<feed>; rel=self"], "https://a.example/hub", "https://a.example/x/feed");
        check(&["<https://h.example/>; rel=hub"], "https://h.example/", "https://doc.example/feed");
        check(&["<ftp://h.example/>; rel=hub"], "https://doc.example/hub", "https://doc.example/feed");
    }
}
