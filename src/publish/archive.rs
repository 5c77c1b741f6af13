//! Archives (RFC 5005 section 4): what marks a feed document as part of an archive, or as what the archive belongs to.
//!
//! In comes a feed as a writer made it and the edition's [`FeedLinks`], out goes the feed with the links and the mark.
//! Addresses were cleaned with the edition. It adds no entry and removes none.

use atom_syndication::extension::Extension;
use atom_syndication::{Feed, Link};
use rss::Channel;

use super::clean::address;
use crate::model::{Edition, FeedLinks};

/// The namespace of `fh:archive`.
const HISTORY: &str = "http://purl.org/syndication/history/1.0";

/// The links of a document, fit to be written.
pub(super) fn clean(links: &FeedLinks) -> FeedLinks {
    let clean = |url: &Option<String>| url.as_deref().and_then(address);
    FeedLinks {
        own: clean(&links.own),
        current: clean(&links.current),
        prev_archive: clean(&links.prev_archive),
        next_archive: clean(&links.next_archive),
    }
}

/// Relations and addresses beside `self`.
fn relations(links: &FeedLinks) -> impl Iterator<Item = (&'static str, &String)> {
    let all =
        [("current", &links.current), ("prev-archive", &links.prev_archive), ("next-archive", &links.next_archive)];
    all.into_iter().filter_map(|(rel, url)| Some((rel, url.as_ref()?)))
}

/// `feed` with the links of `edition`; one with a live feed is marked as a document of its archive.
pub(super) fn marked(mut feed: Feed, edition: &Edition) -> Feed {
    if let Some(own) = &edition.links.own
        && let Some(link) = feed.links.iter_mut().find(|link| link.rel == "self")
    {
        link.href.clone_from(own);
    }
    feed.links.extend(relations(&edition.links).map(|(rel, url)| Link {
        href: url.clone(),
        rel: rel.to_owned(),
        mime_type: Some("application/atom+xml".to_owned()),
        ..Link::default()
    }));
    if edition.links.current.is_some() {
        feed.namespaces.insert("fh".to_owned(), HISTORY.to_owned());
        let mark = Extension { name: "fh:archive".to_owned(), ..Extension::default() };
        feed.extensions.entry("fh".to_owned()).or_default().insert("archive".to_owned(), vec![mark]);
    }
    feed
}

/// The same for RSS, where the links are Atom's.
pub(super) fn marked_channel(mut channel: Channel, edition: &Edition) -> Channel {
    let links = channel.extensions.entry("atom".to_owned()).or_default().entry("atom:link".to_owned()).or_default();
    if let Some(own) = &edition.links.own
        && let Some(link) = links.iter_mut().find(|link| link.attrs().get("rel").is_some_and(|rel| rel == "self"))
    {
        link.attrs.insert("href".to_owned(), own.clone());
    }
    for (rel, url) in relations(&edition.links) {
        let attrs = [("href", url.clone()), ("rel", rel.to_owned()), ("type", "application/atom+xml".to_owned())];
        links.push(rss::extension::Extension {
            name: "atom:link".to_owned(),
            attrs: attrs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            ..rss::extension::Extension::default()
        });
    }
    channel
}
