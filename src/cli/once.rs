//! `newswire once`: one full pass, with progress bars on a terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::log::{self, LogFormat};
use crate::app::once::{Progress, Silent, Summary, once};
use crate::app::{AppError, Ground};

/// What `--force` breaks, said each time it is used.
const FORCED: &str = "--force asks sources before they are due: this breaks the floor between two polls, `Retry-After`, \
                      and the wish of feeds to be asked less often; publishers block readers for it";

/// Arguments of `once`.
#[derive(Debug, Args)]
pub struct Once {
    /// Also ask sources that are not due (says which manners that breaks)
    #[arg(long)]
    force: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    /// How to write the log on standard error [default: what the journal reads under systemd, else text]
    #[arg(long, value_name = "FORMAT", env = "NEWSWIRE_LOG_FORMAT")]
    log_format: Option<LogFormat>,
}

impl Once {
    /// Runs the pass.
    #[must_use]
    pub fn run(&self, ground: &Ground) -> ExitCode {
        log::start(self.log_format, "warn");
        if self.force {
            eprintln!("newswire: {FORCED}");
        }
        super::runtime(async move {
            match self.pass(ground).await {
                Ok(summary) => self.tell(&summary),
                Err(error) => super::failed(&error),
            }
        })
    }

    async fn pass(&self, ground: &Ground) -> Result<Summary, AppError> {
        let config = ground.config(super::colour())?;
        let home = ground.open(&config)?;
        let fetch = home.fetch(&config)?;
        let summary = if io::stderr().is_terminal() {
            once(&home, &config, fetch, self.force, &Bars::default()).await?
        } else {
            once(&home, &config, fetch, self.force, &Silent).await?
        };
        home.wire.store.close()?;
        Ok(summary)
    }

    fn tell(&self, summary: &Summary) -> ExitCode {
        if self.json {
            return super::print(&format!("{}\n", serde_json::to_string_pretty(summary).unwrap_or_default()));
        }
        for problem in &summary.problems {
            eprintln!("newswire: {problem}; its seeds stay as they are");
        }
        let totals = &summary.totals;
        let mut text = format!(
            "{} seeds read, {} sources and {} pages asked, {} articles grouped\n{} stories of {} articles are published\n",
            summary.seeds_read,
            summary.sources_asked,
            summary.pages_asked,
            summary.articles_grouped,
            totals.stories,
            totals.articles,
        );
        if totals.inactive_seeds + totals.broken_seeds > 0 {
            let (excluded, broken) = (totals.inactive_seeds, totals.broken_seeds);
            let _ = writeln!(text, "{excluded} seeds are excluded and {broken} are broken: see `newswire check`");
        }
        if summary.in_trouble > 0 {
            let _ = writeln!(text, "{} pages or sources are in trouble: see `newswire status`", summary.in_trouble);
        }
        super::print(&text)
    }
}

/// One bar at a time on standard error.
#[derive(Default)]
struct Bars(Mutex<Option<ProgressBar>>);

impl Progress for Bars {
    fn stage(&self, name: &'static str, total: Option<u64>) {
        let bar = match total {
            Some(total) => ProgressBar::new(total).with_style(style("{msg:>8} {bar:40} {pos}/{len} {eta}")),
            None => ProgressBar::new_spinner().with_style(style("{msg:>8} {spinner} {pos}")),
        };
        bar.set_message(name);
        bar.enable_steady_tick(Duration::from_millis(200));
        let mut shown = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(before) = shown.replace(bar) {
            before.finish_and_clear();
        }
    }

    fn advance(&self, rows: usize) {
        let shown = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bar) = &*shown {
            bar.inc(u64::try_from(rows).unwrap_or(u64::MAX));
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Some(bar) = self.0.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner) {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
