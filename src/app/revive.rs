//! Revival: the operator has a source asked that rests, or that fails and waits long.
//!
//! It never breaks a floor between two polls or a server's `Retry-After`: what is not allowed now is refused with the
//! reason. It only writes the store, so a running daemon sees it when it next looks for what is due.

use std::fmt;

use jiff::Timestamp;

use super::{AppError, Home, settings};
use crate::config::Config;
use crate::model::IncidentKind;
use crate::schedule::poll;
use crate::store::SourceRow;
use crate::url;

/// What came of it. Addresses are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revived {
    /// It is asked at the first poll after that.
    Asked {
        /// The source.
        url: String,
        /// When.
        at: Timestamp,
    },
    /// It is well, and asked when it is due.
    Well {
        /// The source.
        url: String,
        /// When it is due.
        at: Timestamp,
    },
    /// Its server has asked to be left alone.
    Throttled {
        /// The source.
        url: String,
        /// Until then.
        at: Timestamp,
    },
    /// No source is listed under that address.
    Unknown,
    /// The masked address fits several sources.
    Several,
}

impl fmt::Display for Revived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked { url, at } => write!(f, "{url} is asked again at {at:.0}"),
            Self::Well { url, at } => {
                write!(f, "{url} is well, so there is nothing to revive; its next poll is at {at:.0}")
            }
            Self::Throttled { url, at } => {
                write!(f, "the server of {url} has asked to be left alone; its next poll is at {at:.0}")
            }
            Self::Unknown => f.write_str("no source is listed under this address: see `newswire status`"),
            Self::Several => f.write_str("several sources look like this: give the whole address, as it is listed"),
        }
    }
}

/// Revives the source that is listed as `what`, or shown so with its tokens masked.
///
/// # Errors
/// When the store fails.
pub fn revive(home: &Home, config: &Config, what: &str) -> Result<Revived, AppError> {
    let now = home.wire.clock.now();
    let rules = settings::poll(config).polls;
    Ok(home.wire.store.write(|batch| {
        let row = match find(batch.sources()?, what) {
            Ok(row) => row,
            Err(why) => return Ok(why),
        };
        let url = url::mask(&row.source.url);
        let (state, rests) = (&row.poll, poll::rests(&row.poll));
        if state.problem.is_none() {
            return Ok(Revived::Well { url, at: state.next_check_at });
        }
        if !rests && batch.open_incident(row.no)? == Some(IncidentKind::Throttled) {
            return Ok(Revived::Throttled { url, at: state.next_check_at });
        }
        let mut revived = poll::revive(state, now, poll::floor_s(state, &rules));
        if !rests {
            // Reviving must not put it off, either.
            revived.next_check_at = revived.next_check_at.min(state.next_check_at);
        }
        batch.note_poll(row.no, &revived)?;
        Ok(Revived::Asked { url, at: revived.next_check_at })
    })?)
}

fn find(sources: Vec<SourceRow>, what: &str) -> Result<SourceRow, Revived> {
    let listed: Vec<SourceRow> = sources.into_iter().filter(|row| row.listed).collect();
    if let Some(exact) = listed.iter().find(|row| row.source.url == what) {
        return Ok(exact.clone());
    }
    let mut alike = listed.into_iter().filter(|row| url::mask(&row.source.url) == what);
    match (alike.next(), alike.next()) {
        (Some(row), None) => Ok(row),
        (Some(_), Some(_)) => Err(Revived::Several),
        _ => Err(Revived::Unknown),
    }
}
