//! `newswire explain`: why a story is what it is.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use crate::app::{AppError, Ground, look};

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A story's id, the address of its page, of one of its articles, or of a source
    #[arg(value_name = "STORY|URL")]
    what: String,
    /// Only why it is or is not in this topic
    #[arg(long)]
    topic: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    /// Prints the explanation; exit code 1 where nothing is known.
    #[must_use]
    pub fn run(&self, ground: &Ground) -> ExitCode {
        match self.look(ground) {
            Ok(Some(value)) if self.json => {
                super::print(&format!("{}\n", serde_json::to_string_pretty(&value).unwrap_or_default()))
            }
            Ok(Some(value)) => super::print(&text(&value)),
            Ok(None) => {
                eprintln!("newswire: nothing is known of `{}`", self.what);
                ExitCode::FAILURE
            }
            Err(error) => super::failed(&error),
        }
    }

    fn look(&self, ground: &Ground) -> Result<Option<Value>, AppError> {
        let config = ground.config(super::colour())?;
        let home = ground.open(&config)?;
        Ok(look::explain(&home, &config, &self.what, self.topic.as_deref())?)
    }
}

fn text(value: &Value) -> String {
    let mut text = String::new();
    if value["source"].is_string() {
        let _ = writeln!(
            text,
            "source {}\nnext poll {}: {}",
            plain(&value["source"]),
            plain(&value["next_check_at"]),
            plain(&value["why"])
        );
        return text;
    }
    let _ = writeln!(
        text,
        "story {} ({})\n{}\npublished {}, updated {}, heat {}",
        plain(&value["story"]),
        plain(&value["state"]),
        plain(&value["title"]),
        plain(&value["published"]),
        plain(&value["updated"]),
        plain(&value["heat"]),
    );
    for (what, list) in [("alias", &value["aliases"]), ("related story", &value["related"]), ("seed", &value["seeds"])]
    {
        for item in list.as_array().into_iter().flatten() {
            let _ = writeln!(text, "{what} {}", plain(item));
        }
    }
    for article in value["articles"].as_array().into_iter().flatten() {
        let _ = writeln!(
            text,
            "\n{}\n  {} · {}",
            plain(&article["title"]),
            plain(&article["publisher"]),
            plain(&article["published"])
        );
        let _ = writeln!(text, "  {}\n  {}", plain(&article["url"]), why(&article["why"]));
        if article["copy_of"].is_string() {
            let _ = writeln!(text, "  a copy of article {}", plain(&article["copy_of"]));
        }
        for (field, from) in article["from"].as_object().into_iter().flatten() {
            let _ = writeln!(text, "  {field}: {}", plain(from));
        }
        if article["page"]["problem"].is_string() {
            let _ = writeln!(
                text,
                "  page: {} (next try {})",
                plain(&article["page"]["problem"]),
                plain(&article["page"]["next_at"])
            );
        }
    }
    for topic in value["topics"].as_array().into_iter().flatten() {
        let holds = if topic["in"] == true { "in" } else { "not in" };
        let _ = writeln!(text, "\n{holds} {}: {}", plain(&topic["topic"]), plain(&topic["why"]));
    }
    text
}

fn why(via: &Value) -> String {
    match via["via"].as_str() {
        Some("founder") => "founded the story".to_owned(),
        Some("seed") => format!("tied to its lead by {}", plain(&via["path"])),
        Some("override") => "put here by `grouping.same`".to_owned(),
        Some("linked") => {
            let reasons: Vec<String> = via["reasons"].as_array().into_iter().flatten().map(plain).collect();
            format!(
                "linked with score {} to article {}: {}",
                plain(&via["score"]),
                plain(&via["nearest"]),
                reasons.join("; ")
            )
        }
        _ => "nobody knows".to_owned(),
    }
}

/// A value without quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "never".to_owned(),
        other => other.to_string(),
    }
}
