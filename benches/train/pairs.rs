//! Pairs to learn from, and pairs that somebody judged.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use newswire::cluster::line;
use newswire::cluster::open::{Arrival, Rules};
use newswire::model::{Article, ArticleId};
use newswire::similarity::evidence::{Slot, at};
use newswire::similarity::{Model, Profile};

use super::boost::Pairs;
use super::sets::{Set, unzipped};

/// Together the pairs of one set weigh as much as this many.
const SET_WEIGHT: f64 = 50_000.0;

/// Of pairs below this cosine that are of two stories, one in six is learnt from, at six times the weight.
const THIN: f32 = 0.12;
const KEPT: usize = 6;

/// Adds the pairs of `set`: every set weighs the same, and an article of many pairs does not count for more.
pub fn add(pairs: &mut Pairs, set: &Set, rules: Rules) {
    let stream = set.streamed(&Rules { model: Arc::new(Model::default()), ..rules });
    let mut degrees: BTreeMap<ArticleId, f64> = BTreeMap::new();
    let found: Vec<_> = stream.open().pairs().collect();
    for (a, b, _) in &found {
        *degrees.entry(*a).or_insert(1.0) += 1.0;
        *degrees.entry(*b).or_insert(1.0) += 1.0;
    }
    let degree = |id: &ArticleId| degrees.get(id).copied().unwrap_or(1.0);
    let weight = |a: &ArticleId, b: &ArticleId| 1.0 / (degree(a) * degree(b)).sqrt();
    let total: f64 = found.iter().map(|(a, b, _)| weight(a, b)).sum();
    for (place, (a, b, evidence)) in found.iter().enumerate() {
        let same = set.gold.get(a) == set.gold.get(b);
        let thin = !same && at(evidence, Slot::All) < THIN;
        if thin && place % KEPT != 0 {
            continue;
        }
        let times = if thin { KEPT as f64 } else { 1.0 };
        pairs.evidence.push(*evidence);
        pairs.same.push(same);
        pairs.weight.push(weight(a, b) / total * SET_WEIGHT * times);
    }
}

/// How many of the judged pairs of `tgpairs` are seen as the judges did, by language: a pair is taken to be of one event
/// where the linker puts it together in a stream of all articles of its language. Some stand in two pairs: to the linker,
/// too, they are one article.
pub fn judged(folder: &Path, rules: &Rules) -> Vec<(String, usize, usize)> {
    let text = unzipped(&folder.join("tgpairs.dev.jsonl.gz"));
    let mut found: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut read = Vec::new();
    for text in text.lines() {
        let pair: serde_json::Value = serde_json::from_str(text).expect("a pair");
        let side = |key: &str| {
            let mut side = pair[key].clone();
            side["id"] = side["url"].clone();
            line::read(&side.to_string()).expect("an article").article
        };
        let language = pair["a"]["lang"].as_str().unwrap_or_default().to_owned();
        read.push((language, side("a"), side("b"), pair["same"].as_bool().unwrap_or_default()));
    }
    for language in ["en", "ru"] {
        let mut stream = newswire::cluster::stream::Stream::new(rules.clone());
        let of = |(code, ..): &&(String, _, _, bool)| code == language;
        let articles: BTreeMap<ArticleId, &Article> =
            read.iter().filter(of).flat_map(|(_, a, b, _)| [(a.id, a), (b.id, b)]).collect();
        stream.step(articles.values().map(|article| Arrival::of(Profile::of(article))).collect(), &[]);
        for (_, a, b, same) in read.iter().filter(of) {
            let (right, all) = found.entry(language.to_owned()).or_default();
            *right += usize::from((stream.story_of(a.id) == stream.story_of(b.id)) == *same);
            *all += 1;
        }
    }
    found.into_iter().map(|(language, (right, all))| (language, right, all)).collect()
}
