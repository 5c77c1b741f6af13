//! Sets of stories: reading them, cutting them, streaming them as the daemon would, and counting words over stories.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use newswire::cluster::line::{self, Line};
use newswire::cluster::open::{Arrival, Rules};
use newswire::cluster::stream::Stream;
use newswire::model::ArticleId;
use newswire::similarity::Profile;

/// What a step of the daemon takes at most.
pub const STEP: usize = 2048;

/// A word of fewer stories than this is not in the table.
const LEAST_STORIES: f64 = 2.0;

/// Seconds between two articles of a dense stream: 10,800 a day.
const DENSE_S: usize = 8;

/// Articles with their gold stories.
pub struct Set {
    pub name: String,
    pub profiles: Vec<Profile>,
    pub gold: BTreeMap<ArticleId, String>,
    pub lines: Vec<Line>,
}

impl Set {
    /// The set `name` of `folder`.
    pub fn read(folder: &Path, name: &str) -> Self {
        let text = unzipped(&folder.join(format!("{name}.dev.jsonl.gz")));
        let lines = text.lines().map(|text| line::read(text).expect("a line of a set")).collect();
        Self::of(name.to_owned(), lines)
    }

    fn of(name: String, lines: Vec<Line>) -> Self {
        let gold = lines.iter().filter_map(|line| Some((line.article.id, line.story.clone()?))).collect();
        Self { name, profiles: lines.iter().map(|line| Profile::of(&line.article)).collect(), gold, lines }
    }

    /// Every second story, by a hash of its name, cut to its first article.
    pub fn halved(&self) -> Self {
        let mut seen = BTreeSet::new();
        let stays = |line: &&Line| {
            let story = line.story.clone().unwrap_or_default();
            let is_whole = ArticleId::of(&story).as_bytes()[0] & 1 == 0;
            seen.insert(story) || is_whole
        };
        Self::of(format!("{}/2", self.name), self.lines.iter().filter(stays).cloned().collect())
    }

    /// Every story cut to its first three articles: what stories of a small stream look like.
    pub fn small(&self) -> Self {
        let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
        let stays = |line: &&Line| {
            let size = sizes.entry(line.story.clone().unwrap_or_default()).or_default();
            *size += 1;
            *size <= 3
        };
        Self::of(format!("{}/3", self.name), self.lines.iter().filter(stays).cloned().collect())
    }

    /// All articles of `sets` in any order, as news of a single day: where there is so much, most that looks alike is not of
    /// one story.
    pub fn dense<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut lines: Vec<Line> = sets.into_iter().flat_map(|set| &set.lines).cloned().collect();
        lines.sort_by_key(|line| line.article.id);
        for (line, second) in lines.iter_mut().zip((0..).step_by(DENSE_S)) {
            line.article.published = Timestamp::from_second(second).expect("a time");
        }
        Self::of("dense".to_owned(), lines)
    }

    /// The stream after all articles, in steps, by the time of publication.
    pub fn streamed(&self, rules: &Rules) -> Stream {
        streamed(&self.profiles, rules)
    }
}

/// The stream after all these, in steps.
pub fn streamed(profiles: &[Profile], rules: &Rules) -> Stream {
    let mut stream = Stream::new(rules.clone());
    for step in profiles.chunks(STEP) {
        stream.step(step.iter().cloned().map(Arrival::of).collect(), &[]);
    }
    stream
}

/// The text of a gzip file.
pub fn unzipped(path: &Path) -> String {
    let mut text = String::new();
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("text");
    text
}

/// The share of stories that use a word, by its hash: a story of many articles counts once.
pub fn shares<'a>(sets: impl IntoIterator<Item = &'a Set>) -> BTreeMap<u32, f32> {
    let mut shares: BTreeMap<u32, f64> = BTreeMap::new();
    let mut stories = 0.0;
    for set in sets {
        let mut sizes: BTreeMap<&str, f64> = BTreeMap::new();
        for story in set.gold.values() {
            *sizes.entry(story).or_default() += 1.0;
        }
        for profile in &set.profiles {
            let part =
                set.gold.get(&profile.id).and_then(|story| sizes.get(story.as_str())).map_or(0.0, |size| 1.0 / size);
            for term in &profile.terms {
                *shares.entry(term.hash).or_default() += part;
            }
        }
        stories += sizes.len() as f64;
    }
    shares
        .into_iter()
        .filter(|(_, count)| *count >= LEAST_STORIES)
        .map(|(hash, count)| (hash, (count / stories) as f32))
        .collect()
}
