//! Who leads a story, and which story comes first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{ArticleId, Coverage, LeadRule};

/// Heat halves in this many seconds: a day is how long a story stays news.
const HALF_LIFE_S: f64 = 86_400.0;

/// Heat below this counts as this: a story that an editor gave no heat stands ten half-lives behind, not infinitely.
const COLDEST: f64 = 1.0 / 1024.0;

/// Sorts `coverage` in place: the lead first, then by quality, time of publication and id.
///
/// A pin decides the lead (the first of `pins` that is covered). Else with [`LeadRule::Seed`] the best of
/// `seed_leads`, the seeds' own articles, that is covered. Else, and always with [`LeadRule::Quality`], the article
/// of the best quality; among equals one that is no copy, then the earliest, then the one with the lowest id.
pub fn order_coverage(coverage: &mut [Coverage], rule: LeadRule, pins: &[ArticleId], seed_leads: &[ArticleId]) {
    coverage.sort_by_key(|member| (Reverse(member.article.quality), member.article.published, member.article.id));
    let covered = |id: &ArticleId| coverage.iter().position(|member| member.article.id == *id);
    let best = |eligible: &dyn Fn(&Coverage) -> bool| {
        let members = coverage.iter().enumerate().filter(|(_, member)| eligible(member));
        // The order above breaks what is equal here.
        members.min_by_key(|(_, m)| (Reverse(m.article.quality), m.copy_of.is_some())).map(|(place, _)| place)
    };
    let by_rule = match rule {
        LeadRule::Seed => best(&|member| seed_leads.contains(&member.article.id)),
        LeadRule::Quality => None,
    };
    let lead = pins.iter().find_map(covered).or(by_rule).or_else(|| best(&|_| true));
    if let Some(head) = lead.and_then(|place| coverage.get_mut(..=place)) {
        head.rotate_right(1);
    }
}

/// Why the first of `coverage` leads it, as [`order_coverage`] decided with the same arguments. Empty for no coverage.
#[must_use]
pub fn why_it_leads(coverage: &[Coverage], rule: LeadRule, pins: &[ArticleId], seed_leads: &[ArticleId]) -> String {
    let Some((lead, others)) = coverage.split_first() else { return String::new() };
    if pins.contains(&lead.article.id) {
        return "it is pinned by `grouping.pin`".to_owned();
    }
    let is_of_seed = rule == LeadRule::Seed && seed_leads.contains(&lead.article.id);
    let chosen = if is_of_seed { "it is a seed's own article; " } else { "" };
    let eligible = others.iter().filter(|other| !is_of_seed || seed_leads.contains(&other.article.id));
    let equals: Vec<&Coverage> = eligible.filter(|other| other.article.quality >= lead.article.quality).collect();
    let quality = lead.article.quality;
    let told = match equals.as_slice() {
        [] if others.is_empty() => "it is alone".to_owned(),
        [] => format!("its quality of {quality} is the best"),
        some if lead.copy_of.is_none() && some.iter().all(|other| other.copy_of.is_some()) => {
            format!("of the best quality, {quality}, it alone is no copy")
        }
        _ => format!("of the best quality, {quality}, it was published first"),
    };
    format!("{chosen}{told}")
}

/// `coverage` with each copy moved to right after its original, the copies of one original in the order they had.
/// Copies of a copy stand with the first original; the lead stays first, even where it is a copy itself.
pub(super) fn folded(coverage: &[Coverage]) -> Vec<&Coverage> {
    let by_id: BTreeMap<ArticleId, &Coverage> = coverage.iter().map(|member| (member.article.id, member)).collect();
    let root = |member: &Coverage| {
        let mut at = member.article.id;
        // As many steps as there are members: a ring of copies must not hold us.
        for _ in coverage {
            match by_id.get(&at).and_then(|member| member.copy_of).filter(|original| by_id.contains_key(original)) {
                Some(original) => at = original,
                None => return at,
            }
        }
        member.article.id
    };
    let mut copies: BTreeMap<ArticleId, Vec<&Coverage>> = BTreeMap::new();
    let mut order = Vec::new();
    for (place, member) in coverage.iter().enumerate() {
        let root = root(member);
        if place == 0 || root == member.article.id {
            order.push(member);
        } else {
            copies.entry(root).or_default().push(member);
        }
    }
    order
        .into_iter()
        .flat_map(|member| [vec![member], copies.remove(&member.article.id).unwrap_or_default()].concat())
        .collect()
}

/// The undecayed heat of a story: what a seed gave, else its distinct publishers, copies not counted.
///
/// At least 1 for a story of copies only, whose original was withdrawn; 0 for no coverage.
#[must_use]
pub fn heat(coverage: &[Coverage], given: Option<f64>) -> f64 {
    if let Some(given) = given.filter(|given| given.is_finite() && *given >= 0.0) {
        return given;
    }
    let own = coverage.iter().filter(|member| member.copy_of.is_none());
    let publishers = own.map(|member| member.article.publisher.domain.as_str()).collect::<BTreeSet<_>>().len();
    publishers.max(usize::from(!coverage.is_empty())) as f64
}

/// What [`heat`] with the same arguments comes of.
#[must_use]
pub fn why_heat(coverage: &[Coverage], given: Option<f64>) -> String {
    if given.is_some_and(|given| given.is_finite() && given >= 0.0) {
        return "as a seed gives it; halves every 24 hours after the latest article".to_owned();
    }
    let copies = coverage.iter().filter(|member| member.copy_of.is_some()).count();
    format!("distinct publishers, {copies} copies not counted; halves every 24 hours after the latest article")
}

/// The place of a story among others: the higher the hotter. `newest` is the latest publication of its coverage.
///
/// Heat decays by half each 24 hours, so at time `now` it is `heat × 2^-((now - newest) / 24 h)`. The logarithm of
/// that is `log2(heat) + newest / 24 h - now / 24 h`, whose last part is the same for every story. Leaving it out
/// gives a number that orders stories alike at any `now`: what is not touched need never be ranked again.
#[must_use]
pub fn heat_rank(heat: f64, newest: Timestamp) -> f64 {
    heat.clamp(COLDEST, f64::MAX).max(COLDEST).log2() + newest.as_second() as f64 / HALF_LIFE_S
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::tests::{article, story};

    /// Members as (name, quality, hour, is a copy).
    fn members(of: &[(&str, i64, i64, bool)]) -> Vec<Coverage> {
        let articles = of.iter().map(|(name, quality, hour, _)| {
            let mut article = article(&format!("https://{name}.example/"), name, &format!("{name}.example"));
            article.quality = *quality;
            article.published = Timestamp::from_second(hour * 3600).unwrap();
            article
        });
        let mut coverage = story(articles.collect()).coverage;
        for (member, (.., copy)) in coverage.iter_mut().zip(of) {
            member.copy_of = copy.then(|| ArticleId::of("original"));
        }
        coverage
    }

    fn id(name: &str) -> ArticleId {
        ArticleId::of(&format!("https://{name}.example/"))
    }

    #[track_caller]
    fn check(of: &[(&str, i64, i64, bool)], rule: LeadRule, pins: &[&str], leads: &[&str], expect: &str) {
        let ids = |names: &[&str]| names.iter().map(|name| id(name)).collect::<Vec<_>>();
        let mut coverage = members(of);
        for _ in 0..of.len().max(1) {
            coverage.rotate_left(usize::from(!of.is_empty()));
            order_coverage(&mut coverage, rule, &ids(pins), &ids(leads));
            let names: Vec<_> = coverage.iter().map(|member| member.article.publisher.name.as_str()).collect();
            assert_eq!(names.join(" "), expect);
        }
    }

    #[test]
    fn leads() {
        let three = [("a", 20, 1, false), ("b", 105, 3, false), ("c", 89, 2, false)];
        check(&three, LeadRule::Quality, &[], &["a"], "b c a");
        check(&three, LeadRule::Seed, &[], &["a"], "a b c");
        check(&three, LeadRule::Seed, &[], &["a", "c"], "c b a");
        check(&three, LeadRule::Seed, &[], &["gone"], "b c a");
        check(&three, LeadRule::Seed, &["c"], &["a"], "c b a");
        check(&three, LeadRule::Quality, &["gone", "a"], &[], "a b c");
        check(&[], LeadRule::Quality, &["a"], &["a"], "");
        check(&[("a", 0, 2, false), ("b", 0, 1, false)], LeadRule::Quality, &[], &[], "b a");
        check(&[("a", 0, 1, true), ("b", 0, 2, false)], LeadRule::Quality, &[], &[], "b a");
        check(&[("a", 1, 1, true), ("b", 0, 2, false)], LeadRule::Quality, &[], &[], "a b");
        let same = if id("a") < id("b") { "a b" } else { "b a" };
        check(&[("a", 0, 1, false), ("b", 0, 1, false)], LeadRule::Quality, &[], &[], same);
    }

    #[test]
    fn copies_stand_after_their_original() {
        /// Members by name, each with the name of what it copies.
        fn check(of: &[(&str, Option<&str>)], expect: &str) {
            let plain: Vec<_> = of.iter().map(|(name, _)| (*name, 0, 0, false)).collect();
            let mut coverage = members(&plain);
            for (member, (_, original)) in coverage.iter_mut().zip(of) {
                member.copy_of = original.map(id);
            }
            let names: Vec<_> = folded(&coverage).iter().map(|member| member.article.publisher.name.as_str()).collect();
            assert_eq!(names.join(" "), expect);
        }
        check(&[], "");
        check(&[("a", None), ("b", None), ("c", None)], "a b c");
        check(&[("a", None), ("b", None), ("c", Some("a")), ("d", Some("b"))], "a c b d");
        check(&[("a", None), ("c", Some("b")), ("b", Some("a"))], "a c b");
        check(&[("c", Some("a")), ("b", None), ("a", None), ("d", Some("a"))], "c b a d");
        check(&[("a", Some("gone")), ("b", Some("a"))], "a b");
        check(&[("x", None), ("a", Some("b")), ("b", Some("a"))], "x a b");
    }

    #[test]
    fn leads_are_explained() {
        let why = |of: &[(&str, i64, i64, bool)], rule, pins: &[&str], leads: &[&str]| {
            let ids = |names: &[&str]| names.iter().map(|name| id(name)).collect::<Vec<_>>();
            let mut coverage = members(of);
            order_coverage(&mut coverage, rule, &ids(pins), &ids(leads));
            why_it_leads(&coverage, rule, &ids(pins), &ids(leads))
        };
        let quality = LeadRule::Quality;
        assert_eq!(why(&[], quality, &[], &[]), "");
        assert_eq!(why(&[("a", 5, 0, false)], quality, &[], &[]), "it is alone");
        let two = [("a", 5, 0, false), ("b", 9, 0, false)];
        assert_eq!(why(&two, quality, &[], &[]), "its quality of 9 is the best");
        assert_eq!(why(&two, quality, &["a"], &[]), "it is pinned by `grouping.pin`");
        let by_seed = "it is a seed's own article; its quality of 5 is the best";
        assert_eq!(why(&two, LeadRule::Seed, &[], &["a"]), by_seed);
        let equal = [("a", 5, 0, true), ("b", 5, 1, false)];
        assert_eq!(why(&equal, quality, &[], &[]), "of the best quality, 5, it alone is no copy");
        let equal = [("a", 5, 1, false), ("b", 5, 0, false)];
        assert_eq!(why(&equal, quality, &[], &[]), "of the best quality, 5, it was published first");
    }

    #[test]
    fn heats() {
        let of = |of: &[(&str, i64, i64, bool)], given| heat(&members(of), given).to_string();
        assert_eq!(of(&[], None), "0");
        assert_eq!(of(&[("a", 0, 0, false), ("b", 0, 0, false), ("b", 0, 0, false)], None), "2");
        assert_eq!(of(&[("a", 0, 0, false), ("b", 0, 0, true)], None), "1");
        assert_eq!(of(&[("a", 0, 0, true)], None), "1");
        assert_eq!(of(&[("a", 0, 0, false)], Some(7.5)), "7.5");
        assert_eq!(of(&[("a", 0, 0, false)], Some(0.0)), "0");
        assert_eq!(of(&[("a", 0, 0, false)], Some(-1.0)), "1");
        assert_eq!(of(&[("a", 0, 0, false)], Some(f64::NAN)), "1");
    }

    #[test]
    fn ranks() {
        let day = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
        close(heat_rank(2.0, day(10)), heat_rank(1.0, day(11)));
        close(heat_rank(8.0, day(10)), heat_rank(1.0, day(13)));
        assert!(heat_rank(3.0, day(10)) > heat_rank(1.0, day(11)));
        assert!(heat_rank(1.0, day(12)) > heat_rank(3.0, day(10)));
        close(heat_rank(0.0, day(10)), heat_rank(1.0, day(0)));
        for odd in [f64::NAN, -1.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(heat_rank(odd, day(1)).is_finite(), "{odd}");
        }
    }
}
