//! Release: changed stories are judged, and the editions that show them are rendered and published.
//!
//! A step first settles what waits: times, ranks and topics of each changed story, committed with the mark that an
//! edition is stale. Once nothing waits it renders the stale editions. An edition is derived state: only the digests
//! and times of its documents are stored, so that the same bytes keep the same `Last-Modified` over restarts.

mod news;
mod output;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::story::{self, StoryRules, Told};
use super::{StageError, StageResult, Wire};
use crate::compose::{self, ComposeSettings, Heading};
use crate::model::{Digest, Document, Edition, Rank, Story, Topic};
use crate::publish::{self, Format, Site, TopicLine};
use crate::released::Released;
use crate::store::{Batch, Result, RowNo, StoryState};
use crate::topic::{self, Selector, Subject};

pub use news::UpdatedOn;
pub use page::{StoryPage, story_page};

/// `/all/` is kept in the store as the topic with this slug, which no topic of an operator can have.
pub const ALL: &str = "";

/// Stories on `/all/` and in each topic made from a label.
const LIMIT: usize = 50;

/// Another program may render the same stories otherwise.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How often topics with `max_age` are looked at for stories that have grown too old, in seconds.
const AGING_S: i64 = 300;

/// What release needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct ReleaseRules {
    /// The site and its ids.
    pub site: ComposeSettings,
    /// As configured; empty: every label of a seed is a topic.
    pub topics: Vec<Topic>,
    /// How stories are put together.
    pub story: StoryRules,
    /// What moves `updated`.
    pub updated_on: UpdatedOn,
    /// Names of the formats to publish.
    pub formats: Vec<&'static str>,
    /// The folder for static files.
    pub output: Option<PathBuf>,
}

/// The stage.
pub struct Release {
    wire: Wire,
    rules: ReleaseRules,
    released: Released,
    state: Mutex<State>,
}

/// What one process remembers between steps.
#[derive(Default)]
struct State {
    /// Slugs whose edition this process has rendered.
    rendered: BTreeSet<String>,
    /// The rules were compared with those of the last process.
    compared: bool,
    /// When topics with `max_age` were last marked.
    aged_at: Timestamp,
}

/// One edition to be: slug (empty: all), title, order and bounds.
struct Plan {
    slug: String,
    topic: Topic,
}

impl Release {
    /// A stage that publishes to `released`, and to the output folder if there is one.
    #[must_use]
    pub fn new(wire: Wire, rules: ReleaseRules, released: Released) -> Self {
        Self { wire, rules, released, state: Mutex::default() }
    }

    /// Settles at most `limit` changed stories; when fewer waited, renders what is stale.
    /// Counts stories and editions.
    ///
    /// # Errors
    /// When the store or the output folder fails.
    pub fn step(&self, limit: usize) -> StageResult {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.compared {
            self.compare_rules()?;
            state.compared = true;
        }
        let plans = self.plans()?;
        let settled = self.settle(limit, &plans)?;
        if settled >= limit {
            return Ok(settled);
        }
        self.age(&mut state, &plans)?;
        Ok(settled + self.render(&mut state, &plans)?)
    }

    /// Other rules than those of the last process, or another program, may change every story's place and page: all
    /// are judged again.
    fn compare_rules(&self) -> Result<()> {
        let digest = Digest::of(format!("{VERSION} {:?}", self.rules).as_bytes()).to_string();
        self.wire.store.write(|batch| {
            if batch.meta("release_rules")?.as_deref() != Some(digest.as_str()) {
                batch.queue_all_stories()?;
                for slug in batch.all_editions()? {
                    batch.mark_edition(&slug, true)?;
                }
                batch.set_meta("release_rules", &digest)?;
            }
            Ok(())
        })
    }

    fn plans(&self) -> Result<Vec<Plan>> {
        let topics = if self.rules.topics.is_empty() {
            let labels = self.wire.store.read(|view| view.seed_labels())?;
            topic::from_labels(labels.iter().map(String::as_str))
        } else {
            self.rules.topics.clone()
        };
        let everything = Topic {
            id: ALL.to_owned(),
            title: self.rules.site.site_title.clone(),
            labels: Vec::new(),
            rule: None,
            min_publishers: 1,
            max_age_s: None,
            limit: LIMIT,
            rank: Rank::Heat,
        };
        Ok([everything].into_iter().chain(topics).map(|topic| Plan { slug: topic.id.clone(), topic }).collect())
    }

    fn settle(&self, limit: usize, plans: &[Plan]) -> StageResult {
        let waiting = self.wire.store.read(|view| view.waiting_stories(limit))?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let now = self.wire.clock.now();
        let selectors: Vec<(&Plan, Option<Selector<'_>>)> =
            plans.iter().map(|plan| (plan, (plan.slug != ALL).then(|| Selector::of(&plan.topic)))).collect();
        self.wire.store.write_with(|batch| {
            let mut stale = BTreeSet::new();
            for no in &waiting {
                stale.extend(self.settle_one(batch, *no, &selectors, now)?);
                // Before the commit: a crash in between leaves the story waiting, and its file is written again.
                if let Some(dir) = &self.rules.output {
                    output::write_page(dir, batch.story_id(*no)?, &page::of(batch, *no, &self.rules)?)?;
                }
            }
            stale.iter().try_for_each(|slug| batch.mark_edition(slug, true))?;
            Ok(waiting.len())
        })
    }

    /// Judges one story and says which editions are stale by it.
    fn settle_one(
        &self,
        batch: &Batch<'_>,
        no: RowNo,
        selectors: &[(&Plan, Option<Selector<'_>>)],
        now: Timestamp,
    ) -> Result<BTreeSet<String>> {
        let row = batch.story(no)?;
        let before = batch.topics_of(no)?;
        let slugs = |topics: &[(String, f64)]| topics.iter().map(|(slug, _)| slug.clone()).collect::<BTreeSet<_>>();
        let told = story::load(batch, no, &self.rules.story)?;
        if matches!(row.state, StoryState::Alias(_)) || told.story.coverage.is_empty() {
            batch.withdraw_story(no)?;
            batch.hide_story(no, now)?;
            batch.set_topics(no, &[])?;
            return Ok(slugs(&before));
        }
        let Told { mut story, seeds } = told;
        let news = news::judge(row.told.as_deref(), &story, &seeds, self.rules.updated_on);
        let earliest = story.coverage.iter().map(|coverage| coverage.article.published).min();
        story.published = row.published.or(earliest).unwrap_or(now);
        story.updated = row.updated.filter(|_| !news.is_news).unwrap_or(now);
        let after = ranks(&story, selectors);
        let face = face(&self.rules.site, &story);
        let changed = row.changed.filter(|_| row.face == Some(face)).unwrap_or(now);
        batch.release_story(
            no,
            &crate::store::Released {
                published: story.published,
                updated: story.updated,
                changed,
                face,
                told: &news.told,
            },
        )?;
        if before == after && row.face == Some(face) {
            return Ok(BTreeSet::new());
        }
        batch.set_topics(no, &after)?;
        Ok(&slugs(&before) | &slugs(&after))
    }

    /// Marks topics with `max_age` as stale now and then, since their stories grow older by themselves.
    fn age(&self, state: &mut State, plans: &[Plan]) -> Result<()> {
        let now = self.wire.clock.now();
        if now.as_second() - state.aged_at.as_second() < AGING_S {
            return Ok(());
        }
        state.aged_at = now;
        for plan in plans.iter().filter(|plan| plan.topic.max_age_s.is_some()) {
            state.rendered.remove(&plan.slug);
        }
        Ok(())
    }

    fn render(&self, state: &mut State, plans: &[Plan]) -> StageResult {
        let marked: BTreeSet<String> = self.wire.store.read(|view| view.stale_editions())?.into_iter().collect();
        let is_stale = |plan: &&Plan| {
            marked.contains(&plan.slug) || (!state.rendered.contains(&plan.slug) && self.is_wanting(plan))
        };
        let stale: Vec<&Plan> = plans.iter().filter(is_stale).collect();
        let gone: Vec<String> = self.gone(plans)?;
        if stale.is_empty() && gone.is_empty() {
            return Ok(0);
        }
        let mut documents = Vec::new();
        for plan in &stale {
            documents.extend(self.documents(plan)?);
        }
        documents.extend(self.front(plans)?);
        let wanted: BTreeSet<String> = self.paths(plans);
        let now = self.wire.clock.now();
        let removed = self.wire.store.write_with(|batch| {
            for document in &mut documents {
                document.last_modified = batch.date_document(&document.path, document.digest, now)?;
            }
            for plan in &stale {
                batch.mark_edition(&plan.slug, false)?;
            }
            for slug in &gone {
                batch.forget_edition(slug)?;
            }
            let removed: Vec<String> =
                batch.document_paths()?.into_iter().filter(|path| !wanted.contains(path)).collect();
            removed.iter().try_for_each(|path| batch.forget_document(path))?;
            // Before the commit: what the store forgets is gone from the folder too.
            if let Some(dir) = &self.rules.output {
                output::write_documents(dir, &documents, &removed)?;
            }
            Ok::<_, StageError>(removed)
        })?;
        self.released.replace(documents, &removed);
        state.rendered.extend(stale.iter().map(|plan| plan.slug.clone()));
        state.rendered.retain(|slug| !gone.contains(slug));
        Ok(stale.len() + gone.len())
    }

    /// Whether an edition that this process has not rendered, and that the store does not call stale, is needed all
    /// the same: readers ask this process for it, it grows old by itself, or its file is not there.
    fn is_wanting(&self, plan: &Plan) -> bool {
        let has_no_file = |dir: &PathBuf| self.plan_paths(plan).any(|path| !output::is_there(dir, &path));
        !self.released.is_unread()
            || plan.topic.max_age_s.is_some()
            || self.rules.output.as_ref().is_some_and(has_no_file)
    }

    /// Editions in the store whose topic is no longer there.
    fn gone(&self, plans: &[Plan]) -> Result<Vec<String>> {
        let known = self.wire.store.read(|view| view.all_editions())?;
        Ok(known.into_iter().filter(|slug| plans.iter().all(|plan| plan.slug != *slug)).collect())
    }

    fn documents(&self, plan: &Plan) -> Result<Vec<Document>> {
        let edition = self.edition(plan)?;
        let folder = ComposeSettings::path(slug_of(plan));
        let formats = self.formats();
        Ok(formats
            .map(|format| document(format!("{folder}{}", format.file), format.media_type, &(format.render)(&edition)))
            .collect())
    }

    fn edition(&self, plan: &Plan) -> Result<Edition> {
        let now = self.wire.clock.now();
        let oldest = |age: i64| now.saturating_sub(SignedDuration::from_secs(age)).unwrap_or(Timestamp::MIN);
        let since = plan.topic.max_age_s.map(oldest);
        let stories: Vec<Story> = self.wire.store.read(|view| {
            let rows = view.topic_stories(&plan.slug, since, plan.topic.limit)?;
            rows.into_iter().map(|no| Ok(story::load(view, no, &self.rules.story)?.story)).collect()
        })?;
        let heading = Heading { slug: slug_of(plan), title: &plan.topic.title };
        Ok(compose::compose(&self.rules.site, heading, &stories))
    }

    /// The site's own pages: the index and the list of what is published.
    fn front(&self, plans: &[Plan]) -> Result<Vec<Document>> {
        let mut lines = Vec::new();
        for plan in plans {
            let (stories, updated) =
                self.wire.store.read(|view| Ok((view.topic_size(&plan.slug)?, view.topic_updated(&plan.slug)?)))?;
            let stories = stories.min(plan.topic.limit);
            let title = if plan.slug == ALL { "All stories".to_owned() } else { plan.topic.title.clone() };
            lines.push(TopicLine { title, page_url: self.rules.site.page_url(slug_of(plan)), stories, updated });
        }
        let site = Site {
            title: &self.rules.site.site_title,
            home_url: &self.rules.site.base_url,
            formats: &self.rules.formats,
        };
        let opml = document("opml.xml".to_owned(), publish::OPML_MEDIA_TYPE, &publish::opml(&site, &lines));
        let index = document(String::new(), publish::HTML_MEDIA_TYPE, &publish::index(&site, &lines));
        Ok(vec![index, opml])
    }

    fn formats(&self) -> impl Iterator<Item = &'static Format> {
        publish::FORMATS.iter().filter(|format| self.rules.formats.contains(&format.name))
    }

    fn paths(&self, plans: &[Plan]) -> BTreeSet<String> {
        let own = [String::new(), "opml.xml".to_owned()];
        plans.iter().flat_map(|plan| self.plan_paths(plan)).chain(own).collect()
    }

    fn plan_paths(&self, plan: &Plan) -> impl Iterator<Item = String> {
        let folder = ComposeSettings::path(slug_of(plan));
        self.formats().map(move |format| format!("{folder}{}", format.file))
    }
}

fn slug_of(plan: &Plan) -> Option<&str> {
    (plan.slug != ALL).then_some(plan.slug.as_str())
}

fn document(path: String, media_type: &'static str, text: &str) -> Document {
    let bytes = text.as_bytes().to_vec();
    Document { path, media_type, digest: Digest::of(&bytes), bytes, last_modified: Timestamp::UNIX_EPOCH }
}

/// Digest of all that a story's page shows.
fn face(site: &ComposeSettings, story: &Story) -> Digest {
    Digest::of(format!("{:?}", (compose::story_view(site, story), &story.related)).as_bytes())
}

/// The topics that hold the story, each with the story's rank there.
fn ranks(story: &Story, selectors: &[(&Plan, Option<Selector<'_>>)]) -> Vec<(String, f64)> {
    let subject = Subject::of(story);
    let newest = story.coverage.iter().map(|coverage| coverage.article.published).max().unwrap_or(story.published);
    let rank = |rank: Rank| match rank {
        Rank::Heat => compose::heat_rank(story.heat, newest),
        Rank::Newest => newest.as_second() as f64,
        Rank::Quality => {
            // Time only breaks ties: the fraction stays below a thousandth for every date until the year 5000.
            let quality = story.coverage.iter().map(|coverage| coverage.article.quality).max().unwrap_or(0);
            quality as f64 + newest.as_second() as f64 / 1e14
        }
    };
    let holds =
        |selector: &Option<Selector<'_>>| selector.as_ref().is_none_or(|selector| selector.judge(&subject).is_in);
    let topics: BTreeMap<String, f64> = selectors
        .iter()
        .filter(|(_, selector)| holds(selector))
        .map(|(plan, _)| (plan.slug.clone(), rank(plan.topic.rank)))
        .collect();
    topics.into_iter().collect()
}
