//! What tests stand on.

pub mod playhouse;
pub mod process;
pub mod tools;
pub mod world;

use proptest::test_runner::Config;

/// Properties over as many examples as a test may take time for, or as `PROPTEST_CASES` tells.
pub fn examples(usual: u32) -> Config {
    let told = Config::default();
    let cases = if told.cases == 256 { usual } else { told.cases };
    Config { cases, failure_persistence: None, ..told }
}
