//! Is this page the article, or something that stands in its place?
//!
//! In come what was asked, what answered, what the page says and the headline that somebody stated; out goes what the
//! page is taken for instead, with the signs that say so. A true article must never be refused: a page whose headline
//! is the stated one is let through whatever else it looks like, no sign is enough alone, and what makes a page look
//! like an article counts against. Never looks at more than the first bytes of a page.

mod signs;

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use memchr::memmem;

use self::signs::{MARKS, PLACES, Signs, TITLES};
use crate::article::{self, Root};
use crate::model::{ArticleId, Entry, PageMetadata, Stated, Statement};
use crate::similarity::Profile;
use crate::{text, url};

/// How much of a page is looked through for marks: they stand in the head, or the page is short.
const LOOKED_THROUGH: usize = 32 * 1024;

/// Signs that must come together, each counting as in the tables: two at least, one of them strong.
const ENOUGH: i32 = 3;

/// What stands in the place of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instead {
    /// The site's front page.
    Home,
    /// A page that asks for consent to cookies.
    Consent,
    /// A page that asks for a login or a subscription.
    Login,
    /// A page that asks whether one is a machine.
    BotCheck,
    /// A page that says with status 200 that there is none.
    Soft404,
    /// A page about something else, which the request was led to.
    Another,
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Home => "a front page",
            Self::Consent => "a consent wall",
            Self::Login => "a login wall",
            Self::BotCheck => "a bot check",
            Self::Soft404 => "a page that says there is none",
            Self::Another => "another page",
        })
    }
}

/// What is known of a page and of the article that was looked for.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The address that was asked.
    pub asked: &'a str,
    /// The address that answered.
    pub answered: &'a str,
    /// The headline as seeds and feeds state it.
    pub stated: Option<&'a str>,
    /// What the page says.
    pub page: &'a PageMetadata,
    /// The page itself, or its beginning.
    pub bytes: &'a [u8],
}

/// What a page is taken for, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What it is.
    pub instead: Instead,
    /// The signs, for people.
    pub signs: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not the article but {}: {}", self.instead, self.signs.join(", "))
    }
}

/// What the page is taken for if it is not the article; `None` where it may well be.
#[must_use]
pub fn judge(answer: &Answer<'_>) -> Option<Verdict> {
    let Answer { asked, answered, stated, page, .. } = answer;
    let title = page.title.as_ref().map(|found| found.value.as_str());
    let is_led = key(asked) != key(answered);
    if is_led && is_home(answered) && !is_home(asked) && !is_same(*stated, title) {
        let signs = vec![format!("led to {answered}"), "the headline is not there".to_owned()];
        return Some(Verdict { instead: Instead::Home, signs });
    }
    if agrees(answer, title) {
        return None;
    }
    let named = [Instead::BotCheck, Instead::Consent, Instead::Login, Instead::Soft404].map(|instead| {
        let (weight, signs) = signs(answer, instead);
        (weight, Verdict { instead, signs })
    });
    // The first of the heaviest, so that the order of the table decides between equals.
    let heaviest = named.into_iter().rev().max_by_key(|(weight, _)| *weight)?;
    let mut found = heaviest.1;
    let mut weight = heaviest.0;
    if weight > 0 {
        weight += i32::from(is_led);
        if is_led {
            found.signs.push(format!("led to {}", host_and_path(answered)));
        }
        if stated.is_some() && title.is_some() {
            weight += 1;
            found.signs.push("no word of the headline".to_owned());
        }
        if is_empty(page) {
            weight += 1;
            found.signs.push("nothing an article says".to_owned());
        }
        weight -= 2 * i32::from(looks_like_an_article(page));
        if weight >= ENOUGH && found.signs.len() > 1 {
            return Some(found);
        }
    }
    let is_another = is_led && stated.is_some() && title.is_some();
    is_another.then(|| {
        let signs = vec![format!("led to {}", host_and_path(answered)), "no word of the headline".to_owned()];
        Verdict { instead: Instead::Another, signs }
    })
}

/// The signs of one sort, with their weight.
fn signs(answer: &Answer<'_>, instead: Instead) -> (i32, Vec<String>) {
    let of = |table: Signs| table.iter().filter(move |(of, _)| *of == instead).flat_map(|(_, signs)| signs.split('|'));
    let (mut weight, mut signs) = (0, Vec::new());
    if let Some(title) = &answer.page.title {
        let words = text::words(&title.value);
        let strength = of(TITLES).map(|name| strength(&words, name)).max().unwrap_or(0);
        if strength > 0 {
            weight += strength;
            signs.push(format!("titled “{}”", text::shorten(&title.value, 60)));
        }
    }
    let (asked, answered) = (parts(answer.asked), parts(answer.answered));
    if let Some(place) = of(PLACES).find(|place| answered.contains(*place) && !asked.contains(*place)) {
        weight += 1;
        signs.push(format!("its address says “{place}”"));
    }
    let window = answer.bytes.get(..LOOKED_THROUGH).unwrap_or(answer.bytes);
    if let Some(mark) = of(MARKS).find(|mark| memmem::find(window, mark.as_bytes()).is_some()) {
        weight += 1;
        signs.push(format!("it holds “{mark}”"));
    }
    (weight, signs)
}

/// 2 where `title` is `name` with two more words at most (a site's), 1 where it begins with it, else 0.
fn strength(title: &[String], name: &str) -> i32 {
    let name = text::words(name);
    if name.is_empty() || !title.starts_with(&name) {
        return 0;
    }
    if title.len() <= name.len() + 2 { 2 } else { 1 }
}

/// The labels of the host and the parts of the path, in lower case.
fn parts(address: &str) -> BTreeSet<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let (host, path) = rest.split_once('/').unwrap_or((rest.as_str(), ""));
    host.split('.').chain(path.split('/')).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn host_and_path(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['?', '#']).next().unwrap_or_default()
}

fn key(address: &str) -> String {
    url::canonical(address).map_or_else(|_| address.to_owned(), |address| url::key(&address))
}

/// Whether `address` is a site's front door.
#[must_use]
pub fn is_home(address: &str) -> bool {
    let path = host_and_path(address).split_once('/').map(|(_, path)| path.trim_end_matches('/'));
    let has_query = address.contains('?');
    !has_query && path.is_none_or(|path| path.is_empty() || path == "index.html")
}

fn is_same(stated: Option<&str>, title: Option<&str>) -> bool {
    stated.zip(title).is_some_and(|(stated, title)| text::words(stated) == text::words(title))
}

/// Whether the page speaks of what the stated headline speaks of: in its title, or in its address where it was led to.
fn agrees(answer: &Answer<'_>, title: Option<&str>) -> bool {
    let Some(stated) = answer.stated else { return false };
    let slug = host_and_path(answer.answered).split_once('/').map_or("", |(_, path)| path);
    let has_slug =
        key(answer.asked) != key(answer.answered) && shared(stated, &slug.replace(['-', '_', '/', '.'], " ")) >= 2;
    has_slug || title.is_some_and(|title| is_same(Some(stated), Some(title)) || shared(stated, title) > 0)
}

/// How many words that say something two headlines have in common.
fn shared(one: &str, other: &str) -> usize {
    let terms = |title: &str| {
        let entry = Entry { title: Some(title.to_owned()), ..Entry::default() };
        let statement = Statement { by: Stated::Seed { path: String::new() }, entry };
        let root = Root { id: ArticleId::of(""), url: "", first_seen: Timestamp::UNIX_EPOCH };
        let profile = Profile::of(&article::merge(root, &[statement], None));
        profile.terms.iter().map(|term| term.hash).collect::<BTreeSet<_>>()
    };
    terms(one).intersection(&terms(other)).count()
}

/// A date and an author or a kind: what stands in an article's place has none.
fn looks_like_an_article(page: &PageMetadata) -> bool {
    page.published.is_some() && (!page.author.is_empty() || page.kind.is_some())
}

fn is_empty(page: &PageMetadata) -> bool {
    page.published.is_none() && page.author.is_empty() && page.description.is_none() && page.kind.is_none()
}

#[cfg(test)]
mod tests;
