//! What the daemon made of its articles: values and where each came from, straight out of its store.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use newswire::model::{Article, Field};
use newswire::pipeline::intake;
use newswire::store::{PageRow, Store};
use rusqlite::{Connection, OpenFlags};

/// An article as readers see it.
pub struct Seen {
    pub article: Article,
    /// `seed:…`, `page:…` or `feed:…`.
    pub from: BTreeMap<Field, String>,
    pub page: Option<PageRow>,
}

impl Seen {
    /// The first word of where `field` comes from; empty where nobody states it.
    pub fn source(&self, field: Field) -> &str {
        self.from.get(&field).and_then(|from| from.split(':').next()).unwrap_or_default()
    }
}

/// Every article that something states, by address. The daemon must not be running.
pub fn articles(home: &Path) -> BTreeMap<String, Seen> {
    let store = Store::open(&home.join("wire.db")).expect("the store");
    let read = store.read(|view| {
        let mut seen = BTreeMap::new();
        for no in view.live_articles()? {
            let row = view.article(no)?;
            let (article, _) = intake::article(view, &row)?;
            let from = intake::provenance(view, &row)?;
            seen.insert(article.url.clone(), Seen { article, from, page: view.page(no)? });
        }
        Ok(seen)
    });
    read.expect("articles")
}

/// Waits until `sql` counts `expect` rows in the running daemon's store, at most `limit`; says what it counts then.
pub fn wait(home: &Path, sql: &str, expect: usize, limit: Duration) -> usize {
    let started = Instant::now();
    loop {
        let count = counted(home, sql);
        if count >= expect || started.elapsed() > limit {
            return count;
        }
        thread::park_timeout(Duration::from_millis(500));
    }
}

fn counted(home: &Path, sql: &str) -> usize {
    let store = Connection::open_with_flags(home.join("wire.db"), OpenFlags::SQLITE_OPEN_READ_ONLY);
    store.and_then(|store| store.query_row(sql, [], |row| row.get::<_, i64>(0))).map_or(0, |count| count as usize)
}
