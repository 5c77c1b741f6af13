//! Who leads a story, and which story comes first.

use std::cmp::Reverse;
use std::collections::BTreeSet;

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
