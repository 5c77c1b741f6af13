//! How well a grouping agrees with a gold one.
//!
//! In come two labels for each article, out go B-cubed (Bagga & Baldwin 1998) and pairwise precision, recall and F1.

use std::collections::BTreeMap;

/// Precision, recall and their harmonic mean, in 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// Share of what was put together that belongs together.
    pub precision: f64,
    /// Share of what belongs together that was put together.
    pub recall: f64,
}

impl Rates {
    /// The harmonic mean; 0 where both are 0.
    #[must_use]
    pub fn f1(self) -> f64 {
        let sum = self.precision + self.recall;
        if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 }
    }
}

/// Agreement of two groupings.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Agreement {
    /// Means over articles.
    pub bcubed: Rates,
    /// Over pairs of articles; with no pair predicted precision is 1, with none in gold recall is 1.
    pub pairwise: Rates,
}

/// The agreement of labels given as (gold, predicted), one for each article.
#[must_use]
pub fn agreement<G: Ord + Copy, P: Ord + Copy>(labels: &[(G, P)]) -> Agreement {
    let (mut joint, mut golds, mut found) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (gold, label) in labels {
        *joint.entry((*gold, *label)).or_insert(0.0f64) += 1.0;
        *golds.entry(*gold).or_insert(0.0f64) += 1.0;
        *found.entry(*label).or_insert(0.0f64) += 1.0;
    }
    let count = (labels.len().max(1)) as f64;
    let of = |sizes: f64, both: f64| if sizes > 0.0 { both / sizes } else { 1.0 };
    let pairs = |count: &f64| count * (count - 1.0) / 2.0;
    let mut bcubed = Rates::default();
    for ((gold, label), both) in &joint {
        bcubed.precision += both * both / found.get(label).copied().unwrap_or(1.0) / count;
        bcubed.recall += both * both / golds.get(gold).copied().unwrap_or(1.0) / count;
    }
    let both: f64 = joint.values().map(pairs).sum();
    let pairwise = Rates {
        precision: of(found.values().map(pairs).sum(), both),
        recall: of(golds.values().map(pairs).sum(), both),
    };
    Agreement { bcubed, pairwise }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(labels: &[(u8, u8)], [bp, br, pp, pr]: [f64; 4]) {
        let found = agreement(labels);
        let got = [found.bcubed.precision, found.bcubed.recall, found.pairwise.precision, found.pairwise.recall];
        for (got, expect) in got.into_iter().zip([bp, br, pp, pr]) {
            assert!((got - expect).abs() < 1e-9, "{labels:?}: {got} is not {expect}");
        }
    }

    #[test]
    fn agreement_by_hand() {
        check(&[(1, 9), (1, 9), (1, 9), (2, 8), (2, 8)], [1.0; 4]);
        check(&[(1, 9), (1, 9), (1, 9), (2, 9), (2, 9)], [13.0 / 25.0, 1.0, 0.4, 1.0]);
        check(&[(1, 1), (1, 2), (1, 3), (2, 4), (2, 5)], [1.0, 0.4, 1.0, 0.0]);
        check(&[(1, 1), (1, 1), (1, 2), (2, 2), (2, 3)], [0.8, 8.0 / 15.0, 0.5, 0.25]);
        check(&[], [0.0, 0.0, 1.0, 1.0]);
    }
}
