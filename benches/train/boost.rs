//! Learns boosted trees: logistic loss, histograms of 64 bins, leaf by leaf (Friedman 2001; Ke et al. 2017), each kind of
//! evidence held to the way it may move the score. No chance in it: the same pairs in the same order give the same trees.

use newswire::similarity::evidence::{EVIDENCE, Evidence, KINDS, Way};
use newswire::similarity::{Model, Node};

/// Trees, leaves a tree, and how much of each tree's answer counts.
const TREES: usize = 100;
const LEAVES: usize = 15;
const RATE: f64 = 0.1;

/// Fewer pairs than this make no leaf.
const LEAST_PAIRS: f64 = 80.0;

/// Weight of "no opinion" in each leaf.
const RIDGE: f64 = 1.0;

const BINS: usize = 64;

/// What is learnt from.
#[derive(Default)]
pub struct Pairs {
    pub evidence: Vec<Evidence>,
    pub same: Vec<bool>,
    pub weight: Vec<f64>,
}

/// Gradient, curvature and number of the pairs in a bin.
type Sums = [f64; 3];

struct Leaf {
    rows: Vec<u32>,
    bins: Vec<Sums>,
    node: usize,
    bounds: [f64; 2],
    best: Option<Split>,
}

#[derive(Clone, Copy)]
struct Split {
    gain: f64,
    kind: usize,
    bin: usize,
}

struct Learner {
    cuts: Vec<Vec<f32>>,
    binned: Vec<[u8; KINDS]>,
    gradients: Vec<[f64; 2]>,
    kinds: Vec<usize>,
}

/// A model of `pairs` that looks at the kinds of which `used` is true.
pub fn learn(pairs: &Pairs, used: impl Fn(usize) -> bool) -> Model {
    let count = pairs.same.len();
    let total: f64 = pairs.weight.iter().sum();
    let same: f64 = pairs.weight.iter().zip(&pairs.same).map(|(weight, same)| if *same { *weight } else { 0.0 }).sum();
    let constant = (same / (total - same)).ln();
    let mut odds = vec![constant; count];
    let cuts: Vec<Vec<f32>> = (0..KINDS).map(|kind| cuts(pairs, kind)).collect();
    let bin = |row: &Evidence| {
        let mut bins = [0u8; KINDS];
        for kind in 0..KINDS {
            bins[kind] = cuts[kind].partition_point(|cut| *cut <= row[kind]) as u8;
        }
        bins
    };
    let binned = pairs.evidence.iter().map(bin).collect();
    let kinds = (0..KINDS).filter(|kind| used(*kind)).collect();
    let mut learner = Learner { cuts, binned, gradients: vec![[0.0; 2]; count], kinds };
    let mut trees = Vec::new();
    for _ in 0..TREES {
        for row in 0..count {
            let chance = 1.0 / (1.0 + (-odds[row]).exp());
            let truth = f64::from(u8::from(pairs.same[row]));
            let weight = pairs.weight[row];
            learner.gradients[row] = [weight * (chance - truth), weight * (chance * (1.0 - chance)).max(1e-9)];
        }
        let (tree, leaves) = learner.tree(count);
        for leaf in leaves {
            for row in leaf.rows {
                odds[row as usize] += f64::from(tree[leaf.node].value);
            }
        }
        trees.push(tree);
    }
    Model::new(constant as f32, trees)
}

/// Limits between bins that hold about as many pairs each.
fn cuts(pairs: &Pairs, kind: usize) -> Vec<f32> {
    let mut values: Vec<f32> = pairs.evidence.iter().map(|row| row[kind]).collect();
    values.sort_by(f32::total_cmp);
    let mut cuts: Vec<f32> = (1..BINS).map(|part| values[part * values.len() / BINS]).collect();
    cuts.dedup();
    if cuts.first() == values.first() {
        cuts.remove(0);
    }
    cuts
}

fn answer([gradient, curvature, _]: Sums, [least, most]: [f64; 2]) -> f64 {
    (-gradient / (curvature + RIDGE)).clamp(least, most)
}

fn gain(sums: Sums, bounds: [f64; 2]) -> f64 {
    let value = answer(sums, bounds);
    -(sums[0] * value + 0.5 * (sums[1] + RIDGE) * value * value)
}

fn plus(a: Sums, b: &Sums) -> Sums {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

fn minus(a: &Sums, b: &Sums) -> Sums {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

impl Learner {
    fn tree(&self, count: usize) -> (Vec<Node>, Vec<Leaf>) {
        let rows: Vec<u32> = (0..count as u32).collect();
        let leaf = Node { kind: Node::LEAF, next: [0, 0], limit: 0.0, value: 0.0 };
        let mut nodes = vec![leaf];
        let bounds = [f64::NEG_INFINITY, f64::INFINITY];
        let bins = self.bins(&rows);
        let best = self.best(&bins, bounds);
        let mut leaves = vec![Leaf { rows, bins, node: 0, bounds, best }];
        while leaves.len() < LEAVES {
            let gain = |leaf: &Leaf| leaf.best.map_or(0.0, |split| split.gain);
            let by_gain = |a: &usize, b: &usize| gain(&leaves[*a]).total_cmp(&gain(&leaves[*b])).then(b.cmp(a));
            let Some(place) = (0..leaves.len()).max_by(by_gain) else { break };
            let Some(split) = leaves[place].best else { break };
            let parent = leaves.swap_remove(place);
            let next = [nodes.len() as u8, nodes.len() as u8 + 1];
            let kind = split.kind as u8;
            nodes[parent.node] =
                Node { kind, next, limit: self.cuts[split.kind][split.bin], value: nodes[parent.node].value };
            for mut child in self.split(parent, split) {
                child.node = nodes.len();
                let sums = child.bins[..BINS].iter().fold([0.0; 3], plus);
                nodes.push(Node { value: (RATE * answer(sums, child.bounds)) as f32, ..leaf });
                child.best = self.best(&child.bins, child.bounds);
                leaves.push(child);
            }
        }
        (nodes, leaves)
    }

    fn split(&self, parent: Leaf, Split { kind, bin, .. }: Split) -> [Leaf; 2] {
        let below = |row: &u32| usize::from(self.binned[*row as usize][kind]) <= bin;
        let (left, right): (Vec<u32>, Vec<u32>) = parent.rows.into_iter().partition(below);
        let fewer = if left.len() < right.len() { &left } else { &right };
        let counted = self.bins(fewer);
        let rest: Vec<Sums> = parent.bins.iter().zip(&counted).map(|(all, part)| minus(all, part)).collect();
        let (left_bins, right_bins) = if left.len() < right.len() { (counted, rest) } else { (rest, counted) };
        let value = |bins: &[Sums]| answer(bins[..BINS].iter().fold([0.0; 3], plus), parent.bounds);
        let middle = f64::midpoint(value(&left_bins), value(&right_bins));
        let [least, most] = parent.bounds;
        let (left_bounds, right_bounds) = match EVIDENCE[kind].way {
            Way::Up => ([least, middle], [middle, most]),
            Way::Down => ([middle, most], [least, middle]),
            Way::Any => (parent.bounds, parent.bounds),
        };
        let leaf = |rows, bins, bounds| Leaf { rows, bins, node: 0, bounds, best: None };
        [leaf(left, left_bins, left_bounds), leaf(right, right_bins, right_bounds)]
    }

    /// The first kind of `bins` covers all pairs, whatever is used.
    fn bins(&self, rows: &[u32]) -> Vec<Sums> {
        let mut bins = vec![[0.0; 3]; KINDS * BINS];
        for row in rows {
            let [gradient, curvature] = self.gradients[*row as usize];
            for (kind, bin) in self.binned[*row as usize].iter().enumerate() {
                let sums = &mut bins[kind * BINS + usize::from(*bin)];
                *sums = plus(*sums, &[gradient, curvature, 1.0]);
            }
        }
        bins
    }

    fn best(&self, bins: &[Sums], bounds: [f64; 2]) -> Option<Split> {
        let total = bins[..BINS].iter().fold([0.0; 3], plus);
        let mut best: Option<Split> = None;
        for kind in &self.kinds {
            let mut left = [0.0; 3];
            for bin in 0..self.cuts[*kind].len() {
                left = plus(left, &bins[kind * BINS + bin]);
                let right = minus(&total, &left);
                if left[2] < LEAST_PAIRS || right[2] < LEAST_PAIRS {
                    continue;
                }
                let (below, above) = (answer(left, bounds), answer(right, bounds));
                let wrong = match EVIDENCE[*kind].way {
                    Way::Up => below > above,
                    Way::Down => below < above,
                    Way::Any => false,
                };
                let gain = gain(left, bounds) + gain(right, bounds) - gain(total, bounds);
                if !wrong && gain > best.map_or(1e-9, |split| split.gain) {
                    best = Some(Split { gain, kind: *kind, bin });
                }
            }
        }
        best
    }
}
