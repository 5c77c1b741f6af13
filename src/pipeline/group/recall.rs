//! Recall: the open window as it was after the last step, put together from the store; and what is kept for that.

use std::collections::BTreeMap;

use crate::cluster::open::{Arrival, Arrived, Open, Rules};
use crate::model::ArticleId;
use crate::pipeline::intake;
use crate::similarity::{Profile, Term};
use crate::store::{ArrivalRow, Batch, Result, RowNo, View};

/// Bytes of a packed term: its hash and its flags.
const TERM: usize = 5;

/// Under which the store keeps what the window was last told of who is different: not what the operator says now, nor of
/// whom the store knows by now.
const DIFFERENT: &str = "grouping_different";

/// The window as the store tells it.
pub(super) fn open(view: &View<'_>, rules: &Rules) -> Result<Open> {
    let count = view.placings()?;
    if rules.is_closed() {
        return Ok(Open::after(rules.clone(), count));
    }
    let gone = view.departures()?.into_iter().map(|number| (number, None));
    let placed = view.placed_from(Open::needed_from(count, rules.max_articles))?;
    let came: BTreeMap<u32, Option<RowNo>> = gone.chain(placed.into_iter().map(|(no, row)| (no, Some(row)))).collect();
    let mut failed = None;
    // Told one at a time, since a full window is large.
    let arrived = came
        .into_iter()
        .map_while(|(number, row)| arrived(view, number, row).map_err(|error| failed = Some(error)).ok());
    let different = different(view)?;
    let closings = closings(view, &different)?;
    let open = Open::resume(rules.clone(), count, arrived.flatten(), &different, &closings);
    failed.map_or(Ok(open), Err)
}

/// Who arrived as `number`, as it was then, and stands in `row` if it is still there. Where the window was closed or
/// smaller then, nothing was kept but what the article says now.
fn arrived(view: &View<'_>, number: u32, row: Option<RowNo>) -> Result<Option<Arrived>> {
    let known = view.arrival(number)?.map(|known| unpacked(&known));
    let Some(row) = row.map(|no| view.article(no)).transpose()? else { return Ok(known) };
    let said = || -> Result<Arrived> {
        let profile = Profile::of(&intake::stated(view, &row)?);
        Ok(Arrived::of(number, &Arrival::of(profile)))
    };
    let known = match known {
        None if row.live => Some(said()?),
        known => known,
    };
    Ok(known.map(|known| Arrived { tied: row.tied, closed: row.closed, ..known }))
}

/// Who was different, by what the window was last told.
fn different(view: &View<'_>) -> Result<Vec<Vec<ArticleId>>> {
    let text = view.meta(DIFFERENT)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// By which closings those of `lists` are bound.
fn closings(view: &View<'_>, lists: &[Vec<ArticleId>]) -> Result<BTreeMap<ArticleId, ArticleId>> {
    let mut closings = BTreeMap::new();
    for id in lists.iter().flatten() {
        closings.extend(view.article_by_id(*id)?.closed.map(|closing| (*id, closing)));
    }
    Ok(closings)
}

/// Notes what the window is told of who is different.
pub(super) fn note_different(batch: &Batch<'_>, lists: &[Vec<ArticleId>]) -> Result<()> {
    let text = serde_json::to_string(lists).unwrap_or_default();
    if batch.meta(DIFFERENT)?.as_deref().unwrap_or("[]") == text {
        return Ok(());
    }
    batch.set_meta(DIFFERENT, &text)
}

/// Notes who arrives, so that the window can be put together anew.
pub(super) fn note_arrival(batch: &Batch<'_>, number: u32, arrival: &Arrival) -> Result<()> {
    batch.note_arrival(&packed(&Arrived::of(number, arrival)))
}

/// Notes who has left out of turn, and forgets who is not needed any more.
pub(super) fn note_departures(batch: &Batch<'_>, open: &mut Open) -> Result<()> {
    for one in open.departures() {
        batch.note_arrival(&packed(&one))?;
    }
    batch.forget_arrivals(open.first(), open.needed_since())
}

fn packed(one: &Arrived) -> ArrivalRow {
    let bytes = |term: &Term| {
        let [a, b, c, d] = term.hash.to_le_bytes();
        [a, b, c, d, term.flags]
    };
    let terms = one.terms.iter().flat_map(bytes).collect();
    ArrivalRow { number: one.number, id: one.id, published_s: one.published_s, terms, gone_at: one.gone_at }
}

fn unpacked(row: &ArrivalRow) -> Arrived {
    let term = |bytes: &[u8]| match bytes {
        [a, b, c, d, flags] => Some(Term { hash: u32::from_le_bytes([*a, *b, *c, *d]), flags: *flags }),
        _ => None,
    };
    let terms = row.terms.chunks_exact(TERM).filter_map(term).collect();
    let ArrivalRow { number, id, published_s, gone_at, .. } = *row;
    Arrived { number, id, published_s, terms, gone_at, tied: None, closed: None }
}
