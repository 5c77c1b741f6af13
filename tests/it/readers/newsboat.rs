//! newsboat: keeps entries by their id in a cache of its own; asks conditionally from its third time on.

use std::collections::BTreeMap;
use std::fs;

use super::{GAINED, GAINS, TITLES, desk, expected, gain, shown, start, tool, unchanged};
use crate::support::process::{Desk, Said, finish, is_there};

/// Title, time and text of every entry in the cache, by id.
fn cached(desk: &Desk) -> BTreeMap<String, (String, i64, String)> {
    let cache = rusqlite::Connection::open(desk.path("cache.db")).unwrap();
    let mut rows = cache.prepare("SELECT guid, title, pubDate, content FROM rss_item").unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)));
    let found: Vec<_> = rows.query_map([], row).unwrap().map(Result::unwrap).collect();
    let count = found.len();
    let by_id: BTreeMap<_, _> = found.into_iter().collect();
    assert_eq!(by_id.len(), count, "every entry once");
    by_id
}

#[test]
fn newsboat() {
    if !is_there("newsboat", &["newsboat", "--version"]) {
        return;
    }
    let desk = desk();
    let daemon = start(&desk);
    fs::write(desk.path("urls"), format!("http://{}/all/atom.xml\n", desk.public)).unwrap();
    fs::write(desk.path("newsboat.config"), "").unwrap();
    let run = |action: &str| -> Said {
        let mut newsboat = tool(&desk, "newsboat");
        newsboat.args(["-u", "urls", "-c", "cache.db", "-C", "newsboat.config", "-x", action]);
        finish(&mut newsboat).with_code(0)
    };
    for reloads in 1..=3 {
        run("reload");
        run("print-unread").has("4 unread articles");
        assert_eq!(unchanged(&daemon), u64::from(reloads == 3), "after {reloads} reloads");
    }
    let told: BTreeMap<_, _> = cached(&desk).into_iter().map(|(id, (title, at, _))| (id, (title, at))).collect();
    // It shows when an entry was last changed, which for these is their release.
    let titles = |of: &BTreeMap<String, (String, i64)>| {
        of.iter().map(|(id, (title, _))| (id.clone(), title.clone())).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(titles(&told), titles(&expected(&daemon)));
    let texts: Vec<String> = cached(&desk).into_values().map(|(.., text)| shown(&text)).collect();
    assert!(texts.iter().any(|text| text.contains("Northern Ferries Ltd <NFL.O> on Thursday")), "{texts:?}");

    gain(&desk, &daemon);
    run("reload");
    let told = cached(&desk);
    assert_eq!(told.len(), 4);
    let (_, _, text) = told.values().find(|(title, ..)| title == TITLES[GAINS]).unwrap();
    assert!(shown(text).contains(GAINED), "{} answers unchanged: {text}", unchanged(&daemon));
    let published: BTreeMap<_, _> = told.into_iter().map(|(id, (title, at, _))| (id, (title, at))).collect();
    assert_eq!(titles(&published), titles(&expected(&daemon)));
}
