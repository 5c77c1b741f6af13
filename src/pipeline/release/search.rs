//! Search: words in, a page or a feed of the stories that hold them out, newest first.
//!
//! A query is cut into words by the rules that cut the stories, and every word is quoted, so that nothing a reader
//! types is taken for the syntax of the index. Its length and its words are bounded, and as results come in the
//! order of the index, no query reads more of it than its words have places.

use ::url::form_urlencoded;

use super::editions::{document, full_second};
use super::{ALL, Beside, ReleaseRules};
use crate::compose::{self, Heading};
use crate::model::{Document, Edition};
use crate::pipeline::story;
use crate::publish;
use crate::store::{Result, View};
use crate::text;

/// Characters of a query: people type below 100.
const LONGEST: usize = 200;

/// Words and phrases of a query.
const PIECES: usize = 16;

/// Letters before a `*`: with fewer it stands for half the index.
const STEM: usize = 3;

/// Stories found at a time.
const FOUND: usize = 50;

/// A query that is too long.
const TOO_LONG: &str = "A search has at most 200 characters and 16 words.";

/// What a reader asked for, and how the index is asked for it.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    /// Without blanks around it.
    text: String,
    /// In the syntax of the index; `None` where nothing was asked for.
    expression: Option<String>,
}

/// `q` of a query.
fn wanted(query: Option<&str>) -> Result<Wanted, &'static str> {
    let query = query.unwrap_or_default();
    let q = form_urlencoded::parse(query.as_bytes()).take(32).find(|(name, _)| name == "q");
    let text = q.map(|(_, value)| value.trim().to_owned()).unwrap_or_default();
    if text.chars().nth(LONGEST).is_some() {
        return Err(TOO_LONG);
    }
    let expression = expression(&text)?;
    Ok(Wanted { text, expression })
}

/// Words, `"phrases"`, `beginnings*`, and each of them with a `-` before it for what must not be there.
fn expression(text: &str) -> Result<Option<String>, &'static str> {
    let (mut all, mut none) = (Vec::new(), Vec::new());
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let is_not = rest.starts_with('-');
        let bare = rest.strip_prefix('-').unwrap_or(rest);
        let (piece, after) = match bare.strip_prefix('"') {
            Some(inner) => inner.split_once('"').unwrap_or((inner, "")),
            None => {
                bare.split_at(bare.find(|letter: char| letter.is_whitespace() || letter == '"').unwrap_or(bare.len()))
            }
        };
        let words = text::words(piece);
        let is_stem = (piece.ends_with('*') || after.starts_with('*'))
            && words.last().is_some_and(|last| last.chars().nth(STEM - 1).is_some());
        if !words.is_empty() {
            let phrase = format!("\"{}\"{}", words.join(" ").replace('"', "\"\""), if is_stem { " *" } else { "" });
            if is_not { none.push(phrase) } else { all.push(phrase) }
        }
        rest = after.trim_start_matches('*').trim_start();
    }
    if all.len() + none.len() > PIECES {
        return Err(TOO_LONG);
    }
    match (all.is_empty(), none.is_empty()) {
        (true, true) => Ok(None),
        (true, false) => Err("A search needs a word that must be there."),
        (false, true) => Ok(Some(all.join(" AND "))),
        (false, false) => Ok(Some(format!("({}) NOT ({})", all.join(" AND "), none.join(" OR ")))),
    }
}

/// `/search`: a form, and what was found.
pub(super) fn page(view: &View<'_>, rules: &ReleaseRules, query: Option<&str>) -> Result<Beside> {
    let wanted = match wanted(query) {
        Ok(wanted) => wanted,
        Err(why) => return Ok(Beside::Refused(why)),
    };
    let edition = edition(view, rules, &wanted)?;
    let site = rules.shown();
    let text = publish::search_page(&site, &wanted.text, &edition);
    dated(view, rules, document("search".to_owned(), publish::HTML_MEDIA_TYPE, &text))
}

/// `/search/atom.xml`: what was found, as a feed.
pub(super) fn feed(view: &View<'_>, rules: &ReleaseRules, query: Option<&str>) -> Result<Beside> {
    let wanted = match wanted(query) {
        Ok(wanted) if wanted.expression.is_some() => wanted,
        Ok(_) => return Ok(Beside::Refused("Say what to search for: /search/atom.xml?q=words.")),
        Err(why) => return Ok(Beside::Refused(why)),
    };
    let edition = edition(view, rules, &wanted)?;
    let Some(atom) = publish::FORMATS.iter().find(|format| format.name == "atom") else { return Ok(Beside::Unknown) };
    dated(view, rules, document("search/atom.xml".to_owned(), atom.media_type, &(atom.render)(&edition)))
}

fn edition(view: &View<'_>, rules: &ReleaseRules, wanted: &Wanted) -> Result<Edition> {
    let mut stories = Vec::new();
    if let Some(expression) = &wanted.expression {
        for no in view.find_stories(expression, FOUND)? {
            let told = story::load(view, no, &rules.story)?;
            if !told.story.coverage.is_empty() {
                stories.push(told.story);
            }
        }
    }
    let q: String = form_urlencoded::byte_serialize(wanted.text.as_bytes()).collect();
    let title = format!("Search: {}", wanted.text);
    let mut edition = compose::compose(&rules.site, Heading { slug: None, title: &title }, &stories);
    edition.feed_id = format!("tag:{},{}:search?q={q}", rules.site.authority, rules.site.year);
    edition.page_url = format!("{}search?q={q}", rules.site.base_url);
    edition.links.own = Some(format!("{}search/atom.xml?q={q}", rules.site.base_url));
    // No hub delivers what was searched for.
    edition.hub = None;
    Ok(edition)
}

/// What was found changes only when stories do.
fn dated(view: &View<'_>, rules: &ReleaseRules, mut document: Document) -> Result<Beside> {
    document.last_modified = full_second(view.edition_changed(ALL)?.unwrap_or(rules.site.birth));
    Ok(Beside::Document(document))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let check = |text: &str, expect: &str| assert_eq!(expression(text).unwrap().as_deref(), Some(expect), "{text}");
        check("ferry", "\"ferry\"");
        check("Ferry Strike", "\"ferry\" AND \"strike\"");
        check("\"ferry strike\" port", "\"ferry strike\" AND \"port\"");
        check("\"ferry strike", "\"ferry strike\"");
        check("ferr*", "\"ferr\" *");
        check("fe*", "\"fe\"");
        check("ferry -strike -\"the port\"", "(\"ferry\") NOT (\"strike\" OR \"the port\")");
        check("job-posting", "\"job posting\"");
        check("C++ AT&T", "\"c++\" AND \"at&t\"");
        check("人工智能", "\"人工 工智 智能\"");
        check("a AND b", "\"a\" AND \"and\" AND \"b\"");
        check("title:x ^y {z} NEAR(q, 2)", "\"title x\" AND \"y\" AND \"z\" AND \"near q\" AND \"2\"");
        check("a\"b\"c", "\"a\" AND \"b\" AND \"c\"");
    }

    #[test]
    fn bounds() {
        assert_eq!(expression(""), Ok(None));
        assert_eq!(expression(" -- \"\" * "), Ok(None));
        assert!(expression("-ferry").is_err());
        assert!(expression(&"a ".repeat(17)).is_err());
        assert!(wanted(Some(&format!("q={}", "a".repeat(201)))).is_err());
        assert_eq!(wanted(Some("x=1&q=+ferry+")).unwrap().text, "ferry");
        assert_eq!(wanted(None).unwrap(), Wanted { text: String::new(), expression: None });
    }
}
