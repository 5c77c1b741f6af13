//! What single values cannot tell: things that are wrong only together.

use std::collections::BTreeMap;

use super::check::{Checked, Checker};
use super::node::{At, Node, Value};
use crate::model::Severity;

/// Checks the whole tree for contradictions, whether its values are right or not; `checked` holds those that are.
pub(super) fn check(checker: &mut Checker<'_>, root: &Node, checked: Option<&Checked>) {
    let list = |name: &str| root.get(name).map(Node::items).unwrap_or_default();
    topics(checker, list("topics"));
    once(checker, list("sources"), "url", "this source is listed already");
    if let Some(publish) = root.get("publish").and_then(|publish| publish.get("formats")) {
        let formats = publish.items().iter();
        let formats = formats.filter_map(|node| Some((&node.at, node.text()?.to_owned())));
        twice(checker, formats, "this format is listed already");
    }
    listeners(checker, root, checked);
    revisits(checker, root);
    if let Some(grouping) = root.get("grouping") {
        overrides(checker, grouping);
    }
}

fn topics(checker: &mut Checker<'_>, topics: &[Node]) {
    once(checker, topics, "id", "another topic has this id");
    // Ids that differ but would stand at one address, or be taken for each other.
    let mut slugs: BTreeMap<String, &Node> = BTreeMap::new();
    for node in topics.iter().filter_map(|topic| topic.get("id")) {
        let Some(id) = node.text() else { continue };
        match slugs.get(crate::text::slug(id).as_str()) {
            Some(first) if first.text() != Some(id) => {
                let message =
                    format!("topic `{}` would have the same address as topic `{}`", node.shown(), first.shown());
                checker.error(&node.at, message, None);
            }
            Some(_) => {}
            None => {
                slugs.insert(crate::text::slug(id), node);
            }
        }
    }
    for topic in topics {
        let is_said = |key: &str| match topic.get(key).map(|node| &node.value) {
            Some(Value::List(items)) => !items.is_empty(),
            Some(Value::Null) | None => false,
            Some(_) => true,
        };
        if let Some(id) = topic.get("id")
            && !is_said("labels")
            && !is_said("match")
        {
            let message = format!("topic `{}` has neither `labels` nor `match`, so no story can be in it", id.shown());
            let place = checker.spans(&topic.at).and_then(|spans| spans.nearest(&topic.at.path));
            checker.note(Severity::Warning, &topic.at, place, message, None);
        }
    }
}

/// Complains about items whose `key` says the same as an earlier one's.
fn once(checker: &mut Checker<'_>, items: &[Node], key: &str, message: &str) {
    let texts = items.iter().filter_map(|item| {
        let node = item.get(key)?;
        Some((&node.at, node.text()?.to_owned()))
    });
    twice(checker, texts, message);
}

fn twice<'a>(checker: &mut Checker<'_>, texts: impl Iterator<Item = (&'a At, String)>, message: &str) {
    let mut seen: BTreeMap<String, &At> = BTreeMap::new();
    for (at, text) in texts {
        match seen.get(&text) {
            Some(first) => {
                let help = format!("the first is {}", checker.whereabouts(first, at));
                checker.error(at, message.to_owned(), Some(help));
            }
            None => {
                seen.insert(text, at);
            }
        }
    }
}

fn listeners(checker: &mut Checker<'_>, root: &Node, checked: Option<&Checked>) {
    let address = |name: &str| match checked?.at(&["server", name]) {
        Some(Checked::Socket(address)) if address.port() != 0 => Some(*address),
        _ => None,
    };
    let Some(server) = root.get("server") else { return };
    if let (Some(listen), Some(admin)) = (address("listen"), address("admin"))
        && listen == admin
        && let Some(node) = server.get("admin").or_else(|| server.get("listen"))
    {
        checker.error(&node.at, "`server.admin` and `server.listen` are the same address".to_owned(), None);
    }
}

fn revisits(checker: &mut Checker<'_>, root: &Node) {
    let Some(revisit) = root.get("enrich").and_then(|enrich| enrich.get("revisit")) else { return };
    let mut last = None;
    for node in revisit.items() {
        let Some(Ok(after)) = node.text().map(super::scalar::duration) else { continue };
        if last.is_some_and(|last| after <= last) {
            checker.error(&node.at, "`enrich.revisit` goes from the shortest time to the longest".to_owned(), None);
        }
        last = Some(after);
    }
}

/// Two articles that are told to be one story and told to be none.
fn overrides(checker: &mut Checker<'_>, grouping: &Node) {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let same = grouping.get("same").map(Node::items).unwrap_or_default();
    for (index, group) in same.iter().enumerate() {
        for text in group.items().iter().filter_map(Node::text) {
            groups.entry(text).or_default().push(index);
        }
    }
    let apart = grouping.get("different").map(Node::items).unwrap_or_default();
    for group in apart {
        let mut seen: BTreeMap<usize, &Node> = BTreeMap::new();
        for node in group.items() {
            for index in node.text().and_then(|text| groups.get(text)).into_iter().flatten() {
                if let Some(other) = seen.insert(*index, node).filter(|other| other.text() != node.text())
                    && let Some(group) = same.get(*index)
                {
                    let message = format!("this and `{}` are also in one group of `grouping.same`", other.shown());
                    let help = format!("that group is {}", checker.whereabouts(&group.at, &node.at));
                    checker.error(&node.at, message, Some(help));
                }
            }
        }
    }
}
