//! `tests:` of topics: articles that an operator says must be in a topic, or out of it.
//!
//! In come the topics as written and as checked, out go findings where an article is judged otherwise than the
//! operator expects, each at its `expect`. Judged are the labels and the rule, by the code that judges what is
//! published; how many publishers a story has and how old it is, an article alone cannot tell. Never does a test
//! reach the store.

use jiff::Timestamp;

use super::build::{self, Mismatch, get};
use super::check::{Checked, Checker};
use super::node::{Node, Value};
use crate::model::{Article, ArticleId, Cause, Coverage, Publisher, Story, StoryId, Topic, Via};
use crate::topic::{Selector, Subject};

/// Judges the tests of every topic that is right otherwise.
pub(super) fn check(checker: &mut Checker<'_>, written: &[Node], root: Option<&Checked>) {
    let Some(Checked::List(topics)) = root.and_then(|root| root.at(&["topics"])) else { return };
    for (node, checked) in written.iter().zip(topics) {
        // What is wrong in a topic was told; its tests would tell it again.
        if let Ok(topic) = build::topic(checked) {
            check_topic(checker, node, checked, &Topic { min_publishers: 1, max_age_s: None, ..topic });
        }
    }
}

fn check_topic(checker: &mut Checker<'_>, node: &Node, checked: &Checked, topic: &Topic) {
    let Some(Checked::List(tests)) = checked.at(&["tests"]) else { return };
    let written = node.get("tests").map(Node::items).unwrap_or_default();
    // A topic without label and rule has no rule to test; a broken rule was told.
    let has_broken_rule =
        topic.rule.is_none() && node.get("match").is_some_and(|rule| !matches!(rule.value, Value::Null));
    if has_broken_rule {
        return;
    }
    let selector = Selector::of(topic);
    for (written, test) in written.iter().zip(tests).filter(|(written, test)| is_understood(written, test)) {
        let (Ok(expect), Ok(story)) = (get::<String>(test, "expect"), story(test)) else { continue };
        let found = selector.explain(&Subject::of(&story));
        if found.is_in != (expect == "in") {
            let (should, does) = if found.is_in { ("should not hold", "does") } else { ("should hold", "does not") };
            let at = written.get("expect").map_or(&written.at, |expect| &expect.at);
            // The reason repeats words of rule and labels, which may be nobody's business.
            let is_secret = ["match", "labels"].iter().filter_map(|key| node.get(key)).any(Node::holds_expanded);
            let why = if is_secret { "its rule or labels hold ${…}".to_owned() } else { found.why };
            let id = node.get("id").map(Node::shown).unwrap_or_default();
            let message = format!("topic `{id}` {should} this article, but {does}: {why}");
            checker.error(at, message, Some("mend `match` or `labels`, or what the test expects".to_owned()));
        }
    }
}

/// Whether every key of the article is one of ours: who misspelt one would hear of it twice.
fn is_understood(written: &Node, test: &Checked) -> bool {
    match (written.get("article").map(|article| &article.value), test.at(&["article"])) {
        (Some(Value::Map(pairs)), Some(Checked::Map(known))) => {
            pairs.iter().all(|(name, _)| known.iter().any(|(key, _)| key == name))
        }
        _ => false,
    }
}

/// The article of a test as the story it would be alone.
fn story(test: &Checked) -> Result<Story, Mismatch> {
    let of = |field: &str| format!("article.{field}");
    let url: String = get(test, &of("url"))?;
    let id = ArticleId::of(&url);
    let article = Article {
        id,
        title: get(test, &of("title"))?,
        excerpt: get(test, &of("excerpt"))?,
        authors: get(test, &of("author"))?,
        publisher: publisher(get(test, &of("publisher"))?, &url),
        published: Timestamp::UNIX_EPOCH,
        image: None,
        lang: get(test, &of("lang"))?,
        category: get(test, &of("category"))?,
        kind: get(test, &of("kind"))?,
        tags: get(test, &of("tag"))?,
        labels: get(test, &of("labels"))?,
        quality: get::<usize>(test, &of("quality"))?.try_into().unwrap_or(i64::MAX),
        canonical_elsewhere: None,
        url,
    };
    Ok(Story {
        id: StoryId::founded_by(id, 0),
        coverage: vec![Coverage { article, via: Via::Founder, copy_of: None }],
        published: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
        cause: Cause::default(),
        heat: 1.0,
        labels: Vec::new(),
        notes: Vec::new(),
        related: Vec::new(),
    })
}

/// A name that is a domain is both; else the domain is that of the address.
fn publisher(stated: Option<String>, url: &str) -> Publisher {
    let of_url = || crate::url::registrable_domain(url).unwrap_or_default();
    match stated {
        Some(name) if name.contains('.') && !name.contains(char::is_whitespace) => {
            Publisher { domain: name.to_lowercase(), name }
        }
        Some(name) => Publisher { name, domain: of_url() },
        None => Publisher { name: of_url(), domain: of_url() },
    }
}
