//! What the store holds, looked at again and again: nothing that was there once may be lost or renamed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::ground::Ground;
use super::news::News;
use super::reader::{ask, well_formed};
use super::warden::Warden;

/// The clock moves on by these steps at the end, in days: whoever was put off for a failure has its turn.
const DAYS: &[i64] = &[0, 1, 3, 9, 27, 81, 243];

/// How long the daemon may take to come to rest after each step.
const REST: Duration = Duration::from_secs(15);

/// Between two looks at whether it has.
const LOOK: Duration = Duration::from_millis(250);

/// A day in seconds.
const DAY_S: i64 = 86_400;

/// What was ever seen in the store.
#[derive(Default)]
pub struct Census {
    /// Id of each live article, by address.
    articles: BTreeMap<String, String>,
    /// When each story was published, by id.
    stories: BTreeMap<String, i64>,
    changed: Vec<String>,
}

/// What is there at the end.
pub struct End {
    pub articles: u64,
    pub missing: Vec<String>,
    pub lost: Vec<String>,
    pub changed: Vec<String>,
    pub files: Vec<String>,
}

fn open(ground: &Ground) -> rusqlite::Result<Connection> {
    let store = Connection::open_with_flags(ground.store(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    store.busy_timeout(Duration::from_secs(5))?;
    Ok(store)
}

fn column<T: rusqlite::types::FromSql + Ord, U: rusqlite::types::FromSql>(
    store: &Connection,
    sql: &str,
) -> rusqlite::Result<BTreeMap<T, U>> {
    store.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

impl Census {
    /// Looks once. Nothing is seen where the store cannot be opened at this moment.
    pub fn take(&mut self, ground: &Ground) {
        let _ = open(ground).and_then(|store| self.look(&store));
    }

    fn look(&mut self, store: &Connection) -> rusqlite::Result<()> {
        let articles: BTreeMap<String, String> = column(store, "SELECT url, hex(id) FROM articles WHERE live")?;
        for (url, id) in articles {
            let before = self.articles.insert(url.clone(), id.clone());
            if before.as_ref().is_some_and(|before| *before != id) {
                self.changed.push(format!("article {url}"));
            }
        }
        let stories: BTreeMap<String, i64> =
            column(store, "SELECT hex(id), published FROM stories WHERE published IS NOT NULL")?;
        let gone: Vec<&String> = self.stories.keys().filter(|id| !stories.contains_key(*id)).collect();
        self.changed.extend(gone.into_iter().map(|id| format!("story {id} is gone")));
        for (id, published) in stories {
            let before = self.stories.insert(id.clone(), published);
            if before.is_some_and(|before| before != published) {
                self.changed.push(format!("story {id}: its date of publication"));
            }
        }
        Ok(())
    }
}

/// Ends all troubles, lets the daemon come to rest, and looks at everything.
pub fn settle(ground: &mut Ground, news: &mut News, warden: &mut Warden, census: &mut Census) -> End {
    news.calm();
    warden.empty(ground);
    let told: BTreeSet<String> = news.told().into_iter().collect();
    for days in DAYS {
        ground.set_clock(days * DAY_S);
        let began = Instant::now();
        while began.elapsed() < REST {
            std::thread::park_timeout(LOOK);
            warden.watch(ground);
            if is_at_rest(warden) && missing(ground, &told).is_empty() {
                break;
            }
        }
        if missing(ground, &told).is_empty() {
            break;
        }
    }
    ground.set_clock(0);
    warden.wait(ground);
    let store = open(ground).expect("the store opens at the end");
    census.look(&store).expect("the store is readable at the end");
    // An article is lost if no live one bears its id or is known by it.
    let known = "SELECT hex(l.id), a.no FROM aliases l JOIN articles a ON a.no = l.article WHERE a.live
                 UNION SELECT hex(id), no FROM articles WHERE live";
    let known: BTreeMap<String, i64> = column(&store, known).expect("aliases");
    let lost = census.articles.iter().filter(|(_, id)| !known.contains_key(*id)).map(|(url, _)| url.clone()).collect();
    let integrity: String = store.query_row("PRAGMA integrity_check(3)", [], |row| row.get(0)).expect("an answer");
    let mut files = Vec::new();
    if integrity != "ok" {
        files.push(format!("the store: {integrity}"));
    }
    walk(&ground.disk().join("public"), &mut files);
    End {
        articles: census.articles.len() as u64,
        missing: missing(ground, &told),
        lost,
        changed: std::mem::take(&mut census.changed),
        files,
    }
}

/// Waits until nothing waits in the daemon, but not for ever.
pub fn rest(ground: &Ground, warden: &mut Warden) {
    let began = Instant::now();
    while began.elapsed() < REST && !is_at_rest(warden) {
        std::thread::park_timeout(LOOK);
        warden.watch(ground);
    }
}

fn is_at_rest(warden: &Warden) -> bool {
    warden.is_up()
        && warden.status().is_some_and(|status| {
            let counts = &status["counts"];
            counts["waiting_to_group"] == 0 && counts["waiting_to_release"] == 0
        })
}

fn missing(ground: &Ground, told: &BTreeSet<String>) -> Vec<String> {
    let known = open(ground).and_then(|store| column::<String, i64>(&store, "SELECT url, no FROM articles WHERE live"));
    let known = known.unwrap_or_default();
    told.iter().filter(|url| !known.contains_key(*url)).cloned().collect()
}

/// Notes every published file that is not whole.
fn walk(folder: &Path, wrong: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, wrong);
            continue;
        }
        let name = path.display().to_string();
        let is_known = [".xml", ".json", ".html"].iter().any(|end| name.ends_with(end));
        let said = match fs::read_to_string(&path) {
            Ok(text) if is_known => well_formed(&name, &text),
            Ok(_) if name.ends_with(".js") => Ok(()),
            Ok(_) => Err("left behind".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        wrong.extend(said.err().map(|why| format!("{name}: {why}")));
    }
}

/// Stories that readers have seen and whose page is neither there nor leads elsewhere.
pub fn resolve(warden: &Warden, stories: &BTreeSet<String>) -> Vec<String> {
    let fate = |id: &String| match ask(warden.public, &format!("/s/{id}"), &[]) {
        Ok(answer) if [200, 301].contains(&answer.status) => None,
        Ok(answer) => Some(format!("{id}: {}", answer.status)),
        Err(error) => Some(format!("{id}: {error}")),
    };
    stories.iter().filter_map(fate).collect()
}
