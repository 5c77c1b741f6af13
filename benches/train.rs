//! Trains the linker and measures it: `cargo bench --bench train -- --sets FOLDER [--write] [--ablation] [--sweep]`.
//!
//! FOLDER holds `NAME.dev.jsonl.gz` for the sets below. Prints B-cubed and pairwise F1 of each set, measured with a model
//! and a table of words that have not seen it, on the daemon's own streaming path: as it is, and with half of its stories
//! cut to one article. `--write` then trains on all and writes `src/similarity/{weights,background}.txt`.

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

use sets::Set;

/// Sets whose licence lets us learn from them; then those that only measure.
const LEARNT: [&str; 5] = ["uci", "neus", "allsides", "ecbplus", "fnc"];
const MEASURED: [&str; 2] = ["wikinews", "basil"];

/// Thresholds that `--sweep` tries.
const SWEEP: [f64; 4] = [0.10, 0.12, 0.14, 0.16];

struct World {
    folder: PathBuf,
    whole: Vec<Set>,
    halves: Vec<Set>,
}

/// What is measured of a set: as it is, and halved.
type Row = (usize, f64, [Agreement; 2]);

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let Some(folder) = args.iter().position(|arg| arg == "--sets").and_then(|place| args.get(place + 1)) else {
        println!("usage: cargo bench --bench train -- --sets FOLDER [--write] [--ablation] [--sweep]");
        return;
    };
    let world = World::read(Path::new(folder));
    let thresholds = if has("--sweep") { SWEEP.to_vec() } else { vec![Rules::default().threshold] };
    world.print("all", &world.measured(&thresholds, |_| true));
    if has("--ablation") {
        let groups: BTreeSet<&str> = EVIDENCE.iter().map(|kind| kind.group).collect();
        for group in groups {
            let rows = world.measured(&thresholds, |kind| EVIDENCE[kind].group != group);
            world.print(&format!("without {group}"), &rows);
        }
    }
    if has("--write") {
        world.write();
    }
    world.print_pairs();
}

impl World {
    fn read(folder: &Path) -> Self {
        let whole: Vec<Set> = LEARNT.iter().chain(&MEASURED).map(|name| Set::read(folder, name)).collect();
        let halves = whole.iter().map(Set::halved).collect();
        Self { folder: folder.to_owned(), whole, halves }
    }

    /// Each set measured by a model that has not seen it; two models are learnt at a time.
    fn measured(&self, thresholds: &[f64], used: impl Fn(usize) -> bool + Sync) -> Vec<Row> {
        let mut folds: Vec<(Option<usize>, Vec<usize>)> = (0..LEARNT.len()).map(|set| (Some(set), vec![set])).collect();
        folds.push((None, (LEARNT.len()..self.whole.len()).collect()));
        let mut rows: Vec<Row> = Vec::new();
        for two in folds.chunks(2) {
            let fold = |(held, measured): &(Option<usize>, Vec<usize>)| self.fold(*held, measured, thresholds, &used);
            rows.extend(std::thread::scope(|scope| {
                let running: Vec<_> = two.iter().map(|one| scope.spawn(move || fold(one))).collect();
                running.into_iter().flat_map(|one| one.join().expect("a fold")).collect::<Vec<Row>>()
            }));
        }
        rows
    }

    fn fold(
        &self,
        held: Option<usize>,
        measured: &[usize],
        thresholds: &[f64],
        used: impl Fn(usize) -> bool,
    ) -> Vec<Row> {
        let rules = self.learnt(held, used);
        let mut rows = Vec::new();
        for set in measured {
            for threshold in thresholds {
                let rules = Rules { threshold: *threshold, ..rules.clone() };
                let found = [&self.whole[*set], &self.halves[*set]].map(|set| grouped(set, &rules));
                rows.push((*set, *threshold, found));
            }
        }
        rows
    }

    /// Rules learnt from all sets that may be learnt from, but for `held`.
    fn learnt(&self, held: Option<usize>, used: impl Fn(usize) -> bool) -> Rules {
        let sets: Vec<usize> = (0..LEARNT.len()).filter(|set| Some(*set) != held).collect();
        let shares = |without: Option<usize>| {
            sets::shares(sets.iter().filter(|set| Some(**set) != without).map(|set| &self.whole[*set]))
        };
        let mut learnt = boost::Pairs::default();
        for set in &sets {
            // The words of a set are counted by others, as those of news to come will be.
            let background = Arc::new(Background::of(shares(Some(*set))));
            for set in [&self.whole[*set], &self.halves[*set]] {
                pairs::add(&mut learnt, set, Rules { background: background.clone(), ..Rules::default() });
            }
        }
        let model = Arc::new(boost::learn(&learnt, used));
        Rules { background: Arc::new(Background::of(shares(None))), model, ..Rules::default() }
    }

    fn print(&self, what: &str, rows: &[Row]) {
        let thresholds: BTreeSet<u64> = rows.iter().map(|(_, threshold, _)| threshold.to_bits()).collect();
        for threshold in thresholds.into_iter().map(f64::from_bits) {
            let rows: Vec<&Row> = rows.iter().filter(|row| (row.1 - threshold).abs() < 1e-9).collect();
            let mean =
                |of: &dyn Fn(&Row) -> f64| rows.iter().map(|row| of(row)).sum::<f64>() / rows.len() as f64 * 100.0;
            print!("{what:18} {threshold:.2}");
            for part in 0..2 {
                let bcubed = mean(&|row| row.2[part].bcubed.f1());
                let pairwise = mean(&|row| row.2[part].pairwise.f1());
                print!("  {} {bcubed:5.2}/{pairwise:5.2}", ["whole", "halved"][part]);
            }
            for (set, _, [found, _]) in &rows {
                let name = &self.whole[*set].name;
                print!("  {name} {:.1}/{:.1}", found.bcubed.f1() * 100.0, found.pairwise.f1() * 100.0);
            }
            println!();
        }
    }

    /// Trains on all that may be learnt from and writes what ships.
    fn write(&self) {
        let rules = self.learnt(None, |_| true);
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

    /// The pairs of two languages that somebody judged, by the model that ships.
    fn print_pairs(&self) {
        for (language, right, all) in pairs::judged(&self.folder, &Rules::default()) {
            println!("judged pairs, {language}: {right} of {all} right");
        }
    }
}

/// How the daemon would group the set.
fn grouped(set: &Set, rules: &Rules) -> Agreement {
    let stream = set.streamed(rules);
    let labels: Vec<(&str, _)> = set.gold.iter().map(|(id, story)| (story.as_str(), stream.story_of(*id))).collect();
    agreement(&labels)
}
