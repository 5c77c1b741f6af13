//! Recall: the open window as it was after the last step, put together from the store; and who left it out of turn.

use crate::cluster::open::{Arrival, Departed, Open, Rules};
use crate::pipeline::intake;
use crate::similarity::{Profile, Term};
use crate::store::{Batch, DepartedRow, Result, RowNo, View};

/// Bytes of a packed term: its hash and its flags.
const TERM: usize = 5;

/// The window as the store tells it.
pub(super) fn open(view: &View<'_>, rules: &Rules) -> Result<Open> {
    let count = view.placings()?;
    if rules.is_closed() {
        return Ok(Open::after(rules.clone(), count));
    }
    let departed: Vec<Departed> = view.departed()?.iter().map(unpacked).collect();
    let mut failed = None;
    let rows = view.placed_from(Open::needed_from(count, rules.max_articles))?;
    // Told one at a time: the texts of a full window are larger than the window.
    let arrivals = rows.into_iter().map_while(|no| match arrival(view, no) {
        Ok(arrival) => Some(arrival),
        Err(error) => {
            failed = Some(error);
            None
        }
    });
    let open = Open::resume(rules.clone(), count, arrivals, &departed);
    failed.map_or(Ok(open), Err)
}

fn arrival(view: &View<'_>, no: RowNo) -> Result<(u32, Arrival)> {
    let row = view.article(no)?;
    let profile = Profile::of(&intake::stated(view, &row)?);
    Ok((row.placed.unwrap_or_default(), Arrival { profile, tied: row.tied, closed: row.closed }))
}

/// Notes who has left out of turn, and forgets those who are not needed any more.
pub(super) fn note_departures(batch: &Batch<'_>, open: &mut Open) -> Result<()> {
    for one in open.departures() {
        batch.note_departed(&packed(&one))?;
    }
    batch.forget_departed(|at| open.is_departure_needed(at))
}

fn packed(one: &Departed) -> DepartedRow {
    let bytes = |term: &Term| {
        let [a, b, c, d] = term.hash.to_le_bytes();
        [a, b, c, d, term.flags]
    };
    let terms = one.terms.iter().flat_map(bytes).collect();
    DepartedRow { number: one.number, id: one.id, at: one.at, published_s: one.published_s, terms }
}

fn unpacked(row: &DepartedRow) -> Departed {
    let term = |bytes: &[u8]| match bytes {
        [a, b, c, d, flags] => Some(Term { hash: u32::from_le_bytes([*a, *b, *c, *d]), flags: *flags }),
        _ => None,
    };
    let terms = row.terms.chunks_exact(TERM).filter_map(term).collect();
    Departed { id: row.id, number: row.number, at: row.at, published_s: row.published_s, terms }
}
