//! `newswire backtest`: groups a stream of articles and scores it against its gold.
//!
//! In come lines as for `cluster`, with a `story`; out go B-cubed and pairwise precision, recall and F1, and how stable
//! ids are: replayed in two halves, restarted in the middle, and shuffled inside each hour.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::cluster::lines;
use crate::app::AppError;
use crate::app::once::BATCH;
use crate::cluster::measure::{Agreement, Rates, agreement};
use crate::cluster::open::{Arrival, Rules};
use crate::cluster::stream::Stream;
use crate::model::{ArticleId, StoryId};
use crate::similarity::Profile;

/// Arguments of `backtest`.
#[derive(Debug, Args)]
pub struct Backtest {
    /// Lines `{"id","title","published","story",…}`, gzip or not
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is known at the end of a stream.
type Stories = BTreeMap<ArticleId, StoryId>;

impl Backtest {
    /// Groups, scores and prints.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        let mut gold = BTreeMap::new();
        let mut arrivals = Vec::new();
        let read = || -> std::io::Result<()> {
            for line in lines(Some(&self.file))? {
                let line = line?;
                gold.extend(line.story.map(|story| (line.article.id, story)));
                arrivals.push(Arrival::of(Profile::of(&line.article)));
            }
            Ok(())
        };
        if let Err(error) = { read }() {
            return super::failed(&AppError::Machine(error));
        }
        let stories = replayed(&arrivals, usize::MAX);
        let labels: Vec<(&str, Option<&StoryId>)> =
            gold.iter().map(|(id, story)| (story.as_str(), stories.get(id))).collect();
        let stable = [
            ("restarted four times", share_same(&stories, &replayed(&arrivals, arrivals.len().div_ceil(5)))),
            ("replayed in two halves", share_same(&stories, &replayed(&arrivals, arrivals.len().div_ceil(2)))),
            ("shuffled within an hour", pairs_same(&stories, &replayed(&shuffled(&arrivals), usize::MAX))),
        ];
        super::print(&self.shown(arrivals.len(), &agreement(&labels), &stable))
    }

    fn shown(&self, articles: usize, found: &Agreement, stable: &[(&str, f64); 3]) -> String {
        let rates = |rates: Rates| json!({ "precision": rates.precision, "recall": rates.recall, "f1": rates.f1() });
        if self.json {
            let stable: BTreeMap<&str, f64> = stable.iter().copied().collect();
            let object = json!({
                "articles": articles,
                "bcubed": rates(found.bcubed),
                "pairwise": rates(found.pairwise),
                "stable": stable,
            });
            return format!("{object}\n");
        }
        let line = |name: &str, rates: Rates| {
            let [p, r, f] = [rates.precision, rates.recall, rates.f1()].map(|share| share * 100.0);
            format!("{name:10} precision {p:5.1}  recall {r:5.1}  F1 {f:5.1}\n")
        };
        let mut text = format!("{articles} articles\n");
        text += &line("B-cubed", found.bcubed);
        text += &line("pairwise", found.pairwise);
        for (name, share) in stable {
            let _ = writeln!(text, "the same when {name}: {:.2} %", share * 100.0);
        }
        text
    }
}

/// The stories of all articles after a stream of steps as the daemon takes them; after every `life` articles all memory
/// is lost.
fn replayed(arrivals: &[Arrival], life: usize) -> Stories {
    let mut stream = Stream::new(Rules::default());
    let mut taken = 0;
    for life in arrivals.chunks(life.max(1)) {
        if taken > 0 {
            stream = stream.restarted(Rules::default(), arrivals.iter().take(taken).cloned());
        }
        for step in life.chunks(BATCH) {
            stream.step(step.to_vec(), &[]);
        }
        taken += life.len();
    }
    let story = |arrival: &Arrival| Some((arrival.profile.id, stream.story_of(arrival.profile.id)?));
    arrivals.iter().filter_map(story).collect()
}

/// Share of articles whose story has the same id in both.
fn share_same(one: &Stories, other: &Stories) -> f64 {
    let same = one.iter().filter(|(id, story)| other.get(id) == Some(story)).count();
    same as f64 / one.len().max(1) as f64
}

/// Share of the pairs of articles of one story that are so in both.
fn pairs_same(one: &Stories, other: &Stories) -> f64 {
    let labels: Vec<(StoryId, Option<&StoryId>)> = one.iter().map(|(id, story)| (*story, other.get(id))).collect();
    agreement(&labels).pairwise.f1()
}

/// The same articles, those of each hour of publication in the order of their ids.
fn shuffled(arrivals: &[Arrival]) -> Vec<Arrival> {
    let mut shuffled = arrivals.to_vec();
    shuffled.sort_by_key(|arrival| (arrival.profile.published_s.div_euclid(3600), arrival.profile.id));
    shuffled
}
