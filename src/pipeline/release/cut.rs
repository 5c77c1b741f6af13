//! Feeds cut to measure: `?limit=`, `?min_publishers=` and `?lang=` on the address of a feed.
//!
//! In comes a topic's feed and a query, out goes the same feed of fewer stories, in the topic's own order. It never
//! shows what the topic does not hold, and looks at a bounded number of stories.

use std::collections::BTreeSet;

use ::url::form_urlencoded;
use jiff::Timestamp;

use super::editions::{Share, composed, document, full_second, oldest};
use super::{Beside, Plan, ReleaseRules};
use crate::model::Story;
use crate::pipeline::story;
use crate::publish::{self, Format};
use crate::store::{Result, View};
use crate::text;

/// Most stories of a feed cut to measure, and most stories looked at for it: more is a walk through the archive.
const MOST: usize = 200;

/// What a query asks for.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    limit: Option<usize>,
    min_publishers: usize,
    lang: Option<String>,
    /// The query again, in one form for all that mean the same.
    canonical: String,
}

/// The cut that `query` asks for; none where it names nothing we know.
///
/// # Errors
/// A sentence for the reader, where a value makes no sense.
fn parse(query: &str) -> Result<Option<Cut>, &'static str> {
    let (mut limit, mut least, mut lang) = (None, None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()).take(32) {
        match &*name {
            "limit" => limit = Some(value.parse::<usize>().map_err(|_| "limit is a whole number from 1 to 200.")?),
            "min_publishers" => {
                least = Some(value.parse::<usize>().map_err(|_| "min_publishers is a whole number from 1.")?);
            }
            "lang" => {
                let is_tag = (2..=35).contains(&value.len())
                    && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
                lang = Some(
                    Some(value.to_ascii_lowercase()).filter(|_| is_tag).ok_or("lang is a language tag such as en.")?,
                );
            }
            _ => {}
        }
    }
    if limit.is_none() && least.is_none() && lang.is_none() {
        return Ok(None);
    }
    let limit = limit.map(|limit| limit.clamp(1, MOST));
    let mut canonical = form_urlencoded::Serializer::new(String::new());
    if let Some(limit) = limit {
        canonical.append_pair("limit", &limit.to_string());
    }
    if let Some(least) = least {
        canonical.append_pair("min_publishers", &least.to_string());
    }
    if let Some(lang) = &lang {
        canonical.append_pair("lang", lang);
    }
    Ok(Some(Cut { limit, min_publishers: least.unwrap_or(1), lang, canonical: canonical.finish() }))
}

impl Cut {
    fn takes(&self, story: &Story) -> bool {
        let own = story.coverage.iter().filter(|member| member.copy_of.is_none());
        let publishers = own.map(|member| member.article.publisher.domain.as_str()).collect::<BTreeSet<_>>().len();
        let speaks = |wanted: &str| {
            let spoken = spoken(story);
            spoken == wanted || spoken.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('-'))
        };
        publishers >= self.min_publishers && self.lang.as_deref().is_none_or(speaks)
    }
}

/// The language of a story's lead in lower case: as stated, else guessed from its words; empty where neither tells.
fn spoken(story: &Story) -> String {
    let Some(lead) = story.coverage.first().map(|lead| &lead.article) else { return String::new() };
    let guessed = || {
        let words = format!("{} {}", lead.title, lead.excerpt.as_deref().unwrap_or_default());
        text::language(&words).unwrap_or_default().to_owned()
    };
    lead.lang.as_deref().map_or_else(guessed, str::to_ascii_lowercase)
}

/// The feed of a plan at `file` in its folder, cut as `query` says.
///
/// # Errors
/// When the store fails.
pub(super) fn feed(
    view: &View<'_>,
    rules: &ReleaseRules,
    (plan, file): (&Plan, &str),
    query: &str,
    now: Timestamp,
) -> Result<Beside> {
    let is_feed =
        |format: &&Format| !file.is_empty() && format.file == file && rules.site.formats.contains(&format.name);
    let Some(format) = publish::FORMATS.iter().find(is_feed) else { return Ok(Beside::Unknown) };
    let cut = match parse(query) {
        Ok(Some(cut)) => cut,
        Ok(None) => return Ok(Beside::Unknown),
        Err(why) => return Ok(Beside::Refused(why)),
    };
    let (mut stories, mut share) = (Vec::new(), Share::of(plan));
    for no in view.topic_stories(&plan.slug, oldest(plan, now), MOST)? {
        if stories.len() >= cut.limit.unwrap_or(plan.topic.limit) {
            break;
        }
        let told = story::load(view, no, &rules.story)?;
        if cut.takes(&told.story) && share.takes(&told.story) {
            stories.push(told.story);
        }
    }
    let mut edition = composed(rules, plan, &stories);
    edition.links.own = Some(format!("{}{file}?{}", edition.page_url, cut.canonical));
    let path = format!("{}{file}", plan.folder());
    let mut document = document(path, format.media_type, &(format.render)(&edition));
    document.last_modified = full_second(view.edition_changed(&plan.slug)?.unwrap_or(rules.site.birth));
    Ok(Beside::Document(document))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let check = |query: &str, expect: Result<Option<&str>, ()>| {
            let found = parse(query).map(|cut| cut.map(|cut| cut.canonical)).map_err(|_| ());
            assert_eq!(found, expect.map(|expect| expect.map(str::to_owned)), "{query}");
        };
        check("limit=10", Ok(Some("limit=10")));
        check("limit=0", Ok(Some("limit=1")));
        check("limit=100000", Ok(Some("limit=200")));
        check("lang=EN-us&limit=5&x=y", Ok(Some("limit=5&lang=en-us")));
        check("min_publishers=2", Ok(Some("min_publishers=2")));
        check("utm_source=x", Ok(None));
        check("", Ok(None));
        for wrong in ["limit=ten", "limit=-1", "limit=", "min_publishers=x", "lang=e", "lang=e%20n", "lang=%22"] {
            check(wrong, Err(()));
        }
    }
}
