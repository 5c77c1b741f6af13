//! Naming: which story ids the unit and whatever it leaves behind bear.
//!
//! The rules are those of `cluster::identity`; here they are fed from the store, and their answer is carried out.

use std::collections::{BTreeMap, BTreeSet};

use super::gather::Unit;
use super::place::Placing;
use crate::cluster::identity::{Naming, Old, Part, name};
use crate::model::{ArticleId, StoryId};
use crate::store::{ArticleRow, NewStory, Result, RowNo, StoryRow, StoryState};

/// A story that the unit comes from or goes to, with its members outside the unit.
struct Touched {
    story: StoryRow,
    others: Vec<ArticleRow>,
}

impl Placing<'_, '_> {
    /// Names the story of `unit`, which goes to `target` if there is one, and those of the members that it leaves.
    pub(super) fn name(&mut self, unit: &Unit, target: Option<RowNo>) -> Result<RowNo> {
        let touched = self.stories_touched(unit, target)?;
        let (joined, left): (Vec<&Touched>, Vec<&Touched>) =
            touched.iter().partition(|touched| Some(touched.story.no) == target);
        let left: Vec<&Touched> = left.into_iter().filter(|touched| !touched.others.is_empty()).collect();
        let mut parts = vec![part_of(unit, &touched, &joined)];
        parts.extend(left.iter().map(|left| part_left(left)));
        let old = touched.iter().map(|touched| self.old(&touched.story)).collect::<Result<Vec<_>>>()?;
        let is_taken = |row: &StoryRow| row.state != StoryState::Withdrawn;
        let taken = |id| self.batch.story_by_id(id).is_ok_and(|row| row.as_ref().is_some_and(is_taken));
        let naming = name(&parts, &old, taken);
        let rows = parts.iter().zip(&naming.ids).map(|(part, id)| self.story(*id, part.founder));
        let rows = rows.collect::<Result<Vec<RowNo>>>()?;
        // There is a row for each part, and the first part is the unit's.
        let own = rows.first().copied().unwrap_or_default();
        for (touched, row) in
            joined.iter().map(|joined| (*joined, own)).chain(left.into_iter().zip(rows.into_iter().skip(1)))
        {
            self.rename(touched, row)?;
            self.touched.insert(row);
        }
        self.alias(&naming)?;
        Ok(own)
    }

    fn stories_touched(&self, unit: &Unit, target: Option<RowNo>) -> Result<Vec<Touched>> {
        let own: BTreeSet<RowNo> = unit.members.iter().map(|member| member.row.no).collect();
        let claimed = unit.members.iter().flat_map(|member| member.claims.iter().copied());
        let stories: BTreeSet<RowNo> = claimed.chain(target).collect();
        let touch = |no: RowNo| {
            let others = self.batch.members(no)?.into_iter().filter(|row| !own.contains(&row.no)).collect();
            Ok(Touched { story: self.batch.story(no)?, others })
        };
        stories.into_iter().map(touch).collect()
    }

    fn old(&self, story: &StoryRow) -> Result<Old> {
        let seed_lead = self.batch.seed_texts(story.no)?.into_iter().find_map(|seed| seed.lead);
        let born = u64::try_from(story.no).unwrap_or(0);
        Ok(Old { id: story.id, born, founder: story.founder, seed_lead, outside: Vec::new() })
    }

    /// The row of the story called `id`, made if need be.
    fn story(&self, id: StoryId, founder: ArticleId) -> Result<RowNo> {
        match self.batch.story_by_id(id)? {
            Some(row) => {
                self.batch.revive_story(row.no)?;
                Ok(row.no)
            }
            None => self.batch.make_story(NewStory { id, founder }),
        }
    }

    /// The members of a touched story outside the unit belong to the story in row `to` now.
    fn rename(&mut self, touched: &Touched, to: RowNo) -> Result<()> {
        if touched.story.no == to {
            return Ok(());
        }
        for row in &touched.others {
            self.batch.rename_story_of(row.no, to)?;
        }
        self.window.rename(touched.story.id, self.batch.story_id(to)?);
        Ok(())
    }

    fn alias(&self, naming: &Naming) -> Result<()> {
        for (loser, winner) in &naming.aliases {
            if let (Some(loser), Some(winner)) = (self.batch.story_by_id(*loser)?, self.batch.story_by_id(*winner)?) {
                self.batch.alias_story(loser.no, winner.no)?;
            }
        }
        Ok(())
    }
}

/// The unit, with the members of the story that it joins.
fn part_of(unit: &Unit, touched: &[Touched], joined: &[&Touched]) -> Part {
    let ids: BTreeMap<RowNo, StoryId> = touched.iter().map(|touched| (touched.story.no, touched.story.id)).collect();
    let mut articles = Vec::new();
    for member in &unit.members {
        let claims: Vec<StoryId> = member.claims.iter().filter_map(|no| ids.get(no).copied()).collect();
        articles.extend(claims.iter().map(|story| (member.row.id, Some(*story))));
        articles.extend(claims.is_empty().then_some((member.row.id, None)));
    }
    for touched in joined {
        articles.extend(touched.others.iter().map(|row| (row.id, Some(touched.story.id))));
    }
    let founder = unit.members.first().map_or_else(|| ArticleId::of(""), |lead| lead.row.id);
    Part { articles, founder }
}

/// What the unit leaves behind in a story.
fn part_left(left: &Touched) -> Part {
    let earliest = left.others.iter().min_by_key(|row| (row.published, row.id));
    Part {
        articles: left.others.iter().map(|row| (row.id, Some(left.story.id))).collect(),
        founder: earliest.map_or(left.story.founder, |row| row.id),
    }
}
