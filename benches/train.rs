//! Trains the linker and measures it: `cargo bench --bench train -- --sets FOLDER [--write] [--ablation] [--nested] [--pairs]`.
//!
//! FOLDER holds `NAME.dev.jsonl.gz` for the sets below. Prints B-cubed and pairwise F1 of each set, measured with a model
//! and a table of words that have not seen it, on the daemon's own streaming path: as it is, and with half of its stories
//! cut to one article. `--write` then trains on all and writes `src/similarity/{weights,background}.txt`. Last come the pairs that people judged,
//! by the model that ships; with `--pairs` nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::needless_range_loop,
    dead_code,
    missing_docs,
    reason = "a bench is a program for one occasion: it stops where something is wrong"
)]

#[path = "train/boost.rs"]
mod boost;
mod harness;
#[path = "train/pairs.rs"]
mod pairs;
#[path = "train/sets.rs"]
mod sets;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use newswire::cluster::measure::{Agreement, agreement};
use newswire::cluster::open::Rules;
use newswire::similarity::evidence::EVIDENCE;
use newswire::similarity::rarity::Background;
use newswire::similarity::stem_key;
use newswire::text;

use pairs::Judged;
use sets::Set;

use harness::option;

/// Sets whose licence lets us learn from them; then those that only measure.
const LEARNT: [&str; 5] = ["uci", "neus", "allsides", "ecbplus", "fnc"];
const MEASURED: [&str; 2] = ["wikinews", "basil"];

/// The set whose articles are all of one day as they stand.
const CROWDED: &str = "uci";

/// Threshold and caution that `--nested` chooses from.
const SETTINGS: [(f64, f64); 8] =
    [(0.09, 0.0), (0.11, 0.0), (0.13, 0.0), (0.15, 0.0), (0.09, 0.7), (0.11, 0.7), (0.13, 0.7), (0.15, 0.7)];

/// Where the table goes.
const TABLE: &str = "src/similarity/MEASURED.md";

struct World {
    folder: PathBuf,
    whole: Vec<Set>,
    halves: Vec<Set>,
    small: Vec<Set>,
}

/// What is measured of a set: as it is, and halved.
type Row = (usize, [Agreement; 2]);

fn main() {
    let has = |flag: &str| std::env::args().any(|word| word == flag);
    let Some(folder) = option("--sets") else {
        println!("usage: cargo bench --bench train -- --sets FOLDER [--write] [--ablation] [--nested] [--pairs]");
        return;
    };
    if has("--pairs") {
        return print_pairs(Path::new(&folder));
    }
    let world = World::read(Path::new(&folder));
    let mut table = world.head();
    let mut add = |what: &str, rows: &[Row]| {
        let line = World::line(what, rows);
        print!("{line}");
        table += &line;
    };
    add("all", &world.measured(false, |_| true));
    if has("--nested") {
        add("all, settings nested", &world.measured(true, |_| true));
    }
    if has("--ablation") {
        let groups: BTreeSet<&str> = EVIDENCE.iter().map(|kind| kind.group).collect();
        for group in groups {
            add(&format!("without {group}"), &world.measured(false, |kind| EVIDENCE[kind].group != group));
        }
        fs::write(TABLE, table).expect("table written");
    }
    if has("--write") {
        world.write();
    }
    print_pairs(&world.folder);
}

impl World {
    fn read(folder: &Path) -> Self {
        let whole: Vec<Set> = LEARNT.iter().chain(&MEASURED).map(|name| Set::read(folder, name)).collect();
        let halves = whole.iter().map(Set::halved).collect();
        let small = whole.iter().map(Set::small).collect();
        Self { folder: folder.to_owned(), whole, halves, small }
    }

    /// Each set measured by a model that has not seen it; two models are learnt at a time.
    fn measured(&self, nested: bool, used: impl Fn(usize) -> bool + Sync) -> Vec<Row> {
        let mut folds: Vec<(Option<usize>, Vec<usize>)> = (0..LEARNT.len()).map(|set| (Some(set), vec![set])).collect();
        folds.push((None, (LEARNT.len()..self.whole.len()).collect()));
        let mut rows: Vec<Row> = Vec::new();
        for two in folds.chunks(2) {
            let fold = |(held, measured): &(Option<usize>, Vec<usize>)| self.fold(*held, measured, nested, &used);
            rows.extend(std::thread::scope(|scope| {
                let running: Vec<_> = two.iter().map(|one| scope.spawn(move || fold(one))).collect();
                running.into_iter().flat_map(|one| one.join().expect("a fold")).collect::<Vec<Row>>()
            }));
        }
        rows
    }

    fn fold(&self, held: Option<usize>, measured: &[usize], nested: bool, used: &impl Fn(usize) -> bool) -> Vec<Row> {
        let held: Vec<usize> = held.into_iter().collect();
        let mut rules = self.learnt(&held, used);
        if nested {
            (rules.threshold, rules.caution) = self.chosen(&held, used);
            println!("held out {held:?}: threshold {}, caution {}", rules.threshold, rules.caution);
        }
        let both = |set: usize| [&self.whole[set], &self.halves[set]].map(|set| grouped(set, &rules));
        measured.iter().map(|set| (*set, both(*set))).collect()
    }

    /// The settings that are best for sets that are held out as well, one after the other: `held` has no say.
    fn chosen(&self, held: &[usize], used: &impl Fn(usize) -> bool) -> (f64, f64) {
        let mut sums = [0.0; SETTINGS.len()];
        for inner in (0..LEARNT.len()).filter(|set| !held.contains(set)) {
            let learnt = self.learnt(&[held, &[inner]].concat(), used);
            for (sum, (threshold, caution)) in sums.iter_mut().zip(SETTINGS) {
                let rules = Rules { threshold, caution, ..learnt.clone() };
                for set in [&self.whole[inner], &self.halves[inner]] {
                    let found = grouped(set, &rules);
                    *sum += found.bcubed.f1() + found.pairwise.f1();
                }
            }
        }
        let best = (0..sums.len()).max_by(|a, b| sums[*a].total_cmp(&sums[*b])).expect("some settings");
        SETTINGS[best]
    }

    /// Rules learnt from all sets that may be learnt from, but for `held`.
    fn learnt(&self, held: &[usize], used: impl Fn(usize) -> bool) -> Rules {
        let sets: Vec<usize> = (0..LEARNT.len()).filter(|set| !held.contains(set)).collect();
        let shares = |without: Option<usize>| {
            sets::shares(sets.iter().filter(|set| Some(**set) != without).map(|set| &self.whole[*set]))
        };
        let mut learnt = boost::Pairs::default();
        for set in &sets {
            // The words of a set are counted by others, as those of news to come will be.
            let background = Arc::new(Background::of(shares(Some(*set))));
            for set in [&self.whole[*set], &self.halves[*set], &self.small[*set]] {
                pairs::add(&mut learnt, set, Rules { background: background.clone(), ..Rules::default() });
            }
        }
        let background = Arc::new(Background::of(shares(None)));
        let sparse = sets.iter().map(|set| &self.whole[*set]).filter(|set| set.name != CROWDED);
        pairs::add(&mut learnt, &Set::dense(sparse), Rules { background: background.clone(), ..Rules::default() });
        let model = Arc::new(boost::learn(&learnt, used));
        Rules { background, model, ..Rules::default() }
    }

    fn head(&self) -> String {
        let mut text = "# What each kind of evidence brings\n\n\
            Written by `cargo bench --bench train -- --sets FOLDER --nested --ablation`. B-cubed / pairwise F1 in percent, \
            each set measured by a model that has not seen it, on the daemon's own streaming path: whole, then with every \
            second story cut to one article. *Settings nested*: threshold and caution, too, were chosen without the set.\n\n\
            | evidence | whole | halved |"
            .to_owned();
        let mut rule = "\n|---|---|---|".to_owned();
        for set in &self.whole {
            text.extend([" ", &set.name, " | ", &set.name, "/2 |"]);
            rule += "---|---|";
        }
        text + &rule + "\n"
    }

    fn line(what: &str, rows: &[Row]) -> String {
        let shown = |bcubed: f64, pairwise: f64| format!(" {:.2} / {:.2} |", bcubed * 100.0, pairwise * 100.0);
        let mean = |of: &dyn Fn(&Row) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
        let mut line = format!("| {what} |");
        for part in 0..2 {
            line += &shown(mean(&|row| row.1[part].bcubed.f1()), mean(&|row| row.1[part].pairwise.f1()));
        }
        for found in rows.iter().flat_map(|row| &row.1) {
            line += &shown(found.bcubed.f1(), found.pairwise.f1());
        }
        line + "\n"
    }

    /// Trains on all that may be learnt from and writes what ships.
    fn write(&self) {
        let rules = self.learnt(&[], |_| true);
        let folder = Path::new("src/similarity");
        let head = "# Learnt by `cargo bench --bench train -- --write`: value | next below, next | limit | evidence.\n";
        fs::write(folder.join("weights.txt"), format!("{head}{}", rules.model.write())).expect("weights written");
        fs::write(folder.join("background.txt"), self.background()).expect("table written");
    }

    /// The table of words as text: stems with their share of stories, by stem.
    fn background(&self) -> String {
        let shares = sets::shares(&self.whole[..LEARNT.len()]);
        let mut stems: BTreeMap<String, u64> = BTreeMap::new();
        for line in self.whole[..LEARNT.len()].iter().flat_map(|set| &set.lines) {
            for text in [line.article.title.as_str(), line.article.excerpt.as_deref().unwrap_or_default()] {
                for stem in text::words(text).iter().map(|word| text::stem(word, "en")) {
                    let share = shares.get(&stem_key(&stem)).map_or(0.0, |share| share * 100_000.0);
                    if share >= 1.0 {
                        stems.insert(stem, share.round() as u64);
                    }
                }
            }
        }
        stems.into_iter().map(|(stem, share)| format!("{stem} {share}")).collect::<Vec<_>>().join("\n") + "\n"
    }
}

/// The pairs of two languages that somebody judged, by the model that ships.
fn print_pairs(folder: &Path) {
    for (language, Judged { pairs, alone, in_stream }) in pairs::judged(folder, &Rules::default()) {
        println!("judged pairs, {language}: {alone} of {pairs} right each alone, {in_stream} in one stream");
    }
}

/// How the daemon would group the set.
fn grouped(set: &Set, rules: &Rules) -> Agreement {
    let stream = set.streamed(rules);
    let labels: Vec<(&str, _)> = set.gold.iter().map(|(id, story)| (story.as_str(), stream.story_of(*id))).collect();
    agreement(&labels)
}
