//! What operators ask: the state of the wire, and why a story is what it is.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::Home;
use crate::config::Config;
use crate::model::{ArticleId, Coverage, StoryId};
use crate::pipeline::release::ReleaseRules;
use crate::pipeline::story;
use crate::schedule::poll;
use crate::store::{Counts, HostRow, Result, RowNo, StoryState, Trouble, View};
use crate::topic;
use crate::url;

/// Troubles listed in a status; the rest is counted.
const TROUBLES: usize = 200;

/// The state of the wire.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// How much there is, and how much waits.
    pub counts: Counts,
    /// Listed sources, next poll first.
    pub sources: Vec<SourceStatus>,
    /// Pages whose last visit went wrong, next try first.
    pub troubles: Vec<Trouble>,
    /// Hosts that rest as a whole.
    pub resting_hosts: Vec<HostStatus>,
    /// When the next page is due.
    pub next_page_at: Option<Timestamp>,
    /// Seed files that cannot be used, or are excluded as unpublished.
    pub seeds: Vec<SeedStatus>,
}

/// One source.
#[derive(Debug, Clone, Serialize)]
pub struct SourceStatus {
    /// Its address, tokens masked.
    pub url: String,
    /// The feed's own title.
    pub title: Option<String>,
    /// Last answer.
    pub answered_at: Option<Timestamp>,
    /// Next poll; `None`: it rests.
    pub next_check_at: Option<Timestamp>,
    /// Which rule set the next poll.
    pub reason: String,
    /// Failures in a row.
    pub failures: u32,
    /// The last failure.
    pub problem: Option<String>,
}

/// One host that rests.
#[derive(Debug, Clone, Serialize)]
pub struct HostStatus {
    /// Registrable domain.
    pub domain: String,
    /// It rests until then.
    pub not_before: Timestamp,
}

/// One seed file that brings nothing.
#[derive(Debug, Clone, Serialize)]
pub struct SeedStatus {
    /// The file.
    pub file: String,
    /// Why.
    pub problem: String,
}

/// The state of the wire at `now`.
///
/// # Errors
/// When the store fails.
pub fn status(view: &View<'_>, now: Timestamp) -> Result<Status> {
    let mut sources: Vec<SourceStatus> = view
        .sources()?
        .into_iter()
        .filter(|row| row.listed)
        .map(|row| SourceStatus {
            url: url::mask(&row.source.url),
            title: row.title,
            answered_at: row.poll.answered_at,
            next_check_at: (!poll::rests(&row.poll)).then_some(row.poll.next_check_at),
            reason: row.poll.reason,
            failures: row.poll.failures,
            problem: row.poll.problem,
        })
        .collect();
    sources.sort_by_key(|source| (source.next_check_at.is_none(), source.next_check_at));
    let resting = |host: HostRow| {
        let not_before = host.not_before.filter(|until| *until > now)?;
        Some(HostStatus { domain: host.domain, not_before })
    };
    let mut troubles = view.troubles(TROUBLES)?;
    for trouble in &mut troubles {
        trouble.url = url::mask(&trouble.url);
    }
    Ok(Status {
        counts: view.counts()?,
        sources,
        troubles,
        resting_hosts: view.hosts(now)?.into_iter().filter_map(resting).collect(),
        next_page_at: view.next_page_at()?,
        seeds: view.seeds()?.into_iter().filter_map(seed_status).collect(),
    })
}

fn seed_status(row: crate::store::SeedRow) -> Option<SeedStatus> {
    if row.broken {
        let findings: Value = serde_json::from_str(&row.findings).unwrap_or_default();
        let first = findings.as_array().into_iter().flatten().find(|finding| finding["severity"] == "error")?;
        let line = first["place"]["line"].as_u64().map(|line| format!("line {line}: ")).unwrap_or_default();
        let message = first["message"].as_str().unwrap_or("it cannot be used");
        return Some(SeedStatus { file: row.path, problem: format!("{line}{message}") });
    }
    let excluded = "excluded: it says `published: false` and `seeds.unpublished` is `exclude`";
    (!row.active).then(|| SeedStatus { file: row.path, problem: excluded.to_owned() })
}

/// The story that `what`, an id or an address, leads to.
///
/// # Errors
/// When the store fails.
pub fn find_story(view: &View<'_>, what: &str) -> Result<Option<RowNo>> {
    if let Ok(id) = what.trim_start_matches('/').trim_start_matches("s/").parse::<StoryId>() {
        let row = view.story_by_id(id)?;
        return row.map(|row| Ok(view.final_story(row)?.no)).transpose();
    }
    // The address of a story's own page counts too.
    if let Some((_, id)) = what.rsplit_once("/s/")
        && let Ok(id) = id.trim_end_matches('/').parse::<StoryId>()
    {
        let row = view.story_by_id(id)?;
        return row.map(|row| Ok(view.final_story(row)?.no)).transpose();
    }
    let Ok(address) = url::canonical(what) else { return Ok(None) };
    let Some(article) = view.article_by_alias(ArticleId::of(&url::key(&address)))? else { return Ok(None) };
    let story = view.article(article)?.story;
    story.map(|no| Ok(view.final_story(view.story(no)?)?.no)).transpose()
}

/// Why the story that `what` leads to is one story, and which topics hold it; with `only`, one topic.
///
/// # Errors
/// When the store fails.
pub fn explain(home: &Home, config: &Config, what: &str, only: Option<&str>) -> Result<Option<Value>> {
    let rules = home.release_rules(config);
    home.wire.store.read(|view| {
        let Some(no) = find_story(view, what)? else { return source(view, what) };
        let row = view.story(no)?;
        let told = story::load(view, no, &rules.story)?;
        let state = match row.state {
            StoryState::Live => "live",
            StoryState::Withdrawn => "withdrawn",
            StoryState::Alias(_) => "merged away",
        };
        let coverage = told.story.coverage.iter().map(|coverage| member(view, coverage)).collect::<Result<Vec<_>>>()?;
        Ok(Some(json!({
            "story": row.id,
            "state": state,
            "title": told.story.coverage.first().map(|lead| &lead.article.title),
            "published": row.published,
            "updated": row.updated,
            "heat": told.story.heat,
            "aliases": view.aliases_of(no)?,
            "related": told.story.related,
            "seeds": told.seeds.iter().map(|seed| &seed.path).collect::<Vec<_>>(),
            "articles": coverage,
            "topics": topics(view, &rules, &told.story, only)?,
        })))
    })
}

fn member(view: &View<'_>, coverage: &Coverage) -> Result<Value> {
    let article = &coverage.article;
    let page = view.article_by_alias(article.id)?.map_or(Ok(None), |no| view.page(no))?;
    Ok(json!({
        "article": article.id,
        "url": article.url,
        "title": article.title,
        "publisher": article.publisher.name,
        "published": article.published,
        "quality": article.quality,
        "why": coverage.via,
        "copy_of": coverage.copy_of,
        "from": article.provenance,
        "page": page.map(|page| json!({
            "asked_at": page.visit.asked_at,
            "next_at": page.visit.next_at,
            "problem": page.visit.problem,
            "reason": page.visit.reason,
        })),
    }))
}

fn topics(
    view: &View<'_>,
    rules: &ReleaseRules,
    story: &crate::model::Story,
    only: Option<&str>,
) -> Result<Vec<Value>> {
    let topics = if rules.topics.is_empty() {
        let labels = view.seed_labels()?;
        topic::from_labels(labels.iter().map(String::as_str))
    } else {
        rules.topics.clone()
    };
    let wanted: BTreeSet<&str> = only.into_iter().collect();
    let asked = topics.iter().filter(|topic| wanted.is_empty() || wanted.contains(topic.id.as_str()));
    Ok(asked
        .map(|topic| {
            let belonging = topic::belongs(topic, story);
            json!({ "topic": topic.id, "in": belonging.is_in, "why": belonging.why })
        })
        .collect())
}

/// Why a source is or is not asked.
fn source(view: &View<'_>, address: &str) -> Result<Option<Value>> {
    let found = view.sources()?.into_iter().find(|row| row.source.url == address);
    Ok(found.map(|row| {
        json!({
            "source": url::mask(&row.source.url),
            "listed": row.listed,
            "title": row.title,
            "next_check_at": (!poll::rests(&row.poll)).then_some(row.poll.next_check_at),
            "why": row.poll.reason,
            "problem": row.poll.problem,
            "checked_at": row.poll.checked_at,
            "answered_at": row.poll.answered_at,
        })
    }))
}
