//! `newswire diff OLD NEW`: which stories would enter or leave each topic.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::app::diff::{Difference, Moved, TopicDifference, diff};
use crate::app::{AppError, Ground};

/// Stories of one topic that are named for people; `--json` names all.
const NAMED: usize = 20;

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The configuration in force; its store is looked at
    old: PathBuf,
    /// The configuration that would replace it
    new: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    /// Prints the difference; exit code 3 where one of the two is wrong.
    #[must_use]
    pub fn run(&self, ground: &Ground) -> ExitCode {
        match self.look(ground) {
            Ok(difference) if self.json => {
                super::print(&format!("{}\n", serde_json::to_string_pretty(&difference).unwrap_or_default()))
            }
            Ok(difference) => super::print(&text(&difference)),
            Err(error) => super::failed(&error),
        }
    }

    fn look(&self, ground: &Ground) -> Result<Difference, AppError> {
        let of = |file: &PathBuf| Ground { file: file.clone(), ..ground.clone() }.config(super::colour());
        let (old, new) = (of(&self.old)?, of(&self.new)?);
        diff(ground, &old, &new)
    }
}

fn text(difference: &Difference) -> String {
    if difference.is_none() {
        return "no topic would hold other stories\n".to_owned();
    }
    let mut text = String::new();
    for topic in &difference.topics {
        let TopicDifference { topic, title, is, enter, leave, stay } = topic;
        if *is == "kept" && enter.is_empty() && leave.is_empty() {
            continue;
        }
        let state = if *is == "kept" { String::new() } else { format!(", {is}") };
        let (entering, leaving) = (enter.len(), leave.len());
        let _ = writeln!(text, "{topic} ({title}{state}): {entering} enter, {leaving} leave, {stay} stay");
        list(&mut text, '+', enter);
        list(&mut text, '-', leave);
    }
    text
}

fn list(text: &mut String, sign: char, moved: &[Moved]) {
    for Moved { story, title, why } in moved.iter().take(NAMED) {
        let _ = writeln!(text, "  {sign} {story} {title}\n      {why}");
    }
    if moved.len() > NAMED {
        let _ = writeln!(text, "  {sign} and {} more", moved.len() - NAMED);
    }
}
