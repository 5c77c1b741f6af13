//! `newswire explain`: why a story is what it is.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;

use super::status::{in_a_row, no_store};
use crate::app::explain::{
    ArticleExplained, CopyExplained, Explanation, MoveExplained, OtherExplained, SourceExplained, StoryExplained,
    explain,
};
use crate::app::{AppError, Ground};
use crate::model::Via;
use crate::pipeline::release::ShownIn;

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
            Ok(Some(Explanation::Story(story))) if self.topic.is_some() && story.topics.is_empty() => {
                eprintln!(
                    "newswire: there is no topic `{}`: `newswire check` lists them",
                    self.topic.as_deref().unwrap_or_default()
                );
                ExitCode::FAILURE
            }
            Ok(Some(value)) if self.json => {
                super::print(&format!("{}\n", serde_json::to_string_pretty(&value).unwrap_or_default()))
            }
            Ok(Some(value)) => super::print(&text(&value)),
            Ok(None) => {
                eprintln!(
                    "newswire: nothing is known of `{}`: name a story by its id or page, an article by its address, \
                     or a source as `newswire status` shows it",
                    self.what
                );
                ExitCode::FAILURE
            }
            Err(error) => super::failed(&error),
        }
    }

    fn look(&self, ground: &Ground) -> Result<Option<Explanation>, AppError> {
        let config = ground.config(super::colour())?;
        if !config.store.exists() {
            no_store(&config.store);
        }
        let home = ground.look(&config)?;
        Ok(explain(&home, &config, &self.what, self.topic.as_deref())?)
    }
}

fn text(explanation: &Explanation) -> String {
    match explanation {
        Explanation::Story(story) => story_text(story),
        Explanation::Source(source) => source_text(source),
    }
}

fn source_text(source: &SourceExplained) -> String {
    let mut text = format!("source {}\n", source.source);
    if let Some(title) = &source.title {
        let _ = writeln!(text, "{title}");
    }
    let _ = writeln!(text, "{}", source.standing);
    let _ = writeln!(text, "next poll {}: {}", or_never(source.next_check_at), source.why);
    if let Some(problem) = &source.problem {
        let _ = writeln!(text, "{problem}{}", in_a_row(source.failures));
    }
    let _ =
        writeln!(text, "\nlast request {}, last answer {}", or_never(source.checked_at), or_never(source.answered_at));
    let validators = if source.validators.is_empty() { "none".to_owned() } else { source.validators.join(", ") };
    let _ = writeln!(text, "validators: {validators}");
    for rule in &source.rules {
        let _ =
            writeln!(text, "{}: until {} (of which {} s spread): {}", rule.rule, rule.until, rule.jitter_s, rule.says);
    }
    if !source.skips.is_empty() {
        let _ = writeln!(text, "the feed skips {}", source.skips.join(", "));
    }
    if let Some(until) = source.host_rests_until {
        let _ = writeln!(text, "its host rests until {until}");
    }
    match &source.redirect {
        Some(MoveExplained { to, since, times: Some(times), .. }) => {
            let _ = writeln!(text, "redirects for good to {to}, {times} times since {since}: not believed yet");
        }
        Some(MoveExplained { to, since, .. }) => {
            let _ = writeln!(text, "moved for good: {to} is asked instead since {since}");
        }
        None => {}
    }
    if let Some(found) = &source.discovered {
        let verb = if found.is_proven { "is asked" } else { "is tried" };
        let _ = writeln!(text, "it is a page: its feed {} {verb}", found.feed);
    }
    if let Some(hub) = &source.hub {
        let _ = writeln!(text, "hub: {hub}");
    }
    if let Some(past) = &source.past {
        let _ = writeln!(text, "past: {past}");
    }
    let manners = &source.manners;
    let _ = writeln!(
        text,
        "{} requests, {} of them conditional, {} unchanged, {} early",
        manners.requests, manners.conditional, manners.unchanged, manners.early
    );
    text
}

fn story_text(story: &StoryExplained) -> String {
    let mut text = format!(
        "story {} ({})\n{}\npublished {}, updated {}\nheat {}: {}\n",
        story.story,
        story.state,
        story.title.as_deref().unwrap_or("(no article is left)"),
        or_never(story.published),
        or_never(story.updated),
        story.heat,
        story.heat_why,
    );
    for alias in &story.aliases {
        let _ = writeln!(text, "alias {alias}");
    }
    for related in &story.related {
        let _ = writeln!(text, "related story {related}");
    }
    for seed in &story.seeds {
        let _ = writeln!(text, "seed {seed}");
    }
    for (place, article) in story.articles.iter().enumerate() {
        text.push_str(&article_text(article));
        if place == 0 {
            let _ = writeln!(text, "  leads: {}", story.lead_why);
        }
        text.push_str(&origin_text(article));
    }
    text.push_str(&shown_text(&story.shown));
    for topic in &story.topics {
        let holds = if topic.is_in { "in" } else { "not in" };
        let _ = writeln!(text, "\n{holds} {}: {}", topic.topic, topic.why);
        for article in &topic.articles {
            let fits = if article.is_in { "fits" } else { "does not fit" };
            let _ = writeln!(text, "  {fits}: {}\n    {}", article.title, article.why);
        }
    }
    text
}

/// Where readers find it.
fn shown_text(shown: &[ShownIn]) -> String {
    let mut text = String::new();
    for ShownIn { topic, place, limit, documents, archive } in shown {
        let _ = match place {
            Some(place) => writeln!(text, "\nshown in {topic}, place {place} of at most {limit}"),
            None => writeln!(text, "\nheld by {topic}, but the {limit} that it shows are others"),
        };
        for (path, modified) in documents {
            let _ = writeln!(text, "  /{path}, changed {modified:.0}");
        }
        for path in archive {
            let _ = writeln!(text, "  /{path}");
        }
    }
    text
}

fn article_text(article: &ArticleExplained) -> String {
    let ArticleExplained { title, publisher, published, url, .. } = article;
    let mut text = format!("\n{title}\n  {publisher} · {published}\n  {url}\n");
    let place = &article.place;
    let _ = match (&article.why, &place.nearest) {
        (Via::Linked { score, reasons, .. }, Some(near)) => {
            let OtherExplained { title, publisher, .. } = near;
            let _ = writeln!(text, "  linked with score {score} to “{title}” ({publisher})");
            reasons.iter().try_for_each(|reason| writeln!(text, "    {reason}"))
        }
        (via, _) => writeln!(text, "  {}", why(via)),
    };
    let _ = writeln!(text, "  rule: {}", place.rule);
    if let Some(line) = &place.overrule {
        let _ = writeln!(text, "  to overrule it, write: {line}");
    }
    if let Some(CopyExplained { of, why }) = &place.copy {
        let _ = writeln!(text, "  a copy of “{}” ({}): {why}", of.title, of.publisher);
    }
    text
}

/// Who states it and since when, where its fields come from, and its page.
fn origin_text(article: &ArticleExplained) -> String {
    let mut text = format!("  first seen {}\n", or_never(article.first_seen));
    for origin in &article.stated_by {
        let _ = writeln!(text, "  stated by {origin}");
    }
    for (field, from) in &article.from {
        let _ = writeln!(text, "  {}: {from}", format!("{field:?}").to_lowercase());
    }
    if let Some(page) = &article.page {
        let next = or_never(page.next_at);
        if let Some(at) = page.asked_at {
            let _ = writeln!(text, "  page: asked {at:.0}");
        }
        let _ = match &page.problem {
            Some(problem) => writeln!(text, "  page: {problem} (next try {next})"),
            None => writeln!(text, "  page: next look {next}: {}", page.reason),
        };
        if let Some(second) = &page.second {
            let _ = writeln!(text, "  page: its AMP page {second} is asked in its place");
        }
        if !page.is.is_empty() {
            let _ = writeln!(text, "  page: {}", page.is.join(", "));
        }
        if let Some(picture) = &page.picture {
            let _ = writeln!(text, "  picture: {picture}");
        }
        for told in &page.site {
            let _ = writeln!(text, "  its site: {told}");
        }
    }
    text
}

fn why(via: &Via) -> String {
    match via {
        Via::Founder => "founded the story".to_owned(),
        Via::Seed { path } => format!("tied to its lead by {path}"),
        Via::Override => "put here by `grouping.same`".to_owned(),
        Via::Linked { score, nearest, reasons } => {
            format!("linked with score {score} to article {nearest}: {}", reasons.join("; "))
        }
    }
}

fn or_never(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| format!("{at:.0}"))
}
