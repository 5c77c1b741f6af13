//! `newswire check`: every error at once, with the line shown.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;

use crate::app::Ground;
use crate::app::check::{Report, check};
use crate::config;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Leave the seeds alone: a broken seed does not stop a reload of the configuration
    #[arg(long)]
    config_only: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Prints what was found; exit code 3 where something is wrong.
    #[must_use]
    pub fn run(&self, ground: &Ground) -> ExitCode {
        let report = match check(ground, self.config_only) {
            Ok(report) => report,
            Err(error) => return super::failed(&error),
        };
        let told = if self.json {
            super::print(&format!("{}\n", serde_json::to_string_pretty(&report).unwrap_or_default()))
        } else {
            eprint!("{}", config::render(&report.findings, &report.texts, super::colour()));
            super::print(&summary(&report))
        };
        if report.is_wrong() { ExitCode::from(super::WRONG_CONFIG) } else { told }
    }
}

fn summary(report: &Report) -> String {
    let mut text = String::new();
    for size in &report.topics {
        let path = if size.topic.is_empty() { "/all/".to_owned() } else { format!("/t/{}/", size.topic) };
        let _ = writeln!(text, "{:>6} stories in {path}  {}", size.stories, size.title);
    }
    text.push_str(match (report.is_wrong(), report.findings.is_empty()) {
        (true, _) => "there are errors\n",
        (false, true) => "all is well\n",
        (false, false) => "no errors\n",
    });
    text
}
