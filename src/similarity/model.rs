//! `Model`: boosted trees over [`Evidence`] that say how likely two articles are about one event.
//!
//! In comes the evidence of a pair, out goes a score in 0 to 1, or the same with what each kind of evidence added to
//! the log-odds. The trees are learnt by `benches/train` (Friedman 2001, on histograms as in Ke et al. 2017), held to
//! the [`super::evidence::Way`] of each kind, and shipped as text. Never learns while it runs.

use std::sync::LazyLock;

use super::evidence::{EVIDENCE, Evidence, KINDS};

/// A tree has less than this many nodes.
const MOST_NODES: usize = 256;

/// A place in a tree: a question, or an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Which kind of evidence is asked for; beyond the last in a leaf.
    pub kind: u8,
    /// Where to go on below `limit`, and at or above it, counted from the root.
    pub next: [u8; 2],
    /// The limit that the evidence is compared with; not used in a leaf.
    pub limit: f32,
    /// What has been added to the log-odds on the way here, all in all.
    pub value: f32,
}

impl Node {
    /// Of a leaf.
    pub const LEAF: u8 = u8::MAX;
}

/// How likely two articles are about one event.
#[derive(Debug, Clone, PartialEq)]
pub struct Similarity {
    /// In 0 to 1.
    pub score: f64,
    /// What each kind of evidence added to the log-odds, the weightiest first, for people.
    pub parts: Vec<(&'static str, f64)>,
}

/// The trees.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// The log-odds of a pair about which nothing is known.
    constant: f32,
    /// Each from its root.
    trees: Vec<Vec<Node>>,
    /// The most that each tree and those after it can add.
    most: Vec<f32>,
}

static SHIPPED: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("weights.txt")).unwrap_or_default());

impl Model {
    /// Of `trees`, each from its root, and the log-odds of a pair about which nothing is known.
    #[must_use]
    pub fn new(constant: f32, trees: Vec<Vec<Node>>) -> Self {
        let best = |tree: &Vec<Node>| {
            let leaves = tree.iter().filter(|node| node.kind == Node::LEAF);
            leaves.map(|leaf| leaf.value).fold(f32::NEG_INFINITY, f32::max)
        };
        let mut most: Vec<f32> =
            trees.iter().rev().scan(0.0, |sum, tree| Some(*sum + best(tree)).inspect(|more| *sum = *more)).collect();
        most.reverse();
        Self { constant, trees, most }
    }

    /// The model that ships.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// In 0 to 1: how likely it is that both are about one event.
    #[must_use]
    pub fn score(&self, evidence: &Evidence) -> f32 {
        logistic(self.constant + self.trees.iter().map(|tree| answer(tree, evidence)).sum::<f32>())
    }

    /// The score, or 0 where it is below `least`: that shows before all trees are asked, and is so of most pairs.
    #[must_use]
    pub fn score_from(&self, evidence: &Evidence, least: f32) -> f32 {
        let least = (least / (1.0 - least)).ln();
        let mut log_odds = self.constant;
        for (tree, most) in self.trees.iter().zip(&self.most) {
            if log_odds + most < least {
                return 0.0;
            }
            log_odds += answer(tree, evidence);
        }
        if log_odds < least { 0.0 } else { logistic(log_odds) }
    }

    /// The score, and what each kind of evidence added to the log-odds on the way through the trees (Saabas 2014),
    /// the weightiest first.
    #[must_use]
    pub fn explain(&self, evidence: &Evidence) -> Similarity {
        let mut parts = [0.0f64; KINDS];
        for tree in &self.trees {
            let mut at = tree.first().copied();
            while let Some(node) = at.filter(|node| node.kind != Node::LEAF) {
                let next = step(tree, &node, evidence);
                if let (Some(next), Some(part)) = (next, parts.get_mut(usize::from(node.kind))) {
                    *part += f64::from(next.value - node.value);
                }
                at = next;
            }
        }
        let named = EVIDENCE.iter().zip(parts).map(|(kind, part)| (kind.name, part));
        let mut parts: Vec<(&'static str, f64)> = named.filter(|(_, part)| *part != 0.0).collect();
        parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        Similarity { score: f64::from(self.score(evidence)), parts }
    }

    /// Reads what [`Self::write`] wrote. `None` where a line is broken or a tree does not end.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let constant = lines.next()?.strip_prefix("constant ")?.parse().ok()?;
        let mut trees: Vec<Vec<Node>> = Vec::new();
        for line in lines {
            if line == "tree" {
                trees.push(Vec::new());
            } else {
                trees.last_mut()?.push(read_node(line)?);
            }
        }
        trees.iter().all(|tree| is_sound(tree)).then(|| Self::new(constant, trees))
    }

    /// As text for people and for [`Self::read`]: a line a node, kinds by name.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!("constant {}\n", self.constant);
        for tree in &self.trees {
            text.push_str("tree\n");
            for node in tree {
                let line = match EVIDENCE.get(usize::from(node.kind)) {
                    Some(kind) => {
                        let [below, from] = node.next;
                        format!("{} | {below} {from} | {} | {}\n", node.value, node.limit, kind.name)
                    }
                    None => format!("{}\n", node.value),
                };
                text.push_str(&line);
            }
        }
        text
    }
}

fn read_node(line: &str) -> Option<Node> {
    let mut fields = line.split(" | ");
    let value = fields.next()?.parse().ok()?;
    let Some(next) = fields.next() else {
        return Some(Node { kind: Node::LEAF, next: [0, 0], limit: 0.0, value });
    };
    let (below, from) = next.split_once(' ')?;
    let limit = fields.next()?.parse().ok()?;
    let name = fields.next()?;
    let kind = EVIDENCE.iter().position(|kind| kind.name == name)?;
    Some(Node { kind: u8::try_from(kind).ok()?, next: [below.parse().ok()?, from.parse().ok()?], limit, value })
}

/// Every question leads further down the list, so that every walk ends.
fn is_sound(tree: &[Node]) -> bool {
    let fine = |(place, node): (usize, &Node)| {
        node.kind == Node::LEAF
            || (usize::from(node.kind) < KINDS
                && node.next.iter().all(|next| usize::from(*next) > place && usize::from(*next) < tree.len()))
    };
    !tree.is_empty() && tree.len() < MOST_NODES && tree.iter().enumerate().all(fine)
}

fn step(tree: &[Node], node: &Node, evidence: &Evidence) -> Option<Node> {
    let value = evidence.get(usize::from(node.kind))?;
    let [below, from] = node.next;
    tree.get(usize::from(if *value < node.limit { below } else { from })).copied()
}

fn answer(tree: &[Node], evidence: &Evidence) -> f32 {
    let Some(mut node) = tree.first().copied() else { return 0.0 };
    while node.kind != Node::LEAF {
        let Some(next) = step(tree, &node, evidence) else { break };
        node = next;
    }
    node.value
}

fn logistic(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "constant -2\ntree\n0 | 1 2 | 0.5 | cosine\n-1\n1.5 | 3 4 | 3 | rare words shared\n1\n2\n";

    fn evidence(cosine: f32, mass: f32) -> Evidence {
        let mut evidence = [0.0; KINDS];
        evidence[super::super::evidence::Slot::All as usize] = cosine;
        evidence[super::super::evidence::Slot::Mass as usize] = mass;
        evidence
    }

    #[test]
    fn models_are_read_and_written() {
        let model = Model::read(TEXT).unwrap();
        assert_eq!(model.write(), TEXT);
        for broken in ["", "constant x", "constant 1\n1", "constant 1\ntree", "constant 1\ntree\n0 | 0 0 | 1 | cosine"]
        {
            assert_eq!(Model::read(broken), None, "{broken}");
        }
    }

    #[test]
    fn scores_are_walks() {
        let model = Model::read(TEXT).unwrap();
        let check = |cosine, mass, log_odds: f32| {
            assert!((model.score(&evidence(cosine, mass)) - logistic(log_odds)).abs() < 1e-6);
        };
        check(0.4, 9.0, -3.0);
        check(0.5, 2.0, -1.0);
        check(0.9, 3.0, 0.0);
    }

    #[test]
    fn low_scores_are_none() {
        let model = Model::read(TEXT).unwrap();
        let check = |cosine, mass, least, expect: f32| {
            assert!(
                (model.score_from(&evidence(cosine, mass), least) - expect).abs() < 1e-6,
                "{cosine} {mass} {least}"
            );
        };
        check(0.9, 3.0, 0.1, 0.5);
        check(0.9, 3.0, 0.49, 0.5);
        check(0.9, 3.0, 0.51, 0.0);
        check(0.4, 9.0, 0.1, 0.0);
        check(0.4, 9.0, 0.01, logistic(-3.0));
    }

    #[test]
    fn explanations_add_up() {
        let model = Model::read(TEXT).unwrap();
        let why = model.explain(&evidence(0.9, 3.0));
        assert_eq!(why.parts, [("cosine", 1.5), ("rare words shared", 0.5)]);
        assert!((why.score - 0.5).abs() < 1e-6);
    }

    #[test]
    fn the_shipped_model_is_sound() {
        assert!(!Model::shipped().trees.is_empty());
        assert_eq!(Model::read(&Model::shipped().write()).as_ref(), Some(Model::shipped()));
    }
}
