//! Ids and times: the same story is the same entry in every format and topic, from its first release on.

use std::collections::BTreeSet;

use serde_json::Value;

use super::corpus::{edition, lively, plain};
use super::{dom, format};
use newswire::model::{Edition, StoryView};

/// Id, link, published and updated of every entry, in order, as one format states them.
pub fn stated(name: &str, document: &str) -> Vec<[String; 4]> {
    if name == "json" {
        let feed: Value = serde_json::from_str(document).unwrap();
        let of = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
        let items = feed["items"].as_array().unwrap().iter();
        return items.map(|item| ["id", "url", "date_published", "date_modified"].map(|key| of(item, key))).collect();
    }
    let root = dom::parse(document).unwrap();
    let text = |of: &dom::Element, name: &str| of.one(name).unwrap().text.clone();
    if name == "atom" {
        let link = |entry: &dom::Element| {
            entry.all("link").find(|link| link.attribute("rel") == "alternate").unwrap().attribute("href").to_owned()
        };
        let zulu = |date: String| date.parse::<jiff::Timestamp>().unwrap().to_string();
        return root
            .all("entry")
            .map(|entry| [text(entry, "id"), link(entry), zulu(text(entry, "published")), zulu(text(entry, "updated"))])
            .collect();
    }
    let items = root.one("channel").unwrap().all("item");
    let published = |item: &dom::Element| super::rules::rfc822(&text(item, "pubDate")).unwrap().to_string();
    let updated =
        |item: &dom::Element| item.foreign("http://www.w3.org/2005/Atom", "updated").next().unwrap().text.clone();
    items.map(|item| [text(item, "guid"), text(item, "link"), published(item), updated(item)]).collect()
}

#[test]
fn every_format_states_the_same_ids_links_and_times() {
    for edition in super::editions() {
        let [rss, atom, json] = ["rss", "atom", "json"].map(|name| stated(name, &(format(name).render)(&edition)));
        assert_eq!(rss, json);
        assert_eq!(atom, json);
        let ids: Vec<&str> = json.iter().map(|[id, ..]| id.as_str()).collect();
        let mut given: Vec<&str> = edition.stories.iter().map(|story| story.entry_id.as_str()).collect();
        given.dedup();
        assert_eq!(ids, given);
    }
}

#[test]
fn a_story_has_one_id_and_one_moment_in_every_topic() {
    let stories = || vec![plain("one"), lively()];
    let one = stated("atom", &(format("atom").render)(&edition(stories())));
    let other = Edition {
        title: "Other".to_owned(),
        feed_id: "tag:wire.example.org,2026:all".to_owned(),
        ..edition(stories())
    };
    assert_eq!(stated("atom", &(format("atom").render)(&other)), one);
}

#[test]
fn stories_of_one_second_are_told_apart_by_their_moment() {
    let stories: Vec<StoryView> = (0..50).map(|number| plain(&number.to_string())).collect();
    let second = stories[0].updated.to_string();
    let second = second.trim_end_matches('Z').to_owned();
    let stated = stated("json", &(format("json").render)(&edition(stories)));
    assert!(stated.iter().all(|[.., updated]| updated.starts_with(&second)));
    assert_eq!(stated.iter().map(|[.., updated]| updated).collect::<BTreeSet<_>>().len(), 50);
}

#[test]
fn what_changed_is_said_where_it_can_be_read() {
    let edition = edition(vec![lively()]);
    for name in ["rss", "atom", "json"] {
        let document = (format(name).render)(&edition);
        assert!(document.contains("New on 13 Nov 2020, 08:59 UTC: coverage by Publisher 3 and "), "{document}");
        assert!(
            document.contains("; an editor&#39;s wording; another lead.") || document.contains("&amp;#39;s wording")
        );
        assert!(document.contains("Related stories"), "{document}");
    }
    let feed: Value = serde_json::from_str(&(format("json").render)(&edition)).unwrap();
    let more = &feed["items"][0]["_newswire"];
    assert_eq!(more["changed"]["joined"][0], "Publisher 3");
    assert_eq!((&more["changed"]["is_reworded"], &more["changed"]["is_led_anew"]), (&true.into(), &true.into()));
    assert_eq!(more["related"].as_array().unwrap().len(), 2);
    assert_eq!(more["coverage"][2]["copy_of"], "Publisher 1");
    let atom = dom::parse(&(format("atom").render)(&edition)).unwrap();
    let entry = atom.one("entry").unwrap();
    let names: Vec<&str> = entry.all("contributor").map(|person| person.one("name").unwrap().text.as_str()).collect();
    assert_eq!(names, ["Publisher 1", "Publisher 4", "Publisher 5", "Publisher 6", "Publisher 7", "Publisher 8"]);
    let replies = entry.foreign("http://purl.org/syndication/thread/1.0", "in-reply-to").count();
    assert_eq!(replies, 1, "only an older story is replied to");
    assert_eq!(entry.one("source").unwrap().one("id").unwrap().text, "https://p0.example/");
}
