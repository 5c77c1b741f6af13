//! Group: articles that wait become members of stories.
//!
//! Serial, so that grouping is deterministic: what waits is taken in the order of publication, whatever the order in
//! which it came. The open window is kept in memory and is rebuilt from the store at start; a step that fails drops
//! it, so that memory never knows more than the store. Of a story that nobody was told of yet nothing is kept but its
//! members, so that the size of a step decides no name.

mod gather;
mod ledger;
mod place;
mod recall;
mod ties;
mod why;
mod words;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::{StageResult, Wire};
use crate::cluster::open::{Open, Rules};
use crate::model::ArticleId;
use crate::store::{Result, RowNo, StoryRow, View};

use gather::gather;
use place::Placing;
use ties::Named;

/// What group needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct GroupRules {
    /// How the linker decides, and how much it remembers.
    pub window: Rules,
    /// The operator's `same:`: each a list of articles that stand together.
    pub same: Vec<Vec<ArticleId>>,
    /// The operator's `different:`: each a list of articles no two of which stand together.
    pub different: Vec<Vec<ArticleId>>,
}

/// The stage.
pub struct Group {
    wire: Wire,
    rules: GroupRules,
    memory: Mutex<Memory>,
}

/// What one process remembers between steps.
#[derive(Default)]
struct Memory {
    /// `None` until there is something to group.
    open: Option<Open>,
    /// The operator's overrides were compared with those of the last process.
    compared: bool,
}

impl Group {
    /// A stage with an empty memory.
    #[must_use]
    pub fn new(wire: Wire, rules: GroupRules) -> Self {
        Self { wire, rules, memory: Mutex::default() }
    }

    /// Puts the open window together, if that is still to be done: for a process that will stay, so that the first
    /// article that comes does not have to wait for it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn prepare(&self) -> Result<()> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.open.is_none() {
            memory.open = Some(self.wire.store.read(|view| recall::open(view, &self.rules.window))?);
        }
        Ok(())
    }

    /// Places at most `limit` waiting articles, and groups anew what that concerns.
    ///
    /// # Errors
    /// When the store fails.
    pub fn step(&self, limit: usize) -> StageResult {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if !memory.compared {
            self.compare_rules()?;
            memory.compared = true;
        }
        let waiting = self.wire.store.read(|view| view.waiting_articles(limit))?;
        if waiting.is_empty() {
            return Ok(0);
        }
        // Where nothing is linked nothing is remembered: somebody's word is all there is, and that is in the store.
        let mut open = match memory.open.take().filter(|_| !self.rules.window.is_closed()) {
            Some(open) => open,
            None => self.wire.store.read(|view| recall::open(view, &self.rules.window))?,
        };
        let taken = self.wire.store.write(|batch| {
            let named = Named::read(batch, &self.rules)?;
            let mut waiting = waiting;
            // Nobody leaves the window while a step is at work, so that whoever is tied to one of its articles is met
            // there: no more is taken than there is room for, together with those whom it brings along.
            waiting.truncate(open.room().max(1));
            loop {
                let gathered = gather(batch, &open, &self.rules.window, &named, &waiting)?;
                if gathered.incoming.len() <= open.room() || waiting.len() == 1 {
                    Placing::new(batch, &mut open, &named).run(gathered)?;
                    return Ok(waiting.len());
                }
                waiting.truncate(waiting.len() / 2);
            }
        })?;
        memory.open = Some(open);
        Ok(taken)
    }

    /// Articles that the operator names otherwise than before are grouped again.
    fn compare_rules(&self) -> Result<()> {
        let named = |rules: &Overrides| rules.iter().flatten().flatten().copied().collect::<BTreeSet<ArticleId>>();
        let now: Overrides = [self.rules.same.clone(), self.rules.different.clone()];
        let text = serde_json::to_string(&now).unwrap_or_default();
        self.wire.store.write(|batch| {
            let before = batch.meta("grouping_overrides")?;
            if before.as_deref().unwrap_or("[[],[]]") == text {
                return Ok(());
            }
            let before: Overrides = before.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            for id in &named(&before) | &named(&now) {
                if let Some(article) = batch.article_by_alias(id)? {
                    batch.queue_article(article)?;
                }
            }
            batch.set_meta("grouping_overrides", &text)
        })
    }
}

/// `same` and `different`.
type Overrides = [Vec<Vec<ArticleId>>; 2];

/// The story an article is in, at the end of all aliases.
fn story_of(view: &View<'_>, story: RowNo) -> Result<StoryRow> {
    view.final_story(view.story(story)?)
}
