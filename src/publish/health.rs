//! The health feed: incidents in, an Atom document (RFC 4287) out, one entry an incident.
//!
//! For operators, on the admin listener only. An entry keeps its id from the beginning of its incident to the end;
//! its `updated` moves when the incident becomes another kind and when it is over.

use atom_syndication::{Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use jiff::Timestamp;

use super::{atom, clean};
use crate::model::{Incident, IncidentKind};

/// Characters of a title.
const TITLE: usize = 300;

/// Characters of the text of an entry.
const TEXT: usize = 3_000;

/// What the feed says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthFeed {
    /// The site's title.
    pub site_title: String,
    /// Where it is served.
    pub address: String,
    /// `tag:` URI up to and with its colon: `tag:wire.example.org,2026:`.
    pub tag: String,
    /// The wire's first start: when a feed without incidents was updated.
    pub birth: Timestamp,
}

/// The document.
#[must_use]
pub fn health(feed: &HealthFeed, incidents: &[Incident]) -> String {
    let title = clean::text(&feed.site_title, TITLE);
    let updated = incidents.iter().map(|incident| incident.updated).max().unwrap_or(feed.birth);
    let document = Feed {
        title: Text::plain(format!("Health of {title}")),
        id: format!("{}health", feed.tag),
        updated: date(updated),
        authors: vec![Person {
            name: if title.is_empty() { "Newswire".to_owned() } else { title },
            ..Person::default()
        }],
        generator: Some(Generator { value: "Newswire".to_owned(), uri: None, version: None }),
        links: vec![Link {
            href: feed.address.clone(),
            rel: "self".to_owned(),
            mime_type: Some("application/atom+xml".to_owned()),
            ..Link::default()
        }],
        subtitle: Some(Text::plain("Sources in trouble: one entry an incident, closed when it is over")),
        entries: incidents.iter().map(|incident| entry(feed, incident)).collect(),
        lang: Some("en".to_owned()),
        ..Feed::default()
    };
    atom::written(&document)
}

fn entry(feed: &HealthFeed, incident: &Incident) -> Entry {
    let state = if incident.closed.is_some() { "over" } else { "open" };
    let name = name_of(incident);
    let category = |term: &str| Category { term: term.to_owned(), ..Category::default() };
    Entry {
        title: Text::plain(clean::text(&format!("{state}: {name}: {}", what(incident.kind)), TITLE)),
        id: format!("{}incident/{}", feed.tag, incident.no),
        updated: date(incident.updated),
        published: Some(date(incident.opened)),
        categories: vec![category(incident.kind.name()), category(state)],
        content: Some(Content {
            value: Some(clean::text(&story(incident), TEXT)),
            content_type: Some("text".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

/// The facts and the cure.
fn story(incident: &Incident) -> String {
    let Incident { source, detail, opened, .. } = incident;
    let times = times_seen(incident);
    let facts = format!("{source}: {detail}. Since {opened:.0}, seen {times}.");
    match &incident.closed {
        Some((at, cure)) => format!("{facts} Over since {at:.0}: {cure}."),
        None => format!("{facts} {}", cure(incident)),
    }
}

/// What the source of an incident is called: as its feed says, else by its address.
pub(super) fn name_of(incident: &Incident) -> &str {
    incident.title.as_deref().filter(|title| !title.trim().is_empty()).unwrap_or(&incident.source)
}

/// How often it was met with.
pub(super) fn times_seen(incident: &Incident) -> String {
    if incident.polls == 1 { "once".to_owned() } else { format!("{} times", incident.polls) }
}

/// What is wrong, after the source's name.
fn what(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Broken => "cannot be read",
        IncidentKind::Throttled => "asks us to slow down",
        IncidentKind::Gone => "gone for good",
        IncidentKind::Resting => "rests after long failure",
        IncidentKind::Moved => "has moved",
    }
}

/// What is to be done about an open one.
pub(super) fn cure(incident: &Incident) -> String {
    let revive = format!("`newswire status --revive '{}'`", incident.source);
    match incident.kind {
        IncidentKind::Broken => {
            format!(
                "Its last good entries stay, and it is tried again ever less often. To have it asked soon: {revive}."
            )
        }
        IncidentKind::Throttled => "It is left alone for as long as it asks, and its entries stay.".to_owned(),
        IncidentKind::Gone => {
            format!("It is looked at once more after days and then rests; its entries stay. To revive it: {revive}.")
        }
        IncidentKind::Resting => {
            format!("It is not asked any more, and its last good entries stay. To revive it: {revive}.")
        }
        IncidentKind::Moved => "List the new address in the configuration instead.".to_owned(),
    }
}

/// The crate's type for a time.
fn date(time: Timestamp) -> FixedDateTime {
    chrono::DateTime::from_timestamp(time.as_second(), 0).unwrap_or_default().fixed_offset()
}
