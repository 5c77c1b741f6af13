//! Reasons for people: why two articles are taken to be about one event.
//!
//! In come two articles, out go short phrases. Made when somebody asks, from the texts: profiles hold no words.

use std::collections::BTreeMap;

use super::profile::{head, stems};
use super::tongue::tongue;
use super::{Similarity, segment, stop};
use crate::model::Article;

/// More shared words than this tell a reader nothing new.
const SHOWN: usize = 6;

/// Characters that are read of title and excerpt: what a profile reads.
const CHARS: usize = 600;

/// More parts of a score than this are not told of either side.
const PARTS: usize = 4;

/// Parts below this are shown as nothing.
const LEAST_PART: f64 = 0.05;

/// Why `a` and `b` are taken to be about one event: `both say inferentia, alexa`, `3 hours apart`, `same publisher`.
/// Longer and less common words first.
#[must_use]
pub fn reasons(a: &Article, b: &Article) -> Vec<String> {
    let (mine, theirs) = (content(a), content(b));
    let mut shared: Vec<(&String, bool)> =
        mine.iter().filter(|(stem, _)| theirs.contains_key(*stem)).map(|(_, (word, title))| (word, *title)).collect();
    shared.sort_by_key(|(word, title)| {
        (stop::known(word).common, !title, std::cmp::Reverse(word.chars().count()), (*word).clone())
    });
    let mut reasons = Vec::new();
    if !shared.is_empty() {
        let words: Vec<&str> = shared.iter().take(SHOWN).map(|(word, _)| word.as_str()).collect();
        let more = shared.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        reasons.push(format!("both say {}{more}", words.join(", ")));
    }
    reasons.push(apart(a.published.as_second().abs_diff(b.published.as_second())));
    if !a.publisher.domain.is_empty() && a.publisher.domain == b.publisher.domain {
        reasons.push("same publisher".to_owned());
    }
    reasons
}

/// What made a score, weightiest first: `for it: cosine +1.8, same neighbours +0.6`, `against it: numbers clash −0.4`.
/// The numbers are added log-odds.
#[must_use]
pub fn parts(similarity: &Similarity) -> Vec<String> {
    let told = |name: &str, sign: f64| {
        let parts = similarity.parts.iter().filter(|(_, part)| part * sign >= LEAST_PART).take(PARTS);
        let mark = if sign > 0.0 { '+' } else { '−' };
        let parts: Vec<String> = parts.map(|(kind, part)| format!("{kind} {mark}{:.1}", part.abs())).collect();
        (!parts.is_empty()).then(|| format!("{name}: {}", parts.join(", ")))
    };
    told("for it", 1.0).into_iter().chain(told("against it", -1.0)).collect()
}

/// Stems with the word as written and whether the title has it.
fn content(article: &Article) -> BTreeMap<String, (String, bool)> {
    let texts = [&article.title, article.excerpt.as_deref().unwrap_or_default()].map(|text| head(text, CHARS));
    let [title, excerpt] = texts.map(segment::words);
    let (language, _) = tongue(article.lang.as_deref(), texts, [&title, &excerpt]);
    let mut content = BTreeMap::new();
    for (word, stem) in stems(title.iter(), &language) {
        content.entry(stem).or_insert((word.to_owned(), true));
    }
    for (word, stem) in stems(excerpt.iter(), &language) {
        content.entry(stem).or_insert((word.to_owned(), false));
    }
    content
}

fn apart(seconds: u64) -> String {
    match (seconds / 60, seconds / 3600) {
        (0, _) => "published at the same time".to_owned(),
        (1, _) => "a minute apart".to_owned(),
        (minutes, 0) => format!("{minutes} minutes apart"),
        (_, 1) => "an hour apart".to_owned(),
        (_, hours) if hours < 48 => format!("{hours} hours apart"),
        (_, hours) => format!("{} days apart", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_score_are_told() {
        let similarity =
            Similarity { score: 0.8, parts: vec![("cosine", 1.84), ("numbers clash", -0.42), ("circle", 0.01)] };
        assert_eq!(parts(&similarity), ["for it: cosine +1.8", "against it: numbers clash −0.4"]);
        assert_eq!(parts(&Similarity { score: 0.5, parts: Vec::new() }), [""; 0]);
    }

    #[test]
    fn time_is_told_in_round_words() {
        let check = |seconds: u64, expect: &str| assert_eq!(apart(seconds), expect);
        check(0, "published at the same time");
        check(59, "published at the same time");
        check(60, "a minute apart");
        check(3_599, "59 minutes apart");
        check(3_600, "an hour apart");
        check(7_200, "2 hours apart");
        check(172_800, "2 days apart");
        check(u64::MAX, "213503982334601 days apart");
    }
}
