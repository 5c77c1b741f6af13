//! The page of the sources' health, for operators, on the admin listener only: what is wrong, since when, and what to
//! do about it; then every source, those in trouble first. Addresses come masked.

use askama::Template;
use jiff::Timestamp;

use super::{Frame, MAX_TITLE, clean, frame, written};
use crate::model::{Incident, IncidentKind, PageRules};
use crate::publish::health::{cure, name_of, times_seen};

/// Incidents shown of each sort: a bad day of most wires.
const INCIDENTS: usize = 20;

/// Sources shown.
const SOURCES: usize = 60;

/// Characters of what went wrong.
const DETAIL: usize = 300;

/// A number with what it counts.
pub type Fact = (&'static str, u64);

/// What the page tells.
#[derive(Debug, Clone)]
pub struct HealthPage<'a> {
    /// The site's title.
    pub site_title: &'a str,
    /// When it is told.
    pub now: Timestamp,
    /// How much there is.
    pub facts: Vec<Fact>,
    /// Why the last reload was refused.
    pub refused: Option<String>,
    /// Open ones first.
    pub incidents: &'a [Incident],
    /// In any order.
    pub sources: Vec<SourceLine>,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    /// The feed's own title; empty where it has not told one.
    pub title: String,
    /// Its address, tokens masked.
    pub url: String,
    /// Failures in a row.
    pub failures: u32,
    /// The last failure.
    pub problem: Option<String>,
    /// Last answer.
    pub answered_at: Option<Timestamp>,
    /// Next poll; `None`: it rests.
    pub next_at: Option<Timestamp>,
    /// Which rule set the next poll.
    pub reason: String,
}

#[derive(Template)]
#[template(path = "health.html")]
struct Page<'a> {
    frame: Frame<'a>,
    now: Timestamp,
    facts: &'a [Fact],
    refused: Option<String>,
    open: Vec<Trouble>,
    open_left: usize,
    closed: Vec<Trouble>,
    sources: Vec<Source<'a>>,
    sources_left: usize,
}

struct Trouble {
    name: String,
    what: &'static str,
    since: Timestamp,
    times: String,
    detail: String,
    cure: String,
}

struct Source<'a> {
    name: String,
    url: String,
    state: &'static str,
    is_bad: bool,
    problem: Option<String>,
    answered: Option<Timestamp>,
    next: Option<Timestamp>,
    reason: &'a str,
}

/// The page.
#[must_use]
pub fn health_page(page: &HealthPage<'_>) -> String {
    let site = clean::text(page.site_title, MAX_TITLE);
    let (open, closed): (Vec<&Incident>, Vec<&Incident>) =
        page.incidents.iter().partition(|incident| incident.closed.is_none());
    let mut sources: Vec<Source<'_>> = page.sources.iter().map(source).collect();
    sources.sort_by_key(|source| (!source.is_bad, source.next));
    let shown = sources.len().min(SOURCES);
    let frame =
        Frame { title: "Sources and their health".to_owned(), ..frame(&site, "health", "", PageRules::default()) };
    written(&Page {
        frame,
        now: clean::time(page.now),
        facts: &page.facts,
        refused: page.refused.as_deref().map(|why| clean::text(why, 2_000)),
        open_left: open.len().saturating_sub(INCIDENTS),
        open: open.into_iter().take(INCIDENTS).map(trouble).collect(),
        closed: closed.into_iter().take(INCIDENTS).map(trouble).collect(),
        sources_left: sources.len() - shown,
        sources: sources.into_iter().take(shown).collect(),
    })
}

fn trouble(incident: &Incident) -> Trouble {
    let cure = match &incident.closed {
        Some((at, cure)) => format!("Over since {}: {cure}.", clean::readable(*at)),
        None => cure(incident),
    };
    Trouble {
        name: clean::text(name_of(incident), MAX_TITLE),
        what: heading(incident.kind),
        since: clean::time(incident.opened),
        times: times_seen(incident),
        detail: clean::text(&incident.detail, DETAIL),
        cure: clean::text(&cure, DETAIL),
    }
}

/// What is wrong, as it begins a line.
fn heading(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Broken => "Cannot be read",
        IncidentKind::Throttled => "Asks us to slow down",
        IncidentKind::Gone => "Gone for good",
        IncidentKind::Resting => "Rests after long failure",
        IncidentKind::Moved => "Has moved",
    }
}

fn source(line: &SourceLine) -> Source<'_> {
    let url = clean::text(&line.url, DETAIL);
    let title = clean::text(&line.title, MAX_TITLE);
    let is_bad = line.failures > 0 || line.next_at.is_none();
    Source {
        name: if title.is_empty() { url.clone() } else { title },
        url,
        state: match (line.next_at, line.failures, line.answered_at) {
            (None, ..) => "Rests",
            (_, 0, None) => "New",
            (_, 0, Some(_)) => "Well",
            _ => "In trouble",
        },
        is_bad,
        problem: line.problem.as_deref().filter(|_| is_bad).map(|problem| clean::text(problem, DETAIL)),
        answered: line.answered_at.map(clean::time),
        next: line.next_at.map(clean::time),
        reason: &line.reason,
    }
}
