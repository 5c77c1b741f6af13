//! Copies: syndicated text, which is kept under its original.
//!
//! In come profiles of one story, out goes who repeats whom. Never drops anything, and never calls two articles of one
//! publisher copies (those are updates), nor two that share only a short headline.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::ArticleId;
use crate::similarity::{Likeness, Profile, Sketch};

/// What is looked at of an article.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// Whose text it is.
    pub id: ArticleId,
    /// First publication, in seconds since 1970.
    pub published_s: i64,
    /// Hash of the publisher; 0 is unknown.
    pub publisher: u32,
    /// The article that its page calls canonical.
    pub points_to: Option<ArticleId>,
    /// The shape of the text.
    pub sketch: &'a Sketch,
}

impl<'a> From<&'a Profile> for Text<'a> {
    fn from(profile: &'a Profile) -> Self {
        let Profile { id, published_s, publisher, points_to, ref sketch, .. } = *profile;
        Self { id, published_s, publisher, points_to, sketch }
    }
}

/// The member of `members` that `article` is a copy of: one of another publisher with (nearly) the same excerpt or the
/// same long title. Of several, the one that pages name as canonical, else the one that is most alike (title and
/// excerpt, then title, then excerpt), else the earliest. `None` where `article` is the original itself.
#[must_use]
pub fn copy_of(article: Text, members: &[Text]) -> Option<ArticleId> {
    let pointed: BTreeSet<ArticleId> = members.iter().chain([&article]).filter_map(|member| member.points_to).collect();
    original(article, members, &pointed)
}

/// Who repeats whom among `members`: copy → original. The original is never a copy itself: the copy of a copy is given
/// the first text. Every pair is compared, so a story is best asked about once, not for each of its articles.
#[must_use]
pub fn copies(members: &[Text]) -> BTreeMap<ArticleId, ArticleId> {
    let pointed: BTreeSet<ArticleId> = members.iter().filter_map(|member| member.points_to).collect();
    let direct: BTreeMap<ArticleId, ArticleId> = members
        .iter()
        .filter_map(|member| original(*member, members, &pointed).map(|original| (member.id, original)))
        .collect();
    let root = |start: ArticleId| {
        let mut last = start;
        // Pages may point at each other in a circle; then whoever is met after as many steps as there are is taken.
        for _ in 0..direct.len() {
            match direct.get(&last) {
                Some(next) => last = *next,
                None => break,
            }
        }
        last
    };
    direct.keys().map(|copy| (*copy, root(*copy))).filter(|(copy, original)| copy != original).collect()
}

/// Why one member of a story is taken for the original of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grounds {
    /// How the copy repeats it; `None` where it does so through another copy, or only points to it.
    pub likeness: Option<Likeness>,
    /// The copy's page names it as canonical.
    pub is_pointed_to: bool,
    /// Some page of the story does; else it is the original for having been published first.
    pub is_named: bool,
}

/// Why `original` is the original of `copy` among `members`.
#[must_use]
pub fn grounds(copy: Text, original: Text, members: &[Text]) -> Grounds {
    Grounds {
        likeness: copy.sketch.likeness(original.sketch),
        is_pointed_to: copy.points_to == Some(original.id),
        is_named: members.iter().any(|member| member.points_to == Some(original.id)),
    }
}

fn original(article: Text, members: &[Text], pointed: &BTreeSet<ArticleId>) -> Option<ArticleId> {
    let age = |text: Text| (text.published_s, text.id);
    let mine = pointed.contains(&article.id);
    let likeness = |other: Text| {
        if article.points_to == Some(other.id) {
            return Some(Likeness::Both);
        }
        article.sketch.likeness(other.sketch)
    };
    members
        .iter()
        .copied()
        .filter(|other| other.id != article.id && !same_publisher(article, *other))
        .filter_map(|other| likeness(other).map(|likeness| (other, likeness)))
        .filter(|(other, _)| other.points_to != Some(article.id) || article.points_to == Some(other.id))
        .map(|(other, likeness)| (other, likeness, pointed.contains(&other.id)))
        // Only what stands before it can be the original of an article: named by pages, else earlier.
        .filter(|(other, _, named)| if *named == mine { age(*other) < age(article) } else { *named })
        .min_by_key(|(other, likeness, named)| (!named, std::cmp::Reverse(*likeness), age(*other)))
        .map(|(other, _, _)| other.id)
}

fn same_publisher(a: Text, b: Text) -> bool {
    a.publisher != 0 && a.publisher == b.publisher
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{Article, Publisher};

    const WIRE: &str = "The harbour authority said on Monday that the old lighthouse would be moved forty metres inland, \
        after winter storms had washed away most of the cliff that it has stood on since 1862.";
    const LOCAL: &str = "Crowds came to see the cranes arrive at the cliff, where engineers have been laying rails since \
        spring and the keeper's family still lives next to the tower with its famous red lamp.";
    const LONG: &str = "Old lighthouse of Nordholm moves inland as the cliff below it crumbles";

    fn article(name: &str, hour: i64, title: &str, excerpt: &str) -> Article {
        Article {
            id: ArticleId::of(name),
            url: format!("https://{name}.example/"),
            title: title.to_owned(),
            excerpt: Some(excerpt.to_owned()).filter(|text| !text.is_empty()),
            authors: Vec::new(),
            publisher: Publisher { name: name.to_owned(), domain: format!("{}.example", name.trim_end_matches('2')) },
            published: Timestamp::from_second(1_700_000_000 + hour * 3600).unwrap(),
            image: None,
            lang: None,
            category: None,
            kind: None,
            tags: Vec::new(),
            labels: Vec::new(),
            quality: 0,
            canonical_elsewhere: None,
        }
    }

    fn check(articles: &[Article], expect: &[(&str, &str)]) {
        let profiles: Vec<Profile> = articles.iter().map(Profile::of).collect();
        let members: Vec<Text> = profiles.iter().map(Text::from).collect();
        let expect: BTreeMap<ArticleId, ArticleId> =
            expect.iter().map(|(copy, original)| (ArticleId::of(copy), ArticleId::of(original))).collect();
        assert_eq!(copies(&members), expect);
        let reversed: Vec<Text> = members.iter().rev().copied().collect();
        assert_eq!(copies(&reversed), expect, "the order of members does not matter");
        for (copy, original) in &expect {
            if let Some(profile) = profiles.iter().find(|profile| profile.id == *copy && expect.len() == 1) {
                assert_eq!(copy_of(Text::from(profile), &members), Some(*original));
            }
        }
    }

    #[test]
    fn the_same_excerpt_is_a_copy_of_the_earliest() {
        let short = WIRE.get(..120).unwrap();
        check(&[article("a", 0, "One", WIRE), article("b", 1, "Two", WIRE)], &[("b", "a")]);
        check(&[article("a", 5, "One", WIRE), article("b", 1, "Two", WIRE)], &[("a", "b")]);
        check(&[article("a", 0, "One", WIRE), article("b", 1, "Two", &format!("{short}…"))], &[("b", "a")]);
        check(&[article("a", 0, "One", &WIRE.replace("Monday", "Mon"))], &[]);
        let near = WIRE.replace("The harbour", "(Agency) - Harbour");
        check(&[article("a", 0, "One", WIRE), article("b", 1, "Two", &near)], &[("b", "a")]);
        check(&[article("a", 0, "One", WIRE), article("b", 1, "Two", LOCAL)], &[]);
        check(&[article("a", 0, "One", "Read more"), article("b", 1, "Two", "Read more")], &[]);
    }

    #[test]
    fn a_long_title_alone_is_enough() {
        check(&[article("a", 0, LONG, WIRE), article("b", 1, LONG, LOCAL)], &[("b", "a")]);
        check(&[article("a", 0, LONG, ""), article("b", 1, &format!("{LONG} – Bnews"), "")], &[("b", "a")]);
        check(&[article("a", 0, "Lighthouse moves inland", ""), article("b", 1, "Lighthouse moves inland", "")], &[]);
        let other = LONG.replace("crumbles", "holds");
        check(&[article("a", 0, LONG, ""), article("b", 1, &other, "")], &[]);
    }

    #[test]
    fn the_same_publisher_updates_and_does_not_copy() {
        check(&[article("a", 0, LONG, WIRE), article("a2", 1, LONG, WIRE)], &[]);
    }

    #[test]
    fn a_title_says_more_than_an_excerpt() {
        let (first, wire) = (article("a", 0, "Lighthouse on the move", WIRE), article("b", 1, LONG, LOCAL));
        check(&[first, wire, article("c", 2, LONG, WIRE)], &[("c", "b")]);
    }

    #[test]
    fn what_pages_call_canonical_is_the_original() {
        let mut early = article("a", 0, "One", WIRE);
        early.canonical_elsewhere = Some("https://b.example/".to_owned());
        let mut late = article("b", 3, "Two", WIRE);
        late.id = ArticleId::of(&crate::url::key("https://b.example/"));
        let profiles = [Profile::of(&early), Profile::of(&late), Profile::of(&article("c", 1, "Three", WIRE))];
        let members: Vec<Text> = profiles.iter().map(Text::from).collect();
        let expect = [(ArticleId::of("a"), late.id), (ArticleId::of("c"), late.id)];
        assert_eq!(copies(&members), expect.into_iter().collect());
        let [a, b, c] = [members[0], members[1], members[2]];
        let likeness = Some(Likeness::Excerpt);
        assert_eq!(grounds(a, b, &members), Grounds { likeness, is_pointed_to: true, is_named: true });
        assert_eq!(grounds(c, b, &members), Grounds { likeness, is_pointed_to: false, is_named: true });
        assert_eq!(grounds(b, c, &members), Grounds { likeness, is_pointed_to: false, is_named: false });
    }
}
