//! Why a story is what it is, and why a source is or is not asked.

mod grouping;
mod page;
mod source;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{Home, settings};
use crate::compose;
use crate::config::Config;
use crate::model::{ArticleId, Coverage, Field, Stated, Story, StoryId, Via};
use crate::pipeline::intake;
use crate::pipeline::release::{self, ReleaseRules, ShownIn};
use crate::pipeline::story;
use crate::store::{Result, RowNo, StoryState, View};
use crate::topic::{Belonging, Selector, Subject};
use crate::url;

pub use grouping::{CopyExplained, OtherExplained, PlaceExplained};
pub use source::{MoveExplained, RuleExplained, SourceExplained};

/// What is known of an id or an address.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Explanation {
    /// It leads to a story.
    Story(Box<StoryExplained>),
    /// It is a source.
    Source(Box<SourceExplained>),
}

/// Why these articles are one story, and which topics hold it.
#[derive(Debug, Clone, Serialize)]
pub struct StoryExplained {
    /// Its id.
    pub story: StoryId,
    /// `live`, or `withdrawn`.
    pub state: &'static str,
    /// The lead's title.
    pub title: Option<String>,
    /// Fixed at first release.
    pub published: Option<Timestamp>,
    /// The last change worth a reader's attention.
    pub updated: Option<Timestamp>,
    /// Undecayed.
    pub heat: f64,
    /// What that comes of.
    pub heat_why: String,
    /// Why the first article leads.
    pub lead_why: String,
    /// Ids that were merged into it.
    pub aliases: Vec<StoryId>,
    /// Stories that share an article by a seed's word.
    pub related: Vec<StoryId>,
    /// Files of its seeds.
    pub seeds: Vec<String>,
    /// Lead first.
    pub articles: Vec<ArticleExplained>,
    /// Where readers find it: the topics that hold it, with place, documents and archive.
    pub shown: Vec<ShownIn>,
    /// Why it is or is not in each topic.
    pub topics: Vec<TopicExplained>,
}

/// Why an article is in its story, and where its fields come from.
#[derive(Debug, Clone, Serialize)]
pub struct ArticleExplained {
    /// Its id.
    pub article: ArticleId,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its publisher's name.
    pub publisher: String,
    /// First publication.
    pub published: Timestamp,
    /// Editorial worth.
    pub quality: i64,
    /// When a seed or a feed first stated it.
    pub first_seen: Option<Timestamp>,
    /// The seeds and sources that state it now; tokens of sources masked.
    pub stated_by: Vec<String>,
    /// How it came to be here.
    pub why: Via,
    /// Whose text it repeats.
    pub copy_of: Option<ArticleId>,
    /// The same in words, and what to write to have it otherwise.
    #[serde(flatten)]
    pub place: PlaceExplained,
    /// Where each field was stated.
    pub from: BTreeMap<Field, String>,
    /// Where the visits of its page stand.
    pub page: Option<PageExplained>,
}

/// Where the visits of a page stand.
#[derive(Debug, Clone, Serialize)]
pub struct PageExplained {
    /// Last request.
    pub asked_at: Option<Timestamp>,
    /// Next one; `None`: it rests.
    pub next_at: Option<Timestamp>,
    /// Which rule set that.
    pub reason: String,
    /// The last failure, or what stands in the article's place.
    pub problem: Option<String>,
    /// The address of its AMP page, where that is asked in its place.
    pub second: Option<String>,
    /// What it says of itself: its kind, a paywall.
    pub is: Vec<String>,
    /// What came of asking its picture for a size, if it was or will be asked.
    pub picture: Option<String>,
    /// What is remembered of its site.
    pub site: Vec<String>,
}

/// Whether a topic holds a story.
#[derive(Debug, Clone, Serialize)]
pub struct TopicExplained {
    /// The topic's slug.
    pub topic: String,
    /// It does.
    #[serde(rename = "in")]
    pub is_in: bool,
    /// One sentence.
    pub why: String,
    /// The same for each article, lead first; only where one topic is asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<ArticleInTopic>,
}

/// Whether a topic's labels or rule hold for an article.
#[derive(Debug, Clone, Serialize)]
pub struct ArticleInTopic {
    /// Its title.
    pub title: String,
    /// They do.
    #[serde(rename = "fits")]
    pub is_in: bool,
    /// Which terms decide it.
    pub why: String,
}

/// Explains what `what` leads to: a story's id, the address of its page or of one of its articles, or a source;
/// with `only`, just for one topic.
///
/// # Errors
/// When the store fails.
pub fn explain(home: &Home, config: &Config, what: &str, only: Option<&str>) -> Result<Option<Explanation>> {
    let rules = home.release_rules(config);
    let polls = settings::poll(config).polls;
    let now = home.wire.clock.now();
    home.wire.store.read(|view| {
        let source = || source::explain(view, what, &polls, now);
        match find_story(view, what)? {
            Some(no) => Ok(Some(Explanation::Story(Box::new(explain_story(view, no, &rules, only, now)?)))),
            None => Ok(source()?.map(|found| Explanation::Source(Box::new(found)))),
        }
    })
}

fn find_story(view: &View<'_>, what: &str) -> Result<Option<RowNo>> {
    let id = what.trim_end_matches('/').rsplit_once("s/").map_or(what, |(_, id)| id);
    if let Ok(id) = id.parse::<StoryId>()
        && let Some(row) = view.story_by_id(id)?
    {
        return Ok(Some(view.final_story(row)?.no));
    }
    let Ok(address) = url::canonical(what) else { return Ok(None) };
    let Some(article) = view.article_by_alias(ArticleId::of(&url::key(&address)))? else { return Ok(None) };
    let story = view.article(article)?.story;
    story.map(|no| Ok(view.final_story(view.story(no)?)?.no)).transpose()
}

fn explain_story(
    view: &View<'_>,
    no: RowNo,
    rules: &ReleaseRules,
    only: Option<&str>,
    now: Timestamp,
) -> Result<StoryExplained> {
    let row = view.story(no)?;
    let told = story::load(view, no, &rules.story)?;
    let coverage = &told.story.coverage;
    let profiles = grouping::profiles(view, coverage)?;
    let place = |member| grouping::explain(view, member, coverage, &profiles);
    let articles = coverage.iter().map(|member| explain_article(view, member, place(member)?));
    let leads: Vec<ArticleId> = told.seeds.iter().filter_map(|seed| seed.lead).collect();
    let given = told.seeds.iter().filter_map(|seed| seed.heat).max_by(f64::total_cmp);
    Ok(StoryExplained {
        story: row.id,
        state: if row.state == StoryState::Live { "live" } else { "withdrawn" },
        title: told.story.coverage.first().map(|lead| lead.article.title.clone()),
        published: row.published,
        updated: row.updated,
        heat: told.story.heat,
        heat_why: compose::why_heat(coverage, given),
        lead_why: compose::why_it_leads(coverage, rules.story.lead, &rules.story.pins, &leads),
        aliases: view.aliases_of(no)?,
        seeds: told.seeds.iter().map(|seed| seed.path.clone()).collect(),
        articles: articles.collect::<Result<_>>()?,
        shown: release::shown_in(view, rules, &row, now)?,
        topics: explain_topics(view, rules, &told.story, only)?,
        related: told.story.related.iter().map(|related| related.id).collect(),
    })
}

fn explain_article(view: &View<'_>, member: &Coverage, place: PlaceExplained) -> Result<ArticleExplained> {
    let article = &member.article;
    let no = view.article_by_alias(article.id)?;
    let page = no.map_or(Ok(None), |no| page::explain(view, no))?;
    let first_seen = no.map(|no| view.article(no)).transpose()?.map(|row| row.first_seen);
    let statements = no.map_or(Ok(Vec::new()), |no| view.statements(no))?;
    let from = no.map_or(Ok(BTreeMap::new()), |no| intake::provenance(view, &view.article(no)?))?;
    Ok(ArticleExplained {
        article: article.id,
        url: article.url.clone(),
        title: article.title.clone(),
        publisher: article.publisher.name.clone(),
        published: article.published,
        quality: article.quality,
        first_seen,
        stated_by: statements.into_iter().map(|statement| origin(statement.by)).collect(),
        why: member.via.clone(),
        copy_of: member.copy_of,
        place,
        from,
        page,
    })
}

fn origin(by: Stated) -> String {
    match by {
        Stated::Seed { path } => path,
        Stated::Source { url, .. } => url::mask(&url),
    }
}

fn explain_topics(
    view: &View<'_>,
    rules: &ReleaseRules,
    story: &Story,
    only: Option<&str>,
) -> Result<Vec<TopicExplained>> {
    let topics = release::topics(view, &rules.topics)?;
    let asked = topics.iter().filter(|topic| only.is_none_or(|only| only == topic.id));
    let subject = Subject::of(story);
    let explained = asked.map(|topic| {
        let selector = Selector::of(topic);
        let Belonging { is_in, why } = selector.explain(&subject);
        let articles = if only.is_some() { selector.articles(&subject) } else { Vec::new() };
        let named = story.coverage.iter().zip(articles).map(|(coverage, Belonging { is_in, why })| {
            let title = coverage.article.title.clone();
            ArticleInTopic { title, is_in, why }
        });
        TopicExplained { topic: topic.id.clone(), is_in, why, articles: named.collect() }
    });
    Ok(explained.collect())
}
