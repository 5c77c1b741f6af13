//! `newswire status`: what the store knows of sources, pages, queues and seeds.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::watch;

use crate::app::revive::{self, Revived};
use crate::app::status::{self, MannersReport, Status as State};
use crate::app::{AppError, Ground};
use crate::store::Trouble;

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Show how politely each source was asked so far
    #[arg(long)]
    manners: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show a screen that is drawn anew every so many seconds, with what the running daemon does, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2",
          value_parser = clap::value_parser!(u64).range(1..=3600), conflicts_with_all = ["json", "manners", "revive"])]
    watch: Option<u64>,
    /// Have this source, which rests or fails, asked at the next poll; works while the daemon runs
    #[arg(long, value_name = "URL")]
    revive: Option<String>,
}

impl Status {
    /// Prints the status; a store that does not exist yet is empty.
    #[must_use]
    pub fn run(&self, ground: &Ground) -> ExitCode {
        if self.manners {
            return self.manners(ground);
        }
        if let Some(what) = &self.revive {
            return revived(ground, what);
        }
        if let Some(seconds) = self.watch {
            return super::runtime(watch::run(ground, Duration::from_secs(seconds)));
        }
        match look(ground) {
            Ok((status, _)) if self.json => {
                super::print(&format!("{}\n", serde_json::to_string_pretty(&status).unwrap_or_default()))
            }
            Ok((status, missing)) => {
                if let Some(store) = missing {
                    no_store(&store);
                }
                super::print(&text(&status, ground.clock.now()))
            }
            Err(error) => super::failed(&error),
        }
    }
}

impl Status {
    fn manners(&self, ground: &Ground) -> ExitCode {
        let report = || -> Result<MannersReport, AppError> {
            let home = ground.look(&ground.config(super::colour())?)?;
            Ok(home.wire.store.read(status::manners)?)
        };
        match report() {
            Ok(report) if self.json => {
                super::print(&format!("{}\n", serde_json::to_string_pretty(&report).unwrap_or_default()))
            }
            Ok(report) => super::print(&card(&report)),
            Err(error) => super::failed(&error),
        }
    }
}

fn card(report: &MannersReport) -> String {
    let mut text = format!(
        "{:>7} {:>6} {:>6} {:>8} {:>6} {:>8} {:>6} {:>6} {:>6} {:>7} {:>8}  source\n",
        "asked", "cond.", "304", "repeats", "early", "429/503", "obeyed", "moved", "226", "failed", "not asked"
    );
    let rows = report.sources.iter().map(|source| (&source.manners, source.source.as_str()));
    for (manners, name) in rows.chain([(&report.total, "(all)")]) {
        let obeyed = if manners.before_retry_after == 0 { "yes" } else { "no" };
        let _ = writeln!(
            text,
            "{:>7} {:>5.0}% {:>5.0}% {:>8} {:>6} {:>8} {obeyed:>6} {:>6} {:>6} {:>7} {:>8}   {name}",
            manners.requests,
            manners.conditional_share * 100.0,
            manners.unchanged_share * 100.0,
            manners.unconditional_repeats,
            manners.early,
            manners.throttled,
            manners.redirects_stored,
            manners.deltas,
            manners.failed,
            manners.refused,
        );
    }
    let _ = writeln!(text, "{} article pages were left alone, as their robots.txt asks", report.pages_left_to_robots);
    text
}

/// Revives a source and says what comes of it; exit code 1 where nothing was revived.
fn revived(ground: &Ground, what: &str) -> ExitCode {
    let revived =
        ground.config(super::colour()).and_then(|config| revive::revive(&ground.look(&config)?, &config, what));
    match revived {
        Ok(Revived::Asked { url, at }) => {
            super::print(&format!("{url} is asked again: {}\n", when(Some(at), ground.clock.now())))
        }
        Ok(refused) => {
            eprintln!("newswire: {refused}");
            ExitCode::FAILURE
        }
        Err(error) => super::failed(&error),
    }
}

/// The status, and the store's path where it is not there yet.
fn look(ground: &Ground) -> Result<(State, Option<PathBuf>), AppError> {
    let config = ground.config(super::colour())?;
    let home = ground.look(&config)?;
    let now = ground.clock.now();
    let status = home.wire.store.read(|view| status::status(view, now))?;
    Ok((status, Some(config.store).filter(|store| !store.exists())))
}

fn text(status: &State, now: Timestamp) -> String {
    let counts = &status.counts;
    let mut text = format!(
        "stories   {}\narticles  {} ({} to group, {} stories to release)\nseeds     {} ({} broken, {} excluded)\nsources   {}\npages     {} read, {} planned\n",
        counts.stories,
        counts.articles,
        counts.waiting_to_group,
        counts.waiting_to_release,
        counts.seeds,
        counts.broken_seeds,
        counts.inactive_seeds,
        counts.sources,
        counts.pages_read,
        counts.pages_planned,
    );
    if let Some(refused) = &status.refused_reload {
        let _ = writeln!(text, "\nthe last reload was refused: {refused}; the configuration before it is in force");
    }
    for seed in &status.seeds {
        let _ = writeln!(text, "\nseed {}\n  {}", seed.file, seed.problem);
    }
    for source in &status.sources {
        let title = source.title.as_deref().unwrap_or("(not read yet)");
        let _ = writeln!(
            text,
            "\nsource {}\n  {title}\n  next poll {}: {}",
            source.url,
            when(source.next_check_at, now),
            source.reason
        );
        if let Some(moved_to) = &source.moved_to {
            let _ = writeln!(text, "  moved for good: asked at {moved_to}");
        }
        if let Some(found) = &source.discovered {
            let verb = if found.is_proven { "is asked" } else { "is tried" };
            let _ = writeln!(text, "  it is a page: its feed {} {verb}", found.feed);
            if !found.others.is_empty() && !found.is_guess {
                let _ =
                    writeln!(text, "  the page also names {}: list one of them to have that", found.others.join(", "));
            }
        }
        if let Some(problem) = &source.problem {
            let _ = writeln!(text, "  {problem}{}", in_a_row(source.failures));
        }
        if let Some(hub) = &source.hub {
            let _ = writeln!(text, "  hub: {hub}");
        }
        if let Some(past) = &source.past {
            let _ = writeln!(text, "  past: {past}");
        }
    }
    for double in &status.duplicates {
        let _ = writeln!(text, "\nduplicate {}\n  is the same feed as {}: {}", double.url, double.other, double.why);
    }
    for host in &status.resting_hosts {
        let _ = writeln!(text, "\nhost {} rests until {}", host.domain, when(Some(host.not_before), now));
    }
    status.troubles.iter().for_each(|trouble| text.push_str(&trouble_text(trouble, now)));
    text
}

/// A page that could not be read, or was not the article.
fn trouble_text(trouble: &Trouble, now: Timestamp) -> String {
    let next = when(trouble.next_at, now);
    let mut text = format!("\npage {}\n  {}\n  next try {next}\n", trouble.url, trouble.problem);
    if let Some(second) = &trouble.second {
        let _ = writeln!(text, "  its AMP page is tried then: {second}");
    }
    text
}

fn when(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else { return "never (it rests)".to_owned() };
    match at.as_second() - now.as_second() {
        ..=0 => format!("{at:.0} (due)"),
        seconds => format!("{at:.0} (in {})", span(seconds)),
    }
}

/// How often something failed; nothing where it did not, but was not tried.
pub(super) fn in_a_row(failures: u32) -> String {
    if failures == 0 { String::new() } else { format!(" ({failures} in a row)") }
}

/// Says that there is no store yet, and where another one may be.
pub(super) fn no_store(store: &Path) {
    let store = store.display();
    eprintln!(
        "newswire: there is no store {store} yet: `newswire run` or `newswire once` makes it. A relative `store:` is \
         taken from the working folder, and by a service from its state directory: write it with its whole path"
    );
}

/// So many seconds, in the unit that people would use.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        ..=90 => format!("{seconds} s"),
        91..=5400 => format!("{} min", seconds / 60),
        5401..=172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}
