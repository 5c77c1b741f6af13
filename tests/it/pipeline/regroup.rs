//! Regrouping: what stands together may change with every article, and yet nobody is lost, nobody stands twice, what
//! somebody says is kept, ids stay, and a restart changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const WORDS: [&str; 16] = [
    "lighthouse",
    "Nordholm",
    "cliff",
    "rails",
    "storm",
    "strike",
    "Calder",
    "ferry",
    "crew",
    "pay",
    "talks",
    "bank",
    "rates",
    "quake",
    "Alden",
    "coast",
];

/// An article: number and words.
type Drawn = (u8, Vec<usize>);

/// What happens between two passes.
#[derive(Debug, Clone)]
enum Event {
    /// The feed shows these, anew or with other words.
    Feed(Vec<Drawn>),
    /// A seed file lists these, the lead first.
    Seed(u8, Vec<Drawn>),
    Remove(u8),
    Same(u8, u8),
    Different(u8, u8),
    Silence,
}

fn event() -> impl Strategy<Value = Event> {
    let drawn = || (0..30u8, prop::collection::vec(0..WORDS.len(), 1..8));
    prop_oneof![
        6 => prop::collection::vec(drawn(), 1..8).prop_map(Event::Feed),
        2 => (0..3u8, prop::collection::vec(drawn(), 1..4)).prop_map(|(file, drawn)| Event::Seed(file, drawn)),
        1 => (0..3u8).prop_map(Event::Remove),
        1 => (0..30u8, 0..30u8).prop_map(|(one, other)| Event::Same(one, other)),
        1 => (0..30u8, 0..30u8).prop_map(|(one, other)| Event::Different(one, other)),
        1 => Just(Event::Silence),
    ]
}

fn address(number: u8) -> String {
    format!("h{}.example/{number}", number % 7)
}

fn title(words: &[usize]) -> String {
    words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ")
}

fn time(number: u8) -> String {
    format!("2024-03-0{}T{:02}:{:02}:00Z", number % 3 + 1, number % 24, number * 7 % 60)
}

/// What holds of a world besides what every world checks of itself.
#[derive(Default)]
struct Expected {
    seeds: BTreeMap<u8, Vec<u8>>,
    same: Option<(u8, u8)>,
    different: Option<(u8, u8)>,
    /// Everything that the feed ever showed stays.
    fed: BTreeSet<u8>,
}

impl Expected {
    fn note(&mut self, event: &Event) {
        match event {
            Event::Feed(drawn) => self.fed.extend(drawn.iter().map(|(number, _)| *number)),
            Event::Seed(file, drawn) => {
                drop(self.seeds.insert(*file, drawn.iter().map(|(number, _)| *number).collect()));
            }
            Event::Remove(file) => drop(self.seeds.remove(file)),
            Event::Same(one, other) => {
                (self.same, self.different) = (Some((*one, *other)).filter(|_| one != other), None);
            }
            Event::Different(one, other) => {
                (self.same, self.different) = (None, Some((*one, *other)).filter(|_| one != other));
            }
            Event::Silence => (self.same, self.different) = (None, None),
        }
    }

    fn check(&self, world: &World) {
        let mut home: BTreeMap<String, String> = BTreeMap::new();
        for seen in world.stories() {
            for url in &seen.urls {
                assert_eq!(home.insert(url.clone(), seen.id.clone()), None, "{url} stands twice");
            }
        }
        let listed = self.seeds.values().flatten().copied();
        let here: BTreeSet<u8> = self.fed.iter().copied().chain(listed).collect();
        assert_eq!(home.len(), here.len(), "an article is lost: {here:?} {home:?}");
        let together = |one: u8, other: u8| home.get(&address(one)) == home.get(&address(other));
        let both = |(one, other): &(u8, u8)| here.contains(one) && here.contains(other);
        if let Some((one, other)) = self.same.filter(|pair| both(pair)) {
            assert!(together(one, other), "{one} and {other} are the same");
        }
        if let Some((one, other)) = self.different.filter(|pair| both(pair)) {
            assert!(!together(one, other), "{one} and {other} are different");
        }
        for (file, listed) in self.seeds.iter().filter(|_| self.different.is_none()) {
            let others = || self.seeds.iter().filter(|(other, _)| *other != file).flat_map(|(_, listed)| listed);
            for member in listed.iter().filter(|member| !others().any(|other| other == *member)) {
                assert!(together(listed[0], *member), "seed {file} ties {member}: {:?}", world.shape());
            }
        }
    }
}

fn apply(world: &mut World, event: &Event) {
    match event {
        Event::Feed(drawn) => {
            let mut items = String::new();
            for (number, words) in drawn {
                let _ = write!(items, "{}", item(&address(*number), &title(words), &time(*number)));
            }
            world.answer_now("https://feed.example/rss", rss("https://feed.example/rss", &items));
        }
        Event::Seed(file, drawn) => {
            let arts: Vec<Art> =
                drawn.iter().map(|(number, words)| art(&address(*number), &title(words)).at(&time(*number))).collect();
            world.seed(&format!("{file}.md"), seed(&["All"], arts[0].clone(), &arts[1..]));
        }
        Event::Remove(file) if world.path(&format!("{file}.md")).exists() => {
            world.remove(&format!("{file}.md"));
        }
        Event::Remove(_) => {}
        Event::Same(one, other) if one != other => {
            world.configure(&configured(world.memory, "same", *one, *other));
        }
        Event::Different(one, other) if one != other => {
            world.configure(&configured(world.memory, "different", *one, *other));
        }
        _ => {
            world.configure(&plain(world.memory, ""));
        }
    }
}

fn plain(memory: usize, more: &str) -> String {
    format!(
        "sources: [{{ url: 'https://feed.example/rss' }}]\ngrouping: {{ max_articles: {memory}{more} }}\n\
         fetch: {{ min_interval: 1h, min_interval_unconditional: 1h }}"
    )
}

fn configured(memory: usize, key: &str, one: u8, other: u8) -> String {
    plain(memory, &format!(", {key}: [['https://{}', 'https://{}']]", address(one), address(other)))
}

fn live_through(passes: &[Vec<Event>], memory: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let new = || {
            let mut world = World::new(&plain(memory, ""));
            world.memory = memory;
            world
        };
        let (mut calm, mut shaky) = (new(), new());
        shaky.shaky = true;
        let mut expected = Expected::default();
        let mut ids = BTreeSet::new();
        for events in passes {
            // Of several feeds only the last is seen.
            let feed = events.iter().rfind(|event| matches!(event, Event::Feed(_)));
            let others = events.iter().filter(|event| !matches!(event, Event::Feed(_)));
            feed.into_iter().chain(others).for_each(|event| expected.note(event));
            for world in [&mut calm, &mut shaky] {
                for event in events {
                    apply(world, event);
                }
                world.advance("25h").settle().await;
            }
            expected.check(&calm);
            let told = |world: &World| {
                let mut told: Vec<(String, Vec<String>)> =
                    world.stories().into_iter().map(|seen| (seen.id, seen.urls)).collect();
                told.sort();
                told
            };
            assert_eq!(told(&shaky), told(&calm), "a restart changes something: {events:?} of {passes:?}, {memory}");
            ids.extend(calm.stories().into_iter().map(|seen| seen.id));
            for id in &ids {
                assert_ne!(calm.page_of(id), newswire::pipeline::release::StoryPage::Unknown, "{id} of {passes:?}");
            }
        }
    });
}

/// Two that nothing but others held together: those are gone from their seed, and the process dies before they are
/// grouped anew.
#[test]
fn a_restart_between_reading_and_grouping_changes_nothing() {
    let first = vec![(23, vec![8, 4, 15, 13]), (11, vec![3, 7, 6, 13, 13, 7, 14])];
    let then = vec![(6, vec![3, 9]), (9, vec![8, 0, 13, 4, 6, 9])];
    live_through(
        &[
            vec![Event::Feed(vec![(0, vec![15, 4])])],
            vec![Event::Feed(vec![(1, vec![6, 3])])],
            vec![Event::Seed(1, first)],
            vec![Event::Seed(1, then), Event::Feed(vec![(14, vec![8, 9, 5, 8])])],
        ],
        30,
    );
}

/// The operator parts an article from one that nobody knows, which is news to nobody's story, however often the process is
/// started anew.
#[test]
fn a_restart_knows_who_was_different() {
    let feed =
        |drawn: &[(u8, &[usize])]| Event::Feed(drawn.iter().map(|(number, words)| (*number, words.to_vec())).collect());
    let many = feed(&[(10, &[10, 13, 4]), (11, &[11]), (20, &[13, 4, 13, 11, 2, 9, 2])]);
    live_through(
        &[
            vec![Event::Seed(0, vec![(16, vec![13, 10, 5])]), feed(&[(1, &[15, 2]), (17, &[5, 2, 6, 15])])],
            vec![feed(&[(2, &[0]), (3, &[0]), (4, &[0])])],
            vec![
                Event::Seed(1, vec![(2, vec![5, 6, 3]), (3, vec![5, 11, 6])]),
                feed(&[(9, &[15, 8]), (14, &[3, 5, 13, 11])]),
            ],
            vec![many, Event::Different(29, 1)],
        ],
        13,
    );
}

/// What was read of an article and not grouped yet has no say in the window that a restart puts together: who came while
/// it was there met what it said then.
#[test]
fn a_restart_knows_articles_as_they_came() {
    let feed =
        |drawn: &[(u8, &[usize])]| Event::Feed(drawn.iter().map(|(number, words)| (*number, words.to_vec())).collect());
    live_through(
        &[
            vec![feed(&[(2, &[0]), (3, &[0]), (0, &[0, 2, 12]), (4, &[0])])],
            vec![feed(&[(4, &[1]), (5, &[0]), (7, &[13, 6]), (8, &[0]), (0, &[0]), (9, &[0])])],
            vec![feed(&[(0, &[1]), (0, &[2]), (1, &[0]), (17, &[13, 9]), (4, &[9, 13]), (1, &[1]), (2, &[1])])],
            vec![Event::Seed(0, vec![(10, vec![0]), (17, vec![0]), (5, vec![0])])],
        ],
        18,
    );
}

/// Whoever is different from an article stands without it, whether that has left the window, its story going on, before
/// that was said or after, and whoever else is tied to its story.
#[test]
fn who_is_different_stays_so_beyond_the_window() {
    let feed =
        |drawn: &[(u8, &[usize])]| Event::Feed(drawn.iter().map(|(number, words)| (*number, words.to_vec())).collect());
    let (old, late) = (feed(&[(19, &[0, 4])]), feed(&[(0, &[3, 0, 4]), (14, &[3, 0])]));
    let check = |passes: &[Vec<Event>]| (3..8).for_each(|memory| live_through(passes, memory));
    // Said before the other came, and after.
    check(&[vec![old.clone()], vec![Event::Different(14, 19)], vec![late.clone()]]);
    check(&[vec![old.clone()], vec![late.clone()], vec![Event::Different(14, 19)], vec![feed(&[(14, &[0, 4])])]]);
    // Both have left, and come back with other words.
    let many = feed(&[(1, &[7]), (2, &[8]), (3, &[9]), (4, &[10]), (5, &[11]), (6, &[12])]);
    let again = feed(&[(19, &[0, 4, 5]), (14, &[0, 4, 5])]);
    check(&[vec![old.clone(), Event::Different(14, 19)], vec![late.clone()], vec![many], vec![again]]);
    // A seed lists it together with one that is bound to the other.
    let seed = Event::Seed(1, vec![(0, vec![3, 0, 4]), (14, vec![3, 0])]);
    check(&[vec![old.clone()], vec![Event::Different(14, 19)], vec![late], vec![seed.clone()]]);
    check(&[vec![old], vec![seed], vec![Event::Different(14, 19)], vec![Event::Remove(1)]]);
    // Both have left when it is said, and a third that stood with them as well.
    let three = feed(&[(12, &[13, 0]), (2, &[0]), (28, &[8, 3, 13, 0]), (4, &[8, 3])]);
    check(&[vec![three], vec![feed(&[(5, &[7, 11]), (0, &[0])])], vec![Event::Different(28, 12)]]);
}

proptest! {
    #![proptest_config(examples(12))]

    #[test]
    fn any_stream(
        passes in prop::collection::vec(prop::collection::vec(event(), 1..4), 1..8),
        memory in prop_oneof![Just(100_000usize), 3..40usize],
    ) {
        live_through(&passes, memory);
    }
}

const STRIKE: [&str; 4] = [
    "Calder ferry crews strike over night pay",
    "Night pay: Calder ferry crews on strike",
    "Ferry crews of Calder strike for night pay",
    "Calder ferries: crews strike, night pay talks fail",
];

#[tokio::test]
async fn explain_tells_score_words_time_rule_and_what_to_write() {
    let mut world = World::new("sources: [{ url: 'https://feed.example/rss' }]");
    let items = item("a.example/1", STRIKE[0], "2024-03-01T12:00:00Z")
        + &item("b.example/1", STRIKE[1], "2024-03-01T14:00:00Z");
    world.answer("https://feed.example/rss", rss("https://feed.example/rss", &items)).settle().await;
    let member = world.member("https://b.example/1");
    assert_eq!(member["why"]["via"], "linked", "{member:#}");
    assert!(member["why"]["score"].as_f64().is_some_and(|score| score > 0.1), "{member:#}");
    let reasons = member["why"]["reasons"].to_string();
    for words in ["both say ", "calder", "2 hours apart", "for it: "] {
        assert!(reasons.contains(words), "no {words:?} in {reasons}");
    }
    assert_eq!(member["nearest"]["url"], "https://a.example/1");
    let line = "grouping: { different: [[\"https://b.example/1\", \"https://a.example/1\"]] }";
    assert_eq!(member["overrule"], line);
    let told = world.explain("https://a.example/1");
    assert_eq!(told["lead_why"], "of the best quality, 0, it was published first", "{told:#}");
    world.configure(&format!("sources: [{{ url: 'https://feed.example/rss' }}]\n{line}")).settle().await;
    assert_eq!(world.stories().len(), 2, "what explain says to write does what it says");
}

#[tokio::test]
async fn explain_tells_which_is_the_original_and_why() {
    let mut world = World::new("");
    let text = "The crew of the ferry went back to work on Friday after nine days, the harbour office said in a note to \
                travellers and shops.";
    let copy = art("b.example/1", APART[1]).excerpt(text).at("2024-03-02");
    world.seed("a.md", seed(&[], art("a.example/1", APART[0]).excerpt(text), &[copy])).settle().await;
    let member = world.member("https://b.example/1");
    assert_eq!(member["copy"]["of"]["url"], "https://a.example/1", "{member:#}");
    let why = "nearly the same excerpt; that is the original since it was published first";
    assert_eq!(member["copy"]["why"], why);
    assert_eq!(member["overrule"], "grouping: { different: [[\"https://b.example/1\", \"https://a.example/1\"]] }");
    assert!(member["rule"].as_str().unwrap().contains("a.md lists it beside its lead"), "{member:#}");
    let told = world.explain("https://a.example/1");
    assert_eq!(
        told["heat_why"],
        "distinct publishers, 1 copies not counted; halves every 24 hours after the latest article"
    );
    assert_eq!(told["lead_why"], "of the best quality, 0, it alone is no copy");
}

/// Two events that a third article is about as well, until it is told otherwise.
#[tokio::test]
async fn a_merge_and_a_split_by_the_linker_keep_ids() {
    let sources = "sources: [{ url: 'https://feed.example/rss' }]\nfetch: { min_interval_unconditional: 1h }";
    let mut world = World::new(sources);
    let parted = format!("{sources}\ngrouping: {{ different: [['https://a.example/1', 'https://b.example/1']] }}");
    let items = item("a.example/1", STRIKE[0], "2024-03-01T12:00:00Z")
        + &item("b.example/1", STRIKE[1], "2024-03-01T14:00:00Z");
    world.answer("https://feed.example/rss", rss("https://feed.example/rss", &items));
    world.configure(&parted).settle().await;
    let (old, young) = (world.story_with("a.example/1").id, world.story_with("b.example/1").id);
    assert_ne!(old, young);
    world.configure(sources).settle().await;
    assert_eq!(world.story().id, old, "the oldest id wins");
    assert_eq!(world.page_of(&young), newswire::pipeline::release::StoryPage::MovedTo(old.parse().unwrap()));
    world.configure(&parted).settle().await;
    assert_eq!(world.story_with("a.example/1").id, old, "the founder keeps the id");
    let anew = world.story_with("b.example/1").id;
    assert!(anew != old && anew != young, "an alias is never used again");
    // A late article that is nearer to the first joins that, and nothing else moves.
    let items = items + &item("c.example/1", STRIKE[0], "2024-03-01T15:00:00Z");
    world.answer_now("https://feed.example/rss", rss("https://feed.example/rss", &items)).advance("25h").settle().await;
    assert_eq!(world.story_with("c.example/1").id, old);
    assert_eq!(world.story_with("b.example/1").id, anew);
}

#[tokio::test]
async fn a_split_keeps_the_id_where_the_seeds_lead_is() {
    let mut world = World::new("sources: [{ url: 'https://feed.example/rss' }]");
    let items = item("a.example/1", STRIKE[0], "2024-03-01T12:00:00Z");
    world.answer("https://feed.example/rss", rss("https://feed.example/rss", &items)).settle().await;
    let id = world.story().id;
    world.seed("b.md", seed(&[], art("b.example/1", STRIKE[1]).at("2024-03-01T14:00:00Z"), &[])).settle().await;
    assert_eq!((world.story().id, world.story().urls.len()), (id.clone(), 2));
    let parted = "sources: [{ url: 'https://feed.example/rss' }]\n\
                  grouping: { different: [['https://a.example/1', 'https://b.example/1']] }";
    world.configure(parted).settle().await;
    assert_eq!(world.story_with("b.example/1").id, id, "the seed's lead keeps the id, though another founded it");
    assert_ne!(world.story_with("a.example/1").id, id);
}

/// Feeds `items` in steps of the daemon's size and says the shape in numbers: the size of each story, largest first.
async fn sizes(items: impl Iterator<Item = (String, String, &'static str)>) -> Vec<usize> {
    let mut world = World::new("sources: [{ url: 'https://feed.example/rss' }]");
    let text: String = items.map(|(url, title, at)| item(&url, &title, at)).collect();
    world.limit = 2_048;
    world.answer("https://feed.example/rss", rss("https://feed.example/rss", &text)).settle().await;
    let count = |sql: &str| usize::try_from(world.count(sql)).unwrap();
    let largest = count("SELECT max(n) FROM (SELECT count(*) AS n FROM articles WHERE live GROUP BY story)");
    vec![count("SELECT count(DISTINCT story) FROM articles WHERE live"), largest]
}

const AT: &str = "2024-03-01T12:00:00Z";

#[tokio::test]
async fn hostile_articles_make_no_mega_story() {
    let url = |number: usize| format!("h{number}.example/{number}");
    // Nothing said, and one word said, is nothing in common.
    let empty = (0..300).map(|number| (url(number), String::new(), AT));
    assert_eq!(sizes(empty).await, [300, 1]);
    let tickers = (0..300).map(|number| (url(number), "NVDA".to_owned(), AT));
    assert_eq!(sizes(tickers).await, [300, 1]);
    // The same words at the ends of time are two events.
    let far = (0..200).map(|number| {
        let at = if number % 2 == 0 { "1970-01-01T00:00:00Z" } else { "2025-12-31T00:00:00Z" };
        (url(number), "Lighthouse of Nordholm moves inland".to_owned(), at)
    });
    assert_eq!(sizes(far).await, [2, 100]);
    let same = (0..1_000).map(|_| (url(1), "Lighthouse of Nordholm moves inland".to_owned(), AT));
    assert_eq!(sizes(same).await, [1, 1]);
    let long = (0..20).map(|number| (url(number), format!("{number} {}", "word ".repeat(20_000)), AT));
    assert_eq!(sizes(long).await[0], 20);
}
