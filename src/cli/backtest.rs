//! `newswire backtest`: groups streams of articles and scores each against its gold.
//!
//! In come files of lines as for `cluster`, with a `story`; out go B-cubed and pairwise precision, recall and F1, and how stable
//! ids are: restarted four times, replayed in two halves, taken in two steps, and shuffled inside each hour. Of several
//! files a table.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
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
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Articles that come at a time while it is asked how stable ids are: about what a poll brings. In steps of the largest
/// size most hours would be whole, and a step is put in order before it is taken.
const POLL: usize = 16;

/// What is known at the end of a stream.
type Stories = BTreeMap<ArticleId, StoryId>;

/// What is found of one file.
struct Found {
    articles: usize,
    agreement: Agreement,
    /// Share of articles whose story has the same id after four restarts.
    restarted: f64,
    /// The same when it is replayed in two halves.
    halved: f64,
    /// The same when all arrive in two steps: a story that was told of early keeps that id, so this differs.
    at_once: f64,
    /// F1 of the pairs of one story when arrival is shuffled within an hour.
    shuffled: f64,
}

impl Backtest {
    /// Groups, scores and prints.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        let found: std::io::Result<Vec<Found>> = self.files.iter().map(|file| Found::of(file)).collect();
        match found {
            Ok(found) => super::print(&self.shown(&found)),
            Err(error) => super::failed(&AppError::Machine(error)),
        }
    }

    fn shown(&self, found: &[Found]) -> String {
        match found {
            _ if self.json => {
                let lines: Vec<String> = found.iter().map(|found| found.as_json().to_string()).collect();
                lines.join("\n") + "\n"
            }
            [found] => found.as_text(),
            _ => self.table(found),
        }
    }

    fn table(&self, found: &[Found]) -> String {
        let width = self.files.iter().map(|file| name(file).chars().count()).max().unwrap_or_default().max(4);
        let mut text = format!(
            "{:width$}  articles  B-cubed F1  pairwise F1  the same: restarted  in two halves  in two steps  shuffled\n",
            "file"
        );
        for (file, found) in self.files.iter().zip(found) {
            let Found { articles, agreement, restarted, halved, at_once, shuffled } = found;
            let [bcubed, pairwise] = [agreement.bcubed, agreement.pairwise].map(|rates| rates.f1() * 100.0);
            let [restarted, halved, at_once, shuffled] =
                [restarted, halved, at_once, shuffled].map(|share| share * 100.0);
            let _ = writeln!(
                text,
                "{:width$}  {articles:8}  {bcubed:10.2}  {pairwise:11.2}  {restarted:17.2} %  {halved:11.2} %  {at_once:10.2} %  {shuffled:6.2} %",
                name(file)
            );
        }
        text
    }
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

impl Found {
    fn of(file: &Path) -> std::io::Result<Self> {
        let mut gold = BTreeMap::new();
        let mut arrivals = Vec::new();
        for line in lines(Some(file))? {
            let line = line?;
            gold.extend(line.story.map(|story| (line.article.id, story)));
            arrivals.push(Arrival::of(Profile::of(&line.article)));
        }
        let stories = replayed(&arrivals, BATCH, 1);
        let labels: Vec<(&str, Option<&StoryId>)> =
            gold.iter().map(|(id, story)| (story.as_str(), stories.get(id))).collect();
        let lived = replayed(&arrivals, POLL, 1);
        Ok(Self {
            articles: arrivals.len(),
            agreement: agreement(&labels),
            restarted: share_same(&lived, &replayed(&arrivals, POLL, 5)),
            halved: share_same(&lived, &replayed(&arrivals, POLL, 2)),
            at_once: share_same(&lived, &replayed(&arrivals, arrivals.len().div_ceil(2).max(1), 1)),
            shuffled: pairs_same(&lived, &replayed(&shuffled(&arrivals), POLL, 1)),
        })
    }

    fn stable(&self) -> [(&'static str, f64); 4] {
        [
            ("restarted four times", self.restarted),
            ("replayed in two halves", self.halved),
            ("taken in two steps", self.at_once),
            ("shuffled within an hour", self.shuffled),
        ]
    }

    fn as_json(&self) -> serde_json::Value {
        let rates = |rates: Rates| json!({ "precision": rates.precision, "recall": rates.recall, "f1": rates.f1() });
        json!({
            "articles": self.articles,
            "bcubed": rates(self.agreement.bcubed),
            "pairwise": rates(self.agreement.pairwise),
            "stable": BTreeMap::from(self.stable()),
        })
    }

    fn as_text(&self) -> String {
        let line = |name: &str, rates: Rates| {
            let [p, r, f] = [rates.precision, rates.recall, rates.f1()].map(|share| share * 100.0);
            format!("{name:10} precision {p:5.1}  recall {r:5.1}  F1 {f:5.1}\n")
        };
        let mut text = format!("{} articles\n", self.articles);
        text += &line("B-cubed", self.agreement.bcubed);
        text += &line("pairwise", self.agreement.pairwise);
        for (name, share) in self.stable() {
            let _ = writeln!(text, "the same when {name}: {:.2} %", share * 100.0);
        }
        text
    }
}

/// The stories of all articles after a stream in steps of `step`; with `lives`, all memory is lost that often but once.
fn replayed(arrivals: &[Arrival], step: usize, lives: usize) -> Stories {
    let mut stream = Stream::new(Rules::default());
    let steps = arrivals.len().div_ceil(step);
    let life = steps.div_ceil(lives).max(1);
    for (number, arriving) in arrivals.chunks(step).enumerate() {
        if number > 0 && number % life == 0 {
            stream = stream.restarted(Rules::default(), arrivals.iter().take(number * step).cloned());
        }
        stream.step(arriving.to_vec(), &[]);
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
