//! Identity: which story id each group of articles bears after articles have moved.
//!
//! In come the groups with the stories that their articles were in, out go ids, aliases and withdrawn stories. An id is
//! never given twice and never reused for another story. Never decides who belongs together.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ArticleId, StoryId};

/// One group of articles, as the grouping wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its articles, each with the story it was in until now.
    pub articles: Vec<(ArticleId, Option<StoryId>)>,
    /// The article that founds its story should it need a new id: the lead of its bundle, else the earliest.
    pub founder: ArticleId,
}

/// A story as it was until now. Every story that an article of a [`Part`] was in is given, and all its members are in
/// parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Old {
    /// Its id.
    pub id: StoryId,
    /// When it was born, as a running number: the lesser is the older.
    pub born: u64,
    /// The article that founded it.
    pub founder: ArticleId,
    /// The lead of its (first) seed.
    pub seed_lead: Option<ArticleId>,
}

/// What the stories are called now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    /// The id of each part, in the parts' order.
    pub ids: Vec<StoryId>,
    /// Stories without members whose address leads to another: (loser, winner), by loser.
    pub aliases: Vec<(StoryId, StoryId)>,
    /// Stories without members and without successor, by id: all their articles are gone.
    pub withdrawn: Vec<StoryId>,
}

/// Names `parts`. An id stays with the part that holds its story's seed's lead, else its founding article, else the
/// least article id of its members. A part that bears several so bears the oldest, and the others become its aliases;
/// one that bears none gets the first id that its founder can found and that is not `taken`. So nothing hangs on whether
/// articles move one after the other or all at once.
///
/// `taken` is true for every id that lives, or leads to another as an alias; false for a withdrawn one, which the same
/// founder revives.
#[must_use]
pub fn name(parts: &[Part], old: &[Old], taken: impl Fn(StoryId) -> bool) -> Naming {
    let mut by_age: Vec<&Old> = old.iter().collect();
    by_age.sort_by_key(|story| (story.born, story.id));
    by_age.dedup_by_key(|story| story.id);
    let mut ids: BTreeMap<usize, StoryId> = BTreeMap::new();
    let mut naming = Naming::default();
    let mut lost: Vec<(StoryId, usize)> = Vec::new();
    let members = members(parts);
    for story in by_age {
        let Some(heir) = members.get(&story.id).and_then(|members| heir(members, story)) else {
            naming.withdrawn.push(story.id);
            continue;
        };
        if ids.contains_key(&heir) {
            lost.push((story.id, heir));
        } else {
            ids.insert(heir, story.id);
        }
    }
    let mut given: BTreeSet<StoryId> = old.iter().map(|story| story.id).collect();
    for (place, part) in parts.iter().enumerate() {
        let id = ids.get(&place).copied().unwrap_or_else(|| found(part.founder, |id| taken(id) || given.contains(&id)));
        given.insert(id);
        naming.ids.push(id);
    }
    naming.aliases = lost.into_iter().filter_map(|(id, part)| Some((id, *naming.ids.get(part)?))).collect();
    naming.aliases.sort();
    naming.withdrawn.sort();
    naming
}

/// For each old story, the parts that hold members of it, with those members.
fn members(parts: &[Part]) -> BTreeMap<StoryId, BTreeMap<usize, BTreeSet<ArticleId>>> {
    let mut members: BTreeMap<StoryId, BTreeMap<usize, BTreeSet<ArticleId>>> = BTreeMap::new();
    for (place, part) in parts.iter().enumerate() {
        for (article, story) in &part.articles {
            if let Some(story) = story {
                members.entry(*story).or_default().entry(place).or_default().insert(*article);
            }
        }
    }
    members
}

/// The part that bears the id of `story`, of those that hold `members` of it.
fn heir(members: &BTreeMap<usize, BTreeSet<ArticleId>>, story: &Old) -> Option<usize> {
    let claim = |articles: &BTreeSet<ArticleId>| {
        let lead = story.seed_lead.is_some_and(|lead| articles.contains(&lead));
        (!lead, !articles.contains(&story.founder), articles.first().copied())
    };
    members.iter().min_by_key(|(_, articles)| claim(articles)).map(|(part, _)| *part)
}

/// The first id that `founder` can found.
fn found(founder: ArticleId, taken: impl Fn(StoryId) -> bool) -> StoryId {
    let mut generation = 0;
    // Ends, since the generations of one article are distinct and only finitely many ids are taken.
    while generation < u32::MAX && taken(StoryId::founded_by(founder, generation)) {
        generation += 1;
    }
    StoryId::founded_by(founder, generation)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn article(name: &str) -> ArticleId {
        ArticleId::of(name)
    }

    /// Old stories are `a b c` (founder first, `!` marks the seed's lead); they are called 0, 1, … and the earlier is
    /// the older. Parts are `a b`; a new id is shown as `+founder`, an alias as
    /// `1>0`, a withdrawn story as `-1`.
    fn check(old: &[&str], parts: &[&str], expect: &str) {
        let mut home: BTreeMap<String, StoryId> = BTreeMap::new();
        let mut names: BTreeMap<StoryId, String> = BTreeMap::new();
        let mut stories = Vec::new();
        for (born, text) in (0..).zip(old) {
            let bare = |name: &str| name.trim_end_matches('!').to_owned();
            let all: Vec<&str> = text.split_whitespace().collect();
            let founder = article(&bare(all[0]));
            let id = StoryId::founded_by(founder, 0);
            names.insert(id, born.to_string());
            home.extend(all.iter().map(|name| (bare(name), id)));
            let seed_lead = all.iter().find(|name| name.ends_with('!')).map(|name| article(&bare(name)));
            stories.push(Old { id, born, founder, seed_lead });
        }
        let parts: Vec<Part> = parts
            .iter()
            .map(|text| {
                let articles: Vec<(ArticleId, Option<StoryId>)> =
                    text.split_whitespace().map(|name| (article(name), home.get(name).copied())).collect();
                let founder = articles[0].0;
                names.entry(StoryId::founded_by(founder, 0)).or_insert(format!("+{}", &text[..1]));
                names.insert(StoryId::founded_by(founder, 1), format!("++{}", &text[..1]));
                Part { articles, founder }
            })
            .collect();
        let naming = name(&parts, &stories, |_| false);
        let show = |id: &StoryId| names.get(id).cloned().unwrap_or_default();
        let mut shown: Vec<String> = naming.ids.iter().map(show).collect();
        let mut aliases: Vec<String> =
            naming.aliases.iter().map(|(from, to)| format!("{}>{}", show(from), show(to))).collect();
        aliases.sort();
        shown.extend(aliases);
        shown.extend(naming.withdrawn.iter().map(|id| format!("-{}", show(id))));
        assert_eq!(shown.join(" "), expect, "{old:?} into {parts:?}");
        stories.reverse();
        assert_eq!(name(&parts, &stories, |_| false), naming, "the order of the old stories does not matter");
    }

    #[test]
    fn a_new_group_is_founded() {
        check(&[], &["a b"], "+a");
        check(&[], &["a", "b"], "+a +b");
    }

    #[test]
    fn a_story_that_grows_keeps_its_id() {
        check(&["a b"], &["a b c"], "0");
        check(&["a b"], &["c b a"], "0");
    }

    #[test]
    fn the_oldest_wins_a_merge_and_the_loser_is_an_alias() {
        check(&["a", "b"], &["b a"], "0 1>0");
        check(&["a", "b", "c!"], &["c b a"], "0 1>0 2>0");
    }

    #[test]
    fn a_split_keeps_the_id_by_lead_then_founder_then_least_id() {
        check(&["a b! c d"], &["a c d", "b"], "++a 0");
        check(&["a b c"], &["a", "b c"], "0 +b");
        check(&["a b c d e"], &["b c", "d e a"], "+b 0");
        // The founder is gone.
        let (least, other) = if article("b") < article("c") { ("b", "c") } else { ("c", "b") };
        check(&["z b c"], &[other, least], &format!("+{other} 0"));
    }

    #[test]
    fn an_id_goes_where_its_founder_goes() {
        check(&["a", "b c"], &["a b", "c"], "0 +c 1>0");
        check(&["a b", "c d"], &["a", "b c", "d"], "0 1 +d");
    }

    #[test]
    fn one_after_the_other_or_all_at_once() {
        // b goes over to a and leaves c behind: at once, or first out and then over.
        check(&["b c"], &["b", "c"], "0 +c");
        check(&["a", "b", "c"], &["a b", "c"], "0 2 1>0");
        check(&["a", "b c"], &["a b c"], "0 1>0");
        check(&["a b c"], &["a b", "c"], "0 +c");
    }

    #[test]
    fn a_story_without_articles_is_withdrawn() {
        check(&["a", "b"], &["a"], "0 -1");
    }

    #[test]
    fn generations_are_counted_past_taken_ids() {
        let founder = article("a");
        let part = Part { articles: vec![(founder, None)], founder };
        let taken = [StoryId::founded_by(founder, 0), StoryId::founded_by(founder, 1)];
        let naming = name(&[part.clone(), part], &[], |id| taken.contains(&id));
        assert_eq!(naming.ids, [StoryId::founded_by(founder, 2), StoryId::founded_by(founder, 3)]);
    }

    proptest! {
        #[test]
        fn no_id_is_given_twice_and_none_is_reused(
            places in prop::collection::vec((0usize..6, prop::option::of(0usize..5)), 1..40),
            spoilt in prop::collection::vec(any::<bool>(), 40),
        ) {
            // Article n was in story places[n].0 and goes to part places[n].1, or is gone.
            let ids: Vec<ArticleId> = (0..places.len()).map(|n| article(&n.to_string())).collect();
            let mut old: BTreeMap<usize, Old> = BTreeMap::new();
            let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
            for (id, (story, part)) in ids.iter().zip(&places) {
                let story = old.entry(*story).or_insert_with(|| Old {
                    id: StoryId::founded_by(*id, 0),
                    born: *story as u64,
                    founder: *id,
                    seed_lead: None,
                });
                if let Some(part) = part {
                    let part = parts.entry(*part).or_insert_with(|| Part { articles: Vec::new(), founder: *id });
                    part.articles.push((*id, Some(story.id)));
                }
            }
            let old: Vec<Old> = old.into_values().collect();
            let parts: Vec<Part> = parts.into_values().collect();
            let taken: BTreeSet<StoryId> =
                ids.iter().zip(&spoilt).filter(|(_, spoilt)| **spoilt).map(|(id, _)| StoryId::founded_by(*id, 0)).collect();
            let naming = name(&parts, &old, |id| taken.contains(&id));
            let known: BTreeSet<StoryId> = old.iter().map(|story| story.id).collect();
            let given: BTreeSet<StoryId> = naming.ids.iter().copied().collect();
            prop_assert_eq!(naming.ids.len(), parts.len());
            prop_assert_eq!(given.len(), parts.len());
            for id in given.difference(&known) {
                prop_assert!(!taken.contains(id));
            }
            let lost: BTreeSet<StoryId> = naming.aliases.iter().map(|(from, _)| *from).chain(naming.withdrawn.iter().copied()).collect();
            for story in &old {
                // Each old id is borne by a part or is gone, and not both.
                prop_assert!(given.contains(&story.id) != lost.contains(&story.id));
            }
            for (from, to) in &naming.aliases {
                prop_assert!(given.contains(to) && from != to);
            }
        }
    }
}
