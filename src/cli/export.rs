//! `newswire export opml|articles|stories`: what the wire lists and holds, for other programs.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use crate::app::{AppError, Ground};
use crate::feed::opml::{self, Subscription};
use crate::model::{Article, Coverage, Story, StoryId};
use crate::pipeline::{intake, story};
use crate::store::RowNo;
use crate::text;

/// What to export.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Export {
    /// The listed sources as OPML, a folder a label
    ///
    /// Addresses are written whole, with the tokens some of them hold: this is your own list, so mind who gets it. A
    /// source of several labels stands in several folders. What readers may subscribe to is /opml.xml.
    Opml,
    /// Every article as a line of JSON, as `newswire cluster` reads them
    Articles,
    /// Every story as a line of JSON, with its articles, lead first, and why each stands there
    Stories,
}

impl Export {
    /// Writes to standard output.
    #[must_use]
    pub fn run(self, ground: &Ground) -> ExitCode {
        let mut out = BufWriter::new(io::stdout().lock());
        let written = match self {
            Self::Opml => sources(ground, &mut out),
            Self::Articles => articles(ground, &mut out),
            Self::Stories => stories(ground, &mut out),
        };
        match written.and_then(|()| Ok(out.flush()?)) {
            // Whoever has read enough and closed the pipe is no error.
            Err(AppError::Machine(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => super::failed(&error),
            Ok(()) => ExitCode::SUCCESS,
        }
    }
}

fn sources(ground: &Ground, out: &mut impl Write) -> Result<(), AppError> {
    let config = ground.config(super::colour())?;
    let rows = ground.look(&config)?.wire.store.read(|view| view.sources())?;
    let mut titles: BTreeMap<String, String> =
        rows.into_iter().filter_map(|row| Some((row.source.url, row.title?))).collect();
    let feeds: Vec<Subscription> = config
        .sources
        .into_iter()
        .map(|source| Subscription { title: titles.remove(&source.url), url: source.url, labels: source.labels })
        .collect();
    Ok(out.write_all(opml::write(&format!("Sources of {}", config.site.title), &feeds).as_bytes())?)
}

fn articles(ground: &Ground, out: &mut impl Write) -> Result<(), AppError> {
    let config = ground.config(super::colour())?;
    let store = ground.look(&config)?.wire.store;
    // Written outside the store, so that a slow reader of ours never holds a look at it open: that keeps its log long.
    let numbers = store.read(|view| view.live_articles())?;
    for some in numbers.chunks(1_000) {
        let lines = store.read(|view| {
            // One that was merged into another meanwhile has no row any more.
            let rows = some.iter().filter_map(|no| view.article(*no).ok());
            rows.map(|row| Ok(line(&intake::article(view, &row)?.0))).collect::<Result<Vec<_>, _>>()
        })?;
        out.write_all(lines.concat().as_bytes())?;
    }
    Ok(())
}

fn stories(ground: &Ground, out: &mut impl Write) -> Result<(), AppError> {
    let config = ground.config(super::colour())?;
    let home = ground.look(&config)?;
    let rules = home.release_rules(&config).story;
    let store = home.wire.store;
    let numbers = store.read(|view| view.live_stories())?;
    for some in numbers.chunks(1_000) {
        let lines = store.read(|view| {
            let of = |no: &RowNo| Ok(story_line(&story::load(view, *no, &rules)?.story, &view.aliases_of(*no)?));
            some.iter().map(of).collect::<Result<Vec<_>, _>>()
        })?;
        out.write_all(lines.concat().as_bytes())?;
    }
    Ok(())
}

/// Nothing where no article is shown.
fn story_line(story: &Story, aliases: &[StoryId]) -> String {
    let article = |member: &Coverage| {
        json!({
            "id": member.article.id.to_string(),
            "url": member.article.url,
            "publisher": member.article.publisher.domain,
            "published": member.article.published,
            "copy_of": member.copy_of.map(|id| id.to_string()),
            "why": member.via,
        })
    };
    let Some(lead) = story.coverage.first() else { return String::new() };
    let object = json!({
        "id": story.id.to_string(),
        "title": lead.article.title,
        "published": story.published,
        "updated": story.updated,
        "heat": story.heat,
        "labels": story.labels,
        "aliases": aliases.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "related": story.related.iter().map(|related| related.id.to_string()).collect::<Vec<_>>(),
        "articles": story.coverage.iter().map(article).collect::<Vec<_>>(),
    });
    format!("{object}\n")
}

fn line(article: &Article) -> String {
    let object = json!({
        "id": article.id.to_string(),
        "url": article.url,
        "title": article.title,
        "excerpt": article.excerpt.as_deref().map(text::squash),
        "publisher": article.publisher.name,
        "domain": article.publisher.domain,
        "published": article.published,
        "lang": article.lang,
    });
    format!("{object}\n")
}
