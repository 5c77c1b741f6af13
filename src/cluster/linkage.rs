//! Best-first average linkage: which articles of a component stand together.
//!
//! In come scored pairs of a few articles, who must stand together and who must not, out go groups. The pair of groups
//! with the best score is joined first, as long as that reaches the threshold. The score is the mean over all pairs between
//! them (average linkage, Sokal & Michener 1958), over the root of the mean inside the closer of the two: what holds
//! together loosely is joined by less; and less a few pairs' word: one alone counts half, and is to be likely. Pairs that are
//! not given score 0.
//! Never depends on the order of its input.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// No group counts as looser than this, so that the score of two strangers stays small.
const LOOSEST: f64 = 0.05;

/// What is to be grouped; articles are numbered from 0 in an order that the caller keeps.
#[derive(Debug, Clone, Default)]
pub struct Task {
    /// How many articles there are.
    pub articles: usize,
    /// Scored pairs, each once.
    pub links: Vec<(u32, u32, f32)>,
    /// Pairs that stand together whatever they score.
    pub together: Vec<(u32, u32)>,
    /// Pairs that never stand together, unless `together` says so.
    pub apart: Vec<(u32, u32)>,
    /// The least score for which two groups are joined.
    pub threshold: f64,
    /// The least score of two lone articles that are joined: there is nobody else whose word could make up for it.
    pub likely: f64,
    /// Pairs that one article may have at most: in a group beyond twice that, most pairs are not given, and the mean
    /// is taken over as many as can be.
    pub most_pairs: usize,
}

/// The best that one group can do.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Offer {
    score: Score,
    /// Of equals those with the earliest articles.
    groups: Reverse<[u32; 2]>,
    /// The groups as they were: a group that has grown since makes a new offer.
    versions: [u32; 2],
    /// Who makes it.
    from: u32,
}

/// A score, in its order.
#[derive(Debug, PartialEq)]
struct Score(f64);

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A group that grows: known by its first article.
#[derive(Debug, Clone, Default)]
struct Group {
    /// Sums of scores to other groups, by group.
    links: Vec<(u32, f64)>,
    /// Groups it never joins.
    apart: Vec<u32>,
    members: Vec<u32>,
    version: u32,
    /// Sum of the scores of the pairs inside.
    inner: f64,
    /// How closely it holds together: the mean score inside, of one article its best link.
    cohesion: f64,
}

/// The groups of `task`, each sorted, by their first articles.
#[must_use]
pub fn groups(task: &Task) -> Vec<Vec<u32>> {
    let mut work = Work::of(task);
    work.run();
    let mut groups: Vec<Vec<u32>> = work.groups.into_iter().map(|group| group.members).collect();
    groups.retain(|members| !members.is_empty());
    for members in &mut groups {
        members.sort_unstable();
    }
    groups.sort_unstable();
    groups
}

struct Work {
    groups: Vec<Group>,
    offers: BinaryHeap<Offer>,
    threshold: f64,
    likely: f64,
    most_pairs: usize,
}

impl Work {
    fn of(task: &Task) -> Self {
        let numbered = |number| Group { members: vec![number], ..Group::default() };
        let count = u32::try_from(task.articles).unwrap_or(u32::MAX);
        let mut work = Self {
            groups: (0..count).map(numbered).collect(),
            offers: BinaryHeap::new(),
            threshold: task.threshold,
            likely: task.likely,
            most_pairs: task.most_pairs.max(1),
        };
        for (a, b, score) in task.links.iter().filter(|(a, b, _)| a != b) {
            work.group(*a).links.push((*b, f64::from(*score)));
            work.group(*b).links.push((*a, f64::from(*score)));
        }
        for (a, b) in task.apart.iter().filter(|(a, b)| a != b) {
            work.group(*a).apart.push(*b);
            work.group(*b).apart.push(*a);
        }
        for group in &mut work.groups {
            group.links.sort_unstable_by_key(|(other, _)| *other);
            group.apart.sort_unstable();
            group.apart.dedup();
            let best = group.links.iter().map(|(_, score)| *score).fold(0.0, f64::max);
            group.cohesion = best.clamp(LOOSEST, 1.0);
        }
        work.tie(task);
        work
    }

    /// Joins what stands together anyway.
    fn tie(&mut self, task: &Task) {
        let mut home: Vec<u32> = (0..u32::try_from(task.articles).unwrap_or(u32::MAX)).collect();
        for (a, b) in &task.together {
            let (a, b) = (root(&mut home, *a), root(&mut home, *b));
            if let Some(place) = home.get_mut(a.max(b) as usize) {
                *place = a.min(b);
            }
        }
        // Where the members of each first article are now: a join keeps either side.
        let mut kept: Vec<u32> = (0..u32::try_from(task.articles).unwrap_or(u32::MAX)).collect();
        for number in 0..home.len() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let first = root(&mut home, number);
            if first != number {
                let at = kept.get(first as usize).copied().unwrap_or(first);
                let joined = self.join(at, number);
                if let Some(place) = kept.get_mut(first as usize) {
                    *place = joined;
                }
            }
        }
    }

    fn run(&mut self) {
        for number in 0..self.groups.len() {
            self.offer(u32::try_from(number).unwrap_or(u32::MAX));
        }
        while let Some(Offer { groups: Reverse([a, b]), versions, from, .. }) = self.offers.pop() {
            if [self.version(a), self.version(b)] == versions {
                let kept = self.join(a, b);
                self.offer(kept);
            } else if versions
                .iter()
                .zip([a, b])
                .any(|(version, group)| group == from && self.version(group) == *version)
            {
                self.offer(from);
            }
        }
    }

    fn group(&mut self, number: u32) -> &mut Group {
        let place = (number as usize).min(self.groups.len().saturating_sub(1));
        if self.groups.is_empty() {
            self.groups.push(Group::default());
        }
        #[expect(clippy::indexing_slicing, reason = "never empty, and the place is within")]
        &mut self.groups[place]
    }

    fn version(&self, number: u32) -> u32 {
        self.groups.get(number as usize).map_or(u32::MAX, |group| group.version)
    }

    /// Offers the best pair of `number`, if that reaches the threshold. The best of all pairs is always on offer: of its
    /// two groups, who has changed last has offered it, or better.
    fn offer(&mut self, number: u32) {
        let Some(group) = self.groups.get(number as usize) else { return };
        let mut best: Option<(Score, Reverse<[u32; 2]>)> = None;
        for (other, sum) in &group.links {
            let score = self.score(group, *other, *sum);
            if score >= self.threshold && group.apart.binary_search(other).is_err() {
                best = best.max(Some((Score(score), Reverse([number.min(*other), number.max(*other)]))));
            }
        }
        if let Some((score, groups)) = best {
            let versions = groups.0.map(|group| self.version(group));
            self.offers.push(Offer { score, groups, versions, from: number });
        }
    }

    fn score(&self, group: &Group, other: u32, sum: f64) -> f64 {
        let Some(other) = self.groups.get(other as usize) else { return 0.0 };
        let (a, b) = (group.members.len(), other.members.len());
        if a * b == 1 && sum < self.likely {
            return 0.0;
        }
        let few = 1.0 + ((a * b).max(1) as f64).sqrt().recip();
        sum / (self.pairs(a, b) * few * group.cohesion.max(other.cohesion).sqrt())
    }

    /// Pairs between two groups of these sizes over which the mean is taken.
    fn pairs(&self, a: usize, b: usize) -> f64 {
        let known = (2 * self.most_pairs) as f64 / (a + b).max(1) as f64;
        (a * b).max(1) as f64 * known.min(1.0)
    }

    /// Joins two groups into the one with more links, and returns that.
    fn join(&mut self, a: u32, b: u32) -> u32 {
        let links = |work: &Self, number: u32| work.groups.get(number as usize).map_or(0, |group| group.links.len());
        let (kept, gone) = if links(self, a) >= links(self, b) { (a, b) } else { (b, a) };
        let lost = std::mem::take(self.group(gone));
        let between = lost.links.iter().find(|(other, _)| *other == kept).map_or(0.0, |(_, sum)| *sum);
        self.group(gone).version = lost.version + 1;
        for (other, sum) in &lost.links {
            let links = &mut self.group(*other).links;
            remove(links, gone);
            if *other != kept {
                add(links, kept, *sum);
            }
        }
        for other in &lost.apart {
            let apart = &mut self.group(*other).apart;
            apart.retain(|group| *group != gone);
            if let Err(place) = apart.binary_search(&kept)
                && *other != kept
            {
                apart.insert(place, kept);
            }
        }
        let most_pairs = self.most_pairs;
        let group = self.group(kept);
        group.version += 1;
        group.inner += lost.inner + between;
        group.members.extend(lost.members);
        group.cohesion = cohesion(group.members.len(), group.inner, most_pairs);
        group.links = merged(&group.links, &lost.links, kept);
        group.apart.extend(lost.apart.into_iter().filter(|other| *other != kept));
        group.apart.sort_unstable();
        group.apart.dedup();
        kept
    }
}

/// Mean score inside a group of `size` articles, more than one, of which each has `most_pairs` pairs at most.
fn cohesion(size: usize, inner: f64, most_pairs: usize) -> f64 {
    let known = (2 * most_pairs) as f64 / size.max(1) as f64;
    (inner / ((size * size.saturating_sub(1)) as f64 / 2.0 * known.min(1.0))).clamp(LOOSEST, 1.0)
}

fn root(home: &mut [u32], mut number: u32) -> u32 {
    while let Some(next) = home.get(number as usize).copied().filter(|next| *next != number) {
        number = next;
    }
    number
}

fn remove(links: &mut Vec<(u32, f64)>, number: u32) {
    if let Ok(place) = links.binary_search_by_key(&number, |(other, _)| *other) {
        links.remove(place);
    }
}

fn add(links: &mut Vec<(u32, f64)>, number: u32, sum: f64) {
    match links.binary_search_by_key(&number, |(other, _)| *other) {
        Ok(place) => links.iter_mut().skip(place).take(1).for_each(|link| link.1 += sum),
        Err(place) => links.insert(place, (number, sum)),
    }
}

/// Both lists in one, without `own`.
fn merged(mine: &[(u32, f64)], theirs: &[(u32, f64)], own: u32) -> Vec<(u32, f64)> {
    let mut links = Vec::with_capacity(mine.len() + theirs.len());
    let (mut a, mut b) = (mine.iter().copied().peekable(), theirs.iter().copied().peekable());
    loop {
        let next = match (a.peek().copied(), b.peek().copied()) {
            (Some((one, sum)), Some((other, more))) if one == other => {
                a.next();
                b.next();
                (one, sum + more)
            }
            (Some(one), Some(other)) if one.0 < other.0 => {
                a.next();
                one
            }
            (Some(one), None) => {
                a.next();
                one
            }
            (_, Some(other)) => {
                b.next();
                other
            }
            (None, None) => return links,
        };
        if next.0 != own {
            links.push(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(articles: usize, links: &[(u32, u32, f32)], together: &[(u32, u32)], apart: &[(u32, u32)], expect: &str) {
        let task = Task {
            articles,
            links: links.to_vec(),
            together: together.to_vec(),
            apart: apart.to_vec(),
            threshold: 0.25,
            likely: 0.5,
            most_pairs: 100,
        };
        let shown = |groups: Vec<Vec<u32>>| {
            let words: Vec<String> =
                groups.iter().map(|group| group.iter().map(u32::to_string).collect::<String>()).collect();
            words.join(" ")
        };
        assert_eq!(shown(groups(&task)), expect, "{links:?}");
        let mut turned = task;
        turned.links.reverse();
        assert_eq!(shown(groups(&turned)), expect, "the order of links does not matter");
    }

    #[test]
    fn the_best_are_joined_first() {
        check(0, &[], &[], &[], "");
        check(2, &[], &[], &[], "0 1");
        // Two lone articles are joined where that is likely.
        check(2, &[(0, 1, 0.5)], &[], &[], "01");
        check(2, &[(0, 1, 0.4999)], &[], &[], "0 1");
        // A third joins two by less than half: 0.25 of its mean, less a few pairs' word, over the root of what holds the two.
        check(3, &[(0, 1, 1.0), (0, 2, 0.43), (1, 2, 0.43)], &[], &[], "012");
        check(3, &[(0, 1, 1.0), (0, 2, 0.42), (1, 2, 0.42)], &[], &[], "01 2");
        // 1 goes to 2, and 0 is then 0.45 from both on the mean.
        check(3, &[(0, 1, 0.9), (1, 2, 0.95)], &[], &[], "012");
        check(3, &[(0, 1, 0.5), (1, 2, 0.95)], &[], &[], "0 12");
        check(4, &[(0, 1, 0.9), (2, 3, 0.9), (1, 2, 0.9)], &[], &[], "01 23");
        // Two loose pairs are joined by what leaves two close ones apart.
        check(4, &[(0, 1, 0.6), (2, 3, 0.6), (1, 2, 0.6), (0, 3, 0.6)], &[], &[], "0123");
        check(4, &[(0, 1, 0.95), (2, 3, 0.95), (1, 2, 0.6), (0, 3, 0.6)], &[], &[], "01 23");
    }

    #[test]
    fn somebodys_word_counts() {
        check(3, &[], &[(0, 2)], &[], "02 1");
        check(3, &[(0, 1, 0.9)], &[], &[(0, 1)], "0 1 2");
        check(3, &[(0, 1, 0.9), (1, 2, 0.8)], &[], &[(0, 2)], "01 2");
        check(4, &[(0, 1, 0.9), (2, 3, 0.9), (0, 2, 0.9), (1, 3, 0.9)], &[(0, 1)], &[(1, 2)], "01 23");
        check(2, &[], &[(0, 1)], &[(0, 1)], "01");
        // Whoever has more links takes the others in, and all of them stay together.
        check(4, &[(1, 3, 0.01)], &[(0, 1), (0, 2)], &[], "012 3");
    }
}
