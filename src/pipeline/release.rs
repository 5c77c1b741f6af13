//! Release: changed stories are judged, and the editions that show them are rendered and published.
//!
//! A step first settles what waits: times, ranks and topics of each changed story, committed with the mark that an
//! edition is stale. Once nothing waits it renders the stale editions. An edition is derived state: only the digests
//! and times of its documents are stored, so that the same bytes keep the same `Last-Modified` over restarts.

mod beside;
mod cut;
mod delta;
mod digest;
mod editions;
mod listing;
mod news;
mod output;
mod page;
mod picture;
mod search;
mod settle;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::story::StoryRules;
use super::{StageError, StageResult, Wire};
use crate::compose::ComposeSettings;
use crate::model::{Digest, Rank, Token, Topic};
use crate::publish::{Site, TopicLine};
use crate::released::Released;
use crate::schedule::cron::Cron;
use crate::store::{Result, RowNo, View};
use crate::topic;

pub use beside::{Beside, beside};
pub use delta::delta;
pub use news::UpdatedOn;
pub(super) use news::cause;
pub use page::{StoryPage, story_page};
pub use picture::picture;

/// `/all/` is kept in the store as the topic with this slug, which no topic of an operator can have.
pub const ALL: &str = "";

/// Stories on `/all/` and in each topic made from a label.
const LIMIT: usize = 50;

/// Another program may render the same stories otherwise.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How often topics with `max_age` are looked at for stories that have grown too old, in seconds.
const AGING_S: i64 = 300;

/// Where the store lists the stories whose static page is to be written.
const PAGES: &str = "pages_to_write";

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
    /// The folder for static files.
    pub output: Option<PathBuf>,
    /// The topics that are private, by slug, each with its token.
    pub private: BTreeMap<String, Token>,
    /// The topics that have a digest, by slug, each with the ends of its periods.
    pub digests: BTreeMap<String, Cron>,
    /// A hub is to be told of feeds that changed.
    pub announces: bool,
}

impl ReleaseRules {
    /// What pages that are no edition know of the site.
    fn shown(&self) -> Site<'_> {
        Site {
            title: &self.site.site_title,
            home_url: &self.site.base_url,
            formats: &self.site.formats,
            pages: self.site.pages,
        }
    }
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
    /// Topics of the last step.
    topics: BTreeSet<String>,
    /// When topics with `max_age` were last marked.
    aged_at: Timestamp,
    /// The editions to be, where the configuration names them: they stay the same as long as the process.
    plans: Option<Arc<Vec<Plan>>>,
    /// What topics of earlier processes left behind was looked for.
    is_swept: bool,
    /// What the site's own pages say of each topic.
    lines: BTreeMap<String, TopicLine>,
    /// How often each edition was put off.
    put_off: BTreeMap<String, u32>,
}

/// One edition to be: slug (empty: all), title, order and bounds.
struct Plan {
    slug: String,
    topic: Topic,
    /// Only who knows this may read it.
    private: Option<Token>,
}

impl Plan {
    /// Every edition of `topics`, that of all stories first.
    fn all(rules: &ReleaseRules, topics: Vec<Topic>) -> Vec<Self> {
        let everything = Topic {
            id: ALL.to_owned(),
            title: rules.site.site_title.clone(),
            labels: Vec::new(),
            rule: None,
            min_publishers: 1,
            max_per_publisher: None,
            min_quality: None,
            max_age_s: None,
            limit: LIMIT,
            rank: Rank::Heat,
        };
        let plan =
            |topic: Topic| Self { slug: topic.id.clone(), private: rules.private.get(&topic.id).cloned(), topic };
        [everything].into_iter().chain(topics).map(plan).collect()
    }

    /// Where its documents are released, ending in `/`. A token does not stand in it, but what stands for it.
    fn folder(&self) -> String {
        match &self.private {
            Some(token) => format!("p/{}/", token.key()),
            None => ComposeSettings::path(slug_of(self)),
        }
    }

    /// Absolute address of its page, ending in `/`.
    fn page_url(&self, site: &ComposeSettings) -> String {
        match &self.private {
            Some(token) => format!("{}p/{}/", site.base_url, token.reveal()),
            None => site.page_url(slug_of(self)),
        }
    }
}

fn slug_of(plan: &Plan) -> Option<&str> {
    (plan.slug != ALL).then_some(plan.slug.as_str())
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
        self.write_pages()?;
        let closed = self.close_volumes()?;
        if closed > 0 {
            return Ok(closed);
        }
        let plans = self.plans(&mut state)?;
        self.welcome(&mut state, &plans)?;
        self.end_periods(&plans)?;
        let settled = self.settle(limit, &plans)?;
        if settled >= limit {
            return Ok(settled);
        }
        self.age(&mut state, &plans);
        let rendered = self.render(&mut state, &plans)?;
        Ok(settled + rendered + self.write_volumes(&plans)?)
    }

    /// Other rules than those of the last process, or another program, may change every story's place and page: all
    /// are judged again.
    fn compare_rules(&self) -> Result<()> {
        let digest = Digest::of(format!("{VERSION} {:?}", self.rules).as_bytes()).to_string();
        // What else changes in an archive, stories tell when they are judged.
        let archive =
            Digest::of(format!("{VERSION} {:?} {:?}", self.rules.site, self.rules.private).as_bytes()).to_string();
        let now = self.wire.clock.now();
        self.wire.store.write(|batch| {
            if batch.meta("release_rules")?.as_deref() != Some(digest.as_str()) {
                batch.queue_all_stories()?;
                for slug in batch.all_editions()? {
                    batch.stale_edition(&slug, now)?;
                }
                batch.set_meta("release_rules", &digest)?;
            }
            if batch.meta("archive_rules")?.as_deref() != Some(archive.as_str()) {
                batch.touch_all_volumes(now)?;
                batch.set_meta("archive_rules", &archive)?;
            }
            Ok(())
        })
    }

    fn plans(&self, state: &mut State) -> Result<Arc<Vec<Plan>>> {
        if let Some(plans) = &state.plans {
            return Ok(Arc::clone(plans));
        }
        let topics = self.wire.store.read(|view| topics(view, &self.rules.topics))?;
        let plans = Arc::new(Plan::all(&self.rules, topics));
        // Labels come and go with seeds; what is configured does not.
        state.plans = Some(Arc::clone(&plans)).filter(|_| !self.rules.topics.is_empty());
        Ok(plans)
    }

    /// A seed's new label is a new topic, and stories of sources with that label are in it although nothing in them
    /// changed.
    fn welcome(&self, state: &mut State, plans: &[Plan]) -> Result<()> {
        let topics: BTreeSet<String> = plans.iter().map(|plan| plan.slug.clone()).collect();
        if state.topics == topics {
            return Ok(());
        }
        let known: BTreeSet<String> = self.wire.store.read(|view| view.all_editions())?.into_iter().collect();
        if !topics.is_subset(&known) {
            let now = self.wire.clock.now();
            self.wire.store.write(|batch| {
                batch.queue_labelled_stories()?;
                topics.difference(&known).try_for_each(|slug| batch.stale_edition(slug, now))
            })?;
        }
        state.topics = topics;
        state.is_swept = false;
        Ok(())
    }

    /// Writes the pages of the stories that were settled last. Which ones is committed with them, so that a crash or
    /// a full disk only delays it.
    fn write_pages(&self) -> Result<(), StageError> {
        let Some(dir) = &self.rules.output else { return Ok(()) };
        let listed = self.wire.store.read(|view| view.meta(PAGES))?.unwrap_or_default();
        let listed: Vec<RowNo> = serde_json::from_str(&listed).unwrap_or_default();
        if listed.is_empty() {
            return Ok(());
        }
        for no in listed {
            let of = |view: &View<'_>| Ok((view.story_id(no)?, page::of(view, no, None, &self.rules)?));
            let (id, page) = self.wire.store.read(of)?;
            output::write_page(dir, &self.rules.site.base_url, id, &page)?;
        }
        Ok(self.wire.store.write(|batch| batch.set_meta(PAGES, "[]"))?)
    }

    /// Marks topics with `max_age` as stale now and then, since their stories grow older by themselves.
    fn age(&self, state: &mut State, plans: &[Plan]) {
        let now = self.wire.clock.now();
        if now.as_second() - state.aged_at.as_second() < AGING_S {
            return;
        }
        state.aged_at = now;
        for plan in plans.iter().filter(|plan| plan.topic.max_age_s.is_some()) {
            state.rendered.remove(&plan.slug);
        }
    }
}

/// The topics in force: those configured, else one for every label of a seed.
///
/// # Errors
/// When the store fails.
pub fn topics(view: &View<'_>, configured: &[Topic]) -> Result<Vec<Topic>> {
    if configured.is_empty() {
        let labels = view.seed_labels()?;
        return Ok(topic::from_labels(labels.iter().map(String::as_str)));
    }
    Ok(configured.to_vec())
}
