//! `Stream`: the open window with names for its groups, in memory.
//!
//! In come steps of articles, out goes the story of each: what `pipeline::group` does with the store, for `cluster`,
//! `backtest` and tests. Names follow [`super::identity`]. Holds an id for each article it ever saw.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{Naming, Old, Part, name};
use super::open::{Arrival, Open, Rules};
use crate::model::{ArticleId, StoryId};

/// A story as it is known.
#[derive(Debug, Clone)]
struct Known {
    born: u64,
    founder: ArticleId,
    members: BTreeSet<ArticleId>,
}

/// Articles and the stories that they are in.
#[derive(Debug)]
pub struct Stream {
    open: Open,
    stories: BTreeMap<StoryId, Known>,
    story_of: BTreeMap<ArticleId, StoryId>,
    aliases: BTreeMap<StoryId, StoryId>,
    born: u64,
}

impl Stream {
    /// A stream that has seen nothing.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            open: Open::new(rules),
            stories: BTreeMap::new(),
            story_of: BTreeMap::new(),
            aliases: BTreeMap::new(),
            born: 0,
        }
    }

    /// The open window.
    #[must_use]
    pub fn open(&self) -> &Open {
        &self.open
    }

    /// The same stream with a window that was put together anew, as after a restart, from `arrivals`: all that were
    /// taken in so far, in the order in which they were.
    #[must_use]
    pub fn restarted(self, rules: Rules, arrivals: impl IntoIterator<Item = Arrival>) -> Self {
        let held = rules.max_articles;
        let mut arrivals: Vec<Arrival> = arrivals.into_iter().collect();
        let first = Open::needed_from(self.open.count(), held) as usize;
        arrivals.drain(..first.min(arrivals.len()));
        let known: BTreeSet<ArticleId> = arrivals.iter().map(|arrival| arrival.profile.id).collect();
        for arrival in &mut arrivals {
            let story = self.story_of.get(&arrival.profile.id).and_then(|story| self.stories.get(story));
            arrival.closed = story.filter(|story| !story.members.is_subset(&known)).map(|story| story.founder);
        }
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        Self { open: Open::resume(rules, first, arrivals), ..self }
    }

    /// How many stories there are.
    #[must_use]
    pub fn stories(&self) -> usize {
        self.stories.len()
    }

    /// The story that `article` is in now.
    #[must_use]
    pub fn story_of(&self, article: ArticleId) -> Option<StoryId> {
        self.story_of.get(&article).copied()
    }

    /// Where the address of a merged story leads now, at the end of all merges.
    #[must_use]
    pub fn successor(&self, mut story: StoryId) -> StoryId {
        // Ends: an alias leads to an older story.
        while let Some(next) = self.aliases.get(&story) {
            story = *next;
        }
        story
    }

    /// Takes one step; one that is larger than the window is taken in parts.
    pub fn step(&mut self, mut arrivals: Vec<Arrival>, gone: &[ArticleId]) {
        arrivals.sort_by_key(|arrival| (arrival.profile.published_s, arrival.profile.id));
        for id in gone {
            self.forget(*id);
        }
        let most = self.open.most().max(1);
        let mut gone = gone;
        loop {
            let rest = arrivals.split_off(arrivals.len().min(most));
            self.take(arrivals, gone);
            if rest.is_empty() {
                return;
            }
            (arrivals, gone) = (rest, &[]);
        }
    }

    fn take(&mut self, arrivals: Vec<Arrival>, gone: &[ArticleId]) {
        let groups = self.open.step(arrivals, gone);
        let parts = self.parts(groups);
        let ids: BTreeSet<StoryId> =
            parts.iter().flat_map(|part| part.articles.iter().filter_map(|(_, story)| *story)).collect();
        let moved: BTreeSet<ArticleId> =
            parts.iter().flat_map(|part| part.articles.iter().map(|(id, _)| *id)).collect();
        let old = ids.iter().filter_map(|id| {
            let story = self.stories.get(id)?;
            let outside = story.members.difference(&moved).copied().collect();
            Some(Old { id: *id, born: story.born, founder: story.founder, seed_lead: None, outside })
        });
        let old: Vec<Old> = old.collect();
        let naming = name(&parts, &old, |id| self.stories.contains_key(&id) || self.aliases.contains_key(&id));
        self.carry_out(&parts, &naming);
    }

    /// The changed groups as parts, together with what their stories hold outside the window: that stays with the
    /// articles of its story, which the window never parts.
    fn parts(&self, groups: Vec<Vec<ArticleId>>) -> Vec<Part> {
        let moved: BTreeSet<ArticleId> = groups.iter().flatten().copied().collect();
        let mut given = BTreeSet::new();
        let part = |group: Vec<ArticleId>| {
            let founder = group.first().copied()?;
            let mut articles = Vec::new();
            for id in &group {
                let story = self.story_of(*id);
                articles.push((*id, story));
                let Some(known) = story.filter(|story| given.insert(*story)).and_then(|story| self.stories.get(&story))
                else {
                    continue;
                };
                let outside = known.members.difference(&moved).filter(|id| self.open.group_of(**id).is_empty());
                articles.extend(outside.map(|id| (*id, story)));
            }
            Some(Part { articles, founder })
        };
        groups.into_iter().filter_map(part).collect()
    }

    fn carry_out(&mut self, parts: &[Part], naming: &Naming) {
        for (id, _) in parts.iter().flat_map(|part| &part.articles) {
            if let Some(story) = self.story_of.get(id).and_then(|story| self.stories.get_mut(story)) {
                story.members.remove(id);
            }
        }
        for (part, id) in parts.iter().zip(&naming.ids) {
            self.aliases.remove(id);
            let born = &mut self.born;
            let story = self.stories.entry(*id).or_insert_with(|| {
                *born += 1;
                Known { born: *born, founder: part.founder, members: BTreeSet::new() }
            });
            for (article, _) in &part.articles {
                story.members.insert(*article);
                self.story_of.insert(*article, *id);
            }
        }
        for (from, to) in &naming.aliases {
            self.aliases.insert(*from, *to);
        }
        for id in naming.aliases.iter().map(|(from, _)| from).chain(&naming.withdrawn) {
            self.stories.remove(id);
        }
    }

    fn forget(&mut self, article: ArticleId) {
        let Some(id) = self.story_of.remove(&article) else { return };
        if let Some(story) = self.stories.get_mut(&id) {
            story.members.remove(&article);
            if story.members.is_empty() {
                self.stories.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cluster::line;
    use crate::similarity::Profile;

    /// Articles of a few subjects with words in common, an hour apart.
    fn arrivals(words: &[(u8, u8, u8)]) -> Vec<Arrival> {
        let arrival = |(number, (subject, other, hour)): (usize, &(u8, u8, u8))| {
            let text = format!(
                r#"{{"id":"{number}","title":"Ferry{subject} strike{subject} harbour{subject} crew{other}",
                "excerpt":"Talks{subject} about night{other} pay","published":"2024-05-06T{:02}:00:00Z"}}"#,
                hour % 24
            );
            Arrival::of(Profile::of(&line::read(&text).unwrap().article))
        };
        words.iter().enumerate().map(arrival).collect()
    }

    fn rules(max_articles: usize) -> Rules {
        Rules { max_articles, ..Rules::default() }
    }

    fn stories(stream: &Stream, arrivals: &[Arrival]) -> Vec<Option<StoryId>> {
        arrivals.iter().map(|arrival| stream.story_of(arrival.profile.id)).collect()
    }

    proptest! {
        #[test]
        fn streams_lose_nothing_and_do_not_depend_on_order(
            words in prop::collection::vec((0u8..6, 0u8..6, any::<u8>()), 1..60),
            size in 1usize..20,
        ) {
            let arrivals = arrivals(&words);
            let (mut one, mut other) = (Stream::new(rules(1_000)), Stream::new(rules(1_000)));
            for step in arrivals.chunks(size) {
                one.step(step.to_vec(), &[]);
                other.step(step.iter().rev().cloned().collect(), &[]);
            }
            prop_assert_eq!(stories(&one, &arrivals), stories(&other, &arrivals));
            prop_assert!(stories(&one, &arrivals).iter().all(Option::is_some));
            let members: usize = one.stories.values().map(|story| story.members.len()).sum();
            prop_assert_eq!(members, arrivals.len());
        }

        #[test]
        fn somebodys_word_is_kept(
            words in prop::collection::vec((0u8..3, 0u8..3, any::<u8>()), 4..40),
            max in 3usize..60,
        ) {
            let mut arrivals = arrivals(&words);
            let id = |place: usize| ArticleId::of(&place.to_string());
            arrivals[0].tied = Some(id(0));
            arrivals[1].tied = Some(id(0));
            let mut stream = Stream::new(rules(max));
            stream.open.set_apart(&[vec![id(2), id(3)]]);
            stream.step(arrivals.clone(), &[]);
            prop_assert_eq!(stream.open.len(), arrivals.len().min(max));
            if max >= arrivals.len() {
                prop_assert_eq!(stream.story_of(id(0)), stream.story_of(id(1)));
                prop_assert_ne!(stream.story_of(id(2)), stream.story_of(id(3)));
            }
        }

        #[test]
        fn a_restart_changes_nothing(words in prop::collection::vec((0u8..6, 0u8..6, 0u8..1), 2..80), cut in 1usize..79) {
            let arrivals = arrivals(&words);
            let mut sorted = arrivals.clone();
            sorted.sort_by_key(|arrival| (arrival.profile.published_s, arrival.profile.id));
            let (before, after) = sorted.split_at(cut.min(sorted.len()));
            let (mut one, mut other) = (Stream::new(rules(1_000)), Stream::new(rules(1_000)));
            one.step(before.to_vec(), &[]);
            other.step(before.to_vec(), &[]);
            let mut other = other.restarted(rules(1_000), before.to_vec());
            one.step(after.to_vec(), &[]);
            other.step(after.to_vec(), &[]);
            prop_assert_eq!(stories(&one, &sorted), stories(&other, &sorted));
        }
    }

    #[test]
    fn hostile_streams_end() {
        let line = |number: usize, title: &str, published: &str| {
            let text = serde_json::json!({ "id": number, "title": title, "published": published });
            Arrival::of(Profile::of(&line::read(&text.to_string()).unwrap().article))
        };
        let mut stream = Stream::new(rules(1_000));
        let long = "word ".repeat(20_000);
        let mut arrivals: Vec<Arrival> =
            (0..2_000).map(|n| line(n, "Oil prices fall again", "1970-01-01T00:00:00Z")).collect();
        arrivals.extend((2_000..2_100).map(|n| line(n, "", "2099-01-01T00:00:00Z")));
        arrivals.extend((2_100..2_200).map(|n| line(n, "NVDA", "2099-01-01T00:00:00Z")));
        arrivals.extend((0..50).map(|_| line(7, "The same article again", "2024-05-06T08:00:00Z")));
        arrivals.push(line(9_999, &long, "2024-05-06T08:00:00Z"));
        stream.step(arrivals.clone(), &[]);
        assert!(arrivals.iter().all(|arrival| stream.story_of(arrival.profile.id).is_some()));
        let empty: BTreeSet<_> = (2_000..2_100).map(|n| stream.story_of(ArticleId::of(&n.to_string()))).collect();
        assert_eq!(empty.len(), 100, "nothing said is nothing in common");
    }
}
