//! What sort of document a page is: video, gallery, live, opinion, press release, or a plain article.
//!
//! In come the merged metadata and the page's address; out goes the same metadata, its kind made more exact where the
//! address, the section or the publisher says more than the markup. A kind that markup states beyond `article` is
//! never overruled. Whether a page is the article at all is for [`wall`].

pub mod wall;

use crate::model::{Found, PageMetadata};
use crate::{text, url};

/// Folders of addresses that say what is in them, parted by bars.
const PATHS: &[(&str, &str)] = &[
    ("video", "video|videos|watch|mediathek"),
    ("gallery", "gallery|galleries|photos|pictures|photogallery|photo-gallery|slideshow|fotostrecke"),
    ("live", "live|liveblog|live-blog|live-news|live-updates|liveticker"),
    (
        "opinion",
        "opinion|opinions|op-ed|oped|commentisfree|editorial|editorials|columnists|columns|kommentar|kommentare|meinung|opinie|opinioni|tribune|tribunes",
    ),
    (
        "press-release",
        "press-release|press-releases|pressrelease|pressreleases|news-release|news-releases|media-release|media-releases|pressemitteilung|pressemitteilungen|communique-de-presse",
    ),
];

/// Names of sections, whole, as words.
const SECTIONS: &[(&str, &str)] = &[
    ("video", "video|videos"),
    ("gallery", "gallery|galleries|photos|pictures"),
    ("live", "live|liveblog|live blog|liveticker"),
    (
        "opinion",
        "opinion|opinions|op ed|editorial|editorials|comment|commentary|comment is free|columnists|kommentar|meinung|opinión|opinie|opinioni|tribune",
    ),
    ("press-release", "press release|press releases|news release|media release|pressemitteilung"),
];

/// Publishers of nothing but press releases, by registrable domain.
const RELEASES: &[&str] = &[
    "prnewswire.com",
    "prnewswire.co.uk",
    "businesswire.com",
    "globenewswire.com",
    "accesswire.com",
    "einpresswire.com",
    "newswire.ca",
    "newswire.com",
    "presseportal.de",
    "prweb.com",
    "openpr.com",
    "eurekalert.org",
];

/// Makes the kind of `page`, read at `address`, more exact.
pub(super) fn settle(page: &mut PageMetadata, address: &str) {
    if page.kind.as_ref().is_some_and(|kind| kind.value != "article") {
        return;
    }
    let by_domain = || {
        let domain = url::registrable_domain(address)?;
        RELEASES.contains(&domain.as_str()).then(|| ("press-release", format!("address:{domain}")))
    };
    let by_path = || {
        let path = address.split_once("://")?.1.split_once('/')?.1.split(['?', '#']).next()?.to_ascii_lowercase();
        // The last part names the document itself: `/news/live` is one about a place of that name, or a front.
        let mut folders = path.split('/').rev().skip(1);
        let named = folders.find_map(|folder| Some((of(PATHS, folder)?, folder)))?;
        Some((named.0, format!("address:/{}/", named.1)))
    };
    let by_section = || {
        let section = page.section.as_ref()?;
        let kind = of(SECTIONS, &text::words(&section.value).join(" "))?;
        Some((kind, section.from.clone()))
    };
    if let Some((kind, from)) = by_domain().or_else(by_path).or_else(by_section) {
        page.kind = Some(Found { value: kind.to_owned(), from });
    }
}

fn of(table: &[(&'static str, &str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(_, names)| names.split('|').any(|known| known == name)).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, stated: Option<&str>, section: Option<&str>, expect: Option<(&str, &str)>) {
        let found = |value: &str, from: &str| Found { value: value.to_owned(), from: from.to_owned() };
        let mut page = PageMetadata {
            kind: stated.map(|kind| found(kind, "jsonld:X.@type")),
            section: section.map(|section| found(section, "meta:section")),
            ..PageMetadata::default()
        };
        settle(&mut page, address);
        let kind = page.kind.as_ref().map(|kind| (kind.value.as_str(), kind.from.as_str()));
        assert_eq!(kind, expect, "{address} {section:?}");
    }

    #[test]
    fn addresses_and_sections_say_what_markup_does_not() {
        let stated = Some(("article", "jsonld:X.@type"));
        check("https://a.example/news/rain", None, None, None);
        check("https://a.example/news/rain", Some("article"), None, stated);
        check("https://a.example/opinion/rain", Some("article"), None, Some(("opinion", "address:/opinion/")));
        check("https://a.example/2024/Videos/rain?x=1", None, None, Some(("video", "address:/videos/")));
        check("https://a.example/news/live/rain", None, None, Some(("live", "address:/live/")));
        check("https://a.example/news/live", Some("article"), None, stated);
        check("https://a.example/photos/rain", Some("video"), None, Some(("video", "jsonld:X.@type")));
        check("https://a.example/rain", Some("article"), Some("Op-Ed"), Some(("opinion", "meta:section")));
        check("https://a.example/rain", Some("article"), Some("Video games"), stated);
        check("https://www.prnewswire.com/x/rain", None, None, Some(("press-release", "address:prnewswire.com")));
        check("", None, None, None);
    }
}
