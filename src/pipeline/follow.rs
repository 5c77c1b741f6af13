//! What follows from a poll beside its entries: an incident begins or ends, a hub is offered, the past is read.
//!
//! In come the source as it was claimed, the answer and the state after it; out goes that state, its next poll put
//! off where a hub delivers. Nothing is written and little is read where there is no news.

use jiff::Timestamp;

use super::{Wire, backfill, websub};
use crate::model::{Feed, IncidentKind, Outcome, PollState, Refusal};
use crate::schedule::{poll, subscription};
use crate::store::{Batch, DueSource, Result, SubscriptionRow};
use crate::url;

/// What an answer means for the incidents of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is in trouble, or still is.
    Trouble(IncidentKind, String),
    /// The trouble is over.
    Healed,
}

/// What `outcome` means for the incidents of a source whose polling stood at `before` and stands at `after`.
#[must_use]
pub fn judge(outcome: &Outcome, before: &PollState, after: &PollState) -> Option<Change> {
    let Some(problem) = &after.problem else {
        // What a page names is asked next: nothing has answered yet.
        if after.discovery.as_ref().is_some_and(|found| !found.is_proven) {
            return None;
        }
        return before.problem.is_some().then_some(Change::Healed);
    };
    let kind = match outcome {
        _ if after.gone => IncidentKind::Gone,
        _ if poll::rests(after) => IncidentKind::Resting,
        Outcome::Throttled { .. } | Outcome::Refused(Refusal::Resting(_)) => IncidentKind::Throttled,
        _ => IncidentKind::Broken,
    };
    Some(Change::Trouble(kind, problem.clone()))
}

/// Does what follows from `outcome` of polling `source`, and says where the polling stands then. To be called before
/// `after` is noted, in the same transaction.
///
/// # Errors
/// When the store fails.
pub fn follow(
    batch: &Batch<'_>,
    source: &DueSource,
    outcome: &Outcome,
    feed: Option<&Feed>,
    after: PollState,
    now: Timestamp,
) -> Result<PollState> {
    let mut after = after;
    note_incidents(batch, source, outcome, &after, now)?;
    if let (Outcome::Fresh(page), Some(feed)) = (outcome, feed) {
        if feed.format.is_some() {
            let (hub, own) = websub::discover(page, feed);
            (after.hints.hub, after.hints.self_url) = (hub, own.or(Some(page.final_url.clone())));
        } else {
            // A page instead of the feed says nothing about its hub.
            (after.hints.hub, after.hints.self_url) =
                (source.poll.hints.hub.clone(), source.poll.hints.self_url.clone());
        }
        backfill::start(batch, source, page, feed, now)?;
    }
    let had = source.poll.hints.hub.is_some();
    if (after.hints.hub.is_none() && !had) || !matches!(outcome, Outcome::Fresh(_) | Outcome::Unchanged { .. }) {
        return Ok(after);
    }
    let subscribed = offer(batch, source, &after, now)?;
    Ok(match subscribed {
        Some(row) => subscription::net(after, &row.state, now, &source.source.url),
        None => after,
    })
}

/// Notes the hub that `after` names, and leaves one that is named no more. Says what is subscribed.
fn offer(batch: &Batch<'_>, source: &DueSource, after: &PollState, now: Timestamp) -> Result<Option<SubscriptionRow>> {
    let known = batch.subscription_of(source.no)?;
    let named = after.hints.hub.as_ref().map(|hub| (hub, after.hints.self_url.as_ref().unwrap_or(&source.source.url)));
    if let (Some(row), Some((hub, topic))) = (&known, named)
        && (&row.state.hub, &row.state.topic) == (hub, topic)
    {
        return Ok(known);
    }
    if let Some(row) = &known {
        websub::leave(batch, row, now)?;
    }
    if let Some((hub, topic)) = named {
        let domain = url::registrable_domain(hub).or_else(|| url::host(hub)).unwrap_or_default();
        batch.add_subscription(source.no, &domain, &subscription::offer(hub, topic, now))?;
    }
    Ok(None)
}

/// Closes the incidents of sources that are no longer listed.
///
/// # Errors
/// When the store fails.
pub fn unlisted(wire: &Wire) -> Result<()> {
    let now = wire.clock.now();
    wire.store.write(|batch| batch.close_unlisted_incidents("it is no longer listed", now))
}

fn note_incidents(
    batch: &Batch<'_>,
    source: &DueSource,
    outcome: &Outcome,
    after: &PollState,
    now: Timestamp,
) -> Result<()> {
    match judge(outcome, &source.poll, after) {
        Some(Change::Trouble(kind, detail)) => batch.note_incident(source.no, kind, &detail, now)?,
        Some(Change::Healed) => batch.close_incident(source.no, false, "it answers again", now)?,
        None => {}
    }
    match (move_of(&source.poll), move_of(after)) {
        (before, Some(to)) if before != Some(to) => {
            let detail = format!("it answers from {} for good", url::mask(to));
            batch.note_incident(source.no, IncidentKind::Moved, &detail, now)
        }
        (Some(_), None) => batch.close_incident(source.no, true, "it answers where it is listed", now),
        _ => Ok(()),
    }
}

/// Where the source says that it has moved for good, whether that is believed yet or not.
fn move_of(state: &PollState) -> Option<&str> {
    let moving = || state.moving.as_ref().map(|moving| moving.to.as_str());
    state.moved.as_ref().map(|moved| moved.to.as_str()).or_else(moving)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Failure, FailureKind, Freshness, Validators};

    #[test]
    fn incidents_follow_the_state_of_polling() {
        let now: Timestamp = "2026-01-10T12:00:00Z".parse().unwrap();
        let well = poll::start(now);
        let ill = PollState { problem: Some("404".to_owned()), failures: 1, ..well.clone() };
        let failure = Failure { kind: FailureKind::Status, status: Some(404), detail: "404".to_owned() };
        let failed = Outcome::Failed(failure);
        let unchanged =
            Outcome::Unchanged { validators: Validators::default(), freshness: Freshness::default(), moved_to: None };
        let throttled = Outcome::Throttled { status: 429, retry_after: None };
        let trouble = |kind| Some(Change::Trouble(kind, "404".to_owned()));
        let check = |outcome: &Outcome, before: &PollState, after: &PollState, expect| {
            assert_eq!(judge(outcome, before, after), expect);
        };
        check(&unchanged, &well, &well, None);
        check(&failed, &well, &ill, trouble(IncidentKind::Broken));
        check(&failed, &ill, &ill, trouble(IncidentKind::Broken));
        check(&throttled, &well, &ill, trouble(IncidentKind::Throttled));
        check(&Outcome::Refused(Refusal::Resting(now)), &well, &ill, trouble(IncidentKind::Throttled));
        check(&Outcome::Gone, &well, &PollState { gone: true, ..ill.clone() }, trouble(IncidentKind::Gone));
        let rests = PollState { next_check_at: poll::RESTS, ..ill.clone() };
        check(&failed, &ill, &rests, trouble(IncidentKind::Resting));
        check(&unchanged, &ill, &well, Some(Change::Healed));
    }
}
