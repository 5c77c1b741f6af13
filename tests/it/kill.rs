//! SIGKILL at random moments: the short version of `cargo bench --bench kills`, which says what is played.

#[allow(dead_code, missing_docs, reason = "shared with the benches, which use all of it")]
#[path = "../../benches/world.rs"]
mod world;

#[path = "../../benches/kills/rounds.rs"]
mod rounds;

use rounds::{LEAST, Plan};

#[test]
fn a_killed_wire_ends_up_where_an_undisturbed_one_does() {
    let root = tempfile::tempdir().unwrap();
    let plan = Plan { number: 7, kills: 15, seeds: LEAST, related: 4 };
    let report = rounds::play(env!("CARGO_BIN_EXE_newswire"), root.path(), plan);
    assert_eq!(report.wrong, Vec::<String>::new());
    assert_eq!(report.kills, plan.kills);
    assert!(report.compared.iter().all(|count| *count > 0), "{:?}", report.compared);
}
