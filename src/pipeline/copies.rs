//! Copies: who repeats whom in a story, noted whenever its articles or what their pages call canonical changed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::intake;
use crate::cluster::copy::{Text, copies};
use crate::similarity::Profile;
use crate::store::{Batch, Result, RowNo};

/// Larger stories are not searched: the work grows with the square.
const LARGEST: usize = 300;

/// Notes who repeats whom in `story` now. `profiles` are those at hand; the others are made and added.
///
/// # Errors
/// When the store fails.
pub(super) fn note(batch: &Batch<'_>, story: RowNo, profiles: &mut BTreeMap<RowNo, Profile>) -> Result<()> {
    let rows = batch.members(story)?;
    if rows.len() > LARGEST {
        return Ok(());
    }
    for row in &rows {
        if rows.len() > 1
            && let Entry::Vacant(vacant) = profiles.entry(row.no)
        {
            vacant.insert(Profile::of(&intake::stated(batch, row)?));
        }
    }
    let texts: Vec<Text<'_>> = rows.iter().filter_map(|row| profiles.get(&row.no)).map(Text::from).collect();
    let copies = copies(&texts);
    for row in &rows {
        let copy_of = copies.get(&row.id).copied();
        if copy_of != row.copy_of {
            batch.note_copy(row.no, copy_of)?;
        }
    }
    Ok(())
}
