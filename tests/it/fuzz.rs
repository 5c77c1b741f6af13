//! A short round of what `cargo bench --bench fuzz` does at length: every reader of foreign bytes, fed with broken ones.

#[path = "../../benches/fuzz/mutate.rs"]
mod mutate;
#[allow(clippy::unnecessary_wraps, reason = "shared with the bench: every row of its table has one shape")]
#[path = "../../benches/fuzz/targets.rs"]
mod targets;

use mutate::Stock;
use targets::TARGETS;

/// Inputs a target: enough to see that the bench itself works, too few to find what a million does not.
const INPUTS: u64 = 150;

#[test]
fn no_reader_breaks_on_broken_bytes() {
    for target in TARGETS.iter().filter(|target| target.name != "alarm") {
        assert!(target.a_megabyte_ms > 0, "{} has no bound", target.name);
        let corpus = (target.seeds)();
        let stock = Stock { corpus: &corpus, dictionary: target.dictionary, bombs: target.bombs };
        for index in 0..INPUTS {
            let input = mutate::input(&stock, 7, index);
            assert_eq!((target.run)(&input), Ok(()), "{} {index}", target.name);
            assert!(input.len() <= 64 << 10, "{} bytes", input.len());
        }
        assert_eq!(mutate::input(&stock, 7, 99), mutate::input(&stock, 7, 99));
    }
}
