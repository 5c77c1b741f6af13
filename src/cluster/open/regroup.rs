//! Regrouping: the components around what has changed are grouped anew.

use super::Open;
use super::marks::Marks;
use super::seat::{NEAREST, SeatNo};
use super::standing::Standing;
use crate::cluster::linkage::{Task, groups};
use crate::model::ArticleId;
use crate::similarity::likely;

/// Pairs below this are no link.
pub(super) const LEAST_LINK: f32 = 0.05;

/// A component beyond this many articles is taken apart at its weaker links, so that a step costs bounded time.
const LARGEST: usize = 4_096;

/// The links that hold a component which is too large.
const STRONG_LINK: f32 = 0.5;

impl Open {
    /// Scores and groups what was touched; returns the groups that have changed.
    pub(super) fn settle(&mut self) -> Vec<Vec<ArticleId>> {
        self.score_touched();
        let seeds = std::mem::take(&mut self.scored);
        let mut done = Marks::default();
        let mut changed = Vec::new();
        for seed in seeds.iter() {
            if done.contains(seed) || self.seat(seed).is_none() {
                continue;
            }
            for part in self.components(seed, &mut done) {
                self.regroup(&part, &mut changed);
            }
        }
        self.settled = self.count();
        changed.sort_unstable();
        let name = |no: SeatNo| self.seat(no).map(|seat| seat.id);
        changed.into_iter().map(|group| group.into_iter().filter_map(name).collect()).collect()
    }

    /// Whoever is linked to `seed`, over others too; in parts where that is too many.
    pub(super) fn components(&self, seed: SeatNo, done: &mut Marks) -> Vec<Vec<SeatNo>> {
        let whole = self.component(seed, LEAST_LINK, done);
        if whole.len() <= LARGEST {
            return vec![whole];
        }
        let mut seen = Marks::default();
        let mut parts = Vec::new();
        for no in whole {
            if !seen.contains(no) {
                parts.push(self.component(no, STRONG_LINK, &mut seen));
            }
        }
        parts
    }

    /// Whoever is linked to `seed` by at least `least`, over others too, in the order of arrival.
    fn component(&self, seed: SeatNo, least: f32, done: &mut Marks) -> Vec<SeatNo> {
        let mut found = vec![seed];
        let mut next = 0;
        done.insert(seed);
        while let Some(seat) = found.get(next).and_then(|no| self.seat(*no)) {
            next += 1;
            let linked = seat.edges.iter().filter(|edge| edge.link >= least).map(|edge| edge.to);
            let tied = seat.ties().filter_map(|tie| self.ties.get(&tie)).flatten().copied();
            for other in linked.chain(tied) {
                if done.insert(other) {
                    found.push(other);
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// Groups the articles of `component` and adds the groups that are new to `changed`.
    fn regroup(&mut self, component: &[SeatNo], changed: &mut Vec<Vec<SeatNo>>) {
        let Standing { together, apart, held } = self.standing(component);
        let moved = self.hold(component, &held);
        let task = Task { together, apart, ..self.task(component, self.threshold) };
        let found = if component.len() == 1 { vec![vec![0]] } else { groups(&task) };
        let seats = |group: Vec<u32>| -> Vec<SeatNo> {
            group.into_iter().filter_map(|place| component.get(place as usize).copied()).collect()
        };
        let found: Vec<Vec<SeatNo>> = found.into_iter().map(seats).collect();
        let is_known = |group: &Vec<SeatNo>| group.first().is_some_and(|first| self.groups.get(first) == Some(group));
        let has_moved = |group: &Vec<SeatNo>| !moved.is_empty() && group.iter().any(|no| moved.contains(no));
        // A lone article that is a group already may have just arrived: whoever was touched is told.
        let fresh: Vec<Vec<SeatNo>> =
            found.into_iter().filter(|group| !is_known(group) || self.is_new(group) || has_moved(group)).collect();
        for group in &fresh {
            for no in group {
                let Some(old) = self.seat(*no).map(|seat| seat.group) else { continue };
                // The rest of it may have been grouped anew under the same first seat already.
                if self.groups.get(&old).is_some_and(|members| members.binary_search(no).is_ok()) {
                    self.groups.remove(&old);
                }
            }
        }
        for group in fresh {
            self.seat_group(group.clone());
            changed.push(group);
        }
    }

    fn is_new(&self, group: &[SeatNo]) -> bool {
        group.last().is_some_and(|last| *last >= self.settled)
    }

    /// What the linkage is asked about `component`, but for what somebody said.
    pub(super) fn task(&self, component: &[SeatNo], threshold: f64) -> Task {
        let place = |no: SeatNo| component.binary_search(&no).ok().and_then(|place| u32::try_from(place).ok());
        let words = component.iter().filter_map(|no| self.seat(*no)?.article.words.first());
        let likely = words.map(|word| likely(word.flags)).fold(0.0, f64::max);
        let mut task =
            Task { articles: component.len(), threshold, likely, most_pairs: NEAREST / 2, ..Task::default() };
        for (number, no) in (0..).zip(component) {
            let Some(seat) = self.seat(*no) else { continue };
            for edge in seat.edges.iter().filter(|edge| edge.to > *no && edge.link >= LEAST_LINK) {
                task.links.extend(place(edge.to).map(|other| (number, other, edge.link)));
            }
        }
        task
    }
}
