//! What a step has to do: who leaves, who arrives, and who is tied otherwise than before.

use std::collections::BTreeSet;

use super::ties::{Named, read_ties};
use super::words::{Word, Words, leads_of, words};
use crate::cluster::open::{Open, Rules};
use crate::model::{Article, ArticleId, Via};
use crate::pipeline::intake;
use crate::similarity::Profile;
use crate::store::{ArticleRow, Batch, Result, RowNo};

/// An article that arrives in the window.
pub(super) struct Incoming {
    pub(super) row: ArticleRow,
    pub(super) article: Article,
    pub(super) profile: Profile,
    pub(super) word: Word,
    /// It stood nowhere yet, and nobody says anything of it: most are like that.
    pub(super) is_plain: bool,
}

/// An article that stays in the window, of which something else is said now.
pub(super) struct Retied {
    pub(super) row: ArticleRow,
    pub(super) word: Word,
}

/// What a step has to do.
pub(super) struct Gathered {
    /// Articles that nobody states any more.
    pub(super) gone: Vec<ArticleRow>,
    /// In the order of publication.
    pub(super) incoming: Vec<Incoming>,
    pub(super) retied: Vec<Retied>,
    /// Articles with the leads in whose stories they are listed but do not stand.
    pub(super) related: Vec<(RowNo, Vec<RowNo>)>,
}

/// Finds out what follows from `waiting`.
pub(super) fn gather(
    batch: &Batch<'_>,
    open: &Open,
    rules: &Rules,
    named: &Named,
    waiting: &[ArticleRow],
) -> Result<Gathered> {
    let (waiting, gone): (Vec<ArticleRow>, Vec<ArticleRow>) = waiting.iter().cloned().partition(|row| row.live);
    let mut spoken_of = BTreeSet::new();
    for row in &waiting {
        if row.tied.is_some() || named.joins(row.id) || named.parts(row.id) || batch.has_ties(row.no)? {
            spoken_of.insert(row.no);
        }
    }
    let mut gathered = Gathered { gone, incoming: Vec::new(), retied: Vec::new(), related: Vec::new() };
    let mut said = Words::default();
    if !spoken_of.is_empty() {
        let ties = read_ties(batch, named, &spoken_of)?;
        said = words(batch, rules, named, &ties)?;
        let arriving: BTreeSet<RowNo> = waiting.iter().map(|row| row.no).collect();
        let mut beside = Vec::new();
        for no in &ties.listed {
            let row = batch.article(*no)?;
            let leads = leads_of(batch, &said, row.id)?;
            if !leads.is_empty() || (arriving.contains(no) && row.story.is_some()) {
                gathered.related.push((*no, leads));
            }
            if row.placed.is_some() && !arriving.contains(no) {
                beside.push(row);
            }
        }
        bring_in(batch, open, &said, &waiting, beside, &mut gathered)?;
    }
    for row in waiting {
        let is_plain = row.story.is_none() && !spoken_of.contains(&row.no);
        gathered.incoming.push(incoming(batch, row, &said, is_plain)?);
    }
    gathered.incoming.sort_by_key(|one| (one.row.published, one.row.id));
    Ok(gathered)
}

/// Of the placed articles `beside` those that wait: who is tied otherwise now, and who has left the window and is
/// spoken of again, since others of its bundle arrive.
fn bring_in(
    batch: &Batch<'_>,
    open: &Open,
    said: &Words,
    waiting: &[ArticleRow],
    beside: Vec<ArticleRow>,
    gathered: &mut Gathered,
) -> Result<()> {
    let word_of = |row: &ArticleRow| said.of.get(&row.id).cloned().unwrap_or_default();
    let mut keys: BTreeSet<ArticleId> = waiting.iter().filter_map(|row| word_of(row).tied).collect();
    keys.extend(beside.iter().filter(|row| known_word(row) != word_of(row)).filter_map(|row| word_of(row).tied));
    for row in beside {
        let word = word_of(&row);
        let is_changed = known_word(&row) != word;
        if open.holds(row.id) {
            gathered.retied.extend(is_changed.then_some(Retied { row, word }));
        } else if is_changed || word.tied.is_some_and(|key| keys.contains(&key)) {
            gathered.incoming.push(incoming(batch, row, said, false)?);
        }
    }
    Ok(())
}

/// What was said of the article when it was last placed or tied.
fn known_word(row: &ArticleRow) -> Word {
    let via = row.via.clone().filter(|via| matches!(via, Via::Seed { .. } | Via::Override));
    Word { tied: row.tied, via }
}

fn incoming(batch: &Batch<'_>, row: ArticleRow, said: &Words, is_plain: bool) -> Result<Incoming> {
    let article = intake::stated(batch, &row)?;
    let profile = Profile::of(&article);
    let word = said.of.get(&row.id).cloned().unwrap_or_default();
    Ok(Incoming { row, article, profile, word, is_plain })
}
