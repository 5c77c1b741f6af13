//! Reload: seed files become entries.
//!
//! A pass looks at every file's size, time and inode, reads only those that differ from what the store remembers,
//! and withdraws what vanished. A file that cannot be used leaves its last good version in force.

mod scan;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::intake::{self, IntakeRules};
use super::{StageResult, Wire};
use crate::model::{ArticleId, Digest, Finding, Seed, Severity};
use crate::seed::{self, Reading};
use crate::store::{Batch, Result, RowNo, SeedRow, SeedText};
use crate::url;

pub use scan::{Found, Scan, contents, scan};

/// A file changed this shortly before it was read may change again within the same clock tick of the file
/// system, so its time is not trusted and the next pass reads it again.
const FRESH_NS: i64 = 50_000_000;

/// What reload needs to know of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReloadRules {
    /// Folders and files to read.
    pub paths: Vec<PathBuf>,
    /// `seeds.unpublished: include`.
    pub include_unpublished: bool,
    /// For the articles that come of it.
    pub intake: IntakeRules,
}

/// The stage. One pass runs at a time; asking for another while one runs queues it.
pub struct Reload {
    wire: Wire,
    rules: ReloadRules,
    pass: Mutex<Pass>,
}

#[derive(Default)]
struct Pass {
    wanted: bool,
    changed: VecDeque<Found>,
    vanished: BTreeMap<String, SeedRow>,
    problems: Vec<String>,
}

impl Reload {
    /// A stage that starts with a pass.
    #[must_use]
    pub fn new(wire: Wire, rules: ReloadRules) -> Self {
        Self { wire, rules, pass: Mutex::new(Pass { wanted: true, ..Pass::default() }) }
    }

    /// Asks for a pass: the time has come, a file changed, or an operator said so.
    pub fn request(&self) {
        self.pass.lock().unwrap_or_else(PoisonError::into_inner).wanted = true;
    }

    /// Whether a pass is wanted or under way.
    pub fn is_pending(&self) -> bool {
        let pass = self.pass.lock().unwrap_or_else(PoisonError::into_inner);
        pass.wanted || !pass.changed.is_empty() || !pass.vanished.is_empty()
    }

    /// Folders and files that could not be looked at in the last pass.
    pub fn problems(&self) -> Vec<String> {
        self.pass.lock().unwrap_or_else(PoisonError::into_inner).problems.clone()
    }

    /// Reads at most `limit` changed files, then withdraws what vanished.
    ///
    /// # Errors
    /// When the store fails.
    pub fn step(&self, limit: usize) -> StageResult {
        let mut pass = self.pass.lock().unwrap_or_else(PoisonError::into_inner);
        if pass.changed.is_empty() && pass.vanished.is_empty() {
            if !pass.wanted {
                return Ok(0);
            }
            let next = self.look()?;
            for problem in next.problems.iter().filter(|problem| !pass.problems.contains(problem)) {
                tracing::warn!(problem, "a seed folder could not be read; its seeds stay as they are");
            }
            for problem in pass.problems.iter().filter(|problem| !next.problems.contains(problem)) {
                tracing::info!(problem, "over: the seed folder is read again");
            }
            *pass = next;
        }
        let files: Vec<Found> = {
            let count = limit.min(pass.changed.len());
            pass.changed.drain(..count).collect()
        };
        let taken = if files.is_empty() {
            let vanished = std::mem::take(&mut pass.vanished);
            self.withdraw(&vanished)
        } else {
            self.take(files, &mut pass.vanished)
        };
        // What this step had in hand is found again by another look.
        pass.wanted |= taken.is_err();
        taken
    }

    fn look(&self) -> Result<Pass> {
        let known: BTreeMap<String, SeedRow> =
            self.wire.store.read(|view| Ok(view.seeds()?.into_iter().map(|row| (row.path.clone(), row)).collect()))?;
        let Scan { files, problems } = scan(&self.rules.paths);
        let here: BTreeSet<String> = files.iter().map(|file| file.name.clone()).collect();
        let unchanged = |file: &Found| {
            known.get(&file.name).is_some_and(|row| {
                let counts = row.published || self.rules.include_unpublished;
                // A broken draft cannot be taken up again, but it can be left out.
                row.file == file.facts && (row.active == counts || (row.broken && !row.active))
            })
        };
        let changed = files.into_iter().filter(|file| !unchanged(file)).collect();
        // What cannot be looked at has not vanished.
        let vanished = known.into_iter().filter(|(path, _)| problems.is_empty() && !here.contains(path)).collect();
        Ok(Pass { wanted: false, changed, vanished, problems })
    }

    fn take(&self, files: Vec<Found>, vanished: &mut BTreeMap<String, SeedRow>) -> StageResult {
        let now = self.wire.clock.now();
        let read: Vec<_> = files.into_iter().filter_map(|file| read(file, now)).collect();
        let count = read.len().max(1);
        let left = self.wire.store.write(|batch| {
            let mut left = vanished.clone();
            for file in &read {
                if let Some(path) = self.take_one(batch, file, &left, now)? {
                    // One file continues it, whoever else looks like it.
                    left.remove(&path);
                }
            }
            Ok(left)
        })?;
        *vanished = left;
        Ok(count)
    }

    /// Brings one file into the store; says the old path if the file is a known seed under a new one.
    fn take_one(
        &self,
        batch: &Batch<'_>,
        file: &Read,
        vanished: &BTreeMap<String, SeedRow>,
        now: Timestamp,
    ) -> Result<Option<String>> {
        let Reading { seed, findings } = &file.reading;
        // A file that was there before is itself, whatever else it now looks like.
        let moved = match seed {
            Some(seed) if !batch.has_seed(&file.name)? => moved_from(batch, seed, vanished)?,
            _ => None,
        };
        if let Some((no, _)) = &moved {
            batch.move_seed(*no, &file.name)?;
        }
        let no = batch.seed_at(&file.name)?;
        for finding in findings {
            let place = finding.place.unwrap_or_default();
            tracing::debug!(file = file.name, line = place.line, column = place.column, "{}", finding.message);
        }
        let told = serde_json::to_string(findings).unwrap_or_else(|_| "[]".to_owned());
        batch.note_seed_file(no, file.facts, file.digest, seed.is_none(), &told)?;
        if let Some(seed) = seed {
            self.replace(batch, no, &file.name, seed, now)?;
        } else if !self.rules.include_unpublished && batch.is_draft(no)? {
            self.clear(batch, no, now)?;
        } else {
            let error = findings.iter().find(|finding| finding.severity == Severity::Error);
            let line = error.and_then(|error| error.place).map(|place| place.line);
            let problem = error.map(|error| error.message.as_str());
            tracing::warn!(
                file = file.name,
                line,
                problem,
                "a seed cannot be used; a good version read before stays in force"
            );
        }
        Ok(moved.map(|(_, path)| path))
    }

    fn replace(&self, batch: &Batch<'_>, no: RowNo, path: &str, seed: &Seed, now: Timestamp) -> Result<()> {
        let active = seed.published || self.rules.include_unpublished;
        let before = batch.take_seed_entries(no)?;
        let mut after = Vec::new();
        if active {
            for (rank, entry) in seed.entries().enumerate() {
                if let Some(article) = intake::resolve(batch, entry, now)? {
                    batch.add_seed_entry(no, rank, article, entry)?;
                    after.push(article);
                }
            }
        }
        let text = SeedText {
            path: path.to_owned(),
            labels: seed.labels.clone(),
            heat: seed.heat,
            note: seed.note.clone(),
            ..SeedText::default()
        };
        batch.note_seed_text(no, &text, seed.published, active)?;
        inherit(batch, &before, &after)?;
        // Other ties: all articles of the seed are grouped again, with it or without.
        let tied_anew = before != after;
        for article in before.iter().chain(&after).copied().collect::<BTreeSet<_>>() {
            intake::refresh(batch, article, self.rules.intake, now)?;
            if tied_anew {
                batch.queue_article(article)?;
            }
            // Labels, heat and note belong to the story.
            if let Some(story) = batch.article(article)?.story {
                batch.queue_story(story)?;
            }
        }
        Ok(())
    }

    /// What the seed brought counts no longer.
    fn clear(&self, batch: &Batch<'_>, no: RowNo, now: Timestamp) -> Result<()> {
        let articles: BTreeSet<RowNo> = batch.take_seed_entries(no)?.into_iter().collect();
        batch.deactivate_seed(no)?;
        for article in articles {
            intake::refresh(batch, article, self.rules.intake, now)?;
            batch.queue_article(article)?;
            if let Some(story) = batch.article(article)?.story {
                batch.queue_story(story)?;
            }
        }
        Ok(())
    }

    fn withdraw(&self, vanished: &BTreeMap<String, SeedRow>) -> StageResult {
        if vanished.is_empty() {
            return Ok(0);
        }
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            for row in vanished.values() {
                self.clear(batch, row.no, now)?;
                batch.forget_seed(row.no)?;
                tracing::info!(file = row.path, "a seed is gone; what only it brought is withdrawn");
            }
            Ok(())
        })?;
        Ok(vanished.len())
    }
}

/// A file, read.
struct Read {
    name: String,
    facts: crate::store::SeedFile,
    digest: Digest,
    reading: Reading,
}

fn read(file: Found, now: Timestamp) -> Option<Read> {
    let mut facts = file.facts;
    let age_ns = i64::try_from(now.as_nanosecond()).unwrap_or(i64::MAX).saturating_sub(facts.modified_ns);
    if age_ns < FRESH_NS {
        facts.modified_ns = 0;
    }
    let (digest, reading) = match contents(&file.path) {
        Ok(bytes) => (Digest::of(&bytes), seed::read(&file.name, &bytes, now)),
        // Gone since the scan: the next pass sees that.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => (Digest::of(b""), unreadable(&file.name, &error)),
    };
    Some(Read { name: file.name, facts, digest, reading })
}

/// What a seed file holds, as the stage would read it.
#[must_use]
pub fn read_seed(file: &Found, now: Timestamp) -> Reading {
    match contents(&file.path) {
        Ok(bytes) => seed::read(&file.name, &bytes, now),
        Err(error) => unreadable(&file.name, &error),
    }
}

/// The file's text for showing a line of it; empty where it cannot be read.
#[must_use]
pub fn shown_text(file: &Found) -> String {
    let bytes = contents(&file.path).unwrap_or_default();
    seed::shown(&String::from_utf8_lossy(&bytes)).into_owned()
}

fn unreadable(file: &str, error: &std::io::Error) -> Reading {
    let finding = Finding {
        severity: Severity::Error,
        file: file.to_owned(),
        place: None,
        message: format!("the file cannot be read: {error}"),
        help: None,
    };
    Reading { seed: None, findings: vec![finding] }
}

/// A seed whose lead is another article now, the one before being nobody's, is the same story still: the new lead
/// remembers it, unless it stood somewhere already.
fn inherit(batch: &Batch<'_>, before: &[RowNo], after: &[RowNo]) -> Result<()> {
    let (Some(old), Some(new)) = (before.first(), after.first()) else { return Ok(()) };
    if old == new || batch.stated_by(*old)?.0 || batch.article(*new)?.story.is_some() {
        return Ok(());
    }
    match batch.article(*old)?.story {
        Some(story) => batch.rename_story_of(*new, story),
        None => Ok(()),
    }
}

/// The vanished seed that `seed` is the continuation of: the same lead, or at least half of its related addresses.
fn moved_from(batch: &Batch<'_>, seed: &Seed, vanished: &BTreeMap<String, SeedRow>) -> Result<Option<(RowNo, String)>> {
    if vanished.is_empty() {
        return Ok(None);
    }
    let mut articles = Vec::new();
    for entry in seed.entries() {
        let id = url::canonical(&entry.url).map(|address| ArticleId::of(&url::key(&address)));
        articles.push(id.ok().map_or(Ok(None), |id| batch.article_by_alias(id))?);
    }
    for row in vanished.values() {
        let before = batch.seed_articles(row.no)?;
        let Some((lead, related)) = before.split_first() else { continue };
        let kept = related.iter().filter(|article| articles.contains(&Some(**article))).count();
        let same_lead = articles.first().is_some_and(|article| *article == Some(*lead));
        if same_lead || (!related.is_empty() && kept * 2 >= related.len()) {
            return Ok(Some((row.no, row.path.clone())));
        }
    }
    Ok(None)
}
