//! Ties: which articles stand together by the word of a seed.
//!
//! In come the ties of seeds and what is known of their articles, out go bundles that never share an article. Ties do
//! not chain: two seeds make one bundle only by sharing their lead. What a seed lists but does not keep is reported.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::ArticleId;
use crate::similarity::Profile;

/// What one seed ties together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// The seed's number.
    pub seed: u64,
    /// The seed's file, for people.
    pub path: String,
    /// The seed's own article.
    pub lead: ArticleId,
    /// The other articles that it lists, each tied to the lead and to nothing else.
    pub members: Vec<ArticleId>,
}

/// Articles that stand together by the word of seeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The lead of all its seeds.
    pub lead: ArticleId,
    /// Its seeds, by number.
    pub seeds: Vec<u64>,
    /// The lead first, then the others by id, each with the seed that brought it (the lowest number of several).
    pub articles: Vec<(ArticleId, u64)>,
}

/// An article that a seed lists and that stands elsewhere: the two stories are related.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// The article.
    pub article: ArticleId,
    /// The lead of the bundle that lists it.
    pub listed_by: ArticleId,
    /// The lead of the bundle that it stands in.
    pub stands_with: ArticleId,
}

/// What the ties of all seeds come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundles {
    /// By lead.
    pub bundles: Vec<Bundle>,
    /// In order, each once.
    pub related: Vec<Related>,
}

/// The bundles that `ties` make. `profiles` has what is known of the articles (one that is unknown scores 0 and counts
/// as published last); `score` tells how alike two articles are, in 0 to 1.
///
/// An article that leads a seed stands in its own bundle. One that several bundles list stands where it is more alike,
/// on the mean, to what stands there for sure (the lead, and members that no other bundle lists); equal means go to
/// the lead that was published first, then to the lesser id.
#[must_use]
pub fn bundles(
    ties: &[Tie],
    profiles: &BTreeMap<ArticleId, Profile>,
    score: impl Fn(&Profile, &Profile) -> f64,
) -> Bundles {
    let listings = listings(ties);
    let leads: BTreeSet<ArticleId> = ties.iter().map(|tie| tie.lead).collect();
    let sure = |article: ArticleId, lead: ArticleId| {
        article == lead || (!leads.contains(&article) && listings.get(&article).is_some_and(|by| by.len() == 1))
    };
    let mut listed: BTreeMap<ArticleId, Vec<ArticleId>> = leads.iter().map(|lead| (*lead, vec![*lead])).collect();
    for (article, by) in &listings {
        for lead in by.keys() {
            listed.entry(*lead).or_default().push(*article);
        }
    }
    let fit = |article: ArticleId, lead: ArticleId| {
        let others = listed.get(&lead).into_iter().flatten();
        let others: Vec<ArticleId> = others.copied().filter(|other| *other != article && sure(*other, lead)).collect();
        let known = |other: &ArticleId| Some(score(profiles.get(&article)?, profiles.get(other)?));
        others.iter().map(|other| known(other).unwrap_or_default()).sum::<f64>() / others.len().max(1) as f64
    };
    let age = |lead: ArticleId| (profiles.get(&lead).map_or(i64::MAX, |profile| profile.published_s), lead);
    let mut found = Bundles::default();
    let mut kept: BTreeMap<ArticleId, Vec<(ArticleId, u64)>> = BTreeMap::new();
    for (article, by) in &listings {
        let home = if leads.contains(article) {
            Some(*article)
        } else {
            home(by.keys().copied(), |lead| fit(*article, lead), age)
        };
        let Some(home) = home else { continue };
        for (lead, seed) in by {
            if *lead == home {
                kept.entry(home).or_default().push((*article, *seed));
            } else {
                found.related.push(Related { article: *article, listed_by: *lead, stands_with: home });
            }
        }
    }
    found.related.sort();
    found.bundles = gathered(ties, kept);
    found
}

/// A bundle for each lead, with what it keeps: article and seed.
fn gathered(ties: &[Tie], mut kept: BTreeMap<ArticleId, Vec<(ArticleId, u64)>>) -> Vec<Bundle> {
    let mut seeds: BTreeMap<ArticleId, BTreeSet<u64>> = BTreeMap::new();
    for tie in ties {
        seeds.entry(tie.lead).or_default().insert(tie.seed);
    }
    let bundle = |(lead, seeds): (ArticleId, BTreeSet<u64>)| {
        let mut articles = vec![(lead, seeds.first().copied().unwrap_or_default())];
        articles.extend(kept.remove(&lead).unwrap_or_default());
        Bundle { lead, seeds: seeds.into_iter().collect(), articles }
    };
    seeds.into_iter().map(bundle).collect()
}

/// For each listed article, the leads that list it, with the lowest seed that does. A lead that lists itself is none.
fn listings(ties: &[Tie]) -> BTreeMap<ArticleId, BTreeMap<ArticleId, u64>> {
    let mut listings: BTreeMap<ArticleId, BTreeMap<ArticleId, u64>> = BTreeMap::new();
    for tie in ties {
        for member in tie.members.iter().filter(|member| **member != tie.lead) {
            let seed = listings.entry(*member).or_default().entry(tie.lead).or_insert(tie.seed);
            *seed = (*seed).min(tie.seed);
        }
    }
    listings
}

/// The lead where an article fits best.
fn home(
    leads: impl Iterator<Item = ArticleId>,
    fit: impl Fn(ArticleId) -> f64,
    age: impl Fn(ArticleId) -> (i64, ArticleId),
) -> Option<ArticleId> {
    let mut leads: Vec<ArticleId> = leads.collect();
    if let [only] = leads.as_slice() {
        return Some(*only);
    }
    leads.sort_by_key(|lead| age(*lead));
    leads
        .into_iter()
        .map(|lead| (fit(lead), lead))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, lead)| lead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similarity::Sketch;

    fn id(name: &str) -> ArticleId {
        ArticleId::of(name)
    }

    /// A profile whose language is its name, so that a test can score by names. The number in a name is its age.
    fn profile(name: &str) -> Profile {
        let digits: String = name.chars().filter(char::is_ascii_digit).collect();
        let mut language = [0; 3];
        language.iter_mut().zip(name.bytes()).for_each(|(slot, byte)| *slot = byte);
        Profile {
            id: id(name),
            published_s: digits.parse().unwrap_or_default(),
            publisher: 0,
            language,
            terms: Box::default(),
            sketch: Sketch::default(),
            points_to: None,
        }
    }

    /// Ties and bundles as `lead: member member`; related as `article listed_by stands_with`. Names whose first letter
    /// is the same are alike.
    fn check(ties: &[&str], expect: &[&str], related: &[&str]) {
        let mut names: BTreeMap<ArticleId, String> = BTreeMap::new();
        let mut parsed = Vec::new();
        for (seed, tie) in (1..).zip(ties) {
            let (lead, members) = tie.split_once(':').unwrap();
            for name in members.split_whitespace().chain([lead]) {
                names.insert(id(name), name.to_owned());
            }
            let members = members.split_whitespace().map(id).collect();
            parsed.push(Tie { seed, path: format!("{seed}.md"), lead: id(lead), members });
        }
        let profiles: BTreeMap<ArticleId, Profile> = names.values().map(|name| (id(name), profile(name))).collect();
        let alike = |a: &Profile, b: &Profile| f64::from(u8::from(a.language[0] == b.language[0]));
        let found = bundles(&parsed, &profiles, alike);
        let name = |id: &ArticleId| names.get(id).cloned().unwrap_or_default();
        let mut shown: Vec<String> = found
            .bundles
            .iter()
            .map(|bundle| {
                let mut members: Vec<String> = bundle.articles.iter().skip(1).map(|(id, _)| name(id)).collect();
                members.sort();
                assert_eq!(bundle.articles.first().map(|(id, _)| *id), Some(bundle.lead));
                format!("{}: {}", name(&bundle.lead), members.join(" ")).trim().to_owned()
            })
            .collect();
        shown.sort();
        assert_eq!(shown, expect, "{ties:?}");
        let mut links: Vec<String> = found
            .related
            .iter()
            .map(|link| format!("{} {} {}", name(&link.article), name(&link.listed_by), name(&link.stands_with)))
            .collect();
        links.sort();
        assert_eq!(links, related, "{ties:?}");
        parsed.reverse();
        assert_eq!(bundles(&parsed, &profiles, alike), found, "the order of ties does not matter");
    }

    #[test]
    fn a_seed_is_a_bundle() {
        check(&["a: b c"], &["a: b c"], &[]);
        check(&["a:"], &["a:"], &[]);
        check(&["a: a b b"], &["a: b"], &[]);
        check(&["a: b", "c: d"], &["a: b", "c: d"], &[]);
        check(&[], &[], &[]);
    }

    #[test]
    fn seeds_that_share_their_lead_are_one() {
        check(&["a: b", "a: c b"], &["a: b c"], &[]);
    }

    #[test]
    fn a_lead_stays_with_its_own_seed() {
        check(&["a: b", "b: c"], &["a:", "b: c"], &["b a b"]);
        check(&["a: b", "b: a"], &["a:", "b:"], &["a b a", "b a b"]);
    }

    #[test]
    fn an_article_of_two_seeds_stands_where_it_fits() {
        check(&["a1: x1 a2", "x2: a2 x1"], &["a1: a2", "x2: x1"], &["a2 x2 a1", "x1 a1 x2"]);
    }

    #[test]
    fn equal_fits_go_to_the_earlier_lead() {
        check(&["b2: q", "a1: q"], &["a1: q", "b2:"], &["q b2 a1"]);
        check(&["a2: q", "b1: q"], &["a2:", "b1: q"], &["q a2 b1"]);
    }

    #[test]
    fn ties_do_not_chain() {
        check(&["a1: m", "b2: m", "c3: m"], &["a1: m", "b2:", "c3:"], &["m b2 a1", "m c3 a1"]);
    }
}
