//! Topics: which stories a topic holds, and why.
//!
//! In come stories and the topics of the config (or the labels found on seeds), out goes [`Belonging`]: in or not,
//! with a sentence for `explain`. Labels are compared by their slug, so `AWS AI` is `aws-ai`. A story's age is not
//! judged here, because that needs a clock: the edition does it. Never does this look at anything but its arguments.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Article, Story, Topic};
use crate::text;

mod hold;
mod parse;
mod token;
mod why;

use hold::Reading;
pub use hold::holds;
pub use parse::{RuleError, parse_rule};

/// Stories that a topic shows when the config does not say: the config's own default for `limit`.
const DEFAULT_LIMIT: usize = 50;

/// A slug becomes a folder name, which file systems end at 255 bytes; a suffix needs some room.
const MAX_SLUG_BYTES: usize = 96;

/// Whether a story is in a topic, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
    /// It is in.
    pub is_in: bool,
    /// One sentence for people, without a full stop.
    pub why: String,
}

/// Whether `story` belongs to `topic`.
///
/// It does when a seed of it carries one of the topic's labels, or when the labels or the rule hold for its lead or
/// for at least half of its articles; and when it then has `min_publishers` distinct publishers, copies not counted.
/// For many topics make a [`Selector`] of each topic and a [`Subject`] of each story once.
#[must_use]
pub fn belongs(topic: &Topic, story: &Story) -> Belonging {
    Selector::of(topic).judge(&Subject::of(story))
}

/// A topic made ready to be asked about many stories.
pub struct Selector<'a> {
    topic: &'a Topic,
    labels: BTreeMap<String, &'a str>,
}

/// A story made ready to be asked about by many topics: its words and the slugs of its labels are computed once.
pub struct Subject<'a> {
    story: &'a Story,
    seed_labels: BTreeSet<String>,
    articles: OnceCell<Vec<(Reading<'a>, BTreeSet<String>)>>,
}

impl<'a> Subject<'a> {
    /// A subject of `story`.
    #[must_use]
    pub fn of(story: &'a Story) -> Self {
        Self { story, seed_labels: slugs(&story.labels), articles: OnceCell::new() }
    }

    fn articles(&self) -> &[(Reading<'a>, BTreeSet<String>)] {
        self.articles.get_or_init(|| {
            let read = |article: &'a Article| (Reading::of(article), slugs(&article.labels));
            self.story.coverage.iter().map(|coverage| read(&coverage.article)).collect()
        })
    }
}

impl<'a> Selector<'a> {
    /// A selector of `topic`.
    #[must_use]
    pub fn of(topic: &'a Topic) -> Self {
        Self { topic, labels: topic.labels.iter().map(|label| (name(label), label.as_str())).collect() }
    }

    /// As [`belongs`].
    #[must_use]
    pub fn judge(&self, subject: &Subject<'_>) -> Belonging {
        let chosen = self.chosen(subject);
        if !chosen.is_in {
            return chosen;
        }
        let (publishers, needed) = (publishers(subject.story), self.topic.min_publishers);
        let but = |why: String| Belonging { is_in: false, why: format!("{}, but {why}", chosen.why) };
        if publishers < needed {
            let counted = counted(publishers, "publisher");
            return but(format!("only {counted} of the {needed} needed cover it"));
        }
        let best = subject.story.coverage.iter().map(|member| member.article.quality).max().unwrap_or(0);
        match self.topic.min_quality {
            Some(least) if best < least => but(format!("its best article has quality {best} of the {least} needed")),
            _ => chosen,
        }
    }

    /// As [`belongs`], with the terms of the rule that decide it. It costs more: for one story at a time.
    #[must_use]
    pub fn explain(&self, subject: &Subject<'_>) -> Belonging {
        let mut belonging = self.judge(subject);
        if let (Some(rule), Some(lead)) = (&self.topic.rule, self.told_by(subject)) {
            belonging.why.push_str(": ");
            belonging.why.push_str(&why::because(rule, lead));
        }
        belonging
    }

    /// The article whose words tell why: the lead, or the first that fits where the lead does not.
    fn told_by<'s>(&self, subject: &'s Subject<'_>) -> Option<&'s Reading<'s>> {
        if self.label_in(&subject.seed_labels).is_some() {
            return None;
        }
        let articles = subject.articles();
        let fits = |(read, labels): &&(Reading<'_>, BTreeSet<String>)| self.fits(read, labels).is_some();
        let (read, labels) = articles.iter().find(fits).or_else(|| articles.first())?;
        self.label_in(labels).is_none().then_some(read)
    }

    /// Why each article of the story fits the topic or does not, lead first.
    #[must_use]
    pub fn articles(&self, subject: &Subject<'_>) -> Vec<Belonging> {
        let judged =
            subject.articles().iter().map(|(read, labels)| match (self.fits(read, labels), &self.topic.rule) {
                (Some(why), None) => Belonging { is_in: true, why },
                (Some(why), Some(_)) if self.label_in(labels).is_some() => Belonging { is_in: true, why },
                (Some(_), Some(rule)) => Belonging { is_in: true, why: why::because(rule, read) },
                (None, Some(rule)) => Belonging { is_in: false, why: why::because(rule, read) },
                (None, None) => Belonging { is_in: false, why: "its source has no label of the topic".to_owned() },
            });
        judged.collect()
    }

    fn chosen(&self, subject: &Subject<'_>) -> Belonging {
        let yes = |why: String| Belonging { is_in: true, why };
        let no = |why: String| Belonging { is_in: false, why };
        if self.labels.is_empty() && self.topic.rule.is_none() {
            return no("the topic has neither labels nor a rule".to_owned());
        }
        if let Some(label) = self.label_in(&subject.seed_labels) {
            return yes(format!("a seed of it carries the label `{label}`"));
        }
        let articles = subject.articles();
        let reasons: Vec<Option<String>> = articles.iter().map(|(read, labels)| self.fits(read, labels)).collect();
        if let Some(Some(reason)) = reasons.first() {
            return yes(format!("its lead {reason}"));
        }
        let fitting = reasons.iter().flatten().count();
        let all = articles.len();
        match reasons.iter().flatten().next() {
            Some(reason) if fitting * 2 >= all => {
                yes(format!("{fitting} of its {} fit, the first because it {reason}", counted(all, "article")))
            }
            Some(_) => no(format!("its lead does not fit and only {fitting} of its {} do", counted(all, "article"))),
            None if self.topic.rule.is_none() => no("no seed or source of it carries a label of the topic".to_owned()),
            None if self.labels.is_empty() => no("its rule holds for no article".to_owned()),
            None => {
                no("no seed or source of it carries a label of the topic, and its rule holds for no article".into())
            }
        }
    }

    /// Why one article fits, as the end of "it …".
    fn fits(&self, read: &Reading<'_>, labels: &BTreeSet<String>) -> Option<String> {
        if let Some(label) = self.label_in(labels) {
            return Some(format!("comes from a source with the label `{label}`"));
        }
        let rule = self.topic.rule.as_ref()?;
        read.holds(rule).then(|| "matches the topic's rule".to_owned())
    }

    fn label_in(&self, slugs: &BTreeSet<String>) -> Option<&'a str> {
        self.labels.iter().find(|(slug, _)| slugs.contains(*slug)).map(|(_, label)| *label)
    }
}

/// Distinct publishers of a story, copies not counted.
#[must_use]
pub fn publishers(story: &Story) -> usize {
    let own = story.coverage.iter().filter(|coverage| coverage.copy_of.is_none());
    own.map(|coverage| coverage.article.publisher.domain.as_str()).collect::<BTreeSet<_>>().len()
}

/// The topics where none is configured: one for each label, in the order of their slugs.
///
/// Labels with one slug are one topic, titled as most of them are written (then by alphabet). Slugs do not depend on
/// the order of `labels`; labels without any letter or digit, and those too long for a slug, are told apart by `-2`,
/// `-3`, … in alphabetical order.
#[must_use]
pub fn from_labels<'a>(labels: impl Iterator<Item = &'a str>) -> Vec<Topic> {
    let mut spellings: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for label in labels.map(str::trim).filter(|label| !label.is_empty()) {
        *spellings.entry(name(label)).or_default().entry(label).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    // Labels whose slug is theirs alone come first, so that none of them is renamed by one whose slug is not.
    let (own, shared): (Vec<_>, Vec<_>) = spellings.into_iter().partition(|(name, _)| !name.starts_with(' '));
    let mut topics: Vec<Topic> = own
        .into_iter()
        .chain(shared)
        .filter_map(|(name, spellings)| {
            // `max_by_key` keeps the last of equals: reversed, that is the first in the alphabet.
            let (title, _) = spellings.into_iter().rev().max_by_key(|(_, count)| *count)?;
            Some(topic(unique(&slug_of(&name), &mut taken), title))
        })
        .collect();
    topics.sort_by(|a, b| a.id.cmp(&b.id));
    topics
}

fn topic(id: String, title: &str) -> Topic {
    Topic {
        id,
        title: title.to_owned(),
        labels: vec![title.to_owned()],
        rule: None,
        min_publishers: 1,
        max_per_publisher: None,
        min_quality: None,
        max_age_s: None,
        limit: DEFAULT_LIMIT,
        rank: crate::model::Rank::default(),
    }
}

fn unique(slug: &str, taken: &mut BTreeSet<String>) -> String {
    let suffixed = (2..).map(|number: u32| format!("{slug}-{number}"));
    let mut candidates = std::iter::once(slug.to_owned()).chain(suffixed);
    let free = candidates.find(|candidate| !taken.contains(candidate)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// What two labels are compared by: their slug; the label itself, marked by a blank that no slug holds, where it has
/// no letter or digit to make a slug of, or so many that slugs end before it does.
fn name(label: &str) -> String {
    let slug = text::slug(label);
    let is_faithful = slug.len() <= MAX_SLUG_BYTES && label.contains(char::is_alphanumeric);
    if is_faithful { slug } else { format!(" {}", label.trim()) }
}

/// The slug for a [`name`], cut to what a folder may be called; not unique where the name is marked.
fn slug_of(name: &str) -> String {
    let Some(label) = name.strip_prefix(' ') else { return name.to_owned() };
    let slug = text::slug(label);
    let ends = slug.char_indices().map(|(at, c)| at + c.len_utf8());
    let cut = ends.take_while(|end| *end <= MAX_SLUG_BYTES).last().unwrap_or_default();
    slug.get(..cut).unwrap_or_default().trim_end_matches('-').to_owned()
}

fn slugs(labels: &[String]) -> BTreeSet<String> {
    labels.iter().map(|label| name(label)).collect()
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
pub(crate) mod tests {

    use jiff::Timestamp;

    use super::*;
    use crate::model::{ArticleId, Coverage, Publisher, StoryId, Via};

    /// A bare article for tests of this layer.
    pub(crate) fn article(url: &str, publisher: &str, domain: &str) -> Article {
        Article {
            id: ArticleId::of(url),
            url: url.to_owned(),
            title: "A headline".to_owned(),
            excerpt: None,
            authors: Vec::new(),
            publisher: Publisher { name: publisher.to_owned(), domain: domain.to_owned() },
            published: Timestamp::UNIX_EPOCH,
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

    /// A story of `articles`, the first its founder and lead.
    pub(crate) fn story(articles: Vec<Article>) -> Story {
        let founder = articles.first().map_or(ArticleId::of(""), |article| article.id);
        let cover = |article| Coverage { article, via: Via::Founder, copy_of: None };
        Story {
            id: StoryId::founded_by(founder, 0),
            coverage: articles.into_iter().map(cover).collect(),
            published: Timestamp::UNIX_EPOCH,
            updated: Timestamp::UNIX_EPOCH,
            cause: crate::model::Cause::default(),
            heat: 1.0,
            labels: Vec::new(),
            notes: Vec::new(),
            related: Vec::new(),
        }
    }

    fn titled(titles: &[&str]) -> Story {
        let make = |(index, title): (usize, &&str)| {
            let mut article = article(&format!("https://{index}.example/"), "P", &format!("{index}.example"));
            article.title = (*title).to_owned();
            article
        };
        story(titles.iter().enumerate().map(make).collect())
    }

    fn ask(labels: &[&str], rule: Option<&str>, min_publishers: usize) -> Topic {
        Topic {
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            rule: rule.map(|rule| parse_rule(rule).unwrap()),
            min_publishers,
            ..topic("t".to_owned(), "T")
        }
    }

    #[track_caller]
    fn check(topic: &Topic, story: &Story, expect: bool, why: &str) {
        let belonging = belongs(topic, story);
        assert_eq!(belonging.is_in, expect, "{belonging:?}");
        assert!(belonging.why.contains(why), "{}", belonging.why);
    }

    #[test]
    fn by_label() {
        let mut story = titled(&["one", "two", "three"]);
        check(&ask(&[], None, 1), &story, false, "neither labels nor a rule");
        check(&ask(&["AI"], None, 1), &story, false, "no seed or source of it carries a label of the topic");
        story.labels = vec!["ai".to_owned()];
        check(&ask(&["AI"], None, 1), &story, true, "a seed of it carries the label `AI`");
        story.labels.clear();
        story.coverage[2].article.labels = vec!["ai".to_owned()];
        check(&ask(&["AI"], None, 1), &story, false, "only 1 of its 3 articles");
        story.coverage[1].article.labels = vec!["ai".to_owned()];
        check(&ask(&["AI"], None, 1), &story, true, "2 of its 3 articles fit");
    }

    #[test]
    fn by_rule() {
        check(&ask(&[], Some("one"), 1), &titled(&["one", "two", "three"]), true, "its lead matches the topic's rule");
        check(&ask(&[], Some("two"), 1), &titled(&["one", "two", "three"]), false, "only 1 of its 3 articles do");
        check(&ask(&[], Some("two"), 1), &titled(&["one", "two"]), true, "1 of its 2 articles fit");
        check(&ask(&["x"], Some("nine"), 1), &titled(&["one"]), false, "its rule holds for no article");
        check(&ask(&[], Some("one"), 1), &titled(&[]), false, "its rule holds for no article");
    }

    #[test]
    fn labels_and_rule_count_together() {
        let mut story = titled(&["one", "two", "three", "four"]);
        story.coverage[3].article.labels = vec!["AI".to_owned()];
        check(&ask(&["ai"], Some("two"), 1), &story, true, "2 of its 4 articles");
    }

    #[test]
    fn publishers_count_once_and_copies_not() {
        let mut story = titled(&["one", "one", "one"]);
        check(&ask(&[], Some("one"), 3), &story, true, "its lead");
        story.coverage[1].copy_of = Some(story.coverage[0].article.id);
        check(&ask(&[], Some("one"), 3), &story, false, "but only 2 publishers of the 3 needed cover it");
        story.coverage[2].article.publisher.domain = "0.example".to_owned();
        check(&ask(&[], Some("one"), 2), &story, false, "but only 1 publisher of the 2 needed");
    }

    #[test]
    fn topics_from_labels() {
        let topics = |labels: &[&str]| {
            let topics = from_labels(labels.iter().copied());
            topics.into_iter().map(|topic| (topic.id, topic.title)).collect::<Vec<_>>()
        };
        let pair = |id: &str, title: &str| (id.to_owned(), title.to_owned());
        assert_eq!(topics(&[]), []);
        assert_eq!(topics(&["cloud", "ai", "cloud", " "]), [pair("ai", "ai"), pair("cloud", "cloud")]);
        assert_eq!(topics(&["ai", "AI", "AI"]), [pair("ai", "AI")]);
        assert_eq!(topics(&["ai", "AI"]), topics(&["AI", "ai"]));
        assert_eq!(topics(&["人工智能"]), [pair("人工智能", "人工智能")]);
        let long = "a".repeat(300);
        let longer = "a".repeat(301);
        let cut = topics(&[&longer, &long]);
        assert_eq!(cut.len(), 2);
        assert!(cut.iter().all(|(id, _)| id.len() <= MAX_SLUG_BYTES + 2), "{cut:?}");
        assert!(cut[1].0.ends_with("-2"));
    }

    #[test]
    fn every_topic_from_labels_holds_the_stories_of_its_label() {
        let labels = ["AI", "C++", "C#", "人工智能", "!!!", "???", "topic"];
        let topics = from_labels(labels.iter().copied());
        let ids: BTreeSet<_> = topics.iter().map(|topic| topic.id.as_str()).collect();
        assert_eq!(ids.len(), labels.len());
        for label in labels {
            let mut story = titled(&["one"]);
            story.labels = vec![label.to_owned()];
            assert_eq!(topics.iter().filter(|topic| belongs(topic, &story).is_in).count(), 1, "{label}");
        }
    }
}
