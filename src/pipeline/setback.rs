//! A clock that was set back: what was planned by the wrong clock is planned anew.
//!
//! A machine whose clock ran ahead has noted requests that lie in the future, and plans that count from them: left
//! alone, a source would not be asked until the clock has come there again. That a host was asked later than now is
//! the sign. Every wait then counts from now: it is kept in full, so no promise to a server is shortened.

use std::time::Duration;

use super::{StageError, Wire};
use crate::schedule::{poll, visit};

/// Clocks are corrected by seconds all the time, and that is no reason to plan anew.
const SLACK: Duration = Duration::from_mins(2);

/// Plans anew if the clock was set back; says how far, if it was.
///
/// # Errors
/// When the store fails.
pub fn settle(wire: &Wire) -> Result<Option<Duration>, StageError> {
    let now = wire.clock.now();
    let by = wire.store.read(|view| view.last_request_at())?.and_then(|last| (last - now).try_into().ok());
    let Some(by) = by.and_then(|by: jiff::SignedDuration| Duration::try_from(by).ok()).filter(|by| *by > SLACK) else {
        return Ok(None);
    };
    wire.store.write(|batch| {
        for (source, state) in batch.sources_planned_after(now)? {
            batch.note_poll(source, &poll::set_back(&state, now))?;
        }
        for (article, state) in batch.pages_planned_after(now)? {
            batch.note_visit(article, &visit::set_back(&state, now))?;
        }
        batch.set_back(now)
    })?;
    Ok(Some(by))
}
