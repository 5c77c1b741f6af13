//! What single values cannot tell: things that are wrong only together.

use std::collections::BTreeMap;

use super::check::{Checked, Checker};
use super::node::{At, Node, Value};
use super::topic_tests;
use crate::model::Severity;

/// Checks the whole tree for contradictions, whether its values are right or not; `checked` holds those that are.
pub(super) fn check(checker: &mut Checker<'_>, root: &Node, checked: Option<&Checked>) {
    let list = |name: &str| root.get(name).map(Node::items).unwrap_or_default();
    topics(checker, list("topics"));
    once(checker, list("topics"), "private", "another topic has the same token: each needs its own");
    topic_tests::check(checker, list("topics"), checked);
    once(checker, list("sources"), "url", "this source is listed already");
    alike(checker, list("sources"));
    with_user(checker, list("sources"));
    if let Some(publish) = root.get("publish").and_then(|publish| publish.get("formats")) {
        let formats = publish.items().iter();
        let formats = formats.filter_map(|node| Some((&node.at, node.text()?.to_owned())));
        twice(checker, formats, "this format is listed already");
    }
    listeners(checker, root, checked);
    revisits(checker, root);
    hosts(checker, root);
    if let Some(grouping) = root.get("grouping") {
        overrides(checker, grouping);
    }
}

fn topics(checker: &mut Checker<'_>, topics: &[Node]) {
    once(checker, topics, "id", "another topic has this id");
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

/// Warns of sources whose address holds a user or a password: such an address is never asked.
fn with_user(checker: &mut Checker<'_>, sources: &[Node]) {
    let has_user = |address: &str| {
        let authority =
            address.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
        authority.contains('@')
    };
    for node in sources.iter().filter_map(|source| source.get("url")) {
        if node.text().is_some_and(has_user) {
            let message = "this source is never asked: its address holds a user name or password".to_owned();
            let help = "most publishers offer an address with a token in its path or query instead".to_owned();
            let place = checker.spans(&node.at).and_then(|spans| spans.value(&node.at.path));
            checker.note(Severity::Warning, &node.at, place, message, Some(help));
        }
    }
}

/// Warns of sources whose addresses differ only in what seldom makes another feed: the scheme, `www.`, a slash.
fn alike(checker: &mut Checker<'_>, sources: &[Node]) {
    let mut seen: BTreeMap<String, &Node> = BTreeMap::new();
    for node in sources.iter().filter_map(|source| source.get("url")) {
        let Some(address) = node.text() else { continue };
        let key = crate::url::listing_key(address);
        match seen.get(&key) {
            // The same to the letter is an error, told above.
            Some(first) if first.text() == Some(address) => {}
            Some(first) => {
                let message = "this is the same feed as another source, in all likelihood".to_owned();
                let help = format!("the other is {}; keep one of them", checker.whereabouts(&first.at, &node.at));
                let place = checker.spans(&node.at).and_then(|spans| spans.value(&node.at.path));
                checker.note(Severity::Warning, &node.at, place, message, Some(help));
            }
            None => {
                seen.insert(key, node);
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

/// Manners are kept by registrable domain: what is said about a part of one would never count.
fn hosts(checker: &mut Checker<'_>, root: &Node) {
    let Some(hosts) = root.get("fetch").and_then(|fetch| fetch.get("hosts")) else { return };
    let Value::Map(pairs) = &hosts.value else { return };
    for (name, node) in pairs {
        let Ok(host) = super::scalar::host(name) else { continue };
        let domain = crate::url::registrable_domain(&format!("http://{host}/"));
        if let Some(domain) = domain.filter(|domain| *domain != host) {
            let place = checker.spans(&node.at).and_then(|spans| spans.key(&node.at.path));
            let message = format!("`fetch.hosts`: `{host}` is a part of a registrable domain");
            checker.note(Severity::Error, &node.at, place, message, Some(format!("use `{domain}`")));
        }
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
