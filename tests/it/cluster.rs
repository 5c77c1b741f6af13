//! The linker on streams: what joins, what stays apart, what is remembered, and that nothing depends on chance.

use jiff::Timestamp;
use newswire::cluster::{Rules, Window};
use newswire::model::{Article, ArticleId, Publisher, StoryId};
use newswire::similarity::Profile;
use proptest::prelude::*;

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

/// Places and puts each profile; one that belongs nowhere founds a story.
fn stream(window: &mut Window, profiles: &[Profile]) -> Vec<StoryId> {
    let mut stories = Vec::new();
    for profile in profiles {
        let link = window.place(std::slice::from_ref(profile), None);
        let story = link.map_or_else(|| StoryId::founded_by(profile.id, 0), |link| link.story);
        window.put(profile, story);
        stories.push(story);
    }
    stories
}

/// Groups `title | excerpt` lines and shows the groups as numbers in order of appearance.
fn check(lines: &[&str], expect: &[usize]) {
    let profiles: Vec<Profile> = (0..)
        .zip(lines)
        .map(|(place, line)| {
            let (title, excerpt) = line.split_once('|').unwrap_or((line, ""));
            Profile::of(&article(
                &place.to_string(),
                &format!("paper{place}"),
                place * 30,
                title.trim(),
                excerpt.trim(),
            ))
        })
        .collect();
    let mut seen: Vec<StoryId> = Vec::new();
    let groups: Vec<usize> = stream(&mut Window::new(Rules::default()), &profiles)
        .into_iter()
        .map(|story| {
            seen.iter().position(|known| *known == story).unwrap_or_else(|| {
                seen.push(story);
                seen.len() - 1
            })
        })
        .collect();
    assert_eq!(groups, expect, "{lines:#?}");
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
    check(
        ("one", 0, "Calder ferries"),
        ("one", 0, "New library"),
        &["published at the same time", "same publisher, which counts against it"],
    );
}

#[test]
fn distance_is_measured_between_publications() {
    let title = "Lighthouse of Nordholm moved inland as cliff crumbles";
    let joins = |minutes: i64, window_s: i64| {
        let mut window = Window::new(Rules { window_s, ..Rules::default() });
        let first = Profile::of(&article("a", "one", 0, title, ""));
        window.put(&first, StoryId::founded_by(first.id, 0));
        window.place(&[Profile::of(&article("b", "two", minutes, title, ""))], None).is_some()
    };
    assert!(joins(71 * 60, 72 * 3600));
    assert!(joins(-71 * 60, 72 * 3600), "an older article that comes late joins as well");
    assert!(!joins(73 * 60, 72 * 3600));
    assert!(!joins(0, 0), "a window of 0 turns the linker off");
    assert!(!joins(75 * 365 * 24 * 60, 72 * 3600));
}

#[test]
fn a_bundle_needs_more_than_one_stray_match() {
    let mut window = Window::new(Rules::default());
    let strike = Profile::of(&article("s", "one", 0, "Strike at Calder ferries enters second week", ""));
    let story = StoryId::founded_by(strike.id, 0);
    window.put(&strike, story);
    let lead = |title: &str| Profile::of(&article("lead", "two", 5, title, ""));
    let stray = Profile::of(&article("stray", "three", 9, "Calder ferries: strike enters second week", ""));
    assert_eq!(window.place(&[lead("Lighthouse of Nordholm moves inland on rails"), stray.clone()], None), None);
    let link = window.place(&[lead("Second week of strike at Calder ferries"), stray], None).unwrap();
    assert_eq!((link.story, link.nearest), (story, strike.id));
    assert!(link.score > 0.0 && link.score <= 1.0);
}

#[test]
fn except_leaves_a_story_out_and_own_articles_are_no_evidence() {
    let mut window = Window::new(Rules::default());
    let profile = Profile::of(&article("a", "one", 0, "Strike at Calder ferries enters second week", ""));
    let story = StoryId::founded_by(profile.id, 0);
    window.put(&profile, story);
    assert_eq!(window.place(std::slice::from_ref(&profile), None), None);
    let other = Profile::of(&article("b", "two", 1, "Strike at Calder ferries enters second week", ""));
    assert_eq!(window.place(std::slice::from_ref(&other), Some(story)), None);
    assert!(window.place(std::slice::from_ref(&other), None).is_some());
    assert!(window.score_in(&other, story) > 0.8);
    assert!(window.score_in(&profile, story) < f64::EPSILON, "its only member is itself");
}

#[test]
fn the_window_forgets_the_first_put() {
    let mut window = Window::new(Rules { max_articles: 2, ..Rules::default() });
    let profiles: Vec<Profile> = ["a", "b", "c"]
        .iter()
        .map(|name| Profile::of(&article(name, name, 0, "Strike at Calder ferries", "")))
        .collect();
    let story = |place: usize| StoryId::founded_by(profiles[place].id, 0);
    window.put(&profiles[0], story(0));
    window.put(&profiles[1], story(1));
    window.put(&profiles[0], story(1));
    assert_eq!(window.story_of(profiles[0].id), Some(story(1)), "put again, it is replaced");
    window.put(&profiles[2], story(2));
    assert_eq!(window.len(), 2);
    assert_eq!(window.story_of(profiles[0].id), None, "and still the first to leave");
    window.rename(story(1), story(2));
    assert_eq!((window.story_of(profiles[1].id), window.size_of(story(2))), (Some(story(2)), 2));
    window.put_guest(&profiles[0], story(2));
    assert_eq!((window.len(), window.size_of(story(2))), (2, 3));
    window.clear_guests();
    window.take(profiles[1].id);
    assert_eq!((window.len(), window.size_of(story(2))), (1, 1));
    window.take(profiles[2].id);
    assert!(window.is_empty());
}

#[test]
fn hostile_streams_are_bounded() {
    let long = "Lighthouse ".repeat(10_000);
    let profile = Profile::of(&article("long", "one", 0, &long, &long));
    assert!(profile.terms.len() <= 80);
    let many: Vec<Profile> = (0..2_000)
        .map(|place| {
            let minutes = if place % 2 == 0 { -28_000_000 } else { 39_000_000 };
            Profile::of(&article(&place.to_string(), "one", minutes, "Nordholm lighthouse moves on rails", ""))
        })
        .collect();
    let stories = stream(&mut Window::new(Rules::default()), &many);
    assert!(stories.iter().step_by(2).all(|story| *story == stories[0]), "identical titles of one time are one story");
    assert_ne!(stories[0], stories[1], "1970 and 2099 are far apart");
}

/// A random article of a small world of words, so that many meet.
fn any_profile() -> impl Strategy<Value = Profile> {
    let words = prop::sample::select(
        "lighthouse nordholm cliff rails storm strike calder ferry crew pay talks bank rates quake alden coast 1862 5.8"
            .split(' ')
            .collect::<Vec<_>>(),
    );
    (0..60u32, prop::collection::vec(words, 0..9), 0..6_000i64, 0..4u8).prop_map(|(name, words, minutes, publisher)| {
        let (title, excerpt) = words.split_at(words.len() / 2);
        let publisher = format!("paper{publisher}");
        Profile::of(&article(&name.to_string(), &publisher, minutes, &title.join(" "), &excerpt.join(" ")))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_window_put_together_anew_answers_the_same(
        before in prop::collection::vec((any_profile(), 0..10u8), 0..80),
        after in prop::collection::vec(any_profile(), 1..20),
        max_articles in 1..50usize,
    ) {
        let rules = Rules { max_articles, ..Rules::default() };
        let mut window = Window::new(rules.clone());
        // What the store would hold: articles in the order in which they were first put and stayed.
        let mut row: Vec<(Profile, StoryId)> = Vec::new();
        for (profile, what) in &before {
            let link = window.place(std::slice::from_ref(profile), None);
            let story = link.map_or_else(|| StoryId::founded_by(profile.id, 0), |link| link.story);
            let known = row.iter().position(|(other, _)| other.id == profile.id);
            match (what, known) {
                (0, Some(place)) => {
                    window.take(profile.id);
                    row.remove(place);
                }
                (1, Some(place)) => {
                    let from = row[place].1;
                    window.rename(from, story);
                    row.iter_mut().filter(|(_, other)| *other == from).for_each(|(_, other)| *other = story);
                }
                (2, _) => {
                    window.put_guest(profile, story);
                    window.clear_guests();
                    if let Some(place) = known {
                        prop_assert_eq!(window.story_of(profile.id), Some(row[place].1));
                    }
                }
                (_, Some(place)) => {
                    window.put(profile, story);
                    row[place] = (profile.clone(), story);
                }
                (_, None) => {
                    window.put(profile, story);
                    row.push((profile.clone(), story));
                    if row.len() > max_articles {
                        row.remove(0);
                    }
                }
            }
        }
        let mut anew = Window::new(rules);
        for (profile, story) in &row {
            anew.put(profile, *story);
        }
        prop_assert_eq!(anew.len(), window.len());
        for pair in after.windows(2).chain(after.chunks(1)) {
            prop_assert_eq!(anew.place(pair, None), window.place(pair, None));
        }
        for (profile, story) in &row {
            prop_assert_eq!(window.story_of(profile.id), Some(*story));
            prop_assert_eq!(anew.score_in(profile, *story).to_bits(), window.score_in(profile, *story).to_bits());
        }
    }

    #[test]
    fn the_same_calls_give_the_same_answers(profiles in prop::collection::vec(any_profile(), 0..60)) {
        let run = || stream(&mut Window::new(Rules::default()), &profiles);
        prop_assert_eq!(run(), run());
    }
}
