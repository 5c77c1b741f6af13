//! The linker on streams: what joins, what stays apart, what is remembered, and that nothing depends on chance.

mod languages;

use jiff::Timestamp;
use newswire::cluster::open::{Arrival, Rules};
use newswire::cluster::stream::Stream;
use newswire::model::{Article, ArticleId, Publisher, StoryId};
use newswire::similarity::Profile;
use proptest::prelude::*;

use crate::support::examples;

/// Monday, 6 May 2024, 08:00 UTC.
const MORNING: i64 = 1_714_982_400;

fn article(name: &str, publisher: &str, minutes: i64, title: &str, excerpt: &str) -> Article {
    Article {
        id: ArticleId::of(name),
        url: format!("https://{publisher}.example/{name}"),
        title: title.to_owned(),
        excerpt: Some(excerpt.to_owned()).filter(|text| !text.is_empty()),
        authors: Vec::new(),
        publisher: Publisher { name: publisher.to_owned(), domain: format!("{publisher}.example") },
        published: Timestamp::from_second(MORNING + minutes * 60).unwrap_or_default(),
        image: None,
        lang: None,
        category: None,
        kind: None,
        tags: Vec::new(),
        labels: Vec::new(),
        quality: 0,
        canonical_elsewhere: None,
    }
}

/// The stories of `profiles` after they came one after the other.
fn stream(rules: Rules, profiles: &[Profile]) -> Vec<Option<StoryId>> {
    let mut stream = Stream::new(rules);
    for profile in profiles {
        stream.step(vec![Arrival::of(profile.clone())], &[]);
    }
    profiles.iter().map(|profile| stream.story_of(profile.id)).collect()
}

/// Groups `title | excerpt | language` lines, the last two at will; the groups are numbered in order of appearance.
fn grouped(lines: &[&str]) -> Vec<usize> {
    let profiles: Vec<Profile> = (0..)
        .zip(lines)
        .map(|(place, line)| {
            let mut parts = line.split('|').map(str::trim);
            let (title, excerpt) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let article = article(&place.to_string(), &format!("paper{place}"), place * 30, title, excerpt);
            Profile::of(&Article { lang: parts.next().map(str::to_owned), ..article })
        })
        .collect();
    let mut seen = Vec::new();
    let number = |story| {
        seen.iter().position(|known| *known == story).unwrap_or_else(|| {
            seen.push(story);
            seen.len() - 1
        })
    };
    stream(Rules::default(), &profiles).into_iter().map(number).collect()
}

fn check(lines: &[&str], expect: &[usize]) {
    assert_eq!(grouped(lines), expect, "{lines:#?}");
}

#[test]
fn coverage_of_one_event_joins() {
    check(
        &[
            "Lighthouse of Nordholm moved inland as cliff crumbles | Engineers began moving the 1862 tower forty metres.",
            "Nordholm lighthouse starts its journey away from the cliff | The tower is being pulled inland on rails.",
            "Strike at Calder ferries enters second week | Crews want higher night pay, the operator refuses to talk.",
            "Why a 160-year-old lighthouse is rolling on rails in Nordholm | Storms had eaten most of the cliff.",
            "Calder ferry crews extend strike over night pay | Talks with the operator failed on Sunday.",
        ],
        &[0, 0, 1, 0, 1],
    );
    check(
        &["Regierung beschließt Mietpreisbremse für Großstädte", "Mietpreisbremse: Regierung beschließt neue Regeln"],
        &[0, 0],
    );
    check(&["Маяк Нордхольма перенесли вглубь острова", "В Нордхольме маяк перенесли на сорок метров"], &[0, 0]);
    check(&["東京湾で大型フェリー座礁、乗客全員救助", "大型フェリーが東京湾で座礁 乗客は全員無事"], &[0, 0]);
}

#[test]
fn different_events_stay_apart() {
    check(
        &[
            "Quake of 5.8 shakes Alden coast | Houses were damaged, nobody was hurt.",
            "Mayor of Alden opens a library by the sea | It took four years to build and holds 90,000 books.",
        ],
        &[0, 1],
    );
    check(&["Bank raises rates to 4.5 percent", "Ferry strike ends after nine days"], &[0, 1]);
    check(&["Live updates", "Live updates", "Video: what we know"], &[0, 0, 1]);
}

#[test]
fn one_word_is_no_evidence() {
    check(&["Inferentia", "Inferentia", "Inferentia!"], &[0, 1, 2]);
    check(&["", "", " "], &[0, 1, 2]);
    check(&["$NVDA", "NVDA"], &[0, 1]);
    check(&["大型", "大型"], &[0, 1]);
}

#[test]
fn reasons_name_words_time_and_publisher() {
    let check = |a: (&str, i64, &str), b: (&str, i64, &str), expect: &[&str]| {
        let article = |(publisher, minutes, title): (&str, i64, &str)| article(title, publisher, minutes, title, "");
        assert_eq!(newswire::similarity::reasons(&article(a), &article(b)), expect);
    };
    check(
        ("one", 0, "Calder ferries on strike"),
        ("two", 90, "Strike stops ferries"),
        &["both say ferries, strike", "an hour apart"],
    );
    check(("one", 0, "Calder ferries"), ("one", 0, "New library"), &["published at the same time", "same publisher"]);
}

#[test]
fn distance_is_measured_between_publications() {
    let title = "Lighthouse of Nordholm moved inland as cliff crumbles";
    let joins = |minutes: i64, window_s: i64| {
        let profiles = [("a", 0), ("b", minutes)].map(|(name, at)| Profile::of(&article(name, name, at, title, "")));
        let stories = stream(Rules { window_s, ..Rules::default() }, &profiles);
        stories[0] == stories[1]
    };
    assert!(joins(71 * 60, 72 * 3600));
    assert!(joins(-71 * 60, 72 * 3600), "an older article that comes late joins as well");
    assert!(!joins(73 * 60, 72 * 3600));
    assert!(!joins(0, 0), "a window of 0 links nothing");
    assert!(!joins(75 * 365 * 24 * 60, 72 * 3600));
}

#[test]
fn hostile_streams_are_bounded() {
    let long = "Lighthouse ".repeat(10_000);
    let profile = Profile::of(&article("long", "one", 0, &long, &long));
    assert!(profile.terms.len() <= 80);
    let many: Vec<Profile> = (0..500)
        .map(|place| {
            let minutes = if place % 2 == 0 { -28_000_000 } else { 39_000_000 };
            Profile::of(&article(&place.to_string(), "one", minutes, "Nordholm lighthouse moves on rails", ""))
        })
        .collect();
    let stories = stream(Rules::default(), &many);
    assert!(stories.iter().step_by(2).all(|story| *story == stories[0]), "identical titles of one time are one story");
    assert_ne!(stories[0], stories[1], "1970 and 2099 are far apart");
}

const WORDS: [&str; 18] = [
    "lighthouse",
    "nordholm",
    "cliff",
    "rails",
    "storm",
    "strike",
    "calder",
    "ferry",
    "crew",
    "pay",
    "talks",
    "bank",
    "rates",
    "quake",
    "alden",
    "coast",
    "1862",
    "5.8",
];

/// An article of a small world of words, so that many meet: name, words, minutes, and with whom it is tied.
type Drawn = (u8, Vec<usize>, i64, Option<u8>);

/// What happens in a step: who arrives (again, perhaps with other words), and who goes.
type Step = (Vec<Drawn>, Vec<u8>);

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let words = prop::collection::vec(0..WORDS.len(), 0..9);
    let arrivals = prop::collection::vec((0..60u8, words, 0..6_000i64, prop::option::weighted(0.2, 0..4u8)), 1..8);
    prop::collection::vec((arrivals, prop::collection::vec(0..60u8, 0..2)), 1..20)
}

/// The arrivals of a step in their order, each article once.
fn arrivals((drawn, _): &Step) -> Vec<Arrival> {
    let mut seen = std::collections::BTreeSet::new();
    let once = drawn.iter().filter(|(name, ..)| seen.insert(*name));
    let arrival = |(name, words, minutes, tied): &Drawn| {
        let words: Vec<&str> = words.iter().map(|word| WORDS[*word]).collect();
        let (title, excerpt) = words.split_at(words.len() / 2);
        let article = article(&name.to_string(), "paper", *minutes, &title.join(" "), &excerpt.join(" "));
        let tied = tied.map(|tied| ArticleId::of(&format!("tie{tied}")));
        Arrival { tied, ..Arrival::of(Profile::of(&article)) }
    };
    let mut arrivals: Vec<Arrival> = once.map(arrival).collect();
    arrivals.sort_by_key(|arrival| (arrival.profile.published_s, arrival.profile.id));
    arrivals
}

fn gone((_, gone): &Step) -> Vec<ArticleId> {
    gone.iter().map(|name| ArticleId::of(&name.to_string())).collect()
}

/// Two that are different from this step on.
type Said = (usize, u8, u8);

/// Whoever is named comes again when that is said, as in the daemon; nobody's word ties two of a list. A stream that is
/// restarted before each step stands as one that is left alone.
fn keep_apart(steps: &[Step], said: &[Said], max_articles: usize) {
    let rules = Rules { max_articles, ..Rules::default() };
    let (mut calm, mut shaky) = (Stream::new(rules.clone()), Stream::new(rules.clone()));
    let (mut row, mut last) = (Vec::new(), std::collections::BTreeMap::new());
    let mut lists: Vec<Vec<ArticleId>> = Vec::new();
    let named: Vec<ArticleId> = said.iter().map(|(_, one, _)| ArticleId::of(&one.to_string())).collect();
    let world = || format!("{max_articles}: {said:?} {steps:?}");
    for (number, step) in steps.iter().enumerate() {
        let mut came = arrivals(step);
        for (_, one, other) in said.iter().filter(|(at, one, other)| *at == number && one != other) {
            let list: Vec<ArticleId> = [one, other].map(|name| ArticleId::of(&name.to_string())).into();
            let again = list.iter().filter_map(|id| last.get(id)).cloned();
            came.extend(again.collect::<Vec<Arrival>>());
            lists.push(list);
        }
        came.iter_mut().filter(|one| named.contains(&one.profile.id)).for_each(|one| one.tied = None);
        let mut once = std::collections::BTreeSet::new();
        came.retain(|one| once.insert(one.profile.id));
        came.sort_by_key(|one| (one.profile.published_s, one.profile.id));
        last.extend(came.iter().map(|one| (one.profile.id, one.clone())));
        shaky = shaky.restarted(rules.clone(), row.clone());
        for id in last.keys() {
            assert_eq!(calm.open().closings_of(&[*id]), shaky.open().closings_of(&[*id]), "closings, {}", world());
            assert_eq!(calm.open().group_of(*id), shaky.open().group_of(*id), "groups, {}", world());
        }
        for stream in [&mut calm, &mut shaky] {
            stream.set_apart(lists.clone());
            stream.step(came.clone(), &[]);
        }
        row.extend(came);
        for (id, arrival) in &last {
            assert!(calm.story_of(*id).is_some(), "an article is lost");
            assert_eq!(calm.story_of(*id), shaky.story_of(*id), "stories, {}", world());
            let tied = |other: &&Arrival| arrival.tied.is_some() && other.tied == arrival.tied;
            for other in last.values().filter(tied).map(|other| other.profile.id) {
                let both_held = calm.open().holds(*id) && calm.open().holds(other);
                assert!(!both_held || calm.story_of(*id) == calm.story_of(other), "a tie is broken, {}", world());
            }
        }
        for list in lists.iter().filter(|list| list.iter().all(|id| last.contains_key(id))) {
            assert_ne!(calm.story_of(list[0]), calm.story_of(list[1]), "{list:?}, {}", world());
        }
    }
}

/// One of a list has left the window and the other's story splits. A window that did not know the list at its restart had
/// those who split off together already, so that nobody told who founds their story.
#[test]
fn a_restart_knows_who_was_different() {
    let step = |drawn: &[(u8, &[usize])]| -> Step {
        (drawn.iter().map(|(name, words)| (*name, words.to_vec(), 0, None)).collect(), Vec::new())
    };
    let steps = [
        step(&[(20, &[]), (35, &[]), (10, &[]), (39, &[]), (28, &[]), (58, &[])]),
        step(&[(28, &[]), (18, &[]), (12, &[]), (5, &[0, 2]), (11, &[]), (59, &[]), (34, &[])]),
        step(&[(26, &[3, 1, 0]), (58, &[]), (57, &[]), (25, &[]), (15, &[1, 0])]),
        step(&[(53, &[3, 0]), (57, &[]), (29, &[])]),
        step(&[(45, &[7, 0, 2])]),
        step(&[(33, &[1]), (4, &[1, 7, 0, 2])]),
        step(&[(45, &[])]),
    ];
    keep_apart(&steps, &[(0, 15, 5)], 16);
}

proptest! {
    #![proptest_config(examples(64))]

    #[test]
    fn a_stream_loses_nothing_and_a_restart_changes_nothing(
        steps in any_steps(),
        cut in 0..20usize,
        max_articles in 1..60usize,
    ) {
        let rules = Rules { max_articles, ..Rules::default() };
        let (mut calm, mut shaky) = (Stream::new(rules.clone()), Stream::new(rules.clone()));
        let mut row = Vec::new();
        let mut here = std::collections::BTreeSet::new();
        for (number, step) in steps.iter().enumerate() {
            if number >= cut {
                shaky = shaky.restarted(rules.clone(), row.clone());
                for id in &here {
                    prop_assert_eq!(calm.open().closings_of(&[*id]), shaky.open().closings_of(&[*id]), "closings, {}: {:?}", max_articles, &steps);
                    prop_assert_eq!(calm.open().group_of(*id), shaky.open().group_of(*id), "groups, {}: {:?}", max_articles, &steps);
                }
            }
            let mut came = arrivals(step);
            calm.step(came.clone(), &gone(step));
            came.reverse();
            shaky.step(came.clone(), &gone(step));
            came.reverse();
            for id in gone(step) {
                here.remove(&id);
            }
            here.extend(came.iter().map(|arrival| arrival.profile.id));
            row.extend(came);
            for id in &here {
                prop_assert!(calm.story_of(*id).is_some(), "an article is lost");
                prop_assert_eq!(calm.story_of(*id), shaky.story_of(*id), "stories, {}: {:?}", max_articles, &steps);
            }
            let mut last = std::collections::BTreeMap::new();
            for arrival in &row {
                last.insert(arrival.profile.id, arrival.tied);
            }
            let held: Vec<_> = last.iter().filter(|(id, _)| here.contains(id) && calm.open().holds(**id)).collect();
            for (one, tied) in &held {
                for (other, _) in held.iter().filter(|(_, other)| tied.is_some() && other == tied) {
                    prop_assert_eq!(calm.story_of(**one), calm.story_of(**other), "a tie is broken, {}: {:?}", max_articles, &steps);
                }
            }
        }
        prop_assert!(calm.open().len() <= max_articles);
    }

    #[test]
    fn who_is_different_never_stands_together(
        steps in any_steps(),
        said in prop::collection::vec((0..20usize, 0..20u8, 0..20u8), 1..4),
        max_articles in 2..30usize,
    ) {
        keep_apart(&steps, &said, max_articles);
    }

    #[test]
    fn the_size_of_a_step_does_not_matter_to_who_stands_together(steps in any_steps(), max_articles in 8..60usize) {
        let rules = Rules { max_articles, ..Rules::default() };
        let (mut whole, mut single) = (Stream::new(rules.clone()), Stream::new(rules));
        let mut here = std::collections::BTreeSet::new();
        for step in &steps {
            let came = arrivals(step);
            whole.step(came.clone(), &[]);
            here.extend(came.iter().map(|arrival| arrival.profile.id));
            for arrival in came {
                single.step(vec![arrival], &[]);
            }
        }
        for one in &here {
            for other in &here {
                let together = |stream: &Stream| stream.story_of(*one) == stream.story_of(*other);
                prop_assert_eq!(together(&whole), together(&single), "{:?} {:?} of {:?}", one, other, &steps);
            }
        }
    }
}
