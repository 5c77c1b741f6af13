//! The nine articles of a seed without the seed's word: by titles and excerpts alone they are one story, and it is known
//! who repeats whom. Our own document, and where it is at hand that of the first user, which is not ours to keep.

use std::collections::BTreeMap;

use newswire::article::{Root, merge};
use newswire::cluster::copy::{Text, copies, grounds};
use newswire::cluster::open::{Arrival, Rules};
use newswire::cluster::stream::Stream;
use newswire::model::{Article, ArticleId, Stated, Statement, StoryId};
use newswire::similarity::Profile;
use newswire::url;

use crate::binary::story;
use crate::support::process::beside;

/// The articles that a seed lists, as if each had come alone.
fn articles(document: &str) -> Vec<Article> {
    let now = "2026-01-10T12:00:00Z".parse().unwrap();
    let seed = newswire::seed::read("a.md", document.as_bytes(), now).seed.unwrap();
    let article = |entry: &newswire::model::Entry| {
        let address = url::canonical(&entry.url).unwrap();
        let root = Root { id: ArticleId::of(&url::key(&address)), url: &address, first_seen: now };
        merge(root, &[Statement { by: Stated::Seed { path: "a.md".to_owned() }, entry: entry.clone() }], None)
    };
    seed.entries().map(article).collect()
}

/// The publishers of each story, largest first.
fn stories(articles: &[Article], step: usize) -> Vec<Vec<String>> {
    let mut stream = Stream::new(Rules::default());
    let mut sorted: Vec<&Article> = articles.iter().collect();
    sorted.sort_by_key(|article| (article.published, article.id));
    for some in sorted.chunks(step) {
        stream.step(some.iter().map(|article| Arrival::of(Profile::of(article))).collect(), &[]);
    }
    let mut stories: BTreeMap<Option<StoryId>, Vec<String>> = BTreeMap::new();
    for article in articles {
        stories.entry(stream.story_of(article.id)).or_default().push(article.publisher.name.clone());
    }
    let mut stories: Vec<Vec<String>> = stories.into_values().collect();
    stories.sort_by_key(|publishers| std::cmp::Reverse(publishers.len()));
    stories
}

/// Copies as publishers: (copy, original).
fn copied(articles: &[Article]) -> Vec<(String, String)> {
    let profiles: Vec<Profile> = articles.iter().map(Profile::of).collect();
    let texts: Vec<Text> = profiles.iter().map(Text::from).collect();
    let name = |id: &ArticleId| articles.iter().find(|article| article.id == *id).unwrap().publisher.name.clone();
    let text = |id: &ArticleId| *texts.iter().find(|text| text.id == *id).unwrap();
    let found = copies(&texts);
    for (copy, original) in &found {
        let grounds = grounds(text(copy), text(original), &texts);
        assert!(grounds.likeness.is_some() && !grounds.is_pointed_to && !grounds.is_named);
    }
    let mut found: Vec<(String, String)> = found.iter().map(|(copy, original)| (name(copy), name(original))).collect();
    found.sort_by_key(|(_, original)| original.clone());
    found
}

/// The nine are one story in steps of any size.
fn check(articles: &[Article], expect: &[(&str, &str)]) {
    for step in [1, 4, 9] {
        let stories = stories(articles, step);
        assert_eq!(stories.len(), 1, "in steps of {step}: {stories:#?}");
    }
    let found = copied(articles);
    let found: Vec<(&str, &str)> = found.iter().map(|(copy, original)| (copy.as_str(), original.as_str())).collect();
    assert_eq!(found, expect);
}

#[test]
fn nine_articles_are_one_story_by_what_they_say() {
    let document = story::document("https://");
    check(&articles(&document), &[("Copyweb", "Venture Sheet")]);
    // The agency's text, which another printed two hours before the agency's own page did.
    let (own, agency) = (
        "said it moved part of the charging of its boats to cells designed in its yard.",
        "said that it had moved part of the charging of its night boats to cells of its own design, so that they leave \
         sooner and cost less, and away from those it bought of Voltworks.",
    );
    let document = document.replace(own, agency);
    check(&articles(&document), &[("Wire Agency", "Southern IT"), ("Copyweb", "Venture Sheet")]);
}

#[test]
fn so_are_those_of_the_first_user() {
    let Some(path) = beside("data/seeds/2020-11-12-amazon-inferentia.md") else {
        eprintln!("passed over: there are no seeds beside the project");
        return;
    };
    let articles = articles(&std::fs::read_to_string(path).unwrap());
    check(&articles, &[("Reuters", "IT News For Australia Business"), ("Elmoudjaweb", "VentureBeat")]);
}
