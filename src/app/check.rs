//! Checking: everything that is wrong or odd in the configuration and the seeds, and what each topic would hold.
//!
//! What topics would hold is found by running the stages, without fetching, on a copy of the store in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::once::{BATCH, SEEDS};
use super::{AppError, Ground, Home};
use crate::config::Config;
use crate::model::{Finding, Seed, Severity};
use crate::pipeline::group::Group;
use crate::pipeline::release::{self, ALL, Release, ReleaseRules};
use crate::pipeline::reload::{self, Reload};
use crate::released::Released;
use crate::seed::{self, Reading};
use crate::store::Store;
use crate::yaml::Spans;

/// What a check found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// By file, then by place.
    pub findings: Vec<Finding>,
    /// What each topic would hold now; empty where the configuration is wrong.
    pub topics: Vec<TopicSize>,
    /// The text of each file that a finding names, for showing the line.
    #[serde(skip)]
    pub texts: BTreeMap<String, String>,
}

/// What a topic would hold.
#[derive(Debug, Serialize)]
pub struct TopicSize {
    /// Its slug; empty for `/all/`.
    pub topic: String,
    /// Its title.
    pub title: String,
    /// Stories.
    pub stories: usize,
}

impl Report {
    /// Whether something cannot be used as it is.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Checks the configuration, and the seeds unless `config_only`.
///
/// # Errors
/// When the store fails.
pub fn check(ground: &Ground, config_only: bool) -> Result<Report, AppError> {
    let loaded = ground.load();
    let mut report = Report { findings: loaded.findings, topics: Vec::new(), texts: loaded.texts };
    if let Some(config) = loaded.config.filter(|_| !config_only) {
        check_seeds(&config, ground, &mut report);
        report.topics = topics(ground, &config)?;
    }
    Ok(report)
}

fn check_seeds(config: &Config, ground: &Ground, report: &mut Report) {
    let scan = reload::scan(&config.seeds.paths);
    for problem in scan.problems {
        let help = Some("make the folder, or mend `seeds.paths`".to_owned());
        let file = ground.file.display().to_string();
        report.findings.push(Finding { severity: Severity::Error, file, place: None, message: problem, help });
    }
    let mut seeds: Vec<(String, Seed)> = Vec::new();
    let paths: BTreeMap<String, PathBuf> =
        scan.files.iter().map(|file| (file.name.clone(), file.path.clone())).collect();
    for file in scan.files {
        let Reading { seed, mut findings } = reload::read_seed(&file, ground.clock.now());
        let is_excluded = seed.as_ref().is_some_and(|seed| !seed.published) && !config.seeds.include_unpublished;
        if is_excluded || !findings.is_empty() {
            let text = reload::shown_text(&file);
            findings.extend(is_excluded.then(|| excluded(&file.name, &text)));
            report.texts.insert(file.name.clone(), text);
            report.findings.append(&mut findings);
        }
        seeds.extend(seed.map(|seed| (file.name, seed)));
    }
    let together: Vec<(String, &Seed)> = seeds.iter().map(|(file, seed)| (file.clone(), seed)).collect();
    report.findings.extend(seed::lint_together(&together, |file, entry| {
        // Read once more: to keep every seed's text for this would cost more.
        let bytes = reload::contents(paths.get(file)?).ok()?;
        seed::place_of(file, &bytes, entry)
    }));
}

/// A seed that says it is not published, where such seeds are left out.
fn excluded(file: &str, text: &str) -> Finding {
    let front = text.strip_prefix("---").map_or(text, |rest| rest.split("\n---").next().unwrap_or(rest));
    let place = Spans::of(front).ok().and_then(|spans| spans.key("published"));
    Finding {
        severity: Severity::Note,
        file: file.to_owned(),
        place,
        message: "this seed is excluded: it says `published: false`".to_owned(),
        help: Some("set `seeds.unpublished: include` to publish such seeds".to_owned()),
    }
}

fn topics(ground: &Ground, config: &Config) -> Result<Vec<TopicSize>, AppError> {
    let trial = Trial::of(ground, config, &config.store)?;
    Ok(trial.home.wire.store.read(|view| {
        let own = release::topics(view, &trial.rules.topics)?.into_iter().map(|topic| (topic.id, topic.title));
        let all = (ALL.to_owned(), "All stories".to_owned());
        own.chain([all])
            .map(|(topic, title)| Ok(TopicSize { stories: view.topic_size(&topic)?, topic, title }))
            .collect()
    })?)
}

/// What the wire would hold under a configuration: a copy of a store in memory, on which the stages that need nobody
/// else have run.
pub(super) struct Trial {
    /// The copy.
    pub(super) home: Home,
    /// How it was released.
    pub(super) rules: ReleaseRules,
}

impl Trial {
    /// Tries `config` on a copy of `store`, which is empty where it is not there yet.
    pub(super) fn of(ground: &Ground, config: &Config, store: &Path) -> Result<Self, AppError> {
        let copy = if store.exists() { Store::open(store)?.trial_copy()? } else { Store::in_memory()? };
        let home = Home::of(copy, ground.clock.clone(), config)?;
        let mut rules = home.release_rules(config);
        rules.output = None;
        let reload = Reload::new(home.wire.clone(), super::settings::reload(config));
        let group = Group::new(home.wire.clone(), super::settings::group(config));
        let release = Release::new(home.wire.clone(), rules.clone(), Released::unread());
        while reload.step(SEEDS)? > 0 {}
        while group.step(BATCH)? > 0 {}
        while release.step(BATCH)? > 0 {}
        Ok(Self { home, rules })
    }
}
