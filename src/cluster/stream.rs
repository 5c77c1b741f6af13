//! `Stream`: the open window with names for its groups, in memory.
//!
//! In come steps of articles, out goes the story of each: what `pipeline::group` does with the store, for `cluster`,
//! `backtest` and tests. Names follow [`super::identity`]. Holds an id for each article it ever saw.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use super::identity::Old;
use super::open::{Arrival, Arrived, Bound, Open, Rules};
use super::settle::{Ledger, Settled, rebound, settle};
use crate::model::{ArticleId, StoryId};

/// A story as it is known.
#[derive(Debug, Clone)]
struct Known {
    born: u64,
    founder: ArticleId,
    members: BTreeSet<ArticleId>,
}

/// What is known of articles and stories. Every story counts as told: a step is a release.
#[derive(Debug, Default)]
struct Book {
    stories: BTreeMap<StoryId, Known>,
    story_of: BTreeMap<ArticleId, StoryId>,
    aliases: BTreeMap<StoryId, StoryId>,
    born: u64,
    closing_of: BTreeMap<ArticleId, ArticleId>,
    bound_by: BTreeMap<ArticleId, BTreeSet<ArticleId>>,
}

/// Articles and the stories that they are in.
#[derive(Debug)]
pub struct Stream {
    open: Open,
    book: Book,
    /// Who left out of turn, as long as that is needed.
    departed: Vec<Arrived>,
    /// The operator's `different:`.
    different: Vec<Vec<ArticleId>>,
}

impl Stream {
    /// A stream that has seen nothing.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self { open: Open::new(rules), book: Book::default(), departed: Vec::new(), different: Vec::new() }
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
        let mut last: BTreeMap<ArticleId, Arrived> = BTreeMap::new();
        for (number, mut arrival) in (0..).zip(arrivals) {
            arrival.closed = self.book.closing_of.get(&arrival.profile.id).copied();
            last.insert(arrival.profile.id, Arrived::of(number, &arrival));
        }
        last.retain(|id, _| self.story_of(*id).is_some());
        let mut arrived: Vec<Arrived> = last.into_values().chain(self.departed.iter().cloned()).collect();
        arrived.sort_by_key(|one| one.number);
        let (count, closings) = (self.open.count(), &self.book.closing_of);
        Self { open: Open::resume(rules, count, arrived, self.open.different(), closings), ..self }
    }

    /// The operator's `different:` from the next step on: no two articles of a list stand together.
    pub fn set_apart(&mut self, lists: Vec<Vec<ArticleId>>) {
        self.different = lists;
    }

    /// How many stories there are.
    #[must_use]
    pub fn stories(&self) -> usize {
        self.book.stories.len()
    }

    /// The story that `article` is in now.
    #[must_use]
    pub fn story_of(&self, article: ArticleId) -> Option<StoryId> {
        self.book.story_of.get(&article).copied()
    }

    /// Takes one step; the order of `arrivals` does not matter.
    pub fn step(&mut self, mut arrivals: Vec<Arrival>, gone: &[ArticleId]) {
        arrivals.sort_by_key(|arrival| (arrival.profile.published_s, arrival.profile.id));
        self.open.set_apart(&self.different, &self.book.closing_of);
        for id in gone {
            self.book.forget(*id);
        }
        let mut gone = gone;
        loop {
            let rest = arrivals.split_off(arrivals.len().min(self.open.room()));
            for (number, arrival) in (self.open.count()..).zip(&mut arrivals) {
                let Ok(bound) = rebound(&self.book, &mut self.open, arrival.profile.id, number);
                arrival.closed = bound.map(|bound| self.book.bind(&bound));
            }
            let groups = self.open.step(arrivals, gone);
            self.settle(groups);
            while self.open.room() == 0 {
                let (bound, groups) = self.open.close();
                for bound in &bound {
                    self.book.bind(bound);
                }
                self.settle(groups);
            }
            if rest.is_empty() {
                break;
            }
            (arrivals, gone) = (rest, &[]);
        }
        self.departed.extend(self.open.departures());
        self.departed.retain(|one| one.gone_at >= Some(self.open.needed_since()));
    }

    fn settle(&mut self, groups: Vec<Vec<ArticleId>>) {
        let Ok(settled) = settle(&self.book, &self.open, groups);
        self.book.carry_out(&settled);
    }
}

impl Ledger for Book {
    type Error = Infallible;

    fn stories_of(&self, article: ArticleId) -> Result<Vec<StoryId>, Infallible> {
        Ok(self.story_of.get(&article).copied().into_iter().collect())
    }

    fn members(&self, story: StoryId) -> Result<Vec<ArticleId>, Infallible> {
        Ok(self.stories.get(&story).into_iter().flat_map(|known| &known.members).copied().collect())
    }

    fn old(&self, id: StoryId) -> Result<Option<Old>, Infallible> {
        let old = |known: &Known| Old { id, born: known.born, founder: known.founder, seed_lead: None };
        Ok(self.stories.get(&id).map(old))
    }

    fn is_taken(&self, story: StoryId) -> Result<bool, Infallible> {
        Ok(self.stories.contains_key(&story) || self.aliases.contains_key(&story))
    }

    fn closing_of(&self, article: ArticleId) -> Result<Option<ArticleId>, Infallible> {
        Ok(self.closing_of.get(&article).copied())
    }

    fn bound_by(&self, closing: ArticleId) -> Result<Vec<ArticleId>, Infallible> {
        Ok(self.bound_by.get(&closing).into_iter().flatten().copied().collect())
    }
}

impl Book {
    /// Notes who is bound from now on, and says by what.
    fn bind(&mut self, bound: &Bound) -> ArticleId {
        let before = bound.before.iter().filter_map(|key| self.bound_by.remove(key)).flatten();
        let articles: Vec<ArticleId> = before.chain(bound.articles.iter().copied()).collect();
        for id in &bound.articles {
            if let Some(others) = self.closing_of.get(id).and_then(|key| self.bound_by.get_mut(key)) {
                others.remove(id);
            }
        }
        self.closing_of.extend(articles.iter().map(|id| (*id, bound.key)));
        self.bound_by.entry(bound.key).or_default().extend(articles);
        bound.key
    }

    fn carry_out(&mut self, settled: &Settled) {
        let Settled { parts, naming, .. } = settled;
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
        if let Some(bound) = self.closing_of.remove(&article).and_then(|key| self.bound_by.get_mut(&key)) {
            bound.remove(&article);
        }
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
            let members: usize = one.book.stories.values().map(|story| story.members.len()).sum();
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
            stream.set_apart(vec![vec![id(2), id(3)]]);
            stream.step(arrivals.clone(), &[]);
            prop_assert!(stream.open.len() < max || max == 1);
            if max > arrivals.len() {
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
