//! Group: articles that wait become members of stories.
//!
//! Serial, so that grouping is deterministic: what waits is taken in the order of publication, whatever the order in
//! which it came. The open window is kept in memory and is rebuilt from the store at start; a step that fails drops
//! it, so that memory never knows more than the store.

mod gather;
mod place;

use std::sync::{Mutex, PoisonError};

use super::{StageResult, Wire, intake};
use crate::cluster::{self, Window};
use crate::model::ArticleId;
use crate::similarity::Profile;
use crate::store::{Result, RowNo, StoryRow, View};

use gather::gather;
use place::Placing;

/// What group needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct GroupRules {
    /// How the linker decides, and how much it remembers.
    pub window: cluster::Rules,
    /// The operator's `same:`: each a list of articles that stand together.
    pub same: Vec<Vec<ArticleId>>,
    /// The operator's `different:`: each a list of articles no two of which stand together.
    pub different: Vec<Vec<ArticleId>>,
}

/// The stage.
pub struct Group {
    wire: Wire,
    rules: GroupRules,
    /// `None` until there is something to group.
    window: Mutex<Option<Window>>,
}

impl Group {
    /// A stage with an empty memory.
    #[must_use]
    pub fn new(wire: Wire, rules: GroupRules) -> Self {
        Self { wire, rules, window: Mutex::default() }
    }

    /// Puts the open window together, if that is still to be done: for a process that will stay, so that the first
    /// article that comes does not have to wait for it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn prepare(&self) -> Result<()> {
        let mut held = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            *held = Some(self.wire.store.read(|view| rebuild(view, &self.rules))?);
        }
        Ok(())
    }

    /// Places at most `limit` waiting articles, and those that stand with them by a seed's word.
    ///
    /// # Errors
    /// When the store fails.
    pub fn step(&self, limit: usize) -> StageResult {
        let mut held = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = self.wire.store.read(|view| view.waiting_articles(limit))?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let mut window = match held.take() {
            Some(window) => window,
            None => self.wire.store.read(|view| rebuild(view, &self.rules))?,
        };
        self.wire.store.write(|batch| {
            let gathered = gather(batch, &mut window, &self.rules, &waiting)?;
            Placing { batch, window: &mut window, rules: &self.rules }.run(gathered)
        })?;
        *held = Some(window);
        Ok(waiting.len())
    }
}

/// The window as it was after the last article was placed.
fn rebuild(view: &View<'_>, rules: &GroupRules) -> Result<Window> {
    let mut window = Window::new(rules.window.clone());
    for no in view.last_placed(rules.window.max_articles)? {
        let row = view.article(no)?;
        if let Some(story) = row.story {
            window.put(&Profile::of(&intake::article(view, &row)?), view.story_id(story)?);
        }
    }
    Ok(window)
}

/// The story an article is in, at the end of all aliases.
fn story_of(view: &View<'_>, story: RowNo) -> Result<StoryRow> {
    view.final_story(view.story(story)?)
}
