//! Pairs to learn from, and pairs that somebody judged.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use newswire::cluster::line;
use newswire::cluster::open::Rules;
use newswire::cluster::stream::Stream;
use newswire::model::{Article, ArticleId};
use newswire::similarity::evidence::{Slot, at};
use newswire::similarity::{Model, Profile};

use super::boost::Pairs;
use super::sets::{Set, streamed, unzipped};

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

/// Pairs that somebody judged, of one language.
pub struct Judged {
    pub pairs: usize,
    /// Seen as the judges did where nothing but the two is in the window.
    pub alone: usize,
    /// And in a window of all articles of the language. Some stand in two pairs: to the linker, too, they are one article.
    pub in_stream: usize,
}

/// The judged pairs of `tgpairs` by language: one is taken to be of one event where the linker puts it together.
pub fn judged(folder: &Path, rules: &Rules) -> BTreeMap<String, Judged> {
    let text = unzipped(&folder.join("tgpairs.dev.jsonl.gz"));
    let mut read: BTreeMap<String, Vec<(Article, Article, bool)>> = BTreeMap::new();
    for text in text.lines() {
        let pair: serde_json::Value = serde_json::from_str(text).expect("a pair");
        let side = |key: &str| {
            let mut side = pair[key].clone();
            side["id"] = side["url"].clone();
            line::read(&side.to_string()).expect("an article").article
        };
        let language = pair["a"]["lang"].as_str().unwrap_or_default().to_owned();
        read.entry(language).or_default().push((side("a"), side("b"), pair["same"].as_bool().unwrap_or_default()));
    }
    let of = |(language, pairs): (String, Vec<(Article, Article, bool)>)| {
        let all = grouped(pairs.iter().flat_map(|(a, b, _)| [a, b]), rules);
        let together = |stream: &Stream, a: &Article, b: &Article| stream.story_of(a.id) == stream.story_of(b.id);
        let right = |found: &dyn Fn(&Article, &Article) -> bool| {
            pairs.iter().filter(|(a, b, same)| found(a, b) == *same).count()
        };
        let alone = right(&|a, b| together(&grouped([a, b], rules), a, b));
        let in_stream = right(&|a, b| together(&all, a, b));
        (language, Judged { pairs: pairs.len(), alone, in_stream })
    };
    read.into_iter().map(of).collect()
}

fn grouped<'a>(articles: impl IntoIterator<Item = &'a Article>, rules: &Rules) -> Stream {
    let by_id: BTreeMap<ArticleId, &Article> = articles.into_iter().map(|article| (article.id, article)).collect();
    streamed(&by_id.into_values().map(Profile::of).collect::<Vec<_>>(), rules)
}
