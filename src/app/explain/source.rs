//! Why a source is asked when it is: each rule that has a say, with its value and its time.

use jiff::Timestamp;
use serde::Serialize;

use crate::app::status::{DiscoveredFeed, Manners};
use crate::model::PollState;
use crate::pipeline::backfill;
use crate::schedule::poll::{self, PollRules};
use crate::schedule::subscription;
use crate::store::{Result, SourceRow, View};
use crate::url;

/// Why a source is asked when it is.
#[derive(Debug, Clone, Serialize)]
pub struct SourceExplained {
    /// Its address as configured, tokens masked.
    pub source: String,
    /// It is in the configuration.
    pub listed: bool,
    /// The feed's own title.
    pub title: Option<String>,
    /// Whether it is due, and if not why it is not asked.
    pub standing: String,
    /// Last request.
    pub checked_at: Option<Timestamp>,
    /// Last answer.
    pub answered_at: Option<Timestamp>,
    /// Next poll; `None`: it rests.
    pub next_check_at: Option<Timestamp>,
    /// Which rule set that.
    pub why: String,
    /// Every rule that has a say, the one that holds longest first.
    pub rules: Vec<RuleExplained>,
    /// Hours (GMT) and days that the feed asks to be left out.
    pub skips: Vec<String>,
    /// Names of the validators that go with the next request.
    pub validators: Vec<&'static str>,
    /// Where the feed has moved to, or seems to.
    pub redirect: Option<MoveExplained>,
    /// Until when the whole host rests.
    pub host_rests_until: Option<Timestamp>,
    /// The last failure.
    pub problem: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// Its address is a page: the feed it led to.
    pub discovered: Option<DiscoveredFeed>,
    /// Where its subscription at a hub stands, if its feed names one.
    pub hub: Option<String>,
    /// How far its past was read, if its feed links to it.
    pub past: Option<String>,
    /// How it was asked so far.
    pub manners: Manners,
}

/// One rule that has a say.
#[derive(Debug, Clone, Serialize)]
pub struct RuleExplained {
    /// A header, an element of the feed, or a key of the configuration.
    pub rule: &'static str,
    /// What it says.
    pub says: String,
    /// Not before then.
    pub until: Timestamp,
    /// Seconds of that which are our own spread.
    pub jitter_s: i64,
}

/// Where a feed has moved to.
#[derive(Debug, Clone, Serialize)]
pub struct MoveExplained {
    /// The new address, tokens masked.
    pub to: String,
    /// It is asked instead of the configured one.
    pub stored: bool,
    /// Since when it is believed, or when the first answer said so.
    pub since: Timestamp,
    /// Answers in a row that said so; `None` once it is stored.
    pub times: Option<u32>,
    /// When the configured address was last asked whether it still says so.
    pub looked_at: Option<Timestamp>,
}

/// Explains the source that `what` names: its address as configured, masked or not, or the address it moved to.
pub(super) fn explain(
    view: &View<'_>,
    what: &str,
    rules: &PollRules,
    now: Timestamp,
) -> Result<Option<SourceExplained>> {
    let sources = view.sources()?;
    let is_asked = |row: &&SourceRow| {
        let home = row.poll.discovery.as_ref().map_or(row.source.url.as_str(), |found| &found.feed);
        poll::address(&row.poll, home) == what
    };
    let found = sources.iter().find(|row| row.source.url == what);
    let found = found.or_else(|| sources.iter().find(|row| url::mask(&row.source.url) == what));
    let Some(row) = found.or_else(|| sources.iter().find(is_asked)) else { return Ok(None) };
    let state = &row.poll;
    let asked = url::registrable_domain(poll::address(state, &row.source.url)).unwrap_or_default();
    let resting = view.hosts(now)?.into_iter().find(|host| host.domain == asked);
    let host_rests_until = resting.and_then(|host| host.not_before).filter(|until| *until > now);
    let mut wishes = poll::wishes(state, rules, &row.source.url);
    wishes.sort_by_key(|wish| std::cmp::Reverse(wish.until));
    let explained = wishes.iter().map(|wish| RuleExplained {
        rule: wish.rule.name(),
        says: wish.rule.to_string(),
        until: wish.until,
        jitter_s: wish.spread_s,
    });
    Ok(Some(SourceExplained {
        source: url::mask(&row.source.url),
        listed: row.listed,
        title: row.title.clone(),
        standing: standing(row, host_rests_until, now),
        checked_at: state.checked_at,
        answered_at: state.answered_at,
        next_check_at: (!poll::rests(state)).then_some(state.next_check_at),
        why: state.reason.clone(),
        rules: explained.collect(),
        skips: skips(state),
        validators: validators(state),
        redirect: redirect(state),
        host_rests_until,
        problem: state.problem.clone(),
        failures: state.failures,
        discovered: state.discovery.as_ref().map(DiscoveredFeed::from),
        hub: view.subscription_of(row.no)?.map(|row| subscription::line(&row.state, now)),
        past: view.archive(row.no)?.as_ref().map(backfill::line),
        manners: state.tally.into(),
    }))
}

fn standing(row: &SourceRow, host_rests_until: Option<Timestamp>, now: Timestamp) -> String {
    let state = &row.poll;
    let problem = state.problem.as_deref().unwrap_or("our own rules forbid it");
    if !row.listed {
        "not asked: it is in the configuration no more".to_owned()
    } else if poll::rests(state) {
        format!("not asked: it rests ({problem})")
    } else if state.refused && problem.starts_with("not allowed") {
        format!("not asked: {problem}; `fetch.allow_private` and `fetch.ports` say what may be")
    } else if state.refused {
        format!("not asked: {problem}")
    } else if let Some(until) = host_rests_until {
        format!("not asked: its host rests until {until:.0}")
    } else if state.next_check_at > now {
        "not due yet".to_owned()
    } else {
        "due".to_owned()
    }
}

fn skips(state: &PollState) -> Vec<String> {
    let hours = state.hints.skip_hours.iter().map(|hour| format!("{:02}:00 GMT", hour % 24));
    hours.chain(state.hints.skip_days.iter().cloned()).collect()
}

fn validators(state: &PollState) -> Vec<&'static str> {
    let named = [("ETag", &state.validators.etag), ("Last-Modified", &state.validators.last_modified)];
    named.into_iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name).collect()
}

fn redirect(state: &PollState) -> Option<MoveExplained> {
    let stored = state.moved.as_ref().map(|moved| MoveExplained {
        to: url::mask(&moved.to),
        stored: true,
        since: moved.since,
        times: None,
        looked_at: Some(moved.looked_at),
    });
    let seeming = state.moving.as_ref().map(|moving| MoveExplained {
        to: url::mask(&moving.to),
        stored: false,
        since: moving.since,
        times: Some(moving.times),
        looked_at: None,
    });
    stored.or(seeming)
}
