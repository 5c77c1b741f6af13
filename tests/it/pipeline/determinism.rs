//! The same input gives the same stories, however it is cut into steps and however often the process dies.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Headlines of which some are about one event.
const TITLES: [&str; 8] = [
    "Ferry service resumes after the harbour strike",
    "Ferry service to resume on Friday after harbour strike",
    "Harbour strike ends, ferry service resumes",
    "Chip maker doubles its output of memory",
    "Memory: chip maker doubles output",
    "Museum returns bronze masks to Benin",
    "Bronze masks go back to Benin from museum",
    "Volcano on the island wakes after decades",
];

/// A seed as numbers: its lead, and what it lists.
type Plan = (usize, Vec<usize>);

fn drawn(number: usize) -> Art {
    let at = format!("2024-03-01T{:02}:{:02}:00Z", number % 5 + 6, number * 7 % 60);
    art(&format!("h{}.example/{number}", number % 6), TITLES[number % TITLES.len()])
        .at(&at)
        .quality(i64::try_from(number * 31 % 50).unwrap())
}

async fn world_of(plans: &[Plan], names: &[usize], limit: usize, shaky: bool) -> World {
    let mut world = World::new("");
    (world.limit, world.shaky) = (limit, shaky);
    for ((lead, related), name) in plans.iter().zip(names) {
        let related: Vec<Art> = related.iter().filter(|number| *number != lead).map(|number| drawn(*number)).collect();
        let labels: &[&str] = if lead % 2 == 0 { &["Even", "All"] } else { &["Odd", "All"] };
        world.seed(&format!("{name}.md"), seed(labels, drawn(*lead), &related));
    }
    world.settle().await;
    world
}

/// Ids with their addresses, and documents by path.
type Shown = (Vec<(String, Vec<String>)>, BTreeMap<String, String>);

fn told(world: &World) -> Shown {
    let mut ids: Vec<(String, Vec<String>)> = world.stories().into_iter().map(|seen| (seen.id, seen.urls)).collect();
    ids.sort();
    let documents = world.documents().into_iter().map(|(path, (text, _))| (path, text)).collect();
    (ids, documents)
}

fn check(plans: &[Plan]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let forward: Vec<usize> = (10..10 + plans.len()).collect();
        let backward: Vec<usize> = forward.iter().rev().copied().collect();
        let first = told(&world_of(plans, &forward, 256, false).await);
        assert_eq!(told(&world_of(plans, &forward, 1, false).await), first, "one at a time: {plans:?}");
        assert_eq!(told(&world_of(plans, &forward, 1, true).await), first, "with restarts: {plans:?}");
        assert_eq!(told(&world_of(plans, &forward, 3, true).await), first, "three at a time: {plans:?}");
        assert_eq!(told(&world_of(plans, &backward, 256, false).await).0, first.0, "other names: {plans:?}");
    });
}

#[test]
fn steps_and_restarts_change_nothing() {
    check(&[]);
    check(&[(0, vec![3]), (1, vec![4]), (2, vec![])]);
    check(&[(0, vec![3, 5]), (7, vec![5, 3]), (6, vec![3])]);
    check(&[(0, vec![1]), (1, vec![2]), (2, vec![0])]);
    check(&[(0, vec![1, 2]), (0, vec![3]), (8, vec![3, 9])]);
}

proptest! {
    #![proptest_config(examples(6))]

    #[test]
    fn any_seeds(plans in prop::collection::vec((0..24usize, prop::collection::vec(0..24usize, 0..4)), 0..7)) {
        check(&plans);
    }
}

/// What an operator does between two passes.
#[derive(Debug, Clone)]
enum Edit {
    Write(usize, Plan),
    Remove(usize),
    Rename(usize, usize),
    Break(usize),
    Override(usize, usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let plan = || (0..12usize, prop::collection::vec(0..12usize, 0..4));
    prop_oneof![
        6 => (0..5usize, plan()).prop_map(|(file, plan)| Edit::Write(file, plan)),
        2 => (0..5usize).prop_map(Edit::Remove),
        1 => (0..5usize, 0..5usize).prop_map(|(from, to)| Edit::Rename(from, to)),
        1 => (0..5usize).prop_map(Edit::Break),
        1 => (0..4usize, 0..12usize, 0..12usize).prop_map(|(kind, one, other)| Edit::Override(kind, one, other)),
    ]
}

fn apply(world: &mut World, edit: &Edit) {
    let name = |file: &usize| format!("{file}.md");
    match edit {
        Edit::Write(file, (lead, related)) => {
            let related: Vec<Art> =
                related.iter().filter(|number| *number != lead).map(|number| drawn(*number)).collect();
            world.seed(&name(file), seed(&["All"], drawn(*lead), &related));
        }
        Edit::Remove(file) if world.path(&name(file)).exists() => drop(world.remove(&name(file))),
        Edit::Rename(from, to) if world.path(&name(from)).exists() => drop(world.rename(&name(from), &name(to))),
        Edit::Break(file) => drop(world.seed(&name(file), "---\ntitle: [\n---\n")),
        Edit::Override(kind, one, other) if one != other => {
            let url = |number: &usize| format!("https://h{}.example/{number}", number % 6);
            let key = ["same", "different", "drop"].get(*kind);
            world.configure(&match key {
                Some(&"drop") => format!("grouping: {{ drop_publishers: [h{}.example] }}", one % 6),
                Some(key) => format!("grouping: {{ {key}: [['{}', '{}']] }}", url(one), url(other)),
                None => String::new(),
            });
        }
        _ => {}
    }
}

fn live_through(edits: &[Vec<Edit>]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut calm = World::new("");
        let mut shaky = World::new("");
        (shaky.limit, shaky.shaky) = (1, true);
        let mut ids = std::collections::BTreeSet::new();
        for pass in edits {
            for world in [&mut calm, &mut shaky] {
                for edit in pass {
                    apply(world, edit);
                }
                world.advance("1h").settle().await;
            }
            assert_eq!(told(&shaky), told(&calm), "{pass:?} of {edits:?}");
            ids.extend(calm.stories().into_iter().map(|seen| seen.id));
            for id in &ids {
                assert_ne!(calm.page_of(id), newswire::pipeline::release::StoryPage::Unknown, "{id} of {edits:?}");
            }
        }
    });
}

/// Articles that change their stories in one pass: one after the other in a slow world, all at once in another.
#[test]
fn what_moves_at_once_is_called_as_if_it_moved_in_turn() {
    let write = |file, lead, related: &[usize]| Edit::Write(file, (lead, related.to_vec()));
    live_through(&[vec![write(4, 4, &[1])], vec![write(2, 1, &[])], vec![write(0, 11, &[5])], vec![write(2, 5, &[])]]);
    live_through(&[
        vec![write(0, 3, &[7])],
        vec![Edit::Remove(0)],
        vec![write(0, 5, &[2])],
        vec![write(0, 5, &[7]), write(1, 2, &[])],
    ]);
    live_through(&[
        vec![write(4, 4, &[1, 7])],
        vec![write(2, 1, &[7, 4, 1])],
        vec![write(1, 11, &[5, 5]), Edit::Remove(3)],
        vec![Edit::Remove(1), write(2, 6, &[5])],
    ]);
}

proptest! {
    #![proptest_config(examples(8))]

    #[test]
    fn any_edits(edits in prop::collection::vec(prop::collection::vec(edit(), 1..4), 1..6)) {
        live_through(&edits);
    }
}
