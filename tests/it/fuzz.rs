//! A short round of what `cargo bench --bench fuzz` does at length: every reader of foreign bytes, fed with broken ones.

#[path = "../../benches/fuzz/mutate.rs"]
mod mutate;
#[allow(clippy::unnecessary_wraps, reason = "shared with the bench: every row of its table has one shape")]
#[path = "../../benches/fuzz/promises.rs"]
mod promises;
#[allow(dead_code, reason = "shared with the bench, which tries itself on a reader with every fault")]
#[path = "../../benches/fuzz/targets.rs"]
mod targets;
#[path = "../../benches/fuzz/words.rs"]
mod words;

use mutate::Stock;
use targets::{TARGETS, Target};

/// Inputs a target: enough to see that the bench itself works, too few to find what a million does not.
const INPUTS: u64 = 150;

#[test]
fn no_reader_breaks_on_broken_bytes() {
    for target in TARGETS {
        let Target { name, promise, stock, .. } = target;
        assert!(target.a_megabyte_ms > 0 && !promise.is_empty(), "{name} has no bound or no promise");
        let corpus = (stock.seeds)();
        for (number, seed) in corpus.iter().enumerate() {
            assert_eq!((target.run)(seed), Ok(()), "{name}: seed {number}");
        }
        let stock = Stock { corpus: &corpus, dictionary: stock.dictionary, bombs: stock.bombs };
        for index in 0..INPUTS {
            let input = mutate::input(&stock, 7, index);
            assert_eq!((target.run)(&input), Ok(()), "{name} {index}: {promise}");
            assert!(input.len() <= 64 << 10, "{} bytes", input.len());
        }
        assert_eq!(mutate::input(&stock, 7, 99), mutate::input(&stock, 7, 99));
    }
}
