//! Standard metas (`description`, `author`, Dublin Core) and those that publishers' systems write.

use super::{Candidate, Field, Gathered, Value};

/// Names in lower case, best first within a field.
const TEXTS: &[(&str, Field)] = &[
    ("parsely-title", Field::Title),
    ("sailthru.title", Field::Title),
    ("hdl", Field::Title),
    ("dc.title", Field::Title),
    ("dcterms.title", Field::Title),
    ("citation_title", Field::Title),
    ("title", Field::Title),
    ("description", Field::Description),
    ("itemprop:description", Field::Description),
    ("sailthru.description", Field::Description),
    ("dc.description", Field::Description),
    ("dcterms.description", Field::Description),
    ("application-name", Field::SiteName),
    ("apple-mobile-web-app-title", Field::SiteName),
    ("cre", Field::SiteName),
    ("dc.publisher", Field::SiteName),
    ("citation_journal_title", Field::SiteName),
    ("parsely-pub-date", Field::Published),
    ("sailthru.date", Field::Published),
    ("itemprop:datepublished", Field::Published),
    ("cxenseparse:recs:publishtime", Field::Published),
    ("cxenseparse:publishtime", Field::Published),
    ("rnews:datepublished", Field::Published),
    ("datepublished", Field::Published),
    ("date_published", Field::Published),
    ("published_time", Field::Published),
    ("publish-date", Field::Published),
    ("publish_date", Field::Published),
    ("publishdate", Field::Published),
    ("pubdate", Field::Published),
    ("publication_date", Field::Published),
    ("publication-date", Field::Published),
    ("published", Field::Published),
    ("originalpublicationdate", Field::Published),
    ("original-publish-date", Field::Published),
    ("article_date_original", Field::Published),
    ("article.published", Field::Published),
    ("article.created", Field::Published),
    ("citation_publication_date", Field::Published),
    ("citation_online_date", Field::Published),
    ("citation_date", Field::Published),
    ("dcterms.issued", Field::Published),
    ("dcterms.created", Field::Published),
    ("dcterms.date", Field::Published),
    ("dc.date.issued", Field::Published),
    ("dc.date.created", Field::Published),
    ("dc.date", Field::Published),
    ("dc.created", Field::Published),
    ("displaydate", Field::Published),
    ("ptime", Field::Published),
    ("pdate", Field::Published),
    ("date", Field::Published),
    ("itemprop:datecreated", Field::Published),
    ("itemprop:datemodified", Field::Modified),
    ("dcterms.modified", Field::Modified),
    ("dc.date.modified", Field::Modified),
    ("last-modified", Field::Modified),
    ("lastmod", Field::Modified),
    ("revised", Field::Modified),
    ("utime", Field::Modified),
    ("content-language", Field::Lang),
    ("itemprop:inlanguage", Field::Lang),
    ("dc.language", Field::Lang),
    ("language", Field::Lang),
    ("parsely-section", Field::Section),
    ("itemprop:articlesection", Field::Section),
    ("cg", Field::Section),
    ("section", Field::Section),
    ("category", Field::Section),
    ("parsely-tags", Field::Tag),
    ("sailthru.tags", Field::Tag),
    ("news_keywords", Field::Tag),
    ("keywords", Field::Tag),
    ("itemprop:keywords", Field::Tag),
    ("dc.subject", Field::Tag),
];

const AUTHORS: &[&str] = &[
    "parsely-author",
    "sailthru.author",
    "article:byline",
    "byline",
    "byl",
    "articleauthor",
    "cxenseparse:author",
    "lrt_authors",
    "author",
    "itemprop:author",
    "authors",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
    "citation_author",
    "rnews:creator",
];

const IMAGES: &[&str] = &["parsely-image-url", "sailthru.image.full", "itemprop:image", "thumbnail", "image"];

/// Candidates of the page's other metas.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (name, field) in TEXTS {
        found.extend(page.meta(name).map(|content| Candidate::text(*field, content, *name)));
    }
    for name in AUTHORS {
        let author = |content: &str| Candidate {
            field: Field::Author,
            value: Value::Name(content.to_owned(), None),
            place: (*name).to_owned(),
        };
        found.extend(page.meta(name).map(author));
    }
    for name in IMAGES {
        let image = |content: &str| Candidate {
            field: Field::Image,
            value: Value::Image(content.trim().to_owned(), None, None),
            place: (*name).to_owned(),
        };
        found.extend(page.meta(name).map(image));
    }
    found
}
