//! feedparser, which many readers are built on: validators as it sends them, text as it cleans it.

use std::collections::BTreeMap;

use super::{GAINED, GAINS, TITLES, desk, expected, gain, shown, start, tool};
use crate::support::process::{finish, is_there};

const SCRIPT: &str = r#"
import calendar, feedparser, json, sys
first = feedparser.parse(sys.argv[1])
second = feedparser.parse(sys.argv[1], etag=first.get("etag"))
third = feedparser.parse(sys.argv[1], modified=first.get("modified"))
print(json.dumps({
    "bozo": bool(first.bozo), "statuses": [first.status, second.status, third.status], "version": first.version,
    "entries": [{
        "id": entry.id, "title": entry.title, "text": entry.content[0].value,
        "published": calendar.timegm(entry.published_parsed), "updated": calendar.timegm(entry.updated_parsed),
    } for entry in first.entries],
}))
"#;

#[test]
fn feedparser() {
    if !is_there("feedparser", &["python3", "-c", "import feedparser"]) {
        return;
    }
    let desk = desk();
    let daemon = start(&desk);
    let parse = |path: &str| {
        let mut python = tool(&desk, "python3");
        // Where packages of the user are found.
        python.env_remove("HOME").envs(std::env::var_os("HOME").map(|home| ("HOME", home)));
        finish(python.args(["-c", SCRIPT, &format!("http://{}/{path}", desk.public)])).with_code(0).json()
    };
    for (path, version) in [("all/atom.xml", "atom10"), ("all/rss.xml", "rss20")] {
        let told = parse(path);
        assert_eq!((&told["bozo"], &told["version"]), (&false.into(), &version.into()), "{told:#}");
        assert_eq!(told["statuses"], serde_json::json!([200, 304, 304]), "{path}");
        let entries = told["entries"].as_array().unwrap();
        let of = |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap().to_owned();
        let by_id: BTreeMap<_, _> = entries
            .iter()
            .map(|entry| (of(entry, "id"), (of(entry, "title"), entry["published"].as_i64().unwrap())))
            .collect();
        assert_eq!((entries.len(), by_id), (4, expected(&daemon)), "{path}: {told:#}");
        let best = entries.iter().find(|entry| entry["title"] == TITLES[0]).unwrap();
        let text = shown(best["text"].as_str().unwrap());
        assert!(text.contains("Northern Ferries Ltd <NFL.O> on Thursday"), "{text}");
    }
    let before = parse("all/rss.xml");
    gain(&desk, &daemon);
    let told = parse("all/rss.xml");
    let of = |told: &serde_json::Value| {
        let entries = told["entries"].as_array().unwrap().clone();
        assert_eq!(entries.len(), 4);
        entries.into_iter().find(|entry| entry["title"] == TITLES[GAINS]).unwrap()
    };
    let (old, new) = (of(&before), of(&told));
    assert!(shown(new["text"].as_str().unwrap()).contains(GAINED), "{new:#}");
    assert_eq!((&old["id"], &old["published"]), (&new["id"], &new["published"]));
    assert!(old["updated"].as_i64() <= new["updated"].as_i64(), "{old:#}\n{new:#}");
}
